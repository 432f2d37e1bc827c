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

//go:embed apply_cells_rows.sql
var applyCellsRows string

// applyCells refuses the whole file when a code is wrong, or a name where there
// is no column of codes: a partition with a cell missing is none.
func applyCells(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, who grids.Principal, report *Report) error {
	if r.Tier < 1 || int(r.Tier) > len(t.Scheme.Lengths) {
		return grids.Errorf(grids.Invalid, "tier", "层级 %d 超出 1 至 %d", "tier %d is not between 1 and %d", r.Tier, len(t.Scheme.Lengths))
	}
	m := report.Mapping
	if m["code"] != "" {
		if _, err := tx.Exec(ctx, applyCellsCodes, t.ID, batch, m["code"], t.Scheme.Lengths[r.Tier-1], t.Scheme.PadTo); err != nil {
			return fmt.Errorf("reading codes: %w", err)
		}
		if err := checkCodes(ctx, tx, t, r.Tier, report); err != nil {
			return err
		}
	}
	choices, err := r.choices()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, applyCellsRows, t.ID, batch, edition, m["name"], r.Tier, r.Provenance, m["county"], m["town"], choices); err != nil {
		return err
	}
	if m["code"] == "" {
		if err := matchCells(ctx, tx, t, edition, batch, r.Tier, report); err != nil {
			return err
		}
	}
	if err := checkNames(ctx, tx, t, batch, r.Tier); err != nil {
		return err
	}
	if err := cells.OpenStep(ctx, tx, t, who, "import", map[string]any{"file": report.File, "tier": r.Tier}); err != nil {
		return err
	}
	took, err := cells.Adopt(ctx, tx, t, edition, batch, r.Adopt)
	report.Opening = took.Changes
	report.take(grids.Taken{Applied: took.Cells, Unchanged: took.Unchanged, Findings: took.Findings,
		Created: took.Created, Changed: took.Changed, Retired: took.Retired, Differences: took.Differences})
	return err
}

// matchCells finds the cells that rows without a code mean by their names, and
// leaves these cells their names.
func matchCells(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, tier grids.Tier, report *Report) error {
	there, err := cells.HasTier(ctx, tx, t, edition, tier)
	if err != nil {
		return err
	}
	if !there {
		return grids.Errorf(grids.Invalid, "map", "没有找到“区划代码”的列,而第 %d 级还没有网格,无法按名称对应", "no column for code was found, and tier %d has no cells yet that names could mean", tier).
			Fix("指明代码是哪一列,命令行用 --map code=列名", "say which column has the codes, on the command line with --map code=COLUMN")
	}
	found, err := cells.MatchIntake(ctx, tx, t, edition, batch)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		for i := range found {
			if found[i].Field == "name" {
				found[i].Field = report.Mapping["name"]
			}
		}
		report.Add(found)
		f := found[0]
		return grids.Errorf(grids.Invalid, "name", "有 %d 行的名称不能确定是哪个网格(如第 %d 行:%q),未导入任何内容", "%d rows don't say by their name which cell they are (such as row %d: %q); nothing was imported",
			len(found), f.Row, f.Value).
			Fix("逐行选定(--choose 行=代码),改正名称,或加上县市区、乡镇或代码列", "choose row by row (--choose ROW=CODE), correct the names, or add columns of county, town or code")
	}
	_, err = tx.Exec(ctx, `
		UPDATE cells.intake i SET name = v.name FROM cells.of($1, $3) v
		WHERE i.territory_id = $1 AND i.batch = $2 AND v.code = i.code AND v.tier = i.tier AND v.name <> i.name`, t.ID, batch, edition)
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
