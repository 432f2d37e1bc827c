package draw_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"unigrid/geo/draw"
	"unigrid/geo/lattice"
)

// seedsIn draws seeds inside a parent.
func seedsIn(t *rapid.T, parent orb.MultiPolygon, most int) []orb.Point {
	b := parent.Bound()
	var out []orb.Point
	for range rapid.IntRange(1, most).Draw(t, "seeds") {
		for range 50 {
			p := orb.Point{
				rapid.Float64Range(b.Min[0], b.Max[0]).Draw(t, "lon"),
				rapid.Float64Range(b.Min[1], b.Max[1]).Draw(t, "lat"),
			}
			if planar.MultiPolygonContains(parent, p) {
				out = append(out, p)
				break
			}
		}
	}
	if len(out) == 0 {
		t.Skip("no seed inside")
	}
	return out
}

func TestNearestPartitionsAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parent := parents().Draw(t, "parent")
		seeds := seedsIn(t, parent, 15)
		r, err := draw.Nearest(context.Background(), parent, seeds, draw.Options{})
		if errors.Is(err, draw.ErrSeeds) || errors.Is(err, draw.ErrTooFine) {
			t.Skip("seeds in one place or on the boundary")
		}
		if err != nil {
			t.Fatal(err)
		}
		require(t, parent, r.Cells)
		for i, s := range seeds {
			if !planar.MultiPolygonContains(r.Cells[i], s) {
				t.Fatalf("seed %d is not in its cell", i)
			}
			if r.Quality[i].Parts > len(parent) {
				t.Fatalf("cell %d has %d parts, the parent %d", i, r.Quality[i].Parts, len(parent))
			}
		}
	})
}

// TestNearestFollowsBisectors checks that every vertex of a border far from the
// boundary is as far from one seed as from another.
func TestNearestFollowsBisectors(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 5000)
	var seeds []orb.Point
	for i := range 14 {
		x, y := math.Mod(float64(i)*1777, 4700)+150, math.Mod(float64(i)*2911, 4700)+150
		seeds = append(seeds, orb.Point{113 + x*east, 27 + y*metre})
	}
	r, err := draw.Nearest(context.Background(), parent, seeds, draw.Options{})
	if err != nil {
		t.Fatal(err)
	}
	require(t, parent, r.Cells)
	scale := lattice.ScaleAt(parent.Bound().Center()[1] * lattice.PerDegree)
	local := func(p orb.Point) orb.Point {
		return orb.Point{(p[0] - 113) * lattice.PerDegree * scale.X, (p[1] - 27) * lattice.PerDegree * scale.Y}
	}
	checked := 0
	for i, cell := range r.Cells {
		for _, q := range cell[0][0] {
			p := local(q)
			if math.Min(math.Min(p[0], p[1]), math.Min(5000-p[0], 5000-p[1])) < 60 {
				continue
			}
			least := math.Inf(1)
			for j, s := range seeds {
				if j != i {
					least = math.Min(least, planar.Distance(p, local(s)))
				}
			}
			if d := math.Abs(planar.Distance(p, local(seeds[i])) - least); d > 2 {
				t.Errorf("cell %d: border at %.0f, %.0f is %.1f m nearer to one seed", i, p[0], p[1], d)
			}
			checked++
		}
	}
	if checked < 500 {
		t.Errorf("only %d vertices checked", checked)
	}
}

func TestNearestRegularSeeds(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 4000)
	var seeds []orb.Point
	for y := range 4 { // four cells meet in each corner
		for x := range 4 {
			seeds = append(seeds, orb.Point{113 + (500+1000*float64(x))*east, 27 + (500+1000*float64(y))*metre})
		}
	}
	r, err := draw.Nearest(context.Background(), parent, seeds, draw.Options{})
	if err != nil {
		t.Fatal(err)
	}
	require(t, parent, r.Cells)
	for i, q := range r.Quality {
		if math.Abs(q.Deviation) > 0.05 || !q.Contiguous {
			t.Errorf("cell %d: %+v", i, q)
		}
	}
}

func TestNearestSplitByInlet(t *testing.T) {
	t.Parallel()
	// A U: the right arm's upper end is nearest to a seed in the left arm.
	m := func(x, y float64) orb.Point { return orb.Point{113 + x*east, 27 + y*metre} }
	parent := orb.MultiPolygon{{{m(0, 0), m(1000, 0), m(1000, 1000), m(600, 1000), m(600, 200), m(550, 200), m(550, 1000), m(0, 1000), m(0, 0)}}}
	seeds := []orb.Point{m(500, 900), m(500, 100), m(900, 100)}
	r, err := draw.Nearest(context.Background(), parent, seeds, draw.Options{})
	if err != nil {
		t.Fatal(err)
	}
	require(t, parent, r.Cells)
	for i, q := range r.Quality {
		if !q.Contiguous {
			t.Errorf("cell %d is in %d parts", i, q.Parts)
		}
	}
	if !planar.MultiPolygonContains(r.Cells[2], m(620, 990)) {
		t.Error("the cut-off piece did not go to the cell beside it")
	}
}

func TestNearestCounties(t *testing.T) {
	t.Parallel()
	for i, county := range counties(t) {
		b := county.Bound()
		var seeds []orb.Point
		for k := 0; len(seeds) < 12; k++ {
			p := orb.Point{
				b.Min[0] + math.Mod(float64(k)*0.618, 1)*(b.Max[0]-b.Min[0]),
				b.Min[1] + math.Mod(float64(k)*0.7549, 1)*(b.Max[1]-b.Min[1]),
			}
			if planar.MultiPolygonContains(county, p) {
				seeds = append(seeds, p)
			}
		}
		r, err := draw.Nearest(context.Background(), county, seeds, draw.Options{Into: 12})
		if err != nil {
			t.Fatalf("county %d: %v", i, err)
		}
		require(t, county, r.Cells)
		if m := longestBorder(t, r.Cells); m > 50 {
			t.Errorf("county %d: border segment of %.1f m", i, m)
		}
	}
}

func TestNearestErrors(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 500)
	in := parent.Bound().Center()
	for name, test := range map[string]struct {
		seeds []orb.Point
		into  int
		want  error
	}{
		"none":     {nil, 0, draw.ErrSeeds},
		"outside":  {[]orb.Point{in, {114, 27}}, 0, draw.ErrSeeds},
		"off":      {[]orb.Point{in, {math.NaN(), 27}}, 0, draw.ErrSeeds},
		"same":     {[]orb.Point{in, {in[0] + 1e-9, in[1]}}, 0, draw.ErrSeeds},
		"into":     {[]orb.Point{in, {in[0] + 1e-3, in[1]}}, 3, draw.ErrOptions},
		"too near": {[]orb.Point{in, {in[0] + 1e-7, in[1]}}, 0, draw.ErrTooFine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := draw.Nearest(context.Background(), parent, test.seeds, draw.Options{Into: test.into})
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func BenchmarkNearestCounty(b *testing.B) {
	county := counties(b)[0]
	r, err := draw.Balanced(context.Background(), county, draw.Options{Into: 20})
	if err != nil {
		b.Fatal(err)
	}
	var seeds []orb.Point
	for _, c := range r.Cells {
		p, _ := planar.CentroidArea(c)
		seeds = append(seeds, p)
	}
	for b.Loop() {
		if _, err := draw.Nearest(context.Background(), county, seeds, draw.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
