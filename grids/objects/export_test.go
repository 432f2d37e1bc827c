package objects

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// CopyShares is for benchmarks.
var CopyShares = copyShares

// PointShare is a row of placing_share.
type PointShare struct {
	Object int64
	Cell   grids.CellID
	Share  float64
}

// PointShares places the points among all objects, in the database or in memory,
// and gives what comes of it by object and cell.
func PointShares(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, inMemory bool) ([]PointShare, error) {
	if err := begin(ctx, tx, territory); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO placing_id SELECT id FROM objects.object WHERE territory_id = $1`, territory); err != nil {
		return nil, err
	}
	if err := collect(ctx, tx, territory); err != nil {
		return nil, err
	}
	if inMemory {
		leaves, err := cells.LeavesOf(ctx, tx, territory, edition)
		if err != nil {
			return nil, err
		}
		if err := placePointsInMemory(ctx, tx, leaves); err != nil {
			return nil, err
		}
	} else if err := placePointsInDatabase(ctx, tx, territory, edition); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT object_id, cell_id, share FROM placing_share ORDER BY object_id, cell_id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[PointShare])
}
