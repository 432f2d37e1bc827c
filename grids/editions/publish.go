package editions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/merge"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

// Channel is where every publish is announced, with the territory's code, in
// the publish's own transaction.
const Channel = "unigrid_published"

// Publish makes the open draft the grid in force, all of it or nothing, with the
// people whom its merge decided for. It refuses with *Blocked what Gate finds
// lacking.
func Publish(ctx context.Context, tx pgx.Tx, t cells.Territory, who grids.Principal, note string) (Edition, error) {
	seq, err := openDraft(ctx, tx, t)
	if err != nil {
		return Edition{}, err
	}
	conditions, err := gate(ctx, tx, t, seq, true)
	if err != nil {
		return Edition{}, err
	}
	if err := pass(conditions); err != nil {
		return Edition{}, err
	}
	if err := cells.MakeDisplay(ctx, tx, t, seq); err != nil {
		return Edition{}, err
	}
	if err := cells.TraceLineage(ctx, tx, t, seq); err != nil {
		return Edition{}, err
	}
	if err := cells.CloseJournal(ctx, tx, t, seq); err != nil {
		return Edition{}, err
	}
	// Nobody changes an object between the instant and the placing that counts
	// from it.
	if err := objects.TakeTurn(ctx, tx, t.ID); err != nil {
		return Edition{}, err
	}
	at, err := effectiveNow(ctx, tx)
	if err != nil {
		return Edition{}, err
	}
	if err := applyMerge(ctx, tx, t, seq, who, at); err != nil {
		return Edition{}, err
	}
	if err := people.CarryAlong(ctx, tx, t.ID, seq, at); err != nil {
		return Edition{}, err
	}
	if err := merge.KeepTeam(ctx, tx, t.ID, seq, at); err != nil {
		return Edition{}, err
	}
	if err := objects.Replace(ctx, tx, t.ID, seq, at); err != nil {
		return Edition{}, err
	}
	if err := keepReport(ctx, tx, t, seq, at); err != nil {
		return Edition{}, err
	}
	var restores grids.EditionID
	if err := tx.QueryRow(ctx, `UPDATE editions.edition SET state = 'published', effective = $3, published_by = $4, note = $5
		WHERE territory_id = $1 AND seq = $2 RETURNING coalesce(restores, 0)`, t.ID, seq, at, who.Name, note).Scan(&restores); err != nil {
		return Edition{}, err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_notify($1, $2)`, Channel, t.Code); err != nil {
		return Edition{}, err
	}
	return Edition{Seq: seq, State: "published", Effective: &at, Note: note, Restores: restores}, nil
}

// openDraft gives the open draft and keeps others from changing it.
func openDraft(ctx context.Context, tx pgx.Tx, t cells.Territory) (grids.EditionID, error) {
	if err := cells.TakeTurn(ctx, tx, t.ID); err != nil {
		return 0, err
	}
	seq, err := open(ctx, tx, t)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, grids.Errorf(grids.Conflict, "publish", "没有待发布的草案", "there is no draft to publish").
			Fix("先导入、绘制或合并", "import, draw or merge first")
	}
	return seq, err
}

// applyMerge writes what the draft's merge, if it has one, decided about people.
func applyMerge(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, who grids.Principal, at time.Time) error {
	run, err := merge.Newest(ctx, tx, t.ID)
	if grids.IsKind(err, grids.NotFound) || err == nil && run.Edition != draft {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = merge.Apply(ctx, tx, t.ID, run.ID, who.Name, at)
	return err
}

// effectiveNow is the clock, not the transaction's start: an answer given while
// a long publish runs must stay true after it.
func effectiveNow(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	var at time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&at); err != nil {
		return at, fmt.Errorf("effective instant: %w", err)
	}
	return at, nil
}
