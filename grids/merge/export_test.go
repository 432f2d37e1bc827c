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

// CutOneByOne does the same, with one leaf in memory after the other.
func CutOneByOne(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, layers []grids.LayerCode) error {
	err := perform(ctx, tx, step{"tables", overlayTablesSQL, nil}, step{"leaves", overlayLeavesSQL, []any{territory, edition}})
	if err != nil {
		return err
	}
	_, err = mosaic(ctx, tx, territory, layers, 1)
	return err
}

// CutLeft does the same, all of it in PostGIS.
func CutLeft(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, layers []grids.LayerCode) error {
	err := perform(ctx, tx,
		step{"tables", overlayTablesSQL, nil},
		step{"leaves", overlayLeavesSQL, []any{territory, edition}},
		step{"all left", `INSERT INTO merge_left SELECT layer, cell_id FROM merge_leaf, unnest($1::text[]) AS layer`, []any{layers}})
	if err != nil {
		return err
	}
	return cutLeft(ctx, tx, territory, layers)
}
