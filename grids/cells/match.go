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

// MatchNames looks up many names at once in an edition. asked is a query of
// (tier, county, town, name), with args, whose rows may be many times the same:
// tier 0 asks for leaves, -1 for any tier; "" is a county or town that isn't
// named. It leaves the temporary table name_meant (tier, county, town, name, n,
// cell_id, code, candidates), one row for each name that means n cells: cell_id and
// code are of one of them, candidates list all (code, name, path).
func MatchNames(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, asked string, args ...any) error {
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`DROP TABLE IF EXISTS pg_temp.name_asked, pg_temp.name_meant;
		  CREATE TEMP TABLE name_asked (tier int, county text, town text, name text) ON COMMIT DROP;
		  CREATE TEMP TABLE name_meant (tier int, county text, town text, name text, n int, cell_id bigint, code text, candidates jsonb,
		    PRIMARY KEY (name, tier, county, town)) ON COMMIT DROP`, nil},
		{`INSERT INTO name_asked SELECT DISTINCT * FROM (` + asked + `) a (tier, county, town, name) WHERE name <> ''`, args},
		{`ANALYZE name_asked`, nil},
		{`INSERT INTO name_meant
		  SELECT a.tier, a.county, a.town, a.name, count(*), min(m.cell_id), min(m.code),
		         jsonb_agg(jsonb_build_object('code', m.code, 'name', m.name, 'path', m.path) ORDER BY m.code)
		  FROM name_asked a CROSS JOIN LATERAL cells.match($1, $2, nullif(a.tier, -1), a.county, a.town, a.name) m
		  GROUP BY a.tier, a.county, a.town, a.name`, []any{territory, edition}},
		{`ANALYZE name_meant (tier, county, town, name)`, nil},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("looking for cells by name: %w", err)
		}
	}
	return nil
}

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
	if err := MatchNames(ctx, tx, t.ID, edition, `
		SELECT tier, coalesce(btrim(county_name), ''), coalesce(btrim(town_name), ''), btrim(name)
		FROM cells.intake WHERE territory_id = $1 AND batch = $2 AND code = '' AND coalesce(btrim(choice), '') = ''`, t.ID, batch); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, matchIntake, t.ID, batch, edition); err != nil {
		return nil, fmt.Errorf("looking for cells by name: %w", err)
	}
	if _, err := tx.Exec(ctx, `CREATE INDEX ON intake_meant (code); ANALYZE intake_meant (row, code)`); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, matchDoubts, t.ID, batch)
	if err != nil {
		return nil, fmt.Errorf("cells that names leave open: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "import"}
		var said grids.Text
		err := row.Scan(&f.Row, &f.Field, &f.Value, &f.Kind, &f.Severity, &f.Code, &said.ZH, &said.EN, &f.Candidates)
		return f.Say(said), err
	})
	if err != nil {
		return nil, fmt.Errorf("cells that names leave open: %w", err)
	}
	doubtful := make([]int, len(found))
	for i, f := range found {
		doubtful[i] = f.Row
	}
	_, err = tx.Exec(ctx, `UPDATE cells.intake i SET code = m.code FROM intake_meant m
		WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = m.row AND m.code IS NOT NULL AND m.row <> ALL ($3::int[])`, t.ID, batch, doubtful)
	return found, err
}
