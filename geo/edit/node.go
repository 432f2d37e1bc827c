package edit

import (
	"cmp"
	"slices"

	"unigrid/geo/lattice"
)

const (
	maxRounds = 64
	// maxGrowth is by how much meeting walls and each other may lengthen paths,
	// compared with their points and the walls.
	maxGrowth = 8
	// maxDense is how often paths are cut to short segments; then those that
	// cannot be for a wall right beside them stay long.
	maxDense = 6
	// beside is how near, in units, a path goes by a vertex without meeting it.
	beside = 1.5
)

// noder fits drawn paths to the walls that exist, until they meet each other
// and the walls at common vertices only, or follow a wall from vertex to vertex.
type noder struct {
	pl     *plane
	walls  []lattice.Segment // canonical
	soft   map[lattice.Segment]bool
	cuts   map[lattice.Segment][]lattice.Point // by soft wall, from A to B
	ends   map[lattice.Point]bool              // of walls
	grid   *lattice.Grid
	paths  [][]lattice.Point      // closed ones repeat their first point
	joints map[lattice.Point]bool // where a path ends on another one
	last   lattice.Point          // where something was in the way
}

// newNoder takes the boundary segments of cells as walls; soft says which may
// get vertices.
func (pl *plane) newNoder(cells []int, soft func(s lattice.Segment) bool) *noder {
	n := &noder{pl: pl, joints: map[lattice.Point]bool{}, soft: map[lattice.Segment]bool{}, cuts: map[lattice.Segment][]lattice.Point{}}
	for _, i := range cells {
		for _, s := range pl.cells[i].Segments() {
			c := s.Canonical()
			if j := pl.twin(s); j >= 0 && s != c && slices.Contains(cells, j) {
				continue // seen from the other side
			}
			n.walls = append(n.walls, c)
			if soft != nil && soft(s) {
				n.soft[c] = true
			}
		}
	}
	n.index()
	return n
}

// index looks up walls by place.
func (n *noder) index() {
	n.grid = lattice.NewGrid(n.walls)
	n.ends = make(map[lattice.Point]bool, 2*len(n.walls))
	for _, w := range n.walls {
		n.ends[w.A], n.ends[w.B] = true, true
	}
}

// settle fits the paths. It fails with Tangled when they don't come to rest.
func (n *noder) settle() error {
	dense, base := 0, n.points()
	for range maxRounds {
		moved := n.meetWalls()
		moved = n.meetPaths() || moved
		for i := range n.paths {
			n.paths[i] = tidy(n.paths[i])
		}
		if n.points() > maxGrowth*(base+len(n.walls)) {
			break
		}
		if moved {
			continue
		}
		if dense++; dense > maxDense || !n.densify() {
			return nil
		}
		base = n.points()
	}
	return fault(Tangled, n.last)
}

// points counts the points of all paths.
func (n *noder) points() int {
	count := 0
	for _, p := range n.paths {
		count += len(p)
	}
	return count
}

// stop is a point to add to a segment, at a share of its length.
type stop struct {
	at    float64
	point lattice.Point
}

// sorted returns the points of stops in their order.
func sorted(list []stop) []lattice.Point {
	slices.SortFunc(list, func(a, b stop) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.point.X, b.point.X), cmp.Compare(a.point.Y, b.point.Y))
	})
	out := make([]lattice.Point, len(list))
	for i, s := range list {
		out[i] = s.point
	}
	return out
}

// rebuild adds stops to a path: stops[i] are those of its segment i.
func rebuild(path []lattice.Point, stops map[int][]stop) []lattice.Point {
	if len(stops) == 0 {
		return path
	}
	out := make([]lattice.Point, 0, len(path)+len(stops))
	for i, p := range path {
		out = append(append(out, p), sorted(stops[i])...)
	}
	return out
}

// meetWalls makes one round of paths against walls and tells whether anything
// changed.
func (n *noder) meetWalls() bool {
	moved := false
	fresh := map[lattice.Segment][]lattice.Point{} // cuts of this round
	for i, path := range n.paths {
		stops := map[int][]stop{}
		replace := map[lattice.Point]lattice.Point{}
		for k := 1; k < len(path); k++ {
			s := lattice.Segment{A: path[k-1], B: path[k]}
			if s.A == s.B {
				continue
			}
			n.grid.Near(n.pl.around(s, 0), func(w int) bool {
				wall := n.walls[w]
				if s.Canonical() == wall {
					return true
				}
				if list := n.meetWall(s, wall, fresh, replace); list != nil {
					stops[k-1] = append(stops[k-1], list...)
					moved = true
				}
				return true
			})
		}
		path = rebuild(path, stops)
		for k, p := range path {
			if q, ok := replace[p]; ok {
				path[k] = q
			}
		}
		n.paths[i] = path
	}
	n.cut(fresh)
	return moved
}

