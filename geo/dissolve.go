package geo

import (
	"fmt"
	"math/bits"
	"sync"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Dissolve unites cells: groups[i] is the group of cell i, counted from 0, or
// negative to leave the cell out. It returns one geometry per group (nil for a
// group without cells): what its cells cover, inner arcs dropped, every vertex
// kept, exteriors counter-clockwise. It fails when groups has another length
// than the cells, or when the cells are not a valid coverage and their boundary
// does not close to rings.
func (c *Coverage) Dissolve(groups []int) ([]orb.MultiPolygon, error) {
	if len(groups) != c.Len() {
		return nil, fmt.Errorf("%d groups for %d cells", len(groups), c.Len())
	}
	count := 0
	for i, g := range groups {
		if g >= len(groups) {
			return nil, fmt.Errorf("cell %d: group %d of at most %d", i, g, len(groups))
		}
		count = max(count, g+1)
	}
	for _, h := range c.spares {
		if g := groups[c.cellOf(h)]; g >= 0 {
			return nil, fmt.Errorf("group %d: segment at %v is used twice: %w", g, c.at[h].Orb(), lattice.ErrOpenChain)
		}
	}
	d := &dissolving{c: c, groups: groups, done: make([]bool, len(c.at))}
	d.sort(count)
	out := make([]orb.MultiPolygon, count)
	var lock sync.Mutex
	failed, failure := count, error(nil)
	parallel(count, 16, func() func(lo, hi int) {
		w := &boundaryWalk{dissolving: d}
		return func(lo, hi int) {
			for g := lo; g < hi; g++ {
				m, err := w.unite(g)
				if err != nil {
					lock.Lock()
					if g < failed { // the same one whatever the processors do
						failed, failure = g, fmt.Errorf("group %d: %w", g, err)
					}
					lock.Unlock()
				} else if len(m) > 0 {
					out[g] = m.Orb()
				}
			}
		}
	})
	if failure != nil {
		return nil, failure
	}
	return out, nil
}

// dissolving is what all groups share.
type dissolving struct {
	c      *Coverage
	groups []int
	cells  []int32 // by group, ascending
	start  []int32 // of every group in cells, and one after the last
	done   []bool  // halves walked along
}

// sort lists the cells of every group.
func (d *dissolving) sort(count int) {
	d.start = make([]int32, count+2)
	for _, g := range d.groups {
		if g >= 0 {
			d.start[g+2]++
		}
	}
	for g := 2; g < len(d.start); g++ {
		d.start[g] += d.start[g-1]
	}
	d.cells = make([]int32, d.start[count+1])
	for i, g := range d.groups {
		if g >= 0 {
			d.cells[d.start[g+1]] = int32(i)
			d.start[g+1]++
		}
	}
}

// boundaryWalk follows the boundaries of one group after the other.
type boundaryWalk struct {
	*dissolving
	path  lattice.Ring
	slots []visit
	round int32
}

// visit is a place in the table of vertices of a boundary, filled in the round
// given.
type visit struct {
	p     lattice.Point
	round int32
}

func (w *boundaryWalk) unite(g int) (lattice.MultiPolygon, error) {
	c := w.c
	var boundaries [][]lattice.Ring
	for _, i := range w.cells[w.start[g]:w.start[g+1]] {
		for r := c.first[i]; r < c.first[i+1]; r++ {
			across := opposite{c: c}
			first, end := c.halves(r)
			for h := first; h < end; h++ {
				if other := across.at(h); w.done[h] || other >= 0 && w.groups[other] == g {
					continue
				}
				w.walk(h, g)
				loops, err := w.split()
				if err != nil {
					return nil, err
				}
				boundaries = append(boundaries, loops)
			}
		}
	}
	return lattice.FromLoops(boundaries)
}

// walk follows the boundary that a half is on until it comes back. At the end
// of each half it goes round the vertex through the group's cells, from twin to
// twin, to the next half that the group ends at. Both steps can be undone, so
// every boundary closes.
func (w *boundaryWalk) walk(start int32, g int) {
	c := w.c
	across := opposite{c: c}
	w.path = w.path[:0]
	for h := start; ; {
		w.done[h] = true
		w.path = append(w.path, c.at[h])
		for h = c.next(h); ; h = c.next(c.twin[h]) {
			if other := across.at(h); other < 0 || w.groups[other] != g {
				break
			}
		}
		if h == start {
			return
		}
	}
}

// split returns the boundary as rings that pass every vertex once.
func (w *boundaryWalk) split() ([]lattice.Ring, error) {
	if len(w.path) < 3 || w.repeats() {
		return lattice.SplitLoop(w.path)
	}
	return []lattice.Ring{w.path.StartAtLeast()}, nil
}

// repeats tells whether the boundary passes a vertex twice.
func (w *boundaryWalk) repeats() bool {
	size := 1 << bits.Len(uint(2*len(w.path)))
	if len(w.slots) < size {
		w.slots = make([]visit, size)
		w.round = 0
	}
	w.round++
	for _, p := range w.path {
		k := int(mix(uint64(uint32(p.X))<<32|uint64(uint32(p.Y)))) & (size - 1)
		for ; w.slots[k].round == w.round; k = (k + 1) & (size - 1) {
			if w.slots[k].p == p {
				return true
			}
		}
		w.slots[k] = visit{p, w.round}
	}
	return false
}
