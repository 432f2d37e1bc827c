package formats

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/grids"
	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// zipped is an archive of the files, in the order name, content, name, content.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		entry, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func oleEntry(name string) string {
	raw := make([]byte, 1024)
	copy(raw, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	for i, c := range name {
		raw[512+2*i] = byte(c)
	}
	raw[512+64] = byte(2 * (len(name) + 1))
	return string(raw)
}

// TestClaims opens files whose names and contents disagree, or that can't be
// read: each is opened as what it is, or refused with what to do, in both
// languages.
func TestClaims(t *testing.T) {
	t.Parallel()
	const feature = `{"type":"Feature","properties":{"p":1},"geometry":null}`
	const kml = `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>a</name></Placemark></kml>`
	book := zipped(t, "xl/workbook.xml", "<workbook/>")
	utf16 := "\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00"
	cases := []struct{ name, content, want string }{
		// Opened by content: the format's name.
		{"a.csv", "a,b\n1,2\n", "CSV"},
		{"A.CSV", "a,b\n1,2\n", "CSV"},
		{"a.txt", "a\tb\n1\t2\n", "CSV"},
		{"text.xls", "a\tb\n1\t2\n", "CSV"},
		{"a.GeoJSON", feature, "GeoJSON"},
		{"a.ndjson", feature + "\n" + feature, "GeoJSON"},
		{"json.txt", feature, "GeoJSON"},
		{"noname", feature, "GeoJSON"},
		{"a.KML", kml, "KML"},
		{"kml.xml", kml, "KML"},
		{"book.csv", book, "Excel (.xlsx)"},
		{"book.zip", book, "Excel (.xlsx)"},
		{"two.zip", zipped(t, "a.csv", "a\n1\n", "b.geojson", feature), "ZIP"},
		{"one.zip", zipped(t, "a.csv", "a\n1\n"), "CSV (.zip)"},
		{"a.kmz", zipped(t, "doc.kml", kml), "KMZ"},
		{"links.kmz", zipped(t, "doc.kml", `<kml><NetworkLink/></kml>`), "KMZ"},
		{"sheet.xls", oleEntry("Workbook"), "Excel 97-2003 (.xls)"},
		{"sheet.xlsx", oleEntry("Book"), "Excel 97-2003 (.xls)"},
		{"a.dxf", "  0\r\nSECTION\r\n", "DXF"},
		{"a.fgb", "fgb\x03fgb\x00", "FlatGeobuf"},
		{"a.db", "SQLite format 3\x00", "GeoPackage"},
		// Refused with words.
		{"a.rar", "Rar!\x1a", "~.zip"},
		{"rar.zip", "Rar!\x1a", "~RAR"},
		{"a.7z", "7z\xBC\xAF\x27\x1C", "~.zip"},
		{"a.gz", "\x1f\x8b", "~.zip"},
		{"a.mdb", "\x00\x01\x00\x00Standard Jet DB", "~shapefile"},
		{"a.dwg", "AC1032", "~.dxf"},
		{"dwg.dxf", "AC1032", "~drawing"},
		{"a.et", oleEntry("Workbook"), "~WPS"},
		{"a.ods", zipped(t, "content.xml", "x"), "~.xlsx"},
		{"a.pdf", "%PDF-1.4", "~table"},
		{"a.parquet", "PAR1", "~GeoPackage"},
		{"locked.xlsx", oleEntry("EncryptedPackage"), "~password"},
		{"doc.xls", oleEntry("WordDocument"), "~Word"},
		{"damaged.xls", "\xD0\xCF\x11\xE0", "~password or is damaged"},
		{"web.xlsx", "<html><table><tr><td>1</td></tr></table></html>", "~web page"},
		{"web.xls", "\uFEFF\r\n<!DOCTYPE html>\n<html>", "~web page"},
		{"web16.xls", utf16, "~web page"},
		{"table.xls", "<table border=1>", "~web page"},
		{"mime.xls", "MIME-Version: 1.0\nContent-Type: multipart/related", "~web page"},
		{"xml.xls", `<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, "~XML spreadsheet"},
		{"web.csv", "<html>", "~web page"},
		{"a.gml", `<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml">`, "~GML"},
		{"a.xml", `<metadata/>`, "~XML"},
		{"zip.csv", zipped(t, "a.csv", "a\n1\n"), "~rename it to .zip"},
		{"zip.shp", zipped(t, "a.csv", "a\n1\n"), "~rename it to .zip"},
		{"zip.xlsx", zipped(t, "a.csv", "a\n1\n"), "~not a workbook"},
		{"cut.xlsx", book[:40], "~damaged"},
		{"cut.zip", zipped(t, "a.csv", "a\n1\n")[:30], "~unpack"},
		{"text.shp", "code,name\n1,a\n", "~text"},
		{"binary.shp", "\x01\x02\x03\x00", "~shapefile"},
		{"text.dbf", "code,name\n1,a\n", "~text"},
		{"text.gpkg", "code,name\n", "~GeoPackage"},
		{"binary.csv", "a,b\x00\x01\x02", "~CSV"},
		{"binary.json", "\x00\x01\x02", "~GeoJSON"},
		{"text.xlsx", "code,name\n", "~text"},
		{"text.zip", "code,name\n", "~ZIP"},
		{"text.dxf", "code,name\n", "~DXF"},
		{"a.prj", "GEOGCS", "~.shp"},
		{"a.shx", "\x00\x00\x27\x0a", "~.shp"},
		{"a.gdbtable", "\x03\x00", "~.gdb"},
		{"a.unknown", "\x01\x02", "~save the data as"},
		{"empty.csv", "", "~empty"},
		{"empty", "", "~empty"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, c.name, c.content)
			want, refused := strings.CutPrefix(c.want, "~")
			if !refused {
				if got := Name(path); got != want {
					_, err := identify(path)
					t.Errorf("%q (%v), want %s", got, err, want)
				}
				return
			}
			s, err := Open(path, source.Options{})
			if err == nil || s != nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
			var words *grids.Error
			if !errors.As(err, &words) || words.Message.ZH == "" || words.Message.EN == "" || strings.Contains(words.Message.ZH+words.Message.EN, "%!") {
				t.Errorf("%v is not in both languages", err)
			} else if len(words.Fixes) == 0 && !strings.HasPrefix(c.name, "empty") {
				t.Errorf("%v doesn't say what to do", err)
			}
		})
	}
}

