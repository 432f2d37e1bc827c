package cells_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/geotest"
	"unigrid/grids"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// judged are coverages laid before PostGIS, each in a set of its own.
type judged struct {
	areas    [][]any // set, kind, number, group, geometry
	claims   [][]any // set, what, the figure of geo.Coverage
	overlaps int
}

func (j *judged) add(t *testing.T, set int, kind string, number, group int, m orb.MultiPolygon) {
	t.Helper()
	geom, err := database.Geometry(m)
	if err != nil {
		t.Fatal(err)
	}
	j.areas = append(j.areas, []any{set, kind, number, group, geom})
}

// partition lays a random partition before it: the cells, their parent, what
// Dissolve united them to, and the cells simplified.
func (j *judged) partition(t *testing.T, set int, r *rand.Rand) {
	t.Helper()
	p := geotest.NewPartition(r, 1+r.IntN(6), 1+r.IntN(6), r.IntN(5), 1+r.IntN(9))
	c, err := geo.NewCoverage(p.Cells)
	if err != nil {
		t.Fatal(err)
	}
	if found := c.Validate(p.Parent); len(found) > 0 {
		t.Fatalf("set %d: %v", set, found)
	}
	groups := make([]int, len(p.Cells))
	for i := range groups {
		groups[i] = r.IntN(len(groups)/2 + 1)
	}
	united, err := c.Dissolve(groups)
	if err != nil {
		t.Fatal(err)
	}
	j.add(t, set, "parent", 0, 0, p.Parent)
	for g, m := range united {
		if len(m) > 0 {
			j.add(t, set, "united", g, g, m)
		}
	}
	for i, m := range c.Simplify([]float64{1, 5, 30}[r.IntN(3)]) {
		j.add(t, set, "simple", i, 0, m)
		j.add(t, set, "cell", i, groups[i], p.Cells[i])
	}
	j.claims = append(j.claims, []any{set, "cell", len(c.Neighbours())}, []any{set, "simple", len(c.Neighbours())})
}

// stack lays areas before it that may lie on each other.
func (j *judged) stack(t *testing.T, set int, r *rand.Rand) {
	t.Helper()
	m := geotest.NewMesh(r, 1+r.IntN(4), 1+r.IntN(4), r.IntN(3))
	share := r.Float64() / 3
	var cells []orb.MultiPolygon
	for range 2 {
		in := make([]bool, len(m.Faces))
		for i := range in {
			in[i] = r.Float64() < share
		}
		if area := m.Area(func(face int) bool { return in[face] }); len(area) > 0 {
			j.add(t, set, "stack", len(cells), 0, area.Orb())
			cells = append(cells, area.Orb())
		}
	}
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	overlap := 0
	for _, f := range c.Validate(nil) {
		if f.Kind != geo.Unmatched {
			overlap = 1
		}
	}
	j.overlaps += overlap
	j.claims = append(j.claims, []any{set, "stack", overlap})
}

// TestPostGISAgreesWithCoverage has PostGIS judge some hundred random
// coverages by rules of its own: it shares no code with package geo.
func TestPostGISAgreesWithCoverage(t *testing.T) {
	t.Parallel()
	var j judged
	r := rand.New(rand.NewPCG(20261124, 4))
	const sets = 400
	for set := range sets {
		j.partition(t, set, r)
		j.stack(t, set, r)
	}
	if j.overlaps < sets/10 || j.overlaps > sets*9/10 {
		t.Fatalf("%d of %d stacks overlap: the sample shows little", j.overlaps, sets)
	}
	db := databasetest.New(t)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `
			CREATE TEMP TABLE area (set int, kind text, number int, "group" int, geom geometry(MultiPolygon, 4326)) ON COMMIT DROP;
			CREATE TEMP TABLE claim (set int, kind text, figure int) ON COMMIT DROP`); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(t.Context(), pgx.Identifier{"area"}, []string{"set", "kind", "number", "group", "geom"}, pgx.CopyFromRows(j.areas)); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(t.Context(), pgx.Identifier{"claim"}, []string{"set", "kind", "figure"}, pgx.CopyFromRows(j.claims)); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `CREATE INDEX ON area (set, kind); ANALYZE area`); err != nil {
			return err
		}
		for _, check := range []struct{ name, wrong string }{
			{"validity", `SELECT set, kind FROM area WHERE NOT ST_IsValid(geom)`},
			{"interiors apart", `
				SELECT a.set, a.kind FROM area a JOIN area b USING (set, kind)
				WHERE kind IN ('cell', 'simple', 'united') AND a.number < b.number AND ST_Relate(a.geom, b.geom, 'T********')`},
			{"areas add up to the parent's", `
				SELECT set, c.kind FROM area c JOIN area p USING (set)
				WHERE c.kind IN ('cell', 'united') AND p.kind = 'parent'
				GROUP BY set, c.kind, p.geom
				HAVING abs(sum(ST_Area(c.geom)) - ST_Area(p.geom)) > 1e-12 * ST_Area(p.geom)`},
			{"united as by ST_Union", `
				SELECT set, u.kind FROM area u JOIN area c USING (set, "group")
				WHERE u.kind = 'united' AND c.kind = 'cell'
				GROUP BY set, u.kind, "group", u.geom
				HAVING ST_Area(ST_SymDifference(ST_Union(c.geom), u.geom)) > 1e-12 * ST_Area(u.geom)`},
			{"neighbours", `
				SELECT set, kind FROM claim LEFT JOIN LATERAL (
					SELECT count(*) AS pairs FROM area a JOIN area b USING (set, kind)
					WHERE a.set = claim.set AND a.kind = claim.kind AND a.number < b.number AND ST_Relate(a.geom, b.geom, '****1****')) n ON true
				WHERE kind IN ('cell', 'simple') AND pairs <> figure`},
			{"overlap found where there is one", `
				SELECT claim.set, claim.kind FROM claim
				WHERE kind = 'stack' AND (figure = 1) <> EXISTS (
					SELECT FROM area a JOIN area b USING (set, kind)
					WHERE a.set = claim.set AND a.kind = 'stack' AND a.number < b.number AND ST_Relate(a.geom, b.geom, 'T********'))`},
		} {
			var wrong int
			var first string
			if err := tx.QueryRow(t.Context(), `SELECT count(*), coalesce(min(format('set %s %s', set, kind)), '') FROM (`+check.wrong+`) wrong(set, kind)`).Scan(&wrong, &first); err != nil {
				return fmt.Errorf("%s: %w", check.name, err)
			}
			if wrong > 0 {
				t.Errorf("%s: %d differ, such as %s", check.name, wrong, first)
			}
		}
		return errDone
	})
	if err != nil && err != errDone {
		t.Fatal(err)
	}
}
