package circulation

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/merge"
)

// Stance is what a party says about a conflict as it was circulated.
type Stance string

// The stances.
const (
	Accept  Stance = "accept"
	Comment Stance = "comment"
)

// Outcome is what the planner makes of a comment (采纳, 部分采纳, 未采纳).
type Outcome string

// The outcomes.
const (
	Adopted  Outcome = "adopted"
	Partly   Outcome = "partly"
	NotTaken Outcome = "not"
)

// State is where a party stands with a conflict.
type State string

// The states of a party's conflict.
const (
	Accepted  State = "accepted"
	Commented State = "commented"
	Pending   State = "pending"   // 待反馈
	IsOverdue State = "overdue"   // 逾期未反馈
	Consented State = "consented" // 视为同意
)

// Standing is what a party said about a conflict last, and the answer to it.
type Standing struct {
	Party      int        `json:"party"`
	State      State      `json:"state"`
	Late       bool       `json:"late"`              // said after the deadline
	Opinion    *int64     `json:"opinion,omitempty"` // its id
	Text       *string    `json:"text,omitempty"`
	At         *time.Time `json:"at,omitempty"`
	By         *string    `json:"by,omitempty"`
	Outcome    *Outcome   `json:"outcome,omitempty"`
	Reason     *string    `json:"reason,omitempty"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	AnsweredBy *string    `json:"answered_by,omitempty"`
}

// Item is a conflict as it was circulated. Lon and Lat are EPSG:4326.
type Item struct {
	Conflict      int64
	There         bool // the conflict is one of the draft's still
	Kind          merge.Kind
	Layer         grids.LayerCode
	Code          grids.Code // of the leaf; "": it is outside all
	Name          string
	Lon           *float64
	Lat           *float64
	AreaM2        float64
	WidthM        float64
	Pending       bool // 界线待定
	Severity      merge.Severity
	Blocking      bool
	LayerCells    []string
	Proposal      string
	ReasonKey     string
	State         merge.State // when it was circulated
	Resolution    string
	SettledReason *grids.Text
	Standings     []Standing // of the parties that the caller may see
}

// Reason is that of the proposal.
func (i Item) Reason() grids.Text { return merge.Reason(i.ReasonKey) }

// Filter chooses items; zero values choose all. After is the last conflict of
// the page before, Limit 0 takes all.
type Filter struct {
	Party int
	State State // of any of the parties that are seen
	After int64
	Limit int
}

//go:embed items.sql
var itemsSQL string

// Items gives the conflicts of a round that the caller may see, in the order of
// their ids: a party its own, planners and auditors all.
func Items(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, round int64, f Filter) ([]Item, error) {
	var limit *int
	if f.Limit > 0 {
		limit = &f.Limit
	}
	rows, err := tx.Query(ctx, itemsSQL, territory, round, f.Party, f.State, f.After, limit)
	if err != nil {
		return nil, fmt.Errorf("conflicts of round %d: %w", round, err)
	}
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i Item, err error) {
		err = row.Scan(&i.Conflict, &i.There, &i.Kind, &i.Layer, &i.Code, &i.Name, &i.Lon, &i.Lat, &i.AreaM2, &i.WidthM, &i.Pending, &i.Severity, &i.Blocking,
			&i.LayerCells, &i.Proposal, &i.ReasonKey, &i.State, &i.Resolution, &i.SettledReason, &i.Standings)
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("conflicts of round %d: %w", round, err)
	}
	return items, nil
}

// Give records what the caller says about conflicts for the parties that it
// speaks for, or about all of theirs on which they have said nothing yet (rest).
// It gives how many opinions these are. A Forbidden error if one of the
// conflicts is none of theirs, and nothing is recorded.
func Give(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, round int64, conflicts []int64, rest bool, stance Stance, text string) (int, error) {
	if _, err := Get(ctx, tx, territory, round); err != nil {
		return 0, err
	}
	text = strings.TrimSpace(text)
	if stance == Comment && text == "" {
		return 0, grids.Errorf(grids.Invalid, "text", "提出意见须写明内容", "a comment says something")
	}
	if rest == (len(conflicts) > 0) {
		return 0, grids.Errorf(grids.Invalid, "conflict", "请给出冲突,或用 rest 表示其余全部", "name conflicts, or all others by rest")
	}
	var parties int
	var strange []int64
	err := tx.QueryRow(ctx, `
		WITH own AS (
		  SELECT p.id FROM circulation.party p WHERE p.territory_id = $1 AND p.round_id = $2 AND circulation.speaks(p.territory_id, p.layer, p.county))
		SELECT (SELECT count(*) FROM own), ARRAY(
		  SELECT n FROM unnest($3::bigint[]) AS n
		  WHERE NOT EXISTS (SELECT FROM circulation.concern c WHERE c.territory_id = $1 AND c.round_id = $2 AND c.conflict = n AND c.party_id IN (SELECT id FROM own)) LIMIT 20)`,
		territory, round, conflicts).Scan(&parties, &strange)
	if err != nil {
		return 0, fmt.Errorf("opinions of round %d: %w", round, err)
	}
	if parties == 0 {
		return 0, grids.Errorf(grids.Forbidden, "", "您不代表本轮征求意见的任何单位", "you speak for none of those who are asked").
			Fix("部门账号须限定条线(不限区划),县区账号须限定本县区(不限条线)", "a department's account is bound to its layer and no subtree, a county's to its subtree and no layer")
	}
	if len(strange) > 0 {
		return 0, grids.Errorf(grids.Forbidden, "conflict", "冲突 %v 不涉及您的单位", "the conflicts %v don't concern you", strange)
	}
	done, err := tx.Exec(ctx, `
		INSERT INTO circulation.opinion (territory_id, round_id, party_id, conflict, stance, text)
		SELECT s.territory_id, s.round_id, s.party_id, s.conflict, $4, $5
		FROM circulation.standing s
		JOIN circulation.party p ON p.territory_id = s.territory_id AND p.round_id = s.round_id AND p.id = s.party_id
		WHERE s.territory_id = $1 AND s.round_id = $2 AND circulation.speaks(p.territory_id, p.layer, p.county)
		  AND CASE WHEN $6 THEN s.opinion IS NULL ELSE s.conflict = ANY ($3::bigint[]) END`,
		territory, round, conflicts, stance, text, rest)
	if err != nil {
		return 0, fmt.Errorf("opinions of round %d: %w", round, err)
	}
	return int(done.RowsAffected()), nil
}

// Answer says what became of a comment, and why. A later answer counts instead
// of an earlier one.
func Answer(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, opinion int64, outcome Outcome, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return grids.Errorf(grids.Invalid, "reason", "采纳情况须写明理由", "an answer has a reason")
	}
	var newest bool
	err := tx.QueryRow(ctx, `
		SELECT NOT EXISTS (SELECT FROM circulation.opinion n WHERE n.territory_id = o.territory_id AND n.round_id = o.round_id AND n.party_id = o.party_id AND n.conflict = o.conflict AND n.id > o.id)
		FROM circulation.opinion o WHERE o.territory_id = $1 AND o.id = $2`, territory, opinion).Scan(&newest)
	if errors.Is(err, pgx.ErrNoRows) {
		return grids.Errorf(grids.NotFound, "id", "没有编号为 %d 的意见", "there is no opinion %d", opinion)
	}
	if err != nil {
		return fmt.Errorf("opinion %d: %w", opinion, err)
	}
	if !newest {
		return grids.Errorf(grids.Conflict, "id", "该单位已就此提出新的反馈", "the party has said something else since then").
			Fix("请重新查看后答复", "look again and answer that")
	}
	_, err = tx.Exec(ctx, `INSERT INTO circulation.answer (territory_id, opinion_id, outcome, reason) VALUES ($1, $2, $3, $4)`, territory, opinion, outcome, reason)
	if err != nil {
		return fmt.Errorf("answer to opinion %d: %w", opinion, err)
	}
	return nil
}
