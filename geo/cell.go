package geo

import (
	"cmp"
	"slices"

	"unigrid/geo/lattice"
)

// cellCheck looks at one cell after the other: whether its rings cross, touch
// themselves or overlap, segment by segment. Segments are numbered through the
// rings in their order. The memory is used again from cell to cell.
type cellCheck struct {
	segments []lattice.Segment
	ring     []int32 // of every segment
	next     []int32 // the segment that follows in the ring
	spans    []span
	sorted   []span
	bucket   []int32
}

// span is a segment's extent along the cell's longer side, lo to hi, and across
// it.
type span struct {
	lo, hi, from, to int32
	segment          int32
}

// many is the number of segments from which a grid is faster than a sweep: the
// sweep is linear as long as few segments overlap sideways.
const many = 1 << 10

// clashes reports pairs of segments that may not be in one valid cell, until
// report returns false: those in conflict, and those of one ring that meet at a
// vertex which the ring passes twice. Rings repeat their first point at the end.
func (k *cellCheck) clashes(rings [][]lattice.Point, report func(i, j int) bool) {
	k.load(rings)
	if len(k.segments) > many {
		k.search(report)
		return
	}
	k.sort(rings)
	for a := range k.sorted {
		s := &k.sorted[a]
		for b := a + 1; b < len(k.sorted) && k.sorted[b].lo <= s.hi; b++ {
			t := &k.sorted[b]
			if t.from <= s.to && s.from <= t.to && k.clash(s.segment, t.segment) && !report(int(s.segment), int(t.segment)) {
				return
			}
		}
	}
}

// load lists the segments.
func (k *cellCheck) load(rings [][]lattice.Point) {
	k.segments, k.ring, k.next = k.segments[:0], k.ring[:0], k.next[:0]
	for n, r := range rings {
		first := int32(len(k.segments))
		for i := 1; i < len(r); i++ {
			k.segments = append(k.segments, lattice.Segment{A: r[i-1], B: r[i]})
			k.ring = append(k.ring, int32(n))
			k.next = append(k.next, int32(len(k.segments)))
		}
		if len(r) > 1 {
			k.next[len(k.next)-1] = first
		}
	}
}

// sort puts the segments in order along the longer side of the cell: by
// counting into as many slices of it as there are segments, then by insertion.
func (k *cellCheck) sort(rings [][]lattice.Point) {
	n := len(k.segments)
	if n == 0 {
		k.sorted = k.sorted[:0]
		return
	}
	box := lattice.BoxOf(rings[0])
	for _, r := range rings[1:] {
		box = box.Union(lattice.BoxOf(r))
	}
	least, extent := box.Min.X, int64(box.Max.X)-int64(box.Min.X)
	tall := int64(box.Max.Y)-int64(box.Min.Y) > extent
	if tall {
		least, extent = box.Min.Y, int64(box.Max.Y)-int64(box.Min.Y)
	}
	k.spans, k.bucket = k.spans[:0], append(k.bucket[:0], make([]int32, n+1)...)
	scale := uint64(n) << 31 / uint64(extent+1)
	at := func(lo int32) int { return int(uint64(int64(lo)-int64(least)) * scale >> 31) }
	for i, s := range k.segments {
		p := span{min(s.A.X, s.B.X), max(s.A.X, s.B.X), min(s.A.Y, s.B.Y), max(s.A.Y, s.B.Y), int32(i)}
		if tall {
			p.lo, p.hi, p.from, p.to = p.from, p.to, p.lo, p.hi
		}
		k.spans = append(k.spans, p)
		k.bucket[at(p.lo)+1]++
	}
	for b := 1; b <= n; b++ {
		k.bucket[b] += k.bucket[b-1]
	}
	k.sorted = slices.Grow(k.sorted[:0], n)[:n]
	for _, p := range k.spans {
		b := at(p.lo)
		k.sorted[k.bucket[b]] = p
		k.bucket[b]++
	}
	for i := 1; i < n; i++ {
		p := k.sorted[i]
		j := i
		for ; j > 0 && k.sorted[j-1].lo > p.lo; j-- {
			k.sorted[j] = k.sorted[j-1]
		}
		k.sorted[j] = p
	}
}

// clash tells whether two segments may not be in one cell.
func (k *cellCheck) clash(i, j int32) bool {
	s, t := k.segments[i], k.segments[j]
	if k.ring[i] == k.ring[j] && k.next[i] != j && k.next[j] != i && (s.A == t.A || s.A == t.B || s.B == t.A || s.B == t.B) {
		return true
	}
	return lattice.Conflict(s, t)
}

// search is clashes for cells of many segments.
func (k *cellCheck) search(report func(i, j int) bool) {
	stopped := false
	lattice.NewGrid(k.segments).Conflicts(func(i, j int) {
		stopped = stopped || !report(i, j)
	})
	order := make([]int32, len(k.segments))
	for i := range order {
		order[i] = int32(i)
	}
	compare := func(i, j int32) int {
		a, b := k.segments[i].A, k.segments[j].A
		return cmp.Or(cmp.Compare(k.ring[i], k.ring[j]), cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
	}
	slices.SortFunc(order, compare)
	for n := 1; n < len(order) && !stopped; n++ {
		if i, j := order[n-1], order[n]; compare(i, j) == 0 {
			stopped = !report(int(i), int(j))
		}
	}
}

// valid tells whether a cell is a valid area by itself: every ring simple, no
// two in conflict, and, where there are several, holes in their parts, parts
// outside each other and each in one piece.
func (k *cellCheck) valid(rings [][]lattice.Point, holes []bool) bool {
	ok := true
	k.clashes(rings, func(i, j int) bool { ok = false; return false })
	return ok && nested(rings, holes)
}

// nested tells whether the rings of a cell, none in conflict, are wound the
// right way round and lie in each other as they should.
func nested(rings [][]lattice.Point, holes []bool) bool {
	if len(rings) == 1 {
		return lattice.Ring(rings[0]).Area2() > 0
	}
	return len(nesting(polygons(rings, holes), 0)) == 0
}

// polygons puts rings together to a cell; each that is no hole begins a part.
func polygons(rings [][]lattice.Point, holes []bool) lattice.MultiPolygon {
	var m lattice.MultiPolygon
	for n, r := range rings {
		if !holes[n] {
			m = append(m, nil)
		}
		m[len(m)-1] = append(m[len(m)-1], r[:len(r)-1:len(r)-1])
	}
	return m
}
