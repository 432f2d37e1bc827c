package geopackage

import (
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
	if notes := r.Notes(); len(notes) != 0 || records[0].Z == nil {
		t.Errorf("height %v, notes %v", records[0].Z, notes)
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
	if epsg, how := r.CRS(); epsg != 0 || how.ZH == "" || how.EN == "" {
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
			if epsg, how := r.CRS(); epsg != c.want || how.ZH == "" || how.EN == "" {
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
