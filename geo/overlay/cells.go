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
	near  lattice.Box
	edges []edge
	grid  *lattice.Grid
	meet  map[int32][]int32 // edges that meet others inside of one, of higher number
	boxes []lattice.Box     // of every cell
	rows  []rows
}

// NewCells takes the cells of a layer, valid each, numbered as they come, for
// cutting areas in near. What of them is elsewhere isn't kept.
func NewCells(shapes []lattice.MultiPolygon, near lattice.Box) *Cells {
	c := &Cells{near: near, boxes: make([]lattice.Box, len(shapes)), rows: make([]rows, len(shapes))}
	total := 0
	var beside []lattice.Segment
	for i, shape := range shapes {
		c.boxes[i] = shape.Box()
		beside = beside[:0]
		for _, polygon := range shape {
			for _, ring := range polygon {
				a := ring[len(ring)-1]
				for _, b := range ring {
					// what a ray eastwards from a place in near can meet
					if max(a.X, b.X) >= near.Min.X && min(a.Y, b.Y) <= near.Max.Y && max(a.Y, b.Y) >= near.Min.Y {
						beside = append(beside, lattice.Segment{A: a, B: b})
					}
					a = b
				}
			}
		}
		c.rows[i] = newRows(slices.Clone(beside))
		total += len(beside)
	}
	t := pairs{edges: make([]edge, 0, total*5/8), slots: make([]int32, 1<<bits.Len(uint(2*total)))}
	for i, r := range c.rows {
		for _, s := range r.segments {
			if min(s.A.X, s.B.X) <= near.Max.X {
				t.add(s, int32(i))
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

// Area is what is cut. It never changes, and any number of cutters may use it at
// once.
type Area struct {
	shape lattice.MultiPolygon
	box   lattice.Box
	bound []lattice.Segment
	rows  rows
}

// NewArea takes an area, valid by itself; it is kept.
func NewArea(shape lattice.MultiPolygon) *Area {
	a := &Area{shape: shape, box: shape.Box(), bound: shape.Segments()}
	a.rows = newRows(a.bound)
	return a
}

// Box returns the box around the area.
func (a *Area) Box() lattice.Box { return a.box }

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

// rows are segments by their height, for rays eastwards.
type rows struct {
	segments []lattice.Segment
	low      int64
	height   int64
	start    []int32 // start[r]..start[r+1] in items is row r; nil: there is one row
	items    []int32
}

// perRow is about how many segments begin in a row.
const perRow = 8

func newRows(segments []lattice.Segment) rows {
	r := rows{segments: segments}
	n := len(segments) / perRow
	if n < perRow {
		return r
	}
	box := boxOf(segments[0])
	for _, s := range segments {
		box = box.Extend(s.A).Extend(s.B)
	}
	r.low = int64(box.Min.Y)
	r.height = (int64(box.Max.Y)-r.low)/int64(n) + 1
	span := func(s lattice.Segment) (low, high int64) {
		return (int64(min(s.A.Y, s.B.Y)) - r.low) / r.height, (int64(max(s.A.Y, s.B.Y)) - r.low) / r.height
	}
	r.start = make([]int32, n+1)
	for _, s := range segments {
		low, high := span(s)
		for row := low; row <= high; row++ {
			r.start[row+1]++
		}
	}
	for i := 1; i <= n; i++ {
		r.start[i] += r.start[i-1]
	}
	r.items = make([]int32, r.start[n])
	next := append([]int32(nil), r.start...)
	for i, s := range segments {
		low, high := span(s)
		for row := low; row <= high; row++ {
			r.items[next[row]] = int32(i)
			next[row]++
		}
	}
	return r
}

// turns is how often the segments wind round the place beside a vertex.
func (r *rows) turns(p beside) (n int) {
	if r.start == nil {
		for _, s := range r.segments {
			n += p.crossed(s)
		}
		return n
	}
	row := (int64(p.at.Y) - r.low) / r.height
	if int64(p.at.Y) < r.low || row+1 >= int64(len(r.start)) {
		return 0
	}
	for _, i := range r.items[r.start[row]:r.start[row+1]] {
		n += p.crossed(r.segments[i])
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
