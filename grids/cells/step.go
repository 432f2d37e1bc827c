package cells

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Step is one thing that was done to a draft; it can be undone as a whole.
type Step struct {
	Number int
	Kind   string       // split, merge, draw, import, …
	Cells  []grids.Code // that it touched, at most 20
	By     string
	At     time.Time
	Undone bool
}

// OpenStep says what the transaction does to a territory's draft from here on:
// its first change begins a step of that kind, which is undone as a whole. A
// step of that kind which the transaction has begun already goes on. Without
// it changes count as one step of kind "change".
func OpenStep(ctx context.Context, tx pgx.Tx, t Territory, who grids.Principal, kind string, params any) error {
	wanted, err := json.Marshal(map[string]any{"territory": t.ID, "kind": kind, "params": params, "by": who.Name})
	if err != nil {
		return fmt.Errorf("step %s: %w", kind, err)
	}
	_, err = tx.Exec(ctx, `
		SELECT set_config('unigrid.step', '', true), set_config('unigrid.step_wanted', $1, true)
		FROM nullif(current_setting('unigrid.step_wanted', true), '') AS now
		WHERE (now::jsonb ->> 'kind', now::jsonb ->> 'territory') IS DISTINCT FROM ($2, $3::text)`, string(wanted), kind, fmt.Sprint(t.ID))
	return err
}

const selectStep = `SELECT step, kind, cells, by, at, undone FROM cells.step WHERE territory_id = $1 AND edition = $2 `

// Steps lists what was done to an edition, first to last. Those of a published
// edition stay as its history.
func Steps(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) ([]Step, error) {
	rows, err := tx.Query(ctx, selectStep+`ORDER BY step`, t.ID, edition)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanStep)
}

// WrittenStep gives the step that this transaction has written in a draft; nil
// when it has changed nothing.
func WrittenStep(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) (*Step, error) {
	return oneStep(ctx, tx, t, edition, `AND string_to_array(current_setting('unigrid.step', true), ':') = ARRAY[$1::text, $2::text, step::text]`)
}

func oneStep(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, which string) (*Step, error) {
	rows, err := tx.Query(ctx, selectStep+which, t.ID, edition)
	if err != nil {
		return nil, err
	}
	step, err := pgx.CollectExactlyOneRow(rows, scanStep)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &step, err
}

func scanStep(row pgx.CollectableRow) (Step, error) {
	var s Step
	err := row.Scan(&s.Number, &s.Kind, &s.Cells, &s.By, &s.At, &s.Undone)
	return s, err
}

// Undo takes the last step of a draft back: the cells are then byte for byte
// what they were before it. It fails with a Conflict when there is none.
func Undo(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) (Step, error) {
	return swap(ctx, tx, t, edition, `AND NOT undone ORDER BY step DESC LIMIT 1`,
		grids.Errorf(grids.Conflict, "", "没有可撤销的步骤", "there is no step to undo"))
}

// Redo makes the step that was undone last again. It fails with a Conflict when
// there is none; a new step drops those that were undone.
func Redo(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) (Step, error) {
	return swap(ctx, tx, t, edition, `AND undone ORDER BY step LIMIT 1`,
		grids.Errorf(grids.Conflict, "", "没有可重做的步骤", "there is no step to redo"))
}

func swap(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, which string, none error) (Step, error) {
	if err := TakeTurn(ctx, tx, t.ID); err != nil {
		return Step{}, err
	}
	step, err := oneStep(ctx, tx, t, edition, which)
	if err != nil {
		return Step{}, err
	}
	if step == nil {
		return Step{}, none
	}
	if _, err := tx.Exec(ctx, `SELECT cells.swap_step($1, $2, $3)`, t.ID, edition, step.Number); err != nil {
		return Step{}, fmt.Errorf("step %d of edition %d: %w", step.Number, edition, err)
	}
	step.Undone = !step.Undone
	return *step, nil
}

// Touched gives the cells whose content a step changed, or changed back, that
// are in the draft now, and those that are not.
func Touched(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, step int) (there, gone []grids.CellID, err error) {
	rows, err := tx.Query(ctx, `
		SELECT j.cell_id, v.cell_id IS NOT NULL
		FROM (SELECT cell_id FROM cells.journal WHERE territory_id = $1 AND edition = $2 AND step = $3
		      UNION
		      SELECT m.cell_id FROM cells.step s CROSS JOIN unnest(s.made) AS r
		      JOIN cells.version m ON m.territory_id = $1 AND m.cell_id >= lower(r) AND m.cell_id < upper(r) AND m.from_edition = $2
		      WHERE s.territory_id = $1 AND s.edition = $2 AND s.step = $3) j
		LEFT JOIN cells.of($1, $2) v ON v.cell_id = j.cell_id
		ORDER BY v.tier, v.code, j.cell_id`, t.ID, edition, step)
	if err != nil {
		return nil, nil, err
	}
	var id grids.CellID
	var is bool
	there, gone = []grids.CellID{}, []grids.CellID{}
	_, err = pgx.ForEachRow(rows, []any{&id, &is}, func() error {
		if is {
			there = append(there, id)
		} else {
			gone = append(gone, id)
		}
		return nil
	})
	return there, gone, err
}

// CloseJournal ends what can be undone of an edition that is being published;
// its steps stay as history, without those that were undone.
func CloseJournal(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) error {
	for _, statement := range []string{
		`DELETE FROM cells.step WHERE territory_id = $1 AND edition = $2 AND undone`,
		`UPDATE cells.step SET made = '{}' WHERE territory_id = $1 AND edition = $2 AND made <> '{}'`,
		`DELETE FROM cells.journal WHERE territory_id = $1 AND edition = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, t.ID, edition); err != nil {
			return err
		}
	}
	return nil
}

// Discard makes the cells of an open draft what they are in the edition before
// it; steps and journal go.
func Discard(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) error {
	for _, statement := range []string{
		`SELECT set_config('unigrid.step', 'none', true) WHERE $1::int IS NOT NULL AND $2::int IS NOT NULL`,
		`DELETE FROM cells.step WHERE territory_id = $1 AND edition = $2`,
		`DELETE FROM cells.version WHERE territory_id = $1 AND from_edition = $2`,
		`UPDATE cells.version SET to_edition = NULL WHERE territory_id = $1 AND to_edition = $2`,
		`SELECT set_config('unigrid.step', '', true) WHERE $1::int IS NOT NULL AND $2::int IS NOT NULL`,
	} {
		if _, err := tx.Exec(ctx, statement, t.ID, edition); err != nil {
			return fmt.Errorf("discarding edition %d: %w", edition, err)
		}
	}
	return nil
}
