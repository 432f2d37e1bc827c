package overlay

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// negligible is the share of an area below which gaps and overlaps are none.
const negligible = 1e-10

// tight is how near to each other crossings on one line can be, in units of
// 1e-7°, and still be told apart after their coordinates are rounded.
const tight = 1e-4

// Piece is what a cell of the layer has of an area, or, with Cell -1, what none
// has. The shares are of the area, 0 to 1.
type Piece struct {
	Cell    int
	Whole   bool             // the cell has all of it; Shape is nil
	Shape   orb.MultiPolygon // degrees
	Claimed float64          // what Shape covers
	Own     float64          // what is left when ground of several cells is divided among them equally
	Overlap float64          // how much of Own is such ground
}

// Face is ground that several cells claim.
type Face struct {
	Cells []int // ascending
	Share float64
	Shape orb.MultiPolygon
}

// Cutter cuts one area after the other, in memory that it uses again.
type Cutter struct {
	cells  *Cells
	area   *Area
	seen   []seen // of every edge of the cells
	cuts   int32
	lines  []line      // edges; those of the area's boundary are numbered on from there
	bound  []int32     // of every segment of the area's boundary: knot + 1 of the list of those on it
	edges  []int32     // of every line: which edge it is
	reach  lattice.Box // of the edges
	on     []int32     // nodes of a line
	knots  []knot
	nodes  []node
	places map[place]int32 // nodes at crossings
	slots  []int32         // hash table of nodes on the lattice + 1
	sides  []side
	claims []claim // by side: what is to its left and right
	links  []int32 // hash table of sides + 1
	halves []half
	fan    []int32 // halves by the node they leave
	first  []int32 // of every node, in fan
	cycles []cycle
	labels []label
	known  map[uint64]int32
	stack  []int32
	held   []int32 // of every node while a ring is taken apart: place + 1
	chosen []int32 // of every half: twice the number of the shape that it last bounds, and 1 once it is used
	shapes int32
	own    []share
	found  []int32 // the cells of own
	path   []int32 // halves along a shape's boundary
	kept   []int32 // of that, what is not yet a loop
	spots  []spot  // a loop's
	around []orb.Point
}

// seen is the cut that last took an edge, and the line that it is there.
type seen struct{ cut, line int32 }

// line is an edge of cells'.
type line struct {
	lattice.Segment
	left, right int32 // cells, or none
	first       int32 // knot + 1 of the list of those on it
	idle        bool  // on the area's boundary, or outside
}

// inside stands for the area in the place of a cell.
const inside = -2

// knot is a node inside a line.
type knot struct {
	node, next int32
}

// node is where lines end or meet: x and y from the area's south-west corner.
type node struct {
	x, y float64
	place
	denominator uint64 // of a crossing's fractions
	rx, ry      uint64
}

// place is a position in units: whole ones, and the fractions of a crossing.
type place struct {
	at     lattice.Point
	fx, fy float64
}

// side is what two nodes that are next to each other have between them: a piece of
// line, or some of the area's boundary, where only what meets it has nodes.
type side struct {
	u, v     int32 // nodes; of a piece of line u < v
	from, to int32 // the lines where it leaves u and comes to v
	back     bool  // the line goes from v to u
	left     int32 // as of the line, seen from u
	right    int32
	claim    int32 // claims + 1: a list of what other lines there say
}

// claim says what is to both sides of a side by one more line, seen from u.
type claim struct {
	left, right int32
	next        int32
}

// half is a side seen from one of its nodes, with a face to its left.
type half struct {
	next  int32
	cycle int32
}

// cycle is a closed walk round a face.
type cycle struct {
	half  int32
	area  float64 // square units; of a face with holes, a part of it
	label int32   // of the face: labels, unknown or outside
}

const (
	unknown = -1
	outside = -2
)

// label is a set of cells, ascending, that claim a face inside the area.
type label struct {
	cells []int32
	own   []int32 // their places among the shares
	area  float64 // of all such faces
}

// share is a cell's part of the area.
type share struct {
	cell                  int32
	claimed, own, overlap float64
	labels                int
	bounds                []int32 // halves round what it claims
}

