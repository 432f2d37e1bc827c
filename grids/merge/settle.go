package merge

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed fits.sql
var fitsSQL string

// settleSQL settles what fits.sql chooses: $8 by whom, $9 why.
var settleSQL = `
	UPDATE merge.conflict c
	SET state = 'settled', resolution = s.resolution, settled_by = $8, settled_reason = $9, settled_at = clock_timestamp(), drawn_at = NULL
	FROM (` + fitsSQL + `) s
	WHERE c.territory_id = $1 AND c.run_id = $2 AND c.id = s.id`

// Settle settles the open conflicts of a draft's run by rules: each by the first
// rule that fits it and that finds a person where it needs one. What was settled
// or deferred before stays, and so does what the principal may not decide. It gives
// how many conflicts each rule settled.
func Settle(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, rules []Rule) ([]int, error) {
	return SettleByList(ctx, tx, territory, run, RuleList{Rules: rules})
}

// SettleByList does what Settle does, by a territory's list of rules or one from a
// file: the decisions say by which version of it, or which file.
func SettleByList(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, list RuleList) ([]int, error) {
	rules := list.Rules
	if _, err := draftRun(ctx, tx, territory, run); err != nil {
		return nil, err
	}
	if err := knownLayers(ctx, tx, territory, rules); err != nil {
		return nil, err
	}
	text, err := json.Marshal(rules)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE merge.run SET rules = $3, rules_version = nullif($4, 0), rules_file = nullif($5, '') WHERE territory_id = $1 AND id = $2`,
		territory, run, text, list.Version, list.File); err != nil {
		return nil, fmt.Errorf("rules of run %d: %w", run, err)
	}
	counts := make([]int, len(rules))
	for i, rule := range rules {
		done, err := tx.Exec(ctx, settleSQL, territory, run, rule.Kind, rule.layer(), rule.Resolution, rule.When, nil,
			fmt.Sprintf("rule %d: %s", i+1, rule.Resolution), rule.Reason)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		counts[i] = int(done.RowsAffected())
	}
	return counts, nil
}

// Decision is what a planner decides of a conflict. Saw is the version of it that
// they saw; Reason is in their words. Resolution may, for people, be Accountable
// and a staff number, along a statutory or disputed line "interim:" and one.
type Decision struct {
	Resolution string // of SettleOne
	By         string
	Reason     string
	Saw        int64
}

// Late is the error of a decision about a conflict on which somebody else decided
// since the planner saw it. It unwraps to a *grids.Error.
type Late struct {
	err  *grids.Error
	Now  Conflict
	Last Event
}

func (l *Late) Error() string { return l.err.Error() }

// Unwrap gives the *grids.Error.
func (l *Late) Unwrap() error { return l.err }

// SettleOne settles one conflict of a draft's run as a planner decides, also one
// that was settled otherwise before. It gives the conflict as it is then.
func SettleOne(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, d Decision) (Conflict, error) {
	c, err := seen(ctx, tx, territory, run, conflict, d)
	if err != nil {
		return c, err
	}
	if err := checkResolution(ctx, tx, territory, c.Kind, d.Resolution); err != nil {
		return c, err
	}
	done, err := tx.Exec(ctx, settleSQL, territory, run, c.Kind, "", d.Resolution, Condition{}, []int64{conflict}, d.By, d.text())
	if err != nil {
		return c, fmt.Errorf("conflict %d: %w", conflict, err)
	}
	if done.RowsAffected() == 0 {
		return c, unfit(conflict, d.Resolution)
	}
	return Find(ctx, tx, territory, run, conflict)
}

// unfit is the error where a resolution of the right kind has nothing to take.
func unfit(conflict int64, resolution string) *grids.Error {
	return grids.Errorf(grids.Conflict, "resolution", "冲突 %d 不能这样解决:%s", "conflict %d can't be settled by %s", conflict, resolution).
		Fix("网格本身的错误须先修正;没有人可用时指定工号(accountable:工号);法定或争议界线处只能指定临时责任人(interim:工号)",
			"errors of the unified cells must be mended; where no person is found, name one (accountable:STAFF_NO); along a statutory or disputed line only interim:STAFF_NO will do")
}

// checkResolution refuses what can't settle a kind, and staff numbers that
// nobody has.
func checkResolution(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, kind Kind, resolution string) error {
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
	if !ok {
		return nil
	}
	var known bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM people.person WHERE territory_id = $1 AND staff_no = $2)`, territory, staffNo).Scan(&known)
	if err != nil {
		return fmt.Errorf("staff number %s: %w", staffNo, err)
	}
	if !known {
		return grids.Errorf(grids.Invalid, "resolution", "没有工号为 %s 的人员", "nobody has staff number %s", staffNo)
	}
	return nil
}

