package importers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers/source"
)

// mostFindings is how many findings on single rows reading keeps besides
// errors; of more only the number is told.
const mostFindings = 100_000

// stagedRows is a source on its way into staging. It counts what the preview
// shows.
type stagedRows struct {
	territory cells.Territory
	batch     int64
	file      source.Source
	meter     *meter
	fields    []source.Field
	keys      [][]byte // the fields' names as JSON, with the colon
	epsg      int
	record    source.Record
	err       error

	rows, staged int // that the file has; that could be read
	warnings     int
	findings     []grids.Finding
	columns      []Column       // names and types
	surveys      []*survey      // what they hold
	shapes       map[string]int // rows by kind of geometry
	bounds       *geom.Bounds
	placed       bool // a point's coordinates stand in the columns, too
	values       []byte
	size         int // bytes of the row last given
}

func newStagedRows(t cells.Territory, batch int64, file source.Source, m *meter) (*stagedRows, error) {
	s := &stagedRows{territory: t, batch: batch, file: file, meter: m, fields: file.Fields(), shapes: map[string]int{}, bounds: geom.NewBounds(geom.XY)}
	s.epsg, _ = file.CRS()
	for _, f := range s.fields {
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, append(name, ':'))
		s.columns = append(s.columns, Column{Name: f.Name, Type: f.Type.String(), Samples: []string{}})
		s.surveys = append(s.surveys, newSurvey(f.Name, t.Scheme))
	}
	return s, nil
}

// Next reads on to the next row that can be read.
func (s *stagedRows) Next() bool {
	for {
		record, err := s.file.Next()
		var unread *source.RowError
		switch {
		case errors.Is(err, io.EOF):
			return false
		case errors.As(err, &unread):
			s.rows++
			s.found(grids.SeverityError, unread)
			continue
		case err != nil:
			s.err = err
			return false
		}
		s.rows++
		s.staged++
		s.meter.read(s.file)
		for _, f := range record.Findings {
			s.found(grids.SeverityWarning, f)
		}
		s.record = record
		return true
	}
}

func (s *stagedRows) found(severity grids.Severity, e *source.RowError) {
	if severity != grids.SeverityError {
		if s.warnings++; s.warnings > mostFindings {
			return
		}
	}
	s.findings = append(s.findings, grids.Finding{Check: "import", Kind: string(e.Kind), Severity: severity,
		Row: e.Row, Field: e.Field, Value: e.Value}.Say(e.Why))
}

// Values gives the row as COPY takes it, for good.
func (s *stagedRows) Values() ([]any, error) {
	s.values = append(s.values[:0], '{')
	for i, value := range s.record.Values[:min(len(s.record.Values), len(s.fields))] {
		text := plainText(value)
		s.surveys[i].add(text, s.territory.Scheme)
		if i > 0 {
			s.values = append(s.values, ',')
		}
		s.values = appendText(append(s.values, s.keys[i]...), text)
	}
	s.values = append(s.values, '}')
	var shape []byte
	g := source.Mend(s.record.Geometry)
	s.count(g)
	if g != nil {
		var err error
		if shape, err = encode(g, s.epsg); err != nil {
			return nil, fmt.Errorf("row %d: %w", s.record.Row, err)
		}
	}
	s.size = len(s.values) + len(shape)
	return []any{s.territory.ID, s.batch, s.record.Row, slices.Clone(s.values), shape}, nil
}

// count keeps what geometries there are and where.
func (s *stagedRows) count(g geom.T) {
	switch g := g.(type) {
	case nil:
		return
	case *geom.Point:
		if s.shapes["point"] == 0 {
			s.placed = s.stands(g)
		}
		s.shapes["point"]++
	case *geom.MultiPoint:
		s.shapes["point"]++
	case *geom.LineString, *geom.MultiLineString:
		s.shapes["line"]++
	case *geom.Polygon, *geom.MultiPolygon:
		s.shapes["polygon"]++
	default:
		s.shapes["mixed"]++
	}
	s.extend(g)
}

// extend widens the bounds by a geometry; those of a collection one by one.
func (s *stagedRows) extend(g geom.T) {
	if c, ok := g.(*geom.GeometryCollection); ok {
		for _, each := range c.Geoms() {
			s.extend(each)
		}
		return
	}
	s.bounds.Extend(g)
}

// stands tells whether a point's first coordinate is one of the row's values.
func (s *stagedRows) stands(p *geom.Point) bool {
	for _, value := range s.record.Values {
		x, err := strconv.ParseFloat(plainText(value), 64)
		if err == nil && math.Abs(x-p.X()) < 1e-9*max(1, math.Abs(x)) {
			return true
		}
	}
	return false
}

// geometry says what the file's geometries are.
func (s *stagedRows) geometry() string {
	switch len(s.shapes) {
	case 0:
		return "none"
	case 1:
		for kind := range s.shapes {
			return kind
		}
	}
	return "mixed"
}

// encode gives EWKB. A geometry of unknown CRS is staged without one and is
// refused once all rows are read.
func encode(g geom.T, epsg int) ([]byte, error) {
	g, err := geom.SetSRID(g, epsg)
	if err != nil {
		return nil, err
	}
	return ewkb.Marshal(g, ewkb.NDR)
}

// plainText gives a value as people write it, "" for none. PostgreSQL has no
// NUL in text.
func plainText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(strings.ReplaceAll(v, "\x00", ""))
	case time.Time:
		return v.Format(time.RFC3339)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10)
		}
	}
	return fmt.Sprint(value)
}

// appendText appends text as a JSON string.
func appendText(to []byte, text string) []byte {
	to = append(to, '"')
	begin := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && size == 1 {
				to = append(append(to, text[begin:i]...), "\uFFFD"...)
				begin = i + 1
			}
			i += size
			continue
		}
		if c == '"' || c == '\\' || c < ' ' {
			to = append(to, text[begin:i]...)
			to = fmt.Appendf(to, `\u%04x`, c)
			begin = i + 1
		}
		i++
	}
	return append(append(to, text[begin:]...), '"')
}
