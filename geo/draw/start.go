package draw

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// startLabels returns, for each atom, the starting cell that has most of it.
func (s *sheet) startLabels(start []orb.MultiPolygon, of []int32, atoms int) ([]int32, error) {
	grids := make([]*lattice.Grid, len(start))
	boxes := make([]lattice.Box, len(start))
	for i, cell := range start {
		m, err := lattice.FromMultiPolygon(cell)
		if err != nil {
			return nil, fmt.Errorf("%w: starting cell %d: %w", ErrOptions, i, err)
		}
		grids[i], boxes[i] = lattice.NewGrid(m.Segments()), m.Box()
	}
	share := make([]map[int32]float64, atoms)
	last := 0 // triangles near each other are mostly in the same cell
	for t, a := range of {
		if a == none {
			continue
		}
		at := s.parent.frame.point(s.middle[t])
		inside := func(i int) bool { return boxes[i].Contains(at) && grids[i].Inside(at) > 0 }
		if !inside(last) {
			i := slices.IndexFunc(grids, func(g *lattice.Grid) bool { return g.Inside(at) > 0 })
			if i < 0 {
				continue // it rounds to a border
			}
			last = i
		}
		if share[a] == nil {
			share[a] = map[int32]float64{}
		}
		share[a][int32(last)] += s.m2(int32(t))
	}
	out := make([]int32, atoms)
	for a, of := range share {
		best := int32(0)
		for i, m2 := range of {
			if m2 > of[best] || m2 == of[best] && i < best {
				best = i
			}
		}
		out[a] = best
	}
	return out, nil
}

// goOn pairs new cells with starting cells, those that share most area first,
// and returns each new cell's, or -1.
func goOn(list []atom, label, start []int32, cells, starts int) []int {
	type overlap struct {
		cell, start int32
		m2          float64
	}
	shared := map[[2]int32]float64{}
	for n := range list {
		shared[[2]int32{label[n], start[n]}] += list[n].m2
	}
	all := make([]overlap, 0, len(shared))
	for k, m2 := range shared {
		all = append(all, overlap{k[0], k[1], m2})
	}
	slices.SortFunc(all, func(a, b overlap) int {
		return cmp.Or(cmp.Compare(b.m2, a.m2), cmp.Compare(a.cell, b.cell), cmp.Compare(a.start, b.start))
	})
	kept := make([]int, cells)
	for i := range kept {
		kept[i] = -1
	}
	used := make([]bool, starts)
	for _, o := range all {
		if kept[o.cell] < 0 && !used[o.start] {
			kept[o.cell], used[o.start] = int(o.start), true
		}
	}
	return kept
}

// largestOf returns the largest of some areas, by square degrees.
func largestOf(areas []orb.MultiPolygon) int {
	best, most := 0, int64(-1)
	for i, a := range areas {
		if m, err := lattice.FromMultiPolygon(a); err == nil && m.Area2() > most {
			best, most = i, m.Area2()
		}
	}
	return best
}
