package merge_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/merge"
)

var errUndo = errors.New("undo")

// undone does something and takes it back.
func (w world) undone(t testing.TB, fn func(pgx.Tx) error) {
	t.Helper()
	err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
}

// without gives the lines of a that b doesn't have.
func without(a, b string) string {
	has := strings.Split(b, "\n")
	return strings.Join(slices.DeleteFunc(strings.Split(a, "\n"), func(line string) bool { return slices.Contains(has, line) }), "\n")
}

// ids gives the conflicts of a run, each with how it was decided.
func ids(t testing.TB, tx pgx.Tx, run merge.Run) (text string, err error) {
	t.Helper()
	err = tx.QueryRow(t.Context(), `SELECT coalesce(string_agg(concat_ws(' ', id, state, resolution, version), ', ' ORDER BY id), '') FROM merge.conflict WHERE run_id = $1`, run.ID).Scan(&text)
	return text, err
}

// Whatever changes between two merges (a layer's cells, one at a time; lines that are
// statutory or disputed; people; what lies in the leaves; lines that are drawn as decided),
// the second, which takes over from the first what it can, says the same as one from the
// beginning. When nothing changes it merges no leaf, and every conflict is the one it
// was, decided as it was.
func TestAgainIsFromTheBeginning(t *testing.T) {
	t.Parallel()
	const columns, rows = 3, 3
	w := newWorld(t, columns, rows)
	w.densified(t)
	w.assign(t, "S5", "accountable", w.Root())
	w.assign(t, "S1", "accountable", w.Leaf(1, 1), w.Leaf(2, 2))
	w.assign(t, "S2", "accountable", w.Leaf(3, 1), w.Leaf(1, 3), w.Leaf(3, 3))
	objects, kept, merged := 0, 0, 0
	rapid.Check(t, func(r *rapid.T) {
		names := rapid.Permutation(everyLayer).Draw(r, "layers")[:rapid.IntRange(1, 3).Draw(r, "of them")]
		var boxes []box
		for _, layer := range names {
			boxes = append(boxes, drawLayer(r, layer, columns, rows)...)
		}
		w.emptied(t)
		w.run(t, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE cells.version SET disputed = false`)
			return err
		})
		w.put(t, boxes...)
		options := merge.Options{}
		if rapid.IntRange(0, 3).Draw(r, "based") == 0 {
			options.Base = grids.LayerCode(names[0])
		}
		overlay := func(tx pgx.Tx) (merge.Run, error) {
			return merge.Overlay(t.Context(), tx, w.Territory, w.Edition, options, "test")
		}
		same := func(tx pgx.Tx, after string, run merge.Run) error {
			part, err := toldIn(t, tx, w, run)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `DELETE FROM merge.run`); err != nil {
				return err
			}
			if run, err = overlay(tx); err != nil {
				return err
			}
			whole, err := toldIn(t, tx, w, run)
			if part != whole {
				r.Errorf("after %s in part\n%s\nand from the beginning\n%s", after, without(part, whole), without(whole, part))
			}
			return err
		}
		var run merge.Run
		w.run(t, func(tx pgx.Tx) (err error) {
			if run, err = overlay(tx); err != nil {
				return err
			}
			rules := []merge.Rule{{Kind: merge.Mismatch, Resolution: merge.KeepBase}, {Kind: merge.TwoAccountable, Resolution: "proposal"}, {Kind: merge.Gap, Resolution: merge.KeepBase}}
			_, err = merge.Settle(t.Context(), tx, w.Territory, run.ID, rules[:rapid.IntRange(0, len(rules)).Draw(r, "rules")])
			return err
		})
		w.run(t, func(tx pgx.Tx) error {
			was, err := toldIn(t, tx, w, run)
			if err != nil {
				return err
			}
			wasIDs, err := ids(t, tx, run)
			if err != nil {
				return err
			}
			if run, err = overlay(tx); err != nil {
				return err
			}
			is, err := toldIn(t, tx, w, run)
			if err != nil {
				return err
			}
			isIDs, err := ids(t, tx, run)
			if is != was || isIDs != wasIDs {
				r.Errorf("merging twice gives\n%s\n%s\nand\n%s\n%s", without(was, is), wasIDs, without(is, was), isIDs)
			}
			if run.Leaves != 0 {
				r.Errorf("%d leaves were merged again though nothing had changed", run.Leaves)
			}
			return err
		})
		for range rapid.IntRange(1, 2).Draw(r, "changes") {
			what := rapid.SampledFrom([]string{"move", "move", "retire", "add", "rename", "person", "line", "line", "roster", "object"}).Draw(r, "change")
			at := rapid.IntRange(0, len(boxes)-1).Draw(r, "cell")
			column, row := rapid.IntRange(1, columns).Draw(r, "column"), rapid.IntRange(1, rows).Draw(r, "row")
			exec := func(sql string, args ...any) {
				w.run(t, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql, args...); return err })
			}
			switch b := &boxes[at]; what {
			case "move":
				d := rapid.Float64Range(-0.4, 0.4)
				b.x0, b.y0 = b.x0+d.Draw(r, "x"), b.y0+d.Draw(r, "y")
				b.x1, b.y1 = math.Max(b.x1, b.x0+0.05), math.Max(b.y1, b.y0+0.05)
				w.put(t, *b)
			case "retire":
				if len(boxes) > 1 && slices.ContainsFunc(boxes, func(o box) bool { return o.layer == b.layer && o.code != b.code }) {
					exec(`DELETE FROM layers.cell WHERE layer = $1 AND code = $2`, b.layer, b.code)
					boxes = slices.Delete(boxes, at, at+1)
				}
			case "add":
				more := *b
				more.code, more.x0, more.x1 = fmt.Sprint(b.code, "'"), b.x0+0.3, b.x1+0.3
				w.put(t, more)
				boxes = append(boxes, more)
			case "rename":
				exec(`UPDATE layers.cell SET name = name || '+' WHERE layer = $1 AND code = $2`, b.layer, b.code)
			case "person":
				b.staff = rapid.SampledFrom([]string{"", "S1", "S2", "S3"}).Draw(r, "staff")
				w.put(t, *b)
			case "line":
				exec(`UPDATE cells.version SET disputed = NOT disputed WHERE code = $1`, w.Leaf(column, row))
			case "roster":
				cell, staff := w.Cell(t, w.Leaf(column, row)), rapid.SampledFrom([]string{"S1", "S2", "S3"}).Draw(r, "staff")
				exec(`UPDATE people.assignment SET during = tstzrange(lower(during), now()) WHERE cell_id = $1 AND role = 'accountable' AND upper_inf(during)`, cell)
				exec(`INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
					SELECT $1, id, $2, 'accountable', tstzrange(now(), NULL), 'test' FROM people.person WHERE staff_no = $3`, w.Territory, cell, staff)
			case "object":
				objects++
				kind := rapid.SampledFrom([]string{"enterprise", "monitor"}).Draw(r, "kind")
				w.object(t, kind, fmt.Sprint(kind, objects), fmt.Sprintf("POINT(%d.31 %d.37)", column-1, row-1), w.Leaf(column, row))
			}
			w.run(t, func(tx pgx.Tx) (err error) { run, err = overlay(tx); return err })
			w.undone(t, func(tx pgx.Tx) error { return same(tx, what, run) })
			merged, kept = merged+run.Leaves, kept+columns*rows-run.Leaves
		}
		if options.Base != "" || rapid.IntRange(0, 2).Draw(r, "drawn") > 0 {
			return
		}
		w.undone(t, func(tx pgx.Tx) error {
			rules := []merge.Rule{{Kind: merge.Nested, Resolution: merge.DrawUnits}, {Kind: merge.Mismatch, Resolution: merge.AdoptLayer}, {Kind: merge.Split, Resolution: merge.SplitLeaf}}
			if _, err := merge.Settle(t.Context(), tx, w.Territory, run.ID, rules); err != nil {
				return err
			}
			if _, err := merge.Redraw(t.Context(), tx, w.territory(t, tx), run.ID, grids.Local); err != nil {
				return err
			}
			drawn, err := overlay(tx)
			if err != nil {
				return err
			}
			return same(tx, "drawing", drawn)
		})
	})
	if kept == 0 || merged == 0 {
		t.Errorf("after changes %d leaves were taken over and %d merged: one of the two was never tried", kept, merged)
	}
}

// A draft's own run stays while nothing changes. That time ends an assignment is a
// change, too, though no row is written.
func TestTimeChangesWhatAMergeSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 1)
	w.assign(t, "S5", "accountable", w.Root())
	w.put(t, box{"safety", "A", 0, 0, 2, 1, "", 0})
	end := time.Now().Add(2 * time.Second)
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, id, $2, 'accountable', tstzrange('2020-01-01', $3), 'test' FROM people.person WHERE territory_id = $1 AND staff_no = 'S1'`,
			w.Territory, w.Cell(t, w.Leaf(1, 1)), end)
		return err
	})
	first := w.overlay(t)
	if again := w.overlay(t); time.Now().Before(end) && again.ID != first.ID {
		t.Errorf("run %d became run %d though nothing had changed", first.ID, again.ID)
	}
	time.Sleep(time.Until(end) + 10*time.Millisecond)
	later := w.overlay(t)
	if later.ID == first.ID || later.Conflicts != first.Conflicts+1 {
		t.Errorf("%d conflicts in run %d, and %d in run %d when S1 no longer served", first.Conflicts, first.ID, later.Conflicts, later.ID)
	}
}
