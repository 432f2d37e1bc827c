package drawing

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Apply stores plans in an open draft. A parent that has children already is
// refused, unless the plan was made to replace them and they are still what it
// was made of.
func Apply(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, who grids.Principal, plans []Plan) error {
	parents := make([]grids.CellID, len(plans))
	var bare []grids.CellID
	for i, p := range plans {
		parents[i] = p.Parent.ID
		if !p.Request.Replace {
			bare = append(bare, p.Parent.ID)
		} else if err := p.stillSo(ctx, tx, t, edition); err != nil {
			return err
		}
	}
	var taken []string
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(array_agg(DISTINCT p.code ORDER BY p.code), '{}')
		FROM cells.version c JOIN cells.of($1, $2) p ON p.cell_id = c.parent_id
		WHERE c.territory_id = $1 AND c.parent_id = ANY($3) AND c.from_edition <= $2 AND (c.to_edition IS NULL OR c.to_edition > $2)`,
		t.ID, edition, bare).Scan(&taken); err != nil {
		return err
	}
	if len(taken) > 0 {
		return grids.Errorf(grids.Conflict, "parent", "%v 已有下级网格", "%v has children already", taken)
	}
	if err := cells.OpenStep(ctx, tx, t, who, "draw", map[string]any{"parents": parents}); err != nil {
		return err
	}
	if err := write(ctx, tx, t, edition, plans); err != nil {
		return err
	}
	rows := make([][]any, len(plans))
	for i, p := range plans {
		rows[i] = []any{t.ID, edition, p.Parent.ID, string(p.Request.Method), len(p.Children), int64(p.Request.Seed), p.Quality, p.Request.options(), who.Name}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"drawing", "draw"},
		[]string{"territory_id", "edition", "parent_id", "method", "into_cells", "seed", "quality", "options", "created_by"}, pgx.CopyFromRows(rows))
	return err
}

// write ends, redraws, makes and moves the cells of plans.
func write(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, plans []Plan) error {
	var ended []grids.CellID
	var redrawn, made, moved []cells.Cell
	var owner [][2]int // plan and child of each cell made
	ids := make([][]grids.CellID, len(plans))
	for n, p := range plans {
		ids[n] = make([]grids.CellID, len(p.Children))
		for _, cell := range p.Ended {
			ended = append(ended, cell.ID)
		}
		for i, child := range p.Children {
			ids[n][i] = child.ID
			switch {
			case child.ID == 0:
				made, owner = append(made, child), append(owner, [2]int{n, i})
			case !p.unchanged(child):
				redrawn = append(redrawn, child)
			}
		}
		for _, cell := range p.Request.known.kept {
			if !p.unchanged(cell) { // it comes back from another edition
				redrawn = append(redrawn, cell)
			}
		}
	}
	if err := cells.End(ctx, tx, t, edition, ended); err != nil {
		return err
	}
	if err := cells.Redraw(ctx, tx, t, edition, redrawn); err != nil {
		return err
	}
	made, err := cells.Put(ctx, tx, t, edition, made)
	if err != nil {
		return err
	}
	for i, cell := range made {
		ids[owner[i][0]][owner[i][1]] = cell.ID
	}
	for n, p := range plans {
		for i, atom := range p.Moved {
			atom.ParentID = ids[n][p.under[i]]
			moved = append(moved, atom)
		}
	}
	return cells.Redraw(ctx, tx, t, edition, moved)
}

// unchanged tells whether a cell is in the draft as it is.
func (p *Plan) unchanged(cell cells.Cell) bool {
	return slices.ContainsFunc(p.Request.known.children, func(c cells.Cell) bool {
		return c.ID == cell.ID && c.Code == cell.Code && c.Name == cell.Name && c.Geom.Equal(cell.Geom)
	})
}

// stillSo tells whether the cells that a plan replaces are what they were when
// it was made.
func (p *Plan) stillSo(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID) error {
	now, err := cells.Children(ctx, tx, t, edition, p.Parent.ID)
	if err != nil {
		return err
	}
	k := p.Request.known
	ids := make([]grids.CellID, len(k.atoms))
	for i, atom := range k.atoms {
		ids[i] = atom.ID
	}
	atoms, err := cells.ByID(ctx, tx, t, edition, ids)
	if err != nil {
		return err
	}
	same := func(a, b cells.Cell) bool { return a.ID == b.ID && a.ETag == b.ETag }
	if !slices.EqualFunc(now, k.children, same) || !slices.EqualFunc(atoms, k.atoms, same) {
		return grids.Errorf(grids.Conflict, "parent", "%s 的下级网格在此期间已有变动", "the cells below %s have changed meanwhile", p.Parent.Code).
			Fix("重新绘制", "draw again")
	}
	return nil
}

// options are what beside method, number and seed it takes to make a draw again.
func (r *Request) options() map[string]any {
	out := map[string]any{}
	set := func(name string, value any, given bool) {
		if given {
			out[name] = value
		}
	}
	load := map[string]float64{}
	for _, l := range r.Load {
		load[l.Name] += l.Share
	}
	set("load", load, len(load) > 0)
	set("barriers", len(r.Barriers)+len(r.known.rivers), len(r.Barriers)+len(r.known.rivers) > 0)
	set("lines", len(r.Lines), len(r.Lines) > 0)
	set("rivers", true, r.Rivers)
	set("atoms", int(r.Atoms), r.Atoms != 0)
	set("areas", len(r.Areas), len(r.Areas) > 0)
	set("replace", true, r.Replace)
	set("lock", r.Lock, len(r.Lock) > 0)
	set("edition", int(r.Edition), r.Edition != 0)
	set("max_segment", r.MaxSegment, r.MaxSegment != 0)
	return out
}