// Cut divides an area, valid by itself, among the cells that have some of it. It
// gives the pieces by cell, the uncovered last, and the ground that several
// claim; gaps and overlaps of less than 1e-10 of the area are none. It fails with
// ErrUnfit.
func (k *Cutter) Cut(c *Cells, area *Area) ([]Piece, []Face, error) {
	if len(area.points) == 0 {
		return nil, nil, fmt.Errorf("%w: an area without a ring", ErrUnfit)
	}
	k.begin(c, area)
	if area.box.Union(c.near) != c.near {
		return nil, nil, fmt.Errorf("%w: outside the cells' box", ErrUnfit)
	}
	k.gather()
	parts := len(area.parts) > 1
	if len(k.edges) > 0 || parts {
		if err := k.cross(); err != nil {
			return nil, nil, err
		}
	}
	if !k.within() && !parts { // parts can be in different cells without a line in them
		s := area.segment(0)
		cells, err := k.over(beside{s.A, int64(s.B.X) - int64(s.A.X), int64(s.B.Y) - int64(s.A.Y)}, nil)
		if err != nil {
			return nil, nil, err
		}
		k.labels = append(k.labels, label{cells: cells, area: 1})
		return k.divide(1)
	}
	if err := k.part(); err != nil {
		return nil, nil, err
	}
	if err := k.turn(); err != nil {
		return nil, nil, err
	}
	k.walk()
	if err := k.name(); err != nil {
		return nil, nil, err
	}
	total := 0.0
	for _, l := range k.labels {
		total += l.area
	}
	if exact := float64(area.area2) / 2; !(math.Abs(total/exact-1) < 1e-11) {
		return nil, nil, fmt.Errorf("%w: faces of %g square units in an area of %g", ErrUnfit, total, exact)
	}
	return k.divide(total)
}

func (k *Cutter) begin(c *Cells, area *Area) {
	if k.cells != c {
		k.cells = c
		k.seen = slices.Grow(k.seen[:0], len(c.edges))[:len(c.edges)]
	}
	if k.places == nil {
		k.places, k.known = map[place]int32{}, map[uint64]int32{}
	}
	k.cuts++
	k.area = area
	k.lines, k.edges, k.knots, k.nodes = k.lines[:0], k.edges[:0], k.knots[:0], k.nodes[:0]
	k.sides, k.claims, k.cycles, k.labels = k.sides[:0], k.claims[:0], k.cycles[:0], k.labels[:0]
	clear(k.places)
	clear(k.known)
}

// gather takes the edges of cells that touch the area's box.
func (k *Cutter) gather() {
	if len(k.cells.edges) == 0 {
		return
	}
	k.cells.grid.Near(k.area.box, func(i int) bool {
		if k.seen[i].cut != k.cuts {
			k.seen[i] = seen{k.cuts, none}
			if e := &k.cells.edges[i]; boxOf(e.Segment).Touches(k.area.box) {
				if len(k.lines) == 0 {
					k.reach = boxOf(e.Segment)
				}
				k.reach = k.reach.Extend(e.A).Extend(e.B)
				k.seen[i].line = int32(len(k.lines))
				k.lines = append(k.lines, line{Segment: e.Segment, left: e.left, right: e.right})
				k.edges = append(k.edges, int32(i))
			}
		}
		return true
	})
}

// cross finds where lines meet inside of one of them.
func (k *Cutter) cross() (err error) {
	k.bound = cleared(k.bound, len(k.area.points))
	k.slots = cleared(k.slots, 1<<bits.Len(uint(8*len(k.lines)+8*len(k.area.rings))))
	meet := func(i, j int32) {
		if err == nil && lattice.Conflict(k.segment(i), k.segment(j)) {
			err = k.meet(i, j)
		}
	}
	first := int32(len(k.lines))
	for i := range k.lines {
		l := &k.lines[i]
		box := boxOf(l.Segment)
		for n := range k.area.runs {
			r := &k.area.runs[n]
			if !r.box.Touches(box) {
				continue
			}
			a := k.area.points[r.from]
			for j := r.from; j < r.to; j++ {
				b := k.area.points[j+1]
				switch {
				case l.A == a && l.B == b || l.A == b && l.B == a:
					l.idle = true
				case min(a.X, b.X) <= box.Max.X && max(a.X, b.X) >= box.Min.X && min(a.Y, b.Y) <= box.Max.Y && max(a.Y, b.Y) >= box.Min.Y:
					meet(first+j, int32(i))
				}
				a = b
			}
		}
	}
	if len(k.cells.meet) > 0 {
		for i, e := range k.edges {
			for _, other := range k.cells.meet[e] {
				if o := k.seen[other]; o.cut == k.cuts && o.line != none {
					meet(int32(i), o.line)
				}
			}
		}
	}
	for _, pair := range k.area.meet {
		meet(first+pair[0], first+pair[1])
	}
	return err
}

