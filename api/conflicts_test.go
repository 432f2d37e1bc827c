package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
)

// disputed merges two layers into a draft of a new territory: environment's line
// lies elsewhere than the unified one between 430202001001 and 430202001002, and
// work safety leaves 430203002001 out.
func (s *site) disputed() (l *land, run int64) {
	s.t.Helper()
	l = s.territory("4302", "示例市", 113, 27.5, 2)
	l.person("P2", "示例人员 0002")
	l.assign("P2", "430202001001", "accountable", "")
	l.layerCell("environment", "ENV1", "P2", `SELECT ST_Expand(ST_Envelope(geom), -0.01, 0) FROM cells.of($1, 1) WHERE code = '430202001001'`)
	l.layerCell("safety", "SAF1", "", `SELECT ST_Union(geom) FROM cells.of($1, 1) WHERE tier = 4 AND code <> '430203002001'`)
	s.tx(func(ctx context.Context, tx pgx.Tx) error {
		t, err := cells.FindTerritory(ctx, tx, "430200000000")
		if err != nil {
			return err
		}
		draft, err := editions.Draft(ctx, tx, t, grids.Local)
		if err != nil {
			return err
		}
		r, err := merge.Overlay(ctx, tx, t.ID, draft, merge.Options{}, "test")
		run = r.ID
		return err
	})
	return l, run
}

// layerCell makes a cell of a layer of what a query gives.
func (l *land) layerCell(layer, code, staffNo, geometry string) {
	l.t.Helper()
	l.tx(func(ctx context.Context, tx pgx.Tx) error { return layers.EnsureDefaults(ctx, tx, l.id) })
	l.exec(`INSERT INTO layers.cell (territory_id, layer, code, name, person_id, geom, area_m2, provenance)
		SELECT $1, $2, $3, '示例条线网格', (SELECT id FROM people.person WHERE territory_id = $1 AND staff_no = $4), ST_Multi(g.geom),
		  ST_Area(g.geom::geography), 'demo'
		FROM (SELECT (`+geometry+`) AS geom) g`, l.id, layer, code, staffNo)
}

func TestCurrentMerge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.territory("4303", "示例乙市", 114, 27.5, 2)
	if a := s.get("/t/430300000000/v1/merges/current"); a.status != http.StatusNotFound || !strings.Contains(string(a.body), "POST /v1/merges") {
		t.Errorf("before any merge: %d %s", a.status, a.body)
	}
	if list := s.get("/t/430300000000/v1/conflicts").json(t); list["run"] != nil || list["draft"] != false || len(list["conflicts"].([]any)) != 0 {
		t.Error(list)
	}
	_, run := s.disputed()
	m := s.get("/t/430200000000/v1/merges/current").json(t)
	if m["run"] != float64(run) || m["draft"] != true || m["edition"] != 2.0 || fmt.Sprint(m["layers"]) != "[environment safety]" || m["has_changed"] != false ||
		m["total"] != m["open"] || m["total"].(float64) < 4 || m["to_draw"] != 0.0 {
		t.Error(m)
	}
	sum := 0.0
	for _, k := range append(m["by_kind"].([]any), m["by_severity"].([]any)...) {
		sum += k.(map[string]any)["total"].(float64)
	}
	if sum != 2*m["total"].(float64) {
		t.Errorf("by kind and by severity there are %v, %v in all", sum, m["total"])
	}
}

