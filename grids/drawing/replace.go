package drawing

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/cells"
)

// readChildren reads the cells below the parent, tells those that stay from
// those that are drawn anew, and what is left of the parent for these.
func (k *known) readChildren(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, parent cells.Cell, r Request) error {
	var err error
	if k.children, err = cells.Children(ctx, tx, t, edition, parent.ID); err != nil {
		return err
	}
	if len(k.children) > 0 && !r.Replace {
		return grids.Errorf(grids.Conflict, "parent", "%s 已有下级网格", "%s has children already", parent.Code).
			Fix("若要重画,用 --replace", "use --replace to draw them anew")
	}
	from := k.children
	if r.Edition != 0 && r.Edition != edition {
		if from, err = cells.Children(ctx, tx, t, r.Edition, parent.ID); err != nil {
			return err
		}
		if len(from) == 0 || r.Edition > edition {
			return grids.Errorf(grids.NotFound, "edition", "版本 %d 中 %s 没有下级网格", "in edition %d %s has no children", r.Edition, parent.Code)
		}
	}
	locked := map[grids.Code]bool{}
	for _, code := range r.Lock {
		if !slices.ContainsFunc(from, func(c cells.Cell) bool { return c.Code == code }) {
			return grids.Errorf(grids.NotFound, "lock", "%s 下没有网格 %s", "there is no cell %[2]s under %[1]s", parent.Code, code)
		}
		locked[code] = true
	}
	keep := func(c cells.Cell) bool { return c.Fixed() || locked[c.Code] }
	for _, cell := range from {
		if keep(cell) {
			k.kept = append(k.kept, cell)
		} else {
			k.open = append(k.open, cell)
		}
	}
	// A boundary that is fixed now doesn't move, wherever the draw begins.
	for _, cell := range k.children {
		i := slices.IndexFunc(k.kept, func(c cells.Cell) bool { return c.ID == cell.ID })
		if cell.Fixed() && (i < 0 || !sameArea(k.kept[i].Geom, cell.Geom)) {
			return grids.Errorf(grids.Conflict, "edition", "%s 的界线已锁定,版本 %d 中与现在不同", "the boundary of %s is fixed and was another one in edition %d", cell.Code, r.Edition)
		}
	}
	if k.rest, err = restOf(parent.Geom, from, keep); err != nil {
		return err
	}
	if r.Edition != 0 && r.Edition != edition {
		if err := partitions(shapesOf(from), parent.Geom); err != nil {
			return grids.Errorf(grids.Conflict, "edition", "%s 的边界与版本 %d 时不同", "the boundary of %s is not what it was in edition %d", parent.Code, r.Edition)
		}
	}
	return k.readParents(ctx, tx, t, edition, k.children)
}

// readParents notes those of some cells that have children.
func (k *known) readParents(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, list []cells.Cell) error {
	ids := make([]grids.CellID, len(list))
	for i, cell := range list {
		ids[i] = cell.ID
	}
	rows, err := tx.Query(ctx, `SELECT DISTINCT parent_id FROM cells.of($1, $2) WHERE parent_id = ANY($3)`, t.ID, edition, ids)
	if err != nil {
		return err
	}
	var id grids.CellID
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		k.parents[id] = true
		return nil
	})
	return err
}

// restOf gives what is left of a parent without those of its children to keep.
func restOf(parent orb.MultiPolygon, children []cells.Cell, keep func(cells.Cell) bool) (orb.MultiPolygon, error) {
	if !slices.ContainsFunc(children, keep) {
		return parent, nil
	}
	coverage, err := geo.NewCoverage(shapesOf(children))
	if err != nil {
		return nil, err
	}
	groups := make([]int, len(children))
	for i, child := range children {
		if keep(child) {
			groups[i] = -1
		}
	}
	out, err := coverage.Dissolve(groups)
	if err != nil {
		return nil, fmt.Errorf("what is left of the parent: %w", err)
	}
	if len(out) == 0 {
		return nil, grids.Errorf(grids.Conflict, "lock", "下级全部锁定,没有可重画的", "all children are locked, there is nothing to draw")
	}
	return out[0], nil
}

