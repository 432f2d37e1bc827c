package cells

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed adopt_kept.sql
var keptSQL string

// partsOf puts what changes into parts of whole families, by code: as many as
// make some thousand touched rows.
func (a *adoption) partsOf(list []known) [][]known {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(k, l known) int { return cmp.Compare(k.Family, l.Family) })
	var parts [][]known
	touched := 0
	for from, k := range list {
		if from == 0 || touched >= runRows && k.Family != list[from-1].Family {
			parts, touched = append(parts, nil), 0
		}
		part := &parts[len(parts)-1]
		if *part = append(*part, k); k.Touched {
			touched++
		}
	}
	return parts
}

// loadPart brings the touched rows of a part and the cells that they name into memory,
// with the shapes that c made; where it made none, with those that are kept, else
// those that were sent.
func (a *adoption) loadPart(part []known, c *cleaning) (*renewal, error) {
	r := &renewal{known: part, byRow: map[int]known{}, old: map[grids.CellID]Cell{}}
	ids, touched := []grids.CellID{}, []int{}
	for _, k := range part {
		if k.State == "missing" {
			continue
		}
		if r.byRow[k.Row] = k; !k.Touched {
			continue
		}
		if touched = append(touched, k.Row); k.State == "there" {
			ids = append(ids, k.ID)
		}
	}
	if err := a.loadRows(touched, c); err != nil {
		return nil, err
	}
	old, err := ByID(a.ctx, a.tx, a.t, a.edition, ids)
	if err != nil {
		return nil, err
	}
	for _, cell := range old {
		r.old[cell.ID] = cell
	}
	for i, row := range a.rows {
		if k := r.byRow[row.Row]; c == nil && k.keeps() {
			a.shapes[i] = r.old[k.ID].Geom
		}
	}
	return r, nil
}

// fitTouched makes the touched families partitions, in which rows that keep their
// cells' boundaries don't move; nil where they are as they are.
func (a *adoption) fitTouched(parts [][]known) (*cleaning, error) {
	exact := true
	for _, part := range parts {
		if _, err := a.loadPart(part, nil); err != nil {
			return nil, err
		}
		if exact = len(a.rows) == 0 || a.exact(); !exact {
			break
		}
	}
	if a.proven = exact; exact {
		return nil, nil
	}
	if err := PrepareClean(a.ctx, a.tx); err != nil {
		return nil, err
	}
	for _, part := range parts {
		if err := a.stageTouched(part); err != nil {
			return nil, err
		}
	}
	a.rows, a.shapes = nil, nil
	return a.clean(&keeping{same: a.asSent, maxSegment: a.options.MaxSegment})
}

// stageTouched brings the touched rows of a part into clean_row, with what is kept
// for them.
func (a *adoption) stageTouched(part []known) error {
	numbers, there, ids, kept, pinned := []int{}, []int{}, []grids.CellID{}, []bool{}, []bool{}
	for _, k := range part {
		if !k.Touched || k.State == "missing" {
			continue
		}
		if numbers = append(numbers, k.Row); k.State == "there" {
			there, ids = append(there, k.Row), append(ids, k.ID)
			kept, pinned = append(kept, k.keeps()), append(pinned, k.Resent && k.Below)
		}
	}
	if err := a.loadRows(numbers, nil); err != nil {
		return err
	}
	if err := a.stageRuns(a.loadedRuns().next); err != nil {
		return err
	}
	if _, err := a.tx.Exec(a.ctx, `
		UPDATE clean_row c SET was = CASE WHEN k.kept THEN v.geom END, statutory = v.locked OR v.disputed, pinned = k.pinned
		FROM unnest($3::int[], $4::bigint[], $5::bool[], $6::bool[]) k (row, cell_id, kept, pinned)
		CROSS JOIN LATERAL (SELECT v.geom, v.locked, v.disputed FROM cells.of($1, $2) v WHERE v.cell_id = k.cell_id OFFSET 0) v
		WHERE c.row = k.row`, a.t.ID, a.edition, there, ids, kept, pinned); err != nil {
		return fmt.Errorf("boundaries that are kept: %w", err)
	}
	return nil
}

// asSent is keeping's same.
func (a *adoption) asSent(c *cleaning, numbers []int, shapes [][]byte) ([]bool, error) {
	rows, err := a.tx.Query(a.ctx, keptSQL, a.t.ID, a.batch, numbers, shapes, c.origin[0], c.origin[1])
	if err != nil {
		return nil, err
	}
	same, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	if err != nil {
		return nil, fmt.Errorf("comparing with what was sent: %w", err)
	}
	return same, nil
}
