package people_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/people"
)

func TestChain(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(9)
	leaf, column, root := string(w.Leaf(1, 1)), string(w.Column(1)), string(w.Root())
	w.must(day(0),
		wish{staff: "S1", cell: root, role: "accountable", post: "市长", side: "government", rank: 2},
		wish{staff: "S2", cell: root, role: "joint-chief", post: "书记", side: "party", rank: 1},
		wish{staff: "S3", cell: root, role: "deputy", post: "副市长"},
		wish{staff: "S4", cell: column, role: "deputy", post: "分管副县长", rank: 2},
		wish{staff: "S5", cell: column, role: "deputy", post: "常务副县长", rank: 1},
		wish{staff: "S9", cell: column, role: "deputy", layer: "safety"},
		wish{staff: "S6", cell: leaf, role: "lead", layer: "safety"},
		wish{staff: "S7", cell: leaf, role: "lead", layer: "environment"},
		wish{staff: "S8", cell: leaf, role: "deputy"})
	chain := w.chain(day(1), w.Leaf(1, 1))
	if !slices.Equal(chain, []grids.Code{w.Leaf(1, 1), w.Column(1), w.Root()}) {
		t.Fatalf("%v", chain)
	}
	// the leaf's own deputy does not act for it: the parent names the stand-in
	for i, want := range []string{
		"430201001000 示例人员 0005 常务副县长 000-****-0005 acting=true holds 430201000000",
		"430201000000 示例人员 0003 副市长 000-****-0003 acting=true holds 430200000000",
		"430200000000 示例人员 0001 市长 000-****-0001 acting=false holds 430200000000",
	} {
		a := w.responsible(grids.Local, day(1), chain[i])[0]
		got := fmt.Sprintf("%s %s %s %s acting=%t holds %s", a.Code, a.Name, a.Post, a.Phone, a.Acting, a.Holds)
		if got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	w.tx(func(tx pgx.Tx) error {
		var leads string
		err := tx.QueryRow(t.Context(), `SELECT string_agg(concat_ws(' ', n, layer, name), ', ' ORDER BY n, layer) FROM people.leads($1, $2, ARRAY[$3::timestamptz, $3])`,
			w.Territory, []grids.CellID{w.Cell(t, w.Leaf(1, 1)), w.Cell(t, w.Column(1))}, day(1)).Scan(&leads)
		if leads != "1 environment 示例人员 0007, 1 safety 示例人员 0006" {
			t.Errorf("leads %s", leads)
		}
		return err
	})
	w.tx(func(tx pgx.Tx) error {
		got, err := people.Staffing(t.Context(), tx, w.Territory, w.Edition, day(1))
		if err != nil {
			return err
		}
		if want := []people.TierStaffing{{Tier: 1, Cells: 1, Own: 1}, {Tier: 2, Cells: 2, Acting: 2}, {Tier: 3, Cells: 4, Acting: 4}}; !slices.Equal(got, want) {
			t.Errorf("%+v", got)
		}
		got, err = people.Staffing(t.Context(), tx, w.Territory, w.Edition, day(-1))
		if err == nil && got[2].Without != 4 {
			t.Errorf("%+v", got)
		}
		return err
	})
}

func TestTheDatabaseRefuses(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(3)
	root, leaf := w.Root(), w.Leaf(1, 1)
	if err := w.Publish(t, 1, day(1)); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "tier-1") {
		t.Errorf("published without anyone: %v", err)
	}
	w.must(day(2), accountable("S1", root))
	if err := w.Publish(t, 1, day(1)); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("published a day before anyone: %v", err)
	}
	w.must(day(0), accountable("S1", root), accountable("S2", leaf))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	const insert = `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, during, recorded_by)
		SELECT $1, (SELECT id FROM people.person WHERE staff_no = 'S3'), $2, `
	rootID, leafID := w.Cell(t, root), w.Cell(t, leaf)
	for name, x := range map[string]struct {
		sql  string
		cell grids.CellID
		says string
	}{
		"a second accountable":      {insert + `'accountable', NULL, '[2027-01-01,)', 'x'`, leafID, "accountable person in this period"},
		"one within":                {insert + `'accountable', NULL, '[2026-02-01,2026-03-01)', 'x'`, leafID, "accountable person in this period"},
		"accountable for one layer": {insert + `'accountable', 'safety', '[2020-01-01,2020-02-01)', 'x'`, leafID, "for all layers"},
		"an end for the root":       {`UPDATE people.assignment SET during = tstzrange(lower(during), '2030-01-01') WHERE territory_id = $1 AND cell_id = $2`, rootID, "tier-1"},
		"a later start":             {`UPDATE people.assignment SET during = tstzrange('2026-01-05', NULL) WHERE territory_id = $1 AND cell_id = $2`, rootID, "tier-1"},
		"the root's row deleted":    {`DELETE FROM people.assignment WHERE territory_id = $1 AND cell_id = $2`, rootID, "tier-1"},
	} {
		err := w.exec(grids.Local, x.sql, w.Territory, x.cell)
		if !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// ending the root's term by roster leaves a hole as well
	_, err := w.assign(day(5), wish{staff: "S1", cell: string(root), role: "accountable", to: day(9)})
	if !grids.IsKind(err, grids.Conflict) {
		t.Errorf("end by roster: %v", err)
	}
	// a hand-over within one transaction is none
	err = w.exec(grids.Local, `WITH old AS (UPDATE people.assignment SET during = tstzrange(lower(during), '2026-06-01')
			WHERE territory_id = $1 AND cell_id = $2 RETURNING *)
		SELECT count(*) FROM old`, w.Territory, leafID)
	if err != nil {
		t.Errorf("end below the root: %v", err)
	}
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// TestCheckFindsWhatIsWrong takes the database's own guards away first.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, sql := range map[string]string{
		"hole":            `UPDATE people.assignment SET during = tstzrange(lower(during), '2090-01-01') WHERE cell_id = $1`,
		"hole hole":       `UPDATE people.assignment SET during = tstzrange('2026-01-10', '2090-01-01') WHERE cell_id = $1`,
		"nobody hole":     `DELETE FROM people.assignment WHERE cell_id = $1`,
		"two-accountable": `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by) SELECT territory_id, person_id, cell_id, role, '[2026-02-01,2026-03-01)', 'x' FROM people.assignment WHERE cell_id = $1`,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, 1, 1)
			w.hire(1)
			w.must(day(0), accountable("S1", w.Root()))
			if err := w.Publish(t, 1, day(1)); err != nil {
				t.Fatal(err)
			}
			if found := w.check(); len(found) > 0 {
				t.Fatalf("%+v", found)
			}
			w.unguarded(sql, w.Cell(t, w.Root()))
			var kinds []string
			for _, f := range w.check() {
				if f.Code == string(w.Root()) {
					kinds = append(kinds, f.Kind)
				}
			}
			if got := strings.Join(kinds, " "); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func TestConcurrentHandOvers(t *testing.T) {
	t.Parallel()
	const clerks, rounds = 6, 8
	w := newTown(t, 1, 2)
	w.hire(clerks)
	w.must(day(0), accountable("S1", w.Root()), accountable("S1", w.Leaf(1, 1)))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for clerk := range clerks {
		wait.Go(func() {
			for round := range rounds {
				staff := fmt.Sprintf("S%d", clerk+1)
				at := day(2 + round*clerks + (clerk*5)%clerks)
				report, err := w.assignAs(int64(1000+clerk*rounds+round), at, accountable(staff, w.Root()), accountable(staff, w.Leaf(1, 1)))
				if err != nil || report.Rejected > 0 {
					t.Errorf("%+v, %v", report, err)
				}
			}
		})
	}
	wait.Wait()
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	// by raw SQL, one after the other loses
	results := make(chan error, clerks)
	for clerk := range clerks {
		go func() {
			results <- w.exec(grids.Local, `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
				SELECT $1, id, $2, 'accountable', '[2026-01-01,)', 'x' FROM people.person WHERE staff_no = $3`,
				w.Territory, w.Cell(t, w.Leaf(1, 2)), fmt.Sprintf("S%d", clerk+1))
		}()
	}
	won := 0
	for range clerks {
		if err := <-results; err == nil {
			won++
		} else if !grids.IsKind(err, grids.Conflict) && !strings.Contains(err.Error(), "40P01") {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d became accountable at once", won, clerks)
	}
}

// TestAnyHistory writes random rosters and compares who answers with a plain
// model of terms: never two, and acting is the nearest ancestor's stand-in.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(5)
	const days = 12
	cells := []grids.Code{w.Root(), w.Column(1), w.Column(2), w.Leaf(1, 1), w.Leaf(1, 2), w.Leaf(2, 1), w.Leaf(2, 2)}
	up := map[grids.Code]grids.Code{cells[1]: cells[0], cells[2]: cells[0], cells[3]: cells[1], cells[4]: cells[1], cells[5]: cells[2], cells[6]: cells[2]}
	// a few cells get many rosters, so that terms meet
	rapid.Check(t, func(r *rapid.T) {
		w.unguarded(`DELETE FROM people.assignment WHERE $1 > 0`, 1)
		own, deputy := map[grids.Code]terms{}, map[grids.Code]terms{}
		for range rapid.IntRange(1, 25).Draw(r, "rosters") {
			cell := rapid.SampledFrom(cells).Draw(r, "cell")
			x := wish{staff: fmt.Sprintf("S%d", rapid.IntRange(1, 4).Draw(r, "person")), cell: string(cell), role: "accountable"}
			lines := own
			if rapid.IntRange(0, 3).Draw(r, "deputy") == 0 {
				x.role, x.staff, lines = "deputy", "S5", deputy // one deputy only, so that rank does not matter
			}
			n := term{staff: x.staff, from: rapid.IntRange(0, days-1).Draw(r, "from")}
			if n.to = days + 1; !rapid.Bool().Draw(r, "for good") {
				n.to = rapid.IntRange(n.from+1, days).Draw(r, "to")
			}
			x.from = day(n.from)
			if n.to <= days {
				x.to = day(n.to)
			}
			report, err := w.assign(day(0), x)
			if err != nil || report.Rejected > 0 {
				r.Fatalf("%+v: %+v, %v", x, report, err)
			}
			after, changed := lines[cell].override(n)
			if changed != (report.Applied == 1) {
				r.Errorf("%+v over %v: %+v", n, lines[cell], report)
			}
			lines[cell] = after
		}
		for d := range days + 1 {
			posts := w.responsible(grids.Local, day(d), cells...)
			for i, cell := range cells {
				want := own[cell].at(d)
				for above := up[cell]; want == "" && above != ""; above = up[above] {
					if stand := deputy[above].at(d) + own[above].at(d); stand != "" {
						want = stand[:2] + " acting"
					}
				}
				got := ""
				if a := posts[i]; a.Name != "" {
					got = a.StaffNo
					if a.Acting {
						got += " acting"
					}
				}
				if got != want {
					r.Errorf("day %d, %s: %q, want %q", d, cell, got, want)
				}
			}
		}
	})
}

