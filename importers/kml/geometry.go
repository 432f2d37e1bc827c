package kml

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"

	"github.com/twpayne/go-geom"
	"unigrid/grids"
	"unigrid/importers/source"
)

const deepestGeometry = 16

// part is a point, line or polygon; a MultiGeometry has several.
type part struct {
	kind   byte // 'p'oint, 'l'ine, 'a'rea
	coords []float64
	ends   []int // of an area's rings
}

// geometry reads an element of a placemark that may be its geometry, to its end.
func (w *walker) geometry(p *placemark, t xml.StartElement, depth int) error {
	if depth > deepestGeometry {
		return source.Fault("几何图形嵌套太深", "geometries too deep in each other")
	}
	switch t.Name.Local {
	case "Point", "LineString", "LinearRing":
		one := part{kind: 'l'}
		if t.Name.Local == "Point" {
			one.kind = 'p'
		}
		err := w.coordinates(p, &one)
		if one.kind == 'p' && len(one.coords) > 2 {
			p.bad, p.badText = grids.Text{ZH: "一个点有几个位置", EN: "a point with several positions"}, ""
		}
		p.add(one)
		return err
	case "Polygon":
		return w.polygon(p)
	case "MultiGeometry", "MultiTrack":
		return w.children(func(t xml.StartElement) error { return w.geometry(p, t, depth+1) })
	case "Track":
		return w.track(p)
	case "Model":
		p.bad = grids.Text{ZH: "三维模型无法读取", EN: "a three-dimensional model is not read"}
	}
	return w.decoder.Skip()
}

func (p *placemark) add(one part) {
	if len(one.coords) > 0 {
		p.parts = append(p.parts, one)
	}
}

// coordinates appends the positions of every <coordinates> within the element
// just begun to a part.
func (w *walker) coordinates(p *placemark, one *part) error {
	return w.children(func(t xml.StartElement) error {
		if t.Name.Local != "coordinates" {
			return w.decoder.Skip()
		}
		text, err := w.text()
		if err != nil {
			return err
		}
		if bad := p.positions(one, text); bad != "" && p.bad == (grids.Text{}) {
			p.bad, p.badText = grids.Text{ZH: "不是坐标", EN: "not a position"}, bad
		}
		return nil
	})
}

// polygon reads the outer ring first, wherever it stands.
func (w *walker) polygon(p *placemark) error {
	var outer, inner part
	err := w.children(func(t xml.StartElement) error {
		into := &outer
		switch t.Name.Local {
		case "outerBoundaryIs":
		case "innerBoundaryIs":
			into = &inner
		default:
			return w.decoder.Skip()
		}
		return w.children(func(t xml.StartElement) error {
			if t.Name.Local != "LinearRing" {
				return w.decoder.Skip()
			}
			before := len(into.coords)
			err := w.coordinates(p, into)
			if len(into.coords) > before {
				into.ends = append(into.ends, len(into.coords))
			}
			return err
		})
	})
	if len(outer.ends) > 1 {
		p.bad = grids.Text{ZH: "一个面有几个外环", EN: "a polygon with several outer rings"}
	}
	if len(outer.ends) == 0 && len(inner.ends) > 0 {
		p.bad = grids.Text{ZH: "面只有洞、没有外环", EN: "a polygon with holes only"}
	}
	area := part{'a', outer.coords, outer.ends}
	for _, end := range inner.ends {
		area.ends = append(area.ends, len(outer.coords)+end)
	}
	area.coords = append(area.coords, inner.coords...)
	p.add(area)
	return err
}

// track reads the positions of a gx:Track, which stand apart and with blanks.
func (w *walker) track(p *placemark) error {
	line := part{kind: 'l'}
	err := w.children(func(t xml.StartElement) error {
		if t.Name.Local != "coord" {
			return w.decoder.Skip()
		}
		text, err := w.text()
		if bad := p.positions(&line, strings.Join(strings.Fields(text), ",")); bad != "" && p.bad == (grids.Text{}) {
			p.bad, p.badText = grids.Text{ZH: "不是坐标", EN: "not a position"}, bad
		}
		return err
	})
	p.add(line)
	return err
}

// positions appends "lon,lat[,height]" apart by blanks, and returns the first
// that is none.
func (p *placemark) positions(one *part, text string) (bad string) {
	if strings.Contains(text, ", ") || strings.Contains(text, " ,") {
		text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), " ,", ",")
		text = strings.ReplaceAll(text, ", ", ",")
	}
	if one.coords == nil {
		one.coords = make([]float64, 0, 2*(strings.Count(text, ",")/2+1))
	}
	for position := range strings.FieldsSeq(text) {
		x, rest, two := strings.Cut(strings.Trim(position, ","), ",")
		y, z, three := strings.Cut(rest, ",")
		lon, errX := strconv.ParseFloat(x, 64)
		lat, errY := strconv.ParseFloat(y, 64)
		if !two || errX != nil || errY != nil || math.IsInf(lon, 0) || math.IsInf(lat, 0) || math.IsNaN(lon) || math.IsNaN(lat) {
			return position
		}
		if height, err := strconv.ParseFloat(z, 64); three && err == nil && !math.IsNaN(height) && !math.IsInf(height, 0) {
			p.heights, p.height = p.heights || height != 0, &height
		}
		one.coords = append(one.coords, lon, lat)
	}
	return ""
}

// assemble makes one geometry of the parts; nil of none.
func assemble(parts []part) geom.T {
	switch {
	case len(parts) == 0:
		return nil
	case len(parts) == 1:
		return parts[0].geometry()
	}
	var coords []float64
	var ends []int
	var endss [][]int
	for _, one := range parts {
		if one.kind != parts[0].kind {
			return collection(parts)
		}
		shifted := make([]int, len(one.ends))
		for i, end := range one.ends {
			shifted[i] = len(coords) + end
		}
		endss = append(endss, shifted)
		coords = append(coords, one.coords...)
		ends = append(ends, len(coords))
	}
	switch parts[0].kind {
	case 'p':
		return geom.NewMultiPointFlat(geom.XY, coords)
	case 'l':
		return geom.NewMultiLineStringFlat(geom.XY, coords, ends)
	}
	return geom.NewMultiPolygonFlat(geom.XY, coords, endss)
}

func (one part) geometry() geom.T {
	switch one.kind {
	case 'p':
		return geom.NewPointFlat(geom.XY, one.coords[:2])
	case 'l':
		return geom.NewLineStringFlat(geom.XY, one.coords)
	}
	return geom.NewPolygonFlat(geom.XY, one.coords, one.ends)
}

func collection(parts []part) geom.T {
	c := geom.NewGeometryCollection()
	for _, one := range parts {
		if err := c.Push(one.geometry()); err != nil {
			return nil
		}
	}
	return c
}
