package importers_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/importers"
	"unigrid/importers/source"
)

// Files whose x and y are exchanged are warned about, and go in, places and
// mended rejects too, once a person says so.
func TestExchangedAxes(t *testing.T) {
	t.Parallel()
	const metres = 4547
	for name, c := range map[string]struct {
		make   func(t *testing.T) string
		epsg   int
		warned bool // reading it as it is doesn't already put it right
	}{
		"CSV": {func(t *testing.T) string {
			return write(t, "firms.csv", strings.Replace(firms, "经度,纬度", "纬度,经度", 1))
		}, 0, true},
		"CSV headed x and y": {func(t *testing.T) string {
			return write(t, "firms.csv", strings.Replace(firms, "经度,纬度", "Y,X", 1))
		}, 0, true},
		"CSV in metres, X the northing": {func(t *testing.T) string {
			return coordinatesLast(t, exchangedByOGR(t, "firms.csv", metres, "-lco", "GEOMETRY=AS_XY"))
		}, metres, false},
		"CSV with WKT": {func(t *testing.T) string {
			return exchangedByOGR(t, "firms.csv", metres, "-lco", "GEOMETRY=AS_WKT")
		}, metres, true},
		"GeoJSON": {func(t *testing.T) string { return exchangedByOGR(t, "firms.geojson", 4326) }, 4326, true},
		"shapefile in degrees": {func(t *testing.T) string {
			return exchangedByOGR(t, "firms.shp", 4490, "-lco", "ENCODING=UTF-8")
		}, 0, true},
		"shapefile in metres": {func(t *testing.T) string {
			return exchangedByOGR(t, "firms.shp", metres, "-lco", "ENCODING=UTF-8")
		}, 0, true},
		"GeoPackage": {func(t *testing.T) string { return exchangedByOGR(t, "firms.gpkg", metres) }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			territory := newTerritory(t, db)
			placed := func() int {
				return count(t, db, `SELECT count(*) FROM objects.object
					WHERE abs(ST_X(geom) - 113.07) < 0.021 AND abs(ST_Y(geom) - 27.055) < 0.006 AND abs(ST_X(geom) - round(ST_X(geom)::numeric, 2)) < 1e-7`)
			}
			r := importers.Request{File: c.make(t), Target: "enterprises", Source: source.Options{EPSG: c.epsg}, DryRun: true}
			report, err := importers.Run(t.Context(), db, grids.Local, territory, r, nil)
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for _, f := range report.Findings {
				said.WriteString(f.Message + f.MessageZH + "\n")
			}
			for _, word := range []string{"--swap-axes", "对调 x 和 y", "Exchange x and y"} {
				if strings.Contains(said.String(), word) != c.warned {
					t.Errorf("%s: %s", word, &said)
				}
			}
			r.Source.Swap, r.DryRun = true, false
			report, err = importers.Run(t.Context(), db, grids.Local, territory, r, nil)
			if err != nil {
				t.Fatal(err)
			}
			if report.Applied != 3 || report.Rejected != 2 || placed() != 3 {
				t.Errorf("%d of 3 in their places: %+v", placed(), report)
			}
			for _, f := range report.Findings {
				if f.Kind == "axes-swapped" || f.Kind == "far-outside" {
					t.Errorf("%+v", f)
				}
			}
			var out bytes.Buffer
			var file string
			read(t, db, func(ctx context.Context, tx pgx.Tx) (err error) {
				file, err = importers.WriteRejects(ctx, tx, territory, report.Import, "", &out)
				return err
			})
			if filepath.Ext(file) == ".geojson" { // these are in EPSG:4326, as GeoJSON is
				r.Source = source.Options{}
			}
			r.File = mend(t, file, out.Bytes(), report.Rejected)
			if _, err := importers.Run(t.Context(), db, grids.Local, territory, r, nil); err != nil {
				t.Fatal(err)
			}
			if placed() != 5 {
				t.Errorf("%d of 5 in their places, mended ones too", placed())
			}
		})
	}
}

// exchangedByOGR has ogr2ogr write the firms in a coordinate system with their
// ordinates exchanged.
func exchangedByOGR(t *testing.T, name string, epsg int, more ...string) string {
	t.Helper()
	target := fmt.Sprintf("EPSG:%d", epsg)
	sound := converted(t, "sound.csv", "-s_srs", "EPSG:4326", "-t_srs", target, "-lco", "GEOMETRY=AS_XY", "-select", "编码,名称,备注")
	path := filepath.Join(t.TempDir(), name)
	args := append([]string{"-oo", "X_POSSIBLE_NAMES=Y", "-oo", "Y_POSSIBLE_NAMES=X", "-oo", "KEEP_GEOM_COLUMNS=NO", "-a_srs", target, path, sound}, more...)
	if out, err := exec.Command("ogr2ogr", args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr: %v: %s", err, out)
	}
	return path
}

// coordinatesLast moves the first two columns of a CSV behind the others.
func coordinatesLast(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for line := range strings.Lines(string(text)) {
		cells := strings.SplitN(strings.TrimSpace(line), ",", 3)
		lines.WriteString(cells[2] + "," + cells[0] + "," + cells[1] + "\n")
	}
	return write(t, "firms.csv", lines.String())
}
