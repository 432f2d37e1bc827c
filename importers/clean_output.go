package importers

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/twpayne/go-geom"

	"unigrid/importers/geojson"
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
	w, err := geojson.NewWriter(file, geojson.WriterOptions{Fields: fields, Digits: 7})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &features{w, file}, nil
}

type shapes struct {
	*shapefile.Writer
	epsg int
}

func (s shapes) EPSG() int { return s.epsg }

// features is a GeoJSON file.
type features struct {
	*geojson.Writer
	file *os.File
}

func (f *features) EPSG() int { return 4326 }

func (f *features) Close() error {
	if f.file == nil {
		return nil
	}
	err := errors.Join(f.Writer.Close(), f.file.Close())
	f.file = nil
	return err
}
