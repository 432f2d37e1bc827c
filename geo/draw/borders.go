package draw

import (
	"unigrid/geo/lattice"
)

// border is a line between two labels along mesh edges, from node to node;
// closed ones have no node and repeat their first vertex.
type border struct {
	left, right int32
	vertices    []int32
	firm        bool // it lies on a given line and stays there
}

func (b border) closed() bool { return b.vertices[0] == b.vertices[len(b.vertices)-1] }

// step is one mesh edge of a border, label left to its left.
type step struct {
	from, to    int32
	left, right int32
	firm, used  bool
}

// borders returns the lines between labels. Nodes are vertices of the parent's
// boundary, those where other than two border edges meet, and the ends of given
// lines.
func (s *sheet) borders() []border {
	var steps []step
	at := map[int32][]int32{} // steps at a vertex, by either end
	for t := range s.label {
		for i := range 3 {
			u := int32(-1)
			if s.label[t] != none {
				u = s.across(int32(t), i)
			}
			if u < 0 || s.label[u] <= s.label[t] {
				continue
			}
			v := s.mesh.Triangles[t].V
			e := step{from: v[(i+1)%3], to: v[(i+2)%3], left: s.label[t], right: s.label[u], firm: s.firm(int32(t), i)}
			at[e.from] = append(at[e.from], int32(len(steps)))
			at[e.to] = append(at[e.to], int32(len(steps)))
			steps = append(steps, e)
		}
	}
	fixed := map[lattice.Point]bool{}
	for _, b := range s.parent.segments {
		fixed[b.A] = true
	}
	node := func(v int32) bool {
		return fixed[s.mesh.Points[v]] || len(at[v]) != 2 || steps[at[v][0]].firm != steps[at[v][1]].firm
	}
	var out []border
	follow := func(first int32) {
		e := &steps[first]
		e.used = true
		b := border{left: e.left, right: e.right, vertices: []int32{e.from, e.to}, firm: e.firm}
		for v := e.to; !node(v); {
			next := at[v][0]
			if steps[next].used {
				next = at[v][1]
			}
			if steps[next].used {
				break
			}
			steps[next].used = true
			v = steps[next].to
			b.vertices = append(b.vertices, v)
		}
		out = append(out, b)
	}
	for i := range steps {
		if !steps[i].used && node(steps[i].from) {
			follow(int32(i))
		}
	}
	for i := range steps {
		if !steps[i].used {
			follow(int32(i))
		}
	}
	return out
}

// sides returns the parent's boundary segments by the label inside them.
func (s *sheet) sides(labels int) [][]lattice.Segment {
	out := make([][]lattice.Segment, labels)
	for t, l := range s.label {
		if l == none {
			continue
		}
		v := s.mesh.Triangles[t].V
		for i := range 3 {
			if s.across(int32(t), i) < 0 {
				out[l] = append(out[l], lattice.Segment{A: s.mesh.Points[v[(i+1)%3]], B: s.mesh.Points[v[(i+2)%3]]})
			}
		}
	}
	return out
}
