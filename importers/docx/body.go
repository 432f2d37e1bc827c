package docx

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"
)

// Lengths in twentieths of a point (twips), of which 56.69 are a millimetre.
const (
	paperShort, paperLong = 11906, 16838 // A4
	aboveText             = 2098         // 37 mm
	leftOfText            = 1588         // 28 mm
	rightOfText           = paperShort - leftOfText - 8844
	belowText             = paperLong - aboveText - 12756
	belowFooter           = 1270 // so that the page number stands 7 mm below the text
	// linePitch makes 225 mm 22 lines. That 156 mm are 28 characters the styles
	// see to, by a quarter of a point less between them: a grid of characters is
	// spread by LibreOffice.
	linePitch = 579
)

// textWidth is that of the text area.
func textWidth(landscape bool) int {
	if landscape {
		return paperLong - aboveText - belowText
	}
	return paperShort - leftOfText - rightOfText
}

// body is the text of a document in WordprocessingML.
type body struct{ xml bytes.Buffer }

func (b *body) paragraph(style, text string) { b.aligned(style, "", text) }

func (b *body) aligned(style string, align Align, text string) {
	fmt.Fprintf(&b.xml, `<w:p><w:pPr><w:pStyle w:val="%s"/>`, style)
	if align != Left {
		fmt.Fprintf(&b.xml, `<w:jc w:val="%s"/>`, align)
	}
	b.xml.WriteString(`</w:pPr>`)
	b.run(text)
	b.xml.WriteString("</w:p>\n")
}

// run writes a text. Marks that Chinese and Western type share, such as “”,
// are told to be Chinese where the text is.
func (b *body) run(text string) {
	if text == "" {
		return
	}
	b.xml.WriteString(`<w:r>`)
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		b.xml.WriteString(`<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>`)
	}
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if i > 0 {
			b.xml.WriteString(`<w:br/>`)
		}
		for j, part := range strings.Split(line, "\t") {
			if j > 0 {
				b.xml.WriteString(`<w:tab/>`)
			}
			if part != "" {
				b.xml.WriteString(`<w:t xml:space="preserve">`)
				_ = xml.EscapeText(&b.xml, []byte(part)) // a buffer takes everything
				b.xml.WriteString(`</w:t>`)
			}
		}
	}
	b.xml.WriteString(`</w:r>`)
}

func (b *body) pageBreak() {
	b.xml.WriteString(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>` + "\n")
}

// table writes a table of that width in twips.
func (b *body) table(t Table, width int) {
	if t.Caption != "" {
		b.paragraph("Caption", t.Caption)
	}
	widths := columnWidths(t.Columns, width)
	fmt.Fprintf(&b.xml, `<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="%d" w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`, width)
	for _, w := range widths {
		fmt.Fprintf(&b.xml, `<w:gridCol w:w="%d"/>`, w)
	}
	b.xml.WriteString("</w:tblGrid>\n")
	heading := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heading[i] = c.Heading
	}
	b.row(t.Columns, widths, heading, true)
	for _, row := range t.Rows {
		b.row(t.Columns, widths, row, false)
	}
	b.xml.WriteString("</w:tbl>\n")
	// Two tables without a paragraph between them would become one.
	b.xml.WriteString(`<w:p><w:pPr><w:pStyle w:val="Note"/></w:pPr></w:p>` + "\n")
}

func (b *body) row(columns []Column, widths []int, cells []string, heading bool) {
	b.xml.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
	if heading {
		b.xml.WriteString(`<w:tblHeader/>`)
	}
	b.xml.WriteString(`</w:trPr>`)
	for i, c := range columns {
		fmt.Fprintf(&b.xml, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>`, widths[i])
		text := ""
		if i < len(cells) {
			text = cells[i]
		}
		if heading {
			b.paragraph("TableHeading", text)
		} else {
			b.aligned("TableText", c.Align, text)
		}
		b.xml.WriteString(`</w:tc>`)
	}
	b.xml.WriteString("</w:tr>\n")
}

// columnWidths divides a width by the columns' shares, to the last twip.
func columnWidths(columns []Column, width int) []int {
	total := 0
	for _, c := range columns {
		total += max(c.Share, 1)
	}
	widths, sum, used := make([]int, len(columns)), 0, 0
	for i, c := range columns {
		sum += max(c.Share, 1)
		widths[i] = width*sum/total - used
		used += widths[i]
	}
	return widths
}

// endSection ends the pages so far, which lie or stand.
func (b *body) endSection(landscape bool) {
	b.xml.WriteString(`<w:p><w:pPr><w:pStyle w:val="Note"/>` + section(landscape) + "</w:pPr></w:p>\n")
}

// section is the page that a section has. A page that lies is one that stands,
// turned: what was above it is right of it.
func section(landscape bool) string {
	width, height, orient := paperShort, paperLong, ""
	top, right, bottom, left := aboveText, rightOfText, belowText, leftOfText
	if landscape {
		width, height, orient = paperLong, paperShort, ` w:orient="landscape"`
		top, right, bottom, left = leftOfText, aboveText, rightOfText, belowText
	}
	footer := min(belowFooter, bottom/2)
	return fmt.Sprintf(`<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>`+
		`<w:pgSz w:w="%d" w:h="%d"%s/><w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="851" w:footer="%d" w:gutter="0"/>`+
		`<w:docGrid w:type="lines" w:linePitch="%d"/></w:sectPr>`,
		width, height, orient, top, right, bottom, left, footer, linePitch)
}
