package merge

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Cut fills the working tables of an overlay, for benchmarks: the mosaic alone,
// without crosswalk and conflicts.
func Cut(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, layers []grids.LayerCode) error {
	return cut(ctx, tx, territory, layers, step{"leaves", overlayLeavesSQL, []any{territory, edition}})
}
