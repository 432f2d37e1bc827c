package table

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// Reader reads a table. It is a source.Source.
//
// Blanks around values are dropped and empty cells are nil. In CSV every value
// is text; a workbook's values have their own types, and the fields' types are
// those of the first rows.
type Reader struct {
	name, file string
	choice     charset.Choice
	rows       rows
	ahead      []row // read already, to find the heading
	failed     []error
	columns    []columnOf
	position   position
	epsg       int
	how        string
	tally      source.Tally
	closers    source.Closers
}

// OpenCSV reads a file of comma-, semicolon- or tab-separated values.
func OpenCSV(path string, options source.Options) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := NewCSV(filepath.Base(path), file, options)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.closers = append(r.closers, file)
	return r, nil
}

// NewCSV is OpenCSV for anything that can be read twice. The Reader doesn't
// close it.
func NewCSV(file string, input io.ReadSeeker, options source.Options) (*Reader, error) {
	r := &Reader{file: file, name: strings.TrimSuffix(file, filepath.Ext(file))}
	err := func() error {
		choice, skip, err := charset.DecideText(input, options.Encoding)
		if err != nil {
			return err
		}
		r.choice = choice
		if _, err := input.Seek(int64(skip), io.SeekStart); err != nil {
			return err
		}
		if r.rows, err = newCSV(file, choice.Reader(input), choice.Encoding); err != nil {
			return err
		}
		return r.begin(options)
	}()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// OpenXLSX reads the sheet of a workbook that options name, or its first
// visible one.
func OpenXLSX(path string, options source.Options) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r, err := NewXLSX(filepath.Base(path), file, info.Size(), options)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.closers = append(r.closers, file)
	return r, nil
}

// NewXLSX is OpenXLSX for a workbook in memory. The Reader doesn't close input.
func NewXLSX(file string, input io.ReaderAt, size int64, options source.Options) (*Reader, error) {
	r := &Reader{file: file, choice: charset.Choice{Encoding: charset.UTF8(), How: "workbooks are in Unicode"}}
	err := func() error {
		book, err := openWorkbook(input, size)
		if err != nil {
			return err
		}
		sheet, err := book.choose(options.Layer)
		if err != nil {
			return err
		}
		r.name = sheet.name
		for _, other := range book.sheets {
			if other.name != sheet.name && options.Layer == "" {
				r.tally.Add(source.OtherLayers, fmt.Sprintf("sheet %s is not read", other.name))
			}
		}
		rows, err := book.open(file, sheet)
		if err != nil {
			return err
		}
		r.rows = rows
		r.closers = append(r.closers, rows.part)
		return r.begin(options)
	}()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, errors.Join(err, r.Close()))
	}
	return r, nil
}

// begin reads the first rows and finds the heading and the geometry in them.
func (r *Reader) begin(options source.Options) error {
	for len(r.ahead) < window && len(r.failed) < window {
		next, err := r.rows.next()
		var bad *source.RowError
		if errors.As(err, &bad) {
			r.failed = append(r.failed, bad)
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		r.ahead = append(r.ahead, next)
	}
	if len(r.ahead) == 0 {
		return errors.New("there is no row in it")
	}
	h := findHeading(r.ahead)
	for range h.first {
		r.tally.Add(source.HeadingSkipped, "rows above the heading are not read")
	}
	r.columns = nameColumns(r.ahead, h, &r.tally)
	r.ahead = r.ahead[h.first+h.rows:]
	for i := range r.columns {
		r.columns[i].field.Type = typeOf(r.ahead, r.columns[i].index)
	}
	r.position = locate(r.columns)
	r.decideCRS(options.EPSG)
	return nil
}

// decideCRS looks at the headings and at the first rows' coordinates.
func (r *Reader) decideCRS(user int) {
	p := &r.position
	inDegrees, srid, found := r.sample()
	switch {
	case p.wkt >= 0 && srid != 0:
		r.epsg, r.how = srid, fmt.Sprintf("SRID in column %s", r.columns[p.wkt].field.Name)
	case p.east < 0 && p.wkt < 0:
		r.how = "no column is headed as a coordinate"
	case !found:
		r.how = "the first rows have no coordinates"
		p.degrees = p.east >= 0 && !p.axes
		if p.degrees {
			r.epsg, r.how = 4326, r.byHeading()
		}
	case inDegrees:
		r.epsg, r.how = 4326, r.byHeading()
		p.degrees = true
	default:
		r.how = "the coordinates are not degrees, and nothing says what they are"
	}
	if user != 0 {
		r.epsg, r.how = user, source.ByUser
		p.degrees = p.degrees && (user == 4326 || user == 4490)
	}
}

func (r *Reader) byHeading() string {
	p := r.position
	if p.wkt >= 0 {
		return fmt.Sprintf("column %s holds degrees, taken for WGS 84", r.columns[p.wkt].field.Name)
	}
	return fmt.Sprintf("columns %s and %s hold degrees, taken for WGS 84", r.columns[p.east].field.Name, r.columns[p.north].field.Name)
}

// sample says whether most of the first rows' coordinates are degrees, and
// which SRID their WKT names.
func (r *Reader) sample() (inDegrees bool, srid int, found bool) {
	fits, misses := 0, 0
	for _, next := range r.ahead {
		g, code, bad := r.locateIn(next, false)
		if bad != nil || g == nil {
			continue
		}
		if srid == 0 {
			srid = code
		}
		// Exchanged longitudes and latitudes count as degrees; each row says so.
		if b := g.Bounds(); b.Min(0) >= -180 && b.Max(0) <= 180 && b.Min(1) >= -180 && b.Max(1) <= 180 {
			fits++
		} else {
			misses++
		}
	}
	return fits > misses, srid, fits+misses > 0
}

// Name is the sheet's name, or the file's without its extension.
func (r *Reader) Name() string { return r.name }

// Fields are the columns that have a heading.
func (r *Reader) Fields() []source.Field {
	fields := make([]source.Field, 0, len(r.columns))
	for i, c := range r.columns {
		if i != r.position.wkt {
			fields = append(fields, c.field)
		}
	}
	return fields
}

// CRS is what the headings and first coordinates suggest, or the user's word.
func (r *Reader) CRS() (epsg int, how string) { return r.epsg, r.how }

// Encoding is how the text was decoded.
func (r *Reader) Encoding() (name, how string) { return r.choice.Name(), r.choice.How }

// Notes are remarks about the table.
func (r *Reader) Notes() []source.Note { return r.tally.Notes() }

// Close closes the files that the Reader opened.
func (r *Reader) Close() error {
	return r.closers.Close()
}

var _ source.Source = (*Reader)(nil)
