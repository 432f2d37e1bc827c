package overlay_test

import (
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo/geotest"
	"unigrid/geo/lattice"
	"unigrid/geo/overlay"
)

// BenchmarkCut cuts 2,000 areas of 60 vertices by the same ones moved aside, so
// that each is cut by several.
func BenchmarkCut(b *testing.B) {
	country := geotest.NewCountry(2000)
	var areas []*overlay.Area
	var cells []lattice.MultiPolygon
	var near lattice.Box
	for i := range country.Len() {
		area, err := lattice.FromMultiPolygon(country.Cell(i))
		if err != nil {
			b.Fatal(err)
		}
		areas = append(areas, overlay.NewArea(area))
		if i == 0 {
			near = area.Box()
		}
		near = near.Union(area.Box())
		var moved orb.MultiPolygon
		for _, polygon := range country.Cell(i) {
			moved = append(moved, orb.Polygon{})
			for _, ring := range polygon {
				aside := orb.Ring{}
				for _, p := range ring {
					aside = append(aside, orb.Point{p[0] + 0.0123, p[1] + 0.0057})
				}
				moved[len(moved)-1] = append(moved[len(moved)-1], aside)
			}
		}
		cell, err := lattice.FromMultiPolygon(moved)
		if err != nil {
			b.Fatal(err)
		}
		cells = append(cells, cell)
	}
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			overlay.NewCells(cells, near)
		}
	})
	b.Run("cut", func(b *testing.B) {
		index := overlay.NewCells(cells, near)
		var cutter overlay.Cutter
		n, pieces := 0, 0
		for b.Loop() {
			found, _, err := cutter.Cut(index, areas[n%len(areas)])
			if err != nil {
				b.Fatal(err)
			}
			n, pieces = n+1, pieces+len(found)
		}
		b.ReportMetric(float64(pieces)/float64(n), "pieces/area")
	})
}
