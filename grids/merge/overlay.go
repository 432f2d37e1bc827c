package merge

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed overlay_tables.sql
var overlayTablesSQL string

//go:embed overlay_ground.sql
var overlayGroundSQL string

//go:embed overlay_leaves.sql
var overlayLeavesSQL string

//go:embed overlay_left.sql
var overlayLeftSQL string

//go:embed overlay_pieces.sql
var overlayPiecesSQL string

//go:embed overlay_faces.sql
var overlayFacesSQL string

//go:embed overlay_divide.sql
var overlayDivideSQL string

//go:embed overlay_rest.sql
var overlayRestSQL string

//go:embed overlay_minor.sql
var overlayMinorSQL string

//go:embed overlay_sums.sql
var overlaySumsSQL string

//go:embed overlay_slivers.sql
var overlaySliversSQL string

//go:embed overlay_inputs.sql
var inputsSQL string

//go:embed overlay_same.sql
var sameSQL string

//go:embed overlay_before.sql
var beforeSQL string

//go:embed carry_keep.sql
var carryKeepSQL string

//go:embed carry_keep_rows.sql
var carryKeepRowsSQL string

//go:embed carry.sql
var carrySQL string

//go:embed carry_lines.sql
var carryLinesSQL string

//go:embed carry_moves.sql
var carryMovesSQL string

//go:embed carry_reopen.sql
var carryReopenSQL string

//go:embed contents.sql
var contentsSQL string

//go:embed contents_points.sql
var contentsPointsSQL string

//go:embed contents_unlocated.sql
var contentsUnlocatedSQL string

//go:embed contents_lines.sql
var contentsLinesSQL string

//go:embed contents_areas.sql
var contentsAreasSQL string

//go:embed contents_stretches.sql
var contentsStretchesSQL string

//go:embed part_pieces.sql
var partPiecesSQL string

//go:embed part_faces.sql
var partFacesSQL string

//go:embed overlay_absorbed.sql
var overlayAbsorbedSQL string

//go:embed overlay_base_ground.sql
var overlayBaseGroundSQL string

//go:embed overlay_base_leaves.sql
var overlayBaseLeavesSQL string

//go:embed overlay_crosswalk.sql
var overlayCrosswalkSQL string

// method stands for how leaves are cut and what counts as a conflict: a run by another
// method is none to take anything over from.
var method = func() [16]byte {
	sum := sha256.New()
	fmt.Fprint(sum, sliverShare, sliverM2, sliverWidthM, dominantShare, tolerance, toleranceM2)
	for _, sql := range []string{overlayLeavesSQL, overlayBaseLeavesSQL, overlayPiecesSQL, overlayFacesSQL, overlayDivideSQL, overlayRestSQL, overlayMinorSQL, overlaySliversSQL,
		overlayAbsorbedSQL, contentsPointsSQL, contentsUnlocatedSQL, contentsLinesSQL, contentsAreasSQL, contentsStretchesSQL, overlayCrosswalkSQL,
		classifyOutsideSQL, classifyLeavesSQL, classifyPeopleSQL, classifyCodesSQL, classifyObjectsSQL, classifyCapacitySQL, classifyLayersSQL, classifyWidthSQL,
		classifyPendingSQL, movesSidesSQL, movesSQL, classifyAlternativesSQL} {
		fmt.Fprintln(sum, sql)
	}
	return [16]byte(sum.Sum(nil))
}()

// step is one statement of an overlay, and what to call it when it fails.
type step struct {
	name string
	sql  string
	args []any
}

// Options say what a merge is to look at.
type Options struct {
	Layers   []grids.LayerCode // none: all that have cells
	Base     grids.LayerCode   // whose cells the other layers are held against; empty: the leaves
	Capacity int               // leaves for which one person can be accountable; 0: not judged
}

