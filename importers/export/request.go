// Package export writes collections as files that GIS programs and spreadsheets
// open: what the collection shows of each feature and, for whoever may see it,
// what its file said of it. Rows come from one query; memory is bounded.
package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/layers"
	"unigrid/importers/charset"
)

// Format is one that can be written.
type Format string

// The formats there are.
const (
	Shapefile  Format = "shp"
	GeoPackage Format = "gpkg"
	GeoJSON    Format = "geojson"
	CSV        Format = "csv"
	XLSX       Format = "xlsx"
)

// Request says what is wanted.
type Request struct {
	Collection string
	Tier       grids.Tier      // of cells; 0: all
	Layer      grids.LayerCode // of layer cells, crosswalk and assignments; "": all
	At         *time.Time      // nil: now
	Format     Format
	EPSG       int    // of the file's coordinates; 0: 4326
	Encoding   string // of shapefile and CSV; "": UTF-8
	Original   bool   // the geometry that was sent, wherever one was
}

// FormatChoice is a format with what can be chosen in it.
type FormatChoice struct {
	Format    Format     `json:"format"`
	Title     grids.Text `json:"title"`
	Encodings []string   `json:"encodings"` // none: UTF-8 alone
	CRS       bool       `json:"crs"`       // may have other coordinates than EPSG:4326
}

// Formats lists the formats.
func Formats() []FormatChoice {
	return []FormatChoice{
		{Shapefile, grids.Text{ZH: "Shapefile(打包为 .zip)", EN: "Shapefile (in a .zip)"}, []string{"UTF-8", "GBK", "GB18030", "Big5"}, true},
		{GeoPackage, grids.Text{ZH: "GeoPackage", EN: "GeoPackage"}, []string{}, true},
		{GeoJSON, grids.Text{ZH: "GeoJSON", EN: "GeoJSON"}, []string{}, false},
		{CSV, grids.Text{ZH: "CSV 表格", EN: "CSV table"}, []string{"UTF-8", "GB18030", "GBK", "Big5"}, true},
		{XLSX, grids.Text{ZH: "Excel 工作簿", EN: "Excel workbook"}, []string{}, true},
	}
}

// CollectionChoice is a collection with what can be chosen of it.
type CollectionChoice struct {
	Name     string            `json:"name"`
	Title    grids.Text        `json:"title"`
	Tiers    []grids.Tier      `json:"tiers"`
	Layers   []grids.LayerCode `json:"layers"`
	Geometry string            `json:"geometry"` // polygon, point or none
}

// CRSChoice is a coordinate system that coordinates may be in.
type CRSChoice struct {
	EPSG int    `json:"epsg"`
	Name string `json:"name"`
}

// Choices are what can be asked for.
type Choices struct {
	Collections []CollectionChoice `json:"collections"`
	Formats     []FormatChoice     `json:"formats"`
	CRS         []CRSChoice        `json:"crs"`
}

// ListChoices gives what can be asked for of a territory: its own coordinate
// system first.
func ListChoices(ctx context.Context, tx pgx.Tx, t cells.Territory) (Choices, error) {
	c := Choices{Formats: Formats()}
	list, err := layers.List(ctx, tx, t.ID)
	if err != nil {
		return c, err
	}
	for _, d := range collections.Exports() {
		one := CollectionChoice{Name: d.ID, Title: d.Title, Tiers: []grids.Tier{}, Layers: []grids.LayerCode{}, Geometry: "point"}
		switch d.Geometry {
		case "MultiPolygon":
			one.Geometry = "polygon"
		case "None":
			one.Geometry = "none"
		}
		if filters(d, "tier") {
			for tier := range t.Scheme.Lengths {
				one.Tiers = append(one.Tiers, grids.Tier(tier+1))
			}
		}
		if filters(d, "layer") {
			for _, l := range list {
				one.Layers = append(one.Layers, l.Code)
			}
		}
		c.Collections = append(c.Collections, one)
	}
	for _, epsg := range systems(t) {
		if name := crs.Name(epsg); name != "" {
			c.CRS = append(c.CRS, CRSChoice{epsg, name})
		}
	}
	return c, nil
}

