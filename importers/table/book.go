package table

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/importers/source"
)

// What one sheet holds.
const (
	longestCell = 32767 // UTF-16 units of a cell
	mostRows    = 1 << 20
	mostAcross  = 1 << 14
)

// FitsCell tells whether a cell of a workbook holds a text.
func FitsCell(text string) bool {
	units := 0
	for _, r := range text {
		if units++; r > 0xFFFF {
			units++
		}
	}
	return units <= longestCell
}

// BookOptions say what a new workbook is to be.
type BookOptions struct {
	Sheet  string
	Title  string // of the document
	Fields []source.Field
}

// BookWriter writes a workbook: texts as texts, so that no spreadsheet rounds a
// code, and numbers and days as such. The rows go through a temporary file.
type BookWriter struct {
	book   *excelize.File
	out    *excelize.StreamWriter
	fields []source.Field
	day    int // style
	rows   int
	cells  []any
}

// NewBook writes the heading row.
func NewBook(o BookOptions) (*BookWriter, error) {
	if len(o.Fields) > mostAcross {
		return nil, fmt.Errorf("table: %d columns, more than %d", len(o.Fields), mostAcross)
	}
	w := &BookWriter{book: excelize.NewFile(), fields: o.Fields}
	if err := w.begin(o); err != nil {
		w.book.Close()
		return nil, fmt.Errorf("table: %w", err)
	}
	return w, nil
}

func (w *BookWriter) begin(o BookOptions) (err error) {
	if o.Sheet == "" {
		o.Sheet = "Sheet1"
	}
	if err := w.book.SetSheetName("Sheet1", o.Sheet); err != nil {
		return err
	}
	if o.Title != "" {
		if err := w.book.SetDocProps(&excelize.DocProperties{Title: o.Title}); err != nil {
			return err
		}
	}
	format := "yyyy-mm-dd"
	if w.day, err = w.book.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
		return err
	}
	if w.out, err = w.book.NewStreamWriter(o.Sheet); err != nil {
		return err
	}
	if err := w.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	heading := make([]any, len(o.Fields))
	for i, f := range o.Fields {
		heading[i] = f.Name
	}
	w.rows = 1
	return w.out.SetRow("A1", heading)
}

// Write appends a row; the values are aligned with the fields. The error is a
// *source.RowError, and nothing is written, if a text is too long for a cell.
func (w *BookWriter) Write(values []any) error {
	if len(values) != len(w.fields) {
		return fmt.Errorf("table: %d values for %d fields", len(values), len(w.fields))
	}
	if w.rows == mostRows {
		return grids.Errorf(grids.TooMuch, "format", "工作表最多 %d 行", "a sheet has %d rows at most", mostRows).Fix("改用 csv", "take csv")
	}
	w.cells = w.cells[:0]
	for i, v := range values {
		switch v := v.(type) {
		case string:
			if !FitsCell(v) {
				return &source.RowError{Kind: source.TooLong, Row: w.rows + 1, Field: w.fields[i].Name, Value: source.Shorten(v), Why: grids.Textf("一个单元格最多 %d 个字符", "a cell holds %d characters", longestCell)}
			}
			w.cells = append(w.cells, v)
		case int64:
			if digits := strconv.FormatInt(v, 10); len(digits) > mostDigits {
				w.cells = append(w.cells, digits)
			} else {
				w.cells = append(w.cells, v)
			}
		case time.Time:
			w.cells = append(w.cells, excelize.Cell{StyleID: w.day, Value: v})
		default:
			w.cells = append(w.cells, v)
		}
	}
	w.rows++
	return w.out.SetRow("A"+strconv.Itoa(w.rows), w.cells)
}

// AddNotes adds a sheet of lines to read. It can be called once, after the last
// row.
func (w *BookWriter) AddNotes(sheet string, lines []string) error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	w.out = nil
	if _, err := w.book.NewSheet(sheet); err != nil {
		return err
	}
	for i, line := range lines {
		if err := w.book.SetCellStr(sheet, "A"+strconv.Itoa(i+1), line); err != nil {
			return err
		}
	}
	return nil
}

// WriteTo writes the workbook and ends it.
func (w *BookWriter) WriteTo(to io.Writer) (int64, error) {
	defer w.book.Close()
	if w.out != nil {
		if err := w.out.Flush(); err != nil {
			return 0, err
		}
	}
	return w.book.WriteTo(to)
}

// Discard ends a workbook that isn't wanted any more.
func (w *BookWriter) Discard() error { return w.book.Close() }
