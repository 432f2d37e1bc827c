package locate

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// ErrUnfit reports a cell that an index can't hold: its rings are not closed, or
// a vertex is not exactly on the lattice, so that it would not be the same cell.
var ErrUnfit = errors.New("cell can't be indexed")

// blockPoints is how many vertices are allocated at once: half a megabyte.
const blockPoints = 1 << 16

// Builder collects cells for an Index.
type Builder struct {
	cells  []cell
	rings  []ring
	blocks [][]lattice.Point
	ring   lattice.Ring
	bytes  int // in blocks
}

// Bytes returns about how much memory the cells added take.
func (b *Builder) Bytes() int { return b.bytes + cellBytes*cap(b.cells) + 4*cap(b.rings) }

// Add adds a cell, in degrees. It fails with ErrUnfit; then the builder is of no
// more use.
func (b *Builder) Add(shape orb.MultiPolygon) error {
	c := cell{firstRing: uint32(len(b.rings))}
	b.ring = b.ring[:0]
	for _, polygon := range shape {
		for i, r := range polygon {
			first := len(b.ring)
			var err error
			if b.ring, err = lattice.AppendRing(b.ring, r); err != nil {
				return fmt.Errorf("%w: cell %d: %w", ErrUnfit, len(b.cells), err)
			}
			n := ring(len(b.ring) - first)
			if i == 0 {
				n |= shell
			}
			b.rings = append(b.rings, n)
			for _, q := range r {
				if p, err := lattice.FromOrb(q); err != nil || p.Orb() != q {
					return fmt.Errorf("%w: cell %d: vertex %v is off the lattice", ErrUnfit, len(b.cells), q)
				}
			}
		}
	}
	c.lastRing = uint32(len(b.rings))
	c.box = lattice.BoxOf(b.ring)
	c.block, c.first = b.keep(b.ring)
	b.cells = append(b.cells, c)
	return nil
}

// keep copies the vertices of a cell to a block with enough room.
func (b *Builder) keep(points []lattice.Point) (block, first uint32) {
	last := len(b.blocks) - 1
	if last < 0 || cap(b.blocks[last])-len(b.blocks[last]) < len(points) {
		b.blocks = append(b.blocks, make([]lattice.Point, 0, max(blockPoints, len(points))))
		b.bytes += 8 * max(blockPoints, len(points))
		last++
	}
	first = uint32(len(b.blocks[last]))
	b.blocks[last] = append(b.blocks[last], points...)
	return uint32(last), first
}

// Index makes an index of the cells added, after which the builder is empty.
// They are numbered from 0 in the order given: order[i] is which of those added
// (from 0, too) becomes number i. Without an order they stay as they were added.
func (b *Builder) Index(order []int) *Index {
	x := &Index{cells: b.cells, rings: b.rings, blocks: b.blocks}
	*b = Builder{}
	if order != nil {
		sorted := make([]cell, len(order))
		for number, added := range order {
			sorted[number] = x.cells[added]
		}
		x.cells = sorted
	}
	x.layGrid()
	low, high := x.box.Min.Orb(), x.box.Max.Orb()
	x.corners = [2][2]float64{low, high}
	return x
}
