package overlay_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"unigrid/geo/lattice"
	"unigrid/geo/overlay"
)

// coordinate draws one of few, so that lines meet, cross in one place and lie on
// each other, or of many.
func coordinate(r *rapid.T) int32 {
	if rapid.IntRange(0, 3).Draw(r, "of many") > 0 {
		return int32(rapid.IntRange(0, 6).Draw(r, "few")) * 1000
	}
	return int32(rapid.IntRange(-100, 700).Draw(r, "many")) * 10
}

// area draws a valid area: a triangle, or a box that can have a hole in it or
// another part beside it, touching it or not.
func area(r *rapid.T) lattice.MultiPolygon {
	at := func() lattice.Point { return lattice.Point{X: coordinate(r), Y: coordinate(r)} }
	if rapid.Bool().Draw(r, "triangle") {
		for {
			ring := lattice.Ring{at(), at(), at()}
			if ring.Area2() != 0 {
				ring.Wind(false)
				return lattice.MultiPolygon{{ring}}
			}
		}
	}
	box := func(x0, y0, x1, y1 int32) lattice.Ring {
		return lattice.Ring{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
	}
	a, b := at(), at()
	for a.X == b.X || a.Y == b.Y {
		b = at()
	}
	x0, y0, x1, y1 := min(a.X, b.X), min(a.Y, b.Y), max(a.X, b.X), max(a.Y, b.Y)
	m := lattice.MultiPolygon{{box(x0, y0, x1, y1)}}
	if rapid.Bool().Draw(r, "hole") && x1-x0 > 4 && y1-y0 > 4 {
		w, h := (x1-x0)/4, (y1-y0)/4
		hole := lattice.Ring{{X: x0 + w, Y: y0 + h}, {X: x0 + 2*w, Y: y0 + 2*h}, {X: x0 + 2*w, Y: y0 + h}}
		if rapid.Bool().Draw(r, "touching") {
			hole[0].X = x0
		}
		hole.Wind(true)
		m[0] = append(m[0], hole)
	}
	if rapid.Bool().Draw(r, "part") {
		d := int32(rapid.IntRange(0, 1).Draw(r, "apart")) * 500
		m = append(m, lattice.Polygon{box(x1+d, y1+d, x1+d+1000, y1+d+700)})
	}
	return m
}

// Whatever the cells are, the pieces are what places in the area say, and add up
// to it.
func TestPiecesAreWhatPlacesSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		whole := area(r)
		var shapes []lattice.MultiPolygon
		for range rapid.IntRange(0, 6).Draw(r, "cells") {
			shapes = append(shapes, area(r))
		}
		if rapid.Bool().Draw(r, "same") {
			shapes = append(shapes, whole)
		}
		cells := overlay.NewCells(shapes, whole.Box())
		var cutter overlay.Cutter
		pieces, faces, err := cutter.Cut(cells, overlay.NewArea(whole))
		if err != nil && strings.Contains(err.Error(), "close together") {
			r.Skip(err) // rare: lines within a few units
		}
		if err != nil {
			r.Fatal(err)
		}
		total := float64(whole.Area2()) / 2 / 1e14
		covers := map[int]orb.MultiPolygon{}
		sum := 0.0
		for i, p := range pieces {
			shape := p.Shape
			if p.Whole {
				shape = whole.Orb()
			}
			covers[p.Cell] = shape
			sum += p.Own
			if got := planar.Area(shape) / total; math.Abs(got-p.Claimed) > 1e-9 {
				r.Errorf("piece of %d: claims %g, its shape has %g", p.Cell, p.Claimed, got)
			}
			if i > 0 && pieces[i-1].Cell >= p.Cell && p.Cell >= 0 {
				r.Errorf("pieces in another order: %d, %d", pieces[i-1].Cell, p.Cell)
			}
			valid(r, shape)
		}
		if math.Abs(sum-1) > 1e-9 {
			r.Errorf("pieces sum to %g", sum)
		}
		doubled := 0.0
		for _, f := range faces {
			if len(f.Cells) < 2 || math.Abs(planar.Area(f.Shape)/total-f.Share) > 1e-9 {
				r.Errorf("face %+v", f)
			}
			doubled += f.Share
		}
		overlap := 0.0
		for _, p := range pieces {
			overlap += p.Overlap
		}
		if math.Abs(overlap-doubled) > 1e-9 {
			r.Errorf("faces sum to %g, overlaps to %g", doubled, overlap)
		}
		for range 30 {
			// off every line but by chance
			place := orb.Point{rapid.Float64Range(-1000, 9000).Draw(r, "x") / 1e7, rapid.Float64Range(-1000, 9000).Draw(r, "y") / 1e7}
			if near(whole, place) || !planar.MultiPolygonContains(whole.Orb(), place) {
				continue
			}
			var want, got, claimants []int
			skip := false
			for i, shape := range shapes {
				skip = skip || near(shape, place)
				if planar.MultiPolygonContains(shape.Orb(), place) {
					want = append(want, i)
				}
			}
			if skip {
				continue
			}
			if len(want) == 0 {
				want = []int{-1}
			}
			for cell, shape := range covers {
				if planar.MultiPolygonContains(shape, place) {
					got = append(got, cell)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				r.Errorf("at %v are pieces of %v, want %v", place, got, want)
			}
			for _, f := range faces {
				if planar.MultiPolygonContains(f.Shape, place) {
					claimants = f.Cells
				}
			}
			if len(want) > 1 && !slices.Equal(claimants, want) {
				r.Errorf("at %v is a face of %v, want %v", place, claimants, want)
			}
		}
	})
}

