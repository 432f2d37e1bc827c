package edit

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// CutOut makes what a polygon covers of the set a cell of its own. It returns
// that piece and the set after it, index by index: each cell without what the
// piece took, empty (nil) where it took all.
//
// Where the polygon's outline runs within o.Snap of a boundary it is drawn to
// the vertices there. Where it leaves the set it is clipped at the set's outer
// boundary, and ends at vertices there; where it crosses a border inside the
// set, both sides get a vertex, unless that border is fixed.
//
// Faults: BadCell, BadLine, SelfCrossing, Misses, FallsApart (a cell or the
// piece; not with o.AllowParts), Locked, Tangled; Unchanged when the piece is
// exactly one of the cells.
func CutOut(cells []orb.MultiPolygon, polygon orb.Polygon, o Options) (piece orb.MultiPolygon, after []orb.MultiPolygon, err error) {
	pl, err := newPlane(cells, o)
	if err != nil {
		return nil, nil, err
	}
	outline, err := pl.outline(polygon)
	if err != nil {
		return nil, nil, err
	}
	box := lattice.BoxOf(outline[0])
	var near []int
	for i, m := range pl.cells {
		if b := m.Box(); len(m) > 0 && b.Max.X >= box.Min.X && b.Min.X <= box.Max.X && b.Max.Y >= box.Min.Y && b.Min.Y <= box.Max.Y {
			near = append(near, i)
		}
	}
	if len(near) == 0 {
		return nil, nil, fault(Misses, outline[0][0])
	}
	n := pl.newNoder(near, func(s lattice.Segment) bool { return pl.twin(s) >= 0 && !pl.fixed[s.Canonical()] })
	for _, r := range outline {
		if path := n.snap(r); len(path) > 0 {
			n.paths = append(n.paths, path)
		}
	}
	if err := n.settle(); err != nil {
		return nil, nil, pl.blame(err)
	}
	changed, taken, err := n.divide(near)
	if err != nil {
		return nil, nil, pl.blame(err)
	}
	if len(taken) == 0 {
		return nil, nil, fault(Misses, outline[0][0])
	}
	for i, m := range changed {
		if len(m) == 0 && len(changed) == 1 {
			return nil, nil, fault(Unchanged, taken[0][0][0], i)
		}
	}
	if !pl.o.AllowParts && len(taken) > 1 {
		return nil, nil, fault(FallsApart, smallest(taken)[0][0])
	}
	after, err = pl.finish(changed, taken)
	if err != nil {
		return nil, nil, err
	}
	return taken.Orb(), after, nil
}

// outline rounds a drawn polygon to closed paths, the exterior
// counter-clockwise, holes clockwise.
func (pl *plane) outline(polygon orb.Polygon) ([][]lattice.Point, error) {
	if len(polygon) == 0 {
		return nil, &Fault{Kind: BadLine}
	}
	var out [][]lattice.Point
	for i, r := range polygon {
		path, err := pl.drawn(r, 3)
		if err != nil {
			return nil, err
		}
		if path[0] != path[len(path)-1] {
			path = append(path, path[0])
		}
		area := lattice.Ring(path[:len(path)-1]).Area2()
		if area == 0 {
			return nil, fault(BadLine, path[0])
		}
		if (area > 0) != (i == 0) {
			slices.Reverse(path)
		}
		out = append(out, path)
	}
	if p, ok := crossing(out...); ok {
		return nil, fault(SelfCrossing, p)
	}
	return out, nil
}

// snap draws a path to the walls that it runs close to: it is sampled, and each
// sample within reach of a wall goes to the nearer end of that wall's segment,
// or on to the segment where that is far and may get a vertex. Samples in the
// open that were no points of the path are dropped again.
func (n *noder) snap(path []lattice.Point) []lattice.Point {
	pl := n.pl
	if pl.o.Snap == 0 {
		return path
	}
	var out []lattice.Point
	for k, p := range path {
		if k > 0 {
			s := lattice.Segment{A: path[k-1], B: p}
			from, to := clip(s, pl.around(lattice.Segment{A: pl.box.Min, B: pl.box.Max}, pl.o.Snap))
			steps := math.Ceil(pl.metres(s.A, s.B) * (to - from) / max(pl.o.Snap/2, 1))
			for i := 0.; i <= steps && from < to; i++ {
				f := from + (to-from)*i/max(steps, 1)
				if q, ok := n.pull(along(s, f)); ok && f > 0 && f < 1 {
					out = append(out, q)
				}
			}
		}
		q, _ := n.pull(p)
		out = append(out, q)
	}
	return tidy(out)
}

// pull returns where a point near a wall goes, and whether it does.
func (n *noder) pull(p lattice.Point) (lattice.Point, bool) {
	w, _ := n.nearest(p, n.pl.o.Snap)
	if w < 0 {
		return p, false
	}
	wall := n.walls[w]
	end := n.pl.end(wall, p)
	if n.pl.metres(end, p) <= max(n.pl.o.Snap, n.pl.o.MaxSegment) {
		return end, true
	}
	return p, false
}

// clip returns the shares of a segment between which it is in a box; from is
// not less than to where it is not.
func clip(s lattice.Segment, b lattice.Box) (from, to float64) {
	from, to = 0, 1
	cut := func(a, z, low, high int32) {
		d := float64(z) - float64(a)
		lo, hi := float64(low)-float64(a), float64(high)-float64(a)
		switch {
		case d > 0:
			from, to = max(from, lo/d), min(to, hi/d)
		case d < 0:
			from, to = max(from, hi/d), min(to, lo/d)
		case lo > 0 || hi < 0:
			to = -1
		}
	}
	cut(s.A.X, s.B.X, b.Min.X, b.Max.X)
	cut(s.A.Y, s.B.Y, b.Min.Y, b.Max.Y)
	return from, to
}

// divide parts the cells along the paths, and returns the cells that change and
// what lies within the paths.
func (n *noder) divide(cells []int) (changed map[int]lattice.MultiPolygon, taken lattice.MultiPolygon, err error) {
	var round []lattice.Segment
	for _, path := range n.paths {
		for k := 1; k < len(path); k++ {
			round = append(round, lattice.Segment{A: path[k-1], B: path[k]})
		}
	}
	changed = map[int]lattice.MultiPolygon{}
	var all []lattice.Segment
	open := n.open()
	for _, i := range cells {
		walls := n.boundary(i)
		net := net{walls: walls, lines: newLocator(walls).inside(0, open)}
		for _, s := range net.prune() {
			if count(round, s) != count(round, s.Reverse()) {
				return nil, nil, fault(Tangled, s.A, i)
			}
		}
		faces, err := net.faces()
		if err != nil {
			return nil, nil, err
		}
		var rest []lattice.Segment
		own := 0
		for _, f := range faces {
			segments := lattice.MultiPolygon{f}.Segments()
			if winding(round, segments[0]) > 0 {
				all = append(all, segments...)
				own++
			} else {
				rest = append(rest, segments...)
			}
		}
		if own == 0 && len(walls) == len(n.pl.cells[i].Segments()) {
			continue
		}
		if changed[i], err = assemble(rest); err != nil {
			return nil, nil, err
		}
	}
	taken, err = assemble(all)
	return changed, taken, err
}

func count(segments []lattice.Segment, s lattice.Segment) int {
	c := 0
	for _, t := range segments {
		if t == s {
			c++
		}
	}
	return c
}
