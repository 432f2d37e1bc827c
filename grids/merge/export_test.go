package merge

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Cut fills the working tables of an overlay, for benchmarks: the mosaic alone,
// without crosswalk and conflicts.
func Cut(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, layers []grids.LayerCode) error {
	return cut(ctx, tx, territory, layers, leavesOf(territory, edition), nil)
}

func leavesOf(territory grids.TerritoryID, edition grids.EditionID) source {
	return source{overlayLeavesSQL, []any{territory, edition, nil, nil}, overlayGroundSQL}
}

// CutOneByOne does the same, with one leaf in memory after the other.
func CutOneByOne(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, layers []grids.LayerCode) error {
	from := leavesOf(territory, edition)
	if err := perform(ctx, tx, step{"tables", overlayTablesSQL, nil}, step{"ground", from.ground, nil}); err != nil {
		return err
	}
	_, err := mosaic(ctx, tx, territory, layers, from, 1)
	return err
}

// CutLeft does the same, all of it in PostGIS.
func CutLeft(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, layers []grids.LayerCode) error {
	from := leavesOf(territory, edition)
	if err := perform(ctx, tx, step{"tables", overlayTablesSQL, nil}, step{"ground", from.ground, nil}); err != nil {
		return err
	}
	if _, err := mosaic(ctx, tx, territory, nil, from, atOnce); err != nil {
		return err
	}
	if err := perform(ctx, tx, step{"all left", `INSERT INTO merge_left SELECT layer, cell_id FROM merge_leaf, unnest($1::text[]) AS layer`, []any{layers}}); err != nil {
		return err
	}
	return cutLeft(ctx, tx, territory, layers)
}
