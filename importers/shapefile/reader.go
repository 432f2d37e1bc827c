// Package shapefile reads and writes ESRI shapefiles as they come out of
// Chinese offices: any character encoding, with or without .dbf, .shx, .cpg
// and .prj, with rings in the wrong order, with Z and M.
//
// It decodes .shp and .dbf itself. Of the two libraries at hand one allocates
// what a file's header tells it to and crashes without a .dbf, the other
// refuses rings that are merely invalid; neither decodes field names.
package shapefile

import (
	"fmt"
	"io"
	"sync/atomic"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// File is one part of a shapefile.
type File struct {
	io.ReaderAt
	Size int64
}

// Parts are the files that make up a shapefile. Shapes or Table may be
// missing, and everything else.
type Parts struct {
	Name     string // without extension
	Shapes   File   // .shp
	Index    File   // .shx
	Table    File   // .dbf
	CodePage string // .cpg
	CRS      string // .prj
}

// Reader reads a shapefile record by record. It is a source.Source.
type Reader struct {
	name    string
	table   *table  // nil without a .dbf
	shapes  *shapes // nil without a .shp
	choice  charset.Choice
	epsg    int
	how     grids.Text
	row     int
	rowsEnd bool
	tally   source.Tally
	damage  charset.Damage
	without int // shapes without a row, or rows without a shape
	ended   bool
	closers source.Closers
	size    int64        // of the .shp and .dbf
	done    atomic.Int64 // bytes of them that are read
}

// New reads the headers of a shapefile's parts. The Reader doesn't close them.
func New(parts Parts, options source.Options) (*Reader, error) {
	r := &Reader{name: parts.Name, size: parts.Shapes.Size + parts.Table.Size}
	if parts.Shapes.ReaderAt == nil && parts.Table.ReaderAt == nil {
		return nil, source.Fault("%s:既没有 .shp 也没有 .dbf", "%s: neither a .shp nor a .dbf", parts.Name)
	}
	if err := r.openShapes(parts); err != nil {
		return nil, fmt.Errorf("%s: %w", parts.Name, err)
	}
	if err := r.openTable(parts, options); err != nil {
		return nil, fmt.Errorf("%s: %w", parts.Name, err)
	}
	r.epsg, r.how = decideCRS(parts.CRS, options.EPSG)
	return r, nil
}

func (r *Reader) openShapes(parts Parts) error {
	if parts.Shapes.ReaderAt == nil {
		return nil
	}
	var err error
	if r.shapes, err = openShapes(parts.Shapes.ReaderAt, parts.Shapes.Size); err != nil {
		return err
	}
	if parts.Index.ReaderAt == nil {
		r.tally.Add(source.NoIndex, grids.Text{ZH: "没有 .shx,按 .shp 的次序读取", EN: "there is no .shx; the shapes are read in the order of the .shp"})
		return nil
	}
	if err := r.shapes.useIndex(parts.Index.ReaderAt, parts.Index.Size); err != nil {
		r.tally.Add(source.BadIndex, source.Because(err).And(grids.Text{ZH: ";按 .shp 的次序读取", EN: "; the shapes are read in the order of the .shp"}))
	}
	return nil
}

func (r *Reader) openTable(parts Parts, options source.Options) error {
	if parts.Table.ReaderAt == nil {
		r.choice = charset.Choice{Encoding: charset.UTF8(), How: grids.Text{ZH: "没有 .dbf", EN: "there is no .dbf"}}
		r.tally.Add(source.NoAttributes, grids.Text{ZH: "没有 .dbf,因而没有属性", EN: "there is no .dbf, so no attributes"})
		return nil
	}
	var err error
	if r.table, err = openTable(parts.Table.ReaderAt, parts.Table.Size); err != nil {
		return err
	}
	if r.table.announced != r.table.count {
		r.tally.Add(source.CountsDiffer, grids.Textf(".dbf 声明有 %d 行,实有 %d 行", "the .dbf announces %d rows and holds %d", r.table.announced, r.table.count))
	}
	hints := charset.Hints{User: options.Encoding, CodePage: parts.CodePage, LanguageByte: r.table.language}
	if r.choice, err = charset.Decide(hints, r.table.guess); err != nil {
		return err
	}
	if err := r.doubt(); err != nil {
		return err
	}
	r.table.name(r.choice.Encoding, &r.tally)
	return nil
}

// doubt looks at some of the texts for signs that the encoding is the wrong one.
// It is still followed: nothing is changed behind the back of whoever named it.
func (r *Reader) doubt() error {
	var s charset.Sample
	if err := r.table.sample(&s); err != nil {
		return err
	}
	if d, ok := s.Doubt(r.choice.Encoding); ok {
		r.tally.Doubt(d.Values, source.WrongEncoding(r.choice.Name(), r.choice.How, d.Why), d.Better)
	}
	return nil
}

func decideCRS(prj string, user int) (epsg int, how grids.Text) {
	if user != 0 {
		return user, source.ByUser
	}
	if prj == "" {
		return 0, grids.Text{ZH: "没有 .prj", EN: "there is no .prj"}
	}
	code, err := crs.Identify(prj)
	if err != nil {
		return 0, source.Unrecognised(grids.Text{ZH: ".prj ", EN: ".prj"}, err)
	}
	return code, grids.Text{ZH: "按 .prj 中的参数", EN: "parameters in the .prj"}
}

// Name is the file name without its extension.
func (r *Reader) Name() string { return r.name }

// Fields are the columns of the .dbf.
func (r *Reader) Fields() []source.Field {
	if r.table == nil {
		return nil
	}
	fields := make([]source.Field, len(r.table.columns))
	for i := range fields {
		fields[i] = r.table.columns[i].field
	}
	return fields
}

// CRS is the EPSG code that the .prj means, or the user's.
func (r *Reader) CRS() (epsg int, how grids.Text) { return r.epsg, r.how }

// Encoding is how names and texts were decoded.
func (r *Reader) Encoding() (name string, how grids.Text) { return r.choice.Name(), r.choice.How }

// Notes are remarks about the file.
func (r *Reader) Notes() []source.Note { return r.tally.Notes() }

// Close closes the files that Open opened.
func (r *Reader) Close() error {
	return r.closers.Close()
}

// Next returns the next record that isn't marked as deleted. Row counts
// deleted ones too, so that it stays the number in the file. A shape that
// can't be read leaves the geometry nil and a finding.
func (r *Reader) Next() (source.Record, error) {
	for {
		row, deleted, hasRow, err := r.nextRow()
		if err != nil {
			return source.Record{}, err
		}
		content, shapeErr, hasShape := r.nextShape()
		if !hasRow && !hasShape {
			r.finish()
			return source.Record{}, io.EOF
		}
		r.row++
		r.count(hasRow, hasShape)
		if deleted {
			r.tally.Add(source.Deleted, grids.Text{ZH: ".dbf 中标记为删除的行未读取", EN: "rows marked as deleted in the .dbf are left out"})
			continue
		}
		record := source.Record{Row: r.row}
		if hasRow {
			r.attributes(&record, row)
		} else if r.table != nil && len(r.table.columns) > 0 {
			record.Values = make([]any, len(r.table.columns))
			r.find(&record, ".dbf", "", "", flaw{source.RowTruncated, grids.Text{ZH: ".dbf 中没有这个图形的行", EN: "the .dbf has no row for this shape"}})
		}
		if r.shapes != nil {
			r.geometry(&record, content, shapeErr)
		}
		return record, nil
	}
}

// Progress is how far the .shp and the .dbf have been read, in bytes. It may be
// asked for while another goroutine reads.
func (r *Reader) Progress() (done, total int64) { return min(r.done.Load(), r.size), r.size }

// count keeps the progress, and the rows that stand alone.
func (r *Reader) count(hasRow, hasShape bool) {
	done := int64(0)
	if r.table != nil {
		done += r.table.header + int64(min(r.row, r.table.count))*int64(r.table.rowLength)
	}
	if r.shapes != nil {
		done += r.shapes.at
	}
	r.done.Store(done)
	if r.table != nil && r.shapes != nil && hasRow != hasShape {
		r.without++
	}
}

// finish adds the notes that only the whole file allows.
func (r *Reader) finish() {
	if r.ended {
		return
	}
	r.ended = true
	r.done.Store(r.size)
	told := r.without > 0 && (r.table.announced != r.table.count || r.shapes.broken != nil)
	if r.without > 0 && !told && r.table.count < r.row {
		r.tally.AddMany(source.CountsDiffer, r.without, grids.Textf(".dbf 有 %d 行,图形有 %d 个", "the .dbf has %d rows for %d shapes", r.table.count, r.row))
	} else if r.without > 0 && !told {
		r.tally.AddMany(source.CountsDiffer, r.without, grids.Textf(".shp 有 %d 个图形,.dbf 有 %d 行", "the .shp has %d shapes for %d rows of the .dbf", r.row-r.without, r.row))
	}
	if n, why, better := r.damage.Found(); n > 0 {
		r.tally.Doubt(n, why, better)
	}
}

// nextRow reads the next row of the table, if there is one.
func (r *Reader) nextRow() (row []byte, deleted, ok bool, err error) {
	if r.table == nil || r.rowsEnd {
		return nil, false, false, nil
	}
	row, deleted, err = r.table.next()
	if err == io.EOF {
		r.rowsEnd = true
		return nil, false, false, nil
	}
	if err != nil {
		return nil, false, false, fmt.Errorf("%s.dbf, row %d: %w", r.name, r.row+1, err)
	}
	return row, deleted, true, nil
}

// nextShape reads the next shape, if there is one. With an error, ok says
// whether a shape stands there at all.
func (r *Reader) nextShape() (content []byte, err error, ok bool) {
	if r.shapes == nil {
		return nil, nil, false
	}
	ok = r.shapes.more()
	content, err = r.shapes.next()
	return content, err, ok
}

func (r *Reader) attributes(record *source.Record, row []byte) {
	record.Values = make([]any, len(r.table.columns))
	for i := range r.table.columns {
		c := &r.table.columns[i]
		v, bad := c.value(c.cell(row), r.choice.Encoding)
		record.Values[i] = v
		text, isText := v.(string)
		if bad.kind != "" {
			r.find(record, ".dbf", c.field.Name, text, bad)
		}
		if isText {
			r.damage.Look(text)
		}
	}
}

func (r *Reader) geometry(record *source.Record, content []byte, err error) {
	var s shape
	if err == nil {
		s, err = decode(content)
	}
	if err != nil {
		r.find(record, ".shp", "", "", flaw{source.BadGeometry, source.Because(err)})
		return
	}
	record.Geometry = s.geometry
	r.tally.KeepHeights(record, s.hadZ, s.hadM, s.z, s.m)
	if s.guessedRings {
		r.find(record, ".shp", "", "", flaw{source.OddGeometry, grids.Text{ZH: "环太多,无法判断包含关系,洞按走向归属", EN: "too many rings to find out which lies in which; holes follow their orientation"}})
	}
	if s.geometry == nil {
		return
	}
	if why := source.Flaw(s.geometry); why != (grids.Text{}) {
		r.find(record, ".shp", "", "", flaw{source.OddGeometry, why})
	}
}

func (r *Reader) find(record *source.Record, extension, field, value string, bad flaw) {
	record.Findings = append(record.Findings, &source.RowError{
		Kind: bad.kind, File: r.name + extension, Row: record.Row, Field: field, Value: source.Shorten(value), Why: bad.why,
	})
}

var _ source.Source = (*Reader)(nil)
