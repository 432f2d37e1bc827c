package importers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

// apply hands the staged rows to the room that they are for and lets it check
// and take them.
func apply(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, who grids.Principal, at time.Time, report *Report) error {
	switch r.Target {
	case Cells:
		return applyCells(ctx, tx, t, edition, batch, r, who, report)
	case LayerCells:
		if err := layers.EnsureDefaults(ctx, tx, t.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance)
			SELECT territory_id, batch, row, $3, coalesce(attributes ->> $4, ''), coalesce(attributes ->> $5, ''), coalesce(attributes ->> $6, ''),
			       ST_Transform(geom, 4326), $7
			FROM staging.row WHERE territory_id = $1 AND batch = $2`,
			t.ID, batch, r.Layer, report.Mapping["code"], report.Mapping["name"], report.Mapping["staff_no"], r.Provenance); err != nil {
			return err
		}
		took, err := layers.Take(ctx, tx, t.ID, batch)
		report.take(took)
		return err
	case People:
		return applyPeople(ctx, tx, t, batch, r, report)
	case Assignments:
		return applyAssignments(ctx, tx, t, edition, batch, who, at, report)
	default:
		return applyObjects(ctx, tx, t, edition, batch, r, report)
	}
}

// take adds what a room made of the rows to what reading them has found.
func (r *Report) take(took grids.Taken) {
	r.Applied += took.Applied
	r.Unchanged += took.Unchanged
	r.Rejected += took.Rejected
	r.Findings = append(r.Findings, took.Findings...)
}

// applyCells refuses the whole file when a code is wrong: a partition with a
// cell missing is none.
func applyCells(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, who grids.Principal, report *Report) error {
	if r.Tier < 1 || int(r.Tier) > len(t.Scheme.Lengths) {
		return grids.Errorf(grids.Invalid, "tier", "层级 %d 超出 1 至 %d", "tier %d is not between 1 and %d", r.Tier, len(t.Scheme.Lengths))
	}
	rows, err := tx.Query(ctx, `SELECT row, coalesce(attributes ->> $3, '') FROM staging.row WHERE territory_id = $1 AND batch = $2 ORDER BY row`, t.ID, batch, report.Mapping["code"])
	if err != nil {
		return err
	}
	numbers, codes := []int{}, []string{}
	first := map[grids.Code]int{}
	var row int
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&row, &text}, func() error {
		code, err := t.Scheme.Parse(text, r.Tier)
		bad := ""
		if err != nil {
			bad = err.Error()
		} else if before, twice := first[code]; twice {
			bad = fmt.Sprintf("the code stands in row %d already", before)
		}
		if bad != "" {
			report.Rejected++
			report.Findings = append(report.Findings, grids.Finding{Check: "import", Kind: "bad-code", Severity: grids.SeverityError,
				Row: row, Field: report.Mapping["code"], Value: text, Message: bad})
			return nil
		}
		first[code] = row
		numbers, codes = append(numbers, row), append(codes, string(code))
		return nil
	}); err != nil {
		return err
	}
	if report.Rejected > 0 {
		f := report.Findings[len(report.Findings)-1]
		return grids.Errorf(grids.Invalid, "code", "有 %d 行代码有误(如第 %d 行:%q),未导入任何内容", "%d rows have a wrong code (such as row %d: %q); nothing was imported",
			report.Rejected, f.Row, f.Value)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO cells.intake (territory_id, batch, row, code, name, tier, geom, provenance)
		SELECT s.territory_id, s.batch, s.row, c.code, coalesce(nullif(s.attributes ->> $5, ''), c.code), $6, ST_Transform(s.geom, 4326), $7
		FROM staging.row s JOIN unnest($3::int[], $4::text[]) c (row, code) USING (row)
		WHERE s.territory_id = $1 AND s.batch = $2`,
		t.ID, batch, numbers, codes, report.Mapping["name"], r.Tier, r.Provenance); err != nil {
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

func applyPeople(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, r Request, report *Report) error {
	if _, err := tx.Exec(ctx, `
		INSERT INTO people.intake_person (territory_id, batch, row, staff_no, name, unit, post, phone, provenance)
		SELECT territory_id, batch, row, coalesce(attributes ->> $3, ''), coalesce(attributes ->> $4, ''), coalesce(attributes ->> $5, ''),
		       coalesce(attributes ->> $6, ''), coalesce(attributes ->> $7, ''), $8
		FROM staging.row WHERE territory_id = $1 AND batch = $2`,
		t.ID, batch, report.Mapping["staff_no"], report.Mapping["name"], report.Mapping["unit"], report.Mapping["post"], report.Mapping["phone"], r.Provenance); err != nil {
		return err
	}
	took, err := people.TakePeople(ctx, tx, t.ID, batch)
	report.take(took)
	return err
}

func applyAssignments(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, who grids.Principal, at time.Time, report *Report) error {
	if err := layers.EnsureDefaults(ctx, tx, t.ID); err != nil {
		return err
	}
	if err := badDates(ctx, tx, t, batch, report); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO people.intake_assignment (territory_id, batch, row, staff_no, cell_code, role, layer, post, side, rank, from_at, to_at)
		SELECT territory_id, batch, row, coalesce(attributes ->> $3, ''), coalesce(attributes ->> $4, ''),
		       coalesce($12::jsonb ->> (attributes ->> $5), attributes ->> $5, ''),
		       nullif(coalesce($13::jsonb ->> (attributes ->> $6), attributes ->> $6), ''), coalesce(attributes ->> $7, ''),
		       nullif(coalesce($14::jsonb ->> (attributes ->> $8), attributes ->> $8), ''),
		       CASE WHEN attributes ->> $9 ~ '^\d{1,6}$' THEN (attributes ->> $9)::int ELSE 0 END,
		       nullif(attributes ->> $10, '')::timestamptz, nullif(attributes ->> $11, '')::timestamptz
		FROM staging.row WHERE territory_id = $1 AND batch = $2`,
		t.ID, batch, report.Mapping["staff_no"], report.Mapping["cell_code"], report.Mapping["role"], report.Mapping["layer"], report.Mapping["post"],
		report.Mapping["side"], report.Mapping["rank"], report.Mapping["from"], report.Mapping["to"],
		words["role"], words["layer"], words["side"]); err != nil {
		return err
	}
	took, err := people.TakeAssignments(ctx, tx, t.ID, edition, batch, who.Name, at)
	report.take(took)
	return err
}

// badDates rejects rows of assignments whose dates can't be read.
func badDates(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, report *Report) error {
	const date = `^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$`
	for _, name := range []string{"from", "to"} {
		column := report.Mapping[name]
		rows, err := tx.Query(ctx, `
			DELETE FROM staging.row WHERE territory_id = $1 AND batch = $2 AND coalesce(attributes ->> $3, '') <> '' AND attributes ->> $3 !~ $4
			RETURNING row, attributes ->> $3`, t.ID, batch, column, date)
		if err != nil {
			return err
		}
		bad, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
			f := grids.Finding{Check: "import", Kind: "bad-date", Severity: grids.SeverityError, Field: column, Message: "not a date such as 2024-03-01"}
			return f, row.Scan(&f.Row, &f.Value)
		})
		if err != nil {
			return err
		}
		report.Add(bad)
	}
	return nil
}

func applyObjects(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, report *Report) error {
	extra := map[string]string{}
	for _, f := range r.Target.fields() {
		switch f.name {
		case "code", "name", "village", "located_by":
		default:
			if column := report.Mapping[f.name]; column != "" {
				extra[f.name] = column
			}
		}
	}
	columns, err := json.Marshal(extra)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO objects.intake (territory_id, batch, row, kind, code, name, geom, located_by, cell_name, attributes, provenance)
		SELECT territory_id, batch, row, $3, coalesce(attributes ->> $4, ''), coalesce(attributes ->> $5, ''), ST_Transform(geom, 4326),
		       CASE WHEN geom IS NOT NULL THEN coalesce($7::jsonb ->> (attributes ->> $8), nullif(attributes ->> $8, ''), 'import') END,
		       nullif(attributes ->> $6, ''),
		       coalesce((SELECT jsonb_object_agg(key, attributes ->> value) FROM jsonb_each_text($9::jsonb) WHERE attributes ->> value <> ''), '{}'), $10
		FROM staging.row WHERE territory_id = $1 AND batch = $2`,
		t.ID, batch, grids.KindOf(string(r.Target)), report.Mapping["code"], report.Mapping["name"], report.Mapping["village"],
		words["located_by"], report.Mapping["located_by"], string(columns), r.Provenance); err != nil {
		return err
	}
	took, err := objects.Take(ctx, tx, t.ID, edition, batch)
	report.take(took)
	return err
}
