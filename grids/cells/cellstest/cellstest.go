// Package cellstest gives tests a small territory of exact squares.
package cellstest

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

// Step is the side of a leaf in degrees, exact in binary and on the lattice of
// 1e-7 degrees; West and South are the territory's corner (EPSG:4326).
const (
	Step  = 1.0 / 128
	West  = 113.0
	South = 27.0
)

// Squares is a territory of columns (tier 2) divided into rows (tier 3, the
// leaves), all in edition 1, a draft.
type Squares struct {
	Territory grids.TerritoryID
	Edition   grids.EditionID
	Columns   int
	Rows      int
	ids       map[grids.Code]grids.CellID
	db        *database.DB
}

// New makes a territory whose code begins with prefix (four digits).
func New(t testing.TB, db *database.DB, prefix string, columns, rows int) Squares {
	t.Helper()
	s := Squares{Edition: 1, Columns: columns, Rows: rows, ids: map[grids.Code]grids.CellID{}, db: db}
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		err := tx.QueryRow(t.Context(), `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad)
			VALUES ($1, '示例市', 4547, '{4,6,9,12}', 12) RETURNING id`, prefix+"00000000").Scan(&s.Territory)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 1, 'draft', 'test')`, s.Territory)
		if err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), squares, s.Territory, prefix, columns, rows, West, South, Step)
		if err != nil {
			return err
		}
		var code grids.Code
		var id grids.CellID
		_, err = pgx.ForEachRow(rows, []any{&code, &id}, func() error { s.ids[code] = id; return nil })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const squares = `
WITH want AS (
  SELECT $2 || '00000000' AS code, '示例市' AS name, 1 AS tier, NULL::text AS parent, 0 AS x, 0 AS y, $3::int AS w, $4::int AS h
  UNION ALL
  SELECT $2 || lpad(x::text, 2, '0') || '000000', '示例县' || x, 2, $2 || '00000000', x - 1, 0, 1, $4
  FROM generate_series(1, $3) AS x
  UNION ALL
  SELECT $2 || lpad(x::text, 2, '0') || lpad(y::text, 3, '0') || '000', '示例村' || x || '-' || y, 3,
         $2 || lpad(x::text, 2, '0') || '000000', x - 1, y - 1, 1, 1
  FROM generate_series(1, $3) AS x, generate_series(1, $4) AS y
), made AS (
  INSERT INTO cells.cell (territory_id) SELECT $1 FROM want RETURNING id
), numbered AS (
  SELECT w.*, m.id
  FROM (SELECT *, row_number() OVER (ORDER BY code) AS n FROM want) w
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made) m USING (n)
), shape AS (
  -- corners on every lattice line, so that neighbours and tiers share vertices
  SELECT n.*, ST_Segmentize(ST_MakeEnvelope($5 + x * $7::float8, $6 + y * $7::float8,
           $5 + (x + w) * $7::float8, $6 + (y + h) * $7::float8, 4326), $7::float8) AS geom
  FROM numbered n
), version AS (
  INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
  SELECT $1, s.id, 1, s.code, s.name, s.tier, p.id, ST_Multi(s.geom), ST_Area(ST_Transform(s.geom, 4547)), ST_PointOnSurface(s.geom), 'demo'
  FROM shape s LEFT JOIN numbered p ON p.code = s.parent
)
SELECT code, id FROM numbered`

// Cell gives the id of a code; it fails the test when there is none.
func (s Squares) Cell(t testing.TB, code grids.Code) grids.CellID {
	t.Helper()
	id, ok := s.ids[code]
	if !ok {
		t.Fatalf("no cell %s", code)
	}
	return id
}

// Leaf gives the code of a leaf; column and row count from 1, west to east and
// south to north.
func (s Squares) Leaf(column, row int) grids.Code {
	return grids.Code(fmt.Sprintf("%s%02d%03d000", s.prefix(), column, row))
}

// Column gives the code of a tier-2 cell.
func (s Squares) Column(column int) grids.Code {
	return grids.Code(fmt.Sprintf("%s%02d000000", s.prefix(), column))
}

// Root gives the code of the tier-1 cell.
func (s Squares) Root() grids.Code { return grids.Code(s.prefix() + "00000000") }

func (s Squares) prefix() string {
	for code := range s.ids {
		return string(code[:4])
	}
	return ""
}

// At gives the place that lies x columns and y rows from the corner.
func At(x, y float64) (lon, lat float64) { return West + x*Step, South + y*Step }

// Publish puts an edition in force, in a transaction of its own.
func (s Squares) Publish(t testing.TB, edition grids.EditionID, effective time.Time) error {
	t.Helper()
	return s.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE editions.edition SET state = 'published', effective = $3, published_by = 'test'
			WHERE territory_id = $1 AND seq = $2`, s.Territory, edition, effective)
		return err
	})
}
