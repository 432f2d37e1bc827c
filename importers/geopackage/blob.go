package geopackage

import (
	"bytes"

	"github.com/twpayne/go-geom"
	"unigrid/importers/source"
)

// shape is a geometry as a GeoPackage keeps it.
type shape struct {
	geometry   geom.T // XY; nil if it is empty
	hadZ, hadM bool
	z, m       *float64 // of a point
}

// decodeBlob reads a GeoPackage geometry: the letters GP, version, flags, the
// coordinate system's number and an envelope, then well-known binary. The
// envelope isn't believed, and the number is the layer's.
func decodeBlob(raw []byte) (shape, error) {
	const fixed = 8
	if len(raw) < fixed || !bytes.HasPrefix(raw, []byte("GP")) {
		return shape{}, source.Fault("不是 GeoPackage 的几何图形", "not a GeoPackage geometry")
	}
	const (
		extended      = 0x20
		envelopeShift = 1
		envelopeMask  = 7
	)
	flags := raw[3]
	if flags&extended != 0 {
		return shape{}, source.Fault("扩展类型的几何图形,无法读取", "a geometry of an extended kind")
	}
	doubles := [8]int{0, 4, 6, 6, 8, -1, -1, -1} // of each kind of envelope
	n := doubles[flags>>envelopeShift&envelopeMask]
	if n < 0 {
		return shape{}, source.Fault("几何图形的外包框类型未知", "an envelope of unknown kind in a geometry")
	}
	if len(raw) < fixed+8*n {
		return shape{}, errShort
	}
	d := wkb{rest: raw[fixed+8*n:]}
	g, err := d.geometry(0)
	s := shape{geometry: g, hadZ: d.hadZ, hadM: d.hadM}
	if _, point := g.(*geom.Point); point {
		s.z, s.m = d.z, d.m
	}
	return s, err
}
