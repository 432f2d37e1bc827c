// Package geojson reads GeoJSON as feature collections, single features or
// newline-delimited features, one feature at a time.
//
// A first pass over the file finds the names and types of all properties, so
// that one which appears only in later features isn't lost; the second hands
// out the records.
package geojson

import (
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

const (
	largestFeature = 128 << 20
	mostFields     = 4096
)

// Reader reads a GeoJSON file. It is a source.Source.
type Reader struct {
	name, file string
	input      io.ReadSeeker
	choice     charset.Choice
	skip       int64 // byte order mark
	size       int64
	counter    *counter // of the bytes read
	features   walker
	fields     []source.Field
	place      map[string]int
	idField    int // where a feature's own id goes, or -1
	epsg       int
	how        grids.Text
	degrees    bool // coordinates should be degrees
	options    source.Options
	tally      source.Tally
	closer     io.Closer
}

// walker hands out the features of a file in order.
type walker interface {
	// next returns the next feature and its row. A *source.RowError costs
	// only that feature.
	next() (feature, int, error)
	// crs is the content of the last crs member met so far.
	crs() []byte
}

// Open reads the file's features once for their fields.
func Open(path string, options source.Options) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := New(filepath.Base(path), file, options)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.closer = file
	return r, nil
}

// New is Open for anything that can be read twice. The Reader doesn't close it.
func New(file string, input io.ReadSeeker, options source.Options) (*Reader, error) {
	r := &Reader{
		name: strings.TrimSuffix(file, filepath.Ext(file)), file: file, input: input,
		place: map[string]int{}, idField: -1, options: options,
	}
	if err := r.prepare(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

func (r *Reader) prepare() error {
	choice, skip, err := charset.DecideText(r.input, r.options.Encoding)
	if err != nil {
		return err
	}
	r.choice, r.skip = choice, int64(skip)
	if r.size, err = r.input.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	if err := r.rewind(); err != nil {
		return err
	}
	survey, err := r.survey()
	if err != nil {
		return err
	}
	r.decideCRS(r.options.EPSG, survey)
	return r.rewind()
}

// rewind begins again with the first feature.
func (r *Reader) rewind() error {
	if _, err := r.input.Seek(r.skip, io.SeekStart); err != nil {
		return err
	}
	r.counter = &counter{from: r.input, read: r.skip}
	text := r.choice.Reader(r.counter)
	var err error
	r.features, err = newWalker(r.file, text, largestFeature)
	return err
}

// survey is what the first pass learns besides the fields.
type survey struct {
	features  int
	crs       []byte
	offDegree string // a coordinate that can't be a degree
}

// survey reads every feature for its properties, and the first few for their
// coordinates.
func (r *Reader) survey() (survey, error) {
	const sample = 100
	var s survey
	hasID := false
	for {
		f, _, err := r.features.next()
		var bad *source.RowError
		switch {
		case err == io.EOF:
			s.crs = r.features.crs()
			if hasID {
				r.addID()
			}
			return s, nil
		case errors.As(err, &bad):
			continue // told in the second pass
		case err != nil:
			return s, err
		}
		s.features++
		hasID = hasID || f.id != nil
		for _, p := range f.properties {
			if err := r.learn(p); err != nil {
				return s, err
			}
		}
		if s.features <= sample && s.offDegree == "" {
			if g, err := decodeGeometry(f.geometry, 0); err == nil {
				s.offDegree = r.options.NotDegrees(g.geometry)
			}
		}
	}
}

// learn adds a property to the fields or widens its type.
func (r *Reader) learn(p property) error {
	t, known := typeOf(p.value)
	i, seen := r.place[p.name]
	if !seen {
		if len(r.fields) >= mostFields {
			return source.Fault("属性种类超过 %d 个", "more than %d different properties", mostFields)
		}
		i = len(r.fields)
		r.place[p.name] = i
		r.fields = append(r.fields, source.Field{Name: p.name, Type: unset})
	}
	if known {
		r.fields[i].Type = widen(r.fields[i].Type, t)
	}
	return nil
}

// unset is the type of a field that has only been null so far.
const unset source.Type = -1

func widen(a, b source.Type) source.Type {
	switch {
	case a == unset || a == b:
		return b
	case a == source.Integer && b == source.Float, a == source.Float && b == source.Integer:
		return source.Float
	}
	return source.Mixed
}

func typeOf(v any) (source.Type, bool) {
	switch v.(type) {
	case string:
		return source.Text, true
	case int64:
		return source.Integer, true
	case float64:
		return source.Float, true
	case bool:
		return source.Boolean, true
	}
	return unset, false
}

// addID gives the features' own ids a field, unless it would take a property's name.
func (r *Reader) addID() {
	name := "id"
	for _, taken := r.place[name]; taken; _, taken = r.place[name] {
		name = "feature_" + name
	}
	r.idField = len(r.fields)
	r.fields = append(r.fields, source.Field{Name: name, Type: source.Text})
}

func (r *Reader) decideCRS(user int, s survey) {
	for i := range r.fields {
		if r.fields[i].Type == unset {
			r.fields[i].Type = source.Text
		}
	}
	switch code, named := legacyCRS(s.crs); {
	case user != 0:
		r.epsg, r.how = user, source.ByUser
	case code != 0:
		r.epsg, r.how = code, grids.Textf("crs 成员为 %q", "crs member %q", named)
	case named != "":
		r.epsg, r.how = 0, grids.Textf("不认识 crs 成员 %q", "crs member %q is not known", named)
	case s.offDegree != "":
		r.epsg, r.how = 0, grids.Textf("没有 crs 成员,而 %s 不是经纬度", "there is no crs member, and %s is not in degrees", s.offDegree)
	default:
		r.epsg, r.how = 4326, grids.Text{ZH: "GeoJSON 没有 crs 成员即为 WGS 84", EN: "GeoJSON without a crs member is in WGS 84"}
	}
	r.degrees = r.epsg == 4326
}

// Name is the file name without its extension.
func (r *Reader) Name() string { return r.name }

// Fields are the properties of all features, in the order of their first
// appearance; then the features' own ids, if there are any.
func (r *Reader) Fields() []source.Field { return append([]source.Field(nil), r.fields...) }

// CRS is 4326 unless a crs member or the user says otherwise.
func (r *Reader) CRS() (epsg int, how grids.Text) { return r.epsg, r.how }

// Encoding should be UTF-8, but files in GBK occur.
func (r *Reader) Encoding() (name string, how grids.Text) { return r.choice.Name(), r.choice.How }

// Notes are remarks about the file.
func (r *Reader) Notes() []source.Note { return r.tally.Notes() }

// Progress is how many bytes of the file are read, once the fields are known.
func (r *Reader) Progress() (done, total int64) { return r.counter.read, r.size }

// counter counts what is read through it.
type counter struct {
	from io.Reader
	read int64
}

// Read passes on what from has.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += int64(n)
	return n, err
}

// Close closes the file that Open opened.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	err := r.closer.Close()
	r.closer = nil
	return err
}

