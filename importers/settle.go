package importers

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// settle says which column feeds which field: by the request's word, by heading
// and, for codes, by content where headings say nothing or several columns look
// like codes (a village file that names county and town too).
func settle(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, r Request, surveys []*survey) (mapping, []grids.Finding, error) {
	columns := make([]string, len(surveys))
	for i, s := range surveys {
		columns[i] = s.column
	}
	given := maps.Clone(r.Map)
	if given == nil {
		given = map[string]string{}
	}
	m, _, err := match(r.Target, r.fields(), columns, given)
	if err != nil {
		return nil, nil, err
	}
	field, holds := codesOf(r, t)
	if field == "" {
		return match(r.Target, r.fields(), columns, given)
	}
	if _, ok := given[field]; ok || (r.Target != Cells && m[field] != "") {
		return match(r.Target, r.fields(), columns, given)
	}
	var fit []string
	for _, s := range surveys {
		if s.filled == 0 || !holds(s) {
			continue
		}
		if r.Target == Cells {
			ok, err := distinct(ctx, tx, t, batch, s.column)
			if err != nil {
				return nil, nil, err
			}
			if !ok {
				continue
			}
		}
		fit = append(fit, s.column)
	}
	switch {
	case slices.Contains(fit, m[field]):
		given[field] = m[field]
	case len(fit) == 1:
		given[field] = fit[0]
	case len(fit) > 1 && m[field] == "":
		f, _ := r.Target.field(field)
		m, found, err := match(r.Target, r.fields(), columns, given)
		return m, append(found, ambiguous(f, fit)), err
	}
	if _, ok := given["name"]; !ok && r.Target == Cells {
		if name := nameBeside(columns, given[field]); name != "" {
			given["name"] = name
		}
	}
	return match(r.Target, r.fields(), columns, given)
}

// codesOf gives the field of a target that may be found by content, and which
// columns hold its codes.
func codesOf(r Request, t cells.Territory) (string, func(*survey) bool) {
	switch r.Target {
	case Cells:
		if r.Tier < 1 || int(r.Tier) > len(t.Scheme.Lengths) {
			return "", nil
		}
		return "code", func(s *survey) bool { return s.codes[r.Tier-1] == s.filled }
	case Assignments:
		return "cell_code", func(s *survey) bool { return s.cellAny == s.filled }
	}
	switch grids.KindOf(string(r.Target)) {
	case "enterprise":
		return "code", func(s *survey) bool { return s.credit*10 >= s.filled*9 }
	case "monitor":
		return "code", func(s *survey) bool { return s.mn == s.filled }
	}
	return "", nil
}

// distinct tells whether every staged row has a value in a column, and no two
// the same.
func distinct(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, column string) (bool, error) {
	var all bool
	err := tx.QueryRow(ctx, `
		SELECT coalesce(bool_and(n = 1 AND value <> ''), false) FROM (
		  SELECT btrim(coalesce(attributes ->> $3, '')) AS value, count(*) AS n FROM staging.row
		  WHERE territory_id = $1 AND batch = $2 GROUP BY 1) v`, t.ID, batch, column).Scan(&all)
	return all, err
}

// nameBeside gives the column of names that goes with a column of codes, as
// VILLNAME with VILLCODE and XZQMC with XZQDM; "" if there is none.
func nameBeside(columns []string, code string) string {
	for _, ends := range [][]string{{"CODE", "NAME"}, {"DM", "MC"}, {"BM", "MC"}, {"代码", "名称"}, {"编码", "名称"}, {"编号", "名称"}} {
		stem, ok := strings.CutSuffix(strings.ToUpper(code), ends[0])
		if !ok {
			continue
		}
		for _, other := range columns {
			if strings.ToUpper(other) == stem+ends[1] {
				return other
			}
		}
	}
	return ""
}
