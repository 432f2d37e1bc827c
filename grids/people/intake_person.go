package people

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed person_findings.sql
var personFindings string

//go:embed person_apply.sql
var personApply string

// TakePeople takes a batch of people.intake_person: new staff numbers become
// persons, known ones are brought up to date; taking the same batch twice
// changes nothing. Rows without number or name are rejected, and so are rows
// that give a number a second time with other particulars. Empty unit, post and
// telephone leave what is known.
func TakePeople(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64) (grids.Taken, error) {
	var report grids.Taken
	if err := lock(ctx, tx, territory); err != nil {
		return report, err
	}
	found, err := findings(ctx, tx, "people", personFindings, territory, batch)
	if err != nil {
		return report, fmt.Errorf("checking people: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM people.intake_person WHERE territory_id = $1 AND batch = $2 AND row = ANY($3)`,
		territory, batch, report.Add(found)); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `DROP TABLE IF EXISTS pg_temp.person_taken;
		CREATE TEMP TABLE person_taken (id bigint) ON COMMIT DROP`); err != nil {
		return report, err
	}
	if err := tx.QueryRow(ctx, personApply, territory, batch).Scan(&report.Applied, &report.Unchanged); err != nil {
		return report, fmt.Errorf("taking people: %w", err)
	}
	// a number that alone differs makes an applied row of an unchanged one
	var numbers int
	err = tx.QueryRow(ctx, `SELECT count(*) FROM people.keep_contacts($1, $2) AS person
		WHERE NOT EXISTS (SELECT FROM person_taken t WHERE t.id = person)`, territory, batch).Scan(&numbers)
	if err != nil {
		return report, fmt.Errorf("taking telephone numbers: %w", err)
	}
	report.Applied += numbers
	report.Unchanged -= numbers
	_, err = tx.Exec(ctx, `DELETE FROM people.intake_person WHERE territory_id = $1 AND batch = $2`, territory, batch)
	return report, err
}
