package geo

import (
	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// arc is a run of vertices between two nodes with the same cells on both sides
// all along; closed arcs repeat their first vertex at the end.
type arc struct {
	vertices    []int32
	left, right int32
}

// Arc is a piece of boundary with one cell to its left and at most one to its
// right.
type Arc struct {
	Line  orb.LineString // degrees
	Left  int
	Right int // -1 where no cell shares the arc
}

// Arcs returns the shared arcs of the coverage; each piece of boundary is in
// exactly one of them.
func (c *Coverage) Arcs() []Arc {
	out := make([]Arc, len(c.arcs))
	for i, a := range c.arcs {
		line := make(orb.LineString, len(a.vertices))
		for j, v := range a.vertices {
			line[j] = c.points[v].Orb()
		}
		out[i] = Arc{Line: line, Left: int(a.left), Right: int(a.right)}
	}
	return out
}

// cut finds the nodes and cuts the rings into arcs there.
func (c *Coverage) cut() {
	node := c.nodes()
	for _, r := range c.rings {
		start := int32(0)
		for start < r.count && !node[c.halves[r.first+start].from] {
			start++
		}
		if start == r.count {
			start = 0
		}
		for k := int32(0); k < r.count; {
			run := []int32{r.first + (start+k)%r.count}
			k++
			for k < r.count && !node[c.halves[run[len(run)-1]].to] {
				run = append(run, r.first+(start+k)%r.count)
				k++
			}
			c.addArc(run)
		}
	}
}

// addArc gives a run of halves their arc, a new one unless their twins have it.
func (c *Coverage) addArc(run []int32) {
	if t := c.halves[run[0]].twin; t >= 0 && c.halves[t].arc >= 0 {
		for _, h := range run {
			c.halves[h].arc = c.halves[t].arc
		}
		return
	}
	a := arc{vertices: make([]int32, 0, len(run)+1), left: c.halves[run[0]].cell, right: c.across(run[0])}
	for _, h := range run {
		c.halves[h].arc = int32(len(c.arcs))
		a.vertices = append(a.vertices, c.halves[h].from)
	}
	a.vertices = append(a.vertices, c.halves[run[len(run)-1]].to)
	c.arcs = append(c.arcs, a)
}

// nodes marks the vertices where arcs end: where other than two segments meet,
// or where the cells along a ring change.
func (c *Coverage) nodes() []bool {
	degree := make([]int32, len(c.points))
	node := make([]bool, len(c.points))
	for i, h := range c.halves {
		if h.twin < 0 || h.twin > int32(i) {
			degree[h.from]++
			degree[h.to]++
		}
	}
	for v, d := range degree {
		node[v] = d != 2
	}
	for _, r := range c.rings {
		for k := int32(0); k < r.count; k++ {
			in, out := r.first+k, r.first+(k+1)%r.count
			if c.across(in) != c.across(out) {
				node[c.halves[out].from] = true
			}
		}
	}
	return node
}

// line returns the arc's points.
func (c *Coverage) line(a arc) []lattice.Point {
	out := make([]lattice.Point, len(a.vertices))
	for i, v := range a.vertices {
		out[i] = c.points[v]
	}
	return out
}
