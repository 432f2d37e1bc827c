package draw

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"math"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"

	"unigrid/geo/lattice"
)

// Balanced divides a parent into connected, compact cells of equal load, grown
// on an H3 lattice, with smooth borders. Cells come in order from north to
// south. A parent in several parts is divided part by part where they are large
// enough; a small part goes along with the cell nearest to it, and only such
// cells have several parts. Borders prefer the barriers given and, with starting
// cells, the borders that are there. One cell is the parent itself, unchanged.
//
// The parent's boundary should have vertices every 50 m or so (geo.Densify),
// since new borders end at them. It fails with ErrOptions, ErrParent or
// ErrTooFine, or when ctx is done.
func Balanced(ctx context.Context, given orb.MultiPolygon, o Options) (Result, error) {
	if err := o.check(); err != nil {
		return Result{}, err
	}
	if o.Into < 1 {
		return Result{}, fmt.Errorf("%w: into %d cells", ErrOptions, o.Into)
	}
	p, err := newParent(given)
	if err != nil {
		return Result{}, err
	}
	if o.Into == 1 {
		out, err := whole(given, o)
		if len(o.Start) > 0 {
			out.Kept = []int{largestOf(o.Start)}
		}
		return out, err
	}
	res, err := resolution(p.m2, o.Into)
	if err != nil {
		return Result{}, err
	}
	finest := min(res+2, 15)
	for ; ; res++ {
		g, err := growLabels(ctx, p, o, res, res == finest)
		if errors.Is(err, errCoarse) {
			continue
		}
		if err != nil {
			return Result{}, err
		}
		drawn, err := g.settle(ctx, p, o)
		drawn.Kept = g.kept
		return drawn, err
	}
}

// settle draws the cells. Points don't flow as area does when borders are
// smoothed: where they end up too unequal, the cells' areas are corrected by
// what they then have, and drawn again; the best drawing counts.
func (g grown) settle(ctx context.Context, p *parent, o Options) (Result, error) {
	const content, tries = 0.02, 4
	var best Result
	least := math.Inf(1)
	for range tries {
		cells, err := g.sheet.settle(ctx, o.Into, p.maxSegment(o, o.Into), g.edge, g.even)
		if err != nil {
			return Result{}, err
		}
		drawn, err := result(p.given, cells, o)
		if err != nil {
			return Result{}, err
		}
		worst := 0.0
		for _, q := range drawn.Quality {
			worst = max(worst, math.Abs(q.Deviation))
		}
		if worst < least {
			best, least = drawn, worst
		}
		if least <= content || len(o.Load.Points) == 0 {
			break
		}
		for l, q := range drawn.Quality {
			g.even.target[l] /= 1 + min(max(q.Deviation, -0.2), 0.2)
		}
	}
	return best, nil
}

// errCoarse asks for a finer lattice: the parent is so narrow, or its load in
// so few places, that there is too little to choose from.
var errCoarse = errors.New("lattice is too coarse")

const (
	// atomsPerCell is the least number of atoms per cell to be content with.
	atomsPerCell = 30
	// largestLump is the largest share of a cell's load that an atom should have.
	largestLump = 0.06
	// maxAtoms is the number of atoms beyond which lumps are put up with.
	maxAtoms = 12_000
)

// coarse tells whether a finer lattice would give better cells.
func coarse(list []atom, cells int) bool {
	if len(list) < atomsPerCell*cells {
		return true
	}
	lump := 0.0
	for _, a := range list {
		lump = max(lump, a.load)
	}
	return lump*float64(cells) > largestLump && len(list) < maxAtoms
}

// grown is a sheet labelled with cells.
type grown struct {
	sheet *sheet
	edge  float64 // length of an H3 edge in metres
	even  *pressure
	kept  []int // by label, the starting cell it goes on from
}

