package ogr

import (
	"github.com/twpayne/go-geom"

	"unigrid/importers/geopackage"
	"unigrid/importers/source"
)

// outlines makes polygons of a drawing's closed lines, which is what areas are
// there.
type outlines struct{ *geopackage.Reader }

// Next returns the next entity.
func (o outlines) Next() (source.Record, error) {
	record, err := o.Reader.Next()
	if line, ok := record.Geometry.(*geom.LineString); ok && closed(line.FlatCoords()) {
		record.Geometry = geom.NewPolygonFlat(geom.XY, line.FlatCoords(), []int{len(line.FlatCoords())})
	}
	return record, err
}

func closed(coords []float64) bool {
	n := len(coords)
	return n >= 8 && coords[0] == coords[n-2] && coords[1] == coords[n-1]
}
