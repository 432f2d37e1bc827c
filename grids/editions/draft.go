// Package editions turns drafts into published versions of the unified grid:
// draft, in review, published (effective from an instant, then immutable).
package editions

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Edition is one version of a territory's unified grid.
type Edition struct {
	Seq       grids.EditionID
	State     string
	Effective *time.Time
	Note      string
	Restores  grids.EditionID // the earlier edition that it publishes anew; 0: none
}

// Draft gives the territory's open draft; it opens one when there is none.
// Whoever changes a draft holds the territory's row until the transaction
// ends, so that two commands take turns.
func Draft(ctx context.Context, tx pgx.Tx, t cells.Territory, who grids.Principal) (grids.EditionID, error) {
	if err := cells.TakeTurn(ctx, tx, t.ID); err != nil {
		return 0, err
	}
	seq, err := open(ctx, tx, t)
	if !errors.Is(err, pgx.ErrNoRows) {
		return seq, err
	}
	err = tx.QueryRow(ctx, `INSERT INTO editions.edition (territory_id, seq, state, created_by)
		VALUES ($1, editions.published($1) + 1, 'draft', $2) RETURNING seq`, t.ID, who.Name).Scan(&seq)
	return seq, err
}

// open gives the draft that is there; pgx.ErrNoRows when there is none.
func open(ctx context.Context, tx pgx.Tx, t cells.Territory) (grids.EditionID, error) {
	var seq grids.EditionID
	err := tx.QueryRow(ctx, `SELECT seq FROM editions.edition WHERE territory_id = $1 AND state <> 'published'`, t.ID).Scan(&seq)
	return seq, err
}

// Current gives the edition in force at an instant; 0 before the first.
func Current(ctx context.Context, tx pgx.Tx, t cells.Territory, at time.Time) (grids.EditionID, error) {
	var seq grids.EditionID
	err := tx.QueryRow(ctx, `SELECT coalesce(editions.at($1, $2), 0)`, t.ID, at).Scan(&seq)
	return seq, err
}

// OpenDraft gives the open draft without opening one; a NotFound error when
// there is none.
func OpenDraft(ctx context.Context, tx pgx.Tx, t cells.Territory) (Edition, error) {
	var e Edition
	err := tx.QueryRow(ctx, `SELECT seq, state, effective, note, coalesce(restores, 0) FROM editions.edition WHERE territory_id = $1 AND state <> 'published'`, t.ID).
		Scan(&e.Seq, &e.State, &e.Effective, &e.Note, &e.Restores)
	if errors.Is(err, pgx.ErrNoRows) {
		return Edition{}, grids.Errorf(grids.NotFound, "draft", "没有打开的草案", "no draft is open").
			Fix("导入、绘制或编辑会打开一个草案", "an import, a draw or an edit opens one")
	}
	return e, err
}

// Newest gives the newest published edition, in force or to come; 0 when there
// is none.
func Newest(ctx context.Context, tx pgx.Tx, t cells.Territory) (grids.EditionID, error) {
	var seq grids.EditionID
	err := tx.QueryRow(ctx, `SELECT editions.published($1)`, t.ID).Scan(&seq)
	return seq, err
}

// Discard throws the open draft away, with its steps, draws and merges.
// Published editions stay as they are. It fails with NotFound when no draft is
// open.
func Discard(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
	if err := cells.TakeTurn(ctx, tx, t.ID); err != nil {
		return err
	}
	draft, err := OpenDraft(ctx, tx, t)
	if err != nil {
		return err
	}
	if err := cells.Discard(ctx, tx, t, draft.Seq); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM editions.edition WHERE territory_id = $1 AND seq = $2`, t.ID, draft.Seq)
	return err
}

// List gives all editions, newest first.
func List(ctx context.Context, tx pgx.Tx, t cells.Territory) ([]Edition, error) {
	rows, err := tx.Query(ctx, `SELECT seq, state, effective, note, coalesce(restores, 0) FROM editions.edition WHERE territory_id = $1 ORDER BY seq DESC`, t.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Edition])
}
