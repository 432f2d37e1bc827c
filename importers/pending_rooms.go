package importers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

var errNoUndo = grids.Errorf(grids.Unavailable, "", "暂不能撤销", "can't be undone yet")

// cells.UndoImport
func undoCells(context.Context, pgx.Tx, cells.Territory, grids.Principal, int64) (grids.Taken, error) {
	return grids.Taken{}, errNoUndo
}

// layers.Undo
func undoLayerCells(context.Context, pgx.Tx, grids.TerritoryID, grids.EditionID, int64) (grids.Taken, error) {
	return grids.Taken{}, errNoUndo
}

// people.Undo
func undoPeople(context.Context, pgx.Tx, grids.TerritoryID, grids.EditionID, int64) (grids.Taken, error) {
	return grids.Taken{}, errNoUndo
}

// objects.Undo
func undoObjects(context.Context, pgx.Tx, grids.TerritoryID, grids.EditionID, int64) (grids.Taken, error) {
	return grids.Taken{}, errNoUndo
}
