package objects_test

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo/geotest"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/objects"
)

// BenchmarkPlacePoints maps points into the leaves of a made-up country (cells
// of four hundred metres and 60 vertices each) and writes a row for each: by the
// plain join with ST_Covers, all processors allowed and everything indexed; in
// memory, the leaves read for it (cold); and in memory, the leaves there (warm).
// UNIGRID_BENCH_CELLS and UNIGRID_BENCH_POINTS say how many (20,000 and 50,000).
func BenchmarkPlacePoints(b *testing.B) {
	c := newCountry(b, benchNumber(b, "UNIGRID_BENCH_CELLS", 20_000), benchNumber(b, "UNIGRID_BENCH_POINTS", 50_000))
	for b.Loop() {
		plain := c.timed("plain", func(tx pgx.Tx) error {
			_, err := tx.Exec(b.Context(), `CREATE TABLE bench.plain AS
				SELECT p.id AS object_id, v.cell_id, 1::float8 AS share
				FROM cells.leaves($1, 1) v JOIN bench.point p ON ST_Covers(v.geom, p.geom)`, c.territory)
			return err
		})
		var leaves *cells.Leaves
		inMemory := func(table string, find func(tx pgx.Tx) error) time.Duration {
			return c.timed(table, func(tx pgx.Tx) error {
				if err := find(tx); err != nil {
					return err
				}
				if _, err := tx.Exec(b.Context(), `CREATE TABLE bench.`+table+` (object_id bigint, cell_id bigint, share float8)`); err != nil {
					return err
				}
				return objects.CopyShares(b.Context(), tx, leaves, `SELECT id, 1::float8, ST_X(geom), ST_Y(geom) FROM bench.point`, pgx.Identifier{"bench", table})
			})
		}
		// a draft, so that its leaves are read each time
		cold := inMemory("cold", func(tx pgx.Tx) (err error) {
			leaves, err = cells.LeavesOf(b.Context(), tx, c.territory, 1)
			return err
		})
		warm := inMemory("warm", func(pgx.Tx) error { return nil })
		c.same("plain", "cold")
		c.same("plain", "warm")
		c.exec(`DROP TABLE bench.plain, bench.cold, bench.warm`)
		megabytes := float64(leaves.Bytes()) / (1 << 20)
		b.Logf("%d points into %d cells: plain %.2f s, cold %.2f s, warm %.2f s; leaves in %.0f MB", c.points, c.cells,
			plain.Seconds(), cold.Seconds(), warm.Seconds(), megabytes)
		b.ReportMetric(plain.Seconds()/cold.Seconds(), "plain/cold")
		b.ReportMetric(plain.Seconds()/warm.Seconds(), "plain/warm")
		b.ReportMetric(float64(c.points)/warm.Seconds(), "warm-points/s")
		b.ReportMetric(float64(c.points)/plain.Seconds(), "plain-points/s")
		b.ReportMetric(megabytes, "index-MB")
	}
}

func benchNumber(b *testing.B, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s: %v", variable, err)
	}
	return n
}

// country is a territory of many cells, and bench.point, strewn over it.
type country struct {
	b             *testing.B
	db            *database.DB
	territory     grids.TerritoryID
	cells, points int
}

