package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// townFolk is a territory with the persons P1 (accountable for the city) to P5.
func townFolk(t *testing.T) *land {
	t.Helper()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	for i := 2; i <= 5; i++ {
		l.person(fmt.Sprint("P", i), fmt.Sprintf("示例人员 000%d", i))
	}
	return l
}

// who gives a person's number.
func (l *land) who(staff string) int64 {
	l.t.Helper()
	return scan[int64](l.site, `SELECT id FROM people.person WHERE territory_id = $1 AND staff_no = $2`, l.id, staff)
}

// post sends a body and wants a status.
func (l *land) post(status int, path, body string, args ...any) map[string]any {
	l.t.Helper()
	a := l.send("POST", path, fmt.Sprintf(body, args...))
	if a.status != status {
		l.t.Fatalf("%s: %d, want %d: %s", path, a.status, status, a.body)
	}
	if len(a.body) == 0 {
		return nil
	}
	return a.json(l.t)
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	const leaf = "430202001001"
	p2, p3, p4 := l.who("P2"), l.who("P3"), l.who("P4")
	made := l.post(201, "/v1/assignments", `{"cell":"%s","person":%d,"role":"accountable","from":"2026-01-01T00:00:00Z","post":"村主任"}`, leaf, p2)
	if made["name"] != "示例人员 0002" || made["post"] != "村主任" || made["to"] != nil || made["recorded_by"] != "test-admin" {
		t.Errorf("%v", made)
	}
	refused := l.post(409, "/v1/assignments", `{"cell":"%s","person":%d,"role":"accountable"}`, leaf, p3)
	if holders := refused["holders"].([]any); len(holders) != 1 || holders[0].(map[string]any)["id"] != made["id"] {
		t.Errorf("%v", refused)
	}
	l.post(201, "/v1/assignments", `{"cell":"%s","person":%d,"role":"technical","layer":"safety"}`, leaf, p4)
	path := fmt.Sprintf("/v1/assignments/%.0f/handover", made["id"])
	done := l.post(201, path, `{"from":%d,"to":%d,"at":"2026-03-01T00:00:00Z","note":"换届"}`, p2, p3)
	if done["from_name"] != "示例人员 0002" || done["to_name"] != "示例人员 0003" || done["open_work"] == nil {
		t.Errorf("%v", done)
	}
	// named once more, it is too late: here is who holds it now
	late := l.post(409, path, `{"to":%d,"at":"2026-04-01T00:00:00Z"}`, p4)
	if holders := late["holders"].([]any); len(holders) != 1 || holders[0].(map[string]any)["id"] != done["assignment"] {
		t.Errorf("%v", late)
	}
	for query, want := range map[string]int{
		"cell=" + leaf:                                    3,
		"cell=" + leaf + "&role=accountable":              2,
		"cell=" + leaf + "&at=2026-02-01T00:00:00Z":       1,
		"cell=430202000000":                               0,
		"cell=430202000000&below=true":                    3,
		fmt.Sprint("person=", p3):                         1,
		"layer=safety":                                    1,
		"known_at=2020-01-01T00:00:00Z":                   0,
		"cell=" + leaf + "&when=past":                     1,
		"cell=" + leaf + "&when=planned":                  0,
		"limit=2&offset=1":                                2,
		"role=joint-chief":                                0,
		"cell=430200000000&role=accountable&when=current": 1,
	} {
		if got := l.get("/v1/assignments?" + query).json(t)["assignments"].([]any); len(got) != want {
			t.Errorf("%s: %d, want %d: %v", query, len(got), want, got)
		}
	}
	if m := l.get("/v1/assignments?limit=1").json(t)["matched"]; m != 4.0 {
		t.Errorf("matched %v", m)
	}
	ended := l.post(200, fmt.Sprintf("/v1/assignments/%.0f/end", done["assignment"]), `{"at":"2027-01-01T00:00:00Z","reason":"调离"}`)
	if ended["to"] != "2027-01-01T00:00:00Z" || ended["reason"] != "调离" {
		t.Errorf("%v", ended)
	}
	// the city may not be left without anyone
	root := l.get("/v1/assignments?cell=430200000000").json(t)["assignments"].([]any)[0].(map[string]any)
	if p := l.post(409, fmt.Sprintf("/v1/assignments/%.0f/end", root["id"]), `{}`); !strings.Contains(fmt.Sprint(p["detail"]), "tier-1") {
		t.Errorf("%v", p)
	}
	if list := l.get("/v1/handovers?cell=" + leaf).json(t)["handovers"].([]any); len(list) != 1 || list[0].(map[string]any)["note"] != "换届" {
		t.Errorf("%v", list)
	}
	if roles := l.get("/v1/roles").json(t)["roles"].([]any); len(roles) != 8 {
		t.Errorf("%v", roles)
	}
	l.object("enterprise", "E1", "示例企业", "POINT(113.0102 27.6)", `{}`)
	if items := fmt.Sprint(l.get("/v1/cells/" + leaf + "/open-work").json(t)["items"]); !strings.Contains(items, "enterprises") {
		t.Error(items)
	}
	for body, field := range map[string]string{
		`{"cell":"430299999999","person":1,"role":"deputy"}`:                                           "cell",
		fmt.Sprintf(`{"cell":"%s","person":%d,"role":"king"}`, leaf, p2):                               "role",
		fmt.Sprintf(`{"cell":"%s","person":%d,"role":"lead"}`, leaf, p2):                               "layer",
		fmt.Sprintf(`{"cell":"%s","person":%d,"role":"lead","layer":"moon"}`, leaf, p2):                "layer",
		fmt.Sprintf(`{"cell":"%s","person":99999,"role":"deputy"}`, leaf):                              "person",
		fmt.Sprintf(`{"cell":"%s","person":%d,"role":"deputy","to":"2020-01-01T00:00:00Z"}`, leaf, p2): "to",
	} {
		a := l.send("POST", "/v1/assignments", body)
		if a.status != 400 && a.status != 404 || !strings.Contains(string(a.body), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}

func TestLeavesAndVacancies(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	const leaf, county = "430202001001", "430202000000"
	l.assign("P2", leaf, "accountable", "")
	p2, p3, p4 := l.who("P2"), l.who("P3"), l.who("P4")
	made := l.post(201, "/v1/leaves", `{"person":%d,"stand_in":%d,"to":"2099-01-01T00:00:00Z","reason":"学习"}`, p2, p3)
	if cells := made["cells"].([]any); len(cells) != 1 || cells[0].(map[string]any)["cell"] != leaf || made["stand_in_name"] != "示例人员 0003" {
		t.Errorf("%v", made)
	}
	l.post(409, "/v1/leaves", `{"person":%d,"stand_in":%d}`, p2, p4)
	l.post(409, "/v1/leaves", `{"person":%d,"stand_in":%d}`, p3, p4)
	l.post(404, "/v1/leaves", `{"person":%d,"stand_in":%d,"cells":[{"cell":"430299999999","stand_in":%d}]}`, p4, p3, p3)
	answer := func() map[string]any {
		return l.get("/v1/responsible?lon=113.01&lat=27.6").json(t)["chain"].([]any)[0].(map[string]any)["accountable"].(map[string]any)
	}
	if a := answer(); a["name"] != "示例人员 0003" || a["acting"] != true || a["from"] != nil || a["instead_of"].(map[string]any)["name"] != "示例人员 0002" {
		t.Errorf("%v", a)
	}
	feature := l.get("/collections/cells/items/" + leaf).json(t)["properties"].(map[string]any)
	if who := feature["accountable"].(map[string]any); who["name"] != "示例人员 0003" || who["acting"] != true {
		t.Errorf("%v", feature)
	}
	if leaders := feature["leaders"].([]any); len(leaders) != 1 || leaders[0].(map[string]any)["name"] != "示例人员 0002" || leaders[0].(map[string]any)["accountable"] != true {
		t.Errorf("%v", leaders)
	}
	if tier := l.get("/v1/stats").json(t)["tiers"].([]any)[3].(map[string]any); tier["own"] != 1.0 || tier["acting"] != 7.0 {
		t.Errorf("%v", tier)
	}
	l.post(200, fmt.Sprintf("/v1/leaves/%.0f/end", made["id"]), `{}`)
	if a := answer(); a["name"] != "示例人员 0002" || a["acting"] != false {
		t.Errorf("%v", a)
	}
	if n := len(l.get(fmt.Sprint("/v1/leaves?when=past&person=", p2)).json(t)["leaves"].([]any)); n != 1 {
		t.Errorf("%d leaves", n)
	}
	vacant := l.get("/v1/vacancies?cell=" + county).json(t)
	if vacant["matched"] != 6.0 || vacant["vacancies"].([]any)[0].(map[string]any)["stand_in_name"] != "示例人员 0001" {
		t.Errorf("%v", vacant)
	}
	alarms := l.get("/v1/alarms").json(t)["alarms"].([]any)
	if len(alarms) != 11 {
		t.Errorf("%d alarms", len(alarms))
	}
	for code, n := range map[string]int{"430202001001": 0, "430202002001": 1, "430202002000": 3, "430200000000": 11} {
		if of := l.get("/v1/alarms?cell=" + code).json(t)["alarms"].([]any); len(of) != n {
			t.Errorf("%d alarms of %s, want %d", len(of), code, n)
		}
	}
	one := alarms[0].(map[string]any)
	l.post(204, fmt.Sprintf("/v1/alarms/%.0f/seen", one["id"]), `{"note":"已催办"}`)
	if again := l.get("/v1/alarms?all=true").json(t)["alarms"].([]any)[0].(map[string]any); again["note"] != "已催办" || again["seen_by"] != "test-admin" {
		t.Errorf("%v", again)
	}
	l.post(404, "/v1/alarms/999999/seen", `{}`)
}
