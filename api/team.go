package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/merge"
	"unigrid/grids/people"
)

// GetTeam lists the one team that the newest merge makes.
func (s *Server) GetTeam(c echo.Context, params GetTeamParams) error {
	q := merge.Asked{State: string(value(params.State)), Person: grids.PersonID(value(params.Person)), Limit: clampLimit(c.QueryParam("limit"), 100, 1000), Offset: value(params.Offset)}
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		run, err := merge.Latest(ctx, st.tx, st.territory.id, st.newest)
		if err != nil {
			return err
		}
		list, matched, err := merge.Team(ctx, st.tx, st.territory.id, run, st.now, q)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"run": run.ID, "edition": run.Edition, "draft": run.Edition > st.edition, "matched": matched, "members": list})
	})
}

// PostPlace confirms what becomes of a person who lost their place.
func (s *Server) PostPlace(c echo.Context, person int64) error {
	var body NewPlace
	if err := decode(c, &body); err != nil {
		return err
	}
	p := people.Placing{As: body.As, Layer: grids.LayerCode(value(body.Layer)), Reason: value(body.Reason)}
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		if err := checkLayer(ctx, st.reading, string(p.Layer)); err != nil {
			return err
		}
		if p.As != people.Stay && p.As != people.LeaveTeam {
			if p.Cell, err = st.cell(ctx, "cell", value(body.Cell), false); err != nil {
				return err
			}
		}
		return people.Place(ctx, st.tx, st.territory.id, st.edition, grids.PersonID(person), p)
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
