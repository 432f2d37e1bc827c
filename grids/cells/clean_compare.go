package cells

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"unigrid/geo/lattice"
	"unigrid/grids"
	"unigrid/grids/database"
)

//go:embed clean_delta.sql
var cleanDelta string

//go:embed clean_pieces.sql
var cleanPieces string

// piece is an area that changed hands.
type piece struct {
	what         string // overlap, moved, dropped, closed
	lost, gained int    // indices of rows, -1 none
	shape        orb.Polygon
	at           orb.Point
	m2           float64
	metres       float64 // largest displacement
	width        float64 // mean
	inParent     bool
	hole         bool
}

// compare names what differs between input and outcome.
func (c *cleaning) compare() error {
	values := make([][]any, 0, len(c.rows))
	for i := range c.rows {
		r := &c.rows[i]
		changed := !sameBoundary(r.input, r.shape)
		if !changed {
			r.shape = r.input
		}
		var geom []byte
		var err error
		if len(r.shape) > 0 {
			if geom, err = c.fromOrigin(r.shape); err != nil {
				return err
			}
		}
		if r.duplicateOf >= 0 {
			changed = false // reported whole
		}
		values = append(values, []any{i, changed, geom})
	}
	if _, err := c.tx.CopyFrom(c.ctx, pgx.Identifier{"clean_after"}, []string{"i", "changed", "geom"}, pgx.CopyFromRows(values)); err != nil {
		return err
	}
	if _, err := c.tx.Exec(c.ctx, cleanDelta); err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	pieces, err := c.pieces()
	if err != nil {
		return err
	}
	c.nameVanished()
	corners := c.nameAreas(pieces)
	c.nameVertices(corners)
	return c.nameGapsLeft()
}

// fromOrigin encodes a shape as seen from the origin.
func (c *cleaning) fromOrigin(m lattice.MultiPolygon) ([]byte, error) {
	shape := m.Orb()
	for _, p := range shape {
		for _, r := range p {
			for k := range r {
				r[k] = orb.Point{r[k][0] - c.origin[0], r[k][1] - c.origin[1]}
			}
		}
	}
	return database.Geometry(shape)
}

func (c *cleaning) pieces() ([]piece, error) {
	rows, err := c.tx.Query(c.ctx, cleanPieces, c.options.EPSG, c.origin[0], c.origin[1])
	if err != nil {
		return nil, fmt.Errorf("comparing: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (piece, error) {
		var p piece
		var geom []byte
		var perimeter float64
		if err := row.Scan(&p.what, &p.lost, &p.gained, &geom, &p.at[0], &p.at[1], &p.m2, &perimeter, &p.metres, &p.inParent, &p.hole); err != nil {
			return p, err
		}
		p.width = 2 * p.m2 / perimeter
		g, _, err := ewkb.Unmarshal(geom)
		if err != nil {
			return p, err
		}
		shape, ok := g.(orb.Polygon)
		if !ok {
			return p, fmt.Errorf("a changed area is a %s", g.GeoJSONType())
		}
		p.shape = shape
		return p, nil
	})
	if err != nil {
		return nil, fmt.Errorf("comparing: %w", err)
	}
	return list, nil
}

// sameBoundary tells whether two shapes have the same segments, wherever their
// rings begin.
func sameBoundary(a, b lattice.MultiPolygon) bool {
	if same(a, b) {
		return true
	}
	s, t := a.Segments(), b.Segments()
	order := func(p, q lattice.Segment) int {
		if d := comparePoints(p.A, q.A); d != 0 {
			return d
		}
		return comparePoints(p.B, q.B)
	}
	slices.SortFunc(s, order)
	slices.SortFunc(t, order)
	return slices.Equal(s, t)
}

// corners are, by row, the vertices of changes that are wider than the
// tolerance.
type corners map[int]map[lattice.Point]bool

