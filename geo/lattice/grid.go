package lattice

import "math"

// Grid finds segments by place: a uniform grid of buckets over their box.
type Grid struct {
	segments   []Segment
	box        Box
	size       float64 // bucket edge, in units
	cols, rows int
	start      []int32 // start[b]..start[b+1] in items is bucket b
	items      []int32
}

// NewGrid indexes the segments with about as many buckets as segments.
func NewGrid(segments []Segment) *Grid {
	g := &Grid{segments: segments}
	if len(segments) == 0 {
		g.size, g.cols, g.rows, g.start = 1, 1, 1, make([]int32, 2)
		return g
	}
	g.box = Box{segments[0].A, segments[0].A}
	for _, s := range segments {
		g.box = g.box.Extend(s.A).Extend(s.B)
	}
	w := float64(g.box.Max.X) - float64(g.box.Min.X) + 1
	h := float64(g.box.Max.Y) - float64(g.box.Min.Y) + 1
	n := float64(len(segments))
	g.size = math.Max(math.Sqrt(w*h/n), math.Max(w, h)/(4*n+16))
	g.cols, g.rows = int(w/g.size)+1, int(h/g.size)+1
	g.start = make([]int32, g.cols*g.rows+1)
	for _, s := range segments {
		g.trace(s, func(b int) { g.start[b+1]++ })
	}
	for b := 1; b < len(g.start); b++ {
		g.start[b] += g.start[b-1]
	}
	g.items = make([]int32, g.start[len(g.start)-1])
	next := append([]int32(nil), g.start...)
	for i, s := range segments {
		g.trace(s, func(b int) {
			g.items[next[b]] = int32(i)
			next[b]++
		})
	}
	return g
}

func (g *Grid) col(x float64) int {
	return min(max(int((x-float64(g.box.Min.X))/g.size), 0), g.cols-1)
}

func (g *Grid) row(y float64) int {
	return min(max(int((y-float64(g.box.Min.Y))/g.size), 0), g.rows-1)
}

// trace visits every bucket that the segment may pass, each once.
func (g *Grid) trace(s Segment, visit func(b int)) {
	if s.B.Y < s.A.Y {
		s = s.Reverse()
	}
	ax, ay, bx, by := float64(s.A.X), float64(s.A.Y), float64(s.B.X), float64(s.B.Y)
	r0, r1 := g.row(ay), g.row(by)
	for r := r0; r <= r1; r++ {
		x0, x1 := ax, bx
		if r0 != r1 {
			at := func(row int) float64 {
				y := math.Min(math.Max(float64(g.box.Min.Y)+float64(row)*g.size, ay), by)
				return ax + (bx-ax)*(y-ay)/(by-ay)
			}
			x0, x1 = at(r), at(r+1)
		}
		if x1 < x0 {
			x0, x1 = x1, x0
		}
		// One unit to each side outweighs the rounding of the divisions.
		for c := g.col(x0 - 1); c <= g.col(x1+1); c++ {
			visit(r*g.cols + c)
		}
	}
}

// Near visits the segments in the buckets that a box touches, some of them more
// than once, until visit returns false.
func (g *Grid) Near(b Box, visit func(i int) bool) {
	c0, c1 := g.col(float64(b.Min.X)), g.col(float64(b.Max.X))
	r0, r1 := g.row(float64(b.Min.Y)), g.row(float64(b.Max.Y))
	for r := r0; r <= r1; r++ {
		for c := c0; c <= c1; c++ {
			k := r*g.cols + c
			for _, i := range g.items[g.start[k]:g.start[k+1]] {
				if !visit(int(i)) {
					return
				}
			}
		}
	}
}

