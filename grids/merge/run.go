// Package merge holds the departments' layers against the unified grid (统一网格):
// it overlays them with the leaves of a draft, keeps how they overlap (the
// crosswalk, 对照表), finds where they disagree, and settles that by rules or by
// a planner's hand. What the settled merge means is then written: one
// accountable person per leaf, and a lead for each layer.
//
// Geometry is EPSG:4326 and is not rounded here. Shares are of area in square
// degrees; square metres are a share of the leaf's area_m2.
package merge

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Slivers: a piece of at most sliverShare of its leaf is one when it is smaller
// than sliverM2 or narrower, on average, than sliverWidthM metres. Digitising
// the same line twice makes them; real disputes are wider.
const (
	sliverShare  = 0.01
	sliverM2     = 50
	sliverWidthM = 1
)

// Run is one overlay of layers with the leaves of an edition.
type Run struct {
	ID         int64             `json:"id"`
	Edition    grids.EditionID   `json:"edition"`
	Layers     []grids.LayerCode `json:"layers"`
	Base       string            `json:"base"` // unified, or a layer
	Capacity   int               `json:"capacity,omitempty"`
	Leaves     int               `json:"leaves"`     // that were merged, and not taken over from the run before
	Pieces     int               `json:"pieces"`     // rows of the crosswalk
	Slivers    int               `json:"slivers"`    // pieces that others took over
	SliversM2  float64           `json:"slivers_m2"` // their area, square metres
	Conflicts  int               `json:"conflicts"`  // in any state
	Unsettled  int               `json:"unsettled"`  // open or deferred
	Blocking   int               `json:"blocking"`   // unsettled ones that forbid publishing
	CreatedAt  time.Time         `json:"created_at"`
	CreatedBy  string            `json:"created_by"`
	HasChanged bool              `json:"has_changed"` // leaves or layers are others now; overlay again
}

//go:embed run.sql
var runSQL string

// Get gives a run of a territory; a NotFound error when there is none.
func Get(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id int64) (Run, error) {
	r := Run{ID: id}
	err := tx.QueryRow(ctx, runSQL, territory, id).Scan(&r.Edition, &r.Layers, &r.Base, &r.Capacity, &r.Leaves, &r.Pieces, &r.Slivers, &r.SliversM2,
		&r.Conflicts, &r.Unsettled, &r.Blocking, &r.CreatedAt, &r.CreatedBy, &r.HasChanged)
	if errors.Is(err, pgx.ErrNoRows) {
		return Run{}, grids.Errorf(grids.NotFound, "run", "没有编号为 %d 的融合", "there is no merge run %d", id)
	}
	if err != nil {
		return Run{}, fmt.Errorf("merge run %d: %w", id, err)
	}
	return r, nil
}

// Latest gives the newest run that an edition rests on: its own or, when it has
// none, that of the nearest edition before it (Run.Edition tells which). A
// NotFound error when there is none.
func Latest(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) (Run, error) {
	var id *int64
	if err := tx.QueryRow(ctx, `SELECT merge.latest($1, $2)`, territory, edition).Scan(&id); err != nil {
		return Run{}, fmt.Errorf("newest merge run: %w", err)
	}
	if id == nil {
		return Run{}, grids.Errorf(grids.NotFound, "edition", "版本 %d 尚未融合条线", "no layers have been merged up to edition %d", edition).
			Fix("先运行 unigrid merge", "run unigrid merge first")
	}
	return Get(ctx, tx, territory, *id)
}

// LeftOut gives the names of layers that have cells, and pieces in the merge that
// the edition before rests on, but were no part of this one: with it their
// crosswalk would end.
func (r Run) LeftOut(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]grids.Text, error) {
	rows, err := tx.Query(ctx, `
		SELECT l.name_zh, l.name_en
		FROM merge.run b JOIN layers.layer l ON l.territory_id = $1 AND l.code = ANY (b.layers) AND l.code <> ALL ($3::text[])
		WHERE b.territory_id = $1 AND b.id = merge.latest($1, $2 - 1)
		  AND EXISTS (SELECT FROM layers.cell c WHERE c.territory_id = $1 AND c.layer = l.code)
		ORDER BY l.code`, territory, r.Edition, r.Layers)
	if err != nil {
		return nil, fmt.Errorf("layers left out of the merge: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[grids.Text])
}

// options are those that a run was made with.
func (r Run) options() Options {
	o := Options{Layers: r.Layers, Capacity: r.Capacity}
	if r.Base != "unified" {
		o.Base = grids.LayerCode(r.Base)
	}
	return o
}

// Head tells which run a territory's work goes on with, without its figures.
type Head struct {
	ID      int64
	Edition grids.EditionID
	Layers  []grids.LayerCode
	Draft   bool // its edition is open; only then can its conflicts be decided
}

// Newest gives the newest run: of the open draft or, when it has none, of the
// newest edition that has one. A NotFound error when there is none at all.
func Newest(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (Head, error) {
	var h Head
	err := tx.QueryRow(ctx, `
		SELECT r.id, r.edition, r.layers, e.state <> 'published'
		FROM merge.run r JOIN editions.edition e ON e.territory_id = r.territory_id AND e.seq = r.edition
		WHERE r.territory_id = $1 AND r.id = merge.latest($1, 2147483647)`, territory).Scan(&h.ID, &h.Edition, &h.Layers, &h.Draft)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, grids.Errorf(grids.NotFound, "", "条线尚未融合过", "no layers have been merged yet").
			Fix("先融合:POST /v1/merges,或运行 unigrid merge", "merge them: POST /v1/merges, or unigrid merge")
	}
	if err != nil {
		return h, fmt.Errorf("newest merge run: %w", err)
	}
	return h, nil
}

// draftRun gives a run whose edition is still open and takes the territory's
// turn; a Conflict error when the edition is published.
func draftRun(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id int64) (Run, error) {
	if err := cells.TakeTurn(ctx, tx, territory); err != nil {
		return Run{}, err
	}
	r, err := Get(ctx, tx, territory, id)
	if err != nil {
		return Run{}, err
	}
	return r, openEdition(ctx, tx, territory, r.Edition)
}

// openEdition fails unless the edition is there and not published.
func openEdition(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) error {
	var state string
	err := tx.QueryRow(ctx, `SELECT state FROM editions.edition WHERE territory_id = $1 AND seq = $2`, territory, edition).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return grids.Errorf(grids.NotFound, "edition", "没有版本 %d", "there is no edition %d", edition)
	}
	if err != nil {
		return fmt.Errorf("edition %d: %w", edition, err)
	}
	if state == "published" {
		return grids.Errorf(grids.Conflict, "edition", "版本 %d 已发布,其融合和冲突不能再改", "edition %d is published; its merge and conflicts can't be changed", edition).
			Fix("在草案中重新融合后再决定", "merge again in a draft, and decide there")
	}
	return nil
}
