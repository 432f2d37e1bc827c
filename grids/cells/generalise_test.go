package cells_test

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// jagged moves every vertex by up to 12 m, the same way wherever it stands.
func jagged(shape orb.MultiPolygon) orb.MultiPolygon {
	moved := shape.Clone()
	for _, polygon := range moved {
		for _, ring := range polygon {
			for i, p := range ring {
				h := fnv.New64a()
				_ = binary.Write(h, binary.LittleEndian, [2]float64{math.Round(p[0] * 1e7), math.Round(p[1] * 1e7)})
				sum := h.Sum64()
				for k := range 2 {
					ring[i][k] = (math.Round(p[k]*1e7) + float64(sum>>(16*k)%2000) - 1000) / 1e7
				}
			}
		}
	}
	return moved
}

// TestGeneralise: what the public sees is an exact partition at every tier, on
// the lattice, within the precision, and simpler.
func TestGeneralise(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := cellstest.New(t, db, "4302", 3, 3)
	in := cells.Territory{ID: w.Territory, Code: w.Root(), EPSG: 4547, Scheme: grids.GB12}
	const metres = 50
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE cells.version SET geom = ST_SnapToGrid(ST_Segmentize(geom, 0.00032), 1e-7) WHERE territory_id = $1 AND tier = 3`, in.ID); err != nil {
			return err
		}
		list, err := cells.OfTier(t.Context(), tx, in, 1, 3)
		if err != nil {
			return err
		}
		for _, cell := range list {
			geom, err := database.Geometry(jagged(cell.Geom))
			if err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `UPDATE cells.version SET geom = ST_GeomFromEWKB($2) WHERE territory_id = $1 AND cell_id = $3`, in.ID, geom, cell.ID); err != nil {
				return err
			}
		}
		return cells.Generalise(t.Context(), tx, in, 1, metres)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		for name, sql := range map[string]string{
			"cells that are missing":   `SELECT v.code FROM cells.of($1, 1) v WHERE NOT EXISTS (SELECT FROM cells.generalised g WHERE g.territory_id = $1 AND g.edition = 1 AND g.cell_id = v.cell_id)`,
			"cells that are not valid": `SELECT code FROM shown WHERE NOT ST_IsValid(geom)`,
			"neighbours that overlap":  `SELECT a.code || ' ' || b.code FROM shown a JOIN shown b ON a.tier = b.tier AND a.code < b.code AND NOT ST_Relate(a.geom, b.geom, 'F********')`,
			"parents that their children do not make": `SELECT p.code FROM shown p JOIN shown c ON c.parent_id = p.cell_id GROUP BY p.code, p.geom
			  HAVING NOT ST_Equals(p.geom, ST_Union(c.geom)) OR abs(sum(ST_Area(c.geom)) - ST_Area(p.geom)) > 1e-12`,
			"vertices off the lattice": `SELECT code FROM shown, ST_DumpPoints(geom) d WHERE abs(ST_X(d.geom) * 1e7 - round(ST_X(d.geom) * 1e7)) > 1e-4 OR abs(ST_Y(d.geom) * 1e7 - round(ST_Y(d.geom) * 1e7)) > 1e-4`,
			"boundaries further off than the precision": `SELECT s.code FROM shown s JOIN cells.of($1, 1) v USING (cell_id) WHERE v.tier = 3
			  AND ST_HausdorffDistance(ST_Transform(s.geom, 4547), ST_Transform(v.geom, 4547), 0.1) > 1.05 * 50`,
			"cells that are no simpler": `SELECT s.code FROM shown s JOIN cells.of($1, 1) v USING (cell_id) WHERE v.tier = 3 AND ST_NPoints(s.geom) * 2 > ST_NPoints(v.geom)`,
		} {
			rows, err := tx.Query(t.Context(), `WITH shown AS (SELECT v.code, v.tier, v.parent_id, v.cell_id, g.geom FROM cells.generalised g JOIN cells.of($1, 1) v USING (cell_id) WHERE g.territory_id = $1) `+sql, in.ID)
			if err != nil {
				return err
			}
			wrong, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			if len(wrong) > 0 {
				t.Errorf("%s: %v", name, wrong[:min(len(wrong), 5)])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
