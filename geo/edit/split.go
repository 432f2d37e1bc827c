package edit

import (
	"errors"

	"github.com/paulmach/orb"
)

var errUnfinished = errors.New("not built yet")

// Split cuts a cell along lines into pieces, ordered by their first vertex
// (west to east). Where a line crosses the cell's boundary, the new border ends
// at the nearer end of the crossed segment, so that no vertex is added there;
// what lies outside the cell is left off. A line's end inside the cell but
// within o.Snap of a boundary vertex goes to that vertex, or else to another
// line that near. Lines may cross each other and pass through holes; every face
// that they make becomes a piece. Parts of the cell that no line divides go
// along with the piece nearest to them, the larger one if equally near.
//
// Faults: BadCell, BadLine, Misses, NotDivided, EndInside and SelfCrossing
// (neither with o.Prune), Tangled.
func Split(cell orb.MultiPolygon, lines []orb.LineString, o Options) ([]orb.MultiPolygon, error) {
	return nil, errUnfinished
}
