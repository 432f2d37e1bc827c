package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/audit"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	unit := l.post(201, "/v1/units", `{"name":"示例镇","kind":"township"}`)
	whole, here := l.as(access.Grant{Role: grids.RoleAuditor}), l.as(access.Grant{Role: grids.RoleAuditor, Territory: l.id})
	answer := here.get("/v1/audit?noun=people.unit&limit=1").json(t)
	entries := answer["entries"].([]any)
	if len(entries) != 1 {
		t.Fatalf("%v", answer)
	}
	e := entries[0].(map[string]any)
	if e["op"] != "insert" || e["name"] != "test-admin" || e["role"] != "admin" || e["from"] != "127.0.0.1" || e["account"].(float64) < 1 ||
		e["after"].(map[string]any)["name"] != "示例镇" || e["after"].(map[string]any)["id"] != unit["id"] {
		t.Errorf("%v", e)
	}
	if answer["next"] != e["seq"] || answer["head"].(map[string]any)["seq"].(float64) < e["seq"].(float64) || len(answer["nouns"].([]any)) < 10 {
		t.Errorf("%v", answer)
	}
	for query, want := range map[string]int{"q=示例镇&noun=people.unit": 1, "name=test-admin&noun=people.unit": 1, "from=2999-01-01T00:00:00Z": 0, "name=nobody": 0, "before=2": 1} {
		if got := here.get("/v1/audit?" + query).json(t)["entries"].([]any); len(got) != want {
			t.Errorf("%s: %d entries, want %d", query, len(got), want)
		}
	}
	if got := whole.get("/v1/audit?of=system").json(t)["entries"].([]any); len(got) == 0 {
		t.Error("the log of the system is empty")
	}
	for name, test := range map[string]struct {
		who    *site
		query  string
		status int
	}{
		"no instant":                         {whole, "from=yesterday", 400},
		"no such log":                        {whole, "of=everything", 400},
		"no page":                            {whole, "limit=0", 400},
		"no number":                          {whole, "person=x", 400},
		"no such parameter":                  {whole, "nonsense=1", 400},
		"the system's, by a territory's own": {here, "of=system", 403},
		"an administrator":                   {l.site, "", 403},
		"nobody":                             {l.anonymous(), "", 401},
	} {
		if a := test.who.get("/v1/audit?" + test.query); a.status != test.status || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// TestErasingAPerson: after an administrator has erased somebody no auditor reads
// who it was, the log says that it was done and why, and its chain verifies.
func TestErasingAPerson(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	auditor := l.as(access.Grant{Role: grids.RoleAuditor, Territory: l.id})
	l.post(201, "/v1/people", `{"name":"示例人员甲乙","staff_no":"P90","phone":"00012345678"}`)
	person := l.who("P90")
	logged := func() (text string, erased int, why any) {
		a := auditor.get(fmt.Sprintf("/v1/audit?person=%d", person))
		for _, e := range a.json(t)["entries"].([]any) {
			e := e.(map[string]any)
			if e["erased"] == true {
				erased++
			}
			if e["op"] == "forget" {
				why = e["after"].(map[string]any)["why"]
			}
		}
		return string(a.body), erased, why
	}
	if text, erased, _ := logged(); !strings.Contains(text, "示例人员甲乙") || erased != 0 {
		t.Fatalf("before: %s", text)
	}
	path := fmt.Sprintf("/v1/people/%d/personal-data", person)
	for name, test := range map[string]struct {
		who    *site
		path   string
		status int
	}{
		"no reason":           {l.site, path, 400},
		"a blank reason":      {l.site, path + "?reason=%20%20%20", 400},
		"nobody of that kind": {l.site, "/v1/people/999999/personal-data?reason=本人要求", 404},
		"a planner":           {l.as(access.Grant{Role: grids.RolePlanner, Territory: l.id}), path + "?reason=本人要求", 403},
	} {
		if a := test.who.send("DELETE", test.path, ""); a.status != test.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := l.send("DELETE", path+"?reason=本人要求", ""); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	text, erased, why := logged()
	if strings.Contains(text, "示例人员甲乙") || strings.Contains(text, "P90") || erased == 0 || why != "本人要求" {
		t.Errorf("after: %d erased, %v: %s", erased, why, text)
	}
	// who has left the roster can still be erased, and all of it verifies
	if a := l.send("DELETE", fmt.Sprintf("/v1/people/%d", person), ""); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := l.send("DELETE", path+"?reason=本人要求", ""); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if text, _, _ := logged(); strings.Contains(text, "示例人员甲乙") {
		t.Errorf("after leaving: %s", text)
	}
	l.tx(func(ctx context.Context, tx pgx.Tx) error {
		found, _, err := audit.Check(ctx, tx, l.id)
		if len(found) > 0 {
			t.Errorf("the chain: %v", found)
		}
		return err
	})
}
