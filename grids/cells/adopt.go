package cells

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/database"
)

// AdoptOptions say how much may be changed to make imported polygons a
// coverage. Zero values take the defaults in brackets.
type AdoptOptions struct {
	Tolerance      float64 // metres within which vertices are one place (0.1)
	MaxSegment     float64 // metres to which boundaries are densified (50)
	MaxGap         float64 // square metres of a gap that is closed (1000)
	ReplaceParents bool    // the parents become the children's union
	RetireMissing  bool    // cells of changed parents that the file doesn't name are retired
	Locked         bool    // the boundaries are statutory (法定界线): nothing moves them from now on
	Unlock         string  // why locked boundaries may move; empty: they may not
}

func (o AdoptOptions) withDefaults() AdoptOptions {
	o.Tolerance = cmp.Or(o.Tolerance, 0.1)
	o.MaxSegment = cmp.Or(o.MaxSegment, 50)
	o.MaxGap = cmp.Or(o.MaxGap, 1000)
	return o
}

// AdoptReport says what an adoption did. Cells came in or changed; unchanged ones
// were there already, identical. Differences are the first ten thousand of the
// cells and parents that were created, changed or retired, by row; Different says
// how many there are in all.
type AdoptReport struct {
	Cells, Parents, Unchanged int
	Created, Changed, Retired int // cells and parents
	Different                 int // their sum
	Findings                  []grids.Finding
	Changes                   []Change // the findings about boundaries, with what changed
	Differences               []grids.Difference
}

// NewBatch gives a key for an intake.
func NewBatch(ctx context.Context, tx pgx.Tx) (int64, error) {
	var batch int64
	err := tx.QueryRow(ctx, `SELECT nextval('cells.batch')`).Scan(&batch)
	return batch, err
}

