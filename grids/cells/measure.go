package cells

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/crs"
	"unigrid/grids/database"
)

// planeAreas measures shapes in the plane of an EPSG code, in square metres; nil
// where this program doesn't know the projection.
func planeAreas(epsg int, shapes []orb.MultiPolygon) []float64 {
	projection, err := crs.NewProjection(epsg)
	if err != nil {
		return nil
	}
	return geo.Areas(shapes, projection.Nearby)
}

// databaseAreas measures shapes by PostGIS.
func databaseAreas(ctx context.Context, tx pgx.Tx, epsg int, shapes []orb.MultiPolygon) ([]float64, error) {
	encoded := make([][]byte, len(shapes))
	for i, shape := range shapes {
		var err error
		if encoded[i], err = database.Geometry(shape); err != nil {
			return nil, err
		}
	}
	rows, err := tx.Query(ctx, `
		SELECT ST_Area(ST_Transform(ST_GeomFromEWKB(g), $2::int)) FROM unnest($1::bytea[]) WITH ORDINALITY AS s (g, n) ORDER BY n`, encoded, epsg)
	if err != nil {
		return nil, err
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[float64])
	if err != nil {
		return nil, fmt.Errorf("measuring cells: %w", err)
	}
	return out, nil
}
