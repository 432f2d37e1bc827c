package api_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"unigrid/api"
)

func TestResponsible(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	for i, code := range []string{"430202000000", "430202001000", "430202001001"} {
		l.person(fmt.Sprint("Q", i), fmt.Sprintf("示例人员 10%d", i))
		l.assign(fmt.Sprint("Q", i), code, "accountable", "")
	}
	l.assign("Q1", "430202001001", "lead", "safety")
	l.assign("Q2", "430202001001", "lead", "environment")
	l.object("river-reach", "R1", "示例河段", "LINESTRING(113.01 27.4, 113.01 27.8)", `{"chief":"示例河长"}`)
	l.object("water-source", "W1", "示例水源地", "POLYGON((113 27.5,113.02 27.5,113.02 27.7,113 27.7,113 27.5))", `{}`)
	l.object("enterprise", "E1", "示例企业", "POINT(113.0102 27.6)", `{}`)

	a := s.get("/v1/responsible?lon=113.01&lat=27.6")
	var r api.Responsible
	if err := json.Unmarshal(a.body, &r); err != nil {
		t.Fatal(err)
	}
	var chain []string
	for _, c := range r.Chain {
		chain = append(chain, fmt.Sprintf("%s:%s:%t", c.Code, c.Accountable.Name, c.Accountable.Acting))
	}
	want := "430202001001:示例人员 102:false 430202001000:示例人员 101:false 430202000000:示例人员 100:false 430200000000:示例人员 0001:false"
	if got := strings.Join(chain, " "); got != want {
		t.Errorf("chain %s, want %s", got, want)
	}
	if len(r.Chain[0].Leads) != 2 || *r.Chain[0].Accountable.Phone != "000-****-0001" || r.Boundary != "sketched" || !r.Demo || r.Edition != 1 {
		t.Errorf("%s", a.body)
	}
	// 0.01 degrees of longitude from the west edge.
	if math.Abs(r.BoundaryM-985) > 15 || r.Neighbour != nil {
		t.Errorf("boundary at %v m, neighbour %v", r.BoundaryM, r.Neighbour)
	}
	var beside []string
	for _, b := range r.Beside {
		name := "-"
		if b.Responsible != nil {
			name = *b.Responsible
		}
		beside = append(beside, b.Kind+":"+name)
	}
	if got := strings.Join(beside, " "); got != "water-source:- river-reach:示例河长 enterprise:-" {
		t.Errorf("beside %s", got)
	}
	// Within 50 m of the border the neighbour is told; on it, the smaller code
	// answers.
	near := s.get("/v1/responsible?lon=113.0502&lat=27.6").json(t)
	if n, _ := near["neighbour"].(map[string]any); n == nil || n["code"] != "430202001001" || n["accountable"].(map[string]any)["name"] != "示例人员 102" {
		t.Errorf("neighbour %v", near["neighbour"])
	}
	if first := near["chain"].([]any)[0].(map[string]any); first["code"] != "430202001002" || first["accountable"].(map[string]any)["from"].(map[string]any)["code"] != "430202001000" {
		t.Errorf("%v", first)
	}
	for _, lat := range []string{"27.5", "27.6", "27.7"} {
		for lon, want := range map[string]string{"113.05": "430202001001", "113.1": "430202001002", "113.2": "430202002002", "113.4": "430203002002"} {
			a := s.get("/v1/responsible?lon=" + lon + "&lat=" + lat)
			if a.status != 200 || a.json(t)["chain"].([]any)[0].(map[string]any)["code"] != want {
				t.Errorf("%s,%s: want %s: %.200s", lon, lat, want, a.body)
			}
		}
	}
	if a := s.get("/v1/responsible?lon=113.01&lat=27.6&layer=safety").json(t); len(a["chain"].([]any)[0].(map[string]any)["leads"].(map[string]any)) != 1 {
		t.Errorf("%v", a["chain"])
	}
	// The same place in other coordinates.
	x, y := api.FromWGS84ForTest(api.Gcj02, 113.01, 27.6)
	shifted := s.get(fmt.Sprintf("/v1/responsible?lon=%.8f&lat=%.8f&coord=gcj02", x, y)).json(t)
	if w := shifted["wgs84"].(map[string]any); math.Abs(w["lon"].(float64)-113.01) > 1e-6 || math.Abs(w["lat"].(float64)-27.6) > 1e-6 || shifted["coord"] != "gcj02" {
		t.Errorf("%v", shifted["wgs84"])
	}
	batch := s.send(http.MethodPost, "/v1/responsible", `{"points":[{"lon":113.01,"lat":27.6},{"lon":100,"lat":27.6},{"lon":113.39,"lat":27.6}]}`)
	results := batch.json(t)["results"].([]any)
	if len(results) != 3 || results[1].(map[string]any)["status"] != 404.0 || results[2].(map[string]any)["chain"].([]any)[0].(map[string]any)["code"] != "430203002002" {
		t.Errorf("%s", batch.body)
	}
	for body, field := range map[string]string{
		`{}`:                     "points",
		`{"points":[]}`:          "points",
		`{"points":[{"lon":1}]}`: "points.0.lat",
		`{"points":[{"lon":1,"lat":1}],"coord":"x"}`:                                       "coord",
		`{"points":[{"lon":1,"lat":1}],"colour":"x"}`:                                      "body",
		`{"points":[` + strings.Repeat(`{"lon":1,"lat":1},`, 1000) + `{"lon":1,"lat":1}]}`: "points",
		`not json`: "body",
	} {
		a := s.send(http.MethodPost, "/v1/responsible", body)
		if a.status != 400 || !strings.Contains(string(a.body), `"field":"`+field+`"`) {
			t.Errorf("%.60s: %d %s, want field %s", body, a.status, a.body, field)
		}
	}
}

