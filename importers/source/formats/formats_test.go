package formats

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/twpayne/go-geom"

	"unigrid/importers/charset"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestContentGoesBeforeTheName(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, content, want string }{
		{"a.csv", "a,b\n1,2\n", "a b"},
		{"a.TXT", "a\tb\n1\t2\n", "a b"},
		{"a.geojson", `{"type":"Feature","properties":{"p":1},"geometry":null}`, "p"},
		{"a.csv", `{"type":"Feature","properties":{"p":1},"geometry":null}`, "p"},
	}
	for _, c := range cases {
		s, err := Open(write(t, c.name, c.content), source.Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		var names []string
		for _, f := range s.Fields() {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// archive packs a GBK shapefile under the names, which are GBK themselves
// without saying so, as Chinese Windows packs.
func archive(t *testing.T, names ...string) string {
	t.Helper()
	base := filepath.Join(t.TempDir(), "x")
	w, err := shapefile.Create(base, shapefile.WriterOptions{
		Kind: shapefile.Points, Encoding: "GBK", EPSG: 4547, Fields: []source.Field{{Name: "名称", Length: 20}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(geom.NewPointFlat(geom.XY, []float64{414681, 3079571}), []any{"荷塘区"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z := zip.NewWriter(file)
	gbk, _ := charset.Lookup("GBK")
	for _, name := range names {
		for _, extension := range []string{".shp", ".shx", ".dbf", ".prj", ".cpg", ".shp.xml"} {
			raw, err := os.ReadFile(base + extension)
			if err != nil && extension != ".shp.xml" {
				t.Fatal(err)
			}
			encoded, err := gbk.Encode(name + strings.ToUpper(extension))
			if err != nil {
				t.Fatal(err)
			}
			entry, err := z.CreateHeader(&zip.FileHeader{Name: string(encoded), NonUTF8: true, Method: zip.Deflate})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := entry.Write(raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestArchives(t *testing.T) {
	t.Parallel()
	check := func(s source.Source, err error, name string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		folder := s.(*unpacked).folder
		if epsg, _ := s.CRS(); epsg != 4547 || s.Name() != name {
			t.Errorf("%s, CRS %d", s.Name(), epsg)
		}
		records, _ := sourcetest.All(t, s)
		if len(records) != 1 || records[0].Values[0] != "荷塘区" || records[0].Geometry == nil {
			t.Errorf("%v", records)
		}
		if _, err := os.Stat(folder.Path); !os.IsNotExist(err) {
			t.Errorf("the temporary folder is still there: %v", err)
		}
	}
	one := archive(t, `数据\网格`)
	s, err := open(one, source.Options{})
	check(s, err, "网格")

	two := archive(t, "网格", "水源地")
	_, err = open(two, source.Options{})
	var many *ManyLayersError
	if !errors.As(err, &many) || !reflect.DeepEqual(many.Layers, []string{"水源地", "网格"}) {
		t.Errorf("%v, want both layers named", err)
	}
	if layers, err := Layers(two); err != nil || !reflect.DeepEqual(layers, many.Layers) {
		t.Errorf("%v %v", layers, err)
	}
	s, err = open(two, source.Options{Layer: "水源地"})
	check(s, err, "水源地")
	if _, err := open(two, source.Options{Layer: "河流"}); err == nil || !strings.Contains(err.Error(), "网格") {
		t.Errorf("%v, want the layers listed", err)
	}

	hostile := archive(t, "../../etc/passwd", "C:/a:b")
	for _, layer := range []string{"C:/a:b", "../../etc/passwd"} {
		s, err := open(hostile, source.Options{Layer: layer})
		if err != nil {
			t.Errorf("%s: %v", layer, err)
			continue
		}
		entries, _ := os.ReadDir(s.(*unpacked).folder.Path)
		if len(entries) != 5 {
			t.Errorf("%s: %d files in the temporary folder", layer, len(entries))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestInputArchive(t *testing.T) {
	t.Parallel()
	s, err := Open(sourcetest.Input(t, "qgis", "shapefile", "windows-1252.zip"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, _ := sourcetest.All(t, s)
	if len(records) != 1 || records[0].Values[1] != "äöü" {
		t.Errorf("%v", records)
	}
}

func FuzzLayers(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(path, source.Options{}); err == nil {
			_ = s.Close() // only that it opens and closes is tested
		}
	})
}