// systems are those that are offered: the territory's own, the geographic ones,
// Web Mercator, and the zones at its meridian.
func systems(t cells.Territory) []int {
	list := []int{t.EPSG, 4490, 4326, 3857}
	if meridian, ok := crs.Meridian(t.EPSG); ok {
		list = append(list, crs.Near(meridian)...)
	}
	var once []int
	for _, epsg := range list {
		if !slices.Contains(once, epsg) {
			once = append(once, epsg)
		}
	}
	return once
}

func filters(d *collections.Def, property string) bool {
	p, ok := d.Property(property)
	return ok && p.Filter != ""
}

// settled is a request that can be answered.
type settled struct {
	Request
	def      *collections.Def
	query    collections.Query
	encoding charset.Encoding
	at       time.Time
	wkt      string // of the coordinate system, as PostGIS has it
}

// settle checks a request and finds the state of the territory that it means.
// Unknown words are named with those that there are.
func settle(ctx context.Context, tx pgx.Tx, t cells.Territory, r Request, now time.Time) (settled, error) {
	s := settled{Request: r, encoding: charset.UTF8()}
	var names []string
	for _, d := range collections.Exports() {
		names = append(names, d.ID)
		if d.ID == r.Collection {
			s.def = d
		}
	}
	if s.def == nil {
		e := grids.Errorf(grids.NotFound, "collection", "没有集合 %q", "there is no collection %q", r.Collection)
		e.Value = r.Collection
		return s, e.Fix("有:%s", "there are: %s", strings.Join(names, ", "))
	}
	if err := s.settleFormat(ctx, tx); err != nil {
		return s, err
	}
	if err := s.settleFilters(ctx, tx, t); err != nil {
		return s, err
	}
	if err := s.def.Check(s.query); err != nil {
		return s, err
	}
	var err error
	s.query.Scope, err = collections.Resolve(ctx, tx, t.ID, collections.When{From: r.At, To: r.At}, 0, now)
	s.at = s.query.Scope.At
	return s, err
}

func (s *settled) settleFormat(ctx context.Context, tx pgx.Tx) error {
	at := slices.IndexFunc(Formats(), func(f FormatChoice) bool { return f.Format == s.Format })
	if at < 0 {
		var names []string
		for _, f := range Formats() {
			names = append(names, string(f.Format))
		}
		e := grids.Errorf(grids.Invalid, "format", "没有格式 %q", "there is no format %q", string(s.Format))
		e.Value = string(s.Format)
		return e.Fix("有:%s", "there are: %s", strings.Join(names, ", "))
	}
	choice := Formats()[at]
	if s.Format == Shapefile && s.def.Geometry == "None" {
		return grids.Errorf(grids.Invalid, "format", "%s没有几何,不能存为 shapefile", "%s have no geometry, which a shapefile can't be without", grids.Text{ZH: s.def.Title.ZH, EN: s.def.ID}).
			Fix("改用 xlsx 或 csv", "take xlsx or csv")
	}
	if s.EPSG == 0 {
		s.EPSG = 4326
	}
	if !choice.CRS && s.EPSG != 4326 {
		return grids.Errorf(grids.Invalid, "crs", "GeoJSON 的坐标总是经纬度(EPSG:4326,RFC 7946)", "GeoJSON has longitude and latitude always (EPSG:4326, RFC 7946)").
			Fix("去掉 crs,或改用 gpkg、shp", "leave crs away, or take gpkg or shp")
	}
	if err := s.settleCRS(ctx, tx); err != nil {
		return err
	}
	if s.Encoding == "" {
		return nil
	}
	encoding, err := charset.Lookup(s.Encoding)
	if err != nil || !slices.Contains(append(choice.Encodings, "UTF-8"), encoding.Name()) {
		e := grids.Errorf(grids.Invalid, "encoding", "%s 不能用编码 %q", "%s can't be in the encoding %q", string(s.Format), s.Encoding)
		e.Value = s.Encoding
		if len(choice.Encodings) == 0 {
			return e.Fix("去掉 encoding:这种格式总是 UTF-8", "leave encoding away: this format is always in UTF-8")
		}
		return e.Fix("可用:%s", "these can be: %s", strings.Join(choice.Encodings, ", "))
	}
	s.encoding = encoding
	return nil
}

