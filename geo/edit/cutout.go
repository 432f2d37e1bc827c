package edit

import "github.com/paulmach/orb"

// CutOut makes what a polygon covers of the set a cell of its own. It returns
// that piece and the set after it, index by index: each cell without what the
// piece took, empty (nil) where it took all.
//
// The polygon's outline is drawn to the vertices within o.Snap of it. Where it
// leaves the set it is clipped at the set's outer boundary, and ends at vertices
// there; where it crosses a border inside the set, both sides get a vertex,
// unless that border is fixed.
//
// Faults: BadCell, BadLine, SelfCrossing, Misses, FallsApart (a cell or the
// piece; not with o.AllowParts), Locked, Tangled; Unchanged when the piece is
// exactly one of the cells.
func CutOut(cells []orb.MultiPolygon, polygon orb.Polygon, o Options) (piece orb.MultiPolygon, after []orb.MultiPolygon, err error) {
	return nil, nil, errUnfinished
}
