// Package drawing draws the children of a cell (防区怎么划): by the nearest of
// given seeds, balanced on the H3 lattice, or split by lines; over the bare
// parent, or from cells that are there, or of atoms, such as villages, that are
// never cut. A draw is prepared from the database, made in memory and then
// applied to an open draft; what it takes to make it again, and how good it is,
// is kept.
package drawing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo"
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
	ByLines  Method = "split"
)

// SeedPoint is where a nearest draw puts a cell: a village office or station.
// Code and name are empty when they are to be given by rule.
type SeedPoint struct {
	Code grids.Code
	Name string
	At   orb.Point
}

// Request is one draw. What needs the database (Load other than area, Rivers,
// Atoms, Replace, Edition) takes Prepare before Make.
type Request struct {
	Method Method
	Into   int              // balanced: how many cells; 0 takes one per code, or as many as there are
	Seeds  []SeedPoint      // nearest
	Lines  []orb.LineString // split: EPSG:4326
	Codes  []CodeName       // of the children; empty numbers them
	From   *orb.Point       // names are given outward from here; nil: the parent's middle
	Seed   uint64           // of a balanced draw
	// MaxSegment is the longest segment of a new border in metres; 0 suits it
	// to the size of the cells.
	MaxSegment float64
	// Load is what cells share equally; none is area.
	Load []LoadShare
	// Barriers are lines that borders prefer to run along; Rivers adds the
	// territory's river reaches.
	Barriers []orb.LineString
	Rivers   bool
	// Atoms is the tier of cells to group without cutting them; 0 for none. The
	// parent's children are drawn anew, with those of that tier below them.
	Atoms grids.Tier
	// Areas are given polygons to group without cutting them; they must be an
	// exact partition of what is drawn.
	Areas []orb.MultiPolygon
	// Replace draws a parent anew that has children. Those that are statutory
	// (法定界线), disputed (争议地) or in Lock stay as they are, and the rest of the
	// parent is divided into Into cells. A new cell keeps the id, code and name of
	// the old one that it shares most area with.
	Replace bool
	Lock    []grids.Code
	// Edition is where the cells to begin from come from; 0 is the draft itself.
	Edition grids.EditionID

	known *known
}

// Plan is a draw that was made but not applied.
type Plan struct {
	Parent   cells.Cell
	Request  Request
	Children []cells.Cell // those with an id go on from a cell that is there
	Quality  []draw.CellQuality
	// Ended are the children that are no more, Moved the atoms that come under
	// another parent, with their new codes; under[i] is the child that Moved[i]
	// comes under.
	Ended []cells.Cell
	Moved []cells.Cell
	under []int
	kept  []int // by child, the cell of known.open that it goes on from; -1 none
}

// Make draws the children of parent without touching the database.
func Make(ctx context.Context, t cells.Territory, parent cells.Cell, r Request) (Plan, error) {
	if int(parent.Tier) >= len(t.Scheme.Lengths) {
		return Plan{}, grids.Errorf(grids.Invalid, "parent", "%s 已是最末一级", "%s is of the lowest tier already", parent.Code)
	}
	if r.known == nil {
		if r.wantsReading() {
			return Plan{}, errors.New("drawing: a request that needs the database was not prepared")
		}
		r.known = &known{rest: parent.Geom}
	}
	result, err := shapes(ctx, &r)
	if err != nil {
		return Plan{}, explain(parent, err)
	}
	plan := Plan{Parent: parent, Request: r, Children: make([]cells.Cell, len(result.Cells)), Quality: result.Quality}
	for i, shape := range result.Cells {
		plan.Children[i] = cells.Cell{Tier: parent.Tier + 1, ParentID: parent.ID, Geom: shape, Provenance: cells.Drawn}
	}
	plan.kept = result.Kept
	if r.Atoms == parent.Tier+1 {
		plan.regroup(result.Group)
	}
	if err := plan.goOn(); err != nil {
		return Plan{}, err
	}
	if err := nameChildren(t, &plan); err != nil {
		return Plan{}, err
	}
	return plan, plan.moveAtoms(t, result.Group)
}

// shapes makes the geometry of the children.
func shapes(ctx context.Context, r *Request) (draw.Result, error) {
	k := r.known
	options := draw.Options{Seed: r.Seed, MaxSegment: r.MaxSegment, Load: k.load, Start: shapesOf(k.open),
		Barriers: append(slices.Clone(r.Barriers), k.rivers...)}
	atoms := r.Areas
	if r.Atoms != 0 {
		atoms = shapesOf(k.atoms)
	}
	if len(r.Areas) > 0 {
		if err := partitions(r.Areas, k.rest); err != nil {
			return draw.Result{}, err
		}
	}
	switch r.Method {
	case Nearest:
		at := make([]orb.Point, len(r.Seeds))
		for i, s := range r.Seeds {
			at[i] = s.At
		}
		if len(atoms) > 0 {
			return draw.NearestAtoms(ctx, atoms, at, options)
		}
		return draw.Nearest(ctx, k.rest, at, options)
	case Balanced:
		if r.Into == 0 {
			r.Into = cmp.Or(len(r.Codes), len(k.open))
		}
		options.Into = r.Into
		if len(atoms) > 0 {
			return draw.BalancedAtoms(ctx, atoms, options)
		}
		return draw.Balanced(ctx, k.rest, options)
	case ByLines:
		if len(atoms) > 0 {
			return draw.Result{}, grids.Errorf(grids.Invalid, "atoms", "split 会切开网格,不能与 atoms 同用", "split cuts cells, so it takes no atoms")
		}
		return draw.Split(ctx, k.rest, r.Lines, options)
	}
	return draw.Result{}, grids.Errorf(grids.Invalid, "method", "未知的绘制方法 %q", "unknown method %q", r.Method).
		Fix("用 nearest、balanced 或 split", "use nearest, balanced or split")
}

// partitions tells whether areas cover a cell exactly.
func partitions(areas []orb.MultiPolygon, whole orb.MultiPolygon) error {
	coverage, err := geo.NewCoverage(areas)
	if err != nil {
		return err
	}
	if found := coverage.Validate(whole); len(found) > 0 {
		at := found[0].Segment[0]
		return grids.Errorf(grids.Invalid, "atoms", "给定的面不是其精确划分(%d 处,第一处在 %.7f,%.7f)",
			"the areas are not an exact partition of what is drawn (%d places, the first at %.7f,%.7f)", len(found), at[0], at[1]).
			Fix("先用 import --as cells 清理并导入", "clean and import them first, with import --as cells")
	}
	return nil
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
	case errors.Is(err, draw.ErrOptions), errors.Is(err, draw.ErrTooFine), errors.Is(err, draw.ErrParent):
		e := grids.Errorf(grids.Invalid, "into", "%s 无法这样划分", "%s can't be divided like this", parent.Code)
		e.Cause = err
		return e
	}
	return refuse(fmt.Errorf("drawing %s: %w", parent.Code, err), []cells.Cell{parent})
}
