package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/objects"
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

// Answers about an edition that was restored are those of before, but for numbers
// and times; what had ended answers under its code again, what is no more says
// who has its area.
func TestRestoredAnswersAreThoseOfBefore(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	p.exec(`INSERT INTO objects.object (territory_id, kind, code, name, geom, provenance, located_by)
		VALUES ($1, 'enterprise', 'E1', '示例企业', ST_SetSRID(ST_MakePoint(113.001, 27.001), 4326), 'demo', 'hand')`, p.town.In.ID)
	p.tx(func(ctx context.Context, tx pgx.Tx) error { return objects.Place(ctx, tx, p.town.In.ID, 1, time.Now()) })
	volatile := regexp.MustCompile(`"(edition|valid_from|valid_to|timeStamp|aliases|changed_at)":("[^"]*"|\[[^\]]*\]|[^,}]*)`)
	items := func(collection string) string {
		t.Helper()
		a := p.get("/t/431000000000/collections/" + collection + "/items?limit=1000")
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return volatile.ReplaceAllString(string(a.body), "")
	}
	before := map[string]string{}
	for _, collection := range []string{"cells", "enterprises"} {
		before[collection] = items(collection)
	}
	for _, body := range []string{
		`{"op":"split","cell":` + p.cell(1, 1) + `,"line":` + line(0.4, -1, 0.4, 2) + `}`,
		`{"op":"merge","cells":[` + p.cell(2, 1) + `,` + p.cell(2, 2) + `]}`,
		`{"op":"rename","cell":` + p.cell(2, 3) + `,"name":"新村"}`,
	} {
		if a := p.post("/draft/edits", body); a.status != 201 {
			t.Fatalf("%s: %d %s", body, a.status, a.body)
		}
	}
	if a := p.post("/editions/1/restore", `{"reason":"有误"}`); a.status != 409 {
		t.Errorf("restored over a draft: %d %s", a.status, a.body)
	}
	if a := p.post("/draft/publish", `{}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if items("cells") == before["cells"] || items("enterprises") == before["enterprises"] {
		t.Error("publishing changed nothing")
	}
	a := p.post("/editions/1/restore", `{"reason":"有误"}`)
	if got := a.json(t); a.status != 200 || got["edition"] != 3.0 || got["back"] != 3.0 || got["gone"] != 3.0 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for collection, want := range before {
		if got := items(collection); got != want {
			t.Errorf("%s:\n%s\nbefore\n%s", collection, got, want)
		}
	}
	gone := p.get("/t/431000000000/collections/cells/items/431001004000")
	if gone.status != 410 || !strings.Contains(string(gone.body), string(p.town.Leaf(1, 1))) {
		t.Errorf("%d %s", gone.status, gone.body)
	}
	// there, not there, and there again
	versions := p.get("/t/431000000000/collections/cells/items/" + string(p.town.Leaf(1, 1)) + "/versions")
	if list := codes(t, versions); versions.status != 200 || len(list) != 2 || strings.Count(string(versions.body), `"valid_to":null`) != 1 {
		t.Errorf("%d %s", versions.status, versions.body)
	}
	if a := p.post("/editions/3/restore", `{"reason":"x"}`); a.status != 409 {
		t.Errorf("the newest: %d %s", a.status, a.body)
	}
	if a := p.post("/editions/1/restore", `{"reason":"x"}`); a.status != 409 {
		t.Errorf("what is in force already: %d %s", a.status, a.body)
	}
	if a := p.post("/editions/9/restore", `{"reason":"x"}`); a.status != 404 {
		t.Errorf("one that isn't there: %d %s", a.status, a.body)
	}
	if a := p.post("/editions/2/restore", `{"reason":" "}`); a.status != 400 {
		t.Errorf("without a reason: %d %s", a.status, a.body)
	}
}
