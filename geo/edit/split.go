package edit

import (
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Split cuts a cell along lines into pieces, ordered by their first vertex
// (west to east). Where a line crosses the cell's boundary, the new border ends
// at the nearer end of the crossed segment, so that no vertex is added there;
// what lies outside the cell is left off. A line's end inside the cell but
// within o.Snap of the boundary goes to the nearer end of the segment there, or
// else to another line that near. Lines may cross each other and pass through
// holes; every face that they make becomes a piece. Parts of the cell that no
// line divides go along with the piece nearest to them, the larger one if
// equally near.
//
// Faults: BadCell, BadLine, Misses, NotDivided, EndInside and SelfCrossing
// (neither with o.Prune), Tangled.
func Split(cell orb.MultiPolygon, lines []orb.LineString, o Options) ([]orb.MultiPolygon, error) {
	pl, err := newPlane([]orb.MultiPolygon{cell}, o)
	if err != nil {
		return nil, err
	}
	least := 2
	if o.Prune {
		least = 1
	}
	n := pl.newNoder([]int{0}, nil)
	for _, line := range lines {
		if o.Prune && len(line) == 0 {
			continue
		}
		path, err := pl.drawn(line, least)
		if err != nil {
			return nil, err
		}
		if len(path) < 2 {
			continue
		}
		if p, ok := crossing(path); ok && !o.Prune {
			return nil, fault(SelfCrossing, p)
		}
		n.paths = append(n.paths, path)
	}
	start := pl.cells[0][0][0][0]
	if len(n.paths) > 0 {
		start = n.paths[0][0]
	}
	in := newLocator(pl.cells[0].Segments())
	n.joinEnds(in)
	n.approach()
	if err := n.settle(); err != nil {
		return nil, pl.blame(err)
	}
	net := net{walls: pl.cells[0].Segments(), lines: in.inside(0, n.open())}
	if len(net.lines) == 0 {
		return nil, fault(Misses, start, 0)
	}
	if p, ok := n.loose(net); ok && !o.Prune {
		return nil, fault(EndInside, p, 0)
	}
	if dead := net.prune(); len(dead) > 0 && (!o.Prune || len(net.lines) == 0) {
		return nil, fault(NotDivided, dead[0].A, 0)
	}
	faces, err := net.faces()
	if err != nil {
		return nil, pl.blame(err)
	}
	pieces := pl.gather(faces, net)
	out := make([]orb.MultiPolygon, len(pieces))
	for i, m := range pieces {
		out[i] = m.Orb()
	}
	if err := pl.verify(out); err != nil {
		return nil, err
	}
	return out, nil
}

// loose returns the first end of a path that lies inside the cell and meets
// nothing there.
func (n *noder) loose(net net) (lattice.Point, bool) {
	degree := map[lattice.Point]int{}
	for _, s := range net.lines {
		degree[s.A]++
		degree[s.B]++
	}
	for _, s := range net.walls {
		degree[s.A] += 2
	}
	for _, path := range n.paths {
		if len(path) == 0 {
			continue
		}
		for _, p := range [2]lattice.Point{path[0], path[len(path)-1]} {
			if degree[p] == 1 {
				return p, true
			}
		}
	}
	return lattice.Point{}, false
}

// gather makes pieces of the faces that lines border; each other face, a part
// that no line divides, goes along with the nearest of them.
func (pl *plane) gather(faces lattice.MultiPolygon, net net) []lattice.MultiPolygon {
	drawn := set(net.segments()[len(net.walls):])
	piece := make([]int, len(faces))
	var main []lattice.Polygon
	for i, f := range faces {
		piece[i] = -1
		if _, ok := borders(f, drawn); ok {
			piece[i] = len(main)
			main = append(main, f)
		}
	}
	out := make([]lattice.MultiPolygon, len(main))
	for i, f := range faces {
		if piece[i] < 0 {
			piece[i] = pl.nearestPart(f, main)
		}
		out[piece[i]] = append(out[piece[i]], f)
	}
	return out
}

// nearestPart returns which of the parts comes nearest to f, from vertex to
// vertex; the largest of those.
func (pl *plane) nearestPart(f lattice.Polygon, parts []lattice.Polygon) int {
	best, distance, area := 0, math.Inf(1), int64(0)
	for i, p := range parts {
		d := math.Inf(1)
		for _, r := range p {
			for _, q := range r {
				for _, v := range f[0] {
					d = min(d, pl.metres(q, v))
				}
			}
		}
		if a := (lattice.MultiPolygon{p}).Area2(); d < distance || d == distance && a > area {
			best, distance, area = i, d, a
		}
	}
	return best
}
