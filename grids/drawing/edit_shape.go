package drawing

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/edit"
	"unigrid/grids"
	"unigrid/grids/cells"
)

// split replaces a leaf by its pieces, which become siblings.
func (h *hand) split(e Edit) error {
	cell, err := h.one(e.Cell, "cell")
	if err != nil {
		return err
	}
	if len(e.Line) < 2 {
		return grids.Errorf(grids.Invalid, "line", "缺少分割线", "the line is missing")
	}
	if cell.Tier == 1 {
		return grids.Errorf(grids.Conflict, "cell", "一级网格只有一个,不能分成同级", "there is one tier-1 cell; it has no siblings").
			Fix("为其绘制下级", "draw children of it")
	}
	if err := h.leaves(cell); err != nil {
		return err
	}
	if cell.Fixed() {
		return lockedCell(cell)
	}
	pieces, err := edit.Split(cell.Geom, []orb.LineString{e.Line}, edit.Options{})
	if err != nil {
		return refuse(err, []cells.Cell{cell})
	}
	parent, err := h.parent(cell)
	if err != nil {
		return err
	}
	if e.Largest {
		largest := slices.MaxFunc(pieces, func(a, b orb.MultiPolygon) int { return cmp.Compare(area(a), area(b)) })
		i := slices.IndexFunc(pieces, func(p orb.MultiPolygon) bool { return orb.Equal(p, largest) })
		stays := cell
		stays.Geom, stays.Provenance = pieces[i], drawn(cell.Provenance)
		pieces = slices.Delete(slices.Clone(pieces), i, i+1)
		if err := cells.Redraw(h.ctx, h.tx, h.t, h.edition, []cells.Cell{stays}); err != nil {
			return err
		}
	}
	if len(e.Children) > len(pieces) {
		return grids.Errorf(grids.Invalid, "children", "给了 %d 个名称,只有 %d 个新网格", "%d names for %d new cells", len(e.Children), len(pieces))
	}
	made := make([]cells.Cell, len(pieces))
	for i, piece := range pieces {
		made[i] = cells.Cell{Tier: cell.Tier, ParentID: parent.ID, Geom: piece, Provenance: drawn(cell.Provenance)}
		if i < len(e.Children) {
			made[i].Code, made[i].Name = e.Children[i].Code, e.Children[i].Name
		}
	}
	if err := h.nameNew(parent, made); err != nil {
		return err
	}
	if !e.Largest {
		if err := cells.End(h.ctx, h.tx, h.t, h.edition, []grids.CellID{cell.ID}); err != nil {
			return err
		}
	}
	h.touched = append(h.touched, parent.ID)
	_, err = cells.Put(h.ctx, h.tx, h.t, h.edition, made)
	return err
}

// merge makes one cell of siblings.
func (h *hand) merge(e Edit) error {
	if len(e.Cells) < 2 {
		return grids.Errorf(grids.Invalid, "cells", "合并至少需要两个网格", "a merge takes two cells or more")
	}
	list, err := cells.Current(h.ctx, h.tx, h.t, h.edition, e.Cells)
	if err != nil {
		return err
	}
	kept, provenance := -1, list[0].Provenance
	ids := make([]grids.CellID, len(list))
	for i, cell := range list {
		if slices.Contains(ids[:i], cell.ID) {
			return grids.Errorf(grids.Invalid, "cells", "网格 %s 出现两次", "cell %s is there twice", cell.Code)
		}
		if cell.ParentID != list[0].ParentID || cell.Tier == 1 {
			return grids.Errorf(grids.Conflict, "cells", "%s 与 %s 不是同一上级的下级", "%s and %s have no parent in common", list[0].Code, cell.Code)
		}
		if cell.Fixed() {
			return lockedCell(cell)
		}
		if cell.ID == e.Keep {
			kept = i
		}
		if cell.Provenance != provenance {
			provenance = cells.Drawn
		}
		ids[i] = cell.ID
	}
	if e.Keep != 0 && kept < 0 {
		return grids.Errorf(grids.Invalid, "keep", "保留的网格不在合并之列", "the cell to keep is not among those that are merged")
	}
	if err := h.leaves(list...); err != nil {
		return err
	}
	whole, err := edit.Merge(shapesOf(list), edit.Options{})
	if err != nil {
		return refuse(err, list)
	}
	parent, err := h.parent(list[0])
	if err != nil {
		return err
	}
	h.touched = append(h.touched, parent.ID)
	made := []cells.Cell{{Code: e.Code, Name: e.Name, Tier: list[0].Tier, ParentID: parent.ID, Geom: whole, Provenance: provenance}}
	if kept >= 0 {
		made[0].ID, made[0].Code, made[0].Name = list[kept].ID, cmp.Or(e.Code, list[kept].Code), cmp.Or(e.Name, list[kept].Name)
	}
	if err := h.nameNew(parent, made); err != nil {
		return err
	}
	if kept >= 0 {
		ids = slices.Delete(ids, kept, kept+1)
	}
	if err := cells.End(h.ctx, h.tx, h.t, h.edition, ids); err != nil {
		return err
	}
	if kept >= 0 {
		return cells.Redraw(h.ctx, h.tx, h.t, h.edition, made)
	}
	_, err = cells.Put(h.ctx, h.tx, h.t, h.edition, made)
	return err
}