// growLabels makes a sheet at one H3 resolution and labels it with cells. It
// fails with errCoarse unless this is the last resolution to try.
func growLabels(ctx context.Context, p *parent, o Options, res int, last bool) (grown, error) {
	points, ties, edge, err := p.balancedPoints(o, res)
	if err != nil {
		return grown{}, err
	}
	s, err := newSheet(p, points, ties)
	if err != nil {
		return grown{}, err
	}
	s.held = len(ties) > 0
	if err := ctx.Err(); err != nil {
		return grown{}, err
	}
	loads, err := s.loads(o.Load)
	if err != nil {
		return grown{}, err
	}
	list, of, err := s.atoms(res, loads)
	if err != nil {
		return grown{}, err
	}
	if !last && coarse(list, o.Into) {
		return grown{}, errCoarse
	}
	var start []int32
	if len(o.Start) > 0 {
		if start, err = s.startLabels(o.Start, of, len(list)); err != nil {
			return grown{}, err
		}
	}
	begin := start
	if !o.goesOn() {
		begin = nil
	}
	label, target, err := divide(ctx, list, o.Into, o.Seed, begin)
	if err != nil {
		return grown{}, fmt.Errorf("%d atoms for %d cells: %w", len(list), o.Into, err)
	}
	order := northToSouth(list, label, o.Into)
	for i := range label {
		label[i] = order[label[i]]
	}
	for t, a := range of {
		if a != none {
			s.label[t] = label[a]
		}
	}
	s.trim(nil)
	out := grown{sheet: s, edge: edge}
	if start != nil {
		out.kept = goOn(list, label, start, o.Into, len(o.Start))
	}
	if len(o.Load.Points) == 0 {
		sorted := make([]float64, o.Into)
		for l, place := range order {
			sorted[place] = target[l]
		}
		out.even = newPressure(s, o.Into, loads, sorted)
	} else {
		// Points don't flow, but a cell that keeps its area keeps nearly all of
		// its points; smoothing alone would make small cells smaller.
		out.even = newPressure(s, o.Into, s.areas(), nil)
	}
	return out, nil
}

// goesOn tells whether the starting cells' borders are worth keeping: there are
// about as many as are wanted. Otherwise they only tell which cell goes on from
// which, or they would bend new borders for nothing.
func (o Options) goesOn() bool {
	more := o.Into - len(o.Start)
	return len(o.Start) > 0 && max(more, -more) <= 1+len(o.Start)/10
}

// balancedPoints returns the mesh points of a balanced draw inside the parent,
// what ties those of given lines together, and the length of an H3 edge.
func (p *parent) balancedPoints(o Options, res int) (points []lattice.Point, ties []tie, edge float64, err error) {
	if edge, err = h3.HexagonEdgeLengthAvgM(res); err != nil {
		return nil, nil, 0, err
	}
	var inner []orb.LineString
	if o.goesOn() {
		if inner, err = innerLines(o.Start); err != nil {
			return nil, nil, 0, err
		}
	}
	segment := p.maxSegment(o, o.Into)
	points, ties, err = p.lay(inner, 0, math.Inf(1))
	if err != nil {
		return nil, nil, 0, err
	}
	more, moreTies, err := p.lay(o.Barriers, edge/5, math.Min(segment*0.98, edge))
	if err != nil {
		return nil, nil, 0, err
	}
	points, ties = append(points, more...), append(ties, moreTies...)
	corners, edge, err := hexagonCorners(p, res, points)
	return append(points, corners...), ties, edge, err
}

// northToSouth returns each label's place in the order of the cells' middles.
func northToSouth(list []atom, label []int32, cells int) []int32 {
	sum := make([]vec, cells)
	m2 := make([]float64, cells)
	for n, l := range label {
		sum[l] = sum[l].add(list[n].at.times(list[n].m2))
		m2[l] += list[n].m2
	}
	by := make([]int32, cells)
	for i := range by {
		by[i] = int32(i)
		sum[i] = sum[i].times(1 / m2[i])
	}
	slices.SortFunc(by, func(a, b int32) int {
		return cmp.Or(cmp.Compare(sum[b].y, sum[a].y), cmp.Compare(sum[a].x, sum[b].x), cmp.Compare(a, b))
	})
	place := make([]int32, cells)
	for i, l := range by {
		place[l] = int32(i)
	}
	return place
}

// whole is the draw into one cell: the parent as it was given.
func whole(given orb.MultiPolygon, o Options) (Result, error) {
	return result(given, []orb.MultiPolygon{given.Clone()}, o)
}

func result(given orb.MultiPolygon, cells []orb.MultiPolygon, o Options) (Result, error) {
	q, err := Quality(given, cells, o.Load)
	if err != nil {
		return Result{}, err
	}
	if err := crossBarriers(q, cells, o.Barriers); err != nil {
		return Result{}, err
	}
	return Result{Cells: cells, Quality: q}, nil
}
