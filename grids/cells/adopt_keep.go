package cells

import (
	_ "embed"
	"fmt"
)

//go:embed adopt_differences.sql
var adoptDifferences string

// keep keeps what was sent for the cells that the adoption wrote and tells what
// they change in the draft; what the transaction writes from here on is no longer
// the batch's.
func (a *adoption) keep() error {
	if _, err := a.tx.Exec(a.ctx, `
		INSERT INTO cells.sent (territory_id, cell_id, batch, sent, source_geom)
		SELECT $1, v.cell_id, $2, i.sent, i.source_geom
		FROM cells.intake i JOIN cells.version v ON v.territory_id = $1 AND v.batch = $2 AND v.code = i.code AND v.tier = i.tier
		WHERE i.territory_id = $1 AND i.batch = $2 AND (i.sent IS NOT NULL OR i.source_geom IS NOT NULL)`, a.t.ID, a.batch); err != nil {
		return fmt.Errorf("keeping what was sent: %w", err)
	}
	if err := a.tx.QueryRow(a.ctx, adoptDifferences, a.t.ID, a.batch, a.edition).Scan(&a.report.Created, &a.report.Changed, &a.report.Differences); err != nil {
		return fmt.Errorf("comparing cells: %w", err)
	}
	_, err := a.tx.Exec(a.ctx, `SELECT set_config('unigrid.batch', '', true)`)
	return err
}
