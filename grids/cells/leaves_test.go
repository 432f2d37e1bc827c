package cells_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo/geotest"
	"unigrid/geo/locate"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// TestIndexAnswersAsPostGIS asks both, of random coverages, for places on and
// next to vertices and borders.
func TestIndexAnswersAsPostGIS(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	country := geotest.NewCountry(140)
	var bricks []orb.MultiPolygon
	for i := range country.Len() {
		bricks = append(bricks, country.Cell(i))
	}
	onBorders := 0
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		shapes := bricks
		if r.IntN(5) > 0 {
			shapes = geotest.NewPartition(r, 1+r.IntN(10), 1+r.IntN(10), r.IntN(6), 1+r.IntN(15)).Cells
			// the longer the borders, the more places beside them are within what
			// floating-point numbers can't tell
			if r.IntN(2) == 0 {
				shapes = enlarged(shapes)
			}
		}
		var builder locate.Builder
		encoded := make([][]byte, len(shapes))
		for i, shape := range shapes {
			if err := builder.Add(shape); err != nil {
				t.Fatal(err)
			}
			var err error
			if encoded[i], err = database.Geometry(shape); err != nil {
				t.Fatal(err)
			}
		}
		index := builder.Index(nil)
		places := geotest.Places(r, shapes, 1000)
		lon, lat := make([]float64, len(places)), make([]float64, len(places))
		for i, p := range places {
			lon[i], lat[i] = p[0], p[1]
		}
		err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			rows, err := tx.Query(t.Context(), `
				WITH cell AS MATERIALIZED (SELECT n, ST_GeomFromEWKB(g) AS geom FROM unnest($1::bytea[]) WITH ORDINALITY AS c (g, n))
				SELECT p.n - 1, coalesce(min(c.n), 0) - 1, count(c.n)
				FROM unnest($2::float8[], $3::float8[]) WITH ORDINALITY AS p (x, y, n)
				LEFT JOIN cell c ON ST_Covers(c.geom, ST_Point(p.x, p.y, 4326)) GROUP BY p.n`, encoded, lon, lat)
			if err != nil {
				return err
			}
			var n, want, cover int
			_, err = pgx.ForEachRow(rows, []any{&n, &want, &cover}, func() error {
				got, ok := index.At(lon[n], lat[n])
				if ok != (want >= 0) || ok && got != want {
					t.Errorf("%v: cell %d %v, by PostGIS %d", places[n], got, ok, want)
				}
				if cover > 1 {
					onBorders++
				}
				return nil
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if onBorders < 1000 {
		t.Errorf("only %d places were on borders", onBorders)
	}
}

// enlarged makes shapes ten thousand times as large, on the lattice still.
func enlarged(shapes []orb.MultiPolygon) []orb.MultiPolygon {
	units := func(degrees float64) float64 { return math.Round(degrees * 1e7) }
	origin := shapes[0][0][0][0]
	out := make([]orb.MultiPolygon, len(shapes))
	for i, shape := range shapes {
		out[i] = shape.Clone()
		for _, polygon := range out[i] {
			for _, ring := range polygon {
				for k, p := range ring {
					for axis := range p {
						ring[k][axis] = (units(origin[axis]) + 10000*(units(p[axis])-units(origin[axis]))) / 1e7
					}
				}
			}
		}
	}
	return out
}

func TestLeavesOfAnEdition(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	s := cellstest.New(t, db, "4302", 2, 2)
	// codes are neither in the order of ids nor in that of rows
	for _, sql := range []string{
		`UPDATE cells.version SET code = '430201999000' WHERE code = '430201001000'`,
		`UPDATE cells.version SET name = '示例村' WHERE code = '430201002000'`,
	} {
		if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	leaves := func(edition grids.EditionID) (l, known *cells.Leaves) {
		t.Helper()
		err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
			if known, err = cells.KnownLeaves(t.Context(), tx, s.Territory, edition); err != nil {
				return err
			}
			l, err = cells.LeavesOf(t.Context(), tx, s.Territory, edition)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return l, known
	}
	draft, known := leaves(1)
	if draft.Len() != 4 || known != nil {
		t.Fatalf("%d leaves, known before: %v", draft.Len(), known)
	}
	for _, x := range []struct {
		x, y float64
		want grids.Code // "": none
	}{
		{0.5, 0.5, s.Leaf(1, 1)}, {1.5, 0.5, s.Leaf(2, 1)}, {0.5, 1.5, s.Leaf(1, 2)},
		{1, 1, s.Leaf(1, 2)}, {1, 0.5, s.Leaf(1, 1)}, {1, 1.5, s.Leaf(1, 2)}, {2, 2, s.Leaf(2, 2)}, {2.01, 1, ""},
	} {
		got, ok := draft.At(cellstest.At(x.x, x.y))
		if ok != (x.want != "") || ok && got != s.Cell(t, x.want) {
			t.Errorf("%g %g: cell %d %v, want %s", x.x, x.y, got, ok, x.want)
		}
	}

	if _, known = leaves(1); known != nil {
		t.Error("a draft was kept")
	}
	// published, but not for good yet
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE editions.edition SET state = 'published', effective = '2020-01-01', published_by = 'test'`); err != nil {
			return err
		}
		if _, err := cells.LeavesOf(t.Context(), tx, s.Territory, 1); err != nil {
			return err
		}
		return errRollBack
	}); !errors.Is(err, errRollBack) {
		t.Fatal(err)
	}
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'S1', '示例人员 0001', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, id, $2, 'accountable', '[2020-01-01,)', 'test' FROM p`, s.Territory, s.Cell(t, s.Root()))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t, 1, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	first, known := leaves(1)
	if known != nil || first == draft {
		t.Error("leaves were kept before they were published")
	}
	if again, known := leaves(1); again != first || known != first {
		t.Error("published leaves were read again")
	}
	// the draft that follows has other leaves
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 2, 'draft', 'test')`, s.Territory)
		if err != nil {
			return err
		}
		return cells.End(t.Context(), tx, cells.Territory{ID: s.Territory}, 2, []grids.CellID{s.Cell(t, s.Leaf(2, 2))})
	}); err != nil {
		t.Fatal(err)
	}
	if next, known := leaves(2); next.Len() != 3 || known != nil {
		t.Errorf("%d leaves", next.Len())
	}
	if again, _ := leaves(1); again != first {
		t.Error("published leaves were read again")
	}
}

var errRollBack = errors.New("roll back")

func TestLeavesOffTheLattice(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	s := cellstest.New(t, db, "4302", 3, 100)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE cells.version SET geom = ST_Translate(geom, 1e-9, 0) WHERE code = $1`, s.Leaf(2, 1)); err != nil {
			return err
		}
		if _, err := cells.LeavesOf(t.Context(), tx, s.Territory, 1); !errors.Is(err, cells.ErrNoLeaves) {
			t.Errorf("%v", err)
		}
		var n int
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM cells.version`).Scan(&n) // the connection is free
	})
	if err != nil {
		t.Error(err)
	}
}
