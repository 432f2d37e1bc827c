// Package drawing draws the children of a cell (防区怎么划): by the nearest of
// given seeds, or balanced on the H3 lattice. A draw is planned in memory and
// then applied to an open draft; what it takes to make it again, and how good
// it is, is kept.
package drawing

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo/draw"
	"unigrid/grids"
	"unigrid/grids/cells"
)

// Method says how borders come about.
type Method string

// The methods that draw; adopt is cells.Adopt.
const (
	Nearest  Method = "nearest"
	Balanced Method = "balanced"
)

// SeedPoint is where a nearest draw puts a cell: a village office or station.
// Code and name are empty when they are to be given by rule.
type SeedPoint struct {
	Code grids.Code
	Name string
	At   orb.Point
}

// Request is one draw.
type Request struct {
	Method Method
	Into   int         // balanced: how many cells; 0 takes one per code
	Seeds  []SeedPoint // nearest
	Codes  []CodeName  // of the children; empty numbers them
	From   *orb.Point  // names are given outward from here; nil: the parent's middle
	Seed   uint64      // of a balanced draw
	// MaxSegment is the longest segment of a new border in metres; 0 suits it
	// to the size of the cells.
	MaxSegment float64
}

// Plan is a draw that was made but not applied.
type Plan struct {
	Parent   cells.Cell
	Request  Request
	Children []cells.Cell
	Quality  []draw.CellQuality
}

// Make draws the children of parent without touching the database.
func Make(ctx context.Context, t cells.Territory, parent cells.Cell, r Request) (Plan, error) {
	if int(parent.Tier) >= len(t.Scheme.Lengths) {
		return Plan{}, grids.Errorf(grids.Invalid, "parent", "%s 已是最末一级", "%s is of the lowest tier already", parent.Code)
	}
	result, err := shapes(ctx, parent, &r)
	if err != nil {
		return Plan{}, explain(parent, err)
	}
	plan := Plan{Parent: parent, Request: r, Children: make([]cells.Cell, len(result.Cells)), Quality: result.Quality}
	for i, shape := range result.Cells {
		plan.Children[i] = cells.Cell{Tier: parent.Tier + 1, ParentID: parent.ID, Geom: shape, Provenance: cells.Drawn}
	}
	return plan, nameChildren(t, &plan)
}

func shapes(ctx context.Context, parent cells.Cell, r *Request) (draw.Result, error) {
	options := draw.Options{Seed: r.Seed, MaxSegment: r.MaxSegment}
	switch r.Method {
	case Nearest:
		at := make([]orb.Point, len(r.Seeds))
		for i, s := range r.Seeds {
			at[i] = s.At
		}
		return draw.Nearest(ctx, parent.Geom, at, options)
	case Balanced:
		if r.Into == 0 {
			r.Into = len(r.Codes)
		}
		options.Into = r.Into
		return draw.Balanced(ctx, parent.Geom, options)
	}
	return draw.Result{}, grids.Errorf(grids.Invalid, "method", "未知的绘制方法 %q", "unknown method %q", r.Method).
		Fix("用 nearest 或 balanced", "use nearest or balanced")
}

// explain turns an error of geo/draw that a person can mend into one they can
// read.
func explain(parent cells.Cell, err error) error {
	var already *grids.Error
	switch {
	case errors.As(err, &already):
		return err
	case errors.Is(err, draw.ErrSeeds):
		e := grids.Errorf(grids.Invalid, "points", "%s 的种子点不可用", "the seed points don't fit %s", parent.Code)
		e.Cause = err
		return e
	case errors.Is(err, draw.ErrOptions), errors.Is(err, draw.ErrTooFine):
		e := grids.Errorf(grids.Invalid, "into", "%s 无法这样划分", "%s can't be divided like this", parent.Code)
		e.Cause = err
		return e
	}
	return fmt.Errorf("drawing %s: %w", parent.Code, err)
}

