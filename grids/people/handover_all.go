package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Moving hands over all that a person holds from the instant At (nil: now) on,
// what is to come included: to To, or for some assignments to whom Each names. 0
// as a successor ends an assignment without one.
type Moving struct {
	From grids.PersonID
	To   grids.PersonID
	Each map[int64]grids.PersonID
	At   *time.Time
	Note string
	// Expected are the assignments that the caller has seen; nil: it does not
	// matter. Others than those are a *Held with those there are.
	Expected []int64
}

// Moved is what became of one assignment of a Moving.
type Moved struct {
	Assignment Assignment      `json:"assignment"`
	At         time.Time       `json:"at"`
	To         *grids.PersonID `json:"to"` // nil: it ended
	ToName     *string         `json:"to_name"`
	Handover   *int64          `json:"handover"`
}

// HandOverAll hands over all that a person holds, in one transaction: all of it
// or nothing. Each gets its list of open work.
func HandOverAll(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, m Moving) ([]Moved, error) {
	if err := lock(ctx, tx, territory); err != nil {
		return nil, err
	}
	if err := present(ctx, tx, territory, m.From); err != nil {
		return nil, err
	}
	var at time.Time
	if err := tx.QueryRow(ctx, `SELECT coalesce($1, clock_timestamp())`, m.At).Scan(&at); err != nil {
		return nil, err
	}
	all, _, err := Assignments(ctx, tx, territory, edition, Asked{Person: m.From})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(a Assignment) bool { return a.To != nil && !a.To.After(at) })
	ids := make([]int64, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	if m.Expected != nil {
		seen := slices.Sorted(slices.Values(m.Expected))
		if now := slices.Sorted(slices.Values(ids)); !slices.Equal(seen, now) {
			return nil, &Held{Now: all, Err: grids.Errorf(grids.Conflict, "expected", "此人的任职已有变动,请重新预览", "what this person holds has changed; look at it again")}
		}
	}
	for id := range m.Each {
		if !slices.Contains(ids, id) {
			return nil, &Held{Now: all, Err: grids.Errorf(grids.Conflict, "each", "任职 %d 不由此人担任", "assignment %d is not this person's", id)}
		}
	}
	done := []Moved{}
	for _, a := range all {
		to, named := m.Each[a.ID]
		if !named {
			to = m.To
		}
		step := Moved{Assignment: a, At: at}
		if a.From.After(at) {
			step.At = a.From
		}
		if to == 0 {
			if _, err := End(ctx, tx, territory, edition, a.ID, &step.At, m.Note); err != nil {
				return nil, fmt.Errorf("%s %s: %w", a.CellName, a.Role, err)
			}
		} else {
			made, err := HandOver(ctx, tx, territory, edition, Handing{Replaces: a.ID, To: to, At: &step.At, Note: m.Note})
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", a.CellName, a.Role, err)
			}
			step.To, step.ToName, step.Handover = &made.To, &made.ToName, &made.ID
		}
		done = append(done, step)
	}
	// what the database refuses is told now: a preview has no commit
	_, err = tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`)
	return done, err
}
