package locate

import (
	"math"
	"runtime"
	"slices"
	"sync"

	"unigrid/geo/lattice"
)

// grid is a uniform grid of buckets over the box around all cells, each with the
// cells that it touches, by number.
type grid struct {
	box        lattice.Box
	size       float64 // bucket edge, in units
	cols, rows int
	start      []uint32 // start[b]..start[b+1] in items is bucket b
	items      []item
}

// item is a cell in a bucket: its number, and whether the whole bucket is inside
// it; otherwise its boundary may pass the bucket.
type item uint32

func newItem(cell int, whole bool) item {
	if whole {
		return item(cell)<<1 | 1
	}
	return item(cell) << 1
}

func (i item) cell() int   { return int(i >> 1) }
func (i item) whole() bool { return i&1 != 0 }

func (g *grid) col(x float64) int {
	return min(max(int((x-float64(g.box.Min.X))/g.size), 0), g.cols-1)
}

func (g *grid) row(y float64) int {
	return min(max(int((y-float64(g.box.Min.Y))/g.size), 0), g.rows-1)
}

// A bucket is half as wide and high as the cells' boxes are on average, as long
// as there are not more than this many buckets to a cell: a territory can have
// small cells far apart.
const bucketsPerCell = 16

// entry is a cell in a bucket.
type entry struct {
	bucket uint32
	item   item
}

// layGrid puts the cells into buckets, by all processors.
func (x *Index) layGrid() {
	x.measure(x.cells)
	each := len(x.cells)/runtime.GOMAXPROCS(0) + 1
	parts := make([][]entry, len(x.cells)/each+1)
	var wait sync.WaitGroup
	for i := range parts {
		wait.Go(func() { parts[i] = x.entries(i*each, min((i+1)*each, len(x.cells))) })
	}
	wait.Wait()
	x.start = make([]uint32, x.cols*x.rows+1)
	for _, part := range parts {
		for _, e := range part {
			x.start[e.bucket+1]++
		}
	}
	for b := 1; b < len(x.start); b++ {
		x.start[b] += x.start[b-1]
	}
	x.items = make([]item, x.start[len(x.start)-1])
	next := append([]uint32(nil), x.start...)
	for _, part := range parts {
		for _, e := range part {
			x.items[next[e.bucket]] = e.item
			next[e.bucket]++
		}
	}
}

// entries gives those of some cells, by number.
func (x *Index) entries(from, to int) []entry {
	var out []entry
	var passed []bool
	for number := from; number < to; number++ {
		passed = x.buckets(number, passed, func(bucket int, whole bool) {
			out = append(out, entry{uint32(bucket), newItem(number, whole)})
		})
	}
	return out
}

// measure finds the box around the cells and the size of the buckets.
func (g *grid) measure(cells []cell) {
	var area float64
	n := 0
	for _, c := range cells {
		w, h := extent(c.box)
		if w*h == 0 { // a cell without any ring
			continue
		}
		if n++; n == 1 {
			g.box = c.box
		}
		g.box = g.box.Union(c.box)
		area += w * h
	}
	w, h := extent(g.box)
	most := float64(bucketsPerCell*n + 1)
	g.size = max(math.Sqrt(area/float64(max(n, 1)))/2, math.Sqrt(w*h/most), w/most, h/most, 16)
	g.cols, g.rows = int(w/g.size)+1, int(h/g.size)+1
}

func extent(b lattice.Box) (w, h float64) {
	return float64(b.Max.X) - float64(b.Min.X), float64(b.Max.Y) - float64(b.Min.Y)
}

// buckets visits the buckets that a cell touches, each once. It takes scratch
// memory and gives it back.
func (x *Index) buckets(number int, passed []bool, visit func(bucket int, whole bool)) []bool {
	c := &x.cells[number]
	c0, c1 := x.col(float64(c.box.Min.X)-1), x.col(float64(c.box.Max.X)+1)
	r0, r1 := x.row(float64(c.box.Min.Y)-1), x.row(float64(c.box.Max.Y)+1)
	w := c1 - c0 + 1
	passed = slices.Grow(passed[:0], w*(r1-r0+1))[:w*(r1-r0+1)]
	clear(passed)
	points := x.blocks[c.block][c.first:]
	for _, r := range x.rings[c.firstRing:c.lastRing] {
		n := int(r &^ shell)
		a := points[n-1]
		for _, b := range points[:n] {
			x.trace(a, b, func(col, row int) { passed[(row-r0)*w+col-c0] = true })
			a = b
		}
		points = points[n:]
	}
	for i, p := range passed {
		col, row := c0+i%w, r0+i/w
		if p || x.covers(number, x.middle(col, row)) {
			visit(row*x.cols+col, !p)
		}
	}
	return passed
}

// middle is a place in a bucket that speaks for all of it when no boundary
// passes.
func (g *grid) middle(col, row int) place {
	lon := min(float64(g.box.Min.X)+(float64(col)+0.5)*g.size, float64(g.box.Max.X))
	lat := min(float64(g.box.Min.Y)+(float64(row)+0.5)*g.size, float64(g.box.Max.Y))
	return placeOf(lon/lattice.PerDegree, lat/lattice.PerDegree)
}

// trace visits every bucket that is within one unit of the segment: one unit
// outweighs the rounding of divisions, here and when a place is looked up.
func (g *grid) trace(a, b lattice.Point, visit func(col, row int)) {
	if b.Y < a.Y {
		a, b = b, a
	}
	ax, ay, bx, by := float64(a.X), float64(a.Y), float64(b.X), float64(b.Y)
	r0, r1 := g.row(ay-1), g.row(by+1)
	for r := r0; r <= r1; r++ {
		x0, x1 := ax, bx
		if r0 != r1 && ay != by {
			at := func(y float64) float64 {
				return ax + (bx-ax)*(min(max(y, ay), by)-ay)/(by-ay)
			}
			south := float64(g.box.Min.Y) + float64(r)*g.size
			x0, x1 = at(south-1), at(south+g.size+1)
		}
		for c := g.col(min(x0, x1) - 1); c <= g.col(max(x0, x1)+1); c++ {
			visit(c, r)
		}
	}
}