// settleCRS finds the definition of the coordinate system.
func (s *settled) settleCRS(ctx context.Context, tx pgx.Tx) error {
	err := tx.QueryRow(ctx, `SELECT srtext FROM spatial_ref_sys WHERE srid = $1`, s.EPSG).Scan(&s.wkt)
	if errors.Is(err, pgx.ErrNoRows) {
		e := grids.Errorf(grids.Invalid, "crs", "不认识坐标系 EPSG:%d", "the coordinate system EPSG:%d is not known", s.EPSG)
		e.Value = fmt.Sprint(s.EPSG)
		return e.Fix("例如 EPSG:4490、EPSG:4326、EPSG:4547", "such as EPSG:4490, EPSG:4326, EPSG:4547")
	}
	return err
}

func (s *settled) settleFilters(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
	if s.Tier != 0 {
		most := grids.Tier(len(t.Scheme.Lengths))
		if !filters(s.def, "tier") {
			return grids.Errorf(grids.Invalid, "tier", "%s 没有层级", "%s have no tiers", s.def.ID).Fix("去掉 tier", "leave tier away")
		}
		if s.Tier < 1 || s.Tier > most {
			return grids.Errorf(grids.Invalid, "tier", "没有层级 %d", "there is no tier %d", s.Tier).Fix("有 1 至 %d", "there are 1 to %d", most)
		}
		s.query.Filters = append(s.query.Filters, collections.Filter{Property: "tier", Value: fmt.Sprint(s.Tier)})
	}
	if s.Layer == "" {
		return nil
	}
	if !filters(s.def, "layer") {
		return grids.Errorf(grids.Invalid, "layer", "%s 不分条线", "%s have no layers", s.def.ID).Fix("去掉 layer", "leave layer away")
	}
	list, err := layers.List(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	var codes []string
	for _, l := range list {
		codes = append(codes, string(l.Code))
	}
	if !slices.Contains(codes, string(s.Layer)) {
		e := grids.Errorf(grids.Invalid, "layer", "没有条线 %q", "there is no layer %q", string(s.Layer))
		e.Value = string(s.Layer)
		return e.Fix("有:%s", "there are: %s", strings.Join(codes, ", "))
	}
	s.query.Filters = append(s.query.Filters, collections.Filter{Property: "layer", Value: string(s.Layer)})
	return nil
}

// title names what was asked for, without an ending: 试验市_统一网格_4级_20260101.
func (s settled) title(t cells.Territory) string {
	parts := []string{t.Name, s.def.Title.ZH}
	if s.Tier != 0 {
		parts = append(parts, fmt.Sprintf("%d级", s.Tier))
	}
	if s.Layer != "" {
		parts = append(parts, string(s.Layer))
	}
	if s.Original {
		parts = append(parts, "原始几何")
	}
	layout := "20060102T150405Z"
	if s.at.Equal(s.at.Truncate(24 * time.Hour)) {
		layout = "20060102"
	}
	parts = append(parts, s.at.UTC().Format(layout))
	if s.EPSG != 4326 {
		parts = append(parts, fmt.Sprintf("EPSG%d", s.EPSG))
	}
	clean := strings.NewReplacer("/", "_", `\`, "_", ":", "_", "*", "_", "?", "_", `"`, "_", "<", "_", ">", "_", "|", "_", " ", "_")
	return clean.Replace(strings.Join(parts, "_"))
}
