package lattice

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
)

var (
	// ErrOpenRing reports a ring whose last position is not its first.
	ErrOpenRing = errors.New("ring is not closed")
	// ErrShortRing reports a ring of fewer than three different vertices once
	// rounded to the lattice.
	ErrShortRing = errors.New("ring has fewer than three vertices on the 1e-7° lattice")
	// ErrNoRing reports a polygon without an exterior ring.
	ErrNoRing = errors.New("polygon has no ring")
	// ErrExtent reports geometry wider than 180°.
	ErrExtent = errors.New("geometry is wider than 180°")
)

// Ring is a closed line without its repeated last vertex.
type Ring []Point

// Polygon is an exterior ring, counter-clockwise, and its holes, clockwise.
type Polygon []Ring

// MultiPolygon is any number of polygons.
type MultiPolygon []Polygon

// FromMultiPolygon rounds a multipolygon in degrees to the lattice, drops
// vertices that repeat the one before, and winds exteriors counter-clockwise
// and holes clockwise. It fails on coordinates off the globe and on rings that
// are open or too short; it does not look for crossings.
func FromMultiPolygon(mp orb.MultiPolygon) (MultiPolygon, error) {
	out := make(MultiPolygon, 0, len(mp))
	for i, poly := range mp {
		if len(poly) == 0 {
			return nil, fmt.Errorf("part %d: %w", i, ErrNoRing)
		}
		rings := make(Polygon, 0, len(poly))
		for j, r := range poly {
			ring, err := fromRing(r)
			if err != nil {
				return nil, fmt.Errorf("part %d ring %d: %w", i, j, err)
			}
			ring.Wind(j > 0)
			rings = append(rings, ring)
		}
		out = append(out, rings)
	}
	if !out.Box().Fits() {
		return nil, ErrExtent
	}
	return out, nil
}

func fromRing(r orb.Ring) (Ring, error) {
	return AppendRing(make(Ring, 0, len(r)), r)
}

// AppendRing rounds a closed ring in degrees to the lattice and appends it to
// dst without its repeated last position and without vertices that repeat the
// one before. It fails with ErrRange, ErrOpenRing or ErrShortRing.
func AppendRing(dst Ring, r orb.Ring) (Ring, error) {
	first := len(dst)
	for _, q := range r {
		p, err := FromOrb(q)
		if err != nil {
			return nil, err
		}
		if n := len(dst); n == first || dst[n-1] != p {
			dst = append(dst, p)
		}
	}
	n := len(dst)
	if n-first < 2 {
		return nil, ErrShortRing
	}
	if dst[first] != dst[n-1] {
		return nil, ErrOpenRing
	}
	if n-1-first < 3 {
		return nil, ErrShortRing
	}
	return dst[:n-1], nil
}

// Wind turns the ring round, keeping its first vertex, unless it is wound as an
// exterior (counter-clockwise) or a hole (clockwise) should be.
func (r Ring) Wind(hole bool) {
	if area := r.Area2(); area < 0 != hole && area != 0 {
		r.reverse()
	}
}

// reverse turns the ring round, keeping its first vertex.
func (r Ring) reverse() {
	for i, j := 1, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
}

// Area2 returns twice the ring's signed area in square units, exactly;
// positive when counter-clockwise.
func (r Ring) Area2() int64 {
	var sum int64
	for i := 1; i+1 < len(r); i++ {
		sum += Orient(r[0], r[i], r[i+1])
	}
	return sum
}

// Orb returns the ring in degrees with its first position repeated at the end.
func (r Ring) Orb() orb.Ring {
	out := make(orb.Ring, 0, len(r)+1)
	for _, p := range r {
		out = append(out, p.Orb())
	}
	return append(out, r[0].Orb())
}

// Orb returns the polygon in degrees.
func (p Polygon) Orb() orb.Polygon {
	out := make(orb.Polygon, len(p))
	for i, r := range p {
		out[i] = r.Orb()
	}
	return out
}

// Orb returns the multipolygon in degrees.
func (m MultiPolygon) Orb() orb.MultiPolygon {
	out := make(orb.MultiPolygon, len(m))
	for i, p := range m {
		out[i] = p.Orb()
	}
	return out
}

// Area2 returns twice the area in square units, holes taken off.
func (m MultiPolygon) Area2() int64 {
	var sum int64
	for _, p := range m {
		for _, r := range p {
			sum += r.Area2()
		}
	}
	return sum
}

// Box returns the box around every vertex.
func (m MultiPolygon) Box() Box {
	var b Box
	first := true
	for _, p := range m {
		for _, r := range p {
			rb := BoxOf(r)
			if first {
				b, first = rb, false
			}
			b = b.Union(rb)
		}
	}
	return b
}

// Segments returns every boundary segment, interior to the left.
func (m MultiPolygon) Segments() []Segment {
	var out []Segment
	for _, p := range m {
		for _, r := range p {
			for i, a := range r {
				out = append(out, Segment{a, r[(i+1)%len(r)]})
			}
		}
	}
	return out
}

// Densify cuts every segment longer than metres, which is positive, into equal
// pieces no longer than that. A segment gets the same vertices from either side.
func (m MultiPolygon) Densify(metres float64) {
	for _, p := range m {
		for j, r := range p {
			dense := make(Ring, 0, len(r))
			for k, a := range r {
				s := Segment{A: a, B: r[(k+1)%len(r)]}
				dense = append(append(dense, a), s.Split(metres)...)
			}
			p[j] = dense
		}
	}
}
