package importers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"unigrid/geo"
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
			writeCountry(b, geotest.NewCountry(n), size.scale, file, clean)
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

// BenchmarkImportSoiled takes cells of four hundred metres, some with a defect, into
// a draft where their townships are there, into one where nothing is, and into one
// that has them from a file with defects elsewhere.
// UNIGRID_BENCH_SOILED says how many cells (5,000), UNIGRID_BENCH_DEFECTS which
// share of them has a defect (0.3).
func BenchmarkImportSoiled(b *testing.B) {
	n := 5_000
	if text := os.Getenv("UNIGRID_BENCH_SOILED"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	share := 0.3
	if text := os.Getenv("UNIGRID_BENCH_DEFECTS"); text != "" {
		var err error
		if share, err = strconv.ParseFloat(text, 64); err != nil {
			b.Fatal(err)
		}
	}
	country, folder := geotest.NewCountry(n), b.TempDir()
	towns, villages, others := filepath.Join(folder, "towns.shp"), filepath.Join(folder, "villages.shp"), filepath.Join(folder, "others.shp")
	writeTowns(b, country, 8, towns)
	writeCountry(b, country, 8, villages, soiled(1, share))
	writeCountry(b, country, 8, others, soiled(2, share))
	for _, test := range []struct {
		name           string
		towns, another bool // are there
	}{{"within townships", true, false}, {"nothing there", false, false}, {"again", true, true}} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				db := databasetest.New(b)
				var t cells.Territory
				if err := db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) (err error) {
					t, err = cells.CreateTerritory(b.Context(), tx, cells.Territory{Code: "4302", Name: "示例市", EPSG: 4546,
						Scheme: grids.CodeScheme{Lengths: []int{4, 6, 9, 12}, PadTo: 12}})
					return err
				}); err != nil {
					b.Fatal(err)
				}
				run := func(file string, tier grids.Tier) importers.Report {
					r := importers.Request{File: file, Target: importers.Cells, Tier: tier, Adopt: cells.AdoptOptions{MaxGap: 10_000}}
					report, err := importers.Run(b.Context(), db, grids.Local, t, r, nil)
					if err != nil {
						b.Fatalf("%s: %v", filepath.Base(file), err)
					}
					return report
				}
				if test.towns {
					run(towns, 3)
				}
				if test.another {
					run(others, 4)
				}
				runtime.GC()
				var peak atomic.Uint64
				stop := make(chan struct{})
				go watchMemory(&peak, stop)
				began := time.Now()
				report := run(villages, 4)
				took := time.Since(began)
				close(stop)
				b.Logf("%d cells, %d changes: %.1f s", report.Rows, report.Repairs, took.Seconds())
				b.ReportMetric(float64(report.Rows)/took.Seconds(), "rows/s")
				b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MB")
			}
		})
	}
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
// townships of 35 villages; shape makes the rings of each.
func writeCountry(b testing.TB, country *geotest.Country, scale int, path string, shape func(cell int, ring orb.Ring) orb.Polygon) {
	write, end := countryWriter(b, path)
	for i := range country.Len() {
		write(fmt.Sprintf("%s%03d", townCode(country.Parent(i)), i%35+1), fmt.Sprintf("第%d村", i+1), shape(i, smaller(country.Cell(i)[0][0], scale)))
	}
	end()
}

// writeTowns writes the townships of a country that writeCountry writes.
func writeTowns(b testing.TB, country *geotest.Country, scale int, path string) {
	write, end := countryWriter(b, path)
	for parent := range country.Parents() {
		var villages []orb.MultiPolygon
		for i := range 35 {
			villages = append(villages, orb.MultiPolygon{{smaller(country.Cell(parent*35 + i)[0][0], scale)}})
		}
		coverage, err := geo.NewCoverage(villages)
		if err != nil {
			b.Fatal(err)
		}
		town, err := coverage.Dissolve(make([]int, len(villages)))
		if err != nil {
			b.Fatal(err)
		}
		write(townCode(parent)+"000", fmt.Sprintf("第%d镇", parent+1), town[0][0])
	}
	end()
}

