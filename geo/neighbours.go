package geo

import (
	"cmp"
	"slices"
)

// Border is what two cells share.
type Border struct {
	A, B   int     // cell indices, A < B
	Metres float64 // length along the ellipsoid
}

// Neighbours returns every pair of cells that share more than points, ordered
// by their indices.
func (c *Coverage) Neighbours() []Border {
	type pair struct{ a, b int32 }
	length := map[pair]float64{}
	for i, h := range c.halves {
		if h.twin < int32(i) {
			continue
		}
		other := c.halves[h.twin].cell
		if other != h.cell {
			length[pair{min(h.cell, other), max(h.cell, other)}] += c.segment(int32(i)).Metres()
		}
	}
	out := make([]Border, 0, len(length))
	for p, m := range length {
		out = append(out, Border{A: int(p.a), B: int(p.b), Metres: m})
	}
	slices.SortFunc(out, func(x, y Border) int {
		return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	return out
}
