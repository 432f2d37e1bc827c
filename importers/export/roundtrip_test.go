package export_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
	"unigrid/grids/objects"
	"unigrid/grids/people"
	"unigrid/importers"
	"unigrid/importers/export"
)

// roster has people with a telephone each, and a column that nobody maps.
const roster = "工号,姓名,单位,职务,联系电话,备注\nG-1,示例人员 0001,示例单位,网格长,13800000001,甲\nG-2,示例人员 0002,示例单位,网格员,13800000002,乙\n"

func posts(w town) string {
	return fmt.Sprintf("工号,网格代码,角色,条线,职务,党政,排序号,任职时间,离任时间\nG-1,%s,责任人,,村长,政府,2,2024.3.1,至今\nG-2,%[1]s,网格员,,,,0,2024.3.1,至今\n", w.Leaf(1, 1))
}

// What is exported and imported again changes nothing, for every target and
// format, in the coordinate system of the file.
func TestImportOfAnExportChangesNothing(t *testing.T) {
	t.Parallel()
	layerCells := func(t *testing.T, w town) string {
		return file(t, "网格.geojson", `{"type":"FeatureCollection","features":[
			{"type":"Feature","properties":{"网格编码":"A1","网格名称":"示例一","面积":1.5},"geometry":{"type":"Polygon","coordinates":[[[113.001,27.001],[113.003,27.001],[113.003,27.003],[113.001,27.001]]]}},
			{"type":"Feature","properties":{"网格编码":"A2","网格名称":null,"面积":null},"geometry":{"type":"MultiPolygon","coordinates":[[[[113.004,27.001],[113.003,27.003],[113.003,27.001],[113.004,27.001]]]]}}]}`)
	}
	asCSV := func(name, text string) func(*testing.T, town) string {
		return func(t *testing.T, _ town) string { return file(t, name, text) }
	}
	book := func(t *testing.T, _ town) string {
		path := filepath.Join(t.TempDir(), "企业.xlsx")
		gdal(t, "ogr2ogr", "-f", "XLSX", path, file(t, "firms.csv", firms), "-oo", "AUTODETECT_TYPE=YES")
		return path
	}
	for name, test := range map[string]struct {
		target importers.Request
		sent   func(*testing.T, town) string
		r      export.Request
		rows   int
	}{
		"shapefile":            {importers.Request{Target: "enterprises"}, func(t *testing.T, _ town) string { return firmsShapefile(t) }, export.Request{Format: export.Shapefile, EPSG: 4526, Encoding: "GBK"}, 3},
		"shapefile, UTF-8":     {importers.Request{Target: "enterprises"}, func(t *testing.T, _ town) string { return firmsShapefile(t) }, export.Request{Format: export.Shapefile, EPSG: 4526}, 3},
		"shapefile to package": {importers.Request{Target: "enterprises"}, func(t *testing.T, _ town) string { return firmsShapefile(t) }, export.Request{Format: export.GeoPackage, EPSG: 4526}, 3},
		"csv":                  {importers.Request{Target: "enterprises"}, asCSV("firms.csv", firms), export.Request{Format: export.CSV}, 3},
		"csv with headings of ours": {importers.Request{Target: "enterprises"}, asCSV("firms.csv", "CODE,NAME,industry,状态,lon,lat\nE1,示例,化工,=停产,113.001,27.001\nE2,示例二,,,,\n"),
			export.Request{Format: export.CSV, Encoding: "GB18030"}, 2},
		"published":      {importers.Request{Target: "enterprises", Publish: []string{"备注"}}, asCSV("firms.csv", firms), export.Request{Format: export.CSV}, 3},
		"xlsx":           {importers.Request{Target: "enterprises"}, book, export.Request{Format: export.XLSX}, 3},
		"geojson":        {importers.Request{Target: importers.LayerCells, Layer: "environment"}, layerCells, export.Request{Format: export.GeoJSON}, 2},
		"people":         {importers.Request{Target: importers.People}, asCSV("people.csv", roster), export.Request{Format: export.CSV}, 2},
		"people as xlsx": {importers.Request{Target: importers.People}, asCSV("people.csv", roster), export.Request{Format: export.XLSX}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			report := w.imports(t, test.sent(t, w), test.target)
			if report.Applied != test.rows {
				t.Fatalf("%+v", report)
			}
			test.r.Collection = string(test.target.Target)
			path, _ := w.exports(t, test.r)
			if test.r.Collection == "people" { // the chief isn't the file's
				path = withoutChief(t, path)
			}
			again := w.imports(t, path, test.target)
			if again.Unchanged != test.rows || again.Applied != 0 {
				raw, _ := os.ReadFile(path)
				t.Errorf("%d applied, %d unchanged: %+v\n%.2000s", again.Applied, again.Unchanged, again.Findings, raw)
				var before, after string
				if err := w.db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
					return tx.QueryRow(t.Context(), `SELECT coalesce(min(sent::text), ''), coalesce(max(sent::text), '') FROM (SELECT sent FROM objects.sent UNION ALL SELECT sent FROM layers.sent UNION ALL SELECT sent FROM people.sent) s
						WHERE sent::text ~ '示例-1|E1|A1|G-1'`).Scan(&before, &after)
				}); err != nil {
					t.Error(err)
				}
				t.Errorf("sent\n%s\n%s", before, after)
			}
		})
	}
}

