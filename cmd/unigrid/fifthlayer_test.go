package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geom"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
)

// TestFifthLayer takes a layer that no code knows from its name to what is
// published: it is added over the API, its cells and people come from files, its
// conflicts are settled by saved rules and by hand, its crosswalk is exported.
func TestFifthLayer(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return in(name)
	}
	command := func(want int, args string) {
		t.Helper()
		if got := run(t.Context(), append([]string{"--database-url", url}, strings.Fields(args)...)); got != want {
			t.Fatalf("%s: exit code %d, want %d", args, got, want)
		}
	}
	// four villages in two townships, from west to east
	var villages []string
	for i, code := range []string{"430202001001", "430202001002", "430202002001", "430202002002"} {
		west, east := 113+float64(i)/100, 113+float64(i+1)/100
		villages = append(villages, fmt.Sprintf(`{"type":"Feature","properties":{"代码":%q,"名称":"示例村%[2]d"},"geometry":{"type":"Polygon","coordinates":[[[%[3]f,27.5],[%[4]f,27.5],[%[4]f,27.51],[%[3]f,27.51],[%[3]f,27.5]]]}}`, code, i+1, west, east))
	}
	command(exitDone, "territory create --code 430200000000 --name 示例市 --crs EPSG:4547")
	command(exitDone, "import --as cells --tier 4 "+write("villages.geojson", `{"type":"FeatureCollection","features":[`+strings.Join(villages, ",")+`]}`))
	command(exitDone, "import --as people "+write("people.csv", "工号,姓名,单位,职务\nT-1,示例人员 9001,示例市,市长\nT-2,示例人员 9002,示例村1,网格长\nT-3,示例人员 9003,市场监管所,所长\nT-4,示例人员 9004,市场监管所,科员\n"))
	command(exitDone, "import --as assignments --publish "+write("assignments.csv", "工号,网格代码,角色\nT-1,430200000000,责任人\nT-2,430202001001,责任人\n"))

	call := service(t, url, grids.RolePlanner)
	call(201, "POST", "/v1/layers", `{"code":"market-regulation","name":{"zh":"市场监管","en":"Market regulation"},"department":"市场监督管理局","department_en":"Administration for Market Regulation","rank":5}`)
	call(200, "PATCH", "/v1/duty/settings", `{"texts":[{"layer":"market-regulation","text":{"zh":"巡查市场主体","en":"Visits traders"}}]}`)
	type area struct {
		code, staff string
		west, east  float64
	}
	shapes := func(name string, list ...area) string {
		t.Helper()
		w, err := shapefile.Create(in(name), shapefile.WriterOptions{Kind: shapefile.Polygons, EPSG: 4490, Encoding: "GBK",
			Fields: []source.Field{{Name: "代码", Type: source.Text, Length: 20}, {Name: "名称", Type: source.Text, Length: 40}, {Name: "工号", Type: source.Text, Length: 20}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			ring := []float64{c.west, 27.5, c.west, 27.51, c.east, 27.51, c.east, 27.5, c.west, 27.5}
			if err := w.Write(geom.NewMultiPolygonFlat(geom.XY, ring, [][]int{{len(ring)}}), []any{c.code, "市场监管片区", c.staff}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return in(name)
	}
	// its cells: the first village and half of the second, from there on to the end
	// of the third; the fourth is nobody's
	west, east := area{"SC-1", "T-3", 113, 113.015}, area{"SC-2", "T-4", 113.015, 113.03}
	command(exitDone, "import --as layer-cells --layer market-regulation "+shapes("market.shp", west, east))
	if list := fmt.Sprint(call(200, "GET", "/v1/layers", "")["layers"]); !strings.Contains(list, "cells:2 code:market-regulation") {
		t.Error(list)
	}

	command(exitFailed, "merge --publish") // no rules are saved, so all is open
	call(200, "PUT", "/v1/merges/rules", `{"version":0,"rules":[
	  {"kind":"split","layer":"market-regulation","resolution":"keep-base-boundary","reason":{"zh":"以村界为准","en":"villages' lines"}},
	  {"kind":"gap","layer":"market-regulation","resolution":"keep-base-boundary","reason":{"zh":"不在监管范围","en":"not watched"}},
	  {"kind":"none-accountable","resolution":"most-named","reason":{"zh":"条线所派","en":"whom the layer names"}},
	  {"kind":"none-accountable","resolution":"accept-acting","reason":{"zh":"代管","en":"acting"}}]}`)
	command(exitDone, "merge")
	conflicts := func(query string) (list []string, ids map[string]string) {
		ids = map[string]string{}
		for _, x := range call(200, "GET", "/v1/conflicts?limit=100"+query, "")["conflicts"].([]any) {
			c := x.(map[string]any)
			name := fmt.Sprint(c["kind"], " ", c["cell"].(map[string]any)["name"], " ", c["settled_by"])
			list, ids[name] = append(list, name), fmt.Sprintf("%.0f", c["id"])
		}
		slices.Sort(list)
		return list, ids
	}
	settled, _ := conflicts("&state=settled")
	if want := []string{"gap 示例村4 rule 2: keep-base-boundary", "none-accountable 示例村2 rule 3: most-named", "none-accountable 示例村3 rule 3: most-named",
		"none-accountable 示例村4 rule 4: accept-acting", "split 示例村2 rule 1: keep-base-boundary"}; !slices.Equal(settled, want) {
		t.Errorf("settled by rules: %q", settled)
	}
	command(exitFailed, "merge --publish") // two people for the first village
	open, ids := conflicts("&state=open")
	if len(open) != 1 || !strings.HasPrefix(open[0], "two-accountable 示例村1") {
		t.Fatalf("open: %q", open)
	}
	call(200, "POST", "/v1/conflicts/"+ids[open[0]]+"/settle", `{"resolution":"layer:market-regulation","reason":"以市场监管为主","version":0}`)
	command(exitDone, "merge --publish")

	for lon, want := range map[float64]string{113.005: "示例人员 9003", 113.025: "示例人员 9004", 113.035: "示例人员 9001"} {
		first := call(200, "GET", fmt.Sprintf("/v1/responsible?lon=%g&lat=27.505&layer=market-regulation", lon), "")["chain"].([]any)[0].(map[string]any)
		if got := first["accountable"].(map[string]any)["name"]; got != want {
			t.Errorf("at %g: %v answers, want %s", lon, got, want)
		}
		if leads := fmt.Sprint(first["leads"]); lon < 113.03 && !strings.Contains(leads, "name:"+want) || lon > 113.03 && leads != "map[]" {
			t.Errorf("at %g the layer is led by %s", lon, leads)
		}
	}
	if team := fmt.Sprint(call(200, "GET", "/v1/team", "")); !strings.Contains(team, "示例人员 9002") {
		t.Errorf("who was replaced is not in the team: %s", team)
	}
	if texts := fmt.Sprint(call(200, "GET", "/v1/duty/settings", "")["texts"]); !strings.Contains(texts, "巡查市场主体") {
		t.Error(texts)
	}
	command(exitDone, "export crosswalk --format csv -o "+in("crosswalk.csv"))
	text, err := os.ReadFile(in("crosswalk.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var pieces []string
	at := func(row []string, column string) string { return row[slices.Index(rows[0], column)] }
	for _, row := range rows[1:] {
		var share float64
		if _, err := fmt.Sscan(at(row, "share_of_cell"), &share); err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, fmt.Sprintf("%s %s %s %.3f", at(row, "layer"), at(row, "cell"), at(row, "layer_cell"), share))
	}
	slices.Sort(pieces)
	if want := []string{"market-regulation 430202001001 SC-1 1.000", "market-regulation 430202001002 SC-1 0.500", "market-regulation 430202001002 SC-2 0.500",
		"market-regulation 430202002001 SC-2 1.000", "market-regulation 430202002002  1.000"}; !slices.Equal(pieces, want) {
		t.Errorf("crosswalk %q", pieces)
	}

	// a new version of the grid, in which another cell has the east; only what
	// changed is merged again: not the first village
	command(exitDone, "import --as layer-cells --layer market-regulation --retire-missing "+shapes("again.shp", west, area{"SC-3", "T-4", 113.02, 113.03}))
	command(exitDone, "merge")
	if run := call(200, "GET", "/v1/merges/current", ""); run["leaves"] != 3.0 || run["has_changed"] != false {
		t.Errorf("merged again: %v", run)
	}
	if list := fmt.Sprint(call(200, "GET", "/v1/layers", "")["layers"]); !strings.Contains(list, "cells:2 code:market-regulation") {
		t.Error(list)
	}
	command(exitDone, "doctor")
}

// service serves a database's API; what it gives calls it as an account of a role.
func service(t *testing.T, url string, role grids.Role) func(status int, method, path, body string) map[string]any {
	t.Helper()
	db, err := database.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	var key string
	err = db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		id, err := access.CreateAccount(t.Context(), tx, grids.Local, access.Account{Name: "caller", Kind: access.Service}, "")
		if err != nil {
			return err
		}
		if err := access.Give(t.Context(), tx, access.Grant{Account: id, Role: role}, grids.GB12, ""); err != nil {
			return err
		}
		key, err = access.CreateKey(t.Context(), tx, access.Key{Account: id, Label: "test", PerMinute: 1000, Expires: time.Now().Add(time.Hour)}, time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := api.New(db, api.Options{Log: slog.New(slog.DiscardHandler), Static: fstest.MapFS{"index.html": {Data: []byte("map")}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return func(status int, method, path, body string) map[string]any {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Api-Key", key)
		if body != "" {
			request.Header.Set("Content-Type", "application/json")
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != status {
			t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, text)
		}
		answer := map[string]any{}
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return answer
	}
}
