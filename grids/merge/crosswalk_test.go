package merge_test

import (
	"math"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/merge"
)

func TestSharesAndSlivers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1)
	w.staffed(t)
	// A and B overlap by 0.2 of the first leaf; C is a strip of half a metre
	w.put(t, box{"safety", "A", 0, 0, 0.6, 1, "S1", 0}, box{"safety", "B", 0.4, 0, 1.0005, 1, "S2", 0}, box{"safety", "C", 1.0005, 0, 2, 0.4, "S1", 0})
	run := w.overlay(t)
	type share struct{ ofCell, ofLayerCell, claimed, overlap, absorbed float64 }
	got := make(map[string]share)
	w.run(t, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `
			SELECT substr(v.code, 6, 1) || coalesce(c.code, '-'), x.share_of_cell, coalesce(x.share_of_layer_cell, 0), x.claimed_share, x.overlap_share, x.absorbed_share
			FROM merge.crosswalk x JOIN cells.version v USING (territory_id, cell_id)
			LEFT JOIN layers.cell c ON c.id = x.layer_cell_id WHERE x.run_id = $1`, run.ID)
		if err != nil {
			return err
		}
		var name string
		var s share
		_, err = pgx.ForEachRow(rows, []any{&name, &s.ofCell, &s.ofLayerCell, &s.claimed, &s.overlap, &s.absorbed}, func() error {
			got[name] = s
			return nil
		})
		if err != nil {
			return err
		}
		slivers, err := merge.Slivers(t.Context(), tx, w.Territory, run.ID)
		if err != nil {
			return err
		}
		if len(slivers) != 1 || run.Slivers != 1 || slivers[0].Code != string(w.Leaf(2, 1)) || slivers[0].Lon == nil || math.Abs(slivers[0].AreaM2-run.SliversM2) > 1e-6 {
			t.Errorf("slivers %+v of %+v", slivers, run)
		}
		return nil
	})
	want := map[string]share{
		"1A": {0.5, 5. / 6, 0.6, 0.1, 0},
		"1B": {0.5, 0.5 / 0.6005, 0.6, 0.1, 0},
		"2-": {0.6002, 0, 0.5997, 0, 0.0005},
		"2C": {0.3998, 1, 0.3998, 0, 0},
	}
	if len(got) != len(want) {
		t.Errorf("pieces %v", got)
	}
	for name, w := range want {
		g := got[name]
		for _, pair := range [][2]float64{{g.ofCell, w.ofCell}, {g.ofLayerCell, w.ofLayerCell}, {g.claimed, w.claimed}, {g.overlap, w.overlap}, {g.absorbed, w.absorbed}} {
			if math.Abs(pair[0]-pair[1]) > 2e-5 {
				t.Errorf("%s: %+v, want %+v", name, g, w)
				break
			}
		}
	}
	w.sound(t)
}

func TestBrokenGeometryLosesNoArea(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1)
	w.run(t, func(tx pgx.Tx) error {
		var common, rest, alone float64
		err := tx.QueryRow(t.Context(), `
			WITH g AS (SELECT 'SRID=4326;POLYGON((0 0,2 0,2 2,0 2,0 0))'::geometry AS square,
				'SRID=4326;POLYGON((0 0,2 2,2 0,0 2,0 0))'::geometry AS bow_tie)
			SELECT ST_Area(merge.common(square, bow_tie)), ST_Area(merge.rest(square, ARRAY[bow_tie])), ST_Area(merge.rest(square, NULL)) FROM g`).
			Scan(&common, &rest, &alone)
		if math.Abs(common-2) > 1e-9 || math.Abs(rest-2) > 1e-9 || alone != 4 {
			t.Errorf("common %g, rest %g, without parts %g", common, rest, alone)
		}
		return err
	})
}

func TestCheckFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, broken string
		kinds        []string
	}{
		{"a piece is missing", `DELETE FROM merge.crosswalk WHERE id = (SELECT max(id) FROM merge.crosswalk)`, []string{"areas", "shares"}},
		{"an area is wrong", `WITH old AS (DELETE FROM merge.crosswalk RETURNING *)
			INSERT INTO merge.crosswalk (territory_id, run_id, layer, layer_cell_id, cell_id, area_m2, share_of_cell, share_of_layer_cell, claimed_share, geom)
			SELECT territory_id, run_id, layer, layer_cell_id, cell_id, area_m2 * 1.00001, share_of_cell, share_of_layer_cell, claimed_share, geom FROM old`,
			[]string{"areas"}},
		{"pieces were moved", `WITH old AS (DELETE FROM merge.crosswalk RETURNING *)
			INSERT INTO merge.crosswalk (territory_id, run_id, layer, layer_cell_id, cell_id, area_m2, share_of_cell, share_of_layer_cell, claimed_share, geom)
			SELECT o.territory_id, o.run_id, o.layer, (SELECT max(p.layer_cell_id) FROM old p WHERE p.layer_cell_id <> o.layer_cell_id), o.cell_id,
				o.area_m2, o.share_of_cell, o.share_of_layer_cell, o.claimed_share, o.geom FROM old o`,
			[]string{"piece"}},
		{"a layer cell counts twice", `WITH old AS (DELETE FROM merge.crosswalk RETURNING *)
			INSERT INTO merge.crosswalk (territory_id, run_id, layer, layer_cell_id, cell_id, area_m2, share_of_cell, share_of_layer_cell, claimed_share, geom)
			SELECT territory_id, run_id, layer, layer_cell_id, cell_id, area_m2, share_of_cell, share_of_layer_cell * 2, claimed_share, geom FROM old`,
			[]string{"layer-cell-shares"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2, 1)
			w.put(t, box{"safety", "A", 0, 0, 0.4, 1, "", 0}, box{"safety", "B", 0.4, 0, 2, 1, "", 0})
			w.overlay(t)
			w.sound(t)
			w.run(t, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), test.broken); err != nil {
					return err
				}
				findings, _, off, err := merge.Check(t.Context(), tx, w.Territory)
				if err != nil {
					return err
				}
				var kinds []string
				databasetest.InBothLanguages(t, findings)
				for _, f := range findings {
					if f.Severity != grids.SeverityError || f.Lon == nil || f.Code == "" {
						t.Errorf("%+v", f)
					}
					if !slices.Contains(kinds, f.Kind) {
						kinds = append(kinds, f.Kind)
					}
				}
				slices.Sort(kinds)
				if !slices.Equal(kinds, test.kinds) || off < 1e-6 {
					t.Errorf("found %v, off by %g, want %v", kinds, off, test.kinds)
				}
				return nil
			})
		})
	}
}
