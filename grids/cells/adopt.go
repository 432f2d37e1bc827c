package cells

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/database"
)

// Metres in a degree of latitude, for tolerances.
const metresPerDegree = 111320

// AdoptOptions say how much may be changed to make imported polygons a
// coverage. Zero values take the defaults in brackets.
type AdoptOptions struct {
	Tolerance      float64 // metres within which vertices are one place (0.1)
	MaxSegment     float64 // metres to which boundaries are densified (50)
	MaxGap         float64 // square metres of a gap that is closed (1000)
	ReplaceParents bool    // the parents become the children's union
}

func (o AdoptOptions) withDefaults() AdoptOptions {
	o.Tolerance = cmp.Or(o.Tolerance, 0.1)
	o.MaxSegment = cmp.Or(o.MaxSegment, 50)
	o.MaxGap = cmp.Or(o.MaxGap, 1000)
	return o
}

// AdoptReport says what an adoption did. Unchanged cells were there already,
// identical.
type AdoptReport struct {
	Cells, Parents, Unchanged int
	Findings                  []grids.Finding
}

// NewBatch gives a key for an intake.
func NewBatch(ctx context.Context, tx pgx.Tx) (int64, error) {
	var batch int64
	err := tx.QueryRow(ctx, `SELECT nextval('cells.batch')`).Scan(&batch)
	return batch, err
}

