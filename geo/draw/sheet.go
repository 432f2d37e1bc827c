package draw

import (
	"unigrid/geo/lattice"
	"unigrid/geo/mesh"
)

// none labels triangles outside the parent.
const none = int32(-1)

// sheet is a mesh over a parent with a label on every triangle inside it.
type sheet struct {
	parent *parent
	mesh   *mesh.Mesh
	label  []int32
	middle []vec // centroids
	held   bool  // fixed edges lie on given lines, which borders keep to
}

// newSheet triangulates the parent's boundary with points inside it, makes ties
// edges where nothing is in the way, and labels nothing yet.
func newSheet(p *parent, inner []lattice.Point, ties []tie) (*sheet, error) {
	points := make([]lattice.Point, 0, len(p.segments)+len(inner))
	for _, s := range p.segments {
		points = append(points, s.A)
	}
	m, err := mesh.New(append(points, inner...), p.frame.scale.X/p.frame.scale.Y)
	if err != nil {
		return nil, err
	}
	if err := m.Bound(p.segments); err != nil {
		return nil, err
	}
	for _, t := range ties {
		for _, to := range t.to {
			if m.Constrain(lattice.Segment{A: t.from, B: to}) {
				break
			}
		}
	}
	m.MarkInside()
	s := &sheet{parent: p, mesh: m, label: make([]int32, len(m.Triangles)), middle: make([]vec, len(m.Triangles))}
	for t := range s.label {
		s.label[t] = none
		if m.Inside[t] {
			v := m.Triangles[t].V
			sum := p.frame.vec(m.Points[v[0]]).add(p.frame.vec(m.Points[v[1]])).add(p.frame.vec(m.Points[v[2]]))
			s.middle[t] = sum.times(1. / 3)
		}
	}
	return s, nil
}

// m2 returns a triangle's area in square metres.
func (s *sheet) m2(t int32) float64 {
	sc := s.parent.frame.scale
	return float64(s.mesh.Area2(t)) / 2 * sc.X * sc.Y
}

// across returns the triangle over an edge, or -1 where the parent ends.
func (s *sheet) across(t int32, i int) int32 {
	if tri := &s.mesh.Triangles[t]; tri.Mark[i] != mesh.Boundary {
		return tri.N[i]
	}
	return -1
}

// edge returns the length in metres of the edge opposite corner i.
func (s *sheet) edge(t int32, i int) float64 {
	v := s.mesh.Triangles[t].V
	f := s.parent.frame
	return f.vec(s.mesh.Points[v[(i+1)%3]]).distance(f.vec(s.mesh.Points[v[(i+2)%3]]))
}

// pieces numbers the connected sets of triangles inside the parent, going over
// the edges that pass lets through.
func (s *sheet) pieces(pass func(t int32, i int, u int32) bool) (piece []int32, count int32) {
	piece = make([]int32, len(s.label))
	for t := range piece {
		piece[t] = none
	}
	var todo []int32
	for t := range piece {
		if !s.mesh.Inside[t] || piece[t] != none {
			continue
		}
		piece[t] = count
		todo = append(todo[:0], int32(t))
		for len(todo) > 0 {
			t := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for i := range 3 {
				u := s.across(t, i)
				if u >= 0 && piece[u] == none && pass(t, i, u) {
					piece[u] = count
					todo = append(todo, u)
				}
			}
		}
		count++
	}
	return piece, count
}

// trim takes teeth off the borders between labels: a triangle that its own
// label touches along one edge only goes to the other side where that makes the
// border shorter. Pieces stay connected, and the triangles in keep stay.
func (s *sheet) trim(keep map[int32]bool) {
	var todo []int32
	for t := range s.label {
		if s.label[t] != none {
			todo = append(todo, int32(t))
		}
	}
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if keep[t] {
			continue
		}
		other, gain, own := none, 0.0, 0
		mixed := false // or on a given line
		for i := range 3 {
			u := s.across(t, i)
			switch {
			case u < 0:
			case s.label[u] == s.label[t]:
				own++
				gain -= s.edge(t, i)
			default:
				mixed = mixed || other != none && other != s.label[u] || s.firm(t, i)
				other = s.label[u]
				gain += s.edge(t, i)
			}
		}
		if own != 1 || other == none || mixed || gain <= 0 {
			continue
		}
		s.label[t] = other
		for i := range 3 {
			if u := s.across(t, i); u >= 0 {
				todo = append(todo, u)
			}
		}
	}
}
