package edit

import (
	"math"

	"unigrid/geo/lattice"
)

// metres returns the distance between two points.
func (pl *plane) metres(p, q lattice.Point) float64 {
	return math.Hypot((float64(p.X)-float64(q.X))*pl.scale.X, (float64(p.Y)-float64(q.Y))*pl.scale.Y)
}

// around returns the box that reaches so many metres beyond a segment.
func (pl *plane) around(s lattice.Segment, metres float64) lattice.Box {
	b := lattice.BoxOf([]lattice.Point{s.A, s.B})
	dx, dy := metres/pl.scale.X+2, metres/pl.scale.Y+2
	b.Min.X, b.Max.X = clamp(float64(b.Min.X)-dx), clamp(float64(b.Max.X)+dx)
	b.Min.Y, b.Max.Y = clamp(float64(b.Min.Y)-dy), clamp(float64(b.Max.Y)+dy)
	return b
}

func clamp(v float64) int32 {
	return int32(math.Min(math.Max(v, -180*lattice.PerDegree), 180*lattice.PerDegree))
}

// foot returns the point of a segment that is nearest to p, rounded, and its
// distance in metres.
func (pl *plane) foot(s lattice.Segment, p lattice.Point) (lattice.Point, float64) {
	dx, dy := (float64(s.B.X)-float64(s.A.X))*pl.scale.X, (float64(s.B.Y)-float64(s.A.Y))*pl.scale.Y
	px, py := (float64(p.X)-float64(s.A.X))*pl.scale.X, (float64(p.Y)-float64(s.A.Y))*pl.scale.Y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = math.Min(math.Max((px*dx+py*dy)/l, 0), 1)
	}
	return along(s, t), math.Hypot(px-t*dx, py-t*dy)
}

// along returns the point at a share of the way along a segment, rounded.
func along(s lattice.Segment, t float64) lattice.Point {
	return lattice.Point{
		X: int32(math.Round(float64(s.A.X) + t*(float64(s.B.X)-float64(s.A.X)))),
		Y: int32(math.Round(float64(s.A.Y) + t*(float64(s.B.Y)-float64(s.A.Y)))),
	}
}

// meet returns the place, rounded, where two segments in conflict meet first,
// seen along s.
func meet(s, t lattice.Segment) lattice.Point {
	a, b := float64(lattice.Orient(t.A, t.B, s.A)), float64(lattice.Orient(t.A, t.B, s.B))
	if a != b {
		return along(s, math.Min(math.Max(a/(a-b), 0), 1))
	}
	if on(t, s.A) {
		return s.A
	}
	if share(s, t.A) < share(s, t.B) {
		return t.A
	}
	return t.B
}

// share returns how far along s a point on it is, 0 to 1.
func share(s lattice.Segment, p lattice.Point) float64 {
	dx, dy := float64(s.B.X)-float64(s.A.X), float64(s.B.Y)-float64(s.A.Y)
	return ((float64(p.X)-float64(s.A.X))*dx + (float64(p.Y)-float64(s.A.Y))*dy) / (dx*dx + dy*dy)
}

// on tells whether p is on s, ends included.
func on(s lattice.Segment, p lattice.Point) bool {
	return p.X >= min(s.A.X, s.B.X) && p.X <= max(s.A.X, s.B.X) &&
		p.Y >= min(s.A.Y, s.B.Y) && p.Y <= max(s.A.Y, s.B.Y) && lattice.Orient(s.A, s.B, p) == 0
}

// inner tells whether p is on s but not one of its ends.
func inner(s lattice.Segment, p lattice.Point) bool {
	return p != s.A && p != s.B && on(s, p)
}

// passes tells whether s goes through p or right beside it, without ending there.
func passes(s lattice.Segment, p lattice.Point) bool {
	if p == s.A || p == s.B {
		return false
	}
	dx, dy := float64(s.B.X)-float64(s.A.X), float64(s.B.Y)-float64(s.A.Y)
	t := share(s, p)
	off := math.Abs(float64(lattice.Orient(s.A, s.B, p))) / math.Hypot(dx, dy)
	return off <= beside && t > 0 && t < 1
}

// within tells whether two points are so many units apart, or less.
func within(p, q lattice.Point, units float64) bool {
	return math.Hypot(float64(p.X)-float64(q.X), float64(p.Y)-float64(q.Y)) <= units
}

// winding tells how often the segments wind round the place just left of the
// middle of s. Segments that s shares that place with must equal it, in either
// direction.
func winding(segments []lattice.Segment, s lattice.Segment) int {
	swap := s.A.Y == s.B.Y
	turn := func(p lattice.Point) (x, y int64) {
		x, y = int64(p.X)-int64(s.A.X), int64(p.Y)-int64(s.A.Y)
		if swap { // by a quarter, so that s is not along the ray
			x, y = y, -x
		}
		return 2 * x, 2 * y
	}
	ex, ey := turn(s.B)
	mx, my := ex/2, ey/2
	rising := ey > 0
	count := 0
	for _, t := range segments {
		ax, ay := turn(t.A)
		bx, by := turn(t.B)
		up := ay <= my && by > my
		if !up && !(by <= my && ay > my) {
			continue
		}
		side := (bx-ax)*(my-ay) - (by-ay)*(mx-ax)
		if side == 0 && rising { // seen from the left of a rising s, it is ahead
			side = by - ay
		}
		if up && side > 0 {
			count++
		} else if !up && side < 0 {
			count--
		}
	}
	return count
}
