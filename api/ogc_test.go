package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestContract(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	l.object("enterprise", "E1", "示例企业 0001 号", "POINT(113.01 27.6)", `{"industry":"钢铁","联系电话":"000"}`)
	l.object("enterprise", "E2", "示例企业 0002 号", "", `{}`)
	for _, c := range []struct {
		path   string
		status int
		has    string
	}{
		{"/?f=json", 200, `"service-desc"`},
		{"/t/430200000000/", 200, `"service-desc"`},
		{"/conformance", 200, "ogcapi-features-1/1.0/conf/core"},
		{"/api", 200, `"openapi"`},
		{"/collections", 200, `"river-reaches"`},
		{"/collections/cells", 200, `"describedby"`},
		{"/collections/cells/schema", 200, `"accountable"`},
		{"/collections/cells/queryables", 200, `"parent"`},
		{"/collections/cells/tiles", 200, `"tilesets"`},
		{"/collections/cells/items", 200, `"numberMatched":15`},
		{"/collections/cells/items?limit=20000", 200, `"numberReturned":15`},
		{"/collections/cells/items?tier=2", 200, `"numberMatched":2`},
		{"/collections/cells/items?parent=430202000000", 200, `"numberMatched":2`},
		{"/collections/cells/items?leaf=true", 200, `"numberMatched":8`},
		{"/collections/cells/items?bbox=113.01,27.51,113.02,27.52&leaf=true", 200, `"numberMatched":1`},
		{"/collections/cells/items?bbox=113.01,27.51,0,113.02,27.52,10&leaf=true", 200, `"numberMatched":1`},
		{"/collections/cells/items?datetime=2020-01-01T00:00:00Z", 200, `"numberMatched":0`},
		{"/collections/cells/items?datetime=../..", 400, `"field":"datetime"`},
		{"/collections/cells/items?datetime=2020-01-01T00:00:00Z/..", 200, `"numberMatched":15`},
		{"/collections/cells/items/430202000000", 200, `"accountable_name":"示例人员 0001"`},
		{"/collections/cells/items/430202000000/versions", 200, `"numberReturned":1`},
		{"/collections/enterprises/items", 200, `"numberMatched":2`},
		{"/collections/enterprises/items/E1", 200, `"cell":"430202001001"`},
		{"/collections/monitors/items", 200, `"features":[]`},
		{"/collections/layer-cells/items?layer=environment", 200, `"features":[]`},
		{"/collections/crosswalk/items", 200, `"features":[]`},
		{"/tiles/cells.json", 200, "不作为行政区域界线"},
		{"/v1/territories", 200, `"430200000000"`},
		{"/v1/responsible?lon=113.01&lat=27.6", 200, `"430202001001"`},
		{"/v1/cells/430202000000/summary", 200, `"children"`},
		{"/v1/search?q=4302020", 200, `"示例镇0"`},
		{"/v1/search?q=%E7%A4%BA%E4%BE%8B%E4%BC%81%E4%B8%9A", 200, `"enterprises"`},
		{"/v1/editions", 200, `"in_force": 1`},
		{"/v1/editions/1/changes", 200, `"changes"`},
		{"/v1/conflicts", 200, `"conflicts"`},
		{"/v1/objects/unlocated", 200, `"E2"`},
		{"/v1/objects/outside", 200, `"objects"`},
		{"/v1/stats", 200, `"tiers"`},
		{"/healthz", 200, "ok"},
		{"/readyz", 200, "ok"},
		{"/metrics", 200, "unigrid_http_request_seconds"},
		// What is wrong is named.
		{"/collections/cells/items?limit=0", 400, `"field":"limit"`},
		{"/collections/cells/items?limit=-1", 400, `"field":"limit"`},
		{"/collections/cells/items?limit=ten", 400, `"field":"limit"`},
		{"/collections/cells/items?bbox=1,2,3", 400, `"field":"bbox"`},
		{"/collections/cells/items?bbox=114,27,113,28", 400, `"field":"bbox"`},
		{"/collections/cells/items?bbox=414681,3079571,414682,3079572", 400, `"field":"bbox"`},
		{"/collections/cells/items?bbox-crs=EPSG:4547", 400, `"field":"bbox-crs"`},
		{"/collections/cells/items?datetime=yesterday", 400, `"field":"datetime"`},
		{"/collections/cells/items?colour=red", 400, `"field":"colour"`},
		{"/collections/cells/items?layer=environment", 400, `"field":"layer"`},
		{"/collections/cells/items?tier=x", 400, `"field":"tier"`},
		{"/collections/cells/items?edition=99", 400, `"field":"edition"`},
		{"/collections/crosswalk/items?after=x", 400, `"field":"after"`},
		{"/collections/cells/items?limit=1&limit=2", 400, `"field":"limit"`},
		{"/collections/nothing", 404, `"field":"collectionId"`},
		{"/collections/cells/items/nothing", 404, `"field":"fid"`},
		{"/collections/cells?x=1", 400, `"field":"x"`},
		{"/t/999900000000/collections", 404, `"field":"territory"`},
		{"/tiles/cells/1/2/0.mvt", 400, `"field":"x"`},
		{"/tiles/cells/99/0/0.mvt", 400, `"field":"z"`},
		{"/tiles/crosswalk/0/0/0.mvt", 404, `"field":"collection"`},
		{"/tiles/cells/0/0/0.mvt?x=1", 400, `"field":"x"`},
		{"/v1/responsible?lon=113.01", 400, `"field":"lat"`},
		{"/v1/responsible?lon=east&lat=27.6", 400, `"field":"lon"`},
		{"/v1/responsible?lon=113.01&lat=97.6", 400, `"field":"lat"`},
		{"/v1/responsible?lon=113.01&lat=27.6&coord=epsg", 400, `"field":"coord"`},
		{"/v1/responsible?lon=113.01&lat=27.6&layer=nothing", 400, `"field":"layer"`},
		{"/v1/responsible?lon=113.01&lat=27.6&at=now", 400, `"field":"at"`},
		{"/v1/responsible?lon=112.9&lat=27.6", 404, `"nearest":{`},
		{"/v1/search", 400, `"field":"q"`},
		{"/v1/editions/7/changes", 404, `"field":"seq"`},
		{"/v1/nothing", 404, `"title"`},
	} {
		t.Run(c.path, func(t *testing.T) {
			s := *s
			s.t = t
			a := s.get(c.path)
			if a.status != c.status || !strings.Contains(string(a.body), c.has) {
				t.Errorf("status %d, want %d with %s: %.600s", a.status, c.status, c.has, a.body)
			}
			if c.status >= 400 && a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("problem comes as %s", a.header.Get("Content-Type"))
			}
		})
	}
	if strings.Contains(string(s.get("/collections/enterprises/items").body), "联系电话") {
		t.Error("a telephone number got out")
	}
}

