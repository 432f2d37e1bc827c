package editions

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Return is how an earlier edition is published anew.
type Return struct {
	Reason string // becomes the new edition's note
	// Unlock is why locked boundaries may move; "": they may not.
	Unlock string
	// DocumentNo and Date of the decision, where there is one; Scan its paper.
	DocumentNo, Date string
	ScanName         string
	Scan             []byte
}

// Restore publishes an earlier edition anew as the next one (rollback): the same
// cells under the same uids and codes, byte for byte. Cells that come back get
// back who held them, as far as they are still there; objects are placed anew.
// Nothing that was published is changed. The earlier edition's sign-offs stand
// for it, a decision that the territory asks for is needed again. It fails with
// Conflict while a draft is open, or when the edition is what is in force.
func Restore(ctx context.Context, tx pgx.Tx, t cells.Territory, of grids.EditionID, who grids.Principal, r Return) (Edition, cells.Restored, error) {
	var done cells.Restored
	if err := cells.TakeTurn(ctx, tx, t.ID); err != nil {
		return Edition{}, done, err
	}
	if strings.TrimSpace(r.Reason) == "" {
		return Edition{}, done, grids.Errorf(grids.Invalid, "reason", "请说明恢复的理由", "say why it is restored")
	}
	if _, err := open(ctx, tx, t); err == nil {
		return Edition{}, done, grids.Errorf(grids.Conflict, "seq", "有打开的草案,不能恢复", "a draft is open").
			Fix("先发布或放弃草案", "publish or discard it first")
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return Edition{}, done, err
	}
	newest, err := Newest(ctx, tx, t)
	if err != nil {
		return Edition{}, done, err
	}
	switch {
	case of < 1 || of > newest:
		return Edition{}, done, grids.Errorf(grids.NotFound, "seq", "没有已发布的版本 %d", "there is no published edition %d", of).
			Fix("版本列表见 /v1/editions", "see /v1/editions for those there are")
	case of == newest:
		return Edition{}, done, grids.Errorf(grids.Conflict, "seq", "版本 %d 就是现行版本", "edition %d is the newest", of)
	}
	draft, err := Draft(ctx, tx, t, who)
	if err != nil {
		return Edition{}, done, err
	}
	if _, err := tx.Exec(ctx, `UPDATE editions.edition SET restores = $3 WHERE territory_id = $1 AND seq = $2`, t.ID, draft, of); err != nil {
		return Edition{}, done, fmt.Errorf("edition %d: %w", draft, err)
	}
	if done, err = cells.Restore(ctx, tx, t, draft, of, who, r.Unlock); err != nil {
		return Edition{}, done, err
	}
	if r.DocumentNo != "" || r.Date != "" {
		if err := Decide(ctx, tx, t, draft, r.DocumentNo, r.Date); err != nil {
			return Edition{}, done, err
		}
	}
	if r.Scan != nil {
		if err := Attach(ctx, tx, t, draft, r.ScanName, r.Scan); err != nil {
			return Edition{}, done, err
		}
	}
	edition, err := Publish(ctx, tx, t, who, r.Reason)
	return edition, done, err
}
