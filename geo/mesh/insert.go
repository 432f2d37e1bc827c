package mesh

import "unigrid/geo/lattice"

// insert adds a point unless it is there already.
func (m *Mesh) insert(p lattice.Point, x, y int64, ratio float64) {
	if _, ok := m.index[p]; ok {
		return
	}
	v := int32(len(m.Points))
	m.Points = append(m.Points, p)
	m.x, m.y = append(m.x, x), append(m.y, y)
	m.u = append(m.u, float64(x)*ratio)
	m.any = append(m.any, -1)
	m.index[p] = v
	t, edge := m.locate(v)
	if edge < 0 {
		m.splitTriangle(t, v)
	} else {
		m.splitEdge(t, edge, v)
	}
	m.legalise(v)
	m.hint = m.any[v]
}

// locate returns the triangle that holds a vertex not yet connected, and the
// edge it lies on, or -1.
func (m *Mesh) locate(v int32) (t int32, edge int) {
	return m.walk(func(a, b int32) int64 { return m.orient(a, b, v) })
}

// At returns the triangle that holds p, or -1 when p is far outside. A point on
// an edge is in one of its two triangles. It is not safe for concurrent use.
func (m *Mesh) At(p lattice.Point) int32 {
	if len(m.Points) == 3 {
		return -1
	}
	// Any inserted vertex tells the origin of the relative coordinates.
	px := int64(p.X) - int64(m.Points[3].X) + m.x[3]
	py := int64(p.Y) - int64(m.Points[3].Y) + m.y[3]
	if px <= m.x[0] || py <= m.y[0] || px-m.x[0]+py-m.y[0] >= m.x[1]-m.x[0] {
		return -1
	}
	t, _ := m.walk(func(a, b int32) int64 {
		return (m.x[b]-m.x[a])*(py-m.y[a]) - (m.y[b]-m.y[a])*(px-m.x[a])
	})
	return t
}

// walk goes from triangle to triangle towards the place that side describes:
// positive left of the line from a to b.
func (m *Mesh) walk(side func(a, b int32) int64) (t int32, edge int) {
	t = m.hint
	for steps := 0; ; steps++ {
		if steps > len(m.Triangles) { // a walk can go round in a constrained mesh
			return m.scan(side)
		}
		tri := &m.Triangles[t]
		m.turn++
		edge = -1
		next := int32(-1)
		for k := range 3 {
			i := (k + int(m.turn)) % 3
			s := side(tri.V[(i+1)%3], tri.V[(i+2)%3])
			if s < 0 {
				next = tri.N[i]
				break
			}
			if s == 0 {
				edge = i
			}
		}
		if next < 0 {
			m.hint = t
			return t, edge
		}
		t = next
	}
}

func (m *Mesh) scan(side func(a, b int32) int64) (t int32, edge int) {
	for t := range m.Triangles {
		v := m.Triangles[t].V
		edge, in := -1, true
		for i := range 3 {
			s := side(v[(i+1)%3], v[(i+2)%3])
			in = in && s >= 0
			if s == 0 {
				edge = i
			}
		}
		if in {
			m.hint = int32(t)
			return int32(t), edge
		}
	}
	return m.hint, -1
}

// set writes a triangle and lets its neighbours and corners know it.
func (m *Mesh) set(t int32, tri Triangle) {
	m.Triangles[t] = tri
	for i := range 3 {
		m.any[tri.V[i]] = t
		n := tri.N[i]
		if n < 0 {
			continue
		}
		a, b := tri.V[(i+1)%3], tri.V[(i+2)%3]
		u := &m.Triangles[n]
		for j := range 3 {
			if u.V[(j+1)%3] == b && u.V[(j+2)%3] == a {
				u.N[j] = t
			}
		}
	}
}

func (m *Mesh) add() int32 {
	m.Triangles = append(m.Triangles, Triangle{N: [3]int32{-1, -1, -1}})
	return int32(len(m.Triangles) - 1)
}

