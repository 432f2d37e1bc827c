package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/draw"
	"unigrid/grids"
	"unigrid/grids/cells"
)

// How the departments' grids differ from the unified one and from each other.
const (
	villagesPerEnvironment = 5.5  // villages for each cell of the environment's grid
	villagesPerSafety      = 8.0  // of work safety's
	villagesPerBasin       = 17.0 // of the river chiefs'
	ownSocialOrder         = 13   // every so many cells of social order have a person of their own
	namelessSocialOrder    = 97   // every so many have none
	leastPopulation        = 600  // of a village, as social order counts it
	mostPopulation         = 4200
	doubleClaims           = 3   // planted overlaps in the river chiefs' grid
	doubleClaimMetres      = 250 // half their side
)

// departments are the four layers' own grids and people.
type departments struct {
	people []person
	grids  []departmentGrid
}

// departmentGrid is one layer's own grid.
type departmentGrid struct {
	layer grids.LayerCode
	file  string
	about grids.Text
	extra []string // columns beyond code, name and staff number
	list  []shape
}

// layers invents the four departments' grids.
func (w *world) layers(ctx context.Context, team unified) (departments, error) {
	var d departments
	for _, make := range []func(context.Context) (departmentGrid, error){
		func(ctx context.Context) (departmentGrid, error) { return w.environment(ctx, &d) },
		func(ctx context.Context) (departmentGrid, error) { return w.safety(ctx, &d) },
		func(ctx context.Context) (departmentGrid, error) { return w.riverChief(ctx, &d) },
		func(context.Context) (departmentGrid, error) { return w.socialOrder(&d, team) },
	} {
		grid, err := make(ctx)
		if err != nil {
			return departments{}, err
		}
		d.grids = append(d.grids, grid)
	}
	return d, nil
}

// hire invents a person of a department.
func (d *departments) hire(unit, post string) string {
	p := newPerson(firstOfLayers+len(d.people), unit, post)
	d.people = append(d.people, p)
	return p.number
}

// add gives a grid a cell.
func (g *departmentGrid) add(prefix string, county cells.Cell, name string, area orb.MultiPolygon, person string, extra ...any) {
	n := len(g.list) + 1
	code := fmt.Sprintf("DEMO-%s-%s-%04d", prefix, county.Code[:6], n)
	g.list = append(g.list, shape{area: area, values: append([]any{code, fmt.Sprintf("示例%s网格 %04d(%s)", name, n, county.Name), person}, extra...)})
}

// environment draws by nearest seeds, county by county.
func (w *world) environment(ctx context.Context, d *departments) (departmentGrid, error) {
	g := departmentGrid{layer: "environment", file: "layer-environment.shp", about: grids.Text{ZH: "环保网格", EN: "the environment's grid"}}
	for _, s := range w.seats {
		ground, err := newGround(s.county.Geom)
		if err != nil {
			return g, err
		}
		r := stream(w.seed, "environment "+string(s.county.Code))
		n := max(3, int(float64(s.villages)/villagesPerEnvironment))
		seeds, err := scatter(ground, n, around(ground, s.at, n/4, n, r), r)
		if err != nil {
			return g, err
		}
		drawn, err := draw.Nearest(ctx, s.county.Geom, seeds, draw.Options{})
		if err != nil {
			return g, fmt.Errorf("environment's grid in %s: %w", s.county.Name, err)
		}
		for _, area := range drawn.Cells {
			g.add("ENV", s.county, "环保", area, d.hire("示例环保部门", "环保网格负责人"))
		}
	}
	return g, nil
}

// safety draws cells of equal area, county by county.
func (w *world) safety(ctx context.Context, d *departments) (departmentGrid, error) {
	g := departmentGrid{layer: "safety", file: "layer-safety.shp", about: grids.Text{ZH: "安全生产网格", EN: "work safety's grid"}}
	for _, s := range w.seats {
		n := max(2, int(float64(s.villages)/villagesPerSafety))
		drawn, err := draw.Balanced(ctx, s.county.Geom, draw.Options{Into: n, Seed: w.seed + 1})
		if err != nil {
			return g, fmt.Errorf("work safety's grid in %s: %w", s.county.Name, err)
		}
		for _, area := range drawn.Cells {
			g.add("SAF", s.county, "安全生产", area, d.hire("示例安监部门", "安全生产网格负责人"))
		}
	}
	return g, nil
}

