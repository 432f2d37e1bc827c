package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/merge"
	"unigrid/grids/people"
)

const everythingSettled = `[
	{"kind":"split","resolution":"keep-base-boundary","reason":{"zh":"一","en":"a"}},
	{"kind":"nested","resolution":"keep-base-boundary","reason":{"zh":"一","en":"a"}},
	{"kind":"boundary-mismatch","resolution":"keep-base-boundary","reason":{"zh":"一","en":"a"}},
	{"kind":"gap","resolution":"keep-base-boundary","reason":{"zh":"一","en":"a"}},
	{"kind":"overlap","resolution":"keep-base-boundary","reason":{"zh":"一","en":"a"}},
	{"kind":"code-clash","resolution":"keep-unified-code","reason":{"zh":"一","en":"a"}},
	{"kind":"two-accountable","resolution":"most-named","reason":{"zh":"一","en":"a"}},
	{"kind":"none-accountable","resolution":"most-named","reason":{"zh":"一","en":"a"}},
	{"kind":"none-accountable","resolution":"accept-acting","reason":{"zh":"一","en":"a"}}]`

// hire makes persons S6 to Sn, beside the five that there are.
func (w world) hire(t testing.TB, n int) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO people.person (territory_id, staff_no, name, provenance)
			SELECT $1, 'S' || n, '示例人员 ' || lpad(n::text, 4, '0'), 'demo' FROM generate_series(6, $2::int) AS n`, w.Territory, n)
		return err
	})
}

// unify merges the layers, settles all, writes whom that concerns and lists who is
// displaced.
func (w world) unify(t testing.TB, names ...grids.LayerCode) (merge.Run, time.Time) {
	t.Helper()
	run := w.overlay(t, names...)
	var at time.Time
	w.run(t, func(tx pgx.Tx) error {
		rules, err := merge.ParseRules(strings.NewReader(everythingSettled))
		if err != nil {
			return err
		}
		if _, err := merge.Settle(t.Context(), tx, w.Territory, run.ID, rules); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&at); err != nil {
			return err
		}
		if _, err := merge.Apply(t.Context(), tx, w.Territory, run.ID, "test", at); err != nil {
			return err
		}
		return merge.KeepTeam(t.Context(), tx, w.Territory, w.Edition, at)
	})
	return run, at
}

// team writes members as "S2 officer 1→2".
func (w world) team(t testing.TB, run merge.Run, at time.Time, q merge.Asked) (out []string) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		q.Limit = 1000
		list, _, err := merge.Team(t.Context(), tx, w.Territory, run, at, q)
		for _, m := range list {
			out = append(out, fmt.Sprintf("%s %s %d→%d", m.StaffNo, m.State, m.Before.Count, m.After.Count))
		}
		return err
	})
	return out
}

func (w world) staff(t testing.TB, no string) (id grids.PersonID) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id FROM people.person WHERE territory_id = $1 AND staff_no = $2`, w.Territory, no).Scan(&id)
	})
	return id
}

