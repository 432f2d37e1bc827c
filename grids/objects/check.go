package objects

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed check.sql
var check string

// Check judges placements by SQL of its own, which derives them anew from
// geometry: shares and outside share sum to 1, a point is in exactly the right
// leaf, shares are what they measure, placements are in leaves of the edition in
// force (before the first publish: of the newest edition), and nothing located
// inside the territory is in no cell. It gives the number of located objects.
func Check(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]grids.Finding, int, error) {
	var edition, checked int
	var now time.Time
	err := tx.QueryRow(ctx, `
		SELECT coalesce(editions.at($1, t.instant), (SELECT max(seq) FROM editions.edition WHERE territory_id = $1), 0), t.instant,
		       (SELECT count(*) FROM objects.object WHERE territory_id = $1 AND geom IS NOT NULL)
		FROM (SELECT clock_timestamp() AS instant) t`, territory).Scan(&edition, &now, &checked)
	if err != nil {
		return nil, 0, err
	}
	found, err := findings(ctx, tx, "placement", check, territory, edition, now)
	if err != nil {
		return nil, 0, fmt.Errorf("checking placements: %w", err)
	}
	return found, checked, nil
}
