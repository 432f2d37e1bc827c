package merge

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/people"
)

//go:embed apply_leads.sql
var applyLeadsSQL string

//go:embed apply_accountable.sql
var applyAccountableSQL string

//go:embed apply_officers.sql
var applyOfficersSQL string

// Applied tells what Apply wrote.
type Applied struct {
	Leads       grids.Taken `json:"leads"`
	Accountable grids.Taken `json:"accountable"`
	Officers    grids.Taken `json:"officers"`
}

// Apply writes what the settled merge of a draft means, from the instant at on:
// for every leaf and layer the lead, who is the person of the layer cell with
// the largest share of the leaf (nobody, if it names none), and for leaves so
// settled the accountable person; whoever is neither becomes an officer where they
// served (see merge.officers). It refuses a run that has a blocking conflict
// unsettled, one whose leaves or layers have changed since, and resolutions that
// move boundaries: Redraw draws those, and the draft is merged again.
func Apply(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, by string, at time.Time) (Applied, error) {
	r, err := draftRun(ctx, tx, territory, run)
	if err != nil {
		return Applied{}, err
	}
	if err := applicable(ctx, tx, territory, r); err != nil {
		return Applied{}, err
	}
	var applied Applied
	officers, err := cells.NewBatch(ctx, tx)
	if err != nil {
		return Applied{}, err
	}
	if _, err := tx.Exec(ctx, applyOfficersSQL, territory, run, r.Edition, officers, at, tolerance); err != nil {
		return Applied{}, fmt.Errorf("officers of run %d: %w", run, err)
	}
	batch, err := cells.NewBatch(ctx, tx)
	if err != nil {
		return Applied{}, err
	}
	if _, err := tx.Exec(ctx, applyLeadsSQL, territory, run, batch, tolerance); err != nil {
		return Applied{}, fmt.Errorf("leads of run %d: %w", run, err)
	}
	if applied.Leads, err = people.TakeLeads(ctx, tx, territory, batch, by, at); err != nil {
		return Applied{}, fmt.Errorf("leads of run %d: %w", run, err)
	}
	if batch, err = cells.NewBatch(ctx, tx); err != nil {
		return Applied{}, err
	}
	if _, err := tx.Exec(ctx, applyAccountableSQL, territory, run, r.Edition, batch, at); err != nil {
		return Applied{}, fmt.Errorf("accountable people of run %d: %w", run, err)
	}
	if applied.Accountable, err = people.TakeAssignments(ctx, tx, territory, r.Edition, batch, by, at); err != nil {
		return Applied{}, fmt.Errorf("accountable people of run %d: %w", run, err)
	}
	if err := allTaken(applied.Accountable, grids.Text{ZH: "责任人", EN: "accountable people"}); err != nil {
		return Applied{}, err
	}
	if applied.Officers, err = people.TakeAssignments(ctx, tx, territory, r.Edition, officers, by, at); err != nil {
		return Applied{}, fmt.Errorf("officers of run %d: %w", run, err)
	}
	if err := allTaken(applied.Officers, grids.Text{ZH: "网格员", EN: "officers"}); err != nil {
		return Applied{}, err
	}
	return applied, nil
}

// allTaken refuses what was taken in only in part.
func allTaken(t grids.Taken, who grids.Text) error {
	if t.Rejected == 0 {
		return nil
	}
	return grids.Errorf(grids.Conflict, "run", "%d 个%s无法写入,首个:%s %s", "%d %s were refused, the first: %s %s",
		t.Rejected, who, t.Findings[0].Code, t.Findings[0].Message)
}

// Undrawn counts the settled conflicts of a run whose resolution moves lines,
// which Redraw has to draw and another merge to see before it can be applied.
func Undrawn(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64) (int, error) {
	tally, err := TallyUp(ctx, tx, territory, run, Filter{})
	return tally.ToDraw, err
}

func stale() error {
	return grids.Errorf(grids.Conflict, "run", "融合之后网格或条线又有改动", "cells or layers have changed since the merge").
		Fix("重新运行 unigrid merge", "run unigrid merge again")
}

// applicable says why a run can't be applied.
func applicable(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, r Run) error {
	if r.HasChanged {
		return stale()
	}
	if r.Blocking > 0 {
		return grids.Errorf(grids.Conflict, "run", "还有 %d 个阻断性冲突未解决", "%d blocking conflicts are not settled", r.Blocking).
			Fix("用规则文件或逐个解决", "settle them by a rules file or one by one")
	}
	moved, err := Undrawn(ctx, tx, territory, r.ID)
	if err != nil {
		return err
	}
	if moved > 0 {
		return grids.Errorf(grids.Conflict, "run", "有 %d 个决定要移动网格边界,尚未画入草案", "%d decisions move boundaries and are not drawn in the draft yet", moved).
			Fix("重新运行 unigrid merge 画入并再融合,或改为 keep-base-boundary", "run unigrid merge again, which draws them and merges anew, or decide keep-base-boundary")
	}
	return nil
}
