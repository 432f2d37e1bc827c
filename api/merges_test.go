package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/merge"
)

// layered is a published territory whose environment layer has its line at
// 113.04, where the unified one between two villages of a town is at 113.05.
func (s *site) layered() *land {
	s.t.Helper()
	l := s.draft("4302", "示例市", 113, 27.5, 2)
	l.exec(`UPDATE cells.version SET geom = ST_SnapToGrid(ST_Segmentize(geom, 0.05), 1e-7) WHERE territory_id = $1`, l.id) // neighbours and tiers share their vertices
	l.publish(1)
	l.person("P2", "示例人员 0002")
	l.layerCell("environment", "ENV1", "", `SELECT ST_MakeEnvelope(113, 27.5, 113.04, 27.7, 4326) FROM (SELECT $1::int) t`)
	l.layerCell("environment", "ENV2", "", `SELECT ST_MakeEnvelope(113.04, 27.5, 113.4, 27.7, 4326) FROM (SELECT $1::int) t`)
	return l
}

// must sends a body and gives the answer, which must have a status.
func (s *site) must(status int, method, path, body string) map[string]any {
	s.t.Helper()
	a := s.send(method, path, body)
	if a.status != status {
		s.t.Fatalf("%s %s %s: %d %s", method, path, body, a.status, a.body)
	}
	return a.json(s.t)
}

// seen is a village of the first town as an edit names it.
func (s *site) seen(code string) string {
	s.t.Helper()
	for _, f := range s.get("/v1/draft/cells?parent=430202001000").json(s.t)["features"].([]any) {
		f := f.(map[string]any)
		if p := f["properties"].(map[string]any); p["code"] == code {
			return fmt.Sprintf(`{"uid":%q,"etag":%q}`, f["id"], p["etag"])
		}
	}
	s.t.Fatalf("no village %s", code)
	return ""
}

func (s *site) lines() (ids []float64) {
	s.t.Helper()
	for _, c := range s.get("/v1/conflicts?layer=environment&within=430202001000&sort=cell").json(s.t)["conflicts"].([]any) {
		if c := c.(map[string]any); c["kind"] == "split" || c["kind"] == "boundary-mismatch" {
			ids = append(ids, c["id"].(float64))
		}
	}
	return ids
}

// A planner settles a conflict by moving the line by hand: the next merge has no
// such conflict any more, or judges anew what is left of it.
func TestConflictsEditedByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.layered()
	m := s.must(201, "POST", "/v1/merges", `{"layers":["environment"]}`)
	if m["draft"] != true || m["edition"] != 2.0 || m["total"].(float64) < 2 {
		t.Error(m)
	}
	ids := s.lines()
	if len(ids) != 1 {
		t.Fatalf("%v", ids)
	}
	path := fmt.Sprintf("/v1/conflicts/%.0f", ids[0])
	s.must(200, "POST", path+"/settle", `{"resolution":"keep-base-boundary","reason":"先按村界","version":0}`)
	move := func(line string) {
		t.Helper()
		s.must(201, "POST", "/v1/draft/edits", fmt.Sprintf(`{"op":"move-boundary","cells":[%s,%s],"line":{"type":"LineString","coordinates":%s}}`,
			s.seen("430202001001"), s.seen("430202001002"), line))
	}
	move(`[[113.05,27.5],[113.046,27.500001],[113.046,27.699999],[113.05,27.7]]`)
	if m := s.get("/v1/merges/current").json(t); m["has_changed"] != true {
		t.Error(m)
	}
	s.must(201, "POST", "/v1/merges", `{"layers":["environment"]}`)
	if again := s.lines(); len(again) != 1 {
		t.Fatalf("%v after %v", again, ids)
	}
	shown := s.get(fmt.Sprintf("/v1/conflicts/%.0f", s.lines()[0])).json(t)
	if shown["state"] != "open" || shown["resolution"] != nil {
		t.Errorf("what is left of it is not judged anew: %v", shown)
	}
	move(`[[113.046,27.500001],[113.04,27.500002],[113.04,27.699998],[113.046,27.699999]]`)
	s.must(201, "POST", "/v1/merges", `{"layers":["environment"]}`)
	if left := s.lines(); len(left) != 0 {
		t.Errorf("left of it: %v", left)
	}
	if a := s.get(path); a.status != http.StatusGone {
		t.Errorf("gone: %d %s", a.status, a.body)
	}
}

