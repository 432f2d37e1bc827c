package api

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/labstack/echo/v4"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

// PostDraftDraw draws the children of a cell. The draw is made before anybody is
// kept from the draft, and stored only if the cell is then still what the
// planner saw.
func (s *Server) PostDraftDraw(c echo.Context, params PostDraftDrawParams) error {
	var body Draw
	if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil {
		return badBody(err)
	}
	request, err := body.read()
	if err != nil {
		return err
	}
	base, err := body.Parent.read()
	if err != nil {
		return err
	}
	if err := checkIfMatch(params.IfMatch, []cells.Base{base}); err != nil {
		return err
	}
	replace := body.Replace != nil && *body.Replace
	plan, err := s.plan(c, base, request, replace)
	if err != nil {
		return err
	}
	return s.edit(c, params.Preview != nil && *params.Preview, func(ctx context.Context, d drafting) error {
		if _, err := cells.Current(ctx, d.tx, d.t, d.edition, []cells.Base{base}); err != nil {
			return err
		}
		if replace {
			if err := drawing.Clear(ctx, d.tx, d.t, d.edition, d.who, plan.Parent); err != nil {
				return err
			}
		}
		return drawing.Apply(ctx, d.tx, d.t, d.edition, d.who, []drawing.Plan{plan})
	})
}

// plan makes a draw of the newest state of a cell.
func (s *Server) plan(c echo.Context, base cells.Base, request drawing.Request, replace bool) (drawing.Plan, error) {
	var t cells.Territory
	var parent cells.Cell
	err := s.read(c, func(ctx context.Context, r reading) error {
		var err error
		if t, err = cells.FindTerritory(ctx, r.tx, r.territory.code); err != nil {
			return err
		}
		edition, err := newestState(ctx, r)
		if err != nil {
			return err
		}
		seen, err := cells.Seen(ctx, r.tx, t, edition, []cells.Base{base})
		if err != nil {
			return explainStale(ctx, drafting{tx: r.tx, t: t, edition: edition}, c, err)
		}
		parent = seen[0]
		children, err := cells.Children(ctx, r.tx, t, edition, parent.ID)
		if err != nil {
			return err
		}
		if len(children) > 0 && !replace {
			return grids.Errorf(grids.Conflict, "parent", "%s 已有下级网格", "%s has children already", parent.Code).
				Fix("若要重画,设 replace", "set replace to draw them anew")
		}
		if len(request.Seeds) == 0 || request.Seeds[0].Code == "" {
			request.Codes, err = drawing.FreeCodes(ctx, r.tx, t, parent, max(request.Into, len(request.Seeds)))
		}
		return err
	})
	if err != nil {
		return drawing.Plan{}, err
	}
	return drawing.Make(c.Request().Context(), t, parent, request)
}

// newestState gives the open draft, else the newest published edition.
func newestState(ctx context.Context, r reading) (grids.EditionID, error) {
	var edition grids.EditionID
	if err := r.tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM editions.edition WHERE territory_id = $1`, r.territory.id).Scan(&edition); err != nil {
		return 0, fmt.Errorf("newest edition: %w", err)
	}
	return edition, nil
}

// read makes the request of the rooms of a body.
func (b Draw) read() (drawing.Request, error) {
	r := drawing.Request{Method: drawing.Method(b.Method), Seed: 1}
	if b.Into != nil {
		r.Into = *b.Into
	}
	if b.Seed != nil {
		r.Seed = uint64(*b.Seed)
	}
	if b.Points != nil {
		for _, f := range b.Points.Features {
			seed := drawing.SeedPoint{At: orb.Point{f.Geometry.Coordinates[0], f.Geometry.Coordinates[1]}}
			if f.Properties != nil {
				seed.Code, seed.Name = grids.Code(value(f.Properties.Code)), value(f.Properties.Name)
			}
			r.Seeds = append(r.Seeds, seed)
		}
	}
	switch {
	case r.Method == drawing.Nearest && len(r.Seeds) == 0:
		return r, grids.Errorf(grids.Invalid, "points", "nearest 需要 points", "nearest takes points")
	case r.Method == drawing.Balanced && r.Into == 0:
		return r, grids.Errorf(grids.Invalid, "into", "balanced 需要 into", "balanced takes into")
	}
	if b.Load != nil {
		for name, weight := range *b.Load {
			if name != "area" && weight > 0 {
				return r, unsupported("load." + name)
			}
		}
	}
	for name, given := range map[string]bool{"lines": b.Lines != nil, "atoms": b.Atoms != nil,
		"barriers": b.Barriers != nil && *b.Barriers, "keep_locked": b.KeepLocked != nil && *b.KeepLocked} {
		if given {
			return r, unsupported(name)
		}
	}
	return r, nil
}

// unsupported refuses what a draw can't take into account, rather than draw
// without it.
func unsupported(field string) error {
	return grids.Errorf(grids.Invalid, field, "绘制还不能考虑 %s", "a draw can't take %s into account yet", field)
}
