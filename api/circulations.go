package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime/types"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/circulation"
	"unigrid/grids/editions"
	"unigrid/grids/workdays"
)

// round is a round of circulation as answers show it.
func round(r circulation.Round) Circulation {
	state := CirculationState("open")
	switch {
	case r.Withdrawn != nil:
		state = "withdrawn"
	case !r.Open():
		state = "closed"
	}
	return Circulation{
		Id: r.ID, Edition: int(r.Edition), Number: r.Number, State: state, Due: r.Due, WorkingDays: r.WorkingDays, Silence: Silence(r.Silence), Note: r.Note,
		OpenedAt: r.OpenedAt.UTC(), OpenedBy: r.OpenedBy, DueAt: r.DueAt.UTC(), CalendarKnown: r.Known, ClosedAt: r.ClosedAt, ClosedBy: r.ClosedBy, Withdrawn: r.Withdrawn,
		Conflicts: r.Items, Changed: r.Changed, OfDraft: r.Current,
	}
}

// roundWithParties adds the parties that the caller may see.
func roundWithParties(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, r circulation.Round) (Circulation, error) {
	parties, err := circulation.Parties(ctx, tx, territory, r.ID)
	list := make([]CirculationParty, len(parties))
	for i, p := range parties {
		one := CirculationParty{Id: p.ID, Kind: "county", Name: Text{Zh: p.Name.ZH, En: p.Name.EN}, Own: p.Own, Conflicts: p.Conflicts, Accepted: p.Accepted,
			Commented: p.Commented, Silent: p.Silent, Late: p.Late, Answered: p.Answered, Adopted: p.Adopted, Partly: p.Partly, Not: p.NotTaken}
		if layer := string(p.Layer); layer != "" {
			one.Kind, one.Layer = "department", &layer
		} else {
			county := string(p.County)
			one.County = &county
		}
		list[i] = one
	}
	made := round(r)
	made.Parties = &list
	return made, err
}

// GetCirculations lists the rounds, newest first.
func (s *Server) GetCirculations(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		rounds, err := circulation.List(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		list := Circulations{Circulations: make([]Circulation, len(rounds))}
		for i, one := range rounds {
			list.Circulations[i] = round(one)
		}
		return uncached(c, list)
	})
}

// GetCurrentCirculation gives the round that is open, else the newest.
func (s *Server) GetCurrentCirculation(c echo.Context) error {
	return s.showRound(c, circulation.Current)
}

// GetCirculation gives a round.
func (s *Server) GetCirculation(c echo.Context, id int64) error {
	return s.showRound(c, func(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (circulation.Round, error) {
		return circulation.Get(ctx, tx, territory, id)
	})
}

func (s *Server) showRound(c echo.Context, find func(context.Context, pgx.Tx, grids.TerritoryID) (circulation.Round, error)) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		found, err := find(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		made, err := roundWithParties(ctx, r.tx, r.territory.id, found)
		if err != nil {
			return err
		}
		return uncached(c, made)
	})
}

// PostCirculation puts the draft into review and asks whom it touches.
func (s *Server) PostCirculation(c echo.Context) error {
	var body NewCirculation
	if err := decode(c, &body); err != nil {
		return err
	}
	terms := circulation.Terms{WorkingDays: value(body.WorkingDays), Silence: circulation.Silence(value(body.Silence)), Note: value(body.Note)}
	return s.changeRound(c, http.StatusCreated, func(ctx context.Context, tx pgx.Tx, t cells.Territory) (int64, error) {
		return editions.Circulate(ctx, tx, t, terms)
	})
}

// PostCirculationClose ends a round.
func (s *Server) PostCirculationClose(c echo.Context, id int64) error {
	var body CirculationEnd
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.changeRound(c, http.StatusOK, func(ctx context.Context, tx pgx.Tx, t cells.Territory) (int64, error) {
		return id, editions.EndReview(ctx, tx, t, id, value(body.Withdrawn))
	})
}

// changeRound answers with the round that change began or ended.
func (s *Server) changeRound(c echo.Context, status int, change func(context.Context, pgx.Tx, cells.Territory) (int64, error)) error {
	var made Circulation
	err := s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		id, err := change(ctx, tx, t)
		if err != nil {
			return err
		}
		found, err := circulation.Get(ctx, tx, t.ID, id)
		if err != nil {
			return err
		}
		made, err = roundWithParties(ctx, tx, t.ID, found)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, status, mediaJSON, made)
}

