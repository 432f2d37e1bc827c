package draw_test

import (
	"context"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/geo/draw"
)

// river winds from west to east through a square of so many metres.
func river(size, at float64) orb.LineString {
	var line orb.LineString
	for i := -5; i <= 105; i++ {
		x := size * float64(i) / 100
		line = append(line, orb.Point{113 + x*east, 27 + (at+0.06*size*math.Sin(x/size*9))*metre})
	}
	return line
}

// along returns the share of a line's vertices inside the parent that lie on a
// border between cells.
func along(t testing.TB, line orb.LineString, cells []orb.MultiPolygon) float64 {
	t.Helper()
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	on := map[orb.Point]bool{}
	for _, a := range c.Arcs() {
		if a.Right >= 0 {
			for _, p := range a.Line {
				on[p] = true
			}
		}
	}
	rounded, inside := 0, 0
	for _, p := range line {
		p = orb.Point{math.Round(p[0]*1e7) / 1e7, math.Round(p[1]*1e7) / 1e7}
		if p[0] > 113 && p[0] < 113+4000*east {
			inside++
			if on[p] {
				rounded++
			}
		}
	}
	return float64(rounded) / float64(inside)
}

func TestBordersRunAlongBarriers(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 4000)
	line := river(4000, 1650)
	for _, into := range []int{2, 5, 9} {
		r, err := draw.Balanced(context.Background(), parent, draw.Options{Into: into, Seed: 3, Barriers: []orb.LineString{line}})
		if err != nil {
			t.Fatal(err)
		}
		require(t, parent, r.Cells)
		crossed := 0
		for i, q := range r.Quality {
			crossed += q.BarriersCrossed
			if math.Abs(q.Deviation) > 0.05 || !q.Contiguous {
				t.Errorf("into %d, cell %d: %+v", into, i, q)
			}
		}
		share := along(t, line, r.Cells)
		t.Logf("into %d: %.0f %% of the river is a border, %d cells crossed", into, share*100, crossed)
		if into > 2 && share < 0.5 {
			t.Errorf("into %d: %.0f %% of the river is a border", into, share*100)
		}
	}
}

func TestBarriersPartitionAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parent := parents().Draw(t, "parent")
		box := parent.Bound()
		var lines []orb.LineString
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			var line orb.LineString
			for range rapid.IntRange(2, 12).Draw(t, "points") {
				line = append(line, orb.Point{
					box.Min[0] + (box.Max[0]-box.Min[0])*rapid.Float64Range(-0.2, 1.2).Draw(t, "x"),
					box.Min[1] + (box.Max[1]-box.Min[1])*rapid.Float64Range(-0.2, 1.2).Draw(t, "y")})
			}
			lines = append(lines, line)
		}
		o := draw.Options{Into: rapid.IntRange(2, 7).Draw(t, "into"), Seed: rapid.Uint64().Draw(t, "seed"), Barriers: lines}
		r, err := draw.Balanced(context.Background(), parent, o)
		if err != nil {
			t.Fatal(err)
		}
		require(t, parent, r.Cells)
		again, err := draw.Balanced(context.Background(), parent, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Cells {
			if !r.Cells[i].Equal(again.Cells[i]) {
				t.Fatal("the same seed gave different cells")
			}
		}
	})
}