// withoutChief leaves the town's own chief out of an export of people.
func withoutChief(t *testing.T, path string) string {
	t.Helper()
	if filepath.Ext(path) == ".xlsx" {
		made := filepath.Join(t.TempDir(), "people.csv")
		gdal(t, "ogr2ogr", "-f", "CSV", "-where", "staff_no <> 'C-1'", made, path, "人员")
		return made
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.Split(string(raw), "\r\n"), func(l string) bool { return strings.HasPrefix(l, "C-1") })
	return file(t, "people.csv", strings.Join(lines, "\r\n"))
}

// People who were edited here since their import, and ones who were entered here,
// go out and in again unchanged; what is edited in the file comes in, in whichever
// column.
func TestPeopleEditedInAnExport(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "people.csv", roster), importers.Request{Target: importers.People})
	number := func(staff string) (id grids.PersonID) {
		if err := w.db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT id FROM people.person WHERE staff_no = $1`, staff).Scan(&id)
		}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	office, since := "值班长", time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	if err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		unit, err := people.EditUnit(t.Context(), tx, w.Territory, people.UnitEdit{Name: &[]string{"另一单位"}[0]})
		if err != nil {
			return err
		}
		_, err = people.EditPeople(t.Context(), tx, w.Territory, 1, []people.PersonEdit{
			{ID: number("G-1"), Posts: &[]people.PostSaid{{Title: "主任", From: &since}, {Title: office, Unit: unit.ID, From: &since}},
				Layers: &[]people.Membership{{Layer: "environment", Home: true}, {Layer: "safety"}}},
			{Name: &[]string{"新来"}[0], StaffNo: &[]string{"G-9"}[0], Unit: &unit.ID},
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, format := range []export.Format{export.CSV, export.XLSX} {
		path, _ := w.exports(t, export.Request{Collection: "people", Format: format})
		if again := w.imports(t, path, importers.Request{Target: importers.People}); again.Applied != 0 || again.Unchanged != 4 {
			t.Errorf("%s: %+v %+v", format, again, again.Differences)
		}
	}
	path, _ := w.exports(t, export.Request{Collection: "people", Format: export.CSV})
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	if !strings.Contains(text, ",主任、另一单位:值班长,2024-03-01、2024-03-01,environment,safety,138****0001,") {
		t.Errorf("%s", text)
	}
	for old, now := range map[string]string{
		"主任、另一单位:值班长,2024-03-01、2024-03-01,environment,safety": "主任,2025-05-01,安监,无",       // in our columns
		"G-2,示例人员 0002,示例单位,网格员,乙":                             "G-2,示例人员 0002,示例单位,副站长,乙", // in the file's own
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("no %s in %s", old, text)
		}
		text = strings.ReplaceAll(text, old, now)
	}
	report := w.imports(t, file(t, "people.csv", text), importers.Request{Target: importers.People})
	if report.Changed != 2 || report.Unchanged != 2 {
		t.Errorf("%+v %+v", report, report.Differences)
	}
	if err := w.db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		for staff, want := range map[string]string{"G-1": "主任 safety home 2025-05-01", "G-2": "副站长  "} {
			p, err := people.FindPerson(t.Context(), tx, w.Territory, 1, time.Now(), number(staff))
			if err != nil {
				return err
			}
			got := p.Posts[0].Title
			for _, l := range p.Layers {
				got += fmt.Sprintf(" %s home", l.Layer)
			}
			if p.Posts[0].From != nil && staff == "G-1" {
				got += p.Posts[0].From.Format(" 2006-01-02")
			}
			if got != strings.TrimSpace(want) {
				t.Errorf("%s: %s, want %s", staff, got, want)
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// People and assignments come out as tables, telephones masked; assignments go
// in again as they are.
func TestPeopleAndAssignments(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "people.csv", roster), importers.Request{Target: importers.People})
	w.imports(t, file(t, "posts.csv", posts(w)), importers.Request{Target: importers.Assignments})
	for _, who := range []grids.Principal{grids.Local, grids.Public, {Name: "admin", Role: grids.RoleAdmin}} {
		for _, format := range []export.Format{export.CSV, export.XLSX, export.GeoPackage, export.GeoJSON} {
			folder, result, err := w.write(t, who, export.Request{Collection: "people", Format: format})
			if err != nil {
				t.Fatal(err)
			}
			said := gdal(t, "ogrinfo", "-al", filepath.Join(folder, result.Files[0]))
			if strings.Contains(said, "13800000001") || !strings.Contains(said, "138****0001") || !strings.Contains(said, "示例人员 0002") {
				t.Errorf("%s %s: %s", who.Name, format, said)
			}
			if notes := strings.Contains(said, "备注"); notes == (who.Role == grids.RolePublic) {
				t.Errorf("%s %s: extra columns: %t", who.Name, format, notes)
			}
		}
	}
	path, result := w.exports(t, export.Request{Collection: "assignments", Format: export.CSV})
	raw, err := os.ReadFile(path)
	if err != nil || result.Rows != 3 || !strings.Contains(string(raw), "G-1,2,示例人员 0001,"+string(w.Leaf(1, 1))+",示例村1-1,accountable,,村长,government,2,2024-03-01T00:00:00Z,\r\n") {
		t.Fatalf("%v %s", err, raw)
	}
	if again := w.imports(t, path, importers.Request{Target: importers.Assignments}); again.Unchanged != 3 || again.Applied != 0 {
		t.Errorf("%+v", again)
	}
	before := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)
	if _, result := w.exports(t, export.Request{Collection: "assignments", Format: export.CSV, At: &before}); result.Rows != 1 {
		t.Errorf("%d rows", result.Rows)
	}
}

// counties are two that neither meet nor agree with each other to the metre.
const counties = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"XZQDM":"430201","XZQMC":"示例县一","人口":12345,"来源":"国土"},"geometry":{"type":"Polygon","coordinates":[[[113,27],[113.1,27],[113.1,27.1],[113,27.1],[113,27]]]}},
{"type":"Feature","properties":{"XZQDM":"430202","XZQMC":"洣江县","人口":null,"来源":"国土"},"geometry":{"type":"Polygon","coordinates":[[[113.1000004,27],[113.2,27],[113.2,27.1],[113.1000004,27.1],[113.1000004,27]]]}}]}`

// newCounties is a territory whose cells came from a shapefile in GBK and
// CGCS2000, 3-degree zone 38.
func newCounties(t *testing.T) (w town, sent string) {
	t.Helper()
	w.db = databasetest.New(t)
	if err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		w.territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	sent = filepath.Join(t.TempDir(), "县界.shp")
	gdal(t, "ogr2ogr", "-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", "-t_srs", "EPSG:4526", sent, file(t, "counties.geojson", counties))
	w.imports(t, sent, importers.Request{Target: importers.Cells, Tier: 2})
	w.imports(t, file(t, "people.csv", roster), importers.Request{Target: importers.People})
	w.imports(t, file(t, "posts.csv", "工号,网格代码,角色\nG-1,430200000000,责任人\n"), importers.Request{Target: importers.Assignments})
	w.publish(t)
	return w, sent
}

func (w town) publish(t *testing.T) {
	t.Helper()
	if err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := editions.Publish(t.Context(), tx, w.territory, grids.Local, "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// ring gives the coordinates of a polygon's first ring.
func ring(t *testing.T, f feature) [][2]float64 {
	t.Helper()
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(f.Geometry, &g); err != nil {
		t.Fatal(err)
	}
	var several [][][][2]float64
	one := make([][][2]float64, 0)
	if g.Type == "MultiPolygon" {
		if err := json.Unmarshal(g.Coordinates, &several); err != nil || len(several) == 0 {
			t.Fatal(err)
		}
		return several[0][0]
	}
	if err := json.Unmarshal(g.Coordinates, &one); err != nil || len(one) == 0 {
		t.Fatalf("%v %s", err, f.Geometry)
	}
	return one[0]
}

// Cells come out within the tolerance of what was sent, the original exactly,
// with the columns of the file beside the collection's; imported again they
// change nothing.
func TestCellsComeBack(t *testing.T) {
	t.Parallel()
	w, sent := newCounties(t)
	before := features(t, sent)
	r := export.Request{Collection: "cells", Tier: 2, Format: export.Shapefile, EPSG: 4526, Encoding: "GBK"}
	path, _ := w.exports(t, r)
	original := r
	original.Original = true
	exact, _ := w.exports(t, original)
	after, same := features(t, path), features(t, exact)
	if len(after) != 2 || len(same) != 2 {
		t.Fatalf("%d and %d features", len(after), len(same))
	}
	for i, f := range before {
		p := after[i].Properties
		for name, value := range f.Properties {
			if p[name] != value {
				t.Errorf("%s: %v became %v", name, value, p[name])
			}
		}
		if p["code"] != f.Properties["XZQDM"].(string)+"000000" || p["parent"] != "430200000000" || p["tier"] != 2.0 || p["acc_name"] != "示例人员 0001" || p["acc_acting"] != "T" && p["acc_acting"] != true {
			t.Errorf("%v", p)
		}
		if string(same[i].Geometry) != string(f.Geometry) {
			t.Errorf("the original\n%s came out as\n%s", f.Geometry, same[i].Geometry)
		}
		for _, corner := range ring(t, f) {
			near := math.Inf(1)
			for _, c := range ring(t, after[i]) {
				near = min(near, math.Hypot(c[0]-corner[0], c[1]-corner[1]))
			}
			if near > 0.1 {
				t.Errorf("the corner %v is %.3f m away", corner, near)
			}
		}
	}
	for _, path := range []string{path, exact} {
		if again := w.imports(t, path, importers.Request{Target: importers.Cells, Tier: 2}); again.Unchanged != 2 || again.Applied != 0 {
			t.Errorf("%+v", again)
		}
	}
	for _, format := range []export.Format{export.GeoPackage, export.GeoJSON, export.CSV} {
		path, _ := w.exports(t, export.Request{Collection: "cells", Tier: 2, Format: format})
		r := importers.Request{Target: importers.Cells, Tier: 2}
		r.Source.EPSG = 4326 // CSV doesn't say
		if again := w.imports(t, path, r); again.Unchanged != 2 || again.Applied != 0 {
			t.Errorf("%s: %+v", format, again)
		}
	}
	// whoever may not see what was sent gets the collection's
	folder, result, err := w.write(t, grids.Public, original)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range features(t, filepath.Join(folder, result.Files[0])) {
		if _, there := f.Properties["来源"]; there || string(f.Geometry) == string(before[i].Geometry) {
			t.Errorf("%v", f)
		}
	}
}

// A cell that was renamed since has its new name, and what was sent beside it.
func TestCellsRenamed(t *testing.T) {
	t.Parallel()
	w, _ := newCounties(t)
	then := time.Now()
	read := func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 2, 'draft', 'test')`, w.territory.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			WITH closed AS (UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND code = '430202000000' RETURNING *)
			INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
			SELECT territory_id, cell_id, 2, code, '渌口区', tier, parent_id, geom, area_m2, label, provenance FROM closed`, w.territory.ID)
		return err
	}
	if err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error { return read(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	w.publish(t)
	at := func(at *time.Time) map[string]any {
		path, _ := w.exports(t, export.Request{Collection: "cells", Tier: 2, Format: export.GeoJSON, At: at})
		return features(t, path)[1].Properties
	}
	if now := at(nil); now["name"] != "渌口区" || now["XZQMC"] != "洣江县" || now["来源"] != "国土" || now["edition"] != 2.0 {
		t.Errorf("%v", now)
	}
	if past := at(&then); past["name"] != "洣江县" || past["edition"] != 1.0 {
		t.Errorf("%v", past)
	}
}

// A column of the file that has the name of one of the collection's, but other
// values, comes under another name.
func TestNamesThatClash(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "firms.csv", "统一社会信用代码,企业名称,CODE,Cell,industry,所属行业,经度,纬度\n示例-1,示例,7,x,甲,化工,113.001,27.001\n"),
		importers.Request{Target: "enterprises", Map: map[string]string{"industry": "所属行业"}})
	for format, want := range map[export.Format]map[string]any{
		export.GeoJSON:    {"code": "示例-1", "CODE_sent": "7", "cell": string(w.Leaf(1, 1)), "Cell_sent": "x", "industry": "化工", "industry_sent": "甲", "经度": "113.001"},
		export.GeoPackage: {"code": "示例-1", "CODE_sent": "7", "industry": "化工", "industry_sent": "甲"},
		export.Shapefile:  {"code": "示例-1", "CODE_sent": "7", "Cell_sent": "x", "industry": "化工", "industry_s": "甲"},
	} {
		path, _ := w.exports(t, export.Request{Collection: "enterprises", Format: format})
		got := features(t, path)[0].Properties
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %v, want %v (%v)", format, name, got[name], value, got)
			}
		}
	}
	// an object that was put elsewhere has its own columns for that
	if err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		return objects.Locate(t.Context(), tx, w.Territory, 1, "enterprise", "示例-1", 113.01, 27.01, objects.ByHand, time.Now())
	}); err != nil {
		t.Fatal(err)
	}
	path, _ := w.exports(t, export.Request{Collection: "enterprises", Format: export.CSV})
	raw, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(raw), ",经度_sent,纬度_sent,经度,纬度\r\n") || !strings.HasSuffix(string(raw), ",113.001,27.001,113.01,27.01\r\n") {
		t.Errorf("%v %s", err, raw)
	}
}
