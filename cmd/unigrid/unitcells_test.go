package main

import (
	"bytes"
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
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// TestUnitCells takes a territory down to unit cells below two of its villages,
// one set imported and the other drawn, staffs one, puts a monitor into it, and
// asks the service about it.
func TestUnitCells(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	folder := t.TempDir()
	type square struct {
		code     string
		x, width float64 // in villages, from west
	}
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	shapes := func(name string, list ...square) string {
		var features []string
		for _, s := range list {
			west, east := 113+s.x/100, 113+(s.x+s.width)/100
			features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"代码":%q,"名称":"示例 %[2]g"},"geometry":{"type":"Polygon","coordinates":[[[%[2]f,27.5],[%[3]f,27.5],[%[3]f,27.51],[%[2]f,27.51],[%[2]f,27.5]]]}}`, s.code, west, east))
		}
		return file(name, `{"type":"FeatureCollection","features":[`+strings.Join(features, ",")+`]}`)
	}
	villages := shapes("villages.geojson", square{"430202001001", 0, 1}, square{"430202001002", 1, 1}, square{"430202002001", 2, 1})
	units := shapes("units.geojson", square{"430202001001001", 0, 0.5}, square{"430202001001002", 0.5, 0.5})
	wrong := shapes("wrong.geojson", square{"430202001002001", 0, 0.5}, square{"43020200100201", 0.5, 0.5})
	people := file("people.csv", "工号,姓名,单位,职务\nT-1,示例人员 9001,示例单位,市长\nT-2,示例人员 9002,示例单位,网格员\n")
	assignments := file("assignments.csv", "工号,网格代码,角色\nT-1,430200000000,责任人\nT-2,430202001001001,责任人\n")
	monitors := file("monitors.csv", "编码,名称,经度,纬度\nM1,示例监测点,113.002,27.505\n")
	for _, step := range []struct {
		args string
		want int
	}{
		{"territory create --code 430200000000 --name 示例市 --crs EPSG:4547", exitDone},
		{"import --as cells --tier 5 " + wrong, exitFailed},
		{"import --as cells --tier 4 " + villages, exitDone},
		{"import --as cells --tier 5 " + units, exitDone},
		{"import --as cells --tier 5 " + units, exitDone}, // twice changes nothing
		{"draw --parent 430202001002 --method balanced --into 3 --seed 1", exitDone},
		{"draw --parent 430202001001001 --method balanced --into 2", exitFailed}, // there is no sixth tier
		{"import --as people " + people, exitDone},
		{"import --as assignments --publish " + assignments, exitDone},
		{"import --as monitors --crs EPSG:4326 " + monitors, exitDone},
		{"doctor", exitDone},
	} {
		if got := run(t.Context(), append([]string{"--database-url", url}, strings.Fields(step.args)...)); got != step.want {
			t.Fatalf("%s: exit code %d, want %d", step.args, got, step.want)
		}
	}

	db, err := database.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var key string
	err = db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		id, err := access.CreateAccount(t.Context(), tx, grids.Local, access.Account{Name: "reader", Kind: access.Service}, "")
		if err != nil {
			return err
		}
		if err := access.Give(t.Context(), tx, access.Grant{Account: id, Role: grids.RoleAgency}, grids.GB12, ""); err != nil {
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
	defer server.Close()
	get := func(path string, into any) []byte {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Api-Key", key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNoContent {
			t.Fatalf("%s: %d %s", path, response.StatusCode, body)
		}
		if into != nil {
			if err := json.Unmarshal(body, into); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		return body
	}

	var answer struct {
		Chain []struct {
			Code        string
			Tier        int
			Accountable struct {
				Name   string
				Acting bool
			}
		}
	}
	chain := func(lon float64) (list []string) {
		get(fmt.Sprintf("/v1/responsible?lon=%g&lat=27.505", lon), &answer)
		for _, c := range answer.Chain {
			list = append(list, fmt.Sprintf("%d %s %s %t", c.Tier, c.Code, c.Accountable.Name, c.Accountable.Acting))
		}
		return list
	}
	if got, want := chain(113.002), []string{"5 430202001001001 示例人员 9002 false", "4 430202001001 示例人员 9001 true", "3 430202001000 示例人员 9001 true",
		"2 430202000000 示例人员 9001 true", "1 430200000000 示例人员 9001 false"}; !slices.Equal(got, want) {
		t.Errorf("chain %q", got)
	}
	if got := chain(113.025); len(got) != 4 || !strings.HasPrefix(got[0], "4 430202002001") {
		t.Errorf("a village without unit cells: %q", got)
	}
	var features struct {
		NumberMatched int
		Features      []struct {
			ID         string
			Properties map[string]any
		}
	}
	get("/collections/cells/items?tier=5", &features)
	var codes []string
	for _, f := range features.Features {
		codes = append(codes, f.ID)
		if f.Properties["leaf"] != true || !strings.HasPrefix(f.ID, fmt.Sprint(f.Properties["parent"])) {
			t.Errorf("%v", f)
		}
	}
	if want := []string{"430202001001001", "430202001001002", "430202001002001", "430202001002002", "430202001002003"}; !slices.Equal(codes, want) {
		t.Errorf("unit cells %v", codes)
	}
	get("/collections/cells/items?tier=4&leaf=true", &features)
	if features.NumberMatched != 1 {
		t.Errorf("%d villages are leaves", features.NumberMatched)
	}
	get("/collections/monitors/items?cell=430202001001001", &features)
	if features.NumberMatched != 1 || features.Features[0].ID != "M1" {
		t.Errorf("the monitor is elsewhere: %v", features)
	}
	var summary struct {
		Cell struct {
			Tier int
			Leaf bool
		}
	}
	get("/v1/cells/430202001001001/summary", &summary)
	if summary.Cell.Tier != 5 || !summary.Cell.Leaf {
		t.Errorf("%+v", summary)
	}
	// Maps show unit cells from z13 on.
	for zoom, want := range map[maptile.Zoom]bool{10: false, 12: false, 13: true, 14: true} {
		tile := maptile.At(orb.Point{113.002, 27.505}, zoom)
		body := get(fmt.Sprintf("/tiles/cells/%d/%d/%d.mvt", tile.Z, tile.X, tile.Y), nil)
		layers, err := mvt.Unmarshal(body)
		if err != nil {
			t.Fatal(err)
		}
		shown := false
		for _, layer := range layers {
			for _, f := range layer.Features {
				shown = shown || f.Properties["code"] == "430202001001001"
			}
		}
		if shown != want {
			t.Errorf("zoom %d shows the unit cell: %t", zoom, shown)
		}
	}
	var out bytes.Buffer
	if err := with(t.Context(), &config{databaseURL: url}, func(a *app) error {
		d, err := a.diagnose(t.Context())
		a.printDiagnosis(&out, d)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "tier 5: 5 cells, 1 with their own person, 4 acting, 0 without") {
		t.Error(out.String())
	}
}
