package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/collections"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/objects"
	"unigrid/importers"
	"unigrid/importers/export"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

// town is a published territory of squares, to import into and to export from.
type town struct {
	db *database.DB
	cellstest.Squares
	territory cells.Territory
}

func newTown(t *testing.T) town {
	t.Helper()
	db := databasetest.New(t)
	w := town{db: db, Squares: cellstest.New(t, db, "4302", 2, 2)}
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH chief AS (INSERT INTO people.person (territory_id, staff_no, name, unit, post, phone_masked, provenance)
			  VALUES ($1, 'C-1', '示例市长', '示例单位', '市长', '138****0001', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, post, side, rank, during, recorded_by)
			SELECT $1, id, $2, 'accountable', '市长', 'government', 1, tstzrange('2024-01-01 00:00:00.123456+00', NULL), 'test' FROM chief`, w.Territory, w.Cell(t, w.Root()))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(t, 1, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if err := db.Read(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		w.territory, err = cells.FindTerritory(t.Context(), tx, "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

// imports takes a file in, whole.
func (w town) imports(t *testing.T, path string, r importers.Request) importers.Report {
	t.Helper()
	r.File = path
	report, err := importers.Run(t.Context(), w.db, grids.Local, w.territory, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Rejected != 0 {
		t.Fatalf("%+v", report.Findings)
	}
	return report
}

// write writes an export into a new folder and gives it with what was written.
func (w town) write(t *testing.T, who grids.Principal, r export.Request) (string, export.Result, error) {
	t.Helper()
	folder := t.TempDir()
	var result export.Result
	err := w.db.Read(t.Context(), who, func(tx pgx.Tx) (err error) {
		result, err = export.Write(t.Context(), tx, w.territory, r, time.Now(), folder, "out", nil)
		return err
	})
	return folder, result, err
}

// exports gives the path of the main file.
func (w town) exports(t *testing.T, r export.Request) (string, export.Result) {
	t.Helper()
	folder, result, err := w.write(t, grids.Local, r)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, result.Files[0]), result
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// gdal runs a program of GDAL.
func gdal(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", program, args, err, out)
	}
	return string(out)
}

// feature is one as GDAL reads it.
type feature struct {
	Properties map[string]any  `json:"properties"`
	Geometry   json.RawMessage `json:"geometry"`
}

// features reads a file by GDAL, in its own coordinates.
func features(t *testing.T, path string, args ...string) []feature {
	t.Helper()
	made := filepath.Join(t.TempDir(), "read.geojson")
	gdal(t, "ogr2ogr", append([]string{"-f", "GeoJSON", "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=15", "-lco", "SIGNIFICANT_FIGURES=17", made, path}, args...)...)
	raw, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Features []feature }
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all.Features
}

// records reads a file by unigrid's own readers.
func records(t *testing.T, path string) (source.Source, []source.Record) {
	t.Helper()
	s, err := formats.Open(path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var all []source.Record
	for {
		record, err := s.Next()
		if err != nil {
			return s, all
		}
		all = append(all, record)
	}
}

// firms are sent as a table; 洣江 and 塅 are outside GB2312.
const firms = "统一社会信用代码,企业名称,行业,员工数,产值,投产日期,备注,经度,纬度\n" +
	"示例-1,洣江示例企业,化工,120,12.5,2024-03-01,甲,113.001,27.001\n" +
	"示例-2,董家塅示例企业,化工,,0.1,,,113.002,27.002\n" +
	"示例-3,示例企业三,冶炼,7,-3.25,2024-12-31,=1+1,113.003,27.003\n"

// firmsShapefile are the firms as an office's shapefile: GBK, with the zone
// number in the easting, a number, a date and a null.
func firmsShapefile(t *testing.T) string {
	var list []string
	for n, line := range strings.Split(strings.TrimSpace(firms), "\n")[1:] {
		v := strings.Split(line, ",")
		for i, text := range v {
			if v[i] = strconv.Quote(text); text == "" {
				v[i] = "null"
			}
		}
		list = append(list, fmt.Sprintf(`{"type":"Feature","properties":{"XYDM":%s,"QYMC":%s,"HY":%s,"员工数":%s,"CZ":%s,"TCRQ":%s,"备注":%s},"geometry":{"type":"Point","coordinates":[113.00%d,27.00%[8]d]}}`,
			v[0], v[1], v[2], strings.Trim(v[3], `"`), strings.Trim(v[4], `"`), v[5], v[6], n+1))
	}
	path := filepath.Join(t.TempDir(), "企业.shp")
	gdal(t, "ogr2ogr", "-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", "-t_srs", "EPSG:4526", path,
		file(t, "firms.geojson", `{"type":"FeatureCollection","features":[`+strings.Join(list, ",")+`]}`))
	return path
}

// An office's shapefile comes out as it was sent: every coordinate, value, null
// and type, in its encoding and coordinate system.
func TestShapefileComesBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	sent := firmsShapefile(t)
	w.imports(t, sent, importers.Request{Target: "enterprises"})
	path, result := w.exports(t, export.Request{Collection: "enterprises", Format: export.Shapefile, EPSG: 4526, Encoding: "GBK"})
	if result.Rows != 3 {
		t.Errorf("%+v", result)
	}
	before, after := features(t, sent), features(t, path)
	if len(after) != 3 {
		t.Fatalf("%d features", len(after))
	}
	for i, f := range before {
		if string(f.Geometry) != string(after[i].Geometry) {
			t.Errorf("%s became %s", f.Geometry, after[i].Geometry)
		}
		for name, value := range f.Properties {
			if got := after[i].Properties[name]; got != value {
				t.Errorf("%s: %v became %v", name, value, got)
			}
		}
		if p := after[i].Properties; p["code"] != f.Properties["XYDM"] || p["cell"] != string(w.Leaf(1, 1)) || p["industry"] != f.Properties["HY"] {
			t.Errorf("%v", p)
		}
	}
	s, own := records(t, path)
	if epsg, _ := s.CRS(); epsg != 4526 || len(own) != 3 {
		t.Errorf("EPSG:%d, %d records", epsg, len(own))
	}
	stem := strings.TrimSuffix(path, ".shp")
	for ending, want := range map[string]string{".cpg": "GBK", ".prj": `PROJCS["CGCS2000_3_Degree_GK_Zone_38"`} {
		if raw, err := os.ReadFile(stem + ending); err != nil || !strings.HasPrefix(string(raw), want) {
			t.Errorf("%s: %v %s", ending, err, raw)
		}
	}
	if raw, err := os.ReadFile(stem + ".dbf"); err != nil || raw[29] != 0x4D || !bytes.Contains(raw, []byte("\x9B\xA6\xBD\xAD")) { // 洣江
		t.Errorf("language byte or text wrong: %v", err)
	}
	if raw, err := os.ReadFile(stem + "_说明.txt"); err != nil || !strings.Contains(string(raw), grids.Disclaimer.ZH) || !strings.Contains(string(raw), "EPSG:4526") {
		t.Errorf("%v: %s", err, raw)
	}
}

// GeoJSON has longitude and latitude, nested values as they are, and says whose
// lines they are.
func TestGeoJSON(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "firms.csv", firms), importers.Request{Target: "enterprises"})
	path, _ := w.exports(t, export.Request{Collection: "enterprises", Format: export.GeoJSON})
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Disclaimer grids.Text
		Features   []struct {
			Properties struct {
				Code  string
				Cells []struct{ Code string }
				Note  *string `json:"备注"`
			}
			Geometry struct{ Coordinates []float64 }
		}
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if all.Disclaimer != grids.Disclaimer || len(all.Features) != 3 {
		t.Errorf("%+v", all)
	}
	one, two := all.Features[0], all.Features[1]
	if !slices.Equal(one.Geometry.Coordinates, []float64{113.001, 27.001}) || one.Properties.Cells[0].Code != string(w.Leaf(1, 1)) || *one.Properties.Note != "甲" || two.Properties.Note != nil {
		t.Errorf("%+v %+v", one, two)
	}
	if _, _, err := w.write(t, grids.Local, export.Request{Collection: "enterprises", Format: export.GeoJSON, EPSG: 4547}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("GeoJSON in metres: %v", err)
	}
}

// What isn't for the public doesn't come out to it: extra columns that nobody
// published, the geometry that was sent.
func TestThePublicGetsWhatIsPublished(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "firms.csv", firms), importers.Request{Target: "enterprises", Publish: []string{"员工数"}})
	for _, format := range []export.Format{export.GeoJSON, export.Shapefile} {
		folder, result, err := w.write(t, grids.Public, export.Request{Collection: "enterprises", Format: format, Original: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range features(t, filepath.Join(folder, result.Files[0])) {
			if _, there := f.Properties["备注"]; there {
				t.Errorf("%v", f.Properties)
			}
			if _, there := f.Properties["员工数"]; !there || f.Properties["industry"] == nil {
				t.Errorf("%v", f.Properties)
			}
		}
		if len(result.Notes) == 0 {
			t.Error("nothing says that the original geometry wasn't given")
		}
	}
}

// Layer cells come out with the rings that were sent, broken or not; an object
// that was put elsewhere since comes out where it is.
func TestGeometryAsSent(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const bow = `[[[113.001,27.001],[113.003,27.003],[113.003,27.001],[113.001,27.003],[113.001,27.001]]]`
	w.imports(t, file(t, "grids.geojson", `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"网格编码":"A1","网格名称":"示例一","面积":1.5},"geometry":{"type":"Polygon","coordinates":`+bow+`}}]}`),
		importers.Request{Target: importers.LayerCells, Layer: "environment"})
	w.imports(t, file(t, "firms.csv", firms), importers.Request{Target: "enterprises"})
	if err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		return objects.Locate(t.Context(), tx, w.Territory, 1, "enterprise", "示例-1", 113.01, 27.01, objects.ByHand, time.Now())
	}); err != nil {
		t.Fatal(err)
	}
	coordinates := func(r export.Request) (list []string) {
		path, _ := w.exports(t, r)
		for _, f := range features(t, path) {
			var g struct{ Coordinates json.RawMessage }
			if err := json.Unmarshal(f.Geometry, &g); err != nil {
				t.Fatal(err)
			}
			list = append(list, strings.ReplaceAll(string(g.Coordinates), " ", ""))
		}
		return list
	}
	if got := coordinates(export.Request{Collection: "layer-cells", Layer: "environment", Format: export.GeoJSON}); len(got) != 1 || got[0] != bow {
		t.Errorf("%v", got)
	}
	if got := coordinates(export.Request{Collection: "layer-cells", Layer: "safety", Format: export.GeoJSON}); len(got) != 0 {
		t.Errorf("%v", got)
	}
	r := export.Request{Collection: "enterprises", Format: export.GeoJSON}
	if got := coordinates(r); got[0] != "[113.01,27.01]" || got[1] != "[113.002,27.002]" {
		t.Errorf("%v", got)
	}
	if r.Original = true; coordinates(r)[0] != "[113.001,27.001]" {
		t.Errorf("%v", coordinates(r))
	}
}

// A past instant shows what was there then.
func TestAtAnInstant(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "firms.csv", firms), importers.Request{Target: "enterprises"})
	then := time.Now()
	w.imports(t, file(t, "firms.csv", strings.Replace(firms, "示例企业三", "改名企业", 1)), importers.Request{Target: "enterprises"})
	names := func(at *time.Time) string {
		path, _ := w.exports(t, export.Request{Collection: "enterprises", Format: export.GeoJSON, At: at})
		list := features(t, path)
		if len(list) == 0 {
			return ""
		}
		return fmt.Sprint(list[2].Properties["name"], " ", list[2].Properties["企业名称"])
	}
	long := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	if now, past, before := names(nil), names(&then), names(&long); now != "改名企业 改名企业" || past != "示例企业三 示例企业三" || before != "" {
		t.Errorf("%q %q %q", now, past, before)
	}
}

// A character that the encoding lacks is listed by row, and nothing stands in
// its place.
func TestLackingCharacters(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "firms.csv", strings.ReplaceAll(firms, "示例企业三", "示例𬒈石企业")), importers.Request{Target: "enterprises"})
	for encoding, want := range map[string]int{"UTF-8": 0, "GB18030": 0, "GBK": 2, "Big5": 6} {
		_, _, err := w.write(t, grids.Local, export.Request{Collection: "enterprises", Format: export.Shapefile, Encoding: encoding})
		var lacking *export.LackingError
		switch {
		case want == 0 && err != nil:
			t.Errorf("%s: %v", encoding, err)
		case want > 0 && (!errors.As(err, &lacking) || lacking.Count < want):
			t.Errorf("%s: %v", encoding, err)
		case encoding == "GBK":
			if l := lacking.List[0]; l != (export.Lacking{Row: 3, Code: "示例-3", Field: "name", Value: "示例𬒈石企业", Character: "𬒈"}) || lacking.Count != 2 {
				t.Errorf("%+v", lacking)
			}
		}
	}
}

// Names of a DBF have ten bytes, differ, and the text beside it says what they
// stand for; a text too long is cut between characters and listed.
func TestNamesAndLengthsOfDBF(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	long := strings.Repeat("长", 100)
	w.imports(t, file(t, "firms.csv", "编码,名称,安全生产责任人一,安全生产责任人二\nE1,示例,"+long+",乙\n"), importers.Request{Target: "enterprises"})
	path, result := w.exports(t, export.Request{Collection: "enterprises", Format: export.Shapefile})
	got := features(t, path)[0].Properties
	if got["安全生"] != strings.Repeat("长", 84) || got["安全_2"] != "乙" || got["outside"] != 0.0 {
		t.Errorf("%v", got)
	}
	said := ""
	for _, n := range result.Notes {
		said += n.EN + "\n"
	}
	for _, want := range []string{"安全生 = 安全生产责任人一", "安全_2 = 安全生产责任人二", "outside = outside_share", "1 values", "1 安全生产责任人一"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	path, _ = w.exports(t, export.Request{Collection: "enterprises", Format: export.Shapefile, Encoding: "GBK"})
	if got := features(t, path)[0].Properties; got["安全生产责"] != long || got["安全生产_2"] != "乙" {
		t.Errorf("%v", got)
	}
}

// Unknown words are refused with those that there are.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, test := range []struct {
		r    export.Request
		kind grids.ErrorKind
		says string
	}{
		{export.Request{Collection: "roads", Format: export.GeoJSON}, grids.NotFound, "layer-cells"},
		{export.Request{Collection: "cells", Format: "kml"}, grids.Invalid, "gpkg"},
		{export.Request{Collection: "cells", Format: export.Shapefile, Tier: 9}, grids.Invalid, "1 to 4"},
		{export.Request{Collection: "people", Format: export.CSV, Tier: 2}, grids.Invalid, "no tiers"},
		{export.Request{Collection: "cells", Format: export.Shapefile, Layer: "environment"}, grids.Invalid, "no layers"},
		{export.Request{Collection: "layer-cells", Format: export.Shapefile, Layer: "none"}, grids.Invalid, "layer"},
		{export.Request{Collection: "cells", Format: export.Shapefile, EPSG: 99999}, grids.Invalid, "EPSG:4490"},
		{export.Request{Collection: "cells", Format: export.Shapefile, Encoding: "Latin-1"}, grids.Invalid, "GBK"},
		{export.Request{Collection: "cells", Format: export.GeoJSON, Encoding: "GBK"}, grids.Invalid, "UTF-8"},
		{export.Request{Collection: "people", Format: export.Shapefile}, grids.Invalid, "xlsx"},
	} {
		_, _, err := w.write(t, grids.Local, test.r)
		if !grids.IsKind(err, test.kind) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v", test.r, err)
		}
	}
}

// CSV begins with a byte order mark, has the coordinates once, and nothing that
// a spreadsheet would run.
func TestCSV(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "firms.csv", firms), importers.Request{Target: "enterprises"})
	path, _ := w.exports(t, export.Request{Collection: "enterprises", Format: export.CSV})
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(string(raw), "\xEF\xBB\xBF")
	heading, rest, _ := strings.Cut(text, "\r\n")
	if !marked || !strings.HasSuffix(heading, ",统一社会信用代码,企业名称,行业,员工数,产值,投产日期,备注,经度,纬度") || !strings.Contains(rest, ",示例-3,示例企业三,冶炼,7,-3.25,2024-12-31,'=1+1,113.003,27.003\r\n") ||
		strings.Count(heading, "经度") != 1 {
		t.Errorf("%s", raw)
	}
	for _, f := range features(t, path, "-oo", "X_POSSIBLE_NAMES=经度", "-oo", "Y_POSSIBLE_NAMES=纬度") {
		if !strings.Contains(string(f.Geometry), "113.00") {
			t.Errorf("%s", f.Geometry)
		}
	}
	// other coordinates than the file's have columns of their own
	path, _ = w.exports(t, export.Request{Collection: "enterprises", Format: export.CSV, EPSG: 4547, Encoding: "GB18030"})
	for i, f := range features(t, path, "-oo", "GEOM_POSSIBLE_NAMES=WKT") {
		var g struct{ Coordinates []float64 }
		if err := json.Unmarshal(f.Geometry, &g); err != nil || len(g.Coordinates) != 2 || g.Coordinates[0] < 4e5 || g.Coordinates[1] < 29e5 {
			t.Errorf("%d: %s %v", i, f.Geometry, err)
		}
	}
	if raw, err := os.ReadFile(path); err != nil || bytes.Contains(raw, []byte("企业")) || !bytes.Contains(raw, []byte("\x9B\xA6\xBD\xAD")) {
		t.Errorf("%v %s", err, raw)
	}
	// cells have their boundaries as WKT
	path, _ = w.exports(t, export.Request{Collection: "cells", Tier: 3, Format: export.CSV})
	list := features(t, path, "-oo", "GEOM_POSSIBLE_NAMES=WKT")
	if p := list[0].Properties; len(list) != 4 || p["code"] != string(w.Leaf(1, 1)) || p["parent"] != string(w.Column(1)) || p["accountable_name"] != "示例市长" || p["tier"] != "3" ||
		!strings.Contains(string(list[0].Geometry), "MultiPolygon") {
		t.Errorf("%v", list)
	}
}

// A workbook has texts as texts, numbers and days as such, and a sheet that says
// whose lines they are.
func TestXLSX(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, firmsShapefile(t), importers.Request{Target: "enterprises"})
	path, _ := w.exports(t, export.Request{Collection: "enterprises", Format: export.XLSX})
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("企业")
	if err != nil {
		t.Fatal(err)
	}
	at := func(row int, heading string) (string, excelize.CellType) {
		column := slices.Index(rows[0], heading)
		name, err := excelize.CoordinatesToCellName(column+1, row+1)
		if column < 0 || err != nil {
			t.Fatalf("%s: %v %v", heading, rows[0], err)
		}
		kind, err := book.GetCellType("企业", name)
		if err != nil {
			t.Fatal(err)
		}
		value, err := book.GetCellValue("企业", name)
		if err != nil {
			t.Fatal(err)
		}
		return value, kind
	}
	for heading, want := range map[string]string{"code": "示例-1", "员工数": "120", "CZ": "12.5", "TCRQ": "2024-03-01", "备注": "甲", "经度": "113.00"} {
		got, kind := at(1, heading)
		text := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString
		if wantText := heading == "code" || heading == "备注"; text != wantText || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s (%v)", heading, got, kind)
		}
	}
	if empty, _ := at(2, "员工数"); empty != "" {
		t.Errorf("an empty value became %s", empty)
	}
	about, err := book.GetRows("说明")
	if err != nil || about[1][0] != grids.Disclaimer.ZH {
		t.Errorf("%v %v", about, err)
	}
	list := features(t, path, "企业")
	if len(list) != 3 || list[0].Properties["TCRQ"] != "2024/03/01" && list[0].Properties["TCRQ"] != "2024-03-01" || list[0].Properties["员工数"] != 120.0 {
		t.Errorf("%v", list)
	}
}

// GDAL finds a GeoPackage whole: types, nulls, the coordinate system, tables
// without geometry.
func TestGeoPackage(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	sent := firmsShapefile(t)
	w.imports(t, sent, importers.Request{Target: "enterprises"})
	path, _ := w.exports(t, export.Request{Collection: "enterprises", Format: export.GeoPackage, EPSG: 4526})
	said := gdal(t, "ogrinfo", "-al", "-so", path)
	for _, want := range []string{"Geometry: Point", `ID["EPSG",4526]`, "Feature Count: 3", "员工数: Integer", "CZ: Real", "TCRQ: Date", "备注: String", "FID Column = fid", grids.Disclaimer.ZH} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is missing: %s", want, said)
		}
	}
	if strings.Contains(said, "Warning") || strings.Contains(said, "ERROR") {
		t.Error(said)
	}
	before, after := features(t, sent), features(t, path)
	for i, f := range before {
		if string(f.Geometry) != string(after[i].Geometry) {
			t.Errorf("%s became %s", f.Geometry, after[i].Geometry)
		}
		for name, value := range f.Properties {
			if got := after[i].Properties[name]; got != value {
				t.Errorf("%s: %v became %v", name, value, got)
			}
		}
	}
	path, _ = w.exports(t, export.Request{Collection: "cells", Tier: 2, Format: export.GeoPackage, EPSG: 4490})
	if said := gdal(t, "ogrinfo", "-al", "-so", path); !strings.Contains(said, "Layer name: cells_2") || !strings.Contains(said, "Geometry: Multi Polygon") || !strings.Contains(said, `ID["EPSG",4490]`) ||
		!strings.Contains(said, "Extent: (113.000000, 27.000000) - (113.015625, 27.015625)") {
		t.Error(said)
	}
	path, _ = w.exports(t, export.Request{Collection: "people", Format: export.GeoPackage})
	if said := gdal(t, "ogrinfo", "-al", path); !strings.Contains(said, "Geometry: None") || !strings.Contains(said, "phone_masked (String) = 138****0001") {
		t.Error(said)
	}
}

// Every collection can be had in every format, also when there is nothing in it.
func TestEveryCollectionInEveryFormat(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "reaches.geojson", `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"河段编码":"R1","河段名称":"洣江一段","长度":1e-20},"geometry":{"type":"LineString","coordinates":[[113.001,27.001],[113.01,27.01]]}},
		{"type":"Feature","properties":{"河段编码":"R2","河段名称":"洣江二段","长度":2.5},"geometry":{"type":"Point","coordinates":[113.002,27.002]}},
		{"type":"Feature","properties":{"河段编码":"R3","河段名称":"洣江三段","长度":3},"geometry":null}]}`), importers.Request{Target: "river-reaches"})
	for _, d := range collections.Exports() {
		for _, f := range export.Formats() {
			if d.Geometry == "None" && f.Format == export.Shapefile {
				continue
			}
			folder, result, err := w.write(t, grids.Local, export.Request{Collection: d.ID, Format: f.Format})
			if err != nil {
				t.Errorf("%s as %s: %v", d.ID, f.Format, err)
				continue
			}
			rows := 0
			for _, name := range result.Files {
				if ending := filepath.Ext(name); ending != ".shp" && ending != "."+string(f.Format) {
					continue
				}
				said := gdal(t, "ogrinfo", "-al", "-so", filepath.Join(folder, name))
				for line := range strings.Lines(said) {
					if n, ok := strings.CutPrefix(line, "Feature Count: "); ok {
						count, err := strconv.Atoi(strings.TrimSpace(n))
						if err != nil {
							t.Fatal(err)
						}
						rows += count
						if f.Format == export.XLSX {
							break // the sheet of notes
						}
					}
				}
			}
			if f.Format == export.XLSX && result.Rows == 0 {
				rows = 0 // GDAL takes a heading alone for a row
			}
			if rows != result.Rows || rows < map[string]int{"cells": 7, "river-reaches": 3, "people": 1, "assignments": 1}[d.ID] {
				t.Errorf("%s as %s: GDAL finds %d rows of %d", d.ID, f.Format, rows, result.Rows)
			}
		}
	}
	// a number that a DBF would make 0 stays
	folder, result, err := w.write(t, grids.Local, export.Request{Collection: "river-reaches", Format: export.Shapefile})
	if err != nil || len(result.Files) != 11 {
		t.Fatalf("%v %v", result, err)
	}
	if got := features(t, filepath.Join(folder, "out_line.shp")); got[0].Properties["长度"] != "1e-20" {
		t.Errorf("%v", got)
	}
}

// A county's villages in Big5 and TM2 come back as they came.
func TestVillagesInBig5(t *testing.T) {
	t.Parallel()
	const sent = "../../../shared/data/test-inputs/yilan/yilan_village_tm2_big5.shp"
	if _, err := os.Stat(sent); err != nil {
		t.Skip(err)
	}
	w := newTown(t)
	w.imports(t, sent, importers.Request{Target: importers.LayerCells, Layer: "environment", Map: map[string]string{"code": "VILLCODE", "name": "VILLNAME"}})
	path, _ := w.exports(t, export.Request{Collection: "layer-cells", Format: export.Shapefile, EPSG: 3826, Encoding: "Big5"})
	before, after := map[any]feature{}, features(t, path)
	for _, f := range features(t, sent) {
		before[f.Properties["VILLCODE"]] = f
	}
	if len(after) != len(before) || len(after) < 200 {
		t.Errorf("%d of %d", len(after), len(before))
	}
	for _, f := range after {
		was := before[f.Properties["VILLCODE"]]
		if string(f.Geometry) != string(was.Geometry) {
			t.Errorf("%v became another shape", f.Properties["VILLCODE"])
		}
		for name, value := range was.Properties {
			if got := f.Properties[name]; got != value {
				t.Errorf("%v: %s: %v became %v", f.Properties["VILLCODE"], name, value, got)
			}
		}
	}
}

// Personal data that was taken in on purpose comes out for those alone who may take
// it in; other columns of the file for all who may import.
func TestPersonalDataComesOutForFew(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.imports(t, file(t, "firms.csv", "统一社会信用代码,企业名称,备注,法人身份证号,经度,纬度\n示例-1,示例企业,甲,43020219800101003X,113.001,27.001\n"),
		importers.Request{Target: "enterprises", Personal: &importers.Personal{Columns: []string{"法人身份证号"}, Reason: "执法需要核对"}})
	w.imports(t, file(t, "more.csv", "统一社会信用代码,企业名称,法人身份证号,经度,纬度\n示例-2,示例企业二,无,113.001,27.001\n"), importers.Request{Target: "enterprises"})
	for _, test := range []struct {
		who            grids.Principal
		note, personal bool
	}{
		{grids.Local, true, true},
		{grids.Principal{Name: "admin", Role: grids.RoleAdmin, Territory: w.Territory}, true, true},
		{grids.Principal{Name: "gis", Role: grids.RoleGIS, Territory: w.Territory}, true, false},
		{grids.Principal{Name: "department", Role: grids.RoleDepartment, Territory: w.Territory}, true, false},
		{grids.Public, false, false},
	} {
		folder, result, err := w.write(t, test.who, export.Request{Collection: "enterprises", Format: export.GeoJSON})
		if err != nil {
			t.Fatal(err)
		}
		first := features(t, filepath.Join(folder, result.Files[0]))[0].Properties
		if (first["备注"] != nil) != test.note || (first["法人身份证号"] != nil) != test.personal {
			t.Errorf("%s: %v", test.who.Name, first)
		}
	}
}
