package geopackage

import (
	"bytes"
	"errors"

	"github.com/twpayne/go-geom"
)

// shape is a geometry as a GeoPackage keeps it.
type shape struct {
	geometry   geom.T // XY; nil if it is empty
	hadZ, hadM bool
}

// decodeBlob reads a GeoPackage geometry: the letters GP, version, flags, the
// coordinate system's number and an envelope, then well-known binary. The
// envelope isn't believed, and the number is the layer's.
func decodeBlob(raw []byte) (shape, error) {
	const fixed = 8
	if len(raw) < fixed || !bytes.HasPrefix(raw, []byte("GP")) {
		return shape{}, errors.New("not a GeoPackage geometry")
	}
	const (
		extended      = 0x20
		envelopeShift = 1
		envelopeMask  = 7
	)
	flags := raw[3]
	if flags&extended != 0 {
		return shape{}, errors.New("a geometry of an extended kind")
	}
	doubles := [8]int{0, 4, 6, 6, 8, -1, -1, -1} // of each kind of envelope
	n := doubles[flags>>envelopeShift&envelopeMask]
	if n < 0 {
		return shape{}, errors.New("an envelope of unknown kind in a geometry")
	}
	if len(raw) < fixed+8*n {
		return shape{}, errShort
	}
	d := wkb{rest: raw[fixed+8*n:]}
	g, err := d.geometry(0)
	return shape{g, d.hadZ, d.hadM}, err
}
