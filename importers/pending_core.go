package importers

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

var errPending = errors.New("not built yet")

func Change(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, r Request) (reread bool, err error) {
	return false, errPending
}

func Undo(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64) (grids.Taken, error) {
	return grids.Taken{}, errPending
}

func Delete(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64) error {
	return errPending
}

func WriteRejects(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, w io.Writer) (string, error) {
	return "", errPending
}

func WriteReport(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, w io.Writer) error {
	return errPending
}

func Expire(ctx context.Context, db *database.DB, who grids.Principal, folder string, now time.Time) (int, error) {
	return 0, errPending
}
