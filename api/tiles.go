package api

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
)

const (
	tileSuffix = ".mvt"
	maxZoom    = 22
	// Tiles are cut for zooms up to 16; maps enlarge these beyond.
	deepestZoom = 16
)

//go:embed tile_cells.sql
var tileCells string

//go:embed tile_objects.sql
var tileObjects string

//go:embed tile_layer_cells.sql
var tileLayerCells string

// tileSQL is the statement of a collection's tiles, "" when it has none: $1
// territory, $2 edition, $3 z, $4 x, $5 y, $6 layer ("" for all) or kind.
func tileSQL(collection string) string {
	switch {
	case collection == "cells":
		return tileCells
	case collection == "layer-cells":
		return tileLayerCells
	case grids.KindOf(collection) != "":
		return tileObjects
	}
	return ""
}

//go:embed tile_public_cells.sql
var tilePublicCells string

// publicTileSQL is tileSQL as the public sees it; $7 is the precision in metres.
func publicTileSQL(collection string) string {
	if collection == "cells" {
		return tilePublicCells
	}
	return generalisedShape.ReplaceAllString(tileSQL(collection), "ST_Transform(access.generalised($1.geom, $$7::int), 3857)")
}

var generalisedShape = regexp.MustCompile(`ST_Transform\((\w+)\.geom, 3857\)`)

func noTiles(id string) error {
	e := grids.Errorf(grids.NotFound, "collection", "数据集 %q 没有瓦片", "collection %q has no tiles", id)
	e.Value = id
	return e.Fix("数据集列表见 /collections", "see /collections for those there are")
}

// tileAddress is a tile of the Web Mercator quadtree, y from the north.
type tileAddress struct{ z, x, y int }

func parseTile(c echo.Context) (tileAddress, error) {
	var t tileAddress
	row, ok := strings.CutSuffix(c.Param("y"), tileSuffix)
	if !ok {
		return t, echo.ErrNotFound
	}
	for _, part := range []struct {
		name, text string
		into       *int
		most       func() int
	}{
		{"z", c.Param("z"), &t.z, func() int { return maxZoom }},
		{"x", c.Param("x"), &t.x, func() int { return 1<<t.z - 1 }},
		{"y", row, &t.y, func() int { return 1<<t.z - 1 }},
	} {
		n, err := strconv.Atoi(part.text)
		if err != nil || n < 0 || n > part.most() {
			e := grids.Errorf(grids.Invalid, part.name, "瓦片 %s=%q 超出范围", "tile %s=%q is out of range", part.name, part.text)
			e.Value = part.text
			return t, e.Fix("取 0 至 %d 的整数", "give a whole number from 0 to %d", part.most())
		}
		*part.into = n
	}
	return t, nil
}

// getTile serves one vector tile. No personal data goes into tiles.
func (s *Server) getTile(c echo.Context) error {
	t, err := parseTile(c)
	if err != nil {
		return err
	}
	id := c.Param("collection")
	if tileSQL(id) == "" {
		return noTiles(id)
	}
	var key string
	var done bool
	var territory grids.TerritoryID
	var edition grids.EditionID
	metres := 0 // 0: as it is
	arg, err := tileArgument(c, id)
	if err != nil {
		return err
	}
	err = s.read(c, func(ctx context.Context, r reading) error {
		pinned, err := strconv.Atoi(c.QueryParam("edition"))
		if err != nil {
			pinned = 0
		}
		scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{}, grids.EditionID(pinned), r.now)
		if err != nil {
			return err
		}
		// A published edition's cells never change; what else tiles show does.
		version := "-"
		if id != "cells" {
			state, err := s.states.state(ctx, r)
			if err != nil {
				return err
			}
			version = fmt.Sprint(state.Objects, state.Layers)
		} else if pinned != 0 {
			c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		territory, edition = r.territory.id, scope.Last
		if r.seen == nil && c.Response().Header().Get("Cache-Control") != "" {
			c.Response().Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		} else if r.seen != nil {
			metres = r.seen[id].PrecisionM
			c.Response().Header().Set("Cache-Control", "no-cache") // what is open may be closed
		}
		key = fmt.Sprintf("%d/%s/%d/%s/%d/%d/%d/%s/%d", territory, id, edition, version, t.z, t.x, t.y, arg, metres)
		done, err = s.fresh(c, edition, version)
		return err
	})
	if err != nil || done {
		return err
	}
	body, err := s.tiles.tile(c.Request().Context(), key, func(ctx context.Context) ([]byte, error) {
		return s.computeTile(ctx, c, id, territory, edition, t, arg, metres)
	})
	if err != nil {
		return err
	}
	return sendTile(c, body)
}