// segment returns a line, or one of the area's boundary.
func (k *Cutter) segment(line int32) lattice.Segment {
	if first := int32(len(k.lines)); line >= first {
		return k.area.segment(line - first)
	}
	return k.lines[line].Segment
}

// within tells whether an edge passes through the area. It lays aside those on its
// boundary and those outside, which change nothing inside.
func (k *Cutter) within() (some bool) {
	for i := range k.edges {
		l := &k.lines[i]
		if l.first == 0 && !l.idle {
			p := beside{l.A, int64(l.B.X) - int64(l.A.X), int64(l.B.Y) - int64(l.A.Y)}
			l.idle = k.area.turns(p) == 0
		}
		some = some || !l.idle
	}
	return some
}

func cleared(list []int32, n int) []int32 {
	list = slices.Grow(list[:0], n)[:n]
	clear(list)
	return list
}

func (k *Cutter) meet(i, j int32) error {
	s, t := k.segment(i), k.segment(j)
	ta, tb := lattice.Orient(s.A, s.B, t.A), lattice.Orient(s.A, s.B, t.B)
	sa, sb := lattice.Orient(t.A, t.B, s.A), lattice.Orient(t.A, t.B, s.B)
	if (ta > 0 && tb < 0 || ta < 0 && tb > 0) && (sa > 0 && sb < 0 || sa < 0 && sb > 0) {
		n, err := k.crossing(s, sa, sb)
		if err != nil {
			return err
		}
		k.put(i, n)
		k.put(j, n)
		return nil
	}
	for _, e := range [...]struct {
		side int64
		line int32
		on   lattice.Segment
		end  lattice.Point
	}{{ta, i, s, t.A}, {tb, i, s, t.B}, {sa, j, t, s.A}, {sb, j, t, s.B}} {
		if e.side == 0 && e.end != e.on.A && e.end != e.on.B && boxOf(e.on).Contains(e.end) {
			k.put(e.line, k.vertex(e.end))
		}
	}
	return nil
}

func (k *Cutter) put(line, n int32) {
	var list *int32
	if first := int32(len(k.lines)); line >= first {
		list = &k.bound[line-first]
	} else {
		list = &k.lines[line].first
	}
	k.knots = append(k.knots, knot{n, *list})
	*list = int32(len(k.knots))
}

// met returns the node at a place of the lattice if there is one, else none.
func (k *Cutter) met(p lattice.Point) int32 {
	for h := int(p.Hash()) & (len(k.slots) - 1); k.slots[h] != 0; h = (h + 1) & (len(k.slots) - 1) {
		if n := k.slots[h] - 1; k.nodes[n].at == p {
			return n
		}
	}
	return none
}

// vertex returns the node at a place of the lattice.
func (k *Cutter) vertex(p lattice.Point) int32 {
	h := int(p.Hash()) & (len(k.slots) - 1)
	for ; k.slots[h] != 0; h = (h + 1) & (len(k.slots) - 1) {
		if n := k.slots[h] - 1; k.nodes[n].at == p {
			return n
		}
	}
	if 2*len(k.nodes) >= len(k.slots) {
		k.slots = cleared(k.slots, 2*len(k.slots))
		for n, o := range k.nodes {
			if o.denominator == 1 {
				for h = int(o.at.Hash()) & (len(k.slots) - 1); k.slots[h] != 0; h = (h + 1) & (len(k.slots) - 1) {
				}
				k.slots[h] = int32(n) + 1
			}
		}
		return k.vertex(p)
	}
	k.slots[h] = int32(len(k.nodes)) + 1
	k.nodes = append(k.nodes, node{
		x: float64(int64(p.X) - int64(k.area.box.Min.X)), y: float64(int64(p.Y) - int64(k.area.box.Min.Y)),
		place: place{at: p}, denominator: 1,
	})
	return int32(len(k.nodes)) - 1
}

