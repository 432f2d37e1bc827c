package cells

import (
	"cmp"
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
	what         string       // overlap, moved, dropped, closed
	lost, gained []ChangedRow // one or none
	shape        orb.Polygon
	at           orb.Point
	m2           float64
	metres       float64 // largest displacement
	width        float64 // mean
	inParent     bool
	hole         bool
}

// keep puts what the rows in memory became into clean_after, and remembers what
// only they tell: what is gone, which vertices moved or came.
func (c *cleaning) keep() error {
	tips := map[int][]lattice.Point{}
	for _, s := range c.blunted {
		tips[s.row.Row] = append(tips[s.row.Row], s.line[1])
	}
	c.spikes = append(c.spikes, c.blunted...)
	if _, err := c.tx.CopyFrom(c.ctx, pgx.Identifier{"clean_after"}, []string{"i", "changed", "geom"},
		pgx.CopyFromSlice(len(c.rows), func(i int) ([]any, error) {
			r := &c.rows[i]
			changed := !sameBoundary(r.input, r.shape)
			if !changed {
				r.shape = r.input
			}
			switch {
			case r.duplicate:
				changed = false // reported whole
			case len(r.shape) == 0:
				c.nameVanished(*r)
			case changed:
				c.keepVertices(*r, tips[r.number])
			}
			var geom []byte
			var err error
			if len(r.shape) > 0 {
				geom, err = c.fromOrigin(r.shape)
			}
			return []any{r.number, changed, geom}, err
		})); err != nil {
		return err
	}
	return c.nameGapsLeft()
}

// compare names what differs between input and outcome: what parts named, by
// row, and what the database finds that neighbours of different parts exchanged.
func (c *cleaning) compare() (err error) {
	if c.locked, err = c.lockedRows(); err != nil {
		return err
	}
	if _, err := c.tx.Exec(c.ctx, `ANALYZE clean_state`); err != nil {
		return err
	}
	if _, err := c.tx.Exec(c.ctx, cleanDelta); err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	for _, list := range [][]Change{c.invalid, c.duplicate, c.vanished} {
		slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(a.Lost[0].Row, b.Lost[0].Row) })
		if err := c.tell(list...); err != nil {
			return err
		}
	}
	slices.SortStableFunc(c.spikes, func(a, b spike) int { return cmp.Compare(a.row.Row, b.row.Row) })
	corners, err := c.nameAreas()
	if err != nil {
		return err
	}
	slices.SortFunc(c.vertices, func(a, b rowVertices) int { return cmp.Compare(a.row.Row, b.row.Row) })
	for _, v := range c.vertices {
		if err := c.nameVertices(v, corners[v.row.Row]); err != nil {
			return err
		}
	}
	if err := c.tell(c.left...); err != nil {
		return err
	}
	c.spikes, c.vertices, c.invalid, c.duplicate, c.vanished, c.left, c.locked = nil, nil, nil, nil, nil, nil, nil
	return nil
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

// noRow is what clean_pieces.sql gives where nobody lost or gained.
const noRow = -1

// pieces visits the areas that changed hands, those of the same rows one after
// another.
func (c *cleaning) pieces(visit func(piece) error) error {
	rows, err := c.tx.Query(c.ctx, cleanPieces, c.options.EPSG, c.origin[0], c.origin[1])
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p piece
		var lost, gained ChangedRow
		var geom []byte
		var perimeter float64
		if err := rows.Scan(&p.what, &lost.Row, &lost.Code, &gained.Row, &gained.Code, &geom, &p.at[0], &p.at[1], &p.m2, &perimeter, &p.metres, &p.inParent, &p.hole); err != nil {
			return err
		}
		if lost.Row != noRow {
			p.lost = []ChangedRow{lost}
		}
		if gained.Row != noRow {
			p.gained = []ChangedRow{gained}
		}
		p.width = 2 * p.m2 / perimeter
		g, _, err := ewkb.Unmarshal(geom)
		if err != nil {
			return err
		}
		shape, ok := g.(orb.Polygon)
		if !ok {
			return fmt.Errorf("a changed area is a %s", g.GeoJSONType())
		}
		p.shape = shape
		if err := visit(p); err != nil {
			return err
		}
	}
	return rows.Err()
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

