package geo

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Kind names what is wrong with a coverage at a place.
type Kind string

const (
	// Crossing: two segments meet elsewhere than at a shared vertex.
	Crossing Kind = "crossing"
	// SelfTouch: a ring passes the same vertex twice.
	SelfTouch Kind = "self-touch"
	// Collapsed: a ring encloses no area.
	Collapsed Kind = "collapsed"
	// Nesting: a cell's rings do not bound one area each: a hole outside its
	// part, a part inside another, or an interior that falls apart.
	Nesting Kind = "nesting"
	// Overlap: a segment is used twice in the same direction, or a cell lies on
	// another one without meeting its boundary.
	Overlap Kind = "overlap"
	// InnerEdge: a segment has the same cell on both sides.
	InnerEdge Kind = "inner-edge"
	// Unmatched: a cell's segment has no neighbour and is not the parent's.
	Unmatched Kind = "unmatched"
	// Uncovered: a segment of the parent's boundary belongs to no cell.
	Uncovered Kind = "uncovered"
	// ParentInvalid: the parent is not a valid area itself.
	ParentInvalid Kind = "parent-invalid"
)

// Finding is one fault of a coverage and its place.
type Finding struct {
	Kind Kind
	// Cells are the indices of the cells concerned, ascending.
	Cells []int
	// Segment is the place, in degrees; both ends are equal where the place is
	// a vertex.
	Segment [2]orb.Point
}

// String describes the finding for a log or a person.
func (f Finding) String() string {
	return fmt.Sprintf("%s at %.7f,%.7f – %.7f,%.7f, cells %v", f.Kind,
		f.Segment[0][0], f.Segment[0][1], f.Segment[1][0], f.Segment[1][1], f.Cells)
}
