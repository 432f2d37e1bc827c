package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/circulation"
	"unigrid/grids/editions"
	"unigrid/grids/merge"
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
	if err := json.Unmarshal(a.body, &list); err != nil || a.status != 200 || len(list) != 10 {
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
	later := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	if a := p.send(http.MethodPut, p.base+"/publication-settings", `{"since":"`+later+`","assigned":true}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	now := p.get(p.base + "/publication-settings").json(t)
	if next := now["next"].([]any); now["assigned"] != false || len(next) != 1 || next[0].(map[string]any)["since"] != later || next[0].(map[string]any)["assigned"] != true {
		t.Errorf("%v", now)
	}
	if a := p.send(http.MethodPut, p.base+"/publication-settings", `{"since":"`+later+`"}`, "Accept-Language", "zh"); a.status != 409 || !strings.Contains(string(a.body), "先撤回") {
		t.Errorf("two settings of one instant: %d %s", a.status, a.body)
	}
	if a := p.as(access.Grant{Role: grids.RolePlanner, Territory: p.town.In.ID}).send(http.MethodDelete, p.base+"/publication-settings?since="+later, ""); a.status != 403 {
		t.Errorf("a planner takes back what is asked for: %d", a.status)
	}
	for since, want := range map[string]int{now["since"].(string): 409, "2020-01-01T00:00:00Z": 404, later: 200} {
		if a := p.send(http.MethodDelete, p.base+"/publication-settings?since="+since, ""); a.status != want {
			t.Errorf("taking back settings of %s: %d %s", since, a.status, a.body)
		}
	}
	if left := p.get(p.base + "/publication-settings").json(t); len(left["next"].([]any)) != 0 || left["since"] != now["since"] {
		t.Errorf("after taking back what was planned: %v", left)
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

// The report of an edition says what changed where and for whom, in both
// languages, without names for who may not read them; later changes of people
// don't change it.
func TestReportOfAnEdition(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	p.exec(`WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'R1', '示例网格长甲', 'demo') RETURNING id)
		INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
		SELECT $1, p.id, $2, 'accountable', '[2020-01-01,)', 'test' FROM p`, p.town.In.ID, p.town.Cell(t, p.town.Leaf(1, 1)))
	if a := p.send(http.MethodPut, p.base+"/publication-settings", `{"office":{"zh":"示例网格办","en":"Grid Office"},"addressee":{"zh":"示例市委员会 ","en":"The Committee"}}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
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
	figures := func(seq string) string {
		t.Helper()
		a := p.get(p.base + "/editions/" + seq + "/report")
		r := a.json(t)
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		totals := r["totals"].(map[string]any)
		return fmt.Sprint(r["draft"], " ", r["before"], " ", totals["created"], " ", totals["split"], " ", totals["merged"], " ", totals["renamed"], " ", r["accountable"], " ", r["people"], " ", r["cells"], " ", len(r["towns"].([]any)))
	}
	if got := figures("1"); got != "false 0 9 0 0 0 0 0 9 0" {
		t.Errorf("first edition: %s", got)
	}
	draft := figures("2")
	if a := p.as(access.Grant{Role: grids.RoleAgency, Territory: p.town.In.ID}).get(p.base + "/editions/2/report"); a.status != 403 {
		t.Errorf("an agency reads the draft's report: %d", a.status)
	}
	if a := p.send(http.MethodPut, p.base+"/draft/decision", `{"document_no":"示例〔2026〕3号","date":"2026-03-01"}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := p.post("/draft/publish", `{}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	published := figures("2")
	if strings.TrimPrefix(draft, "true") != strings.TrimPrefix(published, "false") {
		t.Errorf("the draft's report %s, the edition's %s", draft, published)
	}
	if published != "false 1 3 1 2 1 2 1 9 2" {
		t.Errorf("published: %s", published)
	}
	document := func(s *site, query string) string {
		t.Helper()
		a := s.get(p.base + "/editions/2/report.docx" + query)
		if a.status != 200 || !strings.Contains(a.header.Get("Content-Type"), "wordprocessingml") {
			t.Fatalf("%d %s %s", a.status, a.header, a.body)
		}
		book, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
		if err != nil {
			t.Fatal(err)
		}
		file, err := book.Open("word/document.xml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	zh, en := document(p.site, "?lang=zh"), document(p.site, "?lang=en")
	for _, want := range []string{"变更报告", "示例〔2026〕3号", "示例网格长甲", "拆分", "不作为行政区域界线", "新村",
		">示例市委员会\uff1a<", ">示例网格办<", ">" + circulation.Day(time.Now()).ZH + "<"} {
		if !strings.Contains(zh, want) {
			t.Errorf("the Chinese report lacks %s", want)
		}
	}
	for _, want := range []string{"Report of changes", "示例〔2026〕3号", "示例网格长甲", "split", ">The Committee:<", ">Grid Office<"} {
		if !strings.Contains(en, want) {
			t.Errorf("the English report lacks %s", want)
		}
	}
	agency := p.as(access.Grant{Role: grids.RoleAgency, Territory: p.town.In.ID})
	if text := document(agency, "?lang=zh"); strings.Contains(text, "示例网格长甲") || !strings.Contains(text, "不公开") {
		t.Error("an agency reads names")
	}
	if a := p.send(http.MethodPut, p.base+"/publication-settings", `{"office":{"zh":"另一办公室","en":"Another office"}}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if text := document(p.site, "?lang=zh"); !strings.Contains(text, ">示例网格办<") || strings.Contains(text, "另一办公室") {
		t.Error("a published report is signed by another office later")
	}
	p.exec(`UPDATE people.assignment SET during = tstzrange(lower(during), clock_timestamp()) WHERE territory_id = $1 AND person_id = (SELECT id FROM people.person WHERE staff_no = 'R1') AND upper_inf(during)`, p.town.In.ID)
	if got := figures("2"); got != published {
		t.Errorf("later %s, at first %s", got, published)
	}
}

// Applied to the export of the edition before, the changes of an edition give its
// own: what agencies replay.
func TestChangesReplay(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	type cell struct{ code, name, geometry string }
	export := func() map[string]cell {
		t.Helper()
		list := map[string]cell{}
		for _, f := range p.get("/t/431000000000/collections/cells/items?limit=1000").json(t)["features"].([]any) {
			feature := f.(map[string]any)
			properties := feature["properties"].(map[string]any)
			shape, err := json.Marshal(feature["geometry"])
			if err != nil {
				t.Fatal(err)
			}
			list[fmt.Sprint(properties["uid"])] = cell{fmt.Sprint(properties["code"]), fmt.Sprint(properties["name"]), string(shape)}
		}
		return list
	}
	// a layer whose line lies elsewhere, and is adopted
	p.exec(`INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES ($1, 'safety', '安全生产', 'Work safety') ON CONFLICT DO NOTHING`, p.town.In.ID)
	for i, box := range [][4]float64{{0, 0, 1, 0.7}, {0, 0.7, 1, 3}, {1, 0, 2, 3}} {
		west, south := cellstest.At(box[0], box[1])
		east, north := cellstest.At(box[2], box[3])
		p.exec(`INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
			VALUES ($1, 'safety', $2, '示例', ST_Multi(ST_MakeEnvelope($3, $4, $5, $6, 4326)), 1, 'demo')`, p.town.In.ID, fmt.Sprint("S", i), west, south, east, north)
	}
	before := export()
	var drawn merge.Redrawn
	p.tx(func(ctx context.Context, tx pgx.Tx) error {
		u, err := editions.Unify(ctx, tx, p.town.In, grids.Local, editions.Wish{Layers: []grids.LayerCode{"safety"}, Publish: true, Rules: &merge.RuleList{Rules: []merge.Rule{
			{Kind: merge.Split, Resolution: merge.AdoptLayer}, {Kind: merge.Mismatch, Resolution: merge.AdoptLayer},
			{Kind: merge.NoneAccountable, Resolution: "accept-acting"}, {Kind: merge.TwoAccountable, Resolution: "accept-acting"}}}})
		if err == nil && u.Edition == nil {
			err = fmt.Errorf("not published: %+v", u.Blocking)
		}
		drawn = u.Drawn
		return err
	})
	if drawn.Changed == 0 {
		t.Errorf("no line moved: %+v", drawn)
	}
	moved := 0
	for _, x := range p.get(p.base + "/editions/2/changes").json(t)["changes"].([]any) {
		change := x.(map[string]any)
		uid := fmt.Sprint(change["uid"])
		after, there := change["after"].(map[string]any)
		if !there {
			delete(before, uid)
			continue
		}
		shape, err := json.Marshal(after["geometry"])
		if err != nil {
			t.Fatal(err)
		}
		moved++
		before[uid] = cell{fmt.Sprint(after["code"]), fmt.Sprint(after["name"]), string(shape)}
	}
	now := export()
	if !maps.Equal(before, now) || moved == 0 {
		t.Errorf("replayed %d changes: %d cells, exported %d", moved, len(before), len(now))
		for uid, want := range now {
			if before[uid] != want {
				t.Errorf("%s: %.200v, not %.200v", uid, before[uid], want)
			}
		}
	}
}
