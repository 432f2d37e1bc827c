package edit

import (
	"math"

	"unigrid/geo/lattice"
)

// joinEnds draws the ends of paths that lie inside the cell on to the boundary,
// or else to another path, where one is near.
func (n *noder) joinEnds(in *locator) {
	for i := range n.paths {
		if path := n.paths[i]; path[0] != path[len(path)-1] {
			first, last := path[0], path[len(path)-1]
			if p, ok := n.joint(i, first, in); ok {
				n.paths[i] = append([]lattice.Point{p}, n.paths[i]...)
			}
			if p, ok := n.joint(i, last, in); ok {
				n.paths[i] = append(n.paths[i], p)
			}
		}
	}
}

// joint returns where an end of path number own should go on to.
func (n *noder) joint(own int, end lattice.Point, in *locator) (lattice.Point, bool) {
	wall, distance := n.nearest(end, n.pl.o.Snap)
	if distance == 0 || !in.holds(0, end) {
		return end, false
	}
	if wall >= 0 {
		return n.pl.end(n.walls[wall], end), true
	}
	best, path, index := n.pl.o.Snap, -1, 0
	var at lattice.Point
	for i, p := range n.paths {
		for k := 1; k < len(p) && i != own; k++ {
			s := lattice.Segment{A: p[k-1], B: p[k]}
			if foot, d := n.pl.foot(s, end); d <= best && (path < 0 || d < best) {
				best, path, index, at = d, i, k-1, foot
			}
		}
	}
	if path < 0 || at == end {
		return end, false
	}
	s := lattice.Segment{A: n.paths[path][index], B: n.paths[path][index+1]}
	if at != s.A && at != s.B {
		n.paths[path] = rebuild(n.paths[path], map[int][]stop{index: {{0.5, at}}})
	}
	n.joints[at] = true
	return at, true
}

// nearest returns the wall nearest to a point within a distance in metres, or
// -1, and how far it is.
func (n *noder) nearest(p lattice.Point, within float64) (wall int, distance float64) {
	wall, distance = -1, math.Inf(1)
	n.grid.Near(n.pl.around(lattice.Segment{A: p, B: p}, within), func(w int) bool {
		_, d := n.pl.foot(n.walls[w], p)
		if d <= within && (d < distance || d == distance && w < wall) {
			wall, distance = w, d
		}
		return true
	})
	return wall, distance
}

// approach lets paths go straight to the ends of walls that they will be drawn
// to, instead of past them and back along the wall: where one crosses a wall,
// its points nearer to the crossing than the wall's end are left out.
func (n *noder) approach() {
	for i, path := range n.paths {
		stops := map[int][]stop{}
		out := make([]bool, len(path))
		for k := 1; k < len(path); k++ {
			s := lattice.Segment{A: path[k-1], B: path[k]}
			n.grid.Near(lattice.BoxOf([]lattice.Point{s.A, s.B}), func(w int) bool {
				wall := n.walls[w]
				if !lattice.Conflict(s, wall) || on(s, wall.A) || on(s, wall.B) {
					return true
				}
				x := meet(s, wall)
				end := n.pl.end(wall, x)
				reach := n.pl.metres(x, end)
				stops[k-1] = append(stops[k-1], stop{share(s, x), end})
				for j := k - 1; j > 0 && !n.joints[path[j]] && n.pl.metres(path[j], x) < reach; j-- {
					out[j] = true
				}
				for j := k; j < len(path)-1 && !n.joints[path[j]] && n.pl.metres(path[j], x) < reach; j++ {
					out[j] = true
				}
				return true
			})
		}
		kept := make([]lattice.Point, 0, len(path))
		for k, p := range path {
			if !out[k] {
				kept = append(kept, p)
			}
			kept = append(kept, sorted(stops[k])...)
		}
		n.paths[i] = tidy(kept)
	}
}
