package access

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Opened is a collection that the public may read.
type Opened struct {
	Collection string    `json:"collection"`
	PrecisionM int       `json:"precision_m"` // to which geometry is generalised, metres
	ApprovalNo string    `json:"approval_no"` // of the map (审图号)
	OpenedBy   string    `json:"opened_by"`
	At         time.Time `json:"at"`
}

// DefaultPrecision is to how many metres the public sees geometry unless an
// administrator says otherwise.
const DefaultPrecision = 50

// ListOpened gives the collections of a territory that the public may read.
func ListOpened(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Opened, error) {
	rows, err := tx.Query(ctx, `SELECT collection, precision_m, approval_no, opened_by, at FROM access.opened WHERE territory_id = $1 ORDER BY collection`, territory)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Opened])
}

// Open lets the public read a collection, or changes how.
func Open(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, o Opened) error {
	if o.PrecisionM == 0 {
		o.PrecisionM = DefaultPrecision
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO access.opened (territory_id, collection, precision_m, approval_no, opened_by)
		VALUES ($1, $2, $3, $4, coalesce(nullif(current_setting('unigrid.name', true), ''), current_user))
		ON CONFLICT (territory_id, collection) DO UPDATE
		SET precision_m = excluded.precision_m, approval_no = excluded.approval_no, opened_by = excluded.opened_by, at = clock_timestamp()`,
		territory, o.Collection, o.PrecisionM, o.ApprovalNo)
	if err != nil {
		return fmt.Errorf("opening %s: %w", o.Collection, err)
	}
	return nil
}

// Close ends that the public may read a collection; false when it might not.
func Close(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, collection string) (bool, error) {
	done, err := tx.Exec(ctx, `DELETE FROM access.opened WHERE territory_id = $1 AND collection = $2`, territory, collection)
	return done.RowsAffected() > 0, err
}