// crossing returns the node where a segment is crossed by a line to whose left
// its ends are by a and b.
func (k *Cutter) crossing(s lattice.Segment, a, b int64) (int32, error) {
	if a < 0 {
		a, b = -a, -b
	}
	d := uint64(a) + uint64(-b)
	if d >= 1<<53 {
		return 0, fmt.Errorf("%w: lines cross that are too long", ErrUnfit)
	}
	x, rx := along(s.A.X, s.B.X, uint64(a), d)
	y, ry := along(s.A.Y, s.B.Y, uint64(a), d)
	if rx == 0 && ry == 0 {
		return k.vertex(lattice.Point{X: x, Y: y}), nil
	}
	p := place{lattice.Point{X: x, Y: y}, float64(rx) / float64(d), float64(ry) / float64(d)}
	if n, ok := k.places[p]; ok {
		if o := &k.nodes[n]; !same(rx, d, o.rx, o.denominator) || !same(ry, d, o.ry, o.denominator) {
			return 0, fmt.Errorf("%w: two crossings at %v", ErrUnfit, p)
		}
		return n, nil
	}
	n := int32(len(k.nodes))
	k.places[p] = n
	k.nodes = append(k.nodes, node{
		x: float64(int64(x)-int64(k.area.box.Min.X)) + p.fx, y: float64(int64(y)-int64(k.area.box.Min.Y)) + p.fy,
		place: p, denominator: d, rx: rx, ry: ry,
	})
	return n, nil
}

// along returns from + (to-from)·n/d, with n < d: the whole, and the rest over d.
func along(from, to int32, n, d uint64) (int32, uint64) {
	delta := int64(to) - int64(from)
	hi, lo := bits.Mul64(n, uint64(max(delta, -delta)))
	whole, rest := bits.Div64(hi, lo, d)
	if delta >= 0 {
		return int32(int64(from) + int64(whole)), rest
	}
	if rest == 0 {
		return int32(int64(from) - int64(whole)), 0
	}
	return int32(int64(from) - int64(whole) - 1), d - rest
}

// same tells whether a/b and c/d are equal.
func same(a, b, c, d uint64) bool {
	h1, l1 := bits.Mul64(a, d)
	h2, l2 := bits.Mul64(c, b)
	return h1 == h2 && l1 == l2
}

// part cuts the lines at their nodes, and makes one side of those that are the
// same. The area's boundary is cut only where something meets it, and where its rings begin.
func (k *Cutter) part() error {
	k.links = cleared(k.links, 1<<bits.Len(uint(2*(len(k.lines)+len(k.knots)+len(k.area.rings)))))
	for i := range k.lines {
		l := &k.lines[i]
		if l.idle {
			continue
		}
		at, end := k.vertex(l.A), k.vertex(l.B)
		if err := k.sort(l.first, l.Segment); err != nil {
			return err
		}
		for _, n := range append(k.on, end) {
			k.side(at, n, int32(i))
			at = n
		}
	}
	first := int32(len(k.lines))
	for i, from := range k.area.rings {
		last := k.area.last(i)
		begin := k.vertex(k.area.points[from])
		at, leave := begin, from
		for j := from; j < last; j++ {
			if j > from {
				if p := k.area.points[j]; k.reach.Contains(p) {
					if n := k.met(p); n != none {
						k.stretch(at, n, first+leave, first+j-1)
						at, leave = n, j
					}
				}
			}
			if k.bound[j] == 0 {
				continue
			}
			if err := k.sort(k.bound[j], k.area.segment(j)); err != nil {
				return err
			}
			for _, n := range k.on {
				k.stretch(at, n, first+leave, first+j)
				at, leave = n, j
			}
		}
		k.stretch(at, begin, first+leave, first+last-1)
	}
	return nil
}

