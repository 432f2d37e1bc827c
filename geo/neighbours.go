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
	const piece = 4096
	found := make([][]Border, (c.Len()+piece-1)/piece)
	parallel(len(found), 1, func() func(lo, hi int) {
		return func(lo, hi int) {
			for k := lo; k < hi; k++ {
				for i := k * piece; i < min((k+1)*piece, c.Len()); i++ {
					found[k] = c.bordersOf(int32(i), found[k])
				}
			}
		}
	})
	return slices.Concat(found...)
}

// bordersOf appends a cell's borders with cells of higher index.
func (c *Coverage) bordersOf(i int32, out []Border) []Border {
	start := len(out)
	for r := c.first[i]; r < c.first[i+1]; r++ {
		across := opposite{c: c}
		first, end := c.halves(r)
		fresh := true
		for h := first; h < end; h++ {
			other := across.at(h)
			if other <= i {
				fresh = true
				continue
			}
			if fresh || out[len(out)-1].B != int(other) {
				out = append(out, Border{A: int(i), B: int(other)})
				fresh = false
			}
			out[len(out)-1].Metres += c.segment(h).Metres()
		}
	}
	// Pieces of border with the same cell become one.
	pieces := out[start:]
	slices.SortStableFunc(pieces, func(x, y Border) int { return cmp.Compare(x.B, y.B) })
	kept := 0
	for k, b := range pieces {
		if k > 0 && pieces[kept-1].B == b.B {
			pieces[kept-1].Metres += b.Metres
			continue
		}
		pieces[kept] = b
		kept++
	}
	return out[:start+kept]
}
