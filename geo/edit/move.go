package edit

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// MoveBoundary gives the border between cells a and b a new course and returns
// the set after it, index by index. Each end of the line goes to the nearest
// vertex of the two cells' boundaries within o.Snap or o.MaxSegment, whichever
// is more. With both ends on the border the stretch between them is replaced
// (of a closed border, the stretch that encloses less area with the line); an
// end elsewhere moves the border's own end there, and what lies between changes
// sides. All the other boundaries of a and b stay as they are, vertex by vertex,
// so that neither can be left with nothing or fall apart.
//
// Faults: BadCell, BadLine, NoBorder, EndOffBorder, SelfCrossing, Leaves,
// NotDivided (a course between two rings of the boundary), Locked, Unchanged
// (or the ends meet), Tangled. Fails with ErrOptions when a or b is no index or they are the same.
func MoveBoundary(cells []orb.MultiPolygon, a, b int, line orb.LineString, o Options) (after []orb.MultiPolygon, err error) {
	if a < 0 || b < 0 || a >= len(cells) || b >= len(cells) || a == b {
		return nil, fmt.Errorf("%w: cells %d and %d of %d", ErrOptions, a, b, len(cells))
	}
	pl, err := newPlane(cells, o)
	if err != nil {
		return nil, err
	}
	course, err := pl.drawn(line, 2)
	if err != nil {
		return nil, err
	}
	m := &mover{plane: pl, a: a, b: b}
	if err := m.findBorder(course); err != nil {
		return nil, err
	}
	if err := m.attach(course); err != nil {
		return nil, err
	}
	if err := m.replaced(); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	changed, err := m.relabel()
	if err != nil {
		return nil, pl.blame(err)
	}
	return pl.finish(changed)
}

// mover gives a border a new course.
type mover struct {
	*plane
	a, b   int
	border []chain         // all of what a and b share, a to the left
	course []lattice.Point // the new course, ends on vertices
	old    []lattice.Point // what it replaces, in its direction
	left   int             // the cell to the left of old
}

// chain is a run of border from node to node; closed ones repeat their first
// point.
type chain []lattice.Point

func (c chain) closed() bool { return c[0] == c[len(c)-1] }

// findBorder collects what the two cells share.
func (m *mover) findBorder(course []lattice.Point) error {
	out, in := map[lattice.Point][]lattice.Point{}, map[lattice.Point]int{}
	var starts []lattice.Point
	for _, s := range m.cells[m.a].Segments() {
		if m.twin(s) == m.b {
			out[s.A] = append(out[s.A], s.B)
			in[s.B]++
			starts = append(starts, s.A)
		}
	}
	if len(starts) == 0 {
		return fault(NoBorder, course[0], m.a, m.b)
	}
	through := func(p lattice.Point) bool { return len(out[p]) == 1 && in[p] == 1 }
	used := map[lattice.Segment]bool{}
	follow := func(p, q lattice.Point) {
		if used[lattice.Segment{A: p, B: q}] {
			return
		}
		used[lattice.Segment{A: p, B: q}] = true
		c := chain{p, q}
		for through(q) && q != p {
			next := out[q][0]
			used[lattice.Segment{A: q, B: next}] = true
			c = append(c, next)
			q = next
		}
		m.border = append(m.border, c)
	}
	for _, nodes := range [2]bool{true, false} {
		for _, p := range starts {
			if through(p) != nodes {
				for _, q := range out[p] {
					follow(p, q)
				}
			}
		}
	}
	return nil
}

// attach draws the ends of the line to vertices and cuts it into segments that
// are short enough.
func (m *mover) attach(line []lattice.Point) error {
	course := slices.Clone(line)
	for _, k := range [2]int{0, len(course) - 1} {
		best, within := -1., max(m.o.Snap, m.o.MaxSegment)
		end := course[k]
		for _, i := range [2]int{m.a, m.b} {
			for _, p := range m.cells[i] {
				for _, r := range p {
					for _, q := range r {
						if d := m.metres(q, end); d <= within && (best < 0 || d < best) {
							best, course[k] = d, q
						}
					}
				}
			}
		}
		if best < 0 {
			return fault(EndOffBorder, end, m.a, m.b)
		}
	}
	course = slices.Compact(course)
	if first, last := course[0], course[len(course)-1]; first == last {
		return fault(Unchanged, first, m.a, m.b)
	}
	for k, p := range course {
		if k > 0 {
			if s := (lattice.Segment{A: course[k-1], B: p}); s.Metres() > m.o.MaxSegment {
				m.course = append(m.course, s.Split(0.98*m.o.MaxSegment)...)
			}
		}
		m.course = append(m.course, p)
	}
	if p, ok := crossing(m.course); ok {
		return fault(SelfCrossing, p)
	}
	return nil
}