// corners are, by number of the row, the vertices of changes that are wider than
// the tolerance.
type corners map[int]map[lattice.Point]bool

func (k corners) add(rows []ChangedRow, shape orb.Polygon) {
	for _, row := range rows {
		if k[row.Row] == nil {
			k[row.Row] = map[lattice.Point]bool{}
		}
		for _, r := range shape {
			for _, q := range r {
				if p, err := lattice.FromOrb(q); err == nil {
					k[row.Row][p] = true
				}
			}
		}
	}
}

// nameAreas makes changes of the pieces, the narrow ones of the same rows together.
func (c *cleaning) nameAreas() (corners, error) {
	type border struct {
		what         string
		lost, gained int
	}
	number := func(rows []ChangedRow) int {
		if len(rows) == 0 {
			return noRow
		}
		return rows[0].Row
	}
	tips := map[int][]lattice.Point{}
	for _, s := range c.spikes {
		tips[s.row.Row] = append(tips[s.row.Row], s.line[1])
	}
	wide := corners{}
	cut := map[lattice.Point]bool{}
	var at border
	var changes []Change // of that border
	narrow, largest := -1, 0.0
	flush := func() error {
		err := c.tell(changes...)
		changes, narrow = nil, -1
		return err
	}
	if err := c.pieces(func(p piece) error {
		if b := (border{p.what, number(p.lost), number(p.gained)}); b != at {
			if err := flush(); err != nil {
				return err
			}
			at = b
		}
		kind := c.kindOf(p, tips, cut)
		if kind == HoleFilled {
			p.metres = p.width // no boundary moved: one went
		}
		wide.add(p.lost, p.shape)
		wide.add(p.gained, p.shape)
		if isNarrow := kind == Sliver || kind == Snapped; !isNarrow || narrow < 0 {
			change := Change{Kind: kind, Severity: grids.SeverityRepair, Place: orb.MultiPolygon{p.shape}, At: p.at, AreaM2: p.m2, Metres: p.metres,
				Lost: p.lost, Gained: p.gained}
			change.describe()
			if isNarrow {
				narrow, largest = len(changes), p.m2
			}
			changes = append(changes, change)
			return nil
		}
		all := &changes[narrow]
		all.Place = append(all.Place.(orb.MultiPolygon), p.shape)
		all.AreaM2, all.Metres = all.AreaM2+p.m2, max(all.Metres, p.metres)
		if p.m2 > largest {
			largest, all.At = p.m2, p.at
		}
		all.describe()
		return nil
	}); err != nil {
		return nil, err
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return wide, c.nameSpikes(cut)
}

// latticeStep is how far rounding to the lattice moves an edge at most, in
// metres, twice.
const latticeStep = 0.016

func (c *cleaning) kindOf(p piece, tips map[int][]lattice.Point, cut map[lattice.Point]bool) ChangeKind {
	isNarrow := p.metres <= c.options.Tolerance+latticeStep
	for _, row := range slices.Concat(p.lost, p.gained) {
		tips := tips[row.Row]
		if p.what == "moved" || len(tips) == 0 || p.width > c.options.Tolerance {
			continue
		}
		for _, q := range p.shape[0] {
			if at, err := lattice.FromOrb(q); err == nil && slices.Contains(tips, at) {
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

// nameSpikes reports the spikes that had no width, or that no single piece
// shows.
func (c *cleaning) nameSpikes(cut map[lattice.Point]bool) error {
	for _, s := range c.spikes {
		tip := s.line[1]
		if cut[tip] {
			continue
		}
		change := Change{Kind: Spike, Severity: grids.SeverityRepair, At: tip.Orb(), Lost: []ChangedRow{s.row},
			Place:  orb.LineString{s.line[0].Orb(), tip.Orb(), s.line[2].Orb()},
			Metres: min(lattice.Segment{A: s.line[0], B: tip}.Metres(), lattice.Segment{A: tip, B: s.line[2]}.Metres())}
		change.describe()
		if err := c.tell(change); err != nil {
			return err
		}
	}
	return nil
}

// rowVertices are the vertices that a row has no more, but for the tips of its
// spikes, with how far its boundary is now, and those that it got.
type rowVertices struct {
	row   ChangedRow
	gone  []lattice.Point
	far   []float64 // metres, for each that is gone
	added []lattice.Point
}

func (c *cleaning) keepVertices(r cleanRow, tips []lattice.Point) {
	before, after := vertices(r.input), vertices(r.shape)
	for _, tip := range tips {
		delete(before, tip)
	}
	v := rowVertices{row: ChangedRow{r.number, r.code}, gone: outside(before, after), added: outside(after, before)}
	edges := r.shape.Segments()
	grid := lattice.NewGrid(edges)
	for _, p := range v.gone {
		v.far = append(v.far, nearest(grid, edges, p, c.options.Tolerance))
	}
	if len(v.gone)+len(v.added) > 0 {
		c.vertices = append(c.vertices, v)
	}
}

// nameVertices reports vertices that moved and vertices that edges got, where no
// area of the report has them.
func (c *cleaning) nameVertices(v rowVertices, known map[lattice.Point]bool) error {
	if err := c.nameMoved(v, known); err != nil {
		return err
	}
	return c.nameJunctions(v, known)
}

// nameMoved reports vertices that went to a neighbour's, and those that were at
// the end of a spike without width.
func (c *cleaning) nameMoved(v rowVertices, known map[lattice.Point]bool) error {
	moved := Change{Kind: Snapped, Severity: grids.SeverityRepair, Lost: []ChangedRow{v.row}}
	spikes := Change{Kind: Spike, Severity: grids.SeverityRepair, Lost: []ChangedRow{v.row}}
	places := map[ChangeKind]orb.MultiPoint{}
	for k, p := range v.gone {
		if known[p] {
			continue
		}
		change := &moved
		if v.far[k] > c.options.Tolerance+latticeStep {
			change = &spikes
		}
		if len(places[change.Kind]) == 0 || v.far[k] > change.Metres {
			change.Metres, change.At = v.far[k], p.Orb()
		}
		places[change.Kind] = append(places[change.Kind], p.Orb())
	}
	moved.say("%[1]s 的 %[2]d 个顶点移到相邻网格的顶点上,最多移动 %.4[3]f 米", "%[2]d vertices of %[1]s moved by up to %.4[3]f m to a neighbour's", names(moved.Lost), len(places[Snapped]), moved.Metres)
	spikes.describe()
	for _, change := range []Change{moved, spikes} {
		if place := places[change.Kind]; len(place) > 0 {
			change.Place = place
			if err := c.tell(change); err != nil {
				return err
			}
		}
	}
	return nil
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

func (c *cleaning) nameJunctions(v rowVertices, known map[lattice.Point]bool) error {
	var place orb.MultiPoint
	for _, p := range v.added {
		if !known[p] {
			place = append(place, p.Orb())
		}
	}
	if len(place) == 0 {
		return nil
	}
	change := Change{Kind: TJunction, Severity: grids.SeverityRepair, Place: place, At: place[0], Gained: []ChangedRow{v.row}}
	change.say("%s 的边上补了 %d 个顶点,与相邻网格的端点对应", "edges of %s got %d vertices where neighbours end", names(change.Gained), len(place))
	return c.tell(change)
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

// outside lists what is in a and not in b.
func outside(a, b map[lattice.Point]bool) []lattice.Point {
	var out []lattice.Point
	for p := range a {
		if !b[p] {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, comparePoints)
	return out
}
