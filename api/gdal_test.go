package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"unigrid/grids"
	"unigrid/grids/access"
)

// gdal runs a GDAL program.
func gdal(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	text, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, text)
	}
	// Of a layer that begins with points, GDAL remarks on the first polygon; it
	// copies it all the same.
	remark := strings.Contains(string(text), "is inserted into layer copy of geometry type POINT")
	if strings.Contains(string(text), "Warning") && !remark || strings.Contains(string(text), "ERROR") {
		t.Errorf("%s %s: %s", name, strings.Join(args, " "), text)
	}
	return string(text)
}

// TestGDALLosesNothing copies every collection to a GeoPackage as a GIS office
// would, and compares it value by value with what the API says. The first page
// lacks what later ones have: no cell of tiers 1 to 3 and of the first villages
// has an alias or a lead, and all their areas are whole numbers or not.
func TestGDALLosesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 300)
	l.person("P2", "示例人员 0002")
	l.assign("P2", "430203002300", "accountable", "")
	l.assign("P2", "430203002300", "lead", "environment")
	l.object("enterprise", "E1", "示例企业 0001 号", "", `{}`)
	for i := range 30 {
		l.object("enterprise", fmt.Sprintf("E%02d", 10+i), "示例企业", fmt.Sprintf("POINT(113.%02d 27.6)", 1+i), fmt.Sprintf(`{"nr":%d}`, i))
	}
	l.object("enterprise", "E99", "示例企业", "POLYGON((113.3 27.6,113.31 27.6,113.31 27.61,113.3 27.6))", `{}`)
	l.exec(`UPDATE objects.object SET outside_share = 0.25 WHERE territory_id = $1 AND code = 'E99'`, l.id)
	l.object("river-reach", "R1", "示例河段", "LINESTRING(113.01 27.51, 113.01 27.69)", `{}`)
	l.crosswalk()

	key := []string{"--config", "GDAL_HTTP_HEADERS", "X-Api-Key: " + s.key("gis-office", access.Grant{Territory: l.id, Role: grids.RoleAgency}, access.Key{PerMinute: 1000})}
	listed := gdal(t, "ogrinfo", append(slices.Clone(key), "-ro", "-so", "-al", "OAPIF:"+s.server.URL)...)
	for _, name := range []string{"cells", "layer-cells", "enterprises", "monitors", "water-sources", "river-reaches", "crosswalk"} {
		if !strings.Contains(listed, "Layer name: "+name+"\n") {
			t.Errorf("ogrinfo does not list %s", name)
		}
	}
	if !strings.Contains(listed, "Feature Count: 1207") {
		t.Errorf("ogrinfo counts otherwise: %.2000s", listed)
	}
	for name, wkb := range map[string]string{"cells": "Multi Polygon", "enterprises": "", "river-reaches": "Multi Line String", "crosswalk": "Multi Polygon"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "copy.gpkg")
			gdal(t, "ogr2ogr", append(slices.Clone(key), "-f", "GPKG", "-nln", "copy", file, "OAPIF:"+s.server.URL, name)...)
			if info := gdal(t, "ogrinfo", "-ro", "-so", file, "copy"); !strings.Contains(info, "Geometry: "+wkb) {
				t.Errorf("%s", info)
			}
			back := filepath.Join(t.TempDir(), "back.geojson")
			gdal(t, "ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=7", back, file)
			content, err := os.ReadFile(back)
			if err != nil {
				t.Fatal(err)
			}
			got := features(t, content)
			want := map[string]feature{}
			for next := "/collections/" + name + "/items?limit=1000"; next != ""; {
				page := s.get(next)
				maps.Copy(want, features(t, page.body))
				next = href(t, page, "next")
			}
			compare(t, name, got, want)
		})
	}
}

type feature struct {
	Geometry   any            `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

// features reads a feature collection by uid, or by cell where there is none.
func features(t *testing.T, text []byte) map[string]feature {
	t.Helper()
	var c struct{ Features []feature }
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	byID := map[string]feature{}
	for _, f := range c.Features {
		id := f.Properties["uid"]
		if id == nil {
			id = f.Properties["cell"]
		}
		byID[fmt.Sprint(id)] = f
	}
	return byID
}

func compare(t *testing.T, name string, got, want map[string]feature) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: %d features, want %d", name, len(got), len(want))
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if fmt.Sprint(got[id].Geometry) != fmt.Sprint(want[id].Geometry) {
			t.Fatalf("%s %s: geometry %.300v, want %.300v", name, id, got[id].Geometry, want[id].Geometry)
		}
		for property, value := range want[id].Properties {
			if have, ok := got[id].Properties[property]; !ok || canonical(have) != canonical(value) {
				t.Fatalf("%s %s: %s is %v, want %v", name, id, property, have, value)
			}
		}
	}
}

// canonical writes a value such that what GeoPackage keeps as text, number,
// instant or bit compares with what was sent.
func canonical(v any) string {
	switch v := v.(type) {
	case string:
		var inner any
		if (strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[")) && json.Unmarshal([]byte(v), &inner) == nil {
			return canonical(inner)
		}
		if strings.HasSuffix(v, "Z") {
			return strings.TrimSuffix(strings.Replace(v, "/", "-", 2), "Z")
		}
		return v
	case bool:
		if v {
			return "1"
		}
		return "0"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case nil:
		return ""
	default:
		text, _ := json.Marshal(v)
		return string(text)
	}
}
