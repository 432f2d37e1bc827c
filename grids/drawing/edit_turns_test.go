package drawing_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
)

// Two planners edit what they both saw: one of them is told, with the other's
// version, and nothing of his is written.
func TestTwoPlannersTakeTurns(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := newTown(t, db, "4302", 2, 2)
	const rounds, writers = 30, 2
	for round := range rounds {
		seen := w.Now(w.Leaf(1, 1))
		errs := make([]error, writers)
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				errs[i] = w.edit(drawing.Edit{Op: drawing.Rename, Cell: base(seen), Name: fmt.Sprintf("第%d轮%d", round, i)})
			})
		}
		group.Wait()
		now := w.Now(w.Leaf(1, 1))
		won := 0
		for i, err := range errs {
			if err == nil {
				won++
				if now.Name != fmt.Sprintf("第%d轮%d", round, i) {
					t.Fatalf("round %d: %q is stored, planner %d was told that his is", round, now.Name, i)
				}
				continue
			}
			var stale *cells.Stale
			if !errors.As(err, &stale) || !grids.IsKind(err, grids.Conflict) {
				t.Fatalf("round %d: %v", round, err)
			}
			c := stale.Clashes[0]
			if len(stale.Clashes) != 1 || c.ID != seen.ID || c.Yours != seen.ETag || c.Current == nil || c.Current.ETag != now.ETag || c.Current.Name != now.Name {
				t.Fatalf("round %d: told %+v, there is %+v", round, c, now)
			}
		}
		if won != 1 {
			t.Fatalf("round %d: %d planners won", round, won)
		}
	}
}

// One who edits a cell that is gone is told so.
func TestTheCellIsGone(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := newTown(t, db, "4302", 1, 2)
	seen := w.Leaves()
	if err := w.edit(drawing.Edit{Op: drawing.Merge, Cells: bases(seen...)}); err != nil {
		t.Fatal(err)
	}
	err := w.edit(drawing.Edit{Op: drawing.Rename, Cell: base(seen[0]), Name: "x"})
	var stale *cells.Stale
	if !errors.As(err, &stale) || stale.Clashes[0].Current != nil || stale.Clashes[0].Code != seen[0].Code {
		t.Errorf("%v", err)
	}
}

// A connection that breaks in the middle of an edit, or of taking it back,
// leaves nothing of it.
func TestCrashInTheMiddle(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := newTown(t, db, "4302", 2, 2)
	if err := w.edit(drawing.Edit{Op: drawing.Rename, Cell: base(w.Now(w.Leaf(2, 2))), Name: "新"}); err != nil {
		t.Fatal(err)
	}
	before := w.State()
	for name, act := range map[string]func(context.Context, pgx.Tx, grids.EditionID) error{
		"edit": func(ctx context.Context, tx pgx.Tx, draft grids.EditionID) error {
			return drawing.Edit{Op: drawing.Split, Cell: base(w.Now(w.Leaf(1, 1))), Line: orb.LineString{at(-.1, .4), at(1.1, .6)}}.
				Apply(ctx, tx, w.In, draft, grids.Local)
		},
		"undo": func(ctx context.Context, tx pgx.Tx, draft grids.EditionID) error {
			_, err := cells.Undo(ctx, tx, w.In, draft)
			return err
		},
		"discard": func(ctx context.Context, tx pgx.Tx, _ grids.EditionID) error {
			return editions.Discard(ctx, tx, w.In)
		},
		"publish": func(ctx context.Context, tx pgx.Tx, _ grids.EditionID) error {
			_, err := editions.Publish(ctx, tx, w.In, grids.Local, "")
			return err
		},
	} {
		err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
			draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
			if err != nil {
				return err
			}
			if err := act(ctx, tx, draft); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			_, err = tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
			return err
		})
		if err == nil {
			t.Errorf("%s: the connection did not break", name)
		}
		if w.State() != before {
			t.Errorf("%s: something of it was kept", name)
		}
	}
	if err := w.swap(cells.Undo); err != nil {
		t.Errorf("the draft goes on: %v", err)
	}
}
