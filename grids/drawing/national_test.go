package drawing_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

func TestRunGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	if n := len(w.tier(4)); n != 30 {
		t.Fatalf("%d villages, want 30", n)
	}
	w.requireExact()
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := w.draft(ctx, tx)
		if err != nil {
			return err
		}
		var ids []grids.CellID
		if err := tx.QueryRow(ctx, `SELECT array_agg(cell_id) FROM cells.of($1, $2) WHERE tier = 4`, w.in.ID, draft).Scan(&ids); err != nil {
			return err
		}
		return cells.End(ctx, tx, w.in, draft, ids)
	})
	ctx, stop := context.WithCancel(t.Context())
	run := w.tierRun(4, 4)
	run.Report = func(drawing.Progress) { stop() }
	p, err := run.Do(ctx, w.db)
	if !errors.Is(err, drawing.ErrStopped) {
		t.Fatalf("stopped run: %v", err)
	}
	// Of the batch after the one reported, what was made by then is kept too.
	if p.Parents != 6 || p.Drawn < 2 || p.Drawn > 4 || len(w.tier(4)) != 4*p.Drawn {
		t.Errorf("stopped after %+v with %d villages", p, len(w.tier(4)))
	}
	left := 6 - p.Drawn
	if p = w.run(4, 4); p.Parents != left || p.Drawn != left || p.Cells != 4*left {
		t.Errorf("went on with %+v, %d were left", p, left)
	}
	if p = w.run(4, 4); p.Parents != 0 {
		t.Errorf("nothing was left, but %+v", p)
	}
	w.requireExact()
}

func TestRunReportsWhatItCannotDraw(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM cells.version WHERE tier = 4`)
		return err
	})
	run := w.tierRun(4, 2)
	first := w.tier(3)[0].Code
	run.Request = func(parent cells.Cell) (drawing.Request, bool) {
		r := drawing.Request{Method: drawing.Balanced, Into: 2}
		if parent.Code == first {
			r.Load = []drawing.LoadShare{{Name: "enterprises", Share: 1}} // there are none
		}
		return r, parent.Code != "430202002000"
	}
	var failed []drawing.Failure
	run.Report = func(p drawing.Progress) { failed = append(failed, p.Failed...) }
	p, err := run.Do(t.Context(), w.db)
	must(t, err)
	if p.Drawn != 4 || p.Passed != 1 || len(failed) != 1 || failed[0].Code != first {
		t.Errorf("%+v, failed %v", p, failed)
	}
}
