package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions/editionstest"
)

// Who holds what, from the command line, one process after another.
func TestAssignCommands(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	w := editionstest.New(t, db, "4302", 2, 2)
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO people.person (territory_id, staff_no, name, provenance)
			SELECT $1, 'A' || n, '示例人员 10' || n, 'demo' FROM generate_series(1, 4) n`, w.In.ID)
		return err
	})
	leaf, other, column := string(w.Leaf(1, 1)), string(w.Leaf(1, 2)), string(w.Column(1))
	file := filepath.Join(t.TempDir(), "roster.csv")
	if err := os.WriteFile(file, []byte("工号,网格代码,角色\nA4,"+leaf+",责任人\nA3,"+other+",责任人\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// holding says who is accountable for the leaves of the column, day by day.
	holding := func() string {
		var got string
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT coalesce(string_agg(concat_ws(' ', right(v.code, 5), p.staff_no, to_char(lower(a.during), 'YY'), to_char(upper(a.during), 'YY')), '|' ORDER BY v.code, lower(a.during)), '')
				FROM people.assignment a JOIN people.person p ON p.id = a.person_id JOIN cells.version v ON v.cell_id = a.cell_id AND v.to_edition IS NULL
				WHERE a.role = 'accountable' AND v.code = ANY ($1)`, []string{leaf, other}).Scan(&got)
		})
		return got
	}
	id := func() (n int64) {
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM people.assignment`).Scan(&n)
		})
		return n
	}
	l, o := leaf[7:], other[7:]
	for _, step := range []struct {
		args string
		want int
		now  string
	}{
		{"assign", exitUsage, ""},
		{"assign --cell " + leaf + " --person A1 --from 2030-13-01", exitUsage, ""},
		{"assign --cell " + leaf + " --person A9", exitFailed, ""},
		{"assign --cell " + leaf + " --person A1 --from 2030-07-01 --post 村主任", exitDone, l + " A1 30"},
		{"assign --cell " + leaf + " --person A2 --from 2031-07-01", exitFailed, l + " A1 30"},
		{"assign handover --replaces LAST --to A2 --at 2032-07-01 --note 换届", exitDone, l + " A1 30 32|" + l + " A2 32"},
		{"assign handover --replaces 2 --to A3", exitFailed, l + " A1 30 32|" + l + " A2 32"},
		{"assign move --person A2 --to A3 --at 2034-07-01 --dry-run", exitDone, l + " A1 30 32|" + l + " A2 32"},
		{"assign move --person A2 --to A3 --at 2034-07-01", exitDone, l + " A1 30 32|" + l + " A2 32 34|" + l + " A3 34"},
		{"assign end --id LAST --at 2035-07-01 --reason x", exitDone, l + " A1 30 32|" + l + " A2 32 34|" + l + " A3 34 35"},
		{"assign --cell " + column + " --roster " + file + " --at 2033-07-01 --dry-run", exitDone, l + " A1 30 32|" + l + " A2 32 34|" + l + " A3 34 35"},
		{"assign --cell " + column + " --roster " + file + " --at 2033-07-01", exitDone, l + " A1 30 32|" + l + " A2 32 33|" + l + " A4 33|" + o + " A3 33"},
		{"assign --cell " + string(w.Column(2)) + " --roster " + file + " --at 2033-07-01", exitFailed, l + " A1 30 32|" + l + " A2 32 33|" + l + " A4 33|" + o + " A3 33"},
		{"assign list --cell " + column + " --below --at 2033-08-01", exitDone, l + " A1 30 32|" + l + " A2 32 33|" + l + " A4 33|" + o + " A3 33"},
		{"assign list --person A1 --when planned --json", exitDone, l + " A1 30 32|" + l + " A2 32 33|" + l + " A4 33|" + o + " A3 33"},
	} {
		args := strings.ReplaceAll(step.args, "LAST", fmt.Sprint(id()))
		if got := run(t.Context(), append([]string{"--database-url", url, "--data", t.TempDir()}, strings.Fields(args)...)); got != step.want {
			t.Errorf("%s: exit code %d, want %d", args, got, step.want)
		}
		if got := holding(); got != step.now {
			t.Errorf("%s: %s, want %s", args, got, step.now)
		}
	}
}
