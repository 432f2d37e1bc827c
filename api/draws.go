package api

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/paulmach/orb"

	"unigrid/geo/draw"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

// PostDraftDraw draws the children of a cell. The draw is made before anybody is
// kept from the draft, and stored only if the cell is then still what the
// planner saw.
func (s *Server) PostDraftDraw(c echo.Context, params PostDraftDrawParams) error {
	var body Draw
	if err := decode(c, &body); err != nil {
		return err
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
	plan, err := s.plan(c, base, request)
	if err != nil {
		return err
	}
	return s.edit(c, params.Preview != nil && *params.Preview, func(ctx context.Context, d drafting) error {
		if _, err := cells.Current(ctx, d.tx, d.t, d.edition, []cells.Base{base}); err != nil {
			return err
		}
		return drawing.Apply(ctx, d.tx, d.t, d.edition, d.who, []drawing.Plan{plan})
	})
}

// plan makes a draw of the newest state of a cell.
func (s *Server) plan(c echo.Context, base cells.Base, request drawing.Request) (drawing.Plan, error) {
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
		if err := reaches(c, parent.Code); err != nil {
			return err
		}
		children, err := cells.Children(ctx, r.tx, t, edition, parent.ID)
		if err != nil {
			return err
		}
		if len(children) > 0 && !request.Replace && request.Atoms == 0 {
			return grids.Errorf(grids.Conflict, "parent", "%s 已有下级网格", "%s has children already", parent.Code).
				Fix("若要重画,设 replace", "set replace to draw them anew")
		}
		request, err = drawing.Prepare(ctx, r.tx, t, edition, parent, request)
		return err
	})
	if err != nil {
		return drawing.Plan{}, err
	}
	plan, err := drawing.Make(c.Request().Context(), t, parent, request)
	if err == nil && request.Method == drawing.ByLines && len(plan.Children) < 2 {
		return plan, grids.Errorf(grids.Invalid, "lines", "没有一条线把 %s 分开", "no line divides %s", parent.Code)
	}
	return plan, err
}

// newestState gives the open draft, else the newest published edition.
func newestState(ctx context.Context, r reading) (grids.EditionID, error) {
	var edition grids.EditionID
	if err := r.tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM editions.edition WHERE territory_id = $1`, r.territory.id).Scan(&edition); err != nil {
		return 0, fmt.Errorf("newest edition: %w", err)
	}
	return edition, nil
}

// read makes the request of the rooms of a body. Statutory and disputed children
// stay as they are, with keep_locked or without.
func (b Draw) read() (drawing.Request, error) {
	r := drawing.Request{Method: drawing.Method(b.Method), Seed: 1, Replace: b.Replace != nil && *b.Replace,
		Rivers: b.Barriers != nil && *b.Barriers}
	if b.Into != nil {
		r.Into = *b.Into
	}
	if b.Seed != nil {
		r.Seed = uint64(*b.Seed)
	}
	if b.Atoms != nil {
		r.Atoms = grids.Tier(*b.Atoms)
	}
	if b.Load != nil {
		for _, name := range slices.Sorted(maps.Keys(*b.Load)) {
			r.Load = append(r.Load, drawing.LoadShare{Name: name, Share: (*b.Load)[name]})
		}
	}
	if b.Lines != nil {
		for _, f := range b.Lines.Features {
			r.Lines = append(r.Lines, lineOf(f.Geometry.Coordinates))
		}
	}
	if b.Points != nil {
		b.readPoints(&r)
	}
	switch {
	case r.Method == drawing.Nearest && len(r.Seeds) == 0:
		return r, grids.Errorf(grids.Invalid, "points", "nearest 需要 points", "nearest takes points")
	case r.Method == drawing.Balanced && r.Into == 0 && !r.Replace:
		return r, grids.Errorf(grids.Invalid, "into", "balanced 需要 into", "balanced takes into")
	case r.Method == drawing.ByLines && len(r.Lines) == 0:
		return r, grids.Errorf(grids.Invalid, "lines", "split 需要 lines", "split takes lines")
	}
	return r, nil
}

// readPoints takes points as seeds of a nearest draw, or as the load of a
// balanced one: those without a weight count one.
func (b Draw) readPoints(r *drawing.Request) {
	weighed := drawing.LoadShare{Name: "points", Share: 1}
	for _, f := range b.Points.Features {
		at := orb.Point{f.Geometry.Coordinates[0], f.Geometry.Coordinates[1]}
		seed, weight := drawing.SeedPoint{At: at}, 1.0
		if f.Properties != nil {
			seed.Code, seed.Name = grids.Code(value(f.Properties.Code)), value(f.Properties.Name)
			if f.Properties.Weight != nil {
				weight = *f.Properties.Weight
			}
		}
		r.Seeds = append(r.Seeds, seed)
		weighed.Points = append(weighed.Points, draw.WeightedPoint{At: at, Weight: weight})
	}
	if r.Method == drawing.Balanced {
		r.Seeds = nil
		if b.Load != nil {
			if share, ok := (*b.Load)["points"]; ok {
				weighed.Share = share
				r.Load = slices.DeleteFunc(r.Load, func(l drawing.LoadShare) bool { return l.Name == "points" })
			}
		}
		r.Load = append(r.Load, weighed)
	}
}
