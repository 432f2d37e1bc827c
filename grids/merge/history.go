package merge

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Did is what somebody did with a conflict: Settled, Deferred, or one of these.
type Did string

// What is done with conflicts besides settling and deferring them.
const (
	Reopened  Did = "reopened"
	Drawn     Did = "drawn" // the lines that were decided to move are in the draft
	Commented Did = "commented"
)

// Event is one thing that was done with a conflict. Rule is the rule that
// decided ("rule 2: keep-base-boundary"), or "merge" where a merge opened it
// again; By is then who had it run.
type Event struct {
	Version    int64           `json:"version,omitempty"` // of a decision
	Edition    grids.EditionID `json:"edition,omitempty"` // of the draft in which it was decided
	At         time.Time       `json:"at"`
	By         string          `json:"by"`
	Did        Did             `json:"did"`
	Resolution string          `json:"resolution,omitempty"`
	Reason     *grids.Text     `json:"reason,omitempty"`
	Rule       string          `json:"rule,omitempty"`
	Text       string          `json:"text,omitempty"` // of a comment

	RulesVersion int    `json:"rules_version,omitempty"` // of the territory's list that has the rule
	RulesFile    string `json:"rules_file,omitempty"`    // that the rule came from instead
}

// Evidence shows a conflict on the map, in GeoJSON: the disputed ground (null:
// the whole cell, or no ground), and as features who claims it. Their role is
// cell (of the unified grid), layer-cell, base, object, or move: ground that a
// resolution would move.
type Evidence struct {
	Ground    json.RawMessage
	Claimants json.RawMessage
}

//go:embed evidence.sql
var evidenceSQL string

// ShowEvidence gives what a conflict of a run is about.
func ShowEvidence(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64) (Evidence, error) {
	var e Evidence
	if err := tx.QueryRow(ctx, evidenceSQL, territory, run, conflict).Scan(&e.Ground, &e.Claimants); err != nil {
		return e, fmt.Errorf("evidence of conflict %d: %w", conflict, err)
	}
	return e, nil
}

// History gives all that was ever done with a conflict, the oldest first: also in
// merges before the one that it stands in now, and in drafts that were discarded.
func History(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, conflict int64) ([]Event, error) {
	rows, err := tx.Query(ctx, `
		SELECT d.id, d.edition, d.at, d.by, d.did, coalesce(d.resolution, ''), d.reason, coalesce(d.rule, ''), '', coalesce(d.rules_version, 0), coalesce(d.rules_file, '')
		FROM merge.decision d WHERE d.territory_id = $1 AND d.conflict_id = $2
		UNION ALL
		SELECT 0, 0, c.at, c.by, 'commented', '', NULL, '', c.text, 0, ''
		FROM merge.comment c WHERE c.territory_id = $1 AND c.conflict_id = $2
		ORDER BY 3, 1`, territory, conflict)
	if err != nil {
		return nil, fmt.Errorf("history of conflict %d: %w", conflict, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Event, err error) {
		err = row.Scan(&e.Version, &e.Edition, &e.At, &e.By, &e.Did, &e.Resolution, &e.Reason, &e.Rule, &e.Text, &e.RulesVersion, &e.RulesFile)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("history of conflict %d: %w", conflict, err)
	}
	return list, nil
}

// Find gives one conflict of a run; a NotFound error when it has none of that id,
// or a Gone error when an earlier merge had it.
func Find(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64) (Conflict, error) {
	found, err := List(ctx, tx, territory, run, Filter{IDs: []int64{conflict}}, Page{})
	if err != nil {
		return Conflict{}, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	var by string
	err = tx.QueryRow(ctx, `
		SELECT d.by FROM merge.decision d
		WHERE d.territory_id = $1 AND d.conflict_id = $2 ORDER BY d.id DESC LIMIT 1`, territory, conflict).Scan(&by)
	if errors.Is(err, pgx.ErrNoRows) {
		return Conflict{}, grids.Errorf(grids.NotFound, "conflict", "融合 %[1]d 中没有冲突 %[2]d", "run %[1]d has no conflict %[2]d", run, conflict)
	}
	if err != nil {
		return Conflict{}, fmt.Errorf("conflict %d: %w", conflict, err)
	}
	return Conflict{}, grids.Errorf(grids.Gone, "conflict", "冲突 %[1]d 在最近一次融合后已不存在,最后处理的是 %[2]s",
		"conflict %[1]d is no more since the newest merge; %[2]s was the last who acted on it", conflict, by)
}

// Comment adds what somebody says about a conflict of a run.
func Comment(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run, conflict int64, by, text string) error {
	if _, err := Find(ctx, tx, territory, run, conflict); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return grids.Errorf(grids.Invalid, "text", "意见为空", "the comment is empty")
	}
	_, err := tx.Exec(ctx, `INSERT INTO merge.comment (territory_id, conflict_id, by, text) VALUES ($1, $2, $3, $4)`, territory, conflict, by, text)
	if err != nil {
		return fmt.Errorf("comment on conflict %d: %w", conflict, err)
	}
	return nil
}
