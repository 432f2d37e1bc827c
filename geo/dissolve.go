package geo

import (
	"fmt"
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
	cells, start := byGroup(groups, count)
	out := make([]orb.MultiPolygon, count)
	var lock sync.Mutex
	failed, failure := count, error(nil)
	parallel(count, 16, func() func(lo, hi int) {
		var outer []lattice.Segment
		return func(lo, hi int) {
			for g := lo; g < hi; g++ {
				outer = outer[:0]
				for _, i := range cells[start[g]:start[g+1]] {
					outer = c.outer(i, groups, outer)
				}
				m, err := lattice.Assemble(outer)
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

// byGroup lists the cells of every group, and where each group starts in the
// list, and one after the last.
func byGroup(groups []int, count int) (cells, start []int32) {
	start = make([]int32, count+2)
	for _, g := range groups {
		if g >= 0 {
			start[g+2]++
		}
	}
	for g := 2; g < len(start); g++ {
		start[g] += start[g-1]
	}
	cells = make([]int32, start[count+1])
	for i, g := range groups {
		if g >= 0 {
			cells[start[g+1]] = int32(i)
			start[g+1]++
		}
	}
	return cells, start
}

// outer appends the segments of a cell that have no cell of its group on the
// other side.
func (c *Coverage) outer(cell int32, groups []int, dst []lattice.Segment) []lattice.Segment {
	for r := c.first[cell]; r < c.first[cell+1]; r++ {
		across := opposite{c: c}
		first, end := c.halves(r)
		for h := first; h < end; h++ {
			if other := across.at(h); other < 0 || groups[other] != groups[cell] {
				dst = append(dst, c.segment(h))
			}
		}
	}
	return dst
}
