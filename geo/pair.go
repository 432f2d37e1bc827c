package geo

import (
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"unigrid/geo/lattice"
)

// entry is a half on its way to its twin.
type entry struct {
	tag  uint32 // of the segment, the same for both sides
	half int32
}

// batch is about how many halves are matched in one table, few enough for it
// to stay in the processor's cache.
const batch = 4096

// pair finds the two sides of every shared segment, and what is left over.
//
// Halves are dealt out to batches by the tile that the lesser end of their
// segment is in, so that both sides are in one batch and a batch looks at few
// places; within each a hash table matches them. That is linear, and needs no
// order among the cells.
func (c *Coverage) pair(box lattice.Box) {
	n := len(c.at)
	batches := 1 << max(bits.Len(uint(n/batch))-1, 0)
	w, h := float64(box.Max.X)-float64(box.Min.X)+1, float64(box.Max.Y)-float64(box.Min.Y)+1
	tile := tiling{mask: uint64(batches - 1), shift: uint(max(math.Log2(math.Sqrt(w*h*64/float64(n+1))), 0))}
	entries, starts := c.deal(tile, batches)
	spares := make([][]int32, batches)
	parallel(batches, 4, func() func(lo, hi int) {
		var table []entry
		return func(lo, hi int) {
			for b := lo; b < hi; b++ {
				table, spares[b] = c.match(entries[starts[b]:starts[b+1]], table)
			}
		}
	})
	c.spares = slices.Concat(spares...)
	slices.Sort(c.spares)
	for h, t := range c.twin {
		if t == alone {
			c.loose = append(c.loose, int32(h))
		}
	}
}

// tiling deals segments out by place.
type tiling struct {
	mask  uint64
	shift uint
}

// of returns the batch and the tag of a segment, whichever its direction.
func (t tiling) of(a, b lattice.Point) (batch int, tag uint32) {
	if b.Less(a) {
		a, b = b, a
	}
	place := lattice.Point{X: a.X >> t.shift, Y: a.Y >> t.shift}.Hash()
	tag = uint32(a.Hash()>>32) ^ bits.RotateLeft32(uint32(b.Hash()>>32), 1)
	return int(place >> 32 & t.mask), tag
}

// deal sorts the halves by batch, ascending in each.
func (c *Coverage) deal(t tiling, batches int) (entries []entry, starts []int) {
	n := len(c.at)
	workers := min(runtime.GOMAXPROCS(0), n/(16*batch)+1)
	next := make([][]int, workers)
	each := func(work func(worker, lo, hi int)) {
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() { work(w, w*n/workers, (w+1)*n/workers) })
		}
		all.Wait()
	}
	each(func(worker, lo, hi int) {
		count := make([]int, batches)
		for h := lo; h < hi; h++ {
			if c.twin[h] == alone {
				b, _ := t.of(c.at[h], c.at[h+1])
				count[b]++
			}
		}
		next[worker] = count
	})
	starts = make([]int, batches+1)
	sum := 0
	for b := range batches {
		starts[b] = sum
		for w := range next {
			next[w][b], sum = sum, sum+next[w][b]
		}
	}
	starts[batches] = sum
	entries = make([]entry, sum)
	each(func(worker, lo, hi int) {
		next := next[worker]
		for h := lo; h < hi; h++ {
			if c.twin[h] == alone {
				b, tag := t.of(c.at[h], c.at[h+1])
				entries[next[b]] = entry{tag, int32(h)}
				next[b]++
			}
		}
	})
	return entries, starts
}

// match pairs the halves of a batch: the first in each direction of a segment
// are twins, others spares. The table is one to use again.
func (c *Coverage) match(halves, table []entry) (used []entry, spares []int32) {
	size := 1 << bits.Len(uint(2*len(halves)))
	if len(table) < size {
		table = make([]entry, size)
	}
	slots := table[:size] // of tag and half + 1
	clear(slots)
	for _, e := range halves {
		a, b := c.at[e.half], c.at[e.half+1]
		for k := int(e.tag) & (size - 1); ; k = (k + 1) & (size - 1) {
			if slots[k].half == 0 {
				slots[k] = entry{e.tag, e.half + 1}
				break
			}
			if slots[k].tag != e.tag {
				continue
			}
			seen := slots[k].half - 1
			if p, q := c.at[seen], c.at[seen+1]; p == b && q == a && c.twin[seen] == alone {
				c.twin[seen], c.twin[e.half] = e.half, seen
				break
			} else if p == a && q == b || p == b && q == a {
				spares = append(spares, e.half)
				break
			}
		}
	}
	return table, spares
}
