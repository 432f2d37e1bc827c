package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed lead_remains.sql
var leadRemains string

//go:embed lead_open.sql
var leadOpen string

// TakeLeads takes a batch of people.intake_lead, which says for some (cell,
// layer) who leads from the instant at on: leads recorded otherwise are closed,
// new ones opened, equal ones stay. A row without a person says that there is
// nobody; a (cell, layer) not in the batch keeps its leads. A cell or person
// that is not there fails the transaction, for the batch comes from a merge.
func TakeLeads(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64, by string, at time.Time) (grids.Taken, error) {
	var report grids.Taken
	if err := lock(ctx, tx, territory); err != nil {
		return report, err
	}
	err := tx.QueryRow(ctx, `SELECT count(DISTINCT (cell_id, layer, person_id)) FROM people.intake_lead
		WHERE territory_id = $1 AND batch = $2 AND person_id IS NOT NULL`, territory, batch).Scan(&report.Unchanged)
	if err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.assignment_remains;
		CREATE TEMP TABLE assignment_remains (id bigint, n bigint, piece tstzrange) ON COMMIT DROP`); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, leadRemains, territory, batch, at); err != nil {
		return report, fmt.Errorf("finding leads that end: %w", err)
	}
	if err := closeRemains(ctx, tx, territory, by, "another lead"); err != nil {
		return report, err
	}
	done, err := tx.Exec(ctx, leadOpen, territory, batch, at, by)
	if err != nil {
		return report, fmt.Errorf("opening leads: %w", err)
	}
	report.Applied = int(done.RowsAffected())
	report.Unchanged -= report.Applied
	_, err = tx.Exec(ctx, `DELETE FROM people.intake_lead WHERE territory_id = $1 AND batch = $2`, territory, batch)
	return report, err
}

// closeRemains leaves of each assignment in assignment_remains the one piece
// named there; without a piece it is taken back.
func closeRemains(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, by, reason string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM people.assignment a USING assignment_remains r
		WHERE a.territory_id = $1 AND a.id = r.id AND r.piece IS NULL`, territory); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE people.assignment a SET during = r.piece, recorded_by = $2, reason = $3
		FROM assignment_remains r WHERE a.territory_id = $1 AND a.id = r.id AND r.n = 1 AND r.piece IS NOT NULL`, territory, by, reason)
	return err
}
