package api_test

import (
	"testing"

	"unigrid/grids"
	"unigrid/grids/access"
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
