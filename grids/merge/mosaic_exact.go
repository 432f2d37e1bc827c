package merge

import (
	"encoding/binary"
	"math"
	"slices"

	"unigrid/geo/lattice"
)

// exact takes a MultiPolygon (WKB, little-endian, EPSG:4326) to the lattice of 1e-7
// degrees as it is; nil where that would move a vertex, or it is something else.
func exact(geom []byte) lattice.MultiPolygon {
	r := reader{points: make([]lattice.Point, 0, len(geom)/16)}
	return r.exact(geom)
}

// exact does the same in the memory of the shape before.
func (r *reader) exact(geom []byte) lattice.MultiPolygon {
	r.geom, r.points, r.failed = geom, slices.Grow(r.points[:0], len(geom)/16), false
	parts := r.head(wkbMultiPolygon)
	m := make(lattice.MultiPolygon, 0, min(parts, len(geom)))
	for range parts {
		rings := r.head(wkbPolygon)
		polygon := make(lattice.Polygon, 0, min(rings, len(geom)))
		for i := range rings {
			ring := r.ring()
			if r.failed {
				return nil
			}
			ring.Wind(i > 0)
			polygon = append(polygon, ring)
		}
		if r.failed || rings == 0 {
			return nil
		}
		m = append(m, polygon)
	}
	if r.failed || parts == 0 || !m.Box().Fits() {
		return nil
	}
	return m
}

const (
	ewkbSRID        = 0x20000000
	wkbPolygon      = 3
	wkbMultiPolygon = 6
)

// reader reads WKB on.
type reader struct {
	geom   []byte
	points []lattice.Point // of all rings
	failed bool
}

func (r *reader) number() int {
	if len(r.geom) < 4 {
		r.failed = true
		return 0
	}
	n := binary.LittleEndian.Uint32(r.geom)
	r.geom = r.geom[4:]
	return int(n)
}

// head reads the beginning of a geometry and returns the number of its parts.
func (r *reader) head(kind int) int {
	if len(r.geom) == 0 || r.geom[0] != 1 {
		r.failed = true
		return 0
	}
	r.geom = r.geom[1:]
	if r.number() != kind {
		r.failed = true
		return 0
	}
	return r.number()
}

// ring reads a closed ring, without the points that repeat the one before.
func (r *reader) ring() lattice.Ring {
	n := r.number()
	if n < 4 || len(r.geom) < 16*n {
		r.failed = true
		return nil
	}
	first := len(r.points)
	for i := range n {
		x, y := math.Float64frombits(binary.LittleEndian.Uint64(r.geom[16*i:])), math.Float64frombits(binary.LittleEndian.Uint64(r.geom[16*i+8:]))
		if !(math.Abs(x) <= 180 && math.Abs(y) <= 90) {
			r.failed = true
			return nil
		}
		p := lattice.Point{X: int32(math.Round(x * lattice.PerDegree)), Y: int32(math.Round(y * lattice.PerDegree))}
		if float64(p.X)/lattice.PerDegree != x || float64(p.Y)/lattice.PerDegree != y {
			r.failed = true
			return nil
		}
		if i == 0 || p != r.points[len(r.points)-1] {
			r.points = append(r.points, p)
		}
	}
	r.geom = r.geom[16*n:]
	last := len(r.points) - 1
	if r.points[first] != r.points[last] || last-first < 3 {
		r.failed = true
		return nil
	}
	r.points = r.points[:last]
	return lattice.Ring(r.points[first:last:last])
}
