package edit

import "github.com/paulmach/orb"

// Merge unites two or more cells that hang together by shared borders; points
// are not enough. The union has several parts only where its cells had. It
// keeps every vertex of its outline.
//
// Faults: BadCell, Apart (Cells are those that the first cell does not reach),
// Locked.
func Merge(cells []orb.MultiPolygon, o Options) (orb.MultiPolygon, error) {
	return nil, errUnfinished
}