// TestEveryFormat opens what ogr2ogr makes of the nine counties.
func TestEveryFormat(t *testing.T) {
	t.Parallel()
	from := sourcetest.Sketch(t, "counties.shp")
	cases := []struct {
		file, driver, name string
		more               []string
	}{
		{"县区.gpkg", "GPKG", "GeoPackage", nil},
		{"县区.SHP", "ESRI Shapefile", "Shapefile", nil},
		{"县区.geojson", "GeoJSON", "GeoJSON", nil},
		{"县区.geojsonl", "GeoJSONSeq", "GeoJSON", nil},
		{"rs.geojsons", "GeoJSONSeq", "GeoJSON", []string{"-lco", "RS=YES"}},
		{"县区.kml", "LIBKML", "KML", nil},
		{"县区.kmz", "LIBKML", "KMZ", nil},
		{"县区.fgb", "FlatGeobuf", "FlatGeobuf", nil},
		{"县区.gdb", "OpenFileGDB", "File Geodatabase", nil},
		{"县区.tab", "MapInfo File", "MapInfo", []string{"-lco", "ENCODING=CP936"}},
		{"县区.mif", "MapInfo File", "MapInfo", []string{"-dsco", "FORMAT=MIF", "-lco", "ENCODING=CP936"}},
		{"县区.dxf", "DXF", "DXF", []string{"-select", ""}},
		{"县区.csv", "CSV", "CSV", []string{"-lco", "GEOMETRY=AS_WKT"}},
		{"县区.xlsx", "XLSX", "Excel (.xlsx)", nil},
	}
	for _, c := range cases {
		t.Run(c.driver, func(t *testing.T) { // GDAL minds extensions in the names of folders
			t.Parallel()
			folder := t.TempDir()
			path := sourcetest.Convert(t, c.driver, filepath.Join(folder, strings.Replace(c.file, "SHP", "shp", 1)), from, c.more...)
			if strings.HasSuffix(c.file, ".SHP") {
				path = upper(t, folder)
			}
			if got := Name(path); got != c.name {
				t.Errorf("name %q, want %q", got, c.name)
			}
			check := func(path, layer string) {
				t.Helper()
				s, err := Open(path, source.Options{Layer: layer})
				if err != nil {
					t.Fatal(err)
				}
				records, unread := sourcetest.All(t, s)
				if len(records) != 9 || len(unread) > 0 {
					t.Errorf("%d records, %v", len(records), unread)
				}
				for _, r := range records {
					if (r.Geometry == nil) != (c.driver == "XLSX") {
						t.Errorf("row %d: geometry %v", r.Row, r.Geometry)
					}
				}
				if p, ok := s.(interface{ Progress() (done, total int64) }); ok {
					if done, total := p.Progress(); done != total {
						t.Errorf("progress %d of %d at the end", done, total)
					}
				}
			}
			check(path, "")
			layers, err := Layers(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, layer := range layers {
				check(path, layer)
			}
			if c.driver != "OpenFileGDB" {
				check(folder, "") // the only thing in its folder
			}
			check(packedFolder(t, folder), "")
		})
	}
}

// upper renames the files of a folder so that their extensions are in capitals.
func upper(t *testing.T, folder string) (shp string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		extension := filepath.Ext(e.Name())
		to := filepath.Join(folder, strings.TrimSuffix(e.Name(), extension)+strings.ToUpper(extension))
		if err := os.Rename(filepath.Join(folder, e.Name()), to); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(to, ".SHP") {
			shp = to
		}
	}
	return shp
}

// packedFolder is a folder as an archive with one folder around everything.
func packedFolder(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "packed.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	if err := z.AddFS(os.DirFS(filepath.Dir(folder))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}
