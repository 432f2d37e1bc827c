package cells

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
)

// parentTier is a tier of parents that an adoption makes or replaces.
type parentTier struct {
	tier  grids.Tier
	codes []grids.Code // ascending
	ids   map[grids.Code]grids.CellID
	there map[grids.Code]Cell // of them
}

// planParents says which parents the rows' codes need, the tier above them
// first, and gives those that are new their ids.
func (a *adoption) planParents() ([]parentTier, error) {
	codes := make([]grids.Code, len(a.rows))
	for i, row := range a.rows {
		codes[i] = a.t.Scheme.Parent(row.Code, a.tier)
	}
	var tiers []parentTier
	for tier := a.tier - 1; tier >= 1; tier-- {
		p := parentTier{tier: tier, codes: slices.Compact(slices.Sorted(slices.Values(codes))), ids: map[grids.Code]grids.CellID{}, there: map[grids.Code]Cell{}}
		there, err := OfTier(a.ctx, a.tx, a.t, a.edition, tier)
		if err != nil {
			return nil, err
		}
		for _, cell := range there {
			if _, found := slices.BinarySearch(p.codes, cell.Code); !found {
				return nil, grids.Errorf(grids.Conflict, "replace-parents", "文件中没有 %s 的下级", "the file has no children of %s, which is there already", cell.Code)
			}
			p.there[cell.Code], p.ids[cell.Code] = cell, cell.ID
		}
		ids, err := newCells(a.ctx, a.tx, a.t, len(p.codes)-len(there))
		if err != nil {
			return nil, err
		}
		codes = make([]grids.Code, len(p.codes))
		for i, code := range p.codes {
			codes[i] = a.t.Scheme.Parent(code, tier)
			if _, ok := p.there[code]; !ok {
				p.ids[code], ids = ids[0], ids[1:]
			}
			if tier == 1 && code != a.t.Code {
				return nil, grids.Errorf(grids.Invalid, "code", "代码 %s 不属于辖区 %s", "code %s is not of territory %s", code, a.t.Code)
			}
		}
		tiers = append(tiers, p)
	}
	for i := len(tiers) - 1; i >= 0; i-- {
		a.note(a.newParents(tiers, i, make([]orb.MultiPolygon, len(tiers[i].codes))))
	}
	return tiers, nil
}

// newParents are the cells of tiers[n] that are not there, with shapes by code.
func (a *adoption) newParents(tiers []parentTier, n int, shapes []orb.MultiPolygon) []Cell {
	var list []Cell
	p := tiers[n]
	for i, code := range p.codes {
		if _, ok := p.there[code]; ok {
			continue
		}
		cell := Cell{ID: p.ids[code], Code: code, Name: string(code), Tier: p.tier, Geom: shapes[i], Provenance: a.rows[0].Provenance}
		if p.tier == 1 {
			cell.Name = a.t.Name
		} else {
			cell.ParentID = tiers[n+1].ids[a.t.Scheme.Parent(code, p.tier)]
		}
		list = append(list, cell)
	}
	return list
}

// putTiers stores planned parents, given the shapes of the lowest by code, and
// gives the shapes of the highest. Each tier is the union of the one below.
func (a *adoption) putTiers(tiers []parentTier, shapes []orb.MultiPolygon) ([]orb.MultiPolygon, error) {
	all := make([][]orb.MultiPolygon, len(tiers))
	for n, p := range tiers {
		if n > 0 {
			below := tiers[n-1]
			groups := make([]int, len(below.codes))
			for i, code := range below.codes {
				groups[i], _ = slices.BinarySearch(p.codes, a.t.Scheme.Parent(code, below.tier))
			}
			coverage, _, err := covering(shapes)
			if err != nil {
				return nil, errUnfit{err}
			}
			if shapes, err = coverage.Dissolve(groups); err != nil {
				return nil, errUnfit{fmt.Errorf("uniting cells to parents: %w", err)}
			}
		}
		all[n] = shapes
	}
	for n := len(tiers) - 1; n >= 0; n-- {
		if err := a.putTier(tiers, n, all[n]); err != nil {
			return nil, err
		}
	}
	return shapes, nil
}

func (a *adoption) putTier(tiers []parentTier, n int, shapes []orb.MultiPolygon) error {
	made := a.newParents(tiers, n, shapes)
	for _, cell := range made {
		if cell.Tier > 1 {
			a.found(grids.Finding{Kind: "parent-made", Severity: grids.SeverityWarning, Code: string(cell.Code)}.
				Say(grids.Text{ZH: "由下级代码生成,名称待补", EN: "made from the children's codes; its name is not known yet"}))
		}
	}
	if err := insertVersions(a.ctx, a.tx, a.t, a.edition, made); err != nil {
		return err
	}
	var replaced []Cell
	for i, code := range tiers[n].codes {
		cell, ok := tiers[n].there[code]
		if !ok {
			continue
		}
		same, err := sameShape(cell.Geom, shapes[i])
		if err != nil {
			return err
		}
		if cell.Geom = shapes[i]; !same {
			replaced = append(replaced, cell)
		}
	}
	a.report.Parents += len(made) + len(replaced)
	a.replaced = append(a.replaced, replaced...)
	return a.replace(replaced)
}

// uniteParents makes the parents of the rows from the coverage of all their
// shapes, and gives the ids of those right above them by code.
func (a *adoption) uniteParents() (map[grids.Code]grids.CellID, error) {
	tiers, err := a.planParents()
	if err != nil || len(tiers) == 0 {
		return nil, err
	}
	groups := make([]int, len(a.rows))
	for i, row := range a.rows {
		groups[i], _ = slices.BinarySearch(tiers[0].codes, a.t.Scheme.Parent(row.Code, a.tier))
	}
	shapes, err := a.whole.Dissolve(groups)
	if err != nil {
		return nil, fmt.Errorf("uniting cells to parents: %w", err)
	}
	_, err = a.putTiers(tiers, shapes)
	return tiers[0].ids, err
}

// outline is what the children of one parent cover, having proved that they are
// a coverage.
func outline(children []orb.MultiPolygon) (orb.MultiPolygon, error) {
	coverage, err := geo.NewCoverage(children)
	if err != nil {
		return nil, err
	}
	united, err := coverage.Dissolve(make([]int, len(children)))
	if err != nil {
		return nil, fmt.Errorf("uniting cells to parents: %w", err)
	}
	if found := coverage.Validate(united[0]); len(found) > 0 {
		return nil, fmt.Errorf("the cells are not a coverage: %s", found[0])
	}
	return united[0], nil
}
