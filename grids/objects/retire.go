package objects

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Retire ends objects of a kind (撤销): their versions and placements are closed
// at one instant, now, and what was before stays. Taking one again under its
// code brings it back with the same identity. Codes that no object has are left
// out; it gives how many were retired.
func Retire(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, kind Kind, codes ...string) (int, error) {
	if err := TakeTurn(ctx, tx, territory); err != nil {
		return 0, err
	}
	done, err := tx.Exec(ctx, `DELETE FROM objects.object WHERE territory_id = $1 AND kind = $2 AND code = ANY($3)`, territory, kind, codes)
	if err != nil {
		return 0, fmt.Errorf("retiring objects: %w", err)
	}
	return int(done.RowsAffected()), nil
}