// Defer puts a conflict of a draft's run off; a blocking one goes on blocking.
func Defer(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, d Decision) (Conflict, error) {
	return decide(ctx, tx, territory, run, conflict, d, `
		UPDATE merge.conflict SET state = 'deferred', resolution = NULL, settled_by = $4, settled_reason = $5, settled_at = clock_timestamp(), drawn_at = NULL
		WHERE territory_id = $1 AND run_id = $2 AND id = $3`, d.By, d.text())
}

// Reopen takes back what was decided of a conflict of a draft's run; one that is
// open stays as it is.
func Reopen(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, d Decision) (Conflict, error) {
	return decide(ctx, tx, territory, run, conflict, d, `
		UPDATE merge.conflict SET state = 'open', resolution = NULL, settled_by = NULL, settled_reason = $4, settled_at = NULL, drawn_at = NULL
		WHERE territory_id = $1 AND run_id = $2 AND id = $3 AND state <> 'open'`, d.text())
}

func decide(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, d Decision, sql string, args ...any) (Conflict, error) {
	if c, err := seen(ctx, tx, territory, run, conflict, d); err != nil {
		return c, err
	}
	if _, err := tx.Exec(ctx, sql, append([]any{territory, run, conflict}, args...)...); err != nil {
		return Conflict{}, fmt.Errorf("conflict %d: %w", conflict, err)
	}
	return Find(ctx, tx, territory, run, conflict)
}

// seen gives a conflict of a draft's run for a decision, in the territory's turn:
// nobody else decides until the transaction ends. A *Late when somebody has.
func seen(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, d Decision) (Conflict, error) {
	if _, err := draftRun(ctx, tx, territory, run); err != nil {
		return Conflict{}, err
	}
	c, err := Find(ctx, tx, territory, run, conflict)
	if err != nil {
		return c, err
	}
	if strings.TrimSpace(d.Reason) == "" {
		return c, grids.Errorf(grids.Invalid, "reason", "请写明理由", "a decision needs a reason")
	}
	if c.Version == d.Saw {
		return c, nil
	}
	events, err := History(ctx, tx, territory, conflict)
	if err != nil {
		return c, err
	}
	late := &Late{Now: c}
	for _, e := range events {
		if e.Version == c.Version && e.Version != 0 {
			late.Last = e
		}
	}
	did := didNames[late.Last.Did]
	late.err = grids.Errorf(grids.Conflict, "version", "在您查看之后,%[1]s 已对冲突 %[2]d 作出决定", "since you saw it, %[1]s decided on conflict %[2]d",
		late.Last.By, conflict).
		Fix("看过现在的决定后再决定", "look at what is decided now, and decide again")
	late.err.Message.ZH += "(" + did.ZH + ")"
	late.err.Message.EN += " (" + did.EN + ")"
	return c, late
}

// text is the reason as it is kept.
func (d Decision) text() grids.Text {
	reason := strings.TrimSpace(d.Reason)
	return grids.Text{ZH: reason, EN: reason}
}
