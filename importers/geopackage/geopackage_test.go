package geopackage

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/twpayne/go-geom/encoding/wkt"

	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

func open(t *testing.T, path string, options source.Options) *Reader {
	t.Helper()
	r, err := Open(path, options)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAgainstTheShapefile reads what ogr2ogr made of a shapefile as the
// shapefile itself is read.
func TestAgainstTheShapefile(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		sourcetest.Sketch(t, "counties.shp"),
		sourcetest.Input(t, "yilan", "yilan_town_tm2_big5.shp"),
		sourcetest.Input(t, "qgis", "france_parts.shp"),
	} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			theirs, err := shapefile.Open(path, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want, _ := sourcetest.All(t, theirs)
			r := open(t, sourcetest.Convert(t, "GPKG", filepath.Join(t.TempDir(), "a b?#%.gpkg"), path), source.Options{})
			got, _ := sourcetest.All(t, r)
			if wanted, _ := theirs.CRS(); wanted != 0 {
				if epsg, how := r.CRS(); epsg != wanted {
					t.Errorf("CRS %d (%s), want %d", epsg, how, wanted)
				}
			}
			if len(got) != len(want) || len(got) == 0 {
				t.Fatalf("%d records, the shapefile has %d", len(got), len(want))
			}
			var names []string
			for _, f := range theirs.Fields() {
				names = append(names, f.Name)
			}
			for i, f := range r.Fields() {
				if i >= len(names) || f.Name != names[i] {
					t.Errorf("field %d is %s, want %v", i, f.Name, names)
				}
			}
			for i := range got {
				a, _ := wkt.Marshal(got[i].Geometry)
				b, _ := wkt.Marshal(want[i].Geometry)
				if a != b && "MULTI"+strings.Replace(b, " (", " ((", 1)+")" != a {
					t.Errorf("row %d: %.200s, want %.200s", i+1, a, b)
				}
				if got[i].Row != i+1 || !reflect.DeepEqual(fmt.Sprint(got[i].Values...), fmt.Sprint(want[i].Values...)) {
					t.Errorf("row %d: %v, want %v", got[i].Row, got[i].Values, want[i].Values)
				}
			}
			if done, total := r.Progress(); done != total || total == 0 {
				t.Errorf("progress %d of %d at the end", done, total)
			}
		})
	}
}

