package cells

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
	"unigrid/grids"
	"unigrid/grids/database"
)

//go:embed adopt_locked.sql
var lockedMoved string

// write stores the batch's cells, with the parents that they need: as they came
// where they partition, else cleaned. Either way they pass through memory run by
// run, but for those that are cleaned together: below a parent that is there, or
// all where parents are made.
func (a *adoption) write() error {
	straight, err := a.straight()
	if err != nil || straight {
		return err
	}
	sent, err := a.sentRuns()
	if err != nil {
		return err
	}
	if err := a.stageClean(sent.next); err != nil {
		return err
	}
	c, err := a.clean(nil)
	if err != nil {
		return err
	}
	cleaned, err := a.cleanedRuns(c)
	if err != nil {
		return err
	}
	_, err = a.putFamilies(cleaned.next)
	return err
}

// replace gives parents that are there their children's union.
func (a *adoption) replace(list []Cell) error {
	if err := a.mayMove(list); err != nil || len(list) == 0 {
		return err
	}
	ids := make([]grids.CellID, len(list))
	for i, cell := range list {
		ids[i] = cell.ID
	}
	if err := a.noteAreas(ids); err != nil {
		return err
	}
	return Redraw(a.ctx, a.tx, a.t, a.edition, list)
}

// mayMove refuses new boundaries for cells that are locked or disputed: one may
// differ by no more than the lattice's rounding, unless the options unlock it; it
// stays locked.
func (a *adoption) mayMove(list []Cell) error {
	if len(list) == 0 {
		return nil
	}
	shapes := make([][]byte, len(list))
	ids := make([]grids.CellID, len(list))
	for i, cell := range list {
		var err error
		ids[i] = cell.ID
		if shapes[i], err = database.Geometry(cell.Geom); err != nil {
			return err
		}
	}
	rows, err := a.tx.Query(a.ctx, lockedMoved, a.t.ID, a.edition, ids, shapes, a.t.EPSG)
	if err != nil {
		return fmt.Errorf("locked cells: %w", err)
	}
	type moved struct {
		Code   string
		Locked bool // else disputed
		At     orb.Point
		AreaM2 float64
		Metres float64
		Place  []byte
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (moved, error) {
		var m moved
		return m, row.Scan(&m.Code, &m.Locked, &m.At[0], &m.At[1], &m.AreaM2, &m.Metres, &m.Place)
	})
	if err != nil {
		return fmt.Errorf("locked cells: %w", err)
	}
	for _, m := range found {
		if m.Metres <= lockedSlack {
			continue
		}
		is := grids.Text{ZH: "法定界线", EN: "locked"}
		if !m.Locked {
			is = grids.Text{ZH: "争议地的", EN: "disputed"}
		}
		if a.options.Unlock == "" {
			return grids.Errorf(grids.Conflict, "locked", "%s 的边界是%s,不能移动(最多 %.2f 米,在 %.7f,%.7f)", "the boundary of %s is %s and would move by up to %.2f m, at %.7f,%.7f",
				m.Code, is, m.Metres, m.At[0], m.At[1]).
				Fix("改正文件,或由管理员用 --unlock 理由 放行", "correct the file, or let an administrator allow it with --unlock REASON")
		}
		place, err := database.MultiPolygon(m.Place)
		if err != nil {
			return err
		}
		change := Change{Kind: Unlocked, Severity: grids.SeverityWarning, Place: place, At: m.At, AreaM2: m.AreaM2, Metres: m.Metres,
			Lost:    []ChangedRow{{Code: m.Code}},
			Message: grids.Textf("已准许移动 %[1]s 的边界(%[3]s):%[2]s", "%[3]s boundary of %[1]s was allowed to move: %[2]s", m.Code, a.options.Unlock, is)}
		a.report.Changes = slices.Insert(a.report.Changes, 0, change)
		finding := change.Finding()
		a.report.Findings = slices.Insert(a.report.Findings, 0, finding)
	}
	return nil
}

// covering proves that shapes are a coverage; open are the segments that bound
// it, the outside to the left.
func covering(shapes []orb.MultiPolygon) (open []lattice.Segment, err error) {
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		return nil, err
	}
	for _, f := range coverage.Validate(nil) {
		if f.Kind != geo.Unmatched {
			return nil, fmt.Errorf("the cells are not a coverage: %s", f)
		}
		s, err := segmentOf(f)
		if err != nil {
			return nil, err
		}
		open = append(open, s.Reverse())
	}
	return open, nil
}

// fit tells whether the shapes are exact partitions of their parents.
func (a *adoption) fit() error {
	children := map[grids.Code][]orb.MultiPolygon{}
	for i, r := range a.rows {
		code := a.t.Scheme.Parent(r.Code, a.tier)
		children[code] = append(children[code], a.shapes[i])
	}
	for code, p := range a.parents {
		if err := fits(p, children[code]); err != nil {
			return err
		}
	}
	return nil
}

// fits tells whether the children of p are an exact partition of it.
func fits(p Cell, children []orb.MultiPolygon) error {
	coverage, err := geo.NewCoverage(children)
	if err != nil {
		return err
	}
	if found := coverage.Validate(p.Geom); len(found) > 0 {
		at := found[0].Segment[0]
		return grids.Errorf(grids.Invalid, "geometry",
			"%s 的下级不能与其边界逐点吻合(%d 处,第一处在 %.7f,%.7f)", "the children of %s don't meet its boundary vertex by vertex (%d places, the first at %.7f,%.7f)",
			p.Code, len(found), at[0], at[1]).
			Fix("用 --replace-parents 以下级的并集作为上级", "use --replace-parents to make the parents the children's union")
	}
	return nil
}