func TestSummaryAndStats(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	l.person("P2", "示例人员 0002")
	l.assign("P2", "430202000000", "accountable", "")
	l.assign("P2", "430202000000", "lead", "safety")
	l.object("enterprise", "E1", "示例企业 0001 号", "POINT(113.01 27.6)", `{}`)
	l.object("monitor", "M1", "示例监测点", "POINT(113.3 27.6)", `{}`)
	l.crosswalk()
	sum := s.get("/v1/cells/430202000000/summary").json(t)
	got := fmt.Sprintf("%v|%v|%v", sum["objects"], sum["layer_cells"], len(sum["children"].([]any)))
	if !strings.Contains(got, "enterprises:map[count:1") || strings.Contains(got, "monitors") || !strings.Contains(got, "code:ENV1") || !strings.HasSuffix(got, "|2") {
		t.Error(got)
	}
	if layers := fmt.Sprint(sum["layers"]); !strings.Contains(layers, "示例人员 0002") || !strings.Contains(layers, "zh:环境") {
		t.Error(layers)
	}
	stats := s.get("/v1/stats").json(t)
	tiers := stats["tiers"].([]any)
	if got := fmt.Sprint(tiers[1]); !strings.Contains(got, "acting:1") || !strings.Contains(got, "own:1") || !strings.Contains(got, "none:0") {
		t.Error(got)
	}
	if got := fmt.Sprint(stats["conflicts"]); !strings.Contains(got, "blocking_open:1") || !strings.Contains(got, "by_kind:map[gap:1 split:1]") {
		t.Error(got)
	}
	for path, want := range map[string]float64{
		"/v1/conflicts": 2, "/v1/conflicts?kind=gap": 1, "/v1/conflicts?layer=safety": 0, "/v1/conflicts?state=settled": 1,
	} {
		if a := s.get(path).json(t); a["matched"] != want || a["total"] != 2.0 {
			t.Errorf("%s: %v of %v", path, a["matched"], a["total"])
		}
	}
}

// crosswalk makes a layer cell over the county 430202000000, its overlap with
// the leaves, and two conflicts.
func (l *land) crosswalk() {
	l.t.Helper()
	l.exec(`INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
		SELECT $1, 'environment', 'ENV1', '示例环保网格', v.geom, 180, 'demo' FROM cells.of($1, 1) v WHERE v.code = '430202000000'`, l.id)
	l.exec(`INSERT INTO merge.run (territory_id, edition, layers, created_by) VALUES ($1, 1, '{environment}', 'test')`, l.id)
	l.exec(`INSERT INTO merge.crosswalk (territory_id, run_id, layer, layer_cell_id, cell_id, area_m2, share_of_cell, claimed_share, share_of_layer_cell)
		SELECT $1, r.id, 'environment', CASE WHEN v.code < '430203' THEN c.id END, v.cell_id, v.area_m2, 1, 1, CASE WHEN v.code < '430203' THEN 0.25 END
		FROM merge.run r, layers.cell c, cells.leaves($1, 1) v WHERE r.territory_id = $1 AND c.territory_id = $1 ORDER BY v.code DESC`, l.id)
	l.exec(`INSERT INTO merge.conflict (territory_id, run_id, kind, layer, cell_id, place, area_m2, blocking, proposal, reason, state, resolution, settled_by)
		SELECT $1, r.id, k.kind, 'environment', v.cell_id, v.label, 45, k.kind = 'gap', 'keep-base', 'test', k.state, k.resolution, k.resolution
		FROM merge.run r, cells.leaves($1, 1) v, (VALUES ('gap', 'open', NULL), ('split', 'settled', 'rule')) k (kind, state, resolution)
		WHERE r.territory_id = $1 AND v.code = '430202001001'`, l.id)
}

