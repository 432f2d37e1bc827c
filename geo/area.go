package geo

import "github.com/paulmach/orb"

// Areas gives the area of every shape in the plane of a projection, in its
// square units. What plane gives projects longitude and latitude in degrees; it
// is asked once for every processor.
func Areas(shapes []orb.MultiPolygon, plane func() func(lon, lat float64) (x, y float64)) []float64 {
	out := make([]float64, len(shapes))
	parallel(len(shapes), 64, func() func(lo, hi int) {
		forward := plane()
		return func(lo, hi int) {
			for i := lo; i < hi; i++ {
				for _, p := range shapes[i] {
					for j, r := range p {
						if area := ringArea(r, forward); j == 0 {
							out[i] += area
						} else {
							out[i] -= area
						}
					}
				}
			}
		}
	})
	return out
}

// ringArea is without sign; it counts from the first vertex, for the digits.
func ringArea(r orb.Ring, forward func(lon, lat float64) (x, y float64)) float64 {
	if len(r) == 0 {
		return 0
	}
	fromX, fromY := forward(r[0][0], r[0][1])
	var sum, lastX, lastY float64
	for _, q := range r[1:] {
		x, y := forward(q[0], q[1])
		x, y = x-fromX, y-fromY
		sum += lastX*y - x*lastY
		lastX, lastY = x, y
	}
	return max(sum, -sum) / 2
}
