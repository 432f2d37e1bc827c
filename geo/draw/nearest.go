package draw

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
	"unigrid/geo/mesh"
)

// ErrSeeds reports seeds that make no cells: none, outside the parent, or
// several in one place.
var ErrSeeds = errors.New("invalid seeds")

// Nearest gives every place of a parent to the seed nearest to it, in metres on
// a plane round the parent's middle. Cells come in the order of the seeds. A
// piece of a cell that is cut off from its seed by the parent's outline goes to
// the neighbour with the longest shared border, so that a cell has several
// parts only where the parent has. New borders follow the true bisectors, but
// end at the vertex of the parent's boundary next to where the bisector does.
// With one seed the result is the parent itself, unchanged.
//
// It fails with ErrSeeds, ErrOptions, ErrParent or ErrTooFine, or when ctx is
// done.
func Nearest(ctx context.Context, given orb.MultiPolygon, seeds []orb.Point, o Options) (Result, error) {
	if err := o.check(); err != nil {
		return Result{}, err
	}
	if o.Into != 0 && o.Into != len(seeds) {
		return Result{}, fmt.Errorf("%w: into %d cells with %d seeds", ErrOptions, o.Into, len(seeds))
	}
	p, err := newParent(given)
	if err != nil {
		return Result{}, err
	}
	at, err := p.checkSeeds(seeds)
	if err != nil {
		return Result{}, err
	}
	if len(seeds) == 1 {
		return whole(given, o)
	}
	places := make([]vec, len(at))
	for i, s := range at {
		places[i] = p.frame.vec(s)
	}
	box := p.area.Box()
	reach := p.frame.vec(box.Max).distance(p.frame.vec(box.Min)) * 2
	segment := p.maxSegment(o, len(seeds))
	points, ties := p.chains(voronoiEdges(places, reach), segment)
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	s, err := newSheet(p, points, ties)
	if err != nil {
		return Result{}, err
	}
	keep, err := s.labelNearest(at, places)
	if err != nil {
		return Result{}, err
	}
	s.join(keep)
	s.trim(keep)
	cells, err := s.settle(ctx, len(seeds), segment, 0, nil)
	if err != nil {
		return Result{}, err
	}
	return result(given, cells, o)
}

// checkSeeds rounds the seeds and checks that each lies inside and apart.
func (p *parent) checkSeeds(seeds []orb.Point) ([]lattice.Point, error) {
	if len(seeds) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrSeeds)
	}
	out := make([]lattice.Point, len(seeds))
	first := make(map[lattice.Point]int, len(seeds))
	for i, s := range seeds {
		at, err := lattice.FromOrb(s)
		if err != nil {
			return nil, fmt.Errorf("%w: seed %d: %w", ErrSeeds, i, err)
		}
		if j, ok := first[at]; ok {
			return nil, fmt.Errorf("%w: seeds %d and %d are in the same place, %.7f, %.7f", ErrSeeds, j, i, s[0], s[1])
		}
		first[at] = i
		if p.grid.Inside(at) != 1 {
			return nil, fmt.Errorf("%w: seed %d at %.7f, %.7f is outside the parent", ErrSeeds, i, s[0], s[1])
		}
		out[i] = at
	}
	return out, nil
}

