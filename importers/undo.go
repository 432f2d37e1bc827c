package importers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/editions"
	"unigrid/grids/layers"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

// Undo puts back what an applied import created or changed, all in one
// transaction. It fails with a Conflict that names what has changed since.
func Undo(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64) (grids.Taken, error) {
	var took grids.Taken
	err := db.Tx(ctx, who, func(tx pgx.Tx) error {
		held, err := tryHold(ctx, tx, t, id)
		if err != nil {
			return err
		}
		if !held {
			return grids.Errorf(grids.Conflict, "state", "导入 %d 正在处理中", "import %d is being worked on", id)
		}
		i, err := Find(ctx, tx, t, id)
		if err != nil {
			return err
		}
		if i.State != Applied {
			return grids.Errorf(grids.Conflict, "state", "导入 %d 的状态为 %s,没有可撤销的", "import %d is %s; there is nothing to undo", id, i.State)
		}
		if took, err = undoIn(ctx, tx, who, t, i); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE staging.batch SET state = 'undone', undone_at = clock_timestamp() WHERE territory_id = $1 AND id = $2`, t.ID, id)
		return err
	})
	if err != nil {
		return grids.Taken{}, err
	}
	return took, cells.RefreshStatistics(ctx, db)
}

// undoIn asks the room that took the rows.
func undoIn(ctx context.Context, tx pgx.Tx, who grids.Principal, t cells.Territory, i Import) (grids.Taken, error) {
	if i.Request.Target == Cells {
		return cells.UndoImport(ctx, tx, t, who, i.ID)
	}
	edition, err := editions.Draft(ctx, tx, t, who)
	if err != nil {
		return grids.Taken{}, err
	}
	switch i.Request.Target {
	case LayerCells:
		return layers.Undo(ctx, tx, t.ID, edition, i.ID)
	case People, Assignments:
		return people.Undo(ctx, tx, t.ID, edition, i.ID)
	default:
		return objects.Undo(ctx, tx, t.ID, edition, i.ID)
	}
}
