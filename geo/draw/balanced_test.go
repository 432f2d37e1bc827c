package draw_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/geo/draw"
)

func TestBalancedPartitionsAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parent := parents().Draw(t, "parent")
		o := draw.Options{Into: rapid.IntRange(1, 9).Draw(t, "into"), Seed: rapid.Uint64().Draw(t, "seed")}
		r, err := draw.Balanced(context.Background(), parent, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Cells) != o.Into || len(r.Quality) != o.Into {
			t.Fatalf("%d cells, want %d", len(r.Cells), o.Into)
		}
		require(t, parent, r.Cells)
		parts := 0
		for _, q := range r.Quality {
			parts += q.Parts - 1
		}
		if parts > len(parent)-1 {
			t.Fatalf("%d cells have %d further parts, the parent has %d parts", o.Into, parts, len(parent))
		}
	})
}

func TestBalancedCounties(t *testing.T) {
	t.Parallel()
	all := counties(t)
	outer, err := geo.NewCoverage(all)
	if err != nil {
		t.Fatal(err)
	}
	city, err := outer.Dissolve(make([]int, len(all)))
	if err != nil {
		t.Fatal(err)
	}
	var towns []orb.MultiPolygon
	for i, county := range all {
		r, err := draw.Balanced(context.Background(), county, draw.Options{Into: 5 + i, Seed: 1})
		if err != nil {
			t.Fatalf("county %d: %v", i, err)
		}
		require(t, county, r.Cells)
		if m := longestBorder(t, r.Cells); m > 50 {
			t.Errorf("county %d: border segment of %.1f m", i, m)
		}
		for j, q := range r.Quality {
			if math.Abs(q.Deviation) > 0.05 || !q.Contiguous || q.PolsbyPopper < 0.35 {
				t.Errorf("county %d cell %d: %+v", i, j, q)
			}
		}
		towns = append(towns, r.Cells...)
	}
	require(t, city[0], towns)
	var villages []orb.MultiPolygon
	for i, town := range towns[:4] {
		r, err := draw.Balanced(context.Background(), town, draw.Options{Into: 10})
		if err != nil {
			t.Fatalf("town %d: %v", i, err)
		}
		villages = append(villages, r.Cells...)
	}
	require(t, city[0], append(villages, towns[4:]...))
}

func TestBalancedIsDeterministic(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 3000)
	draws := make([]draw.Result, 3)
	for i, seed := range []uint64{4, 4, 5} {
		r, err := draw.Balanced(context.Background(), parent, draw.Options{Into: 7, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		draws[i] = r
	}
	same := func(a, b draw.Result) bool {
		for i := range a.Cells {
			if !a.Cells[i].Equal(b.Cells[i]) {
				return false
			}
		}
		return true
	}
	if !same(draws[0], draws[1]) {
		t.Error("the same seed gave different cells")
	}
	if same(draws[0], draws[2]) {
		t.Error("another seed gave the same cells")
	}
}

func TestOneCellIsTheParentUnchanged(t *testing.T) {
	t.Parallel()
	parent := append(square(t, 0, 0, 500), square(t, 900, 0, 100)...)
	parent[0][0] = append(parent[0][0][5:], parent[0][0][1:6]...) // any start
	b, err := draw.Balanced(context.Background(), parent, draw.Options{Into: 1})
	if err != nil {
		t.Fatal(err)
	}
	n, err := draw.Nearest(context.Background(), parent, []orb.Point{parent[0].Bound().Center()}, draw.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !b.Cells[0].Equal(parent) || !n.Cells[0].Equal(parent) {
		t.Error("the parent came back changed")
	}
}

func TestBalancedLoads(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 4000)
	middle := parent.Bound().Center()
	var points []draw.WeightedPoint
	for i := range 2000 { // a spiral, dense in the middle
		a, d := float64(i)*2.4, 1800*math.Pow(float64(i)/2000, 0.8)
		points = append(points, draw.WeightedPoint{At: orb.Point{middle[0] + d*math.Cos(a)*east, middle[1] + d*math.Sin(a)*metre}, Weight: 1 + float64(i%3)})
	}
	for name, test := range map[string]struct {
		load  draw.Load
		worst float64
	}{
		"area":    {draw.Load{}, 0.02},
		"density": {draw.Load{Density: func(p orb.Point) float64 { return 1 + 20*(p[0]-113)/(4000*east) }}, 0.05},
		"points":  {draw.Load{Points: points}, 0.05},
		"mixed":   {draw.Load{Points: points, AreaShare: 0.5}, 0.05},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := draw.Balanced(context.Background(), parent, draw.Options{Into: 9, Seed: 3, Load: test.load})
			if err != nil {
				t.Fatal(err)
			}
			require(t, parent, r.Cells)
			sum := 0.0
			for i, q := range r.Quality {
				sum += q.Load
				if math.Abs(q.Deviation) > test.worst {
					t.Errorf("cell %d: load deviates by %.3f", i, q.Deviation)
				}
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("loads add up to %v", sum)
			}
		})
	}
}

