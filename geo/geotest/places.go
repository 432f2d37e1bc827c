package geotest

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
)

// Places returns n places in degrees that are hard to tell the cell of: on
// vertices and borders, next to them by a unit in the last place, and, every
// fourth, anywhere around.
func Places(r *rand.Rand, cells []orb.MultiPolygon, n int) []orb.Point {
	bound := cells[0].Bound()
	for _, c := range cells {
		bound = bound.Union(c.Bound())
	}
	out := make([]orb.Point, n)
	for i := range out {
		cell := cells[r.IntN(len(cells))]
		polygon := cell[r.IntN(len(cell))]
		ring := polygon[r.IntN(len(polygon))]
		k := r.IntN(len(ring) - 1)
		a, b := ring[k], ring[k+1]
		switch p := &out[i]; i % 4 {
		case 0:
			w, h := bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]
			*p = orb.Point{bound.Min[0] + w*(1.2*r.Float64()-0.1), bound.Min[1] + h*(1.2*r.Float64()-0.1)}
		case 1:
			*p = a
		case 2: // on the border, or as near as can be
			f := r.Float64()
			*p = orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
		default: // level with a vertex
			*p = orb.Point{a[0] + 1e-3*(r.Float64()-0.5), a[1]}
		}
		if i%4 != 0 && r.IntN(2) == 0 {
			axis := r.IntN(2)
			out[i][axis] = math.Nextafter(out[i][axis], out[i][axis]+float64(r.IntN(2)*2-1))
		}
	}
	return out
}
