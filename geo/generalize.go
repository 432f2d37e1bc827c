package geo

import (
	"math"
	"slices"

	"unigrid/geo/lattice"
)

// generalizer drops vertices of one line after the other (Douglas-Peucker) and
// uses its memory again.
type generalizer struct {
	line  []lattice.Point
	keep  []bool
	stack [][2]int
	// arena is where results are put, many to an allocation.
	arena []lattice.Point
}

// simplify returns the line without vertices nearer than tolerance, in metres,
// to what is left; a closed line keeps three at least.
func (g *generalizer) simplify(tolerance float64) []lattice.Point {
	line := g.line
	if tolerance <= 0 || len(line) < 3 {
		return g.store(line, nil)
	}
	g.keep = append(g.keep[:0], make([]bool, len(line))...)
	keep, last := g.keep, len(line)-1
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
	g.stack = g.stack[:0]
	for a, b := 0, 1; b <= last; b++ {
		if keep[b] {
			g.stack = append(g.stack, [2]int{a, b})
			a = b
		}
	}
	for len(g.stack) > 0 {
		a, b := g.stack[len(g.stack)-1][0], g.stack[len(g.stack)-1][1]
		g.stack = g.stack[:len(g.stack)-1]
		if m, d := farthest(line, a, b, s); d > tolerance*tolerance {
			keep[m] = true
			g.stack = append(g.stack, [2]int{a, m}, [2]int{m, b})
		}
	}
	return g.store(line, keep)
}

// store copies the points to keep, all when keep is nil.
func (g *generalizer) store(line []lattice.Point, keep []bool) []lattice.Point {
	if cap(g.arena)-len(g.arena) < len(line) {
		g.arena = make([]lattice.Point, 0, max(1<<14, len(line)))
	}
	start := len(g.arena)
	for i, p := range line {
		if keep == nil || keep[i] {
			g.arena = append(g.arena, p)
		}
	}
	return slices.Clip(g.arena[start:])
}

// farthest returns the vertex between a and b that lies farthest from the
// segment between them, and its distance in square metres, or -1 when there is
// none.
func farthest(line []lattice.Point, a, b int, s lattice.Scale) (int, float64) {
	best, dist := a, -1.0
	ux, uy := offset(line[a], line[b], s)
	length := ux*ux + uy*uy
	for i := a + 1; i < b; i++ {
		px, py := offset(line[a], line[i], s)
		t := 0.0
		if length > 0 {
			t = math.Min(math.Max((px*ux+py*uy)/length, 0), 1)
		}
		dx, dy := px-t*ux, py-t*uy
		if d := dx*dx + dy*dy; d > dist {
			best, dist = i, d
		}
	}
	return best, dist
}

// offset returns the way from a to b in metres.
func offset(a, b lattice.Point, s lattice.Scale) (x, y float64) {
	return float64(int64(b.X)-int64(a.X)) * s.X, float64(int64(b.Y)-int64(a.Y)) * s.Y
}
