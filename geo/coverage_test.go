package geo_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// box returns a rectangle in units of a hundredth of a degree round 113°, 27°.
func box(x0, y0, x1, y1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{ring(x0, y0, x1, y0, x1, y1, x0, y1)}}
}

// ring closes a list of coordinates in hundredths of a degree.
func ring(xy ...float64) orb.Ring {
	var r orb.Ring
	for i := 0; i < len(xy); i += 2 {
		r = append(r, orb.Point{113 + xy[i]/100, 27 + xy[i+1]/100})
	}
	return append(r, r[0])
}

func coverage(t testing.TB, cells ...orb.MultiPolygon) *geo.Coverage {
	t.Helper()
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func kinds(fs []geo.Finding) []geo.Kind {
	var out []geo.Kind
	for _, f := range fs {
		out = append(out, f.Kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestValidate(t *testing.T) {
	t.Parallel()
	parent := orb.MultiPolygon{{ring(0, 0, 1, 0, 2, 0, 2, 1, 1, 1, 0, 1)}}
	left, right := box(0, 0, 1, 1), box(1, 0, 2, 1)
	around := orb.MultiPolygon{{ring(0, 0, 9, 0, 9, 9, 0, 9), ring(3, 3, 3, 6, 6, 6, 6, 3)}}
	for name, test := range map[string]struct {
		cells  []orb.MultiPolygon
		parent orb.MultiPolygon
		want   []geo.Kind
	}{
		"two halves":        {[]orb.MultiPolygon{left, right}, parent, nil},
		"no parent given":   {[]orb.MultiPolygon{left, right}, nil, []geo.Kind{geo.Unmatched}},
		"half is missing":   {[]orb.MultiPolygon{left}, parent, []geo.Kind{geo.Uncovered, geo.Unmatched}},
		"same cell twice":   {[]orb.MultiPolygon{left, right, right}, parent, []geo.Kind{geo.Overlap, geo.Unmatched}},
		"overlap, corners":  {[]orb.MultiPolygon{box(0, 0, 2, 2), box(1, 1, 3, 3)}, nil, []geo.Kind{geo.Crossing, geo.Unmatched}},
		"overlap, edges":    {[]orb.MultiPolygon{box(0, 0, 2, 1), box(1, 0, 3, 1)}, nil, []geo.Kind{geo.Crossing, geo.Unmatched}},
		"overlap, inside":   {[]orb.MultiPolygon{box(0, 0, 9, 9), box(3, 3, 4, 4)}, nil, []geo.Kind{geo.Overlap, geo.Unmatched}},
		"overlap, corner":   {[]orb.MultiPolygon{box(0, 0, 9, 9), {{ring(0, 0, 4, 3, 3, 4)}}}, nil, []geo.Kind{geo.Overlap, geo.Unmatched}},
		"apart":             {[]orb.MultiPolygon{box(0, 0, 1, 1), box(3, 3, 4, 4)}, nil, []geo.Kind{geo.Unmatched}},
		"vertex one side":   {[]orb.MultiPolygon{left, {{ring(1, 0, 2, 0, 2, 1, 1, 1, 1, .5)}}}, parent, []geo.Kind{geo.Crossing, geo.Unmatched}},
		"one step off":      {[]orb.MultiPolygon{left, {{ring(1.00001, 0, 2, 0, 2, 1, 1, 1)}}}, parent, []geo.Kind{geo.Uncovered, geo.Unmatched}},
		"bow tie":           {[]orb.MultiPolygon{{{ring(0, 0, 2, 0, 0, 1, 2, 2)}}}, nil, []geo.Kind{geo.Collapsed, geo.Crossing, geo.Unmatched}},
		"touches itself":    {[]orb.MultiPolygon{{{ring(0, 0, 2, 0, 1, 1, 2, 2, 0, 2, 1, 1)}}}, nil, []geo.Kind{geo.SelfTouch, geo.Unmatched}},
		"spike":             {[]orb.MultiPolygon{{{ring(0, 0, 2, 0, 3, 0, 2, 0, 2, 2)}}}, nil, []geo.Kind{geo.InnerEdge, geo.SelfTouch, geo.Unmatched}},
		"hole outside":      {[]orb.MultiPolygon{{{ring(0, 0, 1, 0, 1, 1, 0, 1), ring(2, 2, 3, 2, 3, 3, 2, 3)}}}, nil, []geo.Kind{geo.Nesting, geo.Unmatched}},
		"part in part":      {[]orb.MultiPolygon{{{ring(0, 0, 9, 0, 9, 9, 0, 9)}, {ring(2, 2, 3, 2, 3, 3, 2, 3)}}}, nil, []geo.Kind{geo.Nesting, geo.Unmatched}},
		"hole cuts in two":  {[]orb.MultiPolygon{{{ring(0, 0, 2, 0, 4, 0, 4, 4, 2, 4, 0, 4), ring(2, 0, 2, 4, 3, 2)}}}, nil, []geo.Kind{geo.Nesting, geo.Unmatched}},
		"flat":              {[]orb.MultiPolygon{{{ring(0, 0, 1, 0, 2, 0)}}}, nil, []geo.Kind{geo.Collapsed, geo.Crossing, geo.Unmatched}},
		"enclave":           {[]orb.MultiPolygon{around, box(3, 3, 6, 6)}, box(0, 0, 9, 9), nil},
		"enclave is empty":  {[]orb.MultiPolygon{around}, box(0, 0, 9, 9), []geo.Kind{geo.Unmatched}},
		"corners touch":     {[]orb.MultiPolygon{append(box(0, 0, 1, 1), box(1, 1, 2, 2)...)}, append(box(0, 0, 1, 1), box(1, 1, 2, 2)...), nil},
		"chess board":       {[]orb.MultiPolygon{append(box(0, 0, 1, 1), box(1, 1, 2, 2)...), append(box(1, 0, 2, 1), box(0, 1, 1, 2)...)}, orb.MultiPolygon{{ring(0, 0, 1, 0, 2, 0, 2, 1, 2, 2, 1, 2, 0, 2, 0, 1)}}, nil},
		"overlap, vertices": {[]orb.MultiPolygon{{{ring(0, 0, 4, 0, 4, 2, 4, 4, 2, 4, 0, 4)}}, {{ring(4, 2, 6, 2, 6, 6, 2, 6, 2, 4)}}}, nil, []geo.Kind{geo.Overlap, geo.Unmatched}},
		"another's hole":    {[]orb.MultiPolygon{{{ring(0, 0, 4, 0, 4, 4, 0, 4), ring(6, 1, 6, 2, 7, 2, 7, 1)}, {ring(5, 0, 9, 0, 9, 4, 5, 4)}}}, nil, []geo.Kind{geo.Nesting, geo.Unmatched}},
		"hole at the edge":  {[]orb.MultiPolygon{{{ring(0, 0, 4, 0, 4, 4, 0, 4, 0, 2), ring(0, 2, 2, 3, 2, 1)}}, {{ring(0, 2, 2, 1, 2, 3)}}}, orb.MultiPolygon{{ring(0, 0, 4, 0, 4, 4, 0, 4, 0, 2)}}, nil},
		"two of everything": {[]orb.MultiPolygon{left, right, box(0, 0, 1, 1), box(1, 0, 2, 1)}, parent, []geo.Kind{geo.Overlap, geo.Unmatched}},
		"parent is invalid": {[]orb.MultiPolygon{left}, orb.MultiPolygon{{ring(0, 0, 2, 0, 0, 1, 2, 2)}}, []geo.Kind{geo.ParentInvalid, geo.Uncovered, geo.Unmatched}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := coverage(t, test.cells...).Validate(test.parent)
			if got := kinds(findings); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v: %v", got, test.want, findings)
			}
		})
	}
}

// A line between two cells that crosses itself is a fault of both.
func TestSharedCrossingNamesBoth(t *testing.T) {
	t.Parallel()
	east := ring(2, 4, 0, 2, 1, 3.1, 2, 1, 5, 1, 5, 5)
	west := ring(2, 1, 1, 3.1, 0, 2, 2, 4, 0, 6, -3, 6, -3, 0)
	named := map[int]bool{}
	for _, f := range coverage(t, orb.MultiPolygon{{east}}, orb.MultiPolygon{{west}}).Validate(nil) {
		if f.Kind == geo.Crossing {
			for _, cell := range f.Cells {
				named[cell] = true
			}
		}
	}
	if len(named) != 2 {
		t.Errorf("crossings of cells %v", named)
	}
}

func TestNewCoverageErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cell orb.MultiPolygon
		want error
	}{
		"not a number": {orb.MultiPolygon{{{{math.NaN(), 1}, {1, 1}, {1, 2}, {math.NaN(), 1}}}}, lattice.ErrRange},
		"off the map":  {orb.MultiPolygon{{{{181, 1}, {1, 1}, {1, 2}, {181, 1}}}}, lattice.ErrRange},
		"open":         {orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}, lattice.ErrOpenRing},
		"too short":    {orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 0}}}}, lattice.ErrShortRing},
		"one point":    {orb.MultiPolygon{{{{1, 1}, {1, 1 + 1e-9}, {1, 1}}}}, lattice.ErrShortRing},
		"empty ring":   {orb.MultiPolygon{{{}}}, lattice.ErrShortRing},
		"no ring":      {orb.MultiPolygon{{}}, lattice.ErrNoRing},
		"too wide":     {orb.MultiPolygon{{{{-170, 0}, {170, 0}, {0, 10}, {-170, 0}}}}, lattice.ErrExtent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := geo.NewCoverage([]orb.MultiPolygon{test.cell}); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestRoundWindsAndRounds(t *testing.T) {
	t.Parallel()
	clockwise := orb.MultiPolygon{{
		{{0, 0}, {0, 1.00000004}, {0, 1.00000003}, {1, 1}, {1, 0}, {0, 0}},
		{{.2, .2}, {.4, .2}, {.4, .4}, {.2, .2}},
	}}
	got, err := geo.Round(clockwise)
	if err != nil {
		t.Fatal(err)
	}
	want := orb.MultiPolygon{{
		{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}},
		{{.2, .2}, {.4, .4}, {.4, .2}, {.2, .2}},
	}}
	if !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	c := coverage(t, box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 1, 3, 2), box(0, 1, 1, 2))
	got := c.Neighbours()
	if len(got) != 2 || got[0].A != 0 || got[0].B != 1 || got[1].A != 0 || got[1].B != 3 {
		t.Fatalf("got %v: corners are no borders", got)
	}
	if m := got[0].Metres; math.Abs(m-1108) > 1 { // 0.01° of latitude at 27°
		t.Errorf("north-south border is %v m", m)
	}
	if m := got[1].Metres; math.Abs(m-992.5) > 1 { // 0.01° of longitude at 27°
		t.Errorf("west-east border is %v m", m)
	}
}

