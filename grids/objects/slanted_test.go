package objects_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/objects"
)

// TestPlaceOnSlantedBorders turns the squares by an odd angle, rounds them to
// the lattice of 1e-7 degrees, and places random points, lines and polygons,
// among them lines that run along borders from corner to corner. Shares sum to
// 1, the independent check agrees, and what lies outside is what the outline
// leaves over.
func TestPlaceOnSlantedBorders(t *testing.T) {
	t.Parallel()
	const side = 4
	c := newCity(t, side, side)
	c.exec(`UPDATE cells.version SET geom = ST_SnapToGrid(ST_Rotate(geom, 0.37, $2::float8, $3), 1e-7) WHERE territory_id = $1`,
		c.Territory, cellstest.West, cellstest.South)
	var corners []orb.Point
	c.tx(func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT DISTINCT ST_X(d.geom), ST_Y(d.geom) FROM cells.leaves($1, 1) v, ST_DumpPoints(v.geom) d ORDER BY 1, 2`, c.Territory)
		if err != nil {
			return err
		}
		corners, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (p orb.Point, err error) { return p, r.Scan(&p[0], &p[1]) })
		return err
	})
	if len(corners) != (side+1)*(side+1) {
		t.Fatalf("%d corners", len(corners))
	}
	random := rand.New(rand.NewPCG(1, 2))
	anywhere := func() orb.Point {
		return orb.Point{cellstest.West + (random.Float64()*6-2)*cellstest.Step, cellstest.South + (random.Float64()*7-1)*cellstest.Step}
	}
	// from a corner to a random neighbour, some steps: along borders
	walk := func() orb.LineString {
		line := orb.LineString{corners[random.IntN(len(corners))]}
		for range 1 + random.IntN(5) {
			at := line[len(line)-1]
			var near []orb.Point
			for _, p := range corners {
				if d := (p[0]-at[0])*(p[0]-at[0]) + (p[1]-at[1])*(p[1]-at[1]); d > 0 && d < 1.1*cellstest.Step*cellstest.Step {
					near = append(near, p)
				}
			}
			line = append(line, near[random.IntN(len(near))])
		}
		return line
	}
	var shapes []orb.Geometry
	for range 60 {
		a, b, d := anywhere(), anywhere(), anywhere()
		ring := orb.Ring{a, b, d, a}
		if ring.Orientation() == orb.CW {
			ring.Reverse()
		}
		shapes = append(shapes, a, corners[random.IntN(len(corners))], orb.LineString{a, b, d}, walk(),
			append(walk(), anywhere()), orb.Polygon{ring})
	}
	c.tx(func(tx pgx.Tx) error {
		for i, shape := range shapes {
			geom, err := database.Geometry(shape)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
				VALUES ($1, 'river-reach', $2, '示例', $3, 'import', 'demo')`, c.Territory, fmt.Sprintf("R%03d", i), geom); err != nil {
				return err
			}
		}
		return objects.Place(t.Context(), tx, c.Territory, c.Edition, time.Now())
	})
	if found := c.check(); len(found) > 0 {
		t.Errorf("%d findings, first %+v", len(found), found[0])
	}
	c.tx(func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `
			SELECT o.code, o.outside_share, coalesce(sum(p.share), 0), m.outside
			FROM objects.object o LEFT JOIN objects.placement p ON p.object_id = o.id
			CROSS JOIN (SELECT ST_Union(geom) AS geom FROM cells.leaves($1, 1)) r
			CROSS JOIN LATERAL (SELECT CASE ST_Dimension(o.geom)
				WHEN 0 THEN CASE WHEN ST_Intersects(r.geom, o.geom) THEN 0 ELSE 1 END
				WHEN 1 THEN ST_Length(ST_Transform(ST_Difference(o.geom, r.geom), 4547)) / ST_Length(ST_Transform(ST_UnaryUnion(o.geom), 4547))
				ELSE ST_Area(ST_Difference(o.geom, r.geom)) / ST_Area(o.geom) END AS outside) m
			GROUP BY o.id, o.code, o.outside_share, m.outside`, c.Territory)
		if err != nil {
			return err
		}
		var code string
		var outside, inside, want float64
		n := 0
		_, err = pgx.ForEachRow(rows, []any{&code, &outside, &inside, &want}, func() error {
			n++
			if sum := outside + inside; sum < 1-1e-9 || sum > 1+1e-9 {
				t.Errorf("%s: sum %.12f", code, sum)
			}
			// transforming a piece and the whole line differ a little between vertices
			if diff := outside - want; diff < -1e-5 || diff > 1e-5 {
				t.Errorf("%s: outside %g, measured %g", code, outside, want)
			}
			return nil
		})
		if n != len(shapes) {
			t.Errorf("%d objects of %d", n, len(shapes))
		}
		return err
	})
	// every step of a border walk counts once, for the smallest code beside it
	for i := 3; i < len(shapes); i += 6 {
		got, outside := c.shares(fmt.Sprintf("R%03d", i))
		want := map[grids.Code]float64{}
		c.tx(func(tx pgx.Tx) error {
			rows, err := tx.Query(t.Context(), `
				WITH step AS (
					SELECT DISTINCT ST_Normalize(ST_MakeLine(a.geom, b.geom)) AS geom
					FROM objects.object o, ST_DumpPoints(o.geom) a, ST_DumpPoints(o.geom) b
					WHERE o.code = $2 AND b.path[1] = a.path[1] + 1
				), beside AS (
					SELECT s.geom, min(v.code) AS code FROM step s JOIN cells.leaves($1, 1) v ON ST_Covers(v.geom, s.geom) GROUP BY s.geom
				)
				SELECT code, sum(ST_Length(ST_Transform(geom, 4547))) / sum(sum(ST_Length(ST_Transform(geom, 4547)))) OVER () FROM beside GROUP BY code`,
				c.Territory, fmt.Sprintf("R%03d", i))
			if err != nil {
				return err
			}
			var code grids.Code
			var share float64
			_, err = pgx.ForEachRow(rows, []any{&code, &share}, func() error { want[code] = share; return nil })
			return err
		})
		for code, share := range want {
			if diff := got[code] - share; diff < -1e-6 || diff > 1e-6 {
				t.Errorf("walk %d: %s has %g, want %g", i, code, got[code], share)
			}
		}
		if outside != 0 || len(got) != len(want) {
			t.Errorf("walk %d: %v outside %g, want %v", i, got, outside, want)
		}
	}
	// a line of one long segment adds up as well
	c.exec(`INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
		SELECT $1, 'river-reach', 'long', '示例', ST_MakeLine(ST_PointOnSurface(a.geom), ST_PointOnSurface(b.geom)), 'import', 'demo'
		FROM cells.leaves($1, 1) a, cells.leaves($1, 1) b WHERE a.code = $2 AND b.code = $3`, c.Territory, c.Leaf(1, 1), c.Leaf(side, side))
	c.tx(func(tx pgx.Tx) error {
		return objects.Place(t.Context(), tx, c.Territory, c.Edition, time.Now())
	})
	if shares, outside := c.shares("long"); outside != 0 || len(shares) < side {
		t.Errorf("%v outside %g", shares, outside)
	}
}
