package geojson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/geojson"

	"unigrid/importers/source"
)

// WriterOptions say what a new GeoJSON document is to be.
type WriterOptions struct {
	Fields []source.Field
	// Digits are the decimals of coordinates; 0: as many as they have.
	Digits int
	// Members stand in the document before its features, as one JSON object.
	Members json.RawMessage
}

// Writer writes a FeatureCollection (RFC 7946), a feature a line. Close must be
// called to complete it.
type Writer struct {
	to     *bufio.Writer
	keys   [][]byte // encoded, with the colon
	digits []geojson.EncodeGeometryOption
	rows   int
	line   bytes.Buffer
}

// NewWriter begins a document. Coordinates are to be longitude and latitude,
// EPSG:4326.
func NewWriter(to io.Writer, o WriterOptions) (*Writer, error) {
	w := &Writer{to: bufio.NewWriterSize(to, 64<<10)}
	if o.Digits > 0 {
		w.digits = append(w.digits, geojson.EncodeGeometryWithMaxDecimalDigits(o.Digits))
	}
	for _, f := range o.Fields {
		key, err := plainJSON(f.Name)
		if err != nil {
			return nil, err
		}
		w.keys = append(w.keys, append(key, ':'))
	}
	head := `{"type":"FeatureCollection"`
	if members := bytes.TrimSpace(o.Members); len(members) > 2 {
		head += "," + string(members[1:len(members)-1])
	}
	_, err := w.to.WriteString(head + `,"features":[`)
	return w, err
}

// Write appends a feature. The values are aligned with the fields; a
// json.RawMessage is written as it is, a nil geometry as null.
func (w *Writer) Write(g geom.T, values []any) error {
	if len(values) != len(w.keys) {
		return fmt.Errorf("geojson: %d values for %d fields", len(values), len(w.keys))
	}
	w.line.Reset()
	if w.rows++; w.rows > 1 {
		w.line.WriteByte(',')
	}
	w.line.WriteString("\n" + `{"type":"Feature","properties":{`)
	for i, value := range values {
		if i > 0 {
			w.line.WriteByte(',')
		}
		w.line.Write(w.keys[i])
		encoded, err := plainJSON(value)
		if err != nil {
			return fmt.Errorf("geojson: row %d: %w", w.rows, err)
		}
		w.line.Write(encoded)
	}
	shape := []byte("null")
	if g != nil {
		var err error
		if shape, err = geojson.Marshal(g, w.digits...); err != nil {
			return fmt.Errorf("geojson: row %d: %w", w.rows, err)
		}
	}
	w.line.WriteString(`},"geometry":`)
	w.line.Write(shape)
	w.line.WriteByte('}')
	_, err := w.to.Write(w.line.Bytes())
	return err
}

// Close completes the document; the file stays open.
func (w *Writer) Close() error {
	w.to.WriteString("\n]}\n")
	return w.to.Flush()
}

// plainJSON encodes a value without escaping what only HTML minds.
func plainJSON(value any) ([]byte, error) {
	if raw, is := value.(json.RawMessage); is {
		return raw, nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
