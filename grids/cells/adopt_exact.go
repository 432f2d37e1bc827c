package cells

import (
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
	"unigrid/grids"
)

// exact gives the rows' polygons, rounded and densified, when they partition as
// they came, so that Clean would find nothing to do and nothing to say: it has
// only memory to walk through, and is what makes a country's villages go in as
// fast as they can be written. ok is false where Clean has to look, or where
// cells of the tier are there already.
func (a *adoption) exact() (shapes []orb.MultiPolygon, ok bool, err error) {
	var there bool
	if err := a.tx.QueryRow(a.ctx, `
		SELECT EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.tier = $3)`, a.t.ID, a.edition, a.tier).Scan(&there); err != nil || there {
		return nil, false, err
	}
	if shapes, err = a.rounded(); err != nil || shapes == nil {
		return nil, false, err
	}
	if len(a.parents) > 0 {
		return shapes, a.fitsExactly(shapes), nil
	}
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		return nil, false, nil
	}
	var open []lattice.Segment
	for _, f := range coverage.Validate(nil) {
		if f.Kind != geo.Unmatched {
			return nil, false, nil
		}
		s, err := segmentOf(f)
		if err != nil {
			return nil, false, err
		}
		open = append(open, s.Reverse())
	}
	if !a.simple(open) {
		return nil, false, nil
	}
	a.proven = coverage
	return shapes, true, nil
}

// rounded reads the rows in order; nil where one has no area or no place on the
// globe, for Clean to say.
func (a *adoption) rounded() ([]orb.MultiPolygon, error) {
	rows, err := a.tx.Query(a.ctx, `
		SELECT ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_Force2D(geom), 3))) FROM cells.intake
		WHERE territory_id = $1 AND batch = $2 ORDER BY row`, a.t.ID, a.batch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	shapes := make([]orb.MultiPolygon, 0, len(a.rows))
	for rows.Next() {
		shape, err := onLattice(rows.RawValues()[0])
		if err != nil || len(shape) == 0 {
			return nil, nil
		}
		shapes = append(shapes, dense(shape, a.options.MaxSegment).Orb())
	}
	return shapes, rows.Err()
}

// dense is geo.Densify of one shape that is on the lattice already.
func dense(m lattice.MultiPolygon, metres float64) lattice.MultiPolygon {
	for _, p := range m {
		for j, r := range p {
			out := make(lattice.Ring, 0, len(r))
			for k, from := range r {
				s := lattice.Segment{A: from, B: r[(k+1)%len(r)]}
				out = append(append(out, from), s.Split(metres)...)
			}
			p[j] = out
		}
	}
	return m
}

// fitsExactly tells whether the shapes partition their parents vertex by vertex.
func (a *adoption) fitsExactly(shapes []orb.MultiPolygon) bool {
	children := map[grids.CellID][]orb.MultiPolygon{}
	for i, r := range a.rows {
		parent := a.byCode[a.t.Scheme.Parent(r.Code, a.tier)].ID
		children[parent] = append(children[parent], shapes[i])
	}
	for id, parent := range a.parents {
		coverage, err := geo.NewCoverage(children[id])
		if err != nil || len(coverage.Validate(parent.Geom)) > 0 {
			return false
		}
	}
	return true
}

// simple tells whether the boundary of everything, with the outside to the left,
// has no hole, and no notch or spike within the tolerance of itself.
func (a *adoption) simple(open []lattice.Segment) bool {
	c := cleaning{options: CleanOptions{Tolerance: a.options.Tolerance, MaxGap: a.options.MaxGap}}
	gaps, err := c.gapsOf(&block{}, open)
	if err != nil || len(gaps) > 0 {
		return false
	}
	grid := lattice.NewGrid(open)
	for _, s := range open {
		clear := true
		grid.Near(around(s.A, a.options.Tolerance), func(i int) bool {
			o := open[i]
			if o.A == s.A || o.B == s.A {
				return true
			}
			_, metres := beside(o, s.A)
			clear = metres > a.options.Tolerance
			return clear
		})
		if !clear {
			return false
		}
	}
	return true
}
