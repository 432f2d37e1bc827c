package geo

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Arc is a piece of boundary with one cell to its left and at most one to its
// right.
type Arc struct {
	Line  orb.LineString // degrees
	Left  int
	Right int // -1 where no cell shares the arc
}

// arc is a run of halves of one ring between two nodes, with the same ring on
// the other side all along; a run may pass the end of its ring.
type arc struct {
	first, count int32
}

// arcTable holds every arc once and says which ones a ring consists of.
type arcTable struct {
	arcs []arc
	// side lists the arcs of the rings, ring after ring and in the ring's
	// direction; those seen from the right, against their own, are given as
	// their complement (^arc).
	side  []int32
	start []int32 // of every ring in side, and one after the last
}

// Arcs returns the shared arcs of the coverage; each piece of boundary is in
// exactly one of them.
func (c *Coverage) Arcs() []Arc {
	table := c.arcs()
	out := make([]Arc, len(table.arcs))
	for i, a := range table.arcs {
		line := make(orb.LineString, 0, a.count+1)
		for _, p := range c.line(a, nil) {
			line = append(line, p.Orb())
		}
		out[i] = Arc{Line: line, Left: int(c.cellOf(a.first)), Right: int(c.across(a.first))}
	}
	return out
}

// line appends the points of an arc, both ends included.
func (c *Coverage) line(a arc, dst []lattice.Point) []lattice.Point {
	first, end := c.halves(c.ringOf(a.first))
	if over := a.first + a.count - end; over > 0 {
		dst = append(dst, c.at[a.first:end]...)
		return append(dst, c.at[first:first+over+1]...)
	}
	return append(dst, c.at[a.first:a.first+a.count+1]...)
}

// findKnots returns the loose halves that start where another loose one does.
// Where boundaries without a neighbour meet, or meet others, two of them start:
// going round the vertex, every run of cells that hang together there ends in
// one.
func (c *Coverage) findKnots() []int32 {
	out := c.sameStart(slices.Clone(c.loose))
	slices.Sort(out)
	return out
}

// touches returns halves that start where a cell passes a vertex more than
// once, as where a hole touches its exterior, and those of other cells there.
func (c *Coverage) touches() []int32 {
	var out []int32
	var halves []int32
	for i := range c.Len() {
		if c.first[i+1]-c.first[i] < 2 {
			continue
		}
		halves = halves[:0]
		for r := c.first[i]; r < c.first[i+1]; r++ {
			first, end := c.halves(r)
			for h := first; h < end; h++ {
				halves = append(halves, h)
			}
		}
		for _, h := range c.sameStart(halves) {
			out = append(out, h)
			if t := c.twin[c.previous(h)]; t >= 0 {
				out = append(out, t)
			}
		}
	}
	return out
}

// sameStart sorts halves by their first point and returns those that start
// where another one does.
func (c *Coverage) sameStart(halves []int32) []int32 {
	slices.SortFunc(halves, func(i, j int32) int {
		p, q := c.at[i], c.at[j]
		return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(p.Y, q.Y))
	})
	var out []int32
	for k, h := range halves {
		if k > 0 && c.at[halves[k-1]] == c.at[h] || k+1 < len(halves) && c.at[halves[k+1]] == c.at[h] {
			out = append(out, h)
		}
	}
	return out
}

// pins are halves at which an arc has to begin, whatever their twins do.
type pins []uint64

func (c *Coverage) pins() pins {
	p := make(pins, len(c.at)>>6+1)
	for _, list := range [][]int32{c.knots(), c.touches()} {
		for _, h := range list {
			p[h>>6] |= 1 << (h & 63)
		}
	}
	return p
}

func (p pins) has(h int32) bool { return p[h>>6]>>(h&63)&1 == 1 }

// node tells whether an arc ends between two halves that follow each other. It
// goes on where their twins do, or where both have none.
//
// A vertex where it goes on has nothing but the arc's two cells round it, in a
// valid coverage, unless one of them passes it a second time (touches), or, at
// a loose boundary, another run of cells ends there (knots).
func (c *Coverage) node(in, out int32, pinned pins) bool {
	back, on := c.twin[in], c.twin[out]
	if back < 0 || on < 0 {
		return back >= 0 || on >= 0 || pinned.has(out)
	}
	return c.next(on) != back || pinned.has(out)
}

// cut cuts the rings into arcs at the nodes.
func (c *Coverage) cut() *arcTable {
	rings := int32(len(c.rings) - 1)
	table := &arcTable{start: make([]int32, rings+1)}
	pinned := c.pins()
	lasts := make(map[int32]int32) // last half of an arc whose other side is to come → arc
	for r := range rings {
		table.start[r] = int32(len(table.side))
		first, end := c.halves(r)
		start := c.firstNode(r, pinned)
		for h, left := start, end-first; left > 0; {
			last, count := h, int32(1)
			for ; count < left; count++ {
				next := c.next(last)
				if c.node(last, next, pinned) {
					break
				}
				last = next
			}
			table.add(arc{h, count}, c.twin[h], last, c.twin[last] >= 0, lasts)
			left -= count
			h = c.next(last)
		}
	}
	table.start[rings] = int32(len(table.side))
	return table
}

// firstNode returns the ring's first half that begins at a node. A ring without
// one is a single closed arc; it then begins where the ring on its other side
// does, if that comes before.
func (c *Coverage) firstNode(r int32, pinned pins) int32 {
	first, end := c.halves(r)
	in := end - 1
	for h := first; h < end; in, h = h, h+1 {
		if c.node(in, h, pinned) {
			return h
		}
	}
	if t := c.twin[first]; t >= 0 {
		if other := c.ringOf(t); other < r {
			_, end := c.halves(other)
			return c.twin[end-1]
		}
	}
	return first
}

// add appends a ring's next arc, from its first half, whose twin is given, to
// its last: a new one unless the other side has it.
func (t *arcTable) add(a arc, twin, last int32, shared bool, lasts map[int32]int32) {
	if known, ok := lasts[twin]; ok && twin >= 0 {
		delete(lasts, twin)
		t.side = append(t.side, ^known)
		return
	}
	if shared {
		lasts[last] = int32(len(t.arcs))
	}
	t.side = append(t.side, int32(len(t.arcs)))
	t.arcs = append(t.arcs, a)
}
