package source

import (
	"fmt"
	"math"

	"github.com/twpayne/go-geom"

	"unigrid/grids"
)

// XY returns g with two dimensions, and whether it had a Z or an M to drop.
// A geometry that already has two is returned itself.
func XY(g geom.T) (flat geom.T, hadZ, hadM bool, err error) {
	if c, ok := g.(*geom.GeometryCollection); ok {
		return collectionXY(c)
	}
	layout := g.Layout()
	hadZ, hadM = layout.ZIndex() != -1, layout.MIndex() != -1
	if layout == geom.XY {
		return g, false, false, nil
	}
	stride := layout.Stride()
	if layout == geom.NoLayout || stride < 2 {
		stride = 2
	}
	coords := dropDimensions(g.FlatCoords(), stride)
	switch g := g.(type) {
	case *geom.Point:
		if len(coords) == 0 {
			return geom.NewPointEmpty(geom.XY), hadZ, hadM, nil
		}
		return geom.NewPointFlat(geom.XY, coords), hadZ, hadM, nil
	case *geom.LineString:
		return geom.NewLineStringFlat(geom.XY, coords), hadZ, hadM, nil
	case *geom.Polygon:
		return geom.NewPolygonFlat(geom.XY, coords, scale(g.Ends(), stride)), hadZ, hadM, nil
	case *geom.MultiPoint:
		return geom.NewMultiPointFlat(geom.XY, coords, geom.NewMultiPointFlatOptionWithEnds(scale(g.Ends(), stride))), hadZ, hadM, nil
	case *geom.MultiLineString:
		return geom.NewMultiLineStringFlat(geom.XY, coords, scale(g.Ends(), stride)), hadZ, hadM, nil
	case *geom.MultiPolygon:
		endss := make([][]int, len(g.Endss()))
		for i, ends := range g.Endss() {
			endss[i] = scale(ends, stride)
		}
		return geom.NewMultiPolygonFlat(geom.XY, coords, endss), hadZ, hadM, nil
	}
	return nil, hadZ, hadM, fmt.Errorf("geometry of type %T isn't supported", g)
}

func collectionXY(c *geom.GeometryCollection) (geom.T, bool, bool, error) {
	out := geom.NewGeometryCollection()
	var anyZ, anyM bool
	for _, member := range c.Geoms() {
		flat, z, m, err := XY(member)
		if err != nil {
			return nil, anyZ, anyM, err
		}
		anyZ, anyM = anyZ || z, anyM || m
		if err := out.Push(flat); err != nil {
			return nil, anyZ, anyM, err
		}
	}
	return out, anyZ, anyM, nil
}

func dropDimensions(coords []float64, stride int) []float64 {
	out := make([]float64, 0, len(coords)/stride*2)
	for i := 0; i+1 < len(coords); i += stride {
		out = append(out, coords[i], coords[i+1])
	}
	return out
}

func scale(ends []int, stride int) []int {
	out := make([]int, len(ends))
	for i, end := range ends {
		out[i] = end / stride * 2
	}
	return out
}

// Flaw describes the first thing in g for which PostGIS refuses it outright, and
// with it the whole COPY (a ring of fewer than four points or that isn't closed,
// a line of one point), or a coordinate that isn't a number. It is empty for a
// geometry that will load, valid or not. See Mend.
func Flaw(g geom.T) grids.Text {
	switch g := g.(type) {
	case nil:
		return grids.Text{}
	case *geom.LineString:
		return firstOf(flawInNumbers(g.FlatCoords()), flawInParts(g.FlatCoords(), []int{len(g.FlatCoords())}, 0, false))
	case *geom.MultiLineString:
		return firstOf(flawInNumbers(g.FlatCoords()), flawInParts(g.FlatCoords(), g.Ends(), 0, false))
	case *geom.Polygon:
		return firstOf(flawInNumbers(g.FlatCoords()), flawInParts(g.FlatCoords(), g.Ends(), 0, true))
	case *geom.MultiPolygon:
		if why := flawInNumbers(g.FlatCoords()); why != (grids.Text{}) {
			return why
		}
		start := 0
		for i, ends := range g.Endss() {
			if len(ends) == 0 {
				continue
			}
			if why := flawInParts(g.FlatCoords(), ends, start, true); why != (grids.Text{}) {
				return grids.Textf("第 %d 个面:%s", "polygon %d: %s", i+1, why)
			}
			start = ends[len(ends)-1]
		}
		return grids.Text{}
	case *geom.GeometryCollection:
		for i, member := range g.Geoms() {
			if why := Flaw(member); why != (grids.Text{}) {
				return grids.Textf("第 %d 个成员:%s", "member %d: %s", i+1, why)
			}
		}
		return grids.Text{}
	}
	return flawInNumbers(g.FlatCoords())
}

func firstOf(a, b grids.Text) grids.Text {
	if a != (grids.Text{}) {
		return a
	}
	return b
}

// isNumber tells a coordinate from NaN, infinity and the largest doubles, by which
// programs say that there is none.
func isNumber(c float64) bool { return math.Abs(c) < 1e300 }

func flawInNumbers(coords []float64) grids.Text {
	for _, c := range coords {
		if !isNumber(c) {
			return grids.Text{ZH: "坐标不是数字", EN: "a coordinate is not a number"}
		}
	}
	return grids.Text{}
}

// flawInParts checks the XY parts of coords that begin at start and stop at ends.
func flawInParts(coords []float64, ends []int, start int, rings bool) grids.Text {
	for i, end := range ends {
		points := (end - start) / 2
		switch {
		case points == 0 && len(ends) == 1:
			return grids.Text{} // an empty geometry is no flaw
		case !rings && points < 2:
			return grids.Textf("第 %d 条线只有 %d 个点", "line %d has %d point(s)", i+1, points)
		case rings && points < 4:
			return grids.Textf("第 %d 个环只有 %d 个点", "ring %d has %d point(s)", i+1, points)
		case rings && (coords[start] != coords[end-2] || coords[start+1] != coords[end-1]):
			return grids.Textf("第 %d 个环未闭合", "ring %d is not closed", i+1)
		}
		start = end
	}
	return grids.Text{}
}

// NotDegrees gives the first coordinate of g, as it stands in the file, that
// can't be a longitude and a latitude; "" if there is none.
func (o Options) NotDegrees(g geom.T) string {
	switch g := g.(type) {
	case nil:
		return ""
	case *geom.GeometryCollection:
		for _, member := range g.Geoms() {
			if why := o.NotDegrees(member); why != "" {
				return why
			}
		}
		return ""
	}
	for c := g.FlatCoords(); len(c) >= 2; c = c[2:] {
		if lon, lat := o.Ordered(c[0], c[1]); math.Abs(lon) > 180.001 || math.Abs(lat) > 90.001 {
			return fmt.Sprintf("(%v, %v)", c[0], c[1])
		}
	}
	return ""
}
