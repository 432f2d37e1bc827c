package edit

import "github.com/paulmach/orb"

// MoveVertex moves the vertex nearest to a position, within o.Snap, in every
// cell that has it, and returns the set after it, index by index. Segments that
// become longer than o.MaxSegment are cut.
//
// Faults: BadCell, BadLine, NoVertex, OuterVertex, Locked, SelfCrossing (the
// cells' boundaries would cross or touch; Place is where), Unchanged.
func MoveVertex(cells []orb.MultiPolygon, from, to orb.Point, o Options) (after []orb.MultiPolygon, err error) {
	return nil, errUnfinished
}

// InsertVertex adds a vertex to the border inside the set that is nearest to a
// position, within o.Snap, on both its sides, and returns the set after it,
// index by index, and where the vertex is.
//
// Faults: BadCell, BadLine, NoVertex, OuterVertex, Locked, Unchanged (there is
// a vertex already), Tangled.
func InsertVertex(cells []orb.MultiPolygon, at orb.Point, o Options) (after []orb.MultiPolygon, vertex orb.Point, err error) {
	return nil, orb.Point{}, errUnfinished
}
