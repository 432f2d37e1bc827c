package people_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

// BenchmarkResponsible asks for the people of 2,041 cells, right after a bulk
// load that the planner has no statistics of.
func BenchmarkResponsible(b *testing.B) {
	w := newTown(b, 40, 50)
	w.hire(2100)
	w.exec(grids.Local, `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
		SELECT $1, p.id, v.cell_id, 'accountable', '[2026-01-01,)', 'x'
		FROM (SELECT cell_id, row_number() OVER (ORDER BY code) AS n FROM cells.of($1, 1)) v
		JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM people.person) p USING (n)
		WHERE n % 20 <> 0`, w.Territory)
	w.exec(grids.Local, `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, during, recorded_by)
		SELECT $1, (SELECT min(id) FROM people.person), v.cell_id, 'lead', l, '[2026-01-01,)', 'x'
		FROM cells.leaves($1, 1) v, unnest('{environment,safety,river-chief,social-order}'::text[]) l`, w.Territory)
	var page []grids.CellID
	w.tx(func(tx pgx.Tx) error {
		rows, err := tx.Query(b.Context(), `SELECT cell_id FROM cells.leaves($1, 1) ORDER BY code LIMIT 1000`, w.Territory)
		if err != nil {
			return err
		}
		page, err = pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
		return err
	})
	asked := func(cells int) func(tx pgx.Tx) error {
		return func(tx pgx.Tx) error {
			var n int
			err := tx.QueryRow(b.Context(), `
				SELECT count(*) FROM people.accountables($1, $3, array_fill(1, ARRAY[cardinality($3::bigint[])]), array_fill($2::timestamptz, ARRAY[cardinality($3::bigint[])]))`,
				w.Territory, day(9), page[:cells]).Scan(&n)
			if n != cells {
				b.Fatal(n)
			}
			return err
		}
	}
	for name, run := range map[string]func(tx pgx.Tx) error{
		"fifty":        asked(50),
		"page of 1000": asked(1000),
		"whole edition": func(tx pgx.Tx) error {
			_, err := tx.Exec(b.Context(), `SELECT count(*) FROM people.accountables($1, 1, $2)`, w.Territory, day(9))
			return err
		},
		"check": func(tx pgx.Tx) error {
			_, _, err := people.Check(b.Context(), tx, w.Territory)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			w.tx(func(tx pgx.Tx) error {
				for b.Loop() {
					if err := run(tx); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}
