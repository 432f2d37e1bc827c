package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Validate returns everything that keeps the cells from being an exact
// partition of the parent; none means that they are one. Every cell must be
// valid on its own, every segment be used at most once in each direction, and
// the segments without a neighbour must be the parent's boundary, segment by
// segment. Since cells and parent are then areas with equal boundaries added
// up, every place in the parent is in exactly one cell.
//
// Without a parent (nil) the segments without a neighbour are returned as
// Unmatched findings for the caller to accept; when there are no other kinds,
// the cells do not overlap and are exactly what Dissolve unites them to.
func (c *Coverage) Validate(parent orb.MultiPolygon) []Finding {
	var out []Finding
	for _, i := range c.spares {
		out = append(out, c.finding(Overlap, i))
	}
	for i, h := range c.halves {
		if h.twin > int32(i) && c.halves[h.twin].cell == h.cell {
			out = append(out, c.finding(InnerEdge, int32(i)))
		}
	}
	out = append(out, c.crossings()...)
	out = append(out, c.touches()...)
	for i, m := range c.cells {
		out = append(out, nesting(m, i)...)
	}
	if parent == nil && len(out) == 0 {
		out = c.stacked()
	}
	return append(out, c.leftovers(parent)...)
}

// stacked returns where cells that meet no other lie on others: where going in
// over a segment without a neighbour leads to more than one cell.
func (c *Coverage) stacked() []Finding {
	var segments []lattice.Segment
	var halves []int32
	for i, h := range c.halves {
		if h.twin < 0 {
			segments = append(segments, c.segment(int32(i)))
			halves = append(halves, int32(i))
		}
	}
	grid := lattice.NewGrid(segments)
	checked := make([]bool, len(c.arcs))
	var out []Finding
	for k, h := range halves {
		a := c.halves[h].arc
		if checked[a] || segments[k].A.Y == segments[k].B.Y {
			continue
		}
		checked[a] = true
		if grid.Winding(k) != 1 {
			out = append(out, c.finding(Overlap, h))
		}
	}
	return out
}

func (c *Coverage) finding(k Kind, halves ...int32) Finding {
	s := c.segment(halves[0])
	f := Finding{Kind: k, Segment: [2]orb.Point{s.A.Orb(), s.B.Orb()}}
	for _, h := range halves {
		f.Cells = append(f.Cells, int(c.halves[h].cell))
	}
	slices.Sort(f.Cells)
	f.Cells = slices.Compact(f.Cells)
	return f
}

// crossings returns every pair of different segments that conflict.
func (c *Coverage) crossings() []Finding {
	var segments []lattice.Segment
	var halves []int32
	spare := make(map[int32]bool, len(c.spares))
	for _, i := range c.spares {
		spare[i] = true
	}
	for i, h := range c.halves {
		if (h.twin < 0 || h.twin > int32(i)) && !spare[int32(i)] {
			segments = append(segments, c.segment(int32(i)))
			halves = append(halves, int32(i))
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
	}
	return out
}

// touches returns rings that pass a vertex twice.
func (c *Coverage) touches() []Finding {
	var out []Finding
	seen := make([]int32, len(c.points))
	for n, r := range c.rings {
		for h := r.first; h < r.first+r.count; h++ {
			v := c.halves[h].from
			if seen[v] == int32(n)+1 {
				p := c.points[v].Orb()
				out = append(out, Finding{Kind: SelfTouch, Cells: []int{int(r.cell)}, Segment: [2]orb.Point{p, p}})
			}
			seen[v] = int32(n) + 1
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
	segments := m.Segments()
	at := 0
	for _, p := range m {
		for _, r := range p {
			if lattice.Winding(segments, at) != 1 {
				fault(Nesting, segments[at])
			}
			at += len(r)
		}
	}
	whole, err := lattice.Assemble(segments)
	if err != nil || !sameShape(whole, m) {
		fault(Nesting, segments[0])
	}
	return out
}

// sameShape tells whether two multipolygons have the same holes in the same
// parts, going by the numbers of vertices.
func sameShape(a, b lattice.MultiPolygon) bool {
	return slices.EqualFunc(shape(a), shape(b), slices.Equal)
}

// shape lists the parts' ring lengths, exterior first, in a fixed order.
func shape(m lattice.MultiPolygon) [][]int {
	out := make([][]int, len(m))
	for i, p := range m {
		for _, r := range p {
			out[i] = append(out[i], len(r))
		}
		slices.Sort(out[i][1:])
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

// leftovers compares the segments without a neighbour with the parent's
// boundary.
func (c *Coverage) leftovers(parent orb.MultiPolygon) []Finding {
	var out []Finding
	if parent == nil {
		for i, h := range c.halves {
			if h.twin < 0 {
				out = append(out, c.finding(Unmatched, int32(i)))
			}
		}
		return out
	}
	outer, err := NewCoverage([]orb.MultiPolygon{parent})
	if err != nil {
		return []Finding{{Kind: ParentInvalid}}
	}
	for _, f := range outer.Validate(nil) {
		if f.Kind != Unmatched {
			out = append(out, Finding{Kind: ParentInvalid, Segment: f.Segment})
		}
	}
	open := make(map[lattice.Segment]bool, len(outer.halves))
	for i := range outer.halves {
		open[outer.segment(int32(i))] = true
	}
	for i, h := range c.halves {
		if h.twin >= 0 {
			continue
		}
		s := c.segment(int32(i))
		if !open[s] {
			out = append(out, c.finding(Unmatched, int32(i)))
		}
		delete(open, s)
	}
	for i := range outer.halves {
		if s := outer.segment(int32(i)); open[s] {
			out = append(out, Finding{Kind: Uncovered, Segment: [2]orb.Point{s.A.Orb(), s.B.Orb()}})
		}
	}
	return out
}