// riverChief draws basins round places along the rivers, leaves out the
// smallest (a planted gap) and claims a few squares twice (planted overlaps).
func (w *world) riverChief(ctx context.Context, d *departments) (departmentGrid, error) {
	g := departmentGrid{layer: "river-chief", file: "layer-river-chief.shp", about: grids.Text{ZH: "河长制网格,有一处空白和几处重叠", EN: "the river chiefs' grid, with a gap and a few overlaps"}}
	type basin struct {
		county cells.Cell
		area   orb.MultiPolygon
	}
	var basins []basin
	smallest, least := -1, 0.0
	for _, s := range w.seats {
		seeds, err := w.basinSeeds(s)
		if err != nil {
			return g, err
		}
		drawn, err := draw.Nearest(ctx, s.county.Geom, seeds, draw.Options{})
		if err != nil {
			return g, fmt.Errorf("river chiefs' grid in %s: %w", s.county.Name, err)
		}
		for i, area := range drawn.Cells {
			if m2 := drawn.Quality[i].AreaM2; smallest < 0 || m2 < least {
				smallest, least = len(basins), m2
			}
			basins = append(basins, basin{s.county, area})
		}
	}
	for i, b := range basins {
		if i != smallest {
			g.add("RIV", b.county, "河长制", b.area, d.hire("示例河长办", "片区河长"))
		}
	}
	r := stream(w.seed, "double claims")
	for range doubleClaims {
		s := w.seats[r.IntN(len(w.seats))]
		ground, err := newGround(s.county.Geom)
		if err != nil {
			return g, err
		}
		at := ground.random(r)
		for !ground.holds(at, 3*doubleClaimMetres) {
			at = ground.random(r)
		}
		g.add("RIV", s.county, "河长制(争议)", square(at, doubleClaimMetres), d.hire("示例河长办", "片区河长"))
	}
	return g, nil
}

// basinSeeds are places along the rivers of a county, spread out, and others
// where there are too few.
func (w *world) basinSeeds(s seat) ([]orb.Point, error) {
	ground, err := newGround(s.county.Geom)
	if err != nil {
		return nil, err
	}
	n := max(3, int(float64(s.villages)/villagesPerBasin))
	r := stream(w.seed, "basins "+string(s.county.Code))
	var seeds []orb.Point
	for _, river := range w.rivers {
		for _, at := range along(river.Line, 4000) {
			apart := !slices.ContainsFunc(seeds, func(p orb.Point) bool { return metres(p, at) < 3500 })
			if len(seeds) < n && apart && ground.holds(at, 200) {
				seeds = append(seeds, at)
			}
		}
	}
	for tries := 0; len(seeds) < n; tries++ {
		at := ground.random(r)
		apart := 3000.0
		if tries > 2000 {
			apart = 300
		}
		if ground.holds(at, 100) && !slices.ContainsFunc(seeds, func(p orb.Point) bool { return metres(p, at) < apart }) {
			seeds = append(seeds, at)
		}
	}
	return seeds, nil
}

// socialOrder unites one to three neighbouring villages of a township, so that
// its borders are the unified grid's. Most of its cells name the accountable
// person of a village in them.
func (w *world) socialOrder(d *departments, team unified) (departmentGrid, error) {
	g := departmentGrid{layer: "social-order", file: "layer-social-order.shp", extra: []string{"人口"},
		about: grids.Text{ZH: "综治维稳网格,由整村合并,附虚构人口", EN: "social order's grid, of whole villages, with invented populations"}}
	r, heads := stream(w.seed, "social order"), stream(w.seed, "population")
	for _, s := range w.seats {
		for _, township := range w.children[s.county.ID] {
			villages := w.children[township.ID]
			areas := make([]orb.MultiPolygon, len(villages))
			for i, v := range villages {
				areas[i] = v.Geom
			}
			coverage, err := geo.NewCoverage(areas)
			if err != nil {
				return g, err
			}
			groups, count := groupNeighbours(len(villages), coverage.Neighbours(), func() int { return 1 + r.IntN(3) })
			united, err := coverage.Dissolve(groups)
			if err != nil {
				return g, err
			}
			for group := range count {
				first := villages[slices.Index(groups, group)]
				person := team.accountable[first.ID]
				switch n := len(g.list) + 1; {
				case n%namelessSocialOrder == 0:
					person = ""
				case n%ownSocialOrder == 0 || person == "":
					person = d.hire("示例综治办", "综治网格负责人")
				}
				population := 0
				for _, in := range groups {
					if in == group {
						population += leastPopulation + heads.IntN(mostPopulation-leastPopulation)
					}
				}
				g.add("SOC", s.county, "综治", united[group], person, strconv.Itoa(population))
			}
		}
	}
	return g, nil
}

// groupNeighbours puts each cell with up to size()-1 neighbours that are still
// alone, in order. It returns the group of each and how many there are.
func groupNeighbours(n int, borders []geo.Border, size func() int) (groups []int, count int) {
	groups = make([]int, n)
	for i := range groups {
		groups[i] = -1
	}
	for i := range groups {
		if groups[i] >= 0 {
			continue
		}
		groups[i] = count
		left := size() - 1
		for _, b := range borders {
			if left == 0 {
				break
			}
			if other := b.A + b.B - i; (b.A == i || b.B == i) && groups[other] < 0 {
				groups[other] = count
				left--
			}
		}
		count++
	}
	return groups, count
}

// square is a square round a place, in EPSG:4326.
func square(at orb.Point, half float64) orb.MultiPolygon {
	a, b, c, e := moved(at, -half, -half), moved(at, half, -half), moved(at, half, half), moved(at, -half, half)
	return orb.MultiPolygon{{{a, b, c, e, a}}}
}

// layerCells writes the departments' grids as shapefiles.
func (o *output) layerCells(list []departmentGrid) error {
	for _, g := range list {
		if err := o.shapes(g.file, append([]string{"代码", "名称", "工号"}, g.extra...), g.list); err != nil {
			return err
		}
		o.add(File{Name: g.file, As: "layer-cells", Layer: g.layer, Encoding: "GBK", EPSG: EPSG, Rows: len(g.list), Publish: g.extra, About: g.about})
	}
	return nil
}