// moveBoundary gives two leaves another border; across parents the cells above
// them, up to the one in common, follow.
func (h *hand) moveBoundary(e Edit) error {
	if len(e.Cells) != 2 || e.Cells[0].ID == e.Cells[1].ID {
		return grids.Errorf(grids.Invalid, "cells", "需要两个网格", "this takes two cells")
	}
	if len(e.Line) < 2 {
		return grids.Errorf(grids.Invalid, "line", "缺少新的界线", "the new course is missing")
	}
	pair, err := cells.Current(h.ctx, h.tx, h.t, h.edition, e.Cells)
	if err != nil {
		return err
	}
	if err := h.leaves(pair...); err != nil {
		return err
	}
	if pair[0].ParentID != pair[1].ParentID && !e.Across {
		return grids.Errorf(grids.Conflict, "across_parents", "%s 与 %s 属于不同的上级", "%s and %s have different parents", pair[0].Code, pair[1].Code).
			Fix("若上级边界也应随之移动,设 across_parents", "set across_parents if the parents' boundary is to move as well")
	}
	above, err := h.apart(pair)
	if err != nil {
		return err
	}
	for _, cell := range append(slices.Clone(pair), above...) {
		if cell.Fixed() {
			return lockedCell(cell)
		}
	}
	after, err := edit.MoveBoundary(shapesOf(pair), 0, 1, e.Line, edit.Options{})
	if err != nil {
		return refuse(err, pair)
	}
	for i := range pair {
		pair[i].Geom, pair[i].Provenance = after[i], drawn(pair[i].Provenance)
		h.touched = append(h.touched, pair[i].ParentID)
	}
	if err := cells.Redraw(h.ctx, h.tx, h.t, h.edition, pair); err != nil {
		return err
	}
	return h.follow(above)
}