// term is a model of an assignment, in days; terms those of one cell and role.
type term struct {
	staff    string
	from, to int
}

type terms []term

func (l terms) at(d int) string {
	for _, e := range l {
		if e.from <= d && d < e.to {
			return e.staff
		}
	}
	return ""
}

// override gives the terms after a roster says n, and whether that was news.
func (l terms) override(n term) (after terms, changed bool) {
	after = terms{n}
	for _, e := range l {
		switch {
		case e.staff == n.staff && e.from <= n.from && n.from < e.to && e.to == n.to:
			return l, false
		case e.staff == n.staff && e.from < n.to && e.to > n.from:
			e.to = n.from // what is said of the same person holds from then on
			after = append(after, e)
		case e.staff != n.staff && e.from < n.to && e.to > n.from:
			after = append(after, term{e.staff, e.from, n.from}, term{e.staff, n.to, e.to})
		default:
			after = append(after, e)
		}
	}
	return slices.DeleteFunc(after, func(e term) bool { return e.from >= e.to }), true
}

// unguarded runs SQL with triggers off and without the exclusion constraint, as
// the owner of the database.
func (w *town) unguarded(sql string, args ...any) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(w.t.Context())
	for _, x := range []string{`SET session_replication_role = replica`, `ALTER TABLE people.assignment DROP CONSTRAINT IF EXISTS assignment_one_accountable`} {
		if strings.HasPrefix(sql, "DELETE FROM people.assignment WHERE $1") && strings.HasPrefix(x, "ALTER") {
			continue
		}
		if _, err := conn.Exec(w.t.Context(), x); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := conn.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}