func (m *Mesh) splitTriangle(t, p int32) {
	o := m.Triangles[t]
	t1, t2 := m.add(), m.add()
	a, b, c := o.V[0], o.V[1], o.V[2]
	m.set(t1, Triangle{V: [3]int32{p, b, c}, N: [3]int32{o.N[0], t2, t}})
	m.set(t2, Triangle{V: [3]int32{p, c, a}, N: [3]int32{o.N[1], t, t1}})
	m.set(t, Triangle{V: [3]int32{p, a, b}, N: [3]int32{o.N[2], t1, t2}})
	m.stack = append(m.stack, t, t1, t2)
}

func (m *Mesh) splitEdge(t int32, edge int, p int32) {
	o := m.Triangles[t]
	u := o.N[edge]
	a, b, c := o.V[edge], o.V[(edge+1)%3], o.V[(edge+2)%3]
	j := m.opposite(u, t)
	q := m.Triangles[u]
	d := q.V[j]
	t1, t2 := m.add(), m.add()
	nab, nca := o.N[(edge+2)%3], o.N[(edge+1)%3]
	nbd, ndc := q.N[(j+1)%3], q.N[(j+2)%3]
	m.set(t, Triangle{V: [3]int32{p, a, b}, N: [3]int32{nab, u, t2}})
	m.set(u, Triangle{V: [3]int32{p, b, d}, N: [3]int32{nbd, t1, t}})
	m.set(t1, Triangle{V: [3]int32{p, d, c}, N: [3]int32{ndc, t2, u}})
	m.set(t2, Triangle{V: [3]int32{p, c, a}, N: [3]int32{nca, t, t1}})
	m.stack = append(m.stack, t, u, t1, t2)
}

// opposite returns which corner of u faces its neighbour t.
func (m *Mesh) opposite(u, t int32) int {
	for j := range 3 {
		if m.Triangles[u].N[j] == t {
			return j
		}
	}
	return -1
}

// legalise flips edges opposite p until the stacked triangles are Delaunay.
func (m *Mesh) legalise(p int32) {
	for len(m.stack) > 0 {
		t := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		tri := &m.Triangles[t]
		i := 0
		for tri.V[i] != p {
			i++
		}
		u := tri.N[i]
		if u < 0 || tri.Mark[i] != Free {
			continue
		}
		d := m.Triangles[u].V[m.opposite(u, t)]
		if m.inCircle(tri.V[0], tri.V[1], tri.V[2], d) && m.convex(t, i) {
			m.flip(t, i)
			m.stack = append(m.stack, t, u)
		}
	}
}

// convex tells whether the two triangles at an edge form a strictly convex
// quadrilateral, so that the edge can be flipped.
func (m *Mesh) convex(t int32, i int) bool {
	tri := &m.Triangles[t]
	u := tri.N[i]
	d := m.Triangles[u].V[m.opposite(u, t)]
	a, b, c := tri.V[i], tri.V[(i+1)%3], tri.V[(i+2)%3]
	return m.orient(a, b, d) > 0 && m.orient(a, d, c) > 0
}

// flip replaces the edge opposite corner i of t by the other diagonal. The new
// edge runs from V[0] to V[2] of t.
func (m *Mesh) flip(t int32, i int) {
	o := m.Triangles[t]
	u := o.N[i]
	j := m.opposite(u, t)
	q := m.Triangles[u]
	a, b, c, d := o.V[i], o.V[(i+1)%3], o.V[(i+2)%3], q.V[j]
	m.Triangles[t] = Triangle{
		V:    [3]int32{a, b, d},
		N:    [3]int32{q.N[(j+1)%3], u, o.N[(i+2)%3]},
		Mark: [3]Mark{q.Mark[(j+1)%3], Free, o.Mark[(i+2)%3]},
	}
	m.Triangles[u] = Triangle{
		V:    [3]int32{a, d, c},
		N:    [3]int32{q.N[(j+2)%3], o.N[(i+1)%3], t},
		Mark: [3]Mark{q.Mark[(j+2)%3], o.Mark[(i+1)%3], Free},
	}
	m.set(t, m.Triangles[t])
	m.set(u, m.Triangles[u])
}
