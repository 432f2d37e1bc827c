package importers_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geom"

	"unigrid/geo/geotest"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/importers"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
)

// BenchmarkImport takes a made-up country into a draft, all checks on: villages
// of three kilometres, and, drawn an eighth as large, the cells of four hundred
// metres that a city's grid has, of 60 vertices each. ogr2ogr copies the same
// file into the same database: into an unlogged table without an index, beside
// reading and staging; into a logged one with a spatial index, beside applying.
// UNIGRID_BENCH_CELLS says how many (20,000); `make bench-import` takes 700,000.
func BenchmarkImport(b *testing.B) {
	n := 20_000
	if text := os.Getenv("UNIGRID_BENCH_CELLS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for _, size := range []struct {
		name  string
		scale int
	}{{"400m", 8}, {"3km", 1}} {
		b.Run(size.name, func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "country.shp")
			writeCountry(b, geotest.NewCountry(n), size.scale, file)
			for b.Loop() {
				benchImport(b, file)
			}
		})
	}
}

func benchImport(b *testing.B, file string) {
	url := databasetest.URL(b)
	db, err := database.Open(b.Context(), url, 8)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	unlogged := ogr2ogr(b, url, file, "-lco", "UNLOGGED=ON", "-lco", "SPATIAL_INDEX=NONE")
	logged := ogr2ogr(b, url, file, "-lco", "SPATIAL_INDEX=GIST")
	var t cells.Territory
	if err := db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		t, err = cells.CreateTerritory(b.Context(), tx, cells.Territory{Code: "4302", Name: "示例市", EPSG: 4546,
			Scheme: grids.CodeScheme{Lengths: []int{4, 6, 9, 12}, PadTo: 12}})
		return err
	}); err != nil {
		b.Fatal(err)
	}
	i, err := importers.New(b.Context(), db, grids.Local, t, importers.Request{File: file, Target: importers.Cells, Tier: 4})
	if err != nil {
		b.Fatal(err)
	}
	var peak atomic.Uint64
	stop := make(chan struct{})
	go watchMemory(&peak, stop)
	began := time.Now()
	if err := importers.Read(b.Context(), db, grids.Local, t, i.ID, file, nil); err != nil {
		b.Fatal(err)
	}
	read := time.Since(began)
	report, err := importers.Apply(b.Context(), db, grids.Local, t, i.ID, nil)
	if err != nil {
		b.Fatal(err)
	}
	whole := time.Since(began)
	close(stop)
	if report.Rejected > 0 || report.Applied != report.Rows {
		b.Fatalf("%+v", report)
	}
	b.Logf("%d cells: ogr2ogr %.1f s unlogged, %.1f s logged; read %.1f s, applied %.1f s", report.Applied,
		unlogged.Seconds(), logged.Seconds(), read.Seconds(), (whole - read).Seconds())
	b.ReportMetric(read.Seconds()/unlogged.Seconds(), "read/ogr2ogr-unlogged")
	b.ReportMetric((whole-read).Seconds()/logged.Seconds(), "apply/ogr2ogr-logged")
	b.ReportMetric(whole.Seconds()/logged.Seconds(), "whole/ogr2ogr-logged")
	b.ReportMetric(float64(report.Applied)/whole.Seconds(), "rows/s")
	b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MB")
}

// watchMemory keeps the most heap that was in use.
func watchMemory(peak *atomic.Uint64, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(200 * time.Millisecond):
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
		}
	}
}

// ogr2ogr copies the file into the database and says how long it took.
func ogr2ogr(b *testing.B, url, file string, options ...string) time.Duration {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		b.Skip("ogr2ogr is not there")
	}
	to, err := pgx.ParseConfig(url)
	if err != nil {
		b.Fatal(err)
	}
	target := fmt.Sprintf("PG:host='%s' port=%d dbname=%s user=%s password='%s'", to.Host, to.Port, to.Database, to.User, to.Password)
	args := append([]string{"--config", "PG_USE_COPY", "YES", "-f", "PostgreSQL", target, file, "-nln", "beside", "-nlt", "PROMOTE_TO_MULTI", "-overwrite"}, options...)
	cmd := exec.CommandContext(b.Context(), "ogr2ogr", args...)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("ogr2ogr: %v\n%s", err, out)
	}
	return time.Since(began)
}

// writeCountry gives every cell a code under 43: counties of 400 townships,
// townships of 35 villages.
func writeCountry(b *testing.B, country *geotest.Country, scale int, path string) {
	w, err := shapefile.Create(path, shapefile.WriterOptions{Kind: shapefile.Polygons, EPSG: 4490, Encoding: "UTF-8", Fields: []source.Field{
		{Name: "code", Type: source.Text, Length: 12}, {Name: "name", Type: source.Text, Length: 24},
	}})
	if err != nil {
		b.Fatal(err)
	}
	smaller := func(degrees, centre float64) float64 {
		return math.Round((centre+(degrees-centre)/float64(scale))*1e7) / 1e7
	}
	for i := range country.Len() {
		parent := country.Parent(i)
		ring := country.Cell(i)[0][0]
		flat := make([]float64, 0, 2*len(ring))
		for _, p := range ring {
			flat = append(flat, smaller(p[0], 110), smaller(p[1], 34))
		}
		polygon := geom.NewPolygon(geom.XY)
		if err := polygon.Push(geom.NewLinearRingFlat(geom.XY, flat)); err != nil {
			b.Fatal(err)
		}
		code := fmt.Sprintf("4302%02d%03d%03d", parent/400+1, parent%400+1, i%35+1)
		if err := w.Write(polygon, []any{code, fmt.Sprintf("第%d村", i+1)}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}
