package editions_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
)

// TestGateLooksAtWhatChanged breaks the draft over a published edition at each
// tier: the check of what changed finds something when the check of everything
// does.
func TestGateLooksAtWhatChanged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, sql string
		broken    bool
	}{
		{"renamed", `UPDATE cells.version SET name = 'x' WHERE from_edition = 2`, false},
		{"a vertex off", `UPDATE cells.version SET geom = ST_Multi(ST_Translate(geom, 1e-7, 0)) WHERE from_edition = 2`, true},
		{"gone", `DELETE FROM cells.version WHERE from_edition = 2`, true},
	} {
		for tier := 1; tier <= 3; tier++ {
			t.Run(test.name+" at tier "+string(rune('0'+tier)), func(t *testing.T) {
				t.Parallel()
				w := editionstest.New(t, databasetest.New(t), "4302", 4, 4)
				err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
					draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
					if err != nil {
						return err
					}
					list, err := cells.OfTier(ctx, tx, w.In, draft, grids.Tier(tier))
					if err != nil {
						return err
					}
					if err := cells.Redraw(ctx, tx, w.In, draft, list[:1]); err != nil {
						return err
					}
					if _, err := tx.Exec(ctx, test.sql); err != nil {
						return err
					}
					all, _, err := cells.Check(ctx, tx, w.In, draft)
					if err != nil {
						return err
					}
					changed, _, err := cells.CheckChanged(ctx, tx, w.In, draft)
					if err != nil {
						return err
					}
					if (len(all) == 0) != (len(changed) == 0) {
						t.Errorf("%d findings in what changed, %d in all", len(changed), len(all))
					}
					// A cell that is gone with its parent still there is a gap; the
					// root's end leaves nothing to be wrong.
					if broken := len(all) > 0; broken != test.broken && tier > 1 {
						t.Errorf("%d findings", len(all))
					}
					return errUndo
				})
				if !errors.Is(err, errUndo) {
					t.Error(err)
				}
			})
		}
	}
}

// errUndo rolls a test's transaction back.
var errUndo = errors.New("undo")
