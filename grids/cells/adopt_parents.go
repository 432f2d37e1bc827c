package cells

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
	"unigrid/grids"
)

// rollup unites proved families to parents and these to theirs, tier by tier. It
// takes them in the order of their codes, so that of each tier only the outlines
// of the family at hand are in memory.
type rollup struct {
	t      Territory
	open   []siblings // by tier, the first first
	united []Cell     // not taken yet: code, tier and shape
	whole  orb.MultiPolygon
}

// siblings are what the cells below one parent cover, as far as they have come.
type siblings struct {
	parent   grids.Code
	outlines []lattice.MultiPolygon
	vertices int // of the outlines
}

// newRollup takes families of a tier's cells.
func newRollup(t Territory, tier grids.Tier) *rollup {
	return &rollup{t: t, open: make([]siblings, tier-1)}
}

// add takes a parent whose children are all there. Tier 0 is everything.
func (u *rollup) add(tier grids.Tier, code grids.Code, shape orb.MultiPolygon) error {
	if tier == 0 {
		u.whole = shape
		return nil
	}
	outline, err := lattice.FromMultiPolygon(shape)
	if err != nil {
		return fmt.Errorf("cell %s: %w", code, err)
	}
	parent := u.t.Scheme.Parent(code, tier)
	if u.open[tier-1].parent != parent {
		if err := u.close(tier); err != nil {
			return err
		}
	}
	s := &u.open[tier-1]
	s.parent, s.outlines = parent, append(s.outlines, outline)
	for _, p := range shape {
		for _, r := range p {
			s.vertices += len(r)
		}
	}
	u.united = append(u.united, Cell{Code: code, Tier: tier, Geom: shape})
	return nil
}

// close proves that the cells at hand in a tier are a coverage, and unites them.
func (u *rollup) close(tier grids.Tier) error {
	s := u.open[tier-1]
	if len(s.outlines) == 0 {
		return nil
	}
	u.open[tier-1] = siblings{}
	b := geo.NewBuilder(len(s.outlines), s.vertices)
	for _, o := range s.outlines {
		if err := b.Add(o.Orb()); err != nil {
			return errUnfit{err}
		}
	}
	shape, err := outlineOf(b.Build())
	if err != nil {
		return errUnfit{err}
	}
	return u.add(tier-1, s.parent, shape)
}

// finish closes what is open.
func (u *rollup) finish() error {
	for tier := len(u.open); tier > 0; tier-- {
		if err := u.close(grids.Tier(tier)); err != nil {
			return err
		}
	}
	return nil
}

// take gives the parents that came since it was called last, by tier, measured.
func (u *rollup) take() []versions {
	byTier := make([][]Cell, len(u.open))
	for _, cell := range u.united {
		byTier[cell.Tier-1] = append(byTier[cell.Tier-1], cell)
	}
	u.united = nil
	var out []versions
	for _, list := range byTier {
		if len(list) > 0 {
			out = append(out, measured(u.t, list))
		}
	}
	return out
}

// outline is what the children of one parent cover, having proved that they are
// a coverage.
func outline(children []orb.MultiPolygon) (orb.MultiPolygon, error) {
	coverage, err := geo.NewCoverage(children)
	if err != nil {
		return nil, err
	}
	return outlineOf(coverage)
}

// outlineOf is outline of children that are paired already.
func outlineOf(children *geo.Coverage) (orb.MultiPolygon, error) {
	united, err := children.Dissolve(make([]int, children.Len()))
	if err != nil {
		return nil, fmt.Errorf("uniting cells to parents: %w", err)
	}
	if found := children.Validate(united[0]); len(found) > 0 {
		return nil, fmt.Errorf("the cells are not a coverage: %s", found[0])
	}
	return united[0], nil
}

// parentTier is a tier of parents that an adoption makes or replaces.
type parentTier struct {
	there bool // some of its cells are
	ids   map[grids.Code]grids.CellID
}

// planParents makes sure, where parents are made, that the rows name a child of
// every cell above that is there, and only the territory at tier 1.
func (a *adoption) planParents() error {
	a.above = nil
	if a.fitted {
		return nil
	}
	a.above = make([]parentTier, a.tier-1)
	for tier := a.tier - 1; tier >= 1; tier-- {
		digits := a.t.Scheme.Lengths[tier-1]
		var childless []grids.Code
		if err := a.tx.QueryRow(a.ctx, `
			SELECT count(*) > 0, coalesce(array_agg(v.code ORDER BY v.code) FILTER (
			  WHERE left(v.code, $5) NOT IN (SELECT left(i.code, $5) FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2)), '{}')
			FROM cells.of($1, $3) v WHERE v.tier = $4`, a.t.ID, a.batch, a.edition, tier, digits).Scan(&a.above[tier-1].there, &childless); err != nil {
			return err
		}
		if len(childless) > 0 {
			return grids.Errorf(grids.Conflict, "replace-parents", "文件中没有 %s 的下级", "the file has no children of %s, which is there already", childless[0])
		}
		a.above[tier-1].ids = map[grids.Code]grids.CellID{}
	}
	return nil
}