func townCode(parent int) string { return fmt.Sprintf("4302%02d%03d", parent/400+1, parent%400+1) }

// smaller draws a ring a number of times as small.
func smaller(ring orb.Ring, scale int) orb.Ring {
	shrink := func(degrees, centre float64) float64 {
		return math.Round((centre+(degrees-centre)/float64(scale))*1e7) / 1e7
	}
	out := make(orb.Ring, len(ring))
	for i, p := range ring {
		out[i] = orb.Point{shrink(p[0], 110), shrink(p[1], 34)}
	}
	return out
}

// clean leaves a cell as it is.
func clean(_ int, ring orb.Ring) orb.Polygon { return orb.Polygon{ring} }

// soiled gives a share of the cells a defect each, as .ci/bench/soil.mjs does.
func soiled(seed uint64, share float64) func(cell int, ring orb.Ring) orb.Polygon {
	const metre = 1 / 111320.0
	return func(cell int, ring orb.Ring) orb.Polygon {
		random := rand.New(rand.NewPCG(seed, uint64(cell)))
		if random.Float64() >= share {
			return orb.Polygon{ring}
		}
		ring = ring[:len(ring)-1]
		middle := ring.Bound().Center()
		shape := orb.Polygon{nil}
		n := random.IntN(len(ring))
		switch random.IntN(7) {
		case 0: // a vertex is missing
			ring = slices.Delete(ring, n, n+1)
		case 1: // larger or smaller
			by := 0.995 + random.Float64()*0.01
			for k, p := range ring {
				ring[k] = orb.Point{middle[0] + (p[0]-middle[0])*by, middle[1] + (p[1]-middle[1])*by}
			}
		case 2: // a way out and back
			ring = slices.Insert(ring, n+1, orb.Point{ring[n][0] + 90*metre, ring[n][1] + 60*metre}, ring[n])
		case 3: // a bow tie
			m := (n + 1) % len(ring)
			ring[n], ring[m] = ring[m], ring[n]
		case 4: // a corner moved
			ring[n][0] += (random.Float64() - 0.5) * 30 * metre
			ring[n][1] += (random.Float64() - 0.5) * 30 * metre
		case 5: // a needle
			ring = slices.Insert(ring, n+1, orb.Point{ring[n][0] + 80*metre, ring[n][1] + 50*metre}, orb.Point{ring[n][0] + 0.05*metre, ring[n][1]})
		case 6: // a hole
			r := 10 * metre
			shape = append(shape, orb.Ring{{middle[0] - r, middle[1]}, {middle[0], middle[1] + r}, {middle[0] + r, middle[1]}, {middle[0] - r, middle[1]}})
		}
		shape[0] = append(ring, ring[0])
		return shape
	}
}

// countryWriter writes cells with codes and names to a shapefile.
func countryWriter(b testing.TB, path string) (write func(code, name string, shape orb.Polygon), end func()) {
	w, err := shapefile.Create(path, shapefile.WriterOptions{Kind: shapefile.Polygons, EPSG: 4490, Encoding: "UTF-8", Fields: []source.Field{
		{Name: "code", Type: source.Text, Length: 12}, {Name: "name", Type: source.Text, Length: 24},
	}})
	if err != nil {
		b.Fatal(err)
	}
	write = func(code, name string, shape orb.Polygon) {
		polygon := geom.NewPolygon(geom.XY)
		for _, ring := range shape {
			flat := make([]float64, 0, 2*len(ring))
			for _, p := range ring {
				flat = append(flat, p[0], p[1])
			}
			if err := polygon.Push(geom.NewLinearRingFlat(geom.XY, flat)); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Write(polygon, []any{code, name}); err != nil {
			b.Fatal(err)
		}
	}
	return write, func() {
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
