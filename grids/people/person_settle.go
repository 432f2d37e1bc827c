package people

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Settle brings up to date what time changes of all territories' people: texts
// of who took up or left a post in the last two days, and search keys of names
// that have none, as those of before there were any. It is to be called every
// hour or so.
func Settle(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT id FROM cells.territory ORDER BY id`)
	if err != nil {
		return err
	}
	territories, err := pgx.CollectRows(rows, pgx.RowTo[grids.TerritoryID])
	if err != nil {
		return err
	}
	for _, territory := range territories {
		if _, err := tx.Exec(ctx, `SELECT people.spell($1, ARRAY(
			SELECT q.person_id FROM people.person_post q WHERE q.territory_id = $1
			  AND (lower(q.during) BETWEEN clock_timestamp() - interval '2 days' AND clock_timestamp()
			    OR upper(q.during) BETWEEN clock_timestamp() - interval '2 days' AND clock_timestamp())), clock_timestamp())`, territory); err != nil {
			return fmt.Errorf("posts that began or ended: %w", err)
		}
		if err := IndexNames(ctx, tx, territory, nil); err != nil {
			return err
		}
	}
	return nil
}
