package people

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

// Check judges accountability in the edition in force by SQL of its own: every
// cell has exactly one person now, of its own or acting; no two are accountable
// for one cell at any time; the tier-1 cell has had no hole since the first
// publish and has none ahead. It gives the number of cells looked at; 0 before
// the first publish.
func Check(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]grids.Finding, int, error) {
	var edition, checked int
	var now time.Time
	err := tx.QueryRow(ctx, `
		SELECT e.seq, e.instant, (SELECT count(*) FROM cells.of($1, e.seq))
		FROM (SELECT coalesce(editions.at($1, t.instant), 0) AS seq, t.instant FROM (SELECT clock_timestamp() AS instant) t) e`,
		territory).Scan(&edition, &now, &checked)
	if err != nil {
		return nil, 0, err
	}
	found, err := findings(ctx, tx, "accountable", check, territory, edition, now)
	if err != nil {
		return nil, 0, fmt.Errorf("checking accountability: %w", err)
	}
	return found, checked, nil
}

// TierStaffing counts the cells of a tier by who answers for them; own and
// acting are never added up.
type TierStaffing struct {
	Tier    grids.Tier `json:"tier"`
	Cells   int        `json:"cells"`
	Own     int        `json:"own"`
	Acting  int        `json:"acting"`
	Without int        `json:"without"`
}

// Staffing counts the cells of an edition by tier at an instant.
func Staffing(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) ([]TierStaffing, error) {
	rows, err := tx.Query(ctx, `
		SELECT tier, count(*), count(*) FILTER (WHERE person_id IS NOT NULL AND NOT acting),
		       count(*) FILTER (WHERE acting), count(*) FILTER (WHERE person_id IS NULL)
		FROM people.accountables($1, $2, $3) GROUP BY tier ORDER BY tier`, territory, edition, at)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TierStaffing])
}
