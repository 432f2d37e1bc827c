package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/merge"
)

// disputed is a territory in which the roster has S1 for the first column, the
// second is vacant, and two layers cut across; S5 stands above all.
func disputed(t *testing.T) (world, merge.Run) {
	t.Helper()
	w := newWorld(t, 2, 2)
	w.assign(t, "S5", "accountable", w.Root())
	w.assign(t, "S1", "accountable", w.Leaf(1, 1), w.Leaf(1, 2))
	w.put(t,
		box{"environment", "E1", 0, 0, 1.4, 2, "S2", 0}, box{"environment", "E2", 1.4, 0, 2, 2, "S3", 0},
		box{"safety", "A1", 0, 0, 2, 1, "S1", 0}, box{"safety", "A2", 0, 1, 1, 2, "S4", 0})
	return w, w.overlay(t)
}

func (w world) settle(t testing.TB, run merge.Run, file string) []int {
	t.Helper()
	rules, err := merge.ParseRules(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var counts []int
	w.run(t, func(tx pgx.Tx) (err error) {
		counts, err = merge.Settle(t.Context(), tx, w.Territory, run.ID, rules)
		return err
	})
	return counts
}

// rule writes a rule with a reason.
func rule(kind, when, resolution string) string {
	return fmt.Sprintf(`{"kind":%q,"when":{%s},"resolution":%q,"reason":{"zh":"理由","en":"reason"}}`, kind, when, resolution)
}

func TestSettleByRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		rules []string
		count []int
		want  map[string]string // brief → resolution by settler
	}{
		{"roster, where there is one", []string{rule("two-accountable", "", "roster-first")}, []int{2}, map[string]string{
			"two-accountable  1,1 two-roster": "accountable:S1 by rule 1: roster-first",
			"two-accountable  1,2 two-roster": "accountable:S1 by rule 1: roster-first",
		}},
		{"first that fits", []string{rule("two-accountable", `"has_own":true`, "most-named"), rule("two-accountable", "", "roster-first"), rule("two-accountable", "", "layer:safety")}, []int{2, 0, 1}, map[string]string{
			"two-accountable  1,1 two-roster":     "accountable:S1 by rule 1: most-named",
			"two-accountable  1,2 two-roster":     "accountable:S2 by rule 1: most-named",
			"two-accountable  2,1 two-most-named": "accountable:S1 by rule 3: layer:safety",
		}},
		{"acting, where nobody is on record", []string{rule("two-accountable", "", "accept-acting"), rule("none-accountable", "", "accept-acting")}, []int{1, 1}, map[string]string{
			"two-accountable  2,1 two-most-named": "accept-acting by rule 1: accept-acting",
			"none-accountable  2,2 none-named":    "accept-acting by rule 2: accept-acting",
		}},
		{"by share", []string{rule("split", `"max_share_from":0.7`, "keep-base-boundary"), rule("split", `"max_share_below":0.7`, "split-leaf")}, []int{0, 2}, map[string]string{
			"split environment 2,1 split": "split-leaf by rule 2: split-leaf",
			"split environment 2,2 split": "split-leaf by rule 2: split-leaf",
		}},
		{"by touches and area", []string{rule("gap", `"area_m2_below":1`, "keep-base-boundary"), rule("gap", `"outside":true`, "keep-base-boundary"), rule("gap", `"outside":false`, "split-leaf"), rule("gap", `"touches_below":1,"pending":false`, "keep-base-boundary")}, []int{0, 0, 0, 1}, map[string]string{
			"gap safety 2,2 gap-whole": "keep-base-boundary by rule 4: keep-base-boundary",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, run := disputed(t)
			if got := w.settle(t, run, "["+strings.Join(test.rules, ",")+"]"); !slices.Equal(got, test.count) {
				t.Errorf("settled %v, want %v", got, test.count)
			}
			got := make(map[string]string)
			for _, c := range w.list(t, run, merge.Filter{State: merge.Settled}) {
				got[brief(c)] = c.Resolution + " by " + c.SettledBy
				if c.SettledReason == nil || c.SettledReason.ZH != "理由" || c.SettledAt == nil {
					t.Errorf("%+v", c)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %v\nwant %v", got, test.want)
			}
		})
	}
}

func TestExampleRulesSettleAll(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	rules, err := merge.ExampleRules()
	if err != nil {
		t.Fatal(err)
	}
	w.run(t, func(tx pgx.Tx) error {
		if _, err := merge.Settle(t.Context(), tx, w.Territory, run.ID, rules); err != nil {
			return err
		}
		blocking, err := merge.Blocking(t.Context(), tx, w.Territory, run.ID)
		if err != nil {
			return err
		}
		latest, err := merge.Latest(t.Context(), tx, w.Territory, w.Edition)
		if err != nil {
			return err
		}
		if len(blocking) != 0 || latest.Unsettled != 0 || latest.Conflicts == 0 {
			t.Errorf("%+v, blocking %+v", latest, blocking)
		}
		return nil
	})
}

