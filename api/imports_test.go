package api_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells/cellstest"
)

// clerk is a person with a file to bring in.
type clerk struct{ *planner }

func newClerk(t *testing.T) clerk {
	t.Helper()
	c := clerk{newPlanner(t)}
	c.work()
	return c
}

// events reads an import's stream to its end.
func (c clerk) events(id int64) []api.Import {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, fmt.Sprintf("%s%s/imports/%d/events", c.server.URL, c.base, id), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("Cookie", c.cookie)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	h := response.Header
	if response.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/event-stream") || h.Get("Cache-Control") != "no-store" || h.Get("Content-Encoding") != "" {
		c.t.Fatalf("%d %s", response.StatusCode, h)
	}
	var list []api.Import
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for n := 0; lines.Scan(); n++ {
		line := lines.Text()
		data, isData := strings.CutPrefix(line, "data: ")
		switch {
		case n == 0 && !strings.HasPrefix(line, "retry: "):
			c.t.Errorf("the stream begins with %q", line)
		case isData:
			var one api.Import
			if err := json.Unmarshal([]byte(data), &one); err != nil {
				c.t.Fatal(err)
			}
			list = append(list, one)
		case line != "" && line != "event: import" && !strings.HasPrefix(line, ":") && !strings.HasPrefix(line, "retry: "):
			c.t.Errorf("unknown line %q", line)
		}
	}
	if err := lines.Err(); err != nil || len(list) == 0 {
		c.t.Fatalf("%d events, %v", len(list), err)
	}
	return list
}

// settled waits until nothing more happens to an import by itself.
func (c clerk) settled(id int64) api.Import {
	c.t.Helper()
	list := c.events(id)
	return list[len(list)-1]
}

// bring uploads a file and makes an import of it, which is read.
func (c clerk) bring(name string, content []byte, words string) api.Import {
	c.t.Helper()
	a := c.post("/imports", fmt.Sprintf(`{"upload":%q,%s}`, c.upload(strings.TrimSuffix(c.base, "/v1"), name, content), words))
	made := readImport(c.t, a, 201)
	if want := fmt.Sprintf("%s%s/imports/%d", c.server.URL, c.base, made.Id); a.header.Get("Location") != want {
		c.t.Errorf("Location %s, want %s", a.header.Get("Location"), want)
	}
	return c.settled(made.Id)
}

func readImport(t testing.TB, a answer, status int) (i api.Import) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &i); err != nil {
		t.Fatal(err)
	}
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s", a.header)
	}
	return i
}

func (c clerk) patch(id int64, body string, status int) answer {
	c.t.Helper()
	a := c.send(http.MethodPatch, fmt.Sprintf("%s/imports/%d", c.base, id), body)
	if a.status != status {
		c.t.Fatalf("%s: %d %s", body, a.status, a.body)
	}
	return a
}

// enterprises are firms of the town as GeoJSON; their names need GB18030.
func enterprises(firms ...string) string {
	var list []string
	for i, firm := range firms {
		code, name, _ := strings.Cut(firm, " ")
		lon, lat := cellstest.At(.3+float64(i)*.2, .4)
		list = append(list, fmt.Sprintf(`{"type":"Feature","properties":{"编码":%q,"名称":%q},"geometry":{"type":"Point","coordinates":[%.7f,%.7f]}}`, code, name, lon, lat))
	}
	return `{"type":"FeatureCollection","features":[` + strings.Join(list, ",") + `]}`
}

