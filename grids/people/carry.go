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
	//go:embed revive.sql
	revive string
	//go:embed revive_close.sql
	reviveClose string
	//go:embed question_lapse.sql
	questionLapse string
)

// CarryAlong follows a publish: cells that are there again get back who held them
// when they ended, as far as they are still there; successors by lineage get the
// people of the predecessor they have most from, role by role, where they have
// nobody, and assignments of cells that ended with the edition are closed at the
// instant at. The reason recorded names predecessor and edition. What area can't
// decide it decides all the same, so that somebody answers for every cell, and
// asks: see Question. Questions about what a restored edition undoes lapse. It runs in the publishing transaction, on behalf of its
// principal.
func CarryAlong(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) error {
	if err := lock(ctx, tx, territory); err != nil {
		return err
	}
	var by string
	if err := tx.QueryRow(ctx, `SELECT coalesce(nullif(current_setting('unigrid.name', true), ''), current_user)`).Scan(&by); err != nil {
		return err
	}
	if err := closed(ctx, tx, territory, edition, at, by, reviveClose, fmt.Sprintf("edition %d restored what was before", edition)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, revive, territory, edition, at, by); err != nil {
		return fmt.Errorf("taking assignments up again: %w", err)
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
	if err := closed(ctx, tx, territory, edition, at, by, carryClose, fmt.Sprintf("the cell ended with edition %d", edition)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, questionLapse, territory, edition, by, fmt.Sprintf("edition %d restored what was before", edition), at)
	if err != nil {
		return fmt.Errorf("closing questions about what is undone: %w", err)
	}
	return nil
}

// closed ends, at the instant at, the assignments that a query finds.
func closed(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, by, find, reason string) error {
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.assignment_remains;
		CREATE TEMP TABLE assignment_remains (id bigint, n bigint, piece tstzrange) ON COMMIT DROP`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, find, territory, edition, at); err != nil {
		return fmt.Errorf("finding assignments to end with edition %d: %w", edition, err)
	}
	if err := closeRemains(ctx, tx, territory, by, reason); err != nil {
		return fmt.Errorf("ending assignments with edition %d: %w", edition, err)
	}
	return nil
}
