package cells

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// gap is an area that no row has.
type gap struct {
	shape  lattice.Polygon
	m2     float64
	metres float64 // mean width
}

// closeGaps gives every gap that is small or narrow enough to the row that it
// shares the longest border with, and keeps the others for the report.
func (c *cleaning) closeGaps(b *block, found inspection) (closed bool, err error) {
	gaps, err := c.gapsOf(b, found.left)
	if err != nil {
		return false, err
	}
	b.gaps = nil
	var small []gap
	for _, g := range gaps {
		if g.m2 <= c.options.MaxGap || g.metres <= c.options.Tolerance {
			small = append(small, g)
		} else {
			b.gaps = append(b.gaps, g)
		}
	}
	if len(small) == 0 {
		return false, nil
	}
	slices.SortStableFunc(small, func(g, h gap) int { return cmp.Compare(g.m2, h.m2) })
	shapes := make([]orb.MultiPolygon, 0, len(b.rows)+len(small))
	groups := make([]int, 0, cap(shapes))
	for k, i := range b.rows {
		shapes, groups = append(shapes, c.rows[i].shape.Orb()), append(groups, k)
	}
	for _, g := range small {
		shapes, groups = append(shapes, orb.MultiPolygon{g.shape.Orb()}), append(groups, -1)
	}
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		return false, fmt.Errorf("gaps: %w", err)
	}
	c.award(b, small, groups, coverage.Neighbours())
	united, err := coverage.Dissolve(groups)
	if err != nil {
		return false, fmt.Errorf("closing gaps: %w", err)
	}
	taker := map[int]bool{}
	for k, to := range groups[len(b.rows):] {
		if to < 0 {
			b.gaps = append(b.gaps, small[k])
			continue
		}
		taker[to] = true
	}
	for to := range taker {
		if c.rows[b.rows[to]].shape, err = lattice.FromMultiPolygon(united[to]); err != nil {
			return false, err
		}
	}
	return len(taker) > 0, nil
}

// award sets the group of each gap, after those of the rows; -1 where it has none.
// A kept row takes one only where no free row is beside it. A locked row gets back
// what noding took from it: slivers no wider than it may be off, beside no other.
func (c *cleaning) award(b *block, small []gap, groups []int, borders []geo.Border) {
	first := len(b.rows)
	longest := make([]float64, len(small))
	for _, of := range []hold{free, stays, locked} {
		for _, border := range borders {
			row, n := border.A, border.B-first
			if row >= first || n < 0 || c.rows[b.rows[row]].hold != of || of == locked && small[n].metres > lockedSlack {
				continue
			}
			taker := groups[border.B]
			if taker < 0 || c.rows[b.rows[taker]].hold == of && border.Metres > longest[n] {
				longest[n], groups[border.B] = border.Metres, row
			}
		}
	}
}

// gapsOf assembles the gaps from what bounds them, the gap to the left.
func (c *cleaning) gapsOf(b *block, left []lattice.Segment) ([]gap, error) {
	if len(left) == 0 {
		return nil, nil
	}
	var outside lattice.Ring
	if b.parent == nil {
		// a frame round everything makes the outside a polygon, too
		box := lattice.Box{Min: left[0].A, Max: left[0].A}
		for _, s := range left {
			box = box.Extend(s.A).Extend(s.B)
		}
		const margin = 100
		box = box.Extend(lattice.Point{X: box.Min.X - margin, Y: box.Min.Y - margin}).Extend(lattice.Point{X: box.Max.X + margin, Y: box.Max.Y + margin})
		outside = lattice.Ring{box.Min, {X: box.Max.X, Y: box.Min.Y}, box.Max, {X: box.Min.X, Y: box.Max.Y}}
		left = append(slices.Clone(left), lattice.MultiPolygon{{outside}}.Segments()...)
	}
	shapes, err := lattice.Assemble(left)
	if err != nil {
		return nil, fmt.Errorf("gaps: %w", err)
	}
	var gaps []gap
	for _, p := range shapes {
		if outside != nil && slices.Equal(p[0], outside) {
			continue
		}
		gaps = append(gaps, measureGap(p))
	}
	return gaps, nil
}

func measureGap(p lattice.Polygon) gap {
	var perimeter float64
	for _, s := range (lattice.MultiPolygon{p}).Segments() {
		perimeter += s.Metres()
	}
	box := lattice.BoxOf(p[0])
	sc := lattice.ScaleAt((float64(box.Min.Y) + float64(box.Max.Y)) / 2)
	m2 := float64(lattice.MultiPolygon{p}.Area2()) / 2 * sc.X * sc.Y
	return gap{shape: p, m2: m2, metres: 2 * m2 / perimeter}
}
