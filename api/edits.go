package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

// PostDraftEdit edits cells by hand.
func (s *Server) PostDraftEdit(c echo.Context, params PostDraftEditParams) error {
	var body Edit
	if err := decode(c, &body); err != nil {
		return err
	}
	e, err := body.read()
	if err != nil {
		return err
	}
	if err := checkIfMatch(params.IfMatch, e.Bases()); err != nil {
		return err
	}
	return s.edit(c, params.Preview != nil && *params.Preview, func(ctx context.Context, d drafting) error {
		return e.Apply(ctx, d.tx, d.t, d.edition, d.who)
	})
}

// read makes the edit of the rooms of a body.
func (b Edit) read() (drawing.Edit, error) {
	e := drawing.Edit{Op: drawing.Op(b.Op), Locked: b.Locked, Disputed: b.Disputed,
		Code: grids.Code(value(b.Code)), Name: value(b.Name), Reason: value(b.Reason), Across: b.AcrossParents != nil && *b.AcrossParents}
	var err error
	for _, one := range []struct {
		given *Base
		to    **cells.Base
	}{{b.Cell, &e.Cell}, {b.Parent, &e.Parent}} {
		if one.given == nil {
			continue
		}
		base, err := one.given.read()
		if err != nil {
			return e, err
		}
		*one.to = &base
	}
	if e.Cells, err = readBases(b.Cells); err != nil {
		return e, err
	}
	if e.Siblings, err = readBases(b.Siblings); err != nil {
		return e, err
	}
	if b.Line != nil {
		e.Line = lineOf(b.Line.Coordinates)
	}
	if b.Polygon != nil {
		for _, ring := range b.Polygon.Coordinates {
			e.Polygon = append(e.Polygon, orb.Ring(lineOf(ring)))
		}
	}
	if b.Children != nil {
		for _, child := range *b.Children {
			e.Children = append(e.Children, drawing.EditedName{Code: grids.Code(value(child.Code)), Name: value(child.Name)})
		}
	}
	switch keep := value(b.Keep); {
	case keep == "":
	case e.Op == drawing.Split && keep == "largest":
		e.Largest = true
	case e.Op == drawing.Merge:
		e.Keep, err = readUID(keep, "keep")
	default:
		err = grids.Errorf(grids.Invalid, "keep", "keep 的值 %q 无效", "keep can't be %q", keep).
			Fix("分割用 largest,合并用保留网格的 uid", "largest for a split, the uid of the cell that stays for a merge")
	}
	return e, err
}

// value is what is given, or the zero of its type.
func value[T any](given *T) (zero T) {
	if given == nil {
		return zero
	}
	return *given
}

func lineOf(positions []Position) orb.LineString {
	line := make(orb.LineString, len(positions))
	for i, p := range positions {
		line[i] = orb.Point{p[0], p[1]}
	}
	return line
}

func (b Base) read() (cells.Base, error) {
	id, err := readUID(b.Uid, "uid")
	return cells.Base{ID: id, ETag: b.Etag}, err
}

func readBases(list *[]Base) ([]cells.Base, error) {
	if list == nil {
		return nil, nil
	}
	bases := make([]cells.Base, len(*list))
	for i, b := range *list {
		var err error
		if bases[i], err = b.read(); err != nil {
			return nil, err
		}
	}
	return bases, nil
}

func readUID(text, field string) (grids.CellID, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		e := grids.Errorf(grids.Invalid, field, "%q 不是 uid", "%q is no uid", text)
		e.Value = text
		return 0, e
	}
	return grids.CellID(n), nil
}

// checkIfMatch refuses an If-Match that names other tags than the body: one of
// both would be ignored.
func checkIfMatch(header *string, bases []cells.Base) error {
	if header == nil || strings.TrimSpace(*header) == "*" {
		return nil
	}
	var tags []string
	for tag := range strings.SplitSeq(*header, ",") {
		tags = append(tags, strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`))
	}
	for _, b := range bases {
		if !slices.Contains(tags, b.ETag) {
			return grids.Errorf(grids.Invalid, "If-Match", "If-Match 与请求体的 etag 不一致", "If-Match and the etags of the body differ")
		}
	}
	return nil
}

// changed is the error of an edit that is based on cells which have changed, with
// these as they are now. It unwraps to the *cells.Stale.
type changed struct {
	stale  *cells.Stale
	status int
	list   []CellConflict
}

func (e *changed) Error() string { return e.stale.Error() }
func (e *changed) Unwrap() error { return e.stale }

// explainStale adds to the error of an edit that came too late what the cells
// are now; other errors stay.
func explainStale(ctx context.Context, d drafting, c echo.Context, err error) error {
	var stale *cells.Stale
	if !errors.As(err, &stale) {
		return err
	}
	var ids []grids.CellID
	for _, clash := range stale.Clashes {
		if clash.Current != nil {
			ids = append(ids, clash.ID)
		}
	}
	now, err := draftFeatures(ctx, d.tx, d.t.ID, d.t.EPSG, stale.Edition, ids)
	if err != nil {
		return err
	}
	byID := map[Uid]*DraftFeature{}
	for _, raw := range now.Features {
		var f DraftFeature
		if err := json.Unmarshal(raw, &f); err != nil {
			return fmt.Errorf("cells of the draft: %w", err)
		}
		byID[f.Id] = &f
	}
	e := &changed{stale: stale, status: http.StatusConflict}
	if c.Request().Header.Get("If-Match") != "" {
		e.status = http.StatusPreconditionFailed
	}
	for _, clash := range stale.Clashes {
		uid := fmt.Sprint(clash.ID)
		e.list = append(e.list, CellConflict{Uid: uid, Code: string(clash.Code), Current: byID[uid], Yours: clash.Yours})
	}
	return e
}

// editProblem adds to a problem what the client shows of an edit that was
// refused.
func editProblem(p *Problem, err error) {
	var late *changed
	if errors.As(err, &late) {
		p.Status, p.Conflicts = late.status, &late.list
	}
	var refused *drawing.Refused
	if errors.As(err, &refused) {
		at := LonLat{Lon: refused.Place[0], Lat: refused.Place[1]}
		p.Status, p.Place, p.Places = http.StatusUnprocessableEntity, &at, &[]LonLat{at}
	}
}
