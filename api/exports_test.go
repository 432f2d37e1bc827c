package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
)

// newDownloads is a site with firms, one of whose names needs GB18030, and
// columns that nobody published.
func newDownloads(t *testing.T) *planner {
	t.Helper()
	p := newPlanner(t)
	path := filepath.Join(t.TempDir(), "企业.csv")
	text := "编码,名称,行业,备注,经度,纬度\nF-1,洣江示例企业,化工,甲,113.001,27.001\nF-2,示例𬒈石企业,冶炼,乙,113.002,27.002\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.layer()
	var territory cells.Territory
	p.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		territory, err = cells.FindTerritory(ctx, tx, "431000000000")
		return err
	})
	report, err := importers.Run(t.Context(), p.db, grids.Local, territory, importers.Request{File: path, Target: "enterprises"}, nil)
	if err != nil || report.Applied != 2 {
		t.Fatalf("%v %+v", err, report)
	}
	return p
}

// layer gives the town a layer.
func (p *planner) layer() {
	p.t.Helper()
	p.exec(`INSERT INTO layers.layer (territory_id, code, name_zh, name_en, rank) VALUES ($1, 'environment', '环境', 'Environment', 1)`, p.town.Territory)
}

func TestExportChoices(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	p.layer()
	a := p.get(p.base + "/export-choices")
	var choices api.ExportChoices
	if err := json.Unmarshal(a.body, &choices); err != nil || a.status != 200 {
		t.Fatalf("%d %v %s", a.status, err, a.body)
	}
	var names []string
	for _, c := range choices.Collections {
		names = append(names, c.Name+" "+string(c.Geometry))
		if c.Name == "cells" && len(c.Tiers) != 4 || c.Name == "layer-cells" && !slices.Contains(c.Layers, "environment") {
			t.Errorf("%+v", c)
		}
	}
	for _, want := range []string{"cells polygon", "layer-cells polygon", "enterprises point", "people none", "assignments none"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing: %s", want, names)
		}
	}
	if c := choices.Crs; c[0].Epsg != 4547 || c[1].Epsg != 4490 || c[2].Epsg != 4326 || c[3].Epsg != 3857 || !slices.ContainsFunc(c, func(one struct {
		Epsg int    `json:"epsg"`
		Name string `json:"name"`
	}) bool {
		return one.Epsg == 4526
	}) {
		t.Errorf("%+v", c)
	}
	if f := choices.Formats; len(f) != 5 || f[0].Format != "shp" || !slices.Contains(f[0].Encodings, "GBK") || !f[0].Crs || f[2].Crs {
		t.Errorf("%+v", f)
	}
}

// Every format comes whole, under a Chinese name, and GDAL reads it.
func TestDownloads(t *testing.T) {
	t.Parallel()
	p := newDownloads(t)
	for query, want := range map[string]struct{ media, ending string }{
		"format=shp&crs=EPSG:4547&encoding=GB18030": {"application/zip", "_EPSG4547.zip"},
		"format=gpkg&crs=4490":                      {"application/geopackage+sqlite3", "_EPSG4490.gpkg"},
		"format=geojson&original=true":              {"application/geo+json", "Z.geojson"},
		"format=csv":                                {"text/csv; charset=utf-8", "Z.csv"},
		"format=xlsx":                               {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Z.xlsx"},
	} {
		a := p.get(p.base + "/exports/enterprises?" + query)
		disposition, parameters, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
		name := parameters["filename"]
		if a.status != 200 || err != nil || disposition != "attachment" || !strings.Contains(name, "_企业_") || !strings.HasSuffix(name, want.ending) || a.header.Get("Content-Type") != want.media ||
			!strings.Contains(a.header.Get("Content-Disposition"), "filename*=utf-8''") || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v %.300s", query, a.status, a.header, a.body)
			continue
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, a.body, 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".zip") {
			path = "/vsizip/" + path
			r, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
			if err != nil || len(r.File) != 6 {
				t.Errorf("%v %v", r, err)
			}
		}
		said := gdal(t, "ogrinfo", "-al", path)
		for _, want := range []string{"洣江示例企业", "示例𬒈石企业", "备注", "乙"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %s is missing: %s", query, want, said)
			}
		}
	}
	// as it was before anything was there
	if a := p.get(p.base + "/exports/enterprises?format=geojson&datetime=2001-01-01T00:00:00Z"); a.status != 200 || len(codes(t, a)) != 0 ||
		!strings.Contains(a.header.Get("Content-Disposition"), "_20010101.geojson") {
		t.Errorf("%d %s %s", a.status, a.header, a.body)
	}
	if a := p.get(p.base + "/exports/cells?format=geojson&tier=1"); a.status != 200 || len(codes(t, a)) != 1 || !strings.Contains(string(a.body), grids.Disclaimer.ZH) {
		t.Errorf("%d %.500s", a.status, a.body)
	}
	if a := p.get(p.base + "/exports/people?format=csv"); a.status != 200 || !strings.Contains(string(a.body), "phone_masked") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestExportRefusals(t *testing.T) {
	t.Parallel()
	p := newDownloads(t)
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"roads?format=shp":                                        {404, "enterprises"},
		"enterprises":                                             {400, "format"},
		"enterprises?format=kml":                                  {400, "gpkg"},
		"enterprises?format=shp&encoding=Latin-1":                 {400, "GBK"},
		"enterprises?format=gpkg&encoding=GBK":                    {400, "UTF-8"},
		"enterprises?format=shp&crs=EPSG:99999":                   {400, "EPSG:4490"},
		"enterprises?format=shp&crs=x":                            {400, "crs"},
		"enterprises?format=geojson&crs=EPSG:4547":                {400, "RFC 7946"},
		"enterprises?format=shp&tier=2":                           {400, "tier"},
		"cells?format=shp&tier=9":                                 {400, "1 to 4"},
		"layer-cells?format=shp&layer=none":                       {400, "environment"},
		"people?format=shp":                                       {400, "xlsx"},
		"enterprises?format=shp&datetime=yesterday":               {400, "RFC 3339"},
		"enterprises?format=shp&datetime=2026-01-01T00:00:00Z/..": {400, "instant"},
		"enterprises?format=shp&colour=red":                       {400, "colour"},
	} {
		if a := p.get(p.base + "/exports/" + path); a.status != want.status || !strings.Contains(string(a.body), want.says) || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, format := range []string{"shp", "csv"} {
		a := p.get(p.base+"/exports/enterprises?encoding=GBK&format="+format, "Accept-Language", "zh")
		var problem api.Problem
		if err := json.Unmarshal(a.body, &problem); err != nil || a.status != 422 || problem.Lacking == nil || a.header.Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%d %s", a.status, a.body)
		}
		want := []api.LackingValue{{Row: 2, Code: "F-2", Field: "name", Value: "示例𬒈石企业", Character: "𬒈"}, {Row: 2, Code: "F-2", Field: "名称", Value: "示例𬒈石企业", Character: "𬒈"}}
		if !slices.Equal(*problem.Lacking, want) || !strings.Contains(strings.Join(*problem.Fixes, " "), "UTF-8") || !strings.Contains(strings.Join(*problem.Fixes, " "), "GB18030") {
			t.Errorf("%s", a.body)
		}
	}
}
