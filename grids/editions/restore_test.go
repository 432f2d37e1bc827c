package editions_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

// restoring is a town with people, objects and a random history.
type restoring struct {
	*editionstest.Town
	r *rapid.T
}

// furnish assigns people to some leaves, one of them for a year only, and puts
// objects in.
func (w restoring) furnish() {
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		for i, leaf := range w.Leaves() {
			for j, role := range []string{"accountable", "officer", "officer", "deputy"} {
				if !rapid.Bool().Draw(w.r, "assigned") {
					continue
				}
				_, err := tx.Exec(ctx, `WITH p AS (
					  INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, $2, '示例人员', 'demo') RETURNING id)
					INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
					SELECT $1, p.id, $3, $4, tstzrange('2020-01-01', CASE WHEN $5 THEN now() + interval '1 year' END), 'test' FROM p`,
					w.In.ID, fmt.Sprintf("F%d-%d", i, j), leaf.ID, role, j == 2)
				if err != nil {
					return err
				}
			}
		}
		for i := range 6 {
			lon, lat := cellstest.At(rapid.Float64Range(0, 2).Draw(w.r, "x"), rapid.Float64Range(0, 2).Draw(w.r, "y"))
			shape := fmt.Sprintf("POINT(%.7f %.7f)", lon, lat)
			if i == 5 {
				west, south := cellstest.At(0.1, 0.2)
				shape = fmt.Sprintf("LINESTRING(%.7f %.7f,%.7f %.7f)", west, south, lon, lat)
			}
			_, err := tx.Exec(ctx, `INSERT INTO objects.object (territory_id, kind, code, name, geom, provenance, located_by)
				VALUES ($1, $2, $3, '示例', ST_GeomFromText($4, 4326), 'demo', 'hand')`, w.In.ID, map[bool]string{true: "river-reach", false: "monitor"}[i == 5], fmt.Sprint("O", i), shape)
			if err != nil {
				return err
			}
		}
		newest, err := editions.Newest(ctx, tx, w.In)
		if err != nil {
			return err
		}
		return objects.Place(ctx, tx, w.In.ID, newest, time.Now())
	})
}

// change edits the draft at random; what can't be done is left out.
func (w restoring) change() {
	leaves := w.Leaves()
	a := leaves[rapid.IntRange(0, len(leaves)-1).Draw(w.r, "leaf")]
	base := cells.Base{ID: a.ID, ETag: a.ETag}
	var e drawing.Edit
	switch rapid.IntRange(0, 3).Draw(w.r, "what") {
	case 0:
		b := a.Geom.Bound()
		x := b.Min[0] + (b.Max[0]-b.Min[0])*float64(rapid.IntRange(1, 4).Draw(w.r, "part"))/5
		e = drawing.Edit{Op: drawing.Split, Cell: &base, Line: orb.LineString{{x, b.Min[1] - 0.01}, {x, b.Max[1] + 0.01}}, Largest: rapid.Bool().Draw(w.r, "largest")}
	case 1, 2:
		o := leaves[rapid.IntRange(0, len(leaves)-1).Draw(w.r, "other")]
		e = drawing.Edit{Op: drawing.Merge, Cells: []cells.Base{base, {ID: o.ID, ETag: o.ETag}}}
		if rapid.Bool().Draw(w.r, "keep") {
			e.Keep = a.ID
		}
	case 3:
		e = drawing.Edit{Op: drawing.Rename, Cell: &base, Name: a.Name + "新"}
	}
	err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
		if err != nil {
			return err
		}
		return e.Apply(ctx, tx, w.In, draft, grids.Local)
	})
	var known *grids.Error
	if err != nil && !errors.As(err, &known) {
		w.r.Fatalf("%+v: %v", e, err)
	}
}

