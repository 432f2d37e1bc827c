package cells

import (
	"cmp"
	"math"
	"slices"

	"unigrid/geo/lattice"
)

// owner is a row's segment.
type owned struct {
	row int
	lattice.Segment
}

// openings are the segments of a block that nobody has from the other side, and
// the places at their ends. What matches already takes no part in snapping.
type openings struct {
	segments []owned // row -1: the parent's
	places   map[lattice.Point]*place
}

// vertex is one that a segment got.
type vertex struct {
	owned
	at lattice.Point
}

type place struct {
	at    lattice.Point
	rows  []int // those with a vertex here; -1 the parent
	fixed bool  // a matched segment ends here, or it is the parent's or a row's that isn't free
}

func (p *place) of(row int) bool { return slices.Contains(p.rows, row) }

func (p *place) apart(q *place) bool {
	return !slices.ContainsFunc(p.rows, q.of)
}

// eachRing visits the rings of a block's rows.
func (c *cleaning) eachRing(b *block, visit func(row, part, ring int, r lattice.Ring)) {
	for _, i := range b.rows {
		for part, p := range c.rows[i].shape {
			for n, r := range p {
				visit(i, part, n, r)
			}
		}
	}
}

func (c *cleaning) openings(b *block) openings {
	first := map[lattice.Segment]int{}
	c.eachRing(b, func(row, _, _ int, r lattice.Ring) {
		for k, from := range r {
			first[lattice.Segment{A: from, B: r[(k+1)%len(r)]}] = row
		}
	})
	inParent := map[lattice.Segment]bool{}
	for _, s := range b.parent.Segments() {
		inParent[s] = true
	}
	matched := func(row int, s lattice.Segment) bool {
		other, ok := first[s.Reverse()]
		return ok && other != row || inParent[s]
	}
	o := openings{places: map[lattice.Point]*place{}}
	add := func(row int, s lattice.Segment) {
		o.segments = append(o.segments, owned{row, s})
		for _, p := range []lattice.Point{s.A, s.B} {
			if o.places[p] == nil {
				o.places[p] = &place{at: p, fixed: row < 0}
			}
			o.places[p].fixed = o.places[p].fixed || row < 0
		}
	}
	for s := range inParent {
		if _, ok := first[s]; !ok {
			add(-1, s)
		}
	}
	c.eachRing(b, func(row, _, _ int, r lattice.Ring) {
		for k, from := range r {
			if s := (lattice.Segment{A: from, B: r[(k+1)%len(r)]}); !matched(row, s) {
				add(row, s)
			}
		}
	})
	c.eachRing(b, func(row, _, _ int, r lattice.Ring) {
		for k, from := range r {
			p := o.places[from]
			if p == nil {
				continue
			}
			if !p.of(row) {
				p.rows = append(p.rows, row)
			}
			p.fixed = p.fixed || c.rows[row].hold > free ||
				matched(row, lattice.Segment{A: from, B: r[(k+1)%len(r)]}) ||
				matched(row, lattice.Segment{A: r[(k+len(r)-1)%len(r)], B: from})
		}
	})
	for s := range inParent {
		if p := o.places[s.A]; p != nil && !p.of(-1) {
			p.rows = append(p.rows, -1)
			p.fixed = true
		}
	}
	slices.SortFunc(o.segments, func(s, t owned) int {
		return cmp.Or(cmp.Compare(s.row, t.row), comparePoints(s.A, t.A), comparePoints(s.B, t.B))
	})
	return o
}

func comparePoints(p, q lattice.Point) int {
	return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(p.Y, q.Y))
}

// snap makes vertices of different rows that are within the tolerance one
// place, then gives edges the vertices that others have within the tolerance of
// them. No vertex goes further than the tolerance, however often it is moved. What
// noding took back, because it crossed the parent's boundary, isn't done again.
func (c *cleaning) snap(b *block) bool {
	any := false
	for range mostPasses {
		o := c.openings(b)
		moves := c.meet(b, o)
		if len(moves) > 0 {
			c.move(b, moves)
			any = true
			continue
		}
		if c.insert(b, o) {
			any = true
			continue
		}
		if !c.pushInside(b, o) {
			break
		}
		any = true
	}
	return any
}

