package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"unigrid/importers/source"
)

// workbookOf packs sheet data, shared texts and styles, as XML, into a workbook.
func workbookOf(t testing.TB, sheetData, texts, styles string) []byte {
	t.Helper()
	return workbookWith(t, sheetData, texts, styles, "")
}

// workbookWith is workbookOf with something behind the rows.
func workbookWith(t testing.TB, sheetData, texts, styles, after string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="r"><sheets><sheet name="S" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/>` +
			`<Relationship Id="b" Type="x/sharedStrings" Target="t.xml"/></Relationships>`,
		"xl/s.xml":      `<worksheet><sheetData>` + sheetData + `</sheetData>` + after + `</worksheet>`,
		"xl/t.xml":      `<sst>` + texts + `</sst>`,
		"xl/styles.xml": `<styleSheet>` + styles + `</styleSheet>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func drain(t *testing.T, r *Reader, most int) {
	t.Helper()
	defer r.Close()
	for n := 0; ; n++ {
		rec, err := r.Next()
		var row *source.RowError
		switch {
		case errors.As(err, &row):
		case err != nil:
			return
		case len(rec.Values) != len(r.Fields()):
			t.Fatalf("%d values for %d fields", len(rec.Values), len(r.Fields()))
		}
		if n > most {
			t.Fatal("more records than bytes")
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("代码,名称\n001,荷塘区\n"))
	f.Add([]byte("a;经度;纬度\n1;113°8′2.4″;27.8\n2;\"x\ny\";\n"))
	f.Add([]byte("n,wkt\n1,\"POLYGON ((0 0,0 1,1 1,0 0))\"\n"))
	f.Add([]byte("a|b|c\n1|\"x|3\n1|2|3\n1|\"y\"z|\x00\n"))
	f.Add([]byte("a\tb\r1\t2\r"))
	f.Add([]byte("\xff\xfea\x00,\x00b\x00\n\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := NewCSV("fuzz.csv", bytes.NewReader(raw), source.Options{})
		if err == nil {
			drain(t, r, len(raw))
		}
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>n</t></is></c></row><row><c s="1"><v>45000.5</v></c><c t="e"><v>#REF!</v></c></row>`,
		`<si><t>a</t></si><si><r><t>b_x000D_</t></r></si>`, `<numFmts><numFmt numFmtId="200" formatCode="yyyy&quot;年&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>`,
		`<autoFilter ref="A1:B2"><filterColumn colId="0"/></autoFilter><mergeCells><mergeCell ref="A1:A2"/></mergeCells>`)
	f.Add(`<row r="1" hidden="1"><c r="A1"><f>1+1</f></c><c r="XFD1" t="d"><v>2024-03-01</v></c></row><x:row xmlns:x="y"><x:c/></x:row>`, ``, ``, `<mergeCell ref="$A$1:XFD1048576"/>`)
	f.Fuzz(func(t *testing.T, sheetData, texts, styles, after string) {
		raw := workbookWith(t, sheetData, texts, styles, after)
		r, err := NewXLSX("fuzz.xlsx", bytes.NewReader(raw), int64(len(raw)), source.Options{})
		if err == nil {
			drain(t, r, len(sheetData))
		}
	})
}

// FuzzSheet makes sheets of words, numbers, blanks and merged cells, and asks
// that whatever is taken for the heading, no row is given twice or out of order.
func FuzzSheet(f *testing.F) {
	f.Add([]byte("\x01\x02\x00\x10\x11\x12\x20\x21\x22\x30\x31\x00"), uint8(3), []byte{0, 0, 0, 1, 1, 1, 2, 1})
	f.Add([]byte("\x40\x00\x00\x01\x02\x03\x10\x11\x12\x50\x00\x00\x60\x00\x00\x01\x02\x03"), uint8(3), []byte{0, 0, 0, 2})
	words := []string{"名称", "代码", "联系人", "电话", "合计", "备注：无", "填表人：甲", "单位：家", "甲村", "乙村", "２０", "4.30202E+11", "乡镇", "经度", "纬度"}
	f.Fuzz(func(t *testing.T, cells []byte, width uint8, merges []byte) {
		columns := int(width%12) + 1
		var b, after strings.Builder
		for i, v := range cells[:min(len(cells), 2000)] {
			if i%columns == 0 {
				if i > 0 {
					b.WriteString("</row>")
				}
				b.WriteString("<row>")
			}
			switch kind := int(v); {
			case kind < 32:
				b.WriteString("<c/>")
			case kind < 128:
				b.WriteString(`<c t="inlineStr"><is><t>` + words[kind%len(words)] + `</t></is></c>`)
			default:
				b.WriteString("<c><v>" + itoa(kind*377) + "</v></c>")
			}
		}
		if len(cells) > 0 {
			b.WriteString("</row>")
		}
		for ; len(merges) >= 4; merges = merges[4:] {
			after.WriteString(`<mergeCell ref="` + letters(int(merges[0])%columns) + itoa(int(merges[1])+1) + ":" +
				letters(int(merges[0])%columns+int(merges[2])%4) + itoa(int(merges[1])+1+int(merges[3])%4) + `"/>`)
		}
		raw := workbookWith(t, b.String(), "", "", after.String())
		r, err := NewXLSX("fuzz.xlsx", bytes.NewReader(raw), int64(len(raw)), source.Options{})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, field := range r.Fields() {
			if field.Name == "" || seen[field.Name] {
				t.Fatalf("field %q is empty or stands there twice", field.Name)
			}
			seen[field.Name] = true
		}
		for last := 0; ; {
			rec, err := r.Next()
			if err != nil {
				break
			}
			if rec.Row <= last {
				t.Fatalf("row %d after row %d", rec.Row, last)
			}
			last = rec.Row
		}
	})
}

func FuzzWKT(f *testing.F) {
	f.Add("SRID=4547;POINT Z (1 2 3)")
	f.Add("GEOMETRYCOLLECTION M (POINT M (1 2 3), POLYGON M EMPTY)")
	f.Add("MULTIPOINT ((1 2), EMPTY)")
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := parseWKT(text); err == nil {
			source.Flaw(l.geometry)
		}
	})
}

func FuzzOrdinate(f *testing.F) {
	f.Add("113°8′2.4″")
	f.Add("东经113.1")
	f.Add("N27˚49'48.5''")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseOrdinate(text)
		if err == nil && v != v {
			t.Errorf("%q is not a number", strings.TrimSpace(text))
		}
	})
}
