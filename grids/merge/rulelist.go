package merge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// RuleList is a territory's list of rules. Version 0 is the list that comes with
// the product, which counts until the territory has one of its own, or that of a
// File.
type RuleList struct {
	Version int        `json:"version"`
	Rules   []Rule     `json:"rules"`
	SavedAt *time.Time `json:"saved_at,omitempty"`
	SavedBy string     `json:"saved_by,omitempty"`
	File    string     `json:"-"` // its name; "": the list isn't from a file
}

// Rules gives the list that counts, or an earlier one by its version (nil: the
// newest).
func Rules(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, version *int) (RuleList, error) {
	var l RuleList
	err := tx.QueryRow(ctx, `
		SELECT version, rules, saved_at, saved_by FROM merge.rules
		WHERE territory_id = $1 AND ($2::int IS NULL OR version = $2) ORDER BY version DESC LIMIT 1`, territory, version).
		Scan(&l.Version, &l.Rules, &l.SavedAt, &l.SavedBy)
	if errors.Is(err, pgx.ErrNoRows) && (version == nil || *version == 0) {
		l.Rules, err = ExampleRules()
		return l, err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return l, grids.Errorf(grids.NotFound, "version", "没有第 %d 版规则", "there is no version %d of the rules", *version)
	}
	if err != nil {
		return l, fmt.Errorf("rules: %w", err)
	}
	return l, nil
}

// SaveRules makes rules, which ParseRules has read, the territory's list. saw is
// the version on which they are based; a Conflict error when there is another since.
func SaveRules(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, rules []Rule, saw int, by string) (RuleList, error) {
	if err := cells.TakeTurn(ctx, tx, territory); err != nil {
		return RuleList{}, err
	}
	now, err := Rules(ctx, tx, territory, nil)
	if err != nil {
		return RuleList{}, err
	}
	if now.Version != saw {
		return RuleList{}, grids.Errorf(grids.Conflict, "version", "规则已由 %[1]s 改为第 %[2]d 版", "%[1]s has saved version %[2]d of the rules meanwhile", now.SavedBy, now.Version).
			Fix("看过新的规则后再改", "look at the new rules and change those")
	}
	if err := knownLayers(ctx, tx, territory, rules); err != nil {
		return RuleList{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO merge.rules (territory_id, version, rules, saved_by) VALUES ($1, $2, $3, $4)`, territory, saw+1, rules, by)
	if err != nil {
		return RuleList{}, fmt.Errorf("rules: %w", err)
	}
	return Rules(ctx, tx, territory, nil)
}

// samplesShown is how many conflicts a preview names for each rule.
const samplesShown = 5

// RuleEffect is what a rule would do.
type RuleEffect struct {
	Rule    int        `json:"rule"`    // from 1
	Fits    int        `json:"fits"`    // open conflicts that it could settle
	Decides int        `json:"decides"` // of which it is the first rule that fits
	Samples []Conflict `json:"-"`       // of those it decides
}

// PreviewRules tells what each rule would do to the open conflicts of a run, and
// how many would stay open. It writes nothing.
func PreviewRules(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, rules []Rule) (effects []RuleEffect, left int, err error) {
	if err := knownLayers(ctx, tx, territory, rules); err != nil {
		return nil, 0, err
	}
	decided := map[int64]bool{}
	for i, rule := range rules {
		rows, err := tx.Query(ctx, fitsSQL, territory, run, rule.Kind, rule.layer(), rule.Resolution, rule.When, nil)
		if err != nil {
			return nil, 0, fmt.Errorf("rule %d: %w", i+1, err)
		}
		effect := RuleEffect{Rule: i + 1}
		var id int64
		var resolution string
		samples := map[int64]string{}
		var shown []int64
		_, err = pgx.ForEachRow(rows, []any{&id, &resolution}, func() error {
			effect.Fits++
			if decided[id] {
				return nil
			}
			decided[id] = true
			if effect.Decides++; len(shown) < samplesShown {
				shown = append(shown, id)
				samples[id] = resolution
			}
			return nil
		})
		if err != nil {
			return nil, 0, fmt.Errorf("rule %d: %w", i+1, err)
		}
		if len(shown) > 0 {
			if effect.Samples, err = List(ctx, tx, territory, run, Filter{IDs: shown}, Page{}); err != nil {
				return nil, 0, err
			}
			for n := range effect.Samples {
				effect.Samples[n].Resolution = samples[effect.Samples[n].ID]
			}
		}
		effects = append(effects, effect)
	}
	open, err := TallyUp(ctx, tx, territory, run, Filter{State: Open})
	return effects, open.Open - len(decided), err
}
