package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"unigrid/grids"
	"unigrid/grids/access"
)

// gate names what the draft lacks and needs.
func (p *planner) gate() string {
	p.t.Helper()
	a := p.get(p.base+"/draft/gate", "Accept-Language", "zh")
	var list []struct {
		Check, Detail, Fix string
		Met, Required      bool
	}
	if err := json.Unmarshal(a.body, &list); err != nil || a.status != 200 || len(list) != 9 {
		p.t.Fatalf("%d %s", a.status, a.body)
	}
	var lacking []string
	for _, c := range list {
		if c.Required && !c.Met {
			lacking = append(lacking, c.Check)
		}
	}
	return strings.Join(lacking, " ")
}

// A draft goes to print: what the territory asks for, sign-offs, document number
// and scan.
func TestPublishingWithPapers(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	p.exec(`INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES ($1, 'environment', '生态环境', 'Environment') ON CONFLICT DO NOTHING`, p.town.In.ID)
	if a := p.get(p.base + "/draft/gate"); a.status != 404 {
		t.Errorf("no draft: %d", a.status)
	}
	if a := p.post("/draft/edits", `{"op":"rename","cell":`+p.cell(1, 1)+`,"name":"新村"}`); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := p.gate(); got != "" {
		t.Errorf("lacking %s where nothing is asked for", got)
	}
	a := p.send(http.MethodPut, p.base+"/publication-settings", `{"sign_offs":[{"layer":"environment"},{"role":"planner"}],"decision":true,"scan":true}`, "Accept-Language", "zh")
	if a.status != 200 || !strings.Contains(string(a.body), "生态环境条线") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := p.gate(); got != "sign-offs decision scan" {
		t.Errorf("lacking %q", got)
	}
	environment := planner{site: p.as(access.Grant{Role: grids.RoleDepartment, Territory: p.town.In.ID, Layers: []grids.LayerCode{"environment"}}), town: p.town, base: p.base}
	office := planner{site: p.as(access.Grant{Role: grids.RolePlanner, Territory: p.town.In.ID}), town: p.town, base: p.base}
	if a := office.send(http.MethodPut, p.base+"/publication-settings", `{}`); a.status != 403 {
		t.Errorf("a planner sets what is asked for: %d", a.status)
	}
	if a := office.post("/draft/sign-offs", `{"party":{"layer":"environment"}}`); a.status != 403 {
		t.Errorf("a planner signs for a department: %d", a.status)
	}
	state := environment.get(p.base + "/draft/sign-offs").json(t)["state"].(string)
	if a := p.post("/draft/edits", `{"op":"rename","cell":`+p.cell(1, 1)+`,"name":"又新村"}`); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := environment.post("/draft/sign-offs", `{"party":{"layer":"environment"},"state":"`+state+`"}`); a.status != 409 {
		t.Errorf("signed what has changed: %d %s", a.status, a.body)
	}
	if a := environment.post("/draft/sign-offs", `{"party":{"layer":"environment"}}`); a.status != 200 || !strings.Contains(string(a.body), "test-department") {
		t.Errorf("%d %s", a.status, a.body)
	}
	signed := office.post("/draft/sign-offs", `{"party":{"role":"planner"},"note":"同意"}`)
	if signed.status != 200 {
		t.Errorf("%d %s", signed.status, signed.body)
	}
	if got := p.gate(); got != "decision scan" {
		t.Errorf("lacking %q", got)
	}
	if a := p.post("/draft/publish", `{}`, "Accept-Language", "zh"); a.status != 409 || !strings.Contains(string(a.body), "文号") {
		t.Errorf("%d %s", a.status, a.body)
	}
	page := p.upload("/t/431000000000", "决定.pdf", []byte("<!doctype html><title>x</title>"))
	if a := office.send(http.MethodPut, p.base+"/draft/decision", `{"document_no":"示例〔2026〕3号","date":"2026-03-01","upload":"`+page+`"}`); a.status != 400 {
		t.Errorf("a page as a scan: %d %s", a.status, a.body)
	}
	paper := p.upload("/t/431000000000", "决定.docx", []byte("%PDF-1.7\n示例"))
	decided := office.send(http.MethodPut, p.base+"/draft/decision", `{"document_no":"示例〔2026〕3号","date":"2026-03-01","upload":"`+paper+`"}`)
	if decided.status != 200 || !strings.Contains(string(decided.body), `"application/pdf"`) {
		t.Errorf("%d %s", decided.status, decided.body)
	}
	if a := p.send(http.MethodHead, p.base+"/uploads/"+paper, "", tus()...); a.status != 404 {
		t.Errorf("the upload stays: %d", a.status)
	}
	if got := p.gate(); got != "" {
		t.Errorf("lacking %q", got)
	}
	// withdrawn, and signed again
	var list struct {
		SignOffs []struct{ ID json.Number } `json:"sign_offs"`
	}
	if err := json.Unmarshal(signed.body, &list); err != nil || len(list.SignOffs) != 2 {
		t.Fatalf("%s", signed.body)
	}
	if a := office.send(http.MethodDelete, p.base+"/draft/sign-offs?reason=%E5%A4%8D%E6%A0%B8&id="+list.SignOffs[1].ID.String(), ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := p.gate(); got != "sign-offs" {
		t.Errorf("lacking %q", got)
	}
	if a := office.post("/draft/sign-offs", `{"party":{"role":"planner"}}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := office.post("/draft/publish", `{}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	scan := environment.get(p.base + "/editions/2/decision/scan")
	if scan.status != 200 || string(scan.body) != "%PDF-1.7\n示例" || scan.header.Get("Content-Type") != "application/pdf" ||
		!strings.Contains(scan.header.Get("Content-Disposition"), ".pdf") || scan.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v %s", scan.status, scan.header, scan.body)
	}
	officer := p.as(access.Grant{Role: grids.RoleOfficer, Territory: p.town.In.ID})
	if a := officer.get(p.base + "/editions/2/decision/scan"); a.status != 403 {
		t.Errorf("an officer reads the scan: %d", a.status)
	}
	if a := officer.get(p.base + "/editions/2/decision"); a.status != 200 || !strings.Contains(string(a.body), "〔2026〕3号") || strings.Contains(string(a.body), "决定") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
