package importers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed apply_cells.sql
var applyCellsCodes string

// applyCells refuses the whole file when a code is wrong: a partition with a
// cell missing is none.
func applyCells(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, who grids.Principal, report *Report) error {
	if r.Tier < 1 || int(r.Tier) > len(t.Scheme.Lengths) {
		return grids.Errorf(grids.Invalid, "tier", "层级 %d 超出 1 至 %d", "tier %d is not between 1 and %d", r.Tier, len(t.Scheme.Lengths))
	}
	if _, err := tx.Exec(ctx, applyCellsCodes, t.ID, batch, report.Mapping["code"], t.Scheme.Lengths[r.Tier-1], t.Scheme.PadTo); err != nil {
		return fmt.Errorf("reading codes: %w", err)
	}
	if err := checkCodes(ctx, tx, t, r.Tier, report); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO cells.intake (territory_id, batch, row, code, name, tier, geom, provenance, sent, source_geom)
		SELECT s.territory_id, s.batch, s.row, c.code, coalesce(nullif(s.attributes ->> $3, ''), c.code), $4, ST_Transform(s.geom, 4326), $5, s.attributes, s.geom
		FROM staging.row s JOIN import_code c USING (row)
		WHERE s.territory_id = $1 AND s.batch = $2`,
		t.ID, batch, report.Mapping["name"], r.Tier, r.Provenance); err != nil {
		return err
	}
	if err := checkNames(ctx, tx, t, batch, r.Tier); err != nil {
		return err
	}
	if err := cells.OpenStep(ctx, tx, t, who, "import", map[string]any{"file": report.File, "tier": r.Tier}); err != nil {
		return err
	}
	took, err := cells.Adopt(ctx, tx, t, edition, batch, r.Adopt)
	report.Changes = took.Changes
	report.take(grids.Taken{Applied: took.Cells, Unchanged: took.Unchanged, Findings: took.Findings})
	return err
}

// checkCodes finds rows of import_code without a code or with another row's,
// and says which codes were extended with zeros.
func checkCodes(ctx context.Context, tx pgx.Tx, t cells.Territory, tier grids.Tier, report *Report) error {
	column := report.Mapping["code"]
	rows, err := tx.Query(ctx, `
		SELECT row, text, coalesce(first, 0) FROM (SELECT row, text, code, min(row) OVER (PARTITION BY code) AS first FROM import_code) c
		WHERE code IS NULL OR row <> first ORDER BY row`)
	if err != nil {
		return err
	}
	var row, first int
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&row, &text, &first}, func() error {
		f := grids.Finding{Check: "import", Kind: "bad-code", Severity: grids.SeverityError, Row: row, Field: column, Value: text}
		var wrong *grids.Error
		if _, err := t.Scheme.Parse(text, tier); errors.As(err, &wrong) {
			said := wrong.Message
			if digits := strings.NewReplacer("O", "0", "o", "0", "I", "1", "l", "1").Replace(text); digits != text {
				if code, err := t.Scheme.Parse(digits, tier); err == nil {
					said = said.And(grids.Textf(";字母 O、I 应为数字 0、1,即 %s", "; the letters O and I stand for 0 and 1, it should be %s", code))
				}
			}
			f = f.Say(said)
		} else {
			f.Kind = "duplicate-code"
			f = f.Say(grids.Textf("代码与第 %d 行重复", "the code stands in row %d already", first))
		}
		report.Rejected++
		report.Findings = append(report.Findings, f)
		return nil
	}); err != nil {
		return err
	}
	if report.Rejected > 0 {
		f := report.Findings[len(report.Findings)-1]
		return grids.Errorf(grids.Invalid, "code", "有 %d 行代码有误(如第 %d 行:%q),未导入任何内容", "%d rows have a wrong code (such as row %d: %q); nothing was imported",
			report.Rejected, f.Row, f.Value)
	}
	var extended int
	var was, code string
	err = tx.QueryRow(ctx, `SELECT count(*), min(row), coalesce((array_agg(text ORDER BY row))[1], ''), coalesce((array_agg(code ORDER BY row))[1], '')
		FROM import_code WHERE text <> code HAVING count(*) > 0`).Scan(&extended, &row, &was, &code)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	report.Findings = append(report.Findings, grids.Finding{Check: "import", Kind: "code-extended", Severity: grids.SeverityWarning, Row: row, Field: column, Value: was, Code: code}.
		Say(grids.Textf("%d 个 %d 位代码已补零,如本行补为 %s", "%d codes of %d digits were extended with zeros, such as this one to %s", extended, len(was), code)))
	return nil
}

// checkNames refuses two cells of one name under the same parent, naming the row.
func checkNames(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, tier grids.Tier) error {
	if tier == 1 {
		return nil
	}
	var name string
	var first, second int
	err := tx.QueryRow(ctx, `
		SELECT name, min(row), max(row) FROM cells.intake WHERE territory_id = $1 AND batch = $2
		GROUP BY left(code, $3), name HAVING count(*) > 1 ORDER BY 2 LIMIT 1`, t.ID, batch, t.Scheme.Lengths[tier-2]).Scan(&name, &first, &second)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return grids.Errorf(grids.Invalid, "name", "第 %[2]d 行与第 %[3]d 行同属一个上级,名称都是 %[1]q,未导入任何内容", "rows %[2]d and %[3]d are under the same parent and both named %[1]q; nothing was imported",
		name, first, second).Fix("改名后再导入", "give one of them another name")
}
