package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/grids/database/databasetest"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

// TestExportCommand writes what was imported, and leaves nothing behind where it
// can't.
func TestExportCommand(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	if err := os.WriteFile(in("firms.csv"), []byte("编码,名称,备注\nF-1,示例𬒈石企业,甲\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(in("out"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		args string
		want int
	}{
		{"territory", "territory create --code 430200000000 --name 株洲市 --crs EPSG:4547", exitDone},
		{"import", "import --as enterprises " + in("firms.csv"), exitDone},
		{"no file", "export enterprises", exitUsage},
		{"no format", "export enterprises -o " + in("out/x"), exitUsage},
		{"another ending", "export enterprises --format gpkg -o " + in("out/x.shp"), exitUsage},
		{"no instant", "export enterprises --at yesterday -o " + in("out/x.shp"), exitUsage},
		{"a period", "export enterprises --at 2026-01-01T00:00:00Z/.. -o " + in("out/x.shp"), exitUsage},
		{"no collection", "export roads -o " + in("out/x.shp"), exitFailed},
		{"a character that the encoding lacks", "export enterprises --encoding GBK -o " + in("out/x.shp"), exitFailed},
		{"no folder", "export enterprises -o " + in("none/x.shp"), exitFailed},
		{"shapefile", "export enterprises --progress --crs EPSG:4547 -o " + in("out/firms.shp"), exitDone},
		{"again, in one file", "export enterprises --format shp --encoding GB18030 -o " + in("out/firms.zip"), exitDone},
		{"GeoPackage", "export enterprises -o " + in("out/firms.gpkg"), exitDone},
		{"CSV", "export enterprises -o " + in("out/firms.csv"), exitDone},
		{"workbook", "export people -o " + in("out/people.xlsx"), exitDone},
		{"GeoJSON", "export enterprises --json --at 2030-01-01T00:00:00Z -o " + in("out/firms.geojson"), exitDone},
	} {
		if got := run(t.Context(), append([]string{"--database-url", url}, strings.Fields(step.args)...)); got != step.want {
			t.Errorf("%s: exit code %d, want %d", step.name, got, step.want)
		}
	}
	entries, err := os.ReadDir(in("out"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "firms.cpg firms.csv firms.dbf firms.geojson firms.gpkg firms.prj firms.shp firms.shx firms.zip firms_说明.txt people.xlsx" {
		t.Error(got)
	}
	for _, name := range []string{"firms.shp", "firms.zip", "firms.geojson", "firms.csv", "firms.gpkg"} {
		s, err := formats.Open(in("out/"+name), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		record, err := s.Next()
		if err != nil || record.Values[0] != "F-1" || record.Values[2] != "示例𬒈石企业" {
			t.Errorf("%s: %v %v", name, record.Values, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
