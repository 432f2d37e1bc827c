package demo

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// ground answers questions about one area.
type ground struct {
	segments []lattice.Segment
	grid     *lattice.Grid
	box      lattice.Box
	scale    lattice.Scale
	m2       float64
}

func newGround(area orb.MultiPolygon) (*ground, error) {
	m, err := lattice.FromMultiPolygon(area)
	if err != nil {
		return nil, err
	}
	if len(m) == 0 {
		return nil, fmt.Errorf("area is empty")
	}
	g := &ground{segments: m.Segments(), box: m.Box()}
	g.grid = lattice.NewGrid(g.segments)
	g.scale = lattice.ScaleAt((float64(g.box.Min.Y) + float64(g.box.Max.Y)) / 2)
	g.m2 = float64(m.Area2()) / 2 * g.scale.X * g.scale.Y
	return g, nil
}

// random is a place in the area's box.
func (g *ground) random(r *rand.Rand) orb.Point {
	return lattice.Point{
		X: g.box.Min.X + int32(r.Float64()*(float64(g.box.Max.X)-float64(g.box.Min.X))),
		Y: g.box.Min.Y + int32(r.Float64()*(float64(g.box.Max.Y)-float64(g.box.Min.Y))),
	}.Orb()
}

// holds tells whether a place is inside and farther than metres from the
// boundary.
func (g *ground) holds(at orb.Point, metres float64) bool {
	p, err := lattice.FromOrb(at)
	if err != nil || !g.box.Contains(p) {
		return false
	}
	return g.clear(p, math.Max(metres, 0.01)) && g.grid.Inside(p) == 1
}

// clear tells whether the boundary is farther than metres from p.
func (g *ground) clear(p lattice.Point, metres float64) bool {
	dx, dy := int32(math.Ceil(metres/g.scale.X)), int32(math.Ceil(metres/g.scale.Y))
	near := lattice.Box{Min: lattice.Point{X: p.X - dx, Y: p.Y - dy}, Max: lattice.Point{X: p.X + dx, Y: p.Y + dy}}
	clear := true
	g.grid.Near(near, func(i int) bool {
		s := g.segments[i]
		clear = toSegment(g.offset(p, s.A), g.offset(p, s.B)) > metres
		return clear
	})
	return clear
}

func (g *ground) offset(from, to lattice.Point) [2]float64 {
	return [2]float64{(float64(to.X) - float64(from.X)) * g.scale.X, (float64(to.Y) - float64(from.Y)) * g.scale.Y}
}

// toSegment is the distance from the origin to a segment.
func toSegment(a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = math.Min(math.Max(-(a[0]*dx+a[1]*dy)/l, 0), 1)
	}
	return math.Hypot(a[0]+t*dx, a[1]+t*dy)
}

// metres is the distance between two places, on a plane at their latitude.
func metres(a, b orb.Point) float64 {
	s := lattice.ScaleAt((a[1] + b[1]) / 2 * lattice.PerDegree)
	return math.Hypot((a[0]-b[0])*s.X, (a[1]-b[1])*s.Y) * lattice.PerDegree
}

// moved is the place so many metres east and north of another.
func moved(from orb.Point, east, north float64) orb.Point {
	s := lattice.ScaleAt(from[1] * lattice.PerDegree)
	return round(orb.Point{from[0] + east/s.X/lattice.PerDegree, from[1] + north/s.Y/lattice.PerDegree})
}

// round puts a place on the 1e-7° lattice.
func round(p orb.Point) orb.Point {
	at, err := lattice.FromOrb(p)
	if err != nil {
		return p
	}
	return at.Orb()
}

// stream is a source of randomness of its own for each seed and purpose.
func stream(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
