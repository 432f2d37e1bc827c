package geojson

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/twpayne/go-geom"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

func read(t *testing.T, text string, options source.Options) (*Reader, []source.Record, []*source.RowError) {
	t.Helper()
	r, err := New("a.geojson", strings.NewReader(text), options)
	if err != nil {
		t.Fatal(err)
	}
	records, unread := sourcetest.All(t, r)
	return r, records, unread
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func TestFieldsOfLaterFeaturesAreNotLost(t *testing.T) {
	t.Parallel()
	r, records, _ := read(t, collection(
		`{"type":"Feature","id":7,"properties":{"z":1,"a":"x","n":null},"geometry":null}`,
		`{"type":"Feature","properties":null,"geometry":null}`,
		`{"type":"Feature","properties":{"late":true,"z":1.5,"a":3,"o":{"k":[1, 2]},"big":123456789012345678901}}`,
	), source.Options{})
	want := []source.Field{
		{Name: "z", Type: source.Float}, {Name: "a", Type: source.Mixed}, {Name: "n", Type: source.Text},
		{Name: "late", Type: source.Boolean}, {Name: "o", Type: source.Text}, {Name: "big", Type: source.Text},
		{Name: "id", Type: source.Text},
	}
	if !reflect.DeepEqual(r.Fields(), want) {
		t.Errorf("fields %v", r.Fields())
	}
	values := [][]any{
		{1.0, "x", nil, nil, nil, nil, "7"},
		{nil, nil, nil, nil, nil, nil, nil},
		{1.5, int64(3), nil, true, `{"k":[1,2]}`, "123456789012345678901", nil},
	}
	for i, rec := range records {
		if !reflect.DeepEqual(rec.Values, values[i]) || rec.Row != i+1 {
			t.Errorf("row %d: %v", rec.Row, rec.Values)
		}
	}
}

func withGeometry(geometry string) string {
	return `{"type":"Feature","properties":{"n":"名"},"geometry":` + geometry + `}`
}

func TestGeometries(t *testing.T) {
	t.Parallel()
	cases := []struct {
		geometry string
		want     string // WKT-like, or the finding
	}{
		{`null`, "<nil>"},
		{`{"type":"Point","coordinates":[113.134,27.827]}`, "*geom.Point [113.134 27.827]"},
		{`{"coordinates":[1,2],"type":"Point"}`, "*geom.Point [1 2]"},
		{`{"type":"Point","coordinates":[1,2,3]}`, "*geom.Point [1 2]"},
		{`{"type":"Point","coordinates":[]}`, "<nil>"},
		{`{"type":"MultiPolygon","coordinates":[]}`, "<nil>"},
		{`{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`, "*geom.MultiPoint [1 2 3 4]"},
		{`{"type":"LineString","coordinates":[[1,2],[3e0,-4.5]]}`, "*geom.LineString [1 2 3 -4.5]"},
		{`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[]]}`, "*geom.MultiLineString [1 2 3 4]"},
		{`{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[0,0]]]}`, "*geom.Polygon [0 0 0 1 1 1 0 0]"},
		{`{"type":"MultiPolygon","coordinates":[[[[0,0],[0,1],[1,1],[0,0]]]]}`, "*geom.MultiPolygon [0 0 0 1 1 1 0 0]"},
		{`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}`, "*geom.GeometryCollection"},
		{`{"type":"GeometryCollection","geometries":[]}`, "<nil>"},
		{`{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1]]]}`, "*geom.Polygon [0 0 0 1 1 1] odd-geometry"},
		{`{"type":"LineString","coordinates":[[1,2]]}`, "*geom.LineString [1 2] odd-geometry"},
		{`{"type":"Point","coordinates":[413000,3079000]}`, "*geom.Point [413000 3.079e+06] odd-geometry"},
		{`{"type":"Point","coordinates":["1",2]}`, "<nil> bad-geometry"},
		{`{"type":"Point","coordinates":[1]}`, "<nil> bad-geometry"},
		{`{"type":"Point","coordinates":[null,null]}`, "<nil> bad-geometry"},
		{`{"type":"Point","coordinates":[1e999,2]}`, "<nil> bad-geometry"},
		{`{"type":"Polygon","coordinates":[1,2]}`, "<nil> bad-geometry"},
		{`{"type":"Circle","coordinates":[1,2]}`, "<nil> bad-geometry"},
		{`[1,2]`, "<nil> bad-geometry"},
		{strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 20) + strings.Repeat(`]}`, 20), "<nil> bad-geometry"},
	}
	for _, c := range cases {
		t.Run(c.geometry[:min(60, len(c.geometry))], func(t *testing.T) {
			t.Parallel()
			// The first point keeps the file's coordinates in degrees.
			first := strings.Repeat(withGeometry(`{"type":"Point","coordinates":[1,2]}`)+",", 100)
			_, records, _ := read(t, collection(first+withGeometry(c.geometry)), source.Options{})
			rec := records[100]
			got := "<nil>"
			if rec.Geometry != nil {
				got = fmt.Sprintf("%T", rec.Geometry)
				if _, collection := rec.Geometry.(*geom.GeometryCollection); !collection {
					got += fmt.Sprint(" ", rec.Geometry.FlatCoords())
				}
			}
			for _, f := range rec.Findings {
				got += " " + string(f.Kind)
			}
			if got != c.want || rec.Values[0] != "名" {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	one := withGeometry(`{"type":"Point","coordinates":[1,2]}`)
	cases := []struct {
		name, text string
		rows       []int
		unread     []int
	}{
		{"collection", collection(one, one), []int{1, 2}, nil},
		{"members after the features", `{"features":[` + one + `],"type":"FeatureCollection","x":{"features":[1]}}`, []int{1}, nil},
		{"byte order mark", "\uFEFF" + collection(one), []int{1}, nil},
		{"one feature", one, []int{1}, nil},
		{"one geometry", `{"type":"Point","coordinates":[1,2]}`, []int{1}, nil},
		{"an array of features", "[" + one + "," + one + "]", []int{1, 2}, nil},
		{"newline-delimited", one + "\n" + one + "\n\n" + one, []int{1, 2, 4}, nil},
		{"newline-delimited, one broken", one + "\n" + `{"type":"Fea` + "\n" + one + "\n", []int{1, 3}, []int{2}},
		{"text sequence", "\x1e" + one + "\n\x1e" + one + "\n", []int{1, 2}, nil},
		{"newline-delimited, the first broken", `{"type":"Fea` + "\n" + one + "\n" + one + "\n", []int{2, 3}, []int{1}},
		{"newline-delimited with blank lines and returns", "\r\n" + one + "\r\n\r\n" + one + "\r\n", []int{2, 4}, nil},
		{"text sequence of several lines each", "\x1e" + strings.ReplaceAll(one, ",", ",\n") + "\n\x1e\x1e" + strings.ReplaceAll(one, ",", ",\n"), []int{1, 3}, nil},
		{"text sequence, one cut", "\x1e" + one + "\n\x1e" + one[:20] + "\x1e" + one + "\n", []int{1, 3}, []int{2}},
		{"a collection with a feature a line", "{\"type\":\"FeatureCollection\",\"features\":[\n" + one + ",\n" + one + "\n]}", []int{1, 2}, nil},
		{"a collection with one feature on its line", "{\"type\":\"FeatureCollection\",\"features\":[\n" + one + "\n]}", []int{1}, nil},
		{"a feature of several lines", "{\n\"type\":\"Feature\",\n" + strings.TrimPrefix(one, `{"type":"Feature",`), []int{1}, nil},
		{"collections a line", collection(one) + "\n" + collection(one), []int{1, 2}, nil},
		{"documents one after the other", collection(one) + collection(one), []int{1, 2}, nil},
		{"one element is no feature", collection(one, "17", `{"type":"Nonsense"}`, one), []int{1, 4}, []int{2, 3}},
		{"type forgotten", collection(`{"properties":{"n":"名"},"geometry":{"type":"Point","coordinates":[1,2]}}`), []int{1}, nil},
		{"empty collection", collection(), nil, nil},
		{"empty file", "", nil, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, records, unread := read(t, c.text, source.Options{})
			var rows, bad []int
			for _, rec := range records {
				rows = append(rows, rec.Row)
				if rec.Geometry == nil {
					t.Errorf("row %d has no geometry", rec.Row)
				}
			}
			for _, e := range unread {
				bad = append(bad, e.Row)
			}
			if !reflect.DeepEqual(rows, c.rows) || !reflect.DeepEqual(bad, c.unread) {
				t.Errorf("rows %v, unread %v, want %v, %v", rows, bad, c.rows, c.unread)
			}
		})
	}
	for _, text := range []string{collection(one)[:60], `"text"`, `{"type":"Topology","arcs":[]}`, `{"features":{}}`, "{", "<html>", "{\"type\":\"FeatureCollection\",\"features\":[{]}"} {
		if r, err := New("a.json", strings.NewReader(text), source.Options{}); err == nil {
			t.Errorf("%q: %d fields and no error", text, len(r.Fields()))
		}
	}
}

// TestNamesOfNewlineDelimited reads files whose beginning leaves it open by
// their names.
func TestNamesOfNewlineDelimited(t *testing.T) {
	t.Parallel()
	one := withGeometry(`{"type":"Point","coordinates":[1,2]}`)
	long := withGeometry(`{"type":"LineString","coordinates":[` + strings.Repeat("[1,2],", 200_000) + `[3,4]]}`)
	for _, name := range []string{"a.geojsonl", "a.NDJSON", "a.geojsons", "a.jsonl"} {
		for text, want := range map[string]int{
			long + "\n" + one[:30] + "\n" + one + "\n": 2, // the first is longer than what is looked at
			one[:30] + "\n" + one[:40] + "\n" + one:    1,
			one:                                        1,
		} {
			r, err := New(name, strings.NewReader(text), source.Options{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if records, _ := sourcetest.All(t, r); len(records) != want {
				t.Errorf("%s: %d records of %.60s…, want %d", name, len(records), text, want)
			}
			if done, total := r.Progress(); done != total || total != int64(len(text)) {
				t.Errorf("progress %d of %d", done, total)
			}
		}
	}
}

// TestAFeatureTooLargeIsLeftOut reads on after a line that has more than a
// feature may, keeping little of it; a document can't be read on.
func TestAFeatureTooLargeIsLeftOut(t *testing.T) {
	t.Parallel()
	const most = 4 << 20
	one := withGeometry(`{"type":"Point","coordinates":[1,2]}`)
	huge := `{"type":"Feature","properties":{"n":"` + strings.Repeat("x", 3*most) + `"},"geometry":null}`
	for text, want := range map[string]string{
		one + "\n" + huge + "\n" + one:              "feature 1, row error 2, feature 3, EOF",
		"\x1e" + one + "\x1e" + huge + "\x1e" + one: "feature 1, row error 2, feature 3, EOF",
		collection(one, huge, one):                  "feature 1, the end",
	} {
		w, err := newWalker("a.geojson", strings.NewReader(text), most)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for end := false; !end; {
			_, row, err := w.next()
			var bad *source.RowError
			switch {
			case err == nil:
				got = append(got, fmt.Sprint("feature ", row))
			case errors.As(err, &bad):
				got = append(got, fmt.Sprint("row error ", bad.Row))
			case err == io.EOF:
				got, end = append(got, "EOF"), true
			case errors.Is(err, errTooLarge):
				got, end = append(got, "the end"), true
			default:
				t.Fatal(err)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
}

func TestCRS(t *testing.T) {
	t.Parallel()
	named := func(name string) string {
		return `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"` + name + `"}},"features":[]}`
	}
	cases := []struct {
		text string
		user int
		want int
	}{
		{collection(), 0, 4326},
		{named("urn:ogc:def:crs:OGC:1.3:CRS84"), 0, 4326},
		{named("urn:ogc:def:crs:EPSG::4547"), 0, 4547},
		{named("urn:ogc:def:crs:EPSG:6.18:4547"), 0, 4547},
		{named("EPSG:4547"), 0, 4547},
		{named("http://www.opengis.net/def/crs/EPSG/0/4490"), 0, 4490},
		{named("CGCS2000 of the office"), 0, 0},
		{named("EPSG:4547"), 4526, 4526},
		{`{"type":"FeatureCollection","features":[],"crs":{"type":"EPSG","properties":{"code":4490}}}`, 0, 4490},
		{`{"type":"FeatureCollection","features":[],"crs":null}`, 0, 4326},
		{collection(withGeometry(`{"type":"Point","coordinates":[414681,3079571]}`)), 0, 0},
	}
	for _, c := range cases {
		r, _, _ := read(t, c.text, source.Options{EPSG: c.user})
		if got, how := r.CRS(); got != c.want || how.ZH == "" || how.EN == "" {
			t.Errorf("%s: %d (%s), want %d", c.text, got, how, c.want)
		}
	}
}

func TestGBK(t *testing.T) {
	t.Parallel()
	r, records, _ := read(t, collection("{\"type\":\"Feature\",\"properties\":{\"\xc3\xfb\":\"\xba\xc9\xcc\xc1\xc7\xf8\",\"b\":\"\xff\"},\"geometry\":null}"), source.Options{})
	if name, _ := r.Encoding(); name != "GB18030" || r.Fields()[0].Name != "名" || records[0].Values[0] != "荷塘区" {
		t.Errorf("%s %v %v", name, r.Fields(), records[0].Values)
	}
	if f := records[0].Findings; len(f) != 1 || f[0].Kind != source.Undecodable || f[0].Field != "b" {
		t.Errorf("findings %v", f)
	}
}

func TestInputsAgainstGDAL(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"yilan/yilan_village.geojson": 233, "yilan/yilan_town.geojson": 12, "yilan/yilan_county.geojson": 1,
		"qgis/geometry_checker/polygon_layer_empty_geometries.geojson":    4,
		"natural-earth/ne_10m_rivers_lake_centerlines_china_bbox.geojson": -1,
		"natural-earth/ne_10m_lakes_china_bbox.geojson":                   -1,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := sourcetest.Input(t, filepath.FromSlash(name))
			r, err := Open(path, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if epsg, how := r.CRS(); epsg != 4326 {
				t.Errorf("CRS %d %s", epsg, how)
			}
			fields := r.Fields()
			records, _ := sourcetest.All(t, r)
			if want >= 0 && len(records) != want {
				t.Errorf("%d records, want %d", len(records), want)
			}
			theirs := sourcetest.OGR(t, path)
			if len(theirs)-1 != len(records) {
				t.Fatalf("%d records, GDAL has %d", len(records), len(theirs)-1)
			}
			for i, f := range fields {
				if theirs[0][i+1] != f.Name {
					t.Errorf("field %d is %s, GDAL says %s", i, f.Name, theirs[0][i+1])
				}
			}
			for i, rec := range records {
				for j, v := range rec.Values {
					if text, ok := v.(string); ok && text != theirs[i+1][j+1] {
						t.Errorf("row %d, %s: %q, GDAL says %q", rec.Row, fields[j].Name, text, theirs[i+1][j+1])
					}
				}
				if len(rec.Findings) > 0 {
					t.Errorf("row %d: %v", rec.Row, rec.Findings)
				}
			}
		})
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(collection(withGeometry(`{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[0,0]]]}`))))
	f.Add([]byte(withGeometry(`null`) + "\n" + withGeometry(`null`)))
	f.Add([]byte(`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2,3]}]}`))
	f.Add([]byte("\x1e" + withGeometry(`null`) + "\n\x1e" + withGeometry(`null`)))
	f.Add([]byte("{\"type\":\"Fea\n" + withGeometry(`null`) + "\n"))
	f.Add([]byte(`[{"type":"Feature","crs":{"properties":{"name":"EPSG:4547"}}}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := New("fuzz.json", strings.NewReader(string(raw)), source.Options{})
		if err != nil {
			return
		}
		for n := 0; ; n++ {
			rec, err := r.Next()
			if err == io.EOF {
				return
			}
			if _, row := err.(*source.RowError); err != nil && !row {
				t.Fatalf("the second pass fails where the first did not: %v", err)
			}
			if n > len(raw) {
				t.Fatal("more records than bytes")
			}
			if err == nil && len(rec.Values) != len(r.Fields()) {
				t.Fatalf("%d values for %d fields", len(rec.Values), len(r.Fields()))
			}
		}
	})
}
