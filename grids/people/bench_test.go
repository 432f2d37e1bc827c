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
	for name, run := range map[string]func(tx pgx.Tx) error{
		"fifty": func(tx pgx.Tx) error {
			_, err := people.Responsible(b.Context(), tx, w.Territory, 1, day(9), page[:50]...)
			return err
		},
		"page of 1000": func(tx pgx.Tx) error {
			posts, err := people.Responsible(b.Context(), tx, w.Territory, 1, day(9), page...)
			if err == nil && len(posts) != 1000 {
				b.Fatal(len(posts))
			}
			return err
		},
		"lateral 1000": func(tx pgx.Tx) error {
			_, err := tx.Exec(b.Context(), `SELECT count(a.person_id) FROM unnest($3::bigint[]) c, LATERAL people.accountable($1, 1, $2, c) a`, w.Territory, day(9), page)
			return err
		},
		"whole edition": func(tx pgx.Tx) error {
			_, err := tx.Exec(b.Context(), `SELECT count(*) FROM people.accountables($1, 1, $2)`, w.Territory, day(9))
			return err
		},
		"chain": func(tx pgx.Tx) error {
			_, err := people.Chain(b.Context(), tx, w.Territory, 1, day(9), page[500])
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
