package export

import (
	"encoding/json"
	"errors"
	"os"

	"unigrid/importers/geojson"
)

// geoJSONFile is a GeoJSON file.
type geoJSONFile struct {
	*geojson.Writer
	file *os.File
}

// Close completes and closes it.
func (g geoJSONFile) Close() error { return errors.Join(g.Writer.Close(), g.file.Close()) }

func (f *file) beginGeoJSON() (writer, error) {
	members, err := json.Marshal(map[string]any{
		"name": f.def.ID, "title": f.title(f.territory), "at": f.at.UTC(), "edition": f.query.Scope.Last, "disclaimer": f.marks(),
	})
	if err != nil {
		return nil, err
	}
	out, err := f.create(".geojson")
	if err != nil {
		return nil, err
	}
	w, err := geojson.NewWriter(out, geojson.WriterOptions{Fields: f.fields(), Members: members})
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return geoJSONFile{w, out}, nil
}
