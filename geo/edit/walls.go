package edit

import (
	"cmp"
	"slices"

	"unigrid/geo/lattice"
)

// cut gives soft walls, and the paths that follow them, their new vertices.
func (n *noder) cut(fresh map[lattice.Segment][]lattice.Point) {
	if len(fresh) == 0 {
		return
	}
	walls := make([]lattice.Segment, 0, len(n.walls)+len(fresh))
	for _, w := range n.walls {
		points, ok := fresh[w]
		if !ok {
			walls = append(walls, w)
			continue
		}
		slices.SortFunc(points, func(p, q lattice.Point) int {
			return cmp.Or(cmp.Compare(share(w, p), share(w, q)), cmp.Compare(p.X, q.X), cmp.Compare(p.Y, q.Y))
		})
		points = slices.Compact(points)
		chain := append(append([]lattice.Point{w.A}, points...), w.B)
		pieces := make([]lattice.Segment, 0, len(chain)-1)
		again := false // rounding has led back to a wall that was cut before
		for k := 1; k < len(chain); k++ {
			piece := lattice.Segment{A: chain[k-1], B: chain[k]}.Canonical()
			pieces = append(pieces, piece)
			again = again || piece == w || n.cuts[piece] != nil
		}
		if again {
			delete(fresh, w)
			walls = append(walls, w)
			continue
		}
		n.cuts[w], fresh[w] = points, points
		for _, piece := range pieces {
			walls = append(walls, piece)
			n.soft[piece] = true
		}
	}
	n.walls = walls
	n.index()
	for i, path := range n.paths {
		stops := map[int][]stop{}
		for k := 1; k < len(path); k++ {
			s := lattice.Segment{A: path[k-1], B: path[k]}
			for _, p := range fresh[s.Canonical()] {
				stops[k-1] = append(stops[k-1], stop{share(s, p), p})
			}
		}
		n.paths[i] = rebuild(path, stops)
	}
}

// boundary returns a cell's segments with the cuts that they got.
func (n *noder) boundary(cell int) []lattice.Segment {
	var out []lattice.Segment
	var add func(s lattice.Segment)
	add = func(s lattice.Segment) {
		points, ok := n.cuts[s.Canonical()]
		if !ok {
			out = append(out, s)
			return
		}
		chain := append(append([]lattice.Point{s.Canonical().A}, points...), s.Canonical().B)
		if s.A != chain[0] {
			slices.Reverse(chain)
		}
		for k := 1; k < len(chain); k++ {
			add(lattice.Segment{A: chain[k-1], B: chain[k]})
		}
	}
	for _, s := range n.pl.cells[cell].Segments() {
		add(s)
	}
	return out
}
