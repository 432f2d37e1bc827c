package lattice

import (
	"cmp"
	"errors"
	"slices"
)

// ErrOpenChain reports segments that do not close to rings.
var ErrOpenChain = errors.New("segments do not close to rings")

// ErrLooseHole reports a clockwise ring that no counter-clockwise one surrounds.
var ErrLooseHole = errors.New("hole lies outside every exterior ring")

// Assemble joins directed segments, area to their left, to polygons. Rings that
// touch themselves are split at the touch, so that every ring is simple; areas
// that meet in a point only become parts of their own. Rings start at their
// least vertex and parts are ordered by it, so equal input gives equal output
// whatever its order. It fails when the segments do not close or a hole is
// surrounded by nothing; it does not look for crossings.
func Assemble(segments []Segment) (MultiPolygon, error) {
	w := newWalker(segments)
	var boundaries [][]Ring
	for i := range segments {
		if w.used[i] {
			continue
		}
		path, err := w.walk(i)
		if err != nil {
			return nil, err
		}
		loops, err := SplitLoop(path)
		if err != nil {
			return nil, err
		}
		boundaries = append(boundaries, loops)
	}
	return FromLoops(boundaries)
}

// FromLoops makes polygons of boundaries, each a closed line with the area to
// its left that SplitLoop took apart: an exterior ring and the holes that touch
// it, or holes only, which go into the smallest exterior ring around them. The
// order of the result is that of Assemble. It fails with ErrOpenChain where one
// boundary has several exteriors or a ring without area, and with ErrLooseHole.
func FromLoops(boundaries [][]Ring) (MultiPolygon, error) {
	var shells []Polygon
	var holes []Ring
	for _, loops := range boundaries {
		own := -1
		for _, r := range loops {
			area := r.Area2()
			if area == 0 || area > 0 && own >= 0 {
				return nil, ErrOpenChain
			}
			if area > 0 {
				own = len(shells)
				shells = append(shells, Polygon{r})
			}
		}
		for _, r := range loops {
			switch {
			case own >= 0 && r.Area2() > 0:
			case own >= 0:
				shells[own] = append(shells[own], r)
			default:
				holes = append(holes, r)
			}
		}
	}
	if err := placeHoles(shells, holes); err != nil {
		return nil, err
	}
	return order(shells), nil
}

// order sorts holes and parts by their rings.
func order(m MultiPolygon) MultiPolygon {
	for _, p := range m {
		slices.SortFunc(p[1:], compareRings)
	}
	slices.SortFunc(m, func(a, b Polygon) int { return compareRings(a[0], b[0]) })
	return m
}

// Normal returns the same parts and rings in the order of Assemble, each ring
// started at its least vertex.
func (m MultiPolygon) Normal() MultiPolygon {
	out := make(MultiPolygon, len(m))
	for i, p := range m {
		out[i] = make(Polygon, len(p))
		for j, r := range p {
			out[i][j] = r.StartAtLeast()
		}
	}
	return order(out)
}

// Equal tells whether two multipolygons are the same, in the same order.
func (m MultiPolygon) Equal(o MultiPolygon) bool {
	return slices.EqualFunc(m, o, func(a, b Polygon) bool {
		return slices.EqualFunc(a, b, func(r, s Ring) bool { return slices.Equal(r, s) })
	})
}

func comparePoints(a, b Point) int {
	return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
}

func compareRings(a, b Ring) int { return slices.CompareFunc(a, b, comparePoints) }

// walker follows segments round the areas to their left.
type walker struct {
	segments []Segment
	order    []int32         // segment numbers by their first point
	at       map[Point]int32 // first place in order
	used     []bool
}

func newWalker(segments []Segment) *walker {
	w := &walker{
		segments: segments,
		order:    make([]int32, len(segments)),
		at:       make(map[Point]int32, len(segments)),
		used:     make([]bool, len(segments)),
	}
	for i := range segments {
		w.order[i] = int32(i)
	}
	slices.SortFunc(w.order, func(i, j int32) int {
		return cmp.Or(comparePoints(segments[i].A, segments[j].A), comparePoints(segments[i].B, segments[j].B))
	})
	for k, i := range w.order {
		if _, ok := w.at[segments[i].A]; !ok {
			w.at[segments[i].A] = int32(k)
		}
	}
	return w
}

// next returns the segment that goes on after i with the area still on the
// left: the first one clockwise from the way back.
func (w *walker) next(i int) int {
	end := w.segments[i].B
	first, ok := w.at[end]
	if !ok {
		return -1
	}
	back := towards(end, w.segments[i].A)
	best := int(w.order[first])
	for k := int(first) + 1; k < len(w.order) && w.segments[w.order[k]].A == end; k++ {
		j := int(w.order[k])
		if back.clockwiseBefore(towards(end, w.segments[j].B), towards(end, w.segments[best].B)) {
			best = j
		}
	}
	return best
}

// walk follows the segments from number i back to it.
func (w *walker) walk(i int) (Ring, error) {
	var path Ring
	for j := i; ; {
		w.used[j] = true
		path = append(path, w.segments[j].A)
		j = w.next(j)
		if j == i {
			return path, nil
		}
		if j < 0 || w.used[j] {
			return nil, ErrOpenChain
		}
	}
}

// SplitLoop cuts a closed line where it passes a vertex again, so that each of
// the rings returned passes every vertex once. It fails with ErrOpenChain on a
// line that turns back on itself.
func SplitLoop(line Ring) ([]Ring, error) {
	var loops []Ring
	var path Ring
	place := make(map[Point]int, len(line))
	for _, p := range line {
		if k, ok := place[p]; ok {
			if len(path)-k < 3 {
				return nil, ErrOpenChain
			}
			loops = append(loops, path[k:].StartAtLeast())
			for _, q := range path[k:] {
				delete(place, q)
			}
			path = path[:k]
		}
		place[p] = len(path)
		path = append(path, p)
	}
	if len(path) < 3 {
		return nil, ErrOpenChain
	}
	return append(loops, path.StartAtLeast()), nil
}

// StartAtLeast returns a copy of the ring that starts at its least vertex.
func (r Ring) StartAtLeast() Ring {
	k := 0
	for i, p := range r {
		if p.Less(r[k]) {
			k = i
		}
	}
	out := make(Ring, 0, len(r))
	return append(append(out, r[k:]...), r[:k]...)
}

// placeHoles adds each hole to the smallest exterior ring that surrounds it.
func placeHoles(shells []Polygon, holes []Ring) error {
	if len(holes) == 0 {
		return nil
	}
	grids := make([]*Grid, len(shells))
	boxes := make([]Box, len(shells))
	areas := make([]int64, len(shells))
	for s, p := range shells {
		boxes[s], areas[s] = BoxOf(p[0]), p[0].Area2()
	}
	for _, h := range holes {
		best := -1
		for s := range shells {
			if !boxes[s].Contains(h[0]) || best >= 0 && areas[s] >= areas[best] {
				continue
			}
			if grids[s] == nil {
				grids[s] = NewGrid(MultiPolygon{shells[s][:1]}.Segments())
			}
			if !grids[s].ends(h[0]) && grids[s].Inside(h[0]) > 0 {
				best = s
			}
		}
		if best < 0 {
			return ErrLooseHole
		}
		shells[best] = append(shells[best], h)
	}
	return nil
}