func TestEmptyDatabase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if a := s.get("/collections"); a.status != 404 || !strings.Contains(string(a.body), "unigrid territory create") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.get("/", "Accept", "text/html"); a.status != 200 || !strings.Contains(string(a.body), "<title>map") {
		t.Errorf("%d %s", a.status, a.body)
	}
	l := s.draft("4302", "示例市", 113, 27.5, 2)
	for _, id := range []string{"cells", "layer-cells", "enterprises", "crosswalk"} {
		a := s.get("/collections/" + id + "/items")
		if a.status != 200 || len(codes(t, a)) != 0 || a.header.Get("Unigrid-Edition") != "0" {
			t.Errorf("%s: %d %s", id, a.status, a.body)
		}
	}
	for _, path := range []string{"/v1/stats", "/v1/editions", "/v1/conflicts", "/tiles/cells.json", "/collections", "/v1/search?q=a"} {
		if a := s.get(path); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := s.get("/tiles/cells/0/0/0.mvt"); a.status != 204 {
		t.Errorf("tile: %d", a.status)
	}
	if a := s.get("/v1/responsible?lon=113.01&lat=27.6"); a.status != 404 || !strings.Contains(string(a.body), "published") {
		t.Errorf("%d %s", a.status, a.body)
	}
	l.publish(1)
	if n := len(codes(t, s.get("/collections/cells/items"))); n != 15 {
		t.Errorf("%d cells", n)
	}
}

