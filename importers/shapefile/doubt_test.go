package shapefile

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// TestEncodingsThatLie reads tables that ogr2ogr wrote (testdata/make.sh) and
// whose .cpg says something else. What is said is followed, and doubted.
func TestEncodingsThatLie(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, user, reads, better string }{
		{"gbk-cpg-is-right", "", "GBK", ""},
		{"gbk-cpg-says-utf8", "", "UTF-8", "GBK"},
		{"gbk-cpg-says-utf8", "GBK", "GBK", ""},
		{"gbk-cpg-says-latin1", "", "ISO-8859-1", "GBK"},
		{"gbk-cpg-says-big5", "", "Big5", "GBK"},
		{"utf8-cpg-says-gbk", "", "GBK", "UTF-8"},
		{"utf8-cpg-says-latin1", "", "ISO-8859-1", "UTF-8"},
		{"utf8-without-cpg", "", "UTF-8", ""},
		{"utf8-without-cpg", "Big5", "Big5", "UTF-8"},
		{"big5-cpg-says-gbk", "", "GBK", "Big5"},
		{"big5-without-cpg", "", "GB18030", "Big5"},
		{"big5-cpg-is-right", "", "Big5", ""},
		{"latin1-cpg-says-gbk", "", "GBK", "ISO-8859-1"},
		{"latin1-cpg-is-right", "", "ISO-8859-1", ""},
	} {
		t.Run(c.file+c.user, func(t *testing.T) {
			t.Parallel()
			r := open(t, filepath.Join("testdata", "made", c.file+".dbf"), source.Options{Encoding: c.user})
			if name, how := r.Encoding(); name != c.reads {
				t.Errorf("read as %s (%s), want %s", name, how, c.reads)
			}
			better := ""
			for _, n := range r.Notes() { // before a row is read
				if n.Kind == source.EncodingDoubt {
					better += n.Better
					t.Log(n.Why)
				}
			}
			if better != c.better {
				t.Errorf("better %q, want %q", better, c.better)
			}
			if records, _ := sourcetest.All(t, r); len(records) != 3 {
				t.Errorf("%d records", len(records))
			}
			if done, total := r.Progress(); done != total || total == 0 {
				t.Errorf("%d of %d bytes", done, total)
			}
		})
	}
}

// dbf writes a table by hand: fields as name, type and length, and the rows' bytes.
func dbf(fields []string, rows ...string) File {
	head := []byte{3, 124, 1, 1, byte(len(rows)), 0, 0, 0}
	length := 1
	var descriptors []byte
	for _, f := range fields {
		parts := strings.Split(f, " ")
		name, kind := parts[0], parts[1]
		width, err := strconv.Atoi(parts[2])
		if err != nil {
			panic(err)
		}
		d := make([]byte, descriptorSize)
		copy(d[:10], name)
		d[11], d[16] = kind[0], byte(width)
		descriptors = append(descriptors, d...)
		length += width
	}
	size := tableHeader + len(descriptors) + 1
	head = append(head, byte(size), byte(size>>8), byte(length), byte(length>>8))
	head = append(head, make([]byte, tableHeader-len(head))...)
	raw := append(append(head, descriptors...), headerEnd)
	for _, r := range rows {
		raw = append(raw, r...)
	}
	text := string(append(raw, 0x1A))
	return File{strings.NewReader(text), int64(len(text))}
}

func TestValuesAndNames(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, encoding string
		table          File
		fields, want   string
		notes          string
	}{
		{"numbers, dates, logical values and nulls", "", dbf([]string{"N N 6", "F F 8", "D D 8", "L L 1"},
			"     12     1.520240229T", " ******        00000000?", "   -1.5       -20240230y", "*    99       920240301F", "     1e       .        N"),
			"N F D L",
			"1 [12 1.5 2024-02-29 true]\n2 [<nil> <nil> <nil> <nil>]\n3 [-1.5 - 20240230 true] bad-number(F) bad-date(D)\n5 [1e . <nil> false] bad-number(N) bad-number(F)",
			"deleted 1"},
		{"names cut inside a character", "GBK", dbf([]string{"a\xd0\xd0\xd5\xfe\xc7\xf8\xc3\xfb\xb3 C 2", "a\xd0\xd0\xd5\xfe\xc7\xf8\xc3\xfb\xb4 C 2"}, " x y "),
			"a行政区名 a行政区名_2", "1 [x y]", "name-changed 1"},
		{"memo", "", dbf([]string{"a C 2", "memo M 10"}, " x          1"), "a", "1 [x]", "field-skipped 1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := New(Parts{Name: "a", Table: c.table}, source.Options{Encoding: c.encoding})
			if err != nil {
				t.Fatal(err)
			}
			var fields, rows, notes []string
			for _, f := range r.Fields() {
				fields = append(fields, f.Name)
			}
			records, _ := sourcetest.All(t, r)
			for _, rec := range records {
				line := strings.ReplaceAll(fmt.Sprint(rec.Row, " ", rec.Values), " 00:00:00 +0000 UTC", "")
				for _, f := range rec.Findings {
					line += fmt.Sprintf(" %s(%s)", f.Kind, f.Field)
				}
				rows = append(rows, line)
			}
			for _, n := range r.Notes() {
				notes = append(notes, fmt.Sprint(n.Kind, " ", n.Count))
			}
			if got := strings.Join(fields, " "); got != c.fields {
				t.Errorf("fields %q, want %q", got, c.fields)
			}
			if got := strings.Join(rows, "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if got := strings.Join(notes, " "); got != c.notes {
				t.Errorf("notes %q, want %q", got, c.notes)
			}
		})
	}
}

// A .dbf with another number of rows than the .shp has shapes loses neither.
func TestRowsAndShapesOfDifferentNumber(t *testing.T) {
	t.Parallel()
	p := build(t, nil)
	for want, table := range map[string]File{
		"1 [x] true 0\n2 [<nil>] true 1\n3 [<nil>] true 1 | counts-differ 2":                       dbf([]string{"a C 1"}, " x"),
		"1 [x] true 0\n2 [y] true 0\n3 [z] true 0\n4 [u] false 1\n5 [v] false 1 | counts-differ 2": dbf([]string{"a C 1"}, " x", " y", " z", " u", " v"),
	} {
		parts := p
		parts.Table = table
		r, err := New(parts, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		records, _ := sourcetest.All(t, r)
		var lines []string
		for _, rec := range records {
			lines = append(lines, fmt.Sprint(rec.Row, " ", rec.Values, " ", rec.Geometry != nil, " ", len(rec.Findings)))
		}
		got := strings.Join(lines, "\n") + " |"
		for _, n := range r.Notes() {
			got += fmt.Sprint(" ", n.Kind, " ", n.Count)
		}
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
