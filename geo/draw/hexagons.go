package draw

import (
	"fmt"
	"math"

	"github.com/uber/h3-go/v4"

	"unigrid/geo/lattice"
)

const (
	// cellsPerPart is how many H3 cells each part should have at least.
	cellsPerPart = 60
	// maxHexagons bounds the H3 cells over a parent's box.
	maxHexagons = 400_000
	// clearance is how far from the boundary mesh points stay, in H3 edges, or
	// half a boundary segment where that is more, up to maxClearance.
	clearance    = 0.35
	maxClearance = 2.5
)

// resolution returns the coarsest H3 resolution with cellsPerPart cells in each
// of so many parts.
func resolution(m2 float64, parts int) (int, error) {
	for r := 0; r <= 15; r++ {
		hexagon, err := h3.HexagonAreaAvgM2(r)
		if err != nil {
			return 0, err
		}
		if m2/float64(parts)/hexagon >= cellsPerPart {
			return r, nil
		}
	}
	return 0, fmt.Errorf("%w: %.0f m² into %d", ErrTooFine, m2, parts)
}

// hexagonCorners returns the corners of the H3 cells inside the parent, clear of
// its boundary and of points that are there already, and the length of an H3
// edge in metres.
func hexagonCorners(p *parent, res int, there []lattice.Point) (corners []lattice.Point, edge float64, err error) {
	edge, err = h3.HexagonEdgeLengthAvgM(res)
	if err != nil {
		return nil, 0, err
	}
	hexagon, err := h3.HexagonAreaAvgM2(res)
	if err != nil {
		return nil, 0, err
	}
	box := p.area.Box()
	sw, ne := box.Min.Orb(), box.Max.Orb()
	mx, my := 2*edge/p.frame.scale.X/lattice.PerDegree, 2*edge/p.frame.scale.Y/lattice.PerDegree
	w, e, s, n := sw[0]-mx, ne[0]+mx, sw[1]-my, ne[1]+my
	if (e-w)/mx*(n-s)/my*4*edge*edge/hexagon > maxHexagons {
		return nil, 0, fmt.Errorf("%w: more than %d lattice cells", ErrTooFine, maxHexagons)
	}
	cells, err := h3.PolygonToCells(h3.GeoPolygon{GeoLoop: h3.GeoLoop{
		{Lat: s, Lng: w}, {Lat: s, Lng: e}, {Lat: n, Lng: e}, {Lat: n, Lng: w},
	}}, res)
	if err != nil {
		return nil, 0, fmt.Errorf("H3 cells over the parent: %w", err)
	}
	near, beside := newSieve(edge/4), newSieve(edge)
	for _, at := range there {
		beside.add(p.frame.vec(at))
	}
	for _, c := range cells {
		ring, err := c.Boundary()
		if err != nil {
			return nil, 0, fmt.Errorf("H3 cell %s: %w", c, err)
		}
		for _, q := range ring {
			if q.Lng <= w || q.Lng >= e || q.Lat <= s || q.Lat >= n {
				continue
			}
			at := lattice.Point{X: int32(math.Round(q.Lng * lattice.PerDegree)), Y: int32(math.Round(q.Lat * lattice.PerDegree))}
			if !beside.near(p.frame.vec(at)) && near.add(p.frame.vec(at)) && p.grid.Inside(at) > 0 && p.clear(at, clearance*edge, maxClearance*edge) {
				corners = append(corners, at)
			}
		}
	}
	return corners, edge, nil
}

// clear tells whether a point keeps its distance from the boundary: half the
// length of a segment, but between least and most metres.
func (p *parent) clear(at lattice.Point, least, most float64) bool {
	dx, dy := int32(math.Ceil(most/p.frame.scale.X)), int32(math.Ceil(most/p.frame.scale.Y))
	v, ok := p.frame.vec(at), true
	p.grid.Near(lattice.Box{
		Min: lattice.Point{X: at.X - dx, Y: at.Y - dy},
		Max: lattice.Point{X: at.X + dx, Y: at.Y + dy},
	}, func(i int) bool {
		a, b := p.frame.vec(p.segments[i].A), p.frame.vec(p.segments[i].B)
		ok = distanceTo(v, a, b) >= math.Min(math.Max(a.distance(b)/2, least), most)
		return ok
	})
	return ok
}

// distanceTo returns the distance from p to the segment from a to b.
func distanceTo(p, a, b vec) float64 {
	d := b.sub(a)
	t := 0.0
	if l := d.dot(d); l > 0 {
		t = math.Min(math.Max(p.sub(a).dot(d)/l, 0), 1)
	}
	return p.distance(a.add(d.times(t)))
}

// sieve lets places through that are not close to an earlier one.
type sieve struct {
	size  float64
	taken map[[2]int32]vec
}

func newSieve(size float64) *sieve { return &sieve{size: size, taken: map[[2]int32]vec{}} }

// near tells whether v is within half the size of a place before.
func (s *sieve) near(v vec) bool {
	cx, cy := int32(math.Floor(v.x/s.size)), int32(math.Floor(v.y/s.size))
	for dx := int32(-1); dx <= 1; dx++ {
		for dy := int32(-1); dy <= 1; dy++ {
			if o, ok := s.taken[[2]int32{cx + dx, cy + dy}]; ok && o.distance(v) < s.size/2 {
				return true
			}
		}
	}
	return false
}

// add keeps v, unless it is near a place before, and tells whether it did.
func (s *sieve) add(v vec) bool {
	if s.near(v) {
		return false
	}
	s.taken[[2]int32{int32(math.Floor(v.x / s.size)), int32(math.Floor(v.y / s.size))}] = v
	return true
}
