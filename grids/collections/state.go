package collections

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// State stands for everything a territory's answers depend on besides their
// parameters: equal states, equal answers.
type State struct {
	People, Objects, Layers, Merge, Editions int64
	// Next is when what is true now changes without a write (an assignment
	// that ends, an edition to come); zero: never.
	Next time.Time
}

// ReadState computes the state at an instant, in time linear in the
// territory's assignments, placements and objects.
func ReadState(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, now time.Time) (State, error) {
	var s State
	var next *time.Time
	err := tx.QueryRow(ctx, `
		SELECT p.version, o.version, layers.fingerprint($1), merge.fingerprint($1), e.version, least(p.next, o.next, e.next)
		FROM people.fingerprint($1, $2) p, objects.fingerprint($1, $2) o, editions.fingerprint($1, $2) e`,
		territory, now).Scan(&s.People, &s.Objects, &s.Layers, &s.Merge, &s.Editions, &next)
	if err != nil {
		return State{}, fmt.Errorf("state of the territory's data: %w", err)
	}
	if next != nil {
		s.Next = *next
	}
	return s, nil
}

// Snapshot names the set of committed transactions that tx sees: while it is
// the same, so is every State.
func Snapshot(ctx context.Context, tx pgx.Tx) (string, error) {
	var s string
	err := tx.QueryRow(ctx, `SELECT pg_current_snapshot()::text`).Scan(&s)
	return s, err
}
