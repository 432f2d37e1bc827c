package objects_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