func TestFeature(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	l.person("P2", "示例人员 0002")
	l.person("P3", "示例人员 0003")
	l.assign("P2", "430202001001", "accountable", "")
	l.assign("P3", "430202001001", "lead", "environment")
	l.assign("P3", "430202001001", "joint-chief", "")
	l.object("enterprise", "E1", "示例企业 0001 号", "POINT(113.01 27.6)", `{}`)
	a := s.get("/collections/cells/items/430202001001")
	p := a.json(t)["properties"].(map[string]any)
	got := fmt.Sprintf("%v %v %v %v %v %v", p["accountable"], p["layers"], len(p["leaders"].([]any)), p["leaf"], p["parent"], p["tier"])
	if !strings.Contains(got, "acting:false") || !strings.Contains(got, "name:示例人员 0002") ||
		!strings.Contains(got, "environment:map[lead:map[id:") || !strings.Contains(got, "objects:1]") ||
		!strings.Contains(got, "safety:map[lead:<nil> objects:1]") || !strings.Contains(got, " 2 true 430202001000 4") {
		t.Error(got)
	}
	if !strings.Contains(string(a.body), `"area_m2":45.0`) {
		t.Errorf("a whole area has no decimal point: %s", a.body)
	}
	p = s.get("/collections/cells/items/430202001002").json(t)["properties"].(map[string]any)
	if p["accountable_acting"] != true || p["accountable_name"] != "示例人员 0001" {
		t.Error(p)
	}
	for _, f := range s.get("/collections/cells/items").json(t)["features"].([]any) {
		p := f.(map[string]any)["properties"].(map[string]any)
		if len(p) != 18 {
			t.Errorf("%v has %d properties", f.(map[string]any)["id"], len(p))
		}
		chiefs := 0
		for _, leader := range p["leaders"].([]any) {
			if leader.(map[string]any)["accountable"] == true {
				chiefs++
			}
		}
		if chiefs != 1 {
			t.Errorf("%v: %d accountable among %v", p["code"], chiefs, p["leaders"])
		}
		if kind := f.(map[string]any)["geometry"].(map[string]any)["type"]; kind != "MultiPolygon" {
			t.Error(kind)
		}
	}
	uid := fmt.Sprintf("%.0f", p["uid"])
	if a := s.get("/collections/cells/items/" + uid); a.status != 200 || !strings.Contains(string(a.body), "430202001002") {
		t.Errorf("by uid: %d %.200s", a.status, a.body)
	}
}

func TestPagesKeepTheirEdition(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	first := s.get("/collections/cells/items?limit=4")
	seen, next := codes(t, first), href(t, first, "next")
	// Meanwhile a village is split off, another renamed, and this published.
	l.secondEdition()
	for next != "" {
		page := s.get(next)
		if page.status != 200 || page.header.Get("Unigrid-Edition") != "1" || !strings.Contains(string(page.body), `"numberMatched":15`) {
			t.Fatalf("%d, edition %s: %.300s", page.status, page.header.Get("Unigrid-Edition"), page.body)
		}
		if strings.Contains(string(page.body), "新名") {
			t.Error("a later page shows the new edition")
		}
		seen, next = append(seen, codes(t, page)...), href(t, page, "next")
	}
	if len(seen) != 15 || !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != 15 {
		t.Errorf("%d: %v", len(seen), seen)
	}
	now := s.get("/collections/cells/items?limit=100")
	if now.header.Get("Unigrid-Edition") != "2" || !strings.Contains(string(now.body), "新名") || len(codes(t, now)) != 16 {
		t.Errorf("edition %s, %v", now.header.Get("Unigrid-Edition"), codes(t, now))
	}
}

