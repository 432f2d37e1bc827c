package edit

import (
	"unigrid/geo/lattice"
)

// locator tells which of some areas a place is in.
type locator struct {
	boxes    []lattice.Box
	segments [][]lattice.Segment
	grids    []*lattice.Grid
	vertices map[lattice.Point]bool
}

// newLocator looks into areas by their boundaries.
func newLocator(boundaries ...[]lattice.Segment) *locator {
	l := &locator{vertices: map[lattice.Point]bool{}}
	for _, segments := range boundaries {
		l.segments = append(l.segments, segments)
		l.grids = append(l.grids, lattice.NewGrid(segments))
		points := make([]lattice.Point, len(segments))
		for i, s := range segments {
			points[i] = s.A
			l.vertices[s.A] = true
		}
		l.boxes = append(l.boxes, lattice.BoxOf(points))
	}
	return l
}

// holds tells whether area number k contains a point, which
// must not be on its boundary.
func (l *locator) holds(k int, p lattice.Point) bool {
	return l.boxes[k].Contains(p) && l.grids[k].Inside(p) > 0
}

// inside returns the segments that lie within area number k. They must meet its
// boundary at most with their ends.
func (l *locator) inside(k int, segments []lattice.Segment) []lattice.Segment {
	var out []lattice.Segment
	for _, s := range segments {
		if l.passes(k, s) {
			out = append(out, s)
		}
	}
	return out
}

// open returns the path segments that do not follow a wall, each once.
func (n *noder) open() []lattice.Segment {
	wall := set(n.walls)
	seen := map[lattice.Segment]bool{}
	var out []lattice.Segment
	for _, path := range n.paths {
		for i := 1; i < len(path); i++ {
			s := lattice.Segment{A: path[i-1], B: path[i]}.Canonical()
			if !wall[s] && !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out
}

// passes tells whether a segment that meets the boundary at most with its ends
// lies in area number k.
func (l *locator) passes(k int, s lattice.Segment) bool {
	b := l.boxes[k]
	if max(s.A.X, s.B.X) < b.Min.X || min(s.A.X, s.B.X) > b.Max.X || max(s.A.Y, s.B.Y) < b.Min.Y || min(s.A.Y, s.B.Y) > b.Max.Y {
		return false
	}
	for _, p := range [2]lattice.Point{s.A, s.B} {
		if !l.vertices[p] {
			return l.holds(k, p)
		}
	}
	return winding(l.segments[k], s) > 0
}
