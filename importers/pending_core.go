package importers

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

var errPending = errors.New("not built yet")

func New(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, r Request) (Import, error) {
	return Import{}, errPending
}

func Read(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, path string, progress func(Progress)) error {
	return errPending
}

func Check(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, progress func(Progress)) (Report, error) {
	return Report{}, errPending
}

func Apply(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, progress func(Progress)) (Report, error) {
	return Report{}, errPending
}

func Change(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, r Request) (reread bool, err error) {
	return false, errPending
}

func Undo(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64) (grids.Taken, error) {
	return grids.Taken{}, errPending
}

func Delete(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64) error {
	return errPending
}

func Find(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64) (Import, error) {
	return Import{}, errPending
}

func List(ctx context.Context, tx pgx.Tx, t cells.Territory, limit int) ([]Import, error) {
	return nil, errPending
}

func Rows(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, offset, limit int) ([]StagedRow, int, error) {
	return nil, 0, errPending
}

func Features(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, bbox *orb.Bound, limit int) ([]StagedFeature, bool, error) {
	return nil, false, errPending
}

func Findings(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, severity, kind string, offset, limit int) ([]grids.Finding, int, map[string]int, error) {
	return nil, 0, nil, errPending
}

func Differences(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, offset, limit int) ([]grids.Difference, int, error) {
	return nil, 0, errPending
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
