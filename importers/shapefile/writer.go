package shapefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twpayne/go-geom"

	"unigrid/geo/crs"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// Kind is what the shapes of a file are.
type Kind uint32

// The kinds of shapes that a Writer writes.
const (
	Points      Kind = point
	MultiPoints Kind = multipoint
	Lines       Kind = polyline
	Polygons    Kind = polygon
)

// WriterOptions say what a new shapefile is to be.
type WriterOptions struct {
	Kind Kind
	// Fields are the columns. A Length of 0 stands for 80 bytes of text, 18
	// digits of an integer, 24 characters with 15 decimals of a float.
	Fields []source.Field
	// Encoding is UTF-8 if empty.
	Encoding string
	// WKT is the content of the .prj. If it is empty, EPSG is looked up in
	// package crs; if that is 0 too, no .prj is written.
	WKT  string
	EPSG int
	// Updated is the date in the .dbf, today if zero.
	Updated time.Time
}

// Writer writes a shapefile. Close must be called to complete its headers.
type Writer struct {
	name           string
	kind           Kind
	encoding       charset.Encoding
	columns        []column
	updated        time.Time
	shp, shx, dbf  *output
	rows           int
	box            *geom.Bounds
	words          int64 // length of the .shp so far, in 16-bit words
	shape, attribs []byte
}

// output is one file of the shapefile.
type output struct {
	*bufio.Writer
	file *os.File
}

// Create begins a shapefile at path, which may end in .shp: the .shp, .shx,
// .dbf and .cpg, and the .prj if the coordinate system is given. Files of
// those names are overwritten.
func Create(path string, o WriterOptions) (*Writer, error) {
	base := path
	if strings.EqualFold(filepath.Ext(path), ".shp") {
		base = strings.TrimSuffix(path, filepath.Ext(path))
	}
	w := &Writer{name: filepath.Base(base), kind: o.Kind, updated: o.Updated, box: geom.NewBounds(geom.XY), words: shapeHeader / 2}
	if w.updated.IsZero() {
		w.updated = time.Now()
	}
	switch o.Kind {
	case Points, MultiPoints, Lines, Polygons:
	default:
		return nil, fmt.Errorf("shapefile: kind %d can't be written", o.Kind)
	}
	var err error
	if w.encoding, err = charset.Lookup(firstNonEmpty(o.Encoding, "UTF-8")); err != nil {
		return nil, err
	}
	if w.columns, err = newColumns(o.Fields, w.encoding); err != nil {
		return nil, err
	}
	wkt := o.WKT
	if wkt == "" && o.EPSG != 0 {
		var known bool
		if wkt, known = crs.WKT(o.EPSG); !known {
			return nil, fmt.Errorf("shapefile: no .prj text is known for EPSG:%d", o.EPSG)
		}
	}
	if err := w.begin(base, wkt); err != nil {
		return nil, err
	}
	return w, nil
}

func firstNonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (w *Writer) begin(base, wkt string) error {
	if wkt != "" {
		if err := os.WriteFile(base+".prj", []byte(wkt), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(base+".cpg", []byte(w.encoding.CodePage()), 0o644); err != nil {
		return err
	}
	headers := []struct {
		to        **output
		extension string
		length    int
	}{{&w.shp, ".shp", shapeHeader}, {&w.shx, ".shx", shapeHeader}, {&w.dbf, ".dbf", w.tableHeaderLength()}}
	for _, h := range headers {
		file, err := os.Create(base + h.extension)
		if err != nil {
			return errors.Join(err, w.closeFiles())
		}
		*h.to = &output{bufio.NewWriterSize(file, 64<<10), file}
		if _, err := (*h.to).Write(make([]byte, h.length)); err != nil {
			return errors.Join(err, w.closeFiles())
		}
	}
	return nil
}

// FieldNames are the names as they stand in the file: cut to ten bytes of the
// encoding where they were longer, and made to differ.
func (w *Writer) FieldNames() []string {
	names := make([]string, len(w.columns))
	for i := range w.columns {
		names[i] = w.columns[i].field.Name
	}
	return names
}

// Write appends one record. The values are aligned with the fields; nil is an
// empty cell, and a nil or empty geometry a null shape. The error is a
// *source.RowError, and nothing is written, if a value doesn't fit: texts are
// never cut and characters never replaced.
func (w *Writer) Write(g geom.T, values []any) error {
	if len(values) != len(w.columns) {
		return fmt.Errorf("%s: %d values for %d fields", w.name, len(values), len(w.columns))
	}
	w.attribs = append(w.attribs[:0], ' ')
	for i := range w.columns {
		cell, bad := w.columns[i].cellOf(values[i], w.encoding)
		if bad.kind != "" {
			return w.reject(".dbf", w.columns[i].field.Name, fmt.Sprint(values[i]), bad)
		}
		w.attribs = append(w.attribs, cell...)
	}
	var bounds *geom.Bounds
	var err error
	if w.shape, bounds, err = appendShape(w.shape[:0], w.kind, g); err != nil {
		return w.reject(".shp", "", "", flaw{source.WrongType, source.Because(err)})
	}
	length := int64(len(w.shape)) / 2
	if w.words+length+recordHeader/2 > math.MaxInt32 {
		return fmt.Errorf("%s.shp: a shapefile can't grow beyond 4 GB", w.name)
	}
	return w.append(bounds, length)
}

func (w *Writer) append(bounds *geom.Bounds, length int64) error {
	if bounds != nil {
		w.box.SetCoords(
			geom.Coord{min(w.box.Min(0), bounds.Min(0)), min(w.box.Min(1), bounds.Min(1))},
			geom.Coord{max(w.box.Max(0), bounds.Max(0)), max(w.box.Max(1), bounds.Max(1))})
	}
	w.rows++
	var record, entry [recordHeader]byte
	binary.BigEndian.PutUint32(record[:], uint32(w.rows))
	binary.BigEndian.PutUint32(record[4:], uint32(length))
	binary.BigEndian.PutUint32(entry[:], uint32(w.words))
	binary.BigEndian.PutUint32(entry[4:], uint32(length))
	w.words += length + recordHeader/2
	_, err1 := w.shp.Write(record[:])
	_, err2 := w.shp.Write(w.shape)
	_, err3 := w.shx.Write(entry[:])
	_, err4 := w.dbf.Write(w.attribs)
	return errors.Join(err1, err2, err3, err4)
}

func (w *Writer) reject(extension, field, value string, bad flaw) error {
	return &source.RowError{
		Kind: bad.kind, File: w.name + extension, Row: w.rows + 1, Field: field, Value: source.Shorten(value), Why: bad.why,
	}
}

// Close completes the headers and closes the files.
func (w *Writer) Close() error {
	if w.shp == nil {
		return nil
	}
	err := func() error {
		if _, err := w.dbf.Write([]byte{0x1A}); err != nil {
			return err
		}
		if err := errors.Join(w.shp.Flush(), w.shx.Flush(), w.dbf.Flush()); err != nil {
			return err
		}
		_, err1 := w.shp.file.WriteAt(w.shapeHeader(w.words), 0)
		_, err2 := w.shx.file.WriteAt(w.shapeHeader(shapeHeader/2+int64(w.rows)*recordHeader/2), 0)
		_, err3 := w.dbf.file.WriteAt(w.tableHeader(), 0)
		return errors.Join(err1, err2, err3)
	}()
	return errors.Join(err, w.closeFiles())
}

func (w *Writer) closeFiles() error {
	var all []error
	for _, o := range []*output{w.shp, w.shx, w.dbf} {
		if o != nil {
			all = append(all, o.file.Close())
		}
	}
	w.shp, w.shx, w.dbf = nil, nil, nil
	return errors.Join(all...)
}

func (w *Writer) shapeHeader(words int64) []byte {
	head := make([]byte, shapeHeader)
	binary.BigEndian.PutUint32(head, fileCode)
	binary.BigEndian.PutUint32(head[24:], uint32(words))
	binary.LittleEndian.PutUint32(head[28:], 1000)
	binary.LittleEndian.PutUint32(head[32:], uint32(w.kind))
	if w.box.Min(0) <= w.box.Max(0) {
		putBox(head[36:], w.box)
	}
	return head
}

func putBox(to []byte, box *geom.Bounds) {
	for i, v := range []float64{box.Min(0), box.Min(1), box.Max(0), box.Max(1)} {
		binary.LittleEndian.PutUint64(to[8*i:], math.Float64bits(v))
	}
}

func (w *Writer) tableHeaderLength() int { return tableHeader + descriptorSize*len(w.columns) + 1 }

func (w *Writer) tableHeader() []byte {
	head := make([]byte, w.tableHeaderLength())
	length := 1
	for i := range w.columns {
		c := &w.columns[i]
		d := head[tableHeader+descriptorSize*i:]
		copy(d[:10], c.raw)
		d[11], d[16], d[17] = c.kind, byte(c.length), byte(c.decimals)
		length += c.length
	}
	head[0] = 3
	head[1], head[2], head[3] = byte(w.updated.Year()-1900), byte(w.updated.Month()), byte(w.updated.Day())
	binary.LittleEndian.PutUint32(head[4:], uint32(w.rows))
	binary.LittleEndian.PutUint16(head[8:], uint16(len(head)))
	binary.LittleEndian.PutUint16(head[10:], uint16(length))
	head[29] = w.encoding.LanguageByte()
	head[len(head)-1] = headerEnd
	return head
}