// meet says where the vertices go that join others: the places that stay come
// first (fixed, then those of most rows), so that there are no chains.
func (c *cleaning) meet(b *block, o openings) map[lattice.Point]lattice.Point {
	order := make([]*place, 0, len(o.places))
	for _, p := range o.places {
		order = append(order, p)
	}
	slices.SortFunc(order, func(p, q *place) int {
		if p.fixed != q.fixed {
			if p.fixed {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(len(q.rows), len(p.rows)), comparePoints(p.at, q.at))
	})
	near := newNeighbourhood(c.options.Tolerance)
	moves := map[lattice.Point]lattice.Point{}
	for _, p := range order {
		if p.fixed {
			near.add(p)
			continue
		}
		var best *place
		least := math.Inf(1)
		near.visit(p.at, func(q *place) {
			d := lattice.Segment{A: p.at, B: q.at}.Metres()
			if d+b.slack[p.at] <= c.options.Tolerance && d < least && p.apart(q) && !b.met[lattice.Segment{A: p.at, B: q.at}] {
				best, least = q, d
			}
		})
		if best == nil {
			near.add(p)
			continue
		}
		best.rows = append(best.rows, p.rows...)
		moves[p.at] = best.at
		b.met[lattice.Segment{A: p.at, B: best.at}] = true
		b.slack[best.at] = max(b.slack[best.at], b.slack[p.at]+least)
	}
	return moves
}

// move moves vertices and drops what collapses by it.
func (c *cleaning) move(b *block, moves map[lattice.Point]lattice.Point) {
	c.redraw(b, func(row int, from lattice.Point, to lattice.Point, r lattice.Ring) lattice.Ring {
		if q, ok := moves[from]; ok {
			from = q
		}
		return append(r, from)
	})
}

// insert gives open edges the vertices of others that lie within the tolerance.
func (c *cleaning) insert(b *block, o openings) bool {
	segments := make([]lattice.Segment, len(o.segments))
	for i, s := range o.segments {
		segments[i] = s.Segment
	}
	grid := lattice.NewGrid(segments)
	into := map[owned][]lattice.Point{}
	for _, p := range o.places {
		reach := around(p.at, c.options.Tolerance)
		var seen []int
		grid.Near(reach, func(i int) bool {
			s := o.segments[i]
			if s.row < 0 || c.rows[s.row].hold > free || p.of(s.row) || slices.Contains(seen, i) {
				return true
			}
			seen = append(seen, i)
			if f, d := beside(s.Segment, p.at); f > 0 && f < 1 && d <= c.options.Tolerance && !b.given[vertex{s, p.at}] {
				into[s] = append(into[s], p.at)
				b.given[vertex{s, p.at}] = true
			}
			return true
		})
	}
	if len(into) == 0 {
		return false
	}
	c.redraw(b, func(row int, from, to lattice.Point, r lattice.Ring) lattice.Ring {
		r = append(r, from)
		s := owned{row, lattice.Segment{A: from, B: to}}
		points := into[s]
		slices.SortFunc(points, func(p, q lattice.Point) int {
			f, _ := beside(s.Segment, p)
			g, _ := beside(s.Segment, q)
			return cmp.Or(cmp.Compare(f, g), comparePoints(p, q))
		})
		return append(r, points...)
	})
	return true
}

// pushInside moves vertices that ended on or up to two steps outside a segment
// of the parent (noding rounds once, snapping may round again), which stays as it
// is, to the lattice's next place inside; the sliver between is closed as a gap,
// so that boundaries meet vertex by vertex.
func (c *cleaning) pushInside(b *block, o openings) bool {
	if b.parent == nil {
		return false
	}
	var segments []lattice.Segment
	for _, s := range o.segments {
		if s.row < 0 {
			segments = append(segments, s.Segment)
		}
	}
	if len(segments) == 0 {
		return false
	}
	grid := lattice.NewGrid(segments)
	moves := map[lattice.Point]lattice.Point{}
	for at, p := range o.places {
		if p.of(-1) {
			continue
		}
		grid.Near(lattice.Box{Min: at, Max: at}.Extend(lattice.Point{X: at.X - 2, Y: at.Y - 2}).Extend(lattice.Point{X: at.X + 2, Y: at.Y + 2}), func(i int) bool {
			s := segments[i]
			f, _ := beside(s, at)
			if f <= 0 || f >= 1 || lattice.Orient(s.A, s.B, at) > 0 || steps(s, at) > 2 {
				return true
			}
			best, least := at, math.Inf(1)
			for dx := int32(-2); dx <= 2; dx++ {
				for dy := int32(-2); dy <= 2; dy++ {
					q := lattice.Point{X: at.X + dx, Y: at.Y + dy}
					d := math.Hypot(float64(dx), float64(dy))
					if d < least && lattice.Orient(s.A, s.B, q) > 0 && o.places[q] == nil {
						best, least = q, d
					}
				}
			}
			if best != at {
				moves[at] = best
				return false
			}
			return true
		})
	}
	if len(moves) > 0 {
		c.move(b, moves)
	}
	return len(moves) > 0
}

// redraw makes the rings of a block's rows anew: next appends what replaces the
// segment from its first vertex on.
func (c *cleaning) redraw(b *block, next func(row int, from, to lattice.Point, r lattice.Ring) lattice.Ring) {
	for _, i := range b.rows {
		var shape lattice.MultiPolygon
		for _, p := range c.rows[i].shape {
			var kept lattice.Polygon
			for n, r := range p {
				var out lattice.Ring
				for k, from := range r {
					out = next(i, from, r[(k+1)%len(r)], out)
				}
				out = tidy(out)
				if len(out) < 3 {
					if n == 0 {
						break
					}
					continue
				}
				kept = append(kept, out)
			}
			if len(kept) > 0 {
				shape = append(shape, kept)
			}
		}
		c.rows[i].shape = shape
	}
}

// tidy drops repeated vertices, and ways out and back the same way.
func tidy(r lattice.Ring) lattice.Ring {
	out := make(lattice.Ring, 0, len(r))
	for _, p := range r {
		if n := len(out); n > 0 && out[n-1] == p {
			continue
		}
		if n := len(out); n > 1 && out[n-2] == p {
			out = out[:n-1]
			continue
		}
		out = append(out, p)
	}
	for len(out) > 2 {
		switch n := len(out); {
		case out[0] == out[n-1]:
			out = out[:n-1]
		case out[0] == out[n-2]:
			out = out[:n-2]
		case out[1] == out[n-1]:
			out = out[1 : n-1]
		default:
			return out
		}
	}
	return out
}

// around is the box of a circle of metres.
func around(p lattice.Point, metres float64) lattice.Box {
	sc := lattice.ScaleAt(float64(p.Y))
	dx, dy := int32(math.Ceil(metres/sc.X)), int32(math.Ceil(metres/sc.Y))
	return lattice.BoxOf([]lattice.Point{{X: p.X - dx, Y: p.Y - dy}, {X: p.X + dx, Y: p.Y + dy}})
}

// beside gives how far along the segment (0 to 1) the place next to p is, and
// the metres between.
func beside(s lattice.Segment, p lattice.Point) (along, metres float64) {
	sc := lattice.ScaleAt(float64(p.Y))
	dx, dy := float64(s.B.X-s.A.X)*sc.X, float64(s.B.Y-s.A.Y)*sc.Y
	px, py := float64(p.X-s.A.X)*sc.X, float64(p.Y-s.A.Y)*sc.Y
	along = (px*dx + py*dy) / (dx*dx + dy*dy)
	f := min(max(along, 0), 1)
	return along, math.Hypot(px-f*dx, py-f*dy)
}

// steps is how far p is from the line of s, in units of the lattice.
func steps(s lattice.Segment, p lattice.Point) float64 {
	length := math.Hypot(float64(s.B.X-s.A.X), float64(s.B.Y-s.A.Y))
	return math.Abs(float64(lattice.Orient(s.A, s.B, p))) / length
}

// neighbourhood finds places within a distance.
type neighbourhood struct {
	tolerance float64
	buckets   map[[2]int32][]*place
}

func newNeighbourhood(tolerance float64) *neighbourhood {
	return &neighbourhood{tolerance, map[[2]int32][]*place{}}
}

// side of a bucket in units: no less than the tolerance in either direction up
// to 75° of latitude.
func (n *neighbourhood) key(p lattice.Point) [2]int32 {
	side := int32(n.tolerance/0.0111*4) + 1
	return [2]int32{p.X / side, p.Y / side}
}

func (n *neighbourhood) add(p *place) {
	k := n.key(p.at)
	n.buckets[k] = append(n.buckets[k], p)
}

func (n *neighbourhood) visit(at lattice.Point, visit func(*place)) {
	k := n.key(at)
	for x := k[0] - 1; x <= k[0]+1; x++ {
		for y := k[1] - 1; y <= k[1]+1; y++ {
			for _, p := range n.buckets[[2]int32{x, y}] {
				visit(p)
			}
		}
	}
}