// AppendAlong appends the segments in the buckets that a segment may pass, some of
// them more than once.
func (g *Grid) AppendAlong(dst []int32, s Segment) []int32 {
	low, high := min(s.A.Y, s.B.Y), max(s.A.Y, s.B.Y)
	west, east := min(s.A.X, s.B.X), max(s.A.X, s.B.X)
	if east < g.box.Min.X || west > g.box.Max.X || high < g.box.Min.Y || low > g.box.Max.Y {
		return dst
	}
	if r := g.row(float64(low)); r == g.row(float64(high)) {
		k := r * g.cols
		for c := g.col(float64(west) - 1); c <= g.col(float64(east)+1); c++ {
			dst = append(dst, g.items[g.start[k+c]:g.start[k+c+1]]...)
		}
		return dst
	}
	g.trace(s, func(b int) { dst = append(dst, g.items[g.start[b]:g.start[b+1]]...) })
	return dst
}

// Conflicts reports every pair of segments in Conflict, i < j; a pair may be
// reported more than once.
func (g *Grid) Conflicts(report func(i, j int)) {
	for b := 0; b+1 < len(g.start); b++ {
		bucket := g.items[g.start[b]:g.start[b+1]]
		for x, i := range bucket {
			for _, j := range bucket[x+1:] {
				if Conflict(g.segments[i], g.segments[j]) {
					report(int(i), int(j))
				}
			}
		}
	}
}

// Inside tells by how many counter-clockwise turns the segments surround p,
// where p is on none of them: 1 inside a valid area, 0 outside.
func (g *Grid) Inside(p Point) int {
	if !g.box.Contains(p) {
		return 0
	}
	count, first := 0, g.col(float64(p.X))
	for c := first; c < g.cols; c++ {
		k := g.row(float64(p.Y))*g.cols + c
		for _, i := range g.items[g.start[k]:g.start[k+1]] {
			s := g.segments[i]
			up := s.A.Y <= p.Y && s.B.Y > p.Y
			if !up && !(s.B.Y <= p.Y && s.A.Y > p.Y) {
				continue
			}
			if max(g.col(g.crossing(s, float64(p.Y))), first) != c {
				continue // counted in the bucket that holds the crossing
			}
			side := Orient(s.A, s.B, p)
			if up && side > 0 {
				count++
			} else if !up && side < 0 {
				count--
			}
		}
	}
	return count
}

// ends tells whether one of the segments starts or ends at p.
func (g *Grid) ends(p Point) bool {
	found := false
	g.Near(Box{p, p}, func(i int) bool {
		found = g.segments[i].A == p || g.segments[i].B == p
		return !found
	})
	return found
}

// Winding is what the function Winding says for one of the grid's segments,
// which must not be horizontal; it looks along the segment's row only.
func (g *Grid) Winding(at int) int {
	s := g.segments[at]
	mx, my := int64(s.A.X)+int64(s.B.X), int64(s.A.Y)+int64(s.B.Y) // doubled
	row := g.row(float64(my) / 2)
	first := g.col(float64(mx)/2 - 1)
	count := 0
	if s.B.Y > s.A.Y {
		count = 1 // left of an upward segment is beyond it, seen along the ray
	}
	for c := first; c < g.cols; c++ {
		k := row*g.cols + c
		for _, i := range g.items[g.start[k]:g.start[k+1]] {
			t := g.segments[i]
			ay, by := 2*int64(t.A.Y), 2*int64(t.B.Y)
			up := ay <= my && by > my
			if !up && !(by <= my && ay > my) || int(i) == at {
				continue
			}
			// Counted in the one bucket that the crossing falls into.
			if max(g.col(g.crossing(t, float64(my)/2)), first) != c {
				continue
			}
			side := crossSign(2*(int64(t.B.X)-int64(t.A.X)), by-ay, mx-2*int64(t.A.X), my-ay)
			if up && side > 0 {
				count++
			} else if !up && side < 0 {
				count--
			}
		}
	}
	return count
}

// crossing returns where the segment meets the horizontal line at y.
func (g *Grid) crossing(s Segment, y float64) float64 {
	c := s.Canonical()
	return float64(c.A.X) + (float64(c.B.X)-float64(c.A.X))*(y-float64(c.A.Y))/(float64(c.B.Y)-float64(c.A.Y))
}
