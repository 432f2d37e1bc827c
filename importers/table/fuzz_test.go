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
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="r"><sheets><sheet name="S" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/>` +
			`<Relationship Id="b" Type="x/sharedStrings" Target="t.xml"/></Relationships>`,
		"xl/s.xml":      `<worksheet><sheetData>` + sheetData + `</sheetData></worksheet>`,
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
		`<si><t>a</t></si><si><r><t>b_x000D_</t></r></si>`, `<numFmts><numFmt numFmtId="200" formatCode="yyyy&quot;年&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>`)
	f.Fuzz(func(t *testing.T, sheetData, texts, styles string) {
		raw := workbookOf(t, sheetData, texts, styles)
		r, err := NewXLSX("fuzz.xlsx", bytes.NewReader(raw), int64(len(raw)), source.Options{})
		if err == nil {
			drain(t, r, len(sheetData))
		}
	})
}

func FuzzWKT(f *testing.F) {
	f.Add("SRID=4547;POINT Z (1 2 3)")
	f.Add("GEOMETRYCOLLECTION M (POINT M (1 2 3), POLYGON M EMPTY)")
	f.Add("MULTIPOINT ((1 2), EMPTY)")
	f.Fuzz(func(t *testing.T, text string) {
		if g, _, _, _, err := parseWKT(text); err == nil {
			source.Flaw(g)
		}
	})
}

func FuzzOrdinate(f *testing.F) {
	f.Add("113°8′2.4″")
	f.Add("东经113.1")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseOrdinate(text)
		if err == nil && v != v {
			t.Errorf("%q is not a number", strings.TrimSpace(text))
		}
	})
}