// shapefile makes a zipped shapefile in GBK of GeoJSON, with a .cpg of its own.
func shapefile(t *testing.T, text, cpg string) []byte {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "in.geojson")
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	gdal(t, "ogr2ogr", "-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", filepath.Join(dir, "企业.shp"), source)
	if err := os.WriteFile(filepath.Join(dir, "企业.cpg"), []byte(cpg), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, ending := range []string{".shp", ".shx", ".dbf", ".prj", ".cpg"} {
		content, err := os.ReadFile(filepath.Join(dir, "企业"+ending))
		if err != nil {
			t.Fatal(err)
		}
		part, err := w.Create("企业" + ending)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// From a file whose .cpg lies to firms on the map, and back.
func TestImportOfShapefile(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	const first, second = "E1 洣江化工", "E2 董家塅机械"
	file := shapefile(t, enterprises(first, second), "ISO-8859-1")
	read := c.bring("企业.zip", file, `"target":"enterprises"`)
	if read.Source.Rows != 2 || read.Source.Geometry != "point" || read.File != "企业.zip" || read.State == "applied" || read.ExpiresAt == nil {
		t.Fatalf("%+v", read)
	}
	if strings.Contains(fmt.Sprint(read.Source.Columns), "洣江") {
		t.Fatalf("the lying .cpg was not believed; this test needs another lie: %+v", read.Source)
	}
	changed := readImport(t, c.patch(read.Id, `{"encoding":"gb18030"}`, 202), 202)
	if changed.Encoding != "gb18030" {
		t.Errorf("%+v", changed)
	}
	events := c.events(read.Id)
	order := []string{"received", "reading", "read", "checking", "ready"}
	last := 0
	for _, e := range events {
		at := slices.Index(order, string(e.State))
		if at < last {
			t.Errorf("state %s after %s", e.State, order[last])
		}
		last = max(at, last)
	}
	ready := events[len(events)-1]
	if ready.State != "ready" || ready.Report == nil || ready.Report.Created != 2 || ready.Report.Rejected != 0 || ready.Mapping["name"] != "名称" || ready.Error != nil {
		t.Fatalf("%+v %+v", ready, ready.Report)
	}
	place := fmt.Sprintf("%s/imports/%d", c.base, read.Id)
	rows := c.get(place + "/rows?limit=1&offset=1").json(t)
	if fmt.Sprint(rows["total"]) != "2" || !strings.Contains(fmt.Sprint(rows["rows"]), "董家塅机械") {
		t.Errorf("%v", rows)
	}
	lon, lat := cellstest.At(.3, .4)
	features := c.get(fmt.Sprintf("%s/features?bbox=%f,%f,%f,%f", place, lon-1e-4, lat-1e-4, lon+1e-4, lat+1e-4))
	if list := features.json(t)["features"].([]any); len(list) != 1 || features.json(t)["more"] != false || !strings.Contains(string(features.body), "洣江化工") {
		t.Errorf("%s", features.body)
	}
	differences := c.get(place + "/differences").json(t)
	if fmt.Sprint(differences["created"], differences["total"]) != "2 2" {
		t.Errorf("%v", differences)
	}
	if a := c.get(place + "/rejects"); a.status != 404 {
		t.Errorf("no rejects: %d %s", a.status, a.body)
	}
	report := c.get(place+"/report.csv", "Accept-Language", "zh")
	if d := report.header.Get("Content-Disposition"); report.status != 200 || d != "attachment; filename*=utf-8''%E4%BC%81%E4%B8%9A_%E9%97%AE%E9%A2%98%E6%B8%85%E5%8D%95.csv" ||
		report.header.Get("X-Content-Type-Options") != "nosniff" || report.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s", report.status, report.header)
	}
	seen := func() int { return len(codes(t, c.get("/t/431000000000/collections/enterprises/items"))) }
	if seen() != 0 {
		t.Error("firms are there before they count")
	}
	readImport(t, c.post(fmt.Sprintf("/imports/%d/apply", read.Id), ""), 202)
	applied := c.settled(read.Id)
	if applied.State != "applied" || applied.AppliedAt == nil || !applied.Undo.Possible || applied.Report.Applied != 2 {
		t.Fatalf("%+v %+v", applied, applied.Error)
	}
	if seen() != 2 {
		t.Error("firms are not there")
	}
	again := c.bring("企业.zip", file, `"target":"enterprises","encoding":"gb18030"`)
	if again.State != "ready" || again.Report.Unchanged != 2 || again.Report.Created != 0 {
		t.Errorf("the same file once more: %+v %+v", again, again.Report)
	}
	undone := readImport(t, c.post(fmt.Sprintf("/imports/%d/undo", read.Id), ""), 200)
	if undone.State != "undone" || undone.UndoneAt == nil || undone.Undo.Possible || undone.Undo.Why == "" {
		t.Errorf("%+v", undone)
	}
	if seen() != 0 {
		t.Error("firms are there after the import was undone")
	}
	if list := c.get(c.base + "/imports").json(t)["imports"].([]any); len(list) != 2 {
		t.Errorf("%d imports", len(list))
	}
	if a := c.send(http.MethodDelete, fmt.Sprintf("%s/imports/%d", c.base, again.Id), ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := c.get(fmt.Sprintf("%s/imports/%d", c.base, again.Id)); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A file of unknown coordinate system whose axes are exchanged is put right by
// the candidate that says so; a profile keeps that.
func TestImportOfExchangedAxes(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	lon, lat := cellstest.At(.3, .4)
	file := fmt.Sprintf(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"编码":"E1","名称":"甲"},"geometry":{"type":"Point","coordinates":[%.7f,%.7f]}}]}`, lat, lon)
	i := c.bring("企业.geojson", []byte(file), `"target":"enterprises"`)
	if i.State != "read" || i.SwapAxes || len(i.Source.CrsCandidates) == 0 || !i.Source.CrsCandidates[0].Swapped || !strings.Contains(i.Source.CrsCandidates[0].Why, "x and y") {
		t.Fatalf("%+v", i)
	}
	if a := c.get(fmt.Sprintf("%s/imports/%d", c.base, i.Id), "Accept-Language", "zh"); !strings.Contains(string(a.body), "X、Y 对调") {
		t.Errorf("%s", a.body)
	}
	first := i.Source.CrsCandidates[0]
	chosen := readImport(t, c.patch(i.Id, fmt.Sprintf(`{"crs":"EPSG:%d","swap_axes":true}`, first.Epsg), 202), 202)
	if !chosen.SwapAxes {
		t.Errorf("%+v", chosen)
	}
	i = c.settled(i.Id)
	if i.State != "ready" || i.Report.Created != 1 || i.Report.Warnings != 0 || i.Source.Extent == nil || (*i.Source.Extent)[0] < lon-1e-4 || (*i.Source.Extent)[0] > lon {
		t.Fatalf("%+v %+v", i, i.Report)
	}
	if a := c.send(http.MethodPut, c.base+"/import-profiles/reversed", fmt.Sprintf(`{"import":%d}`, i.Id)); a.status != 200 || a.json(t)["swap_axes"] != true {
		t.Errorf("%d %s", a.status, a.body)
	}
	if next := c.bring("企业.geojson", []byte(file), `"target":"enterprises","profile":"reversed"`); next.State != "ready" || !next.SwapAxes {
		t.Errorf("%+v", next)
	}
	if named := c.bring("企业.geojson", []byte(file), fmt.Sprintf(`"target":"enterprises","crs":"EPSG:%d","swap_axes":true`, first.Epsg)); named.State != "ready" {
		t.Errorf("%+v", named)
	}
	c.patch(i.Id, `{"swap_axes":false}`, 202)
	if i = c.settled(i.Id); i.SwapAxes || i.Report != nil && i.Report.Warnings == 0 {
		t.Errorf("%+v", i)
	}
}

// What is not a file of the kind that it says ends as a failure that says why.
func TestImportOfWrongFiles(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	for name, content := range map[string]string{"a.zip": "not a zip", "b.xlsx": "PK\x03\x04broken", "c.geojson": "{", "d.csv": "\x00\x01\x02", "e.rar": "Rar!\x1a\x07\x00x"} {
		failed := c.bring(name, []byte(content), `"target":"enterprises"`)
		if failed.State != "failed" || failed.Error == nil || failed.Error.Detail == "" {
			t.Errorf("%s: %+v %+v", name, failed, failed.Error)
			continue
		}
		said := failed.Error.Detail + failed.Error.Fix
		if strings.Contains(said, c.folder) || regexp.MustCompile(`[0-9a-f]{32}`).MatchString(said) {
			t.Errorf("%s tells of the server's folders and files: %+v", name, failed.Error)
		}
		if a := c.post(fmt.Sprintf("/imports/%d/apply", failed.Id), ""); a.status != 409 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// Telephone numbers in a file of people are read by who sent it alone.
func TestTelephonesInRowsAreMasked(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	i := c.bring("people.csv", []byte("工号,姓名,联系电话\nP1,赵试一,13807330003\nP2,,13907337777\n"), `"target":"people"`)
	place := fmt.Sprintf("%s/imports/%d", c.base, i.Id)
	for _, own := range []bool{true, false} {
		rows, rejects := c.get(place+"/rows"), c.get(place+"/rejects")
		if !own {
			other := c.as(access.Grant{Role: grids.RoleGIS, Territory: c.town.In.ID})
			rows, rejects = other.bare(http.MethodGet, place+"/rows", ""), other.bare(http.MethodGet, place+"/rejects", "")
		}
		if rows.status != 200 || strings.Contains(string(rows.body), "13807330003") != own || !strings.Contains(string(rows.body), "138") {
			t.Errorf("own %t: %d %s", own, rows.status, rows.body)
		}
		if (rejects.status == 200) != own || !own && rejects.status != 403 {
			t.Errorf("own %t: %d %s", own, rejects.status, rejects.body)
		}
	}
}

// What was refused isn't applied as it was asked for before.
func TestRefusedWordsAreNotApplied(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	i := c.bring("a.csv", []byte("编码,名称,经度,纬度,电话\nE1,甲,113.1,27.1,13800000000\n"), `"target":"enterprises"`)
	gis := c.as(access.Grant{Role: grids.RoleGIS, Territory: c.town.In.ID})
	path := fmt.Sprintf("%s/imports/%d", c.base, i.Id)
	if a := gis.bare(http.MethodPatch, path, `{"personal":{"columns":["电话"],"reason":"工作需要"}}`); a.status != 202 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if i = c.settled(i.Id); i.State != "failed" {
		t.Fatalf("%+v", i)
	}
	if a := c.post(fmt.Sprintf("/imports/%d/apply", i.Id), ""); a.status != 409 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestImportWordsAreChecked(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	i := c.bring("a.csv", []byte("编码,名称,经度,纬度,电话\nE1,甲,113.1,27.1,13800000000\n"), `"target":"enterprises"`)
	for body, says := range map[string]string{
		`{}`:                                    "body",
		`{"target":"ships"}`:                    "target",
		`{"crs":"EPSG:99999"}`:                  "crs",
		`{"crs":"4547"}`:                        "crs",
		`{"encoding":"klingon"}`:                "encoding",
		`{"target":"cells","tier":9}`:           "tier",
		`{"target":"layer-cells","layer":"no"}`: "layer",
		`{"map":{"name":"没有"}}`:                 "map.name",
		`{"map":{"nmae":"名称"}}`:                 "map.nmae",
		`{"publish":["没有"]}`:                    "publish",
		`{"personal":{"columns":["没有"],"reason":"工作需要"}}`: "personal.columns",
		`{"personal":{"columns":["电话"],"reason":"    "}}`: "personal.reason",
		`{"personal":{"columns":["电话"],"reason":""}}`:     "personal.reason",
		`{"choices":{"x":"1"}}`:                           "choices",
		`{"profile":"没有"}`:                                "profile",
		`{"unknown":1}`:                                   "body",
		`not json`:                                        "body",
	} {
		a := c.send(http.MethodPatch, fmt.Sprintf("%s/imports/%d", c.base, i.Id), body)
		if a.status != 400 && (a.status != 404 || says != "profile") || !strings.Contains(string(a.body), says) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	if now := readImport(t, c.get(fmt.Sprintf("%s/imports/%d", c.base, i.Id)), 200); fmt.Sprint(now.State, now.Map, now.Target) != fmt.Sprint(i.State, i.Map, i.Target) {
		t.Errorf("a refused word changed the import: %+v", now)
	}
	for body, says := range map[string]string{
		`{"upload":"00000000000000000000000000000000","target":"cells"}`: "upload",
		`{"upload":"../../etc/passwd","target":"cells"}`:                 "upload",
		`{"target":"cells"}`: "upload",
		fmt.Sprintf(`{"upload":%q,"target":"cells","tier":77}`, c.upload("/t/431000000000", "b.csv", []byte("x"))): "tier",
	} {
		a := c.post("/imports", body)
		if a.status != 400 && a.status != 404 || !strings.Contains(string(a.body), says) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	// a file can't become two imports, nor one of another territory
	used := c.upload("/t/431000000000", "c.csv", []byte("编码,名称\nE1,甲\n"))
	body := fmt.Sprintf(`{"upload":%q,"target":"enterprises"}`, used)
	c.draft("4302", "邻市", 110, 20, 1)
	if a := c.send(http.MethodPost, "/t/430200000000/v1/imports", body); a.status != 404 {
		t.Errorf("foreign upload: %d %s", a.status, a.body)
	}
	made := readImport(t, c.post("/imports", body), 201)
	place := fmt.Sprintf("%s%s/imports/%d", c.server.URL, c.base, made.Id)
	if a := c.post("/imports", body); a.status != 409 || !strings.Contains(string(a.body), fmt.Sprint(made.Id)) || a.header.Get("Location") != place {
		t.Errorf("twice: %d %s", a.status, a.body)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		if a := c.send(method, fmt.Sprintf("/t/430200000000/v1/imports/%d", made.Id), ""); a.status != 404 {
			t.Errorf("foreign import: %d %s", a.status, a.body)
		}
	}
}

// Every request that an import's state forbids is refused with that state and
// what to do.
func TestImportStates(t *testing.T) {
	t.Parallel()
	p := newPlanner(t) // its queue stands still
	made := readImport(t, p.post("/imports", fmt.Sprintf(`{"upload":%q,"target":"enterprises"}`,
		p.upload("/t/431000000000", "a.csv", []byte("编码,名称\nE1,甲\n")))), 201)
	if made.State != "received" {
		t.Fatalf("%+v", made)
	}
	place := fmt.Sprintf("%s/imports/%d", p.base, made.Id)
	requests := map[string]func() answer{
		"patch":  func() answer { return p.send(http.MethodPatch, place, `{"strict":true}`) },
		"apply":  func() answer { return p.send(http.MethodPost, place+"/apply", "") },
		"undo":   func() answer { return p.send(http.MethodPost, place+"/undo", "") },
		"rows":   func() answer { return p.get(place + "/rows") },
		"map":    func() answer { return p.get(place + "/features") },
		"report": func() answer { return p.get(place + "/report.csv") },
		"reject": func() answer { return p.get(place + "/rejects") },
	}
	for state, allowed := range map[string]string{
		"received": "patch", "reading": "patch", "read": "patch rows map report", "checking": "patch rows map report", "ready": "patch apply rows map report reject",
		"applying": "rows map report reject", "failed": "patch rows map report", "applied": "undo rows map report reject", "undone": "rows map report reject",
	} {
		for name, request := range requests {
			p.exec(`DELETE FROM jobs.river_job`)
			p.exec(`UPDATE staging.batch SET state = $3, report = CASE WHEN $3 IN ('ready', 'applying', 'applied', 'undone') THEN '{}'::jsonb END
				WHERE territory_id = $1 AND id = $2`, p.town.Territory, made.Id, state)
			a := request()
			if slices.Contains(strings.Fields(allowed), name) {
				if a.status == 409 && !(name == "undo") { // there is nothing to undo
					t.Errorf("%s of %s: %d %s", name, state, a.status, a.body)
				}
				continue
			}
			problem := a.json(t)
			fixes, _ := problem["fixes"].([]any)
			if a.status != 409 || len(fixes) == 0 || !strings.Contains(string(a.body), `"value":"`+state+`"`) {
				t.Errorf("%s of %s: %d %s", name, state, a.status, a.body)
			}
		}
	}
	p.exec(`UPDATE staging.batch SET state = 'ready', report = '{}' WHERE territory_id = $1 AND id = $2`, p.town.Territory, made.Id)
	p.exec(`DELETE FROM jobs.river_job`)
	readImport(t, requests["apply"](), 202)
	if a := requests["apply"](); a.status != 409 || !strings.Contains(string(a.body), "waiting") {
		t.Errorf("applied twice: %d %s", a.status, a.body)
	}
	for _, path := range []string{"", "/rows", "/features", "/findings", "/differences", "/rejects", "/report.csv", "/events"} {
		if a := p.get(fmt.Sprintf("%s/imports/%d%s", p.base, made.Id+99, path)); a.status != 404 {
			t.Errorf("%s of no import: %d %s", path, a.status, a.body)
		}
	}
	for _, path := range []string{"x", "0", "-1", "1.5"} {
		if a := p.get(p.base + "/imports/" + path); a.status != 400 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// TestImportsOfOthersTargets: what an import is changed to is asked for as what
// it was made for, and so is what it is applied as.
func TestImportsOfOthersTargets(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	made := c.bring("firms.csv", []byte("企业代码,企业名称\nE1,示例企业甲\n"), `"target":"enterprises"`)
	c.settled(made.Id)
	cells := c.bring("cells.csv", []byte("区划代码,名称\n431001001000,示例村\n"), `"target":"cells","tier":3`)
	c.settled(cells.Id)
	c.send("PATCH", fmt.Sprintf("%s/imports/%d", c.base, made.Id), `{"target":"layer-cells","layer":"environment"}`) // now there are layers
	c.settled(made.Id)
	c.send("PATCH", fmt.Sprintf("%s/imports/%d", c.base, made.Id), `{"target":"enterprises"}`)
	c.settled(made.Id)
	department := clerk{&planner{site: c.as(access.Grant{Role: grids.RoleDepartment, Territory: c.town.In.ID, Layers: []grids.LayerCode{"safety"}}), town: c.town, base: c.base}}
	for _, test := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"PATCH", fmt.Sprintf("/imports/%d", made.Id), `{"target":"cells","tier":3}`, 403, "draft.edit"},
		{"PATCH", fmt.Sprintf("/imports/%d", made.Id), `{"target":"layer-cells","layer":"environment"}`, 403, "environment"},
		{"PATCH", fmt.Sprintf("/imports/%d", cells.Id), `{"strict":true}`, 403, "draft.edit"},
		{"POST", fmt.Sprintf("/imports/%d/apply", cells.Id), ``, 403, "draft.edit"},
		{"PATCH", fmt.Sprintf("/imports/%d", made.Id), `{"target":"layer-cells","layer":"safety"}`, 202, ""},
	} {
		if a := department.send(test.method, c.base+test.path, test.body); a.status != test.status || !strings.Contains(string(a.body), test.says) {
			t.Errorf("%s %s: %d %s", test.path, test.body, a.status, a.body)
		}
	}
	if got := c.settled(made.Id); got.Target != "layer-cells" || *got.Layer != "safety" {
		t.Errorf("%+v", got)
	}
}
