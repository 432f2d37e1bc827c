package drawing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
)

// town is a published town and its draft.
type town struct{ *editionstest.Town }

func newTown(t testing.TB, db *database.DB, prefix string, columns, rows int) *town {
	t.Helper()
	return &town{editionstest.New(t, db, prefix, columns, rows)}
}

// edit applies an edit to the draft in a transaction of its own.
func (w *town) edit(e drawing.Edit) error {
	return w.Try(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
		if err != nil {
			return err
		}
		return e.Apply(ctx, tx, w.In, draft, grids.Local)
	})
}

// swap undoes or redoes a step.
func (w *town) swap(which func(context.Context, pgx.Tx, cells.Territory, grids.EditionID) (cells.Step, error)) error {
	return w.Try(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
		if err != nil {
			return err
		}
		_, err = which(ctx, tx, w.In, draft)
		return err
	})
}

func base(c cells.Cell) *cells.Base { return &cells.Base{ID: c.ID, ETag: c.ETag} }

func bases(list ...cells.Cell) []cells.Base {
	var out []cells.Base
	for _, c := range list {
		out = append(out, *base(c))
	}
	return out
}

// at is a place by columns and rows from the corner.
func at(x, y float64) orb.Point {
	lon, lat := cellstest.At(x, y)
	return orb.Point{lon, lat}
}

func codesOf(list []cells.Cell) []string {
	var out []string
	for _, c := range list {
		out = append(out, string(c.Code))
	}
	return out
}

func yes() *bool { v := true; return &v }

func TestEditsOneByOne(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := newTown(t, db, "4302", 2, 3)
	start := w.State()
	leaf := func(column, row int) cells.Cell { return w.Now(w.Leaf(column, row)) }
	for _, test := range []struct {
		name string
		edit func() drawing.Edit
		want []string // codes of the leaves after it
	}{
		{"split", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Split, Cell: base(leaf(1, 1)), Line: orb.LineString{at(-.1, .4), at(1.1, .6)}, Children: []drawing.EditedName{{Name: "东"}}}
		}, []string{"430201002000", "430201003000", "430201004000", "430201005000", "430202001000", "430202002000", "430202003000"}},
		{"split that keeps the largest", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Split, Cell: base(leaf(2, 1)), Line: orb.LineString{at(1.2, -.1), at(1.2, 1.1)}, Largest: true, Children: []drawing.EditedName{{Code: "430202088", Name: "西"}}}
		}, []string{"430201002000", "430201003000", "430201004000", "430201005000", "430202001000", "430202002000", "430202003000", "430202088000"}},
		{"merge", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Merge, Cells: bases(leaf(1, 2), leaf(1, 3)), Name: "合"}
		}, []string{"430201004000", "430201005000", "430201006000", "430202001000", "430202002000", "430202003000", "430202088000"}},
		{"merge that keeps one", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Merge, Cells: bases(leaf(2, 2), leaf(2, 3)), Keep: leaf(2, 3).ID}
		}, []string{"430201004000", "430201005000", "430201006000", "430202001000", "430202003000", "430202088000"}},
		{"moved boundary", func() drawing.Edit {
			return drawing.Edit{Op: drawing.MoveBoundary, Cells: bases(leaf(2, 1), leaf(2, 3)), Line: orb.LineString{at(1.4, 1), at(1.6, 1.3), at(1.8, 1)}}
		}, []string{"430201004000", "430201005000", "430201006000", "430202001000", "430202003000", "430202088000"}},
		{"moved boundary of two parents", func() drawing.Edit {
			return drawing.Edit{Op: drawing.MoveBoundary, Cells: bases(w.Now("430201006000"), leaf(2, 3)), Across: true, Line: orb.LineString{at(1, 1.4), at(.7, 1.6), at(1, 1.8)}}
		}, []string{"430201004000", "430201005000", "430201006000", "430202001000", "430202003000", "430202088000"}},
		{"cut out of siblings", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Hand, Parent: base(w.Now(w.Column(2))), Polygon: orb.Polygon{{at(1.3, .7), at(1.7, .7), at(1.7, 2.2), at(1.3, 2.2), at(1.3, .7)}}, Name: "中"}
		}, []string{"430201004000", "430201005000", "430201006000", "430202001000", "430202003000", "430202088000", "430202089000"}},
		{"cut out of a leaf", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Hand, Parent: base(w.Now("430201006000")), Polygon: orb.Polygon{{at(.2, 1.2), at(.4, 1.2), at(.4, 1.4), at(.2, 1.4), at(.2, 1.2)}}}
		}, []string{"430201004000", "430201005000", "430201006001", "430201006002", "430202001000", "430202003000", "430202088000", "430202089000"}},
		{"rename", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Rename, Cell: base(w.Now("430202089000")), Code: "430202090", Name: "心"}
		}, []string{"430201004000", "430201005000", "430201006001", "430201006002", "430202001000", "430202003000", "430202088000", "430202090000"}},
		{"lock", func() drawing.Edit {
			return drawing.Edit{Op: drawing.Lock, Cell: base(w.Now("430202090000")), Locked: yes(), Reason: "勘界"}
		}, []string{"430201004000", "430201005000", "430201006001", "430201006002", "430202001000", "430202003000", "430202088000", "430202090000"}},
	} {
		if err := w.edit(test.edit()); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		w.Exact()
		if got := codesOf(w.Leaves()); !slices.Equal(got, test.want) {
			t.Fatalf("%s: leaves %v\nwant %v", test.name, got, test.want)
		}
	}
	end := w.State()
	for range 10 {
		if err := w.swap(cells.Undo); err != nil {
			t.Fatal(err)
		}
	}
	if w.State() != start {
		t.Error("undoing all does not give the start back")
	}
	if err := w.swap(cells.Undo); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("undoing nothing: %v", err)
	}
	for range 10 {
		if err := w.swap(cells.Redo); err != nil {
			t.Fatal(err)
		}
	}
	if w.State() != end {
		t.Error("redoing all does not give the end back")
	}
	w.Publish()
	w.Exact()
}

