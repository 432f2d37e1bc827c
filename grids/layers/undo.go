package layers

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

//go:embed undo_choose.sql
var undoChoose string

//go:embed undo_apply.sql
var undoApply string

// Undo takes an import of layer cells back as one step: what the batch created
// is retired, what it changed is what it was before, what it retired is there
// again, all now; versions keep what was true in between. It fails with a Conflict, changing nothing, when a
// cell of the batch has changed since (the codes are named) or the batch was
// undone already. A person that a cell named before and who is no longer there
// is left out. The edition is that of the draft; layers don't depend on it.
func Undo(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, _ grids.EditionID, batch int64) (grids.Taken, error) {
	var report grids.Taken
	if err := database.NoteUndone(ctx, tx, "layers", territory, batch); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.undoing_cell;
		CREATE TEMP TABLE undoing_cell (id bigint PRIMARY KEY, code text, changed boolean, first timestamptz, before timestamptz) ON COMMIT DROP`); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, undoChoose, territory, batch); err != nil {
		return report, fmt.Errorf("finding what the import changed: %w", err)
	}
	var changed int
	var codes []string
	if err := tx.QueryRow(ctx, `SELECT count(*), coalesce((array_agg(code ORDER BY code))[1:20], '{}') FROM undoing_cell WHERE changed`).Scan(&changed, &codes); err != nil {
		return report, err
	}
	if changed > 0 {
		return report, grids.Errorf(grids.Conflict, "", "该次导入的 %d 个条线网格此后又有改动:%s", "%d layer cells of this import have changed since: %s", changed, strings.Join(codes, ", ")).
			Fix("先撤销其后的导入,或改正后再导入一次", "undo the later imports first, or import a corrected file")
	}
	if err := tx.QueryRow(ctx, undoApply, territory).Scan(&report.Applied, &report.Changed, &report.Differences); err != nil {
		return report, fmt.Errorf("undoing: %w", err)
	}
	return report, nil
}
