package formats

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

func TestContents(t *testing.T) {
	t.Parallel()
	const csv = "a\n1\n"
	const places = `<kml><Document><Folder><name>甲</name><Placemark/></Folder><Folder><name>乙</name><Placemark/></Folder></Document></kml>`
	cases := []struct {
		name   string
		files  []string
		layers []string // or what the error says
		beside int
	}{
		{"junk beside", []string{"a.csv", csv, "a.shp.xml", "<x/>", "__MACOSX/._a.csv", "x", ".DS_Store", "x", "~$b.xlsx", "x", "Thumbs.db", "x", "readme.txt", "x"}, []string{"a"}, 0},
		{"folders", []string{"数据/甲/a.csv", csv, "数据/乙/a.csv", csv}, []string{"数据/乙/a", "数据/甲/a"}, 0},
		{"one name, two files", []string{"a.csv", csv, "a.geojson", `{"type":"Feature","properties":{},"geometry":null}`}, []string{"a", "a.csv"}, 0},
		{"two names that differ in case", []string{"a.csv", csv, "A.CSV", csv}, []string{"A", "a"}, 0},
		{"an archive within", []string{"inner/数据.zip", "PK"}, []string{"~数据.zip", "~unpack the inner archive"}, 0},
		{"an archive of another kind within", []string{"a.rar", "Rar!"}, []string{"~a.rar", "~.zip"}, 0},
		{"an archive beside", []string{"a.csv", csv, "旧.zip", "PK", "图.dwg", "AC10"}, []string{"a"}, 2},
		{"nothing to read", []string{"readme.txt", "x"}, []string{"~nothing that can be read"}, 0},
		{"empty", nil, []string{"~nothing that can be read"}, 0},
		{"layers within", []string{"p.kml", places, "b.csv", csv}, []string{"b", "p/甲", "p/乙"}, 0},
		{"layers within the only file", []string{"x/p.kml", places}, []string{"甲", "乙"}, 0},
		{"a KMZ within", []string{"p.kmz", zipped(t, "layers/a.kml", places, "doc.kml", `<kml><NetworkLink/></kml>`)}, []string{"甲", "乙"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "packed.zip", zipped(t, c.files...))
			folder := filepath.Join(t.TempDir(), "folder")
			for i := 0; i < len(c.files); i += 2 {
				to := filepath.Join(folder, filepath.FromSlash(c.files[i]))
				if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(to, []byte(c.files[i+1]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{path, folder} {
				layers, err := Layers(path)
				if strings.HasPrefix(c.layers[0], "~") {
					_, openErr := Open(path, source.Options{})
					for _, want := range c.layers {
						if err == nil || openErr == nil || !strings.Contains(err.Error(), want[1:]) || !strings.Contains(openErr.Error(), want[1:]) {
							t.Errorf("%v, %v, want %q", err, openErr, want[1:])
						}
					}
					continue
				}
				if err != nil || !reflect.DeepEqual(layers, c.layers) {
					t.Errorf("%q %v, want %q", layers, err, c.layers)
				}
				for _, layer := range layers {
					s, err := Open(path, source.Options{Layer: layer})
					if err != nil {
						t.Errorf("%s: %v", layer, err)
						continue
					}
					if records, _ := sourcetest.All(t, s); len(records) != 1 {
						t.Errorf("%s: %d records", layer, len(records))
					}
					if n := len(s.Notes()); n != c.beside {
						t.Errorf("%s: notes %v", layer, s.Notes())
					}
				}
				if len(layers) == 1 {
					continue
				}
				var many *ManyLayersError
				if _, err := Open(path, source.Options{}); !errors.As(err, &many) {
					t.Errorf("%v, want the layers named", err)
				}
			}
		})
	}
}

func TestSeveralGeoPackagesInOneArchive(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	from := sourcetest.Sketch(t, "counties.shp")
	sourcetest.Convert(t, "GPKG", filepath.Join(folder, "a.gpkg"), from, "-nln", "县区")
	sourcetest.Convert(t, "GPKG", filepath.Join(folder, "a.gpkg"), from, "-nln", "备份", "-update")
	sourcetest.Convert(t, "OpenFileGDB", filepath.Join(folder, "b.gdb"), from, "-nln", "县区")
	path := packedFolder(t, folder)
	layers, err := Layers(path)
	if err != nil || len(layers) != 3 {
		t.Fatal(layers, err)
	}
	for _, layer := range layers {
		s, err := Open(path, source.Options{Layer: layer})
		if err != nil {
			t.Fatal(err)
		}
		if records, _ := sourcetest.All(t, s); len(records) != 9 {
			t.Errorf("%s: %d records", layer, len(records))
		}
	}
	if _, err := Open(path, source.Options{Layer: layers[0][:strings.LastIndex(layers[0], "/")] + "/无"}); err == nil || !strings.Contains(err.Error(), "备份") {
		t.Errorf("%v, want what there is", err)
	}
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("zip"); err != nil {
		t.Skip("zip is not on PATH")
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.csv"), []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("zip", "-q", "-P", "secret", "a.zip", "a.csv")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if _, err := Open(filepath.Join(folder, "a.zip"), source.Options{}); err == nil || !strings.Contains(err.Error(), "without a password") {
		t.Errorf("%v", err)
	}
}

// TestBombs unpacks archives made to fill a disk.
func TestBombs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	entry, err := z.Create("a.csv")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 600 {
		if _, err := entry.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := b.Bytes()
	real := write(t, "bomb.zip", string(bomb))
	if _, err := Open(real, source.Options{}); err == nil || !strings.Contains(err.Error(), "times its size") {
		t.Errorf("%d bytes that unpack to 600 MB: %v", len(bomb), err)
	}
	// The same one that says it were small, in the directory that is believed.
	liar := bytes.Clone(bomb)
	at := bytes.LastIndex(liar, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(liar[at+24:], 1000)
	path := write(t, "liar.zip", string(liar))
	if s, err := Open(path, source.Options{}); err == nil {
		t.Errorf("opened %s", s.Name())
	} else if !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
	// One that says it were larger than anything.
	binary.LittleEndian.PutUint32(liar[at+24:], 0xFFFFFFF0)
	huge := zipped(t, "a.dbf", "x", "a.shp", "y", "a.shx", "z")
	raw := []byte(huge)
	for at := 0; ; at += 4 {
		i := bytes.Index(raw[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i
		binary.LittleEndian.PutUint32(raw[at+24:], 0xFFFFFFF0)
	}
	if _, err := Open(write(t, "huge.zip", string(raw)), source.Options{}); err == nil || !strings.Contains(err.Error(), "more than 8 GB") {
		t.Errorf("%v", err)
	}
}

func TestNamesLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../../../../tmp/evil", "/etc/evil", "..", "C:/evil", `..\..\evil`, "a\x00b", strings.Repeat("长", 200), "x/../../y"} {
		path := write(t, "a.zip", zipped(t, name+".csv", "a\n1\n"))
		s, err := open(path, source.Options{})
		if err != nil {
			if !strings.Contains(err.Error(), "nothing that can be read") {
				t.Errorf("%q: %v", name, err)
			}
			continue
		}
		folder := s.(*unpacked).folder.Path
		entries, err := os.ReadDir(folder)
		if err != nil || len(entries) != 1 || !strings.HasSuffix(entries[0].Name(), ".csv") {
			t.Errorf("%q: %v %v", name, entries, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	// A geodatabase's files have plain names; others are left where they are.
	path := write(t, "a.zip", zipped(t, "x.gdb/"+systemCatalog, "x", "x.gdb/../../../evil", "x", "x.gdb/b b;rm", "x"))
	err := withArchive(path, func(c contents) error {
		folder, main, err := unpack(c.file, c.items[0])
		if err != nil {
			return err
		}
		entries, err := os.ReadDir(main)
		if err != nil || len(entries) != 1 || entries[0].Name() != systemCatalog {
			t.Errorf("%v %v", entries, err)
		}
		return folder.Remove()
	})
	if err != nil {
		t.Error(err)
	}
}

// TestOtherWaysOfPacking refuses entries that Go can't unpack.
func TestOtherWaysOfPacking(t *testing.T) {
	t.Parallel()
	raw := []byte(zipped(t, "a.csv", "a\n1\n"))
	const deflate64 = 9
	binary.LittleEndian.PutUint16(raw[bytes.LastIndex(raw, []byte("PK\x01\x02"))+10:], deflate64)
	if _, err := Open(write(t, "a.zip", string(raw)), source.Options{}); err == nil || !strings.Contains(err.Error(), "ordinary .zip") {
		t.Errorf("%v", err)
	}
}

func FuzzArchive(f *testing.F) {
	f.Add([]byte(zipped(f, "a.csv", "a\n1\n", "b/c.geojson", `{"type":"Feature","properties":{},"geometry":null}`, "d.zip", "PK")))
	f.Add([]byte(zipped(f, "doc.kml", `<kml><Document><Folder><Placemark/></Folder></Document></kml>`)))
	f.Add([]byte(zipped(f, "a.shp", "\x00\x00\x27\x0a", "a.SHX", "", "A.dbf", "\x03")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		c, err := contentsOf(path, archive)
		if err != nil {
			return
		}
		for _, o := range c.items {
			if o.main == ".gdb" || o.main == ".fgb" || o.main == ".dxf" || o.main == ".tab" || o.main == ".mif" || o.main == ".xls" {
				continue // GDAL's, too slow for this
			}
			s, err := Open(path, source.Options{Layer: o.name})
			if err != nil {
				continue
			}
			for rows := 0; rows < 100; rows++ {
				if _, err := s.Next(); err == io.EOF {
					break
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(fmt.Errorf("%s: %w", o.name, err))
			}
		}
	})
}
