package drawing

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/cells"
)

// Op names an edit by hand.
type Op string

// The edits by hand.
const (
	Split        Op = "split"         // a line across a leaf makes pieces of it
	Merge        Op = "merge"         // leaves that touch become one
	MoveBoundary Op = "move-boundary" // two leaves get another border
	Hand         Op = "hand"          // a polygon is cut out of a leaf, or of a parent's leaves
	Rename       Op = "rename"        // another code or name
	Lock         Op = "lock"          // statutory or disputed, or not so any more
)

// Edit is one edit by hand, based on cells as its planner saw them. Positions
// are EPSG:4326.
type Edit struct {
	Op       Op             `json:"op"`
	Cell     *cells.Base    `json:"cell,omitempty"`     // split, rename, lock
	Cells    []cells.Base   `json:"cells,omitempty"`    // merge: two or more; move-boundary: two
	Parent   *cells.Base    `json:"parent,omitempty"`   // hand
	Siblings []cells.Base   `json:"siblings,omitempty"` // hand: leaves that the polygon may take from; nil: all of the parent
	Line     orb.LineString `json:"line,omitempty"`     // split, move-boundary
	Polygon  orb.Polygon    `json:"polygon,omitempty"`  // hand
	Children []EditedName   `json:"children,omitempty"` // split: codes and names of new pieces, west to east
	Code     grids.Code     `json:"code,omitempty"`     // merge, hand, rename
	Name     string         `json:"name,omitempty"`     // merge, hand, rename
	Largest  bool           `json:"largest,omitempty"`  // split: the largest piece stays the cell
	Keep     grids.CellID   `json:"keep,omitempty"`     // merge: the cell that stays; 0: a new one
	Across   bool           `json:"across,omitempty"`   // move-boundary: also between cells of two parents, which follow
	Locked   *bool          `json:"locked,omitempty"`   // lock
	Disputed *bool          `json:"disputed,omitempty"` // lock
	Reason   string         `json:"reason,omitempty"`   // lock
}

// Bases gives the cells that the edit is based on.
func (e Edit) Bases() []cells.Base {
	list := append(slices.Clone(e.Cells), e.Siblings...)
	for _, base := range []*cells.Base{e.Cell, e.Parent} {
		if base != nil {
			list = append(list, *base)
		}
	}
	return list
}

// EditedName is a code and a name that a planner gives to a new cell; what is
// empty is given by rule.
type EditedName struct {
	Code grids.Code `json:"code,omitempty"`
	Name string     `json:"name,omitempty"`
}

// Apply makes the edit in an open draft, as one step of its own, and proves that
// every parent whose children it touched is still partitioned exactly. It fails
// with a *cells.Stale when a cell that it is based on has changed, with a
// *Refused when the shape can't be had, and then has changed nothing that the
// transaction's rollback would not undo.
func (e Edit) Apply(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, who grids.Principal) error {
	if err := cells.TakeTurn(ctx, tx, t.ID); err != nil {
		return err
	}
	if err := cells.OpenStep(ctx, tx, t, who, string(e.Op), e); err != nil {
		return err
	}
	h := hand{ctx: ctx, tx: tx, t: t, edition: edition}
	var err error
	switch e.Op {
	case Split:
		err = h.split(e)
	case Merge:
		err = h.merge(e)
	case MoveBoundary:
		err = h.moveBoundary(e)
	case Hand:
		err = h.cutOut(e)
	case Rename:
		err = h.rename(e)
	case Lock:
		err = h.lock(e)
	default:
		err = grids.Errorf(grids.Invalid, "op", "未知的编辑 %q", "unknown edit %q", e.Op)
	}
	if err != nil {
		return err
	}
	return h.verify()
}

// hand is one edit under way.
type hand struct {
	ctx     context.Context
	tx      pgx.Tx
	t       cells.Territory
	edition grids.EditionID
	touched []grids.CellID // parents whose children changed
}

