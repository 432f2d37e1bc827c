// Package docx writes reports as .docx files in the layout of official
// documents (党政机关公文格式, GB/T 9704-2012): A4, 37 mm above and 28 mm left of a
// text area of 156 × 225 mm, 22 lines a page, titles in 小标宋, text in 仿宋 of
// size 三号. The fonts are named as offices have them; the file names others to
// take where they are missing.
package docx

import "time"

// Document is one report. Its parts stand in the order in which they are added.
type Document struct {
	Title    string
	Subtitle string // below the title, e.g. a period or a status; "" for none
	Author   string // kept in the file's properties
	Created  time.Time

	body      body
	landscape bool
}

// Heading adds a heading of level 1 (黑体), 2 (楷体) or 3 (bold). By the standard
// the text begins with its number: 一、 (一) 1.
func (d *Document) Heading(level int, text string) {
	d.body.paragraph([...]string{"Heading1", "Heading2", "Heading3"}[min(max(level, 1), 3)-1], text)
}

// Paragraph adds a paragraph of text, its first line indented by two
// characters. A line break in text is one in the document.
func (d *Document) Paragraph(text string) { d.body.paragraph("BodyText", text) }

// Addressee adds the line that says to whom the document goes (主送机关).
func (d *Document) Addressee(text string) { d.body.paragraph("Addressee", text) }

// Signature adds who issues the document ("" where that isn't known) and the day in
// words, at the right.
func (d *Document) Signature(unit, day string) {
	d.body.paragraph("BodyText", "")
	if unit != "" {
		d.body.paragraph("Signature", unit)
	}
	d.body.paragraph("Signature", day)
}

// Note adds a remark in small type, as below a table.
func (d *Document) Note(text string) { d.body.paragraph("Note", text) }

// PageBreak begins a new page, as after the page for leaders.
func (d *Document) PageBreak() { d.body.pageBreak() }

// Landscape begins a new page, on which and on those after it wide tables have
// room; Portrait ends it.
func (d *Document) Landscape() { d.turn(true) }

// Portrait begins a new page upright, if the one before it isn't.
func (d *Document) Portrait() { d.turn(false) }

func (d *Document) turn(landscape bool) {
	if d.landscape == landscape {
		return
	}
	// At its beginning it is the whole document that is turned, title and all.
	if d.body.xml.Len() > 0 {
		d.body.endSection(d.landscape)
	}
	d.landscape = landscape
}

// Align is how a column of a table stands.
type Align string

// The alignments.
const (
	Left   Align = ""
	Center Align = "center"
	Right  Align = "right"
)

// Column is a column of a table.
type Column struct {
	Heading string
	Share   int // of the table's width, against the other columns' shares; 0 counts as 1
	Align   Align
}

// Table is a table over the whole width of the text. Its heading is repeated on
// each page, and no row is broken over two.
type Table struct {
	Caption string // above it; "" for none
	Columns []Column
	Rows    [][]string // a cell for each column; missing ones are empty, more are left out
}

// Table adds a table; one without columns adds nothing.
func (d *Document) Table(t Table) {
	if len(t.Columns) > 0 {
		d.body.table(t, textWidth(d.landscape))
	}
}
