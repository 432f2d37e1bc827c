package api

import (
	"bytes"
	"context"
	"io/fs"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
)

const (
	mediaJSON    = "application/json"
	mediaGeoJSON = "application/geo+json"
	mediaSchema  = "application/schema+json"
	mediaOpenAPI = "application/vnd.oai.openapi+json;version=3.0"
	mediaTile    = "application/vnd.mapbox-vector-tile"
	crs84        = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	webMercator  = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
)

// attribution is what a map of the territory must say, in both languages.
func attribution(t territory) string {
	text := grids.Disclaimer.ZH + " / " + grids.Disclaimer.EN
	if t.demo {
		text = grids.DemoMark.ZH + " / " + grids.DemoMark.EN + " · " + text
	}
	return text
}

func link(href, rel, media, title string) Link {
	l := Link{Href: href, Rel: rel}
	if media != "" {
		l.Type = &media
	}
	if title != "" {
		l.Title = &title
	}
	return l
}

// GetLanding is the root of a territory's API, or the map for a browser.
func (s *Server) GetLanding(c echo.Context, params GetLandingParams) error {
	c.Response().Header().Add("Vary", "Accept")
	html := params.F == nil && prefersHTML(c.Request()) || params.F != nil && *params.F == "html"
	if html && s.options.Static != nil {
		page, err := fs.ReadFile(s.options.Static, "index.html")
		if err != nil {
			return err
		}
		c.Response().Header().Set("Cache-Control", "no-cache")
		// A territory's page is served by its own address only if it exists.
		if one := callOf(c); one.territory != "" {
			if err := s.read(c, func(context.Context, reading) error { return nil }); err != nil {
				return err
			}
		}
		http.ServeContent(c.Response(), c.Request(), "index.html", time.Time{}, bytes.NewReader(page))
		return nil
	}
	return s.read(c, func(_ context.Context, r reading) error {
		base, lang := callOf(c).baseURL(), callOf(c).lang
		description, attribution := grids.Disclaimer.In(lang), attribution(r.territory)
		t := s.territory(c, r.territory)
		return c.JSON(http.StatusOK, Landing{
			Title: r.territory.name + grids.Text{ZH: "统一网格", EN: " unified grid"}.In(lang), Description: &description,
			Attribution: &attribution, Demo: &r.territory.demo, Territory: &t,
			Links: Links{
				link(base+"/?f=json", "self", mediaJSON, ""),
				link(base+"/", "alternate", "text/html", grids.Text{ZH: "地图", EN: "map"}.In(lang)),
				link(base+"/api", "service-desc", mediaOpenAPI, "OpenAPI"),
				link(base+"/conformance", "conformance", mediaJSON, ""),
				link(base+"/collections", "data", mediaJSON, grids.Text{ZH: "数据集", EN: "collections"}.In(lang)),
				link(callOf(c).origin+"/v1/territories", "related", mediaJSON, grids.Text{ZH: "辖区", EN: "territories"}.In(lang)),
			},
		})
	})
}

// GetConformance lists the conformance classes.
func (s *Server) GetConformance(c echo.Context, _ GetConformanceParams) error {
	return s.read(c, func(context.Context, reading) error {
		return c.JSON(http.StatusOK, Conformance{ConformsTo: []string{
			"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
			"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
			"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
			"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
			"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/queryables",
			"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
		}})
	})
}

// def finds a collection by its id.
func (s *Server) def(id string) (*collections.Def, error) {
	for _, d := range s.defs {
		if d.ID == id {
			return d, nil
		}
	}
	e := grids.Errorf(grids.NotFound, "collectionId", "没有数据集 %q", "there is no collection %q", id)
	e.Value = id
	return nil, e.Fix("数据集列表见 /collections", "see /collections for those there are")
}

// extent is the rectangle of a territory (its tier-1 cell) and the time its
// editions span.
type extent struct {
	bbox  []float64
	since *time.Time
}

func readExtent(ctx context.Context, r reading) (extent, error) {
	var e extent
	var west, south, east, north *float64
	err := r.tx.QueryRow(ctx, `
		SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b),
		       (SELECT min(effective) FROM editions.edition WHERE territory_id = $1 AND state = 'published')
		FROM (SELECT ST_Extent(v.geom) AS b FROM cells.of($1, editions.at($1, $2)) v WHERE v.tier = 1) t`,
		r.territory.id, r.now).Scan(&west, &south, &east, &north, &e.since)
	if err == nil && west != nil {
		e.bbox = []float64{*west, *south, *east, *north}
		if o, open := r.seen["cells"]; r.seen != nil && open {
			step := float64(o.PrecisionM) / 111_320
			e.bbox = []float64{math.Floor(*west/step) * step, math.Floor(*south/step) * step, math.Ceil(*east/step) * step, math.Ceil(*north/step) * step}
		} else if r.seen != nil {
			e.bbox = nil
		}
	}
	return e, err
}

