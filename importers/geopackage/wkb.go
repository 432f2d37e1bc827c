package geopackage

import (
	"encoding/binary"
	"math"

	"github.com/twpayne/go-geom"
	"unigrid/importers/source"
)

// The kinds of geometry that well-known binary numbers.
const (
	wkbPoint = iota + 1
	wkbLineString
	wkbPolygon
	wkbMultiPoint
	wkbMultiLineString
	wkbMultiPolygon
	wkbCollection
)

const deepest = 8 // collections within collections

// wkb decodes well-known binary into two dimensions. Counts are held against
// the bytes that are there before anything is made of them: the decoder of
// go-geom makes room for whatever a count says. Heights and measures, as ISO
// numbers them (1001) and as PostGIS marks them, are passed over but those of
// points.
type wkb struct {
	rest       []byte
	hadZ, hadM bool
	z, m       *float64 // of a point that was read
}

var errShort = source.Fault("几何图形不完整", "the geometry ends too early")

// wkbHeader is what stands before the content of every geometry.
type wkbHeader struct {
	order  binary.ByteOrder
	kind   uint32
	stride int
	z, m   bool
}

func (d *wkb) header() (wkbHeader, error) {
	var h wkbHeader
	if len(d.rest) < 5 {
		return h, errShort
	}
	switch d.rest[0] {
	case 0:
		h.order = binary.BigEndian
	case 1:
		h.order = binary.LittleEndian
	default:
		return h, source.Fault("几何图形以字节 %d 开头,应为 0 或 1", "a geometry begins with the byte %d, neither 0 nor 1", d.rest[0])
	}
	code := h.order.Uint32(d.rest[1:])
	d.rest = d.rest[5:]
	z, m := code&0x80000000 != 0, code&0x40000000 != 0
	if code&0x20000000 != 0 { // a number of a coordinate system follows
		if len(d.rest) < 4 {
			return h, errShort
		}
		d.rest = d.rest[4:]
	}
	code &= 0x1FFFFFFF
	switch code / 1000 {
	case 0:
	case 1:
		z = true
	case 2:
		m = true
	case 3:
		z, m = true, true
	default:
		return h, source.Fault("不认识第 %d 类几何图形", "geometries of kind %d are not known", code)
	}
	h.kind, h.stride, h.z, h.m = code%1000, 2, z, m
	if z {
		h.stride++
	}
	if m {
		h.stride++
	}
	d.hadZ, d.hadM = d.hadZ || z, d.hadM || m
	return h, nil
}

// count reads how many things of at least size bytes follow.
func (d *wkb) count(order binary.ByteOrder, size int) (int, error) {
	if len(d.rest) < 4 {
		return 0, errShort
	}
	n := int64(order.Uint32(d.rest))
	d.rest = d.rest[4:]
	if n*int64(size) > int64(len(d.rest)) {
		return 0, errShort
	}
	return int(n), nil
}

// positions appends n positions to coords.
func (d *wkb) positions(coords []float64, h wkbHeader, n int) ([]float64, error) {
	size := h.stride * 8
	if n*size > len(d.rest) {
		return coords, errShort
	}
	for range n {
		coords = append(coords,
			math.Float64frombits(h.order.Uint64(d.rest)), math.Float64frombits(h.order.Uint64(d.rest[8:])))
		d.rest = d.rest[size:]
	}
	return coords, nil
}

