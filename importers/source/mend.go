package source

import (
	"github.com/twpayne/go-geom"

	"unigrid/grids"
)

// Mend makes a geometry that has a Flaw fit to be loaded, doing no more than
// that: rings that aren't closed are closed by their first point; rings of
// fewer than four points then, lines of fewer than two, and parts with a
// coordinate that isn't a number are left out, and holes with their outer
// ring. The result is nil if nothing remains, and g itself if it has no flaw.
// Whether it is valid is another question.
func Mend(g geom.T) geom.T {
	if Flaw(g) == (grids.Text{}) {
		return g
	}
	switch g := g.(type) {
	case *geom.LineString:
		return lines(g.FlatCoords(), []int{len(g.FlatCoords())})
	case *geom.MultiLineString:
		return lines(g.FlatCoords(), g.Ends())
	case *geom.Polygon:
		return polygons(g.FlatCoords(), [][]int{g.Ends()})
	case *geom.MultiPolygon:
		return polygons(g.FlatCoords(), g.Endss())
	case *geom.MultiPoint:
		var coords []float64
		for c := g.FlatCoords(); len(c) >= 2; c = c[2:] {
			if finite(c[:2]) {
				coords = append(coords, c[:2]...)
			}
		}
		if len(coords) == 0 {
			return nil
		}
		return geom.NewMultiPointFlat(geom.XY, coords)
	case *geom.GeometryCollection:
		out := geom.NewGeometryCollection()
		for _, member := range g.Geoms() {
			if mended := Mend(member); mended != nil {
				if err := out.Push(mended); err != nil {
					return nil
				}
			}
		}
		if out.NumGeoms() == 0 {
			return nil
		}
		return out
	}
	return nil
}

func lines(coords []float64, ends []int) geom.T {
	var kept []float64
	var keptEnds []int
	start := 0
	for _, end := range ends {
		if part := coords[start:end]; len(part) >= 4 && finite(part) {
			kept = append(kept, part...)
			keptEnds = append(keptEnds, len(kept))
		}
		start = end
	}
	switch len(keptEnds) {
	case 0:
		return nil
	case 1:
		return geom.NewLineStringFlat(geom.XY, kept)
	}
	return geom.NewMultiLineStringFlat(geom.XY, kept, keptEnds)
}

func polygons(coords []float64, endss [][]int) geom.T {
	var kept []float64
	var keptEndss [][]int
	start := 0
	for _, ends := range endss {
		var keptEnds []int
		for i, end := range ends {
			ring := coords[start:end]
			start = end
			closed := len(ring) >= 2 && ring[0] == ring[len(ring)-2] && ring[1] == ring[len(ring)-1]
			points := len(ring) / 2
			if !closed {
				points++
			}
			if points < 4 || !finite(ring) || i > 0 && len(keptEnds) == 0 {
				continue
			}
			kept = append(kept, ring...)
			if !closed {
				kept = append(kept, ring[0], ring[1])
			}
			keptEnds = append(keptEnds, len(kept))
		}
		if len(keptEnds) > 0 {
			keptEndss = append(keptEndss, keptEnds)
		}
	}
	switch len(keptEndss) {
	case 0:
		return nil
	case 1:
		return geom.NewPolygonFlat(geom.XY, kept, keptEndss[0])
	}
	return geom.NewMultiPolygonFlat(geom.XY, kept, keptEndss)
}

func finite(coords []float64) bool {
	for _, c := range coords {
		if !isNumber(c) {
			return false
		}
	}
	return true
}
