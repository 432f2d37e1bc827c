package merge_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
)

// object puts a thing on the map; at is WKT in leaf sides, empty for one that is
// known by its leaf only.
func (w world) object(t testing.TB, kind, code, at string, in grids.Code) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
			SELECT $1, $2, $3, '示例 ' || $3, g, CASE WHEN g IS NOT NULL THEN 'import' END, 'demo'
			FROM (SELECT ST_SetSRID(ST_Translate(ST_Scale(nullif($4, '')::geometry, $5::float8, $5::float8), $6::float8, $7::float8), 4326) AS g) s`,
			w.Territory, kind, code, at, cellstest.Step, cellstest.West, cellstest.South)
		if err != nil || in == "" {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO objects.placement (territory_id, object_id, cell_id, share, during)
			SELECT $1, id, $2, 1, tstzrange('2020-01-01', NULL) FROM objects.object WHERE code = $3`, w.Territory, w.Cell(t, in), code)
		return err
	})
}

// The crosswalk says what lies in each piece: points where they are, what has no
// place by share, reaches by length and zones by area.
func TestContents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1)
	w.staffed(t)
	w.put(t, box{"safety", "A", 0, 0, 0.5, 1, "", 0}, box{"safety", "B", 0.5, 0, 2, 0.75, "", 0})
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE layers.cell SET published = '{"人口": "3000"}' WHERE code = 'B'`)
		return err
	})
	w.object(t, "enterprise", "in A", "POINT(0.2 0.2)", w.Leaf(1, 1))
	w.object(t, "enterprise", "on the line", "POINT(0.5 0.2)", w.Leaf(1, 1))
	w.object(t, "enterprise", "between the leaves", "POINT(1 0.2)", w.Leaf(1, 1))
	w.object(t, "enterprise", "uncovered", "POINT(1.5 0.9)", w.Leaf(2, 1))
	w.object(t, "enterprise", "without a place", "", w.Leaf(2, 1))
	w.object(t, "monitor", "M", "POINT(1.5 0.5)", w.Leaf(2, 1))
	w.object(t, "water-source", "zone", "POLYGON((0.4 0.2,0.8 0.2,0.8 0.4,0.4 0.4,0.4 0.2))", w.Leaf(1, 1))
	w.object(t, "river-reach", "along the line", "LINESTRING(0.5 0, 0.5 1)", w.Leaf(1, 1))
	w.object(t, "river-reach", "across", "LINESTRING(0.1 0.5, 2.1 0.5)", w.Leaf(1, 1))
	run := w.overlay(t)
	type content struct {
		population, enterprises, monitors, sources float64
		counted, stretches                         string
	}
	want := map[string]content{
		"1 A": {-1, 2, 0, 1, "exact", "river-reach across 0.2, river-reach along the line 1, water-source zone 0.25"},
		"1 B": {3000. / 3, 1, 0, 1, "exact", "river-reach across 0.25, water-source zone 0.75"},
		"1 -": {-1, 0, 0, 0, "exact", ""},
		"2 B": {3000. * 2 / 3, 0.75, 1, 0, "estimated", "river-reach across 0.5"},
		"2 -": {-1, 1.25, 0, 0, "estimated", ""},
	}
	w.run(t, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `
			SELECT substr(v.code, 6, 1) || ' ' || coalesce(c.code, '-'), coalesce(x.population, -1), x.enterprises, x.monitors, x.water_sources, x.counted,
				coalesce((SELECT string_agg(concat_ws(' ', s ->> 'kind', s ->> 'code', round((s ->> 'share')::numeric, 3)::float8), ', ')
					FROM jsonb_array_elements(merge.stretches($1, $2, x.id, now())) s), ''),
				(SELECT coalesce(bool_and(coalesce(s.length_m, s.area_m2) > 0), true) FROM merge.stretch s WHERE s.run_id = $2 AND s.crosswalk_id = x.id)
			FROM merge.crosswalk x JOIN cells.leaves($1, 1) v USING (cell_id) LEFT JOIN layers.cell c ON c.id = x.layer_cell_id
			WHERE x.run_id = $2`, w.Territory, run.ID)
		if err != nil {
			return err
		}
		var key string
		var c content
		var measured bool
		_, err = pgx.ForEachRow(rows, []any{&key, &c.population, &c.enterprises, &c.monitors, &c.sources, &c.counted, &c.stretches, &measured}, func() error {
			e, ok := want[key]
			delete(want, key)
			near := func(a, b float64) bool { return math.Abs(a-b) < 1e-3*max(1, b) }
			if !ok || !measured || !near(c.population, e.population) || !near(c.enterprises, e.enterprises) || c.monitors != e.monitors || c.sources != e.sources || c.counted != e.counted || c.stretches != e.stretches {
				t.Errorf("%s: %+v, want %+v", key, c, e)
			}
			return nil
		})
		return err
	})
	if len(want) > 0 {
		t.Error(fmt.Sprint("missing: ", want))
	}
}
