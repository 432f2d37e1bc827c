package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
)

// GetEditionComparison says what changed between two editions.
func (s *Server) GetEditionComparison(c echo.Context, params GetEditionComparisonParams) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		t := cells.Territory{ID: r.territory.id, EPSG: r.territory.epsg}
		var to grids.EditionID
		if params.To == "draft" {
			draft, err := editions.OpenDraft(ctx, r.tx, t)
			if err != nil {
				return err
			}
			to = draft.Seq
			c.Response().Header().Set("Cache-Control", "no-store")
		} else {
			seq, err := strconv.Atoi(params.To)
			if err != nil {
				return err
			}
			to = grids.EditionID(seq)
			if newest, err := editions.Newest(ctx, r.tx, t); err != nil {
				return err
			} else if to > newest {
				return grids.Errorf(grids.NotFound, "to", "没有已发布的版本 %d", "there is no published edition %d", to).
					Fix("与打开的草案比较用 to=draft", "to=draft compares with the open draft")
			}
			state, err := s.states.state(ctx, r)
			if err != nil {
				return err
			}
			if done, err := s.fresh(c, to, state); done || err != nil {
				return err
			}
		}
		comparison, err := editions.Compare(ctx, r.tx, t, grids.EditionID(params.From), to)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, comparison)
	})
}
