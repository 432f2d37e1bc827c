package edit_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/edit"
)

// shared returns the border of two cells that have one.
func shared(t testing.TB, cells []orb.MultiPolygon, a, b int) orb.LineString {
	t.Helper()
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	for _, arc := range c.Arcs() {
		if arc.Left == a && arc.Right == b || arc.Left == b && arc.Right == a {
			return arc.Line
		}
	}
	t.Fatalf("cells %d and %d share no border", a, b)
	return nil
}

// TestFaults makes every fault in every edit that has it, over four squares of
// 200 m (0 south-west, 1 south-east, 2 north-west, 3 north-east), a fifth apart.
func TestFaults(t *testing.T) {
	t.Parallel()
	cells := squares(t, 2, 2, 200)
	cells = append(cells, orb.MultiPolygon{polygon(1000, 0, 1200, 0, 1200, 200, 1000, 200)})
	ring := orb.MultiPolygon{append(polygon(0, 0, 200, 0, 200, 200, 0, 200), polygon(80, 80, 120, 80, 120, 120, 80, 120)...)}
	strip := squares(t, 1, 1, 200)[:1]
	for i := range strip[0][0][0] { // flatten it
		strip[0][0][0][i][1] = 27 + (strip[0][0][0][i][1]-27)/5
	}
	bow := []orb.MultiPolygon{{polygon(0, 0, 200, 0, 0, 100, 200, 200)}}
	border, north := shared(t, cells, 0, 1), shared(t, cells, 0, 2)
	split := func(cell orb.MultiPolygon, o edit.Options, lines ...orb.LineString) error {
		_, err := edit.Split(cell, lines, o)
		return err
	}
	merge := func(o edit.Options, cells ...orb.MultiPolygon) error {
		_, err := edit.Merge(cells, o)
		return err
	}
	move := func(cells []orb.MultiPolygon, a, b int, o edit.Options, xy ...float64) error {
		_, err := edit.MoveBoundary(cells, a, b, line(xy...), o)
		return err
	}
	cut := func(cells []orb.MultiPolygon, o edit.Options, xy ...float64) error {
		_, _, err := edit.CutOut(cells, polygon(xy...), o)
		return err
	}
	along := func(cells []orb.MultiPolygon, a, b int, border orb.LineString) error {
		_, err := edit.MoveBoundary(cells, a, b, border, edit.Options{})
		return err
	}
	none, snapless := edit.Options{}, edit.Options{Snap: -1}
	locked := edit.Options{Fixed: []orb.LineString{border}}
	nan, far := math.NaN(), 1e8
	for name, test := range map[string]struct {
		err  error
		kind edit.FaultKind
		x, y float64 // place, to a few metres; NaN: any
		in   []int   // cells
	}{
		"split: empty cell":         {split(nil, none, line(-50, 20, 250, 20)), edit.BadCell, nan, nan, nil},
		"split: open ring":          {split(orb.MultiPolygon{{{{113, 27}, {113.1, 27}, {113, 27.1}}}}, none, line(0, 0, 1, 1)), edit.BadCell, 0, 0, []int{0}},
		"split: not a number":       {split(cells[0], none, orb.LineString{{nan, 27}, {113, 27}}), edit.BadLine, nan, nan, nil},
		"split: off the globe":      {split(cells[0], none, line(100, 100, far, 100)), edit.BadLine, far, 100, nil},
		"split: a third of it":      {split(cells[0], none, line(100, 100, 4e6, 100)), edit.BadLine, 4e6, 100, nil},
		"split: one place":          {split(cells[0], none, line(100, 100, 100, 100)), edit.BadLine, 100, 100, nil},
		"split: no place":           {split(cells[0], none, line()), edit.BadLine, nan, nan, nil},
		"split: no line":            {split(cells[0], none), edit.Misses, nan, nan, []int{0}},
		"split: outside":            {split(cells[0], none, line(-50, -50, 300, -50)), edit.Misses, -50, -50, []int{0}},
		"split: along the edge":     {split(cells[0], none, line(0, 0, 200, 0)), edit.Misses, 0, 0, []int{0}},
		"split: ends inside":        {split(cells[0], none, line(-50, 100, 130, 90)), edit.EndInside, 130, 90, []int{0}},
		"split: begins inside":      {split(cells[0], none, line(130, 90, -50, 100)), edit.EndInside, 130, 90, []int{0}},
		"split: wholly inside":      {split(cells[0], none, line(60, 60, 130, 90)), edit.EndInside, 60, 60, []int{0}},
		"split: just misses":        {split(cells[0], snapless, line(-50, 100, 190, 110)), edit.EndInside, 190, 110, []int{0}},
		"split: eight":              {split(cells[0], none, line(-50, 50, 150, 150, 150, 50, -50, 150)), edit.SelfCrossing, 50, 100, nil},
		"split: back again":         {split(cells[0], none, line(-50, 50, 150, 50, 100, 50)), edit.SelfCrossing, nan, 50, nil},
		"split: only to the hole":   {split(ring, none, line(-50, 90, 100, 90)), edit.NotDivided, nan, nan, []int{0}},
		"split: pruned to nothing":  {split(cells[0], edit.Options{Prune: true}, line(-50, 100, 130, 90)), edit.NotDivided, nan, nan, []int{0}},
		"merge: apart":              {merge(none, cells[0], cells[4], cells[1]), edit.Apart, 1000, 0, []int{1}},
		"merge: corners":            {merge(none, cells[0], cells[3]), edit.Apart, 200, 200, []int{1}},
		"merge: with nothing":       {merge(none, cells[0], nil), edit.Apart, nan, nan, []int{1}},
		"merge: same twice":         {merge(none, cells[0], cells[0]), edit.BadCell, nan, nan, []int{0, 1}},
		"merge: overlap":            {merge(none, cells[0], bow[0]), edit.BadCell, nan, nan, []int{0, 1}},
		"merge: crossing":           {merge(none, cells[1], orb.MultiPolygon{polygon(0, 0, 200, 0, 200, 50, 350, 100)}), edit.BadCell, nan, nan, []int{0, 1}},
		"merge: locked":             {merge(locked, cells[0], cells[1]), edit.Locked, 200, nan, []int{0, 1}},
		"merge: bad lock":           {merge(edit.Options{Fixed: []orb.LineString{{{nan, 1}}}}, cells[0], cells[1]), edit.BadLine, nan, nan, nil},
		"move: bow tie":             {move([]orb.MultiPolygon{bow[0], cells[0]}, 0, 1, none, 0, 0, 20, 100, 0, 200), edit.NoBorder, nan, nan, []int{0, 1}},
		"move: one place":           {move(cells, 0, 1, none, 200, 50), edit.BadLine, 200, 50, nil},
		"move: corners":             {move(cells, 0, 3, none, 200, 50, 250, 100, 200, 150), edit.NoBorder, 200, 50, []int{0, 3}},
		"move: starts far off":      {move(cells, 0, 1, none, 100, 100, 250, 100, 200, 150), edit.EndOffBorder, 100, 100, []int{0, 1}},
		"move: ends far off":        {move(cells, 0, 1, none, 200, 50, 250, 100, 100, 100), edit.EndOffBorder, 100, 100, []int{0, 1}},
		"move: eight":               {move(cells, 0, 1, none, 200, 0, 250, 150, 250, 50, 200, 200), edit.SelfCrossing, nan, 100, nil},
		"move: out and in":          {move(cells, 0, 1, none, 200, 0, 250, -50, 260, 100, 200, 200), edit.Leaves, nan, 0, []int{0, 1}},
		"move: into a third":        {move(cells, 0, 1, none, 200, 50, 250, 250, 200, 150), edit.Leaves, nan, 200, []int{0, 1}},
		"move: touches":             {move(cells, 0, 1, none, 200, 50, 250, 200, 200, 150), edit.Leaves, 250, 200, []int{0, 1}},
		"move: only outside":        {move(cells[:2], 0, 1, none, 200, 0, 300, -100, 500, 100, 300, 300, 200, 200), edit.Leaves, nan, nan, []int{0, 1}},
		"move: same":                {along(cells, 0, 1, border), edit.Unchanged, 200, 0, []int{0, 1}},
		"move: closed":              {move(cells, 0, 1, none, 200, 50, 250, 50, 250, 80, 200, 51), edit.Unchanged, 200, 40, []int{0, 1}},
		"move: locked":              {move(cells, 0, 1, locked, 200, 50, 250, 100, 200, 150), edit.Locked, 200, nan, []int{0, 1}},
		"move: locked vertex":       {move(cells, 0, 1, edit.Options{Fixed: []orb.LineString{border[2:3]}}, 200, 50, 250, 100, 200, 150), edit.Locked, 200, nan, []int{0}},
		"cut: bow tie":              {cut(bow, none, 10, 0, 200, 10, 200, 190, 0, 180), edit.BadCell, nan, nan, []int{0}},
		"cut: two places":           {cut(cells, none, 0, 0, 50, 50), edit.BadLine, 0, 0, nil},
		"cut: flat":                 {cut(cells, none, 0, 0, 50, 0, 100, 0), edit.BadLine, 0, 0, nil},
		"cut: off the globe":        {cut(cells, none, 0, 0, far, 0, 100, 100), edit.BadLine, far, 0, nil},
		"cut: eight":                {cut(cells, none, 50, 50, 150, 150, 150, 50, 50, 160), edit.SelfCrossing, nan, nan, nil},
		"cut: elsewhere":            {cut(cells, none, 500, 500, 600, 500, 600, 600), edit.Misses, 500, 500, nil},
		"cut: between the cells":    {cut(cells, none, 500, 50, 600, 50, 600, 100), edit.Misses, 500, 50, nil},
		"cut: only the edge":        {cut(cells, none, 0, 0, 0, -60, 200, -60, 200, 0), edit.Misses, 0, 0, nil},
		"cut: through a strip":      {cut(strip, none, 60, -50, 140, -50, 140, 100, 60, 100), edit.FallsApart, nan, nan, []int{0}},
		"cut: two cells far apart":  {cut(cells, none, 100, 100, 1100, 100, 1100, 150, 100, 150), edit.FallsApart, nan, nan, nil},
		"cut: one of the cells":     {cut(cells, none, 0, 0, 200, 0, 200, 200, 0, 200), edit.Unchanged, 0, 0, []int{0}},
		"cut: one, roughly":         {cut(cells, none, 5, -8, 210, 3, 195, 205, -10, 195), edit.Unchanged, 0, 0, []int{0}},
		"cut: over a locked border": {cut(cells, locked, 150, 50, 250, 50, 250, 150, 150, 150), edit.Locked, 200, nan, []int{0}},
		"move: whole side locked":   {move(cells, 0, 2, edit.Options{Fixed: []orb.LineString{north}}, 0, 200, 100, 250, 200, 200), edit.Locked, nan, 200, []int{0, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f *edit.Fault
			if !errors.As(test.err, &f) {
				t.Fatalf("got %v, want %s", test.err, test.kind)
			}
			if f.Kind != test.kind {
				t.Errorf("got %v, want %s", f, test.kind)
			}
			where := f.Place
			if !math.IsNaN(test.x) && math.Abs((where[0]-113)/east/test.x-1) > 0.02 && math.Abs((where[0]-113)/east-test.x) > 3 {
				t.Errorf("at %.1f m east, want %.1f", (where[0]-113)/east, test.x)
			}
			if !math.IsNaN(test.y) && math.Abs((where[1]-27)/metre-test.y) > 3 {
				t.Errorf("at %.1f m north, want %.1f", (where[1]-27)/metre, test.y)
			}
			if !slices.Equal(f.Cells, test.in) {
				t.Errorf("cells %v, want %v", f.Cells, test.in)
			}
			if math.IsNaN(where[0] + where[1]) {
				t.Error("the place is not a number")
			}
		})
	}
}

func TestOptionErrors(t *testing.T) {
	t.Parallel()
	cells := squares(t, 2, 1, 200)
	river := line(-50, 100, 500, 100)
	for name, o := range map[string]edit.Options{
		"negative segment": {MaxSegment: -1},
		"no segment":       {MaxSegment: math.NaN()},
		"endless snap":     {Snap: math.Inf(1)},
	} {
		if _, err := edit.Split(cells[0], []orb.LineString{river}, o); !errors.Is(err, edit.ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, pair := range [][2]int{{0, 0}, {-1, 0}, {0, 2}, {2, 0}} {
		if _, err := edit.MoveBoundary(cells, pair[0], pair[1], river, edit.Options{}); !errors.Is(err, edit.ErrOptions) {
			t.Errorf("cells %v: %v", pair, err)
		}
	}
	if _, err := edit.Merge(cells[:1], edit.Options{}); !errors.Is(err, edit.ErrOptions) {
		t.Errorf("one cell merged: %v", err)
	}
}