// apart gives the ancestors that two cells don't have in common, lowest first.
func (h *hand) apart(pair []cells.Cell) ([]cells.Cell, error) {
	a, b := pair[0], pair[1]
	var list []cells.Cell
	for a.ParentID != b.ParentID {
		var err error
		if a.Tier >= b.Tier {
			if a, err = h.parent(a); err != nil {
				return nil, err
			}
			list = append(list, a)
		}
		if b.Tier > a.Tier {
			if b, err = h.parent(b); err != nil {
				return nil, err
			}
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(x, y cells.Cell) int { return cmp.Compare(y.Tier, x.Tier) })
	return list, nil
}

// follow makes cells the union of their children, lowest first.
func (h *hand) follow(above []cells.Cell) error {
	for _, cell := range above {
		children, err := cells.Children(h.ctx, h.tx, h.t, h.edition, cell.ID)
		if err != nil {
			return err
		}
		coverage, err := geo.NewCoverage(shapesOf(children))
		if err != nil {
			return err
		}
		whole, err := coverage.Dissolve(make([]int, len(children)))
		if err != nil {
			return err
		}
		cell.Geom, cell.Provenance = whole[0], drawn(cell.Provenance)
		if err := cells.Redraw(h.ctx, h.tx, h.t, h.edition, []cells.Cell{cell}); err != nil {
			return err
		}
		h.touched = append(h.touched, cell.ParentID)
	}
	return nil
}

// cutOut makes what a polygon covers a new cell: of a leaf, whose other part
// becomes one too, or of a parent's leaves.
func (h *hand) cutOut(e Edit) error {
	parent, err := h.one(e.Parent, "parent")
	if err != nil {
		return err
	}
	if len(e.Polygon) == 0 {
		return grids.Errorf(grids.Invalid, "polygon", "缺少多边形", "the polygon is missing")
	}
	if int(parent.Tier) >= len(h.t.Scheme.Lengths) {
		return grids.Errorf(grids.Invalid, "parent", "%s 已是最末一级", "%s is of the lowest tier already", parent.Code)
	}
	set, undivided, err := h.givers(e, parent)
	if err != nil {
		return err
	}
	before := shapesOf(set)
	piece, after, err := edit.CutOut(before, e.Polygon, edit.Options{Fixed: fixedLines(set)})
	if err != nil {
		return refuse(err, set)
	}
	h.touched = append(h.touched, parent.ID)
	made := []cells.Cell{{Code: e.Code, Name: e.Name, Tier: parent.Tier + 1, ParentID: parent.ID, Geom: piece, Provenance: drawn(parent.Provenance)}}
	if undivided {
		if len(after[0]) > 0 {
			made = append(made, cells.Cell{Tier: parent.Tier + 1, ParentID: parent.ID, Geom: after[0], Provenance: drawn(parent.Provenance)})
		}
	} else if err := h.give(set, before, after); err != nil {
		return err
	}
	if err := h.nameNew(parent, made); err != nil {
		return err
	}
	_, err = cells.Put(h.ctx, h.tx, h.t, h.edition, made)
	return err
}

// givers gives the cells that a polygon may take from: the parent itself while
// it is undivided.
func (h *hand) givers(e Edit, parent cells.Cell) (set []cells.Cell, undivided bool, err error) {
	children, err := cells.Children(h.ctx, h.tx, h.t, h.edition, parent.ID)
	if err != nil {
		return nil, false, err
	}
	if len(children) == 0 {
		return []cells.Cell{{Code: parent.Code, Geom: parent.Geom}}, true, nil
	}
	if e.Siblings == nil {
		set, err = h.leafChildren(parent.ID)
	} else if set, err = cells.Current(h.ctx, h.tx, h.t, h.edition, e.Siblings); err == nil {
		err = h.leaves(set...)
	}
	if err != nil {
		return nil, false, err
	}
	for _, cell := range set {
		if cell.ParentID != parent.ID {
			return nil, false, grids.Errorf(grids.Conflict, "siblings", "%s 不是 %s 的下级", "%s is no child of %s", cell.Code, parent.Code)
		}
	}
	if len(set) == 0 {
		return nil, false, grids.Errorf(grids.Conflict, "parent", "%s 的下级都已再分", "all children of %s are divided further", parent.Code).
			Fix("在更低一级上画", "draw one tier below")
	}
	return set, false, nil
}

// give stores what cells are after a polygon took from them.
func (h *hand) give(set []cells.Cell, before, after []orb.MultiPolygon) error {
	var redrawn []cells.Cell
	var ended []grids.CellID
	for _, i := range edit.Changed(before, after) {
		cell := set[i]
		if cell.Fixed() {
			return lockedCell(cell)
		}
		if len(after[i]) == 0 {
			ended = append(ended, cell.ID)
			continue
		}
		cell.Geom, cell.Provenance = after[i], drawn(cell.Provenance)
		redrawn = append(redrawn, cell)
	}
	if err := cells.End(h.ctx, h.tx, h.t, h.edition, ended); err != nil {
		return err
	}
	return cells.Redraw(h.ctx, h.tx, h.t, h.edition, redrawn)
}

// fixedLines gives the boundaries of the cells that don't move.
func fixedLines(list []cells.Cell) []orb.LineString {
	var lines []orb.LineString
	for _, cell := range list {
		if !cell.Fixed() {
			continue
		}
		for _, polygon := range cell.Geom {
			for _, ring := range polygon {
				lines = append(lines, orb.LineString(ring))
			}
		}
	}
	return lines
}

// area measures a shape in square degrees, to compare with others of its place.
func area(m orb.MultiPolygon) float64 {
	sum := 0.0
	for _, polygon := range m {
		for i, ring := range polygon {
			part := 0.0
			for k := 1; k < len(ring); k++ {
				part += (ring[k-1][0]-ring[0][0])*(ring[k][1]-ring[0][1]) - (ring[k][0]-ring[0][0])*(ring[k-1][1]-ring[0][1])
			}
			if part = max(part, -part); i > 0 {
				part = -part
			}
			sum += part / 2
		}
	}
	return sum
}
