package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/merge"
)

// conflict is Conflict as the room has it; its leaf is named in one member.
type conflict struct {
	merge.Conflict
	Cell     *CellRef  `json:"cell"`
	CellName *struct{} `json:"cell_name,omitempty"`
}

func conflictOf(c merge.Conflict) conflict {
	shown := conflict{Conflict: c}
	if c.Cell != "" {
		shown.Cell = &CellRef{Code: string(c.Cell), Name: c.CellName}
	}
	return shown
}

func conflictsOf(list []merge.Conflict) []conflict {
	shown := make([]conflict, len(list))
	for i, c := range list {
		shown[i] = conflictOf(c)
	}
	return shown
}

// GetConflicts lists where the layers disagree.
func (s *Server) GetConflicts(c echo.Context, params GetConflictsParams) error {
	return s.answer(c, nil, nil, func(ctx context.Context, r reading, scope collections.Scope) ([]byte, error) {
		if err := checkLayer(ctx, r, value(params.Layer)); err != nil {
			return nil, err
		}
		head, err := merge.Newest(ctx, r.tx, r.territory.id)
		if grids.IsKind(err, grids.NotFound) {
			return []byte(`{"run":null,"edition":null,"draft":false,"total":0,"matched":0,"open":0,"blocking_open":0,"by_kind":{},"conflicts":[]}`), nil
		}
		if err != nil {
			return nil, err
		}
		filter := merge.Filter{Kind: merge.Kind(c.QueryParam("kind")), Layer: grids.LayerCode(value(params.Layer)), State: merge.State(c.QueryParam("state")),
			Severity: merge.Severity(c.QueryParam("severity")), Blocking: value(params.Blocking), Cell: grids.Code(value(params.Cell))}
		if filter.Within, err = below(ctx, r, head.Edition, value(params.Within)); err != nil {
			return nil, err
		}
		page := merge.Page{Order: merge.Order(c.QueryParam("sort")), Limit: clampLimit(c.QueryParam("limit"), 1000, 10000), After: value(params.After)}
		if params.After != nil {
			if _, err := merge.Find(ctx, r.tx, r.territory.id, head.ID, page.After); err != nil {
				return nil, grids.Errorf(grids.Conflict, "after", "此后又融合过,冲突 %d 已不在列表中", "the layers were merged again since; conflict %d is no more in the list", page.After).
					Fix("请从第一页重新读取", "begin again with the first page")
			}
		}
		return conflictsPage(ctx, r, scope, head, filter, page)
	})
}

func conflictsPage(ctx context.Context, r reading, scope collections.Scope, head merge.Head, filter merge.Filter, page merge.Page) ([]byte, error) {
	limit := page.Limit
	page.Limit++
	list, err := merge.List(ctx, r.tx, r.territory.id, head.ID, filter, page)
	if err != nil {
		return nil, err
	}
	all, err := merge.TallyUp(ctx, r.tx, r.territory.id, head.ID, merge.Filter{})
	if err != nil {
		return nil, err
	}
	matched, err := merge.TallyUp(ctx, r.tx, r.territory.id, head.ID, filter)
	if err != nil {
		return nil, err
	}
	byKind := map[merge.Kind]int{}
	for _, k := range all.ByKind {
		byKind[k.Kind] = k.Total
	}
	answer := map[string]any{
		"run": head.ID, "edition": head.Edition, "draft": head.Draft, "in_force": scope.Last, "layers": head.Layers,
		"total": all.Total, "matched": matched.Total, "open": all.Open, "blocking_open": all.Blocking, "by_kind": byKind,
	}
	if len(list) > limit {
		list = list[:limit]
		answer["next"] = list[limit-1].ID
	}
	answer["conflicts"] = conflictsOf(list)
	return marshal(answer)
}

// below gives the prefix of the codes below a cell; "" for no cell.
func below(ctx context.Context, r reading, edition grids.EditionID, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
	if err != nil {
		return "", err
	}
	cell, err := cells.ByCode(ctx, r.tx, t, edition, grids.Code(code))
	if err != nil {
		return "", err
	}
	return t.Scheme.Significant(cell.Code, cell.Tier), nil
}

// GetConflict gives a conflict of the newest merge with all that is known of it.
func (s *Server) GetConflict(c echo.Context, id ConflictId) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		head, err := merge.Newest(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		found, err := merge.Find(ctx, r.tx, r.territory.id, head.ID, id)
		if err != nil {
			return err
		}
		evidence, err := merge.ShowEvidence(ctx, r.tx, r.territory.id, head.ID, id)
		if err != nil {
			return err
		}
		history, err := merge.History(ctx, r.tx, r.territory.id, id)
		if err != nil {
			return err
		}
		return uncached(c, struct {
			conflict
			Run       int64             `json:"run"`
			Edition   grids.EditionID   `json:"edition"`
			Draft     bool              `json:"draft"`
			Ground    json.RawMessage   `json:"ground"`
			Claimants json.RawMessage   `json:"claimants"`
			History   []merge.Event     `json:"history"`
			Said      []ConflictComment `json:"said"`
		}{conflictOf(found), head.ID, head.Edition, head.Draft, evidence.Ground, evidence.Claimants, history, said(history)})
	})
}