// Adopt makes the polygons of an intake batch the cells of a tier in an open
// draft, as an exact partition: of their parents where these are there as
// leaves, else of the parents that it makes from the codes. Every repair is a
// finding with its place. It fails, changing nothing, when the polygons can't
// be made to fit within the options.
func Adopt(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, batch int64, o AdoptOptions) (AdoptReport, error) {
	a := adoption{ctx: ctx, tx: tx, t: t, edition: edition, batch: batch, options: o.withDefaults()}
	if err := a.load(); err != nil {
		return a.report, err
	}
	unchanged, err := a.unchanged()
	if err != nil || unchanged {
		return a.report, err
	}
	faces, err := a.faces()
	if err != nil {
		return a.report, err
	}
	shapes, err := a.assign(faces)
	if err != nil {
		return a.report, err
	}
	if err := a.write(shapes); err != nil {
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
	index   map[int]int           // row number -> index in rows
	parents map[grids.CellID]Cell // fitted to; empty when parents are made
	byCode  map[grids.Code]Cell   // cells of the parents' tier that are there
}

type intakeRow struct {
	Row        int
	Code       grids.Code
	Name       string
	Provenance Provenance
}

func (a *adoption) found(f grids.Finding) {
	f.Check = "import"
	a.report.Findings = append(a.report.Findings, f)
}

// load reads the batch, repairs what is invalid, and looks for the parents.
func (a *adoption) load() error {
	rows, err := a.tx.Query(a.ctx, `SELECT row, code, name, provenance FROM cells.intake WHERE territory_id = $1 AND batch = $2 ORDER BY row`, a.t.ID, a.batch)
	if err != nil {
		return err
	}
	if a.rows, err = pgx.CollectRows(rows, pgx.RowToStructByPos[intakeRow]); err != nil {
		return err
	}
	if len(a.rows) == 0 {
		return grids.Errorf(grids.Invalid, "file", "没有可用的网格", "there are no cells to take in")
	}
	a.index = make(map[int]int, len(a.rows))
	for i, r := range a.rows {
		a.index[r.Row] = i
	}
	if err := a.tx.QueryRow(a.ctx, `SELECT min(tier) FROM cells.intake WHERE territory_id = $1 AND batch = $2 HAVING min(tier) = max(tier)`, a.t.ID, a.batch).Scan(&a.tier); err != nil {
		return fmt.Errorf("a batch holds one tier: %w", err)
	}
	if err := a.loadParents(); err != nil {
		return err
	}
	return a.loadGeometry()
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

func (a *adoption) loadGeometry() error {
	_, err := a.tx.Exec(a.ctx, `
		DROP TABLE IF EXISTS pg_temp.adopt_row, pg_temp.adopt_parent, pg_temp.adopt_vertex;
		CREATE TEMP TABLE adopt_vertex (owner bigint, ring int[], i int, x bigint, y bigint, to_x bigint, to_y bigint) ON COMMIT DROP;
		CREATE TEMP TABLE adopt_row (row int, parent bigint, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE adopt_parent (cell_id bigint, geom geometry) ON COMMIT DROP`)
	if err != nil {
		return err
	}
	rows, err := a.tx.Query(a.ctx, `
		SELECT i.row, i.code, d.reason, coalesce(ST_X(d.location), 0), coalesce(ST_Y(d.location), 0)
		FROM cells.intake i, ST_IsValidDetail(i.geom) d
		WHERE i.territory_id = $1 AND i.batch = $2 AND NOT d.valid ORDER BY i.row`, a.t.ID, a.batch)
	if err != nil {
		return err
	}
	if _, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		f := grids.Finding{Kind: "invalid", Severity: grids.SeverityRepair, Lon: new(float64), Lat: new(float64)}
		err := row.Scan(&f.Row, &f.Code, &f.Message, f.Lon, f.Lat)
		f.Message = "invalid polygon repaired: " + f.Message
		a.found(f)
		return struct{}{}, err
	}); err != nil {
		return err
	}
	ids := make([]grids.CellID, 0, len(a.parents))
	for id := range a.parents {
		ids = append(ids, id)
	}
	if _, err := a.tx.Exec(a.ctx, `INSERT INTO adopt_parent SELECT cell_id, geom FROM cells.of($1, $2) WHERE cell_id = ANY($3)`, a.t.ID, a.edition, ids); err != nil {
		return err
	}
	_, err = a.tx.Exec(a.ctx, `
		INSERT INTO adopt_row
		SELECT i.row, p.cell_id, ST_CollectionExtract(ST_MakeValid(i.geom, 'method=structure'), 3)
		FROM cells.intake i
		LEFT JOIN (SELECT cell_id, code FROM cells.of($1, $3) WHERE cell_id = ANY($4)) p
		  ON left(p.code, $5) = left(i.code, $5)
		WHERE i.territory_id = $1 AND i.batch = $2`, a.t.ID, a.batch, a.edition, ids, a.parentDigits())
	if err != nil {
		return err
	}
	var empty []int
	if err := a.tx.QueryRow(a.ctx, `SELECT coalesce(array_agg(row ORDER BY row), '{}') FROM adopt_row WHERE geom IS NULL OR ST_IsEmpty(geom)`).Scan(&empty); err != nil {
		return err
	}
	if len(empty) > 0 {
		return grids.Errorf(grids.Invalid, "geometry", "第 %v 行没有面", "rows %v have no area", empty)
	}
	return a.densifyRows()
}

// densifyRows gives the rows the vertices that densified neighbours and parents
// have, before anything is snapped to them.
func (a *adoption) densifyRows() error {
	rows, err := a.tx.Query(a.ctx, `SELECT ST_AsEWKB(ST_Multi(geom)) FROM adopt_row ORDER BY row`)
	if err != nil {
		return err
	}
	shapes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (orb.MultiPolygon, error) {
		var geom []byte
		if err := row.Scan(&geom); err != nil {
			return nil, err
		}
		return database.MultiPolygon(geom)
	})
	if err != nil {
		return err
	}
	if shapes, err = geo.Densify(shapes, a.options.MaxSegment); err != nil {
		return fmt.Errorf("densifying: %w", err)
	}
	encoded := make([][]byte, len(shapes))
	for i, shape := range shapes {
		if encoded[i], err = database.Geometry(shape); err != nil {
			return err
		}
	}
	if _, err := a.tx.Exec(a.ctx, `
		UPDATE adopt_row SET geom = ST_GeomFromEWKB(d.geom)
		FROM (SELECT row, row_number() OVER (ORDER BY row) AS n FROM adopt_row) r
		JOIN unnest($1::bytea[]) WITH ORDINALITY d (geom, n) USING (n)
		WHERE r.row = adopt_row.row`, encoded); err != nil {
		return err
	}
	_, err = a.tx.Exec(a.ctx, `
		CREATE INDEX ON adopt_row USING gist (geom);
		CREATE INDEX ON adopt_parent USING gist (geom);
		ANALYZE adopt_row; ANALYZE adopt_parent`)
	return err
}

