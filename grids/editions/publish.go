package editions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/merge"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

// Channel is where every publish is announced, with the territory's code, in
// the publish's own transaction.
const Channel = "unigrid_published"

// Publish makes the open draft the grid in force, all of it or nothing. It
// refuses while the draft is no exact partition or a conflict blocks it.
func Publish(ctx context.Context, tx pgx.Tx, t cells.Territory, who grids.Principal, note string) (Edition, error) {
	seq, err := openDraft(ctx, tx, t)
	if err != nil {
		return Edition{}, err
	}
	if err := gate(ctx, tx, t, seq); err != nil {
		return Edition{}, err
	}
	if err := cells.MakeDisplay(ctx, tx, t, seq); err != nil {
		return Edition{}, err
	}
	if err := cells.TraceLineage(ctx, tx, t, seq); err != nil {
		return Edition{}, err
	}
	if err := cells.CloseJournal(ctx, tx, t, seq); err != nil {
		return Edition{}, err
	}
	// Nobody changes an object between the instant and the placing that counts
	// from it.
	if err := objects.TakeTurn(ctx, tx, t.ID); err != nil {
		return Edition{}, err
	}
	at, err := effectiveNow(ctx, tx)
	if err != nil {
		return Edition{}, err
	}
	if err := people.CarryAlong(ctx, tx, t.ID, seq, at); err != nil {
		return Edition{}, err
	}
	if err := objects.Replace(ctx, tx, t.ID, seq, at); err != nil {
		return Edition{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE editions.edition SET state = 'published', effective = $3, published_by = $4, note = $5
		WHERE territory_id = $1 AND seq = $2`, t.ID, seq, at, who.Name, note); err != nil {
		return Edition{}, err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_notify($1, $2)`, Channel, t.Code); err != nil {
		return Edition{}, err
	}
	return Edition{Seq: seq, State: "published", Effective: &at, Note: note}, nil
}

// openDraft gives the open draft and keeps others from changing it.
func openDraft(ctx context.Context, tx pgx.Tx, t cells.Territory) (grids.EditionID, error) {
	if err := cells.TakeTurn(ctx, tx, t.ID); err != nil {
		return 0, err
	}
	seq, err := open(ctx, tx, t)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, grids.Errorf(grids.Conflict, "publish", "没有待发布的草案", "there is no draft to publish").
			Fix("先导入、绘制或合并", "import, draw or merge first")
	}
	return seq, err
}

// gate refuses what must not be published.
func gate(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID) error {
	// The edition before passed this gate, so only what changed since can be
	// wrong.
	found, checked, err := cells.CheckChanged(ctx, tx, t, seq)
	if err != nil {
		return err
	}
	if checked == 0 {
		return grids.Errorf(grids.Conflict, "publish", "草案中没有网格", "the draft has no cells")
	}
	if len(found) > 0 {
		f := found[0]
		return &Blocked{Findings: found, err: grids.Errorf(grids.Conflict, "publish", "草案不是精确划分(%d 处,第一处:%s,%.7f,%.7f)",
			"the draft is no exact partition (%d places, the first: %s at %.7f,%.7f)", len(found), f.Kind+" "+f.Code, *f.Lon, *f.Lat)}
	}
	run, err := merge.Latest(ctx, tx, t.ID, seq)
	if grids.IsKind(err, grids.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if run.Edition == seq && run.HasChanged {
		return grids.Errorf(grids.Conflict, "publish", "草案在融合之后又有改动", "the draft was changed after its layers were merged").
			Fix("重新运行 unigrid merge", "run unigrid merge again")
	}
	blocking, err := merge.Blocking(ctx, tx, t.ID, run.ID)
	if err != nil {
		return err
	}
	if len(blocking) > 0 {
		return &Blocked{Findings: conflicts(blocking), err: grids.Errorf(grids.Conflict, "publish", "有 %d 处冲突未解决", "%d blocking conflicts are open", len(blocking)).
			Fix("用 unigrid merge --rules 或逐条解决", "settle them with unigrid merge --rules, or one by one")}
	}
	return nil
}

// Blocked is why a draft can't be published, place by place. It unwraps to a
// *grids.Error of kind Conflict.
type Blocked struct {
	Findings []grids.Finding
	err      *grids.Error
}

// Error says how many places there are.
func (b *Blocked) Error() string { return b.err.Error() }

// Unwrap gives the *grids.Error.
func (b *Blocked) Unwrap() error { return b.err }

// conflicts are open conflicts of a merge as findings.
func conflicts(list []merge.Conflict) []grids.Finding {
	found := make([]grids.Finding, len(list))
	for i, c := range list {
		found[i] = grids.Finding{Check: "merge", Kind: string(c.Kind), Severity: grids.SeverityError, Code: string(c.Cell), Lon: c.Lon, Lat: c.Lat}.Say(c.Reason)
	}
	return found
}

// effectiveNow is the clock, not the transaction's start: an answer given while
// a long publish runs must stay true after it.
func effectiveNow(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	var at time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&at); err != nil {
		return at, fmt.Errorf("effective instant: %w", err)
	}
	return at, nil
}
