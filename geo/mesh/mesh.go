// Package mesh triangulates points on the 1e-7° lattice: a constrained Delaunay
// triangulation with exact orientation tests, in which the segments of an
// area's boundary are edges and its inside is known.
package mesh

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"unigrid/geo/lattice"
)

var (
	// ErrExtent reports points too far apart for exact arithmetic (30°).
	ErrExtent = errors.New("points are farther than 30° apart")
	// ErrBoundary reports boundary segments that cross or touch each other.
	ErrBoundary = errors.New("boundary segments cross or touch")
)

const maxExtent = 30 * lattice.PerDegree

// Mark tells why an edge must stay.
type Mark uint8

const (
	Free     Mark = iota // an ordinary edge
	Fixed                // an edge that Constrain asked for
	Boundary             // an edge that Bound asked for
)

// Triangle has its corners counter-clockwise. N[i] and Mark[i] belong to the
// edge opposite V[i], from V[i+1] to V[i+2]; N is -1 at the outermost edges.
type Triangle struct {
	V, N [3]int32
	Mark [3]Mark
}

// Mesh is a triangulation. The first three vertices are corners far outside,
// which keep every other vertex within a triangle.
type Mesh struct {
	Points    []lattice.Point // the first three are zero
	Triangles []Triangle
	Inside    []bool // by triangle, set by MarkInside

	x, y  []int64   // relative to the box of the points
	u     []float64 // x scaled to the measure of y
	any   []int32   // a triangle at each vertex
	index map[lattice.Point]int32
	hint  int32
	turn  uint32
	stack []int32
}

// New triangulates the points; repeated ones count once. The ratio of a unit's
// length east to its length north makes the triangles well shaped on the
// ground.
func New(points []lattice.Point, ratio float64) (*Mesh, error) {
	box := lattice.BoxOf(points)
	extent := max(int64(box.Max.X)-int64(box.Min.X), int64(box.Max.Y)-int64(box.Min.Y))
	if extent > maxExtent {
		return nil, ErrExtent
	}
	s := extent + 2
	n := len(points) + 3
	m := &Mesh{
		Points:    make([]lattice.Point, 3, n),
		Triangles: make([]Triangle, 1, 2*n),
		x:         append(make([]int64, 0, n), -s, 4*s, -s),
		y:         append(make([]int64, 0, n), -s, -s, 4*s),
		u:         make([]float64, 3, n),
		any:       make([]int32, 3, n),
		index:     make(map[lattice.Point]int32, n),
	}
	m.Triangles[0] = Triangle{V: [3]int32{0, 1, 2}, N: [3]int32{-1, -1, -1}}
	for i := range 3 {
		m.u[i] = float64(m.x[i]) * ratio
	}
	for _, i := range insertionOrder(points, box) {
		p := points[i]
		m.insert(p, int64(p.X)-int64(box.Min.X), int64(p.Y)-int64(box.Min.Y), ratio)
	}
	return m, nil
}

// insertionOrder sorts points in rounds of doubling size, each along rows that
// run to and fro, so that locating each from the one before stays short.
func insertionOrder(points []lattice.Point, box lattice.Box) []int32 {
	order := make([]int32, len(points))
	for i := range order {
		order[i] = int32(i)
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for lo, hi := 0, min(64, len(order)); lo < len(order); lo, hi = hi, min(3*hi, len(order)) {
		rows := math.Sqrt(float64(hi-lo)) / 2
		height := (float64(box.Max.Y) - float64(box.Min.Y) + 1) / rows
		row := func(i int32) int { return int((float64(points[i].Y) - float64(box.Min.Y)) / height) }
		slices.SortFunc(order[lo:hi], func(i, j int32) int {
			ri, rj := row(i), row(j)
			if ri != rj {
				return ri - rj
			}
			d := int64(points[i].X) - int64(points[j].X)
			if ri%2 == 1 {
				d = -d
			}
			switch {
			case d < 0:
				return -1
			case d > 0:
				return 1
			}
			return int(i) - int(j)
		})
	}
	return order
}

// Vertex returns the number of the vertex at p, or -1.
func (m *Mesh) Vertex(p lattice.Point) int32 {
	if v, ok := m.index[p]; ok {
		return v
	}
	return -1
}

// Area2 returns twice the area of a triangle in square units.
func (m *Mesh) Area2(t int32) int64 {
	v := m.Triangles[t].V
	return m.orient(v[0], v[1], v[2])
}

func (m *Mesh) orient(a, b, c int32) int64 {
	return (m.x[b]-m.x[a])*(m.y[c]-m.y[a]) - (m.y[b]-m.y[a])*(m.x[c]-m.x[a])
}

// inCircle tells whether d is clearly inside the circle through the
// counter-clockwise triangle abc; the margin keeps flipping from going round.
func (m *Mesh) inCircle(a, b, c, d int32) bool {
	ax, ay := m.u[a]-m.u[d], float64(m.y[a]-m.y[d])
	bx, by := m.u[b]-m.u[d], float64(m.y[b]-m.y[d])
	cx, cy := m.u[c]-m.u[d], float64(m.y[c]-m.y[d])
	aa, bb, cc := ax*ax+ay*ay, bx*bx+by*by, cx*cx+cy*cy
	det := aa*(bx*cy-by*cx) - bb*(ax*cy-ay*cx) + cc*(ax*by-ay*bx)
	size := aa*(math.Abs(bx*cy)+math.Abs(by*cx)) + bb*(math.Abs(ax*cy)+math.Abs(ay*cx)) + cc*(math.Abs(ax*by)+math.Abs(ay*bx))
	return det > 1e-12*size
}