func (k corners) add(row int, shape orb.Polygon) {
	if row < 0 {
		return
	}
	if k[row] == nil {
		k[row] = map[lattice.Point]bool{}
	}
	for _, r := range shape {
		for _, q := range r {
			if p, err := lattice.FromOrb(q); err == nil {
				k[row][p] = true
			}
		}
	}
}

// nameAreas makes changes of the pieces, the narrow ones together by kind and
// rows.
func (c *cleaning) nameAreas(pieces []piece) corners {
	type border struct {
		kind         ChangeKind
		lost, gained int
	}
	narrow := map[border]int{}
	largest := map[border]float64{}
	tips := map[int][]lattice.Point{}
	for _, s := range c.spikes {
		tips[s.row] = append(tips[s.row], s.line[1])
	}
	wide := corners{}
	cut := map[lattice.Point]bool{}
	for _, p := range pieces {
		kind := c.kindOf(p, tips, cut)
		if kind == HoleFilled {
			p.metres = p.width // no boundary moved: one went
		}
		change := Change{Kind: kind, Severity: grids.SeverityRepair, Place: orb.MultiPolygon{p.shape}, At: p.at, AreaM2: p.m2, Metres: p.metres,
			Lost: c.row(p.lost), Gained: c.row(p.gained)}
		wide.add(p.lost, p.shape)
		wide.add(p.gained, p.shape)
		if kind != Sliver && kind != Snapped {
			change.describe()
			c.changes = append(c.changes, change)
			continue
		}
		b := border{kind, p.lost, p.gained}
		n, ok := narrow[b]
		if !ok {
			narrow[b], largest[b] = len(c.changes), p.m2
			change.describe()
			c.changes = append(c.changes, change)
			continue
		}
		all := &c.changes[n]
		all.Place = append(all.Place.(orb.MultiPolygon), p.shape)
		all.AreaM2, all.Metres = all.AreaM2+p.m2, max(all.Metres, p.metres)
		if p.m2 > largest[b] {
			largest[b], all.At = p.m2, p.at
		}
		all.describe()
	}
	c.nameSpikes(cut)
	return wide
}

// latticeStep is how far rounding to the lattice moves an edge at most, in
// metres, twice.
const latticeStep = 0.016

func (c *cleaning) kindOf(p piece, tips map[int][]lattice.Point, cut map[lattice.Point]bool) ChangeKind {
	isNarrow := p.metres <= c.options.Tolerance+latticeStep
	for _, row := range []int{p.lost, p.gained} {
		if row < 0 || p.what == "moved" || len(tips[row]) == 0 || p.width > c.options.Tolerance {
			continue
		}
		for _, q := range p.shape[0] {
			if at, err := lattice.FromOrb(q); err == nil && slices.Contains(tips[row], at) {
				cut[at] = true
				return Spike
			}
		}
	}
	switch {
	case p.what == "overlap" && isNarrow:
		return Sliver
	case p.what == "overlap":
		return Overlap
	case p.what == "closed" && isNarrow:
		return Sliver
	case p.what == "closed" && p.hole:
		return HoleFilled
	case p.what == "closed":
		return Gap
	case p.what == "dropped" && !p.inParent:
		return Trimmed
	case isNarrow:
		return Snapped
	case p.what == "dropped":
		return Dropped
	default:
		return Moved
	}
}

func (c *cleaning) row(i int) []ChangedRow {
	if i < 0 {
		return nil
	}
	return []ChangedRow{{c.rows[i].number, c.rows[i].code}}
}

// nameSpikes reports the spikes that had no width, or that no single piece
// shows.
func (c *cleaning) nameSpikes(cut map[lattice.Point]bool) {
	for _, s := range c.spikes {
		tip := s.line[1]
		if cut[tip] {
			continue
		}
		change := Change{Kind: Spike, Severity: grids.SeverityRepair, At: tip.Orb(), Lost: c.row(s.row),
			Place:  orb.LineString{s.line[0].Orb(), tip.Orb(), s.line[2].Orb()},
			Metres: min(lattice.Segment{A: s.line[0], B: tip}.Metres(), lattice.Segment{A: tip, B: s.line[2]}.Metres())}
		change.describe()
		c.changes = append(c.changes, change)
	}
}