// Overlay cuts the leaves of an open draft by the cells of layers and keeps the
// pieces as a run, with the conflicts that follow. The shares of every leaf and
// layer sum to 1 within 1e-9, or it fails. A run of the same draft is replaced;
// conflicts that are the same as in it, or in the run that the draft began with,
// keep their ids and stay as they were decided. Only leaves that are others since then, or that a
// changed layer cell touches, are cut again; the outcome is the same. Where nothing at
// all has changed since the draft's own run, that run stays.
func Overlay(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, o Options, by string) (Run, error) {
	if err := cells.TakeTurn(ctx, tx, territory); err != nil {
		return Run{}, err
	}
	if err := openEdition(ctx, tx, territory, edition); err != nil {
		return Run{}, err
	}
	layers, err := chosen(ctx, tx, territory, o.Layers)
	if err != nil {
		return Run{}, err
	}
	if o.Base == "unified" {
		o.Base = ""
	}
	if o.Base != "" && !slices.Contains(layers, o.Base) {
		return Run{}, grids.Errorf(grids.Invalid, "base", "条线 %s 没有网格,不能作为底图", "layer %s has no cells and can't be the base", o.Base).
			Fix("可用:unified(统一网格)、%s", "bases: unified, %s", join(layers))
	}
	if err := perform(ctx, tx,
		step{"decisions so far", carryKeepSQL, nil},
		step{"decisions so far", carryKeepRowsSQL, []any{territory, edition}},
	); err != nil {
		return Run{}, err
	}
	before, err := before(ctx, tx, territory, edition, layers, cmp.Or(string(o.Base), "unified"))
	if err != nil {
		return Run{}, err
	}
	var run int64
	var inputs [16]byte
	if err := tx.QueryRow(ctx, inputsSQL, territory).Scan(&inputs); err != nil {
		return Run{}, fmt.Errorf("what goes into a merge: %w", err)
	}
	err = tx.QueryRow(ctx, `INSERT INTO merge.run (territory_id, edition, layers, base, capacity, created_by, method, inputs)
		VALUES ($1, $2, $3, coalesce(nullif($4, ''), 'unified'), nullif($5, 0), $6, $7, $8) RETURNING id`,
		territory, edition, layers, o.Base, o.Capacity, by, method, inputs).Scan(&run)
	if err != nil {
		return Run{}, fmt.Errorf("new run: %w", err)
	}
	if before != nil {
		var same bool
		if err := tx.QueryRow(ctx, sameSQL, territory, *before, edition, inputs, o.Capacity).Scan(&same); err != nil {
			return Run{}, fmt.Errorf("what went into run %d: %w", *before, err)
		}
		if same {
			err := perform(ctx, tx,
				step{"needless run", `DELETE FROM merge.run WHERE territory_id = $1 AND id = $2`, []any{territory, run}},
				step{"leaves merged", `UPDATE merge.run SET leaves = 0 WHERE territory_id = $1 AND id = $2 AND leaves > 0`, []any{territory, *before}},
			)
			if err != nil {
				return Run{}, err
			}
			return Get(ctx, tx, territory, *before)
		}
	}
	if err := cut(ctx, tx, territory, layers, source{overlayLeavesSQL, []any{territory, edition, before, layers}, overlayGroundSQL}, before); err != nil {
		return Run{}, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return Run{}, fmt.Errorf("overlay: %w", err)
	}
	if err := perform(ctx, tx,
		step{"leaves seen", `INSERT INTO merge.seen_leaf (territory_id, run_id, cell_id, print) SELECT $1, $2, cell_id, print FROM merge_leaf`, []any{territory, run}},
		step{"leaves merged", `UPDATE merge.run SET leaves = (SELECT count(*) FROM merge_leaf WHERE fresh) WHERE territory_id = $1 AND id = $2`, []any{territory, run}},
		step{"absorbed", overlayAbsorbedSQL, []any{territory, run}},
		step{"contents", contentsSQL, nil},
		step{"points", contentsPointsSQL, []any{territory}},
		step{"unlocated objects", contentsUnlocatedSQL, []any{territory, now}},
		step{"lines", contentsLinesSQL, []any{territory}},
		step{"areas", contentsAreasSQL, []any{territory}},
		step{"crosswalk", overlayCrosswalkSQL, []any{territory, run}},
		step{"stretches", contentsStretchesSQL, []any{territory, run}},
		step{"statistics", `SELECT merge.refresh_statistics()`, nil},
	); err != nil {
		return Run{}, err
	}
	if err := classify(ctx, tx, territory, edition, run, before, layers, o, now); err != nil {
		return Run{}, err
	}
	if err := perform(ctx, tx,
		step{"conflicts", classifyWriteSQL, []any{territory, run}},
		step{"ground that would move", movesWriteSQL, []any{territory, run}},
		step{"run before", `DELETE FROM merge.run WHERE territory_id = $1 AND edition = $2 AND id <> $3`, []any{territory, edition, run}},
		step{"decisions that changed", carryReopenSQL, []any{territory, run, Reason("changed")}},
		step{"statistics", `SELECT merge.refresh_conflict_statistics()`, nil},
	); err != nil {
		return Run{}, err
	}
	return Get(ctx, tx, territory, run)
}

