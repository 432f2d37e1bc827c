package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/audit"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	planner := grids.Principal{Name: "李示例", Role: grids.RolePlanner, Account: 7, From: "192.0.2.8"}
	one := l.person("S-4711", "示例人员甲", "00012345678")
	l.must(planner, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES (1, 'noise', '噪声', '100% noise_x')`)
	middle := time.Now()
	l.must(planner, `UPDATE layers.layer SET rank = 9 WHERE territory_id = 1 AND code = 'noise'`)
	l.must(planner, `UPDATE people.person SET name = '示例人员乙' WHERE id = $1`, one)
	auditor := grids.Principal{Name: "审计员", Role: grids.RoleAuditor, Territory: 1}
	search := func(who grids.Principal, territory grids.TerritoryID, q audit.Query) (found []audit.Entry) {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 100
		}
		err := l.db.Read(t.Context(), who, func(tx pgx.Tx) (err error) {
			found, err = audit.Search(t.Context(), tx, territory, q)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for name, test := range map[string]struct {
		q    audit.Query
		want string // table, operation and key, newest first
	}{
		"who":            {audit.Query{Name: "李示例"}, "people.person update 1, layers.layer update noise, layers.layer insert noise"},
		"account":        {audit.Query{Name: "7", Noun: "layers"}, "layers.layer update noise, layers.layer insert noise"},
		"nobody":         {audit.Query{Name: "李"}, ""},
		"table":          {audit.Query{Noun: "people.contact"}, "people.contact insert 1"},
		"schema":         {audit.Query{Noun: "people", From: &middle}, "people.person update 1"},
		"row":            {audit.Query{Noun: "layers.layer", Key: "noise", To: &middle}, "layers.layer insert noise"},
		"person":         {audit.Query{Person: 1}, "people.person update 1, people.contact insert 1, people.person insert 1"},
		"text":           {audit.Query{Text: "噪"}, "layers.layer insert noise"},
		"text, verbatim": {audit.Query{Text: "% noise_"}, "layers.layer insert noise"},
		"address":        {audit.Query{Text: "192.0.2.8", Noun: "people"}, "people.person update 1"},
		"not personal":   {audit.Query{Text: "示例人员"}, ""},
		"a page":         {audit.Query{Name: "7", Limit: 1}, "people.person update 1"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range search(auditor, 1, test.q) {
				got = append(got, strings.Join([]string{e.Noun, e.Op, e.Key}, " "))
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	whole := search(auditor, 1, audit.Query{})
	var paged []audit.Entry
	for q := (audit.Query{Limit: 3}); ; {
		page := search(auditor, 1, q)
		paged = append(paged, page...)
		if len(page) < 3 {
			break
		}
		q.Before = page[2].Seq
	}
	if fmt.Sprint(whole) != fmt.Sprint(paged) || len(whole) < 10 {
		t.Errorf("%d entries, in pages %d", len(whole), len(paged))
	}
	e := search(auditor, 1, audit.Query{Person: 1})[0]
	if e.Name != "李示例" || e.Role != "planner" || e.Account != 7 || e.From != "192.0.2.8" || e.Rows != 1 || e.Erased ||
		string(e.Before) != `{"name": "示例人员甲"}` || string(e.After) != `{"name": "示例人员乙"}` {
		t.Errorf("%+v %s %s", e, e.Before, e.After)
	}
	l.must(grids.Local, `SELECT audit.forget(1, 1)`)
	if e := search(auditor, 1, audit.Query{Person: 1})[1]; !e.Erased || string(e.Before) != `{}` || string(e.After) != `{}` {
		t.Errorf("after it was erased: %+v %s %s", e, e.Before, e.After)
	}
	for _, who := range []grids.Principal{{Role: grids.RoleAdmin}, {Role: grids.RolePlanner}, {Role: grids.RoleSecurity}, {Role: grids.RoleAuditor, Territory: 2}} {
		if found := search(who, 1, audit.Query{}); len(found) > 0 {
			t.Errorf("%v sees %d entries", who, len(found))
		}
	}
	if found := search(auditor, 0, audit.Query{}); len(found) > 0 {
		t.Errorf("the auditor of a territory sees %d entries of none", len(found))
	}
	if found := search(grids.Principal{Role: grids.RoleAuditor}, 0, audit.Query{}); len(found) == 0 {
		t.Error("the auditor of all territories sees none of no territory")
	}
}
