// Package geo holds the geometry of grids without a database: coverages, and in
// its subpackages the integer lattice they rest on, triangle meshes and draws.
//
// Positions are EPSG:4326 degrees (longitude, latitude) rounded to 1e-7°;
// lengths are metres.
package geo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// ErrTooLarge reports a coverage of more than two thousand million segments.
var ErrTooLarge = errors.New("coverage has too many segments")

// half is one segment of a cell's boundary, in the direction that keeps the
// cell to its left.
type half struct {
	from, to int32 // vertices
	cell     int32
	twin     int32 // the same segment seen from the neighbour, or -1
	arc      int32
}

// ring is a run of halves.
type ring struct {
	cell, part   int32
	first, count int32
}

// Coverage is a set of cells taken apart into shared arcs. It keeps the cells'
// vertices as they are; whether they fit together is for Validate to say. It is
// safe for concurrent use.
type Coverage struct {
	cells  []lattice.MultiPolygon
	points []lattice.Point
	halves []half
	rings  []ring
	arcs   []arc
	spares []int32 // halves that repeat another one
}

// Round returns the geometry with every position on the 1e-7° lattice, repeated
// positions dropped, exteriors counter-clockwise and holes clockwise (RFC 7946).
// It fails as NewCoverage does.
func Round(mp orb.MultiPolygon) (orb.MultiPolygon, error) {
	m, err := lattice.FromMultiPolygon(mp)
	if err != nil {
		return nil, err
	}
	return m.Orb(), nil
}

// NewCoverage takes cells apart. Positions are rounded to the lattice. It fails
// on positions off the globe, on rings that are open or have fewer than three
// vertices, on polygons without rings, and on a set wider than 180°.
func NewCoverage(cells []orb.MultiPolygon) (*Coverage, error) {
	c := &Coverage{cells: make([]lattice.MultiPolygon, len(cells))}
	var box lattice.Box
	total := 0
	for i, mp := range cells {
		m, err := lattice.FromMultiPolygon(mp)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i, err)
		}
		c.cells[i] = m
		for _, p := range m {
			for _, r := range p {
				if total == 0 {
					box = lattice.BoxOf(r)
				}
				box = box.Union(lattice.BoxOf(r))
				total += len(r)
			}
		}
	}
	if !box.Fits() {
		return nil, lattice.ErrExtent
	}
	if total > 1<<31-2 {
		return nil, ErrTooLarge
	}
	c.link(total)
	c.pair()
	c.cut()
	return c, nil
}

// link numbers the vertices and lays out halves and rings.
func (c *Coverage) link(total int) {
	c.halves = make([]half, 0, total)
	number := make(map[lattice.Point]int32, total/2)
	vertex := func(p lattice.Point) int32 {
		n, ok := number[p]
		if !ok {
			n = int32(len(c.points))
			number[p] = n
			c.points = append(c.points, p)
		}
		return n
	}
	for i, m := range c.cells {
		for j, p := range m {
			for _, r := range p {
				first := int32(len(c.halves))
				c.rings = append(c.rings, ring{cell: int32(i), part: int32(j), first: first, count: int32(len(r))})
				for _, q := range r {
					c.halves = append(c.halves, half{from: vertex(q), cell: int32(i), twin: -1, arc: -1})
				}
				for k := range r {
					c.halves[first+int32(k)].to = c.halves[first+int32((k+1)%len(r))].from
				}
			}
		}
	}
}

// pair finds the two sides of every shared segment.
func (c *Coverage) pair() {
	order := make([]int32, len(c.halves))
	for i := range order {
		order[i] = int32(i)
	}
	key := func(i int32) uint64 {
		h := c.halves[i]
		return uint64(min(h.from, h.to))<<32 | uint64(max(h.from, h.to))
	}
	slices.SortFunc(order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(key(i), key(j)), cmp.Compare(i, j))
	})
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && key(order[hi]) == key(order[lo]) {
			hi++
		}
		a, b := order[lo], int32(-1)
		for _, i := range order[lo+1 : hi] {
			if b < 0 && c.halves[i].from != c.halves[a].from {
				b = i
				c.halves[a].twin, c.halves[b].twin = b, a
			} else {
				c.spares = append(c.spares, i)
			}
		}
		lo = hi
	}
}

// segment returns the half as a segment.
func (c *Coverage) segment(h int32) lattice.Segment {
	return lattice.Segment{A: c.points[c.halves[h].from], B: c.points[c.halves[h].to]}
}

// across returns the cell on the other side of a half, or -1.
func (c *Coverage) across(h int32) int32 {
	if t := c.halves[h].twin; t >= 0 {
		return c.halves[t].cell
	}
	return -1
}
