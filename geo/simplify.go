package geo

import (
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Simplify drops vertices that are within toleranceMetres of the simplified
// line. Every arc is simplified once for both sides, so neighbours still fit;
// nodes stay. Rings never collapse, and arcs that would cross another one or
// change which cell lies in which keep more of their vertices: a valid coverage
// stays one, for the reasons given at Validate.
func (c *Coverage) Simplify(toleranceMetres float64) []orb.MultiPolygon {
	table := c.arcs()
	s := &simplifying{
		c: c, arcTable: table, tolerance: toleranceMetres,
		lines: make([][]lattice.Point, len(table.arcs)),
		step:  make([]uint8, len(table.arcs)),
	}
	for i, a := range s.arcs {
		if c.twin[a.first] < 0 {
			s.loose = append(s.loose, int32(i))
		}
	}
	all := numbers(len(s.arcs))
	s.draw(all)
	cells, loose := numbers(c.Len()), true
	for {
		marks := s.clashes(cells)
		if loose {
			marks = append(marks, s.looseClashes()...)
		}
		refined := s.refine(marks)
		if len(refined) == 0 {
			return s.orb()
		}
		s.draw(refined)
		cells, loose = cells[:0], false
		for _, i := range refined {
			first := s.arcs[i].first
			cells = append(cells, c.cellOf(first))
			if other := c.across(first); other >= 0 {
				cells = append(cells, other)
			} else {
				loose = true
			}
		}
		slices.Sort(cells)
		cells = slices.Compact(cells)
	}
}

// numbers returns 0 to n-1.
func numbers(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// exact is the step at which an arc keeps all its vertices; at each before, its
// tolerance is a quarter of that of the step before.
const exact = 3

// simplifying is a coverage whose arcs have new lines.
type simplifying struct {
	c *Coverage
	*arcTable
	tolerance float64 // metres
	lines     [][]lattice.Point
	step      []uint8 // of every arc, how far its tolerance was reduced
	loose     []int32 // arcs with a cell on one side only
}

// draw simplifies the arcs given, each at its own tolerance.
func (s *simplifying) draw(arcs []int32) {
	parallel(len(arcs), 1024, func() func(lo, hi int) {
		var g generalizer
		return func(lo, hi int) {
			for _, i := range arcs[lo:hi] {
				g.line = s.c.line(s.arcs[i], g.line[:0])
				tolerance := s.tolerance / float64(int(1)<<(2*s.step[i]))
				if s.step[i] == exact {
					tolerance = 0
				}
				s.lines[i] = g.simplify(tolerance)
			}
		}
	})
}

// refine takes the arcs marked that can keep more vertices a step on.
func (s *simplifying) refine(marks []int32) []int32 {
	slices.Sort(marks)
	marks = slices.Compact(marks)
	out := marks[:0]
	for _, i := range marks {
		if s.step[i] < exact {
			s.step[i]++
			out = append(out, i)
		}
	}
	return out
}

// shape is a cell put together from the new lines of its arcs.
type shape struct {
	points []lattice.Point // of all rings, each with its first point again at its end
	rings  [][]lattice.Point
	holes  []bool
	arcs   []int32 // of every segment
}

func (s *simplifying) shape(cell int32, f *shape) {
	c := s.c
	f.points, f.rings, f.holes, f.arcs = f.points[:0], f.rings[:0], f.holes[:0], f.arcs[:0]
	var ends []int
	for r := c.first[cell]; r < c.first[cell+1]; r++ {
		first := len(f.points)
		for _, i := range s.side[s.start[r]:s.start[r+1]] {
			if i >= 0 {
				line := s.lines[i]
				f.points = append(f.points, line[:len(line)-1]...)
			} else {
				i = ^i
				line := s.lines[i]
				for k := len(line) - 1; k > 0; k-- {
					f.points = append(f.points, line[k])
				}
			}
			for range len(s.lines[i]) - 1 {
				f.arcs = append(f.arcs, i)
			}
		}
		f.points = append(f.points, f.points[first])
		ends = append(ends, len(f.points))
		f.holes = append(f.holes, c.rings[r].hole)
	}
	first := 0
	for _, end := range ends {
		f.rings = append(f.rings, f.points[first:end])
		first = end
	}
}

// clashes returns the arcs for which one of the cells is not valid on its own.
func (s *simplifying) clashes(cells []int32) []int32 {
	var marks []int32
	var lock sync.Mutex
	parallel(len(cells), 256, func() func(lo, hi int) {
		var check cellCheck
		var f shape
		return func(lo, hi int) {
			var found []int32
			for _, i := range cells[lo:hi] {
				s.shape(i, &f)
				sound := true
				check.clashes(f.rings, func(i, j int) bool {
					found = append(found, f.arcs[i], f.arcs[j])
					sound = false
					return true
				})
				if sound && !nested(f.rings, f.holes) {
					found = append(found, f.arcs...)
				}
			}
			lock.Lock()
			marks = append(marks, found...)
			lock.Unlock()
		}
	})
	return marks
}

// looseClashes returns the arcs without a neighbour that conflict, or that
// surround what they did not before.
func (s *simplifying) looseClashes() []int32 {
	var segments []lattice.Segment
	var owner []int32
	slanted := make([]int, len(s.loose)) // a segment of each arc that isn't horizontal
	for n, i := range s.loose {
		slanted[n] = -1
		for k, line := 1, s.lines[i]; k < len(line); k++ {
			if line[k-1].Y != line[k].Y {
				slanted[n] = len(segments)
			}
			segments = append(segments, lattice.Segment{A: line[k-1], B: line[k]})
			owner = append(owner, i)
		}
	}
	var marks []int32
	grid := lattice.NewGrid(segments)
	grid.Conflicts(func(i, j int) { marks = append(marks, owner[i], owner[j]) })
	if len(marks) > 0 {
		return marks
	}
	for n := range s.loose {
		if k := slanted[n]; k >= 0 && grid.Winding(k) != 1 {
			marks = append(marks, s.around(segments[k].A)...)
		}
	}
	return marks
}

// around returns the loose arcs that can have passed over a point when they
// were simplified: it must be in their box.
func (s *simplifying) around(p lattice.Point) []int32 {
	var out []int32
	for _, i := range s.loose {
		if lattice.BoxOf(s.c.line(s.arcs[i], nil)).Contains(p) {
			out = append(out, i)
		}
	}
	return out
}

// orb returns the cells in degrees.
func (s *simplifying) orb() []orb.MultiPolygon {
	out := make([]orb.MultiPolygon, s.c.Len())
	parallel(len(out), 256, func() func(lo, hi int) {
		var f shape
		return func(lo, hi int) {
			for i := lo; i < hi; i++ {
				s.shape(int32(i), &f)
				out[i] = f.orb()
			}
		}
	})
	return out
}

func (f *shape) orb() orb.MultiPolygon {
	points := make([]orb.Point, len(f.points))
	for k, p := range f.points {
		points[k] = p.Orb()
	}
	m := orb.MultiPolygon{}
	for n, r := range f.rings {
		if !f.holes[n] {
			m = append(m, nil)
		}
		m[len(m)-1] = append(m[len(m)-1], orb.Ring(points[:len(r):len(r)]))
		points = points[len(r):]
	}
	return m
}