// sameArea tells whether two areas have the same boundary, vertex by vertex.
func sameArea(a, b orb.MultiPolygon) bool {
	coverage, err := geo.NewCoverage([]orb.MultiPolygon{a})
	return err == nil && len(coverage.Validate(b)) == 0
}

// goOn lets children go on from the cells that were there: those of a seed's
// code, or that share most area, where the draw hasn't told.
func (plan *Plan) goOn() error {
	k, kept := plan.Request.known, plan.kept
	if len(k.open) == 0 && len(k.kept) == 0 {
		return nil
	}
	if kept == nil {
		kept = plan.pairs()
	}
	stays := map[grids.CellID]bool{}
	for _, cell := range k.kept {
		stays[cell.ID] = true
	}
	for i, o := range kept {
		if o < 0 {
			continue
		}
		old, child := k.open[o], &plan.Children[i]
		child.ID, child.Code, child.Name = old.ID, old.Code, old.Name
		if sameArea(old.Geom, child.Geom) {
			child.Geom, child.Provenance = old.Geom, old.Provenance
			stays[old.ID] = true
		}
	}
	for _, cell := range k.children {
		if k.parents[cell.ID] && !stays[cell.ID] && plan.Request.Atoms != cell.Tier+1 {
			return grids.Errorf(grids.Conflict, "replace", "%s 有下级网格,不能这样重画", "%s has children of its own, which the new cells would not fit", cell.Code).
				Fix("以其下级为原子(--atoms %d),或先锁定它(--lock %s)", "take its children as atoms (--atoms %d), or lock it (--lock %s)", int(cell.Tier)+1, cell.Code)
		}
		if !slices.ContainsFunc(plan.Children, func(c cells.Cell) bool { return c.ID == cell.ID }) &&
			!slices.ContainsFunc(k.kept, func(c cells.Cell) bool { return c.ID == cell.ID }) {
			plan.Ended = append(plan.Ended, cell)
		}
	}
	return nil
}

// pairs gives, for each child, the cell that it goes on from, or -1.
func (plan *Plan) pairs() []int {
	k, r := plan.Request.known, plan.Request
	out := make([]int, len(plan.Children))
	if r.Method == Nearest && len(r.Seeds) == len(out) && r.Seeds[0].Code != "" {
		for i, s := range r.Seeds {
			out[i] = slices.IndexFunc(k.open, func(c cells.Cell) bool { return c.Code == s.Code })
		}
		return out
	}
	return pairByOverlap(shapesOf(plan.Children), shapesOf(k.open))
}

// pairByOverlap pairs areas with those before them, each once, the pairs that
// share most first: as counted on a raster over all of them.
func pairByOverlap(now, before []orb.MultiPolygon) []int {
	const side = 120
	type pair struct{ now, before, count int }
	bounds := func(list []orb.MultiPolygon) (out []orb.Bound, all orb.Bound) {
		for i, m := range list {
			out = append(out, m.Bound())
			if i == 0 {
				all = out[0]
			}
			all = all.Union(out[i])
		}
		return out, all
	}
	boxes, all := bounds(now)
	boxesBefore, _ := bounds(before)
	find := func(list []orb.MultiPolygon, boxes []orb.Bound, p orb.Point) int {
		for i := range list {
			if boxes[i].Contains(p) && planar.MultiPolygonContains(list[i], p) {
				return i
			}
		}
		return -1
	}
	counts := map[[2]int]int{}
	for x := range side {
		for y := range side {
			p := orb.Point{all.Min[0] + (all.Max[0]-all.Min[0])*(float64(x)+0.5)/side, all.Min[1] + (all.Max[1]-all.Min[1])*(float64(y)+0.5)/side}
			if i := find(now, boxes, p); i >= 0 {
				if j := find(before, boxesBefore, p); j >= 0 {
					counts[[2]int{i, j}]++
				}
			}
		}
	}
	list := make([]pair, 0, len(counts))
	for k, n := range counts {
		list = append(list, pair{k[0], k[1], n})
	}
	slices.SortFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.now, b.now), cmp.Compare(a.before, b.before))
	})
	out := make([]int, len(now))
	for i := range out {
		out[i] = -1
	}
	used := map[int]bool{}
	for _, p := range list {
		if out[p.now] < 0 && !used[p.before] {
			out[p.now], used[p.before] = p.before, true
		}
	}
	return out
}
