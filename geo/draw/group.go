package draw

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// BalancedAtoms groups given areas, such as villages, into connected, compact
// cells of equal load without cutting any: cells are unions of atoms, exactly.
// Atoms have to be a coverage; they may have several parts. Those that touch no
// others go along with the cell nearest to them, and only such cells, and those
// of atoms in several parts, have several parts. Barriers that run along borders
// of atoms are preferred. Start is the grouping to begin from: with it, cells
// change as little as equal loads need. Cells come in order from north to south.
//
// It fails with ErrOptions, ErrParent for atoms that are not a coverage, or
// ErrTooFine, or when ctx is done.
func BalancedAtoms(ctx context.Context, atoms []orb.MultiPolygon, o Options) (Result, error) {
	if o.Into < 1 {
		return Result{}, fmt.Errorf("%w: into %d cells", ErrOptions, o.Into)
	}
	g, err := newGroup(atoms, o)
	if err != nil {
		return Result{}, err
	}
	var start []int32
	if len(o.Start) > 0 {
		if start, err = g.start(o.Start); err != nil {
			return Result{}, err
		}
	}
	label, _, err := divide(ctx, g.list, o.Into, o.Seed, start)
	if err != nil {
		return Result{}, fmt.Errorf("%d atoms for %d cells: %w", len(atoms), o.Into, err)
	}
	order := northToSouth(g.list, label, o.Into)
	for i := range label {
		label[i] = order[label[i]]
	}
	out, err := g.unite(label, o)
	if err == nil && start != nil {
		out.Kept = goOn(g.list, label, start, o.Into, len(o.Start))
	}
	return out, err
}

// NearestAtoms gives every atom to the seed nearest to its middle, in metres;
// cells stay connected: an atom cut off from its seed goes to the neighbour with
// the longest shared border. The atom that holds a seed is that seed's. It fails
// as BalancedAtoms does, and with ErrSeeds.
func NearestAtoms(ctx context.Context, atoms []orb.MultiPolygon, seeds []orb.Point, o Options) (Result, error) {
	if o.Into != 0 && o.Into != len(seeds) {
		return Result{}, fmt.Errorf("%w: into %d cells with %d seeds", ErrOptions, o.Into, len(seeds))
	}
	g, err := newGroup(atoms, o)
	if err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	home, places, err := g.homes(seeds)
	if err != nil {
		return Result{}, err
	}
	// Atoms join a neighbour's cell, the one nearest to its seed first, so that
	// cells are connected from the start.
	label := make([]int32, len(atoms))
	for i := range label {
		label[i] = none
	}
	for s, a := range home {
		label[a] = int32(s)
	}
	var front reach
	offer := func(a int32) {
		for _, l := range g.list[a].links {
			if label[l.to] == none {
				front.push(claim{g.list[l.to].at.distance2(places[label[a]]), l.to, label[a]})
			}
		}
	}
	for _, a := range home {
		offer(a)
	}
	for left := len(atoms) - len(home); left > 0; {
		if c, ok := front.pop(); !ok {
			// What no seed reaches goes to the nearest one.
			far, at, to := math.Inf(1), int32(0), int32(0)
			for a := range label {
				if label[a] != none {
					continue
				}
				s := closest(places, g.list[a].at)
				if d := places[s].distance2(g.list[a].at); d < far {
					far, at, to = d, int32(a), s
				}
			}
			label[at] = to
			left--
			offer(at)
		} else if label[c.atom] == none {
			label[c.atom] = c.seed
			left--
			offer(c.atom)
		}
	}
	return g.unite(label, o)
}

// group is atoms as a draw needs them.
type group struct {
	atoms    []orb.MultiPolygon
	coverage *geo.Coverage
	whole    orb.MultiPolygon // their union
	frame    frame
	areas    []lattice.MultiPolygon
	grids    []*lattice.Grid
	list     []atom
}