func (s *Server) collection(c echo.Context, d *collections.Def, r reading, e extent) Collection {
	base, lang := callOf(c).baseURL()+"/collections/"+d.ID, callOf(c).lang
	description, attribution, storage := d.Description.In(lang), attribution(r.territory), crs84
	out := Collection{
		Id: d.ID, Title: d.Title.In(lang), Description: &description, Attribution: &attribution,
		ItemType: "feature", Crs: []string{crs84}, StorageCrs: &storage,
		Links: Links{
			link(base, "self", mediaJSON, ""),
			link(base+"/items", "items", mediaGeoJSON, d.Title.In(lang)),
			link(base+"/schema", "describedby", mediaSchema, ""),
			link(base+"/schema", "http://www.opengis.net/def/rel/ogc/1.0/schema", mediaSchema, ""),
			link(base+"/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", mediaSchema, ""),
		},
	}
	if o := r.seen[d.ID]; r.seen != nil {
		precision := o.PrecisionM
		out.PrecisionM, out.Approval = &precision, &o.ApprovalNo
	}
	if tileSQL(d.ID) != "" {
		out.Links = append(out.Links, link(base+"/tiles", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", mediaJSON, ""))
	}
	if e.bbox != nil {
		boxes, crs := [][]float64{e.bbox}, crs84
		out.Extent = &Extent{Spatial: &SpatialExtent{Bbox: &boxes, Crs: &crs}}
		if e.since != nil {
			since := e.since.UTC().Format(time.RFC3339)
			intervals := [][]*string{{&since, nil}}
			out.Extent.Temporal = &TemporalExtent{Interval: &intervals}
		}
	}
	return out
}

// GetCollections lists the collections.
func (s *Server) GetCollections(c echo.Context, _ GetCollectionsParams) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		e, err := readExtent(ctx, r)
		if err != nil {
			return err
		}
		out := Collections{Links: Links{link(callOf(c).baseURL()+"/collections", "self", mediaJSON, "")}, Collections: []Collection{}}
		for _, d := range s.defs {
			if only := principal(c).Collections; r.seen.has(d.ID) && (len(only) == 0 || slices.Contains(only, d.ID)) {
				out.Collections = append(out.Collections, s.collection(c, d, r, e))
			}
		}
		return c.JSON(http.StatusOK, out)
	})
}

// GetCollection describes a collection.
func (s *Server) GetCollection(c echo.Context, id CollectionId, _ GetCollectionParams) error {
	d, err := s.def(id)
	if err != nil {
		return err
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		e, err := readExtent(ctx, r)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, s.collection(c, d, r, e))
	})
}

// GetSchema gives the JSON Schema of a collection.
func (s *Server) GetSchema(c echo.Context, id CollectionId, _ GetSchemaParams) error {
	return s.schema(c, id, (*collections.Def).Schema)
}

// GetQueryables gives the JSON Schema of a collection's filters.
func (s *Server) GetQueryables(c echo.Context, id CollectionId, _ GetQueryablesParams) error {
	return s.schema(c, id, (*collections.Def).Queryables)
}

func (s *Server) schema(c echo.Context, id string, of func(d *collections.Def, id, lang string) map[string]any) error {
	d, err := s.def(id)
	if err != nil {
		return err
	}
	return s.read(c, func(context.Context, reading) error {
		one := callOf(c)
		return sendJSON(c, http.StatusOK, mediaSchema, of(d, one.origin+one.prefix+c.Request().URL.Path, one.lang))
	})
}

// GetTilesets lists the tilesets of a collection: one, of Web Mercator.
func (s *Server) GetTilesets(c echo.Context, id CollectionId, _ GetTilesetsParams) error {
	d, err := s.def(id)
	if err != nil {
		return err
	}
	if tileSQL(d.ID) == "" {
		return noTiles(d.ID)
	}
	return s.read(c, func(context.Context, reading) error {
		base := callOf(c).baseURL()
		templated := true
		tile := link(base+"/tiles/"+d.ID+"/{tileMatrix}/{tileCol}/{tileRow}.mvt", "item", mediaTile, "")
		tile.Templated = &templated
		title := d.Title.In(callOf(c).lang)
		out := Tilesets{Links: Links{link(base+"/collections/"+d.ID+"/tiles", "self", mediaJSON, "")}}
		out.Tilesets = append(out.Tilesets, Tileset{
			Title: &title, DataType: "vector", Crs: "http://www.opengis.net/def/crs/EPSG/0/3857", TileMatrixSetURI: webMercator,
			Links: Links{link(base+"/tiles/"+d.ID+".json", "describedby", mediaJSON, "TileJSON"), tile},
		})
		return c.JSON(http.StatusOK, out)
	})
}
