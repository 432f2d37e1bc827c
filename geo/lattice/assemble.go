package lattice

import (
	"cmp"
	"errors"
	"math/bits"
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
	var shells []Polygon
	var holes []Ring
	for i := range segments {
		if w.used[i] {
			continue
		}
		path, err := w.walk(i)
		if err != nil {
			return nil, err
		}
		loops, err := splitLoop(path)
		if err != nil {
			return nil, err
		}
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
			out[i][j] = r.startAtLeast()
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
	first    []int32 // hash table of first points: a segment that starts there + 1
	also     []int32 // of every segment, another one with the same first point + 1
	used     []bool
}

func newWalker(segments []Segment) *walker {
	w := &walker{
		segments: segments,
		first:    make([]int32, 1<<bits.Len(uint(2*len(segments)))),
		also:     make([]int32, len(segments)),
		used:     make([]bool, len(segments)),
	}
	for i := range segments {
		k := w.slot(segments[i].A)
		w.also[i] = w.first[k]
		w.first[k] = int32(i) + 1
	}
	return w
}

// slot returns the place in first for segments that start at p.
func (w *walker) slot(p Point) int {
	k := int(p.Hash()) & (len(w.first) - 1)
	for w.first[k] != 0 && w.segments[w.first[k]-1].A != p {
		k = (k + 1) & (len(w.first) - 1)
	}
	return k
}

// next returns the segment that goes on after i with the area still on the
// left: the first one clockwise from the way back. It returns -1 when none
// starts there.
func (w *walker) next(i int) int {
	end := w.segments[i].B
	best := int(w.first[w.slot(end)]) - 1
	if best < 0 || w.also[best] == 0 {
		return best
	}
	back := towards(end, w.segments[i].A)
	for j := int(w.also[best]) - 1; j >= 0; j = int(w.also[j]) - 1 {
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

// splitLoop cuts a closed line where it passes a vertex again, so that each of
// the rings returned passes every vertex once. It fails with ErrOpenChain on a
// line that turns back on itself.
func splitLoop(line Ring) ([]Ring, error) {
	var loops []Ring
	var path Ring
	if !repeats(line) {
		path, line = line, nil
	}
	place := map[Point]int{}
	for _, p := range line {
		if k, ok := place[p]; ok {
			if len(path)-k < 3 {
				return nil, ErrOpenChain
			}
			loops = append(loops, path[k:].startAtLeast())
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
	return append(loops, path.startAtLeast()), nil
}

// repeats tells whether the line passes a vertex twice.
func repeats(line Ring) bool {
	seen := make([]int32, 1<<bits.Len(uint(2*len(line)))) // hash table of places + 1
	for i, p := range line {
		k := int(p.Hash()) & (len(seen) - 1)
		for ; seen[k] != 0; k = (k + 1) & (len(seen) - 1) {
			if line[seen[k]-1] == p {
				return true
			}
		}
		seen[k] = int32(i) + 1
	}
	return false
}

// startAtLeast returns a copy of the ring that starts at its least vertex.
func (r Ring) startAtLeast() Ring {
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
