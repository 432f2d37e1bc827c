package people_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/people"
)

func (w *town) undo(batch int64) (grids.Taken, error) {
	var report grids.Taken
	err := w.db.Tx(context.Background(), grids.Local, func(tx pgx.Tx) error {
		var err error
		report, err = people.Undo(context.Background(), tx, w.Territory, w.Edition, batch)
		return err
	})
	return report, err
}

// staff is all that there is of persons, and who holds what from now on.
func (w *town) staff() string {
	var out string
	err := w.db.Tx(context.Background(), grids.Principal{Name: "admin", Role: grids.RoleAdmin}, func(tx pgx.Tx) error {
		return tx.QueryRow(context.Background(), `
			SELECT concat((SELECT string_agg(concat_ws('|', p.staff_no, p.name, p.unit, p.post, p.phone_masked, c.phone, p.batch), E'\n' ORDER BY p.staff_no)
			  FROM people.person p LEFT JOIN people.contact c ON c.person_id = p.id), E'\n--\n',
			 (SELECT string_agg(concat_ws('|', a.cell_id, a.role, a.person_id, a.layer, a.post, a.side, a.rank, upper(a.during),
			    CASE WHEN lower(a.during) > clock_timestamp() THEN lower(a.during) END), E'\n' ORDER BY a.cell_id, a.role, a.layer, a.person_id, greatest(lower(a.during), clock_timestamp()::date))
			  FROM people.assignment a WHERE a.during && tstzrange(clock_timestamp(), NULL)))`).Scan(&out)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestUndoPersons(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	w.hire(2)
	before := w.staff()
	report := w.takePeople([]any{"S1", "示例人员 0001", "他局", "", "13812341234"}, []any{"S2", "示例人员 0002", "", "", "000-9999-0002"}, []any{"S9", "示例人员 0009", "", "", ""})
	if report.Created != 1 || report.Changed != 2 || len(report.Differences) != 3 {
		t.Fatalf("%+v", report)
	}
	for _, d := range report.Differences {
		if strings.Contains(fmt.Sprint(d.Before, d.After), "9999") || strings.Contains(fmt.Sprint(d.Before, d.After), "1234123") {
			t.Errorf("shows a number: %+v", d)
		}
	}
	if d := report.Differences[2]; d.Row != 2 || d.After["phone"] != "000-****-0002 *" {
		t.Errorf("a number of the same mask: %+v", d)
	}
	batch := w.batch
	w.must(day(0), accountable("S9", w.Leaf(1, 1)))
	assigned := w.batch
	if _, err := w.undo(batch); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "S9") {
		t.Errorf("somebody in office: %v", err)
	}
	if _, err := w.undo(assigned); err != nil {
		t.Fatal(err)
	}
	if _, err := w.undo(batch); err != nil {
		t.Fatal(err)
	}
	if got := w.staff(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	if _, err := w.undo(batch); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "already") {
		t.Errorf("twice: %v", err)
	}
	// who held it in between still did, and one who comes back is the same
	if got := w.past(w.Leaf(1, 1)); got != "示例人员 0009" {
		t.Errorf("in between it was %q", got)
	}
	if r := w.takePeople([]any{"S9", "示例人员 0009", "", "", ""}); r.Created != 1 {
		t.Errorf("%+v", r)
	}
	var ids int
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(DISTINCT person_id) FROM people.person_version WHERE staff_no = 'S9'`).Scan(&ids)
	})
	if ids != 1 {
		t.Errorf("%d identities of S9", ids)
	}
}

// past gives who was accountable last for a cell that nobody is now.
func (w *town) past(cell grids.Code) string {
	var name string
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT v.name FROM people.assignment a JOIN people.person_version v ON v.person_id = a.person_id AND v.during @> lower(a.during)
			WHERE a.cell_id = $1 AND NOT upper_inf(a.during) ORDER BY upper(a.during) DESC LIMIT 1`, w.Cell(w.t, cell)).Scan(&name)
	})
	return name
}

func TestUndoAssignments(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(4)
	root, leaf := w.Root(), w.Leaf(1, 1)
	w.must(day(0), accountable("S1", root))
	first := w.batch
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	before := w.staff()
	w.must(day(2), accountable("S2", root), accountable("S3", leaf), wish{staff: "S4", cell: string(leaf), role: "lead", layer: "safety"})
	second := w.batch
	between := time.Now()
	if r, err := w.undo(second); err != nil || r.Applied != 3 || r.Differences[0].Op != "changed" {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := w.staff(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	if got := w.who(time.Now(), leaf); got != "S1 acting" {
		t.Errorf("now: %s", got)
	}
	if got := w.who(between, leaf); got != "S3" {
		t.Errorf("in between: %s", got)
	}
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	if _, err := w.undo(second); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("twice: %v", err)
	}
	// without the first nobody would be accountable for the root
	if _, err := w.undo(first); !grids.IsKind(err, grids.Conflict) || w.staff() != before {
		t.Errorf("root: %v", err)
	}
	w.must(day(3), accountable("S3", leaf))
	third := w.batch
	w.must(day(4), accountable("S4", leaf))
	if _, err := w.undo(third); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), string(leaf)) {
		t.Errorf("changed since: %v", err)
	}
}

// TestUndoGivesTheStaffBefore takes imports of persons and assignments in random
// order and undoes the last of them, again and again.
func TestUndoGivesTheStaffBefore(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 2)
	w.hire(3)
	w.must(day(0), accountable("S1", w.Root()))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	type step struct {
		batch  int64
		before string
	}
	var stack []step
	now := time.Now()
	rapid.Check(t, func(t *rapid.T) {
		if len(stack) > 0 && rapid.IntRange(0, 2).Draw(t, "undo") == 0 {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if _, err := w.undo(last.batch); err != nil {
				t.Fatal(err)
			}
			if got := w.staff(); got != last.before {
				t.Fatalf("undo of %d gives\n%s\nwant\n%s", last.batch, got, last.before)
			}
			return
		}
		before := w.staff()
		if rapid.Bool().Draw(t, "persons") {
			var rows [][]any
			for i := range 4 {
				if rapid.Bool().Draw(t, "row") {
					rows = append(rows, []any{fmt.Sprint("S", i+2), rapid.SampledFrom([]string{"甲", "乙"}).Draw(t, "name"), rapid.SampledFrom([]string{"", "局"}).Draw(t, "unit"), "",
						rapid.SampledFrom([]string{"", "13800001234", "13811111234"}).Draw(t, "phone")})
				}
			}
			w.takePeople(rows...)
		} else {
			var wishes []wish
			for i, cell := range []grids.Code{w.Root(), w.Leaf(1, 1), w.Leaf(1, 2)} {
				if !rapid.Bool().Draw(t, "row") {
					continue
				}
				x := wish{staff: fmt.Sprint("S", rapid.IntRange(1, 3).Draw(t, "who")), cell: string(cell), role: rapid.SampledFrom([]string{"accountable", "officer"}).Draw(t, "role")}
				if i > 0 && rapid.Bool().Draw(t, "term") {
					x.from = now.AddDate(0, 0, rapid.IntRange(-5, 5).Draw(t, "from"))
					x.to = x.from.AddDate(0, 0, rapid.IntRange(1, 9).Draw(t, "days"))
				}
				wishes = append(wishes, x)
			}
			if _, err := w.assign(time.Now(), wishes...); err != nil {
				t.Fatal(err)
			}
		}
		stack = append(stack, step{w.batch, before})
	})
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}
