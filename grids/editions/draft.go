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