// nameChildren gives codes and names: a seed's own, else by rule outward from
// the request's point, else numbers.
func nameChildren(t cells.Territory, plan *Plan) error {
	r := plan.Request
	if len(r.Seeds) > 0 && r.Seeds[0].Code != "" {
		for i, s := range r.Seeds {
			plan.Children[i].Code, plan.Children[i].Name = s.Code, s.Name
		}
		return checkCodes(t, plan)
	}
	codes := r.Codes
	if len(codes) == 0 {
		codes = number(t, plan.Parent, len(plan.Children))
	}
	if len(codes) != len(plan.Children) {
		return grids.Errorf(grids.Invalid, "codes", "%s:%d 个代码对应 %d 个网格", "%s: %d codes for %d cells", plan.Parent.Code, len(codes), len(plan.Children))
	}
	list := make([]orb.MultiPolygon, len(plan.Children))
	for i, child := range plan.Children {
		list[i] = child.Geom
	}
	from := r.From
	if from == nil {
		middle := plan.Parent.Geom.Bound().Center()
		from = &middle
	}
	for i, n := range Names(list, *from, codes) {
		plan.Children[i].Code, plan.Children[i].Name = codes[n].Code, codes[n].Name
	}
	return checkCodes(t, plan)
}

// checkCodes refuses codes that do not belong under the parent.
func checkCodes(t cells.Territory, plan *Plan) error {
	seen := map[grids.Code]bool{}
	for i := range plan.Children {
		child := &plan.Children[i]
		code, err := t.Scheme.Parse(string(child.Code), child.Tier)
		if err != nil {
			return err
		}
		if t.Scheme.Parent(code, child.Tier) != plan.Parent.Code {
			return grids.Errorf(grids.Invalid, "codes", "代码 %s 不属于 %s", "code %s does not belong under %s", code, plan.Parent.Code)
		}
		if seen[code] {
			return grids.Errorf(grids.Invalid, "codes", "代码 %s 重复", "code %s is there twice", code)
		}
		seen[code] = true
		child.Code = code
		if child.Name == "" {
			child.Name = string(code)
		}
	}
	return nil
}

// number makes the codes 001, 002, … under a parent that has no code list.
func number(t cells.Territory, parent cells.Cell, count int) []CodeName {
	prefix := t.Scheme.Significant(parent.Code, parent.Tier)
	width := t.Scheme.Lengths[parent.Tier] - t.Scheme.Lengths[parent.Tier-1]
	codes := make([]CodeName, count)
	for i := range codes {
		code := fmt.Sprintf("%s%0*d", prefix, width, i+1)
		codes[i] = CodeName{Code: grids.Code(code), Name: code}
	}
	return codes
}

// Apply stores plans in an open draft. A parent that has children already is
// refused.
func Apply(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, who grids.Principal, plans []Plan) error {
	parents := make([]grids.CellID, len(plans))
	var children []cells.Cell
	for i, p := range plans {
		parents[i] = p.Parent.ID
		children = append(children, p.Children...)
	}
	var taken []string
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(array_agg(DISTINCT p.code ORDER BY p.code), '{}')
		FROM cells.of($1, $2) c JOIN cells.of($1, $2) p ON p.cell_id = c.parent_id
		WHERE c.parent_id = ANY($3)`, t.ID, edition, parents).Scan(&taken); err != nil {
		return err
	}
	if len(taken) > 0 {
		return grids.Errorf(grids.Conflict, "parent", "%v 已有下级网格", "%v has children already", taken)
	}
	if err := cells.OpenStep(ctx, tx, t, who, "draw", map[string]any{"parents": parents}); err != nil {
		return err
	}
	if _, err := cells.Put(ctx, tx, t, edition, children); err != nil {
		return err
	}
	rows := make([][]any, len(plans))
	for i, p := range plans {
		rows[i] = []any{t.ID, edition, p.Parent.ID, string(p.Request.Method), len(p.Children), int64(p.Request.Seed), p.Quality, who.Name}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"drawing", "draw"},
		[]string{"territory_id", "edition", "parent_id", "method", "into_cells", "seed", "quality", "created_by"}, pgx.CopyFromRows(rows))
	return err
}
