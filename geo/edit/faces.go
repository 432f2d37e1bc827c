package edit

import (
	"unigrid/geo/lattice"
)

// net is boundary segments, each with an area to its left, and lines drawn
// between them, which have area on both sides.
type net struct {
	walls []lattice.Segment
	lines []lattice.Segment
}

// segments returns all of them, lines in both directions.
func (n net) segments() []lattice.Segment {
	out := make([]lattice.Segment, 0, len(n.walls)+2*len(n.lines))
	out = append(out, n.walls...)
	for _, s := range n.lines {
		out = append(out, s, s.Reverse())
	}
	return out
}

// prune takes the lines off that have the same face on both sides, and returns
// them.
func (n *net) prune() []lattice.Segment {
	cycle, ok := cycles(n.segments())
	if !ok {
		return nil // Assemble will say so
	}
	var dead []lattice.Segment
	lines := n.lines[:0:0]
	for i, s := range n.lines {
		if k := len(n.walls) + 2*i; cycle[k] == cycle[k+1] {
			dead = append(dead, s)
		} else {
			lines = append(lines, s)
		}
	}
	n.lines = lines
	return dead
}

// cycles numbers the closed ways round the faces, by segment; false when the
// segments do not close.
func cycles(segments []lattice.Segment) ([]int32, bool) {
	leaving := make(map[lattice.Point][]int32, len(segments))
	for i, s := range segments {
		leaving[s.A] = append(leaving[s.A], int32(i))
	}
	out := make([]int32, len(segments))
	count := int32(0)
	for i := range segments {
		if out[i] != 0 {
			continue
		}
		count++
		for j := int32(i); ; {
			out[j] = count
			s := segments[j]
			next := leaving[s.B]
			if len(next) == 0 {
				return nil, false
			}
			j = next[0]
			for _, k := range next[1:] {
				if clockwiseBefore(s.B, s.A, segments[k].B, segments[j].B) {
					j = k
				}
			}
			if j == int32(i) {
				break
			}
			if out[j] != 0 {
				return nil, false
			}
		}
	}
	return out, true
}

// clockwiseBefore tells whether turning clockwise round o, from the direction
// of from, meets p before q. The direction of from itself comes last.
func clockwiseBefore(o, from, p, q lattice.Point) bool {
	sp, sq := sector(o, from, p), sector(o, from, q)
	if sp != sq {
		return sp < sq
	}
	return lattice.Orient(o, p, q) < 0
}

// sector says where p lies when turning clockwise round o: 0 within the first
// half turn, 1 at the half, 2 within the second, 3 at the full turn.
func sector(o, from, p lattice.Point) int {
	switch c := lattice.Orient(o, from, p); {
	case c < 0:
		return 0
	case c > 0:
		return 2
	}
	dx, dy := int64(from.X)-int64(o.X), int64(from.Y)-int64(o.Y)
	ex, ey := int64(p.X)-int64(o.X), int64(p.Y)-int64(o.Y)
	if dx*ex < 0 || dy*ey < 0 {
		return 1
	}
	return 3
}

// faces returns the areas that the net's walls and lines part, none of them
// touching itself along a line.
func (n net) faces() (lattice.MultiPolygon, error) {
	all := n.segments()
	if len(all) == 0 {
		return nil, nil
	}
	m, err := lattice.Assemble(all)
	if err != nil {
		return nil, fault(Tangled, all[len(all)-1].A)
	}
	return m, nil
}

// set returns the segments in a set.
func set(segments []lattice.Segment) map[lattice.Segment]bool {
	out := make(map[lattice.Segment]bool, len(segments))
	for _, s := range segments {
		out[s] = true
	}
	return out
}

// borders tells whether any of the polygon's sides is in a set of segments, and
// which.
func borders(p lattice.Polygon, of map[lattice.Segment]bool) (lattice.Segment, bool) {
	for _, s := range (lattice.MultiPolygon{p}).Segments() {
		if of[s] {
			return s, true
		}
	}
	return lattice.Segment{}, false
}

// crossing returns where a path crosses or touches itself, and whether it does.
// The ends of a closed path may meet.
func crossing(paths ...[]lattice.Point) (lattice.Point, bool) {
	var segments []lattice.Segment
	seen := map[lattice.Point]bool{}
	var at lattice.Point
	found := false
	for _, path := range paths {
		for k, p := range path {
			closing := k == len(path)-1 && p == path[0]
			if seen[p] && !closing && !found {
				at, found = p, true
			}
			seen[p] = true
			if k > 0 {
				segments = append(segments, lattice.Segment{A: path[k-1], B: p})
			}
		}
	}
	lattice.NewGrid(segments).Conflicts(func(i, j int) {
		if !found {
			at, found = meet(segments[i], segments[j]), true
		}
	})
	return at, found
}
