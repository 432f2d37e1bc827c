package draw

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/edit"
	"unigrid/geo/lattice"
)

// Split divides a parent along lines, such as rivers, roads or lines drawn by
// hand. Lines are clipped to the parent, and what does not divide it (a river's
// source, a dead end) is left off; new borders end at vertices of the parent's
// boundary. Cells smaller than o.MinShare of the parent's area are given, the
// smallest first, to the neighbour with which they share the longest border.
// Cells come in order from north to south. When no line divides the parent, the
// draw is the parent itself, unchanged.
//
// It fails with ErrOptions, ErrParent, or an *edit.Fault (BadLine for a line
// that is none, Tangled for lines that cannot be kept apart), or when ctx is
// done, which it looks for before each step.
func Split(ctx context.Context, given orb.MultiPolygon, lines []orb.LineString, o Options) (Result, error) {
	if err := o.check(); err != nil {
		return Result{}, err
	}
	p, err := newParent(given)
	if err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	pieces, err := edit.Split(given, lines, edit.Options{MaxSegment: o.MaxSegment, Prune: true})
	var f *edit.Fault
	if errors.As(err, &f) && (f.Kind == edit.Misses || f.Kind == edit.NotDivided) {
		return whole(given, o)
	}
	if err != nil {
		return Result{}, fmt.Errorf("split by lines: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	c, err := geo.NewCoverage(pieces)
	if err != nil {
		return Result{}, err
	}
	groups, err := p.absorb(c, pieces, o.MinShare)
	if err != nil {
		return Result{}, err
	}
	if slices.Max(groups) == 0 {
		return whole(given, o)
	}
	cells, err := c.Dissolve(groups)
	if err != nil {
		return Result{}, err
	}
	if err := p.sort(cells); err != nil {
		return Result{}, err
	}
	check, err := geo.NewCoverage(cells)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrPartition, err)
	}
	if findings := check.Validate(given); len(findings) > 0 {
		return Result{}, fmt.Errorf("%w: %s", ErrPartition, findings[0])
	}
	return result(given, cells, o)
}

// absorb gives pieces smaller than a share of the parent to their neighbours,
// and returns the group of each piece, counted from 0.
func (p *parent) absorb(c *geo.Coverage, pieces []orb.MultiPolygon, share float64) ([]int, error) {
	group := make([]int, len(pieces))
	area := make([]float64, len(pieces))
	for i, piece := range pieces {
		m, err := lattice.FromMultiPolygon(piece)
		if err != nil {
			return nil, err
		}
		group[i], area[i] = i, float64(m.Area2())
	}
	least := share * float64(p.area.Area2())
	border := make([]map[int]float64, len(pieces))
	for i := range border {
		border[i] = map[int]float64{}
	}
	for _, b := range c.Neighbours() {
		border[b.A][b.B], border[b.B][b.A] = b.Metres, b.Metres
	}
	for {
		small := -1
		for i := range pieces {
			if group[i] == i && area[i] < least && len(border[i]) > 0 && (small < 0 || area[i] < area[small]) {
				small = i
			}
		}
		if small < 0 {
			break
		}
		to := -1
		for j, m := range border[small] {
			if to < 0 || m > border[small][to] || m == border[small][to] && j < to {
				to = j
			}
		}
		for j, m := range border[small] {
			delete(border[j], small)
			if j != to {
				border[j][to] += m
				border[to][j] += m
			}
		}
		area[to] += area[small]
		for i := range group {
			if group[i] == small {
				group[i] = to
			}
		}
	}
	number := map[int]int{}
	for i, g := range group {
		if _, ok := number[g]; !ok {
			number[g] = len(number)
		}
		group[i] = number[g]
	}
	return group, nil
}

// sort orders cells from north to south by their centroids.
func (p *parent) sort(cells []orb.MultiPolygon) error {
	type placed struct {
		cell orb.MultiPolygon
		at   vec
	}
	list := make([]placed, len(cells))
	for i, cell := range cells {
		m, err := lattice.FromMultiPolygon(cell)
		if err != nil {
			return err
		}
		list[i] = placed{cell, p.centroid(m)}
	}
	slices.SortStableFunc(list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(b.at.y, a.at.y), cmp.Compare(a.at.x, b.at.x))
	})
	for i, c := range list {
		cells[i] = c.cell
	}
	return nil
}

// centroid returns the middle of an area.
func (p *parent) centroid(m lattice.MultiPolygon) vec {
	var sum vec
	area := 0.
	for _, s := range m.Segments() {
		a, b := p.frame.vec(s.A), p.frame.vec(s.B)
		cross := a.x*b.y - b.x*a.y
		area += cross
		sum = sum.add(a.add(b).times(cross / 3))
	}
	return sum.times(1 / area)
}
