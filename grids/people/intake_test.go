package people_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/people"
)

func TestTakePeople(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	rows := [][]any{
		{"S1", "示例人员 0001", "示例局", "局长", "000-0000-0001"},
		{" S2 ", "示例人员 0002", "", "", "13812341234"},
		{"S3", " ", "", "", ""},
		{"", "示例人员 0004", "", "", ""},
		{"S1", "示例人员 0009", "示例局", "局长", "000-0000-0001"},
		{"S1", "示例人员 0001", "示例局", "局长", "000-0000-0001"},
	}
	first := w.takePeople(rows...)
	if first.Applied != 3 || first.Created != 3 || first.Unchanged != 1 || first.Rejected != 2 || len(first.Findings) != 2 {
		t.Fatalf("first: %+v", first)
	}
	databasetest.InBothLanguages(t, first.Findings)
	for i, want := range []struct {
		row         int
		field, kind string
	}{{3, "name", "empty"}, {5, "staff_no", "duplicate"}} {
		if f := first.Findings[i]; f.Row != want.row || f.Field != want.field || f.Kind != want.kind || f.Severity != grids.SeverityError {
			t.Errorf("finding %d: %+v", i, f)
		}
	}
	// nothing says that the one without a number is the same person
	if second := w.takePeople(rows...); second.Applied != 0 || second.Unchanged != 3 || second.Rejected != 3 || second.Findings[2].Kind != "ambiguous" {
		t.Errorf("second: %+v", second)
	}
	// a number with the same mask is a change all the same; empty ones aren't
	third := w.takePeople([]any{"S2", "示例人员 0002", "", "", "13899991234"}, []any{"S1", "示例人员 0001", "", "", ""})
	if third.Applied != 1 || third.Unchanged != 1 {
		t.Errorf("third: %+v", third)
	}
	var got string
	admin := grids.Principal{Name: "admin", Role: grids.RoleAdmin}
	err := w.db.Tx(t.Context(), admin, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT string_agg(concat_ws('|', staff_no, unit, post, phone_masked, phone), ' ' ORDER BY staff_no)
			FROM people.person JOIN people.contact c ON c.person_id = id WHERE staff_no LIKE 'S%'`).Scan(&got)
	})
	if want := "S1|示例局|局长|000-****-0001|000-0000-0001 S2|||138****1234|13899991234"; err != nil || got != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	for phone, want := range map[string]string{
		"13812341234":       "138****1234",
		"000-0000-0001":     "000-****-0001",
		"０１３８１２３４１２３４":      "013*****1234",
		" 138 1234 1234 ":   "138 **** 1234",
		"+86 13812341234":   "+86 1******1234",
		"28681234":          "****",
		"12345":             "****",
		"无":                 "****",
		"":                  "",
		"13812341234(王某)":   "138****1234(**)",
		"0731-28681234-801": "073*-*******4-801",
	} {
		var got string
		w.tx(func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT people.masked($1)`, phone).Scan(&got)
		})
		if got != want {
			t.Errorf("%q: %q, want %q", phone, got, want)
		}
	}
}

