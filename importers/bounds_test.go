package importers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// TestRowsBeyondBounds: of a file of the whole city, who is bound to a county or
// a layer takes in what is theirs, and each other row is told; a strict import
// takes in nothing.
func TestRowsBeyondBounds(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	territory := w.territory(t)
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run := func(who grids.Principal, r Request) (Report, error) {
		return Run(t.Context(), w.db, who, territory, r, nil)
	}
	square := func(code string, lon, lat float64) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"网格代码":%[1]q,"网格名称":"示例网格 %[1]s"},"geometry":{"type":"Polygon","coordinates":[[[%[2]f,%[3]f],[%[4]f,%[3]f],[%[4]f,%[5]f],[%[2]f,%[5]f],[%[2]f,%[3]f]]]}}`,
			code, lon, lat, lon+0.001, lat+0.001)
	}
	const own, other, lat = 113.002, 113.01, 27.002 // the first column's county, and the second's
	firms := func(place1, place2 string) string {
		return "企业代码,企业名称,经度,纬度\nE1,示例企业甲," + place1 + "\nE2,示例企业乙," + place2 + "\n"
	}
	mine, theirs := fmt.Sprintf("%f,%f", own, lat), fmt.Sprintf("%f,%f", other, lat)
	w.tx(t, grids.Local, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'P1', '示例人员', 'demo')`, w.Territory)
		return err
	})
	county := grids.Principal{Name: "county", Role: grids.RolePlanner, Territory: w.Territory, Within: []string{"430201"}}
	layer := grids.Principal{Name: "layer", Role: grids.RolePlanner, Territory: w.Territory, Layers: []grids.LayerCode{"safety"}}
	// E2 is in the other county already when the county's file moves it
	if r, err := run(grids.Local, Request{File: write("before.csv", firms(mine, theirs)), Target: "enterprises"}); err != nil || r.Applied != 2 {
		t.Fatal(err, r.Findings)
	}
	for _, test := range []struct {
		name    string
		who     grids.Principal
		request Request
		applied int
		refused []int
	}{
		{"objects of two counties", county, Request{File: write("a.csv", firms(fmt.Sprintf("%f,%f", own+0.001, lat), theirs)), Target: "enterprises"}, 1, []int{3}},
		{"an object fetched from another county", county, Request{File: write("b.csv", firms(mine, mine)), Target: "enterprises"}, 1, []int{3}},
		{"assignments", county, Request{File: write("c.csv", fmt.Sprintf("工号,网格代码,角色\nP1,%s,网格员\nP1,%s,网格员\n", w.Leaf(1, 1), w.Leaf(2, 1))), Target: Assignments}, 1, []int{3}},
		{"assignments of layers", layer, Request{File: write("d.csv", fmt.Sprintf("工号,网格代码,角色,条线\nP1,%[1]s,网格员,safety\nP1,%[1]s,网格员,environment\nP1,%[1]s,监督员,\n", w.Leaf(1, 2))), Target: Assignments}, 1, []int{3, 4}},
		{"layer cells", county, Request{File: write("e.geojson", `{"type":"FeatureCollection","features":[`+square("L1", own, lat)+","+square("L2", other, lat)+"]}"), Target: LayerCells, Layer: "safety"}, 1, []int{2}},
		{"layer cells of another layer", layer, Request{File: write("f.geojson", `{"type":"FeatureCollection","features":[`+square("L3", own, lat)+"]}"), Target: LayerCells, Layer: "environment"}, 0, []int{1}},
	} {
		strict := test.request
		strict.Strict = true
		if r, err := run(test.who, strict); err == nil || r.Applied != 0 {
			t.Errorf("%s, strict: %d applied, %v", test.name, r.Applied, err)
		}
		r, err := run(test.who, test.request)
		var wrong *grids.Error
		if err != nil && !(test.applied == 0 && errors.As(err, &wrong)) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := slices.Compact(rowsWith(r, "not-yours")); r.Applied != test.applied || !slices.Equal(got, test.refused) {
			t.Errorf("%s: %d applied, rows %v refused, want %d and %v: %+v", test.name, r.Applied, got, test.applied, test.refused, r.Findings)
		}
		for _, f := range r.Findings {
			if f.Kind == "not-yours" && !strings.Contains(f.Said().In("zh"), "未导入") {
				t.Errorf("%s: %+v", test.name, f)
			}
		}
	}
}