// parentIDs gives the ids of the parents of families, by code.
func (a *adoption) parentIDs(families []family) (map[grids.Code]grids.CellID, error) {
	if a.tier == 1 {
		return nil, nil
	}
	if a.fitted {
		ids := make(map[grids.Code]grids.CellID, len(families))
		for _, f := range families {
			ids[f.code] = f.parent.ID
		}
		return ids, nil
	}
	codes := make([]grids.Code, len(families))
	for i, f := range families {
		codes[i] = f.code
	}
	return a.identify(a.tier-1, codes)
}

// identify gives the ids of a tier of parents that are made, among them those of
// codes: cells that have one keep it.
func (a *adoption) identify(tier grids.Tier, codes []grids.Code) (map[grids.Code]grids.CellID, error) {
	above := &a.above[tier-1]
	named := func(code grids.Code) bool { _, ok := above.ids[code]; return ok }
	codes = slices.DeleteFunc(slices.Clone(codes), named)
	if above.there {
		there, err := a.cellsOf(tier, codes)
		if err != nil {
			return nil, err
		}
		for code, cell := range there {
			above.ids[code] = cell.ID
		}
		codes = slices.DeleteFunc(codes, named)
	}
	if len(codes) == 0 {
		return above.ids, nil
	}
	ids, err := newCells(a.ctx, a.tx, a.t, len(codes))
	for i, id := range ids {
		above.ids[codes[i]] = id
	}
	return above.ids, err
}

// putTier stores parents of one tier: new ones, and those that are there with
// their children's union.
func (a *adoption) putTier(v versions) error {
	tier := v.list[0].Tier
	codes, above := make([]grids.Code, len(v.list)), make([]grids.Code, len(v.list))
	for i, cell := range v.list {
		codes[i], above[i] = cell.Code, a.t.Scheme.Parent(cell.Code, tier)
	}
	ids, err := a.identify(tier, codes)
	if err != nil {
		return err
	}
	var parents map[grids.Code]grids.CellID
	if tier > 1 {
		if parents, err = a.identify(tier-1, slices.Compact(above)); err != nil {
			return err
		}
	}
	var there map[grids.Code]Cell
	if a.above[tier-1].there {
		if there, err = a.cellsOf(tier, codes); err != nil {
			return err
		}
	}
	var made versions
	var replaced []Cell
	for i, cell := range v.list {
		if was, ok := there[cell.Code]; ok {
			same, err := sameShape(was.Geom, cell.Geom)
			if err != nil {
				return err
			}
			if was.Geom = cell.Geom; !same {
				replaced = append(replaced, was)
			}
			continue
		}
		cell.ID, cell.ParentID, cell.Name, cell.Provenance = ids[cell.Code], parents[a.t.Scheme.Parent(cell.Code, tier)], string(cell.Code), a.provenance
		if tier == 1 {
			cell.Name = a.t.Name
		}
		made.add(cell, v, i)
	}
	a.parentsMade = append(a.parentsMade, withoutShapes(made.list)...)
	a.replaced = append(a.replaced, withoutShapes(replaced)...)
	if err := copyVersions(a.ctx, a.tx, a.t, a.edition, made); err != nil {
		return err
	}
	return a.replace(replaced)
}

// tellParents reports the parents that were made and replaced, the highest first.
func (a *adoption) tellParents() {
	byCode := func(c, d Cell) int { return cmp.Or(cmp.Compare(c.Tier, d.Tier), cmp.Compare(c.Code, d.Code)) }
	slices.SortFunc(a.parentsMade, byCode)
	slices.SortFunc(a.replaced, byCode)
	for _, cell := range a.parentsMade {
		if cell.Tier > 1 {
			a.found(grids.Finding{Kind: "parent-made", Severity: grids.SeverityWarning, Code: string(cell.Code)}.
				Say(grids.Text{ZH: "由下级代码生成,名称待补", EN: "made from the children's codes; its name is not known yet"}))
		}
	}
	a.report.Parents = len(a.parentsMade) + len(a.replaced)
}

// uniteParents makes the parents of the rows in memory, having proved that these
// are a coverage, and gives the ids of those right above them by code.
func (a *adoption) uniteParents() (map[grids.Code]grids.CellID, error) {
	if err := a.planParents(); err != nil {
		return nil, err
	}
	up := newRollup(a.t, a.tier)
	runs := a.loadedRuns()
	var families []family
	for r, err := runs.next(); r != nil; r, err = runs.next() {
		if err != nil {
			return nil, err
		}
		shapes, err := r.shapes()
		if err != nil {
			return nil, err
		}
		outlines, err := a.proveFamilies(r.families, shapes)
		if err != nil {
			return nil, err
		}
		for n, f := range r.families {
			if err := up.add(a.tier-1, f.code, outlines[n]); err != nil {
				return nil, err
			}
		}
		families = append(families, r.families...)
	}
	if err := up.finish(); err != nil {
		return nil, err
	}
	for _, v := range up.take() {
		if err := a.putTier(v); err != nil {
			return nil, err
		}
	}
	a.tellParents()
	return a.parentIDs(families)
}

func withoutShapes(list []Cell) []Cell {
	out := slices.Clone(list)
	for i := range out {
		out[i].Geom = nil
	}
	return out
}
