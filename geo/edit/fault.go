package edit

import (
	"fmt"

	"github.com/paulmach/orb"
)

// FaultKind names what keeps an edit from being done, for a program to
// translate.
type FaultKind string

const (
	// BadCell: the given cells are not valid areas, or overlap each other.
	BadCell FaultKind = "bad-cell"
	// BadLine: a drawn position is not on the globe, or a line or ring has too
	// few different positions. Place is zero when the position is not a number.
	BadLine FaultKind = "bad-line"
	// SelfCrossing: the drawn line crosses or touches itself.
	SelfCrossing FaultKind = "self-crossing"
	// EndInside: a splitting line ends inside the cell.
	EndInside FaultKind = "end-inside"
	// Misses: what was drawn does not meet the inside of the cells.
	Misses FaultKind = "misses"
	// NotDivided: the line meets the cell but does not divide it.
	NotDivided FaultKind = "not-divided"
	// NoBorder: the two cells share no border.
	NoBorder FaultKind = "no-border"
	// EndOffBorder: an end of the new course is too far from the border that it
	// should move.
	EndOffBorder FaultKind = "end-off-border"
	// Leaves: the new course leaves the two cells, or touches their boundary on
	// the way.
	Leaves FaultKind = "leaves"
	// FallsApart: a cell would come to lie in more parts than before.
	FallsApart FaultKind = "falls-apart"
	// Apart: cells to merge share no border.
	Apart FaultKind = "apart"
	// Locked: a fixed boundary would move or vanish.
	Locked FaultKind = "locked"
	// Unchanged: the edit would change nothing.
	Unchanged FaultKind = "unchanged"
	// Tangled: lines are so close that they cannot be kept apart on the 1e-7°
	// lattice, or the result did not pass the final check.
	Tangled FaultKind = "tangled"
)

// Fault is why an edit was refused, in a form that can be shown on the map.
type Fault struct {
	Kind  FaultKind
	Place orb.Point // longitude, latitude
	Cells []int     // indices of the cells concerned, ascending; may be empty
}

// Error describes the fault for a log.
func (f *Fault) Error() string {
	s := fmt.Sprintf("edit refused: %s at %.7f, %.7f", f.Kind, f.Place[0], f.Place[1])
	if len(f.Cells) > 0 {
		s += fmt.Sprintf(", cells %v", f.Cells)
	}
	return s
}
