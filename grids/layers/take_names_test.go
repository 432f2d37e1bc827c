package layers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/layers"
)

// TestTakeByName sends rows to a layer in which A and B are both 大同, C is 白关村
// and D is 白关社区.
func TestTakeByName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		rows [][3]string // layer, code, name
		want string      // the cells that changed: code name
		kind string      // of findings: row kind candidates
	}{
		{"an exact name before another sort", [][3]string{{"safety", "", "白关村"}, {"safety", "", "白关社区"}}, "C 白关村, D 白关社区", ""},
		{"blanks", [][3]string{{"safety", "", " 白 关　村"}}, "C 白关村", ""},
		{"several", [][3]string{{"safety", "", "大同"}}, "", "1 ambiguous A B"},
		{"several but for a word at the end", [][3]string{{"safety", "", "白关"}}, "", "1 ambiguous C D"},
		{"of another layer", [][3]string{{"environment", "", "白关村"}}, "", "1 unknown-cell"},
		{"none", [][3]string{{"safety", "", "没有村"}}, "", "1 unknown-cell"},
		{"no name either", [][3]string{{"safety", "", " "}}, "", "1 code"},
		{"two rows for one", [][3]string{{"safety", "", "白关村"}, {"safety", "", "白关 村"}}, "", "1 duplicate, 2 duplicate"},
		{"a row with its code and one with its name", [][3]string{{"safety", "C", "白关村"}, {"safety", "", "白关村"}}, "C 白关村", "2 duplicate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			territory := territory(t, db)
			run(t, db, func(tx pgx.Tx) error {
				send := func(batch int64, width float64, rows [][3]string) grids.Taken {
					for i, r := range rows {
						if _, err := tx.Exec(t.Context(), `
							INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance)
							VALUES ($1, $2, $3::int, $4, $5, $6, '', ST_MakeEnvelope(113, 27 + $3::int * 0.01, 113 + $7::float8, 27.01 + $3::int * 0.01, 4326), 'demo')`,
							territory, batch, i+1, r[0], r[1], r[2], width); err != nil {
							t.Fatal(err)
						}
					}
					report, err := layers.Take(t.Context(), tx, territory, batch)
					if err != nil {
						t.Fatal(err)
					}
					return report
				}
				send(7, 0.01, [][3]string{{"safety", "A", "大同"}, {"safety", "B", "大同"}, {"safety", "C", "白关村"}, {"safety", "D", "白关社区"}})
				report := send(8, 0.02, test.rows)
				var kinds, changed []string
				for _, f := range report.Findings {
					line := fmt.Sprint(f.Row, " ", f.Kind)
					for _, c := range f.Candidates {
						line += " " + c.Code
					}
					kinds = append(kinds, line)
				}
				databasetest.InBothLanguages(t, report.Findings)
				for _, d := range report.Differences {
					changed = append(changed, d.Code+" "+d.Name)
				}
				if got := strings.Join(kinds, ", "); got != test.kind {
					t.Errorf("findings %q, want %q", got, test.kind)
				}
				if got := strings.Join(changed, ", "); got != test.want || report.Created != 0 {
					t.Errorf("changed %q, want %q", got, test.want)
				}
				return nil
			})
		})
	}
}