// computeTile asks the database for a tile and compresses it; nil is an empty
// one.
func (s *Server) computeTile(ctx context.Context, c echo.Context, id string, territory grids.TerritoryID, edition grids.EditionID, t tileAddress, arg string, metres int) ([]byte, error) {
	var tile []byte
	err := s.db.Read(ctx, principal(c), func(tx pgx.Tx) error {
		if metres > 0 {
			return tx.QueryRow(ctx, publicTileSQL(id), territory, edition, t.z, t.x, t.y, arg, metres).Scan(&tile)
		}
		return tx.QueryRow(ctx, tileSQL(id), territory, edition, t.z, t.x, t.y, arg).Scan(&tile)
	})
	if err != nil {
		return nil, fmt.Errorf("tile %s %v: %w", id, t, err)
	}
	if len(tile) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, 6)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(tile); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

func sendTile(c echo.Context, zipped []byte) error {
	if len(zipped) == 0 {
		return c.NoContent(http.StatusNoContent)
	}
	h := c.Response().Header()
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(zipped)))
		return c.Blob(http.StatusOK, mediaTile, zipped)
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, mediaTile, plain)
}

// tileArgument is the last parameter of a collection's tile statement.
func tileArgument(c echo.Context, id string) (string, error) {
	layer := c.QueryParam("layer")
	if id == "layer-cells" {
		return layer, nil
	}
	if layer != "" {
		e := grids.Errorf(grids.Invalid, "layer", "数据集 %s 的瓦片没有条线", "tiles of %s have no layers", id)
		e.Value = layer
		return "", e
	}
	return grids.KindOf(id), nil
}

// getTileJSON describes a collection's tiles. The address of cells names the
// edition in force, so that browsers may keep these tiles for good.
func (s *Server) getTileJSON(c echo.Context) error {
	id, ok := strings.CutSuffix(c.Param("collection"), ".json")
	if !ok {
		return echo.ErrNotFound
	}
	if tileSQL(id) == "" {
		return noTiles(id)
	}
	d, err := s.def(id)
	if err != nil {
		return err
	}
	arg, err := tileArgument(c, id)
	if err != nil {
		return err
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{}, 0, r.now)
		if err != nil {
			return err
		}
		e, err := readExtent(ctx, r)
		if err != nil {
			return err
		}
		if done, err := s.fresh(c, scope.Last, r.territory); done || err != nil {
			return err
		}
		query := url.Values{}
		switch {
		case id == "layer-cells" && arg != "":
			query.Set("layer", arg)
		case id == "cells" && scope.Last > 0:
			query.Set("edition", strconv.Itoa(int(scope.Last)))
		}
		address := callOf(c).baseURL() + "/tiles/" + id + "/{z}/{x}/{y}" + tileSuffix
		if len(query) > 0 {
			address += "?" + query.Encode()
		}
		lang := callOf(c).lang
		name, description, version, scheme := r.territory.name+" "+d.Title.In(lang), d.Description.In(lang), "1.0.0", "xyz"
		say, least, most, edition := attribution(r.territory), 0, deepestZoom, int(scope.Last)
		out := TileJSON{
			Tilejson: "3.0.0", Name: &name, Description: &description, Version: &version, Scheme: &scheme, Attribution: &say,
			Tiles: []string{address}, Minzoom: &least, Maxzoom: &most, Edition: &edition, Demo: &r.territory.demo, VectorLayers: vectorLayers(id),
		}
		if o := r.seen[id]; o.ApprovalNo != "" {
			out.Approval = &o.ApprovalNo
			say += " · 审图号:" + o.ApprovalNo
		}
		if e.bbox != nil {
			out.Bounds = &e.bbox
		}
		return sendJSON(c, http.StatusOK, mediaJSON, out)
	})
}

func vectorLayers(id string) []VectorLayer {
	switch id {
	case "cells":
		fields := map[string]string{"code": "String", "uid": "Number", "name": "String", "tier": "Number", "provenance": "String"}
		return []VectorLayer{{Id: "cells", Fields: fields}, {Id: "labels", Fields: fields}}
	case "layer-cells":
		return []VectorLayer{{Id: id, Fields: map[string]string{"code": "String", "name": "String", "layer": "String"}}}
	default:
		return []VectorLayer{{Id: id, Fields: map[string]string{"code": "String", "name": "String", "kind": "String"}}}
	}
}

// tileTimeout bounds the computing of one tile, which several requests may wait
// for and none of them owns.
const tileTimeout = 30 * time.Second
