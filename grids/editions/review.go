package editions

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/circulation"
)

// Circulate puts the open draft into review and asks for opinions about it; it
// gives the round. While it lasts only planners change the draft. A Conflict
// error when no draft is open or a round is already.
func Circulate(ctx context.Context, tx pgx.Tx, t cells.Territory, terms circulation.Terms) (int64, error) {
	if err := cells.TakeTurn(ctx, tx, t.ID); err != nil {
		return 0, err
	}
	draft, err := OpenDraft(ctx, tx, t)
	if grids.IsKind(err, grids.NotFound) {
		return 0, grids.Errorf(grids.Conflict, "", "没有打开的草案,无从征求意见", "no draft is open, so there is nothing to ask about").
			Fix("先导入、绘制或融合", "import, draw or merge first")
	}
	if err != nil {
		return 0, err
	}
	round, err := circulation.Begin(ctx, tx, t.ID, draft.Seq, terms)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE editions.edition SET state = 'review' WHERE territory_id = $1 AND seq = $2`, t.ID, draft.Seq)
	return round, err
}

// EndReview ends a round and takes the draft out of review. withdrawn is why
// it ends without an outcome, "" where it has one.
func EndReview(ctx context.Context, tx pgx.Tx, t cells.Territory, round int64, withdrawn string) error {
	if err := circulation.Close(ctx, tx, t.ID, round, withdrawn); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE editions.edition SET state = 'draft' WHERE territory_id = $1 AND state = 'review'`, t.ID)
	return err
}
