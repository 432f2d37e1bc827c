package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
)

// The draft's commands, one process after another.
func TestEditionCommands(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	w := editionstest.New(t, db, "4302", 2, 2)
	start := w.State()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
		if err != nil {
			return err
		}
		cell := w.Now(w.Leaf(1, 1))
		return drawing.Edit{Op: drawing.Rename, Cell: &cells.Base{ID: cell.ID, ETag: cell.ETag}, Name: "新村"}.Apply(ctx, tx, w.In, draft, grids.Local)
	})
	end := w.State()
	for _, step := range []struct {
		args  string
		want  int
		state string
	}{
		{"edition list", exitDone, end},
		{"edition compare --from 1 --json", exitDone, end},
		{"edition compare --from 1 --to 5", exitFailed, end},
		{"edition compare", exitDone, end},
		{"edition redo", exitFailed, end},
		{"edition undo --json", exitDone, start},
		{"edition undo", exitFailed, start},
		{"edition redo", exitDone, end},
		{"edition gate --json", exitDone, end},
		{"edition restore --edition 1 --reason x", exitFailed, end},
		{"edition decide --document-no x --date 2026-02-30", exitFailed, end},
		{"edition decide --document-no x --date 2026-03-01", exitDone, end},
		{"edition publish --note x", exitDone, end},
		{"edition gate", exitFailed, end},
		{"edition restore --edition 2 --reason x", exitFailed, end},
		{"edition undo", exitFailed, end},
		{"edition discard", exitFailed, end},
		{"edition compare --to 2", exitDone, end},
		{"edition compare", exitFailed, end},
	} {
		if got := run(t.Context(), append([]string{"--database-url", url}, strings.Fields(step.args)...)); got != step.want {
			t.Errorf("%s: exit code %d, want %d", step.args, got, step.want)
		}
		if w.State() != step.state {
			t.Errorf("%s: the cells are not what they should be", step.args)
		}
	}
	if got := run(t.Context(), []string{"--database-url", url, "edition", "restore", "--edition", "1", "--reason", "x"}); got != exitDone {
		t.Errorf("restore: exit code %d", got)
	}
	if name := w.Now(w.Leaf(1, 1)).Name; name == "新村" {
		t.Errorf("restored: %s", name)
	}
}
