package lattice

// Orient returns twice the signed area of the triangle abc, exactly: positive
// when c lies left of the line from a to b, zero when it lies on it. The points
// must be within MaxExtent of each other.
func Orient(a, b, c Point) int64 {
	ax, ay := int64(a.X), int64(a.Y)
	return (int64(b.X)-ax)*(int64(c.Y)-ay) - (int64(b.Y)-ay)*(int64(c.X)-ax)
}

// within tells whether p, known to be on the line through s, is on s.
func within(s Segment, p Point) bool {
	return p.X >= min(s.A.X, s.B.X) && p.X <= max(s.A.X, s.B.X) &&
		p.Y >= min(s.A.Y, s.B.Y) && p.Y <= max(s.A.Y, s.B.Y)
}

// Conflict tells whether two segments have anything in common besides one end
// of both: they cross, one touches the other's inside, or they overlap. Two
// equal segments, in either direction, are in conflict.
func Conflict(s, t Segment) bool {
	if max(s.A.X, s.B.X) < min(t.A.X, t.B.X) || max(t.A.X, t.B.X) < min(s.A.X, s.B.X) ||
		max(s.A.Y, s.B.Y) < min(t.A.Y, t.B.Y) || max(t.A.Y, t.B.Y) < min(s.A.Y, s.B.Y) {
		return false
	}
	switch {
	case s.A == t.A:
		return overlapFrom(s.A, s.B, t.B)
	case s.A == t.B:
		return overlapFrom(s.A, s.B, t.A)
	case s.B == t.A:
		return overlapFrom(s.B, s.A, t.B)
	case s.B == t.B:
		return overlapFrom(s.B, s.A, t.A)
	}
	ta, tb := Orient(s.A, s.B, t.A), Orient(s.A, s.B, t.B)
	sa, sb := Orient(t.A, t.B, s.A), Orient(t.A, t.B, s.B)
	if (ta > 0 && tb < 0 || ta < 0 && tb > 0) && (sa > 0 && sb < 0 || sa < 0 && sb > 0) {
		return true
	}
	return ta == 0 && within(s, t.A) || tb == 0 && within(s, t.B) ||
		sa == 0 && within(t, s.A) || sb == 0 && within(t, s.B)
}

// overlapFrom tells whether the segments from o to p and from o to q overlap.
func overlapFrom(o, p, q Point) bool {
	if Orient(o, p, q) != 0 {
		return false
	}
	return within(Segment{o, p}, q) || within(Segment{o, q}, p)
}

// direction is a vector between two points.
type direction struct{ x, y int64 }

func towards(from, to Point) direction {
	return direction{int64(to.X) - int64(from.X), int64(to.Y) - int64(from.Y)}
}

func (d direction) cross(e direction) int64 { return d.x*e.y - d.y*e.x }

// sector says where e lies when turning clockwise from d: 0 within the first
// half turn, 1 at the half, 2 within the second, 3 at the full turn.
func (d direction) sector(e direction) int {
	switch c := d.cross(e); {
	case c < 0:
		return 0
	case c > 0:
		return 2
	}
	if d.x*e.x < 0 || d.y*e.y < 0 {
		return 1
	}
	return 3
}

// clockwiseBefore tells whether turning clockwise from d meets e before f.
func (d direction) clockwiseBefore(e, f direction) bool {
	se, sf := d.sector(e), d.sector(f)
	if se != sf {
		return se < sf
	}
	return e.cross(f) < 0
}

// Winding returns how often the segments wind round the middle of segment
// number at, seen from its left side. For a valid area it is 1, and 0 on the
// right side, which is always one less. No other segment may pass through that
// middle.
func Winding(segments []Segment, at int) int {
	s := segments[at]
	swap := s.A.Y == s.B.Y
	mx, my := int64(s.A.X)+int64(s.B.X), int64(s.A.Y)+int64(s.B.Y)
	if swap { // turn by a quarter so that the segment is not along the ray
		mx, my = my, -mx
	}
	count := 0
	for i, t := range segments {
		ax, ay, bx, by := 2*int64(t.A.X), 2*int64(t.A.Y), 2*int64(t.B.X), 2*int64(t.B.Y)
		if swap {
			ax, ay, bx, by = ay, -ax, by, -bx
		}
		up := ay <= my && by > my
		if !up && !(by <= my && ay > my) {
			continue
		}
		if i == at {
			if up {
				count++ // left of an upward segment is beyond it, seen along the ray
			}
			continue
		}
		side := crossSign(bx-ax, by-ay, mx-ax, my-ay)
		if up && side > 0 {
			count++
		} else if !up && side < 0 {
			count--
		}
	}
	return count
}
