package cells

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

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

	// Told is given each change that cleaning made, as it is found out; an error
	// ends the adoption. nil: the report holds them.
	Told func(Change) error `json:"-"`
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
	Created, Changed, Retired int             // cells and parents
	Different                 int             // their sum
	Findings                  []grids.Finding // without those of changes that were told
	Changes                   []Change        // the findings about boundaries, with what changed
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
	if err := a.tell(); err != nil {
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

	tier       grids.Tier
	count      int          // of rows
	provenance Provenance   // of the first row, and of parents that are made
	fitted     bool         // parents are there and stay; else they are made
	above      []parentTier // the first first, where they are made

	// Where not all rows pass through memory a run at a time:
	rows    []intakeRow         // by row number
	shapes  []orb.MultiPolygon  // theirs: densified, then clean
	parents map[grids.Code]Cell // theirs, where fitted
	proven  bool                // the shapes partition as they came

	created     int                      // cells that are new
	made        []grids.Difference       // the first of them, by code
	parentsMade []Cell                   // without shapes
	replaced    []Cell                   // parents with another boundary, without it
	areas       map[grids.CellID]float64 // of those, before
}

func (a *adoption) found(f grids.Finding) {
	f.Check = "import"
	a.report.Findings = append(a.report.Findings, f)
}

// load says what the batch holds and makes sure that the cells which its codes
// name as parents are there, where there are any.
func (a *adoption) load() error {
	var lowest, highest *grids.Tier
	if err := a.tx.QueryRow(a.ctx, `
		SELECT count(*), min(tier), max(tier),
		       coalesce((SELECT i.provenance FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 ORDER BY i.row LIMIT 1), '')
		FROM cells.intake WHERE territory_id = $1 AND batch = $2`, a.t.ID, a.batch).Scan(&a.count, &lowest, &highest, &a.provenance); err != nil {
		return err
	}
	if a.count == 0 {
		return grids.Errorf(grids.Invalid, "file", "没有可用的网格", "there are no cells to take in")
	}
	if a.tier = *lowest; a.tier != *highest {
		return fmt.Errorf("a batch holds one tier, not %d and %d", *lowest, *highest)
	}
	if a.tier == 1 {
		return nil
	}
	some, err := HasTier(a.ctx, a.tx, a.t, a.edition, a.tier-1)
	if a.fitted = some && !a.options.ReplaceParents; err != nil || !a.fitted {
		return err
	}
	var row int
	var code grids.Code
	err = a.tx.QueryRow(a.ctx, `
		SELECT i.row, i.code FROM cells.intake i
		WHERE i.territory_id = $1 AND i.batch = $2
		  AND left(i.code, $5) NOT IN (SELECT left(v.code, $5) FROM cells.of($1, $3) v WHERE v.tier = $4)
		ORDER BY i.row LIMIT 1`, a.t.ID, a.batch, a.edition, a.tier-1, a.t.Scheme.Lengths[a.tier-2]).Scan(&row, &code)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return grids.Errorf(grids.Invalid, "code", "第 %d 行:网格 %s 的上级 %s 不存在", "row %d: the parent of cell %s, %s, is not there", row, code, a.t.Scheme.Parent(code, a.tier)).
		Fix("检查代码,或先导入上一级", "check the code, or import the tier above first")
}

// stageClean fills the tables of Clean with runs.
func (a *adoption) stageClean(next func() (*run, error)) error {
	if err := PrepareClean(a.ctx, a.tx); err != nil {
		return err
	}
	return a.stageRuns(next)
}

func (a *adoption) stageRuns(next func() (*run, error)) error {
	for {
		r, err := next()
		if err != nil || r == nil {
			return err
		}
		if err := a.stageRun(r); err != nil {
			return err
		}
	}
}

func (a *adoption) stageRun(r *run) error {
	shapes, err := r.shapes()
	if err != nil {
		return err
	}
	parents := map[grids.Code]grids.CellID{}
	if a.fitted {
		ids := make([]grids.CellID, len(r.families))
		for i, f := range r.families {
			ids[i], parents[f.code] = f.parent.ID, f.parent.ID
		}
		if _, err := a.tx.Exec(a.ctx, `INSERT INTO clean_parent SELECT cell_id, geom FROM cells.of($1, $2) WHERE cell_id = ANY($3)`, a.t.ID, a.edition, ids); err != nil {
			return err
		}
	}
	_, err = a.tx.CopyFrom(a.ctx, pgx.Identifier{"clean_row"}, []string{"row", "code", "parent", "locked", "geom"},
		pgx.CopyFromSlice(len(r.rows), func(i int) ([]any, error) {
			row := r.rows[i]
			var parent *grids.CellID
			if id, ok := parents[a.t.Scheme.Parent(row.Code, a.tier)]; ok {
				parent = &id
			}
			geom, err := database.Geometry(shapes[i])
			return []any{row.Row, string(row.Code), parent, a.options.Locked, geom}, err
		}))
	return err
}

// clean makes the staged rows a coverage, keeping some if there are any to keep;
// what can't be settled without a person is an error.
func (a *adoption) clean(keep *keeping) (*cleaning, error) {
	var failed *Change // the first
	var changes []Change
	c, err := clean(a.ctx, a.tx, CleanOptions{EPSG: a.t.EPSG, Tolerance: a.options.Tolerance, MaxGap: a.options.MaxGap, Unlock: a.options.Unlock, keeping: keep,
		told: func(change Change) error {
			if failed == nil && change.Severity == grids.SeverityError {
				failed = &change
			}
			if a.options.Told != nil {
				return a.options.Told(change)
			}
			changes = append(changes, change)
			return nil
		}})
	a.report.Changes = append(c.opening, changes...)
	for _, change := range a.report.Changes {
		a.found(change.Finding())
	}
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, unclean(*failed)
	}
	return c, nil
}

// unclean says what a person has to settle.
func unclean(change Change) error {
	switch row := names(change.Lost); change.Kind {
	case Duplicate:
		return grids.Errorf(grids.Invalid, "geometry", "第 %d 行的网格 %s 与 %s 是同一个面", "row %d: cell %s is the same polygon as %s; nothing is left of it", change.Lost[0].Row, row, names(change.Gained)).
			Fix("删去其中一行", "delete one of the rows")
	case GapLeft:
		return grids.Errorf(grids.Invalid, "geometry", "%.6f,%.6f 处有 %.0f 平方米不属于任何网格", "at %.6f,%.6f %.0f m² of the parent are in no cell", change.At[0], change.At[1], change.AreaM2).
			Fix("补齐缺失的网格,或用 --replace-parents", "add the missing cells, or use --replace-parents")
	default:
		return grids.Errorf(grids.Invalid, "geometry", "第 %d 行:网格 %s 完全被其他网格覆盖", "row %d: nothing is left of cell %s; others cover it", change.Lost[0].Row, row)
	}
}