func TestLocate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	l.object("enterprise", "E1", "示例企业", "", `{}`)
	a := s.send(http.MethodPut, "/v1/objects/enterprises/E1/location", `{"lon":113.01,"lat":27.6,"by":"hand"}`)
	if a.status != 200 || !strings.Contains(string(a.body), `"located_by":"hand"`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if p := s.get("/collections/enterprises/items/E1").json(t)["properties"].(map[string]any); p["cell"] != "430202001001" {
		t.Error(p)
	}
	if total := s.get("/v1/objects/unlocated").json(t)["total"]; total != 0.0 {
		t.Error(total)
	}
	for body, want := range map[string]int{
		`{"lon":113.01,"lat":27.6,"by":"guess"}`: 400,
		`{"lon":113.01,"by":"hand"}`:             400,
		`{"lon":100,"lat":27.6,"by":"hand"}`:     400,
	} {
		if a := s.send(http.MethodPut, "/v1/objects/enterprises/E1/location", body); a.status != want {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	if a := s.send(http.MethodPut, "/v1/objects/enterprises/E9/location", `{"lon":113.01,"lat":27.6,"by":"hand"}`); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.send(http.MethodPut, "/v1/objects/cells/E1/location", `{"lon":113.01,"lat":27.6,"by":"hand"}`); a.status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestTwoTerritoriesNeverMix(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.territory("4302", "示例甲市", 113, 27.5, 2)
	b := s.territory("4401", "示例乙市", 113.2, 27.5, 3) // overlaps the first
	a.object("enterprise", "E1", "示例企业甲", "POINT(113.3 27.6)", `{}`)
	b.object("enterprise", "E1", "示例企业乙", "POINT(113.3 27.6)", `{}`)
	for _, c := range []struct {
		base, own, other string
		cells            int
	}{{"", "甲", "乙", 15}, {"/t/430200000000", "甲", "乙", 15}, {"/t/440100000000", "乙", "甲", 19}} {
		for _, path := range []string{"/?f=json", "/collections/enterprises/items", "/collections/enterprises/items/E1",
			"/v1/search?q=" + "%E7%A4%BA%E4%BE%8B", "/v1/stats", "/tiles/cells.json", "/v1/responsible?lon=113.3&lat=27.6"} {
			got := s.get(c.base + path)
			if got.status != 200 || strings.Contains(string(got.body), c.other) || !strings.Contains(string(got.body), c.own) {
				t.Errorf("%s%s: %d %.400s", c.base, path, got.status, got.body)
			}
		}
		items := s.get(c.base + "/collections/cells/items?limit=7")
		if !strings.Contains(string(items.body), fmt.Sprintf(`"numberMatched":%d`, c.cells)) {
			t.Errorf("%s: %.300s", c.base, items.body)
		}
		if next := href(t, items, "next"); !strings.HasPrefix(next, s.server.URL+c.base+"/collections/") {
			t.Errorf("%s: next is %s", c.base, next)
		}
	}
	if got := s.get("/collections/cells/items/440100000000"); got.status != 404 {
		t.Errorf("%d", got.status)
	}
	first, second := s.get("/tiles/enterprises/10/834/430.mvt"), s.get("/t/440100000000/tiles/enterprises/10/834/430.mvt")
	if first.status != 200 || strings.Contains(string(first.body), "乙") || !strings.Contains(string(second.body), "乙") {
		t.Errorf("tiles: %d %q %q", first.status, first.body, second.body)
	}
}
