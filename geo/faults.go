package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// faults names the places where cells are invalid or lie on each other. Where
// every cell is sound and no segment used twice, it looks at the loose segments
// only; where they show an overlap, or something is unsound, it searches all
// segments to say who meets whom.
func (c *Coverage) faults(loose *looseEnds, sound bool) []Finding {
	var stacked []int32
	if sound {
		grid := lattice.NewGrid(loose.segments)
		conflict := false
		grid.Conflicts(func(i, j int) { conflict = true })
		if !conflict {
			if stacked = loose.stacked(grid); len(stacked) == 0 {
				return nil
			}
		}
	}
	out := c.findings(Overlap, c.spares)
	for h, t := range c.twin {
		if t > int32(h) && c.cellOf(t) == c.cellOf(int32(h)) {
			out = append(out, c.finding(InnerEdge, int32(h)))
		}
	}
	out = append(out, c.crossings()...)
	for _, i := range c.invalid() {
		out = append(out, c.selfTouches(i)...)
		out = append(out, nesting(c.cell(int(i)), int(i))...)
	}
	return append(out, c.findings(Overlap, stacked)...)
}

func (c *Coverage) finding(k Kind, halves ...int32) Finding {
	s := c.segment(halves[0])
	f := Finding{Kind: k, Segment: [2]orb.Point{s.A.Orb(), s.B.Orb()}}
	for _, h := range halves {
		f.Cells = append(f.Cells, int(c.cellOf(h)))
	}
	slices.Sort(f.Cells)
	f.Cells = slices.Compact(f.Cells)
	return f
}

// findings returns one finding of a kind for each half.
func (c *Coverage) findings(k Kind, halves []int32) []Finding {
	var out []Finding
	for _, h := range halves {
		out = append(out, c.finding(k, h))
	}
	return out
}

// crossings returns every pair of different segments that conflict.
func (c *Coverage) crossings() []Finding {
	var segments []lattice.Segment
	var halves []int32
	spares := c.spares
	for i, t := range c.twin {
		h := int32(i)
		if len(spares) > 0 && spares[0] == h {
			spares = spares[1:]
			continue
		}
		if t == alone || t > h {
			segments = append(segments, c.segment(h))
			halves = append(halves, h)
		}
	}
	var pairs [][2]int32
	lattice.NewGrid(segments).Conflicts(func(i, j int) {
		pairs = append(pairs, [2]int32{halves[i], halves[j]})
	})
	slices.SortFunc(pairs, func(a, b [2]int32) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	var out []Finding
	for _, p := range slices.Compact(pairs) {
		out = append(out, c.finding(Crossing, p[0], p[1]))
		// a line between two cells that crosses itself breaks both
		if t, u := c.twin[p[0]], c.twin[p[1]]; t != alone && u != alone && c.cellOf(t) == c.cellOf(u) && c.cellOf(p[0]) == c.cellOf(p[1]) {
			out = append(out, c.finding(Crossing, t, u))
		}
	}
	return out
}

// selfTouches returns where rings of a cell pass a vertex twice.
func (c *Coverage) selfTouches(cell int32) []Finding {
	var out []Finding
	for r := c.first[cell]; r < c.first[cell+1]; r++ {
		points := c.points(r)
		seen := make(map[lattice.Point]bool, len(points))
		for _, p := range points[:len(points)-1] {
			if seen[p] {
				out = append(out, Finding{Kind: SelfTouch, Cells: []int{int(cell)}, Segment: [2]orb.Point{p.Orb(), p.Orb()}})
			}
			seen[p] = true
		}
	}
	return out
}

// nesting checks that rings enclose area and, of cells with several, that holes
// are in their parts, parts outside each other, and every part in one piece.
func nesting(m lattice.MultiPolygon, cell int) []Finding {
	var out []Finding
	fault := func(k Kind, s lattice.Segment) {
		out = append(out, Finding{Kind: k, Cells: []int{cell}, Segment: [2]orb.Point{s.A.Orb(), s.B.Orb()}})
	}
	rings := 0
	for _, p := range m {
		for j, r := range p {
			rings++
			switch area := r.Area2(); {
			case area == 0:
				fault(Collapsed, lattice.Segment{A: r[0], B: r[1]})
			case area < 0 != (j > 0):
				fault(Nesting, lattice.Segment{A: r[0], B: r[1]})
			}
		}
	}
	if rings < 2 || len(out) > 0 {
		return out
	}
	// Put together anew, the boundary must give the same rings in the same
	// parts, and going in over each of them must lead into one part.
	segments := m.Segments()
	whole, err := lattice.Assemble(segments)
	if err != nil || !whole.Equal(m.Normal()) {
		fault(Nesting, segments[0])
	}
	at := 0
	for _, p := range m {
		for _, r := range p {
			if lattice.Winding(segments, at) != 1 {
				fault(Nesting, segments[at])
			}
			at += len(r)
		}
	}
	return out
}
