package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/duty"
)

// GetDuty gives the figures of duty of a cell and all below it.
func (s *Server) GetDuty(c echo.Context, params GetDutyParams) error {
	return s.onDuty(c, value(params.Cell), params.At, func(ctx context.Context, r reading, scope collections.Scope, cell cells.Cell) (any, error) {
		limits, err := duty.ReadLimits(ctx, r.tx, r.territory.id)
		if err != nil {
			return nil, err
		}
		body, err := duty.Figures(ctx, r.tx, r.territory.id, scope.Last, scope.At, cell.ID)
		if err != nil {
			return nil, err
		}
		figures := map[string]any{"at": scope.At.UTC(), "edition": scope.Last, "limits": limits,
			"cell": duty.RowCell{Code: cell.Code, Name: cell.Name, Tier: cell.Tier}}
		return figures, json.Unmarshal(body, &figures)
	})
}

// GetDutyRows gives the cells or people behind a figure.
func (s *Server) GetDutyRows(c echo.Context, figure DutyFigure, params GetDutyRowsParams) error {
	return s.onDuty(c, value(params.Cell), params.At, func(ctx context.Context, r reading, scope collections.Scope, cell cells.Cell) (any, error) {
		offset := 0
		if params.Offset != nil {
			offset = *params.Offset
		}
		rows, matched, err := duty.Rows(ctx, r.tx, r.territory.id, scope.Last, scope.At, cell.ID, duty.Figure(figure), offset, clampLimit(c.QueryParam("limit"), 100, 10000))
		return map[string]any{"figure": figure, "matched": matched, "rows": rows}, err
	})
}

// onDuty answers with what view makes of the cell of a code; "" is the highest
// that the caller governs.
func (s *Server) onDuty(c echo.Context, code string, at *time.Time, view func(context.Context, reading, collections.Scope, cells.Cell) (any, error)) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{From: at, To: at}, 0, r.now)
		if err != nil {
			return err
		}
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		cell, err := duty.Top(ctx, r.tx, t, scope.Last, principal(c), grids.Code(code))
		if err != nil {
			return err
		}
		body, err := view(ctx, r, scope, cell)
		if err != nil {
			return err
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return sendJSON(c, http.StatusOK, mediaJSON, body)
	})
}