// Parts of an area can be in different cells with no line inside of any.
func TestPartsAreInCellsOfTheirOwn(t *testing.T) {
	t.Parallel()
	box := func(x0, y0, x1, y1 int32) lattice.Polygon {
		return lattice.Polygon{{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}}
	}
	first, second := box(0, 0, 1000, 1000), box(1000, 1000, 2000, 3000)
	both := lattice.MultiPolygon{first, second}
	for name, test := range map[string]struct {
		cells []lattice.MultiPolygon
		want  map[int]float64
	}{
		"one has a cell":      {[]lattice.MultiPolygon{{first}}, map[int]float64{0: 1. / 3, -1: 2. / 3}},
		"each has one":        {[]lattice.MultiPolygon{{first}, {second}}, map[int]float64{0: 1. / 3, 1: 2. / 3}},
		"far lines, one cell": {[]lattice.MultiPolygon{{box(-1000, -1000, 5000, 5000)}}, map[int]float64{0: 1}},
		"one cell":            {[]lattice.MultiPolygon{both}, map[int]float64{0: 1}},
		"none":                {nil, map[int]float64{-1: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var cutter overlay.Cutter
			pieces, _, err := cutter.Cut(overlay.NewCells(test.cells, both.Box()), overlay.NewArea(both))
			if err != nil {
				t.Fatal(err)
			}
			got := map[int]float64{}
			for _, p := range pieces {
				got[p.Cell] = p.Own
				if p.Whole != (p.Own == 1) {
					t.Errorf("piece of %d with %g: whole %v", p.Cell, p.Own, p.Whole)
				}
			}
			for cell, share := range test.want {
				if math.Abs(got[cell]-share) > 1e-12 || len(got) != len(test.want) {
					t.Errorf("got %v, want %v", got, test.want)
				}
			}
		})
	}
}

// near tells whether a place is nearly on a boundary.
func near(m lattice.MultiPolygon, p orb.Point) bool {
	for _, s := range m.Segments() {
		if planar.DistanceFromSegment(s.A.Orb(), s.B.Orb(), p) < 1e-10 {
			return true
		}
	}
	return false
}

// valid demands rings that pass each place once, exteriors counter-clockwise.
func valid(r *rapid.T, m orb.MultiPolygon) {
	for _, polygon := range m {
		for i, ring := range polygon {
			seen := map[orb.Point]bool{}
			for _, p := range ring[1:] {
				if seen[p] {
					r.Errorf("a ring passes %v twice", p)
				}
				seen[p] = true
			}
			if want := map[bool]orb.Orientation{true: orb.CCW, false: orb.CW}[i == 0]; ring.Orientation() != want || ring[0] != ring[len(ring)-1] {
				r.Errorf("ring %d is wound or closed wrongly: %v", i, ring)
			}
		}
	}
}

func TestUnfit(t *testing.T) {
	t.Parallel()
	square := lattice.MultiPolygon{{{{X: 0, Y: 0}, {X: 1000, Y: 0}, {X: 1000, Y: 1000}, {X: 0, Y: 1000}}}}
	bowTie := lattice.MultiPolygon{{{{X: 100, Y: 100}, {X: 900, Y: 900}, {X: 900, Y: 100}, {X: 100, Y: 900}}}}
	for name, test := range map[string]struct{ area, cell lattice.MultiPolygon }{
		"a cell that isn't valid":  {square, bowTie},
		"an area that isn't valid": {bowTie, lattice.MultiPolygon{{{{X: 0, Y: 0}, {X: 500, Y: 0}, {X: 500, Y: 1000}, {X: 0, Y: 1000}}}}},
		"an area outside":          {lattice.MultiPolygon{{{{X: 0, Y: 0}, {X: 9000, Y: 0}, {X: 0, Y: 9000}}}}, square},
		"nothing":                  {nil, square},
	} {
		var cutter overlay.Cutter
		if pieces, _, err := cutter.Cut(overlay.NewCells([]lattice.MultiPolygon{test.cell}, square.Box()), overlay.NewArea(test.area)); !errors.Is(err, overlay.ErrUnfit) {
			t.Errorf("%s: %v, %+v", name, err, pieces)
		}
	}
}
