package api_test

import (
	"fmt"
	"testing"

	"unigrid/grids"
	"unigrid/grids/access"
)

// Two villages are merged and one is split by hand; both ask.
func TestQuestions(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	territory := p.town.Territory
	l := &land{site: p.site, id: territory}
	for i, leaf := range []grids.Code{p.town.Leaf(1, 1), p.town.Leaf(1, 2), p.town.Leaf(2, 1)} {
		no := fmt.Sprint("Q", i+1)
		l.person(no, "示例人员 "+no)
		l.assign(no, string(leaf), "accountable", "")
	}
	readEdited(t, p.post("/draft/edits", `{"op":"merge","cells":[`+p.cell(1, 1)+`,`+p.cell(1, 2)+`],"name":"合村"}`), 201)
	readEdited(t, p.post("/draft/edits", `{"op":"split","cell":`+p.cell(2, 1)+`,"line":`+line(.9, .4, 2.1, .4)+`,"children":[{"name":"南村"},{"name":"北村"}]}`), 201)
	if a := p.post("/draft/publish", `{}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	answer := p.get(p.base + "/questions").json(t)
	list := answer["questions"].([]any)
	if len(list) != 2 || answer["matched"] != 2.0 || answer["comparable_share"] != 0.2 {
		t.Fatalf("%v", answer)
	}
	merged, split := list[0].(map[string]any), list[1].(map[string]any)
	if merged["kind"] != "merged" || merged["role"] != "accountable" || len(merged["candidates"].([]any)) != 2 || split["kind"] != "split" || split["ruled_name"] != "示例人员 Q3" {
		t.Errorf("%v", list)
	}
	if n := p.get(p.base + "/duty?cell=" + string(p.town.Column(2))).json(t)["questions"].(map[string]any)["count"]; n != 1.0 {
		t.Errorf("%v are counted", n)
	}
	if got := p.get(p.base + "/questions?cell=" + string(p.town.Column(1))).json(t)["matched"]; got != 1.0 {
		t.Errorf("in the first column: %v", got)
	}
	other := l.who("Q1")
	if merged["ruled"] == float64(other) {
		other = l.who("Q2")
	}
	path := fmt.Sprintf("%s/questions/%.0f/answer", p.base, merged["id"])
	elsewhere := p.as(access.Grant{Role: grids.RolePlanner, Territory: territory, Within: []grids.Code{"431002"}})
	for _, body := range []string{`{}`, fmt.Sprintf(`{"person":%d}`, other)} {
		if a := elsewhere.bare("POST", path, body); a.status != 403 {
			t.Errorf("from another county: %d %s", a.status, a.body)
		}
	}
	done := p.send("POST", path, fmt.Sprintf(`{"person":%d,"reason":"面积相近"}`, other))
	if q := done.json(t); done.status != 200 || q["answer"] != "replaced" || q["person"] != float64(other) || q["answered_by"] != "test-admin" {
		t.Errorf("%d %s", done.status, done.body)
	}
	now := p.get(p.base + "/assignments?role=accountable&when=current&cell=" + merged["cell"].(string)).json(t)["assignments"].([]any)
	if len(now) != 1 || now[0].(map[string]any)["person"] != float64(other) {
		t.Errorf("%v", now)
	}
	if a := elsewhere.bare("POST", fmt.Sprintf("%s/questions/%.0f/answer", p.base, split["id"]), `{"reason":"两村相邻"}`); a.status != 200 || a.json(t)["answer"] != "kept" {
		t.Errorf("at home: %d %s", a.status, a.body)
	}
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", path, `{}`, 409},
		{"POST", p.base + "/questions/999999/answer", `{}`, 404},
		{"GET", p.base + "/questions?state=sometimes", "", 400},
		{"PUT", p.base + "/questions/settings", `{"comparable_share":0.9}`, 400},
		{"PUT", p.base + "/questions/settings", `{"comparable_share":0.1}`, 200},
	} {
		if a := p.send(test.method, test.path, test.body); a.status != test.status {
			t.Errorf("%s %s %s: %d, want %d: %s", test.method, test.path, test.body, a.status, test.status, a.body)
		}
	}
	answer = p.get(p.base + "/questions?state=answered").json(t)
	if answer["matched"] != 2.0 || answer["comparable_share"] != 0.1 || p.get(p.base + "/questions").json(t)["matched"] != 0.0 {
		t.Errorf("%v", answer)
	}
}
