package edit

import (
	"fmt"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Merge unites two or more cells that hang together by shared borders; points
// are not enough. The union has several parts only where its cells had. It
// keeps every vertex of its outline.
//
// Faults: BadCell, Apart (Cells are those that the first cell does not reach),
// Locked.
func Merge(cells []orb.MultiPolygon, o Options) (orb.MultiPolygon, error) {
	if len(cells) < 2 {
		return nil, fmt.Errorf("%w: %d cells to merge", ErrOptions, len(cells))
	}
	pl, err := newPlane(cells, o)
	if err != nil {
		return nil, err
	}
	if f := pl.atFault(nil); f != nil {
		return nil, f
	}
	var all []lattice.Segment
	links := make([]map[int]bool, len(cells))
	for i, m := range pl.cells {
		links[i] = map[int]bool{}
		for _, s := range m.Segments() {
			all = append(all, s)
			j := pl.twin(s)
			if j < 0 {
				continue
			}
			links[i][j] = true
			if pl.fixed[s.Canonical()] {
				return nil, fault(Locked, s.A, i, j)
			}
		}
	}
	reached := make([]bool, len(cells))
	reached[0] = true
	for todo := []int{0}; len(todo) > 0; todo = todo[1:] {
		for j := range links[todo[0]] {
			if !reached[j] {
				reached[j] = true
				todo = append(todo, j)
			}
		}
	}
	f := &Fault{Kind: Apart}
	for i, ok := range reached {
		if ok {
			continue
		}
		if len(f.Cells) == 0 {
			f.Place = pl.cells[0].Box().Min.Orb()
			if m := pl.cells[i]; len(m) > 0 {
				f.Place = m[0][0][0].Orb()
			}
		}
		f.Cells = append(f.Cells, i)
	}
	if len(f.Cells) > 0 {
		return nil, f
	}
	m, err := assemble(all)
	if err != nil {
		return nil, err
	}
	whole := m.Orb()
	if err := pl.verify([]orb.MultiPolygon{whole}); err != nil {
		return nil, err
	}
	return whole, nil
}
