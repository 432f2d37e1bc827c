package table

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twpayne/go-geom"
	"github.com/xuri/excelize/v2"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

func readCSV(t *testing.T, text string, options source.Options) (*Reader, []source.Record, []*source.RowError) {
	t.Helper()
	r, err := NewCSV("企业.csv", strings.NewReader(text), options)
	if err != nil {
		t.Fatal(err)
	}
	records, unread := sourcetest.All(t, r)
	return r, records, unread
}

// show prints a record's values and geometry in one line.
func show(records []source.Record) string {
	var lines []string
	for _, r := range records {
		line := fmt.Sprint(r.Row, " ", r.Values)
		if p, ok := r.Geometry.(*geom.Point); ok {
			line += fmt.Sprint(" ", p.FlatCoords())
		} else if r.Geometry != nil {
			line += fmt.Sprintf(" %T", r.Geometry)
		}
		for _, f := range r.Findings {
			line += " " + string(f.Kind) + "(" + f.Field + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func names(r *Reader) string {
	var all []string
	for _, f := range r.Fields() {
		all = append(all, f.Name)
	}
	return strings.Join(all, " ")
}

func TestCSV(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, fields, want string }{
		{"plain", "代码,名称\n001,荷塘区\n", "代码 名称", "2 [001 荷塘区]"},
		{"byte order mark, semicolons, CRLF", "\uFEFF代码;名称\r\n001;荷塘区\r\n", "代码 名称", "2 [001 荷塘区]"},
		{"tabs", "代码\t名称\n001\t荷塘,区\n", "代码 名称", "2 [001 荷塘,区]"},
		{"sep line", "sep=;\n代码;名称,全\n001;a\n", "代码 名称,全", "3 [001 a]"},
		{"GBK", "\xb4\xfa\xc2\xeb,\xc3\xfb\xb3\xc6\n001,\xba\xc9\xcc\xc1\xc7\xf8\n", "代码 名称", "2 [001 荷塘区]"},
		{"UTF-16 of Excel", "\xff\xfe" + utf16("代码\t名称\n001\t荷塘区\n"), "代码 名称", "2 [001 荷塘区]"},
		{"empty lines and cells", "\n代码,名称\n\n,\n001,\n", "代码 名称", "5 [001 <nil>]"},
		{"breaks inside a value", "代码,名称\n1,\"a\nb\"\n2,c\n", "代码 名称", "2 [1 a\nb]\n3 [2 c]"},
		{"kept zeros", "代码,名称\n=\"00123\",5\" pipe\n", "代码 名称", "2 [00123 5\" pipe]"},
		{"tab before a long code", "代码,名称\n\"\t430202001001000\",a\n", "代码 名称", "2 [430202001001000 a]"},
		{"spoilt by Excel", "代码,名称\n4.30202E+11,a\n", "代码 名称", "2 [<nil> a] rounded(代码)"},
		{"not decodable", "\xb4\xfa\xc2\xeb,\xc3\xfb\xb3\xc6\n1,\xba\xc9\xff\n", "代码 名称", "2 [1 荷\uFFFD] undecodable(名称)"},
		{"short and long rows", "a,b,c\n1\n1,2,3,4\n", "a b c", "2 [1 <nil> <nil>]\n3 [1 2 3] surplus()"},
		{"bars", "代码|名称|数\n001|荷,塘区|1\n", "代码 名称 数", "2 [001 荷,塘区 1]"},
		{"UTF-16 without a mark", utf16("代码\t名称\n001\ta\n"), "代码 名称", "2 [001 a]"},
		{"old Macintosh lines", "代码,名称\r001,荷塘区\r", "代码 名称", "2 [001 荷塘区]"},
		{"zero bytes", "代码,名称\n001\x00,荷\x00塘区\n", "代码 名称", "2 [001 荷塘区]"},
		{"a separator without marks", "代码,地址,电话\n1,红旗路1号,2栋,138\n2,b,139\n", "代码 地址 电话", "2 [1 红旗路1号 2栋] surplus()\n3 [2 b 139]"},
		{"a mark in the middle", "代码,名称,数\n1,5\" 管,3\n2,\"a\"b,4\n3,\"a \"\"b\"\"\",5\n", "代码 名称 数", "2 [1 5\" 管 3]\n3 [2 ab 4] odd-quotes()\n4 [3 a \"b\" 5]"},
		{"a mark closed by nothing, at the end", "a,b\n1,2\n3,\"4\n", "a b", "2 [1 2]"},
		{"all digits in scientific form", "代码,名称\n4.30202001001E+11,a\n1.2E+05,b\n", "代码 名称", "2 [430202001001 a]\n3 [1.2E+05 b]"},
		{"full width", "代码,电话\n４３０２０２,１３８\n荷塘（东）,１\n", "代码 电话", "2 [430202 138]\n3 [荷塘（东） 1]"},
		{"totals and remarks", "名称,数\n甲,1\n合计,1\n备注：无,\n", "名称 数", "2 [甲 1]"},
		{"two rows of headings", "名称,联系人,,坐标,\n,姓名,电话,经度,纬度\n甲,乙,138,113.1,27.8\n", "名称 联系人/姓名 联系人/电话 经度 纬度", "3 [甲 乙 138 113.1 27.8] [113.1 27.8]"},
		{"east and north", "名称,东经,北纬\na,113°8′24″,27°48′\n", "名称 东经 北纬", "2 [a 113°8′24″ 27°48′] [113.14 27.8]"},
		{"X坐标", "名称,X坐标,Y坐标\na,414681.12,3079571.22\n", "名称 X坐标 Y坐标", "2 [a 414681.12 3079571.22] [414681.12 3.07957122e+06]"},
		{"names alike", "名称,名称,\n1,2,3\n", "名称 名称_2", "2 [1 2]"},
		{"title above", "企业名单,,\n代码,名称,地址\n1,a,b\n", "代码 名称 地址", "3 [1 a b]"},
		{"longitude and latitude", "名称,经度,纬度\na,113.134,27.827\nb,,\nc,113,\n", "名称 经度 纬度",
			"2 [a 113.134 27.827] [113.134 27.827]\n3 [b <nil> <nil>]\n4 [c 113 <nil>] bad-geometry(纬度)"},
		{"latitude first, English", "name,Latitude,Longitude\na,27.827,113.134\n", "name Latitude Longitude", "2 [a 27.827 113.134] [113.134 27.827]"},
		{"units in the heading", "名称,经度(°E),纬度(°N)\na,113.134,27.827\n", "名称 经度(°E) 纬度(°N)", "2 [a 113.134 27.827] [113.134 27.827]"},
		{"full-width brackets", "名称,经度\uFF08度\uFF09,纬度\uFF08度\uFF09\na,113.134,27.827\n", "名称 经度\uFF08度\uFF09 纬度\uFF08度\uFF09", "2 [a 113.134 27.827] [113.134 27.827]"},
		{"minutes and seconds", "名称,经度,纬度\na,113°8′2.4″,北纬27°49′48″\n", "名称 经度 纬度", "2 [a 113°8′2.4″ 北纬27°49′48″] [113.134 27.83]"},
		{"unparsable", "名称,经度,纬度\na,113.1,27.8\nb,不详,27.8\nc,113.1,95\nd,27.8,113.1\ne,0,0\n", "名称 经度 纬度",
			"2 [a 113.1 27.8] [113.1 27.8]\n3 [b 不详 27.8] bad-geometry(经度)\n4 [c 113.1 95] bad-geometry(纬度)\n5 [d 27.8 113.1] bad-geometry(纬度)\n6 [e 0 0] bad-geometry(经度)"},
		{"survey list, X is north", "点号,X,Y\n1,3079571.22,414681.12\n2,3079571.22,38414681.12\n", "点号 X Y",
			"2 [1 3079571.22 414681.12] [414681.12 3.07957122e+06]\n3 [2 3079571.22 38414681.12] [3.841468112e+07 3.07957122e+06]"},
		{"x is east", "点号,x,y\n1,414681.12,3079571.22\n", "点号 x y", "2 [1 414681.12 3079571.22] [414681.12 3.07957122e+06]"},
		{"WKT", "名称,WKT\na,POINT (1 2)\nb,\"POLYGON ((0 0,0 1,1 1,0 0))\"\nc,\nd,POINT (1\n", "名称",
			"2 [a] [1 2]\n3 [b] *geom.Polygon\n4 [c]\n5 [d] bad-geometry(WKT)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, records, unread := readCSV(t, c.text, source.Options{})
			if got := names(r); got != c.fields {
				t.Errorf("fields %s, want %s", got, c.fields)
			}
			if got := show(records); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if lost := strings.Contains(c.name, "closed by nothing"); (len(unread) == 1) != lost || len(unread) > 1 {
				t.Errorf("unread %v", unread)
			}
		})
	}
}

func utf16(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

func TestAnUnclosedQuoteIsFound(t *testing.T) {
	t.Parallel()
	_, records, unread := readCSV(t, "a,b,c\n1,2,3\n2,\"x,3\n3,2,3\n4,2,3\n5,\"y\",3\n6,2,3\n", source.Options{})
	if len(unread) != 1 || unread[0].Row != 3 {
		t.Errorf("unread %v", unread)
	}
	if got := show(records); got != "2 [1 2 3]\n4 [3 2 3]\n5 [4 2 3]\n6 [5 y 3]\n7 [6 2 3]" {
		t.Errorf("got\n%s", got)
	}
}

func TestCRSOfTables(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text string
		user int
		want int
	}{
		{"名称,经度,纬度\na,113.134,27.827\n", 0, 4326},
		{"名称,经度,纬度\na,113.134,27.827\n", 4490, 4490},
		{"名称,经度,纬度\na,414681,3079571\n", 0, 0},
		{"名称,x,y\na,113.134,27.827\n", 0, 4326},
		{"名称,x,y\na,414681,3079571\n", 0, 0},
		{"名称,x,y\na,414681,3079571\n", 4547, 4547},
		{"名称,geom\na,SRID=4547;POINT(414681 3079571)\n", 0, 4547},
		{"名称,地址\na,b\n", 0, 0},
	}
	for _, c := range cases {
		r, records, _ := readCSV(t, c.text, source.Options{EPSG: c.user})
		if got, how := r.CRS(); got != c.want || how.ZH == "" || how.EN == "" {
			t.Errorf("%q: %d (%s), want %d", c.text, got, how, c.want)
		}
		if located := records[0].Geometry != nil; located == strings.Contains(c.text, "地址") {
			t.Errorf("%q: %v %v", c.text, records[0].Geometry, records[0].Findings)
		}
	}
}

// sheet writes a workbook with excelize: a value per cell, rows from 1.
func sheet(t testing.TB, prepare func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	prepare(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(f *excelize.File, name string, first int, rows ...[]any) {
	for i, cells := range rows {
		if err := f.SetSheetRow(name, fmt.Sprintf("A%d", first+i), &cells); err != nil {
			panic(err)
		}
	}
}

func readXLSX(t *testing.T, raw []byte, options source.Options) (*Reader, []source.Record) {
	t.Helper()
	r, err := NewXLSX("a.xlsx", bytes.NewReader(raw), int64(len(raw)), options)
	if err != nil {
		t.Fatal(err)
	}
	records, unread := sourcetest.All(t, r)
	if len(unread) > 0 {
		t.Errorf("unread %v", unread)
	}
	return r, records
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	cases := []struct {
		name         string
		prepare      func(f *excelize.File)
		fields, want string
	}{
		{"types", func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"代码", "n", "x", "b", "d"}, []any{"00123", 7, 1.5, true, day})
		}, "代码 n x b d", "2 [00123 7 1.5 true 2024-02-29 00:00:00 +0000 UTC]"},
		{"titles above", func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"株洲市企业名单"}, []any{"单位：家", nil, nil, "2024年"}, []any{"序号", "名称", "地址", "电话"},
				[]any{1, "甲", "a", "1"}, []any{2, "乙", nil, "2"})
			_ = f.MergeCell("Sheet1", "A1", "D1")
		}, "序号 名称 地址 电话", "4 [1 甲 a 1]\n5 [2 乙 <nil> 2]"},
		{"a heading of two rows", func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"序号", "名称", "坐标", nil}, []any{nil, nil, "经度", "纬度"}, []any{1, "甲", 113.1, 27.8}, []any{2, "乙", 113.2, 27.9})
		}, "序号 名称 经度 纬度", "3 [1 甲 113.1 27.8] [113.1 27.8]\n4 [2 乙 113.2 27.9] [113.2 27.9]"},
		{"empty rows between", func(f *excelize.File) {
			put(f, "Sheet1", 3, []any{"a", "b"})
			put(f, "Sheet1", 7, []any{"1", "2"})
		}, "a b", "7 [1 2]"},
		{"a long number", func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"代码", "b"}, []any{430202001001001000, "x"}, []any{430202001001, "y"})
		}, "代码 b", "2 [<nil> x] rounded(代码)\n3 [430202001001 y]"},
		{"zeros by format", func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"代码", "b"}, []any{123, "x"})
			format := "000000"
			style, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			_ = f.SetCellStyle("Sheet1", "A2", "A2", style)
		}, "代码 b", "2 [000123 x]"},
		{"cells beside the table", func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"a", "b", "c"}, []any{"1", "2", "3"}, []any{"1", "2", "3", nil, "?"})
		}, "a b c", "2 [1 2 3]\n3 [1 2 3]"},
		{"inline and formula texts", func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"a", "b"}, []any{"x", "y"})
			_ = f.SetCellRichText("Sheet1", "A2", []excelize.RichTextRun{{Text: "荷"}, {Text: "塘区"}})
		}, "a b", "2 [荷塘区 y]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, records := readXLSX(t, sheet(t, c.prepare), source.Options{})
			if got := names(r); got != c.fields {
				t.Errorf("fields %s, want %s", got, c.fields)
			}
			if got := show(records); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()
	raw := sheet(t, func(f *excelize.File) {
		_, _ = f.NewSheet("隐藏")
		_, _ = f.NewSheet("企业")
		put(f, "Sheet1", 1, []any{"a", "b"}, []any{"1", "2"})
		put(f, "隐藏", 1, []any{"h", "b"}, []any{"1", "2"})
		put(f, "企业", 1, []any{"e", "b"}, []any{"1", "2"})
		f.SetActiveSheet(2)
		_ = f.SetSheetVisible("Sheet1", false)
		_ = f.SetSheetVisible("隐藏", false)
	})
	for wanted, want := range map[string]string{"": "企业 e b", "隐藏": "隐藏 h b"} {
		r, _ := readXLSX(t, raw, source.Options{Layer: wanted})
		if got := r.Name() + " " + names(r); got != want {
			t.Errorf("%q: %s, want %s", wanted, got, want)
		}
	}
	if _, err := NewXLSX("a.xlsx", bytes.NewReader(raw), int64(len(raw)), source.Options{Layer: "x"}); err == nil || !strings.Contains(err.Error(), "企业") {
		t.Errorf("%v, want the sheets listed", err)
	}
}

