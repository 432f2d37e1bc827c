// Package draw turns one cell into children that partition it exactly.
//
// A parent's boundary is never changed: children keep each of its vertices, and
// new borders end only at vertices that exist. Inside, a triangle mesh over the
// parent is labelled, and the borders between labels become the new borders, so
// that a result is a partition by construction; it is checked as a coverage all
// the same before it is returned.
package draw

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

var (
	// ErrOptions reports options that make no draw.
	ErrOptions = errors.New("invalid draw options")
	// ErrParent reports a parent that is not a valid area.
	ErrParent = errors.New("parent is not a valid area")
	// ErrTooFine reports a parent that cannot be divided into so many cells.
	ErrTooFine = errors.New("parent is too small for so many cells")
	// ErrPartition reports that the drawn cells failed the final check.
	ErrPartition = errors.New("drawn cells are not an exact partition of the parent")
)

// WeightedPoint is one thing that counts towards a cell's load, in degrees.
type WeightedPoint struct {
	At     orb.Point
	Weight float64
}

// Load says what cells share equally. The zero value is area.
type Load struct {
	// Density is the load per square metre at a place; nil means 1.
	Density func(orb.Point) float64
	// Points, where there are any, are the load instead of Density.
	Points []WeightedPoint
	// AreaShare mixes area in: with 0.3, a cell's load is 0.3 × its share of
	// the parent's area + 0.7 × its share of Density or Points. 0 to 1.
	AreaShare float64
}

// Options of a draw.
type Options struct {
	// Into is the number of cells; Nearest takes it from its seeds.
	Into int
	// Seed varies a balanced draw; the same seed gives the same cells.
	Seed uint64
	// MaxSegment is the longest segment of a new border, in metres; 0 means
	// 50 m, or less where cells are so small that 50 m would look coarse.
	MaxSegment float64
	// MinShare is the least share of the parent's area, 0 to 1, that Split leaves
	// a cell of its own.
	MinShare float64
	// Load is what a balanced draw shares equally and what Quality reports.
	Load Load
	// Barriers are rivers and main roads, in degrees. A balanced draw prefers
	// borders along them; where one runs there, it is the barrier's own line.
	Barriers []orb.LineString
	// Start are cells to begin a balanced draw from: it moves as little of their
	// borders as equal loads need, unless far more or fewer are wanted. They must
	// cover the parent exactly.
	Start []orb.MultiPolygon
}

// Result of a draw. Quality[i] describes Cells[i].
type Result struct {
	Cells   []orb.MultiPolygon
	Quality []CellQuality
	// Kept tells, for a draw from starting cells, which of them each cell goes
	// on from, the one it shares most area with; -1 for a new one. Nil else.
	Kept []int
	// Group tells, for a draw of atoms, the cell of each atom. Nil else.
	Group []int
}

func (o Options) check() error {
	if math.IsNaN(o.MaxSegment) || o.MaxSegment < 0 || math.IsInf(o.MaxSegment, 0) {
		return fmt.Errorf("%w: longest segment %v m", ErrOptions, o.MaxSegment)
	}
	if !(o.MinShare >= 0 && o.MinShare <= 1) {
		return fmt.Errorf("%w: least share %v", ErrOptions, o.MinShare)
	}
	if !(o.Load.AreaShare >= 0 && o.Load.AreaShare <= 1) {
		return fmt.Errorf("%w: area share %v", ErrOptions, o.Load.AreaShare)
	}
	for i, p := range o.Load.Points {
		if !(p.Weight >= 0) || math.IsInf(p.Weight, 0) {
			return fmt.Errorf("%w: weight %v of point %d", ErrOptions, p.Weight, i)
		}
	}
	return nil
}

// parent is the area to divide, in the forms that a draw needs.
type parent struct {
	given    orb.MultiPolygon
	area     lattice.MultiPolygon
	segments []lattice.Segment
	grid     *lattice.Grid
	frame    frame
	m2       float64 // area in square metres
	spacing  float64 // mean length of a boundary segment in metres
}

func newParent(given orb.MultiPolygon) (*parent, error) {
	area, err := lattice.FromMultiPolygon(given)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParent, err)
	}
	if len(area) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrParent)
	}
	c, err := geo.NewCoverage([]orb.MultiPolygon{given})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParent, err)
	}
	for _, f := range c.Validate(nil) {
		if f.Kind != geo.Unmatched {
			return nil, fmt.Errorf("%w: %s", ErrParent, f)
		}
	}
	p := outline(given, area)
	p.m2 = float64(area.Area2()) / 2 * p.frame.scale.X * p.frame.scale.Y
	return p, nil
}

// maxSegment returns the longest segment to draw for so many cells.
func (p *parent) maxSegment(o Options, cells int) float64 {
	if o.MaxSegment > 0 {
		return o.MaxSegment
	}
	return math.Min(50, math.Max(5, math.Sqrt(p.m2/float64(cells))/12))
}

// newOutline is an area that nobody divides.
func newOutline(given orb.MultiPolygon) (*parent, error) {
	area, err := lattice.FromMultiPolygon(given)
	if err != nil {
		return nil, err
	}
	return outline(given, area), nil
}

func outline(given orb.MultiPolygon, area lattice.MultiPolygon) *parent {
	p := &parent{given: given, area: area, segments: area.Segments(), frame: newFrame(area.Box())}
	p.grid = lattice.NewGrid(p.segments)
	for _, s := range p.segments {
		p.spacing += p.frame.vec(s.A).distance(p.frame.vec(s.B)) / float64(len(p.segments))
	}
	return p
}