// before gives the run that an edition rests on so far, if it was over the same
// layers and base, by the same method: what has not changed since need not be merged
// again.
func before(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, layers []grids.LayerCode, base string) (*int64, error) {
	var run *int64
	err := tx.QueryRow(ctx, beforeSQL, territory, edition, layers, base, method).Scan(&run)
	if err != nil {
		return nil, fmt.Errorf("the run before: %w", err)
	}
	return run, nil
}

// cut fills the working tables: what a source gives, cut by the cells of layers, or
// as it was in the run before.
func cut(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layers []grids.LayerCode, from source, before *int64) error {
	if err := perform(ctx, tx, step{"tables", overlayTablesSQL, nil}, step{"ground", from.ground, nil}); err != nil {
		return err
	}
	left, err := mosaic(ctx, tx, territory, layers, from, atOnce)
	if err != nil {
		return fmt.Errorf("overlay, %w", err)
	}
	if err := perform(ctx, tx, step{"analyze", `ANALYZE merge_leaf (cell_id, territory_id, from_edition, home, may_divide, fresh)`, nil}); err != nil {
		return err
	}
	if before != nil {
		if err := perform(ctx, tx,
			step{"pieces as before", partPiecesSQL, []any{territory, before}},
			step{"overlaps as before", partFacesSQL, []any{territory, before}},
		); err != nil {
			return err
		}
	}
	if err := perform(ctx, tx, step{"index", `CREATE INDEX ON merge_piece (cell_id, layer)`, nil}); err != nil {
		return err
	}
	if left {
		if err := cutLeft(ctx, tx, territory, layers); err != nil {
			return err
		}
	}
	if err := perform(ctx, tx, step{"analyze", `ANALYZE merge_piece (layer, layer_cell_id, cell_id, whole), merge_face (layer, cell_id)`, nil}); err != nil {
		return err
	}
	if left || before != nil {
		if err := sums(ctx, tx, layers); err != nil {
			return err
		}
	}
	return perform(ctx, tx, step{"slivers", overlaySliversSQL, []any{territory, sliverM2, sliverWidthM}})
}

// cutLeft cuts what is in merge_left, in PostGIS.
func cutLeft(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layers []grids.LayerCode) error {
	return perform(ctx, tx,
		step{"leaves left", overlayLeftSQL, nil},
		step{"index", `CREATE INDEX ON merge_left_leaf USING gist (geom)`, nil},
		step{"analyze", `ANALYZE merge_left, merge_left_leaf`, nil},
		step{"pieces", overlayPiecesSQL, []any{territory, layers}},
		step{"analyze", `ANALYZE merge_piece`, nil},
		step{"overlaps", overlayFacesSQL, nil},
		step{"overlaps divided", overlayDivideSQL, nil},
		step{"gaps", overlayRestSQL, nil},
		step{"minor pieces", overlayMinorSQL, []any{territory, sliverShare}},
	)
}

func perform(ctx context.Context, tx pgx.Tx, steps ...step) error {
	for _, s := range steps {
		if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("overlay, %s: %w", s.name, err)
		}
	}
	return nil
}

