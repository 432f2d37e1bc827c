package merge

import (
	"context"
	_ "embed"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// What counts as a conflict: a layer cell with dominantShare of a leaf holds
// it; what lies across a leaf's line is let be up to tolerance of the leaf and
// up to toleranceM2 square metres (a hectare). A layer cell's person counts for
// a leaf of which it has more than tolerance.
const (
	dominantShare = 0.9
	tolerance     = 0.01
	toleranceM2   = 10_000
)

//go:embed classify_layers.sql
var classifyLayersSQL string

//go:embed classify_outside.sql
var classifyOutsideSQL string

//go:embed classify_leaves.sql
var classifyLeavesSQL string

//go:embed classify_people.sql
var classifyPeopleSQL string

//go:embed classify_codes.sql
var classifyCodesSQL string

//go:embed classify_objects.sql
var classifyObjectsSQL string

//go:embed classify_capacity.sql
var classifyCapacitySQL string

//go:embed classify_pending.sql
var classifyPendingSQL string

//go:embed classify_width.sql
var classifyWidthSQL string

//go:embed moves_sides.sql
var movesSidesSQL string

//go:embed moves.sql
var movesSQL string

//go:embed classify_alternatives.sql
var classifyAlternativesSQL string

//go:embed classify_tables.sql
var classifyTablesSQL string

//go:embed classify_write.sql
var classifyWriteSQL string

//go:embed moves_write.sql
var movesWriteSQL string

// classify finds a run's conflicts from its crosswalk and from the overlay's
// working tables, as things are at the instant now. Of leaves that are as they were
// it takes the conflicts of lines from the run before, if there is one.
func classify(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, run int64, before *int64, layers []grids.LayerCode, o Options, now time.Time) error {
	proposal := KeepBase
	base, others := layers, []grids.LayerCode(nil)
	if o.Base != "" {
		// the unified lines are to become the base's
		proposal = AdoptLayer
		base = []grids.LayerCode{o.Base}
		others = slices.DeleteFunc(slices.Clone(layers), func(l grids.LayerCode) bool { return l == o.Base })
	}
	keep := before != nil && o.Base == ""
	lines := func(proposal string) step {
		return step{"conflicts of lines", classifyLayersSQL, []any{territory, dominantShare, tolerance, toleranceM2, proposal, keep}}
	}
	if err := perform(ctx, tx,
		step{"conflicts", classifyTablesSQL, nil},
		step{"layers outside", classifyOutsideSQL, []any{territory, edition, layers, tolerance, toleranceM2}},
		step{"unified cells", classifyLeavesSQL, []any{territory, edition}},
		step{"accountable people", classifyPeopleSQL, []any{territory, run, edition, now, tolerance}},
		step{"codes", classifyCodesSQL, []any{territory, edition, layers}},
		step{"objects", classifyObjectsSQL, []any{territory}},
	); err != nil {
		return err
	}
	if o.Capacity > 0 {
		if err := perform(ctx, tx, step{"capacity", classifyCapacitySQL, []any{territory, run, edition, now}}); err != nil {
			return err
		}
	}
	if keep {
		if err := perform(ctx, tx, step{"conflicts of lines as before", carryLinesSQL, []any{territory, before, edition}}); err != nil {
			return err
		}
	}
	if err := perform(ctx, tx, step{"base", `DELETE FROM merge_piece WHERE NOT layer = ANY ($1::text[])`, []any{base}}, lines(proposal)); err != nil {
		return err
	}
	if len(others) > 0 {
		if err := cut(ctx, tx, territory, others, source{overlayBaseLeavesSQL, []any{territory, run, o.Base, edition}, overlayBaseGroundSQL}, nil); err != nil {
			return err
		}
		if err := perform(ctx, tx, lines(KeepBase)); err != nil {
			return err
		}
	}
	if err := perform(ctx, tx,
		step{"decisions", carrySQL, nil},
		step{"analyze", `ANALYZE merge_found (id, kind, layer, cell_id, kept, still)`, nil},
		step{"widths", classifyWidthSQL, []any{territory}},
		step{"statutory and disputed lines", classifyPendingSQL, []any{territory, edition, now}},
		step{"ground that could move", movesSidesSQL, []any{territory, run, edition, dominantShare}},
		step{"analyze", `ANALYZE merge_side (conflict_id, cell_id, parent_id, layer_cell_id, way)`, nil},
		step{"ground that would move", movesSQL, []any{territory, run, edition, tolerance}},
	); err != nil {
		return err
	}
	if keep {
		if err := perform(ctx, tx, step{"ground that would move as before", carryMovesSQL, []any{territory, before}}); err != nil {
			return err
		}
	}
	return perform(ctx, tx,
		step{"analyze", `ANALYZE merge_moved (conflict_id, resolution, to_cell_id)`, nil},
		step{"alternatives", classifyAlternativesSQL, []any{territory, edition, now}},
	)
}
