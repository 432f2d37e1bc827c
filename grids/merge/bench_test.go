package merge_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/merge"
)

// BenchmarkMosaic cuts UNIGRID_BENCH_LEAVES leaves (1500) by four layers: as a
// merge does, by one statement with ST_Intersection, and by mapshaper -union where
// MAPSHAPER names its program. All three must give the same areas, by layer, in
// square degrees.
func BenchmarkMosaic(b *testing.B) {
	columns, rows := benchLeaves()
	db := databasetest.New(b)
	territory := cityOf(b, db, columns, rows)
	if err := cells.RefreshStatistics(b.Context(), db); err != nil {
		b.Fatal(err)
	}
	layers := []grids.LayerCode{"environment", "safety", "river-chief", "social-order"}
	var ours, theirs, mapped map[string]float64
	timed := func(name string, f func(m *meter) error) {
		debug.FreeOSMemory()
		m := &meter{start: time.Now(), done: make(chan struct{})}
		m.spent = -m.processor(os.Getpid())
		if err := f(m); err != nil {
			b.Fatalf("%s: %v", name, err)
		}
		m.spent += m.processor(os.Getpid())
		close(m.done)
		seconds := time.Since(m.start).Seconds()
		b.ReportMetric(seconds, name+"-s")
		b.ReportMetric(m.spent, name+"-cpu-s")
		b.Logf("%d leaves, %s: %.2f s, %.2f s of processors; at most %d MB in this process, %d MB in the database's", columns*rows, name, seconds, m.spent, m.here.Load()>>10, m.there.Load()>>10)
	}
	sums := func(tx pgx.Tx, query string) (map[string]float64, error) {
		found := map[string]float64{}
		result, err := tx.Query(b.Context(), query)
		if err != nil {
			return nil, err
		}
		var layer string
		var deg float64
		_, err = pgx.ForEachRow(result, []any{&layer, &deg}, func() error { found[layer] = deg; return nil })
		return found, err
	}
	for b.Loop() {
		timed("mosaic", func(m *meter) error {
			return db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) (err error) {
				defer m.backend(tx)()
				if err = merge.Cut(b.Context(), tx, territory, 1, layers); err != nil {
					return err
				}
				ours, err = sums(tx, `SELECT layer, sum(own) FROM merge_piece WHERE layer_cell_id IS NOT NULL GROUP BY layer`)
				return err
			})
		})
		timed("statement", func(m *meter) error {
			return db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) (err error) {
				defer m.backend(tx)()
				_, err = tx.Exec(b.Context(), `
					CREATE TEMP TABLE bench_piece ON COMMIT DROP AS
					SELECT l.cell_id, c.layer, c.id, ST_Intersection(l.geom, c.geom) AS geom
					FROM cells.leaves($1, 1) l JOIN layers.cell c ON c.territory_id = $1 AND ST_Intersects(l.geom, c.geom)`, territory)
				if err != nil {
					return err
				}
				theirs, err = sums(tx, `SELECT layer, sum(ST_Area(geom)) FROM bench_piece GROUP BY layer`)
				return err
			})
		})
		if program := os.Getenv("MAPSHAPER"); program != "" {
			files := features(b, db, territory)
			out := filepath.Join(b.TempDir(), "out.json")
			timed("mapshaper", func(m *meter) error {
				args := append(append([]string{"-i"}, files...), "combine-files", "-union", "target=*", "-o", out, "format=geojson")
				command := exec.Command(program, args...)
				text, err := command.CombinedOutput()
				if err != nil {
					b.Logf("%s", text)
				}
				m.spent += (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds()
				return err
			})
			mapped = measure(b, out)
		}
	}
	for _, layer := range layers {
		for name, other := range map[string]map[string]float64{"statement": theirs, "mapshaper": mapped} {
			if sum, ok := other[string(layer)]; ok && math.Abs(sum/ours[string(layer)]-1) > map[string]float64{"statement": 1e-9, "mapshaper": 1e-6}[name] {
				b.Errorf("%s: %g square degrees, by %s %g", layer, ours[string(layer)], name, sum)
			}
		}
	}
}

// benchLeaves is how many leaves a benchmark is to have, in a grid.
func benchLeaves() (columns, rows int) {
	n, err := strconv.Atoi(os.Getenv("UNIGRID_BENCH_LEAVES"))
	if err != nil {
		n = 1500
	}
	columns = int(math.Round(math.Sqrt(float64(n) * 8 / 7)))
	return columns, (n + columns - 1) / columns
}

