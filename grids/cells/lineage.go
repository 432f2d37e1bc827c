package cells

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed lineage.sql
var lineageSQL string

// leastShare is the least part of a cell's area that counts as its lineage:
// less is what moving a boundary by a hair leaves.
const leastShare = 0.001

// TraceLineage writes which cell of a draft came from which, and with what share
// of its area (planar, in degrees): where a cell that ends with the draft went,
// and where a new one came from. Area that changed between cells that go on is
// no lineage. Shares of a cell that ended add up to 1. What was written for the
// edition before is replaced.
func TraceLineage(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM cells.lineage WHERE territory_id = $1 AND edition = $2`, t.ID, edition); err != nil {
		return fmt.Errorf("lineage of edition %d: %w", edition, err)
	}
	if _, err := tx.Exec(ctx, lineageSQL, t.ID, edition, leastShare); err != nil {
		return fmt.Errorf("lineage of edition %d: %w", edition, err)
	}
	return nil
}
