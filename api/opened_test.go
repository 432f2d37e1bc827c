package api_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/maptile"

	"unigrid/grids"
	"unigrid/grids/access"
)

// onGrid tells whether all numbers of a geometry lie on the grid of a
// precision in metres.
func onGrid(t *testing.T, value any, metres float64) bool {
	t.Helper()
	switch value := value.(type) {
	case float64:
		step := math.Round(metres/111_320*1e7) / 1e7
		return math.Abs(value/step-math.Round(value/step)) < 1e-3
	case []any:
		return !slices.ContainsFunc(value, func(v any) bool { return !onGrid(t, v, metres) })
	}
	t.Fatalf("%T is no coordinate", value)
	return false
}

// TestOnlyOpenedCollectionsArePublic: nothing is, until an administrator opens
// it; then it is generalised and carries the map's approval number.
func TestOnlyOpenedCollectionsArePublic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	s.territory("4303", "邻市", 114, 27.5, 2)
	l.object("enterprise", "E1", "示例企业 1", "POINT(113.0123456 27.5123456)", `{}`)
	l.object("water-source", "W1", "示例水源 1", "POINT(113.0223456 27.5223456)", `{}`)
	public := s.anonymous()
	paths := []string{"/collections/cells", "/collections/cells/items", "/collections/cells/items/430202001001", "/collections/cells/items/430202001001/versions",
		"/collections/enterprises/items", "/tiles/cells.json", "/tiles/cells/14/13333/6886.mvt", "/tiles/enterprises/14/13333/6886.mvt", "/v1/responsible?lon=113.01&lat=27.51",
		"/v1/cells/430202001001/summary", "/v1/search?q=430202", "/v1/stats", "/collections/layer-cells/items", "/v1/boards", "/v1/editions", "/v1/draft", "/v1/exports/cells?format=csv"}
	for _, path := range paths {
		if a := public.get(path); a.status != 401 && !(strings.HasPrefix(path, "/v1/boards") && a.status == 404) {
			t.Errorf("%s before anything is open: %d %.200s", path, a.status, a.body)
		}
	}
	if a := public.get("/collections"); a.status != 200 || len(a.json(t)["collections"].([]any)) != 0 {
		t.Errorf("collections before anything is open: %d %s", a.status, a.body)
	}
	planner, admin := s.as(access.Grant{Role: grids.RolePlanner, Territory: l.id}), s.as(access.Grant{Role: grids.RoleAdmin, Territory: l.id})
	if a := planner.send("PUT", "/v1/opened/cells", `{}`); a.status != 403 {
		t.Errorf("a planner opens a collection: %d", a.status)
	}
	if a := admin.send("PUT", "/t/430300000000/v1/opened/cells", `{}`); a.status != 403 {
		t.Errorf("an administrator opens a collection elsewhere: %d", a.status)
	}
	for _, id := range []string{"cells", "enterprises"} {
		if a := admin.send("PUT", "/v1/opened/"+id, `{"precision_m": 50, "approval_no": "示例S(2026)001号"}`); a.status != 204 {
			t.Fatalf("opening %s: %d %s", id, a.status, a.body)
		}
	}
	if a := admin.get("/v1/opened"); len(a.json(t)["opened"].([]any)) != 2 {
		t.Errorf("opened: %s", a.body)
	}
	seen := public.get("/collections").json(t)["collections"].([]any)
	if len(seen) != 2 || seen[0].(map[string]any)["approval"] != "示例S(2026)001号" || seen[0].(map[string]any)["precision_m"] != 50.0 {
		t.Errorf("the public sees %v", seen)
	}
	items := public.get("/collections/enterprises/items").json(t)
	shown := items["features"].([]any)[0].(map[string]any)["geometry"].(map[string]any)["coordinates"]
	if items["numberMatched"] != 1.0 || !onGrid(t, shown, 50) {
		t.Errorf("the public sees an enterprise at %v", shown)
	}
	exact := s.get("/collections/enterprises/items").json(t)["features"].([]any)[0].(map[string]any)["geometry"].(map[string]any)["coordinates"]
	if fmt.Sprint(exact) != "[113.0123456 27.5123456]" {
		t.Errorf("who is signed in sees it at %v", exact)
	}
	// What bbox selects by is what is sent.
	x, y := shown.([]any)[0].(float64), shown.([]any)[1].(float64)
	for box, want := range map[string]float64{
		fmt.Sprintf("%f,%f,%f,%f", x-0.00001, y-0.00001, x+0.00001, y+0.00001): 1, "113.01234,27.51234,113.01235,27.51235": 0,
	} {
		if a := public.get("/collections/enterprises/items?bbox=" + box).json(t); a["numberMatched"] != want {
			t.Errorf("in %s the public finds %v", box, a["numberMatched"])
		}
	}
	if a := public.get("/collections/cells/items?tier=4").json(t); a["numberMatched"] != 8.0 || len(a["features"].([]any)) != 8 {
		t.Errorf("the public sees %v cells", a["numberMatched"])
	}
	for path, want := range map[string]int{"/collections/water-sources/items": 401, "/collections/layer-cells/items": 401, "/collections/nothing/items": 404, "/v1/stats": 200,
		"/v1/responsible?lon=113.01&lat=27.51": 200, "/v1/cells/430202001001/summary": 200, "TILE": 200, "/tiles/cells.json": 200,
		"/v1/editions": 401, "/v1/exports/cells?format=csv": 401, "/t/430300000000/collections/cells/items": 401} {
		tile := maptile.At([2]float64{113.02, 27.52}, 14)
		path = strings.Replace(path, "TILE", fmt.Sprintf("/tiles/cells/14/%d/%d.mvt", tile.X, tile.Y), 1)
		if a := public.get(path); a.status != want {
			t.Errorf("%s: %d %.200s", path, a.status, a.body)
		}
	}
	found := public.get("/v1/search?q=示例").json(t)["results"].([]any)
	for _, r := range found {
		if id := r.(map[string]any)["collection"]; id != "cells" && id != "enterprises" {
			t.Errorf("the public finds %v", r)
		}
	}
	if len(found) == 0 {
		t.Error("the public finds nothing")
	}
	answer := public.get("/v1/responsible?lon=113.01&lat=27.51")
	if strings.Contains(string(answer.body), "phone") || math.Mod(answer.json(t)["boundary_m"].(float64), 50) != 0 {
		t.Errorf("the public is told %s", answer.body)
	}
	if a := s.get("/v1/responsible?lon=113.01&lat=27.51"); !strings.Contains(string(a.body), "000-****-0001") {
		t.Errorf("who is signed in is told %s", a.body)
	}
	if a, b := public.get("/collections/cells/items").header.Get("ETag"), s.get("/collections/cells/items").header.Get("ETag"); a == b {
		t.Error("the public's answer has the tag of another's")
	}
	if a := admin.send("DELETE", "/v1/opened/cells", ""); a.status != 204 {
		t.Errorf("closing: %d %s", a.status, a.body)
	}
	if a := public.get("/collections/cells/items"); a.status != 401 {
		t.Errorf("after closing: %d", a.status)
	}
}
