package geo

import (
	"fmt"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Dissolve unites cells: groups[i] is the group of cell i, counted from 0, or
// negative to leave the cell out. It returns one geometry per group (nil for a
// group without cells): what its cells cover, inner arcs dropped, every vertex
// kept, exteriors counter-clockwise. It fails when groups has another length
// than the cells, or when the cells are not a valid coverage and their boundary
// does not close.
func (c *Coverage) Dissolve(groups []int) ([]orb.MultiPolygon, error) {
	if len(groups) != len(c.cells) {
		return nil, fmt.Errorf("%d groups for %d cells", len(groups), len(c.cells))
	}
	count := 0
	for i, g := range groups {
		if g >= len(groups) {
			return nil, fmt.Errorf("cell %d: group %d of at most %d", i, g, len(groups))
		}
		count = max(count, g+1)
	}
	outer := make([][]lattice.Segment, count)
	for i, h := range c.halves {
		g := groups[h.cell]
		if g < 0 {
			continue
		}
		if other := c.across(int32(i)); other >= 0 && groups[other] == g {
			continue
		}
		outer[g] = append(outer[g], c.segment(int32(i)))
	}
	out := make([]orb.MultiPolygon, count)
	for g, segments := range outer {
		if len(segments) == 0 {
			continue
		}
		m, err := lattice.Assemble(segments)
		if err != nil {
			return nil, fmt.Errorf("group %d: %w", g, err)
		}
		out[g] = m.Orb()
	}
	return out, nil
}
