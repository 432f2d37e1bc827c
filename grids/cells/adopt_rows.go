package cells

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
)

// intakeRow is a row of a batch, without its polygon.
type intakeRow struct {
	Row        int
	Code       grids.Code
	Name       string
	Provenance Provenance
}

// family is the rows below one parent.
type family struct {
	code   grids.Code // of the parent; "" at tier 1
	parent Cell       // fitted to, where parents are there
	size   int
}

// run is some families with all their rows, in order of their codes.
type run struct {
	families []family
	rows     []intakeRow
	shapes   func() ([]orb.MultiPolygon, error) // of the rows, without a database
}

// runRows is about how many rows are in memory three times over: some are read
// and some proved and measured while those before them are copied.
const runRows = 2500

// newRun puts rows, ordered by code, into families.
func (a *adoption) newRun(rows []intakeRow, shapes func() ([]orb.MultiPolygon, error)) (*run, error) {
	r := &run{rows: rows, shapes: shapes}
	for _, row := range rows {
		code := a.t.Scheme.Parent(row.Code, a.tier)
		if n := len(r.families); n == 0 || r.families[n-1].code != code {
			r.families = append(r.families, family{code: code})
		}
		r.families[len(r.families)-1].size++
	}
	if !a.fitted {
		return r, nil
	}
	parents, err := a.parentsOf(rows)
	for i := range r.families {
		r.families[i].parent = parents[r.families[i].code]
	}
	return r, err
}

// sentShape is the polygon of an intake row i, as EWKB.
const sentShape = `CASE WHEN GeometryType(i.geom) IN ('POLYGON', 'MULTIPOLYGON') AND ST_NDims(i.geom) = 2 THEN i.geom::bytea
	ELSE ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_Force2D(i.geom), 3))) END`

// Polygons of an intake row i: as it was sent, and what cleaning made of it, whose
// origin the two parameters are.
const (
	sentPolygon    = `coalesce(i.geom, ST_Transform(i.source_geom, 4326))`
	cleanedPolygon = `(SELECT ST_Translate(c.geom, $%d::float8, $%d::float8) FROM clean_after c WHERE c.i = i.row)`
)

// sentRow is a row and the polygon that was sent with it.
type sentRow struct {
	intakeRow
	shape []byte
}

func scanSentRow(row pgx.CollectableRow) (sentRow, error) {
	var r sentRow
	return r, row.Scan(&r.Row, &r.Code, &r.Name, &r.Provenance, &r.shape)
}

// batchRuns reads a batch run by run.
type batchRuns struct {
	*adoption
	ahead []sentRow // read, of runs to come
	over  bool
}

// sentRuns gives the polygons that were sent.
func (a *adoption) sentRuns() (*batchRuns, error) {
	return a.runsOf(sentPolygon)
}

// cleanedRuns gives the polygons that c made.
func (a *adoption) cleanedRuns(c *cleaning) (*batchRuns, error) {
	return a.runsOf(fmt.Sprintf(cleanedPolygon, 3, 4), c.origin[0], c.origin[1])
}

// runsOf gives a batch with polygons that are an expression of i, the intake's row.
func (a *adoption) runsOf(polygon string, args ...any) (*batchRuns, error) {
	_, err := a.tx.Exec(a.ctx, `
		DECLARE adopt_row NO SCROLL CURSOR FOR
		SELECT k.row, k.code, i.name, i.provenance, `+sentShape+`
		FROM (SELECT row, code COLLATE "C" AS code FROM cells.intake WHERE territory_id = $1 AND batch = $2 ORDER BY code COLLATE "C") k
		CROSS JOIN LATERAL (SELECT i.name, i.provenance, `+polygon+` AS geom FROM cells.intake i
		                    WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
		ORDER BY k.code`, append([]any{a.t.ID, a.batch}, args...)...)
	return &batchRuns{adoption: a}, err
}

// next gives the next run, nil after the last.
func (s *batchRuns) next() (*run, error) {
	whole := 0 // rows of families that are read to their end
	for !s.over && whole < runRows {
		rows, err := s.tx.Query(s.ctx, fmt.Sprintf(`FETCH %d FROM adopt_row`, runRows))
		if err != nil {
			return nil, err
		}
		read, err := pgx.CollectRows(rows, scanSentRow)
		if err != nil {
			return nil, err
		}
		s.ahead = append(s.ahead, read...)
		if s.over = len(read) < runRows; s.over {
			if _, err := s.tx.Exec(s.ctx, `CLOSE adopt_row`); err != nil {
				return nil, err
			}
		}
		for whole = len(s.ahead); !s.over && whole > 0 && s.sameFamily(s.ahead[whole-1].Code, s.ahead[len(s.ahead)-1].Code); {
			whole--
		}
	}
	if s.over {
		whole = len(s.ahead)
	}
	if whole == 0 {
		return nil, nil
	}
	sent := s.ahead[:whole]
	s.ahead = slices.Clone(s.ahead[whole:])
	rows := make([]intakeRow, len(sent))
	for i, r := range sent {
		rows[i] = r.intakeRow
	}
	return s.newRun(rows, func() ([]orb.MultiPolygon, error) { return s.decode(sent) })
}

