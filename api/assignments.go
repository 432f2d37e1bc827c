package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/people"
)

// staffing is what a handler of assignments works with: edition is the one in
// force, newest has an open draft's cells, too.
type staffing struct {
	reading
	edition grids.EditionID
	newest  grids.EditionID
}

// staff runs fn in a transaction for the request's territory, read-only unless
// write is set. What it answers is not kept: it tells of persons.
func (s *Server) staff(c echo.Context, write bool, fn func(context.Context, staffing) error) error {
	ctx := c.Request().Context()
	c.Response().Header().Set("Cache-Control", "no-store")
	run := s.db.Read
	if write {
		run = s.db.Tx
	}
	return run(ctx, principal(c), func(tx pgx.Tx) error {
		r, err := s.locate(ctx, c, tx)
		if err != nil {
			return err
		}
		st := staffing{reading: r}
		if err := tx.QueryRow(ctx, `SELECT coalesce(editions.at($1, $2), 0), (SELECT coalesce(max(seq), 0) FROM editions.edition WHERE territory_id = $1)`,
			r.territory.id, r.now).Scan(&st.edition, &st.newest); err != nil {
			return fmt.Errorf("edition in force: %w", err)
		}
		if st.edition == 0 {
			st.edition = st.newest
		}
		return fn(ctx, st)
	})
}

// cell finds a cell by its code: one that there is, now or in the draft; with
// history also one that was.
func (s staffing) cell(ctx context.Context, field, code string, history bool) (grids.CellID, error) {
	var id grids.CellID
	err := s.tx.QueryRow(ctx, `SELECT v.cell_id FROM cells.version v
		WHERE v.territory_id = $1 AND v.code = $2 AND ($3 OR (v.from_edition <= $4 AND (v.to_edition IS NULL OR v.to_edition > $4))
		  OR (v.from_edition <= $5 AND (v.to_edition IS NULL OR v.to_edition > $5))) LIMIT 1`,
		s.territory.id, code, history, s.edition, s.newest).Scan(&id)
	if isNoRows(err) {
		e := grids.Errorf(grids.NotFound, field, "没有代码为 %s 的网格", "there is no cell %s", code)
		e.Value = code
		return 0, e
	}
	return id, err
}

// below gives a cell and all below it.
func (s staffing) below(ctx context.Context, cell grids.CellID) ([]grids.CellID, error) {
	rows, err := s.tx.Query(ctx, `SELECT uid FROM cells.descendants($1, ARRAY[$2::bigint], ARRAY[$3::int])`, s.territory.id, cell, s.edition)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
}

// staffingProblem adds to a problem who holds what was to be changed.
func staffingProblem(p *Problem, err error) {
	var held *people.Held
	if !errors.As(err, &held) {
		return
	}
	list := []Assignment{}
	if text, err := json.Marshal(held.Now); err == nil && json.Unmarshal(text, &list) == nil {
		p.Holders = &list
	}
}

// GetRoles lists the roles.
func (s *Server) GetRoles(c echo.Context) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		roles, err := people.Roles(ctx, st.tx)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"roles": roles})
	})
}

// GetAssignments lists assignments.
func (s *Server) GetAssignments(c echo.Context, params GetAssignmentsParams) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		q := people.Asked{Role: people.Role(value(params.Role)), Layer: grids.LayerCode(value(params.Layer)), At: params.At, Known: params.KnownAt,
			Limit: clampLimit(c.QueryParam("limit"), 1000, 10000)}
		if params.Person != nil {
			q.Person = grids.PersonID(*params.Person)
		}
		if params.When != nil {
			q.When = people.When(*params.When)
		}
		if params.Offset != nil {
			q.Offset = *params.Offset
		}
		if params.Cell != nil {
			cell, err := st.cell(ctx, "cell", *params.Cell, true)
			if err != nil {
				return err
			}
			q.Cells = []grids.CellID{cell}
			if params.Below != nil && *params.Below {
				if q.Cells, err = st.below(ctx, cell); err != nil {
					return err
				}
			}
		}
		list, matched, err := people.Assignments(ctx, st.tx, st.territory.id, st.edition, q)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"matched": matched, "assignments": list})
	})
}

// PostAssignment assigns a person to a cell.
func (s *Server) PostAssignment(c echo.Context) error {
	var body NewAssignment
	if err := decode(c, &body); err != nil {
		return err
	}
	w := people.Wish{Person: grids.PersonID(body.Person), Role: people.Role(body.Role), Layer: grids.LayerCode(value(body.Layer)),
		Post: value(body.Post), To: body.To, Reason: value(body.Reason)}
	if body.Side != nil {
		w.Side = string(*body.Side)
	}
	if body.Rank != nil {
		w.Rank = *body.Rank
	}
	if body.From != nil {
		w.From = *body.From
	}
	var made people.Assignment
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		if err := checkLayer(ctx, st.reading, string(w.Layer)); err != nil {
			return err
		}
		if w.Cell, err = st.cell(ctx, "cell", body.Cell, false); err != nil {
			return err
		}
		made, err = people.Assign(ctx, st.tx, st.territory.id, st.edition, w)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, made)
}

// PostAssignmentEnd ends an assignment.
func (s *Server) PostAssignmentEnd(c echo.Context, id int64) error {
	var body AssignmentEnd
	if err := decode(c, &body); err != nil {
		return err
	}
	var ended people.Assignment
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		ended, err = people.End(ctx, st.tx, st.territory.id, st.edition, id, body.At, value(body.Reason))
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, ended)
}

// PostHandover hands an assignment over.
func (s *Server) PostHandover(c echo.Context, id int64) error {
	var body NewHandover
	if err := decode(c, &body); err != nil {
		return err
	}
	h := people.Handing{Replaces: id, To: grids.PersonID(body.To), At: body.At, Until: body.Until, Post: value(body.Post), Note: value(body.Note)}
	if body.From != nil {
		h.From = grids.PersonID(*body.From)
	}
	var made people.Handover
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		made, err = people.HandOver(ctx, st.tx, st.territory.id, st.edition, h)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, made)
}

// GetHandovers lists handovers.
func (s *Server) GetHandovers(c echo.Context, params GetHandoversParams) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		var of []grids.CellID
		if params.Cell != nil {
			cell, err := st.cell(ctx, "cell", *params.Cell, true)
			if err != nil {
				return err
			}
			of = []grids.CellID{cell}
		}
		var person grids.PersonID
		if params.Person != nil {
			person = grids.PersonID(*params.Person)
		}
		list, err := people.Handovers(ctx, st.tx, st.territory.id, st.edition, of, person, clampLimit(c.QueryParam("limit"), 100, 1000))
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"handovers": list})
	})
}

// GetOpenWork tells what is open in a cell.
func (s *Server) GetOpenWork(c echo.Context, code string) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		cell, err := st.cell(ctx, "code", code, false)
		if err != nil {
			return err
		}
		items, err := people.OpenWork(ctx, st.tx, st.territory.id, st.edition, cell, st.now)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, struct {
			Cell  string          `json:"cell"`
			At    time.Time       `json:"at"`
			Items json.RawMessage `json:"items"`
		}{code, st.now.UTC(), items})
	})
}
