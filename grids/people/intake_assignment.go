package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed assignment_resolve.sql
var assignmentResolve string

//go:embed assignment_findings.sql
var assignmentFindings string

//go:embed assignment_clash.sql
var assignmentClash string

//go:embed assignment_unchanged.sql
var assignmentUnchanged string

//go:embed assignment_remains.sql
var assignmentRemains string

//go:embed assignment_beyond.sql
var assignmentBeyond string

//go:embed assignment_journal.sql
var assignmentJournal string

//go:embed assignment_differences.sql
var assignmentDifferences string

const assignmentTables = `
	DROP TABLE IF EXISTS pg_temp.assignment_taken, pg_temp.assignment_remains;
	CREATE TEMP TABLE assignment_taken (row int, staff_no text, cell_code text, named text, candidates jsonb, person_id bigint, cell_id bigint,
		role text, layer text, post text, side text, rank int, from_at timestamptz, to_at timestamptz) ON COMMIT DROP;
	CREATE TEMP TABLE assignment_remains (id bigint, n bigint, piece tstzrange) ON COMMIT DROP`

// namesAsked are the cells that rows of a batch without a code name: the lowest
// that is named is meant, by a village's name a cell of any tier.
const namesAsked = `
	SELECT CASE WHEN village <> '' THEN -1 WHEN town <> '' THEN 3 ELSE 2 END, CASE WHEN village <> '' OR town <> '' THEN county ELSE '' END,
	       CASE WHEN village <> '' THEN town ELSE '' END, coalesce(nullif(village, ''), nullif(town, ''), county)
	FROM (
	  SELECT coalesce(btrim(county_name), '') AS county, coalesce(btrim(town_name), '') AS town, coalesce(btrim(cell_name), '') AS village
	  FROM people.intake_assignment WHERE territory_id = $1 AND batch = $2 AND coalesce(btrim(choice), '') = '' AND btrim(cell_code) = ''
	) said`

// TakeAssignments takes a batch of people.intake_assignment, its cell codes
// being those of an edition. A row without a code means the cell that county,
// town and cell name (any may be missing) leave only one of; where they leave
// several the row is rejected with the candidates, and choice (the code of one)
// settles it. A row without from_at begins at the instant at, one
// without to_at is for good; by is who says so.
//
// What is recorded already stays unchanged. A new accountable person closes the
// predecessor's period at the instant the new one begins, without a gap, and a
// predecessor recorded beyond a term with an end comes back after it. Rows
// naming an unknown person, cell, role or side, an empty period, or a cell or
// layer that the principal may not change, are rejected; so are all rows that make two people accountable for one cell in
// the same period. The tier-1 cell may not be left without anyone: the
// transaction then fails at commit.
func TakeAssignments(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64, by string, at time.Time) (grids.Taken, error) {
	var report grids.Taken
	if err := lock(ctx, tx, territory); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, assignmentTables); err != nil {
		return report, err
	}
	if err := cells.MatchNames(ctx, tx, territory, edition, namesAsked, territory, batch); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, assignmentResolve, territory, batch, edition, at); err != nil {
		return report, fmt.Errorf("resolving assignments: %w", err)
	}
	if _, err := tx.Exec(ctx, `ANALYZE assignment_taken`); err != nil {
		return report, err
	}
	if err := reject(ctx, tx, &report, assignmentFindings, edition); err != nil {
		return report, err
	}
	if err := reject(ctx, tx, &report, assignmentBeyond, territory); err != nil {
		return report, err
	}
	if err := reject(ctx, tx, &report, assignmentClash); err != nil {
		return report, err
	}
	done, err := tx.Exec(ctx, assignmentUnchanged, territory)
	if err != nil {
		return report, fmt.Errorf("comparing assignments: %w", err)
	}
	report.Unchanged = int(done.RowsAffected())
	if _, err := tx.Exec(ctx, assignmentJournal, territory, batch, false); err != nil {
		return report, fmt.Errorf("keeping who held what: %w", err)
	}
	if report.Applied, err = override(ctx, tx, territory, by); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, assignmentJournal, territory, batch, true); err != nil {
		return report, fmt.Errorf("keeping who holds what: %w", err)
	}
	if err := tx.QueryRow(ctx, assignmentDifferences, territory, batch, edition).Scan(&report.Created, &report.Differences); err != nil {
		return report, fmt.Errorf("comparing who holds what: %w", err)
	}
	report.Changed = report.Applied - report.Created
	_, err = tx.Exec(ctx, `DELETE FROM people.intake_assignment WHERE territory_id = $1 AND batch = $2`, territory, batch)
	return report, err
}

// reject takes rows with findings out of assignment_taken.
func reject(ctx context.Context, tx pgx.Tx, report *grids.Taken, sql string, args ...any) error {
	found, err := findings(ctx, tx, "assignments", sql, args...)
	if err != nil {
		return fmt.Errorf("checking assignments: %w", err)
	}
	_, err = tx.Exec(ctx, `DELETE FROM assignment_taken WHERE row = ANY($1)`, report.Add(found))
	return err
}

// override writes the rows of assignment_taken over what was recorded for their
// periods, and counts them.
func override(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, by string) (int, error) {
	if _, err := tx.Exec(ctx, assignmentRemains, territory); err != nil {
		return 0, fmt.Errorf("finding who yields: %w", err)
	}
	if err := closeRemains(ctx, tx, territory, by, "handed over"); err != nil {
		return 0, fmt.Errorf("handing over: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by, reason)
		SELECT $1, a.person_id, a.cell_id, a.role, a.layer, a.post, a.side, a.rank, r.piece, $2, 'comes back'
		FROM assignment_remains r JOIN people.assignment a ON a.territory_id = $1 AND a.id = r.id WHERE r.n > 1`, territory, by); err != nil {
		return 0, fmt.Errorf("coming back after a term: %w", err)
	}
	done, err := tx.Exec(ctx, `
		INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by)
		SELECT $1, person_id, cell_id, role, layer, post, side, rank, tstzrange(from_at, to_at), $2 FROM assignment_taken`, territory, by)
	return int(done.RowsAffected()), err
}
