package table

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"unigrid/importers/source"
)

const (
	mostColumns = 16384
	mostDigits  = 15 // that a spreadsheet keeps of a number
)

// sheetRows reads the rows of a worksheet one after the other.
type sheetRows struct {
	file    string
	book    *workbook
	part    io.ReadCloser
	meter   *meter
	decoder *xml.Decoder
	row     int
}

func (w *workbook) open(file string, s sheetInfo) (*sheetRows, error) {
	part, err := w.part(s.part, largestSheet)
	if err != nil {
		return nil, err
	}
	if part == nil {
		return nil, fmt.Errorf("the workbook lacks %s of sheet %s", s.part, s.name)
	}
	m := &meter{from: part}
	return &sheetRows{file: file, book: w, part: part, meter: m, decoder: xml.NewDecoder(m)}, nil
}

func (s *sheetRows) next() (row, error) {
	for {
		s.meter.since = 0
		token, err := s.decoder.Token()
		if err == io.EOF {
			return row{}, io.EOF
		}
		if err != nil {
			return row{}, fmt.Errorf("%s, after row %d: %w", s.file, s.row, err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "row" {
			if end, ok := token.(xml.EndElement); ok && end.Name.Local == "sheetData" {
				return row{}, io.EOF
			}
			continue
		}
		s.row++
		if n, err := strconv.Atoi(attribute(start, "r")); err == nil && n > 0 {
			s.row = n
		}
		r, err := s.readRow()
		if err != nil {
			return row{}, fmt.Errorf("%s, row %d: %w", s.file, s.row, err)
		}
		if r.count() > 0 {
			return r, nil
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// xmlCell is a cell as it stands in the sheet.
type xmlCell struct {
	Ref    string   `xml:"r,attr"`
	Type   string   `xml:"t,attr"`
	Style  int      `xml:"s,attr"`
	Value  *string  `xml:"v"`
	Inline richText `xml:"is"`
}

func (s *sheetRows) readRow() (row, error) {
	r := row{number: s.row}
	following := 0 // the column of a cell that doesn't say its own
	for {
		token, err := s.decoder.Token()
		if err != nil {
			return r, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return r, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := s.decoder.Skip(); err != nil {
					return r, err
				}
				continue
			}
			var c xmlCell
			if err := s.decoder.DecodeElement(&c, &t); err != nil {
				return r, err
			}
			column := columnNumber(c.Ref)
			if column < 0 {
				column = following
			}
			following = column + 1
			if column >= mostColumns {
				return r, fmt.Errorf("cell %q is beyond the last column", c.Ref)
			}
			r.set(column, s.book.cell(c))
		}
	}
}

// columnNumber reads the letters of a reference such as AB12, from 0; -1
// without any.
func columnNumber(ref string) int {
	n := 0
	for _, r := range ref {
		switch {
		case r >= 'A' && r <= 'Z':
			n = n*26 + int(r-'A') + 1
		case r >= 'a' && r <= 'z':
			n = n*26 + int(r-'a') + 1
		default:
			return n - 1
		}
		if n > mostColumns {
			return mostColumns
		}
	}
	return n - 1
}

func (w *workbook) cell(c xmlCell) cell {
	text := ""
	if c.Value != nil {
		text = *c.Value
	}
	switch c.Type {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n >= len(w.texts) {
			return cell{kind: source.BadCell, why: "the cell points to a text that isn't in the workbook", text: text}
		}
		return textCell(w.texts[n])
	case "inlineStr":
		return textCell(c.Inline.String())
	case "str":
		return textCell(unescape(text))
	case "b":
		return cell{value: strings.TrimSpace(text) == "1" || strings.EqualFold(text, "true")}
	case "e":
		return cell{kind: source.BadCell, why: "the formula ends in an error", text: text}
	case "d":
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
			if t, err := time.Parse(layout, text); err == nil {
				return cell{value: t}
			}
		}
		return cell{value: text, kind: source.BadDate, why: "not a date", text: text}
	}
	if text = strings.TrimSpace(text); text == "" {
		return cell{}
	}
	return w.numberCell(text, c.Style)
}

func textCell(text string) cell {
	if text = blank(text); text == "" {
		return cell{}
	}
	if strings.ContainsRune(text, '\uFFFD') {
		return cell{value: text, kind: source.Undecodable, why: "a character was lost before the workbook was saved", text: text}
	}
	return cell{value: text}
}

// numberCell reads a number by its style: a date, a code shown with leading
// zeros, an integer or a fraction.
func (w *workbook) numberCell(text string, style int) cell {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return cell{value: text, kind: source.BadNumber, why: "not a number", text: text}
	}
	var format numberFormat
	if style >= 0 && style < len(w.formats) {
		format = w.formats[style]
	}
	whole := v == math.Trunc(v)
	switch {
	case format.date:
		return w.dateCell(text, v)
	case whole && math.Abs(v) >= math.Pow10(mostDigits):
		digits := strconv.FormatFloat(v, 'f', 0, 64)
		return cell{value: digits, kind: source.Rounded, text: digits,
			why: fmt.Sprintf("a number of %d digits, of which spreadsheets keep %d; enter such codes as text", len(strings.TrimLeft(digits, "-")), mostDigits)}
	case whole && v >= 0 && format.zeroes > 1:
		return cell{value: fmt.Sprintf("%0*d", format.zeroes, int64(v))}
	case whole:
		return cell{value: int64(v)}
	}
	return cell{value: v}
}

func (w *workbook) dateCell(text string, v float64) cell {
	const lastDay = 2958466 // 9999-12-31
	if v < 0 || v >= lastDay {
		return cell{value: v, kind: source.BadDate, why: "no day has this number", text: text}
	}
	t, err := excelize.ExcelDateToTime(v, w.from1904)
	if err != nil {
		return cell{value: v, kind: source.BadDate, why: err.Error(), text: text}
	}
	if v < 1 { // a time of day alone
		return cell{value: t.Format("15:04:05")}
	}
	return cell{value: t}
}
