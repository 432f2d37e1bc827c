package cells

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed match_intake.sql
var matchIntake string

//go:embed match_doubts.sql
var matchDoubts string

// MatchIntake gives the rows of cells.intake that have no code the code of the
// cell of their tier that their name means in an edition, under county_name and
// town_name where these are given: suffixes that say only what sort of division
// it is (村, 社区, 居委会, …), blanks, full-width letters and names of earlier
// editions count as the same, an exact name before another. A row's choice, the
// code of a cell, settles it. Rows whose name means several cells or none, and
// rows that mean the same cell as another, are findings and stay without a code.
func MatchIntake(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, batch int64) ([]grids.Finding, error) {
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.intake_meant;
		CREATE TEMP TABLE intake_meant (row int PRIMARY KEY, cell_id bigint, code text, candidates jsonb) ON COMMIT DROP`); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, matchIntake, t.ID, batch, edition); err != nil {
		return nil, fmt.Errorf("looking for cells by name: %w", err)
	}
	rows, err := tx.Query(ctx, matchDoubts, t.ID, batch)
	if err != nil {
		return nil, fmt.Errorf("cells that names leave open: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "import"}
		return f, row.Scan(&f.Row, &f.Field, &f.Value, &f.Kind, &f.Severity, &f.Code, &f.Message, &f.Candidates)
	})
	if err != nil {
		return nil, fmt.Errorf("cells that names leave open: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE cells.intake i SET code = m.code FROM (
			SELECT row, code, count(*) OVER (PARTITION BY code) AS n FROM intake_meant WHERE code IS NOT NULL
		) m WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = m.row AND m.n = 1
		AND NOT EXISTS (SELECT FROM cells.intake x WHERE x.territory_id = $1 AND x.batch = $2 AND x.code = m.code)`, t.ID, batch)
	return found, err
}
