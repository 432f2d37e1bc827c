package editions

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/merge"
)

// Wish is what to make of the layers' grids.
type Wish struct {
	Base     grids.LayerCode   // see merge.Options
	Layers   []grids.LayerCode // nil: all that have cells
	Rules    *merge.RuleList   // settle conflicts; nil: those that the territory has saved
	Capacity int               // see merge.Options
	Publish  bool              // when no blocking conflict is open
	Note     string            // of the edition
}

// Unified says what came of it. Edition is nil when nothing was published.
type Unified struct {
	Run       merge.Run         `json:"run"`
	Rules     RulesUsed         `json:"rules"`
	Drawn     merge.Redrawn     `json:"drawn"` // lines moved as decided
	Conflicts []merge.KindCount `json:"conflicts"`
	Blocking  []merge.Conflict  `json:"blocking"`
	Edition   *Edition          `json:"edition,omitempty"`
}

// RulesUsed says by which rules conflicts were settled: a version of the territory's
// list, or a file.
type RulesUsed struct {
	Version int    `json:"version,omitempty"`
	File    string `json:"file,omitempty"`
	Count   int    `json:"count"` // how many rules they are
}

// Unify makes one grid of the layers' grids: it overlays them with the draft's
// leaves, settles conflicts by rules (without a wish by those that the territory has
// saved, if any), draws the lines that were decided to move
// and merges anew, and, if that is wished and nothing blocks it, publishes
// the result.
func Unify(ctx context.Context, tx pgx.Tx, t cells.Territory, who grids.Principal, w Wish) (Unified, error) {
	var u Unified
	draft, err := Draft(ctx, tx, t, who)
	if err != nil {
		return u, err
	}
	if u.Run, err = merge.Overlay(ctx, tx, t.ID, draft, merge.Options{Layers: w.Layers, Base: w.Base, Capacity: w.Capacity}, who.Name); err != nil {
		return u, err
	}
	rules, err := w.rules(ctx, tx, t)
	if err != nil {
		return u, err
	}
	u.Rules = RulesUsed{Version: rules.Version, File: rules.File, Count: len(rules.Rules)}
	settle := func(run merge.Run) error {
		_, err := merge.SettleByList(ctx, tx, t.ID, run.ID, rules)
		return err
	}
	if u.Drawn, u.Run, err = merge.Draw(ctx, tx, t, u.Run, who, settle); err != nil {
		return u, err
	}
	if u.Run, err = merge.Get(ctx, tx, t.ID, u.Run.ID); err != nil {
		return u, err
	}
	tally, err := merge.TallyUp(ctx, tx, t.ID, u.Run.ID, merge.Filter{})
	if err != nil {
		return u, err
	}
	u.Conflicts = tally.ByKind
	if u.Blocking, err = merge.Blocking(ctx, tx, t.ID, u.Run.ID); err != nil {
		return u, err
	}
	if !w.Publish || len(u.Blocking) > 0 {
		return u, nil
	}
	published, err := Publish(ctx, tx, t, who, w.Note)
	if err != nil {
		return u, err
	}
	u.Edition = &published
	return u, nil
}

// rules gives those that are wished, else the territory's own. The list that comes
// with the product settles nothing that nobody asked for.
func (w Wish) rules(ctx context.Context, tx pgx.Tx, t cells.Territory) (merge.RuleList, error) {
	if w.Rules != nil {
		return *w.Rules, nil
	}
	saved, err := merge.Rules(ctx, tx, t.ID, nil)
	if saved.Version == 0 {
		saved.Rules = nil
	}
	return saved, err
}
