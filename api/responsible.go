package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
)

//go:embed responsible.sql
var responsibleSQL string

// place is one point asked about.
type place struct {
	lon, lat float64 // as given, in coord
	x, y     float64 // WGS 84
}

// asked is a question about places.
type asked struct {
	places []place
	coord  Coord
	layer  string
	at     *time.Time
}

func newAsked(coord *Coord, layer *string, at *time.Time) asked {
	q := asked{coord: Wgs84, at: at}
	if coord != nil {
		q.coord = *coord
	}
	if layer != nil {
		q.layer = *layer
	}
	return q
}

func (q *asked) add(lon, lat float64) {
	x, y := toWGS84(q.coord, lon, lat)
	q.places = append(q.places, place{lon: lon, lat: lat, x: x, y: y})
}

// found is the answer for one place: one of both is nil.
type found struct {
	answer  *Responsible
	outside error
}

// GetResponsible tells who answers for a place.
func (s *Server) GetResponsible(c echo.Context, params GetResponsibleParams) error {
	q := newAsked(params.Coord, params.Layer, params.At)
	q.add(params.Lon, params.Lat)
	return s.read(c, func(ctx context.Context, r reading) error {
		list, scope, err := s.responsible(ctx, r, q)
		if err != nil {
			return err
		}
		if list[0].outside != nil {
			return list[0].outside
		}
		state, err := s.states.state(ctx, r)
		if err != nil {
			return err
		}
		if params.At == nil {
			// The instant is a part of the answer, but no change of it.
			if done, err := s.fresh(c, scope.Last, state); done || err != nil {
				return err
			}
		} else if done, err := s.fresh(c, scope.Last, state, *params.At); done || err != nil {
			return err
		}
		r.seen.blunt(list[0].answer)
		return sendJSON(c, http.StatusOK, mediaJSON, list[0].answer)
	})
}

// PostResponsible tells it for up to 1,000 places; one outside the territory
// gets a problem in its place.
func (s *Server) PostResponsible(c echo.Context) error {
	var body ResponsibleBatch
	if err := decode(c, &body); err != nil {
		return err
	}
	q := newAsked(body.Coord, body.Layer, body.At)
	for _, p := range body.Points {
		q.add(p.Lon, p.Lat)
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		list, scope, err := s.responsible(ctx, r, q)
		if err != nil {
			return err
		}
		results := make([]any, len(list))
		for i, f := range list {
			if f.outside != nil {
				results[i] = s.problemOf(f.outside, c)
			} else {
				r.seen.blunt(f.answer)
				results[i] = f.answer
			}
		}
		c.Response().Header().Set("Unigrid-Edition", fmt.Sprint(scope.Last))
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"results": results})
	})
}

// responsible answers for all places with one query.
func (s *Server) responsible(ctx context.Context, r reading, q asked) ([]found, collections.Scope, error) {
	scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{From: q.at, To: q.at}, 0, r.now)
	if err != nil {
		return nil, scope, err
	}
	if err := checkLayer(ctx, r, q.layer); err != nil {
		return nil, scope, err
	}
	lons, lats := make([]float64, len(q.places)), make([]float64, len(q.places))
	for i, p := range q.places {
		lons[i], lats[i] = p.x, p.y
	}
	rows, err := r.tx.Query(ctx, responsibleSQL, r.territory.id, scope.Last, scope.At, lons, lats, q.layer, r.territory.epsg)
	if err != nil {
		return nil, scope, fmt.Errorf("looking up the responsible: %w", err)
	}
	list := make([]found, 0, len(q.places))
	var n int
	var answer, nearest []byte
	_, err = pgx.ForEachRow(rows, []any{&n, &answer, &nearest}, func() error {
		p := q.places[n-1]
		if answer == nil {
			e, err := outsideError(p, q.coord, nearest, scope)
			list = append(list, found{outside: e})
			return err
		}
		one := &Responsible{Coord: q.coord, Lon: p.lon, Lat: p.lat, Wgs84: LonLat{Lon: p.x, Lat: p.y}, Edition: int(scope.Last), At: scope.At.UTC(),
			Demo: r.territory.demo, Disclaimer: Text{Zh: grids.Disclaimer.ZH, En: grids.Disclaimer.EN}}
		list = append(list, found{answer: one})
		return json.Unmarshal(answer, one)
	})
	if err != nil {
		return nil, scope, fmt.Errorf("looking up the responsible: %w", err)
	}
	return list, scope, nil
}

func outsideError(p place, coord Coord, nearest []byte, scope collections.Scope) (error, error) {
	if scope.Last == 0 {
		return grids.Errorf(grids.NotFound, "", "该时刻还没有已发布的网格", "no grid was published at that instant").
			Fix("版本列表见 /v1/editions", "see /v1/editions for those there are"), nil
	}
	o := &outside{err: grids.Errorf(grids.NotFound, "lon", "该点不在辖区内", "this point is outside the territory")}
	o.err.Field = ""
	if nearest != nil {
		if err := json.Unmarshal(nearest, &o.nearest); err != nil {
			return nil, err
		}
		o.err.Message.ZH += fmt.Sprintf(";最近的网格是 %s(%s),相距 %.0f 米", o.nearest.Name, o.nearest.Code, o.nearest.DistanceM)
		o.err.Message.EN += fmt.Sprintf("; the nearest cell is %s (%s), %.0f m away", o.nearest.Name, o.nearest.Code, o.nearest.DistanceM)
	}
	if coord == Wgs84 {
		o.err.Fix("手机和国内地图的坐标常为 GCJ-02:加 coord=gcj02(百度为 bd09)", "coordinates of phones and maps in China are often GCJ-02: add coord=gcj02 (bd09 for Baidu)")
	}
	return o, nil
}

// checkLayer refuses a layer that the territory does not have; "" is all.
func checkLayer(ctx context.Context, r reading, layer string) error {
	if layer == "" {
		return nil
	}
	var known bool
	var list string
	if err := r.tx.QueryRow(ctx, `
		SELECT coalesce(bool_or(code = $2), false), coalesce(string_agg(code, ', ' ORDER BY rank, code), '-')
		FROM layers.layer WHERE territory_id = $1`, r.territory.id, layer).Scan(&known, &list); err != nil {
		return fmt.Errorf("layers: %w", err)
	}
	if known {
		return nil
	}
	e := grids.Errorf(grids.Invalid, "layer", "没有条线 %q", "there is no layer %q", layer)
	e.Value = layer
	return e.Fix("可用条线:%s", "layers there are: %s", list)
}
