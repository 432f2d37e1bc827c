package table

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/wkt"

	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// Shape says how a Writer writes geometries.
type Shape int

// The ways to write geometries.
const (
	NoShape   Shape = iota // not at all
	LonLat                 // points, in the columns 经度 and 纬度
	WKTColumn              // anything, in the column WKT
)

// WriterOptions say what a new CSV file is to be.
type WriterOptions struct {
	Fields []source.Field
	Shape  Shape
	// Encoding is UTF-8 if empty; then the file begins with a byte order
	// mark, without which Excel takes it for the system's code page.
	Encoding string
	// Comma is the delimiter, a comma if zero.
	Comma rune
	// KeepFormulas leaves texts that begin like a formula as they are. By
	// default an apostrophe before them keeps spreadsheets from running what
	// somebody typed into a name.
	KeepFormulas bool
}

// Writer writes CSV with CRLF line ends. Flush must be called at the end.
type Writer struct {
	out      *csv.Writer
	encoding charset.Encoding
	fields   []source.Field
	shape    Shape
	guard    bool
	rows     int
	cells    []string
}

// NewWriter writes the heading row.
func NewWriter(to io.Writer, o WriterOptions) (*Writer, error) {
	e := charset.UTF8()
	if o.Encoding != "" {
		var err error
		if e, err = charset.Lookup(o.Encoding); err != nil {
			return nil, err
		}
	}
	switch e.Name() {
	case "UTF-16LE", "UTF-16BE":
		return nil, fmt.Errorf("table: CSV in %s can't be written", e.Name())
	case "UTF-8":
		if _, err := io.WriteString(to, "\uFEFF"); err != nil {
			return nil, err
		}
	}
	w := &Writer{out: csv.NewWriter(to), encoding: e, fields: o.Fields, shape: o.Shape, guard: !o.KeepFormulas}
	w.out.UseCRLF = true
	if o.Comma != 0 {
		w.out.Comma = o.Comma
	}
	var names []string
	for _, f := range o.Fields {
		names = append(names, f.Name)
	}
	switch o.Shape {
	case LonLat:
		names = append(names, "经度", "纬度")
	case WKTColumn:
		names = append(names, "WKT")
	}
	for i, name := range names {
		raw, err := e.Encode(name)
		if err != nil {
			return nil, fmt.Errorf("table: field %s: %w", name, err)
		}
		names[i] = string(raw)
	}
	return w, w.out.Write(names)
}

// Write appends a record; the values are aligned with the fields. The error is
// a *source.RowError, and nothing is written, if a value can't be written.
func (w *Writer) Write(g geom.T, values []any) error {
	if len(values) != len(w.fields) {
		return fmt.Errorf("table: %d values for %d fields", len(values), len(w.fields))
	}
	w.cells = w.cells[:0]
	for i, v := range values {
		text, err := w.text(v)
		if err != nil {
			return w.reject(source.WrongType, w.fields[i].Name, fmt.Sprint(v), err)
		}
		raw, err := w.encoding.Encode(text)
		if err != nil {
			return w.reject(source.Unencodable, w.fields[i].Name, text, err)
		}
		w.cells = append(w.cells, string(raw))
	}
	shape, err := w.shapeCells(g)
	if err != nil {
		return w.reject(source.WrongType, "", "", err)
	}
	w.cells = append(w.cells, shape...)
	w.rows++
	return w.out.Write(w.cells)
}

func (w *Writer) reject(kind source.Kind, field, value string, err error) error {
	return &source.RowError{Kind: kind, Row: w.rows + 2, Field: field, Value: source.Shorten(value), Why: source.Because(err)}
}

func (w *Writer) text(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		if w.guard && formula(v) {
			return "'" + v, nil
		}
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case bool:
		return strconv.FormatBool(v), nil
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly), nil
		}
		return v.Format(time.DateTime), nil
	}
	return "", source.Fault("类型 %T 的值无法写入", "a value of type %T can't be written", v)
}

// formula tells whether a spreadsheet may take a text for a formula.
func formula(text string) bool {
	return text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) && !numeric(text)
}

func (w *Writer) shapeCells(g geom.T) ([]string, error) {
	switch w.shape {
	case LonLat:
		if g == nil || g.Empty() {
			return []string{"", ""}, nil
		}
		p, ok := g.(*geom.Point)
		if !ok {
			return nil, source.Fault("%T 没有经纬度", "a %T has no longitude and latitude", g)
		}
		x, _ := w.text(p.X())
		y, _ := w.text(p.Y())
		return []string{x, y}, nil
	case WKTColumn:
		if g == nil {
			return []string{""}, nil
		}
		text, err := wkt.Marshal(g)
		return []string{text}, err
	}
	return nil, nil
}

// Flush writes what is still held back.
func (w *Writer) Flush() error {
	w.out.Flush()
	return w.out.Error()
}
