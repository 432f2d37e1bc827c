package merge_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids/merge"
)

// A layer of a random kind: what departments send.
func drawLayer(r *rapid.T, layer string, columns, rows int) []box {
	var boxes []box
	add := func(x0, y0, x1, y1 float64) {
		staff := rapid.SampledFrom([]string{"", "S1", "S2", "S3"}).Draw(r, "staff")
		boxes = append(boxes, box{layer: layer, code: fmt.Sprintf("%s-%02d", layer, len(boxes)), x0: x0, y0: y0, x1: x1, y1: y1, staff: staff})
	}
	// on a line of leaves now and then, so that edges coincide
	at := func(limit int) float64 {
		if rapid.Bool().Draw(r, "even") {
			return float64(rapid.IntRange(0, limit).Draw(r, "line"))
		}
		return rapid.Float64Range(-0.3, float64(limit)+0.3).Draw(r, "place")
	}
	size := rapid.Float64Range(0.03, 2)
	switch rapid.SampledFrom([]string{"identical", "shifted", "gaps", "overlapping", "disjoint", "nested", "one"}).Draw(r, "kind") {
	case "identical":
		for x := range columns {
			for y := range rows {
				add(float64(x), float64(y), float64(x+1), float64(y+1))
			}
		}
	case "shifted":
		dx, dy := rapid.Float64Range(-0.4, 0.4).Draw(r, "east"), rapid.Float64Range(-0.4, 0.4).Draw(r, "north")
		for x := range columns {
			for y := range rows {
				add(float64(x)+dx, float64(y)+dy, float64(x+1)+dx, float64(y+1)+dy)
			}
		}
	case "gaps":
		for x := range columns {
			for y := range rows {
				if rapid.Bool().Draw(r, "there") {
					add(float64(x), float64(y), float64(x)+rapid.Float64Range(0.5, 1).Draw(r, "width"), float64(y)+rapid.Float64Range(0.5, 1).Draw(r, "height"))
				}
			}
		}
	case "overlapping":
		for range rapid.IntRange(2, 6).Draw(r, "cells") {
			x, y := at(columns), at(rows)
			add(x, y, x+size.Draw(r, "width"), y+size.Draw(r, "height"))
		}
	case "disjoint": // of the leaves
		add(float64(columns)+1, 0, float64(columns)+2, 1)
		add(-3, -3, -1, -2)
	case "nested":
		x, y := float64(rapid.IntRange(0, columns-1).Draw(r, "column")), float64(rapid.IntRange(0, rows-1).Draw(r, "row"))
		for i := range 3 {
			inset := float64(i) * rapid.Float64Range(0.01, 0.16).Draw(r, "inset")
			add(x+inset, y+inset, x+1-inset, y+1-inset)
		}
	case "one":
		add(-0.1, -0.1, float64(columns)+0.1, float64(rows)+0.1)
	}
	if len(boxes) == 0 {
		add(0.2, 0.2, 0.7, 0.7)
	}
	return boxes
}

// emptied takes all layer cells and runs away.
func (w world) emptied(t testing.TB) {
	w.run(t, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `DELETE FROM merge.run`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `DELETE FROM layers.cell`)
		return err
	})
}

// told is all that a run says, by codes and not by numbers of rows.
func (w world) told(t testing.TB, run merge.Run) (text string) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) (err error) {
		text, err = toldIn(t, tx, w, run)
		return err
	})
	return text
}

func toldIn(t testing.TB, tx pgx.Tx, w world, run merge.Run) (text string, err error) {
	t.Helper()
	err = tx.QueryRow(t.Context(), `
		SELECT concat_ws(E'\n',
			(SELECT string_agg(concat_ws('|', x.layer, c.code, v.code, round(x.area_m2::numeric, 3), round(x.share_of_cell::numeric, 12), round(x.share_of_layer_cell::numeric, 12), round(x.claimed_share::numeric, 12),
				round(x.overlap_share::numeric, 12), round(x.absorbed_share::numeric, 12), x.enterprises, x.monitors, x.counted, ST_AsText(ST_Normalize(x.geom), 12)), E'\n' ORDER BY x.layer, c.code, v.code)
			FROM merge.crosswalk x JOIN cells.leaves($1, 1) v USING (cell_id) LEFT JOIN layers.cell c ON c.id = x.layer_cell_id WHERE x.run_id = $2),
			(SELECT string_agg(concat_ws('|', s.layer, c.code, i.code, v.code, round(s.area_m2::numeric, 3)), E'\n' ORDER BY s.layer, c.code, v.code)
			FROM merge.sliver s JOIN cells.leaves($1, 1) v USING (cell_id) LEFT JOIN layers.cell c ON c.id = s.layer_cell_id LEFT JOIN layers.cell i ON i.id = s.into_layer_cell_id
			WHERE s.run_id = $2),
			(SELECT string_agg(concat_ws('|', f.kind, f.layer, v.code, f.detail, round(f.area_m2), round(f.width_m), f.touches, f.people, f.objects, f.severity, f.alternatives,
				f.blocking, f.pending, f.proposal, f.reason, round((ST_Area(f.geom) * 1e10)::numeric)), E'\n' ORDER BY f.kind, f.layer, v.code, f.detail)
			FROM merge.conflict f LEFT JOIN cells.leaves($1, 1) v USING (cell_id) WHERE f.run_id = $2),
			(SELECT string_agg(concat_ws('|', f.kind, f.layer, v.code, m.resolution, c.code, o.code, round(m.area_m2), round((ST_Area(m.geom) * 1e10)::numeric)), E'\n'
				ORDER BY f.kind, f.layer, v.code, m.resolution, c.code, o.code)
			FROM merge.move m JOIN merge.conflict f ON f.run_id = m.run_id AND f.id = m.conflict_id JOIN cells.leaves($1, 1) v ON v.cell_id = f.cell_id
			LEFT JOIN layers.cell c ON c.id = m.layer_cell_id LEFT JOIN cells.leaves($1, 1) o ON o.cell_id = m.to_cell_id WHERE m.run_id = $2))`, w.Territory, run.ID).Scan(&text)
	return text, err
}