// one gives the present state of a cell that an edit must name.
func (h *hand) one(base *cells.Base, field string) (cells.Cell, error) {
	if base == nil {
		return cells.Cell{}, grids.Errorf(grids.Invalid, field, "缺少 %s", "%s is missing", field)
	}
	list, err := cells.Current(h.ctx, h.tx, h.t, h.edition, []cells.Base{*base})
	if err != nil {
		return cells.Cell{}, err
	}
	return list[0], nil
}

// leaves refuses cells that have children.
func (h *hand) leaves(list ...cells.Cell) error {
	ids := make([]grids.CellID, len(list))
	for i, cell := range list {
		ids[i] = cell.ID
	}
	var divided []string
	if err := h.tx.QueryRow(h.ctx, `
		SELECT coalesce(array_agg(v.code ORDER BY v.code), '{}') FROM cells.of($1, $2) v
		WHERE v.cell_id = ANY($3) AND NOT cells.is_leaf($1, v.cell_id, $2)`, h.t.ID, h.edition, ids).Scan(&divided); err != nil {
		return err
	}
	if len(divided) == 0 {
		return nil
	}
	return grids.Errorf(grids.Conflict, "cell", "%v 已有下级,其边界随下级而定", "%v have children and are what these cover", divided).
		Fix("编辑最末一级的网格", "edit the cells of the lowest tier")
}

// leafChildren gives the children of a cell that have none themselves.
func (h *hand) leafChildren(parent grids.CellID) ([]cells.Cell, error) {
	children, err := cells.Children(h.ctx, h.tx, h.t, h.edition, parent)
	if err != nil {
		return nil, err
	}
	var divided []grids.CellID
	if err := h.tx.QueryRow(h.ctx, `
		SELECT coalesce(array_agg(v.cell_id), '{}') FROM cells.of($1, $2) v
		WHERE v.parent_id = $3 AND NOT cells.is_leaf($1, v.cell_id, $2)`, h.t.ID, h.edition, parent).Scan(&divided); err != nil {
		return nil, err
	}
	not := map[grids.CellID]bool{}
	for _, id := range divided {
		not[id] = true
	}
	list := children[:0]
	for _, cell := range children {
		if !not[cell.ID] {
			list = append(list, cell)
		}
	}
	return list, nil
}

// parent gives the cell above one.
func (h *hand) parent(cell cells.Cell) (cells.Cell, error) {
	list, err := cells.ByID(h.ctx, h.tx, h.t, h.edition, []grids.CellID{cell.ParentID})
	if err != nil {
		return cells.Cell{}, err
	}
	if len(list) != 1 {
		return cells.Cell{}, fmt.Errorf("cell %s has no parent in edition %d", cell.Code, h.edition)
	}
	return list[0], nil
}

// verify proves that the children of every parent that the edit touched cover
// it exactly.
func (h *hand) verify() error {
	parents, err := cells.ByID(h.ctx, h.tx, h.t, h.edition, h.touched)
	if err != nil {
		return err
	}
	for _, p := range parents {
		children, err := cells.Children(h.ctx, h.tx, h.t, h.edition, p.ID)
		if err != nil {
			return err
		}
		coverage, err := geo.NewCoverage(shapesOf(children))
		if err != nil {
			return fmt.Errorf("children of %s: %w", p.Code, err)
		}
		if found := coverage.Validate(p.Geom); len(found) > 0 {
			return fmt.Errorf("the children of %s don't cover it exactly: %s", p.Code, found[0])
		}
	}
	return nil
}

func shapesOf(list []cells.Cell) []orb.MultiPolygon {
	shapes := make([]orb.MultiPolygon, len(list))
	for i, cell := range list {
		shapes[i] = cell.Geom
	}
	return shapes
}

// drawn is the provenance of a cell after a hand has moved its boundary: what
// was invented stays so.
func drawn(before cells.Provenance) cells.Provenance {
	if before == cells.Demo {
		return cells.Demo
	}
	return cells.Drawn
}