// S1 leads the city, S2 the one leaf on the roster. Two departments name S3 for it,
// a third has two cells in it; S6's cell lies beyond all leaves.
func TestTeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 2)
	w.hire(t, 7)
	leaf, other := w.Leaf(1, 1), w.Leaf(1, 2)
	w.assign(t, "S1", "accountable", w.Root(), other)
	w.assign(t, "S2", "accountable", leaf)
	w.assign(t, "S7", "officer", leaf)
	w.put(t,
		box{"environment", "E1", 0, 0, 1, 1, "S3", 0}, box{"safety", "A1", 0, 0, 1, 1, "S3", 0},
		box{"social-order", "Z1", 0, 0, 0.6, 1, "S4", 0}, box{"social-order", "Z2", 0.6, 0, 1, 1, "S5", 0}, box{"social-order", "Z9", 5, 5, 6, 6, "S6", 0})
	names := []grids.LayerCode{"environment", "safety", "social-order"}
	// the draft shows what would be
	run := w.overlay(t, names...)
	w.run(t, func(tx pgx.Tx) error {
		rules, err := merge.ParseRules(strings.NewReader(everythingSettled))
		if err == nil {
			_, err = merge.Settle(t.Context(), tx, w.Territory, run.ID, rules)
		}
		return err
	})
	want := []string{"S6 unplaced 1→0", "S2 officer 1→1", "S5 officer 1→1", "S4 lead 1→1", "S3 accountable 2→3", "S7 officer 1→1", "S1 accountable 2→2"}
	if got := w.team(t, run, time.Now(), merge.Asked{}); !slices.Equal(got, want) {
		t.Errorf("planned %v\nwant %v", got, want)
	}
	run, at := w.unify(t, names...)
	if err := w.Publish(t, 1, at); err != nil {
		t.Fatal(err)
	}
	if got := w.team(t, run, time.Now(), merge.Asked{}); !slices.Equal(got, want) {
		t.Errorf("published %v\nwant %v", got, want)
	}
	if got := w.team(t, run, time.Now(), merge.Asked{State: "officer"}); len(got) != 3 {
		t.Errorf("officers %v", got)
	}
	w.run(t, func(tx pgx.Tx) error {
		list, matched, err := merge.Team(t.Context(), tx, w.Territory, run, time.Now(), merge.Asked{Person: w.staff(t, "S5"), Limit: 1})
		if err != nil || matched != 1 {
			return fmt.Errorf("%d: %w", matched, err)
		}
		m := list[0]
		if m.Before.Cells[0].LayerCell != "Z2" || m.After.Cells[0].Cell != leaf || m.After.Cells[0].As != people.Officer || *m.After.Cells[0].Layer != "social-order" ||
			m.DisplacedAt == nil || m.ConfirmedAt != nil || m.After.AreaM2 < 2*m.Before.AreaM2 || m.After.AreaM2 > 3*m.Before.AreaM2 || m.Before.AreaM2 == 0 {
			t.Errorf("%+v", m)
		}
		return nil
	})
	place := func(who grids.Principal, staff string, p people.Placing) error {
		return w.db.Tx(t.Context(), who, func(tx pgx.Tx) error {
			return people.Place(t.Context(), tx, w.Territory, w.Edition, w.staff(t, staff), p)
		})
	}
	w.run(t, func(tx pgx.Tx) error { // S6 and S5 are of the safety department
		_, err := tx.Exec(t.Context(), `WITH u AS (INSERT INTO people.unit (territory_id, name, kind, division) VALUES ($1, '示例局', 'other', '430202') RETURNING id)
			UPDATE people.person SET unit_id = (SELECT id FROM u) WHERE territory_id = $1 AND staff_no IN ('S5', 'S6')`, w.Territory)
		return err
	})
	own := grids.Principal{Name: "own", Role: grids.RolePlanner, Territory: w.Territory, Within: []string{"430202"}}
	strange := grids.Principal{Name: "strange", Role: grids.RolePlanner, Territory: w.Territory, Within: []string{"430203"}}
	for name, test := range map[string]struct {
		who   grids.Principal
		staff string
		p     people.Placing
		kind  grids.ErrorKind
	}{
		"another unit":        {strange, "S6", people.Placing{As: people.LeaveTeam}, grids.Forbidden},
		"an officer":          {grids.Principal{Role: grids.RoleOfficer, Territory: w.Territory}, "S6", people.Placing{As: people.LeaveTeam}, grids.Forbidden},
		"stays nowhere":       {grids.Local, "S6", people.Placing{As: people.Stay}, grids.Conflict},
		"leaves with a place": {grids.Local, "S5", people.Placing{As: people.LeaveTeam}, grids.Conflict},
		"not displaced":       {grids.Local, "S4", people.Placing{As: people.Stay}, grids.NotFound},
		"taken":               {grids.Local, "S6", people.Placing{As: "accountable", Cell: w.Cell(t, leaf)}, grids.Conflict},
		"no such role":        {grids.Local, "S6", people.Placing{As: "king", Cell: w.Cell(t, leaf)}, grids.Invalid},
	} {
		if err := place(test.who, test.staff, test.p); !grids.IsKind(err, test.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := place(own, "S6", people.Placing{As: people.LeaveTeam, Reason: "回原单位"}); err != nil {
		t.Error(err)
	}
	if err := place(grids.Local, "S2", people.Placing{As: people.Stay}); err != nil {
		t.Error(err)
	}
	if err := place(grids.Local, "S5", people.Placing{As: "deputy", Cell: w.Cell(t, other)}); err != nil {
		t.Error(err)
	}
	if err := place(grids.Local, "S6", people.Placing{As: people.LeaveTeam}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("twice: %v", err)
	}
	want = []string{"S2 confirmed 1→1", "S5 confirmed 1→2", "S4 lead 1→1", "S3 accountable 2→3", "S7 officer 1→1", "S6 confirmed 1→0", "S1 accountable 2→2"}
	if got := w.team(t, run, time.Now(), merge.Asked{}); !slices.Equal(got, want) {
		t.Errorf("confirmed %v\nwant %v", got, want)
	}
}

// Whatever layers and roster name, nobody is dropped unseen: each is accountable,
// leads, serves, or is listed; and there is one accountable person per leaf, or
// somebody who acts.
func TestNobodyIsDropped(t *testing.T) {
	t.Parallel()
	names := []grids.LayerCode{"environment", "safety", "social-order"}
	rapid.Check(t, func(rt *rapid.T) {
		columns, rows := rapid.IntRange(1, 2).Draw(rt, "columns"), rapid.IntRange(1, 3).Draw(rt, "rows")
		w := newWorld(t, columns, rows)
		w.hire(t, 14)
		someone := rapid.Custom(func(rt *rapid.T) string {
			if n := rapid.IntRange(1, 15).Draw(rt, "staff"); n < 15 {
				return fmt.Sprint("S", n)
			}
			return ""
		})
		w.assign(t, "S1", "accountable", w.Root())
		for c := range columns {
			for r := range rows {
				if no := someone.Draw(rt, "chief"); no != "" {
					w.assign(t, no, "accountable", w.Leaf(c+1, r+1))
				}
				if no := someone.Draw(rt, "officer"); no != "" {
					w.assign(t, no, "officer", w.Leaf(c+1, r+1))
				}
			}
		}
		var boxes []box
		grid := rapid.Map(rapid.IntRange(-2, 12), func(n int) float64 { return float64(n) / 4 })
		for i := range rapid.IntRange(1, 9).Draw(rt, "boxes") {
			x, y := grid.Draw(rt, "x"), grid.Draw(rt, "y")
			boxes = append(boxes, box{string(rapid.SampledFrom(names).Draw(rt, "layer")), fmt.Sprint("C", i), x, y,
				x + float64(rapid.IntRange(1, 8).Draw(rt, "width"))/4, y + float64(rapid.IntRange(1, 8).Draw(rt, "height"))/4, someone.Draw(rt, "named"), 0})
		}
		w.put(t, boxes...)
		_, at := w.unify(t)
		var dropped []string
		var doubled int
		w.run(t, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `
				SELECT coalesce(array_agg(p.staff_no) FILTER (WHERE NOT EXISTS (SELECT FROM people.assignment a WHERE a.person_id = p.id AND a.during @> $2::timestamptz)
				         AND NOT EXISTS (SELECT FROM people.displaced d WHERE d.person_id = p.id AND d.confirmed_at IS NULL)), '{}'),
				       (SELECT count(*) FROM people.accountables($1, 1, $2) a WHERE a.person_id IS NULL)
				FROM people.person p WHERE p.territory_id = $1
				  AND (EXISTS (SELECT FROM layers.cell c WHERE c.person_id = p.id) OR EXISTS (SELECT FROM people.assignment a WHERE a.person_id = p.id AND lower(a.during) < $2))`,
				w.Territory, at).Scan(&dropped, &doubled)
		})
		if len(dropped) > 0 || doubled > 0 {
			rt.Errorf("%v are dropped, %d cells without anybody", dropped, doubled)
		}
	})
}
