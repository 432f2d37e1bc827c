package table

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

const mostColumns = 16384

// sheetRows reads the rows of a worksheet one after the other.
type sheetRows struct {
	file    string
	book    *workbook
	part    io.ReadCloser
	meter   *meter
	decoder *xml.Decoder
	row     int
	tail
	progress *progress

	hiddenRows    rowList
	hiddenColumns []area // of which only the columns count
	unvalued      []string
	unvaluedCount int
}

// newDecoder reads XML in any encoding that it declares.
func newDecoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(name string, input io.Reader) (io.Reader, error) {
		e, err := charset.Lookup(name)
		if err != nil {
			return nil, err
		}
		return e.Reader(input), nil
	}
	return d
}

func (w *workbook) open(file string, s sheetInfo) (*sheetRows, error) {
	after, err := w.readTail(s)
	if err != nil {
		return nil, err
	}
	part, err := w.part(s.part, largestSheet)
	if err != nil {
		return nil, err
	}
	if part == nil {
		return nil, source.Fault("工作簿缺少 %s(工作表 %s)", "the workbook lacks %s of sheet %s", s.part, s.name)
	}
	p := &progress{from: part, total: w.partSize(s.part)}
	m := &meter{from: p}
	return &sheetRows{file: file, book: w, part: part, meter: m, decoder: newDecoder(m), tail: after, progress: p}, nil
}

func (s *sheetRows) merged() []area { return s.areas }

func (s *sheetRows) next() (row, error) {
	for {
		s.meter.since = 0
		token, err := s.decoder.RawToken()
		if err == io.EOF {
			return row{}, io.EOF
		}
		if err != nil {
			return row{}, fmt.Errorf("%s, after row %d: %w", s.file, s.row, err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				return row{}, io.EOF
			}
		case xml.StartElement:
			if t.Name.Local == "col" && isTrue(attribute(t, "hidden")) {
				s.hideColumns(t)
			}
			if t.Name.Local != "row" {
				continue
			}
			s.row++
			if n, err := strconv.Atoi(attribute(t, "r")); err == nil && n > 0 {
				s.row = n
			}
			r, err := s.readRow()
			if err != nil {
				return row{}, fmt.Errorf("%s, row %d: %w", s.file, s.row, err)
			}
			if r.count() > 0 {
				if isTrue(attribute(t, "hidden")) {
					s.hiddenRows.add(s.row)
				}
				return r, nil
			}
		}
	}
}

func isTrue(text string) bool { return text == "1" || text == "true" }

func (s *sheetRows) hideColumns(col xml.StartElement) {
	first, errFirst := strconv.Atoi(attribute(col, "min"))
	last, errLast := strconv.Atoi(attribute(col, "max"))
	if errFirst == nil && errLast == nil && first > 0 && last >= first && len(s.hiddenColumns) < mostColumns {
		s.hiddenColumns = append(s.hiddenColumns, area{firstColumn: first - 1, lastColumn: last - 1})
	}
}

// notes says what the sheet hides and what it lacks.
func (s *sheetRows) notes(columns []columnOf, tally *source.Tally) {
	if n := s.hiddenRows.count; n > 0 && s.filtered {
		tally.AddMany(source.Filtered, n, grids.Textf("被筛选隐藏的行也已读取:%s", "rows that a filter hides are read as well: %s", s.hiddenRows.said()))
	} else if n > 0 {
		tally.AddMany(source.HiddenRows, n, grids.Textf("隐藏的行也已读取:%s", "hidden rows are read as well: %s", s.hiddenRows.said()))
	}
	for _, c := range columns {
		for _, h := range s.hiddenColumns {
			if c.index >= h.firstColumn && c.index <= h.lastColumn {
				tally.Add(source.HiddenColumns, grids.Textf("列 %s(%s)是隐藏的,也已读取", "column %s, %s, is hidden; it is read as well", letters(c.index), c.field.Name))
				break
			}
		}
	}
	if s.unvaluedCount > 0 {
		tally.AddMany(source.NoFormulaValue, s.unvaluedCount, grids.Textf("没有保存计算结果的公式按空值读取(%s);请用 Excel 或 WPS 打开后存盘", "formulas without a kept value are read as empty (%s); open the workbook in Excel or WPS and save it", strings.Join(s.unvalued, ", ")))
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
	ref, kind string
	style     int
	value     string
	inline    string
	formula   bool
}

func (s *sheetRows) readRow() (row, error) {
	r := row{number: s.row}
	following := 0 // the column of a cell that doesn't say its own
	for {
		token, err := s.decoder.RawToken()
		if err != nil {
			return r, cutShort(err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return r, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := s.skip(); err != nil {
					return r, err
				}
				continue
			}
			c, err := s.readCell(t)
			if err != nil {
				return r, err
			}
			column := columnNumber(c.ref)
			if column < 0 {
				column = following
			}
			following = column + 1
			if column >= mostColumns {
				return r, source.Fault("单元格 %q 超出最后一列", "cell %q is beyond the last column", c.ref)
			}
			if c.formula && c.value == "" && c.kind != "inlineStr" && c.kind != "str" {
				const most = 10
				if s.unvaluedCount++; len(s.unvalued) < most {
					s.unvalued = append(s.unvalued, letters(column)+strconv.Itoa(s.row))
				}
			}
			r.set(column, s.book.cell(c))
		}
	}
}

func cutShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// skip reads on to the end of the element that has begun.
func (s *sheetRows) skip() error {
	for depth := 1; depth > 0; {
		token, err := s.decoder.RawToken()
		if err != nil {
			return cutShort(err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// readCell reads a cell to its end. Phonetic hints within its text are left out.
func (s *sheetRows) readCell(start xml.StartElement) (xmlCell, error) {
	var c xmlCell
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "r":
			c.ref = a.Value
		case "t":
			c.kind = a.Value
		case "s":
			c.style, _ = strconv.Atoi(a.Value) // what isn't a number is the first style
		}
	}
	var text *string
	for depth := 1; depth > 0; {
		token, err := s.decoder.RawToken()
		if err != nil {
			return c, cutShort(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			text = nil
			switch t.Name.Local {
			case "v":
				text = &c.value
			case "t":
				text = &c.inline
			case "f":
				c.formula = true
			case "rPh":
				if err := s.skip(); err != nil {
					return c, err
				}
				depth--
			}
		case xml.CharData:
			if text != nil {
				*text += string(t)
			}
		case xml.EndElement:
			depth--
			text = nil
		}
	}
	return c, nil
}

// columnNumber reads the letters of a reference such as AB12, from 0; -1
// without any.
func columnNumber(ref string) int {
	n := 0
	for _, r := range ref {
		switch {
		case r == '$':
			continue
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