// sort puts a list of knots, of which none is too near to another or an end, along a
// segment.
func (k *Cutter) sort(list int32, s lattice.Segment) error {
	k.on = k.on[:0]
	if list == 0 {
		return nil
	}
	for n := list; n != 0; n = k.knots[n-1].next {
		k.on = append(k.on, k.knots[n-1].node)
	}
	dx, dy := int64(s.B.X)-int64(s.A.X), int64(s.B.Y)-int64(s.A.Y)
	across := max(dx, -dx) > max(dy, -dy)
	order := func(x, y float64) float64 {
		if across {
			return math.Copysign(1, float64(dx)) * x
		}
		return math.Copysign(1, float64(dy)) * y
	}
	of := func(n int32) float64 { return order(k.nodes[n].x, k.nodes[n].y) }
	end := func(p lattice.Point) float64 {
		return order(float64(int64(p.X)-int64(k.area.box.Min.X)), float64(int64(p.Y)-int64(k.area.box.Min.Y)))
	}
	slices.SortFunc(k.on, func(a, b int32) int { return cmp.Or(cmp.Compare(of(a), of(b)), cmp.Compare(a, b)) })
	k.on = slices.Compact(k.on)
	before := end(s.A)
	for _, n := range k.on {
		if of(n)-before < tight {
			return fmt.Errorf("%w: crossings close together", ErrUnfit)
		}
		before = of(n)
	}
	if end(s.B)-before < tight {
		return fmt.Errorf("%w: crossings close together", ErrUnfit)
	}
	return nil
}

// stretch adds some of the area's boundary, from one node to the next.
func (k *Cutter) stretch(u, v, from, to int32) {
	if from == to {
		k.side(u, v, from)
		return
	}
	k.sides = append(k.sides, side{u: u, v: v, from: from, to: to, left: inside, right: none})
}

// side adds what is beside a line between two of its nodes.
func (k *Cutter) side(u, v, at int32) {
	left, right, back := int32(inside), int32(none), u > v
	if at < int32(len(k.lines)) {
		left, right = k.lines[at].left, k.lines[at].right
	}
	if back {
		u, v, left, right = v, u, right, left
	}
	h := int((uint64(uint32(u))<<32|uint64(uint32(v)))*0x9e3779b97f4a7c15>>33) & (len(k.links) - 1)
	for ; k.links[h] != 0; h = (h + 1) & (len(k.links) - 1) {
		if s := &k.sides[k.links[h]-1]; s.u == u && s.v == v {
			k.claims = append(k.claims, claim{left, right, s.claim})
			s.claim = int32(len(k.claims))
			return
		}
	}
	k.links[h] = int32(len(k.sides)) + 1
	k.sides = append(k.sides, side{u: u, v: v, from: at, to: at, back: back, left: left, right: right})
}

// from returns the node that a half leaves; half 2i goes along side i from u to v.
func (k *Cutter) from(h int32) int32 {
	if s := &k.sides[h>>1]; h&1 == 0 {
		return s.u
	} else {
		return s.v
	}
}

// direction returns the exact one in which a half leaves its node.
func (k *Cutter) direction(h int32) (dx, dy int64) {
	s := &k.sides[h>>1]
	at := s.from
	if h&1 == 1 {
		at = s.to
	}
	l := k.segment(at)
	dx, dy = int64(l.B.X)-int64(l.A.X), int64(l.B.Y)-int64(l.A.Y)
	if s.back != (h&1 == 1) {
		return -dx, -dy
	}
	return dx, dy
}

// sweep is twice what a half sweeps, seen from a place of the lattice.
func (k *Cutter) sweep(h int32, from lattice.Point) float64 {
	s := &k.sides[h>>1]
	a, b := &k.nodes[s.u], &k.nodes[s.v]
	x0, y0 := int64(from.X)-int64(k.area.box.Min.X), int64(from.Y)-int64(k.area.box.Min.Y)
	ox, oy := float64(x0), float64(y0)
	cross := func(ax, ay, bx, by float64) float64 { return (ax-ox)*(by-oy) - (ay-oy)*(bx-ox) }
	var sum float64
	if s.from == s.to {
		sum = cross(a.x, a.y, b.x, b.y)
	} else {
		i, j := s.from-int32(len(k.lines))+1, s.to-int32(len(k.lines)) // the points between, both included
		p, q := k.area.points[i], k.area.points[j]
		px, py := int64(p.X)-int64(k.area.box.Min.X), int64(p.Y)-int64(k.area.box.Min.Y)
		qx, qy := int64(q.X)-int64(k.area.box.Min.X), int64(q.Y)-int64(k.area.box.Min.Y)
		between := k.area.sums[j] - k.area.sums[i] - ((px-qx)*y0 - (py-qy)*x0)
		sum = cross(a.x, a.y, float64(px), float64(py)) + float64(between) + cross(float64(qx), float64(qy), b.x, b.y)
	}
	if h&1 == 1 {
		return -sum
	}
	return sum
}