// heights keeps Z and M of the position that is next.
func (d *wkb) heights(h wkbHeader) {
	at := 16
	next := func(there bool) *float64 {
		if !there || len(d.rest) < at+8 {
			return nil
		}
		v := math.Float64frombits(h.order.Uint64(d.rest[at:]))
		at += 8
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	d.z = next(h.z)
	d.m = next(h.m)
}

// line appends the positions of a line or ring.
func (d *wkb) line(coords []float64, h wkbHeader) ([]float64, error) {
	n, err := d.count(h.order, h.stride*8)
	if err != nil {
		return coords, err
	}
	if coords == nil {
		coords = make([]float64, 0, 2*n)
	}
	return d.positions(coords, h, n)
}

// rings appends the rings of a polygon; empty ones are left out.
func (d *wkb) rings(coords []float64, h wkbHeader) ([]float64, []int, error) {
	n, err := d.count(h.order, 4)
	if err != nil {
		return coords, nil, err
	}
	ends := make([]int, 0, min(n, 16))
	for range n {
		before := len(coords)
		if coords, err = d.line(coords, h); err != nil {
			return coords, nil, err
		}
		if len(coords) > before {
			ends = append(ends, len(coords))
		}
	}
	return coords, ends, nil
}

// geometry reads the next geometry; nil if it is empty.
func (d *wkb) geometry(depth int) (geom.T, error) {
	h, err := d.header()
	if err != nil {
		return nil, err
	}
	switch h.kind {
	case wkbPoint:
		d.heights(h)
		coords, err := d.positions(make([]float64, 0, 2), h, 1)
		if err != nil || math.IsNaN(coords[0]) && math.IsNaN(coords[1]) {
			return nil, err // not a number twice is how an empty point is written
		}
		return geom.NewPointFlat(geom.XY, coords), nil
	case wkbLineString:
		coords, err := d.line(nil, h)
		if err != nil || len(coords) == 0 {
			return nil, err
		}
		return geom.NewLineStringFlat(geom.XY, coords), nil
	case wkbPolygon:
		coords, ends, err := d.rings(nil, h)
		if err != nil || len(ends) == 0 {
			return nil, err
		}
		return geom.NewPolygonFlat(geom.XY, coords, ends), nil
	case wkbMultiPoint, wkbMultiLineString, wkbMultiPolygon:
		return d.multi(h)
	case wkbCollection:
		return d.collection(h, depth)
	case 8, 9, 10, 11, 12, 13, 14:
		return nil, source.Fault("曲线图形,请将图层转为直线段再导出(QGIS:线段化 Segmentize)", "a curved geometry; save the layer with straight segments (QGIS: \"Segmentize\")")
	}
	return nil, source.Fault("第 %d 类几何图形无法读取", "geometries of kind %d are not read", h.kind)
}

// multi reads the members of a multi-part geometry, which must be of the kind
// that belongs into it.
func (d *wkb) multi(h wkbHeader) (geom.T, error) {
	n, err := d.count(h.order, 5)
	if err != nil {
		return nil, err
	}
	var coords []float64
	var ends []int
	var endss [][]int
	for range n {
		member, err := d.header()
		if err != nil {
			return nil, err
		}
		if member.kind != h.kind-wkbMultiPoint+wkbPoint {
			return nil, source.Fault("第 %[2]d 类几何图形中有第 %[1]d 类的部分", "a part of kind %d in a geometry of kind %d", member.kind, h.kind)
		}
		before := len(coords)
		switch member.kind {
		case wkbPoint:
			coords, err = d.positions(coords, member, 1)
		case wkbLineString:
			coords, err = d.line(coords, member)
		case wkbPolygon:
			var part []int
			coords, part, err = d.rings(coords, member)
			if len(part) > 0 {
				endss = append(endss, part)
			}
		}
		if err != nil {
			return nil, err
		}
		if len(coords) > before {
			ends = append(ends, len(coords))
		}
	}
	switch {
	case len(coords) == 0:
		return nil, nil
	case h.kind == wkbMultiPoint:
		return geom.NewMultiPointFlat(geom.XY, coords), nil
	case h.kind == wkbMultiLineString:
		return geom.NewMultiLineStringFlat(geom.XY, coords, ends), nil
	}
	return geom.NewMultiPolygonFlat(geom.XY, coords, endss), nil
}

func (d *wkb) collection(h wkbHeader, depth int) (geom.T, error) {
	if depth >= deepest {
		return nil, source.Fault("几何集合嵌套超过 %d 层", "collections more than %d deep", deepest)
	}
	n, err := d.count(h.order, 5)
	if err != nil {
		return nil, err
	}
	c := geom.NewGeometryCollection()
	for range n {
		member, err := d.geometry(depth + 1)
		if err != nil {
			return nil, err
		}
		if member == nil {
			continue
		}
		if err := c.Push(member); err != nil {
			return nil, err
		}
	}
	if c.NumGeoms() == 0 {
		return nil, nil
	}
	return c, nil
}
