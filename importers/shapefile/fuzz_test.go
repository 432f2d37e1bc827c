package shapefile

import (
	"bytes"
	"io"
	"testing"

	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// parts returns the bytes of a small sound shapefile.
func rawParts(f *testing.F) (shp, shx, dbf []byte) {
	f.Helper()
	p := build(f, nil)
	all := func(file File) []byte {
		raw, err := io.ReadAll(io.NewSectionReader(file, 0, file.Size))
		if err != nil {
			f.Fatal(err)
		}
		return raw
	}
	return all(p.Shapes), all(p.Index), all(p.Table)
}

func FuzzReader(f *testing.F) {
	shp, shx, dbf := rawParts(f)
	f.Add(shp, shx, dbf, "", "")
	f.Add(shp, []byte{}, dbf, "UTF-8", "GEOGCS[\"x\"]")
	f.Add([]byte{}, []byte{}, dbf, "nonsense", "")
	f.Fuzz(func(t *testing.T, shp, shx, dbf []byte, cpg, prj string) {
		parts := Parts{Name: "fuzz", CodePage: cpg, CRS: prj}
		for _, p := range []struct {
			raw []byte
			to  *File
		}{{shp, &parts.Shapes}, {shx, &parts.Index}, {dbf, &parts.Table}} {
			if len(p.raw) > 0 {
				*p.to = File{bytes.NewReader(p.raw), int64(len(p.raw))}
			}
		}
		r, err := New(parts, source.Options{})
		if err != nil {
			return
		}
		most := len(shp)/recordHeader + len(shx)/recordHeader + len(dbf) + 1
		for n := 0; ; n++ {
			rec, err := r.Next()
			if err != nil {
				break
			}
			if n > most {
				t.Fatalf("more than %d records in %d bytes", most, len(shp)+len(dbf))
			}
			if len(rec.Values) != len(r.Fields()) {
				t.Fatalf("%d values for %d fields", len(rec.Values), len(r.Fields()))
			}
		}
	})
}

func FuzzShape(f *testing.F) {
	shp, _, _ := rawParts(f)
	f.Add(shp[shapeHeader+recordHeader:])
	f.Add([]byte{nullShape, 0, 0, 0})
	f.Add(append([]byte{21, 0, 0, 0}, make([]byte, 24)...))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := decode(content)
		if err != nil || s.geometry == nil {
			return
		}
		if n := len(s.geometry.FlatCoords()); n*8 > len(content) {
			t.Fatalf("%d coordinates from %d bytes", n, len(content))
		}
		source.Flaw(s.geometry)
	})
}

func FuzzCell(f *testing.F) {
	f.Add([]byte("荷塘区  "), byte('C'))
	f.Add([]byte("  12.5"), byte('N'))
	f.Add([]byte("20240229"), byte('D'))
	f.Add([]byte("T"), byte('L'))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8}, byte('T'))
	f.Fuzz(func(t *testing.T, cell []byte, kind byte) {
		c := column{kind: kind, length: len(cell)}
		c.describe()
		v, bad := c.value(cell, charset.GB18030())
		if bad.kind != "" && (bad.why.ZH == "" || bad.why.EN == "") {
			t.Errorf("%v: a finding without a reason", v)
		}
	})
}
