package cells

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
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
}

func (o CleanOptions) withDefaults() CleanOptions {
	o.Tolerance = cmp.Or(o.Tolerance, 0.1)
	o.MaxGap = cmp.Or(o.MaxGap, 1000)
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
		CREATE TEMP TABLE clean_row (row int PRIMARY KEY, code text NOT NULL DEFAULT '', parent bigint, locked boolean NOT NULL DEFAULT false, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_parent (cell_id bigint PRIMARY KEY, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_shape (i int, block int, locked boolean, bad boolean, geom geometry, valid geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_member (i int, cluster int, block int, locked boolean, geom geometry, valid geometry) ON COMMIT DROP;
		CREATE TEMP TABLE clean_state (i int PRIMARY KEY, parent bigint, latitude float8, before geometry, blunt geometry) ON COMMIT DROP;
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
// Clean fails, naming code and place, unless the options unlock it. A gap that
// is too large to be closed is reported and left.
func Clean(ctx context.Context, tx pgx.Tx, o CleanOptions) (Cleaned, error) {
	c := cleaning{ctx: ctx, tx: tx, options: o.withDefaults()}
	if err := c.load(); err != nil {
		return Cleaned{}, err
	}
	if err := c.settle(); err != nil {
		return Cleaned{}, err
	}
	if err := c.compare(); err != nil {
		return Cleaned{}, err
	}
	if err := c.refuseLocked(); err != nil {
		return Cleaned{Changes: c.changes}, err
	}
	out := Cleaned{Changes: c.changes, Passes: c.passes}
	for _, r := range c.rows {
		out.Rows, out.Codes = append(out.Rows, r.number), append(out.Codes, r.code)
		var shape orb.MultiPolygon
		if len(r.shape) > 0 {
			shape = r.shape.Orb()
		}
		out.Shapes = append(out.Shapes, shape)
	}
	return out, nil
}

// cleaning is one call of Clean.
type cleaning struct {
	ctx     context.Context
	tx      pgx.Tx
	options CleanOptions
	rows    []cleanRow
	blocks  []*block
	origin  orb.Point // of what is compared: overlays are exact to 1e-12 of the largest coordinate
	spikes  []spike
	changes []Change
	passes  int
}

// cleanRow is one polygon; input and shape are on the lattice.
type cleanRow struct {
	number       int
	code         string
	parent       grids.CellID
	statutory    bool // marked as locked
	locked       bool // and not unlocked
	input, shape lattice.MultiPolygon
	duplicateOf  int // index of the row that it repeats, or -1
}

// block is what is cleaned together: the rows of one parent, or those without.
type block struct {
	parent lattice.MultiPolygon // nil: none
	rows   []int                // indices of rows
	done   bool
	// slack says how far the vertices that are one at a place have come.
	slack map[lattice.Point]float64
	gaps  []gap // too large to be closed
}

// mostPasses is far above what was ever seen (7).
const mostPasses = 24

func (c *cleaning) settle() error {
	for c.passes = 1; c.passes <= mostPasses; c.passes++ {
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

// load reads the rows, rounds them to the lattice and names what is invalid or
// there twice.
func (c *cleaning) load() error {
	parents := map[grids.CellID]*block{}
	var id grids.CellID
	var geom []byte
	rows, err := c.tx.Query(c.ctx, `SELECT cell_id, ST_AsEWKB(ST_Multi(geom)) FROM clean_parent ORDER BY cell_id`)
	if err != nil {
		return err
	}
	if _, err := pgx.ForEachRow(rows, []any{&id, &geom}, func() error {
		shape, err := onLattice(geom)
		parents[id] = &block{parent: shape, slack: map[lattice.Point]float64{}}
		c.blocks = append(c.blocks, parents[id])
		return err
	}); err != nil {
		return err
	}
	if err := c.loadRows(); err != nil {
		return err
	}
	for i, r := range c.rows {
		b, ok := parents[r.parent]
		if !ok {
			b = &block{slack: map[lattice.Point]float64{}}
			parents[r.parent] = b
			c.blocks = append(c.blocks, b)
		}
		b.rows = append(b.rows, i)
	}
	box := c.rows[0].input.Box()
	for _, r := range c.rows {
		box = box.Union(r.input.Box())
	}
	c.origin = box.Min.Orb()
	if err := c.nameInvalid(); err != nil {
		return err
	}
	return c.nameDuplicates()
}

func (c *cleaning) loadRows() error {
	var r cleanRow
	var geom []byte
	rows, err := c.tx.Query(c.ctx, `
		SELECT row, code, coalesce(parent, 0), locked, ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_Force2D(geom), 3)))
		FROM clean_row ORDER BY row`)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&r.number, &r.code, &r.parent, &r.statutory, &geom}, func() error {
		shape, err := onLattice(geom)
		if err != nil {
			return grids.Errorf(grids.Invalid, "geometry", "第 %d 行的坐标无效", "row %d: its coordinates are no places on the globe", r.number).
				Fix("检查坐标系", "check the coordinate system (--crs)")
		}
		if len(shape) == 0 {
			return grids.Errorf(grids.Invalid, "geometry", "第 %d 行没有面", "row %d has no area", r.number)
		}
		r.locked = r.statutory && c.options.Unlock == ""
		r.input, r.shape, r.duplicateOf = shape, clone(shape), -1
		c.rows = append(c.rows, r)
		return nil
	})
	if err == nil && len(c.rows) == 0 {
		return grids.Errorf(grids.Invalid, "file", "没有可用的网格", "there are no cells to take in")
	}
	return err
}

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