// BenchmarkMerge merges four layers with UNIGRID_BENCH_LEAVES leaves (1500): for the
// first time, again with nothing changed, and again after one layer cell has moved.
func BenchmarkMerge(b *testing.B) {
	columns, rows := benchLeaves()
	db := databasetest.New(b)
	territory := cityOf(b, db, columns, rows)
	if err := cells.RefreshStatistics(b.Context(), db); err != nil {
		b.Fatal(err)
	}
	timed := func(name string) {
		m := &meter{start: time.Now(), done: make(chan struct{})}
		m.spent = -m.processor(os.Getpid())
		var run merge.Run
		err := db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) (err error) {
			defer m.backend(tx)()
			run, err = merge.Overlay(b.Context(), tx, territory, 1, merge.Options{}, "test")
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		m.spent += m.processor(os.Getpid())
		close(m.done)
		b.ReportMetric(time.Since(m.start).Seconds(), name+"-s")
		b.ReportMetric(m.spent, name+"-cpu-s")
		b.Logf("%d leaves, %s: %.2f s, %.2f s of processors; %d leaves merged, %d pieces, %d conflicts", columns*rows, name, time.Since(m.start).Seconds(), m.spent, run.Leaves, run.Pieces, run.Conflicts)
	}
	for b.Loop() {
		timed("first")
		timed("again")
		err := db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := tx.Exec(b.Context(), `UPDATE layers.cell SET geom = ST_Translate(geom, 0.0003, 0) WHERE layer = 'social-order' AND code = 'C300'`)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		timed("cell")
	}
}

// meter measures one way of cutting: processor time, and the most memory that is
// nobody else's (anonymous, KB), of this process and of the database's.
type meter struct {
	start       time.Time
	spent       float64
	here, there atomic.Int64
	done        chan struct{}
}

// backend adds what the database spends on a transaction, on this machine.
func (m *meter) backend(tx pgx.Tx) (end func()) {
	pid := int(tx.Conn().PgConn().PID())
	m.spent -= m.processor(pid)
	go func() {
		for {
			select {
			case <-m.done:
				return
			case <-time.After(20 * time.Millisecond):
				m.here.Store(max(m.here.Load(), anonymous(os.Getpid())))
				m.there.Store(max(m.there.Load(), anonymous(pid)))
			}
		}
	}()
	return func() { m.spent += m.processor(pid) }
}

// processor is the time that a process has had of processors, in seconds.
func (m *meter) processor(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

func anonymous(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, text, _ = bytes.Cut(text, []byte("RssAnon:"))
	kb, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte(" "))
	n, _ := strconv.ParseInt(string(kb), 10, 64)
	return n
}

// features writes the leaves and each layer to a file, with one property each.
func features(b *testing.B, db *database.DB, territory grids.TerritoryID) (names []string) {
	b.Helper()
	folder := b.TempDir()
	files := map[string]*bufio.Writer{}
	err := db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) error {
		rows, err := tx.Query(b.Context(), `
			SELECT layer, code, ST_AsGeoJSON(geom, 9)
			FROM (SELECT 'leaf' AS layer, code, geom FROM cells.leaves($1, 1) UNION ALL SELECT layer, code, geom FROM layers.cell WHERE territory_id = $1) f`, territory)
		if err != nil {
			return err
		}
		var layer, code, geom string
		_, err = pgx.ForEachRow(rows, []any{&layer, &code, &geom}, func() error {
			before := ","
			if files[layer] == nil {
				file, err := os.Create(filepath.Join(folder, layer+".json"))
				if err != nil {
					return err
				}
				b.Cleanup(func() { file.Close() })
				names, files[layer] = append(names, file.Name()), bufio.NewWriter(file)
				before = `{"type":"FeatureCollection","features":[`
			}
			_, err := fmt.Fprintf(files[layer], `%s{"type":"Feature","properties":{%q:%q},"geometry":%s}`, before, strings.ReplaceAll(layer, "-", "_"), code, geom)
			return err
		})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range files {
		if _, err := file.WriteString("]}"); err != nil {
			b.Fatal(err)
		}
		if err := file.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	return names
}

// measure gives the area that each layer has in common with the leaves.
func measure(b *testing.B, file string) map[string]float64 {
	b.Helper()
	text, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer text.Close()
	sums := map[string]float64{}
	all := json.NewDecoder(bufio.NewReader(text))
	for token := json.Token(nil); token != "features"; {
		if token, err = all.Token(); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := all.Token(); err != nil { // [
		b.Fatal(err)
	}
	for all.More() {
		var f geojson.Feature
		if err := all.Decode(&f); err != nil {
			b.Fatal(err)
		}
		if f.Properties["leaf"] == nil || f.Geometry == nil {
			continue
		}
		for property, layer := range map[string]string{"environment": "environment", "safety": "safety", "river_chief": "river-chief", "social_order": "social-order"} {
			if f.Properties[property] != nil {
				sums[layer] += math.Abs(planar.Area(f.Geometry))
			}
		}
	}
	return sums
}
