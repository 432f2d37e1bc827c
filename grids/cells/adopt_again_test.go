package cells_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
)

// again is a territory whose cells are imported more than once.
type again struct {
	db        *database.DB
	territory cells.Territory
	edition   grids.EditionID
}

func newAgain(t *testing.T) again {
	t.Helper()
	a := again{db: databasetest.New(t)}
	if err := a.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		a.territory, a.edition = create(t, tx, "4302", 4547, grids.GB12)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return a
}

// adopt takes rows as an import does: with what was sent, as a step, all or
// nothing.
func (a again) adopt(t *testing.T, tier int, o cells.AdoptOptions, rows ...row) (batch int64, report cells.AdoptReport, err error) {
	t.Helper()
	err = a.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		batch = intake(t, tx, a.territory, tier, rows)
		if _, err := tx.Exec(t.Context(), `UPDATE cells.intake SET sent = jsonb_build_object('名称', name), source_geom = ST_Transform(geom, 4547) WHERE batch = $1`, batch); err != nil {
			return err
		}
		if err := cells.OpenStep(t.Context(), tx, a.territory, grids.Local, "import", nil); err != nil {
			return err
		}
		report, err = cells.Adopt(t.Context(), tx, a.territory, a.edition, batch, o)
		return err
	})
	return batch, report, err
}