func (a *adoption) sameFamily(c, d grids.Code) bool {
	return a.tier == 1 || a.t.Scheme.Significant(c, a.tier-1) == a.t.Scheme.Significant(d, a.tier-1)
}

// decode puts polygons on the lattice and densifies them, so that they have the
// vertices that densified parents have.
func (a *adoption) decode(sent []sentRow) ([]orb.MultiPolygon, error) {
	shapes := make([]orb.MultiPolygon, len(sent))
	for i, r := range sent {
		shape, err := onLattice(r.shape)
		if err != nil || len(shape) == 0 {
			return nil, grids.Errorf(grids.Invalid, "geometry", "第 %d 行没有面", "row %d has no area", r.Row)
		}
		shape.Densify(a.options.MaxSegment)
		shapes[i] = shape.Orb()
	}
	return shapes, nil
}

// loadRows brings the rows of the given numbers into memory, with the polygons that
// were sent or that c made, and the parents to which they are fitted.
func (a *adoption) loadRows(numbers []int, c *cleaning) error {
	polygon, args := sentPolygon, []any{a.t.ID, a.batch, numbers}
	if c != nil {
		polygon, args = fmt.Sprintf(cleanedPolygon, 4, 5), append(args, c.origin[0], c.origin[1])
	}
	rows, err := a.tx.Query(a.ctx, `
		SELECT i.row, i.code, i.name, i.provenance, `+sentShape+`
		FROM (SELECT i.row, i.code, i.name, i.provenance, `+polygon+` AS geom
		      FROM unnest($3::int[]) k (row) JOIN cells.intake i ON i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
		ORDER BY i.row`, args...)
	if err != nil {
		return err
	}
	sent, err := pgx.CollectRows(rows, scanSentRow)
	if err != nil {
		return err
	}
	if a.shapes, err = a.decode(sent); err != nil {
		return err
	}
	a.rows = make([]intakeRow, len(sent))
	for i, r := range sent {
		a.rows[i] = r.intakeRow
	}
	if a.fitted {
		a.parents, err = a.parentsOf(a.rows)
	}
	return err
}

// loadedRuns gives the rows in memory run by run.
type loadedRuns struct {
	*adoption
	order []int // of the rows that are left, by code
}

func (a *adoption) loadedRuns() *loadedRuns {
	order := make([]int, len(a.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(a.rows[i].Code, a.rows[j].Code) })
	return &loadedRuns{a, order}
}

// next gives the next run, nil after the last.
func (l *loadedRuns) next() (*run, error) {
	var rows []intakeRow
	var shapes []orb.MultiPolygon
	for len(l.order) > 0 {
		row := l.rows[l.order[0]]
		if n := len(rows); n >= runRows && !l.sameFamily(rows[n-1].Code, row.Code) {
			break
		}
		rows, shapes = append(rows, row), append(shapes, l.shapes[l.order[0]])
		l.order = l.order[1:]
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return l.newRun(rows, func() ([]orb.MultiPolygon, error) { return shapes, nil })
}

// parentsOf gives the cells that are there right above rows, by code.
func (a *adoption) parentsOf(rows []intakeRow) (map[grids.Code]Cell, error) {
	var codes []grids.Code
	for _, row := range rows {
		codes = append(codes, a.t.Scheme.Parent(row.Code, a.tier))
	}
	slices.Sort(codes)
	return a.cellsOf(a.tier-1, slices.Compact(codes))
}

// cellsOf gives those of some codes that are there in a tier.
func (a *adoption) cellsOf(tier grids.Tier, codes []grids.Code) (map[grids.Code]Cell, error) {
	rows, err := a.tx.Query(a.ctx, selectCell+`cells.of($1, $2) v WHERE v.tier = $3 AND v.code = ANY ($4)`, a.t.ID, a.edition, tier, codes)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scanCell)
	found := make(map[grids.Code]Cell, len(list))
	for _, cell := range list {
		found[cell.Code] = cell
	}
	return found, err
}
