package cells

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
	"unigrid/grids"
	"unigrid/grids/database"
)

//go:embed adopt_there.sql
var thereSQL string

//go:embed adopt_unmoved.sql
var unmovedSQL string

//go:embed adopt_differences.sql
var differencesSQL string

//go:embed adopt_rename.sql
var renameSQL string

// known is what a row is to the cells that are there, or a cell of its family
// that no row names (Row is 0).
type known struct {
	Row     int
	ID      grids.CellID // 0: nobody ever had the code
	Code    grids.Code
	Family  string // the digits of the code that name the parent
	State   string // new, there or missing
	Other   bool   // name, provenance, lock or further columns are others
	Touched bool   // the boundaries of its family may change
	Locked  bool   // a missing one's boundary is locked or disputed
	Differs bool   // the row's area is another than the cell's
	Resent  bool   // the row has the geometry that the cell was made of
	Below   bool   // it has children
}

// keeps tells whether the cell's boundary stays whatever the other rows do.
func (k known) keeps() bool {
	return k.State == "there" && (!k.Differs || k.Resent && k.Below)
}

// renewal is what a batch changes in a part of the cells that are there: some
// families, whole.
type renewal struct {
	known   []known
	byRow   map[int]known         // those that rows name
	old     map[grids.CellID]Cell // of touched families
	created []Cell
	revived []Cell // had the code before, have their own ids
	redrawn []Cell
	renamed []known        // their boundaries stay
	retired []grids.CellID // no row names them
}

// again brings the cells of a tier that are there up to date with a batch that
// names some of them, and tells whether there was any. Cells of another name are
// renamed, those of another boundary redrawn within their parents, new codes come
// in, and cells of a changed family that no row names are retired if the options
// say so. A family whose boundaries are all the same stays as it is.
func (a *adoption) again() (bool, error) {
	list, err := a.there()
	if err != nil || list == nil {
		return false, err
	}
	if err := a.mayChange(list); err != nil {
		return true, err
	}
	parts := a.partsOf(list)
	c, err := a.fitTouched(parts)
	if err != nil {
		return true, err
	}
	if err := a.prepareChange(); err != nil {
		return true, err
	}
	for _, part := range parts {
		r, err := a.renew(part, c)
		if err != nil {
			return true, err
		}
		if err := a.stageDifferences(r); err != nil {
			return true, err
		}
		if err := a.replaceCells(r); err != nil {
			return true, err
		}
	}
	a.report.Unchanged = a.count - a.report.Cells
	return true, a.keepWritten(list)
}

// keepWritten keeps what was sent for the cells that were written.
func (a *adoption) keepWritten(list []known) error {
	rows, err := a.tx.Query(a.ctx, `SELECT code, cell_id FROM cells.version WHERE territory_id = $1 AND batch = $2 AND from_edition = $3 AND tier = $4`, a.t.ID, a.batch, a.edition, a.tier)
	if err != nil {
		return err
	}
	written := map[grids.Code]grids.CellID{}
	var code grids.Code
	var id grids.CellID
	if _, err := pgx.ForEachRow(rows, []any{&code, &id}, func() error { written[code] = id; return nil }); err != nil {
		return err
	}
	var numbers []int
	var ids []grids.CellID
	for _, k := range list {
		if id, ok := written[k.Code]; ok && k.Row > 0 {
			numbers, ids = append(numbers, k.Row), append(ids, id)
		}
	}
	return a.keepSent(numbers, ids)
}