// nameVertices reports, row by row, vertices that moved and vertices that edges
// got, where no area of the report has them.
func (c *cleaning) nameVertices(known corners) {
	for i, r := range c.rows {
		if r.duplicateOf >= 0 || len(r.shape) == 0 || sameBoundary(r.input, r.shape) {
			continue
		}
		before, after := vertices(r.input), vertices(r.shape)
		for _, s := range c.spikes {
			if s.row == i {
				delete(before, s.line[1])
			}
		}
		c.nameMoved(i, outside(before, after, known[i]), r.shape.Segments())
		c.nameJunctions(i, outside(after, before, known[i]))
	}
}

// nameMoved reports vertices that went to a neighbour's, and those that were at
// the end of a spike without width.
func (c *cleaning) nameMoved(i int, gone []lattice.Point, edges []lattice.Segment) {
	grid := lattice.NewGrid(edges)
	moved := Change{Kind: Snapped, Severity: grids.SeverityRepair, Lost: c.row(i)}
	spikes := Change{Kind: Spike, Severity: grids.SeverityRepair, Lost: c.row(i)}
	places := map[ChangeKind]orb.MultiPoint{}
	for _, p := range gone {
		change := &moved
		least := nearest(grid, edges, p, c.options.Tolerance)
		if least > c.options.Tolerance+latticeStep {
			change = &spikes
		}
		if len(places[change.Kind]) == 0 || least > change.Metres {
			change.Metres, change.At = least, p.Orb()
		}
		places[change.Kind] = append(places[change.Kind], p.Orb())
	}
	moved.say("%[1]s 的 %[2]d 个顶点移到相邻网格的顶点上,最多移动 %.4[3]f 米", "%[2]d vertices of %[1]s moved by up to %.4[3]f m to a neighbour's", names(moved.Lost), len(places[Snapped]), moved.Metres)
	spikes.describe()
	for _, change := range []Change{moved, spikes} {
		if place := places[change.Kind]; len(place) > 0 {
			change.Place = place
			c.changes = append(c.changes, change)
		}
	}
}

// nearest is how far p is from the edges, looking in circles.
func nearest(grid *lattice.Grid, edges []lattice.Segment, p lattice.Point, metres float64) float64 {
	for reach := metres; reach < 1e6; reach *= 8 {
		least := reach
		found := false
		grid.Near(around(p, reach), func(k int) bool {
			if _, d := beside(edges[k], p); d <= least {
				least, found = d, true
			}
			return true
		})
		if found {
			return least
		}
	}
	return 0
}

func (c *cleaning) nameJunctions(i int, added []lattice.Point) {
	if len(added) == 0 {
		return
	}
	place := make(orb.MultiPoint, len(added))
	for k, p := range added {
		place[k] = p.Orb()
	}
	change := Change{Kind: TJunction, Severity: grids.SeverityRepair, Place: place, At: place[0], Gained: c.row(i)}
	change.say("%s 的边上补了 %d 个顶点,与相邻网格的端点对应", "edges of %s got %d vertices where neighbours end", names(change.Gained), len(added))
	c.changes = append(c.changes, change)
}

func vertices(m lattice.MultiPolygon) map[lattice.Point]bool {
	out := map[lattice.Point]bool{}
	for _, p := range m {
		for _, r := range p {
			for _, q := range r {
				out[q] = true
			}
		}
	}
	return out
}

// outside lists what is in a, in neither b nor known.
func outside(a, b, known map[lattice.Point]bool) []lattice.Point {
	var out []lattice.Point
	for p := range a {
		if !b[p] && !known[p] {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, comparePoints)
	return out
}