func said(history []merge.Event) []ConflictComment {
	list := []ConflictComment{}
	for _, e := range history {
		if e.Did == merge.Commented {
			list = append(list, ConflictComment{At: e.At, By: e.By, Text: e.Text})
		}
	}
	return list
}

// PostConflictSettle settles a conflict of the draft.
func (s *Server) PostConflictSettle(c echo.Context, id ConflictId) error {
	var body Settlement
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.decide(c, id, merge.SettleOne, merge.Decision{Resolution: body.Resolution, Reason: body.Reason, Saw: body.Version})
}

// PostConflictDefer puts a conflict of the draft off.
func (s *Server) PostConflictDefer(c echo.Context, id ConflictId) error {
	return s.decideAgain(c, id, merge.Defer)
}

// PostConflictReopen takes back what was decided of a conflict of the draft.
func (s *Server) PostConflictReopen(c echo.Context, id ConflictId) error {
	return s.decideAgain(c, id, merge.Reopen)
}

// deciding is what the room does with one conflict of a run.
type deciding func(context.Context, pgx.Tx, grids.TerritoryID, int64, int64, merge.Decision) (merge.Conflict, error)

func (s *Server) decideAgain(c echo.Context, id ConflictId, how deciding) error {
	var body Deciding
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.decide(c, id, how, merge.Decision{Reason: body.Reason, Saw: body.Version})
}

// decide decides about a conflict of the newest merge.
func (s *Server) decide(c echo.Context, id ConflictId, how deciding, d merge.Decision) error {
	d.By = principal(c).Name
	var decided merge.Conflict
	err := s.inMerge(c, func(ctx context.Context, r reading, _ cells.Territory, head merge.Head) (err error) {
		decided, err = how(ctx, r.tx, r.territory.id, head.ID, id, d)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, conflictOf(decided))
}

// PostConflictsSettle settles many conflicts of the draft at once.
func (s *Server) PostConflictsSettle(c echo.Context) error {
	var body ManySettled
	if err := decode(c, &body); err != nil {
		return err
	}
	if (body.Ids == nil) == (body.Filter == nil) {
		return grids.Errorf(grids.Invalid, "filter", "请给出 ids 或 filter 之一", "give either ids or filter")
	}
	var settled []int64
	var skipped []merge.Skipped
	err := s.inMerge(c, func(ctx context.Context, r reading, _ cells.Territory, head merge.Head) (err error) {
		filter := merge.Filter{}
		if body.Ids != nil {
			filter.IDs = *body.Ids
		} else if filter, err = many(ctx, r, head, body); err != nil {
			return err
		}
		settled, skipped, err = merge.SettleMany(ctx, r.tx, r.territory.id, head.ID, filter, merge.Decision{Resolution: body.Resolution, Reason: body.Reason, By: principal(c).Name})
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"settled": len(settled), "ids": settled, "skipped": skipped})
}

// many reads the filter of those that are to be settled: open ones, unless it
// says otherwise.
func many(ctx context.Context, r reading, head merge.Head, body ManySettled) (merge.Filter, error) {
	f := body.Filter
	filter := merge.Filter{State: merge.Open, Kind: merge.Kind(value(f.Kind)), Severity: merge.Severity(value(f.Severity)), Layer: grids.LayerCode(value(f.Layer)),
		Blocking: value(f.Blocking), Cell: grids.Code(value(f.Cell))}
	if f.State != nil {
		filter.State = merge.State(*f.State)
	}
	if err := checkLayer(ctx, r, value(f.Layer)); err != nil {
		return filter, err
	}
	var err error
	filter.Within, err = below(ctx, r, head.Edition, value(f.Within))
	return filter, err
}

// inMerge runs fn on the newest merge, in the territory's turn: nobody else
// changes it until the transaction ends.
func (s *Server) inMerge(c echo.Context, fn func(context.Context, reading, cells.Territory, merge.Head) error) error {
	return s.write(c, func(ctx context.Context, r reading) error {
		if err := cells.TakeTurn(ctx, r.tx, r.territory.id); err != nil {
			return err
		}
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		head, err := merge.Newest(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		return fn(ctx, r, t, head)
	})
}

// PostConflictComment adds what somebody says about a conflict.
func (s *Server) PostConflictComment(c echo.Context, id ConflictId) error {
	var body PostConflictCommentJSONBody
	if err := decode(c, &body); err != nil {
		return err
	}
	var list []ConflictComment
	err := s.write(c, func(ctx context.Context, r reading) error {
		head, err := merge.Newest(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		if err := merge.Comment(ctx, r.tx, r.territory.id, head.ID, id, principal(c).Name, body.Text); err != nil {
			return err
		}
		history, err := merge.History(ctx, r.tx, r.territory.id, id)
		list = said(history)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, map[string]any{"comments": list})
}

// conflictProblem adds to a problem what others decided meanwhile.
func conflictProblem(p *Problem, err error) {
	var late *merge.Late
	if errors.As(err, &late) {
		p.Decided, p.Decision = shown[Conflict](conflictOf(late.Now)), shown[ConflictEvent](late.Last)
	}
}
