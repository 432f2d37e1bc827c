package api

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
)

//go:embed tile_draft.sql
var tileDraft string

// GetDraftTile serves a vector tile of the open draft's cells, of the newest
// published edition's when there is none. It is kept nowhere: the next step may
// change it.
func (s *Server) GetDraftTile(c echo.Context, z, x, y int) error {
	for name, n := range map[string]int{"x": x, "y": y} {
		if n >= 1<<z {
			e := grids.Errorf(grids.Invalid, name, "瓦片 %s=%d 超出范围", "tile %s=%d is out of range", name, n)
			e.Value = fmt.Sprint(n)
			return e.Fix("取 0 至 %d 的整数", "give a whole number from 0 to %d", 1<<z-1)
		}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		state, err := newestState(ctx, r)
		if err != nil {
			return err
		}
		published, err := editions.Newest(ctx, r.tx, cells.Territory{ID: r.territory.id})
		if err != nil {
			return err
		}
		var tile []byte
		if err := r.tx.QueryRow(ctx, tileDraft, r.territory.id, state, published, z, x, y).Scan(&tile); err != nil {
			return fmt.Errorf("tile of the draft %d/%d/%d: %w", z, x, y, err)
		}
		if len(tile) == 0 {
			return c.NoContent(http.StatusNoContent)
		}
		return c.Blob(http.StatusOK, mediaTile, tile)
	})
}

// GetDraftTiles describes the tiles of the draft.
func (s *Server) GetDraftTiles(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		e, err := readExtent(ctx, r)
		if err != nil {
			return err
		}
		layers := vectorLayers("cells")
		for _, layer := range layers {
			layer.Fields["changed"] = "Boolean"
		}
		least, most, say, scheme := 0, deepestZoom, attribution(r.territory), "xyz"
		out := TileJSON{
			Tilejson: "3.0.0", Scheme: &scheme, Attribution: &say, Demo: &r.territory.demo, VectorLayers: layers,
			Tiles: []string{callOf(c).baseURL() + "/v1/draft/tiles/{z}/{x}/{y}"}, Minzoom: &least, Maxzoom: &most,
		}
		if e.bbox != nil {
			out.Bounds = &e.bbox
		}
		return sendJSON(c, http.StatusOK, mediaJSON, out)
	})
}