func TestConflictsAreFilteredSortedAndPaged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.disputed()
	count := func(query string) int {
		t.Helper()
		list := s.get("/v1/conflicts?" + query).json(t)
		got := len(list["conflicts"].([]any))
		if list["matched"] != float64(got) {
			t.Errorf("%s: %v matched, %d given", query, list["matched"], got)
		}
		return got
	}
	all := count("")
	if n := count("within=430202000000") + count("within=430203000000"); n != all || count("within=430200000000") != all {
		t.Errorf("%d below the counties, %d in all", n, all)
	}
	if n := count("severity=high") + count("severity=medium") + count("severity=low"); n != all {
		t.Errorf("%d of some severity, %d in all", n, all)
	}
	for query, want := range map[string]int{"state=open": all, "state=settled": 0, "blocking=true&kind=gap": 0, "kind=gap&layer=safety": 1, "cell=430203002001&kind=gap&layer=safety": 1, "kind=nested": 0} {
		if got := count(query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	for _, sort := range []string{"", "sort=severity", "sort=area", "sort=width", "sort=touches", "sort=cell"} {
		want, got := s.get("/v1/conflicts?" + sort).json(t)["conflicts"].([]any), []any{}
		for after := ""; ; {
			page := s.get("/v1/conflicts?limit=2&" + sort + after).json(t)
			got = append(got, page["conflicts"].([]any)...)
			if page["next"] == nil {
				break
			}
			after = fmt.Sprintf("&after=%.0f", page["next"])
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pages by %q differ from the list", sort)
		}
	}
	if a := s.get("/v1/conflicts?after=999999"); a.status != http.StatusConflict {
		t.Errorf("after a conflict that isn't there: %d", a.status)
	}
	if a := s.get("/v1/conflicts?within=439999000000"); a.status != http.StatusNotFound {
		t.Errorf("within no cell: %d", a.status)
	}
}

func TestDecideOneConflict(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, _ := s.disputed()
	split := s.get("/v1/conflicts?kind=split&cell=430202001001").json(t)["conflicts"].([]any)
	if len(split) == 0 {
		split = s.get("/v1/conflicts?cell=430202001001&layer=environment").json(t)["conflicts"].([]any)
	}
	first := split[0].(map[string]any)
	path := fmt.Sprintf("/v1/conflicts/%.0f", first["id"])
	shown := s.get(path).json(t)
	roles := map[string]int{}
	for _, f := range shown["claimants"].(map[string]any)["features"].([]any) {
		roles[f.(map[string]any)["properties"].(map[string]any)["role"].(string)]++
	}
	if shown["draft"] != true || shown["ground"].(map[string]any)["type"] != "MultiPolygon" || roles["cell"] != 1 || roles["layer-cell"] != 1 || len(shown["history"].([]any)) != 0 {
		t.Error(shown, roles)
	}
	planner := s.as(access.Grant{Role: grids.RolePlanner, Territory: l.id})
	other := s.as(access.Grant{Role: grids.RolePlanner, Territory: l.id})
	settle := func(who *site, way, body string, want int) map[string]any {
		t.Helper()
		a := who.send(http.MethodPost, path+way, body)
		if a.status != want {
			t.Fatalf("%s %s: %d %s", way, body, a.status, a.body)
		}
		return a.json(t)
	}
	settle(planner, "/settle", `{"resolution":"keep-base-boundary","reason":"  ","version":0}`, 400)
	settle(planner, "/settle", `{"resolution":"roster-first","reason":"不对","version":0}`, 400)
	one := settle(planner, "/settle", `{"resolution":"keep-base-boundary","reason":"按村界","version":0}`, 200)
	if one["state"] != "settled" || one["settled_by"] != "test-planner" || one["version"].(float64) <= 0 {
		t.Error(one)
	}
	// the other has not seen it: theirs is refused, with what was decided
	late := settle(other, "/defer", `{"reason":"再议","version":0}`, 409)
	if d := late["decided"].(map[string]any); d["resolution"] != "keep-base-boundary" || d["version"] != one["version"] || late["decision"].(map[string]any)["by"] != "test-planner" ||
		!strings.Contains(late["detail"].(string), "test-planner") {
		t.Error(late)
	}
	two := settle(other, "/defer", fmt.Sprintf(`{"reason":"再议","version":%.0f}`, one["version"]), 200)
	settle(planner, "/reopen", fmt.Sprintf(`{"reason":"重开","version":%.0f}`, one["version"]), 409)
	settle(planner, "/reopen", fmt.Sprintf(`{"reason":"重开","version":%.0f}`, two["version"]), 200)
	department := s.as(access.Grant{Role: grids.RoleDepartment, Territory: l.id, Layers: []grids.LayerCode{"environment"}})
	settle(department, "/settle", `{"resolution":"keep-base-boundary","reason":"按村界","version":0}`, 403)
	if said := settle(department, "/comments", `{"text":"以环境网格为准"}`, 201)["comments"].([]any); len(said) != 1 {
		t.Error(said)
	}
	var did []string
	for _, e := range s.get(path).json(t)["history"].([]any) {
		event := e.(map[string]any)
		did = append(did, fmt.Sprint(event["did"], " ", event["by"]))
	}
	if got := strings.Join(did, ", "); got != "settled test-planner, deferred test-planner-2, reopened test-planner, commented test-department" {
		t.Error(got)
	}
	if again := s.get("/v1/conflicts?state=open").json(t); !strings.Contains(fmt.Sprint(again["conflicts"]), "comments:1") {
		t.Error("the comment isn't counted")
	}
}

// A planner of one county decides there only.
func TestDecideWithinOnesSubtree(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, _ := s.disputed()
	county := s.as(access.Grant{Role: grids.RolePlanner, Territory: l.id, Within: []grids.Code{"430202"}})
	for within, want := range map[string]int{"430202000000": 200, "430203000000": 403} {
		c := s.get("/v1/conflicts?kind=gap&layer=environment&within=" + within).json(t)["conflicts"].([]any)
		a := county.send(http.MethodPost, fmt.Sprintf("/v1/conflicts/%.0f/settle", c[0].(map[string]any)["id"]), `{"resolution":"keep-base-boundary","reason":"按村界","version":0}`)
		if a.status != want {
			t.Errorf("within %s: %d %s", within, a.status, a.body)
		}
	}
}
