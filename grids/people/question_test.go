package people_test

import (
	"cmp"
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

// bit is a line of lineage: a share of a leaf's area becomes one of edition 2.
type bit struct {
	from, to grids.Code
	share    float64
}

// regroup makes edition 2 out of bits and carries assignments along at day 10. A
// cell that is named on both sides of a bit goes on; one that is only on the left
// ends.
func (w *town) regroup(bits ...bit) {
	w.t.Helper()
	w.draft(bits...)
	w.tx(func(tx pgx.Tx) error { return people.CarryAlong(w.t.Context(), tx, w.Territory, 2, day(10)) })
	if err := w.Publish(w.t, 2, day(10)); err != nil {
		w.t.Fatal(err)
	}
	w.Edition = 2
}

// draft makes edition 2 out of bits.
func (w *town) draft(bits ...bit) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by, created_at) VALUES ($1, 2, 'draft', 'test', clock_timestamp())`, w.Territory); err != nil {
			return err
		}
		for _, b := range bits {
			if _, err := tx.Exec(w.t.Context(), `UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND code = $2 AND from_edition = 1 AND to_edition IS NULL`, w.Territory, b.from); err != nil {
				return err
			}
			if b.to == "" {
				continue
			}
			if _, err := tx.Exec(w.t.Context(), `
				WITH old AS (SELECT * FROM cells.version WHERE territory_id = $1 AND code = $2 AND to_edition = 2),
				there AS (SELECT cell_id FROM cells.version WHERE territory_id = $1 AND code = $3 AND from_edition = 2),
				goes_on AS (SELECT cell_id FROM cells.version WHERE territory_id = $1 AND code = $3 AND from_edition = 1 AND NOT EXISTS (SELECT FROM there)),
				made AS (INSERT INTO cells.cell (territory_id) SELECT $1 WHERE NOT EXISTS (SELECT FROM there) AND NOT EXISTS (SELECT FROM goes_on) RETURNING id),
				version AS (
				  INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
				  SELECT $1, n.id, 2, $3, '示例' || $3, o.tier, o.parent_id, o.geom, o.area_m2, o.label, 'demo' FROM old o, (SELECT id FROM made UNION ALL SELECT cell_id FROM goes_on) n)
				INSERT INTO cells.lineage (territory_id, edition, from_cell, to_cell, share)
				SELECT $1, 2, o.cell_id, n.id, $4 FROM old o, (SELECT id FROM made UNION ALL SELECT cell_id FROM goes_on UNION ALL SELECT cell_id FROM there) n`,
				w.Territory, b.from, b.to, b.share); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *town) questions(state string) []people.Question {
	w.t.Helper()
	var list []people.Question
	w.tx(func(tx pgx.Tx) (err error) {
		list, _, err = people.Questions(w.t.Context(), tx, w.Territory, w.Edition, nil, state, 1000, 0)
		return err
	})
	return list
}

// asked writes open questions as "merged 01 accountable: S2, else S2 0.60, S3 0.40", with the
// last digits of the cell's code.
func (w *town) asked() (out []string) {
	w.t.Helper()
	var staff map[grids.PersonID]string
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT json_object_agg(id, staff_no) FROM people.person WHERE territory_id = $1`, w.Territory).Scan(&staff)
	})
	for _, q := range w.questions("open") {
		ruled := "nobody"
		if q.Ruled != nil {
			ruled = staff[*q.Ruled]
		}
		role := string(q.Role)
		if q.Layer != nil {
			role += " " + string(*q.Layer)
		}
		var rest []string
		for _, c := range q.Candidates {
			s := fmt.Sprintf("%s %.2f", c.StaffNo, c.Share)
			if c.Role != q.Role {
				s += " " + string(c.Role)
			}
			rest = append(rest, s)
		}
		out = append(out, fmt.Sprintf("%s %s %s: %s of %s", q.Kind, strings.TrimRight(string(q.Code[4:]), "0"), role, ruled, strings.Join(rest, ", ")))
	}
	return out
}

