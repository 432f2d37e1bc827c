package importers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// understood is what the staged rows mean: which column feeds which field, what
// the columns are like, and what there is to say about it.
type understood struct {
	mapping  mapping
	columns  []Column // without their types and those passed over
	passed   []string // columns that an export of ours has added
	findings []grids.Finding
}

// understand settles what the columns of staged rows are for, and keeps back
// personal data: columns that look like it are taken out of staging unless the
// request names them, with a reason, and who may take them in; numbers in other
// columns are masked in place. It is called once all rows are staged.
func understand(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, who grids.Principal, r Request, surveys []*survey) (understood, error) {
	var u understood
	columns := make([]string, len(surveys))
	for i, s := range surveys {
		columns[i] = s.column
	}
	var err error
	own := ownColumns(r, columns)
	u.mapping, u.findings, err = settle(ctx, tx, t, batch, r, apart(surveys, own))
	switch {
	case grids.IsKind(err, grids.Invalid): // a column that isn't there is said when the rows are checked
		u.mapping = mapping{}
	case err != nil:
		return u, err
	}
	if u.passed = takeOwn(r, u.mapping, own); len(u.passed) > 0 {
		if err := keepOwn(ctx, tx, t, batch, r, u.passed); err != nil {
			return u, err
		}
		if err := withhold(ctx, tx, t, batch, u.passed); err != nil {
			return u, err
		}
		surveys = apart(surveys, u.passed)
		u.findings = append(u.findings, grids.Finding{Check: "import", Kind: "own-columns", Severity: grids.SeverityWarning}.
			Say(grids.Textf("文件是本系统导出的,以下各列由系统自己给出,未收:%[1]s", "the file was exported here; columns that are known here already were passed over: %[1]s", strings.Join(r.unwanted(u.passed), ", "))))
	}
	found := recognise(surveys, u.mapping)
	if err := consent(ctx, tx, t, batch, who, r, columns, found); err != nil {
		return u, err
	}
	kept, out := keptBack(r, u.mapping, columns, found)
	if err := withhold(ctx, tx, t, batch, out); err != nil {
		return u, err
	}
	for _, column := range out {
		f, by := found[column], grids.Text{ZH: "据内容", EN: "by its content"}
		if f.By == "heading" {
			by = grids.Text{ZH: "据列名", EN: "by its heading"}
		}
		u.findings = append(u.findings, grids.Finding{Check: "import", Kind: "personal-withheld", Severity: grids.SeverityWarning, Field: column, Value: f.Kind}.
			Say(grids.Textf("这一列像%s(%s,%d 个值),未收;有权限的人可写明理由后收入", "the column looks like %s (%s, %d values) and was left out; it can be taken in with a reason by somebody who may",
				kindNames([]string{f.Kind}), by, f.Count)))
		for field, from := range u.mapping {
			if from == column {
				delete(u.mapping, field)
			}
		}
	}
	masks, err := maskRows(ctx, tx, t, batch, toMask(surveys, u.mapping, kept))
	if err != nil {
		return u, err
	}
	u.findings = append(u.findings, masks...)
	for _, s := range surveys {
		c := Column{Name: s.column, Filled: s.filled, Samples: []string{}, Withheld: slices.Contains(out, s.column),
			Codes: s.codes, Credit: s.credit, MN: s.mn, Cells: s.cellAny}
		kind := ""
		if f, ok := found[s.column]; ok {
			c.Sensitive, kind = &f, f.Kind
		}
		for _, value := range s.samples {
			if shown := sample(value, kind); !slices.Contains(c.Samples, shown) {
				c.Samples = append(c.Samples, shown)
			}
		}
		u.columns = append(u.columns, c)
	}
	return u, nil
}

// recognise gives the columns that look like personal data.
func recognise(surveys []*survey, m mapping) map[string]Sensitive {
	found := map[string]Sensitive{}
	for _, s := range surveys {
		if is := s.sensitive(m.feeds(s.column) != ""); is != nil {
			found[s.column] = *is
		}
	}
	return found
}

// feeds gives the field that a column feeds, "" for none.
func (m mapping) feeds(column string) string {
	for field, from := range m {
		if from == column {
			return field
		}
	}
	return ""
}

// keptBack sorts columns that were recognised into those that stay, by the
// request's word or because their field is made for them, and those that go.
func keptBack(r Request, m mapping, columns []string, found map[string]Sensitive) (kept map[string]bool, out []string) {
	kept = map[string]bool{}
	for _, column := range columns {
		if r.Personal != nil && slices.Contains(r.Personal.Columns, column) {
			kept[column] = true
			continue
		}
		is, ok := found[column]
		if !ok {
			continue
		}
		field, ok := r.Target.field(m.feeds(column))
		if ok && field.alike == is.Kind && is.By == "content" {
			kept[column] = true
			delete(found, column)
			continue
		}
		if ok && slices.Contains(field.holds, is.Kind) {
			kept[column] = true
			continue
		}
		out = append(out, column)
	}
	return kept, out
}

// consent checks and records that a person takes personal data in.
func consent(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, who grids.Principal, r Request, columns []string, found map[string]Sensitive) error {
	if r.Personal == nil || len(r.Personal.Columns) == 0 {
		return nil
	}
	var may bool
	if err := tx.QueryRow(ctx, `SELECT access.may('imports.personal')`).Scan(&may); err != nil {
		return err
	}
	if !may {
		return grids.Errorf(grids.Forbidden, "personal", "无权导入个人信息列", "this principal may not take in columns of personal data")
	}
	const shortest = 4
	if len([]rune(strings.TrimSpace(r.Personal.Reason))) < shortest {
		return grids.Errorf(grids.Invalid, "personal", "导入个人信息列需要写明理由", "taking in columns of personal data takes a reason").
			Fix("写明依据和用途", "say on what ground and for what")
	}
	kinds := make([]string, len(r.Personal.Columns))
	for i, column := range r.Personal.Columns {
		if !slices.Contains(columns, column) {
			return grids.Errorf(grids.Invalid, "personal", "文件中没有列 %q", "the file has no column %q", column)
		}
		if slices.Contains(r.Publish, column) {
			return grids.Errorf(grids.Invalid, "publish", "个人信息列 %q 不能公开", "%q is personal data and can't be published", column)
		}
		kinds[i] = found[column].Kind
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO staging.consent (territory_id, batch, file, columns, kinds, reason, given_by)
		SELECT territory_id, id, file, $3, $4, btrim($5), $6 FROM staging.batch b WHERE territory_id = $1 AND id = $2
		  AND NOT EXISTS (SELECT FROM staging.consent c WHERE c.territory_id = $1 AND c.batch = $2 AND (c.columns, c.kinds, c.reason, c.given_by) = ($3, $4, btrim($5), $6))`,
		t.ID, batch, r.Personal.Columns, kinds, r.Personal.Reason, who.Name)
	return err
}

// withhold takes columns out of the staged rows.
func withhold(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, columns []string) error {
	if len(columns) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE staging.row SET attributes = attributes - $3::text[] WHERE territory_id = $1 AND batch = $2 AND attributes ?| $3`, t.ID, batch, columns)
	if err != nil {
		return fmt.Errorf("leaving personal data out: %w", err)
	}
	return nil
}
