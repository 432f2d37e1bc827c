package cells

import (
	"context"
	_ "embed"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/database"
)

//go:embed display_check.sql
var displayCheck string

// displayBands are the bands of zoom levels (0: up to z9, 1: z10-12, 2: from
// z13) with the tolerance in metres by which each tier is simplified as one
// coverage, 0 leaving it as it is, and the deepest tier that tiles of the band
// show. A pixel is about 270 m at z9 and 34 m at z12.
var displayBands = []struct {
	tolerance float64
	deepest   grids.Tier
}{{100, 3}, {12, 4}, {0, math.MaxInt16}}

// MakeDisplay derives from an edition what maps show of it, so that no gap
// opens between neighbours at any zoom level, and what the public sees of it where
// cells are open to the public.
func MakeDisplay(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) error {
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.new_display;
		CREATE TEMP TABLE new_display (cell_id bigint, band smallint, geom geometry) ON COMMIT DROP`); err != nil {
		return err
	}
	for tier := grids.Tier(1); int(tier) <= len(t.Scheme.Lengths); tier++ {
		list, err := OfTier(ctx, tx, t, edition, tier)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		shapes := make([]orb.MultiPolygon, len(list))
		for i, cell := range list {
			shapes[i] = cell.Geom
		}
		coverage, err := geo.NewCoverage(shapes)
		if err != nil {
			return err
		}
		for n, band := range displayBands {
			if tier > band.deepest {
				continue
			}
			shown := shapes
			if band.tolerance > 0 {
				shown = coverage.Simplify(band.tolerance)
			}
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{"new_display"}, []string{"cell_id", "band", "geom"},
				pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
					geom, err := database.Geometry(shown[i])
					return []any{list[i].ID, int16(n), geom}, err
				})); err != nil {
				return fmt.Errorf("display of tier %d: %w", tier, err)
			}
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO cells.display (territory_id, edition, band, cell_id, tier, code, name, provenance, geom, label)
		SELECT $1, $2, d.band, d.cell_id, v.tier, v.code, v.name, v.provenance,
		       ST_Transform(d.geom, 3857), ST_Transform(v.label, 3857)
		FROM new_display d JOIN cells.of($1, $2) v USING (cell_id)`, t.ID, edition)
	if err != nil {
		return err
	}
	return generaliseOpened(ctx, tx, t, edition)
}

// CheckDisplay finds where what maps show of an edition is no coverage: cells of
// one tier that overlap in a band of zoom levels, gaps that the cells themselves
// don't have, broken shapes, and cells that are missing. It is SQL that shares
// nothing with the code that simplifies. checked counts shapes; at most 1000
// findings come back, with areas in square metres of EPSG:3857.
func CheckDisplay(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) (found []grids.Finding, checked int, err error) {
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM cells.display WHERE territory_id = $1 AND edition = $2`, t.ID, edition).Scan(&checked); err != nil {
		return nil, 0, err
	}
	deepest := make([]int16, len(displayBands))
	for n, band := range displayBands {
		deepest[n] = int16(band.deepest)
	}
	rows, err := tx.Query(ctx, displayCheck, t.ID, edition, deepest)
	if err != nil {
		return nil, 0, fmt.Errorf("display check: %w", err)
	}
	found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "display", Severity: grids.SeverityError}
		var said grids.Text
		err := row.Scan(&f.Kind, &f.Code, &said.ZH, &said.EN, &f.Lon, &f.Lat, &f.AreaM2)
		return f.Say(said), err
	})
	return found, checked, err
}
