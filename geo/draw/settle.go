package draw

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// plain is the level of a border that keeps its mesh edges without vertices
// added between; valid by construction whatever the rounding.
const plain = -1

// settler turns labelled triangles into cells. It starts with the smoothest
// borders and takes smoothing back where borders would meet.
type settler struct {
	sheet   *sheet
	borders []border
	shapes  [levels + 1]*shape // drawn when first asked for
	even    *pressure
	edge    float64
	fixed   map[int32]bool // vertices of the parent's boundary, ends of firm borders
	level   []int
	node    map[int32]int // the least level of the borders that end there
	segment float64       // longest segment, in metres
	blend   float64       // metres over which a line takes up another node's place
	cells   int
}

// settle returns the cells of the sheet's labels 0..cells-1. Edge is the length
// of a lattice edge in metres that borders are to be smoothed over; with 0 they
// keep to the mesh. Even, where there is one, keeps loads through smoothing.
func (s *sheet) settle(ctx context.Context, cells int, segment, edge float64, even *pressure) ([]orb.MultiPolygon, error) {
	w := &settler{sheet: s, borders: s.borders(), segment: segment * 0.98, blend: 3 * edge, cells: cells, even: even, edge: edge}
	w.level = make([]int, len(w.borders))
	if edge > 0 {
		w.fixed = map[int32]bool{}
		for _, b := range s.parent.segments {
			w.fixed[s.mesh.Vertex(b.A)] = true
		}
		for i, b := range w.borders {
			w.level[i] = levels
			if b.firm {
				w.level[i] = plain
				w.fixed[b.vertices[0]], w.fixed[b.vertices[len(b.vertices)-1]] = true, true
			}
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lines := w.lines()
		lower := w.conflicts(lines)
		if len(lower) > 0 && w.lower(lower) {
			continue
		}
		out, bad, err := w.assemble(lines)
		if err == nil {
			return out, nil
		}
		for i, b := range w.borders {
			if bad == nil || bad[b.left] || bad[b.right] {
				lower[i] = true
			}
		}
		if !w.lower(lower) {
			return nil, err
		}
	}
}

// shape returns the borders' form at a level of smoothing.
func (w *settler) shape(level int) *shape {
	if w.shapes[level] == nil {
		form := w.sheet.smooth(w.borders, w.fixed, w.even, slack[level]*w.edge, w.edge/2)
		w.shapes[level] = &form
	}
	return w.shapes[level]
}

// lower takes one level off the borders; false when none had any left.
func (w *settler) lower(borders map[int]bool) bool {
	any := false
	for i := range borders {
		if w.level[i] > plain {
			w.level[i]--
			any = true
		}
	}
	return any
}

// lines draws every border at its level.
func (w *settler) lines() [][]lattice.Point {
	w.node = map[int32]int{}
	for i, b := range w.borders {
		if b.closed() {
			continue
		}
		for _, v := range [2]int32{b.vertices[0], b.vertices[len(b.vertices)-1]} {
			if l, ok := w.node[v]; !ok || l > w.level[i] {
				w.node[v] = w.level[i]
			}
		}
	}
	out := make([][]lattice.Point, len(w.borders))
	for i, b := range w.borders {
		if w.level[i] > 0 {
			out[i] = w.smoothLine(i, b)
		} else {
			out[i] = w.meshLine(i, b)
		}
	}
	return out
}

// meshLine keeps to the mesh edges; above the plain level long ones are cut.
func (w *settler) meshLine(i int, b border) []lattice.Point {
	points := w.sheet.mesh.Points
	var out []lattice.Point
	for k, v := range b.vertices[:len(b.vertices)-1] {
		s := lattice.Segment{A: points[v], B: points[b.vertices[k+1]]}
		out = append(out, s.A)
		if w.level[i] > plain {
			out = append(out, s.Split(w.segment)...)
		}
	}
	return append(out, points[b.vertices[len(b.vertices)-1]])
}

// nodeAt returns where a node lies at its level.
func (w *settler) nodeAt(v int32) vec {
	if l := w.node[v]; l > 0 {
		return w.shape(l).nodes[v]
	}
	return w.sheet.parent.frame.vec(w.sheet.mesh.Points[v])
}

// smoothLine draws a border smoothed, with its ends where the nodes are.
func (w *settler) smoothLine(i int, b border) []lattice.Point {
	f := w.sheet.parent.frame
	line := append([]vec(nil), w.shape(w.level[i]).lines[i]...)
	pieces := 1
	if b.closed() {
		pieces = 6
	} else {
		first, last := b.vertices[0], b.vertices[len(b.vertices)-1]
		pull := func(d vec, along func(k int) float64) {
			for k := range line {
				if rest := 1 - along(k)/w.blend; rest > 0 {
					line[k] = line[k].add(d.times(rest * rest))
				}
			}
		}
		length := make([]float64, len(line))
		for k := 1; k < len(line); k++ {
			length[k] = length[k-1] + line[k].distance(line[k-1])
		}
		total := length[len(line)-1]
		fix := w.nodeAt(first).sub(line[0])
		fixEnd := w.nodeAt(last).sub(line[len(line)-1])
		scale := math.Min(1, total/w.blend) // short lines take it up within their length
		pull(fix, func(k int) float64 { return length[k] / math.Max(scale, 1e-9) })
		pull(fixEnd, func(k int) float64 { return (total - length[k]) / math.Max(scale, 1e-9) })
	}
	line = resample(line, max(pieces, int(math.Ceil(lineLength(line)/w.segment))))
	out := make([]lattice.Point, 0, len(line))
	for _, v := range line {
		if p := f.point(v); len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	return out
}

// conflicts returns the borders that meet another line, or themselves,
// elsewhere than at their ends.
func (w *settler) conflicts(lines [][]lattice.Point) map[int]bool {
	segments := append([]lattice.Segment(nil), w.sheet.parent.segments...)
	owner := make([]int, len(segments))
	for i := range owner {
		owner[i] = -1
	}
	bad := map[int]bool{}
	note := func(i int) {
		if i >= 0 {
			bad[i] = true
		}
	}
	taken := make(map[lattice.Point]int, 2*len(segments))
	for _, s := range segments {
		taken[s.A] = -1
	}
	for i, line := range lines {
		closed := w.borders[i].closed()
		if len(line) < 2 || closed && len(line) < 4 {
			note(i)
		}
		for k := 1; k < len(line); k++ {
			segments = append(segments, lattice.Segment{A: line[k-1], B: line[k]})
			owner = append(owner, i)
		}
		for k := 0; k+1 < len(line); k++ {
			if k == 0 && !closed {
				continue
			}
			if j, ok := taken[line[k]]; ok {
				note(i)
				note(j)
			}
			taken[line[k]] = i
		}
	}
	ends := map[lattice.Point]int32{}
	for i, line := range lines {
		if w.borders[i].closed() || len(line) == 0 {
			continue
		}
		vs := w.borders[i].vertices
		for _, e := range [2]struct {
			p lattice.Point
			v int32
		}{{line[0], vs[0]}, {line[len(line)-1], vs[len(vs)-1]}} {
			j, ok := taken[e.p]
			other, seen := ends[e.p]
			onBoundary := e.p == w.sheet.mesh.Points[e.v] && ok && j < 0
			if ok && !onBoundary || seen && other != e.v {
				note(i)
				note(j)
			}
			ends[e.p] = e.v
		}
	}
	lattice.NewGrid(segments).Conflicts(func(i, j int) {
		note(owner[i])
		note(owner[j])
	})
	return bad
}

// assemble joins the lines and the parent's boundary to cells and checks them.
// With an error it tells which cells are at fault, nil when it cannot tell.
func (w *settler) assemble(lines [][]lattice.Point) ([]orb.MultiPolygon, map[int32]bool, error) {
	sides := w.sheet.sides(w.cells)
	for i, b := range w.borders {
		for k := 1; k < len(lines[i]); k++ {
			s := lattice.Segment{A: lines[i][k-1], B: lines[i][k]}
			sides[b.left] = append(sides[b.left], s)
			sides[b.right] = append(sides[b.right], s.Reverse())
		}
	}
	out := make([]orb.MultiPolygon, w.cells)
	for c, segments := range sides {
		m, err := lattice.Assemble(segments)
		if err != nil {
			return nil, map[int32]bool{int32(c): true}, fmt.Errorf("%w: cell %d: %w", ErrPartition, c, err)
		}
		if len(m) == 0 {
			return nil, map[int32]bool{int32(c): true}, fmt.Errorf("%w: cell %d is empty", ErrPartition, c)
		}
		out[c] = m.Orb()
	}
	coverage, err := geo.NewCoverage(out)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrPartition, err)
	}
	findings := coverage.Validate(w.sheet.parent.given)
	if len(findings) == 0 {
		return out, nil, nil
	}
	bad := map[int32]bool{}
	for _, f := range findings {
		for _, c := range f.Cells {
			bad[int32(c)] = true
		}
	}
	return nil, bad, fmt.Errorf("%w: %s", ErrPartition, findings[0])
}
