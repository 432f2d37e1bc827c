package collections

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Successor is a cell that holds part of a retired one.
type Successor struct {
	Code  string  `json:"code"`
	UID   int64   `json:"uid"`
	Share float64 `json:"share"` // of the retired cell's area
}

// Retired is the error about a code that was in force once: who has its area
// now. It unwraps to a *grids.Error of kind Gone.
type Retired struct {
	Err        *grids.Error
	Successors []Successor
}

func (r *Retired) Error() string { return r.Err.Error() }

// Unwrap gives the *grids.Error.
func (r *Retired) Unwrap() error { return r.Err }

// Missing says why a collection has no feature of that id in a scope: a
// *Retired when it was there in an edition before, else a *grids.Error of kind
// NotFound.
func (d *Def) Missing(ctx context.Context, tx pgx.Tx, scope Scope, id string) error {
	missing := grids.Errorf(grids.NotFound, "fid", "集合 %s 中没有 %q", "collection %s has no feature %q", d.ID, id)
	missing.Value = id
	if d.ID != "cells" || scope.Last == 0 {
		return missing
	}
	rows, err := tx.Query(ctx, `
		WITH was AS (
		  SELECT v.cell_id FROM cells.version v
		  WHERE v.territory_id = $1 AND v.from_edition <= $2 AND (v.code = $3 OR v.cell_id::text = $3)
		  ORDER BY v.code = $3 DESC, v.from_edition DESC LIMIT 1)
		SELECT s.uid, s.code, s.share FROM was
		LEFT JOIN LATERAL cells.successors($1, was.cell_id, $2) s ON true
		ORDER BY s.code USING ~<~`, scope.Territory, scope.Last, id)
	if err != nil {
		return fmt.Errorf("successors of %s: %w", id, err)
	}
	was := false
	successors := []Successor{}
	var uid *int64
	var code *string
	var share *float64
	if _, err := pgx.ForEachRow(rows, []any{&uid, &code, &share}, func() error {
		was = true
		if uid != nil {
			successors = append(successors, Successor{Code: *code, UID: *uid, Share: *share})
		}
		return nil
	}); err != nil {
		return fmt.Errorf("successors of %s: %w", id, err)
	}
	if !was {
		return missing
	}
	gone := grids.Errorf(grids.Gone, "fid", "网格 %q 已撤销", "cell %q is retired", id)
	gone.Value = id
	gone.Fix("改用 successors 所列网格,或用 datetime 查询当时的情况", "use the cells in successors, or ask with datetime for what was then")
	return &Retired{Err: gone, Successors: successors}
}