// there asks what the rows are to the cells of their tier; nil: they name none.
func (a *adoption) there() ([]known, error) {
	family := 0
	if a.fitted {
		family = a.t.Scheme.Lengths[a.tier-2]
	}
	var some bool
	if err := a.tx.QueryRow(a.ctx, `
		SELECT EXISTS (SELECT FROM cells.version v WHERE v.territory_id = $1 AND v.tier = $3
		  AND left(v.code, $4) IN (SELECT left(i.code, $4) FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2))`,
		a.t.ID, a.batch, a.tier, family).Scan(&some); err != nil || !some {
		return nil, err
	}
	if _, err := a.tx.Exec(a.ctx, `UPDATE cells.intake SET geom = ST_Transform(source_geom, 4326)
		WHERE territory_id = $1 AND batch = $2 AND geom IS NULL`, a.t.ID, a.batch); err != nil {
		return nil, err
	}
	rows, err := a.tx.Query(a.ctx, thereSQL, a.t.ID, a.batch, a.edition, a.tier, family, a.options.Locked, a.options.RetireMissing)
	if err != nil {
		return nil, fmt.Errorf("cells that are there: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[known])
	if err != nil {
		return nil, fmt.Errorf("cells that are there: %w", err)
	}
	if len(found) == a.count && !slices.ContainsFunc(found, func(k known) bool { return k.ID != 0 }) {
		return nil, nil
	}
	return append([]known{}, found...), nil
}

// mayChange refuses what can't be brought up to date from a file.
func (a *adoption) mayChange(list []known) error {
	var below, missing, held, locked []string
	for _, k := range list {
		gone := k.State == "missing" && k.Touched
		switch {
		case gone && !a.options.RetireMissing:
			missing = append(missing, string(k.Code))
		case gone && k.Below:
			held = append(held, string(k.Code))
		case gone && k.Locked && a.options.Unlock == "":
			locked = append(locked, string(k.Code))
		case k.State == "there" && k.Below && !k.keeps():
			below = append(below, fmt.Sprintf("%s (%d)", k.Code, k.Row))
		}
	}
	switch {
	case len(missing) > 0:
		return grids.Errorf(grids.Conflict, "code", "文件中缺少 %d 个已有网格,而同一上级的边界有改动:%s", "%d cells are there that the file doesn't name, under parents whose cells it changes: %s", len(missing), firstOf(missing)).
			Fix("补入文件;若已撤销,用 --retire-missing(retire_missing)", "add them to the file, or retire them with --retire-missing (retire_missing)")
	case len(held) > 0:
		return grids.Errorf(grids.Conflict, "code", "%d 个文件中没有的网格还有下级,不能撤销:%s", "%d cells that the file doesn't name have children and can't be retired: %s", len(held), firstOf(held)).
			Fix("补入文件,或先用下级的文件改动其下级", "add them to the file, or change their children first, with a file of that tier")
	case len(locked) > 0:
		return grids.Errorf(grids.Conflict, "locked", "%d 个文件中没有的网格是法定界线或争议地,不能撤销:%s", "%d cells that the file doesn't name have locked or disputed boundaries and can't be retired: %s", len(locked), firstOf(locked)).
			Fix("补入文件,或由管理员用 --unlock 理由 放行", "add them to the file, or let an administrator allow it with --unlock REASON")
	case len(below) > 0:
		return errBelow(below)
	}
	return nil
}

// errBelow is of codes with their rows.
func errBelow(list []string) error {
	return grids.Errorf(grids.Conflict, "tier", "%d 个网格已有下级,不能从文件改边界(代码与行号):%s", "%d cells have children already; their boundaries can't be changed from a file (code and row): %s", len(list), firstOf(list)).
		Fix("改为导入其下级,用 --replace-parents 以下级的并集作为上级", "import the children instead, with --replace-parents")
}

// firstOf lists the first ten.
func firstOf(list []string) string {
	if more := len(list) - 10; more > 0 {
		return fmt.Sprintf("%s … (+%d)", strings.Join(list[:10], ", "), more)
	}
	return strings.Join(list, ", ")
}

// renew finds out what becomes of each cell of a part.
func (a *adoption) renew(part []known, c *cleaning) (*renewal, error) {
	r, err := a.loadPart(part, c)
	if err != nil {
		return nil, err
	}
	for i, row := range a.rows {
		if err := a.become(r, row, a.shapes[i]); err != nil {
			return nil, err
		}
	}
	for _, k := range part {
		if k.State == "missing" && k.Touched {
			r.retired = append(r.retired, k.ID)
		}
		if k.Other && !k.Touched {
			r.renamed = append(r.renamed, k)
		}
	}
	return r, nil
}

// become sorts a row of a touched family by what it makes of its cell.
func (a *adoption) become(r *renewal, row intakeRow, shape orb.MultiPolygon) error {
	k := r.byRow[row.Row]
	cell := Cell{ID: k.ID, Code: row.Code, Name: row.Name, Tier: a.tier, Geom: shape, Provenance: row.Provenance, Locked: a.options.Locked}
	if k.State == "new" {
		if k.ID == 0 {
			r.created = append(r.created, cell)
		} else {
			r.revived = append(r.revived, cell)
		}
		return nil
	}
	was := r.old[k.ID]
	cell.ParentID, cell.Locked, cell.Disputed = was.ParentID, was.Locked || cell.Locked, was.Disputed
	same, err := sameShape(was.Geom, shape)
	switch {
	case err != nil:
		return fmt.Errorf("row %d: %w", row.Row, err)
	case !same && k.Below:
		return errBelow([]string{fmt.Sprintf("%s (%d)", k.Code, k.Row)})
	case !same:
		r.redrawn = append(r.redrawn, cell)
	case k.Other:
		r.renamed = append(r.renamed, k)
	}
	return nil
}

// sameShape tells whether two shapes have the same boundary, vertex by vertex.
func sameShape(a, b orb.MultiPolygon) (bool, error) {
	p, err := lattice.FromMultiPolygon(a)
	if err != nil {
		return false, err
	}
	q, err := lattice.FromMultiPolygon(b)
	if err != nil {
		return false, err
	}
	return sameBoundary(p, q), nil
}

// stageDifferences brings what changes into adopt_change, drops what cleaning alone
// would change, and lists the first differences.
func (a *adoption) stageDifferences(r *renewal) error {
	if err := a.stageChange(r); err != nil {
		return err
	}
	unmoved, err := a.unmoved(r)
	if err != nil {
		return err
	}
	if unmoved {
		if err := a.stageChange(r); err != nil {
			return err
		}
	}
	rows, err := a.tx.Query(a.ctx, differencesSQL, a.t.ID, a.batch, a.edition, a.options.Locked, mostDifferences-len(a.report.Differences))
	if err != nil {
		return fmt.Errorf("comparing cells: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[grids.Difference])
	if err != nil {
		return fmt.Errorf("comparing cells: %w", err)
	}
	a.report.Differences = append(a.report.Differences, found...)
	a.report.Changed += len(r.renamed) + len(r.redrawn)
	a.report.Retired += len(r.retired)
	a.report.Cells += len(r.created) + len(r.revived) + len(r.redrawn) + len(r.renamed)
	return nil
}

// prepareChange makes the tables of what changes: adopt_change of the cells that
// are there, adopt_was of those that are only renamed as they were.
func (a *adoption) prepareChange() error {
	_, err := a.tx.Exec(a.ctx, `
		DROP TABLE IF EXISTS pg_temp.adopt_change, pg_temp.adopt_was;
		CREATE TEMP TABLE adopt_change (row int, cell_id bigint PRIMARY KEY, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE adopt_was ON COMMIT DROP AS SELECT 0 AS row, v.* FROM cells.version v LIMIT 0`)
	return err
}

// stageChange fills adopt_change with the cells that are there and change.
func (a *adoption) stageChange(r *renewal) error {
	if _, err := a.tx.Exec(a.ctx, `TRUNCATE adopt_change`); err != nil {
		return err
	}
	var values [][]any
	for _, k := range r.renamed {
		values = append(values, []any{k.Row, k.ID, nil})
	}
	for _, id := range r.retired {
		values = append(values, []any{0, id, nil})
	}
	rowOf := a.rowOf()
	for _, cell := range r.redrawn {
		geom, err := database.Geometry(cell.Geom)
		if err != nil {
			return fmt.Errorf("cell %s: %w", cell.Code, err)
		}
		values = append(values, []any{rowOf[cell.Code], cell.ID, geom})
	}
	if _, err := a.tx.CopyFrom(a.ctx, pgx.Identifier{"adopt_change"}, []string{"row", "cell_id", "geom"}, pgx.CopyFromRows(values)); err != nil {
		return err
	}
	_, err := a.tx.Exec(a.ctx, `ANALYZE adopt_change`)
	return err
}

// rowOf gives the numbers of the rows in memory by code.
func (a *adoption) rowOf() map[grids.Code]int {
	numbers := make(map[grids.Code]int, len(a.rows))
	for _, row := range a.rows {
		numbers[row.Code] = row.Row
	}
	return numbers
}

// unmoved leaves families as they are in which no cell comes, goes or has
// another area after cleaning, and tells whether there were any.
func (a *adoption) unmoved(r *renewal) (bool, error) {
	if len(r.redrawn) == 0 {
		return false, nil
	}
	rows, err := a.tx.Query(a.ctx, unmovedSQL, a.t.ID, a.edition)
	if err != nil {
		return false, fmt.Errorf("cells that didn't move: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return false, fmt.Errorf("cells that didn't move: %w", err)
	}
	still := make(map[int]bool, len(list))
	for _, row := range list {
		still[row] = true
	}
	byID := make(map[grids.CellID]known, len(r.known))
	moved := map[string]bool{}
	for _, k := range r.known {
		byID[k.ID] = k
		if k.State != "there" && k.Touched {
			moved[k.Family] = true
		}
	}
	for _, cell := range r.redrawn {
		if k := byID[cell.ID]; !still[k.Row] {
			moved[k.Family] = true
		}
	}
	var redrawn []Cell
	for _, cell := range r.redrawn {
		k := byID[cell.ID]
		switch {
		case moved[k.Family]:
			redrawn = append(redrawn, cell)
		case k.Other:
			r.renamed = append(r.renamed, k)
		}
	}
	some := len(redrawn) < len(r.redrawn)
	r.redrawn = redrawn
	return some, nil
}

// replaceCells writes what changes: what goes or changes ends first, so that
// names may change hands.
func (a *adoption) replaceCells(r *renewal) error {
	if len(r.created)+len(r.revived)+len(r.redrawn)+len(r.renamed)+len(r.retired) == 0 {
		return nil
	}
	if err := a.mayMove(r.redrawn); err != nil {
		return err
	}
	if err := a.putParents(r); err != nil {
		return err
	}
	ended := slices.Clone(r.retired)
	for _, k := range r.renamed {
		ended = append(ended, k.ID)
	}
	for _, cell := range r.redrawn {
		ended = append(ended, cell.ID)
	}
	if _, err := a.tx.Exec(a.ctx, `TRUNCATE adopt_was`); err != nil {
		return err
	}
	if _, err := a.tx.Exec(a.ctx, `INSERT INTO adopt_was
		SELECT c.row, v.* FROM adopt_change c CROSS JOIN LATERAL (SELECT v.* FROM cells.of($1, $2) v WHERE v.cell_id = c.cell_id OFFSET 0) v
		WHERE c.row > 0 AND c.geom IS NULL`, a.t.ID, a.edition); err != nil {
		return err
	}
	if err := End(a.ctx, a.tx, a.t, a.edition, ended); err != nil {
		return err
	}
	if _, err := a.tx.Exec(a.ctx, renameSQL, a.t.ID, a.batch, a.edition, a.options.Locked); err != nil {
		return fmt.Errorf("renaming cells: %w", err)
	}
	if err := insertVersions(a.ctx, a.tx, a.t, a.edition, append(slices.Clone(r.redrawn), r.revived...)); err != nil {
		return err
	}
	rowOf := a.rowOf()
	for _, list := range [][]Cell{r.created, r.revived} {
		numbers := make([]int, len(list))
		for i, cell := range list {
			numbers[i] = rowOf[cell.Code]
		}
		a.note(list, numbers)
	}
	_, err := Put(a.ctx, a.tx, a.t, a.edition, r.created)
	return err
}

// putParents proves that touched families partition their parents, or makes the
// parents their union, and says which cell new ones are under.
func (a *adoption) putParents(r *renewal) error {
	if len(r.created)+len(r.revived)+len(r.redrawn)+len(r.retired) == 0 {
		return nil
	}
	ids := map[grids.Code]grids.CellID{}
	switch {
	case a.fitted:
		if !a.proven {
			if err := a.fit(); err != nil {
				return err
			}
		}
		for _, parent := range a.parents {
			ids[parent.Code] = parent.ID
		}
	case a.tier > 1:
		var err error
		if ids, err = a.uniteParents(); err != nil {
			return err
		}
	case !a.proven:
		if _, err := covering(a.shapes); err != nil {
			return err
		}
	}
	for _, list := range [][]Cell{r.created, r.revived} {
		for i := range list {
			list[i].ParentID = ids[a.t.Scheme.Parent(list[i].Code, a.tier)]
		}
	}
	return nil
}
