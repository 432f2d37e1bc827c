package importers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

var errNoUndo = grids.Errorf(grids.Unavailable, "", "暂不能撤销", "can't be undone yet")

// cells.UndoImport
func undoCells(context.Context, pgx.Tx, cells.Territory, grids.Principal, int64) (grids.Taken, error) {
	return grids.Taken{}, errNoUndo
}

// layers.Undo
func undoLayerCells(ctx context.Context, tx pgx.Tx, t grids.TerritoryID, edition grids.EditionID, id int64) (grids.Taken, error) {
	return layers.Undo(ctx, tx, t, edition, id)
}

// people.Undo
func undoPeople(ctx context.Context, tx pgx.Tx, t grids.TerritoryID, edition grids.EditionID, id int64) (grids.Taken, error) {
	return people.Undo(ctx, tx, t, edition, id)
}

// objects.Undo
func undoObjects(ctx context.Context, tx pgx.Tx, t grids.TerritoryID, edition grids.EditionID, id int64) (grids.Taken, error) {
	return objects.Undo(ctx, tx, t, edition, id)
}
