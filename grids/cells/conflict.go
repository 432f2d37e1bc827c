package cells

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Base is a cell that an edit is based on, as its planner saw it.
type Base struct {
	ID   grids.CellID
	ETag string
}

// Clash is a cell that has changed since a planner saw it.
type Clash struct {
	ID      grids.CellID
	Code    grids.Code
	Current *Cell  // nil: it is gone
	Yours   string // the tag that the edit was based on
}

// Stale is the error of an edit that is based on cells which have changed. It
// unwraps to a *grids.Error of kind Conflict.
type Stale struct {
	Edition grids.EditionID
	Clashes []Clash
	err     *grids.Error
}

// Error names the cells.
func (s *Stale) Error() string { return s.err.Error() }

// Unwrap gives the *grids.Error.
func (s *Stale) Unwrap() error { return s.err }

// Current gives the cells of an edit, in the order of its bases, and keeps
// everybody else from changing the draft until the transaction ends. It fails
// with a *Stale when any of them is not what the planner saw.
func Current(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, bases []Base) ([]Cell, error) {
	if err := TakeTurn(ctx, tx, t.ID); err != nil {
		return nil, err
	}
	return Seen(ctx, tx, t, edition, bases)
}

// Seen is Current without keeping anybody from the draft: what it gives may have
// changed by the time that something is made of it.
func Seen(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, bases []Base) ([]Cell, error) {
	ids := make([]grids.CellID, len(bases))
	for i, b := range bases {
		ids[i] = b.ID
	}
	there, err := ByID(ctx, tx, t, edition, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[grids.CellID]Cell, len(there))
	for _, cell := range there {
		byID[cell.ID] = cell
	}
	list := make([]Cell, len(bases))
	stale := &Stale{Edition: edition}
	for i, b := range bases {
		cell, ok := byID[b.ID]
		if ok && cell.ETag == b.ETag {
			list[i] = cell
			continue
		}
		clash := Clash{ID: b.ID, Yours: b.ETag, Code: cell.Code}
		if ok {
			clash.Current = &cell
		} else if clash.Code, err = lastCode(ctx, tx, t, b.ID); err != nil {
			return nil, err
		}
		stale.Clashes = append(stale.Clashes, clash)
	}
	if len(stale.Clashes) == 0 {
		return list, nil
	}
	stale.err = grids.Errorf(grids.Conflict, "etag", "%d 个网格在您打开之后已被改动(如 %s),未作任何更改", "%d cells have changed since you saw them (such as %s); nothing was changed",
		len(stale.Clashes), stale.Clashes[0].Code).
		Fix("查看双方版本后重做", "look at both versions and do it again")
	return nil, stale
}

// lastCode gives the code that a cell had last; NotFound when there never was
// such a cell.
func lastCode(ctx context.Context, tx pgx.Tx, t Territory, id grids.CellID) (grids.Code, error) {
	var code *grids.Code
	err := tx.QueryRow(ctx, `
		SELECT (SELECT code FROM cells.version WHERE territory_id = $1 AND cell_id = c.id ORDER BY from_edition DESC LIMIT 1)
		FROM cells.cell c WHERE territory_id = $1 AND id = $2`, t.ID, id).Scan(&code)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", grids.Errorf(grids.NotFound, "uid", "没有 uid 为 %d 的网格", "there is no cell with uid %d", id)
	}
	if err != nil {
		return "", fmt.Errorf("code of cell %d: %w", id, err)
	}
	if code == nil {
		return "", nil // made in a draft and undone
	}
	return *code, nil
}
