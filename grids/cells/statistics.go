package cells

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

// RefreshStatistics tells the query planner what was written in bulk, in a
// transaction of its own: without it a merge right after an import takes forty
// times as long.
func RefreshStatistics(ctx context.Context, db *database.DB) error {
	return db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT cells.refresh_statistics()`)
		return err
	})
}