// seen is all that an edition's items are made of: cells with their shapes, who
// holds what in them from now on, and where the objects are.
func (w restoring) seen(edition grids.EditionID, now bool) (text string) {
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT (SELECT string_agg(concat_ws(' ', v.cell_id, v.code, v.name, v.tier, v.parent_id, v.area_m2, v.provenance, v.locked, v.disputed,
			                                   encode(ST_AsEWKB(v.geom), 'hex'), ST_AsText(v.label)), E'\n' ORDER BY v.cell_id) FROM cells.of($1, $2) v)
			  || CASE WHEN $3 THEN coalesce((SELECT string_agg(concat_ws(' ', a.cell_id, a.role, a.layer, a.person_id, upper(a.during)), E'\n' ORDER BY a.cell_id, a.role, a.person_id)
			       FROM people.assignment a WHERE a.territory_id = $1 AND a.during @> clock_timestamp()), '')
			  || (SELECT string_agg(concat_ws(' ', p.object_id, p.cell_id, round(p.share::numeric, 9)), E'\n' ORDER BY p.object_id, p.cell_id)
			       FROM objects.placement p WHERE p.territory_id = $1 AND p.during @> clock_timestamp()) ELSE '' END`,
			w.In.ID, edition, now).Scan(&text)
	})
	return text
}

// sound checks what doctor would, and that the successors of every cell that ever
// was have all of its area.
func (w restoring) sound() {
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		newest, err := editions.Newest(ctx, tx, w.In)
		if err != nil {
			return err
		}
		partition, _, err := cells.Check(ctx, tx, w.In, newest)
		if err != nil {
			return err
		}
		history, _, err := editions.Check(ctx, tx, w.In)
		if err != nil {
			return err
		}
		placed, _, err := objects.Check(ctx, tx, w.In.ID)
		if err != nil {
			return err
		}
		staffed, _, err := people.Check(ctx, tx, w.In.ID)
		if err != nil {
			return err
		}
		for _, f := range append(append(append(partition, history...), placed...), staffed...) {
			w.r.Errorf("%+v", f)
		}
		rows, err := tx.Query(ctx, `
			SELECT v.cell_id, e.seq, (SELECT sum(s.share) FROM cells.successors($1, v.cell_id, e.seq) s)
			FROM (SELECT cell_id, min(from_edition) AS since FROM cells.version WHERE territory_id = $1 GROUP BY cell_id) v
			JOIN editions.edition e ON e.territory_id = $1 AND e.seq >= v.since`, w.In.ID)
		if err != nil {
			return err
		}
		var cell grids.CellID
		var seq grids.EditionID
		var sum *float64
		_, err = pgx.ForEachRow(rows, []any{&cell, &seq, &sum}, func() error {
			if sum == nil || math.Abs(*sum-1) > 0.01 {
				w.r.Errorf("cell %d has successors with %v of it in edition %d", cell, sum, seq)
			}
			return nil
		})
		return err
	})
}

// restore restores an edition; same tells that nothing differs from it.
func (w restoring) restore(of grids.EditionID) (e editions.Edition, same bool) {
	err := w.Try(func(ctx context.Context, tx pgx.Tx) (err error) {
		e, _, err = editions.Restore(ctx, tx, w.In, of, grids.Local, editions.Return{Reason: "有误"})
		return err
	})
	if grids.IsKind(err, grids.Conflict) && strings.Contains(err.Error(), "is what edition") {
		return e, true
	}
	if err != nil {
		w.r.Fatalf("%v", err)
	}
	return e, false
}

func (w restoring) drafted() (is bool) {
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.OpenDraft(ctx, tx, w.In)
		is = err == nil
		return nil
	})
	return is
}

// Whatever is published and restored, in whatever order: what comes back is what
// was, byte for byte, nothing that was published is another afterwards, and the
// checks pass.
func TestRestoreGivesBack(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	number, restored := 1000, 0
	rapid.Check(t, func(r *rapid.T) {
		number++
		w := restoring{editionstest.New(t, db, fmt.Sprint(number), 2, 2), r}
		w.furnish()
		past := []string{"", w.seen(1, false)}
		for range rapid.IntRange(1, 3).Draw(r, "rounds") {
			newest := grids.EditionID(len(past) - 1)
			before := w.seen(newest, true)
			for range rapid.IntRange(1, 4).Draw(r, "edits") {
				w.change()
			}
			if !w.drafted() {
				continue
			}
			past = append(past, w.seen(w.Publish().Seq, false))
			if e, same := w.restore(newest); !same {
				restored++
				if e.Restores != newest || int(e.Seq) != len(past) {
					r.Errorf("%+v", e)
				}
				if got := w.seen(e.Seq, true); got != before {
					r.Errorf("restored:\n%s\nwas:\n%s", got, before)
				}
				past = append(past, w.seen(e.Seq, false))
			}
			if older := grids.EditionID(rapid.IntRange(1, len(past)-2).Draw(r, "older")); rapid.Bool().Draw(r, "further") {
				if e, same := w.restore(older); !same {
					restored++
					past = append(past, w.seen(e.Seq, false))
					if past[e.Seq] != past[older] {
						r.Errorf("edition %d is not what %d was", e.Seq, older)
					}
				}
			}
			w.sound()
		}
		for seq := 1; seq < len(past); seq++ {
			if w.seen(grids.EditionID(seq), false) != past[seq] {
				r.Errorf("edition %d is another now", seq)
			}
		}
	})
	if restored == 0 {
		t.Errorf("only %d editions were restored", restored)
	}
}

// Questions that publishing raised lapse when what they are about is undone; one
// about somebody whose cell doesn't come back stays, and can be answered.
func TestRestoreLapsesQuestions(t *testing.T) {
	t.Parallel()
	w := editionstest.New(t, databasetest.New(t), "4302", 1, 3)
	person := map[string]grids.PersonID{}
	hire := func(staff string, cell grids.CellID) {
		t.Helper()
		var id grids.PersonID
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			err := tx.QueryRow(ctx, `WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, $2, $2, 'demo') RETURNING id)
				INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
				SELECT $1, p.id, $3, 'accountable', tstzrange(clock_timestamp(), NULL), 'test' FROM p RETURNING person_id`, w.Territory, staff, cell).Scan(&id)
			person[staff] = id
			return err
		})
	}
	edit := func(e drawing.Edit) {
		t.Helper()
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
			if err != nil {
				return err
			}
			return e.Apply(ctx, tx, w.In, draft, grids.Local)
		})
	}
	base := func(code grids.Code) cells.Base {
		cell := w.Now(code)
		return cells.Base{ID: cell.ID, ETag: cell.ETag}
	}
	restore := func(of grids.EditionID) {
		t.Helper()
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			_, _, err := editions.Restore(ctx, tx, w.In, of, grids.Local, editions.Return{Reason: "有误"})
			return err
		})
	}
	questions := func(state string) (list []people.Question, said string) {
		t.Helper()
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			newest, err := editions.Newest(ctx, tx, w.In)
			if err != nil {
				return err
			}
			list, _, err = people.Questions(ctx, tx, w.Territory, newest, nil, state, 100, 0)
			return err
		})
		for _, q := range list {
			said += fmt.Sprintf("%d %s %s", q.Edition, q.Kind, q.Code[6:9])
			if q.Answer != nil {
				said += fmt.Sprintf(" %s: %s", *q.Answer, q.Reason)
			}
			said += "; "
		}
		return list, said
	}
	expect := func(step, open, answered string) {
		t.Helper()
		if _, got := questions("open"); got != open {
			t.Errorf("%s: open are %q, want %q", step, got, open)
		}
		if _, got := questions("answered"); got != answered {
			t.Errorf("%s: closed are %q, want %q", step, got, answered)
		}
	}
	one, two, three := w.Leaf(1, 1), w.Leaf(1, 2), w.Leaf(1, 3)
	hire("A", w.Now(one).ID)
	hire("B", w.Now(two).ID)

	// edition 2 puts B's cell into A's; edition 3 gives it back
	edit(drawing.Edit{Op: drawing.Merge, Cells: []cells.Base{base(one), base(two)}, Keep: w.Now(one).ID})
	w.Publish()
	expect("merged", "2 merged 001; ", "")
	restore(1)
	lapsed := "2 merged 001 lapsed: edition 3 restored what was before; "
	expect("restored", "", lapsed)

	// edition 4 splits A's cell, C answers for the new one; edition 5 puts it back,
	// and C is asked about
	bound := w.Now(one).Geom.Bound()
	x := bound.Min[0] + (bound.Max[0]-bound.Min[0])*3/5
	edit(drawing.Edit{Op: drawing.Split, Cell: new(base(one)), Line: orb.LineString{{x, bound.Min[1] - 0.01}, {x, bound.Max[1] + 0.01}}, Largest: true})
	var made grids.Code
	for _, leaf := range w.Leaves() {
		if leaf.Code != one && leaf.Code != two && leaf.Code != three {
			made = leaf.Code
		}
	}
	hire("C", w.Now(made).ID)
	w.Publish()
	expect("split", "", lapsed)
	edit(drawing.Edit{Op: drawing.Merge, Cells: []cells.Base{base(one), base(made)}, Keep: w.Now(one).ID})
	edit(drawing.Edit{Op: drawing.Rename, Cell: new(base(three)), Name: "新村"})
	w.Publish()
	expect("merged again", "5 merged 001; ", lapsed)

	// edition 6 is the first again, without C's cell; edition 7 the fourth, with it
	restore(1)
	expect("restored to before C", "5 merged 001; ", lapsed)
	if list, _ := questions("open"); len(list) == 1 {
		err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
			q, err := people.Answer(ctx, tx, w.Territory, 6, list[0].ID, person["C"], "核实")
			if err == nil && *q.Answer != "replaced" {
				t.Errorf("%+v", q)
			}
			if err == nil {
				err = errors.New("undo") // the transaction
			}
			return err
		})
		if err == nil || err.Error() != "undo" {
			t.Errorf("answering it: %v", err)
		}
	}
	restore(4)
	expect("restored with C", "", "5 merged 001 lapsed: edition 7 restored what was before; "+lapsed)
}
