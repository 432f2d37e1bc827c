package cells_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// A square 1-1 of edition 1, which is published, and what a draft does to it and
// to its neighbour 1-2.
const (
	endIt       = `UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND cell_id = $2 AND to_edition IS NULL AND $3::bigint > 0`
	codeOfFirst = "430201001000"
)

// insertAs copies the first version of the square $2, or of the one after it,
// into edition 2 under a code.
func insertAs(which, code string) string {
	return fmt.Sprintf(`INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
		SELECT territory_id, %[1]s::bigint, 2, '%[2]s', name || ' ' || %[1]s::bigint, tier, parent_id, geom, area_m2, label, provenance
		FROM cells.version WHERE territory_id = $1 AND cell_id = $2 AND from_edition = 1 AND $3::bigint > 0`, which, code)
}

// TestOnce tries to give a cell two versions at an instant, and a code to two
// cells; the database refuses each, in one transaction and in two that race.
func TestOnce(t *testing.T) {
	t.Parallel()
	const other = "430201002000"
	const fresh = "430201009000"
	for _, test := range []struct {
		name   string
		first  []string // before, in a transaction of its own where it races
		then   string
		broken string // the constraint; "" for none
	}{
		{"a second version without ending the first", nil, insertAs("$2", codeOfFirst), "version_once"},
		{"a second version once the first has ended", []string{endIt}, insertAs("$2", codeOfFirst), ""},
		{"the first open again beside the second", []string{endIt, insertAs("$2", codeOfFirst)},
			`UPDATE cells.version SET to_edition = NULL WHERE territory_id = $1 AND cell_id = $2 AND from_edition = 1 AND $3::bigint > 0`, "version_once"},
		{"a new code and back", []string{endIt, insertAs("$2", fresh), `DELETE FROM cells.version WHERE territory_id = $1 AND cell_id = $2 AND from_edition = 2 AND $3::bigint > 0`},
			insertAs("$2", codeOfFirst), ""},
		{"another's code", nil, insertAs("$3", other), "version_code_unique"},
		{"the code of a cell that has ended", []string{endIt}, insertAs("$3", codeOfFirst), "version_code_unique"},
		{"a code that a cell had", []string{endIt, insertAs("$2", fresh)}, insertAs("$3", codeOfFirst), "version_code_unique"},
		{"a code that the draft gave and took back", []string{insertAs("$3", fresh), `DELETE FROM cells.version WHERE territory_id = $1 AND cell_id = $3 AND $2::bigint > 0`},
			insertAs("$3", fresh), ""},
	} {
		for _, racing := range []bool{false, true} {
			if racing && test.first == nil {
				continue
			}
			t.Run(fmt.Sprintf("%s, racing %v", test.name, racing), func(t *testing.T) {
				t.Parallel()
				db := databasetest.New(t)
				s := cellstest.New(t, db, "4302", 1, 3)
				if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), `WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'T1', '示例', 'demo') RETURNING id)
						INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
						SELECT $1, p.id, $2, 'accountable', '[2020-01-01,)', 'test' FROM p`, s.Territory, s.Cell(t, s.Root()))
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if err := s.Publish(t, 1, time.Now()); err != nil {
					t.Fatal(err)
				}
				var added grids.CellID
				if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
					if _, err := tx.Exec(t.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 2, 'draft', 'test')`, s.Territory); err != nil {
						return err
					}
					return tx.QueryRow(t.Context(), `INSERT INTO cells.cell (territory_id) VALUES ($1) RETURNING id`, s.Territory).Scan(&added)
				}); err != nil {
					t.Fatal(err)
				}
				do := func(ctx context.Context, tx pgx.Tx, statements ...string) error {
					for _, sql := range statements {
						if _, err := tx.Exec(ctx, sql, s.Territory, s.Cell(t, codeOfFirst), added); err != nil {
							return err
						}
					}
					return nil
				}
				var err error
				if racing {
					err = race(t, db, func(tx pgx.Tx) error { return do(t.Context(), tx, test.first...) }, func(tx pgx.Tx) error { return do(t.Context(), tx, test.then) })
				} else {
					err = db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error { return do(t.Context(), tx, append(test.first, test.then)...) })
				}
				var pg *pgconn.PgError
				if errors.As(err, &pg); test.broken == "" && err != nil || test.broken != "" && (pg == nil || pg.ConstraintName != test.broken) {
					t.Errorf("%v, want %q", err, test.broken)
				}
			})
		}
	}
}

// race runs the second change while the first has been made and not committed,
// and gives the second's error.
func race(t *testing.T, db *database.DB, first, second func(pgx.Tx) error) error {
	t.Helper()
	outcome := make(chan error, 1)
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		began := make(chan struct{})
		go func() {
			outcome <- db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				close(began)
				return second(tx)
			})
		}()
		<-began
		time.Sleep(200 * time.Millisecond) // for it to wait
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return <-outcome
}
