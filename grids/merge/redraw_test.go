package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/merge"
)

func (w world) territory(t testing.TB, tx pgx.Tx) cells.Territory {
	t.Helper()
	found, err := cells.FindTerritory(t.Context(), tx, string(w.Root()))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// densified puts vertices on all lines, some 31 m apart, as adoption does.
func (w world) densified(t testing.TB) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE cells.version SET geom = ST_GeomFromText(ST_AsText(ST_Segmentize(geom, 0.0003126), 7), 4326)`)
		return err
	})
}

// redraw draws what is settled and proves that the cells are still a partition.
func (w world) redraw(t testing.TB, run merge.Run) (done merge.Redrawn) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) (err error) {
		territory := w.territory(t, tx)
		if done, err = merge.Redraw(t.Context(), tx, territory, run.ID, grids.Local); err != nil {
			return err
		}
		found, _, err := cells.Check(t.Context(), tx, territory, w.Edition)
		if err == nil && len(found) > 0 {
			err = fmt.Errorf("no partition: %+v", found[0])
		}
		return err
	})
	return done
}

// leaves lists the leaves: code and share of a square, to two digits.
func (w world) leaves(t testing.TB) string {
	t.Helper()
	var text string
	w.run(t, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `
			SELECT string_agg(substr(code, 5) || ' ' || round((ST_Area(geom) * 128 * 128)::numeric, 2), ', ' ORDER BY code) FROM cells.leaves($1, $2)`,
			w.Territory, w.Edition).Scan(&text)
	})
	return text
}

func TestRedraw(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		boxes      []box
		rules      []string
		want       string
		left       []string // conflicts of lines after merging again
		created    int
		alternates []string
	}{
		{"a sibling takes a strip", []box{{"safety", "A", 0, 0, 1, 0.7, "", 0}, {"safety", "B", 0, 0.7, 1, 2, "", 0}, {"safety", "C", 1, 0, 2, 2, "", 0}},
			[]string{rule("split", "", "adopt-layer-boundary")},
			"01001000 0.70, 01002000 1.30, 02001000 1.00, 02002000 1.00", nil, 0,
			[]string{"keep-base-boundary 0 0 0", "adopt-layer-boundary 2 1 1", "split-leaf 2 1 1"}},
		{"a strip becomes a cell", []box{{"safety", "A", 0, 0, 1, 0.7, "", 0}, {"safety", "B", 0, 0.7, 1, 2, "", 0}, {"safety", "C", 1, 0, 2, 2, "", 0}},
			[]string{rule("split", "", "split-leaf")},
			"01001000 0.70, 01002000 1.00, 01003000 0.30, 02001000 1.00, 02002000 1.00", nil, 1, nil},
		{"slanting", []box{{"safety", "A", 0, 0, 1, 0.95, "", 0}, {"safety", "B", 0, 0.95, 1, 2, "", -0.13}, {"safety", "C", 1, 0, 2, 2, "", 0}},
			[]string{rule("boundary-mismatch", "", "adopt-layer-boundary")},
			"01001000 0.95, 01002000 1.05, 02001000 1.00, 02002000 1.00", []string{"gap safety - gap-outside", "gap safety 1,2 gap-part"}, 0, nil},
		{"the parent's line stays", []box{{"safety", "A", 0, 0, 0.7, 2, "", 0}, {"safety", "B", 0.7, 0, 2, 2, "", 0}},
			[]string{rule("split", "", "adopt-layer-boundary")},
			"01001000 1.00, 01002000 1.00, 02001000 1.00, 02002000 1.00", []string{"split safety 1,1 split", "split safety 1,2 split"}, 0,
			[]string{"keep-base-boundary 0 0 0", "split-leaf 2 1 1"}},
		{"unit cells", []box{{"safety", "A", 0, 0, 0.3, 1, "", 0}, {"safety", "B", 0.3, 0, 1, 0.5, "", 0}, {"safety", "C", 0.3, 0.5, 1.005, 1, "", 0}, {"safety", "D", 1.005, 0, 2, 1, "", 0}, {"safety", "E", 0, 1, 2, 2, "", 0}},
			[]string{rule("nested", "", "draw-unit-cells")},
			"01001001 0.30, 01001002 0.35, 01001003 0.35, 01002000 1.00, 02001000 1.00, 02002000 1.00", nil, 3, nil},
		{"a gap becomes a cell", []box{{"safety", "A", 0, 0, 2, 1.6, "", 0}},
			[]string{rule("gap", "", "split-leaf")},
			"01001000 1.00, 01002000 0.60, 01003000 0.40, 02001000 1.00, 02002000 0.60, 02003000 0.40", []string{"gap safety 1,3 gap-whole", "gap safety 2,3 gap-whole"}, 2, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2, 2)
			w.densified(t)
			w.staffed(t)
			w.put(t, test.boxes...)
			w.object(t, "enterprise", "in the strip", "POINT(0.8 0.8)", w.Leaf(1, 1))
			run := w.overlay(t)
			if test.alternates != nil {
				var got []string
				for _, a := range w.list(t, run, merge.Filter{Kind: merge.Split, Cell: w.Leaf(1, 1)})[0].Alternatives {
					got = append(got, fmt.Sprint(a.Resolution, " ", a.Cells, " ", a.Objects, " ", a.People))
				}
				if !slices.Equal(got, test.alternates) {
					t.Errorf("alternatives %q, want %q", got, test.alternates)
				}
			}
			w.settle(t, run, "["+strings.Join(test.rules, ",")+"]")
			if done := w.redraw(t, run); done.Created != test.created {
				t.Errorf("%+v", done)
			}
			if got := w.leaves(t); got != test.want {
				t.Errorf("leaves %s, want %s", got, test.want)
			}
			var left []string
			for _, c := range w.list(t, w.overlay(t), merge.Filter{}) {
				if c.Layer != "" {
					left = append(left, brief(c))
				}
			}
			slices.Sort(left)
			if !slices.Equal(left, test.left) {
				t.Errorf("left %q, want %q", left, test.left)
			}
		})
	}
}

// A line that was drawn, and whose drawing was undone, is one to draw again; what
// planners are told is what the gate counts.
func TestUndoneDrawingIsToDraw(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	w.densified(t)
	w.staffed(t)
	w.put(t, box{"safety", "A", 0, 0, 1, 0.7, "", 0}, box{"safety", "B", 0, 0.7, 1, 2, "", 0}, box{"safety", "C", 1, 0, 2, 2, "", 0})
	run := w.overlay(t)
	w.settle(t, run, "["+rule("split", "", "adopt-layer-boundary")+"]")
	expect := func(when string, run merge.Run, want int) {
		t.Helper()
		w.run(t, func(tx pgx.Tx) error {
			tally, err := merge.TallyUp(t.Context(), tx, w.Territory, run.ID, merge.Filter{})
			if err != nil {
				return err
			}
			gate, err := merge.Undrawn(t.Context(), tx, w.Territory, run.ID)
			if tally.ToDraw != want || gate != want {
				t.Errorf("%s: %d to draw, the gate counts %d, want %d", when, tally.ToDraw, gate, want)
			}
			return err
		})
	}
	expect("decided", run, 1)
	w.redraw(t, run)
	w.run(t, func(tx pgx.Tx) error {
		territory, err := cells.FindTerritory(t.Context(), tx, string(w.Root()))
		if err != nil {
			return err
		}
		_, err = cells.Undo(t.Context(), tx, territory, w.Edition)
		return err
	})
	expect("undone", run, 1)
	w.redraw(t, run)
	expect("drawn and merged", w.overlay(t), 0)
}

// Whatever the layers are and whatever is decided, what is drawn is an exact
// partition of the same parents.
func TestAnyRedraw(t *testing.T) {
	t.Parallel()
	ways := rapid.SampledFrom([]string{merge.AdoptLayer, merge.SplitLeaf})
	for seed := range 12 {
		var boxes []box
		var split, mismatch string
		rapid.Custom(func(r *rapid.T) int {
			boxes = append(drawLayer(r, "safety", 2, 3), drawLayer(r, "environment", 2, 3)...)
			split, mismatch = ways.Draw(r, "split"), ways.Draw(r, "mismatch")
			return 0
		}).Example(seed)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2, 3)
			w.densified(t)
			w.staffed(t)
			w.put(t, boxes...)
			run := w.overlay(t)
			w.settle(t, run, "["+rule("split", "", split)+","+rule("boundary-mismatch", "", mismatch)+","+
				rule("gap", "", merge.SplitLeaf)+","+rule("overlap", "", merge.SplitLeaf)+","+rule("nested", "", merge.DrawUnits)+"]")
			w.redraw(t, run)
			w.overlay(t)
			w.sound(t)
		})
	}
}

// A new version of a layer merges only the leaves again that it touches.
func TestMergedInPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, 6)
	w.staffed(t)
	var boxes []box
	for x := range 6 {
		for y := range 6 {
			boxes = append(boxes, box{"safety", fmt.Sprint(x, "-", y), float64(x) + 0.1, float64(y) + 0.1, float64(x) + 0.9, float64(y) + 0.9, "", 0})
		}
	}
	w.put(t, boxes...)
	if run := w.overlay(t); run.Leaves != 36 || run.Pieces != 72 {
		t.Errorf("%+v", run)
	}
	if run := w.overlay(t); run.Leaves != 0 || run.Pieces != 72 {
		t.Errorf("again %+v", run)
	}
	w.put(t, box{"safety", "0-0", 0.1, 0.1, 1.5, 0.8, "", 0})
	if run := w.overlay(t); run.Leaves != 2 || run.Pieces != 73 {
		t.Errorf("changed %+v", run)
	}
	w.sound(t)
}

// What was decided stays decided when the layers are merged again, unless it is
// another conflict.
func TestDecisionsStay(t *testing.T) {
	t.Parallel()
	w, run := disputed(t)
	w.settle(t, run, "["+rule("split", "", "keep-base-boundary")+","+rule("two-accountable", "", "most-named")+"]")
	none := w.list(t, run, merge.Filter{Kind: merge.NoneAccountable})[0]
	w.run(t, func(tx pgx.Tx) error {
		_, err := merge.Defer(t.Context(), tx, w.Territory, run.ID, none.ID, merge.Decision{By: "planner", Reason: "later", Saw: none.Version})
		return err
	})
	decided := func(run merge.Run) (list []string) {
		for _, c := range w.list(t, run, merge.Filter{}) {
			if c.State != merge.Open {
				list = append(list, fmt.Sprint(brief(c), " ", c.State, " ", c.Resolution, " ", c.SettledBy, " ", c.SettledReason, " ", c.SettledAt))
			}
		}
		slices.Sort(list)
		return list
	}
	before := decided(run)
	if again := decided(w.overlay(t)); len(before) != 6 || !slices.Equal(again, before) {
		t.Errorf("before\n%s\nafter\n%s", strings.Join(before, "\n"), strings.Join(again, "\n"))
	}
	// the environment's line is drawn elsewhere, and it names another person
	w.put(t, box{"environment", "E1", 0, 0, 1.6, 2, "S2", 0}, box{"environment", "E2", 1.6, 0, 2, 2, "S5", 0})
	after := decided(w.overlay(t))
	for _, text := range after {
		if !slices.Contains(before, text) || strings.HasPrefix(text, "split") || strings.HasPrefix(text, "two-accountable  2,1") {
			t.Errorf("decided, though it is another: %s", text)
		}
	}
	if len(after) == 0 {
		t.Error("nothing stayed decided")
	}
}