// meetWall says where a path's segment stops at a wall in its way, nil where it
// is not in the way, and notes what the wall has to be cut at and which of the
// path's points must move.
func (n *noder) meetWall(s, wall lattice.Segment, fresh map[lattice.Segment][]lattice.Point, replace map[lattice.Point]lattice.Point) []stop {
	var out []stop
	for _, p := range [2]lattice.Point{wall.A, wall.B} {
		if passes(s, p) {
			out = append(out, stop{share(s, p), p})
		}
		for _, q := range [2]lattice.Point{s.A, s.B} {
			if q != p && !n.ends[q] && within(p, q, beside) {
				replace[q] = p
				out = append(out, stop{share(s, q), p})
			}
		}
	}
	if !lattice.Conflict(s, wall) {
		return out
	}
	soft := n.soft[wall]
	met := len(out) > 0
	if out == nil {
		out = []stop{}
	}
	for _, p := range [2]lattice.Point{s.A, s.B} {
		if !inner(wall, p) {
			continue
		}
		met = true
		if soft {
			fresh[wall] = append(fresh[wall], p)
		} else {
			replace[p] = n.pl.end(wall, p)
		}
	}
	if met {
		n.last = wall.A
		return out
	}
	x := meet(s, wall)
	n.last = x
	to := x
	switch {
	case !soft:
		to = n.pl.end(wall, x)
	case x != wall.A && x != wall.B:
		fresh[wall] = append(fresh[wall], x)
	}
	if to != s.A && to != s.B {
		out = append(out, stop{share(s, x), to})
	}
	return out
}

// end returns the nearer end of a segment.
func (pl *plane) end(s lattice.Segment, p lattice.Point) lattice.Point {
	if pl.metres(s.B, p) < pl.metres(s.A, p) {
		return s.B
	}
	return s.A
}

// meetPaths makes one round of paths against each other. What follows a wall
// is left to meetWalls.
func (n *noder) meetPaths() bool {
	wall := set(n.walls)
	var segments []lattice.Segment
	var path, index []int
	for i, p := range n.paths {
		for k := 1; k < len(p); k++ {
			if s := (lattice.Segment{A: p[k-1], B: p[k]}); s.A != s.B && !wall[s.Canonical()] {
				segments = append(segments, s)
				path, index = append(path, i), append(index, k-1)
			}
		}
	}
	stops := make([]map[int][]stop, len(n.paths))
	moved := false
	add := func(i int, p lattice.Point) {
		if s := segments[i]; p != s.A && p != s.B {
			if stops[path[i]] == nil {
				stops[path[i]] = map[int][]stop{}
			}
			stops[path[i]][index[i]] = append(stops[path[i]][index[i]], stop{share(s, p), p})
			moved = true
		}
	}
	lattice.NewGrid(segments).Conflicts(func(i, j int) {
		s, t := segments[i], segments[j]
		if s.Canonical() == t.Canonical() {
			return
		}
		met := false
		for _, p := range [2]lattice.Point{t.A, t.B} {
			if inner(s, p) {
				add(i, p)
				met = true
			}
		}
		for _, p := range [2]lattice.Point{s.A, s.B} {
			if inner(t, p) {
				add(j, p)
				met = true
			}
		}
		if !met {
			x := meet(s, t)
			n.last = x
			add(i, x)
			add(j, x)
		}
	})
	for i := range n.paths {
		n.paths[i] = rebuild(n.paths[i], stops[i])
	}
	return moved
}

// densify cuts long segments of the paths near the cells; those that follow a
// wall stay.
func (n *noder) densify() bool {
	wall := set(n.walls)
	moved := false
	for i, path := range n.paths {
		dense := make([]lattice.Point, 0, len(path))
		for k, p := range path {
			if k > 0 {
				s := lattice.Segment{A: path[k-1], B: p}
				if s.Metres() > n.pl.o.MaxSegment && !wall[s.Canonical()] && n.pl.close(s) {
					cut := s.Split(0.98 * n.pl.o.MaxSegment)
					moved = moved || len(cut) > 0
					dense = append(dense, cut...)
				}
			}
			dense = append(dense, p)
		}
		n.paths[i] = dense
	}
	return moved
}

// close tells whether a segment's box meets the set's.
func (pl *plane) close(s lattice.Segment) bool {
	return max(s.A.X, s.B.X) >= pl.box.Min.X && min(s.A.X, s.B.X) <= pl.box.Max.X &&
		max(s.A.Y, s.B.Y) >= pl.box.Min.Y && min(s.A.Y, s.B.Y) <= pl.box.Max.Y
}

// tidy drops points that repeat the one before and ways there and back.
func tidy(path []lattice.Point) []lattice.Point {
	if len(path) == 0 {
		return path
	}
	closed := path[0] == path[len(path)-1]
	out := path[:0:0]
	for _, p := range path {
		switch n := len(out); {
		case n > 0 && out[n-1] == p:
		case n > 1 && out[n-2] == p:
			out = out[:n-1]
		default:
			out = append(out, p)
		}
	}
	for closed && len(out) > 3 && out[1] == out[len(out)-2] {
		out = out[1 : len(out)-1]
	}
	if len(out) < 2 || closed && len(out) < 4 {
		return nil
	}
	return out
}