func TestEditsThatAreRefused(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := newTown(t, db, "4302", 2, 3)
	leaf := func(column, row int) cells.Cell { return w.Now(w.Leaf(column, row)) }
	if err := w.edit(drawing.Edit{Op: drawing.Lock, Cell: base(leaf(1, 3)), Disputed: yes(), Reason: "争议地"}); err != nil {
		t.Fatal(err)
	}
	start := w.State()
	for name, test := range map[string]struct {
		edit  drawing.Edit
		kind  grids.ErrorKind
		place bool
	}{
		"a line that ends inside":        {drawing.Edit{Op: drawing.Split, Cell: base(leaf(1, 1)), Line: orb.LineString{at(-.1, .5), at(.5, .5)}}, grids.Invalid, true},
		"a line elsewhere":               {drawing.Edit{Op: drawing.Split, Cell: base(leaf(1, 1)), Line: orb.LineString{at(5, 5), at(6, 6)}}, grids.Invalid, true},
		"a parent":                       {drawing.Edit{Op: drawing.Split, Cell: base(w.Now(w.Column(1))), Line: orb.LineString{at(-.1, .5), at(1.1, .5)}}, grids.Conflict, false},
		"cells apart":                    {drawing.Edit{Op: drawing.Merge, Cells: bases(leaf(2, 1), leaf(2, 3))}, grids.Invalid, true},
		"cells of two parents":           {drawing.Edit{Op: drawing.Merge, Cells: bases(leaf(1, 1), leaf(2, 1))}, grids.Conflict, false},
		"a disputed cell":                {drawing.Edit{Op: drawing.Merge, Cells: bases(leaf(1, 2), leaf(1, 3))}, grids.Invalid, true},
		"a polygon over a disputed cell": {drawing.Edit{Op: drawing.Hand, Parent: base(w.Now(w.Column(1))), Polygon: orb.Polygon{{at(.3, 1.7), at(.6, 1.7), at(.6, 2.5), at(.3, 2.5), at(.3, 1.7)}}}, grids.Invalid, true},
		"a polygon in a disputed cell":   {drawing.Edit{Op: drawing.Hand, Parent: base(w.Now(w.Column(1))), Polygon: orb.Polygon{{at(.3, 2.3), at(.6, 2.3), at(.6, 2.6), at(.3, 2.6), at(.3, 2.3)}}}, grids.Invalid, true},
		"two parents without leave":      {drawing.Edit{Op: drawing.MoveBoundary, Cells: bases(leaf(1, 1), leaf(2, 1)), Line: orb.LineString{at(1, .2), at(.8, .5), at(1, .8)}}, grids.Conflict, false},
		"a line that crosses itself":     {drawing.Edit{Op: drawing.MoveBoundary, Cells: bases(leaf(2, 1), leaf(2, 2)), Line: orb.LineString{at(1.2, 1), at(1.6, 1.5), at(1.6, 1.2), at(1.2, 1.5), at(1.8, 1)}}, grids.Invalid, true},
		"a name that a sibling has":      {drawing.Edit{Op: drawing.Rename, Cell: base(leaf(2, 1)), Name: leaf(2, 2).Name}, grids.Conflict, false},
		"a code that a sibling has":      {drawing.Edit{Op: drawing.Rename, Cell: base(leaf(2, 1)), Code: leaf(2, 2).Code}, grids.Conflict, false},
		"a code of another parent":       {drawing.Edit{Op: drawing.Rename, Cell: base(leaf(2, 1)), Code: "430201099"}, grids.Invalid, false},
		"the code of a parent":           {drawing.Edit{Op: drawing.Rename, Cell: base(w.Now(w.Column(1))), Code: "430209"}, grids.Conflict, false},
		"a lock without a reason":        {drawing.Edit{Op: drawing.Lock, Cell: base(leaf(2, 1)), Locked: yes()}, grids.Invalid, false},
		"an unknown cell":                {drawing.Edit{Op: drawing.Rename, Cell: &cells.Base{ID: 1 << 40, ETag: "x"}, Name: "x"}, grids.NotFound, false},
		"nothing":                        {drawing.Edit{Op: drawing.Split}, grids.Invalid, false},
	} {
		err := w.edit(test.edit)
		var refused *drawing.Refused
		if !grids.IsKind(err, test.kind) || errors.As(err, &refused) != test.place {
			t.Errorf("%s: %v", name, err)
		}
		if test.place && refused != nil && (refused.Place[0] < 112 || refused.Place[1] < 26) {
			t.Errorf("%s: place %v", name, refused.Place)
		}
	}
	if w.State() != start {
		t.Error("something was changed all the same")
	}
}

// A code that a cell had in a published edition is nobody else's, but its own
// again.
func TestRetiredCodesAreNotUsedAgain(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := newTown(t, db, "4302", 1, 2)
	old := w.Leaf(1, 1)
	if err := w.edit(drawing.Edit{Op: drawing.Rename, Cell: base(w.Now(old)), Code: "430201009"}); err != nil {
		t.Fatal(err)
	}
	w.Publish()
	if err := w.edit(drawing.Edit{Op: drawing.Rename, Cell: base(w.Now(w.Leaf(1, 2))), Code: old}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("another cell's retired code: %v", err)
	}
	if err := w.edit(drawing.Edit{Op: drawing.Rename, Cell: base(w.Now("430201009000")), Code: old}); err != nil {
		t.Errorf("its own old code: %v", err)
	}
	if err := w.edit(drawing.Edit{Op: drawing.Merge, Cells: bases(w.Leaves()...)}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(codesOf(w.Leaves())); got != "[430201010000]" {
		t.Errorf("merged to %s", got)
	}
}
