package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"unigrid/grids"
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
	later      error // that stands behind the rows read ahead
	columns    []columnOf
	body       *body
	from1904   bool
	ragged     bool // CSV: a row longer than the heading is a finding
	meter      *progress
	dates      int // numbers read as days
	damage     charset.Damage
	finished   bool
	position   position
	epsg       int
	how        grids.Text
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
		if err := r.doubt(input, int64(skip)); err != nil {
			return err
		}
		if err := r.measure(input, int64(skip)); err != nil {
			return err
		}
		if r.rows, err = newCSV(file, choice.Reader(r.meter), choice.Encoding); err != nil {
			return err
		}
		r.ragged = true
		return r.begin(options)
	}()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// doubt looks at the beginning of the text for signs that the encoding is wrong.
func (r *Reader) doubt(input io.ReadSeeker, skip int64) error {
	if strings.HasPrefix(r.choice.Name(), "UTF-16") {
		return nil
	}
	if _, err := input.Seek(skip, io.SeekStart); err != nil {
		return err
	}
	const sampled = 4 << 20
	head, err := io.ReadAll(io.LimitReader(input, sampled))
	if err != nil {
		return err
	}
	if len(head) == sampled {
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	var s charset.Sample
	s.Lines(head)
	if d, ok := s.Doubt(r.choice.Encoding); ok {
		r.tally.Doubt(d.Values, source.WrongEncoding(r.choice.Name(), r.choice.How, d.Why), d.Better)
	}
	return nil
}

// OpenXLSX reads the sheet of a workbook that options name, or its first
// visible one that isn't empty.
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
	r := &Reader{file: file, choice: charset.Choice{Encoding: charset.UTF8(), How: grids.Text{ZH: "工作簿用 Unicode", EN: "workbooks are in Unicode"}}}
	err := func() error {
		book, err := openWorkbook(input, size)
		if err != nil {
			return err
		}
		sheet, err := book.choose(options.Layer)
		if err != nil {
			return err
		}
		r.name, r.from1904 = sheet.name, book.from1904
		if options.Layer == "" {
			book.noteOthers(sheet.name, &r.tally)
		}
		rows, err := book.open(file, sheet)
		if err != nil {
			return err
		}
		r.rows = rows
		r.closers = append(r.closers, rows.part)
		r.meter = rows.progress
		r.meter.scale(size)
		return r.begin(options)
	}()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, errors.Join(err, r.Close()))
	}
	return r, nil
}

// begin reads the first rows and finds the heading and the geometry in them.
func (r *Reader) begin(options source.Options) error {
	for len(r.ahead) < window && len(r.failed) < window && r.later == nil {
		r.readAhead()
	}
	if r.later != nil && r.later != io.EOF {
		return r.later
	}
	if len(r.ahead) == 0 {
		return source.Fault("其中没有记录", "there is no row in it")
	}
	merged := r.rows.merged()
	h := findHeading(r.ahead, merged)
	for range h.first {
		r.tally.Add(source.HeadingSkipped, grids.Text{ZH: "表头以上的行未读取", EN: "rows above the heading are not read"})
	}
	r.columns = nameColumns(r.ahead, h, merged, &r.tally)
	r.body = newBody(r.ahead, h, merged, r.columns)
	r.ahead = r.ahead[h.first+h.rows:]
	if len(r.ahead) > 0 && r.ahead[0].isNumbering() {
		r.body.last = r.ahead[0].number
		r.ahead = r.ahead[1:]
		r.tally.Add(source.HeadingSkipped, grids.Text{ZH: "给列编号的行未读取", EN: "the row that numbers the columns is not read"})
	}
	r.findDates()
	for i := range r.columns {
		r.columns[i].field.Type = typeOf(r.ahead, r.columns[i].index)
	}
	r.ragged = r.ragged && r.mostFit()
	r.position = locate(r.columns)
	r.position.options = options
	r.decideCRS(options.EPSG)
	return nil
}

// readAhead reads one more row, or what stands in its place.
func (r *Reader) readAhead() {
	next, err := r.rows.next()
	var bad *source.RowError
	switch {
	case errors.As(err, &bad):
		r.failed = append(r.failed, bad)
	case err != nil:
		r.later = err
	default:
		r.ahead = append(r.ahead, next)
	}
}

// mostFit says whether most of the first rows are no longer than the heading.
func (r *Reader) mostFit() bool {
	longer := 0
	for _, next := range r.ahead {
		if len(r.columns) > 0 && next.width() > r.columns[len(r.columns)-1].index+1 {
			longer++
		}
	}
	return longer*2 <= len(r.ahead)
}

// decideCRS looks at the headings and at the first rows' coordinates.
func (r *Reader) decideCRS(user int) {
	p := &r.position
	inDegrees, srid, found := r.sample()
	switch {
	case p.wkt >= 0 && srid != 0:
		r.epsg, r.how = srid, grids.Textf("列 %s 中的 SRID", "SRID in column %s", r.columns[p.wkt].field.Name)
	case p.east < 0 && p.wkt < 0:
		r.how = grids.Text{ZH: "没有坐标列", EN: "no column is headed as a coordinate"}
	case !found:
		r.how = grids.Text{ZH: "前面的行没有坐标", EN: "the first rows have no coordinates"}
		p.degrees = p.east >= 0 && !p.axes
		if p.degrees {
			r.epsg, r.how = 4326, r.byHeading()
		}
	case inDegrees:
		r.epsg, r.how = 4326, r.byHeading()
		p.degrees = true
	default:
		r.how = grids.Text{ZH: "坐标不是经纬度,也没有说明是什么坐标系", EN: "the coordinates are not degrees, and nothing says what they are"}
	}
	if user != 0 {
		r.epsg, r.how = user, source.ByUser
		p.degrees = p.degrees && (user == 4326 || user == 4490)
	}
}

func (r *Reader) byHeading() grids.Text {
	p := r.position
	if p.wkt >= 0 {
		return grids.Textf("列 %s 为经纬度,按 WGS 84 处理", "column %s holds degrees, taken for WGS 84", r.columns[p.wkt].field.Name)
	}
	return grids.Textf("列 %s 和 %s 为经纬度,按 WGS 84 处理", "columns %s and %s hold degrees, taken for WGS 84", r.columns[p.east].field.Name, r.columns[p.north].field.Name)
}

// sample says whether most of the first rows' coordinates are degrees, and
// which SRID their WKT names.
func (r *Reader) sample() (inDegrees bool, srid int, found bool) {
	fits, misses := 0, 0
	for _, next := range r.ahead {
		l, bad := r.locateIn(next, false)
		g, code := l.geometry, l.srid
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
func (r *Reader) CRS() (epsg int, how grids.Text) { return r.epsg, r.how }

// Encoding is how the text was decoded.
func (r *Reader) Encoding() (name string, how grids.Text) { return r.choice.Name(), r.choice.How }

// Progress is how far the file has been read, in bytes.
func (r *Reader) Progress() (done, total int64) { return r.meter.state() }

// Notes are remarks about the table.
func (r *Reader) Notes() []source.Note { return r.tally.Notes() }

// Close closes the files that the Reader opened.
func (r *Reader) Close() error {
	return r.closers.Close()
}

var _ source.Source = (*Reader)(nil)
