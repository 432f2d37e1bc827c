package layers

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Retire ends cells of a layer (撤销): their versions are closed now, and what
// was before stays, in past crosswalks too. Taking one again under its code
// brings it back with the same identity. Codes that no cell has are left out;
// it gives how many were retired.
func Retire(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layer grids.LayerCode, codes ...string) (int, error) {
	done, err := tx.Exec(ctx, `DELETE FROM layers.cell WHERE territory_id = $1 AND layer = $2 AND code = ANY($3)`, territory, layer, codes)
	if err != nil {
		return 0, fmt.Errorf("retiring layer cells: %w", err)
	}
	return int(done.RowsAffected()), nil
}
