package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
	"unigrid/grids/objects"
)

// GetUnlocated lists objects without coordinates.
func (s *Server) GetUnlocated(c echo.Context) error { return s.objects(c, `o.geom IS NULL`) }

// GetOutside lists objects that lie, wholly or partly, outside the territory.
func (s *Server) GetOutside(c echo.Context) error {
	return s.objects(c, `o.geom IS NOT NULL AND o.outside_share > 0`)
}

// objects lists the objects that meet a condition (a constant of this file).
func (s *Server) objects(c echo.Context, condition string) error {
	return s.answer(c, nil, nil, func(ctx context.Context, r reading, scope collections.Scope) ([]byte, error) {
		return one(ctx, r, "objects", `
			SELECT jsonb_build_object('total', count(*), 'objects', coalesce(jsonb_agg(jsonb_build_object(
			  'collection', objects.collection(o.kind), 'kind', o.kind, 'code', o.code, 'name', o.name,
			  'hint', CASE WHEN v.cell_id IS NOT NULL THEN jsonb_build_object('code', v.code, 'name', v.name) END,
			  'lon', ST_X(ST_PointOnSurface(o.geom)), 'lat', ST_Y(ST_PointOnSurface(o.geom)),
			  'outside_share', o.outside_share, 'located_by', o.located_by) ORDER BY o.kind, o.code), '[]'))
			FROM objects.object o
			LEFT JOIN cells.of($1, $2) v ON v.cell_id = o.hint_cell
			WHERE o.territory_id = $1 AND `+condition, r.territory.id, scope.Last)
	})
}

// PutLocation gives an object its place and answers with the object as it is
// then.
func (s *Server) PutLocation(c echo.Context, kind PutLocationParamsKind, code string) error {
	var where Location
	if err := decode(c, &where); err != nil {
		return err
	}
	d, err := s.def(string(kind))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	var item []byte
	err = s.db.Tx(ctx, principal(c), func(tx pgx.Tx) error {
		r, err := s.locate(ctx, c, tx)
		if err != nil {
			return err
		}
		scope, err := collections.Resolve(ctx, tx, r.territory.id, collections.When{}, 0, r.now)
		if err != nil {
			return err
		}
		if scope.Last == 0 {
			return grids.Errorf(grids.Conflict, "", "还没有已发布的网格,无法落格", "no grid is published yet to place the object in").
				Fix("先发布一个版本", "publish an edition first")
		}
		if err := objects.Locate(ctx, tx, r.territory.id, scope.Last, objects.Kind(grids.KindOf(d.ID)), code,
			where.Lon, where.Lat, objects.LocatedBy(where.By), r.now); err != nil {
			return err
		}
		item, err = d.Item(ctx, tx, scope, code)
		if err == nil && item == nil {
			err = fmt.Errorf("object %s %s is not there after locating it", d.ID, code)
		}
		return err
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, mediaGeoJSON, item)
}
