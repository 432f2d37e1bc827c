package mesh

import (
	"fmt"

	"unigrid/geo/lattice"
)

// Bound makes the segments edges and marks them Boundary. Their ends must be
// vertices. It fails with ErrBoundary when they cross or touch each other or
// another vertex lies on one.
func (m *Mesh) Bound(segments []lattice.Segment) error {
	for _, s := range segments {
		a, b := m.Vertex(s.A), m.Vertex(s.B)
		if a < 0 || b < 0 || !m.constrain(a, b, Boundary) {
			p := s.A.Orb()
			return fmt.Errorf("%w near %.7f, %.7f", ErrBoundary, p[0], p[1])
		}
	}
	return nil
}

// Constrain makes a segment an edge and marks it Fixed. It returns false and
// changes nothing when an end is no vertex, or another vertex or an edge that
// must stay is in the way.
func (m *Mesh) Constrain(s lattice.Segment) bool {
	a, b := m.Vertex(s.A), m.Vertex(s.B)
	return a >= 0 && b >= 0 && a != b && m.constrain(a, b, Fixed)
}

// find returns the triangle with the edge from a to b and the corner opposite
// to it, or -1.
func (m *Mesh) find(a, b int32) (int32, int) {
	start := m.any[a]
	for _, turn := range [2]int{1, 2} { // a far corner has no full circle of triangles
		for t := start; t >= 0; {
			tri := &m.Triangles[t]
			i := tri.corner(a)
			if tri.V[(i+1)%3] == b {
				return t, (i + 2) % 3
			}
			if t = tri.N[(i+turn)%3]; t == start {
				return -1, 0
			}
		}
	}
	return -1, 0
}

func (t *Triangle) corner(v int32) int {
	for i := range 3 {
		if t.V[i] == v {
			return i
		}
	}
	return -1
}

func (m *Mesh) mark(t int32, i int, k Mark) {
	tri := &m.Triangles[t]
	tri.Mark[i] = max(tri.Mark[i], k)
	if u := tri.N[i]; u >= 0 {
		j := m.opposite(u, t)
		m.Triangles[u].Mark[j] = max(m.Triangles[u].Mark[j], k)
	}
}

type edge struct{ a, b int32 }

func (m *Mesh) constrain(a, b int32, k Mark) bool {
	if t, i := m.find(a, b); t >= 0 {
		m.mark(t, i, k)
		return true
	}
	crossing, ok := m.crossed(a, b)
	if !ok {
		return false
	}
	var fresh []edge
	for n := 0; len(crossing) > 0; n++ {
		e := crossing[0]
		crossing = crossing[1:]
		t, i := m.find(e.a, e.b)
		if !m.convex(t, i) {
			crossing = append(crossing, e)
			continue
		}
		m.flip(t, i)
		p, q := m.Triangles[t].V[0], m.Triangles[t].V[2]
		op, oq := m.orient(a, b, p), m.orient(a, b, q)
		if p != a && p != b && q != a && q != b && (op > 0) != (oq > 0) {
			crossing = append(crossing, edge{p, q})
		} else {
			fresh = append(fresh, edge{p, q})
		}
	}
	t, i := m.find(a, b)
	m.mark(t, i, k)
	m.restore(fresh)
	return true
}

// crossed returns the edges that the segment from a to b crosses, and false
// when a vertex or an edge that must stay is in the way.
func (m *Mesh) crossed(a, b int32) ([]edge, bool) {
	t, i := int32(-1), 0
	start := m.any[a]
	for s := start; ; {
		tri := &m.Triangles[s]
		j := tri.corner(a)
		p, q := tri.V[(j+1)%3], tri.V[(j+2)%3]
		op, oq := m.orient(a, p, b), m.orient(a, q, b)
		if op > 0 && oq < 0 {
			t, i = s, j
			break
		}
		if op == 0 && m.ahead(a, p, b) || oq == 0 && m.ahead(a, q, b) {
			return nil, false
		}
		if s = tri.N[(j+1)%3]; s == start || s < 0 {
			return nil, false
		}
	}
	var out []edge
	for {
		tri := &m.Triangles[t]
		if tri.Mark[i] != Free {
			return nil, false
		}
		e := edge{tri.V[(i+1)%3], tri.V[(i+2)%3]}
		out = append(out, e)
		u := tri.N[i]
		j := m.opposite(u, t)
		d := m.Triangles[u].V[j]
		if d == b {
			return out, true
		}
		switch o := m.orient(a, b, d); {
		case o == 0:
			return nil, false
		case o > 0: // d takes the place of the corner on the left
			i = m.Triangles[u].corner(e.b)
		default:
			i = m.Triangles[u].corner(e.a)
		}
		t = u
	}
}

// ahead tells whether p, on the line through a and b, is on b's side of a.
func (m *Mesh) ahead(a, p, b int32) bool {
	return (m.x[p]-m.x[a])*(m.x[b]-m.x[a])+(m.y[p]-m.y[a])*(m.y[b]-m.y[a]) > 0
}

// restore flips the new edges where that makes better triangles.
func (m *Mesh) restore(edges []edge) {
	for changed, round := true, 0; changed && round < len(edges)+8; round++ {
		changed = false
		for n, e := range edges {
			t, i := m.find(e.a, e.b)
			if t < 0 || m.Triangles[t].Mark[i] != Free || m.Triangles[t].N[i] < 0 {
				continue
			}
			tri := &m.Triangles[t]
			u := tri.N[i]
			d := m.Triangles[u].V[m.opposite(u, t)]
			if m.inCircle(tri.V[0], tri.V[1], tri.V[2], d) && m.convex(t, i) {
				m.flip(t, i)
				edges[n] = edge{m.Triangles[t].V[0], m.Triangles[t].V[2]}
				changed = true
			}
		}
	}
}

// MarkInside sets Inside: a triangle is inside when an odd number of Boundary
// edges part it from the far corners.
func (m *Mesh) MarkInside() {
	m.Inside = make([]bool, len(m.Triangles))
	seen := make([]bool, len(m.Triangles))
	todo := []int32{m.any[0]}
	seen[todo[0]] = true
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		tri := &m.Triangles[t]
		for i, u := range tri.N {
			if u < 0 || seen[u] {
				continue
			}
			seen[u] = true
			m.Inside[u] = m.Inside[t] != (tri.Mark[i] == Boundary)
			todo = append(todo, u)
		}
	}
}
