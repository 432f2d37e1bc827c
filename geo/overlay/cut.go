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
	area   lattice.MultiPolygon
	box    lattice.Box
	seen   []seen // of every edge of the cells
	cuts   int32
	lines  []line // edges, then the area's
	edges  []int32
	bound  []lattice.Segment // the area's
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
	index  map[int32]int32
}

// seen is the cut that last took an edge, and the line that it is there.
type seen struct{ cut, line int32 }

// line is a segment of the area's boundary or of cells'.
type line struct {
	lattice.Segment
	left, right int32 // cells, none, or inside
	first       int32 // knot + 1 of the list of those on it
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

// side is a piece of line between two nodes that are next to each other.
type side struct {
	u, v  int32 // nodes, u < v
	line  int32
	back  bool  // the line goes from v to u
	claim int32 // claims + 1: a list
}

// claim says that something is to the left of a side (or, with right, to the
// right).
type claim struct {
	what  int32
	right bool
	next  int32
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
	area  float64 // of all such faces
}

// share is a cell's part of the area.
type share struct {
	cell                  int32
	claimed, own, overlap float64
	labels                int
}

// Cut divides an area, valid by itself, among the cells that have some of it. It
// gives the pieces by cell, the uncovered last, and the ground that several
// claim; gaps and overlaps of less than 1e-10 of the area are none. It fails with
// ErrUnfit.
func (k *Cutter) Cut(c *Cells, area lattice.MultiPolygon) ([]Piece, []Face, error) {
	if len(area) == 0 {
		return nil, nil, fmt.Errorf("%w: an area without a ring", ErrUnfit)
	}
	k.begin(c, area)
	if !touch(k.box, c.near) || k.box.Union(c.near) != c.near {
		return nil, nil, fmt.Errorf("%w: outside the cells' box", ErrUnfit)
	}
	k.gather()
	if len(k.lines) == 0 {
		ring := area[0][0]
		cells, err := k.over(beside{ring[0], int64(ring[1].X) - int64(ring[0].X), int64(ring[1].Y) - int64(ring[0].Y)}, nil)
		if err != nil {
			return nil, nil, err
		}
		k.labels = append(k.labels, label{cells, 1})
		return k.divide(1)
	}
	for _, polygon := range area {
		for _, ring := range polygon {
			a := ring[len(ring)-1]
			for _, b := range ring {
				k.lines = append(k.lines, line{Segment: lattice.Segment{A: a, B: b}, left: inside, right: none})
				k.bound = append(k.bound, lattice.Segment{A: a, B: b})
				a = b
			}
		}
	}
	if err := k.cross(); err != nil {
		return nil, nil, err
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
	if exact := float64(area.Area2()) / 2; !(math.Abs(total/exact-1) < 1e-11) {
		return nil, nil, fmt.Errorf("%w: faces of %g square units in an area of %g", ErrUnfit, total, exact)
	}
	return k.divide(total)
}

func (k *Cutter) begin(c *Cells, area lattice.MultiPolygon) {
	if k.cells != c {
		k.cells = c
		k.seen = slices.Grow(k.seen[:0], len(c.edges))[:len(c.edges)]
		clear(k.seen)
		k.cuts = 0
	}
	if k.places == nil {
		k.places, k.known, k.index = map[place]int32{}, map[uint64]int32{}, map[int32]int32{}
	}
	k.cuts++
	k.area, k.box = area, area.Box()
	k.lines, k.edges, k.bound, k.knots, k.nodes = k.lines[:0], k.edges[:0], k.bound[:0], k.knots[:0], k.nodes[:0]
	k.sides, k.claims, k.cycles, k.labels = k.sides[:0], k.claims[:0], k.cycles[:0], k.labels[:0]
	clear(k.places)
	clear(k.known)
}

// gather takes the edges of cells that touch the area's box.
func (k *Cutter) gather() {
	if len(k.cells.edges) == 0 {
		return
	}
	k.cells.grid.Near(k.box, func(i int) bool {
		if k.seen[i].cut != k.cuts {
			k.seen[i] = seen{k.cuts, none}
			if e := &k.cells.edges[i]; touch(boxOf(e.Segment), k.box) {
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
	k.slots = cleared(k.slots, 1<<bits.Len(uint(4*len(k.lines))))
	meet := func(i, j int32) {
		if err == nil && lattice.Conflict(k.lines[i].Segment, k.lines[j].Segment) {
			err = k.meet(i, j)
		}
	}
	taken := int32(len(k.edges))
	for n, s := range k.bound {
		k.cells.grid.Along(s, func(i int) {
			if e := k.seen[i]; e.cut == k.cuts && e.line != none {
				meet(taken+int32(n), e.line)
			}
		})
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
	if len(k.area) > 1 || len(k.area[0]) > 1 { // one ring of a valid area doesn't meet itself
		lattice.NewGrid(k.bound).Conflicts(func(i, j int) { meet(taken+int32(i), taken+int32(j)) })
	}
	return err
}

func cleared(list []int32, n int) []int32 {
	list = slices.Grow(list[:0], n)[:n]
	clear(list)
	return list
}

func (k *Cutter) meet(i, j int32) error {
	s, t := k.lines[i].Segment, k.lines[j].Segment
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
	k.knots = append(k.knots, knot{n, k.lines[line].first})
	k.lines[line].first = int32(len(k.knots))
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
		x: float64(int64(p.X) - int64(k.box.Min.X)), y: float64(int64(p.Y) - int64(k.box.Min.Y)),
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
		x: float64(int64(x)-int64(k.box.Min.X)) + p.fx, y: float64(int64(y)-int64(k.box.Min.Y)) + p.fy,
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
// same.
func (k *Cutter) part() error {
	k.links = cleared(k.links, 1<<bits.Len(uint(2*(len(k.lines)+len(k.knots)))))
	var on []int32
	for i := range k.lines {
		l := &k.lines[i]
		at, end := k.vertex(l.A), k.vertex(l.B)
		if l.first != 0 {
			on = on[:0]
			for n := l.first; n != 0; n = k.knots[n-1].next {
				on = append(on, k.knots[n-1].node)
			}
			dx, dy := float64(int64(l.B.X)-int64(l.A.X)), float64(int64(l.B.Y)-int64(l.A.Y))
			order := func(n int32) float64 {
				if math.Abs(dx) > math.Abs(dy) {
					return math.Copysign(1, dx) * k.nodes[n].x
				}
				return math.Copysign(1, dy) * k.nodes[n].y
			}
			slices.SortFunc(on, func(a, b int32) int { return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b)) })
			on = append(slices.Compact(on), end)
			before := at
			for _, n := range on {
				if order(n)-order(before) < tight {
					return fmt.Errorf("%w: crossings close together", ErrUnfit)
				}
				k.side(before, n, int32(i))
				before = n
			}
			continue
		}
		k.side(at, end, int32(i))
	}
	return nil
}

// side adds what is beside a line between two of its nodes.
func (k *Cutter) side(u, v, at int32) {
	l := &k.lines[at]
	left, right, back := l.left, l.right, u > v
	if back {
		u, v, left, right = v, u, right, left
	}
	h := int((uint64(uint32(u))<<32|uint64(uint32(v)))*0x9e3779b97f4a7c15>>33) & (len(k.links) - 1)
	for ; k.links[h] != 0; h = (h + 1) & (len(k.links) - 1) {
		if s := &k.sides[k.links[h]-1]; s.u == u && s.v == v {
			k.claim(s, left, right)
			return
		}
	}
	k.links[h] = int32(len(k.sides)) + 1
	k.sides = append(k.sides, side{u: u, v: v, line: at, back: back})
	k.claim(&k.sides[len(k.sides)-1], left, right)
}

func (k *Cutter) claim(s *side, left, right int32) {
	if left != none {
		k.claims = append(k.claims, claim{left, false, s.claim})
		s.claim = int32(len(k.claims))
	}
	if right != none {
		k.claims = append(k.claims, claim{right, true, s.claim})
		s.claim = int32(len(k.claims))
	}
}

// from returns the node that a half leaves; half 2i goes along side i from u to v.
func (k *Cutter) from(h int32) int32 {
	if s := &k.sides[h>>1]; h&1 == 0 {
		return s.u
	} else {
		return s.v
	}
}

// direction returns the exact one of a half.
func (k *Cutter) direction(h int32) (dx, dy int64) {
	s := &k.sides[h>>1]
	l := &k.lines[s.line]
	dx, dy = int64(l.B.X)-int64(l.A.X), int64(l.B.Y)-int64(l.A.Y)
	if s.back != (h&1 == 1) {
		return -dx, -dy
	}
	return dx, dy
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
		o := &k.nodes[k.from(c.half)]
		for i := c.half; k.halves[i].cycle == unknown; i = k.halves[i].next {
			k.halves[i].cycle = int32(len(k.cycles))
			a, b := &k.nodes[k.from(i)], &k.nodes[k.from(i^1)]
			c.area += (a.x-o.x)*(b.y-o.y) - (a.y-o.y)*(b.x-o.x)
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
		if k.cycles[k.halves[h].cycle].label != unknown || at.denominator > 1 || !k.box.Contains(at.at) {
			continue
		}
		dx, dy := k.direction(h)
		p := beside{at.at, dx, dy}
		turns := 0
		for _, polygon := range k.area {
			for _, ring := range polygon {
				a := ring[len(ring)-1]
				for _, b := range ring {
					turns += p.crossed(lattice.Segment{A: a, B: b})
					a = b
				}
			}
		}
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
		switch k.cells.rows[i].turns(p) {
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
	var cells []int32
	for len(k.stack) > 0 {
		c := k.stack[len(k.stack)-1]
		k.stack = k.stack[:len(k.stack)-1]
		own := k.cycles[c].label
		start := k.cycles[c].half
		for h := start; ; {
			beyond := k.halves[h^1].cycle
			there, within := int32(unknown), own >= 0
			if own >= 0 {
				cells = append(cells[:0], k.labels[own].cells...)
			}
			// Beyond a half is what is to its right; what is to its left stays here.
			for pass := range 2 {
				for n := k.sides[h>>1].claim; n != 0; n = k.claims[n-1].next {
					q := k.claims[n-1]
					enters := q.right != (h&1 == 1)
					if enters != (pass == 1) {
						continue
					}
					switch {
					case q.what == inside:
						if within == enters {
							return fmt.Errorf("%w: an area that isn't valid", ErrUnfit)
						}
						within = enters
					case own >= 0:
						i, ok := slices.BinarySearch(cells, q.what)
						if ok == enters {
							return fmt.Errorf("%w: cell %d isn't valid", ErrUnfit, q.what)
						}
						if enters {
							cells = slices.Insert(cells, i, q.what)
						} else {
							cells = slices.Delete(cells, i, i+1)
						}
					}
				}
			}
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

// divide makes the pieces from the faces.
func (k *Cutter) divide(total float64) ([]Piece, []Face, error) {
	k.own = k.own[:0]
	clear(k.index)
	of := func(cell int32) *share {
		i, ok := k.index[cell]
		if !ok {
			i = int32(len(k.own))
			k.index[cell] = i
			k.own = append(k.own, share{cell: cell})
		}
		return &k.own[i]
	}
	doubled := 0.0
	for _, l := range k.labels {
		if len(l.cells) == 0 {
			s := of(none)
			s.claimed, s.own, s.labels = s.claimed+l.area, s.own+l.area, s.labels+1
		}
		part := l.area / float64(max(len(l.cells), 1))
		for _, cell := range l.cells {
			s := of(cell)
			s.claimed, s.own, s.labels = s.claimed+l.area, s.own+part, s.labels+1
			if len(l.cells) > 1 {
				s.overlap += part
			}
		}
		if len(l.cells) > 1 {
			doubled += l.area
		}
	}
	slices.SortFunc(k.own, func(a, b share) int { return cmp.Compare(uint32(a.cell), uint32(b.cell)) })
	k.chosen = cleared(k.chosen, len(k.halves))
	k.held = cleared(k.held, len(k.nodes))
	k.shapes = 0
	pieces := make([]Piece, 0, len(k.own))
	for _, s := range k.own {
		if s.cell == none && s.own <= negligible*total {
			continue
		}
		p := Piece{Cell: int(s.cell), Whole: s.labels == len(k.labels), Claimed: s.claimed / total, Own: s.own / total, Overlap: s.overlap / total}
		if doubled <= negligible*total {
			p.Overlap = 0
		}
		if !p.Whole {
			p.Shape = k.shape(func(l int32) bool {
				cells := k.labels[l].cells
				if s.cell == none {
					return len(cells) == 0
				}
				_, ok := slices.BinarySearch(cells, s.cell)
				return ok
			})
			if p.Shape == nil {
				continue
			}
		}
		pieces = append(pieces, p)
	}
	var faces []Face
	if doubled > negligible*total {
		for i, l := range k.labels {
			if len(l.cells) < 2 {
				continue
			}
			f := Face{Share: l.area / total}
			for _, cell := range l.cells {
				f.Cells = append(f.Cells, int(cell))
			}
			if len(k.labels) == 1 {
				f.Shape = k.area.Orb()
			} else {
				f.Shape = k.shape(func(l int32) bool { return l == int32(i) })
			}
			if f.Shape != nil {
				faces = append(faces, f)
			}
		}
	}
	return pieces, faces, nil
}
