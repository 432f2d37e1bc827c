package shapefile

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twpayne/go-geom"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// square is a ring around (x, y), clockwise or not.
func square(x, y, half float64, clockwise bool) []float64 {
	c := []float64{x - half, y - half, x - half, y + half, x + half, y + half, x + half, y - half, x - half, y - half}
	if clockwise {
		return c
	}
	return []float64{c[0], c[1], c[6], c[7], c[4], c[5], c[2], c[3], c[0], c[1]}
}

func TestRingsFindTheirPolygon(t *testing.T) {
	t.Parallel()
	cw, ccw := true, false
	cases := []struct {
		name  string
		rings [][]float64
		want  [][]int
	}{
		{"hole", [][]float64{square(0, 0, 9, cw), square(0, 0, 2, ccw)}, [][]int{{0, 1}}},
		{"hole first", [][]float64{square(0, 0, 2, ccw), square(0, 0, 9, cw)}, [][]int{{1, 0}}},
		{"all reversed", [][]float64{square(0, 0, 9, ccw), square(0, 0, 2, cw)}, [][]int{{0, 1}}},
		{"all clockwise", [][]float64{square(0, 0, 9, cw), square(0, 0, 2, cw)}, [][]int{{0, 1}}},
		{"two parts", [][]float64{square(0, 0, 1, cw), square(5, 0, 1, cw)}, [][]int{{0}, {1}}},
		{"two parts, one reversed", [][]float64{square(0, 0, 1, cw), square(5, 0, 1, ccw)}, [][]int{{0}, {1}}},
		{"two parts, both reversed", [][]float64{square(0, 0, 1, ccw), square(5, 0, 1, ccw)}, [][]int{{0}, {1}}},
		{"island in a lake", [][]float64{square(0, 0, 9, cw), square(0, 0, 5, ccw), square(0, 0, 1, cw)}, [][]int{{0, 1}, {2}}},
		{"island in a lake, all clockwise", [][]float64{square(0, 0, 1, cw), square(0, 0, 5, cw), square(0, 0, 9, cw)}, [][]int{{0}, {2, 1}}},
		{"hole of the second part", [][]float64{square(0, 0, 9, cw), square(40, 0, 9, cw), square(40, 0, 2, ccw)}, [][]int{{0}, {1, 2}}},
		{"hole touches the outer ring", [][]float64{square(0, 0, 9, cw), square(-7, 0, 2, cw)}, [][]int{{0, 1}}},
		{"neighbour touches", [][]float64{square(0, 0, 2, cw), square(4, 0, 2, cw)}, [][]int{{0}, {1}}},
		{"the same ring twice", [][]float64{square(0, 0, 2, cw), square(0, 0, 2, cw)}, [][]int{{0}, {1}}},
		{"no area", [][]float64{square(0, 0, 2, cw), {1, 1, 1, 1, 1, 1, 1, 1}}, [][]int{{0}, {1}}},
		{"single points", [][]float64{{0, 0}, {1, 1}}, [][]int{{0}, {1}}},
		{
			"in the notch, not in the ring",
			[][]float64{{0, 0, 0, 9, 3, 9, 3, 3, 9, 3, 9, 0, 0, 0}, square(6, 6, 1, cw)},
			[][]int{{0}, {1}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var coords []float64
			var ends []int
			for _, r := range c.rings {
				coords = append(coords, r...)
				ends = append(ends, len(coords))
			}
			got, compared := group(coords, ends)
			if !reflect.DeepEqual(got, c.want) || !compared {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestTooManyRingsAreNotComparedForHours(t *testing.T) {
	t.Parallel()
	var coords []float64
	var ends []int
	for i := range 200_000 { // nested, so that every box covers the next
		coords = append(coords, square(0, 0, float64(200_000-i), true)...)
		ends = append(ends, len(coords))
	}
	ends[0] -= 2 // and the first not closed
	start := time.Now()
	polygons, _ := group(coords, ends)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	if len(polygons) == 0 {
		t.Error("no polygons")
	}
}

func county() []source.Field {
	return []source.Field{
		{Name: "XZQDM", Type: source.Text, Length: 12}, {Name: "行政名稱及全稱", Type: source.Text, Length: 40},
		{Name: "人口", Type: source.Integer, Length: 10}, {Name: "面積", Type: source.Float, Length: 14, Decimals: 3},
		{Name: "注意", Type: source.Boolean}, {Name: "日期", Type: source.Date},
	}
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	polygonWithHole := geom.NewPolygonFlat(geom.XY, append(square(414681, 3079571, 900, false), square(414681, 3079571, 100, true)...), []int{10, 20})
	two := geom.NewMultiPolygonFlat(geom.XY, append(square(0, 0, 1, true), square(9, 9, 1, true)...), [][]int{{10}, {20}})
	cases := []struct {
		name, encoding string
		kind           Kind
		shapes         []geom.T
	}{
		{"polygons in GBK", "GBK", Polygons, []geom.T{polygonWithHole, two, nil}},
		{"lines in UTF-8", "UTF-8", Lines, []geom.T{
			geom.NewLineStringFlat(geom.XY, []float64{0, 0, 1, 1}),
			geom.NewMultiLineStringFlat(geom.XY, []float64{0, 0, 1, 1, 5, 5, 6, 6}, []int{4, 8}), nil,
		}},
		{"points in Big5", "big5", Points, []geom.T{geom.NewPointFlat(geom.XYZ, []float64{113.134, 27.827, 50}), nil, geom.NewPointFlat(geom.XY, []float64{1, 2})}},
		{"multipoints in GB18030", "gb18030", MultiPoints, []geom.T{geom.NewMultiPointFlat(geom.XY, []float64{1, 2, 3, 4}), geom.NewPointFlat(geom.XY, []float64{1, 2}), nil}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "网格.shp")
			w, err := Create(path, WriterOptions{Kind: c.kind, Fields: county(), Encoding: c.encoding, EPSG: 4547})
			if err != nil {
				t.Fatal(err)
			}
			values := [][]any{
				{"430202", "荷塘區", int64(123456), 152.125, true, day(2024, 2, 29)},
				{"000001", nil, int64(-1), -0.5, false, nil},
				{nil, "株洲市", nil, nil, nil, day(1999, 12, 31)},
			}
			for i, g := range c.shapes {
				if err := w.Write(g, values[i]); err != nil {
					t.Fatal(err)
				}
			}
			names := w.FieldNames()
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r := open(t, path, source.Options{})
			if epsg, how := r.CRS(); epsg != 4547 {
				t.Errorf("CRS %d %s", epsg, how)
			}
			for i, f := range r.Fields() {
				if f.Name != names[i] || f.Type != county()[i].Type {
					t.Errorf("field %+v, want %s of %s", f, names[i], county()[i].Type)
				}
			}
			records, _ := sourcetest.All(t, r)
			for i, rec := range records {
				if !reflect.DeepEqual(rec.Values, values[i]) || len(rec.Findings) > 0 {
					t.Errorf("row %d: %v %v, want %v", rec.Row, rec.Values, rec.Findings, values[i])
				}
				if (rec.Geometry == nil) != (c.shapes[i] == nil) {
					t.Errorf("row %d: %v", rec.Row, rec.Geometry)
				}
			}
			if len(records) != 3 {
				t.Fatalf("%d records", len(records))
			}
			compareWithGDAL(t, path) // the last word is an outside judge's
		})
	}
}

func TestNamesAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	fields := []source.Field{{Name: "行政区名称全称"}, {Name: "行政区名称简称"}, {Name: "ABCDEFGHIJKL"}, {Name: "abcdefghijXX"}, {Name: "代码"}, {Name: "名称"}}
	for encoding, want := range map[string][]string{
		"GBK":   {"行政区名称", "行政区名_2", "ABCDEFGHIJ", "abcdefgh_2", "代码", "名称"},
		"UTF-8": {"行政区", "行政_2", "ABCDEFGHIJ", "abcdefgh_2", "代码", "名称"},
	} {
		w, err := Create(filepath.Join(t.TempDir(), "a"), WriterOptions{Kind: Points, Fields: fields, Encoding: encoding})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.FieldNames(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", encoding, got, want)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWriterRefusesRatherThanCuts(t *testing.T) {
	t.Parallel()
	fields := []source.Field{{Name: "a", Length: 4}, {Name: "n", Type: source.Integer, Length: 3}}
	w, err := Create(filepath.Join(t.TempDir(), "a.shp"), WriterOptions{Kind: Points, Fields: fields, Encoding: "Big5"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	at := geom.NewPointFlat(geom.XY, []float64{0, 0})
	cases := []struct {
		g      geom.T
		values []any
		want   source.Kind
	}{
		{at, []any{"荷塘區", nil}, source.TooLong},
		{at, []any{"株洲", int64(1234)}, source.TooLong},
		{at, []any{"䶮", nil}, source.Unencodable},
		{at, []any{"a", "b"}, source.WrongType},
		{at, []any{nil, 1.5}, source.WrongType},
		{geom.NewLineStringFlat(geom.XY, []float64{0, 0, 1, 1}), []any{"a", nil}, source.WrongType},
	}
	for _, c := range cases {
		row, ok := w.Write(c.g, c.values).(*source.RowError)
		if !ok || row.Kind != c.want || row.Row != 1 {
			t.Errorf("%v: %v, want %s", c.values, row, c.want)
		}
	}
	if w.rows != 0 {
		t.Errorf("%d rows written", w.rows)
	}
}

// build writes a small GBK shapefile and returns the bytes of its parts.
func build(t testing.TB, alter func(extension string, raw []byte) []byte) Parts {
	t.Helper()
	base := filepath.Join(t.TempDir(), "a")
	w, err := Create(base, WriterOptions{Kind: Polygons, Encoding: "GBK", Updated: day(2024, 1, 1), Fields: []source.Field{
		{Name: "名称", Length: 10}, {Name: "N", Type: source.Integer, Length: 5},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"荷塘区", "芦淞区", "石峰区"} {
		g := geom.NewPolygonFlat(geom.XY, square(float64(10*i), 0, 1, true), []int{10})
		if err := w.Write(g, []any{name, int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	part := func(extension string) File {
		raw, err := os.ReadFile(base + extension)
		if err != nil {
			t.Fatal(err)
		}
		if alter != nil {
			raw = alter(extension, raw)
		}
		if raw == nil {
			return File{}
		}
		return File{bytes.NewReader(raw), int64(len(raw))}
	}
	return Parts{Name: "a", Shapes: part(".shp"), Index: part(".shx"), Table: part(".dbf")}
}

// Each case damages one part. Every row that still stands there is delivered.
func TestDamage(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		alter    func(extension string, raw []byte) []byte
		rows     string // name and geometry of each record
		findings int
		notes    []source.Kind
	}{
		{"none", nil, "荷塘区+ 芦淞区+ 石峰区+", 0, nil},
		{"no .shx", without(".shx"), "荷塘区+ 芦淞区+ 石峰区+", 0, []source.Kind{source.NoIndex}},
		{"no .dbf", without(".dbf"), "+ + +", 0, []source.Kind{source.NoAttributes}},
		{"no .shp", without(".shp"), "荷塘区 芦淞区 石峰区", 0, nil},
		{"deleted row", change(".dbf", func(raw []byte) { raw[97+16] = '*' }), "荷塘区+ 石峰区+", 0, []source.Kind{source.Deleted}},
		{".dbf cut in its last row", cut(".dbf", 5), "荷塘区+ 芦淞区+ +", 1, []source.Kind{source.CountsDiffer}},
		{".dbf announces four billion rows", change(".dbf", func(raw []byte) {
			binary.LittleEndian.PutUint32(raw[4:], math.MaxUint32)
		}), "荷塘区+ 芦淞区+ 石峰区+", 0, []source.Kind{source.CountsDiffer}},
		{".shp cut in its last shape", cut(".shp", 5), "荷塘区+ 芦淞区+ 石峰区", 1, nil},
		{".shx of zeros", change(".shx", func(raw []byte) { clear(raw[100:]) }), "荷塘区+ 芦淞区+ 石峰区+", 0, []source.Kind{source.BadIndex}},
		{".shx cut", cut(".shx", 8), "荷塘区+ 芦淞区+ 石峰区", 1, []source.Kind{source.CountsDiffer}},
		{"two billion points", change(".shp", func(raw []byte) {
			binary.LittleEndian.PutUint32(raw[100+8+40:], math.MaxInt32)
		}), "荷塘区 芦淞区+ 石峰区+", 1, nil},
		{"four billion parts", change(".shp", func(raw []byte) {
			binary.LittleEndian.PutUint32(raw[100+8+36:], math.MaxUint32)
		}), "荷塘区 芦淞区+ 石峰区+", 1, nil},
		{"a coordinate is not a number", change(".shp", func(raw []byte) {
			binary.LittleEndian.PutUint64(raw[100+8+48:], math.Float64bits(math.NaN()))
		}), "荷塘区 芦淞区+ 石峰区+", 1, nil},
		{"a ring isn't closed", change(".shp", func(raw []byte) {
			binary.LittleEndian.PutUint64(raw[100+8+48:], math.Float64bits(-77))
		}), "荷塘区+ 芦淞区+ 石峰区+", 1, nil},
		{"a length is wrong, without an index", func(extension string, raw []byte) []byte {
			if extension == ".shx" {
				return nil
			}
			if extension == ".shp" {
				binary.BigEndian.PutUint32(raw[100+136+4:], math.MaxUint32)
			}
			return raw
		}, "荷塘区+ 芦淞区 石峰区", 2, []source.Kind{source.NoIndex}},
		{"language byte of Latin 1 over GBK", change(".dbf", func(raw []byte) { raw[29] = 0x57 }),
			"\u00BA\u00C9\u00CC\u00C1\u00C7\u00F8+ \u00C2\u00AB\u00E4\u00C1\u00C7\u00F8+ \u00CA\u00AF\u00B7\u00E5\u00C7\u00F8+", 0, []source.Kind{source.EncodingDoubt}},
		{"half a character", change(".dbf", func(raw []byte) { raw[97+1+5] = ' ' }), "荷塘\uFFFD+ 芦淞区+ 石峰区+", 1, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := New(build(t, c.alter), source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			records, _ := sourcetest.All(t, r)
			var rows []string
			findings := 0
			for _, rec := range records {
				text := ""
				if len(rec.Values) > 0 && rec.Values[0] != nil {
					text = rec.Values[0].(string)
				}
				if rec.Geometry != nil {
					text += "+"
				}
				rows = append(rows, text)
				findings += len(rec.Findings)
			}
			if got := strings.Join(rows, " "); got != c.rows || findings != c.findings {
				t.Errorf("%s with %d findings, want %s with %d", got, findings, c.rows, c.findings)
			}
			var kinds []source.Kind
			for _, n := range r.Notes() {
				kinds = append(kinds, n.Kind)
			}
			if !reflect.DeepEqual(kinds, c.notes) {
				t.Errorf("notes %v, want %v", kinds, c.notes)
			}
		})
	}
}

func without(extension string) func(string, []byte) []byte {
	return func(e string, raw []byte) []byte {
		if e == extension {
			return nil
		}
		return raw
	}
}

func change(extension string, how func([]byte)) func(string, []byte) []byte {
	return func(e string, raw []byte) []byte {
		if e == extension {
			how(raw)
		}
		return raw
	}
}

func cut(extension string, n int) func(string, []byte) []byte {
	return func(e string, raw []byte) []byte {
		if e == extension {
			return raw[:len(raw)-n]
		}
		return raw
	}
}