// A merge over HTTP from the layers to what is published: rules are saved,
// previewed and applied, lines drawn, the rest settled as proposed.
func TestWholeMerge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.layered()
	if a := s.send("POST", "/v1/merges", `{"base":"safety"}`); a.status != 400 {
		t.Errorf("by a base that has no cells: %d %s", a.status, a.body)
	}
	s.must(201, "POST", "/v1/merges", `{}`)
	rules := `{"rules":[
	  {"kind":"split","layer":"environment","when":{"width_m_below":20},"resolution":"keep-base-boundary","reason":{"zh":"窄","en":"narrow"}},
	  {"kind":"split","layer":"environment","resolution":"adopt-layer-boundary","reason":{"zh":"以环境网格为准","en":"as environment has it"}}]`
	preview := s.must(200, "POST", "/v1/merges/rules/preview", rules+`}`)
	effects := preview["rules"].([]any)
	if fmt.Sprint(effects[0].(map[string]any)["fits"], effects[1].(map[string]any)["decides"]) != "0 1" || preview["open"].(float64)-preview["left"].(float64) != 1 {
		t.Error(preview)
	}
	if sample := effects[1].(map[string]any)["samples"].([]any)[0].(map[string]any); sample["resolution"] != "adopt-layer-boundary" || sample["state"] != "open" {
		t.Error(sample)
	}
	if shipped := s.get("/v1/merges/rules").json(t); shipped["version"] != 0.0 || len(shipped["rules"].([]any)) < 5 {
		t.Error(shipped)
	}
	s.must(200, "PUT", "/v1/merges/rules", rules+`,"version":0}`)
	s.must(409, "PUT", "/v1/merges/rules", rules+`,"version":0}`)
	s.must(400, "PUT", "/v1/merges/rules", `{"rules":[{"kind":"split","resolution":"roster-first","reason":{"zh":"错","en":"wrong"}}],"version":1}`)
	for _, wrong := range []string{`"kind":"split","layer":"forests","resolution":"keep-base-boundary"`, `"kind":"two-accountable","resolution":"layer:forests"`} {
		list := `{"rules":[{` + wrong + `,"reason":{"zh":"错","en":"wrong"}}]`
		s.must(400, "POST", "/v1/merges/rules/preview", list+`}`)
		s.must(400, "PUT", "/v1/merges/rules", list+`,"version":1}`)
	}
	s.must(409, "POST", "/v1/merges/rules/apply", `{"version":0}`)
	applied := s.must(200, "POST", "/v1/merges/rules/apply", `{"version":1}`)
	if applied["settled"] != 1.0 || applied["merge"].(map[string]any)["to_draw"] != 1.0 {
		t.Error(applied)
	}
	drawn := s.must(201, "POST", "/v1/merges/draw", "")
	if d := drawn["drawn"].(map[string]any); d["changed"] != 2.0 || drawn["merge"].(map[string]any)["to_draw"] != 0.0 || drawn["merge"].(map[string]any)["has_changed"] != false {
		t.Error(drawn)
	}
	if left := s.lines(); len(left) != 0 {
		t.Errorf("lines left: %v", left)
	}
	for lang, says := range map[string]string{"zh": merge.NoneAccountable.Name().ZH + "\uff1a", "en": merge.NoneAccountable.Name().EN + ": "} {
		blocked := s.send("POST", "/v1/draft/publish", `{}`, "Accept-Language", lang)
		if list, _ := blocked.json(t)["blocking"].([]any); blocked.status != 409 || len(list) == 0 || !strings.HasPrefix(list[0].(map[string]any)["message"].(string), says) {
			t.Errorf("%s: %d %s", lang, blocked.status, blocked.body)
		}
	}
	many := s.must(200, "POST", "/v1/conflicts/settle", `{"filter":{},"resolution":"proposal","reason":"按建议"}`)
	if len(many["skipped"].([]any)) != 0 || many["settled"].(float64) < 1 {
		t.Error(many)
	}
	s.must(400, "POST", "/v1/conflicts/settle", `{"resolution":"proposal","reason":"按建议"}`)
	if m := s.get("/v1/merges/current").json(t); m["open"] != 0.0 || m["blocking_open"] != 0.0 {
		t.Error(m)
	}
	s.must(200, "POST", "/v1/draft/publish", `{"note":"统一网格"}`)
	m := s.get("/v1/merges/current").json(t)
	if m["draft"] != false || m["total"] == 0.0 {
		t.Error(m)
	}
	// what is published can be read and not decided
	c := s.get("/v1/conflicts?limit=1").json(t)["conflicts"].([]any)[0].(map[string]any)
	path := fmt.Sprintf("/v1/conflicts/%.0f", c["id"])
	if shown := s.get(path).json(t); shown["draft"] != false || len(shown["history"].([]any)) == 0 {
		t.Error(shown)
	}
	refused := s.must(409, "POST", path+"/reopen", fmt.Sprintf(`{"reason":"重开","version":%.0f}`, c["version"]))
	if !strings.Contains(fmt.Sprint(refused), "published") {
		t.Error(refused)
	}
}