// Next returns the next feature. Objects and arrays among the properties are
// kept as JSON text. Row is the feature's place in the file, or its line where
// features are newline-delimited.
func (r *Reader) Next() (source.Record, error) {
	f, row, err := r.features.next()
	if err != nil {
		return source.Record{}, err
	}
	record := source.Record{Row: row, Values: make([]any, len(r.fields))}
	find := func(kind source.Kind, field, value string, why grids.Text) {
		record.Findings = append(record.Findings, &source.RowError{
			Kind: kind, File: r.file, Row: row, Field: field, Value: source.Shorten(value), Why: why,
		})
	}
	for _, p := range f.properties {
		i, known := r.place[p.name]
		if !known {
			continue // only if the file changed between the passes
		}
		v := p.value
		if n, ok := v.(int64); ok && r.fields[i].Type == source.Float {
			v = float64(n)
		}
		record.Values[i] = v
		if text, ok := v.(string); ok && strings.ContainsRune(text, '\uFFFD') {
			find(source.Undecodable, p.name, text, source.NotIn(r.choice.Name()))
		}
	}
	if r.idField >= 0 && f.id != nil {
		record.Values[r.idField] = fmt.Sprint(f.id)
	}
	g, err := decodeGeometry(f.geometry, 0)
	if err != nil {
		find(source.BadGeometry, "", "", source.Because(err))
		return record, nil
	}
	record.Geometry = g.geometry
	r.tally.KeepHeights(&record, g.hadZ, g.hadM, g.z, g.m)
	if why := source.Flaw(g.geometry); why != (grids.Text{}) {
		find(source.OddGeometry, "", "", why)
	}
	if why := r.options.NotDegrees(g.geometry); r.degrees && why != "" {
		find(source.OddGeometry, "", why, grids.Text{ZH: "坐标不是经纬度", EN: "a coordinate is not in degrees"})
	}
	return record, nil
}

var _ source.Source = (*Reader)(nil)
