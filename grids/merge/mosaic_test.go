package merge_test

import (
	"math"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/merge"
)

// Whatever the layers are, PostGIS cuts the leaves as the mosaic does: the same
// pieces, areas and shapes, and the same ground claimed by several, within 1e-9 of
// the leaf.
func TestPostGISCutsTheSame(t *testing.T) {
	t.Parallel()
	const columns, rows = 3, 3
	w := newWorld(t, columns, rows)
	rapid.Check(t, func(r *rapid.T) {
		var boxes []box
		var layers []grids.LayerCode
		for _, layer := range rapid.Permutation(everyLayer).Draw(r, "layers")[:rapid.IntRange(1, 4).Draw(r, "of them")] {
			layers = append(layers, grids.LayerCode(layer))
			boxes = append(boxes, drawLayer(r, layer, columns, rows)...)
		}
		// Lines that hardly slant cross others too close together to be told apart
		// in memory: these go to PostGIS, and are no less right.
		hardly := false
		for i := range boxes {
			if rapid.IntRange(0, 3).Draw(r, "slanting") == 0 {
				boxes[i].lean = rapid.Float64Range(-1, 1).Draw(r, "lean")
				hardly = hardly || math.Abs(boxes[i].lean) < 1e-3
			}
		}
		w.emptied(t)
		w.put(t, boxes...)
		w.run(t, func(tx pgx.Tx) error {
			if err := merge.CutLeft(t.Context(), tx, w.Territory, w.Edition, layers); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `
				CREATE TEMP TABLE judge_piece ON COMMIT DROP AS SELECT * FROM merge_piece;
				CREATE TEMP TABLE judge_face ON COMMIT DROP AS SELECT * FROM merge_face`)
			if err != nil {
				return err
			}
			cut := merge.Cut
			if rapid.Bool().Draw(r, "one by one") {
				cut = merge.CutOneByOne
			}
			if err := cut(t.Context(), tx, w.Territory, w.Edition, layers); err != nil {
				return err
			}
			var left, wrong int
			err = tx.QueryRow(t.Context(), `
				SELECT (SELECT count(*) FROM merge_left), (
					SELECT count(*) FROM merge_piece p
					FULL JOIN judge_piece q ON q.layer = p.layer AND q.cell_id = p.cell_id AND coalesce(q.layer_cell_id, 0) = coalesce(p.layer_cell_id, 0)
					JOIN merge_leaf l ON l.cell_id IN (p.cell_id, q.cell_id)
					WHERE greatest(p.claimed, q.claimed) > 1e-9 * l.deg AND (p.cell_id IS NULL OR q.cell_id IS NULL
						OR greatest(abs(p.claimed - q.claimed), abs(p.own - q.own), abs(p.overlap - q.overlap), ST_Area(ST_SymDifference(p.geom, q.geom))) > 1e-9 * l.deg
						OR p.whole <> q.whole OR NOT ST_IsValid(p.geom) OR abs(ST_Area(p.geom) - p.claimed) > 1e-9 * l.deg)
				) + (
					SELECT count(*) FROM (SELECT layer, cell_id, claimants, sum(deg) AS deg, ST_Union(geom) AS geom FROM merge_face GROUP BY 1, 2, 3) p
					FULL JOIN (SELECT layer, cell_id, claimants, sum(deg) AS deg, ST_Union(geom) AS geom FROM judge_face WHERE cardinality(claimants) > 1 GROUP BY 1, 2, 3) q
						USING (layer, cell_id, claimants)
					JOIN merge_leaf l USING (cell_id)
					WHERE greatest(p.deg, q.deg) > 1e-9 * l.deg AND (p.deg IS NULL OR q.deg IS NULL
						OR greatest(abs(p.deg - q.deg), ST_Area(ST_SymDifference(p.geom, q.geom))) > 1e-9 * l.deg)
				)`).Scan(&left, &wrong)
			if wrong > 0 {
				r.Errorf("%d pieces or faces are others than PostGIS's", wrong)
			}
			if left > 0 && !hardly {
				r.Errorf("%d leaves were left to PostGIS", left)
			}
			return err
		})
	})
}

// What is off the lattice is cut in PostGIS, and only that.
func TestOffTheLattice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 1)
	w.put(t,
		box{"safety", "A", 0, 0, 0.4, 1, "", 0}, box{"safety", "B", 0.3, 0, 1.6, 1, "", 0}, box{"safety", "C", 1.6, 0, 3, 1, "", 0},
		box{"environment", "E", 0, 0, 1.5, 1, "", 0})
	w.run(t, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE layers.cell SET geom = ST_Translate(geom, 3e-9, 0) WHERE code = 'A'`); err != nil {
			return err
		}
		if err := merge.Cut(t.Context(), tx, w.Territory, w.Edition, []grids.LayerCode{"environment", "safety"}); err != nil {
			return err
		}
		var left, pieces int
		var own, overlap float64
		err := tx.QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM merge_left WHERE layer = 'safety'), count(*), sum(p.own / l.deg), sum(p.overlap / l.deg)
			FROM merge_piece p JOIN merge_leaf l USING (cell_id)`).Scan(&left, &pieces, &own, &overlap)
		if left != 1 || pieces != 10 || math.Abs(own-6) > 1e-9 || math.Abs(overlap-0.1) > 1e-4 {
			t.Errorf("%d left, %d pieces with %g leaves, %g claimed twice", left, pieces, own, overlap)
		}
		return err
	})
}