// secondEdition renames village 430202001001, and replaces 430202001002 by
// 430202001003 and 430202001004.
func (l *land) secondEdition() {
	l.t.Helper()
	l.exec(`INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 2, 'draft', 'test')`, l.id)
	l.exec(`UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND code IN ('430202001001', '430202001002')`, l.id)
	l.exec(`INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
		SELECT territory_id, cell_id, 2, code, '新名', tier, parent_id, geom, area_m2, label, provenance
		FROM cells.version WHERE territory_id = $1 AND code = '430202001001'`, l.id)
	for i, code := range []string{"430202001003", "430202001004"} {
		l.exec(`WITH c AS (INSERT INTO cells.cell (territory_id) VALUES ($1) RETURNING id), g AS (
			  INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
			  SELECT territory_id, c.id, 2, $2, '分村' || $3::int, tier, parent_id, ST_Multi(box), area_m2 / 2, ST_Centroid(box), 'drawn'
			  FROM c, cells.version v, LATERAL (SELECT ST_MakeEnvelope(ST_XMin(v.geom), 27.5 + 0.1 * $3::int, ST_XMax(v.geom), 27.6 + 0.1 * $3::int, 4326) AS box) b
			  WHERE v.territory_id = $1 AND v.code = '430202001002')
			INSERT INTO cells.lineage (territory_id, edition, from_cell, to_cell, share)
			SELECT $1, 2, v.cell_id, c.id, 0.5 FROM c, cells.version v WHERE v.territory_id = $1 AND v.code = '430202001002'`, l.id, code, i)
	}
	l.publish(2)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	between := scan[time.Time](s, `SELECT clock_timestamp()`)
	l.secondEdition()
	gone := s.get("/collections/cells/items/430202001002")
	if gone.status != http.StatusGone || strings.Count(string(gone.body), `"share":0.5`) != 2 || !strings.Contains(string(gone.body), "430202001004") {
		t.Errorf("%d %s", gone.status, gone.body)
	}
	if a := s.get("/v1/cells/430202001002/summary"); a.status != http.StatusGone {
		t.Errorf("summary: %d", a.status)
	}
	then := s.get("/collections/cells/items/430202001002?datetime=" + instant(between))
	if then.status != 200 || then.header.Get("Unigrid-Edition") != "1" {
		t.Errorf("%d %s", then.status, then.body)
	}
	p := then.json(t)["properties"].(map[string]any)
	if p["edition"] != 1.0 || p["valid_to"] == nil {
		t.Error(p)
	}
	if a := s.get("/collections/cells/items/430202001002?datetime=" + p["valid_to"].(string)); a.status == 200 {
		t.Error("it is in force at its end")
	}
	if a := s.get("/collections/cells/items/430202001003?datetime=" + p["valid_to"].(string)); a.status != 200 {
		t.Error("its successor is not in force at its end")
	}
	all := s.get("/collections/cells/items?datetime=" + instant(between) + "/..")
	if list := codes(t, all); len(list) != 17 || !strings.Contains(string(all.body), "新名") || strings.Contains(string(all.body), "示例村0-0") {
		t.Errorf("%d codes over the interval: %v", len(list), list)
	}
	versions := s.get("/collections/cells/items/430202001001/versions")
	if len(codes(t, versions)) != 2 {
		t.Errorf("%s", versions.body)
	}
}

func TestConditional(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	l.person("P2", "示例人员 0002")
	l.object("enterprise", "E1", "示例企业 0001 号", "POINT(113.01 27.6)", `{}`)
	for _, path := range []string{"/collections/cells/items", "/collections/cells/items/430202001001", "/v1/responsible?lon=113.01&lat=27.6", "/v1/stats"} {
		a := s.get(path)
		tag := a.header.Get("ETag")
		if again := s.get(path, "If-None-Match", tag); again.status != 304 || len(again.body) != 0 {
			t.Errorf("%s: %d", path, again.status)
		}
		if other := s.get(path, "If-None-Match", tag, "Accept-Language", "zh-CN"); other.status != 200 {
			t.Errorf("%s in Chinese: %d", path, other.status)
		}
	}
	// Dated rows that change under the edition change the answer.
	for name, change := range map[string]string{
		"assign": `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT 1, p.id, v.cell_id, 'accountable', tstzrange(now(), now() + interval '2 seconds'), 'test'
			FROM people.person p, cells.version v WHERE p.staff_no = 'P2' AND v.code = '430202001001'`,
		"rename": `UPDATE people.person SET name = '示例人员 0003' WHERE staff_no = 'P2'`,
		"object": `UPDATE objects.object SET name = '示例企业 0003 号'`,
	} {
		tag := s.get("/collections/cells/items").header.Get("ETag")
		s.exec(change)
		if a := s.get("/collections/cells/items", "If-None-Match", tag); a.status != 200 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	// So does time alone: the assignment ends.
	a := s.get("/collections/cells/items/430202001001")
	if !strings.Contains(string(a.body), `"accountable_name":"示例人员 0003"`) {
		t.Fatalf("%s", a.body)
	}
	time.Sleep(2100 * time.Millisecond)
	if a = s.get("/collections/cells/items/430202001001", "If-None-Match", a.header.Get("ETag")); a.status != 200 || !strings.Contains(string(a.body), `"accountable_acting":true`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}
