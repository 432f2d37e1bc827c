package formats

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// Heights, measures, collections, empty and curved geometries, and single
// beside multi, as every reader hands them out.
func TestRegular(t *testing.T) {
	t.Parallel()
	feature := func(geometry string) string {
		return `{"type":"Feature","properties":{"a":1},"geometry":` + geometry + `}`
	}
	collection := func(features ...string) string {
		return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
	}
	const square, other = `[[[0,0],[1,0],[1,1],[0,0]]]`, `[[[5,5],[6,5],[6,6],[5,5]]]`
	many := make([]string, 1500)
	for i := range many {
		many[i] = feature(`{"type":"Point","coordinates":[113,27,0]}`)
	}
	many[1200] = feature(`{"type":"Point","coordinates":[113,27,5]}`)
	cases := []struct{ name, file, content, want string }{
		{"heights", "a.geojson", collection(feature(`{"type":"Point","coordinates":[113,27,0]}`), feature(`{"type":"Point","coordinates":[113,27,52.5]}`), feature(`{"type":"Point","coordinates":[113,27]}`)),
			"[a z] [1 0] Point; [1 52.5] Point; [1 <nil>] Point"},
		{"heights of zero", "a.geojson", collection(feature(`{"type":"Point","coordinates":[113,27,0]}`)), "[a] [1] Point"},
		{"a column z", "a.geojson", collection(`{"type":"Feature","properties":{"Z":7},"geometry":{"type":"Point","coordinates":[113,27,52.5]}}`), "[Z] [7] Point | z-dropped 1"},
		{"a late height", "a.geojson", collection(many...), "[a] [1] Point × 1500 | z-dropped 1"},
		{"a polygon's heights", "a.geojson", collection(feature(`{"type":"Polygon","coordinates":[[[0,0,9],[1,0,9],[1,1,9],[0,0,9]]]}`)), "[a] [1] Polygon | z-dropped 1"},
		{"a collection of one", "a.geojson", collection(feature(`{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":` + square + `}]}`)), "[a] [1] Polygon"},
		{"a collection of polygons", "a.geojson", collection(feature(`{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":` + square + `},{"type":"GeometryCollection","geometries":[{"type":"MultiPolygon","coordinates":[` + other + `]}]}]}`)),
			"[a] [1] MultiPolygon [[8] [16]]"},
		{"a collection of lines", "a.csv", "wkt,a\n\"GEOMETRYCOLLECTION(LINESTRING(0 0,1 1),LINESTRING(5 5,6 6))\",1\n", "MultiLineString [4 8]"},
		{"a collection of points", "a.csv", "wkt,a\n\"GEOMETRYCOLLECTION(POINT(0 1),MULTIPOINT(5 5,6 6))\",1\n", "MultiPoint"},
		{"a collection of both", "a.geojson", collection(feature(`{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":` + square + `},{"type":"Point","coordinates":[1,2]},{"type":"Point","coordinates":[1,3]}]}`)),
			"[a] [1] GeometryCollection odd-geometry(a collection of different shapes (2 points, 1 polygon); keep one kind in a file)"},
		{"single and multi", "a.geojson", collection(feature(`{"type":"Polygon","coordinates":`+square+`}`), feature(`{"type":"MultiPolygon","coordinates":[`+square+`,`+other+`]}`)), "[a] [1] Polygon; [1] MultiPolygon [[8] [16]]"},
		{"none and empty", "a.geojson", collection(feature(`null`), feature(`{"type":"Polygon","coordinates":[]}`), feature(`{"type":"GeometryCollection","geometries":[]}`)), "[a] [1] -; [1] -; [1] -"},
		{"empty text", "a.csv", "wkt,a\nPOINT EMPTY,1\n", "-"},
		{"a curve", "a.csv", "wkt,a\n\"CIRCULARSTRING(0 0,1 1,2 0)\",1\n", "bad-geometry(a curve (CIRCULARSTRING) can't be read; turn it into straight segments first"},
		{"a curved polygon", "a.csv", "wkt,a\n\"CURVEPOLYGON (CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))\",1\n", "bad-geometry(a curve (CURVEPOLYGON) can't be read"},
		{"a surface", "a.csv", "wkt,a\n\"TIN(((0 0,1 0,1 1,0 0)))\",1\n", "bad-geometry(a surface in space (TIN) can't be read"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(write(t, c.file, c.content), source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := alike(t, s); !strings.Contains(got, c.want) || strings.HasPrefix(c.want, "[") && !strings.Contains(c.want, "odd") && got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// alike writes fields, records and notes in a line; equal records once.
func alike(t *testing.T, s source.Source) string {
	t.Helper()
	var fields []string
	for _, f := range s.Fields() {
		fields = append(fields, f.Name)
	}
	records, _ := sourcetest.All(t, s)
	var texts []string
	equal := true
	for _, r := range records {
		text := fmt.Sprint(r.Values)
		kind := "-"
		if r.Geometry != nil {
			kind = strings.TrimPrefix(fmt.Sprintf("%T", r.Geometry), "*geom.")
			switch kind {
			case "MultiPolygon":
				kind += fmt.Sprint(" ", r.Geometry.Endss())
			case "MultiLineString":
				kind += fmt.Sprint(" ", r.Geometry.Ends())
			}
		}
		text += " " + kind
		for _, f := range r.Findings {
			text += fmt.Sprintf(" %s(%s)", f.Kind, f.Why.EN)
		}
		texts = append(texts, text)
		equal = equal && text == texts[0]
	}
	line := strings.Join(texts, "; ")
	if equal && len(texts) > 10 {
		line = fmt.Sprintf("%s × %d", texts[0], len(texts))
	}
	line = fmt.Sprint(fields, " ", line)
	for _, n := range s.Notes() {
		line += fmt.Sprintf(" | %s %d", n.Kind, n.Count)
	}
	return line
}

// Points, lines and areas with Z, M and both, as ogr2ogr writes them in every
// format that has them.
func TestRegularFormats(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr is not on PATH")
	}
	cases := []struct{ dimensions, wkt, want string }{
		{"XYZ", "POINT Z (113 27 52.5)", "[a z] [1 52.5] Point"},
		{"XYM", "POINT M (113 27 1200)", "[a m] [1 1200] Point"},
		{"XYZM", "POINT ZM (113 27 52.5 1200)", "[a z m] [1 52.5 1200] Point"},
		{"XYZ", "POINT Z (113 27 0)", "[a] [1] Point"},
		{"XYZ", "LINESTRING Z (113 27 1, 113 28 2)", "[a] [1] LineString | z-dropped 1"},
		{"XYZ", "POLYGON Z ((113 27 1, 113 28 1, 114 28 1, 113 27 1))", "[a] [1] Polygon | z-dropped 1"},
		{"XYZ", "MULTIPOINT Z ((113 27 1), (113 28 2))", "[a] [1] MultiPoint | z-dropped 1"},
	}
	for _, c := range cases {
		for _, file := range []string{"out.shp", "out.gpkg", "out.fgb", "out.geojson", "out.kml", "out.csv"} {
			flat := file == "out.geojson" || file == "out.kml" // they have no M
			if strings.Contains(c.dimensions, "M") && flat {
				continue
			}
			t.Run(file+" "+c.wkt, func(t *testing.T) {
				t.Parallel()
				in := write(t, "in.csv", "WKT,a\n\""+c.wkt+"\",1\n")
				out := filepath.Join(filepath.Dir(in), file)
				more := []string{"-dim", c.dimensions, "-oo", "AUTODETECT_TYPE=YES", "-select", "a", "-a_srs", "EPSG:4326", out, in}
				if file == "out.csv" {
					more = append([]string{"-lco", "GEOMETRY=AS_WKT"}, more...)
				}
				if text, err := exec.Command("ogr2ogr", more...).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, text)
				}
				s, err := Open(out, source.Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := alike(t, s)
				if file == "out.fgb" { // GDAL leaves the dimension that all lack
					got = strings.Replace(got, " | m-dropped 1", "", 1)
				}
				if got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			})
		}
	}
}

// A .qpj serves where the .prj is missing.
func TestQuantumProjection(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr is not on PATH")
	}
	in := write(t, "in.csv", "WKT,a\n\"POINT (38414681 3079571)\",1\n")
	out := filepath.Join(filepath.Dir(in), "out.shp")
	if text, err := exec.Command("ogr2ogr", out, in).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	qpj := filepath.Join(filepath.Dir(in), "out.qpj")
	if text, err := exec.Command("sh", "-c", `gdalsrsinfo --single-line -o wkt1 EPSG:4526 > "$1"`, "sh", qpj).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, path := range []string{out, filepath.Dir(in), packedFolder(t, filepath.Dir(in))} {
		s, err := Open(path, source.Options{Layer: "out"})
		if err != nil && strings.HasSuffix(path, ".zip") {
			s, err = Open(path, source.Options{Layer: filepath.Base(filepath.Dir(in)) + "/out"})
		}
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if epsg, how := s.CRS(); epsg != 4526 {
			t.Errorf("%s: %d, %s", path, epsg, how)
		}
	}
}

// QGIS's own file whose .prj holds no code: its .qpj does.
func TestQuantumProjectionBeside(t *testing.T) {
	t.Parallel()
	s, err := Open(sourcetest.Input(t, "qgis", "testlayer_2056.shp"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if epsg, how := s.CRS(); epsg != 2056 {
		t.Errorf("%d, %s", epsg, how)
	}
}