// labelNearest labels the sheet's triangles by the nearest seed, where possible
// whole regions between fixed edges at once. It returns the triangles that hold
// the seeds.
func (s *sheet) labelNearest(at []lattice.Point, places []vec) (map[int32]bool, error) {
	region, n := s.pieces(func(t int32, i int, _ int32) bool { return s.mesh.Triangles[t].Mark[i] == mesh.Free })
	nearest := make([]int32, len(s.label))
	area := make([]map[int32]float64, n)
	for t, r := range region {
		if r == none {
			continue
		}
		nearest[t] = closest(places, s.middle[t])
		if area[r] == nil {
			area[r] = map[int32]float64{}
		}
		area[r][nearest[t]] += s.m2(int32(t))
	}
	home := make([]int32, len(at)) // triangle of each seed
	owner := map[int32]int32{}     // seed of the region, or none where there are several
	for i, a := range at {
		t := s.mesh.At(a)
		if t < 0 || !s.mesh.Inside[t] {
			return nil, fmt.Errorf("%w: seed %d lies on the parent's boundary", ErrSeeds, i)
		}
		home[i] = t
		if _, ok := owner[region[t]]; ok {
			owner[region[t]] = none
		} else {
			owner[region[t]] = int32(i)
		}
	}
	uniform := make([]int32, n)
	for r := range uniform {
		uniform[r] = uniformLabel(area[r])
		if o, ok := owner[int32(r)]; ok && o != uniform[r] {
			uniform[r] = none
		}
	}
	for t, r := range region {
		switch {
		case r == none:
		case uniform[r] != none:
			s.label[t] = uniform[r]
		default:
			s.label[t] = nearest[t]
		}
	}
	keep := make(map[int32]bool, len(home))
	for i, t := range home {
		if keep[t] {
			return nil, fmt.Errorf("%w: seed %d is too close to another one", ErrTooFine, i)
		}
		keep[t] = true
		s.label[t] = int32(i)
	}
	return keep, nil
}

// uniformLabel returns the label that has nearly all of a region, or none.
func uniformLabel(area map[int32]float64) int32 {
	best, total := none, 0.0
	for l, m2 := range area {
		total += m2
		if best == none || m2 > area[best] || m2 == area[best] && l < best {
			best = l
		}
	}
	if area[best] < 0.9*total {
		return none
	}
	return best
}

func closest(places []vec, v vec) int32 {
	best, least := int32(0), math.Inf(1)
	for i, p := range places {
		if d := p.distance2(v); d < least {
			best, least = int32(i), d
		}
	}
	return best
}

// join leaves each label one piece per part of the parent, the one with a kept
// triangle or else the largest, and gives the others to the neighbour with the
// longest border.
func (s *sheet) join(keep map[int32]bool) {
	part, _ := s.pieces(func(int32, int, int32) bool { return true })
	piece, n := s.pieces(func(t int32, _ int, u int32) bool { return s.label[t] == s.label[u] })
	members := make([][]int32, n)
	weight := make([]float64, n)
	for t, p := range piece {
		if p == none {
			continue
		}
		members[p] = append(members[p], int32(t))
		weight[p] += s.m2(int32(t))
		if keep[int32(t)] {
			weight[p] = math.Inf(1)
		}
	}
	best := map[[2]int32]int32{}
	for p, ts := range members {
		k := [2]int32{part[ts[0]], s.label[ts[0]]}
		if b, ok := best[k]; !ok || weight[p] > weight[b] {
			best[k] = int32(p)
		}
	}
	var loose []int32
	for p, ts := range members {
		if best[[2]int32{part[ts[0]], s.label[ts[0]]}] != int32(p) {
			loose = append(loose, int32(p))
		}
	}
	for _, p := range loose {
		for _, t := range members[p] {
			s.label[t] = none
		}
	}
	for len(loose) > 0 {
		rest := loose[:0]
		for _, p := range loose {
			to := s.longest(members[p])
			if to == none {
				rest = append(rest, p)
				continue
			}
			for _, t := range members[p] {
				s.label[t] = to
			}
		}
		loose = rest
	}
}

// longest returns the label that shares the longest border with the triangles.
func (s *sheet) longest(ts []int32) int32 {
	metres := map[int32]float64{}
	for _, t := range ts {
		for i := range 3 {
			if u := s.across(t, i); u >= 0 && s.label[u] != none {
				metres[s.label[u]] += s.edge(t, i)
			}
		}
	}
	best := none
	for l, m := range metres {
		if best == none || m > metres[best] || m == metres[best] && l < best {
			best = l
		}
	}
	return best
}
