package draw_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo/draw"
	"unigrid/geo/edit"
)

// way draws a line through places in metres from 113°, 27°.
func way(xy ...float64) orb.LineString {
	var out orb.LineString
	for i := 0; i < len(xy); i += 2 {
		out = append(out, orb.Point{113 + xy[i]*east, 27 + xy[i+1]*metre})
	}
	return out
}

func TestSplitByLines(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 1000)
	river := way(-100, 310, 300, 290, 700, 340, 1100, 300)
	road := way(500, -100, 480, 500, 510, 1100)
	island := append(square(t, 0, 0, 1000), square(t, 1500, 700, 100)...)
	for name, test := range map[string]struct {
		parent orb.MultiPolygon
		lines  []orb.LineString
		share  float64
		m2     []float64 // areas from north to south, to 5 %
	}{
		"no lines":             {parent, nil, 0, []float64{1e6}},
		"a line elsewhere":     {parent, []orb.LineString{way(2000, 0, 2000, 500)}, 0, []float64{1e6}},
		"a river":              {parent, []orb.LineString{river}, 0, []float64{6.9e5, 3.1e5}},
		"a river's source":     {parent, []orb.LineString{way(-100, 310, 300, 290)}, 0, []float64{1e6}},
		"river and road":       {parent, []orb.LineString{river, road}, 0, []float64{3.4e5, 3.5e5, 1.68e5, 1.45e5}},
		"a tributary":          {parent, []orb.LineString{river, way(500, 1100, 480, 600, 520, 320)}, 0, []float64{3.5e5, 3.4e5, 3.1e5}},
		"a tributary's source": {parent, []orb.LineString{river, way(490, 800, 480, 600, 520, 320)}, 0, []float64{6.9e5, 3.1e5}},
		"a road with a loop":   {parent, []orb.LineString{way(-50, 500, 500, 500, 600, 700, 400, 700, 500, 500.1, 1050, 500)}, 0, []float64{4.8e5, 2e4, 5e5}},
		"the same river twice": {parent, []orb.LineString{river, river}, 0, []float64{6.9e5, 3.1e5}},
		"small corner goes":    {parent, []orb.LineString{river, way(-50, 700, 300, 1050)}, 0.1, []float64{6.9e5, 3.1e5}},
		"small corner stays":   {parent, []orb.LineString{river, way(-50, 700, 300, 1050)}, 0.01, []float64{3e4, 6.6e5, 3.1e5}},
		"all too small":        {parent, []orb.LineString{river, road}, 1, []float64{1e6}},
		"an island goes along": {island, []orb.LineString{river}, 0, []float64{7e5, 3.1e5}},
		"a river to an island": {island, []orb.LineString{way(-50, 745, 2000, 745)}, 0, []float64{2.5e5, 6.7e3, 3.3e3, 7.5e5}},
		"along the boundary":   {parent, []orb.LineString{way(0, 0, 1000, 0, 1000, 1000)}, 0, []float64{1e6}},
		"a ring inside":        {parent, []orb.LineString{way(300, 200, 700, 200, 700, 600, 300, 600, 300, 200)}, 0, []float64{8.4e5, 1.6e5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := draw.Split(context.Background(), test.parent, test.lines, draw.Options{MinShare: test.share})
			if err != nil {
				t.Fatal(err)
			}
			require(t, test.parent, r.Cells)
			if len(r.Cells) != len(test.m2) {
				t.Fatalf("%d cells, want %d", len(r.Cells), len(test.m2))
			}
			for i, q := range r.Quality {
				if math.Abs(q.AreaM2/test.m2[i]-1) > 0.05 {
					t.Errorf("cell %d has %.0f m², want about %.0f", i, q.AreaM2, test.m2[i])
				}
			}
			if m := longestBorder(t, r.Cells); m > 50.02 {
				t.Errorf("border segment of %.2f m", m)
			}
			if len(test.m2) == 1 && !r.Cells[0].Equal(test.parent) {
				t.Error("the parent came back changed")
			}
		})
	}
}

func TestSplitCounty(t *testing.T) {
	t.Parallel()
	for i, county := range counties(t) {
		box := county.Bound()
		var lines []orb.LineString
		for k := range 6 { // six winding rivers, three each way
			var river orb.LineString
			for j := range 400 {
				f := float64(j)/399*1.2 - 0.1
				g := float64(k/2+1)/4 + 0.04*math.Sin(20*f+float64(k)) + 0.004*math.Sin(150*f)
				if k%2 == 1 {
					f, g = g, f
				}
				river = append(river, orb.Point{box.Min[0] + f*(box.Max[0]-box.Min[0]), box.Min[1] + g*(box.Max[1]-box.Min[1])})
			}
			lines = append(lines, river)
		}
		r, err := draw.Split(context.Background(), county, lines, draw.Options{MinShare: 0.01})
		if err != nil {
			t.Fatalf("county %d: %v", i, err)
		}
		require(t, county, r.Cells)
		if len(r.Cells) < 8 {
			t.Errorf("county %d: %d cells", i, len(r.Cells))
		}
		for j, q := range r.Quality {
			if q.Load < 0.01 {
				t.Errorf("county %d cell %d has a share of %.4f", i, j, q.Load)
			}
		}
	}
}

func TestSplitPartitionsAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parent := parents().Draw(t, "parent")
		var lines []orb.LineString
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			var l orb.LineString
			for range rapid.IntRange(2, 12).Draw(t, "positions") {
				l = append(l, way(rapid.Float64Range(-1800, 1800).Draw(t, "x"), rapid.Float64Range(-1800, 1800).Draw(t, "y"))...)
			}
			lines = append(lines, l)
		}
		o := draw.Options{MinShare: rapid.SampledFrom([]float64{0, 0, 0.02, 0.3}).Draw(t, "share")}
		r, err := draw.Split(context.Background(), parent, lines, o)
		if err != nil {
			t.Fatal(err)
		}
		require(t, parent, r.Cells)
	})
}

func TestSplitByLinesErrors(t *testing.T) {
	t.Parallel()
	good := square(t, 0, 0, 500)
	river := []orb.LineString{way(-100, 250, 600, 250)}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for name, test := range map[string]struct {
		ctx    context.Context
		parent orb.MultiPolygon
		lines  []orb.LineString
		o      draw.Options
		want   error
	}{
		"share over one": {context.Background(), good, river, draw.Options{MinShare: 1.1}, draw.ErrOptions},
		"not a share":    {context.Background(), good, river, draw.Options{MinShare: math.NaN()}, draw.ErrOptions},
		"no parent":      {context.Background(), nil, river, draw.Options{}, draw.ErrParent},
		"too late":       {done, good, river, draw.Options{}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := draw.Split(test.ctx, test.parent, test.lines, test.o); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	_, err := draw.Split(context.Background(), good, []orb.LineString{{{113, math.NaN()}, {113, 27}}}, draw.Options{})
	if f := new(edit.Fault); !errors.As(err, &f) || f.Kind != edit.BadLine {
		t.Errorf("a line that is none: %v", err)
	}
}
