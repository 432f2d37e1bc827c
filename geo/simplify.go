package geo

import (
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Simplify drops vertices that are within toleranceMetres of the simplified
// line. Every arc is simplified once for both sides, so neighbours still fit;
// nodes stay. Rings never collapse, and arcs that would cross another one or
// change which cell lies in which keep more of their vertices.
func (c *Coverage) Simplify(toleranceMetres float64) []orb.MultiPolygon {
	tolerance := make([]float64, len(c.arcs))
	for i := range tolerance {
		tolerance[i] = toleranceMetres
	}
	lines := make([][]lattice.Point, len(c.arcs))
	stale := make([]bool, len(c.arcs))
	for i := range stale {
		stale[i] = true
	}
	for {
		for i, a := range c.arcs {
			if stale[i] {
				lines[i] = simplifyArc(c.line(a), tolerance[i])
			}
		}
		clear(stale)
		c.markConflicts(lines, stale)
		cells := c.build(lines)
		c.markMisfits(cells, stale)
		retry := false
		for i := range stale {
			if stale[i] = stale[i] && tolerance[i] > 0; stale[i] {
				retry = true
				if tolerance[i] /= 4; tolerance[i] < toleranceMetres/50 {
					tolerance[i] = 0
				}
			}
		}
		if !retry {
			out := make([]orb.MultiPolygon, len(cells))
			for i, m := range cells {
				out[i] = m.Orb()
			}
			return out
		}
	}
}

// markConflicts marks the arcs of which a segment conflicts with another.
func (c *Coverage) markConflicts(lines [][]lattice.Point, mark []bool) {
	var segments []lattice.Segment
	var owner []int32
	for i, line := range lines {
		for k := 1; k < len(line); k++ {
			segments = append(segments, lattice.Segment{A: line[k-1], B: line[k]})
			owner = append(owner, int32(i))
		}
	}
	lattice.NewGrid(segments).Conflicts(func(i, j int) {
		mark[owner[i]], mark[owner[j]] = true, true
	})
}

// markMisfits marks the arcs of cells whose rings no longer nest.
func (c *Coverage) markMisfits(cells []lattice.MultiPolygon, mark []bool) {
	bad := make([]bool, len(cells))
	for i, m := range cells {
		bad[i] = len(nesting(m, i)) > 0
	}
	for i, a := range c.arcs {
		if bad[a.left] || a.right >= 0 && bad[a.right] {
			mark[i] = true
		}
	}
}

// build puts the cells together again from new lines for their arcs.
func (c *Coverage) build(lines [][]lattice.Point) []lattice.MultiPolygon {
	out := make([]lattice.MultiPolygon, len(c.cells))
	for _, r := range c.rings {
		m := out[r.cell]
		if int(r.part) == len(m) {
			m = append(m, nil)
		}
		m[r.part] = append(m[r.part], c.buildRing(r, lines))
		out[r.cell] = m
	}
	return out
}

func (c *Coverage) buildRing(r ring, lines [][]lattice.Point) lattice.Ring {
	// The first half of the ring that begins an arc, seen from this side.
	start := int32(0)
	for k := int32(0); k < r.count; k++ {
		if c.beginsArc(r.first + k) {
			start = k
			break
		}
	}
	var out lattice.Ring
	for k := int32(0); k < r.count; {
		h := c.halves[r.first+(start+k)%r.count]
		a := c.arcs[h.arc]
		line := lines[h.arc]
		if a.vertices[0] == h.from && a.vertices[1] == h.to {
			out = append(out, line[:len(line)-1]...)
		} else {
			for i := len(line) - 1; i > 0; i-- {
				out = append(out, line[i])
			}
		}
		k += int32(len(a.vertices) - 1)
	}
	return out
}

// beginsArc tells whether a half is the first of its arc or the last of it
// seen the other way round.
func (c *Coverage) beginsArc(h int32) bool {
	v := c.arcs[c.halves[h].arc].vertices
	n := len(v)
	from, to := c.halves[h].from, c.halves[h].to
	return v[0] == from && v[1] == to || v[n-1] == from && v[n-2] == to
}

// simplifyArc drops vertices of a line; a closed line keeps three at least.
func simplifyArc(line []lattice.Point, tolerance float64) []lattice.Point {
	if tolerance <= 0 || len(line) < 3 {
		return line
	}
	keep := make([]bool, len(line))
	last := len(line) - 1
	keep[0], keep[last] = true, true
	s := lattice.ScaleAt((float64(line[0].Y) + float64(line[last/2].Y)) / 2)
	if line[0] == line[last] {
		far, _ := farthest(line, 0, last, s)
		keep[far] = true
		near, d1 := farthest(line, 0, far, s)
		other, d2 := farthest(line, far, last, s)
		if d2 > d1 {
			near = other
		}
		keep[near] = true
	}
	type span struct{ a, b int }
	var stack []span
	for a, b := 0, 1; b <= last; b++ {
		if keep[b] {
			stack = append(stack, span{a, b})
			a = b
		}
	}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if m, d := farthest(line, t.a, t.b, s); d > tolerance {
			keep[m] = true
			stack = append(stack, span{t.a, m}, span{m, t.b})
		}
	}
	out := make([]lattice.Point, 0, 8)
	for i, p := range line {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

// farthest returns the vertex between a and b that lies farthest from the
// segment between them, and its distance in metres, or -1 when there is none.
func farthest(line []lattice.Point, a, b int, s lattice.Scale) (int, float64) {
	best, dist := a, -1.0
	ux, uy := offset(line[a], line[b], s)
	for i := a + 1; i < b; i++ {
		px, py := offset(line[a], line[i], s)
		t := 0.0
		if l := ux*ux + uy*uy; l > 0 {
			t = math.Min(math.Max((px*ux+py*uy)/l, 0), 1)
		}
		if d := math.Hypot(px-t*ux, py-t*uy); d > dist {
			best, dist = i, d
		}
	}
	return best, dist
}

// offset returns the way from a to b in metres.
func offset(a, b lattice.Point, s lattice.Scale) (x, y float64) {
	return float64(int64(b.X)-int64(a.X)) * s.X, float64(int64(b.Y)-int64(a.Y)) * s.Y
}
