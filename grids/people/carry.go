package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed carry_close.sql
var carryClose string

//go:embed carry_along.sql
var carryAlong string

// CarryAlong follows a publish: assignments of cells that ended with the edition
// are closed at the instant at, and successors by lineage get the people of the
// predecessor they have most from, role by role, where they have nobody. The
// reason recorded names predecessor and edition. It runs in the publishing
// transaction, on behalf of its principal.
func CarryAlong(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) error {
	if err := lock(ctx, tx, territory); err != nil {
		return err
	}
	var by string
	if err := tx.QueryRow(ctx, `SELECT coalesce(nullif(current_setting('unigrid.name', true), ''), current_user)`).Scan(&by); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, carryAlong, territory, edition, at, by); err != nil {
		return fmt.Errorf("carrying assignments along: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.assignment_remains;
		CREATE TEMP TABLE assignment_remains (id bigint, n bigint, piece tstzrange) ON COMMIT DROP`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, carryClose, territory, edition, at); err != nil {
		return fmt.Errorf("finding assignments of ended cells: %w", err)
	}
	if err := closeRemains(ctx, tx, territory, by, fmt.Sprintf("the cell ended with edition %d", edition)); err != nil {
		return fmt.Errorf("closing assignments of ended cells: %w", err)
	}
	return nil
}