func TestSettleByHand(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	byKind := make(map[merge.Kind]merge.Conflict)
	for _, c := range w.list(t, run, merge.Filter{}) {
		byKind[c.Kind] = c
	}
	tests := []struct {
		kind       merge.Kind
		resolution string
		fails      grids.ErrorKind
	}{
		{merge.Split, merge.KeepBase, ""},
		{merge.Split, merge.SplitLeaf, ""},              // changes their mind
		{merge.Split, merge.AdoptLayer, grids.Conflict}, // across a parent's line
		{merge.Gap, merge.AdoptLayer, grids.Invalid},
		{merge.Split, "roster-first", grids.Invalid},
		{merge.Split, "", grids.Invalid},
		{merge.NoneAccountable, "accountable:S3", ""},
		{merge.NoneAccountable, "accountable:S99", grids.Invalid},
		{merge.NoneAccountable, "accountable:", grids.Invalid},
		{merge.NoneAccountable, "roster-first", grids.Conflict}, // nobody on record
		{merge.NoneAccountable, "layer:river-chief", grids.Conflict},
	}
	for _, test := range tests {
		c := byKind[test.kind]
		err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
			now, err := merge.SettleOne(t.Context(), tx, w.Territory, run.ID, c.ID, merge.Decision{Resolution: test.resolution, By: "planner", Reason: "because", Saw: c.Version})
			if err == nil {
				byKind[test.kind] = now
			}
			return err
		})
		if (test.fails == "" && err != nil) || (test.fails != "" && !grids.IsKind(err, test.fails)) {
			t.Errorf("%s by %q: %v", test.kind, test.resolution, err)
		}
	}
	for _, c := range w.list(t, run, merge.Filter{State: merge.Settled}) {
		if want := map[merge.Kind]string{merge.Split: merge.SplitLeaf, merge.NoneAccountable: "accountable:S3"}[c.Kind]; c.Resolution != want || c.SettledBy != "planner" || c.SettledReason.EN != "because" {
			t.Errorf("%+v", c)
		}
	}
	none := byKind[merge.NoneAccountable]
	w.run(t, func(tx pgx.Tx) error {
		_, err := merge.Defer(t.Context(), tx, w.Territory, run.ID, none.ID, merge.Decision{By: "planner", Reason: "later", Saw: none.Version})
		return err
	})
	w.settle(t, run, "["+rule("none-accountable", "", "most-named")+"]") // rules leave it deferred
	blocking := w.list(t, run, merge.Filter{Blocking: true, Unsettled: true, Kind: merge.NoneAccountable})
	if len(blocking) != 1 || blocking[0].State != merge.Deferred || blocking[0].Resolution != "" {
		t.Errorf("%+v", blocking)
	}
	err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := merge.SettleOne(t.Context(), tx, w.Territory, run.ID, 999, merge.Decision{Resolution: merge.KeepBase, By: "planner", Reason: "because"})
		return err
	})
	if !grids.IsKind(err, grids.NotFound) {
		t.Errorf("unknown conflict: %v", err)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	at := time.Now().Add(-time.Minute)
	apply := func() (applied merge.Applied, err error) {
		err = w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
			applied, err = merge.Apply(t.Context(), tx, w.Territory, run.ID, "test", at)
			return err
		})
		return applied, err
	}
	if _, err := apply(); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "4 blocking") {
		t.Errorf("with blocking conflicts: %v", err)
	}
	w.settle(t, run, "["+rule("two-accountable", `"has_own":true`, "roster-first")+","+rule("two-accountable", "", "most-named")+","+
		rule("none-accountable", "", "accept-acting")+","+rule("split", "", "split-leaf")+"]")
	if _, err := apply(); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "2 decisions move") {
		t.Errorf("with geometry to move: %v", err)
	}
	for _, c := range w.list(t, run, merge.Filter{Kind: merge.Split}) {
		w.run(t, func(tx pgx.Tx) error {
			_, err := merge.SettleOne(t.Context(), tx, w.Territory, run.ID, c.ID, merge.Decision{Resolution: merge.KeepBase, By: "planner", Reason: "no", Saw: c.Version})
			return err
		})
	}
	applied, err := apply()
	if err != nil {
		t.Fatal(err)
	}
	// both leaves of column 1 and 2 x 2 of environment, and safety but for (2,2)
	if applied.Leads.Applied != 7 || applied.Accountable.Applied != 1 || applied.Accountable.Rejected != 0 {
		t.Errorf("%+v", applied)
	}
	if again, err := apply(); err != nil || again.Leads.Applied != 0 || again.Accountable.Applied != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	w.run(t, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `
			SELECT substr(v.code, 6, 1) || substr(v.code, 9, 1) || ' ' || a.role || ' ' || coalesce(a.layer, '') || ' ' || p.staff_no
			FROM people.assignment a JOIN people.person p ON p.id = a.person_id
			JOIN cells.leaves($1, 1) v ON v.cell_id = a.cell_id
			WHERE upper_inf(a.during) ORDER BY 1`, w.Territory)
		if err != nil {
			return err
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		want := []string{
			"11 accountable  S1", "11 lead environment S2", "11 lead safety S1",
			"12 accountable  S1", "12 lead environment S2", "12 lead safety S4",
			"21 accountable  S1", "21 lead environment S3", "21 lead safety S1", "21 officer environment S2",
			"22 lead environment S3", "22 officer environment S2",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return err
	})
}

