package api

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
)

var (
	//go:embed summary.sql
	summarySQL string
	//go:embed search.sql
	searchSQL string
	//go:embed stats.sql
	statsSQL string
)

// territory is a territory as answers show it.
func (s *Server) territory(c echo.Context, t territory) Territory {
	return Territory{Code: t.code, Name: t.name, Demo: t.demo, Epsg: &t.epsg, Default: &t.main, Href: callOf(c).origin + "/t/" + t.code + "/"}
}

// GetTerritories lists the territories.
func (s *Server) GetTerritories(c echo.Context) error {
	ctx := c.Request().Context()
	return s.db.Read(ctx, principal(c), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT code, name, epsg, demo, code = `+mainTerritory+`
			FROM cells.territory WHERE $1 = '' ORDER BY created_at, id`, "", s.options.DefaultTerritory)
		if err != nil {
			return fmt.Errorf("territories: %w", err)
		}
		list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Territory, error) {
			var t territory
			err := row.Scan(&t.code, &t.name, &t.epsg, &t.demo, &t.main)
			return s.territory(c, t), err
		})
		if err != nil {
			return fmt.Errorf("territories: %w", err)
		}
		return sendJSON(c, http.StatusOK, mediaJSON, Territories{Territories: list})
	})
}

// answer sends a JSON object that the database made of a territory's state at
// an instant (nil: now), unless the caller has it. make gets the scope; an
// empty object means that there is no such thing.
func (s *Server) answer(c echo.Context, at *time.Time, extra func(reading, collections.Scope) map[string]any,
	query func(ctx context.Context, r reading, scope collections.Scope) ([]byte, error)) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{From: at, To: at}, 0, r.now)
		if err != nil {
			return err
		}
		state, err := s.states.state(ctx, r)
		if err != nil {
			return err
		}
		body, err := query(ctx, r, scope)
		if err != nil {
			return err
		}
		if done, err := s.fresh(c, scope.Last, state); done || err != nil {
			return err
		}
		if extra != nil {
			more, err := marshal(extra(r, scope))
			if err != nil {
				return err
			}
			body = append(append(body[:len(body)-1:len(body)-1], ','), more[1:]...)
		}
		if body, err = r.seen.coarse(body); err != nil {
			return err
		}
		return c.Blob(http.StatusOK, mediaJSON, body)
	})
}

// one runs a query that gives one JSON object.
func one(ctx context.Context, r reading, what, sql string, args ...any) ([]byte, error) {
	var body []byte
	if err := r.tx.QueryRow(ctx, sql, args...).Scan(&body); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return body, nil
}

// marks are what an answer about boundaries says besides.
func marks(r reading, scope collections.Scope) map[string]any {
	return map[string]any{"at": scope.At.UTC(), "edition": scope.Last, "demo": r.territory.demo, "disclaimer": grids.Disclaimer}
}

// GetCellSummary gives all that a panel shows of a cell.
func (s *Server) GetCellSummary(c echo.Context, code string, params GetCellSummaryParams) error {
	return s.answer(c, params.At, marks, func(ctx context.Context, r reading, scope collections.Scope) ([]byte, error) {
		body, err := one(ctx, r, "summary of "+code, summarySQL, r.territory.id, scope.Last, scope.At, code)
		if err == nil {
			return body, nil
		}
		if !isNoRows(err) {
			return nil, err
		}
		d, derr := s.def("cells")
		if derr != nil {
			return nil, derr
		}
		return nil, d.Missing(ctx, r.tx, scope, code)
	})
}

// GetSearch finds cells and objects by name or code.
func (s *Server) GetSearch(c echo.Context, params GetSearchParams) error {
	q := strings.TrimSpace(params.Q)
	if q == "" {
		return grids.Errorf(grids.Invalid, "q", "搜索内容为空", "there is nothing to search for")
	}
	pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q)
	limit := clampLimit(c.QueryParam("limit"), 20, 100)
	return s.answer(c, nil, func(reading, collections.Scope) map[string]any { return map[string]any{"q": q} },
		func(ctx context.Context, r reading, scope collections.Scope) ([]byte, error) {
			list, err := one(ctx, r, "search", searchSQL, r.territory.id, scope.Last, q, pattern, limit)
			if err != nil {
				return nil, err
			}
			return append(append([]byte(`{"results":`), list...), '}'), nil
		})
}

// GetStats gives the territory's figures.
func (s *Server) GetStats(c echo.Context) error {
	return s.answer(c, nil, func(r reading, scope collections.Scope) map[string]any {
		return map[string]any{"territory": s.territory(c, r.territory), "demo": r.territory.demo, "disclaimer": grids.Disclaimer}
	}, func(ctx context.Context, r reading, scope collections.Scope) ([]byte, error) {
		return one(ctx, r, "stats", statsSQL, r.territory.id, scope.Last, scope.At)
	})
}

// GetEditions lists the editions, an open draft included.
func (s *Server) GetEditions(c echo.Context) error {
	return s.answer(c, nil, nil, func(ctx context.Context, r reading, scope collections.Scope) ([]byte, error) {
		return one(ctx, r, "editions", `
			SELECT jsonb_build_object('in_force', $2::int, 'editions', coalesce(jsonb_agg(jsonb_build_object(
			  'seq', e.seq, 'state', e.state, 'effective', e.effective, 'note', e.note, 'created_at', e.created_at, 'created_by', e.created_by,
			  'published_by', e.published_by, 'restores', e.restores,
			  'decision', (SELECT jsonb_build_object('document_no', d.document_no, 'date', to_char(d.issued_on, 'YYYY-MM-DD'),
			      'scan', EXISTS (SELECT FROM editions.scan s WHERE s.territory_id = d.territory_id AND s.edition = d.edition))
			    FROM editions.decision d WHERE d.territory_id = e.territory_id AND d.edition = e.seq AND e.state = 'published'),
			  'changes', (SELECT count(*) FROM editions.change c WHERE c.territory_id = e.territory_id AND c.edition = e.seq)) ORDER BY e.seq DESC), '[]'))
			FROM editions.edition e WHERE e.territory_id = $1`, r.territory.id, scope.Last)
	})
}

// GetEditionChanges lists what an edition changed.
func (s *Server) GetEditionChanges(c echo.Context, seq int32) error {
	return s.answer(c, nil, nil, func(ctx context.Context, r reading, _ collections.Scope) ([]byte, error) {
		body, err := one(ctx, r, "changes", `
			SELECT jsonb_build_object('edition', e.seq, 'changes', (
			  SELECT coalesce(jsonb_agg(jsonb_build_object('seq', c.seq, 'uid', c.uid, 'op', c.op, 'before', c.before, 'after', c.after,
			    'successors', c.successors) ORDER BY c.seq), '[]')
			  FROM editions.change c WHERE c.territory_id = e.territory_id AND c.edition = e.seq))
			FROM editions.edition e WHERE e.territory_id = $1 AND e.seq = $2 AND e.state = 'published'`, r.territory.id, seq)
		if isNoRows(err) {
			e := grids.Errorf(grids.NotFound, "seq", "没有已发布的版本 %d", "there is no published edition %d", seq)
			e.Value = fmt.Sprint(seq)
			return nil, e.Fix("版本列表见 /v1/editions", "see /v1/editions for those there are")
		}
		return body, err
	})
}
