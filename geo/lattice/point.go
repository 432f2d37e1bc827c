// Package lattice holds the integer geometry that everything in geo rests on.
//
// Positions are EPSG:4326 degrees on a fixed lattice of 1e-7° (about 1 cm),
// kept as int32 units, so that equality, orientation and area are exact.
package lattice

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// PerDegree is the number of lattice units in one degree.
const PerDegree = 1e7

// MaxExtent is the widest extent, in units, for which the predicates of this
// package stay within int64: 180 degrees.
const MaxExtent = 180 * PerDegree

// ErrRange reports a coordinate that is not a finite longitude or latitude.
var ErrRange = errors.New("coordinate is outside longitude -180..180, latitude -90..90")

// Point is a position in units of 1e-7°, X the longitude and Y the latitude.
type Point struct{ X, Y int32 }

// FromOrb rounds a position in degrees to the lattice. It fails with ErrRange
// when the position is not finite or not on the globe.
func FromOrb(p orb.Point) (Point, error) {
	if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) {
		return Point{}, fmt.Errorf("%w: %v, %v", ErrRange, p[0], p[1])
	}
	return Point{int32(math.Round(p[0] * PerDegree)), int32(math.Round(p[1] * PerDegree))}, nil
}

// Orb returns the position in degrees: the float64 nearest to units·1e-7,
// which prints with at most seven decimals.
func (p Point) Orb() orb.Point {
	return orb.Point{float64(p.X) / PerDegree, float64(p.Y) / PerDegree}
}

// Hash spreads points evenly, neighbouring ones too (the finaliser of
// MurmurHash3 over both coordinates).
func (p Point) Hash() uint64 {
	x := uint64(uint32(p.X))<<32 | uint64(uint32(p.Y))
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// Less orders points by X, then Y.
func (p Point) Less(q Point) bool {
	return p.X < q.X || p.X == q.X && p.Y < q.Y
}

// Segment is a straight piece of boundary with a direction; the area that it
// bounds lies to its left.
type Segment struct{ A, B Point }

// Reverse returns the segment the other way round.
func (s Segment) Reverse() Segment { return Segment{s.B, s.A} }

// Canonical returns the segment in the direction from its lesser end, the same
// whichever side it was seen from.
func (s Segment) Canonical() Segment {
	if s.B.Less(s.A) {
		return s.Reverse()
	}
	return s
}

// Box is the smallest rectangle around points.
type Box struct{ Min, Max Point }

// BoxOf returns the box of the points; the zero Box when there are none.
func BoxOf(points []Point) Box {
	if len(points) == 0 {
		return Box{}
	}
	b := Box{points[0], points[0]}
	for _, p := range points[1:] {
		b = b.Extend(p)
	}
	return b
}

// Extend returns the box grown to hold p.
func (b Box) Extend(p Point) Box {
	b.Min.X, b.Min.Y = min(b.Min.X, p.X), min(b.Min.Y, p.Y)
	b.Max.X, b.Max.Y = max(b.Max.X, p.X), max(b.Max.Y, p.Y)
	return b
}

// Union returns the box that holds both.
func (b Box) Union(o Box) Box { return b.Extend(o.Min).Extend(o.Max) }

// Contains tells whether p is in the box or on its edge.
func (b Box) Contains(p Point) bool {
	return p.X >= b.Min.X && p.X <= b.Max.X && p.Y >= b.Min.Y && p.Y <= b.Max.Y
}

// Touches tells whether the boxes have a point in common.
func (b Box) Touches(o Box) bool {
	return b.Min.X <= o.Max.X && o.Min.X <= b.Max.X && b.Min.Y <= o.Max.Y && o.Min.Y <= b.Max.Y
}

// Fits tells whether the box is small enough for exact predicates.
func (b Box) Fits() bool {
	return int64(b.Max.X)-int64(b.Min.X) <= MaxExtent && int64(b.Max.Y)-int64(b.Min.Y) <= MaxExtent
}