// has gives who answers for a cell of the edition at an instant.
func (w *town) has(at time.Time, code grids.Code) string {
	w.t.Helper()
	var staff string
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT p.staff_no || CASE WHEN a.acting THEN ' acting' ELSE '' END
			FROM cells.of($1, $2) v CROSS JOIN LATERAL people.accountables($1, ARRAY[v.cell_id], ARRAY[$2::int], ARRAY[$3::timestamptz]) a JOIN people.person p ON p.id = a.person_id
			WHERE v.code = $4`, w.Territory, w.Edition, at, code).Scan(&staff)
	})
	return staff
}

func (w *town) answer(who grids.Principal, q people.Question, person grids.PersonID) (people.Question, error) {
	var answered people.Question
	err := w.db.Tx(w.t.Context(), who, func(tx pgx.Tx) (err error) {
		answered, err = people.Answer(w.t.Context(), tx, w.Territory, w.Edition, q.ID, person, "核实")
		return err
	})
	return answered, err
}

// Leaves are split and merged in every way. 201001 and 201002 lie in the first
// column, S1 answers for the city.
func TestCarryAlongAsks(t *testing.T) {
	t.Parallel()
	const a, b, x, y, z = "430201001000", "430201002000", "430201901000", "430201902000", "430201903000"
	w := func(staff, cell, role, layer string) wish {
		return wish{staff: staff, cell: cell, role: role, layer: layer}
	}
	for name, test := range map[string]struct {
		staff []wish
		bits  []bit
		share float64 // comparable, 0: as it comes
		want  []string
		holds map[string]string // who answers for a cell then
	}{
		"two halves": {
			staff: []wish{accountable("S2", a), w("S3", a, "deputy", ""), w("S4", a, "officer", "")},
			bits:  []bit{{a, x, 0.5}, {a, y, 0.5}},
			want:  []string{"split 01902 accountable: S2 of S2 0.50, S3 0.50 deputy, S4 0.50 officer"},
			holds: map[string]string{x: "S2", y: "S2"},
		},
		"a trifle split off": {
			staff: []wish{accountable("S2", a), w("S3", a, "officer", "")},
			bits:  []bit{{a, x, 0.95}, {a, y, 0.05}},
			holds: map[string]string{x: "S2", y: "S2"},
		},
		"a trifle that is none here": {
			staff: []wish{accountable("S2", a)}, share: 0.05,
			bits:  []bit{{a, x, 0.95}, {a, y, 0.05}},
			want:  []string{"split 01902 accountable: S2 of S2 0.05"},
			holds: map[string]string{x: "S2", y: "S2"},
		},
		"a half split off a cell that goes on": {
			staff: []wish{accountable("S2", a)},
			bits:  []bit{{a, a, 0.5}, {a, y, 0.5}},
			want:  []string{"split 01902 accountable: S2 of S2 0.50"},
			holds: map[string]string{a: "S2", y: "S2"},
		},
		"three parts": {
			staff: []wish{accountable("S2", a)},
			bits:  []bit{{a, x, 0.3}, {a, y, 0.4}, {a, z, 0.3}},
			want:  []string{"split 01901 accountable: S2 of S2 0.30", "split 01903 accountable: S2 of S2 0.30"},
			holds: map[string]string{x: "S2", y: "S2", z: "S2"},
		},
		"two merged": {
			staff: []wish{accountable("S2", a), accountable("S3", b), w("S4", a, "officer", ""), w("S5", b, "officer", ""), w("S6", a, "lead", "safety"), w("S6", b, "lead", "safety")},
			bits:  []bit{{a, x, 1}, {b, x, 1}},
			want:  []string{"merged 01901 accountable: S2 of S2 0.50, S3 0.50", "merged 01901 officer: nobody of S5 0.50"},
			holds: map[string]string{x: "S2"},
		},
		"two merged, one person": {
			staff: []wish{accountable("S2", a), accountable("S2", b)},
			bits:  []bit{{a, x, 1}, {b, x, 1}},
			holds: map[string]string{x: "S2"},
		},
		"merged into one that goes on": {
			staff: []wish{accountable("S2", a), accountable("S3", b), w("S4", b, "lead", "safety"), w("S5", b, "deputy", "")},
			bits:  []bit{{a, a, 1}, {b, a, 1}},
			want:  []string{"merged 01001 accountable: S2 of S2 0.50, S3 0.50"},
			holds: map[string]string{a: "S2"},
		},
		"leads of one layer": {
			staff: []wish{w("S4", a, "lead", "safety"), w("S5", b, "lead", "safety"), w("S6", b, "lead", "environment")},
			bits:  []bit{{a, x, 1}, {b, x, 1}},
			want:  []string{"merged 01901 lead safety: S4 of S4 0.50, S5 0.50"},
			holds: map[string]string{x: "S1 acting"},
		},
		"the greater part was vacant": {
			staff: []wish{accountable("S3", b)},
			bits:  []bit{{a, x, 1}, {b, x, 0.8}},
			holds: map[string]string{x: "S3"},
		},
		"a trifle of a neighbour that goes on": {
			staff: []wish{accountable("S2", a), accountable("S3", b)},
			bits:  []bit{{a, x, 1}, {b, x, 0.1}, {b, b, 0.9}},
			holds: map[string]string{x: "S2", b: "S3"},
		},
		"a small one swallowed": {
			staff: []wish{accountable("S2", a), accountable("S3", b)},
			bits:  []bit{{a, x, 1}, {b, x, 0.1}},
			want:  []string{"merged 01901 accountable: S2 of S2 0.91, S3 0.09"},
			holds: map[string]string{x: "S2"},
		},
		"ended without a successor": {
			staff: []wish{accountable("S2", a), w("S3", a, "officer", "safety"), w("S1", a, "officer", "")},
			bits:  []bit{{a, "", 0}},
			want:  []string{"ended 01 officer: nobody of S1 0.00", "ended 01 officer: nobody of S2 0.00 accountable", "ended 01 officer safety: nobody of S3 0.00"},
		},
		"a planned one lost": {
			staff: []wish{accountable("S2", a), {staff: "S3", cell: b, role: "officer", from: day(30)}},
			bits:  []bit{{a, x, 1}, {b, x, 0.1}},
			want:  []string{"merged 01901 officer: nobody of S3 0.09"},
			holds: map[string]string{x: "S2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, 1, 3)
			w.hire(7)
			w.must(day(0), append(test.staff, accountable("S1", w.Root()))...)
			if err := w.Publish(t, 1, day(1)); err != nil {
				t.Fatal(err)
			}
			if test.share > 0 {
				w.tx(func(tx pgx.Tx) error { return people.SetComparableShare(t.Context(), tx, w.Territory, test.share) })
			}
			w.draft(test.bits...)
			for range 2 { // the second time asks nothing anew
				w.tx(func(tx pgx.Tx) error { return people.CarryAlong(t.Context(), tx, w.Territory, 2, day(10)) })
			}
			if err := w.Publish(t, 2, day(10)); err != nil {
				t.Fatal(err)
			}
			w.Edition = 2
			if got := w.asked(); !slices.Equal(got, test.want) {
				t.Errorf("asked\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			for code, want := range test.holds {
				if got := w.has(day(10), grids.Code(code)); got != want {
					t.Errorf("%s answers for %s, want %s", got, code, want)
				}
			}
			if found := w.check(); len(found) > 0 {
				t.Errorf("%+v", found)
			}
		})
	}
}

// What was decided while the draft was open isn't asked again.
func TestNamedInTheDraftIsNotAsked(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(4)
	a, b := w.Leaf(1, 1), w.Leaf(1, 2)
	w.must(day(0), accountable("S1", w.Root()), accountable("S2", a), accountable("S3", b))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	w.draft(bit{a, a, 1}, bit{b, a, 1})
	w.must(day(5), accountable("S4", a))
	w.tx(func(tx pgx.Tx) error { return people.CarryAlong(t.Context(), tx, w.Territory, 2, day(10)) })
	if got := w.asked(); len(got) > 0 {
		t.Error(got)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(7)
	a, b, c, d := w.Leaf(1, 1), w.Leaf(1, 2), w.Leaf(2, 1), w.Leaf(2, 2)
	const x, y, z = "430201901000", "430202901000", "430202902000"
	w.must(day(0), accountable("S1", w.Root()), accountable("S2", a), accountable("S3", b), wish{staff: "S5", cell: string(b), role: "officer"},
		wish{staff: "S6", cell: string(a), role: "officer"}, accountable("S4", c), accountable("S7", d))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	w.regroup(bit{a, x, 1}, bit{b, x, 0.9}, bit{c, y, 0.5}, bit{c, z, 0.5})
	list := w.questions("open")
	if len(list) != 3 {
		t.Fatalf("%v", w.asked())
	}
	merged, officer, split := list[0], list[1], list[2]
	// somebody of the other county may not
	county := grids.Principal{Name: "county", Role: grids.RolePlanner, Territory: w.Territory, Within: []string{"430202"}}
	if _, err := w.answer(county, merged, w.person("S3")); err == nil {
		t.Error("answered from another county")
	}
	if _, err := w.answer(county, merged, 0); err == nil {
		t.Error("left as it is from another county")
	}
	if _, err := w.answer(grids.Principal{Role: grids.RoleOfficer, Territory: w.Territory}, merged, 0); err == nil {
		t.Error("answered by who may not")
	}
	done, err := w.answer(grids.Local, merged, w.person("S3"))
	if err != nil || *done.Answer != "replaced" || *done.Name != "示例人员 0003" || done.Reason != "核实" || done.AnsweredAt == nil {
		t.Fatalf("%+v %v", done, err)
	}
	if got := w.has(done.AnsweredAt.Add(1e9), x); got != "S3" {
		t.Errorf("%s answers for %s", got, x)
	}
	if got := w.has(day(10), x); got != "S2" {
		t.Errorf("%s answered for %s before", got, x)
	}
	for _, person := range []grids.PersonID{0, w.person("S2")} {
		if _, err := w.answer(grids.Local, merged, person); !grids.IsKind(err, grids.Conflict) {
			t.Errorf("twice: %v", err)
		}
	}
	if err := w.exec(grids.Local, `UPDATE people.question SET answer = 'kept', answer_person = NULL WHERE id = $1`, merged.ID); err == nil {
		t.Error("an answer was changed")
	}
	// an officer is added beside those there are
	if done, err = w.answer(grids.Local, officer, w.person("S5")); err != nil || *done.Answer != "added" {
		t.Errorf("%+v %v", done, err)
	}
	officers := w.list(people.Asked{Cells: []grids.CellID{merged.Cell}, Role: people.Officer, When: people.Current})
	slices.SortFunc(officers, func(a, b people.Assignment) int { return cmp.Compare(a.StaffNo, b.StaffNo) })
	if len(officers) != 2 || officers[0].StaffNo != "S5" || officers[1].StaffNo != "S6" {
		t.Errorf("%+v", officers)
	}
	// the rule's person was replaced meanwhile: only leaving it so remains
	if _, err := w.hand(people.Handing{Replaces: *split.Assignment, To: w.person("S6")}); err != nil {
		t.Fatal(err)
	}
	var held *people.Held
	if _, err := w.answer(county, split, w.person("S5")); !errors.As(err, &held) || len(held.Now) != 1 || held.Now[0].StaffNo != "S6" {
		t.Errorf("%v", err)
	}
	if done, err = w.answer(county, split, *split.Ruled); err != nil || *done.Answer != "kept" || done.Person != nil || *done.AnsweredBy != "county" {
		t.Errorf("%+v %v", done, err)
	}
	if _, err := w.answer(grids.Local, people.Question{ID: 9999}, 0); !grids.IsKind(err, grids.NotFound) {
		t.Error(err)
	}
	if len(w.questions("open")) != 0 || len(w.questions("answered")) != 3 {
		t.Errorf("%v", w.asked())
	}
	for _, share := range []float64{0, 0.6} {
		err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			return people.SetComparableShare(t.Context(), tx, w.Territory, share)
		})
		if !grids.IsKind(err, grids.Invalid) {
			t.Errorf("%g: %v", share, err)
		}
	}
	if err := w.db.Tx(t.Context(), county, func(tx pgx.Tx) error {
		return people.SetComparableShare(t.Context(), tx, w.Territory, 0.3)
	}); err == nil {
		t.Error("a county set what counts for the city")
	}
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// Unit cells that come are answered for by their leaf's person; of those that go,
// people are asked whether they serve the leaf.
func TestUnitCellsComeAndGo(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(4)
	a, b := w.Leaf(1, 1), w.Leaf(1, 2)
	const ua, ub = "430201001001", "430201002001"
	unit := func(tx pgx.Tx, edition int, code grids.Code, leaf grids.Code) error {
		_, err := tx.Exec(t.Context(), `WITH made AS (INSERT INTO cells.cell (territory_id) VALUES ($1) RETURNING id)
			INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
			SELECT $1, m.id, $2, $3, '示例单元', 4, v.cell_id, v.geom, v.area_m2, v.label, 'demo' FROM made m, cells.version v
			WHERE v.territory_id = $1 AND v.code = $4`, w.Territory, edition, code, leaf)
		return err
	}
	w.tx(func(tx pgx.Tx) error { return unit(tx, 1, ua, a) })
	w.must(day(0), accountable("S1", w.Root()), accountable("S2", a), accountable("S3", b), accountable("S4", ua),
		wish{staff: "S4", cell: ua, role: "lead", layer: "safety"}, wish{staff: "S2", cell: ua, role: "officer"})
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	w.draft(bit{ua, "", 0})
	w.tx(func(tx pgx.Tx) error { return unit(tx, 2, ub, b) })
	w.tx(func(tx pgx.Tx) error { return people.CarryAlong(t.Context(), tx, w.Territory, 2, day(10)) })
	if err := w.Publish(t, 2, day(10)); err != nil {
		t.Fatal(err)
	}
	w.Edition = 2
	// S2 is accountable for the leaf: nothing is lost by an officer's round in it
	want := []string{"ended 01001 officer: nobody of S4 0.00 accountable", "ended 01001 officer safety: nobody of S4 0.00 lead"}
	if got := w.asked(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := w.has(day(10), ub); got != "S3 acting" {
		t.Errorf("%s answers for the new unit", got)
	}
	if done, err := w.answer(grids.Local, w.questions("open")[0], w.person("S4")); err != nil || *done.Answer != "added" || done.Code != a {
		t.Errorf("%+v %v", done, err)
	}
}
