package importers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

// New is an import of a file for which no job waits.
func New(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, r Request) (i Import, err error) {
	err = db.Tx(ctx, who, func(tx pgx.Tx) (err error) {
		i, err = insert(ctx, tx, who, t, r, nil)
		return err
	})
	return i, err
}

// Change is Rework without a job.
func Change(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, r Request) (reread bool, err error) {
	err = db.Tx(ctx, who, func(tx pgx.Tx) (err error) {
		reread, err = change(ctx, tx, t, id, r)
		return err
	})
	return reread, err
}