// replaced finds the stretch of border that the new course replaces.
func (m *mover) replaced() error {
	s, e := m.course[0], m.course[len(m.course)-1]
	type choice struct {
		chain chain
		i, j  int // places of s and e on it, or -1
	}
	var best choice
	rank := -1
	cost := 0.
	for _, c := range m.border {
		now := choice{c, slices.Index(c, s), slices.Index(c, e)}
		if c.closed() && (now.i < 0 || now.j < 0) {
			continue
		}
		r := 0
		if now.i >= 0 {
			r++
		}
		if now.j >= 0 {
			r++
		}
		first, last := c[0], c[len(c)-1]
		d := min(m.metres(first, s)+m.metres(last, e), m.metres(first, e)+m.metres(last, s))
		if r > rank || r == rank && d < cost {
			best, rank, cost = now, r, d
		}
	}
	if rank < 0 {
		return fault(EndOffBorder, s, m.a, m.b)
	}
	c, i, j := best.chain, best.i, best.j
	if c.closed() {
		m.replacedOfClosed(c[:len(c)-1], i%(len(c)-1), j%(len(c)-1))
		return m.different()
	}
	first, last := c[0], c[len(c)-1]
	forward := m.metres(first, s)+m.metres(last, e) <= m.metres(first, e)+m.metres(last, s)
	end := func(at lattice.Point) int { // of the chain, for an end elsewhere
		if m.metres(first, at) <= m.metres(last, at) {
			return 0
		}
		return len(c) - 1
	}
	switch {
	case i < 0 && j < 0 && forward:
		i, j = 0, len(c)-1
	case i < 0 && j < 0:
		i, j = len(c)-1, 0
	case i < 0:
		i = end(s)
	case j < 0:
		j = end(e)
	}
	switch {
	case i < j:
		m.old, m.left = slices.Clone(c[i:j+1]), m.a
	case i > j:
		m.old, m.left = slices.Clone(c[j:i+1]), m.b
		slices.Reverse(m.old)
	default: // the border's very end moves, by the other end of its chain's
		return fault(EndOffBorder, s, m.a, m.b)
	}
	return m.different()
}

// replacedOfClosed takes the way round a closed border, from place i to place j
// on it, that encloses less with the new course.
func (m *mover) replacedOfClosed(c chain, i, j int) {
	way := func(from, to int) []lattice.Point {
		out := []lattice.Point{c[from]}
		for k := from; k != to; {
			k = (k + 1) % len(c)
			out = append(out, c[k])
		}
		return out
	}
	there, back := way(i, j), way(j, i)
	slices.Reverse(back)
	between := func(old []lattice.Point) int64 {
		r := slices.Clone(old)
		for k := len(m.course) - 2; k > 0; k-- {
			r = append(r, m.course[k])
		}
		return max(lattice.Ring(r).Area2(), -lattice.Ring(r).Area2())
	}
	if m.old, m.left = there, m.a; between(back) < between(there) {
		m.old, m.left = back, m.b
	}
}

// different refuses a course that is the present one.
func (m *mover) different() error {
	if slices.Equal(m.course, m.old) {
		return fault(Unchanged, m.course[0], m.a, m.b)
	}
	for k := 1; k < len(m.old); k++ {
		if m.fixed[lattice.Segment{A: m.old[k-1], B: m.old[k]}.Canonical()] {
			return fault(Locked, m.old[k-1], m.a, m.b)
		}
	}
	return nil
}

// kept returns the boundary segments of a and b without the stretch replaced.
func (m *mover) kept() []lattice.Segment {
	gone := map[lattice.Segment]bool{}
	for k := 1; k < len(m.old); k++ {
		s := lattice.Segment{A: m.old[k-1], B: m.old[k]}
		gone[s], gone[s.Reverse()] = true, true
	}
	var out []lattice.Segment
	for _, i := range [2]int{m.a, m.b} {
		for _, s := range m.cells[i].Segments() {
			if !gone[s] {
				out = append(out, s)
			}
		}
	}
	return out
}

// check refuses a course that leaves the two cells or touches what is kept of
// their boundaries on the way.
func (m *mover) check() error {
	kept := m.kept()
	vertices := map[lattice.Point]bool{}
	for _, s := range kept {
		vertices[s.A] = true
	}
	grid := lattice.NewGrid(kept)
	for k := 1; k < len(m.course); k++ {
		s := lattice.Segment{A: m.course[k-1], B: m.course[k]}
		at, met := s.B, k+1 < len(m.course) && vertices[s.B]
		grid.Near(lattice.BoxOf([]lattice.Point{s.A, s.B}), func(i int) bool {
			if lattice.Conflict(s, kept[i]) {
				at, met = meet(s, kept[i]), true
			}
			return !met
		})
		if met {
			return fault(Leaves, at, m.a, m.b)
		}
	}
	first := lattice.Segment{A: m.course[0], B: m.course[1]}
	if winding(kept, first) != 1 {
		return fault(Leaves, along(first, 0.5), m.a, m.b)
	}
	return nil
}

// relabel gives each face between what is kept and the new course to a or b.
func (m *mover) relabel() (map[int]lattice.MultiPolygon, error) {
	net := net{walls: m.kept()}
	ahead, behind := map[lattice.Segment]bool{}, map[lattice.Segment]bool{}
	for k := 1; k < len(m.course); k++ {
		s := lattice.Segment{A: m.course[k-1], B: m.course[k]}
		net.lines = append(net.lines, s)
		ahead[s], behind[s.Reverse()] = true, true
	}
	if dead := net.prune(); len(dead) > 0 {
		return nil, fault(NotDivided, dead[0].A, m.a, m.b)
	}
	faces, err := net.faces()
	if err != nil {
		return nil, err
	}
	right := m.a + m.b - m.left
	sides := map[int][]lattice.Segment{}
	for _, f := range faces {
		of := -1
		if _, ok := borders(f, ahead); ok {
			of = m.left
		} else if _, ok := borders(f, behind); ok {
			of = right
		}
		segments := lattice.MultiPolygon{f}.Segments()
		if of < 0 {
			for _, s := range segments {
				if of >= 0 && m.owner[s] != of { // the old border was elsewhere
					return nil, fault(EndOffBorder, m.course[0], m.a, m.b)
				}
				of = m.owner[s]
			}
		}
		sides[of] = append(sides[of], segments...)
	}
	changed := map[int]lattice.MultiPolygon{}
	for _, i := range [2]int{m.a, m.b} {
		if changed[i], err = assemble(sides[i]); err != nil {
			return nil, err
		}
	}
	return changed, nil
}
