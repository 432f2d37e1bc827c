// Package geotest makes coverages to test with.
package geotest

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// step is the distance between the vertices of the mesh before they are moved,
// in units of 1e-7°: about 45 m.
const step = 4096

// Mesh is a random triangulation of a rectangle near Zhuzhou, with bent edges:
// the faces that the areas of a test are made of. Areas made of them meet in
// every way that areas of a coverage can: along lines of any number of vertices,
// in corners only, one in another, in several parts, with holes that touch.
type Mesh struct {
	Faces []lattice.Ring // counter-clockwise
}

// NewMesh makes a mesh of columns × rows × 2 faces, whose edges have up to bends
// vertices each.
func NewMesh(r *rand.Rand, columns, rows, bends int) *Mesh {
	at := make([]lattice.Point, (columns+1)*(rows+1))
	for i := range at {
		// An eighth of the distance at most: no triangle turns over.
		at[i] = lattice.Point{
			X: 1131e6 + int32(i%(columns+1)*step+r.IntN(step/4)-step/8),
			Y: 27e7 + int32(i/(columns+1)*step+r.IntN(step/4)-step/8),
		}
	}
	edges := map[lattice.Segment][]lattice.Point{}
	edge := func(a, b lattice.Point) []lattice.Point {
		s := lattice.Segment{A: a, B: b}.Canonical()
		if _, ok := edges[s]; !ok {
			edges[s] = bend(r, s, r.IntN(bends+1))
		}
		line := append([]lattice.Point{a}, edges[s]...)
		if a != s.A {
			for i, p := range edges[s] {
				line[len(line)-1-i] = p
			}
		}
		return line
	}
	m := &Mesh{}
	face := func(a, b, c lattice.Point) {
		m.Faces = append(m.Faces, append(append(lattice.Ring(edge(a, b)), edge(b, c)...), edge(c, a)...))
	}
	for row := range rows {
		for column := range columns {
			i := row*(columns+1) + column
			a, b, c, d := at[i], at[i+1], at[i+columns+2], at[i+columns+1]
			if r.IntN(2) == 0 {
				face(a, b, c)
				face(a, c, d)
			} else {
				face(a, b, d)
				face(b, c, d)
			}
		}
	}
	return m
}

// bend returns vertices along a segment, off it by a small angle.
func bend(r *rand.Rand, s lattice.Segment, n int) []lattice.Point {
	dx, dy := float64(s.B.X-s.A.X), float64(s.B.Y-s.A.Y)
	out := make([]lattice.Point, n)
	for i := range out {
		f := float64(i+1) / float64(n+1)
		off := (r.Float64() - 0.5) * 0.1 * f * (1 - f)
		out[i] = lattice.Point{
			X: s.A.X + int32(math.Round(f*dx-off*dy)),
			Y: s.A.Y + int32(math.Round(f*dy+off*dx)),
		}
	}
	return out
}

// Area unites the faces chosen. It goes by the geometry of their segments, not
// by anything in package geo.
func (m *Mesh) Area(chosen func(face int) bool) lattice.MultiPolygon {
	inside := map[lattice.Segment]bool{}
	for i, f := range m.Faces {
		if chosen(i) {
			for k, a := range f {
				inside[lattice.Segment{A: a, B: f[(k+1)%len(f)]}] = true
			}
		}
	}
	var edge []lattice.Segment
	for s := range inside {
		if !inside[s.Reverse()] {
			edge = append(edge, s)
		}
	}
	area, err := lattice.Assemble(edge)
	if err != nil {
		panic(err) // faces always close
	}
	return area
}

// Partition is a mesh whose faces were given to cells.
type Partition struct {
	*Mesh
	Label  []int // of every face its cell, or -1 for none
	Cells  []orb.MultiPolygon
	Parent orb.MultiPolygon // all cells together
}

// NewPartition makes a mesh and gives its faces to up to cells cells: some
// grown from a face each, some strewn about, some left out as holes.
func NewPartition(r *rand.Rand, columns, rows, bends, cells int) *Partition {
	p := &Partition{Mesh: NewMesh(r, columns, rows, bends)}
	seeds := make([]lattice.Point, cells)
	for i := range seeds {
		seeds[i] = p.Faces[r.IntN(len(p.Faces))][0]
	}
	strewn, left := r.Float64()*r.Float64(), 0.3*r.Float64()*r.Float64()
	label := make([]int, len(p.Faces))
	for i, f := range p.Faces {
		switch x := r.Float64(); {
		case x < left:
			label[i] = -1
		case x < left+strewn:
			label[i] = r.IntN(cells)
		default:
			label[i] = nearest(seeds, f[0])
		}
	}
	label[0] = 0 // one cell at least
	number := map[int]int{-1: -1}
	for i, l := range label {
		if _, ok := number[l]; !ok {
			number[l] = len(number) - 1
		}
		label[i] = number[l]
	}
	p.Label = label
	for l := range len(number) - 1 {
		p.Cells = append(p.Cells, Scramble(r, p.Area(func(face int) bool { return label[face] == l })))
	}
	p.Parent = p.Area(func(face int) bool { return label[face] >= 0 }).Orb()
	return p
}

func nearest(seeds []lattice.Point, p lattice.Point) int {
	best, least := 0, math.Inf(1)
	for i, s := range seeds {
		if d := math.Hypot(float64(s.X-p.X), float64(s.Y-p.Y)); d < least {
			best, least = i, d
		}
	}
	return best
}

// Scramble returns the area in degrees with parts, and rings started and turned,
// as files have them: in any way.
func Scramble(r *rand.Rand, m lattice.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, len(m))
	for i, k := range r.Perm(len(m)) {
		for _, ring := range m[k] {
			start := r.IntN(len(ring))
			turned := append(append(lattice.Ring{}, ring[start:]...), ring[:start]...).Orb()
			if r.IntN(2) == 0 {
				turned.Reverse()
			}
			out[i] = append(out[i], turned)
		}
	}
	return out
}
