package cells

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
	"unigrid/grids"
	"unigrid/grids/database"
)

// CleanOptions say how much may be changed to make polygons a coverage. Zero
// values take the defaults in brackets.
type CleanOptions struct {
	EPSG      int     // projected CRS in which areas are measured
	Tolerance float64 // metres within which vertices and edges are one place (0.1)
	MaxGap    float64 // square metres of a gap that is closed (1000)
	Unlock    string  // why locked boundaries may move; empty: they may not

	inMemory int      // rows at a time, about (runRows)
	keeping  *keeping // nil: no row has a boundary that is there
	told     func(Change) error
}

func (o CleanOptions) withDefaults() CleanOptions {
	o.Tolerance = cmp.Or(o.Tolerance, 0.1)
	o.MaxGap = cmp.Or(o.MaxGap, 1000)
	o.inMemory = cmp.Or(o.inMemory, runRows)
	return o
}

// Cleaned is what Clean made of the rows, by row number: Shapes[i] is row
// Rows[i], nil where nothing is left of it.
type Cleaned struct {
	Rows    []int
	Codes   []string
	Shapes  []orb.MultiPolygon
	Changes []Change
	Passes  int
}

// PrepareClean makes the temporary tables that Clean reads, for the caller to
// fill: clean_row (row, code, parent, locked, geom) with polygons in EPSG:4326,
// valid or not, and clean_parent (cell_id, geom) with the areas that the rows of
// that parent have to partition. Rows without a parent are fitted to each other
// only.
func PrepareClean(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.clean_row, pg_temp.clean_parent, pg_temp.clean_shape, pg_temp.clean_member,
		  pg_temp.clean_state, pg_temp.clean_after, pg_temp.clean_edge, pg_temp.clean_delta, pg_temp.clean_piece;
		CREATE TEMP TABLE clean_row (row int PRIMARY KEY, code text NOT NULL DEFAULT '', parent bigint, locked boolean NOT NULL DEFAULT false, geom geometry,
		  was geometry, statutory boolean NOT NULL DEFAULT false, pinned boolean NOT NULL DEFAULT false) ON COMMIT DROP;
		CREATE TEMP TABLE clean_parent (cell_id bigint PRIMARY KEY, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_shape (i int, block int, hold int, bad boolean, geom geometry, valid geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_member (i int, cluster int, block int, hold int, geom geometry, valid geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_state (i int PRIMARY KEY, parent bigint, latitude float8, before geometry, blunt geometry) ON COMMIT DROP;
		CREATE INDEX ON clean_state USING gist (before);
		CREATE TEMP TABLE clean_after (i int PRIMARY KEY, changed boolean, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_edge (i int PRIMARY KEY, stretch float8, degree float8, before_edge geometry, after_edge geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_delta (n int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, i int, sign int, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_piece (what text, lost int, gained int, loss int, gain int, geom geometry) ON COMMIT DROP;
		CREATE INDEX ON clean_piece (loss); CREATE INDEX ON clean_piece (gain)`)
	return err
}

// Clean makes the polygons of the temporary tables of PrepareClean an exact
// coverage on the lattice of 1e-7 degrees, and reports what it changed by
// comparing the outcome with the input: what isn't reported has not changed.
// It works in passes, each only on what is not exact yet, and ends when a pass
// finds nothing to do; so what is exact already stays as it is, byte for byte.
//
// Parents and locked rows stay in place; where a locked row would have to move,
// Clean fails, naming code and place, unless the options unlock it. A gap that is
// too large to be closed is reported and left.
func Clean(ctx context.Context, tx pgx.Tx, o CleanOptions) (Cleaned, error) {
	var out Cleaned
	o.told = func(change Change) error { out.Changes = append(out.Changes, change); return nil }
	c, err := clean(ctx, tx, o)
	out.Changes, out.Passes = append(c.opening, out.Changes...), c.passes
	if err != nil {
		return out, err
	}
	if out.Rows, out.Codes, err = c.names(); err != nil {
		return out, err
	}
	out.Shapes, err = c.shapes()
	return out, err
}

// names gives the rows and their codes.
func (c *cleaning) names() (numbers []int, codes []string, err error) {
	rows, err := c.tx.Query(c.ctx, `SELECT row, code FROM clean_row ORDER BY row`)
	if err != nil {
		return nil, nil, err
	}
	var number int
	var code string
	_, err = pgx.ForEachRow(rows, []any{&number, &code}, func() error {
		numbers, codes = append(numbers, number), append(codes, code)
		return nil
	})
	return numbers, codes, err
}

// shapes gives what rows became, by row, nil where nothing is left.
func (c *cleaning) shapes() ([]orb.MultiPolygon, error) {
	rows, err := c.tx.Query(c.ctx, `SELECT ST_AsEWKB(ST_Translate(geom, $1::float8, $2::float8)) FROM clean_after ORDER BY i`, c.origin[0], c.origin[1])
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (orb.MultiPolygon, error) {
		var geom []byte
		if err := row.Scan(&geom); err != nil || geom == nil {
			return nil, err
		}
		shape, err := onLattice(geom)
		return shape.Orb(), err
	})
}

// clean is Clean, whose outcome it leaves in clean_after. The rows of a parent,
// and those without one, are in memory together, of other parents as many as
// make some thousands.
func clean(ctx context.Context, tx pgx.Tx, o CleanOptions) (*cleaning, error) {
	c := &cleaning{ctx: ctx, tx: tx, options: o.withDefaults()}
	parts, err := c.parts()
	if err != nil {
		return c, err
	}
	for _, parents := range parts {
		if err := c.load(parents); err != nil {
			return c, err
		}
		if err := c.settleKept(); err != nil {
			return c, err
		}
		if err := c.keep(); err != nil {
			return c, err
		}
	}
	c.rows, c.blocks = nil, nil
	if err := c.compare(); err != nil {
		return c, err
	}
	return c, c.refused
}

// cleaning is one call of Clean.
type cleaning struct {
	ctx     context.Context
	tx      pgx.Tx
	options CleanOptions
	origin  orb.Point // of what is compared: overlays are exact to 1e-12 of the largest coordinate
	passes  int
	locked  map[int]bool // rows, while changes are told
	opening []Change     // before those that were told
	refused error        // a locked boundary would have to move

	// The part in memory:
	parents map[grids.CellID]lattice.MultiPolygon
	rows    []cleanRow // by number
	blocks  []*block
	blunted []spike

	// Of the parts until now:
	spikes                             []spike
	vertices                           []rowVertices
	invalid, duplicate, vanished, left []Change
}

// cleanRow is one polygon; input and shape are on the lattice.
type cleanRow struct {
	number       int
	code         string
	parent       grids.CellID
	hold         hold
	input, shape lattice.MultiPolygon
	duplicate    bool // of an earlier row
	kept         *keptRow
}

// hold is how fast a row's boundary stays; of an area that several cover, the
// faster has it.
type hold int

const (
	free   hold = iota
	stays       // unless it has to take a gap
	locked      // statutory (法定界线), and not unlocked
)

// block is what is cleaned together: the rows of one parent, or those without.
type block struct {
	parent lattice.MultiPolygon // nil: none
	rows   []int                // indices of rows
	done   bool
	// slack says how far the vertices that are one at a place have come.
	slack map[lattice.Point]float64
	met   map[lattice.Segment]bool // the ways that vertices went
	given map[vertex]bool
	gaps  []gap // too large to be closed
}

func newBlock(parent lattice.MultiPolygon) *block {
	return &block{parent: parent, slack: map[lattice.Point]float64{}, met: map[lattice.Segment]bool{}, given: map[vertex]bool{}}
}

// mostPasses is far above what was ever seen (7).
const mostPasses = 24

// settle makes the part in memory exact.
func (c *cleaning) settle() error {
	for pass := 1; pass <= mostPasses; pass++ {
		c.passes = max(c.passes, pass)
		var work clusters
		done := true
		for n, b := range c.blocks {
			if b.done {
				continue
			}
			moved := c.despike(b)
			moved = c.snap(b) || moved
			found, err := c.inspect(b)
			if err != nil {
				return err
			}
			if len(found.bad) > 0 {
				work.add(n, found)
				done = false
				continue
			}
			closed, err := c.closeGaps(b, found)
			if err != nil {
				return err
			}
			b.done = !closed && !moved
			done = done && b.done
		}
		if done {
			return nil
		}
		if err := c.node(&work); err != nil {
			return err
		}
	}
	return fmt.Errorf("cleaning has not settled after %d passes", mostPasses)
}

// parts says which parents' rows, 0 those without, are in memory at a time.
func (c *cleaning) parts() ([][]grids.CellID, error) {
	var least orb.Point
	if err := c.tx.QueryRow(c.ctx, `SELECT coalesce(min(ST_XMin(geom)), 0), coalesce(min(ST_YMin(geom)), 0) FROM clean_row`).Scan(&least[0], &least[1]); err != nil {
		return nil, err
	}
	if p, err := lattice.FromOrb(least); err == nil { // else its row is refused
		c.origin = p.Orb()
	}
	if _, err := c.tx.Exec(c.ctx, `CREATE INDEX ON clean_row (coalesce(parent, 0)); ANALYZE clean_row`); err != nil {
		return nil, err
	}
	rows, err := c.tx.Query(c.ctx, `
		SELECT parent, count(row) FROM (
		  SELECT coalesce(parent, 0) AS parent, row FROM clean_row UNION ALL SELECT cell_id, NULL FROM clean_parent) b
		GROUP BY parent ORDER BY parent`)
	if err != nil {
		return nil, err
	}
	var parts [][]grids.CellID
	var parent grids.CellID
	var n, all int
	size := c.options.inMemory // of the last part
	_, err = pgx.ForEachRow(rows, []any{&parent, &n}, func() error {
		if size >= c.options.inMemory {
			parts, size = append(parts, nil), 0
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], parent)
		size, all = size+n, all+n
		return nil
	})
	if err == nil && all == 0 {
		err = grids.Errorf(grids.Invalid, "file", "没有可用的网格", "there are no cells to take in")
	}
	return parts, err
}

// load reads the rows of some parents and rounds them to the lattice.
func (c *cleaning) load(part []grids.CellID) error {
	c.parents = map[grids.CellID]lattice.MultiPolygon{}
	var id grids.CellID
	var geom []byte
	rows, err := c.tx.Query(c.ctx, `SELECT cell_id, ST_AsEWKB(ST_Multi(geom)) FROM clean_parent WHERE cell_id = ANY ($1)`, part)
	if err != nil {
		return err
	}
	if _, err := pgx.ForEachRow(rows, []any{&id, &geom}, func() (err error) {
		c.parents[id], err = onLattice(geom)
		return err
	}); err != nil {
		return err
	}
	return c.loadRows(part)
}

// begin makes blocks of the rows in memory, and names what is invalid or there
// twice.
func (c *cleaning) begin() error {
	c.blocks, c.blunted = nil, nil
	blocks := map[grids.CellID]*block{}
	add := func(id grids.CellID) {
		blocks[id] = newBlock(c.parents[id])
		c.blocks = append(c.blocks, blocks[id])
	}
	for _, id := range slices.Sorted(maps.Keys(c.parents)) {
		add(id)
	}
	for i, r := range c.rows {
		if blocks[r.parent] == nil {
			add(r.parent)
		}
		blocks[r.parent].rows = append(blocks[r.parent].rows, i)
	}
	if err := c.nameInvalid(); err != nil {
		return err
	}
	return c.nameDuplicates()
}

func (c *cleaning) loadRows(part []grids.CellID) error {
	c.rows = nil
	var geom, was []byte
	var k keptRow
	r := cleanRow{}
	rows, err := c.tx.Query(c.ctx, `
		SELECT row, code, coalesce(parent, 0), CASE WHEN locked AND $2 THEN 2 ELSE 0 END, ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_Force2D(geom), 3))),
		       ST_AsEWKB(was), statutory, pinned
		FROM clean_row WHERE coalesce(parent, 0) = ANY ($1) ORDER BY row`, part, c.options.Unlock == "")
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&r.number, &r.code, &r.parent, &r.hold, &geom, &was, &k.statutory, &k.pinned}, func() error {
		shape, err := onLattice(geom)
		if err != nil {
			return grids.Errorf(grids.Invalid, "geometry", "第 %d 行的坐标无效", "row %d: its coordinates are no places on the globe", r.number).
				Fix("检查坐标系", "check the coordinate system (--crs)")
		}
		if len(shape) == 0 {
			return grids.Errorf(grids.Invalid, "geometry", "第 %d 行没有面", "row %d has no area", r.number)
		}
		row := r
		if row.input = shape; c.options.keeping != nil {
			kept := k
			kept.sent, kept.hold = shape, r.hold
			if kept.was, err = onLattice(was); err != nil {
				return err
			}
			row.kept = &kept
		}
		c.rows = append(c.rows, row)
		return nil
	})
	return err
}

// numbers are those of the rows in memory.
func (c *cleaning) numbers() []int {
	out := make([]int, len(c.rows))
	for i, r := range c.rows {
		out[i] = r.number
	}
	return out
}

// row gives the row in memory that has a number.
func (c *cleaning) row(number int) *cleanRow {
	i, _ := slices.BinarySearchFunc(c.rows, number, func(r cleanRow, number int) int { return cmp.Compare(r.number, number) })
	return &c.rows[i]
}

func (r *cleanRow) named() []ChangedRow { return []ChangedRow{{r.number, r.code}} }

// onLattice rounds a geometry column; rings that have no area left are dropped.
func onLattice(column []byte) (lattice.MultiPolygon, error) {
	if column == nil {
		return nil, nil
	}
	mp, err := database.MultiPolygon(column)
	if err != nil {
		return nil, err
	}
	whole := make(orb.MultiPolygon, 0, len(mp))
	for _, p := range mp {
		var kept orb.Polygon
		for j, r := range p {
			if short(r) {
				if j == 0 {
					break
				}
				continue
			}
			kept = append(kept, r)
		}
		if len(kept) > 0 {
			whole = append(whole, kept)
		}
	}
	return lattice.FromMultiPolygon(whole)
}

// short tells whether a ring has fewer than three different places.
func short(r orb.Ring) bool {
	var seen []lattice.Point
	for _, q := range r {
		p, err := lattice.FromOrb(q)
		if err != nil {
			return false // for FromMultiPolygon to say
		}
		if !slices.Contains(seen, p) {
			if seen = append(seen, p); len(seen) == 3 {
				return false
			}
		}
	}
	return true
}

func clone(m lattice.MultiPolygon) lattice.MultiPolygon {
	out := make(lattice.MultiPolygon, len(m))
	for i, p := range m {
		out[i] = make(lattice.Polygon, len(p))
		for j, r := range p {
			out[i][j] = slices.Clone(r)
		}
	}
	return out
}

func same(a, b lattice.MultiPolygon) bool {
	return slices.EqualFunc(a, b, func(p, q lattice.Polygon) bool {
		return slices.EqualFunc(p, q, func(r, s lattice.Ring) bool { return slices.Equal(r, s) })
	})
}