// parentDigits is how many digits a code shares with its parent's.
func (a *adoption) parentDigits() int {
	if a.tier == 1 {
		return 0
	}
	return a.t.Scheme.Lengths[a.tier-2]
}

// unchanged tells whether the batch was adopted before, from the same file: it
// compares area by area with what is there.
func (a *adoption) unchanged() (bool, error) {
	var there, same, below int
	err := a.tx.QueryRow(a.ctx, `
		SELECT count(*), count(*) FILTER (WHERE v.name = i.name
		         AND ST_Area(ST_SymDifference(v.geom, r.geom)) < 1e-6 * ST_Area(v.geom)),
		       count(*) FILTER (WHERE EXISTS (SELECT FROM cells.of($1, $3) c WHERE c.parent_id = v.cell_id))
		FROM cells.intake i JOIN adopt_row r USING (row)
		JOIN cells.of($1, $3) v ON v.code = i.code AND v.tier = i.tier
		WHERE i.territory_id = $1 AND i.batch = $2`, a.t.ID, a.batch, a.edition).Scan(&there, &same, &below)
	switch {
	case err != nil:
		return false, err
	case there == 0:
		return false, nil
	case there == len(a.rows) && same == there:
		a.report.Unchanged = there
		return true, nil
	case below > 0:
		return false, grids.Errorf(grids.Conflict, "tier", "%d 个网格已有下级,不能从文件改边界", "%d cells have children already; their boundaries can't be changed from a file", below).
			Fix("先导入或重画下级", "import the children with --replace-parents instead")
	default:
		return false, grids.Errorf(grids.Conflict, "code", "%d 个代码已存在且边界不同", "%d codes are there already with other boundaries or names", there-same).
			Fix("发布前撤回草案,或用另一文件", "start from a territory without this tier")
	}
}

// face is one piece of the noded plane.
type face struct {
	n      int
	shape  orb.MultiPolygon
	inside orb.Point
	m2     float64
	parent grids.CellID // 0: in none
	row    int          // 0: claimed by none
	claims int
}

//go:embed adopt_snap.sql
var adoptSnap string

//go:embed adopt_faces.sql
var adoptFaces string

//go:embed adopt_moved.sql
var adoptMoved string

func (a *adoption) faces() ([]face, error) {
	if _, err := a.tx.Exec(a.ctx, adoptSnap, a.options.Tolerance/metresPerDegree); err != nil {
		return nil, err
	}
	rows, err := a.tx.Query(a.ctx, adoptMoved)
	if err != nil {
		return nil, err
	}
	if _, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		f := grids.Finding{Kind: "snapped", Severity: grids.SeverityRepair, Lon: new(float64), Lat: new(float64)}
		var count int
		var most float64
		err := row.Scan(&f.Row, &count, &most, f.Lon, f.Lat)
		if err == nil {
			f.Code = string(a.rows[a.index[f.Row]].Code)
			f.Message = fmt.Sprintf("%d vertices were up to %.4f m off a neighbour's and are now one", count, most)
			a.found(f)
		}
		return struct{}{}, err
	}); err != nil {
		return nil, err
	}
	rows, err = a.tx.Query(a.ctx, adoptFaces)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (face, error) {
		var f face
		var geom []byte
		err := row.Scan(&f.n, &geom, &f.inside[0], &f.inside[1], &f.m2, &f.parent, &f.row, &f.claims)
		if err != nil {
			return f, err
		}
		f.shape, err = database.MultiPolygon(geom)
		return f, err
	})
}

