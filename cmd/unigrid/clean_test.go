package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb/geojson"

	"unigrid/grids/database/databasetest"
)

// TestClean cleans a file of two overlapping squares and a gap, writes it in
// both formats with its reports, and cleans the outcome once more.
func TestClean(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	square := func(code, x1, x2 string) string {
		return `{"type":"Feature","properties":{"code":"` + code + `","note":"备注"},"geometry":{"type":"Polygon","coordinates":[[[` +
			x1 + `,27],[` + x2 + `,27],[` + x2 + `,27.01],[` + x1 + `,27.01],[` + x1 + `,27]]]}}`
	}
	write := func(name string, features ...string) {
		if err := os.WriteFile(in(name), []byte(`{"type":"FeatureCollection","features":[`+strings.Join(features, ",")+`]}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("dirty.geojson", square("a", "113", "113.0101"), square("b", "113.01", "113.03"))
	write("twice.geojson", square("a", "113", "113.01"), square("b", "113", "113.01"))
	for _, step := range []struct {
		args string
		want int
	}{
		{"clean dirty.geojson -o clean.geojson --report changes.geojson", exitDone},
		{"clean clean.geojson -o again.geojson --report again.csv", exitDone},
		{"clean dirty.geojson -o clean.shp --report changes.csv", exitDone},
		{"clean clean.shp -o shp.geojson --report shp.csv", exitDone},
		{"clean twice.geojson -o once.geojson", exitFailed},
		{"clean dirty.geojson -o locked.geojson --locked", exitFailed},
		{"clean dirty.geojson -o clean.kml", exitUsage},
		{"clean dirty.geojson", exitUsage},
	} {
		args := []string{"--database-url", url}
		for _, arg := range strings.Fields(step.args) {
			if strings.Contains(arg, ".") {
				arg = in(arg)
			}
			args = append(args, arg)
		}
		if got := run(t.Context(), args); got != step.want {
			t.Fatalf("%s: exit code %d, want %d", step.args, got, step.want)
		}
	}
	read := func(name string) *geojson.FeatureCollection {
		content, err := os.ReadFile(in(name))
		if err != nil {
			t.Fatal(err)
		}
		var c geojson.FeatureCollection
		if err := json.Unmarshal(content, &c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return &c
	}
	if changes := read("changes.geojson").Features; len(changes) != 1 || changes[0].Properties["kind"] != "overlap" ||
		changes[0].Properties["area_m2"].(float64) < 10000 || changes[0].Geometry.GeoJSONType() != "MultiPolygon" {
		t.Errorf("changes: %+v", changes)
	}
	if cells := read("clean.geojson").Features; len(cells) != 2 || cells[1].Properties["note"] != "备注" {
		t.Errorf("cells: %+v", cells)
	}
	if cells := read("once.geojson").Features; len(cells) != 1 || cells[0].Properties["code"] != "a" {
		t.Errorf("of two that are the same %d are left", len(cells))
	}
	for name, want := range map[string]int{"changes.csv": 2, "again.csv": 1, "shp.csv": 1} {
		file, err := os.Open(in(name))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(file).ReadAll()
		file.Close()
		if err != nil || len(rows) != want {
			t.Errorf("%s: %d rows, want %d: %v %v", name, len(rows), want, rows, err)
		}
	}
	if before, after := read("clean.geojson"), read("again.geojson"); len(before.Features) != len(after.Features) {
		t.Error("cleaning twice isn't cleaning once")
	}
	if _, err := os.Stat(in("locked.geojson")); err == nil {
		t.Error("a file that was refused was written")
	}
}
