package cells

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/database"
)

// displayBands are the tolerances, in metres, by which each tier is simplified
// as one coverage for a band of zoom levels; 0 leaves it as it is. A pixel is
// about 270 m at z9 and 34 m at z12.
var displayBands = []float64{100, 12, 0}

// MakeDisplay derives from an edition what maps show of it, so that no gap
// opens between neighbours at any zoom level.
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
		for band, tolerance := range displayBands {
			shown := shapes
			if tolerance > 0 {
				shown = coverage.Simplify(tolerance)
			}
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{"new_display"}, []string{"cell_id", "band", "geom"},
				pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
					geom, err := database.Geometry(shown[i])
					return []any{list[i].ID, int16(band), geom}, err
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
	return err
}
