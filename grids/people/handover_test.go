package people_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

// person gives the number of a person.
func (w *town) person(staff string) grids.PersonID {
	w.t.Helper()
	var id grids.PersonID
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT id FROM people.person WHERE territory_id = $1 AND staff_no = $2`, w.Territory, staff).Scan(&id)
	})
	return id
}

// holder gives the assignment of a cell's accountable person at an instant.
func (w *town) holder(at time.Time, cell grids.Code) people.Assignment {
	w.t.Helper()
	list := w.list(people.Asked{Cells: []grids.CellID{w.Cell(w.t, cell)}, Role: people.Accountable, At: &at})
	if len(list) != 1 {
		w.t.Fatalf("%s at %s: %+v", cell, at, list)
	}
	return list[0]
}

func (w *town) list(q people.Asked) []people.Assignment {
	w.t.Helper()
	var list []people.Assignment
	w.tx(func(tx pgx.Tx) (err error) {
		list, _, err = people.Assignments(w.t.Context(), tx, w.Territory, w.Edition, q)
		return err
	})
	return list
}

// hand hands over and says what came of it: "S2 from 10" or who is said to hold it.
func (w *town) hand(h people.Handing) (people.Handover, error) {
	w.t.Helper()
	var made people.Handover
	err := w.db.Tx(w.t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		made, err = people.HandOver(w.t.Context(), tx, w.Territory, w.Edition, h)
		return err
	})
	return made, err
}

// timeline writes the assignments of a cell as "S1 [0,10) S2 [10,)", in days.
func timeline(list []people.Assignment) string {
	slices.SortStableFunc(list, func(a, b people.Assignment) int { return a.From.Compare(b.From) })
	var out []string
	for _, a := range list {
		to := ""
		if a.To != nil {
			to = fmt.Sprint(int(a.To.Sub(day(0)).Hours() / 24))
		}
		out = append(out, fmt.Sprintf("%s [%d,%s)", a.StaffNo, int(a.From.Sub(day(0)).Hours()/24), to))
	}
	return strings.Join(out, " ")
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(6)
	leaf, other := w.Leaf(1, 1), w.Leaf(1, 2)
	w.must(day(0), wish{staff: "S1", cell: string(w.Root()), role: "accountable"}, wish{staff: "S2", cell: string(leaf), role: "accountable", post: "镇长", side: "government", rank: 2})
	w.must(day(200), accountable("S3", leaf)) // a planned change
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	at := func(n int) *time.Time { d := day(n); return &d }
	of := people.Asked{Cells: []grids.CellID{w.Cell(t, leaf)}, Role: people.Accountable}
	before := w.holder(day(5), leaf)
	made, err := w.hand(people.Handing{Replaces: before.ID, To: w.person("S4"), At: at(10), Note: "退休"})
	if err != nil {
		t.Fatal(err)
	}
	if got := timeline(w.list(of)); got != "S2 [0,10) S4 [10,200) S3 [200,)" {
		t.Error(got)
	}
	if after := w.holder(day(10), leaf); after.ID != made.Assignment || after.Post != "镇长" || after.Side == nil || *after.Side != "government" || after.Rank != 2 {
		t.Errorf("%+v", after)
	}
	if made.Replaced != before.ID || made.FromName != "示例人员 0002" || made.ToName != "示例人员 0004" || made.Note != "退休" || made.Code != leaf {
		t.Errorf("%+v", made)
	}
	var open []map[string]any
	if err := json.Unmarshal(made.OpenWork, &open); err != nil || len(open) != 1 || open[0]["kind"] != "planned" {
		t.Errorf("%s %v", made.OpenWork, err)
	}
	// the same once more names one that does not hold it any more
	_, err = w.hand(people.Handing{Replaces: before.ID, To: w.person("S5"), At: at(11)})
	var held *people.Held
	if !errors.As(err, &held) || len(held.Now) != 1 || held.Now[0].ID != made.Assignment || !grids.IsKind(err, grids.Conflict) {
		t.Errorf("%v", err)
	}
	if _, err = w.hand(people.Handing{Replaces: made.Assignment, From: w.person("S2"), To: w.person("S5"), At: at(11)}); !errors.As(err, &held) {
		t.Errorf("another from: %v", err)
	}
	// somebody fills in for ten days
	if _, err = w.hand(people.Handing{Replaces: made.Assignment, To: w.person("S5"), At: at(20), Until: at(30)}); err != nil {
		t.Fatal(err)
	}
	if got := timeline(w.list(of)); got != "S2 [0,10) S4 [10,20) S5 [20,30) S4 [30,200) S3 [200,)" {
		t.Error(got)
	}
	// a planned one is handed on before it began: it never was
	if _, err = w.hand(people.Handing{Replaces: w.holder(day(200), leaf).ID, To: w.person("S6"), At: at(200)}); err != nil {
		t.Fatal(err)
	}
	if got := timeline(w.list(of)); got != "S2 [0,10) S4 [10,20) S5 [20,30) S4 [30,200) S6 [200,)" {
		t.Error(got)
	}
	for name, h := range map[string]people.Handing{
		"to the same":     {Replaces: w.holder(day(10), leaf).ID, To: w.person("S4"), At: at(12)},
		"to nobody":       {Replaces: w.holder(day(10), leaf).ID, To: 999, At: at(12)},
		"ends too early":  {Replaces: w.holder(day(10), leaf).ID, To: w.person("S6"), At: at(12), Until: at(12)},
		"no assignment":   {Replaces: 9999, To: w.person("S6")},
		"before it began": {Replaces: w.holder(day(10), leaf).ID, To: w.person("S6"), At: at(9)},
	} {
		if _, err := w.hand(h); err == nil {
			t.Errorf("%s: done", name)
		}
	}
	// vacant: nobody's place is taken
	var end people.Assignment
	w.tx(func(tx pgx.Tx) (err error) {
		if _, err = people.Assign(t.Context(), tx, w.Territory, w.Edition, people.Wish{Cell: w.Cell(t, leaf), Person: w.person("S6"), Role: people.Accountable, From: day(300)}); !errors.As(err, &held) {
			t.Errorf("two accountable: %v", err)
		}
		made, err := people.Assign(t.Context(), tx, w.Territory, w.Edition, people.Wish{Cell: w.Cell(t, other), Person: w.person("S6"), Role: people.Accountable, From: day(50)})
		if err != nil {
			return err
		}
		end, err = people.End(t.Context(), tx, w.Territory, w.Edition, made.ID, at(60), "调离")
		return err
	})
	if end.To == nil || !end.To.Equal(day(60)) || end.Reason != "调离" || w.who(day(55), other) != "S6" || w.who(day(60), other) != "S1 acting" {
		t.Errorf("%+v", end)
	}
	for name, x := range map[string]people.Wish{
		"role":  {Person: w.person("S1"), Role: "king"},
		"layer": {Person: w.person("S1"), Role: people.Accountable, Layer: "safety"},
		"lead":  {Person: w.person("S1"), Role: people.Lead},
		"side":  {Person: w.person("S1"), Role: people.JointChief, Side: "left"},
		"who":   {Person: 999, Role: people.Technical},
	} {
		err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			x.Cell = w.Cell(t, other)
			_, err := people.Assign(t.Context(), tx, w.Territory, w.Edition, x)
			return err
		})
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	// technical support is a role like the others
	w.must(day(0), wish{staff: "S6", cell: string(leaf), role: "technical"})
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// What was known at any instant has one accountable person for each.
func TestKnownAt(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	w.hire(4)
	w.must(day(0), accountable("S1", w.Root()))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	at := func(n int) *time.Time { d := day(n); return &d }
	want := []string{"S1 [0,)"}
	for i, staff := range []string{"S2", "S3", "S4"} {
		n := 40 - 10*i
		if _, err := w.hand(people.Handing{Replaces: w.holder(day(n), w.Root()).ID, To: w.person(staff), At: at(n)}); err != nil {
			t.Fatal(err)
		}
		want = append(want, []string{"S1 [0,40) S2 [40,)", "S1 [0,30) S3 [30,40) S2 [40,)", "S1 [0,20) S4 [20,30) S3 [30,40) S2 [40,)"}[i])
	}
	var instants []time.Time
	w.tx(func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT DISTINCT lower(known) FROM people.assignment_known ORDER BY 1`)
		if err != nil {
			return err
		}
		instants, err = pgx.CollectRows(rows, pgx.RowTo[time.Time])
		return err
	})
	if len(instants) != len(want) {
		t.Fatalf("%d states were known, want %d", len(instants), len(want))
	}
	for i, known := range instants {
		if got := timeline(w.list(people.Asked{Role: people.Accountable, Known: &known})); got != want[i] {
			t.Errorf("known at %s: %s, want %s", known, got, want[i])
		}
	}
}
