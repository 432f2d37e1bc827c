package geo

import (
	"cmp"
	"slices"

	"unigrid/geo/lattice"
)

// cellCheck looks at one cell after the other: whether its rings cross, touch
// themselves or overlap, segment by segment. Segments are numbered through the
// rings in their order. The memory is used again from cell to cell.
//
// It takes the rings apart into chains along which points only rise, by X then
// Y: such a chain never meets itself, and two of them are compared by going
// along both at once. A ring of a cell has few, so that this beats sorting.
type cellCheck struct {
	rings  [][]lattice.Point
	start  []int // number of every ring's first segment
	chains []chain
}

// chain is a run of segments of a ring whose points rise all along, or fall.
type chain struct {
	points   []lattice.Point
	ring     int
	first    int // number of the first segment in its ring
	fall     bool
	min, max lattice.Point // the box
}

// many is the number of segments from which a grid finds pairs faster.
const many = 1 << 10

// few is the number of chains up to which each is compared with each.
const few = 48

// clashes reports pairs of segments that may not be in one valid cell, until
// report returns false: those in conflict, and those of one ring that meet at a
// vertex which the ring passes twice. Rings repeat their first point at the end.
func (k *cellCheck) clashes(rings [][]lattice.Point, report func(i, j int) bool) {
	k.rings, k.start = rings, k.start[:0]
	total := 0
	for _, r := range rings {
		k.start = append(k.start, total)
		total += len(r) - 1
	}
	if total > many {
		k.search(total, report)
		return
	}
	k.cut()
	sorted := len(k.chains) > few
	if sorted {
		slices.SortFunc(k.chains, func(a, b chain) int { return cmp.Compare(a.min.X, b.min.X) })
	}
	for i := range k.chains {
		a := &k.chains[i]
		for j := i + 1; j < len(k.chains); j++ {
			b := &k.chains[j]
			if b.min.X > a.max.X {
				if sorted {
					break
				}
				continue
			}
			if a.min.X <= b.max.X && a.min.Y <= b.max.Y && b.min.Y <= a.max.Y && !k.compare(a, b, report) {
				return
			}
		}
	}
}

// cut takes the rings apart.
func (k *cellCheck) cut() {
	k.chains = k.chains[:0]
	for n, r := range k.rings {
		for i := 1; i < len(r); {
			c := chain{ring: n, first: i - 1, fall: r[i].Less(r[i-1])}
			low, high := min(r[i-1].Y, r[i].Y), max(r[i-1].Y, r[i].Y)
			for i++; i < len(r) && r[i].Less(r[i-1]) == c.fall; i++ {
				low, high = min(low, r[i].Y), max(high, r[i].Y)
			}
			c.points = r[c.first:i]
			c.min = lattice.Point{X: min(r[c.first].X, r[i-1].X), Y: low}
			c.max = lattice.Point{X: max(r[c.first].X, r[i-1].X), Y: high}
			k.chains = append(k.chains, c)
		}
	}
}

// rising returns point i of the chain in rising order.
func (c *chain) rising(i int) lattice.Point {
	if c.fall {
		i = len(c.points) - 1 - i
	}
	return c.points[i]
}

// segment returns the number in the ring of segment i in rising order.
func (c *chain) segment(i int) int {
	if c.fall {
		return c.first + len(c.points) - 2 - i
	}
	return c.first + i
}

// compare reports the pairs of two chains, and tells whether to go on. Segments
// that meet overlap in the order of points, so each is compared with those
// that it overlaps.
func (k *cellCheck) compare(a, b *chain, report func(i, j int) bool) bool {
	i, j := 0, 0
	p, q, u, v := a.rising(0), a.rising(1), b.rising(0), b.rising(1)
	for {
		if !q.Less(u) && !v.Less(p) && min(p.Y, q.Y) <= max(u.Y, v.Y) && min(u.Y, v.Y) <= max(p.Y, q.Y) {
			m, n := a.segment(i), b.segment(j)
			if k.clash(lattice.Segment{A: p, B: q}, lattice.Segment{A: u, B: v}, a.ring == b.ring && !k.adjacent(a.ring, m, n)) &&
				!report(k.start[a.ring]+m, k.start[b.ring]+n) {
				return false
			}
		}
		if q.Less(v) {
			if i++; i+1 == len(a.points) {
				return true
			}
			p, q = q, a.rising(i+1)
		} else {
			if j++; j+1 == len(b.points) {
				return true
			}
			u, v = v, b.rising(j+1)
		}
	}
}

// adjacent tells whether two segments follow each other in their ring.
func (k *cellCheck) adjacent(ring, m, n int) bool {
	d := max(m, n) - min(m, n)
	return d == 1 || d == len(k.rings[ring])-2
}

// clash tells whether two segments may not be in one cell; apart are segments of
// one ring that do not follow each other.
func (k *cellCheck) clash(s, t lattice.Segment, apart bool) bool {
	if apart && (s.A == t.A || s.A == t.B || s.B == t.A || s.B == t.B) {
		return true
	}
	return lattice.Conflict(s, t)
}

// search is clashes for cells of many segments.
func (k *cellCheck) search(total int, report func(i, j int) bool) {
	segments, ring := make([]lattice.Segment, 0, total), make([]int32, 0, total)
	for n, r := range k.rings {
		for i := 1; i < len(r); i++ {
			segments = append(segments, lattice.Segment{A: r[i-1], B: r[i]})
			ring = append(ring, int32(n))
		}
	}
	stopped := false
	lattice.NewGrid(segments).Conflicts(func(i, j int) {
		stopped = stopped || !report(i, j)
	})
	order := numbers(total)
	compare := func(i, j int32) int {
		a, b := segments[i].A, segments[j].A
		return cmp.Or(cmp.Compare(ring[i], ring[j]), cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
	}
	slices.SortFunc(order, compare)
	for n := 1; n < len(order) && !stopped; n++ {
		if i, j := order[n-1], order[n]; compare(i, j) == 0 {
			stopped = !report(int(i), int(j))
		}
	}
}

// valid tells whether a cell is a valid area by itself: every ring simple, no
// two in conflict, and, where there are several, holes in their parts, parts
// outside each other and each in one piece.
func (k *cellCheck) valid(rings [][]lattice.Point, holes []bool) bool {
	ok := true
	k.clashes(rings, func(i, j int) bool { ok = false; return false })
	return ok && nested(rings, holes)
}

// nested tells whether the rings of a cell, none in conflict, are wound the
// right way round and lie in each other as they should.
func nested(rings [][]lattice.Point, holes []bool) bool {
	if len(rings) == 1 {
		return lattice.Ring(rings[0]).Area2() > 0
	}
	return len(nesting(polygons(rings, holes), 0)) == 0
}

// polygons puts rings together to a cell; each that is no hole begins a part.
func polygons(rings [][]lattice.Point, holes []bool) lattice.MultiPolygon {
	var m lattice.MultiPolygon
	for n, r := range rings {
		if !holes[n] {
			m = append(m, nil)
		}
		m[len(m)-1] = append(m[len(m)-1], r[:len(r)-1:len(r)-1])
	}
	return m
}
