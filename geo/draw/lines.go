package draw

import (
	"fmt"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
	"unigrid/geo/mesh"
)

// ease is what it costs to put a border along a given line, relative to a
// border of the same length elsewhere.
const ease = 0.1

// lay makes mesh points of the vertices of lines inside the parent and ties them
// together. Points within least metres of the one before are left out, longer
// segments cut to at most step metres, and where a line leaves the parent it is
// tied to a vertex of the boundary.
func (p *parent) lay(lines []orb.LineString, least, step float64) (points []lattice.Point, ties []tie, err error) {
	vertex := make(map[lattice.Point]bool, len(p.segments))
	for _, s := range p.segments {
		vertex[s.A] = true
	}
	for n, line := range lines {
		row, err := thin(line, p.frame, least, step)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: line %d: %w", ErrOptions, n, err)
		}
		free := make([]bool, len(row))
		for i, at := range row {
			if free[i] = !vertex[at] && p.grid.Inside(at) > 0 && p.clear(at, least/2, least/2); free[i] {
				points = append(points, at)
			}
			if i > 0 {
				ties = append(ties, p.bind(row[i-1], at, free[i-1], free[i], vertex, step)...)
			}
		}
	}
	return points, ties, nil
}

// bind ties two points of a line together, or each that is free to the boundary
// where that is between them.
func (p *parent) bind(a, b lattice.Point, freeA, freeB bool, vertex map[lattice.Point]bool, step float64) []tie {
	usableA, usableB := freeA || vertex[a], freeB || vertex[b]
	if usableA && usableB && (!freeA || !freeB || p.open([]sample{{at: a, inside: true}, {at: b, inside: true}})) {
		return []tie{{a, []lattice.Point{b}}}
	}
	var out []tie
	if freeA {
		out = append(out, p.landing(samples(a, b), step))
	}
	if freeB {
		out = append(out, p.landing(samples(b, a), step))
	}
	return out
}

func samples(from, to lattice.Point) []sample { return []sample{{at: from}, {at: to}} }

// thin rounds a line to the lattice without points within least metres of each
// other, and with points added so that no segment is longer than step metres.
func thin(line orb.LineString, f frame, least, step float64) ([]lattice.Point, error) {
	var row []lattice.Point
	for i, at := range line {
		q, err := lattice.FromOrb(at)
		if err != nil {
			return nil, err
		}
		if len(row) == 0 {
			row = append(row, q)
			continue
		}
		last := row[len(row)-1]
		if q == last || i < len(line)-1 && f.vec(q).distance(f.vec(last)) < least {
			continue
		}
		row = append(append(row, lattice.Segment{A: last, B: q}.Split(step)...), q)
	}
	return row, nil
}

// innerLines returns the borders between areas, each once.
func innerLines(areas []orb.MultiPolygon) ([]orb.LineString, error) {
	c, err := geo.NewCoverage(areas)
	if err != nil {
		return nil, fmt.Errorf("%w: starting cells: %w", ErrOptions, err)
	}
	var out []orb.LineString
	for _, a := range c.Arcs() {
		if a.Right >= 0 {
			out = append(out, a.Line)
		}
	}
	return out, nil
}

// firm tells whether an edge lies on a given line.
func (s *sheet) firm(t int32, i int) bool {
	return s.held && s.mesh.Triangles[t].Mark[i] == mesh.Fixed
}
