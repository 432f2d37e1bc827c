// Package geo holds the geometry of grids without a database: coverages, and in
// its subpackages the integer lattice they rest on, triangle meshes and draws.
//
// Positions are EPSG:4326 degrees (longitude, latitude) rounded to 1e-7°;
// lengths are metres.
package geo

import (
	"errors"
	"fmt"
	"sync"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// ErrTooLarge reports a coverage of more than two thousand million segments.
var ErrTooLarge = errors.New("coverage has too many segments")

// alone is the twin of a half that has none. Lesser values of twin are no
// twins at all but mark the end of a ring.
const alone = -1

// Coverage is a set of cells taken apart into shared arcs. It keeps the cells'
// vertices as they are; whether they fit together is for Validate to say. It is
// safe for concurrent use.
//
// All of it is in a few flat arrays, about 13 bytes for each vertex of each
// cell. The rings of all cells follow each other in at, each with its first
// vertex again at its end, so that number h stands for the directed segment, or
// half, from at[h] to at[h+1], with its cell to the left. The repeated vertex
// begins no half: there twin holds the ring's number instead.
type Coverage struct {
	at     []lattice.Point
	twin   []int32 // the same segment seen from the other side, or alone
	rings  []ring  // and one after the last
	first  []int32 // first ring of every cell, and one after the last
	index  []int32 // ring of every 64th half
	spares []int32 // halves that repeat another one, ascending
	loose  []int32 // halves without a twin, ascending

	knots func() []int32   // loose halves that start where another one does, ascending
	arcs  func() *arcTable // cut when first asked for
}

// ring is a run of halves.
type ring struct {
	first int32
	cell  int32
	hole  bool // otherwise it begins a part
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
	vertices := 0
	for _, mp := range cells {
		for _, p := range mp {
			for _, r := range p {
				vertices += len(r)
			}
		}
	}
	b := NewBuilder(len(cells), vertices)
	for _, mp := range cells {
		if err := b.Add(mp); err != nil {
			return nil, err
		}
	}
	return b.Build(), nil
}

// Builder makes a Coverage from cells that come one after the other.
type Builder struct {
	c     *Coverage
	box   lattice.Box
	empty bool // box holds nothing yet
}

// NewBuilder starts a coverage of about that many cells and vertices in all;
// both may be exceeded, at the price of copying.
func NewBuilder(cells, vertices int) *Builder {
	return &Builder{
		c: &Coverage{
			at:    make([]lattice.Point, 0, vertices),
			twin:  make([]int32, 0, vertices),
			rings: make([]ring, 0, cells+1),
			first: make([]int32, 0, cells+1),
		},
		empty: true,
	}
}

// Add appends a cell; its index is the number of cells added before. It fails
// as NewCoverage does, and the builder is then of no further use.
func (b *Builder) Add(mp orb.MultiPolygon) error {
	if err := b.add(mp); err != nil {
		return fmt.Errorf("cell %d: %w", len(b.c.first)-1, err)
	}
	return nil
}

func (b *Builder) add(mp orb.MultiPolygon) error {
	c := b.c
	cell := int32(len(c.first))
	c.first = append(c.first, int32(len(c.rings)))
	start := len(c.at)
	for i, p := range mp {
		if len(p) == 0 {
			return fmt.Errorf("part %d: %w", i, lattice.ErrNoRing)
		}
		for j, r := range p {
			first := len(c.at)
			at, err := lattice.AppendRing(c.at, r)
			if err != nil {
				return fmt.Errorf("part %d ring %d: %w", i, j, err)
			}
			lattice.Ring(at[first:]).Wind(j > 0)
			c.at = append(at, at[first])
			for range len(at) - first {
				c.twin = append(c.twin, alone)
			}
			c.twin = append(c.twin, endOf(len(c.rings)))
			c.rings = append(c.rings, ring{first: int32(first), cell: cell, hole: j > 0})
			if len(c.at) > 1<<31-2 {
				return ErrTooLarge
			}
		}
	}
	if len(c.at) > start {
		box := lattice.BoxOf(c.at[start:])
		if b.empty {
			b.box, b.empty = box, false
		}
		if b.box = b.box.Union(box); !b.box.Fits() {
			return lattice.ErrExtent
		}
	}
	return nil
}

// Build pairs the segments of the cells added. The builder is of no further use.
func (b *Builder) Build() *Coverage {
	c := b.c
	b.c = nil
	c.first = append(c.first, int32(len(c.rings)))
	c.rings = append(c.rings, ring{first: int32(len(c.at)), cell: int32(c.Len())})
	c.index = make([]int32, len(c.at)>>6+1)
	for r := range c.rings[:len(c.rings)-1] {
		for k := (int(c.rings[r].first) + 63) >> 6; k<<6 < int(c.rings[r+1].first); k++ {
			c.index[k] = int32(r)
		}
	}
	c.pair(b.box)
	c.knots = sync.OnceValue(c.findKnots)
	c.arcs = sync.OnceValue(c.cut)
	return c
}

// Len returns the number of cells.
func (c *Coverage) Len() int { return len(c.first) - 1 }

// Segments returns the number of segments of all cells, shared ones counted
// from both sides.
func (c *Coverage) Segments() int { return len(c.at) - (len(c.rings) - 1) }

// endOf is what twin holds at the end of a ring.
func endOf(ring int) int32 { return int32(-2 - ring) }

// halves returns the first half of a ring and the one after its last.
func (c *Coverage) halves(ring int32) (first, end int32) {
	return c.rings[ring].first, c.rings[ring+1].first - 1
}

// next returns the half that follows in the ring.
func (c *Coverage) next(h int32) int32 {
	if t := c.twin[h+1]; t < alone {
		return c.rings[-2-t].first
	}
	return h + 1
}

// previous returns the half that comes before in the ring.
func (c *Coverage) previous(h int32) int32 {
	if h > 0 && c.twin[h-1] >= alone {
		return h - 1
	}
	_, end := c.halves(c.ringOf(h))
	return end - 1
}

// ringOf returns the ring that a half belongs to.
func (c *Coverage) ringOf(h int32) int32 {
	r := c.index[h>>6]
	for c.rings[r+1].first <= h {
		r++
	}
	return r
}

// cellOf returns the cell that a half belongs to.
func (c *Coverage) cellOf(h int32) int32 { return c.rings[c.ringOf(h)].cell }

// segment returns the half as a segment.
func (c *Coverage) segment(h int32) lattice.Segment {
	return lattice.Segment{A: c.at[h], B: c.at[h+1]}
}

// across returns the cell on the other side of a half, or -1.
func (c *Coverage) across(h int32) int32 {
	if t := c.twin[h]; t >= 0 {
		return c.cellOf(t)
	}
	return -1
}

// opposite finds the cells across the halves of a ring when they are asked for
// one after the other: along a shared arc the twins run backwards, so most
// answers are known from the half before.
type opposite struct {
	c          *Coverage
	twin, cell int32
}

// at is what across says.
func (o *opposite) at(h int32) int32 {
	t := o.c.twin[h]
	if t < 0 {
		return -1
	}
	if t != o.twin-1 || o.cell < 0 {
		o.cell = o.c.cellOf(t)
	}
	o.twin = t
	return o.cell
}

// points returns the points of a ring, the first one again at the end.
func (c *Coverage) points(ring int32) []lattice.Point {
	return c.at[c.rings[ring].first:c.rings[ring+1].first]
}

// cell returns a cell as it was taken in.
func (c *Coverage) cell(i int) lattice.MultiPolygon {
	var m lattice.MultiPolygon
	for r := c.first[i]; r < c.first[i+1]; r++ {
		p := c.points(r)
		if !c.rings[r].hole {
			m = append(m, nil)
		}
		m[len(m)-1] = append(m[len(m)-1], p[:len(p)-1:len(p)-1])
	}
	return m
}