// circulated is a conflict of a round as answers show it.
type circulated struct {
	Conflict      int64                  `json:"conflict"`
	There         bool                   `json:"there"`
	Kind          string                 `json:"kind"`
	Layer         string                 `json:"layer,omitempty"`
	Cell          *CellRef               `json:"cell,omitempty"`
	Lon           *float64               `json:"lon,omitempty"`
	Lat           *float64               `json:"lat,omitempty"`
	AreaM2        float64                `json:"area_m2"`
	WidthM        float64                `json:"width_m,omitempty"`
	Pending       bool                   `json:"pending"`
	Severity      string                 `json:"severity"`
	Blocking      bool                   `json:"blocking"`
	LayerCells    []string               `json:"layer_cells"`
	Proposal      string                 `json:"proposal"`
	Reason        grids.Text             `json:"reason"`
	State         string                 `json:"state"`
	Resolution    string                 `json:"resolution,omitempty"`
	SettledReason *grids.Text            `json:"settled_reason,omitempty"`
	Standings     []circulation.Standing `json:"standings"`
}

// GetCirculationConflicts gives the conflicts of a round that the caller may see.
func (s *Server) GetCirculationConflicts(c echo.Context, id int64, params GetCirculationConflictsParams) error {
	limit := clampLimit(c.QueryParam("limit"), 1000, 10000)
	filter := circulation.Filter{Party: int(value(params.Party)), State: circulation.State(value(params.State)), After: value(params.After), Limit: limit + 1}
	return s.read(c, func(ctx context.Context, r reading) error {
		if _, err := circulation.Get(ctx, r.tx, r.territory.id, id); err != nil {
			return err
		}
		items, err := circulation.Items(ctx, r.tx, r.territory.id, id, filter)
		if err != nil {
			return err
		}
		page := map[string]any{"circulation": id}
		if len(items) > limit {
			items = items[:limit]
			page["next"] = items[limit-1].Conflict
		}
		list := make([]circulated, len(items))
		for i, item := range items {
			list[i] = circulated{item.Conflict, item.There, string(item.Kind), string(item.Layer), nil, item.Lon, item.Lat, item.AreaM2, item.WidthM, item.Pending,
				string(item.Severity), item.Blocking, item.LayerCells, item.Proposal, item.Reason(), string(item.State), item.Resolution, item.SettledReason, item.Standings}
			if item.Code != "" {
				list[i].Cell = &CellRef{Code: string(item.Code), Name: item.Name}
			}
		}
		page["conflicts"] = list
		return uncached(c, page)
	})
}

// PostOpinion records what the caller's department or county says.
func (s *Server) PostOpinion(c echo.Context, id int64) error {
	var body NewOpinion
	if err := decode(c, &body); err != nil {
		return err
	}
	var conflicts []int64
	if body.Conflicts != nil {
		conflicts = slices.Clone(*body.Conflicts)
	}
	if body.Conflict != nil {
		conflicts = append(conflicts, *body.Conflict)
	}
	var given int
	err := s.write(c, func(ctx context.Context, r reading) (err error) {
		given, err = circulation.Give(ctx, r.tx, r.territory.id, id, conflicts, value(body.Rest), circulation.Stance(body.Stance), value(body.Text))
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, OpinionsGiven{Given: given})
}

// PostOpinionAnswer says what became of a comment.
func (s *Server) PostOpinionAnswer(c echo.Context, id int64) error {
	var body OpinionAnswer
	if err := decode(c, &body); err != nil {
		return err
	}
	err := s.write(c, func(ctx context.Context, r reading) error {
		return circulation.Answer(ctx, r.tx, r.territory.id, id, circulation.Outcome(body.Outcome), body.Reason)
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// GetWorkdays gives the days of a year that are not what their weekday says.
func (s *Server) GetWorkdays(c echo.Context, year int) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		list, err := exceptions(ctx, r.tx, r.territory.id, year)
		if err != nil {
			return err
		}
		return uncached(c, list)
	})
}

// PutWorkdays replaces the territory's own ones.
func (s *Server) PutWorkdays(c echo.Context, year int) error {
	var body WorkdaysChange
	if err := decode(c, &body); err != nil {
		return err
	}
	list := make([]workdays.Exception, len(body.Exceptions))
	for i, e := range body.Exceptions {
		list[i] = workdays.Exception{Day: e.Day.UTC().Truncate(24 * time.Hour), Works: e.Works, Name: value(e.Name)}
	}
	var made Workdays
	err := s.write(c, func(ctx context.Context, r reading) (err error) {
		if err := workdays.SetYear(ctx, r.tx, r.territory.id, year, list); err != nil {
			return err
		}
		made, err = exceptions(ctx, r.tx, r.territory.id, year)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, made)
}

func exceptions(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, year int) (Workdays, error) {
	list, err := workdays.Year(ctx, tx, territory, year)
	made := Workdays{Year: year, Known: len(list) > 0, Exceptions: make([]Workday, len(list))}
	for i, e := range list {
		made.Exceptions[i] = Workday{Day: types.Date{Time: e.Day}, Works: e.Works, Name: &e.Name, Own: &e.Own}
	}
	return made, err
}
