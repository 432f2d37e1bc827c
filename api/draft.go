package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/editions"
)

var (
	//go:embed draft_cells.sql
	draftCellsSQL string
	//go:embed draft_quality.sql
	draftQualitySQL string
)

// drafting is what a handler of the draft works with: a territory whose draft
// nobody else changes until the transaction ends.
type drafting struct {
	tx      pgx.Tx
	t       cells.Territory
	edition grids.EditionID
	who     grids.Principal
}

// features is a FeatureCollection of cells of a draft, as the database made it.
type features struct {
	Type     string            `json:"type"`
	Features []json.RawMessage `json:"features"`
}

// edited is Edited with the features as the database made them.
type edited struct {
	Edition  grids.EditionID   `json:"edition"`
	Step     *Step             `json:"step"`
	Removed  []Uid             `json:"removed"`
	Features features          `json:"features"`
	Quality  []json.RawMessage `json:"quality"`
}

// inDraft runs fn in a transaction for the request's territory; with open, a
// draft is opened when there is none.
func (s *Server) inDraft(c echo.Context, open bool, fn func(context.Context, drafting) error) error {
	ctx := c.Request().Context()
	who := principal(c)
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.db.Tx(ctx, who, func(tx pgx.Tx) error {
		r, err := s.locate(ctx, c, tx)
		if err != nil {
			return err
		}
		d := drafting{tx: tx, who: who}
		if d.t, err = cells.FindTerritory(ctx, tx, r.territory.code); err != nil {
			return err
		}
		if open {
			d.edition, err = editions.Draft(ctx, tx, d.t, who)
		} else if err = cells.TakeTurn(ctx, tx, d.t.ID); err == nil {
			var draft editions.Edition
			draft, err = editions.OpenDraft(ctx, tx, d.t)
			d.edition = draft.Seq
		}
		if err != nil {
			return err
		}
		return fn(ctx, d)
	})
}

// errPreview rolls back what was only to be shown.
var errPreview = errors.New("preview")

// edit runs fn on the draft and answers with what it made: 201 when it is
// stored, 200 and nothing stored for a preview.
func (s *Server) edit(c echo.Context, preview bool, fn func(context.Context, drafting) error) error {
	var made edited
	err := s.inDraft(c, true, func(ctx context.Context, d drafting) error {
		if err := fn(ctx, d); err != nil {
			return explainStale(ctx, d, c, err)
		}
		// what the database refuses is told now: a preview has no commit
		if _, err := d.tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
			return err
		}
		step, err := cells.WrittenStep(ctx, d.tx, d.t, d.edition)
		if err != nil {
			return err
		}
		if made, err = whatStepMade(ctx, d, step); err != nil {
			return err
		}
		if preview {
			made.Step = nil
			return errPreview
		}
		return nil
	})
	switch {
	case errors.Is(err, errPreview):
		return sendJSON(c, http.StatusOK, mediaJSON, made)
	case err != nil:
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, made)
}

// whatStepMade gives the cells that a step, done or undone, left in the draft
// and those that it took out.
func whatStepMade(ctx context.Context, d drafting, step *cells.Step) (edited, error) {
	made := edited{Edition: d.edition, Removed: []Uid{}, Features: features{Type: "FeatureCollection", Features: []json.RawMessage{}}, Quality: []json.RawMessage{}}
	if step == nil {
		return made, nil
	}
	shown := stepOf(*step)
	made.Step = &shown
	there, gone, err := cells.Touched(ctx, d.tx, d.t, d.edition, step.Number)
	if err != nil {
		return made, err
	}
	for _, id := range gone {
		made.Removed = append(made.Removed, fmt.Sprint(id))
	}
	if made.Features, err = draftFeatures(ctx, d.tx, d.t.ID, d.t.EPSG, d.edition, there); err != nil {
		return made, err
	}
	made.Quality, err = rawRows(ctx, d.tx, draftQualitySQL, d.t.ID, d.edition, there, d.t.EPSG)
	return made, err
}

// draftFeatures gives cells of an edition, in order.
func draftFeatures(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, epsg int, edition grids.EditionID, ids []grids.CellID) (features, error) {
	list, err := rawRows(ctx, tx, draftCellsSQL, territory, edition, ids, epsg)
	return features{Type: "FeatureCollection", Features: list}, err
}

// rawRows runs a query of one JSON column.
func rawRows(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]json.RawMessage, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("cells of the draft: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	if err != nil {
		return nil, fmt.Errorf("cells of the draft: %w", err)
	}
	if list == nil {
		list = []json.RawMessage{}
	}
	return list, nil
}

func stepOf(s cells.Step) Step {
	codes := make([]string, len(s.Cells))
	for i, code := range s.Cells {
		codes[i] = string(code)
	}
	return Step{Step: s.Number, Kind: s.Kind, Cells: codes, By: s.By, At: s.At.UTC(), Undone: s.Undone}
}