func (a again) undo(t *testing.T, batch int64) {
	t.Helper()
	if err := a.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := cells.UndoImport(t.Context(), tx, a.territory, grids.Local, batch)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// state is all that the draft has, byte for byte.
func (a again) state(t *testing.T) (out string) {
	t.Helper()
	read(t, a.db, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT coalesce(string_agg(concat_ws('|', v.cell_id, cells.etag(v), v.area_m2, v.batch), E'\n' ORDER BY tier, code), '')
			FROM cells.of($1, $2) v`, a.territory.ID, a.edition).Scan(&out)
	})
	return out
}

func (a again) check(t *testing.T) {
	t.Helper()
	read(t, a.db, func(tx pgx.Tx) error {
		checkPartition(t, tx, a.territory, a.edition)
		return nil
	})
}

// said is a report's differences, one line each.
func said(r cells.AdoptReport) string {
	var lines []string
	for _, d := range r.Differences {
		line := fmt.Sprintf("%d %s %s", d.Row, d.Op, d.Code)
		for _, field := range []string{"name", "locked", "geometry"} {
			if after, ok := d.After[field]; ok {
				line += fmt.Sprintf(" %s:%s→%s", field, d.Before[field], after)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// two counties of two towns each, ten by ten thousandths of a degree.
func twoCounties() (counties, towns []row) {
	counties = []row{{"430202000000", "甲区", box(0, 0, 20, 10)}, {"430203000000", "乙区", box(20, 0, 40, 10)}}
	towns = []row{
		{"430202001000", "子镇", box(0, 0, 10, 10)}, {"430202002000", "丑镇", box(10, 0, 20, 10)},
		{"430203001000", "寅镇", box(20, 0, 30, 10)}, {"430203002000", "卯镇", box(30, 0, 40, 10)},
	}
	return counties, towns
}

// with gives rows with some of them, by code, as others; a row without a shape is
// left out.
func with(rows []row, others ...row) []row {
	out := slices.Clone(rows)
	for _, o := range others {
		at := slices.IndexFunc(out, func(r row) bool { return r.code == o.code })
		switch {
		case at < 0:
			out = append(out, o)
		case o.geom == nil:
			out = slices.Delete(out, at, at+1)
		default:
			out[at] = o
		}
	}
	return out
}

func TestAdoptAgain(t *testing.T) {
	t.Parallel()
	counties, towns := twoCounties()
	for _, test := range []struct {
		name    string
		locked  bool // the towns are
		dispute bool // of the towns
		tier    int  // 0: 3
		options cells.AdoptOptions
		rows    []row
		refuse  string // all of these, separated by |
		counts  string // created changed retired unchanged
		said    string
	}{
		{name: "the same", rows: towns, counts: "0 0 0 4"},
		{name: "the same by a hair", rows: with(towns, row{"430202001000", "子镇", box(0, 0, 10.00001, 10)}), counts: "0 0 0 4"},
		{name: "the same, and the parents their union", options: cells.AdoptOptions{ReplaceParents: true}, rows: towns, counts: "0 0 0 4"},
		{name: "part of the file", rows: towns[1:3], counts: "0 0 0 2"},
		{name: "another name", rows: with(towns, row{"430202001000", "辰镇", towns[0].geom}), counts: "0 1 0 3", said: "1 changed 430202001000 name:子镇→辰镇"},
		{name: "names change hands", rows: with(towns, row{"430202001000", "丑镇", towns[0].geom}, row{"430202002000", "子镇", towns[1].geom}), counts: "0 2 0 2",
			said: "1 changed 430202001000 name:子镇→丑镇\n2 changed 430202002000 name:丑镇→子镇"},
		{name: "a border moves", rows: with(towns, row{"430202001000", "子镇", box(0, 0, 12, 10)}, row{"430202002000", "丑镇", box(12, 0, 20, 10)}), counts: "0 2 0 2",
			said: "1 changed 430202001000 geometry:→area 1.10 km² → 1.32 km²\n2 changed 430202002000 geometry:→area 1.10 km² → 0.88 km²"},
		{name: "a border turns, and a name is another", rows: with(towns,
			row{"430202001000", "子镇", orb.Polygon{{{113, 27}, {113.009, 27}, {113.011, 27.01}, {113, 27.01}, {113, 27}}}},
			row{"430202002000", "巳镇", orb.Polygon{{{113.009, 27}, {113.02, 27}, {113.02, 27.01}, {113.011, 27.01}, {113.009, 27}}}}), counts: "0 2 0 2",
			said: "1 changed 430202001000 geometry:→moved 99 m\n2 changed 430202002000 name:丑镇→巳镇 geometry:→moved 99 m"},
		{name: "one is divided", rows: with(towns, row{"430202001000", "子镇", box(0, 0, 10, 5)}, row{"430202003000", "午镇", box(0, 5, 10, 10)}), counts: "1 2 0 2",
			said: "1 changed 430202001000 geometry:→area 1.10 km² → 0.55 km²\n2 changed 430202002000 geometry:→vertices 87 → 110\n5 created 430202003000"},
		{name: "one is missing, its area taken", rows: with(towns, row{"430202001000", "子镇", box(0, 0, 20, 10)}, row{"430202002000", "", nil}), refuse: "430202002000|--retire-missing|retire_missing"},
		{name: "one is retired", options: cells.AdoptOptions{RetireMissing: true}, rows: with(towns, row{"430202001000", "子镇", box(0, 0, 20, 10)}, row{"430202002000", "", nil}),
			counts: "0 1 1 2", said: "0 retired 430202002000\n1 changed 430202001000 geometry:→area 1.10 km² → 2.20 km²"},
		{name: "one is retired, another takes its name", options: cells.AdoptOptions{RetireMissing: true},
			rows: with(towns, row{"430202001000", "丑镇", box(0, 0, 20, 10)}, row{"430202002000", "", nil}), counts: "0 1 1 2",
			said: "0 retired 430202002000\n1 changed 430202001000 name:子镇→丑镇 geometry:→area 1.10 km² → 2.20 km²"},
		{name: "one is retired, nobody takes its area", options: cells.AdoptOptions{RetireMissing: true}, rows: with(towns, row{"430202002000", "", nil}), refuse: "are in no cell"},
		{name: "another code for the same area", options: cells.AdoptOptions{RetireMissing: true}, rows: with(towns, row{"430202002000", "", nil}, row{"430202009000", "丑镇", box(10, 0, 20, 10)}),
			counts: "1 0 1 3", said: "0 retired 430202002000\n4 created 430202009000"},
		{name: "out of the parent, which becomes the union", options: cells.AdoptOptions{ReplaceParents: true},
			rows: with(towns, row{"430202002000", "丑镇", box(10, 0, 22, 10)}, row{"430203001000", "寅镇", box(22, 0, 30, 10)}), counts: "0 4 0 2",
			said: "0 changed 430202000000 geometry:→area 2.20 km² → 2.42 km²\n0 changed 430203000000 geometry:→area 2.20 km² → 1.98 km²\n" +
				"2 changed 430202002000 geometry:→area 1.10 km² → 1.32 km²\n3 changed 430203001000 geometry:→area 1.10 km² → 0.88 km²"},
		{name: "within a parent, which becomes the union", options: cells.AdoptOptions{ReplaceParents: true},
			rows: with(towns, row{"430202001000", "子镇", orb.Polygon{{{113, 27}, {113.01, 27}, {113.011, 27.005}, {113.01, 27.01}, {113, 27.01}, {113, 27}}}},
				row{"430202002000", "丑镇", orb.Polygon{{{113.01, 27}, {113.02, 27}, {113.02, 27.01}, {113.01, 27.01}, {113.011, 27.005}, {113.01, 27}}}}), counts: "0 2 0 2",
			said: "1 changed 430202001000 geometry:→area 1.10 km² → 1.15 km²\n2 changed 430202002000 geometry:→area 1.10 km² → 1.04 km²"},
		{name: "locked", locked: true, rows: with(towns, row{"430202001000", "子镇", box(0, 0, 12, 10)}, row{"430202002000", "丑镇", box(12, 0, 20, 10)}), refuse: "is locked|--unlock"},
		{name: "disputed", dispute: true, rows: with(towns, row{"430202001000", "子镇", box(0, 0, 12, 10)}, row{"430202002000", "丑镇", box(12, 0, 20, 10)}), refuse: "430202001000 is disputed|98.|--unlock"},
		{name: "disputed and missing", dispute: true, options: cells.AdoptOptions{RetireMissing: true}, rows: with(towns, row{"430202001000", "子镇", box(0, 0, 20, 10)}, row{"430202002000", "", nil}), refuse: "430202002000|disputed"},
		{name: "locked, another name", locked: true, rows: with(towns, row{"430202001000", "辰镇", towns[0].geom}), counts: "0 1 0 3", said: "1 changed 430202001000 name:子镇→辰镇"},
		{name: "unlocked", locked: true, options: cells.AdoptOptions{Unlock: "民政局 2026-3 号"}, rows: with(towns, row{"430202001000", "子镇", box(0, 0, 12, 10)}, row{"430202002000", "丑镇", box(12, 0, 20, 10)}), counts: "0 2 0 2",
			said: "1 changed 430202001000 geometry:→area 1.10 km² → 1.32 km²\n2 changed 430202002000 geometry:→area 1.10 km² → 0.88 km²"},
		{name: "locked and missing", locked: true, options: cells.AdoptOptions{RetireMissing: true}, rows: with(towns, row{"430202001000", "子镇", box(0, 0, 20, 10)}, row{"430202002000", "", nil}), refuse: "430202002000|locked"},
		{name: "locked from now on", options: cells.AdoptOptions{Locked: true}, rows: towns[:1], counts: "0 1 0 0", said: "1 changed 430202001000 locked:false→true"},
		{name: "counties, another name", tier: 2, rows: with(counties, row{"430202000000", "丙区", counties[0].geom}), counts: "0 1 0 1", said: "1 changed 430202000000 name:甲区→丙区"},
		{name: "counties, another border", tier: 2, rows: with(counties, row{"430202000000", "甲区", box(0, 0, 21, 10)}, row{"430203000000", "乙区", box(21, 0, 40, 10)}),
			refuse: "have children|430202000000 (1)|430203000000 (2)|--replace-parents"},
		{name: "counties, one is missing", tier: 2, options: cells.AdoptOptions{RetireMissing: true}, rows: with(counties[:1], row{"430202000000", "甲区", box(0, 0, 40, 10)}), refuse: "have children|430203000000"},
		{name: "the city, another name", tier: 1, rows: []row{{"430200000000", "新名市", box(0, 0, 40, 10)}}, counts: "0 1 0 0", said: "1 changed 430200000000 name:试验市→新名市"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := newAgain(t)
			tier := cmp.Or(test.tier, 3)
			for i, rows := range [][]row{counties, towns} {
				if _, _, err := a.adopt(t, i+2, cells.AdoptOptions{Locked: test.locked && i == 1}, rows...); err != nil {
					t.Fatal(err)
				}
			}
			if test.dispute {
				if err := a.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), `UPDATE cells.version SET disputed = true WHERE tier = 3`)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			before := a.state(t)
			batch, r, err := a.adopt(t, tier, test.options, test.rows...)
			if test.refuse != "" {
				for _, want := range strings.Split(test.refuse, "|") {
					if err == nil || !strings.Contains(told(err), want) {
						t.Errorf("%v, want %q", told(err), want)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(told(err))
			}
			if got := fmt.Sprint(r.Created, r.Changed, r.Retired, r.Unchanged); got != test.counts || r.Different != r.Created+r.Changed+r.Retired {
				t.Errorf("%s, want %s: %+v", got, test.counts, r)
			}
			if got := said(r); got != test.said {
				t.Errorf("said\n%s\nwant\n%s", got, test.said)
			}
			a.check(t)
			after := a.state(t)
			if _, r, err = a.adopt(t, tier, test.options, test.rows...); err != nil || r.Unchanged != len(test.rows) || r.Different != 0 || a.state(t) != after {
				t.Errorf("again: %v %+v", err, r)
			}
			if a.undo(t, batch); a.state(t) != before {
				t.Errorf("undone:\n%s\nwant\n%s", a.state(t), before)
			}
			a.check(t)
		})
	}
}

// told is all that an error says.
func told(err error) string {
	var said *grids.Error
	if !errors.As(err, &said) {
		return fmt.Sprint(err)
	}
	text := said.Message.EN
	for _, fix := range said.Fixes {
		text += " " + fix.EN
	}
	return text
}

// A code that was retired in an edition of its own is that cell's again when a
// file brings it back.
func TestRetiredComesBack(t *testing.T) {
	t.Parallel()
	a := newAgain(t)
	counties, towns := twoCounties()
	taken := func(tier int, o cells.AdoptOptions, rows ...row) cells.AdoptReport {
		t.Helper()
		_, r, err := a.adopt(t, tier, o, rows...)
		if err != nil {
			t.Fatal(told(err))
		}
		return r
	}
	id := func() (id int64) {
		read(t, a.db, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT cell_id FROM cells.of($1, $2) WHERE code = '430202002000'`, a.territory.ID, a.edition).Scan(&id)
		})
		return id
	}
	publish := func() {
		t.Helper()
		if err := a.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'T1', '示例', 'demo') ON CONFLICT DO NOTHING RETURNING id)
				INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
				SELECT $1, p.id, v.cell_id, 'accountable', '[2020-01-01,)', 'test' FROM p, cells.of($1, $2) v WHERE v.tier = 1`, a.territory.ID, a.edition); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `UPDATE editions.edition SET state = 'published', effective = clock_timestamp(), published_by = 'test' WHERE seq = $1`, a.edition)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := a.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
			a.edition, err = editions.Draft(t.Context(), tx, a.territory, grids.Local)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	taken(2, cells.AdoptOptions{}, counties...)
	taken(3, cells.AdoptOptions{}, towns...)
	was := id()
	publish()
	without := with(towns, row{"430202001000", "子镇", box(0, 0, 20, 10)}, row{"430202002000", "", nil})
	if r := taken(3, cells.AdoptOptions{RetireMissing: true}, without...); r.Retired != 1 || r.Changed != 1 {
		t.Errorf("%+v", r)
	}
	publish()
	before := a.state(t)
	if r := taken(3, cells.AdoptOptions{}, towns...); r.Created != 1 || r.Changed != 1 || id() != was {
		t.Errorf("%+v: cell %d, was %d", r, id(), was)
	}
	a.check(t)
	if err := a.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := cells.Undo(t.Context(), tx, a.territory, a.edition)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if got := a.state(t); got != before {
		t.Errorf("undone:\n%s\nwant\n%s", got, before)
	}
}
