package layers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/layers"
)

// office sends batches of layer cells.
type office struct {
	t         *testing.T
	db        *database.DB
	territory grids.TerritoryID
	batch     int64
}

type sent struct {
	code, name, published, sent string
	width                       int // in steps of 0.01 degrees
}

func (o *office) tx(fn func(tx pgx.Tx) error) error {
	return o.db.Tx(o.t.Context(), grids.Local, fn)
}

func (o *office) send(rows ...sent) (int64, grids.Taken) { return o.sendAs(false, rows...) }

// sendAs sends rows, or the whole grid.
func (o *office) sendAs(whole bool, rows ...sent) (int64, grids.Taken) {
	o.batch++
	var report grids.Taken
	err := o.tx(func(tx pgx.Tx) error {
		for i, r := range rows {
			if _, err := tx.Exec(o.t.Context(), `
				INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance, sent, source_geom, published)
				VALUES ($1, $2, $3, 'safety', $4, $5, 'S1', ST_MakeEnvelope(113, 27, 113 + $6 * 0.01, 27.01, 4326), 'imported',
				  CASE WHEN $7 <> '' THEN jsonb_build_object('备注', $7::text) END, ST_MakeEnvelope(0, 0, $6, 1, 4547),
				  CASE WHEN $8 <> '' THEN jsonb_build_object('等级', $8::text) END)`,
				o.territory, o.batch, i+1, r.code, r.name, r.width, r.sent, r.published); err != nil {
				return err
			}
		}
		var err error
		if whole {
			report, err = layers.TakeWhole(o.t.Context(), tx, o.territory, o.batch, "safety", 0)
		} else {
			report, err = layers.Take(o.t.Context(), tx, o.territory, o.batch)
		}
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return o.batch, report
}

func (o *office) undo(batch int64) (grids.Taken, error) {
	var report grids.Taken
	err := o.tx(func(tx pgx.Tx) error {
		var err error
		report, err = layers.Undo(o.t.Context(), tx, o.territory, 1, batch)
		return err
	})
	return report, err
}

func (o *office) state() string {
	var out string
	err := o.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(o.t.Context(), `SELECT coalesce(string_agg(concat_ws('|', c.code, c.name, c.person_id, ST_AsText(c.geom), c.area_m2, c.published, c.batch,
			s.sent, ST_AsEWKT(s.source_geom)), E'\n' ORDER BY c.code), '')
			FROM layers.cell c LEFT JOIN layers.sent s ON s.cell_id = c.id AND s.batch = c.batch WHERE c.territory_id = $1`, o.territory).Scan(&out)
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

func newOffice(t *testing.T) *office {
	db := databasetest.New(t)
	return &office{t: t, db: db, territory: territory(t, db)}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a, b := sent{"A", "一格", "甲", "x", 1}, sent{"B", "二格", "", "y", 2}
	first, r := o.send(a, b)
	if r.Created != 2 || r.Changed != 0 || len(r.Differences) != 2 {
		t.Fatalf("%+v", r)
	}
	before := o.state()
	if _, r := o.send(a, b); r.Applied != 0 || r.Unchanged != 2 || o.state() != before {
		t.Fatalf("again: %+v", r)
	}
	wider := a
	wider.width, wider.sent = 2, "z"
	second, r := o.send(wider, b, sent{"C", "三格", "", "", 1})
	if r.Created != 1 || r.Changed != 1 || len(r.Differences) != 2 {
		t.Fatalf("%+v", r)
	}
	if d := r.Differences[0]; d.Row != 1 || d.After["geometry"] != "area 1.10 km² → 2.20 km²" || d.Before["备注"] != "x" || d.After["备注"] != "z" || len(d.After) != 2 {
		t.Errorf("%+v", d)
	}
	if _, err := o.undo(first); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "safety:A") || strings.Contains(err.Error(), "safety:B") {
		t.Errorf("%v", err)
	}
	if r, err := o.undo(second); err != nil || r.Applied != 2 || r.Changed != 1 || o.state() != before {
		t.Errorf("%+v, %v\n%s\nwant\n%s", r, err, o.state(), before)
	}
	if _, err := o.undo(second); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "already") {
		t.Errorf("twice: %v", err)
	}
	if _, err := o.undo(first); err != nil || o.state() != "" {
		t.Errorf("%v, left: %s", err, o.state())
	}
}

// What a layer's whole grid doesn't name is retired, and comes back under its
// identity, by undoing that or when it is sent again.
func TestWholeGrid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a, b, c := sent{"A", "一格", "甲", "x", 1}, sent{"B", "二格", "", "y", 2}, sent{"C", "三格", "", "", 1}
	o.send(a, b, c)
	before := o.state()
	is := func(want string) {
		t.Helper()
		var codes string
		if err := o.tx(func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT coalesce(string_agg(code || id, ' ' ORDER BY code), '') FROM layers.cell`).Scan(&codes)
		}); err != nil {
			t.Fatal(err)
		}
		if codes != want {
			t.Errorf("there are %s, want %s", codes, want)
		}
	}
	is("A1 B2 C3")
	second, r := o.sendAs(true, a, sent{"D", "四格", "", "", 3})
	if r.Retired != 2 || r.Created != 1 || r.Unchanged != 1 || len(r.Differences) != 3 || r.Differences[1].Op != "retired" || r.Differences[1].Code != "B" {
		t.Errorf("%+v", r)
	}
	is("A1 D4")
	if r, err := o.undo(second); err != nil || r.Applied != 3 || o.state() != before {
		t.Errorf("%+v, %v\n%s\nwant\n%s", r, err, o.state(), before)
	}
	is("A1 B2 C3")
	third, _ := o.sendAs(true, a)
	o.send(b)
	is("A1 B2")
	if _, err := o.undo(third); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "safety:B") || strings.Contains(err.Error(), "safety:C") {
		t.Errorf("one is there again: %v", err)
	}
	// what isn't taken in whole retires nothing, and neither does an empty file
	if _, r := o.sendAs(true, a, sent{"A", "又一格", "", "", 1}); r.Retired != 0 || r.Rejected != 1 || r.Findings[len(r.Findings)-1].Kind != "not-retired" {
		t.Errorf("%+v", r)
	}
	if _, r := o.sendAs(true); r.Retired != 0 {
		t.Errorf("%+v", r)
	}
	is("A1 B2")
}

// TestUndoGivesTheStateBefore takes imports in random order and undoes the last
// of them, again and again, in the end all that are left; each time in a territory
// of its own.
func TestUndoGivesTheStateBefore(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	type step struct {
		batch  int64
		before string
	}
	territories := 0
	rapid.Check(t, func(rt *rapid.T) {
		territories++
		o := &office{t: t, db: db, territory: territoryOf(t, db, fmt.Sprintf("43%010d", territories))}
		var stack []step
		undo := func(t *rapid.T) {
			if len(stack) == 0 {
				t.Skip("nothing to undo")
			}
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if _, err := o.undo(last.batch); err != nil {
				t.Fatal(err)
			}
			if got := o.state(); got != last.before {
				t.Fatalf("undo of %d gives\n%s\nwant\n%s", last.batch, got, last.before)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){"undo": undo, "undo again": undo, "send": func(t *rapid.T) {
			var rows []sent
			for i := range 4 {
				if rapid.Bool().Draw(t, "row") {
					rows = append(rows, sent{fmt.Sprint("L", i), rapid.SampledFrom([]string{"甲", "乙"}).Draw(t, "name"),
						rapid.SampledFrom([]string{"", "一级"}).Draw(t, "published"), rapid.SampledFrom([]string{"", "一", "二"}).Draw(t, "sent"),
						rapid.IntRange(1, 3).Draw(t, "width")})
				}
			}
			before := o.state()
			batch, _ := o.sendAs(rapid.Bool().Draw(t, "whole"), rows...)
			stack = append(stack, step{batch, before})
		}})
		for len(stack) > 0 {
			undo(rt)
		}
	})
}
