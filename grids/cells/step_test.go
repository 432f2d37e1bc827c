package cells_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
)

// TestStepsAtRandom makes steps of random changes, among them cells that are
// made, deleted and made again within one step, and undoes and redoes them all:
// what there is must be what there was.
func TestStepsAtRandom(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	s := cellstest.New(t, db, "4302", 1, 6)
	territory := cells.Territory{ID: s.Territory}
	column := s.Cell(t, s.Column(1))
	random := rand.New(rand.NewPCG(7, 7))
	tx := func(fn func(pgx.Tx) error) {
		t.Helper()
		if err := db.Tx(t.Context(), grids.Local, fn); err != nil {
			t.Fatal(err)
		}
	}
	state := func() (out string) {
		tx(func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT string_agg(v::text, ' ' ORDER BY v.cell_id) FROM cells.version v WHERE v.territory_id = $1`, s.Territory).Scan(&out)
		})
		return out
	}
	made := 0
	changes := []func(pgx.Tx) error{
		func(tx pgx.Tx) error { // new cells, with a number left out here and there
			made += 5
			_, err := tx.Exec(t.Context(), `
				WITH new AS (INSERT INTO cells.cell (territory_id) SELECT $1 FROM generate_series(1, 5) RETURNING id)
				INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
				SELECT $1, n.id, 1, '430201' || lpad(($3 + n.i)::text, 3, '0') || '000', ($3 + n.i)::text, 3, $2, v.geom, v.area_m2, v.label, 'drawn'
				FROM (SELECT id, row_number() OVER () AS i FROM new) n, cells.version v
				WHERE v.territory_id = $1 AND v.cell_id = $2 AND n.i <> $4`, s.Territory, column, 100+made, 1+random.IntN(9))
			return err
		},
		func(tx pgx.Tx) error { // some get another version
			_, err := tx.Exec(t.Context(), `CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM cells.version WHERE territory_id = $1 AND tier = 3 AND cell_id % 4 = $2`, s.Territory, random.IntN(4))
			for _, statement := range []string{
				`DELETE FROM cells.version v USING again a WHERE v.territory_id = a.territory_id AND v.cell_id = a.cell_id`,
				`UPDATE again SET name = name || '-'`,
				`INSERT INTO cells.version SELECT * FROM again`,
				`DROP TABLE again`,
			} {
				if err == nil {
					_, err = tx.Exec(t.Context(), statement)
				}
			}
			return err
		},
		func(tx pgx.Tx) error { // some go
			_, err := tx.Exec(t.Context(), `DELETE FROM cells.version WHERE territory_id = $1 AND tier = 3 AND cell_id % 7 = $2 AND name <> '6'`, s.Territory, random.IntN(7))
			return err
		},
		func(tx pgx.Tx) error { // some are changed
			_, err := tx.Exec(t.Context(), `UPDATE cells.version SET name = name || '+', disputed = NOT disputed WHERE territory_id = $1 AND tier = 3 AND cell_id % 3 = $2`, s.Territory, random.IntN(3))
			return err
		},
	}
	states := []string{state()}
	for len(states) < 12 {
		before := states[len(states)-1]
		tx(func(tx pgx.Tx) error {
			if err := cells.OpenStep(t.Context(), tx, territory, grids.Local, fmt.Sprint("step ", len(states)), nil); err != nil {
				return err
			}
			for range 1 + random.IntN(4) {
				if err := changes[random.IntN(len(changes))](tx); err != nil {
					return err
				}
			}
			return nil
		})
		if now := state(); now != before {
			states = append(states, now)
		}
	}
	for round := range 2 {
		for n := len(states) - 2; n >= 0; n-- {
			tx(func(tx pgx.Tx) error { _, err := cells.Undo(t.Context(), tx, territory, 1); return err })
			if state() != states[n] {
				t.Fatalf("round %d: undone to step %d, it is another state", round, n)
			}
		}
		for n := 1; n < len(states); n++ {
			tx(func(tx pgx.Tx) error { _, err := cells.Redo(t.Context(), tx, territory, 1); return err })
			if state() != states[n] {
				t.Fatalf("round %d: redone step %d, it is another state", round, n)
			}
		}
	}
}