func TestBalancedSmallPartsGoAlong(t *testing.T) {
	t.Parallel()
	parent := append(square(t, 0, 0, 2000), square(t, 2500, 300, 90)...)
	r, err := draw.Balanced(context.Background(), parent, draw.Options{Into: 4, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	require(t, parent, r.Cells)
	several := 0
	for _, q := range r.Quality {
		if !q.Contiguous {
			several++
		}
	}
	if several != 1 {
		t.Errorf("%d cells have several parts, want 1", several)
	}
}

func TestBalancedErrors(t *testing.T) {
	t.Parallel()
	good := square(t, 0, 0, 500)
	for name, test := range map[string]struct {
		parent orb.MultiPolygon
		o      draw.Options
		want   error
	}{
		"no cells":     {good, draw.Options{}, draw.ErrOptions},
		"segment":      {good, draw.Options{Into: 2, MaxSegment: -1}, draw.ErrOptions},
		"segment NaN":  {good, draw.Options{Into: 2, MaxSegment: math.NaN()}, draw.ErrOptions},
		"share":        {good, draw.Options{Into: 2, Load: draw.Load{AreaShare: 2}}, draw.ErrOptions},
		"weight":       {good, draw.Options{Into: 2, Load: draw.Load{Points: []draw.WeightedPoint{{Weight: -1}}}}, draw.ErrOptions},
		"load outside": {good, draw.Options{Into: 2, Load: draw.Load{Points: []draw.WeightedPoint{{Weight: 1}}}}, draw.ErrOptions},
		"no load":      {good, draw.Options{Into: 2, Load: draw.Load{Density: func(orb.Point) float64 { return 0 }}}, draw.ErrOptions},
		"no parent":    {nil, draw.Options{Into: 2}, draw.ErrParent},
		"open parent":  {orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}}}}, draw.Options{Into: 2}, draw.ErrParent},
		"bow tie":      {orb.MultiPolygon{{{{0, 0}, {.01, .01}, {.01, 0}, {0, .01}, {0, 0}}}}, draw.Options{Into: 2}, draw.ErrParent},
		"speck":        {orb.MultiPolygon{{{{0, 0}, {1e-5, 0}, {0, 1e-5}, {0, 0}}}}, draw.Options{Into: 2}, draw.ErrTooFine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := draw.Balanced(context.Background(), test.parent, test.o); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := draw.Balanced(ctx, good, draw.Options{Into: 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func BenchmarkBalancedCounty(b *testing.B) {
	county := counties(b)[0]
	for b.Loop() {
		if _, err := draw.Balanced(context.Background(), county, draw.Options{Into: 20}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBalancedTownship(b *testing.B) {
	town := square(b, 0, 0, 10_000)
	for b.Loop() {
		if _, err := draw.Balanced(context.Background(), town, draw.Options{Into: 40}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBalancedStreet(b *testing.B) {
	street := square(b, 0, 0, 1414)
	for b.Loop() {
		if _, err := draw.Balanced(context.Background(), street, draw.Options{Into: 16}); err != nil {
			b.Fatal(err)
		}
	}
}
