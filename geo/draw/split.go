package draw

import (
	"context"
	"errors"

	"github.com/paulmach/orb"
)

// Split divides a parent along lines, such as rivers, roads or lines drawn by
// hand. Lines are clipped to the parent, and what does not divide it (a river's
// source, a dead end) is left off; new borders end at vertices of the parent's
// boundary. Cells smaller than o.MinShare of the parent's area are given to the
// neighbour with which they share the longest border. Cells come in order from
// north to south. When no line divides the parent, the draw is the parent
// itself, unchanged.
//
// It fails with ErrOptions, ErrParent, or an *edit.Fault, or when ctx is done.
func Split(ctx context.Context, given orb.MultiPolygon, lines []orb.LineString, o Options) (Result, error) {
	return Result{}, errors.New("not built yet")
}