// chosen checks the layers asked for, or gives all that have cells.
func chosen(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, asked []grids.LayerCode) ([]grids.LayerCode, error) {
	rows, err := tx.Query(ctx, `
		SELECT l.code FROM layers.layer l
		WHERE l.territory_id = $1 AND EXISTS (SELECT FROM layers.cell c WHERE c.territory_id = $1 AND c.layer = l.code)
		ORDER BY l.rank, l.code`, territory)
	if err != nil {
		return nil, fmt.Errorf("layers: %w", err)
	}
	filled, err := pgx.CollectRows(rows, pgx.RowTo[grids.LayerCode])
	if err != nil {
		return nil, fmt.Errorf("layers: %w", err)
	}
	if len(filled) == 0 {
		return nil, grids.Errorf(grids.Conflict, "layers", "没有可融合的条线网格", "there are no layer cells to merge").
			Fix("先用 unigrid import --as layer-cells --layer … 导入", "import some: unigrid import --as layer-cells --layer …")
	}
	if len(asked) == 0 {
		return filled, nil
	}
	want := make(map[grids.LayerCode]bool, len(asked))
	for _, layer := range asked {
		want[layer] = true
	}
	var layers []grids.LayerCode
	for _, layer := range filled {
		if want[layer] {
			layers = append(layers, layer)
			delete(want, layer)
		}
	}
	for _, layer := range asked {
		if want[layer] {
			return nil, grids.Errorf(grids.Invalid, "layers", "条线 %s 没有网格", "layer %s has no cells", layer).
				Fix("有网格的条线:%s", "layers that have some: %s", join(filled))
		}
	}
	return layers, nil
}

func join(layers []grids.LayerCode) string {
	texts := make([]string, len(layers))
	for i, layer := range layers {
		texts[i] = string(layer)
	}
	return strings.Join(texts, ", ")
}

// sums proves, as mosaic does of the rest, that of what the database cut or was cut
// before no area was lost or counted twice.
func sums(ctx context.Context, tx pgx.Tx, layers []grids.LayerCode) error {
	rows, err := tx.Query(ctx, overlaySumsSQL, layers)
	if err != nil {
		return fmt.Errorf("overlay, sums: %w", err)
	}
	var code, layer string
	var sum float64
	var wrong []string
	_, err = pgx.ForEachRow(rows, []any{&code, &layer, &sum}, func() error {
		wrong = append(wrong, fmt.Sprintf("%s in %s: %.12g", code, layer, sum))
		return nil
	})
	if err != nil {
		return fmt.Errorf("overlay, sums: %w", err)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("overlay: shares don't sum to 1: %s", strings.Join(wrong, "; "))
	}
	return nil
}

// Slivers lists the pieces of a run that were absorbed, largest first, each
// with its place and area.
func Slivers(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64) ([]grids.Finding, error) {
	rows, err := tx.Query(ctx, `
		SELECT v.code, s.layer, coalesce(c.code, ''), s.area_m2, ST_X(s.place), ST_Y(s.place)
		FROM merge.sliver s
		JOIN merge.run r ON r.territory_id = s.territory_id AND r.id = s.run_id
		JOIN cells.of($1, r.edition) v ON v.cell_id = s.cell_id
		LEFT JOIN layers.cell c ON c.territory_id = s.territory_id AND c.id = s.layer_cell_id
		WHERE s.territory_id = $1 AND s.run_id = $2
		ORDER BY s.area_m2 DESC, s.id`, territory, run)
	if err != nil {
		return nil, fmt.Errorf("slivers: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "merge", Kind: "sliver", Severity: grids.SeverityRepair, Field: "layer"}
		var layerCell string
		var lon, lat float64
		err := row.Scan(&f.Code, &f.Value, &layerCell, &f.AreaM2, &lon, &lat)
		f.Lon, f.Lat = &lon, &lat
		if layerCell == "" {
			return f.Say(grids.Text{ZH: "条线未覆盖的碎片已并入该网格的最大部分", EN: "a sliver that the layer doesn't cover was given to the leaf's largest piece"}), err
		}
		return f.Say(grids.Textf("条线网格 %s 的碎片已并入该网格的最大部分", "a sliver of layer cell %s was given to the leaf's largest piece", layerCell)), err
	})
}
