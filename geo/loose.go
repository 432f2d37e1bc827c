package geo

import (
	"slices"

	"unigrid/geo/lattice"
)

// looseEnds are the halves without a neighbour, for comparing them with each
// other or with a parent's.
type looseEnds struct {
	c        *Coverage
	halves   []int32
	segments []lattice.Segment
}

// looseEnds lists those of the coverage.
func (c *Coverage) looseEnds() *looseEnds {
	l := &looseEnds{c: c, halves: c.loose, segments: make([]lattice.Segment, len(c.loose))}
	for k, h := range c.loose {
		l.segments[k] = c.segment(h)
	}
	return l
}

// runs calls visit for every longest piece of loose boundary that meets no
// other inside, with one of its segments that is not horizontal, if it has one.
func (l *looseEnds) runs(visit func(k int)) {
	knots := l.c.knots()
	done := make([]bool, len(l.halves))
	follow := func(k int) {
		found := -1
		for !done[k] {
			done[k] = true
			if s := l.segments[k]; found < 0 && s.A.Y != s.B.Y {
				found = k
			}
			// Round the vertex at the end through the cells that hang together.
			h := l.c.next(l.halves[k])
			for l.c.twin[h] >= 0 {
				h = l.c.next(l.c.twin[h])
			}
			if _, knot := slices.BinarySearch(knots, h); knot {
				break
			}
			k, _ = slices.BinarySearch(l.halves, h)
		}
		if found >= 0 {
			visit(found)
		}
	}
	for _, h := range knots {
		k, _ := slices.BinarySearch(l.halves, h)
		follow(k)
	}
	for k := range l.halves {
		if !done[k] {
			follow(k)
		}
	}
}

// stacked returns loose halves over which one does not come from nowhere into
// exactly one cell. The loose segments must not conflict.
func (l *looseEnds) stacked(grid *lattice.Grid) []int32 {
	var out []int32
	l.runs(func(k int) {
		if grid.Winding(k) != 1 {
			out = append(out, l.halves[k])
		}
	})
	slices.Sort(out)
	return out
}

// match compares the loose segments with those of a parent's boundary, each to
// be found once on the other side, and returns what only one of them has: halves
// of the coverage, and of the parent.
func (l *looseEnds) match(parent *looseEnds) (unmatched, uncovered []int32) {
	open := make(map[lattice.Segment]int32, len(parent.segments))
	for k, s := range parent.segments {
		open[s] = parent.halves[k]
	}
	for k, s := range l.segments {
		if _, ok := open[s]; !ok {
			unmatched = append(unmatched, l.halves[k])
		}
		delete(open, s)
	}
	for _, h := range open {
		uncovered = append(uncovered, h)
	}
	slices.Sort(uncovered)
	return unmatched, uncovered
}
