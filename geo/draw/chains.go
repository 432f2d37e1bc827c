package draw

import (
	"cmp"
	"math"
	"slices"

	"unigrid/geo/lattice"
)

// tie is an edge wanted in a mesh: from a point to the first of the others that
// it can be joined to.
type tie struct {
	from lattice.Point
	to   []lattice.Point
}

// maxSamples bounds the mesh points along Voronoi edges.
const maxSamples = 60_000

// chains lays mesh points along Voronoi edges inside the parent and ties them
// together; where an edge leaves the parent, or comes too close to its boundary,
// the chain is tied to a vertex of the boundary.
func (p *parent) chains(edges []edge, step float64) (points []lattice.Point, ties []tie) {
	box := p.area.Box()
	lo, hi := p.frame.vec(box.Min), p.frame.vec(box.Max)
	var inBox []edge
	total := 0.0
	for _, e := range edges {
		if e, ok := clipToBox(e, lo, hi); ok {
			inBox = append(inBox, e)
			total += e.from.distance(e.to)
		}
	}
	step = math.Max(step, total/maxSamples)
	for _, e := range inBox {
		ps, ts := p.chain(e, step)
		points, ties = append(points, ps...), append(ties, ts...)
	}
	return points, ties
}

// sample is a place along an edge and whether the mesh can have a point there.
type sample struct {
	at     lattice.Point
	inside bool
	usable bool
}

func (p *parent) chain(e edge, step float64) (points []lattice.Point, ties []tie) {
	n := max(1, int(math.Ceil(e.from.distance(e.to)/step)))
	row := make([]sample, n+1)
	for i := range row {
		at := p.frame.point(e.from.add(e.to.sub(e.from).times(float64(i) / float64(n))))
		inside := p.grid.Inside(at) > 0
		row[i] = sample{at, inside, inside && p.clear(at, step/2, step/2)}
	}
	last := -1
	for i, s := range row {
		if !s.usable {
			continue
		}
		points = append(points, s.at)
		switch {
		case last >= 0 && p.open(row[last:i+1]):
			ties = append(ties, tie{row[last].at, []lattice.Point{s.at}})
		case last >= 0:
			ties = append(ties, p.landing(row[last:i+1], step))
			ties = append(ties, p.landing(reversed(row[last:i+1]), step))
		case i > 0:
			ties = append(ties, p.landing(reversed(row[:i+1]), step))
		}
		last = i
	}
	if last >= 0 && last < n {
		ties = append(ties, p.landing(row[last:], step))
	}
	return points, ties
}

func reversed(row []sample) []sample {
	out := slices.Clone(row)
	slices.Reverse(out)
	return out
}

// open tells whether the straight way along samples stays inside.
func (p *parent) open(row []sample) bool {
	for _, s := range row {
		if !s.inside {
			return false
		}
	}
	_, ok := p.hit(row)
	return !ok
}

// hit returns where the line along samples first meets the boundary.
func (p *parent) hit(row []sample) (vec, bool) {
	a := p.frame.vec(row[0].at)
	for i := 1; i < len(row); i++ {
		way := lattice.Segment{A: row[i-1].at, B: row[i].at}
		b, c := p.frame.vec(way.A), p.frame.vec(way.B)
		best, found := vec{}, false
		p.grid.Near(lattice.Box{Min: way.A, Max: way.A}.Extend(way.B), func(k int) bool {
			s := p.segments[k]
			if lattice.Conflict(way, s) {
				v := meeting(b, c, p.frame.vec(s.A), p.frame.vec(s.B))
				if !found || v.distance2(a) < best.distance2(a) {
					best, found = v, true
				}
			}
			return true
		})
		if found {
			return best, true
		}
	}
	return vec{}, false
}

// meeting returns where the line ab meets the line cd; c when they are parallel.
func meeting(a, b, c, d vec) vec {
	u, w := b.sub(a), d.sub(c)
	den := u.x*w.y - u.y*w.x
	if den == 0 {
		return c
	}
	t := ((c.x-a.x)*w.y - (c.y-a.y)*w.x) / den
	return a.add(u.times(math.Min(math.Max(t, 0), 1)))
}

// landing ties the first sample to a vertex of the boundary near the place
// where the way along the others meets it, or where they end.
func (p *parent) landing(row []sample, step float64) tie {
	goal, ok := p.hit(row)
	if !ok {
		goal = p.frame.vec(row[len(row)-1].at)
	}
	const choices = 8
	var near []lattice.Point
	for reach := 2 * step; len(near) < choices && reach < 64*step; reach *= 2 {
		near = near[:0]
		at := p.frame.point(goal)
		dx, dy := int32(reach/p.frame.scale.X), int32(reach/p.frame.scale.Y)
		p.grid.Near(lattice.Box{
			Min: lattice.Point{X: at.X - dx, Y: at.Y - dy},
			Max: lattice.Point{X: at.X + dx, Y: at.Y + dy},
		}, func(k int) bool {
			near = append(near, p.segments[k].A, p.segments[k].B)
			return true
		})
		slices.SortFunc(near, func(a, b lattice.Point) int {
			return cmp.Or(
				cmp.Compare(p.frame.vec(a).distance2(goal), p.frame.vec(b).distance2(goal)),
				cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
		})
		near = slices.Compact(near)
	}
	return tie{row[0].at, near[:min(choices, len(near))]}
}

// clipToBox shortens an edge to the box from lo to hi; false when none is left.
func clipToBox(e edge, lo, hi vec) (edge, bool) {
	t0, t1 := 0.0, 1.0
	d := e.to.sub(e.from)
	cut := func(from, way, least, most float64) bool {
		if way == 0 {
			return from >= least && from <= most
		}
		a, b := (least-from)/way, (most-from)/way
		t0, t1 = math.Max(t0, math.Min(a, b)), math.Min(t1, math.Max(a, b))
		return t0 < t1
	}
	if !cut(e.from.x, d.x, lo.x, hi.x) || !cut(e.from.y, d.y, lo.y, hi.y) {
		return e, false
	}
	from := e.from
	if t0 > 0 {
		e.from = from.add(d.times(t0))
	}
	if t1 < 1 {
		e.to = from.add(d.times(t1))
	}
	return e, true
}
