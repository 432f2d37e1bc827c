package objects_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/objects"
)

// put makes objects of what a query gives (code, geom), in steps of leaves from
// the corner.
func (c *city) put(query string) {
	c.t.Helper()
	c.exec(`INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
		SELECT $1, 'enterprise', code, '示例', ST_SetSRID(ST_Affine(geom, $4::float8, 0, 0, $4, $2, $3), 4326), 'import', 'demo'
		FROM (`+query+`) q (code, geom)`, c.Territory, cellstest.West, cellstest.South, cellstest.Step)
}

func TestMemoryPlacesPointsAsTheDatabase(t *testing.T) {
	t.Parallel()
	c := newCity(t, 5, 5)
	// points anywhere, outside too; on corners and borders; beside them by the
	// last bit of a number
	c.put(`SELECT 'R' || i, ST_Point(random() * 6 - 0.5, random() * 6 - 0.5) FROM generate_series(1, 2000) AS i`)
	c.put(`SELECT 'B' || i || '-' || j, ST_Point(i / 2.0, j / 2.0) FROM generate_series(-1, 11) AS i, generate_series(-1, 11) AS j`)
	c.put(`SELECT 'N' || i || '-' || j, ST_Point(i + (j % 3 - 1) * 2e-12, j / 4.0) FROM generate_series(0, 5) AS i, generate_series(0, 20) AS j`)
	// several points of one object, some of them in one leaf, some outside, one
	// twice; one point as several; other shapes
	c.put(`SELECT 'M' || i, ST_Collect(ARRAY(SELECT ST_Point(round((random() * 6 - 0.5)::numeric, 1 + (i + j) % 2), random() * 6 - 0.5) FROM generate_series(1, 1 + i % 17) AS j))
		FROM generate_series(1, 500) AS i`)
	c.put(`VALUES ('twice', 'MULTIPOINT((1 1), (1 1), (2.5 2.5))'::geometry), ('single', 'MULTIPOINT((3 3))'), ('out', 'POINT(-3 3)'),
		('mixed', 'GEOMETRYCOLLECTION(POINT(1.5 1.5), POINT(2.5 1.5))'),
		('line', 'LINESTRING(0 0, 3 3)'), ('area', 'POLYGON((0 0, 3 0, 3 3, 0 0))')`)
	c.tx(func(tx pgx.Tx) error {
		want, err := objects.PointShares(t.Context(), tx, c.Territory, c.Edition, false)
		if err != nil {
			return err
		}
		got, err := objects.PointShares(t.Context(), tx, c.Territory, c.Edition, true)
		if !slices.Equal(got, want) {
			t.Errorf("%d shares in memory, %d in the database", len(got), len(want))
		}
		several := 0
		for _, s := range want {
			if s.Share < 1 {
				several++
			}
		}
		if len(want) < 3000 || several < 1000 {
			t.Errorf("%d shares, %d of them parts", len(want), several)
		}
		return err
	})
}

func TestManyPointsArePlacedInMemory(t *testing.T) {
	t.Parallel()
	c := newCity(t, 5, 5)
	c.accountable()
	c.put(`SELECT 'R' || i, ST_Point(random() * 5.5, random() * 5.5) FROM generate_series(1, 20000) AS i`)
	c.put(`VALUES ('border', ST_Point(3, 3)), ('several', 'MULTIPOINT((1 1), (1 1), (2.5 2.5), (7 7))')`)
	if err := c.Publish(t, 1, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	known := func() (l *cells.Leaves) {
		c.tx(func(tx pgx.Tx) (err error) {
			l, err = cells.KnownLeaves(t.Context(), tx, c.Territory, 1)
			return err
		})
		return l
	}
	if known() != nil {
		t.Error("the leaves are known already")
	}
	c.tx(func(tx pgx.Tx) error { return objects.Place(t.Context(), tx, c.Territory, 1, time.Now()) })
	if known() == nil {
		t.Error("the leaves were not read into memory")
	}
	if found := c.check(); len(found) > 0 {
		t.Errorf("%d findings, first %+v", len(found), found[0])
	}
	if got, _ := c.shares("border"); len(got) != 1 || got[c.Leaf(3, 3)] != 1 {
		t.Errorf("%v", got)
	}
	if got, outside := c.shares("several"); outside != 0.25 || got[c.Leaf(1, 1)] != 0.5 || got[c.Leaf(3, 3)] != 0.25 {
		t.Errorf("%v, outside %g", got, outside)
	}
}

// Leaves off the lattice are none that memory can keep: then the database places.
func TestPointsAmongLeavesOffTheLattice(t *testing.T) {
	t.Parallel()
	c := newCity(t, 3, 3)
	c.exec(`UPDATE cells.version SET geom = ST_Translate(geom, 1e-9, 0)`)
	c.put(`SELECT 'R' || i, ST_Point(0.1 + random() * 2.8, random() * 3) FROM generate_series(1, 20000) AS i`)
	c.tx(func(tx pgx.Tx) error { return objects.Place(t.Context(), tx, c.Territory, 1, time.Now()) })
	if found := c.check(); len(found) > 0 {
		t.Errorf("%d findings, first %+v", len(found), found[0])
	}
}

// An error on the way leaves the connection free for what comes next.
func TestCopySharesFails(t *testing.T) {
	t.Parallel()
	c := newCity(t, 2, 2)
	for name, x := range map[string]struct{ points, into, want string }{
		"at the query":       {`SELECT nothing`, "made", "nothing"},
		"in the first batch": {`SELECT i::bigint, 1 / (5 - i)::float8, 113::float8, 27::float8 FROM generate_series(1, 100) AS i`, "made", "division by zero"},
		"in the second":      {`SELECT i::bigint, 1 / least(1, 150000 - i)::float8, 113.001::float8, 27.001::float8 FROM generate_series(1, 200000) AS i`, "made", "division by zero"},
		"at the first share": {`SELECT 1::bigint, 1::float8, 113.001::float8, 27.001::float8`, "missing", "missing"},
		"at a share":         {`SELECT i::bigint, 1::float8, 113.001::float8, 27.001::float8 FROM generate_series(1, 1000) AS i`, "small", "check constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			c.tx(func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), `CREATE TEMP TABLE made (object_id bigint, cell_id bigint, share float8) ON COMMIT DROP;
					CREATE TEMP TABLE small (object_id bigint CHECK (object_id < 500), cell_id bigint, share float8) ON COMMIT DROP`); err != nil {
					return err
				}
				leaves, err := cells.LeavesOf(t.Context(), tx, c.Territory, c.Edition)
				if err != nil {
					return err
				}
				err = pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
					return objects.CopyShares(t.Context(), tx, leaves, x.points, pgx.Identifier{x.into})
				})
				if err == nil || !strings.Contains(err.Error(), x.want) {
					t.Errorf("%v", err)
				}
				var n int
				return tx.QueryRow(t.Context(), `SELECT count(*) FROM made`).Scan(&n)
			})
		})
	}
}