// A fifth layer is added through the API, without code, and merged with the
// others to what is published.
func TestFifthLayer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.layered()
	made := s.must(201, "POST", "/v1/layers", `{"code":"market","name":{"zh":"市场监管","en":"Market regulation"},"department":"市场监督管理局","colour":"#7048e8","rank":5}`)
	if made["geometry"] != "areas" || made["cells"] != 0.0 {
		t.Error(made)
	}
	s.must(409, "POST", "/v1/layers", `{"code":"market","name":{"zh":"市场监管","en":"Market regulation"}}`)
	s.must(404, "PATCH", "/v1/layers/none", `{"rank":1}`)
	s.must(400, "PATCH", "/v1/layers/market", `{"name":{"zh":" ","en":"x"}}`)
	l.layerCell("market", "MR1", "P2", `SELECT ST_MakeEnvelope(113, 27.5, 113.2, 27.7, 4326) FROM (SELECT $1::int) t`)
	m := s.must(201, "POST", "/v1/merges", `{"layers":["market","environment"]}`)
	if fmt.Sprint(m["layers"]) != "[environment market]" {
		t.Error(m["layers"])
	}
	gaps := s.get("/v1/conflicts?layer=market&kind=gap").json(t)["matched"]
	if gaps != 4.0 {
		t.Errorf("%v villages without a cell of market regulation, of 4", gaps)
	}
	s.must(200, "POST", "/v1/conflicts/settle", `{"filter":{},"resolution":"proposal","reason":"按建议"}`)
	s.must(200, "POST", "/v1/draft/publish", `{}`)
	if got := s.get("/collections/crosswalk/items?layer=market&limit=100").json(t)["numberMatched"]; got != 8.0 {
		t.Errorf("%v pieces of the fifth layer in the crosswalk", got)
	}
	renamed := s.must(200, "PATCH", "/v1/layers/market", `{"name":{"zh":"市场","en":"Markets"}}`)
	if before := renamed["before"].([]any); len(before) != 1 || !strings.Contains(fmt.Sprint(before), "市场监管") || renamed["cells"] != 1.0 || renamed["department"] != "市场监督管理局" {
		t.Error(renamed)
	}
	if list := s.get("/v1/layers").json(t)["layers"].([]any); len(list) != 5 || !strings.Contains(fmt.Sprint(list[2]), "河湖长制") || !strings.Contains(fmt.Sprint(list[2]), "both") {
		t.Error(list)
	}
	other := s.as(access.Grant{Role: grids.RoleDepartment, Territory: l.id, Layers: []grids.LayerCode{"safety"}})
	if a := other.send("PATCH", "/v1/layers/market", `{"rank":1}`); a.status != 403 {
		t.Errorf("another department's layer: %d %s", a.status, a.body)
	}
}
