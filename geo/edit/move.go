package edit

import "github.com/paulmach/orb"

// MoveBoundary gives the border between cells a and b a new course and returns
// the set after it, index by index. Each end of the line goes to the nearest
// vertex of the border within o.Snap or o.MaxSegment, whichever is more, or,
// where the border is farther, to such a vertex of the two cells' other
// boundary. With both ends on the border the stretch between them is replaced
// (of a closed border, the stretch that encloses less area with the line); an
// end elsewhere moves the border's own end there, and what lies between changes
// sides. All the other boundaries of a and b stay as they are.
//
// Faults: BadCell, BadLine, NoBorder, EndOffBorder, SelfCrossing, Leaves,
// FallsApart (not with o.AllowParts), Empties, Locked, Unchanged, Tangled.
// Fails with ErrOptions when a or b is no index or they are the same.
func MoveBoundary(cells []orb.MultiPolygon, a, b int, line orb.LineString, o Options) (after []orb.MultiPolygon, err error) {
	return nil, errUnfinished
}
