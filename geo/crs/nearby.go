package crs

import "math"

// Within patches of a twentieth of a degree a projection is a cubic to less than
// a millionth of a millimetre within 10° of the central meridian.
const (
	patchSide   = 0.05
	mostPatches = 4096 // kept at once: 1 MiB
)

// patch are the coefficients of easting and northing over -1 to 1 in longitude
// and latitude: x[i][j] is that of u^i v^j.
type patch struct{ x, y [4][4]float64 }

// Nearby gives a function that is Forward for many places near each other, ten
// times as fast. It keeps what it learns of where it was asked, and is not for
// several goroutines at once.
func (p Projection) Nearby() func(lon, lat float64) (east, north float64) {
	patches := map[[2]int]*patch{}
	var last *patch
	lastAt := [2]int{math.MinInt, 0}
	return func(lon, lat float64) (east, north float64) {
		column, row := math.Floor(lon/patchSide), math.Floor(lat/patchSide)
		at := [2]int{int(column), int(row)}
		if at != lastAt {
			found, ok := patches[at]
			if !ok {
				if len(patches) >= mostPatches {
					clear(patches)
				}
				found = p.patch((column+0.5)*patchSide, (row+0.5)*patchSide)
				patches[at] = found
			}
			last, lastAt = found, at
		}
		u, v := 2*(lon/patchSide-column)-1, 2*(lat/patchSide-row)-1
		for i := 3; i >= 0; i-- {
			c, d := &last.x[i], &last.y[i]
			east = east*u + (((c[3]*v+c[2])*v+c[1])*v + c[0])
			north = north*u + (((d[3]*v+d[2])*v+d[1])*v + d[0])
		}
		return east, north
	}
}

// patch interpolates at the Chebyshev nodes around a place.
func (p Projection) patch(lon, lat float64) *patch {
	var out patch
	middleX, middleY := p.Forward(lon, lat)
	for i, u := range chebyshev {
		for j, v := range chebyshev {
			x, y := p.Forward(lon+u*patchSide/2, lat+v*patchSide/2)
			for k := range 4 {
				for l := range 4 {
					w := lagrange[i][k] * lagrange[j][l]
					out.x[k][l] += w * (x - middleX) // differences keep the digits
					out.y[k][l] += w * (y - middleY)
				}
			}
		}
	}
	out.x[0][0] += middleX
	out.y[0][0] += middleY
	return &out
}

// chebyshev are the four nodes at which interpolating by a cubic errs least;
// lagrange[i] are the coefficients of the cubic that is 1 at node i and 0 at the
// others, the constant first.
var chebyshev, lagrange = nodes()

func nodes() (at [4]float64, of [4][4]float64) {
	for i := range at {
		at[i] = math.Cos((2*float64(i) + 1) * math.Pi / 8)
	}
	for i := range at {
		of[i][0] = 1
		for j := range at {
			if j == i {
				continue
			}
			by := at[i] - at[j]
			for k := 3; k >= 0; k-- { // times (t - at[j]) / by
				of[i][k] *= -at[j] / by
				if k > 0 {
					of[i][k] += of[i][k-1] / by
				}
			}
		}
	}
	return at, of
}
