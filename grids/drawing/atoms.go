package drawing

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/planar"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// readAtoms reads the cells to group: the children that are drawn anew, or
// theirs.
func (k *known) readAtoms(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, parent cells.Cell, tier grids.Tier) error {
	switch {
	case tier == 0:
		return nil
	case tier == parent.Tier+1:
		k.atoms, k.open = k.open, nil
	case tier == parent.Tier+2:
		rows, err := tx.Query(ctx, `SELECT cell_id FROM cells.of($1, $2) WHERE parent_id = ANY($3)`, t.ID, edition, k.drawnAnew())
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
		if err != nil {
			return err
		}
		if k.atoms, err = cells.ByID(ctx, tx, t, edition, ids); err != nil {
			return err
		}
		for _, cell := range k.open {
			if !k.parents[cell.ID] {
				return grids.Errorf(grids.Conflict, "atoms", "%s 没有下级,无法以第 %d 级为原子", "%s has no children, so that there are no atoms of tier %d in it", cell.Code, tier)
			}
		}
		if k.usedBelow, err = usedCodes(ctx, tx, t, parent, tier); err != nil {
			return err
		}
		if err := k.readParents(ctx, tx, t, edition, k.atoms); err != nil {
			return err
		}
	default:
		return grids.Errorf(grids.Invalid, "atoms", "原子应为第 %d 或 %d 级", "atoms are of tier %d or %d here", parent.Tier+1, parent.Tier+2)
	}
	if len(k.atoms) == 0 {
		return grids.Errorf(grids.NotFound, "atoms", "%s 内没有第 %d 级网格", "there are no cells of tier %[2]d inside %[1]s", parent.Code, tier)
	}
	return nil
}

// drawnAnew gives the children that don't stay.
func (k *known) drawnAnew() []grids.CellID {
	var ids []grids.CellID
	for _, cell := range k.children {
		if !slices.ContainsFunc(k.kept, func(c cells.Cell) bool { return c.ID == cell.ID }) {
			ids = append(ids, cell.ID)
		}
	}
	return ids
}

// regroup lets each union of children go on from the child that it holds most
// of.
func (plan *Plan) regroup(group []int) {
	k := plan.Request.known
	k.open = k.atoms
	best := make([]int, len(plan.Children))
	most := make([]float64, len(plan.Children))
	for i := range best {
		best[i] = -1
	}
	for a, g := range group {
		if size := planar.Area(k.atoms[a].Geom); size > most[g] {
			best[g], most[g] = a, size
		}
	}
	plan.kept = best
}

// moveAtoms puts atoms under the children that they are now part of. Those that
// come under another parent get the next free codes there; their ids stay, and
// their old codes remain theirs as aliases. A name that is there already gets
// the old code added.
func (plan *Plan) moveAtoms(t cells.Territory, group []int) error {
	k := plan.Request.known
	if plan.Request.Atoms != plan.Parent.Tier+2 {
		return nil
	}
	names := make([]map[string]bool, len(plan.Children))
	moved := make([][]int, len(plan.Children))
	for i := range names {
		names[i] = map[string]bool{}
	}
	for a, g := range group {
		if child := plan.Children[g]; child.ID != 0 && child.ID == k.atoms[a].ParentID {
			names[g][k.atoms[a].Name] = true
		} else {
			moved[g] = append(moved[g], a)
		}
	}
	for g, child := range plan.Children {
		used := map[grids.Code]grids.CellID{}
		for code, id := range k.usedBelow {
			if t.Scheme.Parent(code, child.Tier+1) == child.Code {
				used[code] = id
			}
		}
		codes, err := number(t, child, len(moved[g]), used)
		if err != nil {
			return err
		}
		for n, a := range moved[g] {
			atom := k.atoms[a]
			if k.parents[atom.ID] {
				return grids.Errorf(grids.Conflict, "atoms", "%s 有下级网格,其代码不能随之改变", "%s has children, whose codes begin with its code, so it can't come under another parent", atom.Code).
					Fix("以更低一级为原子,逐级重画", "draw it anew tier by tier, with atoms of a lower one")
			}
			if names[g][atom.Name] {
				atom.Name = fmt.Sprintf("%s(%s)", atom.Name, atom.Code)
			}
			names[g][atom.Name] = true
			atom.Code = codes[n].Code
			plan.Moved, plan.under = append(plan.Moved, atom), append(plan.under, g)
		}
	}
	return nil
}
