package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample is a report of everything that a document can hold.
func sample() *Document {
	d := &Document{Title: "关于统一网格划分方案的报告", Subtitle: "(征求意见稿)", Author: "网格办", Created: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
	d.Addressee("市生态环境保护委员会:")
	d.Heading(1, "一、总体情况")
	d.Paragraph("四个条线的网格已经融合,共 1,410 处不一致,其中“需要会商”的 12 处 <&> 待定。\n第二行\t后")
	d.Heading(2, "(一)需要决定的事项")
	d.Heading(3, "1.边界")
	d.PageBreak()
	d.Table(Table{
		Caption: "表 1 各县区情况",
		Columns: []Column{{Heading: "序号", Share: 1, Align: Center}, {Heading: "单位", Share: 3}, {Heading: "处数", Align: Right}},
		Rows:    [][]string{{"1", "荷塘区", "12"}, {"2", "芦淞区"}, {"3", "石峰区", "7", "多余"}},
	})
	d.Note("注:数字截至报告日。")
	d.Landscape()
	wide := Table{Columns: []Column{{Heading: "序号"}, {Heading: "意见", Share: 9}}}
	for i := range 40 {
		wide.Rows = append(wide.Rows, []string{fmt.Sprint(i + 1), "建议保持现状,理由是该处以河道中心线为界,不宜另行划分。"})
	}
	d.Table(wide)
	d.Portrait()
	d.Paragraph("完。")
	d.Signature("株洲市网格办", "2026年12月1日")
	return d
}

// unpack gives the parts of a written document.
func unpack(t *testing.T, d *Document) map[string][]byte {
	t.Helper()
	var file bytes.Buffer
	if err := d.Write(&file); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != "[Content_Types].xml" {
		t.Errorf("the first part is %s", z.File[0].Name)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return parts
}

// node is an element of any part.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all gives the elements of a name at any depth.
func (n node) all(name string) (found []node) {
	for _, c := range n.Nodes {
		if c.XMLName.Local == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

func (n node) said() string {
	var b strings.Builder
	for _, t := range n.all("t") {
		b.WriteString(t.Text)
	}
	return b.String()
}

func parse(t *testing.T, part []byte) node {
	t.Helper()
	var n node
	if err := xml.Unmarshal(part, &n); err != nil {
		t.Fatalf("%v in %s", err, part)
	}
	return n
}

// Every part has a type, and what parts refer to is there.
func TestPackageIsWhole(t *testing.T) {
	t.Parallel()
	parts := unpack(t, sample())
	types := parse(t, parts["[Content_Types].xml"])
	byPlace, byEnding := map[string]bool{}, map[string]bool{}
	for _, n := range types.Nodes {
		byPlace[n.attr("PartName")], byEnding[n.attr("Extension")] = true, true
		if place, ok := strings.CutPrefix(n.attr("PartName"), "/"); ok && parts[place] == nil {
			t.Errorf("%s has a type and isn't there", place)
		}
	}
	for name, content := range parts {
		parse(t, content)
		if name != "[Content_Types].xml" && !byPlace["/"+name] && !strings.HasSuffix(name, ".rels") {
			t.Errorf("%s has no type", name)
		}
		if folder, file, ok := strings.Cut(name, "_rels/"); ok {
			for _, r := range parse(t, content).Nodes {
				if parts[path.Join(folder, r.attr("Target"))] == nil {
					t.Errorf("%s of %s refers to %s", r.attr("Id"), file, r.attr("Target"))
				}
			}
		}
	}
	if !byEnding["rels"] {
		t.Error("relationships have no type")
	}
	ids := map[string]bool{}
	for _, r := range parse(t, parts["word/_rels/document.xml.rels"]).Nodes {
		ids[r.attr("Id")] = true
	}
	document := parse(t, parts["word/document.xml"])
	for _, f := range document.all("footerReference") {
		if !ids[f.attr("id")] {
			t.Errorf("no part is %s", f.attr("id"))
		}
	}
	styles := map[string]bool{}
	for _, s := range parse(t, parts["word/styles.xml"]).all("style") {
		styles[s.attr("styleId")] = true
	}
	for _, name := range []string{"pStyle", "tblStyle"} {
		for _, s := range append(document.all(name), parse(t, parts["word/footer_odd.xml"]).all(name)...) {
			if !styles[s.attr("val")] {
				t.Errorf("there is no style %s", s.attr("val"))
			}
		}
	}
}

// orders are the sequences that the schema (ISO/IEC 29500-1, transitional)
// prescribes, of those elements that occur here. Word refuses others.
var orders = map[string][]string{
	"pPr":     {"pStyle", "keepNext", "keepLines", "snapToGrid", "spacing", "ind", "jc", "outlineLvl", "sectPr"},
	"rPr":     {"rFonts", "b", "bCs", "spacing", "sz", "szCs", "lang"},
	"tblPr":   {"tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar"},
	"tcPr":    {"tcW", "vAlign"},
	"trPr":    {"cantSplit", "tblHeader"},
	"tbl":     {"tblPr", "tblGrid", "tr"},
	"tr":      {"trPr", "tc"},
	"tc":      {"tcPr", "p"},
	"p":       {"pPr", "r"},
	"sectPr":  {"footerReference", "pgSz", "pgMar", "docGrid"},
	"style":   {"name", "basedOn", "uiPriority", "semiHidden", "unhideWhenUsed", "qFormat", "pPr", "rPr", "tblPr"},
	"styles":  {"docDefaults", "style"},
	"font":    {"altName", "charset", "family", "pitch"},
	"compat":  {"doNotExpandShiftReturn", "compatSetting"},
	"ftr":     {"p"},
	"tblGrid": {"gridCol"},
	"settings": {"zoom", "evenAndOddHeaders", "drawingGridVerticalSpacing", "characterSpacingControl", "compat",
		"themeFontLang", "decimalSymbol", "listSeparator"},
}

func TestElementsStandInTheOrderOfTheSchema(t *testing.T) {
	t.Parallel()
	looked := 0
	var walk func(part string, n node)
	walk = func(part string, n node) {
		if order, ok := orders[n.XMLName.Local]; ok {
			last := 0
			for _, c := range n.Nodes {
				i := slices.Index(order, c.XMLName.Local)
				if i < last {
					t.Errorf("%s: %s in %s is out of order or unknown", part, c.XMLName.Local, n.XMLName.Local)
				}
				last = max(last, i)
				looked++
			}
		}
		for _, c := range n.Nodes {
			walk(part, c)
		}
	}
	for name, content := range unpack(t, sample()) {
		if strings.HasPrefix(name, "word/") && strings.HasSuffix(name, ".xml") {
			walk(name, parse(t, content))
		}
	}
	if looked < 500 {
		t.Errorf("only %d elements were looked at", looked)
	}
}

func TestPagesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	document := parse(t, unpack(t, sample())["word/document.xml"])
	sections := document.all("sectPr")
	if len(sections) != 3 {
		t.Fatalf("%d sections, want upright, lying, upright", len(sections))
	}
	const mm = 1440 / 25.4
	for i, s := range sections {
		size, margins := s.all("pgSz")[0], s.all("pgMar")[0]
		number := func(text string) float64 {
			var n float64
			if _, err := fmt.Sscan(text, &n); err != nil {
				t.Fatal(err)
			}
			return n / mm
		}
		width := number(size.attr("w")) - number(margins.attr("left")) - number(margins.attr("right"))
		height := number(size.attr("h")) - number(margins.attr("top")) - number(margins.attr("bottom"))
		top, left := number(margins.attr("top")), number(margins.attr("left"))
		if i == 1 {
			width, height = height, width
			top, left = number(margins.attr("right")), number(margins.attr("top"))
			if size.attr("orient") != "landscape" {
				t.Error("the second section stands upright")
			}
		}
		for _, c := range []struct {
			name      string
			got, want float64
		}{{"width", width, 156}, {"height", height, 225}, {"above", top, 37}, {"left", left, 28}} {
			if d := c.got - c.want; d < -0.1 || d > 0.1 {
				t.Errorf("section %d: %s is %.2f mm, want %.0f", i, c.name, c.got, c.want)
			}
		}
	}
}

func TestTextIsRead(t *testing.T) {
	t.Parallel()
	parts := unpack(t, sample())
	document := parse(t, parts["word/document.xml"])
	text := document.said()
	for _, want := range []string{"关于统一网格划分方案的报告", "(征求意见稿)", "“需要会商”的 12 处 <&> 待定。", "2026年12月1日"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(text, "多余") {
		t.Error("a cell beyond the columns was written")
	}
	tables := document.all("tbl")
	if len(tables) != 2 {
		t.Fatalf("%d tables", len(tables))
	}
	for i, table := range tables {
		total := 0
		for _, c := range table.all("gridCol") {
			var w int
			fmt.Sscan(c.attr("w"), &w)
			total += w
		}
		if want := []int{textWidth(false), textWidth(true)}[i]; total != want {
			t.Errorf("table %d is %d twips wide, want %d", i, total, want)
		}
		rows := table.all("tr")
		for j, row := range rows {
			if repeated := len(row.all("tblHeader")) > 0; repeated != (j == 0) {
				t.Errorf("table %d row %d: repeated is %v", i, j, repeated)
			}
			if len(row.all("tc")) != len(table.all("gridCol")) {
				t.Errorf("table %d row %d has %d cells", i, j, len(row.all("tc")))
			}
		}
	}
	for _, side := range []string{"odd", "even"} {
		footer := parse(t, parts["word/footer_"+side+".xml"])
		if footer.said() != "— 1 —" || strings.TrimSpace(footer.all("instrText")[0].Text) != "PAGE" {
			t.Errorf("the %s footer says %q", side, footer.said())
		}
	}
	if !strings.Contains(string(parts["docProps/core.xml"]), "2026-12-01T09:00:00Z") {
		t.Errorf("properties: %s", parts["docProps/core.xml"])
	}
}

// Whatever stands in a text, the file can be read and the text is there, but
// for what XML can't say.
func TestAnyTextCanBeWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " leading and trailing ", "<w:p>", "]]>", "\x00\x0b", "𠮷野家", "a\r\nb\n\nc\t", "&amp;"} {
		d := &Document{Title: text}
		d.Paragraph(text)
		d.Table(Table{Columns: []Column{{Heading: text}}, Rows: [][]string{{text}, {}}})
		document := parse(t, unpack(t, d)["word/document.xml"])
		want := strings.NewReplacer("\r", "", "\n", "", "\t", "", "\x00", "\uFFFD", "\x0b", "\uFFFD").Replace(text)
		if got := document.all("tc")[1].said(); got != want {
			t.Errorf("%q was read as %q", text, got)
		}
	}
}

func TestSameDocumentSameBytes(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	d := sample()
	if err := d.Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("writing twice gives two files")
	}
}