func newCountry(b *testing.B, cellCount, points int) *country {
	url := databasetest.URL(b)
	db, err := database.Open(b.Context(), url, 4)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(db.Close)
	c := &country{b: b, db: db, points: points}
	bound := c.putCells(geotest.NewCountry(cellCount))
	owner, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer owner.Close(b.Context())
	for _, sql := range []string{
		`CREATE SCHEMA bench`,
		fmt.Sprintf(`CREATE TABLE bench.point AS
			SELECT i::bigint AS id, ST_Point(%v + random() * %v, %v + random() * %v, 4326) AS geom FROM generate_series(1, %d) AS i`,
			bound.Min[0], bound.Max[0]-bound.Min[0], bound.Min[1], bound.Max[1]-bound.Min[1], points),
		`CREATE INDEX ON bench.point USING gist (geom)`,
		`GRANT ALL ON SCHEMA bench TO unigrid_app`,
		`GRANT SELECT ON bench.point TO unigrid_app`,
		`VACUUM ANALYZE cells.version, bench.point`,
		`SELECT sum(ST_NPoints(geom)) FROM cells.version`, // into the cache
	} {
		if _, err := owner.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// putCells makes a territory of two tiers, the country an eighth as large, and
// gives its bound.
func (c *country) putCells(shapes *geotest.Country) orb.Bound {
	c.cells = shapes.Len()
	bound := smaller(shapes.Cell(0)).Bound()
	for i := range c.cells {
		bound = bound.Union(smaller(shapes.Cell(i)).Bound())
	}
	t := cells.Territory{Code: "4302", Name: "示例市", EPSG: 4546, Scheme: grids.CodeScheme{Lengths: []int{4, 12}, PadTo: 12}}
	var root []cells.Cell
	c.tx(func(tx pgx.Tx) error {
		var err error
		if t, err = cells.CreateTerritory(c.b.Context(), tx, t); err != nil {
			return err
		}
		if _, err := tx.Exec(c.b.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 1, 'draft', 'test')`, t.ID); err != nil {
			return err
		}
		root, err = cells.Put(c.b.Context(), tx, t, 1, []cells.Cell{{Code: t.Code, Name: t.Name, Tier: 1,
			Geom: orb.MultiPolygon{bound.ToPolygon()}, Provenance: cells.Demo}})
		return err
	})
	c.territory = t.ID
	const batch = 10_000
	list := make([]cells.Cell, 0, batch)
	for i := range c.cells {
		list = append(list, cells.Cell{Code: grids.Code(fmt.Sprintf("4302%08d", i+1)), Name: fmt.Sprintf("第%d格", i+1), Tier: 2,
			ParentID: root[0].ID, Geom: smaller(shapes.Cell(i)), Provenance: cells.Demo})
		if len(list) == batch || i == c.cells-1 {
			c.tx(func(tx pgx.Tx) error {
				_, err := cells.Put(c.b.Context(), tx, t, 1, list)
				return err
			})
			list = list[:0]
		}
	}
	return bound
}

// smaller draws a shape an eighth as large, around 110°E 34°N.
func smaller(shape orb.MultiPolygon) orb.MultiPolygon {
	scaled := func(degrees, centre float64) float64 {
		return math.Round((centre+(degrees-centre)/8)*1e7) / 1e7
	}
	for _, ring := range shape[0] {
		for i, p := range ring {
			ring[i] = orb.Point{scaled(p[0], 110), scaled(p[1], 34)}
		}
	}
	return shape
}

func (c *country) tx(fn func(tx pgx.Tx) error) {
	c.b.Helper()
	if err := c.db.Tx(c.b.Context(), grids.Local, fn); err != nil {
		c.b.Fatal(err)
	}
}

func (c *country) exec(sql string) {
	c.b.Helper()
	c.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(c.b.Context(), sql)
		return err
	})
}

// timed runs a transaction that makes a table, and says how long it took.
func (c *country) timed(table string, fn func(tx pgx.Tx) error) time.Duration {
	c.b.Helper()
	began := time.Now()
	c.tx(fn)
	took := time.Since(began)
	c.exec(`ANALYZE bench.` + table)
	return took
}

// same fails the benchmark unless two tables have the same rows.
func (c *country) same(one, other string) {
	c.b.Helper()
	c.tx(func(tx pgx.Tx) error {
		var rows, differ int
		err := tx.QueryRow(c.b.Context(), fmt.Sprintf(`
			SELECT count(a), count(*) FILTER (WHERE a IS DISTINCT FROM b)
			FROM bench.%s a FULL JOIN bench.%s b USING (object_id, cell_id)`, one, other)).Scan(&rows, &differ)
		if differ > 0 || rows < c.points/2 {
			c.b.Errorf("%s has %d rows for %d points, %d differ in %s", one, rows, c.points, differ, other)
		}
		return err
	})
}