// turn sorts the halves round every node, counter-clockwise, and joins each with
// the one that follows it round the face to its left.
func (k *Cutter) turn() error {
	n := 2 * len(k.sides)
	k.halves = slices.Grow(k.halves[:0], n)[:n]
	k.first = cleared(k.first, len(k.nodes)+1)
	for h := range int32(n) {
		k.first[k.from(h)+1]++
	}
	for i := 1; i < len(k.first); i++ {
		k.first[i] += k.first[i-1]
	}
	k.fan = slices.Grow(k.fan[:0], n)[:n]
	k.held = append(k.held[:0], k.first...)
	for h := range int32(n) {
		u := k.from(h)
		k.fan[k.held[u]] = h
		k.held[u]++
	}
	for u := range k.nodes {
		fan := k.fan[k.first[u]:k.first[u+1]]
		if len(fan) > 2 {
			slices.SortFunc(fan, func(a, b int32) int {
				ax, ay := k.direction(a)
				bx, by := k.direction(b)
				return cmp.Or(cmp.Compare(halfTurn(ax, ay), halfTurn(bx, by)), cmp.Compare(ay*bx, ax*by))
			})
		}
		for i, h := range fan {
			before := fan[(i+len(fan)-1)%len(fan)]
			if len(fan) > 1 {
				ax, ay := k.direction(before)
				bx, by := k.direction(h)
				if halfTurn(ax, ay) == halfTurn(bx, by) && ax*by == ay*bx {
					return fmt.Errorf("%w: lines on each other", ErrUnfit)
				}
			}
			k.halves[h^1] = half{next: before, cycle: unknown}
		}
	}
	return nil
}

// halfTurn is 0 for directions from east to north-west, 1 for the others.
func halfTurn(x, y int64) int {
	if y > 0 || y == 0 && x > 0 {
		return 0
	}
	return 1
}

// walk finds the closed walks.
func (k *Cutter) walk() {
	for h := range k.halves {
		if k.halves[h].cycle != unknown {
			continue
		}
		c := cycle{half: int32(h), label: unknown}
		o := k.nodes[k.from(c.half)].at
		for i := c.half; k.halves[i].cycle == unknown; i = k.halves[i].next {
			k.halves[i].cycle = int32(len(k.cycles))
			c.area += k.sweep(i, o)
		}
		c.area /= 2
		k.cycles = append(k.cycles, c)
	}
}

// name finds who claims each face inside the area. From a face that is known the
// others follow, line by line; that it comes to the same by every way proves that
// the cells are valid, and the faces right.
func (k *Cutter) name() error {
	var cells []int32
	for h := range int32(len(k.halves)) {
		at := &k.nodes[k.from(h)]
		if k.cycles[k.halves[h].cycle].label != unknown || at.denominator > 1 || !k.area.box.Contains(at.at) {
			continue
		}
		dx, dy := k.direction(h)
		p := beside{at.at, dx, dy}
		turns := k.area.turns(p)
		found := int32(outside)
		if turns != 0 {
			if turns != 1 {
				return fmt.Errorf("%w: an area that isn't valid", ErrUnfit)
			}
			var err error
			if cells, err = k.over(p, cells[:0]); err != nil {
				return err
			}
			found = k.label(cells)
		}
		if err := k.spread(k.halves[h].cycle, found); err != nil {
			return err
		}
	}
	for i := range k.cycles {
		if l := k.cycles[i].label; l >= 0 {
			k.labels[l].area += k.cycles[i].area
		}
	}
	return nil
}

