package drawing

import (
	"errors"

	"github.com/paulmach/orb"

	"unigrid/geo/edit"
	"unigrid/grids"
	"unigrid/grids/cells"
)

// Refused is why the shape that was drawn can't be had, with its place
// (EPSG:4326). It unwraps to a *grids.Error of kind Invalid.
type Refused struct {
	Place orb.Point
	err   *grids.Error
}

// Error says why.
func (r *Refused) Error() string { return r.err.Error() }

// Unwrap gives the *grids.Error.
func (r *Refused) Unwrap() error { return r.err }

// faults says what a fault of geo/edit means to a person, and what to do.
var faults = map[edit.FaultKind]struct{ what, fix grids.Text }{
	edit.BadCell:      {what: grids.Text{ZH: "现有网格的面无效或互相重叠", EN: "the cells are no valid areas, or overlap"}},
	edit.BadLine:      {what: grids.Text{ZH: "所画的线无效,点太少或越界", EN: "what was drawn has too few points, or leaves the globe"}},
	edit.SelfCrossing: {what: grids.Text{ZH: "所画的线与自身相交", EN: "the line crosses or touches itself"}},
	edit.EndInside:    {what: grids.Text{ZH: "线的端点在网格内部", EN: "the line ends inside the cell"}, fix: grids.Text{ZH: "把线画过网格边界", EN: "draw it across the cell's boundary"}},
	edit.Misses:       {what: grids.Text{ZH: "所画的图形没有碰到网格内部", EN: "what was drawn does not meet the inside of the cells"}},
	edit.NotDivided:   {what: grids.Text{ZH: "这条线没有把网格分开", EN: "the line does not divide the cell"}},
	edit.NoBorder:     {what: grids.Text{ZH: "两个网格没有公共边界", EN: "the two cells share no border"}},
	edit.EndOffBorder: {what: grids.Text{ZH: "新界线的端点离原边界太远", EN: "an end of the new course is too far from the border"}, fix: grids.Text{ZH: "从边界上的点画起,到边界上的点为止", EN: "begin and end it at the border"}},
	edit.Leaves:       {what: grids.Text{ZH: "新界线越出了这两个网格", EN: "the new course leaves the two cells, or touches their boundary on the way"}},
	edit.FallsApart:   {what: grids.Text{ZH: "网格会因此分成几块", EN: "a cell would fall apart"}},
	edit.Apart:        {what: grids.Text{ZH: "要合并的网格不相邻(仅角点相触不算)", EN: "the cells to merge share no border"}},
	edit.Locked:       {what: grids.Text{ZH: "法定或有争议的界线不能移动", EN: "a statutory or disputed boundary would move"}, fix: grids.Text{ZH: "先写明理由解锁", EN: "unlock it first, with a reason"}},
	edit.Unchanged:    {what: grids.Text{ZH: "没有任何变化", EN: "nothing would change"}},
	edit.Tangled:      {what: grids.Text{ZH: "线与线过近,在 1e-7° 上无法分开", EN: "lines are too close to be kept apart at 1e-7°"}},
}

// refuse makes a *Refused of a fault of geo/edit; other errors stay.
func refuse(err error, list []cells.Cell) error {
	var fault *edit.Fault
	if !errors.As(err, &fault) {
		return err
	}
	said := faults[fault.Kind]
	e := &grids.Error{Kind: grids.Invalid, Message: said.what, Value: string(fault.Kind), Cause: fault}
	for _, i := range fault.Cells {
		if i < len(list) && list[i].Code != "" {
			e.Message.ZH += " " + string(list[i].Code)
			e.Message.EN += " " + string(list[i].Code)
		}
	}
	if said.fix != (grids.Text{}) {
		e.Fixes = append(e.Fixes, said.fix)
	}
	return &Refused{Place: fault.Place, err: e}
}

// lockedCell refuses to change a cell whose boundary is statutory or disputed.
func lockedCell(cell cells.Cell) error {
	e := grids.Errorf(grids.Invalid, "", "%s 的界线是法定的或有争议的,不能移动", "the boundary of %s is statutory or disputed and does not move", cell.Code).
		Fix("先写明理由解锁", "unlock it first, with a reason")
	e.Value = string(edit.Locked)
	return &Refused{Place: cell.Geom[0][0][0], err: e}
}
