package geojson

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/twpayne/go-geom"
	"unigrid/importers/source"
)

// decoded is a geometry read into two dimensions; nil if null or empty.
type decoded struct {
	geometry   geom.T
	hadZ, hadM bool
	z, m       *float64 // of a point
}

const deepestCollection = 8

func decodeGeometry(raw json.RawMessage, depth int) (decoded, error) {
	if isNull(raw) {
		return decoded{}, nil
	}
	var kind string
	var coordinates, geometries json.RawMessage
	err := members(raw, func(key string, value json.RawMessage) error {
		switch key {
		case "type":
			return json.Unmarshal(value, &kind)
		case "coordinates":
			coordinates = value
		case "geometries":
			geometries = value
		}
		return nil
	})
	if err != nil {
		return decoded{}, fmt.Errorf("geometry: %w", err)
	}
	if kind == "GeometryCollection" {
		return decodeCollection(geometries, depth)
	}
	s := scanner{raw: coordinates}
	g, err := s.geometry(kind)
	if err != nil {
		return decoded{}, fmt.Errorf("%s: %w", kind, err)
	}
	d := decoded{geometry: g, hadZ: s.hadZ, hadM: s.hadM}
	if kind == "Point" && g != nil && s.hadZ {
		d.z = &s.z
		if s.hadM {
			d.m = &s.m
		}
	}
	return d, nil
}

func decodeCollection(raw json.RawMessage, depth int) (decoded, error) {
	if depth >= deepestCollection {
		return decoded{}, source.Fault("几何集合嵌套太深", "collections are nested too deeply")
	}
	var list []json.RawMessage
	if !isNull(raw) {
		if err := json.Unmarshal(raw, &list); err != nil {
			return decoded{}, source.Fault("geometries 不是数组", "the geometries are not an array")
		}
	}
	var all decoded
	collection := geom.NewGeometryCollection()
	for _, each := range list {
		d, err := decodeGeometry(each, depth+1)
		if err != nil {
			return decoded{}, err
		}
		all.hadZ, all.hadM = all.hadZ || d.hadZ, all.hadM || d.hadM
		if d.geometry == nil {
			continue
		}
		if err := collection.Push(d.geometry); err != nil {
			return decoded{}, err
		}
	}
	if len(collection.Geoms()) > 0 {
		all.geometry = collection
	}
	return all, nil
}

// scanner reads nested arrays of numbers straight into flat coordinates. The
// text is known to be JSON, so only its shape has to be checked.
type scanner struct {
	raw        []byte
	at         int
	coords     []float64
	hadZ, hadM bool
	z, m       float64 // of the last position, if it had any
}

func (s *scanner) geometry(kind string) (geom.T, error) {
	if isNull(s.raw) {
		return nil, nil
	}
	switch kind {
	case "Point":
		if err := s.position(true); err != nil || len(s.coords) == 0 {
			return nil, err
		}
		return geom.NewPointFlat(geom.XY, s.coords), nil
	case "MultiPoint":
		if err := s.positions(); err != nil || len(s.coords) == 0 {
			return nil, err
		}
		return geom.NewMultiPointFlat(geom.XY, s.coords), nil
	case "LineString":
		if err := s.positions(); err != nil || len(s.coords) == 0 {
			return nil, err
		}
		return geom.NewLineStringFlat(geom.XY, s.coords), nil
	case "MultiLineString":
		ends, err := s.parts()
		if err != nil || len(s.coords) == 0 {
			return nil, err
		}
		return geom.NewMultiLineStringFlat(geom.XY, s.coords, ends), nil
	case "Polygon":
		ends, err := s.parts()
		if err != nil || len(s.coords) == 0 {
			return nil, err
		}
		return geom.NewPolygonFlat(geom.XY, s.coords, ends), nil
	case "MultiPolygon":
		var endss [][]int
		err := s.list(func() error {
			ends, err := s.parts()
			if len(ends) > 0 {
				endss = append(endss, ends)
			}
			return err
		})
		if err != nil || len(s.coords) == 0 {
			return nil, err
		}
		return geom.NewMultiPolygonFlat(geom.XY, s.coords, endss), nil
	}
	return nil, source.Fault("没有这种几何类型", "no such type of geometry")
}

// parts reads an array of arrays of positions, leaving out empty ones.
func (s *scanner) parts() ([]int, error) {
	var ends []int
	err := s.list(func() error {
		before := len(s.coords)
		if err := s.positions(); err != nil {
			return err
		}
		if len(s.coords) > before {
			ends = append(ends, len(s.coords))
		}
		return nil
	})
	return ends, err
}

func (s *scanner) positions() error {
	return s.list(func() error { return s.position(false) })
}

// position reads one array of numbers and keeps the first two.
func (s *scanner) position(mayBeEmpty bool) error {
	n := 0
	err := s.list(func() error {
		v, err := s.number()
		if err != nil {
			return err
		}
		switch n {
		case 0, 1:
			s.coords = append(s.coords, v)
		case 2:
			s.hadZ, s.z = true, v
		default:
			s.hadM, s.m = true, v
		}
		n++
		return nil
	})
	if err == nil && n < 2 && !(n == 0 && mayBeEmpty) {
		return source.Fault("坐标只有 %d 个数", "a position of %d number(s)", n)
	}
	return err
}

func (s *scanner) peek() byte {
	for s.at < len(s.raw) {
		switch s.raw[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return s.raw[s.at]
		}
	}
	return 0
}

func (s *scanner) list(item func() error) error {
	if s.peek() != '[' {
		return source.Fault("%q 处缺少数组", "an array is missing at %q", s.here())
	}
	s.at++
	if s.peek() == ']' {
		s.at++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.at++
		case ']':
			s.at++
			return nil
		default:
			return source.Fault("%q 处数组没有结束", "an array does not end at %q", s.here())
		}
	}
}

func (s *scanner) number() (float64, error) {
	s.peek()
	start := s.at
	for s.at < len(s.raw) {
		switch c := s.raw[s.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			s.at++
			continue
		}
		break
	}
	v, err := strconv.ParseFloat(string(s.raw[start:s.at]), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		s.at = start
		return 0, source.Fault("%q 处的坐标不是数字", "a coordinate is not a number at %q", s.here())
	}
	return v, nil
}

// here is the text at the scanner's place, for messages.
func (s *scanner) here() string {
	const most = 20
	return string(s.raw[s.at:min(s.at+most, len(s.raw))])
}