// assign gives each face to a row and unites them; the result is indexed like
// a.rows.
func (a *adoption) assign(faces []face) ([]orb.MultiPolygon, error) {
	fitted := len(a.parents) > 0
	shapes := make([]orb.MultiPolygon, len(faces))
	groups := make([]int, len(faces))
	var gaps []int
	for i, f := range faces {
		shapes[i], groups[i] = f.shape, -1
		at := grids.Finding{Lon: &f.inside[0], Lat: &f.inside[1], AreaM2: f.m2, Severity: grids.SeverityRepair}
		switch {
		case fitted && f.parent == 0:
			if f.row != 0 || f.m2 > 0 {
				at.Kind, at.Message = "trimmed", fmt.Sprintf("%.3f m² outside the parents cut off", f.m2)
				a.found(at)
			}
		case f.row == 0:
			gaps = append(gaps, i)
		default:
			groups[i] = a.index[f.row]
			if f.claims > 1 {
				at.Kind, at.Row, at.Code = "overlap", f.row, string(a.rows[groups[i]].Code)
				at.Message = fmt.Sprintf("%.3f m² claimed by %d cells given to %s", f.m2, f.claims, at.Code)
				a.found(at)
			}
		}
	}
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		return nil, fmt.Errorf("faces: %w", err)
	}
	if err := a.closeGaps(faces, groups, gaps, coverage.Neighbours()); err != nil {
		return nil, err
	}
	united, err := coverage.Dissolve(groups)
	if err != nil {
		return nil, fmt.Errorf("uniting faces: %w", err)
	}
	for i := range a.rows {
		if i >= len(united) || len(united[i]) == 0 {
			return nil, grids.Errorf(grids.Invalid, "geometry", "第 %d 行:网格 %s 完全被其他网格覆盖", "row %d: nothing is left of cell %s; others cover it", a.rows[i].Row, a.rows[i].Code)
		}
	}
	return geo.Densify(united[:len(a.rows)], a.options.MaxSegment)
}

// closeGaps gives each gap that is small enough to the cell that it shares the
// longest border with, within the same parent.
func (a *adoption) closeGaps(faces []face, groups, gaps []int, borders []geo.Border) error {
	longest := func(gap int) int {
		best, metres := -1, 0.0
		for _, b := range borders {
			other := b.A + b.B - gap
			if (b.A == gap || b.B == gap) && groups[other] >= 0 && faces[other].parent == faces[gap].parent && b.Metres > metres {
				best, metres = groups[other], b.Metres
			}
		}
		return best
	}
	slices.SortFunc(gaps, func(i, j int) int { return cmp.Compare(faces[i].m2, faces[j].m2) })
	for _, gap := range gaps {
		f := faces[gap]
		finding := grids.Finding{Kind: "gap", Lon: &f.inside[0], Lat: &f.inside[1], AreaM2: f.m2, Severity: grids.SeverityRepair}
		to := longest(gap)
		switch {
		case f.m2 <= a.options.MaxGap && to >= 0:
			groups[gap] = to
			finding.Code, finding.Row = string(a.rows[to].Code), a.rows[to].Row
			finding.Message = fmt.Sprintf("gap of %.3f m² given to %s", f.m2, finding.Code)
		case f.parent == 0:
			finding.Severity = grids.SeverityWarning
			finding.Message = fmt.Sprintf("gap of %.0f m² left open: it belongs to no cell", f.m2)
		default:
			return grids.Errorf(grids.Invalid, "geometry", "%.6f,%.6f 处有 %.0f 平方米不属于任何网格", "at %.6f,%.6f %.0f m² of the parent are in no cell", f.inside[0], f.inside[1], f.m2).
				Fix("补齐缺失的网格,或用 --replace-parents", "add the missing cells, or use --replace-parents")
		}
		a.found(finding)
	}
	return nil
}