// over appends the cells that a place is in.
func (k *Cutter) over(p beside, cells []int32) ([]int32, error) {
	for i, box := range k.cells.boxes {
		if !box.Contains(p.at) {
			continue
		}
		switch k.cells.bounds[i].turns(p) {
		case 0:
		case 1:
			cells = append(cells, int32(i))
		default:
			return nil, fmt.Errorf("%w: cell %d isn't valid", ErrUnfit, i)
		}
	}
	return cells, nil
}

// label returns the number of a set of cells.
func (k *Cutter) label(cells []int32) int32 {
	hash := uint64(len(cells))
	for _, c := range cells {
		hash = (hash ^ uint64(c)) * 0x9e3779b97f4a7c15
		hash ^= hash >> 29
	}
	for ; ; hash++ {
		l, ok := k.known[hash]
		if !ok {
			k.known[hash] = int32(len(k.labels))
			k.labels = append(k.labels, label{cells: slices.Clone(cells)})
			return int32(len(k.labels)) - 1
		}
		if slices.Equal(k.labels[l].cells, cells) {
			return l
		}
	}
}

// spread goes from a face to all that hang together with it.
func (k *Cutter) spread(c, found int32) error {
	k.cycles[c].label = found
	k.stack = append(k.stack[:0], c)
	var cells, entered []int32
	for len(k.stack) > 0 {
		c := k.stack[len(k.stack)-1]
		k.stack = k.stack[:len(k.stack)-1]
		own := k.cycles[c].label
		start := k.cycles[c].half
		last := int32(-1) // a half just before with the same to both its sides
		for h := start; ; {
			beyond, same := k.halves[h^1].cycle, last >= 0 && k.alike(h, last)
			last = h
			if same {
				if h = k.halves[h].next; h == start {
					break
				}
				continue
			}
			there, within := int32(unknown), own >= 0
			if own >= 0 {
				cells = append(cells[:0], k.labels[own].cells...)
			}
			// Beyond a half is what is to its right; what is to its left stays here.
			leave, enter := k.beside(h)
			for n := k.sides[h>>1].claim; ; n = k.claims[n-1].next {
				for _, q := range [...]struct {
					what   int32
					enters bool
				}{{leave, false}, {enter, true}} {
					switch {
					case q.what == none:
					case q.what == inside:
						if within == q.enters {
							return fmt.Errorf("%w: an area that isn't valid", ErrUnfit)
						}
						within = q.enters
					case own >= 0 && q.enters:
						entered = append(entered, q.what)
					case own >= 0:
						i, ok := slices.BinarySearch(cells, q.what)
						if !ok {
							return fmt.Errorf("%w: cell %d isn't valid", ErrUnfit, q.what)
						}
						cells = slices.Delete(cells, i, i+1)
					}
				}
				if n == 0 {
					break
				}
				leave, enter = k.claims[n-1].left, k.claims[n-1].right
				if h&1 == 1 {
					leave, enter = enter, leave
				}
			}
			for _, cell := range entered {
				i, ok := slices.BinarySearch(cells, cell)
				if ok {
					return fmt.Errorf("%w: cell %d isn't valid", ErrUnfit, cell)
				}
				cells = slices.Insert(cells, i, cell)
			}
			entered = entered[:0]
			switch {
			case !within:
				there = outside
			case own >= 0:
				there = k.label(cells)
			}
			switch {
			case k.cycles[beyond].label == unknown && there != unknown:
				k.cycles[beyond].label = there
				k.stack = append(k.stack, beyond)
			case there != unknown && k.cycles[beyond].label != there, there == unknown && k.cycles[beyond].label == outside:
				return fmt.Errorf("%w: faces that contradict each other", ErrUnfit)
			}
			if h = k.halves[h].next; h == start {
				break
			}
		}
	}
	return nil
}

// beside returns what is to the left and to the right of a half by its first line.
func (k *Cutter) beside(h int32) (left, right int32) {
	s := &k.sides[h>>1]
	if h&1 == 1 {
		return s.right, s.left
	}
	return s.left, s.right
}

