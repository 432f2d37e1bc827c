package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

var (
	//go:embed carry_along.sql
	carryAlong string
	//go:embed carry_ask.sql
	carryAsk string
	//go:embed carry_close.sql
	carryClose string
)

// CarryAlong follows a publish: successors by lineage get the people of the
// predecessor they have most from, role by role, where they have nobody, and
// assignments of cells that ended with the edition are closed at the instant at.
// The reason recorded names predecessor and edition. What area can't decide it
// decides all the same, so that somebody answers for every cell, and asks: see
// Question. It runs in the publishing transaction, on behalf of its principal.
func CarryAlong(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) error {
	if err := lock(ctx, tx, territory); err != nil {
		return err
	}
	var by string
	if err := tx.QueryRow(ctx, `SELECT coalesce(nullif(current_setting('unigrid.name', true), ''), current_user)`).Scan(&by); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.assignment_carried;
		CREATE TEMP TABLE assignment_carried (id bigint PRIMARY KEY) ON COMMIT DROP`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, carryAlong, territory, edition, at, by); err != nil {
		return fmt.Errorf("carrying assignments along: %w", err)
	}
	if _, err := tx.Exec(ctx, carryAsk, territory, edition, at); err != nil {
		return fmt.Errorf("asking what carrying along can't decide: %w", err)
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
