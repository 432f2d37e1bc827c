package cells

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Restored says what Restore changed in a draft.
type Restored struct {
	Back    int `json:"back"`    // cells that are there again, under their own uid
	Gone    int `json:"gone"`    // cells that are there no more
	Changed int `json:"changed"` // cells that are again as they were
}

// Restore makes a draft what an earlier edition was, byte for byte, in one step.
// A cell that had ended comes back under its uid and code: both are its own for
// good, and no other cell's. It fails with Conflict where a locked or disputed
// boundary would move, unless unlock says why it may.
func Restore(ctx context.Context, tx pgx.Tx, t Territory, draft, of grids.EditionID, who grids.Principal, unlock string) (Restored, error) {
	var done Restored
	if err := TakeTurn(ctx, tx, t.ID); err != nil {
		return done, err
	}
	var locked *string
	err := tx.QueryRow(ctx, `
		SELECT min(n.code) FROM cells.of($1, $2) n LEFT JOIN cells.of($1, $3) o ON o.cell_id = n.cell_id
		WHERE (n.locked OR n.disputed) AND n.geom::bytea IS DISTINCT FROM o.geom::bytea`, t.ID, draft, of).Scan(&locked)
	if err != nil {
		return done, fmt.Errorf("locked cells: %w", err)
	}
	if locked != nil && unlock == "" {
		return done, grids.Errorf(grids.Conflict, "unlock", "%s 的边界是法定界线或争议地,恢复会移动它", "the boundary of %s is locked or disputed, and restoring would move it", *locked).
			Fix("由管理员说明理由后放行(unlock)", "let an administrator allow it, with a reason (unlock)")
	}
	params := map[string]any{"edition": of}
	if unlock != "" {
		params["unlock"] = unlock
	}
	if err := OpenStep(ctx, tx, t, who, "restore", params); err != nil {
		return done, err
	}
	err = tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE n.cell_id IS NULL), count(*) FILTER (WHERE o.cell_id IS NULL), count(*) FILTER (WHERE n.cell_id = o.cell_id)
		FROM cells.differences($1, $2, $3) d
		LEFT JOIN cells.of($1, $2) n ON n.cell_id = d.cell_id LEFT JOIN cells.of($1, $3) o ON o.cell_id = d.cell_id`,
		t.ID, draft, of).Scan(&done.Back, &done.Gone, &done.Changed)
	if err != nil {
		return done, fmt.Errorf("what edition %d was: %w", of, err)
	}
	if done == (Restored{}) {
		return done, grids.Errorf(grids.Conflict, "seq", "现行版本与版本 %d 相同", "the grid in force is what edition %d was", of)
	}
	for _, statement := range []string{
		`UPDATE cells.version v SET to_edition = $2 FROM cells.differences($1, $2, $3) d
		 WHERE v.territory_id = $1 AND v.cell_id = d.cell_id AND v.to_edition IS NULL`,
		`INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance, locked, disputed)
		 SELECT territory_id, cell_id, $2, code, name, tier, parent_id, geom, area_m2, label, provenance, locked, disputed
		 FROM cells.of($1, $3) o
		 WHERE NOT EXISTS (SELECT FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = o.cell_id AND v.to_edition IS NULL)`,
	} {
		if _, err := tx.Exec(ctx, statement, t.ID, draft, of); err != nil {
			return done, fmt.Errorf("restoring edition %d: %w", of, err)
		}
	}
	return done, nil
}
