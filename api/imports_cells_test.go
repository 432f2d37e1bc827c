package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// A file of cells that are there lists what would change before it counts; cells
// that it doesn't name are retired only when the clerk says so.
func TestImportOfCellsAgain(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	feature := func(column, row int, name string, south, north float64) string {
		west, east := float64(column-1), float64(column)
		return fmt.Sprintf(`{"type":"Feature","properties":{"代码":%q,"名称":%q},"geometry":%s}`, c.town.Leaf(column, row), name, polygon(west, south, east, south, east, north, west, north, west, south))
	}
	file := func(features ...string) []byte {
		return []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`)
	}
	apply := func(id int64) {
		t.Helper()
		c.post(fmt.Sprintf("/imports/%d/apply", id), "")
		if i := c.settled(id); i.State != "applied" {
			t.Fatalf("%+v %+v", i, i.Error)
		}
	}
	var all []string
	for column := 1; column <= 2; column++ {
		for row := 1; row <= 3; row++ {
			south, north := float64(row-1), float64(row)
			if column == 2 && row < 3 { // the border between these two moves
				south, north = south*1.2, 1.2+float64(row-1)*.8
			}
			all = append(all, feature(column, row, fmt.Sprintf("示例村%d-%d", column, row), south, north))
		}
	}
	moved := c.bring("村.geojson", file(all...), `"target":"cells","tier":3`)
	readImport(t, c.patch(moved.Id, `{"replace_parents":true}`, 202), 202)
	if moved = c.settled(moved.Id); moved.State != "ready" || moved.Report.Retired+moved.Report.Created != 0 {
		t.Fatalf("%+v %+v", moved.Report, moved.Error)
	}
	apply(moved.Id)

	merged := file(feature(1, 1, "合并村", 0, 2), feature(1, 3, "示例村1-3", 2, 3))
	i := c.bring("村.geojson", merged, `"target":"cells","tier":3`)
	if i.State != "failed" || i.RetireMissing || !strings.Contains(i.Error.Detail, string(c.town.Leaf(1, 2))) || !strings.Contains(i.Error.Fix, "retire_missing") {
		t.Fatalf("%s %+v", i.State, i.Error)
	}
	if changed := readImport(t, c.patch(i.Id, `{"retire_missing":true}`, 202), 202); !changed.RetireMissing {
		t.Errorf("%+v", changed)
	}
	if i = c.settled(i.Id); i.State != "ready" || i.Report.Retired != 1 || i.Report.Changed == 0 || i.Report.Created != 0 {
		t.Fatalf("%s %+v %+v", i.State, i.Report, i.Error)
	}
	d := c.get(fmt.Sprintf("%s/imports/%d/differences", c.base, i.Id)).json(t)
	if said := fmt.Sprint(d["differences"]); fmt.Sprint(d["retired"]) != "1" || !strings.Contains(said, "合并村") || !strings.Contains(said, "km²") || !strings.Contains(said, "op:retired") {
		t.Errorf("%v", d)
	}
	apply(i.Id)
	if again := c.bring("村.geojson", merged, `"target":"cells","tier":3`); again.State != "ready" || again.Report.Unchanged != 2 || again.Report.Changed+again.Report.Retired != 0 {
		t.Errorf("again: %+v %+v", again.Report, again.Error)
	}
	if undone := readImport(t, c.post(fmt.Sprintf("/imports/%d/undo", i.Id), ""), 200); undone.State != "undone" {
		t.Errorf("%+v", undone)
	}
}
