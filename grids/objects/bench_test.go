package objects_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/objects"
)

// BenchmarkPlace places 100,000 points into 2,000 leaves, and beside it runs the
// plain join that finds them.
func BenchmarkPlace(b *testing.B) {
	const points = 100_000
	c := newCity(b, 40, 50)
	c.exec(`INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
		SELECT $1, 'enterprise', 'E' || i, '示例', ST_Point($3 + random() * 40 * $5::float8, $4 + random() * 50 * $5, 4326), 'import', 'demo'
		FROM generate_series(1, $2) AS i`, c.Territory, points, cellstest.West, cellstest.South, cellstest.Step)
	rate := func(b *testing.B) { b.ReportMetric(points*float64(b.N)/b.Elapsed().Seconds(), "points/s") }
	b.Run("plain join", func(b *testing.B) {
		for b.Loop() {
			c.exec(`SELECT count(*) FROM cells.leaves($1, 1) v JOIN objects.object o ON ST_Covers(v.geom, o.geom)`, c.Territory)
		}
		rate(b)
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			c.exec(`DELETE FROM objects.placement WHERE territory_id = $1`, c.Territory)
			b.StartTimer()
			c.tx(func(tx pgx.Tx) error { return objects.Place(b.Context(), tx, c.Territory, 1, time.Now()) })
		}
		rate(b)
	})
	b.Run("nothing changed", func(b *testing.B) {
		for b.Loop() {
			c.tx(func(tx pgx.Tx) error { return objects.Place(b.Context(), tx, c.Territory, 1, time.Now()) })
		}
		rate(b)
	})
	b.Run("all moved", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			c.exec(`UPDATE objects.object SET geom = ST_Point(CASE WHEN ST_X(geom) < $2 + $3::float8 THEN ST_X(geom) + 39 * $3 ELSE ST_X(geom) - $3 END, ST_Y(geom), 4326)
				WHERE territory_id = $1`, c.Territory, cellstest.West, cellstest.Step)
			b.StartTimer()
			c.tx(func(tx pgx.Tx) error { return objects.Place(b.Context(), tx, c.Territory, 1, time.Now()) })
		}
		rate(b)
	})
	b.Run("one", func(b *testing.B) {
		var id int64
		c.tx(func(tx pgx.Tx) error {
			return tx.QueryRow(b.Context(), `SELECT min(id) FROM objects.object`).Scan(&id)
		})
		for b.Loop() {
			c.tx(func(tx pgx.Tx) error { return objects.Place(b.Context(), tx, c.Territory, 1, time.Now(), id) })
		}
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if found := c.check(); len(found) > 0 {
				b.Fatal(fmt.Sprint(found[0]))
			}
		}
		rate(b)
	})
}

// BenchmarkTake takes 100,000 points into 2,000 leaves: new ones, then the same
// again, then all with another name; bare, and with what was sent for them.
func BenchmarkTake(b *testing.B) {
	const points = 100_000
	for _, with := range []string{"bare", "sent"} {
		b.Run(with, func(b *testing.B) {
			c := newCity(b, 40, 50)
			sent, columns := "", ""
			if with == "sent" {
				columns = ", sent, source_geom, published"
				sent = `, jsonb_build_object('企业名称', $6::text, '统一社会信用代码', 'E' || i, '行业', '化工', '备注', 'x' || i), ST_Point(i, i, 4547), jsonb_build_object('行业', '化工')`
			}
			batch := int64(0)
			take := func(name string) (report grids.Taken, took time.Duration) {
				batch++
				c.exec(`INSERT INTO objects.intake (territory_id, batch, row, kind, code, name, geom, provenance`+columns+`)
					SELECT $1, $2, i, 'enterprise', 'E' || i, $6::text, ST_Point($3 + mod(i::bigint * 7919, 10007) / 10007.0 * 40 * $5::float8, $4 + mod(i::bigint * 104729, 10009) / 10009.0 * 50 * $5, 4326), 'imported'`+sent+`
					FROM generate_series(1, 100000) AS i`, c.Territory, batch, cellstest.West, cellstest.South, cellstest.Step, name)
				start := time.Now()
				c.tx(func(tx pgx.Tx) error {
					var err error
					report, err = objects.Take(c.t.Context(), tx, c.Territory, 1, batch)
					return err
				})
				return report, time.Since(start)
			}
			for _, step := range []struct {
				what, name string
				applied    int
			}{{"new", "甲", points}, {"same", "甲", 0}, {"renamed", "乙", points}} {
				b.Run(step.what, func(b *testing.B) {
					report, took := take(step.name)
					if report.Applied != step.applied {
						b.Fatalf("%d applied", report.Applied)
					}
					b.ReportMetric(points/took.Seconds(), "rows/s")
				})
			}
		})
	}
}
