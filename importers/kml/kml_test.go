package kml

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/twpayne/go-geom/encoding/wkt"
	"golang.org/x/text/encoding/simplifiedchinese"

	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

func document(content string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>` + content + `</Document></kml>`
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func summarise(t *testing.T, r *Reader) string {
	t.Helper()
	var names []string
	for _, f := range r.Fields() {
		names = append(names, f.Name)
	}
	text := strings.Join(names, ",")
	records, _ := sourcetest.All(t, r)
	for _, rec := range records {
		text += fmt.Sprintf("\n%d%v", rec.Row, rec.Values)
		if rec.Geometry != nil {
			g, err := wkt.Marshal(rec.Geometry)
			if err != nil {
				t.Fatal(err)
			}
			text += g
		}
		for _, f := range rec.Findings {
			text += " " + string(f.Kind)
		}
	}
	for _, n := range r.Notes() {
		text += "\nnote " + string(n.Kind)
	}
	return text
}

const folders = `<name>网格图</name>
<Placemark><name>直属</name><Point><coordinates>113,27,5</coordinates></Point></Placemark>
<Folder><name>网格</name>
 <Placemark><name>一</name><description><![CDATA[<b>说明</b>]]></description><ExtendedData><Data name="代码"><displayName>x</displayName><value>430202001</value></Data><Data name="name"><value>又名</value></Data></ExtendedData>
 <Polygon><innerBoundaryIs><LinearRing><coordinates>113.5,27.1 113.6,27.1 113.6,27.2 113.5,27.1</coordinates></LinearRing></innerBoundaryIs><tessellate>1</tessellate><outerBoundaryIs><LinearRing><coordinates>
  113,27,0
  114,27,0 114,28,0 113,27,0
 </coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
 <Folder><name>子</name><Placemark><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="名称">二</SimpleData></SchemaData></ExtendedData></Placemark></Folder>
</Folder>
<Folder><name>网格</name><Placemark><name>三</name><MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></outerBoundaryIs></Polygon><Polygon><outerBoundaryIs><LinearRing><coordinates>3,3 4,3 4,4 3,3</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder>
<Folder><name>空</name></Folder>
<NetworkLink><Link><href>http://127.0.0.1:9/other.kml</href></Link></NetworkLink>`

func TestFoldersAreLayers(t *testing.T) {
	t.Parallel()
	path := file(t, "a.kml", document(folders))
	want := []string{"网格图", "网格", "网格/子"}
	if got, err := Layers(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v %v, want %v", got, err, want)
	}
	var many *source.ManyLayersError
	if _, err := Open(path, source.Options{}); !errors.As(err, &many) || !reflect.DeepEqual(many.Layers, want) {
		t.Errorf("%v", err)
	}
	const link = "\nnote other-layers"
	for layer, want := range map[string]string{
		"网格图": "name\n1[直属]POINT (113 27)" + link,
		"网格": "name,description,代码,name_2\n1[一 <b>说明</b> 430202001 又名]POLYGON ((113 27, 114 27, 114 28, 113 27), (113.5 27.1, 113.6 27.1, 113.6 27.2, 113.5 27.1))" +
			"\n2[三 <nil> <nil> <nil>]MULTIPOLYGON (((1 1, 2 1, 2 2, 1 1)), ((3 3, 4 3, 4 4, 3 3)))" + link,
		"网格/子": "名称\n1[二]" + link,
	} {
		r, err := Open(path, source.Options{Layer: layer})
		if err != nil {
			t.Fatal(err)
		}
		if got := summarise(t, r); got != want || r.Name() != layer {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if done, total := r.Progress(); done != total || total == 0 {
			t.Errorf("progress %d of %d", done, total)
		}
	}
}

func TestGeometries(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`<Point><coordinates>113.1,27.2</coordinates></Point>`:       "POINT (113.1 27.2)",
		`<Point><coordinates> 113.1, 27.2, 0 </coordinates></Point>`: "POINT (113.1 27.2)",
		`<Point><coordinates></coordinates></Point>`:                 "",
		`<Point/>`: "",
		`<LineString><coordinates>1,2 3,4</coordinates></LineString>`:         "LINESTRING (1 2, 3 4)",
		`<LinearRing><coordinates>1,2 3,4 5,6 1,2</coordinates></LinearRing>`: "LINESTRING (1 2, 3 4, 5 6, 1 2)",
		`<LineString><coordinates>1,2</coordinates></LineString>`:             "LINESTRING (1 2) odd-geometry",
		`<Point><coordinates>1;2</coordinates></Point>`:                       " bad-geometry",
		`<Point><coordinates>NaN,2</coordinates></Point>`:                     " bad-geometry",
		`<Point><coordinates>1,2 3,4</coordinates></Point>`:                   " bad-geometry",
		`<Point><coordinates>413000,3079000</coordinates></Point>`:            "POINT (413000 3079000) odd-geometry",
		`<Model/>`: " bad-geometry",
		`<gx:Track><when>2024</when><gx:coord>1 2 3</gx:coord><gx:coord>4 5 6</gx:coord></gx:Track>`:                                                               "LINESTRING (1 2, 4 5)",
		`<MultiGeometry><Point><coordinates>1,2</coordinates></Point><LineString><coordinates>1,2 3,4</coordinates></LineString></MultiGeometry>`:                  "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
		`<MultiGeometry><MultiGeometry><Point><coordinates>1,2</coordinates></Point></MultiGeometry><Point><coordinates>3,4</coordinates></Point></MultiGeometry>`: "MULTIPOINT (1 2, 3 4)",
		`<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 0,1 1,1</coordinates></LinearRing></outerBoundaryIs></Polygon>`:                                    "POLYGON ((0 0, 0 1, 1 1)) odd-geometry",
		`<Polygon><innerBoundaryIs><LinearRing><coordinates>0,0 0,1 1,1 0,0</coordinates></LinearRing></innerBoundaryIs></Polygon>`:                                " bad-geometry",
	} {
		r, err := New("a.kml", strings.NewReader(document("<Placemark>"+content+"</Placemark>")), source.Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		records, _ := sourcetest.All(t, r)
		got := ""
		if g := records[0].Geometry; g != nil {
			got, _ = wkt.Marshal(g)
		}
		for _, f := range records[0].Findings {
			got += " " + string(f.Kind)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", content, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	bomb := `<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><kml><Document><Placemark><name>&b;</name></Placemark></Document></kml>`
	for text, want := range map[string]string{
		"":                               "no element",
		"text":                           "no element",
		"<html><body/></html>":           "not KML",
		document(""):                     "no placemark",
		document("<NetworkLink/>"):       "NetworkLink",
		document("<Placemark>")[:130]:    "XML",
		document("<Placemark></Folder>"): "XML",
		bomb:                             "entity",
		`<!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml><Placemark><name>&x;</name></Placemark></kml>`: "entity",
		document(strings.Repeat("<Folder>", 200)):                                                      "deep",
		document("<Placemark>" + strings.Repeat("<MultiGeometry>", 100)):                               "deep",
	} {
		r, err := New("a.kml", strings.NewReader(text), source.Options{})
		if err == nil || r != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want %q", text, err, want)
		}
	}
}

func TestGBK(t *testing.T) {
	t.Parallel()
	text := strings.Replace(document("<Placemark><name>洣江</name></Placemark>"), "UTF-8", "GBK", 1)
	raw, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New("a.kml", strings.NewReader(raw), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := summarise(t, r); got != "name\n1[洣江]" {
		t.Error(got)
	}
}

// TestAgainstTheShapefile reads what ogr2ogr made of a shapefile.
func TestAgainstTheShapefile(t *testing.T) {
	t.Parallel()
	from := sourcetest.Sketch(t, "counties.shp")
	path := sourcetest.Convert(t, "LIBKML", filepath.Join(t.TempDir(), "a.kml"), from, "-t_srs", "EPSG:4326")
	r, err := Open(path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := shapefile.Open(from, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := sourcetest.All(t, theirs)
	got, _ := sourcetest.All(t, r)
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i].Values, want[i].Values) || len(got[i].Geometry.FlatCoords()) != len(want[i].Geometry.FlatCoords()) {
			t.Errorf("row %d: %v, want %v", i+1, got[i].Values, want[i].Values)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(document(folders)))
	f.Add([]byte(document(`<Placemark><ExtendedData><SchemaData><SimpleData name="a">1</SimpleData></SchemaData></ExtendedData><Point><coordinates>1, 2,3 4,5</coordinates></Point></Placemark>`)))
	f.Add([]byte(`<Placemark><gx:MultiTrack><gx:Track><gx:coord>1 2 3</gx:coord></gx:Track></gx:MultiTrack></Placemark>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := New("fuzz.kml", strings.NewReader(string(raw)), source.Options{})
		var many *source.ManyLayersError
		if errors.As(err, &many) {
			r, err = New("fuzz.kml", strings.NewReader(string(raw)), source.Options{Layer: many.Layers[0]})
		}
		if err != nil {
			return
		}
		for rows := 0; ; rows++ {
			rec, err := r.Next()
			if err == io.EOF {
				if rows == 0 {
					t.Error("a layer without rows")
				}
				return
			}
			if err != nil {
				t.Fatalf("the second pass fails where the first did not: %v", err)
			}
			if rec.Row != rows+1 || len(rec.Values) != len(r.Fields()) {
				t.Errorf("row %d has the number %d", rows+1, rec.Row)
			}
		}
	})
}
