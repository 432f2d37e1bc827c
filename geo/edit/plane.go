package edit

import (
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// maxExtent is how far apart positions may be, in units, for all arithmetic
// here to stay within int64: 30°.
const maxExtent = 30 * lattice.PerDegree

// plane is the set of cells that an edit may touch, on the lattice.
type plane struct {
	o     Options
	given []orb.MultiPolygon
	cells []lattice.MultiPolygon
	owner map[lattice.Segment]int // by boundary segment, the cell to its left
	box   lattice.Box
	scale lattice.Scale
	fixed map[lattice.Segment]bool // canonical
	pins  map[lattice.Point]bool   // vertices of fixed lines
}

func newPlane(given []orb.MultiPolygon, o Options) (*plane, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	pl := &plane{o: o, given: given, cells: make([]lattice.MultiPolygon, len(given))}
	total := 0
	for i, mp := range given {
		m, err := lattice.FromMultiPolygon(mp)
		if err != nil {
			return nil, &Fault{Kind: BadCell, Place: somewhere(mp), Cells: []int{i}}
		}
		if pl.cells[i] = m; len(m) == 0 {
			continue
		}
		if total == 0 {
			pl.box = m.Box()
		}
		pl.box = pl.box.Union(m.Box())
		for _, p := range m {
			for _, r := range p {
				total += len(r)
			}
		}
	}
	if total == 0 || !near(pl.box) {
		return nil, fault(BadCell, pl.box.Min)
	}
	pl.scale = lattice.ScaleAt((float64(pl.box.Min.Y) + float64(pl.box.Max.Y)) / 2)
	pl.owner = make(map[lattice.Segment]int, total)
	for i, m := range pl.cells {
		for _, s := range m.Segments() {
			if j, ok := pl.owner[s]; ok {
				return nil, fault(BadCell, s.A, i, j)
			}
			pl.owner[s] = i
		}
	}
	return pl, pl.fix()
}

// fix notes the fixed lines.
func (pl *plane) fix() error {
	pl.fixed, pl.pins = map[lattice.Segment]bool{}, map[lattice.Point]bool{}
	for _, line := range pl.o.Fixed {
		points, err := onLattice(line)
		if err != nil {
			return err
		}
		for i, p := range points {
			pl.pins[p] = true
			if i > 0 {
				pl.fixed[lattice.Segment{A: points[i-1], B: p}.Canonical()] = true
			}
		}
	}
	return nil
}

// near tells whether a box is small enough for the arithmetic here.
func near(b lattice.Box) bool {
	return int64(b.Max.X)-int64(b.Min.X) <= maxExtent && int64(b.Max.Y)-int64(b.Min.Y) <= maxExtent
}

// somewhere returns any position of a geometry on the globe.
func somewhere(mp orb.MultiPolygon) orb.Point {
	for _, p := range mp {
		for _, r := range p {
			for _, q := range r {
				if _, err := lattice.FromOrb(q); err == nil {
					return q
				}
			}
		}
	}
	return orb.Point{}
}

// onLattice rounds a drawn line and drops positions that repeat the one before.
func onLattice(line []orb.Point) ([]lattice.Point, error) {
	out := make([]lattice.Point, 0, len(line))
	for _, q := range line {
		p, err := lattice.FromOrb(q)
		if err != nil {
			f := &Fault{Kind: BadLine}
			if !math.IsNaN(q[0]+q[1]) && !math.IsInf(q[0]+q[1], 0) {
				f.Place = q
			}
			return nil, f
		}
		if n := len(out); n == 0 || out[n-1] != p {
			out = append(out, p)
		}
	}
	return out, nil
}

// drawn rounds a drawn line of at least so many positions near the cells.
func (pl *plane) drawn(line []orb.Point, least int) ([]lattice.Point, error) {
	points, err := onLattice(line)
	if err != nil {
		return nil, err
	}
	for _, p := range points {
		if !near(pl.box.Extend(p)) {
			return nil, fault(BadLine, p)
		}
	}
	switch {
	case len(points) == 0:
		return nil, &Fault{Kind: BadLine}
	case len(points) < least:
		return nil, fault(BadLine, points[0])
	}
	return points, nil
}

// twin returns the cell over a boundary segment, or -1 where the set ends.
func (pl *plane) twin(s lattice.Segment) int {
	if i, ok := pl.owner[s.Reverse()]; ok {
		return i
	}
	return -1
}

// finish returns the set with some cells changed, and checks it: fixed
// boundaries are all there, cells have no more parts than before, and the whole,
// with the pieces that are new, partitions what the set covered before.
func (pl *plane) finish(changed map[int]lattice.MultiPolygon, pieces ...lattice.MultiPolygon) ([]orb.MultiPolygon, error) {
	after := slices.Clone(pl.given)
	now := map[lattice.Segment]bool{}
	at := map[lattice.Point]bool{}
	note := func(m lattice.MultiPolygon) {
		for _, s := range m.Segments() {
			now[s.Canonical()] = true
			at[s.A] = true
		}
	}
	order := make([]int, 0, len(changed))
	for i, m := range changed {
		order = append(order, i)
		if after[i] = m.Orb(); len(m) == 0 {
			after[i] = nil
		}
		note(m)
	}
	slices.Sort(order)
	all := slices.Clone(after)
	for _, m := range pieces {
		note(m)
		all = append(all, m.Orb())
	}
	for _, i := range order {
		if !pl.o.AllowParts && len(changed[i]) > len(pl.cells[i]) {
			return nil, fault(FallsApart, smallest(changed[i])[0][0], i)
		}
		for _, s := range pl.cells[i].Segments() {
			if pl.fixed[s.Canonical()] && !now[s.Canonical()] || pl.pins[s.A] && !at[s.A] {
				return nil, fault(Locked, s.A, i)
			}
		}
	}
	return after, pl.verify(all)
}

// smallest returns the part that covers least.
func smallest(m lattice.MultiPolygon) lattice.Polygon {
	return slices.MinFunc(m, func(a, b lattice.Polygon) int {
		return int(min(max(lattice.MultiPolygon{a}.Area2()-lattice.MultiPolygon{b}.Area2(), -1), 1))
	})
}

// verify fails unless cells are an exact partition of what the set covered.
func (pl *plane) verify(cells []orb.MultiPolygon) error {
	outer := make([]lattice.Segment, 0, len(pl.owner))
	for _, m := range pl.cells {
		for _, s := range m.Segments() {
			if pl.twin(s) < 0 {
				outer = append(outer, s)
			}
		}
	}
	parent, err := lattice.Assemble(outer)
	if err != nil {
		return pl.atFault(fault(BadCell, pl.box.Min))
	}
	c, err := geo.NewCoverage(cells)
	if err != nil {
		return pl.atFault(fault(Tangled, pl.box.Min))
	}
	findings := c.Validate(parent.Orb())
	if len(findings) == 0 {
		return nil
	}
	// New pieces have no index.
	touched := slices.DeleteFunc(slices.Clone(findings[0].Cells), func(i int) bool { return i >= len(pl.given) })
	return pl.atFault(&Fault{Kind: Tangled, Place: findings[0].Segment[0], Cells: touched})
}

// blame returns what was wrong with the cells before, if anything was, instead
// of a Tangled fault that it may have led to.
func (pl *plane) blame(err error) error {
	if f := new(Fault); errors.As(err, &f) && f.Kind == Tangled {
		return pl.atFault(f)
	}
	return err
}

// atFault returns the fault, or else what was wrong with the cells before.
func (pl *plane) atFault(f *Fault) *Fault {
	before, err := geo.NewCoverage(pl.given)
	if err != nil {
		return fault(BadCell, pl.box.Min)
	}
	for _, g := range before.Validate(nil) {
		if g.Kind != geo.Unmatched {
			return &Fault{Kind: BadCell, Place: g.Segment[0], Cells: g.Cells}
		}
	}
	return f
}

// assemble joins segments to polygons once pairs of opposite ones are dropped.
func assemble(segments []lattice.Segment) (lattice.MultiPolygon, error) {
	have := make(map[lattice.Segment]bool, len(segments))
	for _, s := range segments {
		have[s] = true
	}
	outer := make([]lattice.Segment, 0, len(segments))
	for _, s := range segments {
		if !have[s.Reverse()] {
			outer = append(outer, s)
		}
	}
	m, err := lattice.Assemble(outer)
	if errors.Is(err, lattice.ErrOpenChain) || errors.Is(err, lattice.ErrLooseHole) {
		return nil, fault(Tangled, segments[0].A)
	}
	return m, err
}

func fault(kind FaultKind, at lattice.Point, cells ...int) *Fault {
	slices.Sort(cells)
	return &Fault{Kind: kind, Place: at.Orb(), Cells: slices.Compact(cells)}
}
