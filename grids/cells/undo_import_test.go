package cells_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
)

func TestUndoImport(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	var territory cells.Territory
	var edition grids.EditionID
	tx := func(fn func(pgx.Tx) error) error { return db.Tx(t.Context(), grids.Local, fn) }
	if err := tx(func(tx pgx.Tx) error {
		territory, edition = create(t, tx, "4302", 4547, grids.GB12)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	adopt := func(tier int, replace bool, rows ...row) (batch int64, report cells.AdoptReport) {
		t.Helper()
		if err := tx(func(tx pgx.Tx) error {
			batch = intake(t, tx, territory, tier, rows)
			if _, err := tx.Exec(t.Context(), `UPDATE cells.intake SET sent = jsonb_build_object('row', row), source_geom = ST_Transform(geom, 4547) WHERE batch = $1`, batch); err != nil {
				return err
			}
			if err := cells.OpenStep(t.Context(), tx, territory, grids.Local, "import", nil); err != nil {
				return err
			}
			var err error
			report, err = cells.Adopt(t.Context(), tx, territory, edition, batch, cells.AdoptOptions{ReplaceParents: replace})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return batch, report
	}
	undo := func(batch int64) (taken grids.Taken, err error) {
		err = tx(func(tx pgx.Tx) error {
			taken, err = cells.UndoImport(t.Context(), tx, territory, grids.Local, batch)
			return err
		})
		return taken, err
	}
	state := func() (out string) {
		if err := tx(func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT coalesce(string_agg(concat_ws('|', cells.etag(v), v.batch), ' ' ORDER BY code), '') FROM cells.of($1, $2) v`, territory.ID, edition).Scan(&out)
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	counties := []row{{"430202000000", "甲区", box(0, 0, 10, 10)}, {"430203000000", "乙区", box(10, 0, 20, 10)}}
	first, r := adopt(2, false, counties...)
	if r.Created != 3 || r.Changed != 0 || len(r.Differences) != 3 || r.Differences[1].Row != 1 || r.Differences[1].Op != "created" {
		t.Errorf("%+v", r)
	}
	before := state()
	if _, r := adopt(2, false, counties...); r.Unchanged != 2 || r.Created != 0 || state() != before {
		t.Errorf("again: %+v", r)
	}
	second, r := adopt(3, true, row{"430202001000", "子镇", box(0, 0, 11, 10)}, row{"430203001000", "丑镇", box(11, 0, 20, 10)})
	if r.Created != 2 || r.Changed != 2 {
		t.Errorf("%+v", r)
	}
	area := ""
	for _, d := range r.Differences {
		if d.Code == "430202000000" {
			area = d.After["geometry"]
		}
	}
	if area != "area 1.10 km² → 1.21 km²" {
		t.Errorf("%q in %+v", area, r.Differences)
	}
	if _, err := undo(first); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "2 import") {
		t.Errorf("a later step: %v", err)
	}
	if _, err := undo(second); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	if _, err := undo(second); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "already") {
		t.Errorf("twice: %v", err)
	}
	if err := tx(func(tx pgx.Tx) error {
		var sent, versions int
		if err := tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM cells.sent WHERE batch = $1 AND ST_SRID(source_geom) = 4547),
			(SELECT count(*) FROM cells.version v JOIN cells.sent s USING (territory_id, cell_id, batch) WHERE v.batch = $1)`, first).Scan(&sent, &versions); err != nil {
			return err
		}
		if sent != 2 || versions != 2 {
			t.Errorf("%d sent, %d versions with it", sent, versions)
		}
		// published, it stays
		if _, err := tx.Exec(t.Context(), `WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'T1', '示例', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, v.cell_id, 'accountable', '[2020-01-01,)', 'test' FROM p, cells.of($1, $2) v WHERE v.tier = 1`, territory.ID, edition); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `UPDATE editions.edition SET state = 'published', effective = clock_timestamp(), published_by = 'test'`); err != nil {
			return err
		}
		_, err := cells.UndoImport(t.Context(), tx, territory, grids.Local, first)
		if !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "published") {
			t.Errorf("published: %v", err)
		}
		return errDone
	}); !errors.Is(err, errDone) {
		t.Fatal(err)
	}
	if _, err := undo(first); err != nil || state() != "" {
		t.Errorf("%v, left %s", err, state())
	}
}
