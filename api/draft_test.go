package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"unigrid/grids/cells/cellstest"
	"unigrid/grids/editions/editionstest"
)

// planner is a person at the map of a town.
type planner struct {
	*site
	town *editionstest.Town
	base string
}

func newPlanner(t *testing.T) *planner {
	t.Helper()
	s := newSite(t)
	return &planner{site: s, town: editionstest.New(t, s.db, "4310", 2, 3), base: "/t/431000000000/v1"}
}

// cell gives {"uid","etag"} of a leaf as the planner sees it.
func (p *planner) cell(column, row int) string {
	p.t.Helper()
	list := p.get(fmt.Sprintf("%s/draft/cells?parent=%s", p.base, p.town.Column(column))).json(p.t)["features"].([]any)
	for _, f := range list {
		properties := f.(map[string]any)["properties"].(map[string]any)
		if properties["code"] == string(p.town.Leaf(column, row)) {
			return fmt.Sprintf(`{"uid":%q,"etag":%q}`, properties["uid"], properties["etag"])
		}
	}
	p.t.Fatalf("no leaf %d,%d", column, row)
	return ""
}

func (p *planner) post(path, body string, headers ...string) answer {
	p.t.Helper()
	return p.send(http.MethodPost, p.base+path, body, headers...)
}

// line is a LineString by columns and rows from the town's corner.
func line(at ...float64) string {
	var list []string
	for i := 0; i < len(at); i += 2 {
		lon, lat := cellstest.At(at[i], at[i+1])
		list = append(list, fmt.Sprintf("[%.7f,%.7f]", lon, lat))
	}
	return fmt.Sprintf(`{"type":"LineString","coordinates":[%s]}`, strings.Join(list, ","))
}

func polygon(at ...float64) string {
	ring := strings.TrimSuffix(strings.TrimPrefix(line(at...), `{"type":"LineString","coordinates":`), "}")
	return `{"type":"Polygon","coordinates":[` + ring + `]}`
}

// draftEdited is Edited with what the tests look at.
type draftEdited struct {
	Edition int
	Step    *struct {
		Step   int
		Kind   string
		Cells  []string
		Undone bool
	}
	Removed  []string
	Features struct {
		Features []struct {
			ID         string
			Properties struct {
				Code, Name, Etag string
				Leaf, Locked     bool
				Area_m2, Load    float64
				Compactness      float64
				Objects          int
			}
		}
	}
	Quality []struct {
		Code                   string
		Deviation, Compactness float64
		Parts                  int
	}
}

