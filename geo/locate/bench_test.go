package locate_test

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo/geotest"
)

// BenchmarkAt builds an index of 20,000 cells of 60 vertices and asks it for
// places strewn over them.
func BenchmarkAt(b *testing.B) {
	country := geotest.NewCountry(20_000)
	cells := make([]orb.MultiPolygon, country.Len())
	bound := country.Cell(0).Bound()
	for i := range cells {
		cells[i] = country.Cell(i)
		bound = bound.Union(cells[i].Bound())
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			x := index(b, cells)
			b.ReportMetric(float64(x.Bytes())/float64(len(cells)), "bytes/cell")
		}
		b.ReportMetric(float64(len(cells)*b.N)/b.Elapsed().Seconds(), "cells/s")
	})
	b.Run("ask", func(b *testing.B) {
		x := index(b, cells)
		r := rand.New(rand.NewPCG(1, 1))
		found := 0
		for b.Loop() {
			lon := bound.Min[0] + r.Float64()*(bound.Max[0]-bound.Min[0])
			if _, ok := x.At(lon, bound.Min[1]+r.Float64()*(bound.Max[1]-bound.Min[1])); ok {
				found++
			}
		}
		if found < b.N/2 {
			b.Errorf("%d of %d found", found, b.N)
		}
	})
}
