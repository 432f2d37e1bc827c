package database

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// ErrUndone says that an import was taken back before.
var ErrUndone = grids.Errorf(grids.Conflict, "", "该次导入已经撤销", "this import was undone already")

// NoteUndone notes in a room's table undone that the room takes an import back.
// It fails with ErrUndone when it did so before.
func NoteUndone(ctx context.Context, tx pgx.Tx, room string, territory grids.TerritoryID, batch int64) error {
	done, err := tx.Exec(ctx, `INSERT INTO `+pgx.Identifier{room, "undone"}.Sanitize()+` (territory_id, batch, by)
		VALUES ($1, $2, coalesce(nullif(current_setting('unigrid.name', true), ''), current_user)) ON CONFLICT DO NOTHING`, territory, batch)
	if err != nil {
		return fmt.Errorf("noting what is undone: %w", err)
	}
	if done.RowsAffected() == 0 {
		return ErrUndone
	}
	return nil
}
