package people_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

// soon gives an instant n days from now.
func soon(n int) time.Time { return time.Now().UTC().Truncate(time.Second).AddDate(0, 0, n) }

func (w *town) leave(a people.Away) (people.Leave, error) {
	w.t.Helper()
	var made people.Leave
	err := w.db.Tx(w.t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		made, err = people.TakeLeave(w.t.Context(), tx, w.Territory, w.Edition, a)
		return err
	})
	return made, err
}

// answers asks who answers for the cells at an instant, for a
// principal: "S2 acting for S1" or "空缺(由上级网格代管) of 示例办".
func (w *town) answers(who grids.Principal, at time.Time, codes ...grids.Code) []string {
	w.t.Helper()
	cells := make([]grids.CellID, len(codes))
	for i, code := range codes {
		cells[i] = w.Cell(w.t, code)
	}
	var got []string
	err := w.db.Tx(w.t.Context(), who, func(tx pgx.Tx) error {
		rows, err := tx.Query(w.t.Context(), `
			SELECT concat_ws(' ', coalesce(p.staff_no, a.name || ' of ' || a.post), CASE WHEN a.acting THEN 'acting' END, 'for ' || o.staff_no)
			FROM people.accountables($2, $1, array_fill($3::int, ARRAY[cardinality($1::bigint[])]), array_fill($4::timestamptz, ARRAY[cardinality($1::bigint[])])) a
			LEFT JOIN people.person p ON p.id = a.person_id LEFT JOIN people.person o ON o.id = a.absent ORDER BY n`, cells, w.Territory, w.Edition, at)
		if err != nil {
			return err
		}
		got, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func TestLeave(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(7)
	root, column, leaf, vacant := w.Root(), w.Column(1), w.Leaf(1, 1), w.Leaf(1, 2)
	w.must(day(0), accountable("S1", root), accountable("S2", column), accountable("S3", leaf))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	from, to := soon(10), soon(20)
	all := []grids.Code{root, column, leaf, vacant}
	made, err := w.leave(people.Away{Person: w.person("S2"), From: &from, To: &to, StandIn: w.person("S4"), Reason: "学习"})
	if err != nil || len(made.Cells) != 1 || made.Cells[0].StandInName != "示例人员 0004" {
		t.Fatalf("%+v %v", made, err)
	}
	if _, err := w.leave(people.Away{Person: w.person("S3"), From: &from, To: &to, StandIn: w.person("S5"),
		Cells: map[grids.CellID]grids.PersonID{w.Cell(t, leaf): w.person("S6")}}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{
		soon(9):  "S1|S2|S3|S2 acting",
		soon(10): "S1|S4 acting for S2|S6 acting for S3|S4 acting for S2",
		soon(19): "S1|S4 acting for S2|S6 acting for S3|S4 acting for S2",
		soon(20): "S1|S2|S3|S2 acting",
	} {
		if got := strings.Join(w.answers(grids.Local, at, all...), "|"); got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	// the public is told of a vacancy and the unit, and of nobody's leave
	if got := strings.Join(w.answers(grids.Public, soon(12), all...), "|"); got != "S1|S4 acting|S6 acting|空缺(由上级网格代管) of 示例办 acting" {
		t.Error(got)
	}
	if a := w.responsible(grids.Public, soon(12), vacant)[0]; a.StaffNo != "" || a.Name == "" || strings.Contains(fmt.Sprintf("%+v", a), "示例人员") {
		t.Errorf("%+v", a)
	}
	for name, a := range map[string]people.Away{
		"twice":                {Person: w.person("S2"), From: &to, To: nil, StandIn: w.person("S2")},
		"over another":         {Person: w.person("S2"), From: &from, StandIn: w.person("S5")},
		"stand-in is away":     {Person: w.person("S1"), From: &from, StandIn: w.person("S3")},
		"acts for another":     {Person: w.person("S4"), From: &from, StandIn: w.person("S7")},
		"acts in another cell": {Person: w.person("S6"), From: &from, StandIn: w.person("S7")},
		"ends first":           {Person: w.person("S7"), From: &to, To: &from, StandIn: w.person("S5")},
		"nobody":               {Person: w.person("S7"), StandIn: 999},
	} {
		if _, err := w.leave(a); err == nil {
			t.Errorf("%s: recorded", name)
		}
	}
	// back early; and what is to come is taken back
	back := soon(15)
	w.tx(func(tx pgx.Tx) error {
		l, err := people.EndLeave(t.Context(), tx, w.Territory, w.Edition, made.ID, &back)
		if err == nil && !l.To.Equal(back) {
			t.Errorf("%+v", l)
		}
		return err
	})
	if got := w.answers(grids.Local, soon(15), column); got[0] != "S2" {
		t.Error(got)
	}
	w.tx(func(tx pgx.Tx) error {
		_, err := people.EndLeave(t.Context(), tx, w.Territory, w.Edition, made.ID, nil)
		return err
	})
	var list []people.Leave
	w.tx(func(tx pgx.Tx) (err error) {
		list, err = people.Leaves(t.Context(), tx, w.Territory, w.Edition, 0, people.Planned)
		return err
	})
	if len(list) != 1 || list[0].Name != "示例人员 0003" || list[0].Cells[0].StandInName != "示例人员 0006" {
		t.Errorf("%+v", list)
	}
	// what was answered stays so
	if _, err := w.leave(people.Away{Person: w.person("S2"), StandIn: w.person("S4")}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`UPDATE people.leave SET during = tstzrange(lower(during) - interval '1 day', NULL) WHERE territory_id = $1`,
		`UPDATE people.leave SET during = tstzrange(lower(during), now() - interval '1 microsecond') WHERE territory_id = $1 AND lower(during) < now()`,
		`DELETE FROM people.leave WHERE territory_id = $1`,
	} {
		if err := w.exec(grids.Local, sql, w.Territory); err == nil {
			t.Errorf("done: %s", sql)
		}
	}
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

func TestVacancies(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(4)
	w.must(day(0), accountable("S1", w.Root()), accountable("S2", w.Column(1)), wish{staff: "S3", cell: string(w.Leaf(1, 1)), role: "accountable", to: day(10)},
		wish{staff: "S4", cell: string(w.Leaf(1, 1)), role: "accountable", from: soon(30)})
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	alarms := func() (raised, ended int, open []people.Alarm) {
		w.tx(func(tx pgx.Tx) (err error) {
			if raised, ended, err = people.RaiseAlarms(t.Context(), tx, w.Territory, w.Edition, time.Now()); err != nil {
				return err
			}
			open, err = people.Alarms(t.Context(), tx, w.Territory, w.Edition, nil, true)
			return err
		})
		return raised, ended, open
	}
	var list []people.Vacancy
	w.tx(func(tx pgx.Tx) (err error) {
		list, _, err = people.Vacancies(t.Context(), tx, w.Territory, w.Edition, time.Now(), nil, 100, 0)
		return err
	})
	var got []string
	for _, v := range list {
		got = append(got, fmt.Sprintf("%s since %d up %d far %t", v.Code, int(v.Since.Sub(day(0)).Hours()/24), *v.Up, v.Far))
	}
	want := "430201002000 since 1 up 1 far false|430202000000 since 1 up 1 far false|430202001000 since 1 up 2 far true|430202002000 since 1 up 2 far true|430201001000 since 10 up 1 far false"
	if strings.Join(got, "|") != want {
		t.Error(strings.Join(got, "|"))
	}
	if last := list[4]; *last.LastName != "示例人员 0003" || *last.NextName != "示例人员 0004" || *last.StandInName != "示例人员 0002" || *last.HoldsCode != w.Column(1) {
		t.Errorf("%+v", last)
	}
	watching, stop := context.WithCancel(t.Context())
	ended := make(chan bool)
	go func() { people.KeepWatch(watching, w.db, slog.New(slog.DiscardHandler)); close(ended) }()
	for raised := 0; raised == 0; {
		w.tx(func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM people.alarm`).Scan(&raised)
		})
	}
	stop()
	<-ended
	if raised, ended, open := alarms(); raised != 0 || ended != 0 || len(open) != 2 || open[0].Code != w.Leaf(2, 1) {
		t.Errorf("%d raised, %d ended, %+v", raised, ended, open)
	}
	if raised, _, open := alarms(); raised != 0 || len(open) != 2 {
		t.Errorf("%d raised again, %+v", raised, open)
	}
	// with somebody one tier up they are over
	w.must(day(20), accountable("S3", w.Column(2)))
	if _, ended, open := alarms(); ended != 2 || len(open) != 0 {
		t.Errorf("%d ended, %+v", ended, open)
	}
}
