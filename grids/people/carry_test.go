package people_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/people"
)

// In edition 2 one leaf is split in two and two others are merged into one.
func TestCarryAlong(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(7)
	split, big, small := w.Leaf(1, 1), w.Leaf(2, 1), w.Leaf(2, 2)
	w.must(day(0), accountable("S1", w.Root()),
		accountable("S2", split), wish{staff: "S3", cell: string(split), role: "officer"}, wish{staff: "S4", cell: string(split), role: "lead", layer: "safety"},
		accountable("S5", big), accountable("S6", small),
		wish{staff: "S7", cell: string(small), role: "officer", from: day(30)})
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	w.tx(func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 2, 'draft', 'test')`, w.Territory); err != nil {
			return err
		}
		// the leaf small is worth a tenth of big
		_, err := tx.Exec(t.Context(), `WITH old AS (
				UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND code = ANY($2) RETURNING *
			), want (code, parent, share) AS (
				VALUES ('430201901000', $2::text[], 0.4::float8), ('430201902000', $2, 0.6), ('430202901000', $2, 1)
			), made AS (
				INSERT INTO cells.cell (territory_id) SELECT $1 FROM want RETURNING id
			), named AS (
				SELECT w.*, m.id FROM (SELECT *, row_number() OVER (ORDER BY code) AS n FROM want) w
				JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made) m USING (n)
			), version AS (
				INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
				SELECT DISTINCT ON (n.code) $1, n.id, 2, n.code, '示例' || n.code, o.tier, o.parent_id, o.geom, o.area_m2, o.label, 'demo'
				FROM named n JOIN old o ON left(o.code, 6) = left(n.code, 6) ORDER BY n.code, o.code
			)
			INSERT INTO cells.lineage (territory_id, edition, from_cell, to_cell, share)
			SELECT $1, 2, o.cell_id, n.id, CASE WHEN o.code = $3 THEN 0.1 ELSE n.share END
			FROM named n JOIN old o ON left(o.code, 6) = left(n.code, 6)`,
			w.Territory, []string{string(split), string(big), string(small)}, small)
		if err != nil {
			return err
		}
		// a planner has named someone for one of the successors
		_, err = tx.Exec(t.Context(), `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, (SELECT id FROM people.person WHERE staff_no = 'S7'), cell_id, 'accountable', tstzrange($2, NULL), 'test'
			FROM cells.of($1, 2) WHERE code = '430201902000'`, w.Territory, day(10))
		return err
	})
	for range 2 { // the second time changes nothing
		w.tx(func(tx pgx.Tx) error { return people.CarryAlong(t.Context(), tx, w.Territory, 2, day(10)) })
	}
	if err := w.Publish(t, 2, day(10)); err != nil {
		t.Fatal(err)
	}
	w.tx(func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT concat_ws(' ', v.code, a.role, p.staff_no, a.during @> $2::timestamptz, a.reason)
			FROM people.assignment a JOIN people.person p ON p.id = a.person_id
			JOIN cells.version v ON v.cell_id = a.cell_id
			WHERE a.territory_id = $1 AND v.tier = 3 ORDER BY v.code, a.role, p.staff_no`, w.Territory, day(10))
		if err != nil {
			return err
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		want := []string{
			"430201001000 accountable S2 f the cell ended with edition 2",
			"430201001000 lead S4 f the cell ended with edition 2",
			"430201001000 officer S3 f the cell ended with edition 2",
			"430201901000 accountable S2 t carried along from 430201001000 in edition 2",
			"430201901000 lead S4 t carried along from 430201001000 in edition 2",
			"430201901000 officer S3 t carried along from 430201001000 in edition 2",
			"430201902000 accountable S7 t ",
			"430201902000 lead S4 t carried along from 430201001000 in edition 2",
			"430201902000 officer S3 t carried along from 430201001000 in edition 2",
			"430202001000 accountable S5 f the cell ended with edition 2",
			"430202002000 accountable S6 f the cell ended with edition 2",
			"430202901000 accountable S5 t carried along from 430202001000 in edition 2",
		}
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Errorf("row %d: %v\nwant %v", i, got, want)
				break
			}
		}
		return err
	})
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}
