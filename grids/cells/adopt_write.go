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

// write checks that the shapes are an exact partition and stores them, with
// the parents that they need.
func (a *adoption) write() error {
	list := make([]Cell, len(a.rows))
	parent := make([]grids.Code, len(a.rows))
	for i, r := range a.rows {
		list[i] = Cell{Code: r.Code, Name: r.Name, Tier: a.tier, Geom: a.shapes[i], Provenance: r.Provenance, Locked: a.options.Locked}
		parent[i] = a.t.Scheme.Parent(r.Code, a.tier)
	}
	if len(a.parents) > 0 {
		for i := range list {
			list[i].ParentID = a.byCode[parent[i]].ID
		}
		if !a.proven {
			if err := a.fit(); err != nil {
				return err
			}
		}
	} else {
		if !a.proven {
			if _, err := a.cover(); err != nil {
				return err
			}
		}
		ids, err := a.makeParents(a.whole, parent, a.tier-1)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].ParentID = ids[parent[i]]
		}
	}
	a.report.Cells = len(list)
	a.note(list)
	_, err := Put(a.ctx, a.tx, a.t, a.edition, list)
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

// mayMove refuses new boundaries for cells that are locked: one may differ by no
// more than the lattice's rounding, unless the options unlock it; it stays locked.
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
		At     orb.Point
		AreaM2 float64
		Metres float64
		Place  []byte
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (moved, error) {
		var m moved
		return m, row.Scan(&m.Code, &m.At[0], &m.At[1], &m.AreaM2, &m.Metres, &m.Place)
	})
	if err != nil {
		return fmt.Errorf("locked cells: %w", err)
	}
	for _, m := range found {
		if m.Metres <= lockedSlack {
			continue
		}
		if a.options.Unlock == "" {
			return grids.Errorf(grids.Conflict, "locked", "%s 的边界是法定界线,不能移动(最多 %.2f 米,在 %.7f,%.7f)", "the boundary of %s is locked and would move by up to %.2f m, at %.7f,%.7f",
				m.Code, m.Metres, m.At[0], m.At[1]).
				Fix("改正文件,或由管理员用 --unlock 理由 放行", "correct the file, or let an administrator allow it with --unlock REASON")
		}
		place, err := database.MultiPolygon(m.Place)
		if err != nil {
			return err
		}
		change := Change{Kind: Unlocked, Severity: grids.SeverityWarning, Place: place, At: m.At, AreaM2: m.AreaM2, Metres: m.Metres,
			Lost:    []ChangedRow{{Code: m.Code}},
			Message: grids.Textf("已准许移动 %s 的法定界线:%s", "locked boundary of %s was allowed to move: %s", m.Code, a.options.Unlock)}
		a.report.Changes = slices.Insert(a.report.Changes, 0, change)
		finding := change.Finding()
		a.report.Findings = slices.Insert(a.report.Findings, 0, finding)
	}
	return nil
}

// cover proves that the shapes are a coverage and keeps it; open are the segments
// that bound it, the outside to the left.
func (a *adoption) cover() (open []lattice.Segment, err error) {
	if a.whole, err = geo.NewCoverage(a.shapes); err != nil {
		return nil, err
	}
	for _, f := range a.whole.Validate(nil) {
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
	children := map[grids.CellID][]orb.MultiPolygon{}
	for i, r := range a.rows {
		id := a.parentOf(r).ID
		children[id] = append(children[id], a.shapes[i])
	}
	for id, p := range a.parents {
		if err := fits(p, children[id]); err != nil {
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

// makeParents makes or replaces the cells of a tier as unions of the coverage's
// cells, after those above them, and gives their ids by code. codes[i] is the
// code at that tier above cell i.
func (a *adoption) makeParents(coverage *geo.Coverage, codes []grids.Code, tier grids.Tier) (map[grids.Code]grids.CellID, error) {
	ids := map[grids.Code]grids.CellID{}
	if tier < 1 {
		return ids, nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(codes)))
	groups := make([]int, len(codes))
	above := make([]grids.Code, len(codes))
	for i, code := range codes {
		groups[i], _ = slices.BinarySearch(wanted, code)
		above[i] = a.t.Scheme.Parent(code, tier)
	}
	shapes, err := coverage.Dissolve(groups)
	if err != nil {
		return nil, fmt.Errorf("uniting cells to parents: %w", err)
	}
	parents, err := a.makeParents(coverage, above, tier-1)
	if err != nil {
		return nil, err
	}
	there, err := OfTier(a.ctx, a.tx, a.t, a.edition, tier)
	if err != nil {
		return nil, err
	}
	byCode := map[grids.Code]Cell{}
	for _, cell := range there {
		byCode[cell.Code] = cell
		if _, found := slices.BinarySearch(wanted, cell.Code); !found {
			return nil, grids.Errorf(grids.Conflict, "replace-parents", "文件中没有 %s 的下级", "the file has no children of %s, which is there already", cell.Code)
		}
	}
	var made, replaced []Cell
	for i, code := range wanted {
		cell, ok := byCode[code]
		was := cell.Geom
		cell.Geom = shapes[i]
		if ok {
			ids[code] = cell.ID
			same, err := sameShape(was, cell.Geom)
			if err != nil {
				return nil, err
			}
			if !same {
				replaced = append(replaced, cell)
			}
			continue
		}
		cell.Code, cell.Name, cell.Tier, cell.Provenance = code, string(code), tier, a.rows[0].Provenance
		cell.ParentID = parents[a.t.Scheme.Parent(code, tier)]
		if tier == 1 {
			cell.Name = a.t.Name
			if code != a.t.Code {
				return nil, grids.Errorf(grids.Invalid, "code", "代码 %s 不属于辖区 %s", "code %s is not of territory %s", code, a.t.Code)
			}
		} else {
			a.found(grids.Finding{Kind: "parent-made", Severity: grids.SeverityWarning, Code: string(code)}.
				Say(grids.Text{ZH: "由下级代码生成,名称待补", EN: "made from the children's codes; its name is not known yet"}))
		}
		made = append(made, cell)
	}
	made, err = Put(a.ctx, a.tx, a.t, a.edition, made)
	if err != nil {
		return nil, err
	}
	for _, cell := range made {
		ids[cell.Code] = cell.ID
	}
	a.report.Parents += len(made) + len(replaced)
	a.note(made)
	a.replaced = append(a.replaced, replaced...)
	return ids, a.replace(replaced)
}
