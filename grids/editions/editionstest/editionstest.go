// Package editionstest gives tests a small published territory and its draft.
package editionstest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/editions"
)

// Town is a small territory of squares with five segments to a side, published
// once.
type Town struct {
	cellstest.Squares
	t  testing.TB
	DB *database.DB
	In cells.Territory
}

// New makes a town whose code begins with prefix (four digits), accountable to
// one person, and publishes it as edition 1.
func New(t testing.TB, db *database.DB, prefix string, columns, rows int) *Town {
	t.Helper()
	w := &Town{Squares: cellstest.New(t, db, prefix, columns, rows), t: t, DB: db}
	w.In = cells.Territory{ID: w.Territory, Code: w.Root(), EPSG: 4547, Scheme: grids.GB12}
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE cells.version SET geom = ST_SnapToGrid(ST_Segmentize(geom, 0.00157), 1e-7) WHERE territory_id = $1`, w.Territory); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `WITH p AS (
			  INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'T1', '示例人员 0001', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, $2, 'accountable', tstzrange('2020-01-01', NULL), 'test' FROM p`, w.Territory, w.Cell(t, w.Root()))
		return err
	})
	w.Publish()
	return w
}

// Tx runs fn in a transaction and fails the test on an error.
func (w *Town) Tx(fn func(context.Context, pgx.Tx) error) {
	w.t.Helper()
	if err := w.Try(fn); err != nil {
		w.t.Fatalf("%v", err)
	}
}

// Try runs fn in a transaction.
func (w *Town) Try(fn func(context.Context, pgx.Tx) error) error {
	ctx := w.t.Context()
	return w.DB.Tx(ctx, grids.Local, func(tx pgx.Tx) error { return fn(ctx, tx) })
}

// Publish publishes the draft.
func (w *Town) Publish() editions.Edition {
	w.t.Helper()
	var e editions.Edition
	w.Tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		e, err = editions.Publish(ctx, tx, w.In, grids.Local, "")
		return err
	})
	return e
}

// Leaves gives the leaves of the newest state, by code.
func (w *Town) Leaves() (list []cells.Cell) {
	w.t.Helper()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		var newest grids.EditionID
		var ids []grids.CellID
		if err := tx.QueryRow(ctx, `SELECT max(seq) FROM editions.edition WHERE territory_id = $1`, w.Territory).Scan(&newest); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT array_agg(cell_id) FROM cells.leaves($1, $2)`, w.Territory, newest).Scan(&ids); err != nil {
			return err
		}
		var err error
		list, err = cells.ByID(ctx, tx, w.In, newest, ids)
		return err
	})
	return list
}

// Now gives a cell of the newest state by its code.
func (w *Town) Now(code grids.Code) (cell cells.Cell) {
	w.t.Helper()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		var newest grids.EditionID
		if err := tx.QueryRow(ctx, `SELECT max(seq) FROM editions.edition WHERE territory_id = $1`, w.Territory).Scan(&newest); err != nil {
			return err
		}
		var err error
		cell, err = cells.ByCode(ctx, tx, w.In, newest, code)
		return err
	})
	return cell
}

// State is every byte of every version of the territory.
func (w *Town) State() (text string) {
	w.t.Helper()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT string_agg(v::text || encode(ST_AsEWKB(v.geom), 'hex'), E'\n' ORDER BY cell_id, from_edition)
			FROM cells.version v WHERE territory_id = $1`, w.Territory).Scan(&text)
	})
	return text
}

// Exact fails the test unless the newest state is an exact partition.
func (w *Town) Exact() {
	w.t.Helper()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		var newest grids.EditionID
		if err := tx.QueryRow(ctx, `SELECT max(seq) FROM editions.edition WHERE territory_id = $1`, w.Territory).Scan(&newest); err != nil {
			return err
		}
		found, checked, err := cells.Check(ctx, tx, w.In, newest)
		if len(found) > 0 || checked == 0 {
			w.t.Errorf("%d cells: %+v", checked, found)
		}
		return err
	})
}