func readEdited(t *testing.T, a answer, status int) (e draftEdited) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDraftByHand(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	if a := p.get(p.base + "/draft"); a.status != 404 {
		t.Errorf("no draft: %d %s", a.status, a.body)
	}
	for _, path := range []string{"/draft/undo", "/draft/redo"} {
		if a := p.post(path, ""); a.status != 409 {
			t.Errorf("%s without a draft: %d %s", path, a.status, a.body)
		}
	}
	start := p.town.State()
	split := `{"op":"split","cell":` + p.cell(1, 1) + `,"line":` + line(-.1, .4, 1.1, .4) + `,"children":[{"name":"南村"},{"name":"北村"}]}`
	preview := readEdited(t, p.post("/draft/edits?preview=true", split), 200)
	if preview.Step != nil || len(preview.Features.Features) != 2 || len(preview.Removed) != 1 || len(preview.Quality) != 2 || preview.Edition != 2 {
		t.Errorf("preview %+v", preview)
	}
	if p.town.State() != start || p.get(p.base+"/draft").status != 404 {
		t.Error("a preview left something")
	}
	made := readEdited(t, p.post("/draft/edits", split), 201)
	if made.Step == nil || made.Step.Kind != "split" || len(made.Step.Cells) != 3 || len(made.Features.Features) != 2 || len(made.Removed) != 1 {
		t.Errorf("split %+v", made)
	}
	for i, f := range made.Features.Features {
		q := f.Properties
		if q.Code != fmt.Sprintf("43100100%d000", 4+i) || q.Name == "" || q.Etag != preview.Features.Features[i].Properties.Etag || !q.Leaf || q.Area_m2 <= 0 || q.Load <= 0 || q.Load >= 1 || q.Compactness <= .5 || q.Compactness > .8 {
			t.Errorf("%+v", q)
		}
	}
	merge := `{"op":"merge","cells":[` + p.cell(1, 2) + `,` + p.cell(1, 3) + `],"name":"合村"}`
	readEdited(t, p.post("/draft/edits", merge), 201)
	draft := p.get(p.base + "/draft").json(t)
	if steps := draft["steps"].([]any); len(steps) != 2 || draft["base"] != 1.0 || draft["edition"] != 2.0 || draft["redo"] != nil || draft["undo"].(map[string]any)["kind"] != "merge" {
		t.Errorf("%v", draft)
	}
	end := p.town.State()
	undone := readEdited(t, p.post("/draft/undo", ""), 200)
	if undone.Step == nil || !undone.Step.Undone || len(undone.Features.Features) != 2 || len(undone.Removed) != 1 {
		t.Errorf("undo %+v", undone)
	}
	readEdited(t, p.post("/draft/undo", ""), 200)
	if a := p.post("/draft/undo", ""); a.status != 409 {
		t.Errorf("undoing nothing: %d %s", a.status, a.body)
	}
	if p.town.State() != start {
		t.Error("undoing all does not give the start back")
	}
	readEdited(t, p.post("/draft/redo", ""), 200)
	readEdited(t, p.post("/draft/redo", ""), 200)
	if p.town.State() != end {
		t.Error("redoing all does not give the end back")
	}
	compared := p.get(p.base + "/editions/compare?from=1&to=draft").json(t)
	if totals := compared["totals"].(map[string]any); totals["split"] != 1.0 || totals["merged"] != 2.0 || totals["created"] != 3.0 {
		t.Errorf("%v", totals)
	}
	published := p.post("/draft/publish", `{"note":"合并"}`)
	if published.status != 200 || published.json(t)["edition"] != 2.0 {
		t.Fatalf("publish: %d %s", published.status, published.body)
	}
	p.town.Exact()
	first := p.get(p.base + "/editions/compare?from=1&to=2")
	if first.status != 200 || first.header.Get("ETag") == "" {
		t.Errorf("%d %s", first.status, first.header)
	}
	if again := p.get(p.base+"/editions/compare?from=1&to=2", "If-None-Match", first.header.Get("ETag")); again.status != 304 {
		t.Errorf("asked again: %d", again.status)
	}
	if a := p.post("/draft/publish", `{}`); a.status != 409 {
		t.Errorf("publishing nothing: %d %s", a.status, a.body)
	}
	readEdited(t, p.post("/draft/edits", `{"op":"rename","cell":`+p.cell(2, 1)+`,"name":"新村"}`), 201)
	if a := p.send(http.MethodDelete, p.base+"/draft", ""); a.status != 204 {
		t.Errorf("discard: %d %s", a.status, a.body)
	}
	if a := p.get(p.base + "/draft"); a.status != 404 {
		t.Errorf("after discarding: %d", a.status)
	}
	p.town.Exact()
}

