package edit

import (
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// MoveVertex moves the vertex nearest to a position, within o.Snap, in every
// cell that has it, and returns the set after it, index by index. Moved on to
// the next vertex of a border it is gone. Segments that become longer than
// o.MaxSegment are cut.
//
// Faults: BadCell, BadLine, NoVertex, OuterVertex, Locked, SelfCrossing (the
// cells' boundaries would cross or touch; Place is where), Unchanged.
func MoveVertex(cells []orb.MultiPolygon, from, to orb.Point, o Options) (after []orb.MultiPolygon, err error) {
	pl, err := newPlane(cells, o)
	if err != nil {
		return nil, err
	}
	ends, err := pl.drawn([]orb.Point{from}, 1)
	if err != nil {
		return nil, err
	}
	goal, err := pl.drawn([]orb.Point{to}, 1)
	if err != nil {
		return nil, err
	}
	v, distance := lattice.Point{}, math.Inf(1)
	for _, m := range pl.cells {
		for _, s := range m.Segments() {
			if d := pl.metres(s.A, ends[0]); d <= pl.o.Snap && (d < distance || d == distance && s.A.Less(v)) {
				v, distance = s.A, d
			}
		}
	}
	switch {
	case math.IsInf(distance, 1):
		return nil, fault(NoVertex, ends[0])
	case v == goal[0]:
		return nil, fault(Unchanged, v)
	}
	var own []int
	outer := false
	for s, i := range pl.owner {
		if s.A != v && s.B != v {
			continue
		}
		own = append(own, i)
		outer = outer || pl.twin(s) < 0
	}
	switch {
	case outer:
		return nil, fault(OuterVertex, v, own...)
	case pl.pins[v]:
		return nil, fault(Locked, v, own...)
	}
	changed := map[int]lattice.MultiPolygon{}
	for _, i := range own {
		// A small ring may have been turned inside out.
		if changed[i], err = lattice.FromMultiPolygon(pl.moved(pl.cells[i], v, goal[0]).Orb()); err != nil {
			return nil, fault(SelfCrossing, goal[0], own...)
		}
	}
	after, err = pl.finish(changed)
	if f := new(Fault); errors.As(err, &f) && f.Kind == Tangled {
		f.Kind = SelfCrossing
	}
	return after, err
}

// moved returns a cell with one vertex elsewhere.
func (pl *plane) moved(m lattice.MultiPolygon, from, to lattice.Point) lattice.MultiPolygon {
	out := make(lattice.MultiPolygon, len(m))
	for i, p := range m {
		for _, r := range p {
			ring := make(lattice.Ring, 0, len(r))
			for k, a := range r {
				b := r[(k+1)%len(r)]
				touched := a == from || b == from
				if a == from && b == to || a == to && b == from {
					continue // the two become one
				}
				if a == from {
					a = to
				}
				if b == from {
					b = to
				}
				ring = append(ring, a)
				if s := (lattice.Segment{A: a, B: b}); touched && s.Metres() > pl.o.MaxSegment {
					ring = append(ring, s.Split(0.98*pl.o.MaxSegment)...)
				}
			}
			out[i] = append(out[i], ring)
		}
	}
	return out
}

// apart is how far a new vertex must be from those that exist, in metres.
const apart = 0.5

// InsertVertex adds a vertex to the border inside the set that is nearest to a
// position, within o.Snap, on both its sides, and returns the set after it,
// index by index, and where the vertex is.
//
// Faults: BadCell, BadLine, NoVertex, OuterVertex, Locked, Unchanged (there is
// a vertex within half a metre), Tangled.
func InsertVertex(cells []orb.MultiPolygon, at orb.Point, o Options) (after []orb.MultiPolygon, vertex orb.Point, err error) {
	pl, err := newPlane(cells, o)
	if err != nil {
		return nil, orb.Point{}, err
	}
	place, err := pl.drawn([]orb.Point{at}, 1)
	if err != nil {
		return nil, orb.Point{}, err
	}
	all := make([]int, len(cells))
	for i := range all {
		all[i] = i
	}
	n := pl.newNoder(all, nil)
	w, _ := n.nearest(place[0], pl.o.Snap)
	if w < 0 {
		return nil, orb.Point{}, fault(NoVertex, place[0])
	}
	wall := n.walls[w]
	v, _ := pl.foot(wall, place[0])
	own := make([]int, 0, 2)
	for _, s := range [2]lattice.Segment{wall, wall.Reverse()} {
		if i, ok := pl.owner[s]; ok {
			own = append(own, i)
		}
	}
	switch {
	case pl.metres(v, pl.end(wall, v)) < apart:
		return nil, orb.Point{}, fault(Unchanged, v, own...)
	case len(own) < 2:
		return nil, orb.Point{}, fault(OuterVertex, v, own...)
	case pl.fixed[wall]:
		return nil, orb.Point{}, fault(Locked, v, own...)
	}
	changed := map[int]lattice.MultiPolygon{}
	for _, i := range own {
		changed[i] = inserted(pl.cells[i], wall, v)
	}
	if after, err = pl.finish(changed); err != nil {
		return nil, orb.Point{}, err
	}
	return after, v.Orb(), nil
}

// inserted returns a cell with a vertex added to one of its segments.
func inserted(m lattice.MultiPolygon, wall lattice.Segment, v lattice.Point) lattice.MultiPolygon {
	out := make(lattice.MultiPolygon, len(m))
	for i, p := range m {
		for _, r := range p {
			ring := slices.Clone(r)
			for k, a := range r {
				if s := (lattice.Segment{A: a, B: r[(k+1)%len(r)]}); s.Canonical() == wall {
					ring = slices.Insert(ring, k+1, v)
					break
				}
			}
			out[i] = append(out[i], ring)
		}
	}
	return out
}
