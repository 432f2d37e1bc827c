package objects

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed take_findings.sql
var takeFindings string

//go:embed take_repair.sql
var takeRepair string

//go:embed take_hints.sql
var takeHints string

//go:embed take_apply.sql
var takeApply string

//go:embed take_outside.sql
var takeOutside string

// Report says what became of a batch. Rejected counts the rows whose finding is
// an error; repairs and warnings went in.
type Report struct {
	Applied   int             `json:"applied"`
	Unchanged int             `json:"unchanged"`
	Rejected  int             `json:"rejected"`
	Findings  []grids.Finding `json:"findings"`
}

// Take takes a batch of objects.intake: (kind, code) that are new become
// objects, known ones are brought up to date, and what changed is placed into
// the leaves of the edition from now on; taking the same batch twice changes
// nothing. Rows without code or name, of an unknown kind, or beyond the globe
// are rejected. Invalid shapes are repaired, and the finding says where. A row
// without a place leaves the place that is known; of an unlocated one cell_name
// (or a code) becomes its hint only when one leaf alone bears it, otherwise the
// finding lists the candidates.
func Take(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64) (Report, error) {
	var report Report
	if err := begin(ctx, tx, territory); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `UPDATE objects.intake SET geom = NULL WHERE territory_id = $1 AND batch = $2 AND ST_IsEmpty(geom)`, territory, batch); err != nil {
		return report, err
	}
	rejected, err := findings(ctx, tx, "objects", takeFindings, territory, batch)
	if err != nil {
		return report, fmt.Errorf("checking objects: %w", err)
	}
	var bad []int
	for _, f := range rejected {
		if n := len(bad); n == 0 || bad[n-1] != f.Row {
			bad = append(bad, f.Row)
		}
	}
	report.Rejected, report.Findings = len(bad), rejected
	if _, err := tx.Exec(ctx, `DELETE FROM objects.intake WHERE territory_id = $1 AND batch = $2 AND row = ANY($3)`, territory, batch, bad); err != nil {
		return report, err
	}
	if err := report.add(ctx, tx, takeRepair, territory, batch); err != nil {
		return report, fmt.Errorf("repairing shapes: %w", err)
	}
	if err := report.add(ctx, tx, takeHints, territory, batch, edition); err != nil {
		return report, fmt.Errorf("looking for villages by name: %w", err)
	}
	if err := tx.QueryRow(ctx, takeApply, territory, batch, edition).Scan(&report.Applied, &report.Unchanged); err != nil {
		return report, fmt.Errorf("taking objects: %w", err)
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return report, err
	}
	if err := place(ctx, tx, territory, edition, now); err != nil {
		return report, err
	}
	if err := report.add(ctx, tx, takeOutside, territory, batch); err != nil {
		return report, fmt.Errorf("looking for objects outside: %w", err)
	}
	_, err = tx.Exec(ctx, `DELETE FROM objects.intake WHERE territory_id = $1 AND batch = $2`, territory, batch)
	return report, err
}

// add runs SQL that gives findings and keeps them.
func (r *Report) add(ctx context.Context, tx pgx.Tx, sql string, args ...any) error {
	found, err := findings(ctx, tx, "objects", sql, args...)
	r.Findings = append(r.Findings, found...)
	return err
}