// Adopt makes the polygons of an intake batch the cells of a tier in an open
// draft, as an exact partition: of their parents where these are there, else of
// the parents that it makes from the codes. Cells that are there already are
// brought up to date; the same batch again changes nothing. Every repair is a
// finding with its place. It fails, changing nothing, when the polygons can't
// be made to fit within the options. What was sent for a cell is kept in
// cells.sent; the versions made name the batch.
func Adopt(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, batch int64, o AdoptOptions) (AdoptReport, error) {
	a := adoption{ctx: ctx, tx: tx, t: t, edition: edition, batch: batch, options: o.withDefaults()}
	if err := a.load(); err != nil {
		return a.report, err
	}
	if _, err := tx.Exec(ctx, `SELECT set_config('unigrid.batch', $1, true)`, strconv.FormatInt(batch, 10)); err != nil {
		return a.report, err
	}
	again, err := a.again()
	if err != nil {
		return a.report, err
	}
	if !again {
		if err := a.write(); err != nil {
			return a.report, err
		}
	}
	if err := a.keep(); err != nil {
		return a.report, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM cells.intake WHERE territory_id = $1 AND batch = $2`, t.ID, batch)
	return a.report, err
}

// adoption is one call of Adopt.
type adoption struct {
	ctx     context.Context
	tx      pgx.Tx
	t       Territory
	edition grids.EditionID
	batch   int64
	options AdoptOptions
	report  AdoptReport

	tier    grids.Tier
	rows    []intakeRow           // by row number
	shapes  []orb.MultiPolygon    // theirs, where they are in memory: densified, then clean
	parents map[grids.CellID]Cell // fitted to; empty when parents are made
	byCode  map[grids.Code]Cell   // cells of the parents' tier that are there
	proven  bool                  // the shapes partition as they came
	whole   *geo.Coverage         // of the shapes, where that was proved without parents

	created  int                      // cells and parents that are new
	made     []Cell                   // the first of them, without shapes
	replaced []Cell                   // parents with another boundary
	areas    map[grids.CellID]float64 // of those, before
}

type intakeRow struct {
	Row        int
	Code       grids.Code
	Name       string
	Provenance Provenance
	ID         grids.CellID // of the cell that the adoption wrote; 0: none
}

func (a *adoption) found(f grids.Finding) {
	f.Check = "import"
	a.report.Findings = append(a.report.Findings, f)
}

// load reads what the batch names and looks for the parents.
func (a *adoption) load() error {
	rows, err := a.tx.Query(a.ctx, `SELECT row, code, name, provenance FROM cells.intake WHERE territory_id = $1 AND batch = $2 ORDER BY row`, a.t.ID, a.batch)
	if err != nil {
		return err
	}
	var r intakeRow
	var provenance string
	one := map[string]Provenance{} // so many rows share so few
	if _, err := pgx.ForEachRow(rows, []any{&r.Row, &r.Code, &r.Name, &provenance}, func() error {
		if _, ok := one[provenance]; !ok {
			one[provenance] = Provenance(provenance)
		}
		r.Provenance = one[provenance]
		a.rows = append(a.rows, r)
		return nil
	}); err != nil {
		return err
	}
	if len(a.rows) == 0 {
		return grids.Errorf(grids.Invalid, "file", "没有可用的网格", "there are no cells to take in")
	}
	if err := a.tx.QueryRow(a.ctx, `SELECT min(tier) FROM cells.intake WHERE territory_id = $1 AND batch = $2 HAVING min(tier) = max(tier)`, a.t.ID, a.batch).Scan(&a.tier); err != nil {
		return fmt.Errorf("a batch holds one tier: %w", err)
	}
	return a.loadParents()
}

// loadParents finds the cells one tier up that the batch's codes name.
func (a *adoption) loadParents() error {
	a.parents, a.byCode = map[grids.CellID]Cell{}, map[grids.Code]Cell{}
	if a.tier == 1 {
		return nil
	}
	above, err := OfTier(a.ctx, a.tx, a.t, a.edition, a.tier-1)
	if err != nil {
		return err
	}
	for _, cell := range above {
		a.byCode[cell.Code] = cell
	}
	if len(above) == 0 || a.options.ReplaceParents {
		return nil
	}
	for _, r := range a.rows {
		code := a.t.Scheme.Parent(r.Code, a.tier)
		parent, ok := a.byCode[code]
		if !ok {
			return grids.Errorf(grids.Invalid, "code", "第 %d 行:网格 %s 的上级 %s 不存在", "row %d: the parent of cell %s, %s, is not there", r.Row, r.Code, code).
				Fix("检查代码,或先导入上一级", "check the code, or import the tier above first")
		}
		a.parents[parent.ID] = parent
	}
	return nil
}

// loadShapes reads all rows' polygons.
func (a *adoption) loadShapes() error {
	all := make([]int, len(a.rows))
	for i := range all {
		all[i] = i
	}
	decode, err := a.sentShapes(all)
	if err != nil {
		return err
	}
	a.shapes, err = decode()
	return err
}

// sentShapes reads the polygons of rows, given by their indexes. They are then
// put on the lattice and densified, so that they have the vertices that densified
// parents have; that takes no database.
func (a *adoption) sentShapes(which []int) (func() ([]orb.MultiPolygon, error), error) {
	numbers := make([]int, len(which))
	for n, i := range which {
		numbers[n] = a.rows[i].Row
	}
	rows, err := a.tx.Query(a.ctx, `
		SELECT CASE WHEN GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON') AND ST_NDims(geom) = 2 THEN geom::bytea
		            ELSE ST_AsEWKB(ST_Multi(ST_CollectionExtract(ST_Force2D(geom), 3))) END
		FROM unnest($3::int[]) WITH ORDINALITY AS k (row, n)
		CROSS JOIN LATERAL (SELECT coalesce(i.geom, ST_Transform(i.source_geom, 4326)) AS geom FROM cells.intake i
		                    WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
		ORDER BY k.n`, a.t.ID, a.batch, numbers)
	if err != nil {
		return nil, err
	}
	encoded, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, err
	}
	return func() ([]orb.MultiPolygon, error) {
		shapes := make([]orb.MultiPolygon, len(encoded))
		for n, one := range encoded {
			shape, err := onLattice(one)
			if err != nil || len(shape) == 0 {
				return nil, grids.Errorf(grids.Invalid, "geometry", "第 %d 行没有面", "row %d has no area", numbers[n])
			}
			shape.Densify(a.options.MaxSegment)
			shapes[n] = shape.Orb()
		}
		return shapes, nil
	}, nil
}

// stageClean fills the tables of Clean.
func (a *adoption) stageClean() error {
	if err := PrepareClean(a.ctx, a.tx); err != nil {
		return err
	}
	ids := make([]grids.CellID, 0, len(a.parents))
	for id := range a.parents {
		ids = append(ids, id)
	}
	if _, err := a.tx.Exec(a.ctx, `INSERT INTO clean_parent SELECT cell_id, geom FROM cells.of($1, $2) WHERE cell_id = ANY($3)`, a.t.ID, a.edition, ids); err != nil {
		return err
	}
	_, err := a.tx.CopyFrom(a.ctx, pgx.Identifier{"clean_row"}, []string{"row", "code", "parent", "locked", "geom"},
		pgx.CopyFromSlice(len(a.rows), func(i int) ([]any, error) {
			r := a.rows[i]
			var parent *grids.CellID
			if len(a.parents) > 0 {
				id := a.parentOf(r).ID
				parent = &id
			}
			geom, err := database.Geometry(a.shapes[i])
			return []any{r.Row, string(r.Code), parent, a.options.Locked, geom}, err
		}))
	return err
}

// parentOf gives the cell above a row's, where it is there.
func (a *adoption) parentOf(r intakeRow) Cell { return a.byCode[a.t.Scheme.Parent(r.Code, a.tier)] }

// clean makes the batch a coverage; what can't be settled without a person is
// an error. The result is indexed like a.rows.
func (a *adoption) clean() ([]orb.MultiPolygon, error) {
	cleaned, err := Clean(a.ctx, a.tx, CleanOptions{EPSG: a.t.EPSG, Tolerance: a.options.Tolerance, MaxGap: a.options.MaxGap, Unlock: a.options.Unlock})
	a.report.Changes = cleaned.Changes
	for _, change := range cleaned.Changes {
		a.found(change.Finding())
	}
	if err != nil {
		return nil, err
	}
	for _, change := range cleaned.Changes {
		if change.Severity != grids.SeverityError {
			continue
		}
		switch row := names(change.Lost); change.Kind {
		case Duplicate:
			return nil, grids.Errorf(grids.Invalid, "geometry", "第 %d 行的网格 %s 与 %s 是同一个面", "row %d: cell %s is the same polygon as %s; nothing is left of it", change.Lost[0].Row, row, names(change.Gained)).
				Fix("删去其中一行", "delete one of the rows")
		case GapLeft:
			return nil, grids.Errorf(grids.Invalid, "geometry", "%.6f,%.6f 处有 %.0f 平方米不属于任何网格", "at %.6f,%.6f %.0f m² of the parent are in no cell", change.At[0], change.At[1], change.AreaM2).
				Fix("补齐缺失的网格,或用 --replace-parents", "add the missing cells, or use --replace-parents")
		default:
			return nil, grids.Errorf(grids.Invalid, "geometry", "第 %d 行:网格 %s 完全被其他网格覆盖", "row %d: nothing is left of cell %s; others cover it", change.Lost[0].Row, row)
		}
	}
	return geo.Densify(cleaned.Shapes, a.options.MaxSegment)
}