func TestRunsOfEditions(t *testing.T) {
	t.Parallel()
	w, first := disputed(t)
	second := w.overlay(t, "safety")
	overlay := func(edition grids.EditionID, layers ...grids.LayerCode) error {
		return w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := merge.Overlay(t.Context(), tx, w.Territory, edition, merge.Options{Layers: layers}, "test")
			return err
		})
	}
	get := func(id int64) (run merge.Run, err error) {
		err = w.db.Read(t.Context(), grids.Public, func(tx pgx.Tx) (err error) {
			run, err = merge.Get(t.Context(), tx, w.Territory, id)
			return err
		})
		return run, err
	}
	if _, err := get(first.ID); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("the first run is still there: %v", err)
	}
	if !slices.Equal(second.Layers, []grids.LayerCode{"safety"}) || second.HasChanged {
		t.Errorf("%+v", second)
	}
	for name, test := range map[string]struct {
		edition grids.EditionID
		layers  []grids.LayerCode
		want    grids.ErrorKind
	}{
		"no such edition": {9, nil, grids.NotFound},
		"empty layer":     {1, []grids.LayerCode{"safety", "river-chief"}, grids.Invalid},
		"unknown layer":   {1, []grids.LayerCode{"forests"}, grids.Invalid},
	} {
		if err := overlay(test.edition, test.layers...); !grids.IsKind(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.put(t, box{"safety", "A2", 0, 1, 2, 2, "S4", 0})
	if run, err := get(second.ID); err != nil || !run.HasChanged {
		t.Errorf("after a layer cell changed: %+v, %v", run, err)
	}
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE merge.conflict SET state = 'settled', resolution = 'accept-acting', settled_by = 'test' WHERE state <> 'settled'`)
		return err
	})
	if err := w.Publish(t, 1, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := overlay(1); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("published edition: %v", err)
	}
	err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := merge.Settle(t.Context(), tx, w.Territory, second.ID, nil)
		return err
	})
	if !grids.IsKind(err, grids.Conflict) {
		t.Errorf("settling a published run: %v", err)
	}
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 2, 'draft', 'test')`, w.Territory)
		return err
	})
	if err := overlay(2); err != nil {
		t.Fatal(err)
	}
	w.run(t, func(tx pgx.Tx) error {
		for edition, want := range map[grids.EditionID]grids.EditionID{1: 1, 2: 2, 3: 2} {
			run, err := merge.Latest(t.Context(), tx, w.Territory, edition)
			if err != nil || run.Edition != want {
				t.Errorf("newest for %d: %+v, %v", edition, run, err)
			}
		}
		_, err := merge.Latest(t.Context(), tx, w.Territory, 0)
		if !grids.IsKind(err, grids.NotFound) {
			t.Errorf("before the first: %v", err)
		}
		return nil
	})
	w.sound(t) // the published run, whose layer cell A2 is another now
}

func TestUnifiedCellsAtOdds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	w.staffed(t)
	w.put(t, box{"safety", "A", -1, -1, 3, 3, "S1", 0})
	w.run(t, func(tx pgx.Tx) error {
		// one leaf reaches into its neighbour by one step of the lattice, another falls short
		_, err := tx.Exec(t.Context(), `
			UPDATE cells.version SET geom = ST_Multi(ST_Expand(ST_Envelope(geom), 1e-7, 0)) WHERE cell_id = $1`, w.Cell(t, w.Leaf(1, 1)))
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			UPDATE cells.version SET geom = ST_Multi(ST_Expand(ST_Envelope(geom), 0, -1e-7)) WHERE cell_id = $1`, w.Cell(t, w.Leaf(2, 2)))
		return err
	})
	run := w.overlay(t)
	var got []string
	for _, c := range w.list(t, run, merge.Filter{Blocking: true}) {
		got = append(got, brief(c))
		if c.Lon == nil || c.AreaM2 <= 0 {
			t.Errorf("%+v", c)
		}
		err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := merge.SettleOne(t.Context(), tx, w.Territory, run.ID, c.ID, merge.Decision{Resolution: merge.KeepBase, By: "planner", Reason: "no", Saw: c.Version})
			return err
		})
		if !grids.IsKind(err, grids.Conflict) {
			t.Errorf("%s settled: %v", brief(c), err)
		}
	}
	slices.Sort(got)
	want := []string{"gap  1,0 leaf-gap", "gap  2,0 leaf-gap", "overlap  1,1 leaf-overlap"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