// alike tells whether two halves divide the same two faces by one line each that
// says the same.
func (k *Cutter) alike(h, other int32) bool {
	if k.halves[h^1].cycle != k.halves[other^1].cycle || k.sides[h>>1].claim != 0 || k.sides[other>>1].claim != 0 {
		return false
	}
	left, right := k.beside(h)
	l, r := k.beside(other)
	return left == l && right == r
}

// divide makes the pieces from the faces.
func (k *Cutter) divide(total float64) ([]Piece, []Face, error) {
	doubled := k.shares()
	k.chosen = cleared(k.chosen, len(k.halves))
	k.held = cleared(k.held, len(k.nodes))
	k.shapes = 0
	if len(k.labels) > 1 {
		k.bounds()
	}
	pieces := make([]Piece, 0, len(k.own))
	for i := range k.own {
		s := &k.own[i]
		if s.cell == none && s.own <= negligible*total {
			continue
		}
		p := Piece{Cell: int(s.cell), Whole: s.labels == len(k.labels), Claimed: s.claimed / total, Own: s.own / total, Overlap: s.overlap / total}
		if doubled <= negligible*total {
			p.Overlap = 0
		}
		if !p.Whole {
			if p.Shape = k.shape(s.bounds); p.Shape == nil {
				continue
			}
		}
		pieces = append(pieces, p)
	}
	var faces []Face
	if doubled > negligible*total {
		for i := range k.labels {
			if f, ok := k.face(int32(i), total); ok {
				faces = append(faces, f)
			}
		}
	}
	return pieces, faces, nil
}

// shares adds up by cell, and returns how much several claim.
func (k *Cutter) shares() (doubled float64) {
	k.found = k.found[:0]
	uncovered := false
	for _, l := range k.labels {
		k.found = append(k.found, l.cells...)
		uncovered = uncovered || len(l.cells) == 0
	}
	slices.Sort(k.found)
	k.found = slices.Compact(k.found)
	cells := k.found
	if uncovered {
		k.found = append(k.found, none)
	}
	k.own = slices.Grow(k.own[:0], len(k.found))[:len(k.found)]
	for i, cell := range k.found {
		k.own[i] = share{cell: cell, bounds: k.own[i].bounds[:0]}
	}
	for i := range k.labels {
		l := &k.labels[i]
		l.own = l.own[:0]
		if len(l.cells) == 0 {
			l.own = append(l.own, int32(len(k.own)-1))
		}
		for _, cell := range l.cells {
			at, _ := slices.BinarySearch(cells, cell)
			l.own = append(l.own, int32(at))
		}
		part := l.area / float64(len(l.own))
		for _, at := range l.own {
			s := &k.own[at]
			s.claimed, s.own, s.labels = s.claimed+l.area, s.own+part, s.labels+1
			if len(l.own) > 1 {
				s.overlap += part
			}
		}
		if len(l.own) > 1 {
			doubled += l.area
		}
	}
	return doubled
}

// bounds finds the halves that bound what each cell claims.
func (k *Cutter) bounds() {
	for h := range int32(len(k.halves)) {
		here, there := k.labelOf(h), k.labelOf(h^1)
		if here < 0 || here == there {
			continue
		}
		for _, at := range k.labels[here].own {
			if there < 0 || !slices.Contains(k.labels[there].own, at) {
				k.own[at].bounds = append(k.own[at].bounds, h)
			}
		}
	}
}

// labelOf returns the label of the face to the left of a half.
func (k *Cutter) labelOf(h int32) int32 { return k.cycles[k.halves[h].cycle].label }

// face returns the ground of a label that several cells claim.
func (k *Cutter) face(label int32, total float64) (f Face, ok bool) {
	l := &k.labels[label]
	if len(l.cells) < 2 {
		return f, false
	}
	f.Share = l.area / total
	for _, cell := range l.cells {
		f.Cells = append(f.Cells, int(cell))
	}
	if len(k.labels) == 1 {
		f.Shape = k.area.orb()
		return f, true
	}
	var bounds []int32
	for h := range int32(len(k.halves)) {
		if k.labelOf(h) == label && k.labelOf(h^1) != label {
			bounds = append(bounds, h)
		}
	}
	f.Shape = k.shape(bounds)
	return f, f.Shape != nil
}
