package database

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
)

// srid of authoritative geometry: WGS 84 longitude, latitude.
const srid = 4326

// Geometry encodes g (EPSG:4326) as a query argument or COPY value.
func Geometry(g orb.Geometry) ([]byte, error) {
	return ewkb.Marshal(g, srid)
}

// MultiPolygon decodes a geometry column that holds one.
func MultiPolygon(column []byte) (orb.MultiPolygon, error) {
	g, _, err := ewkb.Unmarshal(column)
	if err != nil {
		return nil, fmt.Errorf("geometry from the database: %w", err)
	}
	switch g := g.(type) {
	case orb.MultiPolygon:
		return g, nil
	case orb.Polygon:
		return orb.MultiPolygon{g}, nil
	default:
		return nil, fmt.Errorf("geometry from the database is a %s, not a MultiPolygon", g.GeoJSONType())
	}
}
