// Package edit changes cells of a coverage by hand: split, merge, move a
// boundary, cut out, move and insert vertices. It is pure geometry.
//
// Every edit is given the set of cells that it may touch, usually the leaves of
// one parent or two; cells are named by their index in it. The set's outer
// boundary never changes, not by a vertex: new borders end at vertices that
// exist there. Cells that an edit does not touch come back as they were given.
// The cells must be valid and not overlap; they need not cover a connected
// area. They are stored as given: EPSG:4326 on the 1e-7° lattice.
//
// An edit is refused with a *Fault that has a kind and a place, and then
// nothing has changed. What is returned has passed geo.Coverage.Validate
// against the union of the cells before.
package edit

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// ErrOptions reports options or indices that make no edit.
var ErrOptions = errors.New("invalid edit options")

// Options of an edit. The zero value is ready to use.
type Options struct {
	// MaxSegment is the longest segment of a new border, in metres; 0 means 50.
	MaxSegment float64
	// Snap is how near, in metres, what is drawn must come to a vertex to be
	// drawn to it; 0 means 20, negative none. A place where a drawn line crosses
	// a boundary that must not get a new vertex goes to the nearer end of the
	// crossed segment, however far.
	Snap float64
	// Fixed are locked boundaries: where the cells have the segments of these
	// lines, no edit moves or removes them or adds a vertex to them. A line of
	// one position locks a vertex.
	Fixed []orb.LineString
	// AllowParts lets cells come to lie in more parts than before.
	AllowParts bool
	// Prune makes Split drop what does not divide the cell, such as a river's
	// source inside it, and take lines that cross themselves, instead of
	// refusing them.
	Prune bool
}

const (
	defaultSegment = 50.
	defaultSnap    = 20.
)

func (o Options) check() (Options, error) {
	for _, m := range []float64{o.MaxSegment, o.Snap} {
		if math.IsNaN(m) || math.IsInf(m, 0) {
			return o, fmt.Errorf("%w: %v m", ErrOptions, m)
		}
	}
	switch {
	case o.MaxSegment < 0:
		return o, fmt.Errorf("%w: longest segment %v m", ErrOptions, o.MaxSegment)
	case o.MaxSegment == 0:
		o.MaxSegment = defaultSegment
	}
	o.MaxSegment = max(o.MaxSegment, 0.1) // ten lattice units
	switch {
	case o.Snap < 0:
		o.Snap = 0
	case o.Snap == 0:
		o.Snap = defaultSnap
	}
	return o, nil
}

// Changed returns the indices at which two states of a set differ in any
// position, ascending; cells beyond the shorter one count as changed.
func Changed(before, after []orb.MultiPolygon) []int {
	var out []int
	for i := range max(len(before), len(after)) {
		if i >= len(before) || i >= len(after) || !slices.EqualFunc(before[i], after[i], orb.Polygon.Equal) {
			out = append(out, i)
		}
	}
	return out
}
