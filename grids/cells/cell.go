package cells

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/database"
)

// Provenance says where a cell's boundary comes from.
type Provenance string

// Surveyed boundaries are measured; imported ones come from somebody's file;
// drawn and demo ones were made here and are nobody's official boundary.
const (
	Surveyed Provenance = "surveyed"
	Imported Provenance = "imported"
	Drawn    Provenance = "drawn"
	Demo     Provenance = "demo"
)

// Cell is one polygon of one tier in one edition.
type Cell struct {
	ID         grids.CellID // 0: not stored yet
	Code       grids.Code
	Name       string
	Tier       grids.Tier
	ParentID   grids.CellID // 0 at tier 1
	Geom       orb.MultiPolygon
	Provenance Provenance
	Locked     bool   // the boundary is statutory (法定界线)
	Disputed   bool   // the boundary is disputed (争议地)
	ETag       string // names this content; set on what was read
}

// Fixed tells whether nothing may move the cell's boundary.
func (c Cell) Fixed() bool { return c.Locked || c.Disputed }

const selectCell = `SELECT v.cell_id, v.code, v.name, v.tier, coalesce(v.parent_id, 0), ST_AsEWKB(v.geom), v.provenance,
	v.locked, v.disputed, cells.etag(v) FROM `

// ByCode gives the cell of a code in an edition.
func ByCode(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, code grids.Code) (Cell, error) {
	rows, err := tx.Query(ctx, selectCell+`cells.of($1, $2) v WHERE code = $3`, t.ID, edition, code)
	if err != nil {
		return Cell{}, err
	}
	cell, err := pgx.CollectExactlyOneRow(rows, scanCell)
	if errors.Is(err, pgx.ErrNoRows) {
		return Cell{}, grids.Errorf(grids.NotFound, "code", "版本 %d 中没有网格 %s", "there is no cell %[2]s in edition %[1]d", edition, code)
	}
	return cell, err
}

// OfTier gives the cells of a tier in an edition, by code.
func OfTier(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, tier grids.Tier) ([]Cell, error) {
	rows, err := tx.Query(ctx, selectCell+`cells.of($1, $2) v WHERE tier = $3 ORDER BY code`, t.ID, edition, tier)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCell)
}

// HasTier tells whether there are cells of a tier in an edition.
func HasTier(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, tier grids.Tier) (there bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.tier = $3)`, t.ID, edition, tier).Scan(&there)
	return there, err
}

// Children gives the cells right below one, by code.
func Children(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, parent grids.CellID) ([]Cell, error) {
	rows, err := tx.Query(ctx, selectCell+`cells.of($1, $2) v WHERE parent_id = $3 ORDER BY code`, t.ID, edition, parent)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCell)
}

// ByID gives those of the cells that are there in an edition, by code.
func ByID(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, ids []grids.CellID) ([]Cell, error) {
	rows, err := tx.Query(ctx, selectCell+`cells.of($1, $2) v WHERE cell_id = ANY($3) ORDER BY code`, t.ID, edition, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCell)
}

func scanCell(row pgx.CollectableRow) (Cell, error) {
	var cell Cell
	var geom []byte
	if err := row.Scan(&cell.ID, &cell.Code, &cell.Name, &cell.Tier, &cell.ParentID, &geom, &cell.Provenance,
		&cell.Locked, &cell.Disputed, &cell.ETag); err != nil {
		return cell, err
	}
	var err error
	cell.Geom, err = database.MultiPolygon(geom)
	return cell, err
}

// Put writes new cells into an open draft and gives them back with their ids.
// Parents must be there already; the caller has made sure that the cells
// partition them.
func Put(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, list []Cell) ([]Cell, error) {
	list = append([]Cell(nil), list...)
	ids, err := newCells(ctx, tx, t, len(list))
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].ID = ids[i]
	}
	return list, insertVersions(ctx, tx, t, edition, list)
}

// newCells makes cells without a version.
func newCells(ctx context.Context, tx pgx.Tx, t Territory, n int) ([]grids.CellID, error) {
	rows, err := tx.Query(ctx, `INSERT INTO cells.cell (territory_id) SELECT $1 FROM generate_series(1, $2) RETURNING id`, t.ID, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
}

// Redraw gives cells that exist new geometry, names or codes in an open draft.
func Redraw(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, list []Cell) error {
	ids := make([]grids.CellID, len(list))
	for i, cell := range list {
		ids[i] = cell.ID
	}
	if err := End(ctx, tx, t, edition, ids); err != nil {
		return err
	}
	return insertVersions(ctx, tx, t, edition, list)
}

// End takes cells out of an open draft: versions that the draft itself made
// vanish, published ones end with it.
func End(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, ids []grids.CellID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM cells.version WHERE territory_id = $1 AND from_edition = $2 AND cell_id = ANY($3)`, t.ID, edition, ids); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE cells.version SET to_edition = $2
		WHERE territory_id = $1 AND from_edition < $2 AND to_edition IS NULL AND cell_id = ANY($3)`, t.ID, edition, ids)
	return err
}