// GetDraft gives the open draft and its steps.
func (s *Server) GetDraft(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		t := cells.Territory{ID: r.territory.id}
		open, err := editions.OpenDraft(ctx, r.tx, t)
		if err != nil {
			return err
		}
		base, err := editions.Newest(ctx, r.tx, t)
		if err != nil {
			return err
		}
		steps, err := cells.Steps(ctx, r.tx, t, open.Seq)
		if err != nil {
			return err
		}
		draft := Draft{Edition: int(open.Seq), State: DraftState(open.State), Base: int(base), Steps: make([]Step, len(steps))}
		for i, step := range steps {
			draft.Steps[i] = stepOf(step)
			if !step.Undone {
				draft.Undo = &draft.Steps[i]
			} else if draft.Redo == nil {
				draft.Redo = &draft.Steps[i]
			}
		}
		return sendJSON(c, http.StatusOK, mediaJSON, draft)
	})
}

// DeleteDraft throws the open draft away.
func (s *Server) DeleteDraft(c echo.Context) error {
	err := s.inDraft(c, false, func(ctx context.Context, d drafting) error { return editions.Discard(ctx, d.tx, d.t) })
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// GetDraftCells gives a parent's children or a tier, of the open draft or else
// of the newest published edition.
func (s *Server) GetDraftCells(c echo.Context, params GetDraftCellsParams) error {
	if (params.Parent == nil) == (params.Tier == nil) {
		return grids.Errorf(grids.Invalid, "parent", "请给出 parent 或 tier 之一", "give either parent or tier")
	}
	box := collections.BBox{-180, -90, 180, 90}
	if params.Bbox != nil {
		b, err := collections.ParseBBox(c.QueryParam("bbox"))
		if err != nil {
			return err
		}
		box = *b
	}
	limit := clampLimit(c.QueryParam("limit"), 1000, 10000)
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		edition, err := newestState(ctx, r)
		if err != nil {
			return err
		}
		which, key := `v.tier = $3`, any(params.Tier)
		if params.Parent != nil {
			parent, err := cells.ByCode(ctx, r.tx, cells.Territory{ID: r.territory.id}, edition, grids.Code(*params.Parent))
			if err != nil {
				return err
			}
			which, key = `v.parent_id = $3`, parent.ID
		}
		rows, err := r.tx.Query(ctx, `SELECT v.cell_id FROM cells.of($1, $2) v WHERE `+which+`
			AND v.geom && ST_MakeEnvelope($4, $5, $6, $7, 4326) ORDER BY v.code LIMIT $8`,
			r.territory.id, edition, key, box[0], box[1], box[2], box[3], limit)
		if err != nil {
			return fmt.Errorf("cells of the draft: %w", err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
		if err != nil {
			return fmt.Errorf("cells of the draft: %w", err)
		}
		list, err := draftFeatures(ctx, r.tx, r.territory.id, r.territory.epsg, edition, ids)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaGeoJSON, struct {
			features
			Edition grids.EditionID `json:"edition"`
		}{list, edition})
	})
}

// PostDraftUndo takes the last step back.
func (s *Server) PostDraftUndo(c echo.Context) error { return s.swapStep(c, cells.Undo) }

// PostDraftRedo makes the step that was undone last again.
func (s *Server) PostDraftRedo(c echo.Context) error { return s.swapStep(c, cells.Redo) }

func (s *Server) swapStep(c echo.Context, swap func(context.Context, pgx.Tx, cells.Territory, grids.EditionID) (cells.Step, error)) error {
	var made edited
	err := s.inDraft(c, false, func(ctx context.Context, d drafting) error {
		step, err := swap(ctx, d.tx, d.t, d.edition)
		if err != nil {
			return err
		}
		made, err = whatStepMade(ctx, d, &step)
		return err
	})
	if grids.IsKind(err, grids.NotFound) {
		return grids.Errorf(grids.Conflict, "", "没有打开的草案,也就没有步骤", "no draft is open, so there are no steps")
	}
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, made)
}

// PostDraftPublish puts the open draft in force.
func (s *Server) PostDraftPublish(c echo.Context) error {
	var body Publish
	if err := decode(c, &body); err != nil {
		return err
	}
	note := ""
	if body.Note != nil {
		note = *body.Note
	}
	var published editions.Edition
	err := s.inDraft(c, false, func(ctx context.Context, d drafting) (err error) {
		published, err = editions.Publish(ctx, d.tx, d.t, d.who, note)
		return err
	})
	if grids.IsKind(err, grids.NotFound) {
		return grids.Errorf(grids.Conflict, "", "没有待发布的草案", "there is no draft to publish")
	}
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, Published{Edition: int(published.Seq), Effective: published.Effective.UTC()})
}
