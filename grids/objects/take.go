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

// Take takes a batch of objects.intake: (kind, code) that are new become
// objects, known ones are brought up to date, and what changed is placed into
// the leaves of the edition; its version and its placements begin at the same
// instant. Taking the same batch twice changes nothing. Rows without code or name, of an unknown kind, or beyond the globe
// are rejected. Invalid shapes are repaired, and the finding says where. A row
// without a place leaves the place that is known; of an unlocated one cell_name
// (or a code) becomes its hint only when one leaf alone bears it, otherwise the
// finding lists the candidates.
func Take(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64) (grids.Taken, error) {
	var report grids.Taken
	if err := begin(ctx, tx, territory); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `UPDATE objects.intake SET geom = NULL WHERE territory_id = $1 AND batch = $2 AND ST_IsEmpty(geom)`, territory, batch); err != nil {
		return report, err
	}
	found, err := findings(ctx, tx, "objects", takeFindings, territory, batch)
	if err != nil {
		return report, fmt.Errorf("checking objects: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM objects.intake WHERE territory_id = $1 AND batch = $2 AND row = ANY($3)`, territory, batch, report.Add(found)); err != nil {
		return report, err
	}
	if err := remark(ctx, tx, &report, takeRepair, territory, batch); err != nil {
		return report, fmt.Errorf("repairing shapes: %w", err)
	}
	if err := remark(ctx, tx, &report, takeHints, territory, batch, edition); err != nil {
		return report, fmt.Errorf("looking for villages by name: %w", err)
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return report, err
	}
	if err := tx.QueryRow(ctx, takeApply, territory, batch, edition, now).Scan(&report.Applied, &report.Unchanged); err != nil {
		return report, fmt.Errorf("taking objects: %w", err)
	}
	if err := place(ctx, tx, territory, edition, now); err != nil {
		return report, err
	}
	if err := remark(ctx, tx, &report, takeOutside, territory, batch); err != nil {
		return report, fmt.Errorf("looking for objects outside: %w", err)
	}
	_, err = tx.Exec(ctx, `DELETE FROM objects.intake WHERE territory_id = $1 AND batch = $2`, territory, batch)
	return report, err
}

// remark runs SQL that gives findings and keeps them.
func remark(ctx context.Context, tx pgx.Tx, report *grids.Taken, sql string, args ...any) error {
	found, err := findings(ctx, tx, "objects", sql, args...)
	report.Add(found)
	return err
}
