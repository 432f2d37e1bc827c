package draw

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// CellQuality says how good a drawn cell is.
type CellQuality struct {
	AreaM2     float64 // square metres
	PerimeterM float64 // metres, holes included
	Load       float64 // share of the parent's load, 0 to 1
	Deviation  float64 // Load relative to the mean of the cells, 0 is equal
	// PolsbyPopper is 4π·area/perimeter²: 1 for a circle, 0.79 for a square.
	PolsbyPopper float64
	Parts        int  // number of polygons
	Contiguous   bool // in one part
	// BarriersCrossed is the number of barriers that run through the inside for
	// more than a quarter of the side of a square as large as the cell.
	BarriersCrossed int
}

// Quality measures children of a parent. A Density is summed up on a grid of
// sample points, Points are counted in the cell that holds them. It fails on
// geometry as geo.NewCoverage does.
func Quality(given orb.MultiPolygon, children []orb.MultiPolygon, load Load) ([]CellQuality, error) {
	if err := (Options{Load: load}).check(); err != nil {
		return nil, err
	}
	area, err := lattice.FromMultiPolygon(given)
	if err != nil {
		return nil, err
	}
	f := newFrame(area.Box())
	out := make([]CellQuality, len(children))
	grids := make([]*lattice.Grid, len(children))
	boxes := make([]lattice.Box, len(children))
	loads := make([]float64, len(children))
	for i, child := range children {
		m, err := lattice.FromMultiPolygon(child)
		if err != nil {
			return nil, fmt.Errorf("child %d: %w", i, err)
		}
		segments := m.Segments()
		grids[i], boxes[i] = lattice.NewGrid(segments), m.Box()
		q := CellQuality{Parts: len(m), Contiguous: len(m) == 1}
		q.AreaM2 = float64(m.Area2()) / 2 * f.scale.X * f.scale.Y
		for _, s := range segments {
			q.PerimeterM += f.vec(s.A).distance(f.vec(s.B))
		}
		q.PolsbyPopper = 4 * math.Pi * q.AreaM2 / (q.PerimeterM * q.PerimeterM)
		if load.Density != nil && len(load.Points) == 0 {
			loads[i] = q.AreaM2 * meanDensity(grids[i], boxes[i], load.Density)
		} else {
			loads[i] = q.AreaM2
		}
		out[i] = q
	}
	if len(load.Points) > 0 {
		if err := countPoints(load.Points, grids, boxes, loads); err != nil {
			return nil, err
		}
	}
	shares(out, loads, load)
	return out, nil
}

// shares fills in each cell's share of the load and its deviation.
func shares(out []CellQuality, loads []float64, load Load) {
	total, m2 := 0.0, 0.0
	for i := range out {
		total += loads[i]
		m2 += out[i].AreaM2
	}
	for i := range out {
		share := out[i].AreaM2 / m2
		if total > 0 {
			share = load.AreaShare*share + (1-load.AreaShare)*loads[i]/total
		}
		out[i].Load = share
		out[i].Deviation = share*float64(len(out)) - 1
	}
}

// meanDensity samples a density over a cell, about a thousand times.
func meanDensity(g *lattice.Grid, b lattice.Box, density func(orb.Point) float64) float64 {
	const n = 40
	sum, count := 0.0, 0
	for i := range n {
		for j := range n {
			p := lattice.Point{
				X: b.Min.X + int32((float64(b.Max.X)-float64(b.Min.X))*(float64(i)+0.5)/n),
				Y: b.Min.Y + int32((float64(b.Max.Y)-float64(b.Min.Y))*(float64(j)+0.5)/n),
			}
			if g.Inside(p) > 0 {
				sum += density(p.Orb())
				count++
			}
		}
	}
	return sum / math.Max(float64(count), 1)
}

// countPoints sums up weights by the first cell that holds each point.
func countPoints(points []WeightedPoint, grids []*lattice.Grid, boxes []lattice.Box, loads []float64) error {
	clear(loads)
	for n, w := range points {
		p, err := lattice.FromOrb(w.At)
		if err != nil {
			return fmt.Errorf("point %d: %w", n, err)
		}
		for i := range grids {
			if boxes[i].Contains(p) && grids[i].Inside(p) > 0 {
				loads[i] += w.Weight
				break
			}
		}
	}
	return nil
}

// beside is how far from a cell's border a barrier has to be to run inside, as a
// share of the side of a square as large.
const beside = 0.05

// crossBarriers counts the barriers that run through each cell.
func crossBarriers(out []CellQuality, cells []orb.MultiPolygon, barriers []orb.LineString) error {
	for i, cell := range cells {
		p, err := newOutline(cell)
		if err != nil {
			return fmt.Errorf("child %d: %w", i, err)
		}
		side := math.Sqrt(out[i].AreaM2)
		box := p.area.Box()
		for n, line := range barriers {
			row, err := thin(line, p.frame, 0, side/40)
			if err != nil {
				return fmt.Errorf("%w: line %d: %w", ErrOptions, n, err)
			}
			inside := 0.0
			for k := 1; k < len(row); k++ {
				if box.Contains(row[k]) && p.grid.Inside(row[k]) > 0 && p.clear(row[k], beside*side, beside*side) {
					inside += p.frame.vec(row[k]).distance(p.frame.vec(row[k-1]))
				}
			}
			if inside > side/4 {
				out[i].BarriersCrossed++
			}
		}
	}
	return nil
}