// A hostile sheet: a cell in the last column of each of many rows costs a
// library that fills rows up gigabytes.
func TestFarCellsCostLittle(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, `<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, 500*(i+1), 500*(i+1))
	}
	raw := workbookOf(t, b.String(), "", "")
	start := time.Now()
	r, err := NewXLSX("a.xlsx", bytes.NewReader(raw), int64(len(raw)), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, _ := sourcetest.All(t, r)
	if took := time.Since(start); len(records) != 1999 || took > 10*time.Second {
		t.Errorf("%d records in %v", len(records), took)
	}
}

func TestWriterWritesWhatIsRead(t *testing.T) {
	t.Parallel()
	fields := []source.Field{{Name: "代码"}, {Name: "名称"}, {Name: "n"}}
	for _, encoding := range []string{"", "GBK"} {
		var b bytes.Buffer
		w, err := NewWriter(&b, WriterOptions{Fields: fields, Encoding: encoding, Shape: LonLat})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(geom.NewPointFlat(geom.XY, []float64{113.134, 27.827}), []any{"00123", "荷塘区,\"a\"\nb", int64(5)}); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(nil, []any{nil, "=HYPERLINK(1)", -0.5}); err != nil {
			t.Fatal(err)
		}
		bad := w.Write(nil, []any{"𠮷", nil, nil})
		var row *source.RowError
		if lacks := encoding != ""; errors.As(bad, &row) != lacks || lacks && (row.Kind != source.Unencodable || row.Row != 4) {
			t.Errorf("%s: %v", encoding, bad)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		_, records, _ := readCSV(t, b.String(), source.Options{})
		want := "2 [00123 荷塘区,\"a\"\nb 5 113.134 27.827] [113.134 27.827]\n3 [<nil> =HYPERLINK(1) -0.5 <nil> <nil>]"
		if got := show(records[:2]); got != want {
			t.Errorf("%s: got\n%s", encoding, got)
		}
	}
}

func TestPowerPlantsOfChina(t *testing.T) {
	t.Parallel()
	r, err := OpenCSV(sourcetest.Input(t, "wri-china", "wri_china.csv"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if epsg, _ := r.CRS(); epsg != 4326 {
		t.Errorf("CRS %d", epsg)
	}
	records, unread := sourcetest.All(t, r)
	without := 0
	for _, rec := range records {
		if rec.Geometry == nil {
			without++
		}
	}
	if len(records) != 3137 || without != 11 || len(unread) != 0 {
		t.Errorf("%d records, %d without a position, unread %v", len(records), without, unread)
	}
}

func TestCodesOfZhuzhou(t *testing.T) {
	t.Parallel()
	path := sourcetest.Root(t) + "/cmd/unigrid/demo/data/"
	for file, want := range map[string]int{"codes.csv": 1522, "seats.csv": 9} {
		r, err := OpenCSV(path+file, source.Options{})
		if err != nil {
			t.Skipf("the demo's data is not here: %v", err)
		}
		records, _ := sourcetest.All(t, r)
		if len(records) != want {
			t.Errorf("%s: %d records, want %d", file, len(records), want)
		}
		for _, rec := range records {
			if code, _ := rec.Values[0].(string); len(code) != 12 || len(rec.Findings) > 0 || (rec.Geometry != nil) != (file == "seats.csv") {
				t.Errorf("%s, row %d: %v %v", file, rec.Row, rec.Values, rec.Findings)
			}
		}
	}
}
