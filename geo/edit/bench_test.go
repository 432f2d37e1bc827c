package edit_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/edit"
)

// town is 50 cells of about 500 vertices each: wavy squares of a kilometre,
// ten columns of five.
func town(t testing.TB) []orb.MultiPolygon {
	t.Helper()
	const steps = 125
	wave := func(x, y float64) orb.Point {
		return at(x+60*math.Sin(y/150)+4*math.Sin(y/9), y+60*math.Sin(x/170)+4*math.Sin(x/9))
	}
	var out []orb.MultiPolygon
	for c := range 50 {
		x0, y0 := 1000*float64(c%10), 1000*float64(c/10)
		var r orb.Ring
		for side, d := range [4][4]float64{{0, 0, 1, 0}, {1, 0, 0, 1}, {1, 1, -1, 0}, {0, 1, 0, -1}} {
			_ = side
			for i := range steps {
				f := 1000 * float64(i) / steps
				r = append(r, wave(x0+1000*d[0]+f*d[2], y0+1000*d[1]+f*d[3]))
			}
		}
		out = append(out, orb.MultiPolygon{{append(r, r[0])}})
	}
	for i, m := range out {
		var err error
		if out[i], err = geo.Round(m); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func BenchmarkEdits(b *testing.B) {
	cells := town(b)
	for _, bench := range []struct {
		name string
		edit func() error
	}{
		{"Split", func() error {
			_, err := edit.Split(cells[24], []orb.LineString{line(3900, 2500, 4300, 2600, 4600, 2400, 5200, 2500)}, edit.Options{})
			return err
		}},
		{"Merge", func() error {
			_, err := edit.Merge(cells[24:26], edit.Options{})
			return err
		}},
		{"MergeAll", func() error {
			_, err := edit.Merge(cells, edit.Options{})
			return err
		}},
		{"MoveBoundary", func() error {
			_, err := edit.MoveBoundary(cells, 24, 25, line(5000, 2300, 5200, 2400, 5250, 2600, 5000, 2750), edit.Options{})
			return err
		}},
		{"CutOut", func() error {
			_, _, err := edit.CutOut(cells, polygon(4500, 2500, 5500, 2500, 5600, 3400, 4600, 3500), edit.Options{})
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if err := bench.edit(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
