package merge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/merge"
)

func (w world) history(t testing.TB, conflict int64) (list []merge.Event) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) (err error) {
		list, err = merge.History(t.Context(), tx, w.Territory, conflict)
		return err
	})
	return list
}

// Several planners decide on the same conflicts at once. Whoever decides has seen
// the decision before theirs: none is lost, and none is overwritten unseen.
func TestNoDecisionIsLost(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	var ids []int64
	for _, c := range w.list(t, run, merge.Filter{}) {
		if c.Kind == merge.Split || c.Kind == merge.Gap {
			ids = append(ids, c.ID)
		}
	}
	type decision struct{ conflict, saw, got int64 }
	var mu sync.Mutex
	var made []decision
	late := 0
	var group sync.WaitGroup
	for planner := range 4 {
		group.Go(func() {
			ctx := context.WithoutCancel(t.Context())
			for round := range 6 {
				for _, id := range ids {
					var c merge.Conflict
					err := w.db.Read(ctx, grids.Local, func(tx pgx.Tx) (err error) {
						c, err = merge.Find(ctx, tx, w.Territory, run.ID, id)
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
					d := merge.Decision{Resolution: merge.KeepBase, By: fmt.Sprint("planner ", planner), Reason: fmt.Sprint("round ", round), Saw: c.Version}
					how := []func(context.Context, pgx.Tx, grids.TerritoryID, int64, int64, merge.Decision) (merge.Conflict, error){merge.SettleOne, merge.Defer}[(planner+round)%2]
					err = w.db.Tx(ctx, grids.Principal{Name: d.By, Role: grids.RolePlanner}, func(tx pgx.Tx) error {
						now, err := how(ctx, tx, w.Territory, run.ID, id, d)
						c = now
						return err
					})
					var stale *merge.Late
					mu.Lock()
					switch {
					case errors.As(err, &stale):
						if late++; stale.Now.Version <= d.Saw || stale.Last.By == "" || !strings.Contains(stale.Error(), "settled)") && !strings.Contains(stale.Error(), "deferred)") {
							t.Errorf("late, and told %+v by %+v", stale.Now, stale.Last)
						}
					case err != nil:
						t.Error(err)
					default:
						made = append(made, decision{id, d.Saw, c.Version})
					}
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	slices.SortFunc(made, func(a, b decision) int { return int(a.got - b.got) })
	last := map[int64]int64{}
	for _, d := range made {
		if d.saw != last[d.conflict] {
			t.Errorf("conflict %d: who decided %d saw %d, but %d was decided", d.conflict, d.got, d.saw, last[d.conflict])
		}
		last[d.conflict] = d.got
	}
	kept := 0
	for _, id := range ids {
		events := w.history(t, id)
		if kept += len(events); events[len(events)-1].Version != last[id] {
			t.Errorf("conflict %d ends with %+v, want version %d", id, events[len(events)-1], last[id])
		}
	}
	if kept != len(made) || len(made)+late != 4*6*len(ids) {
		t.Errorf("%d decisions, %d kept, %d late, of %d", len(made), kept, late, 4*6*len(ids))
	}
	t.Logf("%d decisions, %d came late", len(made), late)
}

// The database keeps what was decided: it is neither written nor changed but by
// deciding.
func TestHistoryIsAppendOnly(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	w.settle(t, run, "["+rule("split", "", "keep-base-boundary")+"]")
	for _, statement := range []string{
		`UPDATE merge.decision SET by = 'x'`, `DELETE FROM merge.decision`, `TRUNCATE merge.decision`,
		`INSERT INTO merge.decision (territory_id, conflict_id, edition, run_id, kind, at, by, did) VALUES (1, 1, 1, 1, 'split', now(), 'x', 'settled')`,
		`UPDATE merge.comment SET text = 'x'`, `UPDATE merge.rules SET rules = '[]'`, `DELETE FROM merge.rules`,
	} {
		err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err == nil {
			t.Errorf("the database let %s pass", statement)
		}
	}
	w.run(t, func(tx pgx.Tx) error { // whoever writes a decision past the code is in the history, too
		_, err := tx.Exec(t.Context(), `UPDATE merge.conflict SET state = 'open', resolution = NULL, settled_by = NULL WHERE territory_id = $1 AND state = 'settled'`, w.Territory)
		return err
	})
	for _, c := range w.list(t, run, merge.Filter{Kind: merge.Split}) {
		events := w.history(t, c.ID)
		if len(events) != 2 || events[0].Rule != "rule 1: keep-base-boundary" || events[1].Did != merge.Reopened || events[1].Version != c.Version || c.Version <= events[0].Version {
			t.Errorf("%+v", events)
		}
	}
}

// What has changed since it was decided is open again after the next merge, as
// the same conflict, and its history tells; what is gone is gone with its history.
func TestChangedConflictsAreJudgedAgain(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	w.settle(t, run, "["+rule("split", "", "keep-base-boundary")+","+rule("gap", "", "keep-base-boundary")+"]")
	before, gap := w.list(t, run, merge.Filter{Kind: merge.Split}), w.list(t, run, merge.Filter{Kind: merge.Gap})[0]
	w.put(t, box{"environment", "E1", 0, 0, 1.6, 2, "S2", 0}, box{"environment", "E2", 1.6, 0, 2, 2, "S5", 0}, box{"safety", "A2", 0, 1, 2, 2, "S4", 0})
	run = w.overlay(t)
	after := w.list(t, run, merge.Filter{Kind: merge.Split})
	if len(after) != len(before) || len(after) == 0 {
		t.Fatalf("%+v", after)
	}
	for i, c := range after {
		events := w.history(t, c.ID)
		last := events[len(events)-1]
		if c.ID != before[i].ID || c.State != merge.Open || c.Resolution != "" || c.SettledBy != "" || last.Did != merge.Reopened || last.Rule != "merge" || c.Version != last.Version || last.Reason == nil {
			t.Errorf("%+v\nhistory %+v", c, events)
		}
	}
	err := w.db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := merge.Find(t.Context(), tx, w.Territory, run.ID, gap.ID)
		return err
	})
	if !grids.IsKind(err, grids.Gone) || len(w.history(t, gap.ID)) != 1 {
		t.Errorf("a gap that was closed: %v, %+v", err, w.history(t, gap.ID))
	}
}

func TestSettleMany(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	all := w.list(t, run, merge.Filter{})
	var gap merge.Conflict
	for _, c := range all {
		if c.Kind == merge.Gap {
			gap = c
		}
	}
	many := func(who grids.Principal, filter merge.Filter, resolution string) (settled []int64, skipped []merge.Skipped) {
		t.Helper()
		err := w.db.Tx(t.Context(), who, func(tx pgx.Tx) (err error) {
			settled, skipped, err = merge.SettleMany(t.Context(), tx, w.Territory, run.ID, filter, merge.Decision{Resolution: resolution, By: "planner", Reason: "会议纪要"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(settled)+len(skipped) == 0 {
			t.Errorf("%+v chose nothing", filter)
		}
		return settled, skipped
	}
	county := grids.Principal{Name: "county", Role: grids.RolePlanner, Territory: w.Territory, Within: []string{"430202"}}
	if settled, skipped := many(county, merge.Filter{IDs: []int64{gap.ID, 999999}}, merge.KeepBase); len(settled) != 1 || len(skipped) != 1 || skipped[0].ID != 999999 {
		t.Errorf("%v %v", settled, skipped)
	}
	settled, skipped := many(county, merge.Filter{}, merge.Proposal)
	for _, c := range w.list(t, run, merge.Filter{}) {
		if within := strings.HasPrefix(string(c.Cell), "430202"); within != (c.State == merge.Settled) && within != slices.ContainsFunc(skipped, func(s merge.Skipped) bool { return s.ID == c.ID }) {
			t.Errorf("%s %s: %s", c.Kind, c.Cell, c.State)
		}
		if c.State == merge.Settled && c.ID != gap.ID && (!slices.Contains(settled, c.ID) || c.SettledBy != "planner") {
			t.Errorf("%+v", c)
		}
	}
	rest := len(all) - len(settled) - 1
	if settled, skipped = many(grids.Local, merge.Filter{}, merge.Proposal); len(settled) != rest {
		t.Errorf("%d of %d settled, skipped %+v", len(settled), rest, skipped)
	}
	if settled, skipped = many(grids.Local, merge.Filter{}, merge.KeepBase); len(settled) != 0 || len(skipped) != len(all) || !strings.Contains(skipped[0].Why.EN, "planner") {
		t.Errorf("settled again: %v, %v", settled, skipped)
	}
}

// Rules choose by what kind of ground a leaf is; a preview tells what applying
// them does, and writes nothing.
func TestRulesByKindOfGround(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	w.assign(t, "S5", "accountable", w.Root())
	w.put(t, box{"environment", "E1", 0, 0, 2, 2, "S1", 0}, box{"social-order", "C1", 0, 0, 2, 2, "S2", 0})
	w.run(t, func(tx pgx.Tx) error {
		for code, name := range map[grids.Code]string{w.Leaf(1, 1): "百分之百_社区", w.Leaf(1, 2): "示例工业园", w.Leaf(2, 1): "示例村"} {
			if _, err := tx.Exec(t.Context(), `UPDATE cells.version SET name = $3 WHERE territory_id = $1 AND code = $2`, w.Territory, code, name); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `
			WITH o AS (INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
				SELECT $1, 'enterprise', 'Q' || n, '示例企业', ST_PointOnSurface(v.geom), 'import', 'demo' FROM generate_series(1, 3) n, cells.of($1, 1) v WHERE v.code = $2 RETURNING id)
			INSERT INTO objects.placement (territory_id, object_id, cell_id, share, during)
			SELECT $1, o.id, v.cell_id, 1, tstzrange('2020-01-01', NULL) FROM o, cells.of($1, 1) v WHERE v.code = $2`, w.Territory, w.Leaf(2, 2))
		return err
	})
	run := w.overlay(t)
	rules, err := merge.ParseRules(strings.NewReader("[" + strings.Join([]string{
		rule("two-accountable", `"cell_names":["*_社区"]`, "layer:social-order"),
		rule("two-accountable", `"cell_names":["*工业园*","*开发区*"]`, "layer:environment"),
		rule("two-accountable", `"enterprises_from":3`, "layer:environment"),
		rule("two-accountable", `"within":["430202"]`, "accept-acting"),
		rule("two-accountable", `"cell_names":["%"]`, "most-named"),
	}, ",") + "]"))
	if err != nil {
		t.Fatal(err)
	}
	var effects []merge.RuleEffect
	var left int
	if err := w.db.Read(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		effects, left, err = merge.PreviewRules(t.Context(), tx, w.Territory, run.ID, rules)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if open := w.list(t, run, merge.Filter{State: merge.Open}); len(open) != 4 || open[0].Version != 0 {
		t.Errorf("a preview wrote: %+v", open)
	}
	var said []string
	for _, e := range effects {
		text := fmt.Sprint(e.Fits, " ", e.Decides)
		for _, c := range e.Samples {
			text += fmt.Sprint(" ", c.Cell, " ", c.Resolution)
		}
		said = append(said, text)
	}
	want := []string{
		"1 1 " + string(w.Leaf(1, 1)) + " accountable:S2", "1 1 " + string(w.Leaf(1, 2)) + " accountable:S1", "1 1 " + string(w.Leaf(2, 2)) + " accountable:S1",
		"2 1 " + string(w.Leaf(2, 1)) + " accept-acting", "0 0",
	}
	if !slices.Equal(said, want) || left != 0 {
		t.Errorf("said %q, left %d\nwant %q", said, left, want)
	}
	w.run(t, func(tx pgx.Tx) error {
		saved, err := merge.SaveRules(t.Context(), tx, w.Territory, rules, 0, "planner")
		if err != nil {
			return err
		}
		if _, err := merge.SaveRules(t.Context(), tx, w.Territory, nil, 0, "another"); !grids.IsKind(err, grids.Conflict) {
			t.Errorf("saved over version 1: %v", err)
		}
		counts, err := merge.SettleByList(t.Context(), tx, w.Territory, run.ID, saved)
		if !slices.Equal(counts, []int{1, 1, 1, 1, 0}) || saved.Version != 1 || saved.SavedBy != "planner" {
			t.Errorf("%v by %+v", counts, saved)
		}
		return err
	})
	for _, c := range w.list(t, run, merge.Filter{}) {
		if e := w.history(t, c.ID); len(e) != 1 || e[0].RulesVersion != 1 || !strings.HasPrefix(e[0].Rule, "rule ") {
			t.Errorf("%+v", e)
		}
	}
}

// A list of many conflicts takes a time that grows with their number, not with
// its square, and its pages make up the whole.
func TestManyConflictsAreListed(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO merge.conflict
			SELECT (jsonb_populate_record(c, jsonb_build_object('id', c.id + 100000 * n, 'area_m2', c.area_m2 + n % 7))).*
			FROM merge.conflict c, generate_series(1, 1000) n
			WHERE c.territory_id = $1 AND c.run_id = $2`, w.Territory, run.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `SELECT merge.refresh_conflict_statistics()`) // as a merge does
		return err
	})
	w.run(t, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL statement_timeout = '10s'`); err != nil {
			return err
		}
		for _, order := range []merge.Order{merge.ByBlocking, merge.BySeverity, merge.ByArea, merge.ByWidth, merge.ByTouches, merge.ByCell} {
			all, err := merge.List(t.Context(), tx, w.Territory, run.ID, merge.Filter{}, merge.Page{Order: order})
			if err != nil {
				return fmt.Errorf("%s: %w", order, err)
			}
			var paged []merge.Conflict
			for page := (merge.Page{Order: order, Limit: len(all)/3 + 1}); ; page.After = paged[len(paged)-1].ID {
				part, err := merge.List(t.Context(), tx, w.Territory, run.ID, merge.Filter{}, page)
				if err != nil {
					return fmt.Errorf("%s: %w", order, err)
				}
				if len(part) == 0 {
					break
				}
				paged = append(paged, part...)
			}
			same := func(a, b merge.Conflict) bool { return a.ID == b.ID }
			if len(all) < 5000 || !slices.EqualFunc(all, paged, same) {
				t.Errorf("%s: %d at once, %d page by page", order, len(all), len(paged))
			}
		}
		return nil
	})
}
