package merge

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed settle.sql
var settleSQL string

// Settle settles the open conflicts of a draft's run by rules: each by the first
// rule that fits it and that finds a person where it needs one. What was settled
// or deferred before stays. It gives how many conflicts each rule settled.
func Settle(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, rules []Rule) ([]int, error) {
	if _, err := draftRun(ctx, tx, territory, run); err != nil {
		return nil, err
	}
	counts := make([]int, len(rules))
	for i, rule := range rules {
		reason, err := json.Marshal(rule.Reason)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		layer := rule.Layer
		if layer == "*" {
			layer = ""
		}
		done, err := tx.Exec(ctx, settleSQL, territory, run, rule.Kind, layer, rule.Resolution,
			fmt.Sprintf("rule %d: %s", i+1, rule.Resolution), reason, rule.When.MaxShareBelow, rule.When.MaxShareFrom,
			rule.When.AreaM2Below, rule.When.TouchesBelow, rule.When.Outside, rule.When.HasOwn, nil,
			rule.When.WidthMBelow, rule.When.Pending)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		counts[i] = int(done.RowsAffected())
	}
	text, err := json.Marshal(rules)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE merge.run SET rules = $3 WHERE territory_id = $1 AND id = $2`, territory, run, text); err != nil {
		return nil, fmt.Errorf("rules of run %d: %w", run, err)
	}
	return counts, nil
}

// SettleOne settles one conflict of a draft's run as a planner decides, also one
// that was settled otherwise before. For people, resolution may be
// Accountable and a staff number, along a statutory or disputed line "interim:"
// and one. reason is the planner's, in their words.
func SettleOne(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, resolution, by, reason string) error {
	if _, err := draftRun(ctx, tx, territory, run); err != nil {
		return err
	}
	kind, err := reopen(ctx, tx, territory, run, conflict)
	if err != nil {
		return err
	}
	allowed, _ := resolutions(kind)
	if !fits(allowed, resolution) {
		e := grids.Errorf(grids.Invalid, "resolution", "%q 不能解决 %s", "%q doesn't settle %s", resolution, kind)
		if len(allowed) == 0 {
			return e.Fix("把对象归入网格后重新融合", "place the object and merge again")
		}
		return e.Fix("可用:%s", "these do: %s", strings.Join(allowed, " "))
	}
	staffNo, ok := strings.CutPrefix(resolution, Accountable)
	if !ok {
		staffNo, ok = strings.CutPrefix(resolution, interimPerson)
	}
	if ok {
		var known bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM people.person WHERE territory_id = $1 AND staff_no = $2)`, territory, staffNo).Scan(&known)
		if err != nil {
			return fmt.Errorf("staff number %s: %w", staffNo, err)
		}
		if !known {
			return grids.Errorf(grids.Invalid, "resolution", "没有工号为 %s 的人员", "nobody has staff number %s", staffNo)
		}
	}
	text, err := json.Marshal(grids.Text{ZH: reason, EN: reason})
	if err != nil {
		return fmt.Errorf("reason: %w", err)
	}
	done, err := tx.Exec(ctx, settleSQL, territory, run, kind, "", resolution, by, text, nil, nil, nil, nil, nil, nil, conflict, nil, nil)
	if err != nil {
		return fmt.Errorf("conflict %d: %w", conflict, err)
	}
	if done.RowsAffected() == 0 {
		return grids.Errorf(grids.Conflict, "resolution", "冲突 %d 不能这样解决:%s", "conflict %d can't be settled by %s", conflict, resolution).
			Fix("网格本身的错误须先修正;没有人可用时指定工号(accountable:工号);法定或争议界线处只能指定临时责任人(interim:工号)",
				"errors of the unified cells must be mended; where no person is found, name one (accountable:STAFF_NO); along a statutory or disputed line only interim:STAFF_NO will do")
	}
	return nil
}

// Defer puts a conflict of a draft's run off; a blocking one goes on blocking.
func Defer(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, by, reason string) error {
	if _, err := draftRun(ctx, tx, territory, run); err != nil {
		return err
	}
	if _, err := reopen(ctx, tx, territory, run, conflict); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE merge.conflict SET state = 'deferred', settled_by = $4, settled_at = clock_timestamp(),
			settled_reason = jsonb_build_object('zh', $5::text, 'en', $5::text)
		WHERE territory_id = $1 AND run_id = $2 AND id = $3`, territory, run, conflict, by, reason)
	if err != nil {
		return fmt.Errorf("conflict %d: %w", conflict, err)
	}
	return nil
}

// reopen takes back what was decided of a conflict and gives its kind.
func reopen(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64) (Kind, error) {
	var kind Kind
	err := tx.QueryRow(ctx, `
		UPDATE merge.conflict SET state = 'open', resolution = NULL, settled_by = NULL, settled_reason = NULL, settled_at = NULL
		WHERE territory_id = $1 AND run_id = $2 AND id = $3
		RETURNING kind`, territory, run, conflict).Scan(&kind)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", grids.Errorf(grids.NotFound, "conflict", "融合 %d 中没有冲突 %d", "run %d has no conflict %d", run, conflict)
	}
	if err != nil {
		return "", fmt.Errorf("conflict %d: %w", conflict, err)
	}
	return kind, nil
}
