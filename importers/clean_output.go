package importers

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/geojson"

	"unigrid/importers/shapefile"
	"unigrid/importers/source"
)

// output is a file of features that is being written.
type output interface {
	EPSG() int // of the geometries that it takes
	Write(g geom.T, values []any) error
	Close() error // may be called twice
}

// createOutput begins a shapefile or GeoJSON file, by the name's ending.
func createOutput(path string, epsg int, fields []source.Field) (output, error) {
	if err := CheckOutputs(path, ""); err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(path), ".shp") {
		w, err := shapefile.Create(path, shapefile.WriterOptions{Kind: shapefile.Polygons, Fields: fields, EPSG: epsg})
		if err != nil {
			return nil, err
		}
		return shapes{w, epsg}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &features{file: file, to: bufio.NewWriter(file), fields: fields}, nil
}

type shapes struct {
	*shapefile.Writer
	epsg int
}

func (s shapes) EPSG() int { return s.epsg }

// features writes GeoJSON (RFC 7946), a feature a line.
type features struct {
	file   *os.File
	to     *bufio.Writer
	fields []source.Field
	rows   int
	closed bool
}

func (f *features) EPSG() int { return 4326 }

func (f *features) Write(g geom.T, values []any) error {
	geometry, err := geojson.Marshal(g, geojson.EncodeGeometryWithMaxDecimalDigits(7))
	if err != nil {
		return err
	}
	properties := make(map[string]any, len(f.fields))
	for i, field := range f.fields {
		properties[field.Name] = values[i]
	}
	encoded, err := json.Marshal(properties)
	if err != nil {
		return err
	}
	separator := ",\n"
	if f.rows == 0 {
		separator = `{"type":"FeatureCollection","features":[` + "\n"
	}
	f.rows++
	_, err = fmt.Fprintf(f.to, `%s{"type":"Feature","properties":%s,"geometry":%s}`, separator, encoded, geometry)
	return err
}

func (f *features) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	if f.rows == 0 {
		f.to.WriteString(`{"type":"FeatureCollection","features":[`)
	}
	f.to.WriteString("\n]}\n")
	return errors.Join(f.to.Flush(), f.file.Close())
}
