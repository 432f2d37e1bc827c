package importers

import (
	"context"
	_ "embed"
	"encoding/json"
	"regexp"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/objects"
)

//go:embed apply_objects.sql
var applyObjectsSQL string

// applyObjects hands rows to package objects.
func applyObjects(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, report *Report) error {
	kind, m := grids.KindOf(string(r.Target)), report.Mapping
	extra := map[string]string{}
	for _, f := range particulars[kind] {
		if column := m[f.Name]; column != "" {
			extra[f.Name] = column
		}
	}
	columns, err := json.Marshal(extra)
	if err != nil {
		return err
	}
	choices, err := r.choices()
	if err != nil {
		return err
	}
	if err := readCodes(ctx, tx, t, batch, kind, report); err != nil {
		return err
	}
	if err := translate(ctx, tx, t, batch, values{"located_by", "unknown-word", wordsOf(placeWords())}, report); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, applyObjectsSQL, t.ID, batch, kind, m["code"], m["name"], m["village"], m["located_by"], string(columns), r.Provenance,
		m["county"], m["town"], choices, r.published()); err != nil {
		return err
	}
	took, err := objects.Take(ctx, tx, t.ID, edition, batch)
	report.take(took)
	return err
}

// codePage is how many codes are looked at between two round trips.
const codePage = 20000

// warnedRows is how many rows one sort of warning names.
const warnedRows = 1000

// personal is a number that was masked where a code is wanted.
var personal = regexp.MustCompile(`^[0-9]{3,6}\*{4,}`)

// readCodes holds codes against the rules of their forms: rows with a wrong one
// are rejected, import_code keeps those that are written otherwise.
func readCodes(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, kind string, report *Report) error {
	if kind != "enterprise" && kind != "monitor" {
		return nil
	}
	column, warned := report.Mapping["code"], map[string]int{}
	for last, more := -1, true; more; {
		rows, err := tx.Query(ctx, `
			SELECT row, attributes ->> $3 FROM staging.row
			WHERE territory_id = $1 AND batch = $2 AND row > $4 ORDER BY row LIMIT $5`, t.ID, batch, column, last, codePage)
		if err != nil {
			return err
		}
		var row, seen int
		var text *string
		var found []grids.Finding
		var other [][]any
		if _, err := pgx.ForEachRow(rows, []any{&row, &text}, func() error {
			last = row
			seen++
			if text == nil {
				return nil
			}
			v := objects.ReadCode(kind, *text)
			if personal.MatchString(*text) {
				v.Kind, v.Severity, v.Message = "personal-code", grids.SeverityError, grids.Text{ZH: "填的是个人证件号,已隐去;请填单位的代码", EN: "a personal number stands here and was masked; give the firm's own code"}
			}
			if v.Normal != *text {
				other = append(other, []any{row, *text, v.Normal})
			}
			if v.Kind == "" {
				return nil
			}
			if v.Severity != grids.SeverityError {
				if warned[v.Kind]++; warned[v.Kind] > warnedRows {
					return nil
				}
			}
			found = append(found, grids.Finding{Check: "import", Kind: v.Kind, Severity: v.Severity, Row: row, Field: column, Value: *text}.Say(v.Message))
			return nil
		}); err != nil {
			return err
		}
		more = seen == codePage
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"import_code"}, []string{"row", "text", "code"}, pgx.CopyFromRows(other)); err != nil {
			return err
		}
		if err := report.reject(ctx, tx, found); err != nil {
			return err
		}
	}
	for kind, n := range warned {
		if n > warnedRows {
			report.Findings = append(report.Findings, grids.Finding{Check: "import", Kind: kind, Severity: grids.SeverityWarning, Field: column}.
				Say(grids.Textf("另有 %d 行也是如此", "the same in %d rows more", n-warnedRows)))
		}
	}
	return nil
}