func newGroup(atoms []orb.MultiPolygon, o Options) (*group, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(atoms) == 0 {
		return nil, fmt.Errorf("%w: there are no atoms", ErrParent)
	}
	g := &group{atoms: atoms, areas: make([]lattice.MultiPolygon, len(atoms)), grids: make([]*lattice.Grid, len(atoms)), list: make([]atom, len(atoms))}
	var err error
	if g.coverage, err = geo.NewCoverage(atoms); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParent, err)
	}
	for _, f := range g.coverage.Validate(nil) {
		if f.Kind != geo.Unmatched {
			return nil, fmt.Errorf("%w: atoms: %s", ErrParent, f)
		}
	}
	union, err := g.coverage.Dissolve(make([]int, len(atoms)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParent, err)
	}
	g.whole = union[0]
	var box lattice.Box
	for i, a := range atoms {
		if g.areas[i], err = lattice.FromMultiPolygon(a); err != nil {
			return nil, fmt.Errorf("%w: atom %d: %w", ErrParent, i, err)
		}
		if len(g.areas[i]) == 0 {
			return nil, fmt.Errorf("%w: atom %d is empty", ErrParent, i)
		}
		g.grids[i] = lattice.NewGrid(g.areas[i].Segments())
		if i == 0 {
			box = g.areas[i].Box()
		}
		box = box.Union(g.areas[i].Box())
	}
	g.frame = newFrame(box)
	loads, err := g.loads(o.Load)
	if err != nil {
		return nil, err
	}
	for i := range g.list {
		a := &g.list[i]
		a.m2 = float64(g.areas[i].Area2()) / 2 * g.frame.scale.X * g.frame.scale.Y
		a.at, a.load = g.middle(i), loads[i]
	}
	return g, g.link(o.Barriers)
}

// middle is the centroid of an atom.
func (g *group) middle(i int) vec {
	var sum vec
	twice := 0.0
	for _, s := range g.areas[i].Segments() {
		a, b := g.frame.vec(s.A), g.frame.vec(s.B)
		w := a.x*b.y - b.x*a.y
		sum = sum.add(a.add(b).times(w / 3))
		twice += w
	}
	return sum.times(1 / twice)
}

// loads returns each atom's share of the load.
func (g *group) loads(load Load) ([]float64, error) {
	q, err := Quality(g.whole, g.atoms, load)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(q))
	sum := 0.0
	for i := range q {
		out[i] = q[i].Load
		sum += out[i]
	}
	if !(sum > 0) {
		return nil, fmt.Errorf("%w: there is no load inside the atoms", ErrOptions)
	}
	return out, nil
}

// link makes the atoms' links of their shared arcs; an arc most of which lies
// beside a barrier is cheap.
func (g *group) link(barriers []orb.LineString) error {
	const near = 30 // metres from a barrier that follows a border
	var segments []lattice.Segment
	for n, line := range barriers {
		row, err := thin(line, g.frame, 0, math.Inf(1))
		if err != nil {
			return fmt.Errorf("%w: line %d: %w", ErrOptions, n, err)
		}
		for i := 1; i < len(row); i++ {
			segments = append(segments, lattice.Segment{A: row[i-1], B: row[i]})
		}
	}
	var rivers *parent
	if len(segments) > 0 {
		rivers = &parent{segments: segments, grid: lattice.NewGrid(segments), frame: g.frame}
	}
	type shared struct{ metres, cost float64 }
	borders := map[[2]int]shared{}
	for _, a := range g.coverage.Arcs() {
		if a.Right < 0 || a.Left == a.Right {
			continue
		}
		metres, cost := 0.0, 0.0
		for i := 1; i < len(a.Line); i++ {
			p, err := lattice.FromOrb(a.Line[i-1])
			if err != nil {
				return err
			}
			q, err := lattice.FromOrb(a.Line[i])
			if err != nil {
				return err
			}
			m := g.frame.vec(p).distance(g.frame.vec(q))
			metres += m
			if rivers != nil && !rivers.clear(p, near, near) && !rivers.clear(q, near, near) {
				m *= ease
			}
			cost += m
		}
		k := [2]int{min(a.Left, a.Right), max(a.Left, a.Right)}
		s := borders[k]
		borders[k] = shared{s.metres + metres, s.cost + cost}
	}
	for k, s := range borders {
		g.list[k[0]].links = append(g.list[k[0]].links, link{int32(k[1]), s.metres, s.cost})
		g.list[k[1]].links = append(g.list[k[1]].links, link{int32(k[0]), s.metres, s.cost})
	}
	sortLinks(g.list)
	return nil
}

