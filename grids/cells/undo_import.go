package cells

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

// UndoImport takes an import of cells back: it is undone as the step of the open
// draft that it is, so that the cells are byte for byte what they were before it.
// It fails with a Conflict when steps were made since (they are undone first, one
// by one), when the draft with it was published (a published edition stays: the
// file of before is imported into a new draft) or discarded, and when it was
// undone already. An import that changed nothing is undone without doing
// anything.
func UndoImport(ctx context.Context, tx pgx.Tx, t Territory, who grids.Principal, batch int64) (grids.Taken, error) {
	var report grids.Taken
	if err := TakeTurn(ctx, tx, t.ID); err != nil {
		return report, err
	}
	if err := database.NoteUndone(ctx, tx, "cells", t.ID, batch); err != nil {
		return report, err
	}
	var edition grids.EditionID
	var number int
	var state string
	var undone bool
	var later []string
	err := tx.QueryRow(ctx, `
		SELECT s.edition, s.step, e.state, s.undone, ARRAY(
		  SELECT l.step || ' ' || l.kind FROM cells.step l WHERE l.territory_id = $1 AND l.edition = s.edition AND l.step > s.step AND NOT l.undone ORDER BY l.step DESC)
		FROM cells.step s JOIN editions.edition e ON e.territory_id = $1 AND e.seq = s.edition
		WHERE s.territory_id = $1 AND s.batch = $2`, t.ID, batch).Scan(&edition, &number, &state, &undone, &later)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		var made bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM cells.sent WHERE territory_id = $1 AND batch = $2)`, t.ID, batch).Scan(&made); err != nil {
			return report, err
		}
		if made {
			return report, grids.Errorf(grids.Conflict, "", "该次导入已不在草案中(草案已放弃,或该步骤已撤销)", "this import is no longer in the draft: it was discarded, or the step was undone")
		}
		return report, nil
	case err != nil:
		return report, fmt.Errorf("step of import %d: %w", batch, err)
	case undone:
		return report, database.ErrUndone
	case state == "published":
		return report, grids.Errorf(grids.Conflict, "", "该次导入已随版本 %d 发布,已发布的版本不可更改", "this import was published with edition %d, which stays as it is", edition).
			Fix("把导入前的网格文件重新导入新草案并发布", "import the file of before into a new draft and publish that")
	case len(later) > 0:
		return report, grids.Errorf(grids.Conflict, "", "该次导入之后草案又有 %d 个步骤:%s", "the draft has %d later steps: %s", len(later), strings.Join(later, ", ")).
			Fix("先逐一撤销这些步骤", "undo these first, one by one")
	}
	if _, err := Undo(ctx, tx, t, edition); err != nil {
		return report, err
	}
	there, gone, err := Touched(ctx, tx, t, edition, number)
	report.Applied, report.Changed = len(there)+len(gone), len(there)
	return report, err
}