func TestDissolve(t *testing.T) {
	t.Parallel()
	// A ring of eight squares round a ninth, in reading order.
	var cells []orb.MultiPolygon
	for y := range 3 {
		for x := range 3 {
			cells = append(cells, box(float64(x), float64(y), float64(x+1), float64(y+1)))
		}
	}
	c := coverage(t, cells...)
	for name, test := range map[string]struct {
		groups []int
		rings  [][]int // by group: rings of each part
	}{
		"all":             {[]int{0, 0, 0, 0, 0, 0, 0, 0, 0}, [][]int{{1}}},
		"ring and middle": {[]int{0, 0, 0, 0, 1, 0, 0, 0, 0}, [][]int{{2}, {1}}},
		"left out":        {[]int{0, -1, -1, -1, -1, -1, -1, -1, 0}, [][]int{{1, 1}}},
		"chess board":     {[]int{0, 1, 0, 1, 0, 1, 0, 1, 0}, [][]int{{1, 1, 1, 1, 1}, {1, 1, 1, 1}}},
		"hole at corners": {[]int{-1, 0, -1, 0, -1, 0, -1, 0, -1}, [][]int{{1, 1, 1, 1}}},
		"gap in groups":   {[]int{2, 2, 2, 2, 2, 2, 0, 0, 0}, [][]int{{1}, nil, {1}}},
		"hole at a node":  {[]int{0, 0, 0, 0, 1, 0, 0, 0, 1}, [][]int{{2}, {1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Dissolve(test.groups)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(test.rings) {
				t.Fatalf("%d groups, want %d", len(got), len(test.rings))
			}
			for g, m := range got {
				var rings []int
				for _, p := range m {
					rings = append(rings, len(p))
					for i, r := range p {
						if (r.Orientation() == orb.CCW) != (i == 0) {
							t.Errorf("group %d: ring %d is wound the wrong way", g, i)
						}
					}
				}
				if !slices.Equal(rings, test.rings[g]) {
					t.Errorf("group %d: rings %v, want %v", g, rings, test.rings[g])
				}
				if m == nil {
					continue
				}
				for _, f := range coverage(t, m).Validate(nil) {
					if f.Kind != geo.Unmatched {
						t.Errorf("group %d: %s", g, f)
					}
				}
			}
		})
	}
	if _, err := c.Dissolve([]int{1}); err == nil {
		t.Error("groups for one of nine cells were accepted")
	}
}

func TestDensifyIsSharedAndShort(t *testing.T) {
	t.Parallel()
	a := orb.MultiPolygon{{ring(0, 0, 3, 1, 1, 3)}}
	b := orb.MultiPolygon{{ring(1, 3, 3, 1, 4, 4)}}
	dense, err := geo.Densify([]orb.MultiPolygon{a, b}, 50)
	if err != nil {
		t.Fatal(err)
	}
	c := coverage(t, dense...)
	if n := c.Neighbours(); len(n) != 1 || math.Abs(n[0].Metres-2974) > 2 {
		t.Errorf("shared border %v", n)
	}
	for _, arc := range c.Arcs() {
		for i := 1; i < len(arc.Line); i++ {
			p, _ := lattice.FromOrb(arc.Line[i-1])
			q, _ := lattice.FromOrb(arc.Line[i])
			if m := (lattice.Segment{A: p, B: q}).Metres(); m > 50.02 {
				t.Errorf("segment of %v m", m)
			}
		}
	}
	if _, err := geo.Densify(dense, 0); err == nil {
		t.Error("0 m was accepted")
	}
}

// An island in a bay must not be surrounded when the shore is simplified, though
// no line would cross another.
func TestSimplifyKeepsIslandsOut(t *testing.T) {
	t.Parallel()
	shore := orb.MultiPolygon{{ring(0, 0, 10, 0, 10, 8, 6, 8, 6, 2, 4, 2, 4, 8, 0, 8)}}
	island := box(4.5, 5, 5.5, 6)
	simple := coverage(t, shore, island).Simplify(10000)
	for _, f := range coverage(t, simple...).Validate(nil) {
		if f.Kind != geo.Unmatched {
			t.Error(f)
		}
	}
	if len(coverage(t, shore).Simplify(10000)[0][0][0]) >= len(shore[0][0]) {
		t.Error("without the island the shore was not simplified either")
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	for name, cells := range map[string][]orb.MultiPolygon{"no cells": nil, "a cell of nothing": {nil}} {
		c := coverage(t, cells...)
		united, err := c.Dissolve(make([]int, len(cells)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range united {
			if len(m) > 0 {
				t.Errorf("%s: united to %v", name, m)
			}
		}
		if f := c.Validate(nil); len(f)+len(c.Neighbours())+len(c.Arcs()) > 0 {
			t.Errorf("%s: found %v", name, f)
		}
		if got := c.Simplify(1); len(got) != len(cells) {
			t.Errorf("%s: %d cells simplified", name, len(got))
		}
		if got := kinds(c.Validate(box(0, 0, 1, 1))); !slices.Equal(got, []geo.Kind{geo.Uncovered}) {
			t.Errorf("%s: in a parent, found %v", name, got)
		}
	}
}

// A builder that was told too small a size gives the same coverage.
func TestBuilderGrows(t *testing.T) {
	t.Parallel()
	cells := []orb.MultiPolygon{box(0, 0, 1, 1), box(1, 0, 2, 1), append(box(2, 0, 3, 1), box(0, 1, 1, 2)...)}
	b := geo.NewBuilder(0, 0)
	for _, m := range cells {
		if err := b.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	c, want := b.Build(), coverage(t, cells...)
	if c.Len() != 3 || c.Segments() != 16 {
		t.Errorf("%d cells, %d segments", c.Len(), c.Segments())
	}
	if !slices.Equal(c.Neighbours(), want.Neighbours()) {
		t.Errorf("neighbours %v, want %v", c.Neighbours(), want.Neighbours())
	}
	if err := geo.NewBuilder(0, 0).Add(orb.MultiPolygon{{}}); !errors.Is(err, lattice.ErrNoRing) {
		t.Errorf("got %v", err)
	}
}
