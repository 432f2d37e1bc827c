package lattice

import "math"

// Scale is how many metres one unit is worth, east and north, on WGS 84.
type Scale struct{ X, Y float64 }

// ScaleAt returns the scale at a latitude in units.
func ScaleAt(y float64) Scale {
	// cos 2φ to cos 5φ as polynomials of cos φ: one cosine is enough.
	c := math.Cos(y / PerDegree * math.Pi / 180)
	c2 := c * c
	return Scale{
		X: c * (111412.84 - 93.5*(4*c2-3) + 0.118*((16*c2-20)*c2+5)) / PerDegree,
		Y: (111132.954 - 559.822*(2*c2-1) + 1.175*((8*c2-8)*c2+1)) / PerDegree,
	}
}

// Metres returns the segment's length in metres, the same in both directions;
// meant for segments of up to some tens of kilometres.
func (s Segment) Metres() float64 {
	sc := ScaleAt((float64(s.A.Y) + float64(s.B.Y)) / 2)
	dx := float64(int64(s.B.X)-int64(s.A.X)) * sc.X
	dy := float64(int64(s.B.Y)-int64(s.A.Y)) * sc.Y
	return math.Hypot(dx, dy)
}

// Split returns the points that cut the segment into equal pieces no longer
// than metres, from A to B without either end, each rounded once. The reversed
// segment gives the same points in reverse.
func (s Segment) Split(metres float64) []Point {
	pieces := math.Ceil(s.Metres() / metres)
	if !(pieces > 1) {
		return nil
	}
	c := s.Canonical()
	n := int64(pieces)
	out := make([]Point, 0, n-1)
	last := c.A
	for i := int64(1); i < n; i++ {
		f := float64(i) / float64(n)
		p := Point{
			c.A.X + int32(math.Round(f*(float64(c.B.X)-float64(c.A.X)))),
			c.A.Y + int32(math.Round(f*(float64(c.B.Y)-float64(c.A.Y)))),
		}
		if p != last && p != c.B {
			out = append(out, p)
			last = p
		}
	}
	if c != s {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}
