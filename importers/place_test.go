package importers

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

// place is a territory of one cell, a tilted quadrangle about half a degree
// wide around lon and lat, and staged points in it.
type place struct {
	territory cells.Territory
	batch     int64
}

// inPlace runs fn in a transaction that is rolled back, so that many places
// share a database.
func inPlace(t testing.TB, db *database.DB, lon, lat float64, epsg int, fn func(tx pgx.Tx, p place) error) {
	t.Helper()
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		p := place{batch: 1}
		var err error
		if p.territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "示例市", EPSG: epsg, Scheme: grids.GB12}); err != nil {
			return err
		}
		if lon != 0 {
			if err := p.draw(t, tx, tilted(lon, lat, 0.25)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO staging.batch (territory_id, id, target, file, epsg, encoding, created_by) VALUES ($1, 1, 'enterprises', 'test', 0, '', 'test')`, p.territory.ID); err != nil {
			return err
		}
		if err := fn(tx, p); err != nil {
			return err
		}
		return errDryRun
	})
	if err != errDryRun {
		t.Fatal(err)
	}
}

// draw makes a cell of the shape.
func (p *place) draw(t testing.TB, tx pgx.Tx, wkt string) error {
	_, err := tx.Exec(t.Context(), `
		WITH edition AS (
		  INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 1, 'draft', 'test')
		), cell AS (INSERT INTO cells.cell (territory_id) VALUES ($1) RETURNING id), shape AS (
		  SELECT ST_Multi(ST_GeomFromText($4, 4326)) AS geom)
		INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, geom, area_m2, label, provenance)
		SELECT $1, cell.id, 1, $2, $3, 1, geom, 1000000, ST_PointOnSurface(geom), 'demo' FROM cell, shape`,
		p.territory.ID, string(p.territory.Code), p.territory.Name, wkt)
	return err
}

// tilted is a quadrangle with the given half width in degrees.
func tilted(lon, lat, half float64) string {
	return fmt.Sprintf("POLYGON((%[1]f %[2]f, %[3]f %[4]f, %[5]f %[6]f, %[7]f %[8]f, %[1]f %[2]f))",
		lon-half, lat-half*0.9, lon+half*0.95, lat-half, lon+half, lat+half*0.93, lon-half*0.97, lat+half)
}

// scatter stages n points about the middle in a system, without its number.
func (p place) scatter(t testing.TB, tx pgx.Tx, lon, lat, half float64, n, epsg int) error {
	_, err := tx.Exec(t.Context(), `
		INSERT INTO staging.row (territory_id, batch, row, attributes, geom)
		SELECT $1, $2, i, '{}', ST_SetSRID(ST_Transform(ST_SetSRID(ST_MakePoint($3 + $5 * (2 * ((i * 0.6180339887) % 1) - 1), $4 + $5 * (2 * ((i * 0.7548776662) % 1) - 1)), 4326), $7::int), 0)
		FROM generate_series(1, $6) AS i`, p.territory.ID, p.batch, lon, lat, half, n, epsg)
	return err
}