// Whatever the layers are: areas add up, every leaf gets every layer's answer,
// merging twice changes nothing, and neither does the order of the layers and
// of their cells, which only rules speak of (layer:CODE).
func TestAnyLayersMerge(t *testing.T) {
	t.Parallel()
	const columns, rows = 3, 3
	w := newWorld(t, columns, rows)
	w.assign(t, "S5", "accountable", w.Root())
	w.assign(t, "S1", "accountable", w.Leaf(1, 1), w.Leaf(2, 2))
	w.assign(t, "S2", "accountable", w.Leaf(3, 1), w.Leaf(1, 3), w.Leaf(3, 3))
	rapid.Check(t, func(r *rapid.T) {
		names := rapid.Permutation(everyLayer).Draw(r, "layers")[:rapid.IntRange(1, 4).Draw(r, "of them")]
		var boxes []box
		for _, layer := range names {
			boxes = append(boxes, drawLayer(r, layer, columns, rows)...)
		}
		w.emptied(t)
		w.put(t, boxes...)
		options := merge.Options{Capacity: rapid.IntRange(0, 3).Draw(r, "capacity")}
		overlay := func() (run merge.Run) {
			w.run(t, func(tx pgx.Tx) (err error) {
				run, err = merge.Overlay(t.Context(), tx, w.Territory, w.Edition, options, "test")
				return err
			})
			return run
		}
		run := overlay()
		w.adds(r, t, run, len(names))
		first := w.told(t, run)
		if again := w.told(t, overlay()); again != first {
			r.Errorf("merging twice gives\n%s\nand\n%s", first, again)
		}
		// a department's new version, merged in part and from the beginning
		changed := rapid.SampledFrom(names).Draw(r, "changed")
		w.put(t, drawLayer(r, changed, columns, rows)...)
		part := w.told(t, overlay())
		w.run(t, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), `DELETE FROM merge.run`); return err })
		if whole := w.told(t, overlay()); part != whole {
			r.Errorf("merged in part\n%s\nand not\n%s", part, whole)
		}
		w.emptied(t)
		w.put(t, rapid.Permutation(boxes).Draw(r, "order")...)
		ranks := rapid.Permutation([]int{1, 2, 3, 4}).Draw(r, "ranks")
		w.run(t, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `
				UPDATE layers.layer l SET rank = n.rank FROM unnest($1::text[], $2::int[]) AS n (code, rank) WHERE l.code = n.code`, everyLayer, ranks)
			return err
		})
		if other := w.told(t, overlay()); other != first {
			r.Errorf("in another order it gives\n%s\nand not\n%s", other, first)
		}
	})
}

// adds checks a run's sums by SQL of its own.
func (w world) adds(r *rapid.T, t testing.TB, run merge.Run, layers int) {
	t.Helper()
	var leaves, answers int
	var share, area, parent float64
	w.run(t, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `
			WITH leaf AS (
				SELECT l.cell_id, l.parent_id, l.area_m2, ST_Area(l.geom) AS deg, y.layer, s.share, s.area, s.n
				FROM cells.leaves($1, 1) l CROSS JOIN (SELECT unnest(layers) AS layer FROM merge.run WHERE id = $2) y
				LEFT JOIN LATERAL (SELECT sum(share_of_cell) AS share, sum(area_m2) AS area, count(*) AS n FROM merge.crosswalk x
					WHERE x.run_id = $2 AND x.cell_id = l.cell_id AND x.layer = y.layer) s ON true
			)
			SELECT count(*), count(*) FILTER (WHERE n > 0), max(abs(coalesce(share, 0) - 1)), max(abs(coalesce(area, 0) / area_m2 - 1)),
				(SELECT max(abs(p.deg / ST_Area(v.geom) - 1)) FROM (SELECT parent_id, layer, sum(deg * share) AS deg FROM leaf GROUP BY 1, 2) p
					JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = p.parent_id)
			FROM leaf`, w.Territory, run.ID).Scan(&leaves, &answers, &share, &area, &parent)
	})
	if leaves != w.Columns*w.Rows*layers || answers != leaves {
		r.Errorf("%d answers for %d leaves and layers", answers, leaves)
	}
	if share > 1e-9 || area > 1e-9 || parent > 1e-9 {
		r.Errorf("off by %g of a leaf, %g of its area, %g of a parent", share, area, parent)
	}
}