func TestTypesAndNothings(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	from := filepath.Join(folder, "a.geojson")
	text := `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"b":true,"n":430202001001001,"f":1.5,"s":"洣江","d":"2024-02-29","at":"2024-02-29T08:30:00Z"},"geometry":{"type":"Point","coordinates":[113,27,5]}},
{"type":"Feature","properties":{"b":null,"n":null,"f":null,"s":null,"d":null,"at":null},"geometry":null},
{"type":"Feature","properties":{"b":false,"n":-1,"f":2,"s":"","d":"1949-10-01","at":"2024-03-01T00:00:00Z"},"geometry":{"type":"MultiPolygon","coordinates":[]}},
{"type":"Feature","properties":{"s":"x"},"geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[1,2],[3,4]]}]}}]}`
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := open(t, sourcetest.Convert(t, "GPKG", filepath.Join(folder, "a.gpkg"), from), source.Options{})
	types := ""
	for _, f := range r.Fields() {
		types += f.Name + ":" + f.Type.String() + " "
	}
	if want := "b:boolean n:integer f:float s:text d:date at:date "; types != want {
		t.Errorf("%s, want %s", types, want)
	}
	records, _ := sourcetest.All(t, r)
	got := ""
	for _, rec := range records {
		g, _ := wkt.Marshal(rec.Geometry)
		got += fmt.Sprint(rec.Values, " ", g, len(rec.Findings), "\n")
	}
	want := `[true 430202001001001 1.5 洣江 2024-02-29 00:00:00 +0000 UTC 2024-02-29 08:30:00 +0000 UTC] POINT (113 27)0
[<nil> <nil> <nil> <nil> <nil> <nil>] 0
[false -1 2  1949-10-01 00:00:00 +0000 UTC 2024-03-01 00:00:00 +0000 UTC] 0
[<nil> <nil> <nil> x <nil> <nil>] GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))0
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if notes := r.Notes(); len(notes) != 1 || notes[0].Kind != source.ZDropped {
		t.Errorf("notes %v", notes)
	}
}

// TestDimensions reads what GDAL made of geometries with heights and measures.
func TestDimensions(t *testing.T) {
	t.Parallel()
	cases := []struct{ given, want string }{
		{"POINT Z (1 2 3)", "POINT (1 2)"},
		{"POINT M (1 2 3)", "POINT (1 2)"},
		{"POINT EMPTY", ""},
		{"LINESTRING ZM (1 2 3 4,5 6 7 8)", "LINESTRING (1 2, 5 6)"},
		{"LINESTRING EMPTY", ""},
		{"MULTIPOINT M ((1 2 9),(3 4 9))", "MULTIPOINT (1 2, 3 4)"},
		{"MULTILINESTRING Z ((1 2 9,3 4 9),(5 6 9,7 8 9))", "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))"},
		{"POLYGON Z ((0 0 9,0 9 9,9 9 9,0 0 9),(1 2 9,1 3 9,2 3 9,1 2 9))", "POLYGON ((0 0, 0 9, 9 9, 0 0), (1 2, 1 3, 2 3, 1 2))"},
		{"MULTIPOLYGON M (((0 0 9,0 9 9,9 9 9,0 0 9)),((1 2 9,1 3 9,2 3 9,1 2 9)))", "MULTIPOLYGON (((0 0, 0 9, 9 9, 0 0)), ((1 2, 1 3, 2 3, 1 2)))"},
		{"GEOMETRYCOLLECTION Z (POINT Z (1 2 3))", "GEOMETRYCOLLECTION (POINT (1 2))"},
		{"CIRCULARSTRING (0 0,1 1,2 0)", "bad-geometry"},
	}
	text := "WKT,n\n"
	for i, c := range cases {
		text += fmt.Sprintf("%q,%d\n", c.given, i)
	}
	from := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := open(t, sourcetest.Convert(t, "GPKG", filepath.Join(t.TempDir(), "a.gpkg"), from), source.Options{})
	if epsg, how := r.CRS(); epsg != 0 || how == "" {
		t.Errorf("CRS %d (%s)", epsg, how)
	}
	records, _ := sourcetest.All(t, r)
	if len(records) != len(cases) {
		t.Fatalf("%d records", len(records))
	}
	for i, c := range cases {
		got := ""
		if records[i].Geometry != nil {
			got, _ = wkt.Marshal(records[i].Geometry)
		}
		for _, f := range records[i].Findings {
			got += string(f.Kind)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.given, got, c.want)
		}
	}
}

func TestCRS(t *testing.T) {
	t.Parallel()
	const withoutAuthority = `PROJCS["CGCS2000_3_Degree_GK_Zone_38",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",38500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`
	counties := sourcetest.Sketch(t, "counties.shp")
	for name, c := range map[string]struct {
		srs  string
		user int
		want int
	}{
		"as the shapefile says": {"EPSG:4547", 0, 4547},
		"degrees":               {"EPSG:4490", 0, 4490},
		"by its parameters":     {withoutAuthority, 0, 4526},
		"by the user":           {"EPSG:4547", 4526, 4526},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := sourcetest.Convert(t, "GPKG", filepath.Join(t.TempDir(), "a.gpkg"), counties, "-a_srs", c.srs)
			r := open(t, path, source.Options{EPSG: c.user})
			if epsg, how := r.CRS(); epsg != c.want || how == "" {
				t.Errorf("%d (%s), want %d", epsg, how, c.want)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "many.gpkg")
	sourcetest.Convert(t, "GPKG", path, sourcetest.Sketch(t, "counties.shp"), "-nln", "县区")
	sourcetest.Convert(t, "GPKG", path, sourcetest.Sketch(t, "codes.csv"), "-nln", "代码表", "-update")
	sourcetest.Convert(t, "GPKG", path, sourcetest.Sketch(t, "rivers.geojson"), "-nln", `a "quoted"; name`, "-update")
	want := []string{"县区", "代码表", `a "quoted"; name`}
	if got, err := Layers(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v", got, err)
	}
	_, err := Open(path, source.Options{})
	var many *source.ManyLayersError
	if !errors.As(err, &many) || !reflect.DeepEqual(many.Layers, want) {
		t.Errorf("%v", err)
	}
	for _, layer := range want {
		r := open(t, path, source.Options{Layer: layer})
		if records, _ := sourcetest.All(t, r); len(records) == 0 || r.Name() != layer {
			t.Errorf("%s: %d records", r.Name(), len(records))
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(path, source.Options{Layer: "无"}); err == nil || !strings.Contains(err.Error(), "县区") {
		t.Errorf("%v, want the layers", err)
	}
}

func TestInputOfQGIS(t *testing.T) {
	t.Parallel()
	path := sourcetest.Input(t, "qgis", "geometry_checker", "missing_vertex.gpkg")
	layers, err := Layers(path)
	if err != nil || len(layers) == 0 {
		t.Fatal(layers, err)
	}
	for _, layer := range layers {
		r := open(t, path, source.Options{Layer: layer})
		records, _ := sourcetest.All(t, r)
		theirs := sourcetest.OGR(t, path, layer)
		if len(records) != len(theirs)-1 {
			t.Errorf("%s: %d records, GDAL has %d", layer, len(records), len(theirs)-1)
		}
		for i, rec := range records {
			g, err := wkt.Unmarshal(theirs[i+1][0])
			if err != nil {
				t.Fatal(err)
			}
			want := g.FlatCoords()
			for j, c := range rec.Geometry.FlatCoords() {
				if len(want) <= j || math.Abs(c-want[j]) > 1e-12 { // GDAL writes 15 digits
					t.Fatalf("%s row %d: %v, GDAL says %v", layer, rec.Row, rec.Geometry.FlatCoords(), want)
				}
			}
		}
	}
}

// made is a GeoPackage of one layer "t" by the statements.
func made(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.gpkg")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	frame := []string{
		"create table gpkg_contents (table_name text, data_type text, identifier text)",
		"create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text, srs_id integer)",
		"create table gpkg_spatial_ref_sys (srs_id integer primary key, organization text, organization_coordsys_id integer, definition text)",
		"insert into gpkg_contents values ('t', 'features', 'Title')",
		"insert into gpkg_geometry_columns values ('t', 'geom', 'POINT', 4490)",
	}
	for _, s := range append(frame, statements...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	point = "x'47500001000000000101000000000000000000F03F0000000000000040'"
	table = "create table t (fid integer primary key, geom point, name text)"
)

func TestDistrust(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		statements []string
		want       string // of the error, or of the records
	}{
		{"as it should be", []string{table, "insert into t values (5, " + point + ", 'a')"}, "1 [a] POINT (1 2)"},
		{"a view as a layer", []string{"create view t as with recursive n(i) as (select 1 union all select i+1 from n) select i as fid, null as geom, i as name from n"}, "no layer"},
		{"a view as the contents", []string{"drop table gpkg_contents", "create view gpkg_contents as with recursive n(i) as (select 1 union all select i+1 from n) select 't' as table_name, 'features' as data_type, '' as identifier from n"}, "not a GeoPackage"},
		{"a generated column", []string{"create table t (fid integer primary key, geom point, name text as (hex(zeroblob(1000))), n text)", "insert into t(fid, n) values (1, 'x')"}, "1 [x] "},
		{"a virtual table", []string{"create virtual table t using rtree(fid, a, b)"}, "no layer"},
		{"without row numbers", []string{"create table t (fid integer primary key, geom point) without rowid"}, "rowid"},
		{"the geometry column is missing", []string{"create table t (fid integer primary key)"}, "lacks its geometry column"},
		{"geometries that are none", []string{table, "insert into t values (1, 'text', 'a'), (2, x'4750', 'b'), (3, x'4750000100000000010100000000', 'c'), (4, x'475000210000000001', 'd'), (5, x'4750000F0000000001', 'e'), (6, x'475000010000000001030000000000FFFF', 'f'), (7, x'4750000100000000010A00000000000000', 'g')"},
			"1 [a] bad-geometry|2 [b] bad-geometry|3 [c] bad-geometry|4 [d] bad-geometry|5 [e] bad-geometry|6 [f] bad-geometry|7 [g] bad-geometry"},
		{"values of other types", []string{"create table t (fid integer primary key, geom point, i integer, f double, b boolean, d date, s text)",
			"insert into t values (1, null, 'x', 'y', 'z', 'gestern', cast(x'B5D8' as text)), (2, null, 2.5, 3, 7, 20240301, 'a'||char(0)||'b')"},
			"1 [x y z gestern \uFFFD] bad-number bad-number bad-boolean bad-date undecodable|2 [2.5 3 7 20240301 ab] bad-boolean bad-date undecodable"},
		{"no table of coordinate systems", []string{"drop table gpkg_spatial_ref_sys", table, "insert into t values (5, null, 'a')"}, "1 [a] "},
		{"a column named rowid", []string{"create table t (rowid text, geom point)", "insert into t values ('a', null), ('b', null)"}, "1 [a] |2 [b] "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Open(made(t, c.statements...), source.Options{})
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				return
			}
			records, _ := sourcetest.All(t, r)
			var lines []string
			for _, rec := range records {
				line := fmt.Sprint(rec.Row, " ", rec.Values, " ")
				if rec.Geometry != nil {
					g, _ := wkt.Marshal(rec.Geometry)
					line += g
				}
				var kinds []string
				for _, f := range rec.Findings {
					kinds = append(kinds, string(f.Kind))
				}
				lines = append(lines, line+strings.Join(kinds, " "))
			}
			if got := strings.Join(lines, "|"); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestGBKInsideByTheUsersWord(t *testing.T) {
	t.Parallel()
	path := made(t, table, "insert into t values (1, null, cast(x'BAC9CCC1C7F8' as text))")
	records, _ := sourcetest.All(t, open(t, path, source.Options{Encoding: "GBK"}))
	if records[0].Values[0] != "荷塘区" || len(records[0].Findings) > 0 {
		t.Errorf("%v %v", records[0].Values, records[0].Findings)
	}
}

func TestNothingIsWrittenAndTheJournalRefused(t *testing.T) {
	t.Parallel()
	path := made(t, table, "insert into t values (1, null, 'a')")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	sourcetest.All(t, open(t, path, source.Options{}))
	after, err := os.ReadFile(path)
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the file changed: %v", err)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("files beside it: %v", entries)
	}
	if err := os.WriteFile(path+"-wal", []byte("changes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, source.Options{}); err == nil || !strings.Contains(err.Error(), "-wal") {
		t.Errorf("%v, want the journal named", err)
	}
}

// TestPagesThatPointInCircles lets the pages of a table point at one leaf.
func TestPagesThatPointInCircles(t *testing.T) {
	t.Parallel()
	path := made(t, "pragma page_size = 512", "vacuum", table,
		"insert into t with recursive n(i) as (select 1 union all select i+1 from n where i < 2000) select i, null, 'name '||i from n")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 512
	changed := 0
	for at := pageSize; at+pageSize <= len(raw); at += pageSize {
		page := raw[at : at+pageSize]
		cells := int(page[3])<<8 | int(page[4])
		if page[0] != 5 || cells < 10 { // an inner page of a table
			continue
		}
		first := int(page[12])<<8 | int(page[13])
		for i := range cells {
			cell := int(page[12+2*i])<<8 | int(page[13+2*i])
			copy(page[cell:cell+4], page[first:first+4])
		}
		changed++
	}
	if changed == 0 {
		t.Fatal("no inner page was found")
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, source.Options{})
	for n := 0; err == nil; n++ {
		if _, err = r.Next(); n > 10_000 {
			t.Fatal("it goes on and on")
		}
	}
	if !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
