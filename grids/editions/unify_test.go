package editions_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
)

// Unifying by a rule that takes a layer's lines moves the unified ones: what is
// published has them, partitions the same parents, and disputes nothing.
func TestUnifyMovesLines(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := cellstest.New(t, db, "4302", 1, 2)
	rules, err := merge.ParseRules(strings.NewReader(`[
		{"kind":"split","resolution":"adopt-layer-boundary","reason":{"zh":"以条线为准","en":"as the layer has it"}},
		{"kind":"boundary-mismatch","resolution":"adopt-layer-boundary","reason":{"zh":"以条线为准","en":"as the layer has it"}},
		{"kind":"none-accountable","resolution":"accept-acting","reason":{"zh":"代管","en":"acting"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	inTx(t, db, func(tx pgx.Tx) {
		fatal(t, layers.EnsureDefaults(t.Context(), tx, w.Territory))
		_, err := tx.Exec(t.Context(), `
			WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'S1', '示例人员 0001', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, v.cell_id, 'accountable', tstzrange('2020-01-01', NULL), 'test' FROM p, cells.of($1, 1) v WHERE v.tier = 1`, w.Territory)
		fatal(t, err)
		_, err = tx.Exec(t.Context(), `
			INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
			SELECT $1, 'environment', 'E' || n, '示例', ST_Multi(ST_MakeEnvelope($2::float8, CASE n WHEN 1 THEN $3::float8 ELSE $3::float8 + 0.7 * $4::float8 END, $2::float8 + $4::float8, CASE n WHEN 1 THEN $3::float8 + 0.7 * $4::float8 ELSE $3::float8 + 2 * $4::float8 END, 4326)), 1, 'demo'
			FROM generate_series(1, 2) n`, w.Territory, cellstest.West, cellstest.South, cellstest.Step)
		fatal(t, err)
	})
	var u editions.Unified
	inTx(t, db, func(tx pgx.Tx) {
		territory, err := cells.FindTerritory(t.Context(), tx, string(w.Root()))
		fatal(t, err)
		u, err = editions.Unify(t.Context(), tx, territory, grids.Local, editions.Wish{Rules: rules, Publish: true, Note: "test"})
		fatal(t, err)
	})
	if u.Edition == nil || u.Drawn.Changed != 2 || u.Drawn.Created != 0 || len(u.Blocking) != 0 {
		t.Fatalf("%+v", u)
	}
	for _, kind := range u.Conflicts {
		if kind.Kind == merge.Split || kind.Kind == merge.Mismatch {
			t.Errorf("lines are still in dispute: %+v", kind)
		}
	}
	inTx(t, db, func(tx pgx.Tx) {
		var off, overlap float64
		fatal(t, tx.QueryRow(t.Context(), `
			SELECT max(ST_Area(ST_SymDifference(v.geom, c.geom)) / ST_Area(c.geom)),
			  (SELECT ST_Area(ST_SymDifference(ST_Union(l.geom), (SELECT p.geom FROM cells.of($1, $2) p WHERE p.tier = 2))) FROM cells.leaves($1, $2) l)
			FROM cells.leaves($1, $2) v
			JOIN layers.cell c ON c.territory_id = $1 AND c.code = CASE WHEN v.code = $3 THEN 'E1' ELSE 'E2' END`,
			w.Territory, u.Edition.Seq, w.Leaf(1, 1)).Scan(&off, &overlap))
		if off > 2e-5 || overlap > 0 { // 1e-7 degrees of 0.007
			t.Errorf("published leaves differ from the layer's cells by %g, their union from the parent by %g", off, overlap)
		}
	})
}