// start returns, for each atom, the starting cell that has its middle, or a
// place inside it.
func (g *group) start(cells []orb.MultiPolygon) ([]int32, error) {
	grids := make([]*lattice.Grid, len(cells))
	for i, cell := range cells {
		m, err := lattice.FromMultiPolygon(cell)
		if err != nil {
			return nil, fmt.Errorf("%w: starting cell %d: %w", ErrOptions, i, err)
		}
		grids[i] = lattice.NewGrid(m.Segments())
	}
	out := make([]int32, len(g.list))
	for a := range out {
		at := g.inside(a)
		for i, grid := range grids {
			if grid.Inside(at) > 0 {
				out[a] = int32(i)
				break
			}
		}
	}
	return out, nil
}

// inside returns a place inside an atom: its middle where that is inside, else
// the middle of the longest stretch on the middle's latitude.
func (g *group) inside(a int) lattice.Point {
	at := g.frame.point(g.list[a].at)
	if g.grids[a].Inside(at) > 0 {
		return at
	}
	box := g.areas[a].Box()
	const steps = 400
	best, most, run := at, 0, 0
	for i := range steps {
		p := lattice.Point{X: box.Min.X + int32((int64(box.Max.X)-int64(box.Min.X))*int64(i)/steps), Y: at.Y}
		if g.grids[a].Inside(p) <= 0 {
			run = 0
			continue
		}
		if run++; run > most {
			most, best = run, p
		}
	}
	return best
}

// homes returns the atom that holds each seed, each of them once.
func (g *group) homes(seeds []orb.Point) ([]int32, []vec, error) {
	if len(seeds) == 0 {
		return nil, nil, fmt.Errorf("%w: there are none", ErrSeeds)
	}
	home := make([]int32, len(seeds))
	places := make([]vec, len(seeds))
	taken := map[int32]int{}
	for i, s := range seeds {
		at, err := lattice.FromOrb(s)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: seed %d: %w", ErrSeeds, i, err)
		}
		home[i], places[i] = none, g.frame.vec(at)
		for a, grid := range g.grids {
			if grid.Inside(at) > 0 {
				home[i] = int32(a)
				break
			}
		}
		if home[i] == none {
			return nil, nil, fmt.Errorf("%w: seed %d at %.7f, %.7f is in none of the atoms", ErrSeeds, i, s[0], s[1])
		}
		if j, ok := taken[home[i]]; ok {
			return nil, nil, fmt.Errorf("%w: seeds %d and %d are in the same atom", ErrSeeds, j, i)
		}
		taken[home[i]] = i
	}
	return home, places, nil
}

// unite makes the cells of labelled atoms and measures them.
func (g *group) unite(label []int32, o Options) (Result, error) {
	groups := make([]int, len(label))
	for i, l := range label {
		groups[i] = int(l)
	}
	cells, err := g.coverage.Dissolve(groups)
	if err != nil {
		return Result{}, fmt.Errorf("uniting atoms: %w", err)
	}
	out, err := result(g.whole, cells, Options{Barriers: o.Barriers})
	if err != nil {
		return Result{}, err
	}
	for c := range out.Quality {
		q := &out.Quality[c]
		q.Load = 0
		for i, l := range label {
			if int(l) == c {
				q.Load += g.list[i].load
			}
		}
		q.Deviation = q.Load*float64(len(cells)) - 1
	}
	out.Group = groups
	return out, nil
}
