package api_test

import "testing"

func TestAudit(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	unit := l.post(201, "/v1/units", `{"name":"示例镇","kind":"township"}`)
	answer := l.get("/v1/audit?noun=people.unit&limit=1").json(t)
	entries := answer["entries"].([]any)
	if len(entries) != 1 {
		t.Fatalf("%v", answer)
	}
	e := entries[0].(map[string]any)
	if e["op"] != "insert" || e["name"] != "local" || e["role"] != "local" || e["after"].(map[string]any)["name"] != "示例镇" || e["after"].(map[string]any)["id"] != unit["id"] {
		t.Errorf("%v", e)
	}
	if answer["next"] != e["seq"] || answer["head"].(map[string]any)["seq"].(float64) < e["seq"].(float64) || len(answer["nouns"].([]any)) < 10 {
		t.Errorf("%v", answer)
	}
	for query, want := range map[string]int{"q=示例镇&noun=people": 1, "from=2999-01-01T00:00:00Z": 0, "name=nobody": 0, "before=2": 1, "of=system&noun=access.account": 0} {
		if got := l.get("/v1/audit?" + query).json(t)["entries"].([]any); len(got) != want {
			t.Errorf("%s: %d entries, want %d", query, len(got), want)
		}
	}
	if got := l.get("/v1/audit?of=system").json(t)["entries"].([]any); len(got) == 0 {
		t.Error("the log of the system is empty")
	}
	for _, query := range []string{"from=yesterday", "of=everything", "limit=0", "person=x", "nonsense=1"} {
		if a := l.get("/v1/audit?" + query); a.status != 400 || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}
