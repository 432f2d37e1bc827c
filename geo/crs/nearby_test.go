package crs

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestNearbyIsForward(t *testing.T) {
	t.Parallel()
	for _, epsg := range []int{4546, 4547, 4526, 32649, 3826} {
		p, err := NewProjection(epsg)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, uint64(epsg)))
		near := p.Nearby()
		centre := p.meridian * 180 / math.Pi
		worst := 0.0
		for range 20_000 {
			lon, lat := centre+8*(2*r.Float64()-1), 56*r.Float64()-1
			x, y := p.Forward(lon, lat)
			nearX, nearY := near(lon, lat)
			worst = max(worst, math.Abs(x-nearX), math.Abs(y-nearY))
		}
		if worst > 2e-8 { // a double holds 4e7 m to 7e-9
			t.Errorf("EPSG:%d: %g m", epsg, worst)
		}
	}
}

func BenchmarkNearby(b *testing.B) {
	p, err := NewProjection(4547)
	if err != nil {
		b.Fatal(err)
	}
	for name, forward := range map[string]func(lon, lat float64) (x, y float64){"forward": p.Forward, "nearby": p.Nearby()} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				forward(113+float64(i%1000)*1e-4, 27+float64(i/1000%1000)*1e-4)
			}
		})
	}
}
