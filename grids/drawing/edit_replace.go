package drawing

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Clear takes all that lies below a cell out of an open draft, so that it can be
// drawn anew: the beginning of the step that the draw goes on with. Statutory
// and disputed cells below it are *Refused.
func Clear(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, who grids.Principal, parent cells.Cell) error {
	if err := cells.OpenStep(ctx, tx, t, who, "draw", map[string]any{"parents": []grids.CellID{parent.ID}, "replace": true}); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT uid FROM cells.descendants($1, ARRAY[$2::bigint], ARRAY[$3::int]) WHERE steps > 0`, t.ID, parent.ID, edition)
	if err != nil {
		return err
	}
	below, err := pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
	if err != nil {
		return err
	}
	var fixed []grids.CellID
	if err := tx.QueryRow(ctx, `SELECT coalesce(array_agg(cell_id ORDER BY code), '{}') FROM cells.of($1, $2)
		WHERE cell_id = ANY($3) AND (locked OR disputed)`, t.ID, edition, below).Scan(&fixed); err != nil {
		return err
	}
	if len(fixed) > 0 {
		list, err := cells.ByID(ctx, tx, t, edition, fixed[:1])
		if err != nil {
			return err
		}
		return lockedCell(list[0])
	}
	return cells.End(ctx, tx, t, edition, below)
}

// FreeCodes gives codes under a parent for so many children, none of which was
// ever used.
func FreeCodes(ctx context.Context, tx pgx.Tx, t cells.Territory, parent cells.Cell, count int) ([]CodeName, error) {
	if int(parent.Tier) >= len(t.Scheme.Lengths) {
		return nil, grids.Errorf(grids.Invalid, "parent", "%s 已是最末一级", "%s is of the lowest tier already", parent.Code)
	}
	list := make([]cells.Cell, count)
	h := hand{ctx: ctx, tx: tx, t: t}
	if err := h.nameNew(parent, list); err != nil {
		return nil, err
	}
	codes := make([]CodeName, count)
	for i, cell := range list {
		codes[i] = CodeName{Code: cell.Code, Name: cell.Name}
	}
	return codes, nil
}