func TestTelephoneNumbersAreForThoseWhoMay(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	w.hire(3)
	for role, want := range map[grids.Role]int{grids.RolePublic: 0, grids.RoleAgency: 0, grids.RoleGIS: 0, grids.RoleAuditor: 0, grids.RoleOfficer: 3, grids.RolePlanner: 3, grids.RoleAdmin: 3} {
		var got int
		err := w.db.Read(t.Context(), grids.Principal{Name: "x", Role: role}, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM people.contact`).Scan(&got)
		})
		if err != nil || got != want {
			t.Errorf("%s sees %d numbers, %v", role, got, err)
		}
	}
	const admin = grids.RoleAdmin
	for name, sql := range map[string]string{
		"reading the intake": `SELECT phone FROM people.intake_person`,
		"all of the intake":  `SELECT i FROM people.intake_person i`,
		"writing contacts":   `UPDATE people.contact SET phone = ''`,
		"forging the past":   `DELETE FROM people.assignment_past`,
		"becoming another":   `UPDATE people.assignment SET person_id = person_id`,
	} {
		var pg *pgconn.PgError
		err := w.exec(grids.Principal{Name: "x", Role: admin}, sql)
		if !errors.As(err, &pg) || pg.Code != "42501" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.exec(grids.Public, `SELECT people.keep_contacts(1, 1)`); err == nil {
		t.Error("the public may change telephone numbers")
	}
}

func TestTakeAssignments(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(4)
	leaf := string(w.Leaf(1, 1))
	wishes := []wish{
		accountable("S1", w.Root()),
		accountable("S2", w.Leaf(1, 1)),
		{staff: "S3", cell: leaf, role: "officer"},
		{staff: "S3", cell: leaf, role: "lead", layer: "environment", post: "环保专干"},
		{staff: "S4", cell: leaf, role: "joint-chief", side: "party", rank: 1},
		accountable("S9", w.Leaf(1, 2)),                              // 6 unknown person
		accountable("S1", "430299999000"),                            // 7 unknown cell
		{staff: "S1", cell: leaf, role: "king"},                      // 8 unknown role
		{staff: "S1", cell: leaf, role: "accountable", layer: "x"},   // 9
		{staff: "S1", cell: leaf, role: "lead"},                      // 10
		{staff: "S1", cell: leaf, role: "officer", side: "left"},     // 11
		{staff: "S1", cell: leaf, role: "officer", to: day(-1)},      // 12
		{staff: "S1", cell: leaf, role: "officer", layer: "UPPER 1"}, // 13
		accountable("S1", w.Leaf(2, 1)),                              // 14 two
		accountable("S2", w.Leaf(2, 1)),                              // 15 at once
		{staff: "S3", cell: leaf, role: "officer"},                   // 16 again
	}
	first, err := w.assign(day(0), wishes...)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		row         int
		field, kind string
	}{
		{6, "staff_no", "unknown-person"}, {7, "cell_code", "unknown-cell"}, {8, "role", "unknown-role"},
		{9, "layer", "layer-of-accountable"}, {10, "layer", "empty"}, {11, "side", "unknown-side"}, {12, "to_at", "empty-period"},
		{13, "layer", "bad-layer"}, {14, "cell_code", "two-accountable"}, {15, "cell_code", "two-accountable"}, {16, "staff_no", "duplicate"},
	}
	if first.Applied != 5 || first.Unchanged != 0 || first.Rejected != len(want) || len(first.Findings) != len(want) {
		t.Fatalf("first: %+v", first)
	}
	databasetest.InBothLanguages(t, first.Findings)
	for i, f := range first.Findings {
		if f.Row != want[i].row || f.Field != want[i].field || f.Kind != want[i].kind {
			t.Errorf("finding %d: %+v, want %+v", i, f, want[i])
		}
	}
	if second, err := w.assign(day(9), wishes...); err != nil || second.Applied != 0 || second.Unchanged != 5 || second.Rejected != len(want) {
		t.Errorf("second: %+v, %v", second, err)
	}
	if got := w.who(day(5), w.Leaf(2, 1)); got != "S1 acting" {
		t.Errorf("leaf with two is answered for by %s", got)
	}
}

func TestHandOverLeavesNoGap(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(4)
	root, leaf := w.Root(), w.Leaf(1, 1)
	w.must(day(0), accountable("S1", root), accountable("S2", leaf))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	w.must(day(10), accountable("S3", root), accountable("S4", leaf))
	// a term with an end gives way again
	w.must(day(20), wish{staff: "S1", cell: string(root), role: "accountable", to: day(30)})
	// a late correction: S2 had the leaf back from day 12 to 14
	w.must(day(40), wish{staff: "S2", cell: string(leaf), role: "accountable", from: day(12), to: day(14)})
	almost := func(n int) func() string {
		return func() string { return w.who(day(n).Add(-time.Microsecond), leaf) }
	}
	for name, c := range map[string]struct{ got, want string }{
		"root before":    {w.who(day(9), root), "S1"},
		"root after":     {w.who(day(10), root), "S3"},
		"root in term":   {w.who(day(25), root), "S1"},
		"root after it":  {w.who(day(30), root), "S3"},
		"leaf just then": {almost(10)(), "S2"},
		"leaf after":     {w.who(day(10), leaf), "S4"},
		"leaf corrected": {w.who(day(13), leaf), "S2"},
		"leaf at end":    {w.who(day(14), leaf), "S4"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	var past int
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM people.assignment_past`).Scan(&past)
	})
	if past < 4 {
		t.Errorf("%d records of what was known before", past)
	}
	// an end for the same person ends it
	w.must(day(50), wish{staff: "S4", cell: string(leaf), role: "accountable", to: day(60)})
	if got := w.who(day(61), leaf); got != "S3 acting" {
		t.Errorf("after the end: %s", got)
	}
	again, err := w.assign(day(50), wish{staff: "S4", cell: string(leaf), role: "accountable", to: day(60)})
	if err != nil || again.Unchanged != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
}

func TestTakeLeads(t *testing.T) {
	t.Parallel()
	w := newTown(t, 30, 40)
	w.hire(5)
	take := func(at int, sql string) grids.Taken {
		var report grids.Taken
		w.tx(func(tx pgx.Tx) error {
			w.batch++
			if _, err := tx.Exec(t.Context(), `INSERT INTO people.intake_lead (territory_id, batch, cell_id, layer, person_id, post) `+sql, w.Territory, w.batch); err != nil {
				return err
			}
			var err error
			report, err = people.TakeLeads(t.Context(), tx, w.Territory, w.batch, "test", day(at))
			return err
		})
		return report
	}
	const all = `SELECT $1, $2::bigint, v.cell_id, l, (SELECT min(id) FROM people.person) + mod(v.cell_id, 3), '专干'
		FROM cells.leaves($1, 1) v, unnest('{environment,safety,river-chief,social-order}'::text[]) l`
	if r := take(0, all); r.Applied != 4800 || r.Unchanged != 0 {
		t.Errorf("first: %+v", r)
	}
	if r := take(1, all); r.Applied != 0 || r.Unchanged != 4800 {
		t.Errorf("second: %+v", r)
	}
	// one layer of one county's cells changes hands; one cell has nobody
	r := take(2, `SELECT $1, $2::bigint, v.cell_id, 'safety', CASE WHEN v.code LIKE '%001000' THEN NULL ELSE (SELECT max(id) FROM people.person) END, ''
		FROM cells.leaves($1, 1) v WHERE v.code LIKE '430201%'`)
	if r.Applied != 39 || r.Unchanged != 0 {
		t.Errorf("third: %+v", r)
	}
	var now, before int
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE during @> $1::timestamptz), count(*) FILTER (WHERE during @> $2::timestamptz)
			FROM people.assignment WHERE role = 'lead'`, day(2), day(1)).Scan(&now, &before)
	})
	if now != 4799 || before != 4800 {
		t.Errorf("%d leads, before %d", now, before)
	}
}
