// Package overlay cuts areas by the cells of a layer, exactly: on integers, with
// the cells of the layer overlapping each other or leaving gaps as they like.
//
// Only where lines cross are there places off the lattice; what meets there is
// known exactly, and their coordinates are rounded once, to the nearest float64.
package overlay

import (
	"errors"
	"math/bits"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// ErrUnfit reports what can't be cut here: geometry that isn't valid, lines of more
// than several degrees, or two crossings of one line within 1e-11°.
var ErrUnfit = errors.New("can't be cut on the lattice")

// none is the cell beside an edge that has none there.
const none = -1

// edge is a segment with the cells on both sides.
type edge struct {
	lattice.Segment
	left, right int32
}

// Cells are the cells of one layer near some areas. They never change, and any
// number of cutters may use them at once.
type Cells struct {
	near   lattice.Box
	edges  []edge
	grid   *lattice.Grid
	meet   map[int32][]int32 // edges that meet others inside of one, of higher number
	boxes  []lattice.Box     // of every cell
	bounds []bounds          // of every cell: what a ray eastwards from a place in near can meet
}

// NewCells takes the cells of a layer, valid each, numbered as they come, for
// cutting areas in near. What of them is elsewhere isn't kept.
func NewCells(shapes []lattice.MultiPolygon, near lattice.Box) *Cells {
	c := &Cells{near: near, boxes: make([]lattice.Box, len(shapes)), bounds: make([]bounds, len(shapes))}
	total := 0
	for i, shape := range shapes {
		c.boxes[i] = shape.Box()
		var b bounds
		b.set(shape)
		b.runs = slices.DeleteFunc(b.runs, func(r run) bool {
			return r.box.Max.X < near.Min.X || r.box.Max.Y < near.Min.Y || r.box.Min.Y > near.Max.Y
		})
		for _, r := range b.runs {
			if r.box.Touches(near) {
				total += int(r.to - r.from)
			}
		}
		c.bounds[i] = b
	}
	t := pairs{edges: make([]edge, 0, total*5/8), slots: make([]int32, 1<<bits.Len(uint(2*total)))}
	for i, b := range c.bounds {
		for _, r := range b.runs {
			for j := r.from; j < r.to && r.box.Touches(near); j++ {
				if s := b.segment(j); boxOf(s).Touches(near) {
					t.add(s, int32(i))
				}
			}
		}
	}
	c.edges = t.edges
	segments := make([]lattice.Segment, len(c.edges))
	for i, e := range c.edges {
		segments[i] = e.Segment
	}
	c.grid = lattice.NewGrid(segments)
	c.meet = map[int32][]int32{}
	c.grid.Conflicts(func(i, j int) {
		if !slices.Contains(c.meet[int32(i)], int32(j)) {
			c.meet[int32(i)] = append(c.meet[int32(i)], int32(j))
		}
	})
	return c
}

func boxOf(s lattice.Segment) lattice.Box {
	return lattice.Box{
		Min: lattice.Point{X: min(s.A.X, s.B.X), Y: min(s.A.Y, s.B.Y)},
		Max: lattice.Point{X: max(s.A.X, s.B.X), Y: max(s.A.Y, s.B.Y)},
	}
}

// Area is what is cut. Any number of cutters may use it at once.
type Area struct {
	box   lattice.Box
	area2 int64
	bounds
	parts []int32    // the ring with which each begins
	sums  []int64    // of every point: twice what the ring sweeps up to it, seen from the box's south-west corner
	meet  [][2]int32 // segments that meet inside of one
}

// NewArea takes an area, valid by itself.
func NewArea(shape lattice.MultiPolygon) *Area {
	a := &Area{}
	a.Set(shape)
	return a
}

// Set takes another area instead, in the memory that the last one had.
func (a *Area) Set(shape lattice.MultiPolygon) {
	a.bounds.set(shape)
	a.box, a.area2, a.parts, a.meet = lattice.Box{}, 0, a.parts[:0], a.meet[:0]
	rings := int32(0)
	for _, polygon := range shape {
		a.parts = append(a.parts, rings)
		rings += int32(len(polygon))
	}
	for i, r := range a.runs {
		if i == 0 {
			a.box = r.box
		}
		a.box = a.box.Union(r.box)
	}
	a.sums = slices.Grow(a.sums[:0], len(a.points))[:len(a.points)]
	x0, y0 := int64(a.box.Min.X), int64(a.box.Min.Y)
	for i, from := range a.rings {
		ax, ay := int64(a.points[from].X)-x0, int64(a.points[from].Y)-y0
		sum := int64(0)
		a.sums[from] = 0
		for j := from + 1; j <= a.last(i); j++ {
			bx, by := int64(a.points[j].X)-x0, int64(a.points[j].Y)-y0
			sum += ax*by - ay*bx
			a.sums[j] = sum
			ax, ay = bx, by
		}
		a.area2 += sum
	}
	if len(a.rings) > 1 { // one ring of a valid area doesn't meet itself
		var segments []lattice.Segment
		var numbers []int32
		for _, r := range a.runs {
			for j := r.from; j < r.to; j++ {
				segments, numbers = append(segments, a.segment(j)), append(numbers, j)
			}
		}
		lattice.NewGrid(segments).Conflicts(func(i, j int) { a.meet = append(a.meet, [2]int32{numbers[i], numbers[j]}) })
	}
}

// orb returns the area in degrees.
func (a *Area) orb() orb.MultiPolygon {
	m := make(orb.MultiPolygon, len(a.parts))
	for i, first := range a.parts {
		rings := a.rings[first:]
		if i+1 < len(a.parts) {
			rings = a.rings[first:a.parts[i+1]]
		}
		for j, from := range rings {
			ring := make(orb.Ring, 0, a.last(int(first)+j)+1-from)
			for _, p := range a.points[from : a.last(int(first)+j)+1] {
				ring = append(ring, p.Orb())
			}
			m[i] = append(m[i], ring)
		}
	}
	return m
}

// Box returns the box around the area.
func (a *Area) Box() lattice.Box { return a.box }

// Area2 returns twice the area in square units.
func (a *Area) Area2() int64 { return a.area2 }

// pairs collects segments, both sides of one as one edge.
type pairs struct {
	edges []edge
	slots []int32 // hash table of edges + 1
}

func (t *pairs) add(s lattice.Segment, cell int32) {
	canonical := s.Canonical()
	k := int(canonical.A.Hash()^bits.RotateLeft64(canonical.B.Hash(), 1)) & (len(t.slots) - 1)
	for ; t.slots[k] != 0; k = (k + 1) & (len(t.slots) - 1) {
		e := &t.edges[t.slots[k]-1]
		if e.Segment != canonical {
			continue
		}
		if s == canonical && e.left == none {
			e.left = cell
			return
		}
		if s != canonical && e.right == none {
			e.right = cell
			return
		}
	}
	t.slots[k] = int32(len(t.edges)) + 1
	if s == canonical {
		t.edges = append(t.edges, edge{canonical, cell, none})
	} else {
		t.edges = append(t.edges, edge{canonical, none, cell})
	}
}

// bounds are rings, each closed, one after the other; segment i goes from point i to
// the next. Runs of segments have boxes round them.
type bounds struct {
	points []lattice.Point
	rings  []int32 // where each begins
	runs   []run
}

// run is some segments of a ring, the last not included.
type run struct {
	box      lattice.Box
	from, to int32
}

// perRun is how many segments there are in a run, at most.
const perRun = 8

func (b *bounds) set(shape lattice.MultiPolygon) {
	points, runs := 0, 0
	for _, polygon := range shape {
		for _, ring := range polygon {
			points, runs = points+len(ring)+1, runs+(len(ring)+perRun-1)/perRun
		}
	}
	b.points, b.rings, b.runs = slices.Grow(b.points[:0], points), b.rings[:0], slices.Grow(b.runs[:0], runs)
	for _, polygon := range shape {
		for _, ring := range polygon {
			first := int32(len(b.points))
			b.rings = append(b.rings, first)
			b.points = append(append(b.points, ring...), ring[0])
			for last := int32(len(b.points)) - 1; first < last; first += perRun {
				to := min(first+perRun, last)
				b.runs = append(b.runs, run{lattice.BoxOf(b.points[first : to+1]), first, to})
			}
		}
	}
}

// last returns the place of a ring's last point, which is the first again.
func (b *bounds) last(ring int) int32 {
	if ring+1 < len(b.rings) {
		return b.rings[ring+1] - 1
	}
	return int32(len(b.points)) - 1
}

func (b *bounds) segment(i int32) lattice.Segment {
	return lattice.Segment{A: b.points[i], B: b.points[i+1]}
}

// turns is how often the rings wind round the place beside a vertex.
func (b *bounds) turns(p beside) (n int) {
	for i := range b.runs {
		r := &b.runs[i]
		if r.box.Max.X < p.at.X || r.box.Min.Y > p.at.Y || r.box.Max.Y < p.at.Y {
			continue
		}
		for j := r.from; j < r.to; j++ {
			n += p.crossed(b.segment(j))
		}
	}
	return n
}

// beside is a place as near as you like to a vertex, at the left side of a line
// that goes from there.
type beside struct {
	at     lattice.Point
	dx, dy int64
}

// crossed is 1 where a ray eastwards from the place goes out over a segment of a
// cell, -1 where it goes in, else 0.
func (p beside) crossed(s lattice.Segment) int {
	above := p.dy > 0 || p.dy == 0 && p.dx > 0
	y := p.at.Y
	var from, to bool // which ends are higher than the ray
	if above {
		from, to = s.A.Y > y, s.B.Y > y
	} else {
		from, to = s.A.Y >= y, s.B.Y >= y
	}
	if from == to {
		return 0
	}
	low, high, sign := s.A, s.B, 1
	if from {
		low, high, sign = s.B, s.A, -1
	}
	side := lattice.Orient(low, high, p.at)
	if side == 0 {
		wx, wy := int64(high.X)-int64(low.X), int64(high.Y)-int64(low.Y)
		if !above {
			wx, wy = -wx, -wy
		}
		cross := p.dx*wy - p.dy*wx
		if above == (cross <= 0) {
			return sign
		}
		return 0
	}
	if side > 0 {
		return sign
	}
	return 0
}
