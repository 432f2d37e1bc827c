package demo

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"unigrid/geo/crs"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
)

// output is the folder that files go into, and what went there.
type output struct {
	folder   string
	manifest Manifest
}

func (o *output) path(name string) string { return filepath.Join(o.folder, name) }

func (o *output) add(f File) { o.manifest = append(o.manifest, f) }

func (o *output) write(name string, content []byte) error {
	return os.WriteFile(o.path(name), content, 0o644)
}

func csvText(rows [][]string) (string, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.WriteAll(rows)
	return b.String(), err
}

func writeCSV(path string, rows [][]string) error {
	text, err := csvText(rows)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// feature is a GeoJSON feature; properties keep the order of their struct.
type feature struct {
	Type       string   `json:"type"`
	Properties any      `json:"properties"`
	Geometry   geometry `json:"geometry"`
}

type geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

func newFeature(g orb.Geometry, properties any) feature {
	return feature{Type: "Feature", Properties: properties, Geometry: geometry{Type: g.GeoJSONType(), Coordinates: g}}
}

// features writes a GeoJSON file, one feature a line.
func (o *output) features(name string, list []feature) error {
	var b bytes.Buffer
	b.WriteString("{\"type\":\"FeatureCollection\",\"notice\":\"" + Notice + "\",\"features\":[\n")
	for i, f := range list {
		line, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteString(",\n")
		}
		b.Write(line)
	}
	b.WriteString("\n]}\n")
	return o.write(name, b.Bytes())
}

// shape is one record of a shapefile.
type shape struct {
	area   orb.MultiPolygon // EPSG:4326
	values []any
}

// shapes writes polygons as a shapefile in EPSG:4547 with texts in GBK.
// Equal positions stay equal, so that shared borders still fit.
func (o *output) shapes(name string, columns []string, list []shape) error {
	plane, err := crs.NewProjection(EPSG)
	if err != nil {
		return err
	}
	fields := make([]source.Field, len(columns))
	for i, c := range columns {
		fields[i] = source.Field{Name: c, Type: source.Text, Length: 60}
	}
	w, err := shapefile.Create(o.path(name), shapefile.WriterOptions{
		Kind: shapefile.Polygons, Fields: fields, Encoding: "GBK", EPSG: EPSG,
		Updated: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := w.Write(projected(s.area, plane), s.values); err != nil {
			w.Close()
			return err
		}
	}
	return w.Close()
}

func projected(area orb.MultiPolygon, plane crs.Projection) *geom.MultiPolygon {
	var flat []float64
	var endss [][]int
	for _, part := range area {
		var ends []int
		for _, ring := range part {
			for _, p := range ring {
				east, north := plane.Forward(p[0], p[1])
				flat = append(flat, east, north)
			}
			ends = append(ends, len(flat))
		}
		endss = append(endss, ends)
	}
	return geom.NewMultiPolygonFlat(geom.XY, flat, endss)
}