func TestDraftRefuses(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	stale := p.cell(1, 1)
	readEdited(t, p.post("/draft/edits", `{"op":"rename","cell":`+p.cell(1, 1)+`,"name":"新村"}`), 201)
	readEdited(t, p.post("/draft/edits", `{"op":"lock","cell":`+p.cell(1, 3)+`,"locked":true,"reason":"勘界"}`), 201)
	start := p.town.State()
	var seen struct{ UID, Etag string }
	if err := json.Unmarshal([]byte(stale), &seen); err != nil {
		t.Fatal(err)
	}
	rename := `{"op":"rename","cell":` + stale + `,"name":"旧村"}`
	for name, test := range map[string]struct {
		path, body string
		headers    []string
		status     int
		has        string // member of the problem
	}{
		"stale":                   {"/draft/edits", rename, nil, 409, "conflicts"},
		"stale, If-Match":         {"/draft/edits", rename, []string{"If-Match", `"` + seen.Etag + `"`}, 412, "conflicts"},
		"another If-Match":        {"/draft/edits", rename, []string{"If-Match", `"x"`}, 400, "errors"},
		"stale draw":              {"/draft/draws", `{"parent":` + stale + `,"method":"balanced","into":2}`, nil, 409, "conflicts"},
		"a line that ends inside": {"/draft/edits", `{"op":"split","cell":` + p.cell(1, 1) + `,"line":` + line(-.1, .5, .5, .5) + `}`, nil, 422, "place"},
		"a locked border":         {"/draft/edits", `{"op":"move-boundary","cells":[` + p.cell(1, 2) + `,` + p.cell(1, 3) + `],"line":` + line(.2, 2, .5, 2.2, .8, 2) + `}`, nil, 422, "places"},
		"no such operation":       {"/draft/edits", `{"op":"paint"}`, nil, 400, "errors"},
		"an unknown member":       {"/draft/edits", `{"op":"split","cell":` + p.cell(1, 1) + `,"lines":[]}`, nil, 400, "errors"},
		"no line":                 {"/draft/edits", `{"op":"split","cell":` + p.cell(1, 1) + `}`, nil, 400, "errors"},
		"keep of what":            {"/draft/edits", `{"op":"rename","keep":"largest","cell":` + p.cell(1, 1) + `}`, nil, 400, "errors"},
		"an unknown parameter":    {"/draft/edits?dry=1", rename, nil, 400, "errors"},
		"a name twice":            {"/draft/edits?preview=true", `{"op":"rename","cell":` + p.cell(1, 2) + `,"name":"新村"}`, nil, 409, "detail"},
		"a draw over children":    {"/draft/draws", `{"parent":` + p.column(1) + `,"method":"balanced","into":4}`, nil, 409, "errors"},
		"a split that misses":     {"/draft/draws", `{"parent":` + p.cell(1, 1) + `,"method":"split","lines":{"type":"FeatureCollection","features":[{"type":"Feature","geometry":` + line(.1, .1, .1, .1) + `,"properties":{}}]}}`, nil, 400, "errors"},
		"a draw without number":   {"/draft/draws", `{"parent":` + p.cell(1, 1) + `,"method":"balanced"}`, nil, 400, "errors"},
	} {
		a := p.post(test.path, test.body, test.headers...)
		if body := a.json(t); a.status != test.status || body[test.has] == nil {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	conflict := p.post("/draft/edits", rename, "Accept-Language", "zh").json(t)["conflicts"].([]any)[0].(map[string]any)
	if conflict["yours"] != seen.Etag || conflict["uid"] != seen.UID || conflict["current"].(map[string]any)["properties"].(map[string]any)["name"] != "新村" {
		t.Errorf("%v", conflict)
	}
	for _, query := range []string{"", "?parent=x", "?tier=3&parent=431001000000", "?tier=0", "?tier=3&bbox=1", "?what=1"} {
		if a := p.get(p.base + "/draft/cells" + query); a.status != 400 && a.status != 404 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
	for _, query := range []string{"?from=1", "?from=2&to=2", "?from=1&to=7", "?from=9&to=draft", "?from=x&to=2", "?from=1&to=drafts"} {
		if a := p.get(p.base + "/editions/compare" + query); a.status != 400 && a.status != 404 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
	if p.town.State() != start {
		t.Error("something was changed all the same")
	}
}

func (p *planner) column(column int) string {
	p.t.Helper()
	for _, f := range p.get(p.base + "/draft/cells?tier=2").json(p.t)["features"].([]any) {
		properties := f.(map[string]any)["properties"].(map[string]any)
		if properties["code"] == string(p.town.Column(column)) {
			return fmt.Sprintf(`{"uid":%q,"etag":%q}`, properties["uid"], properties["etag"])
		}
	}
	p.t.Fatalf("no column %d", column)
	return ""
}

func TestDraftDraws(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	start := p.town.State()
	body := `{"parent":` + p.column(1) + `,"method":"balanced","into":4,"load":{"area":1},"replace":true}`
	preview := readEdited(t, p.post("/draft/draws?preview=true", body), 200)
	if len(preview.Features.Features) != 4 || len(preview.Quality) != 4 {
		t.Errorf("preview %+v", preview)
	}
	if p.town.State() != start {
		t.Error("a preview left something")
	}
	made := readEdited(t, p.post("/draft/draws", body), 201)
	if made.Step == nil || made.Step.Kind != "draw" || len(made.Features.Features) != 4 || made.Features.Features[3].Properties.Code != "431001004000" {
		t.Errorf("draw %+v", made)
	}
	p.town.Exact()
	readEdited(t, p.post("/draft/undo", ""), 200)
	if p.town.State() != start {
		t.Error("undoing a draw that replaced cells does not give these back")
	}
	readEdited(t, p.post("/draft/edits", `{"op":"lock","cell":`+p.cell(1, 3)+`,"locked":true,"reason":"勘界"}`), 201)
	kept := p.cell(1, 3)
	readEdited(t, p.post("/draft/draws", `{"parent":`+p.column(1)+`,"method":"balanced","into":3,"keep_locked":true,"replace":true}`), 201)
	if p.cell(1, 3) != kept {
		t.Error("a statutory cell was drawn anew")
	}
	p.town.Exact()
	byLine := readEdited(t, p.post("/draft/draws", `{"parent":`+p.cell(2, 2)+`,"method":"split","lines":{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":`+line(.8, 1.4, 2.2, 1.6)+`,"properties":null}]}}`), 201)
	if len(byLine.Features.Features) != 2 {
		t.Errorf("split by a line %+v", byLine)
	}
	p.town.Exact()
	lon, lat := cellstest.At(1.3, .3)
	east, north := cellstest.At(1.7, .7)
	nearest := fmt.Sprintf(`{"parent":%s,"method":"nearest","points":{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":{"type":"Point","coordinates":[%f,%f]},"properties":{"code":"431002001001","name":"一组"}},
		{"type":"Feature","geometry":{"type":"Point","coordinates":[%f,%f]},"properties":{"code":"431002001002","name":"二组"}}]}}`, p.cell(2, 1), lon, lat, east, north)
	drawn := readEdited(t, p.post("/draft/draws", nearest), 201)
	if len(drawn.Features.Features) != 2 || drawn.Features.Features[1].Properties.Name != "二组" || len(drawn.Removed) != 0 {
		t.Errorf("nearest %+v", drawn)
	}
	hand := readEdited(t, p.post("/draft/edits", `{"op":"hand","parent":`+p.column(2)+`,"polygon":`+polygon(1.2, 2.2, 1.8, 2.2, 1.8, 2.8, 1.2, 2.8, 1.2, 2.2)+`,"name":"园区"}`), 201)
	if len(hand.Features.Features) != 2 {
		t.Errorf("hand %+v", hand)
	}
	p.town.Exact()
}

// Two planners send an edit of the same cell at once, many times.
func TestTwoPlannersOverHTTP(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	for round := range 20 {
		body := `{"op":"rename","cell":` + p.cell(1, 1) + `,"name":"村%d-%d"}`
		statuses := make([]int, 2)
		var group sync.WaitGroup
		for i := range statuses {
			group.Go(func() { statuses[i] = p.post("/draft/edits", fmt.Sprintf(body, round, i)).status })
		}
		group.Wait()
		if statuses[0]+statuses[1] != 201+409 {
			t.Fatalf("round %d: %v", round, statuses)
		}
	}
}

func TestPublishSaysWhatBlocks(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	readEdited(t, p.post("/draft/edits", `{"op":"rename","cell":`+p.cell(1, 1)+`,"name":"新村"}`), 201)
	p.exec(`UPDATE cells.version SET geom = ST_Multi(ST_Difference(geom, ST_Expand(ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 1), 1e-4))) WHERE territory_id = $1 AND from_edition = 2`, p.town.Territory)
	a := p.post("/draft/publish", `{}`)
	blocking, _ := a.json(t)["blocking"].([]any)
	if a.status != 409 || len(blocking) == 0 || blocking[0].(map[string]any)["lon"] == nil {
		t.Errorf("%d %s", a.status, a.body)
	}
}
