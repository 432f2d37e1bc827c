package shapefile

import (
	"encoding/binary"
	"math"

	"github.com/twpayne/go-geom"
	"unigrid/importers/source"
)

// The kinds of shapes, without their Z (+10) and M (+20) variants.
const (
	nullShape  = 0
	point      = 1
	polyline   = 3
	polygon    = 5
	multipoint = 8
	multipatch = 31
)

// shape is a decoded record.
type shape struct {
	geometry     geom.T // nil for a null or empty shape
	hadZ, hadM   bool
	z, m         *float64 // of a point
	guessedRings bool     // too many rings to compare; see group
}

// decode reads the content of a record. It takes only X and Y, so that it
// doesn't matter whether a Z shape has the M values that are optional there.
func decode(content []byte) (shape, error) {
	if len(content) < 4 {
		return shape{}, source.Fault("图形没有类型", "the shape has no type")
	}
	kind := binary.LittleEndian.Uint32(content)
	var s shape
	switch {
	case kind == nullShape:
		return s, nil
	case kind == multipatch:
		return s, source.Fault("三维曲面(multipatch)无法读取,请将图层另存为面", "a multipatch (3D surface) can't be read; save the layer as polygons")
	case kind > 20 && kind < 30:
		s.hadM = true
		kind -= 20
	case kind > 10 && kind < 20:
		s.hadZ = true
		kind -= 10
	}
	var err error
	switch kind {
	case point:
		s.geometry, err = decodePoint(content[4:])
		s.heights(content[4:])
	case multipoint:
		s.geometry, err = decodeMultiPoint(content[4:])
	case polyline:
		s.geometry, err = decodeLines(content[4:])
	case polygon:
		err = s.decodePolygon(content[4:])
	default:
		return shape{}, source.Fault("不认识图形类型 %d", "shape type %d is not known", binary.LittleEndian.Uint32(content))
	}
	return s, err
}

// heights keeps Z and M of a point; a measure below -1e38 stands for none.
func (s *shape) heights(raw []byte) {
	at := 16
	keep := func(had bool) *float64 {
		if !had || s.geometry == nil || len(raw) < at+8 {
			return nil
		}
		v := float(raw[at:])
		at += 8
		if !finite(v) || v < -1e38 {
			return nil
		}
		return &v
	}
	s.z = keep(s.hadZ)
	s.m = keep(s.hadM || s.hadZ)
}

func float(raw []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(raw)) }

func decodePoint(raw []byte) (geom.T, error) {
	if len(raw) < 16 {
		return nil, source.Fault("点数据不完整", "the point is cut short")
	}
	x, y := float(raw), float(raw[8:])
	if math.IsNaN(x) && math.IsNaN(y) {
		return nil, nil // how an empty point is written
	}
	if !finite(x) || !finite(y) {
		return nil, errNotFinite
	}
	return geom.NewPointFlat(geom.XY, []float64{x, y}), nil
}

var errNotFinite = source.Fault("坐标不是数字", "a coordinate is not a number")

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

const boundingBox = 32

func decodeMultiPoint(raw []byte) (geom.T, error) {
	if len(raw) < boundingBox+4 {
		return nil, source.Fault("多点数据不完整", "the multipoint is cut short")
	}
	coords, err := decodeCoords(raw[boundingBox+4:], binary.LittleEndian.Uint32(raw[boundingBox:]))
	if err != nil || len(coords) == 0 {
		return nil, err
	}
	return geom.NewMultiPointFlat(geom.XY, coords), nil
}

// decodeCoords reads n points; it allocates only if raw really holds them.
func decodeCoords(raw []byte, n uint32) ([]float64, error) {
	if uint64(n)*16 > uint64(len(raw)) {
		return nil, source.Fault("图形声明有 %d 个点,只容得下 %d 个", "the shape announces %d points and has room for %d", n, len(raw)/16)
	}
	coords := make([]float64, 2*n)
	for i := range coords {
		coords[i] = float(raw[8*i:])
		if !finite(coords[i]) {
			return nil, errNotFinite
		}
	}
	return coords, nil
}

// decodeParts reads the parts of a polyline or polygon: all coordinates, and
// for each part that isn't empty where it ends in them.
func decodeParts(raw []byte) (coords []float64, ends []int, err error) {
	if len(raw) < boundingBox+8 {
		return nil, nil, source.Fault("图形数据不完整", "the shape is cut short")
	}
	parts := binary.LittleEndian.Uint32(raw[boundingBox:])
	points := binary.LittleEndian.Uint32(raw[boundingBox+4:])
	raw = raw[boundingBox+8:]
	if uint64(parts)*4 > uint64(len(raw)) {
		return nil, nil, source.Fault("图形声明有 %d 个部分,只容得下 %d 个", "the shape announces %d parts and has room for %d", parts, len(raw)/4)
	}
	coords, err = decodeCoords(raw[4*parts:], points)
	if err != nil || len(coords) == 0 {
		return nil, nil, err
	}
	previous := uint32(0)
	for i := range parts {
		start := binary.LittleEndian.Uint32(raw[4*i:])
		if i == 0 && start != 0 || start < previous || start > points {
			return nil, nil, source.Fault("第 %d 部分从第 %d 个点开始,次序错乱", "part %d begins at point %d, which is out of order", i+1, start)
		}
		if start > previous {
			ends = append(ends, int(start)*2)
		}
		previous = start
	}
	if previous < points {
		ends = append(ends, len(coords))
	}
	return coords, ends, nil
}

func decodeLines(raw []byte) (geom.T, error) {
	coords, ends, err := decodeParts(raw)
	switch {
	case err != nil || len(ends) == 0:
		return nil, err
	case len(ends) == 1:
		return geom.NewLineStringFlat(geom.XY, coords[:ends[0]]), nil
	}
	return geom.NewMultiLineStringFlat(geom.XY, coords, ends), nil
}

func (s *shape) decodePolygon(raw []byte) error {
	coords, ends, err := decodeParts(raw)
	if err != nil || len(ends) == 0 {
		return err
	}
	if len(ends) == 1 {
		s.geometry = geom.NewPolygonFlat(geom.XY, coords, ends)
		return nil
	}
	polygons, compared := group(coords, ends)
	s.guessedRings = !compared
	s.geometry = assemble(coords, ends, polygons)
	return nil
}

// assemble puts the rings in the order of the polygons that they belong to.
func assemble(coords []float64, ends []int, polygons [][]int) geom.T {
	ordered := make([]float64, 0, len(coords))
	endss := make([][]int, len(polygons))
	for i, rings := range polygons {
		for _, r := range rings {
			ordered = append(ordered, ringAt(coords, ends, r)...)
			endss[i] = append(endss[i], len(ordered))
		}
	}
	if len(polygons) == 1 {
		return geom.NewPolygonFlat(geom.XY, ordered, endss[0])
	}
	return geom.NewMultiPolygonFlat(geom.XY, ordered, endss)
}

func ringAt(coords []float64, ends []int, i int) []float64 {
	start := 0
	if i > 0 {
		start = ends[i-1]
	}
	return coords[start:ends[i]]
}
