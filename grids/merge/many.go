package merge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Proposal settles each conflict as it is proposed; for SettleMany only.
const Proposal = "proposal"

// Skipped is a conflict that SettleMany left as it was, and why.
type Skipped struct {
	ID  int64      `json:"id"`
	Why grids.Text `json:"why"`
}

// SettleMany settles those of a draft's conflicts that filter chooses, all by one
// resolution or, by Proposal, each as proposed. What somebody has settled stays;
// what is deferred does, too, unless the filter asks for it; so does what the
// principal may not decide, and what can't be settled so.
func SettleMany(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, filter Filter, d Decision) (settled []int64, skipped []Skipped, err error) {
	if _, err := draftRun(ctx, tx, territory, run); err != nil {
		return nil, nil, err
	}
	if strings.TrimSpace(d.Reason) == "" {
		return nil, nil, grids.Errorf(grids.Invalid, "reason", "请写明理由", "a decision needs a reason")
	}
	settled, skipped = []int64{}, []Skipped{}
	rows, err := tx.Query(ctx, `
		SELECT c.id, c.kind, c.state, coalesce(c.settled_by, ''), access.unbounded() OR cells.reached(c.territory_id, c.cell_id) AND access.layer(c.layer)
		FROM merge.matching($1, $2, $3) c ORDER BY c.kind, c.id`, territory, run, filter)
	if err != nil {
		return nil, nil, fmt.Errorf("conflicts of run %d: %w", run, err)
	}
	byKind := map[Kind][]int64{}
	seen := map[int64]bool{}
	var id int64
	var kind Kind
	var state State
	var by string
	var mine bool
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &state, &by, &mine}, func() error {
		seen[id] = true
		switch {
		case state == Settled:
			skipped = append(skipped, Skipped{id, grids.Textf("已由 %s 决定", "%s has settled it", by)})
		case state == Deferred && filter.State != Deferred:
			skipped = append(skipped, Skipped{id, grids.Textf("已由 %s 暂缓", "%s has deferred it", by)})
		case !mine:
			skipped = append(skipped, Skipped{id, grids.Text{ZH: "不在您的管辖范围或条线内", EN: "it is outside what you may decide"}})
		default:
			byKind[kind] = append(byKind[kind], id)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("conflicts of run %d: %w", run, err)
	}
	for _, id := range filter.IDs {
		if !seen[id] {
			skipped = append(skipped, Skipped{id, grids.Text{ZH: "最近一次融合中没有这个冲突", EN: "the newest merge doesn't have it"}})
		}
	}
	for kind, ids := range byKind {
		if d.Resolution != Proposal {
			err := checkResolution(ctx, tx, territory, kind, d.Resolution)
			if grids.IsKind(err, grids.Invalid) && len(byKind) > 1 {
				for _, id := range ids {
					skipped = append(skipped, Skipped{id, grids.Textf("%s 不能这样解决", "%s is not settled so", kind)})
				}
				continue
			}
			if err != nil {
				return nil, nil, err
			}
		}
		rows, err := tx.Query(ctx, settleSQL+` RETURNING c.id`, territory, run, kind, "", d.Resolution, Condition{}, ids, d.By, d.text())
		if err != nil {
			return nil, nil, fmt.Errorf("conflicts of kind %s: %w", kind, err)
		}
		done := map[int64]bool{}
		var id int64
		if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { done[id] = true; settled = append(settled, id); return nil }); err != nil {
			return nil, nil, fmt.Errorf("conflicts of kind %s: %w", kind, err)
		}
		for _, id := range ids {
			if !done[id] {
				skipped = append(skipped, Skipped{id, unfit(id, d.Resolution).Message})
			}
		}
	}
	slices.Sort(settled)
	slices.SortFunc(skipped, func(a, b Skipped) int { return cmp.Compare(a.ID, b.ID) })
	return settled, skipped, nil
}
