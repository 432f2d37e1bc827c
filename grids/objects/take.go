package objects

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed take_findings.sql
var takeFindings string

//go:embed take_repair.sql
var takeRepair string

//go:embed take_hints.sql
var takeHints string

//go:embed take_unhinted.sql
var takeUnhinted string

//go:embed take_beyond.sql
var takeBeyond string

//go:embed take_known.sql
var takeKnown string

//go:embed take_apply.sql
var takeApply string

//go:embed take_outside.sql
var takeOutside string

// Take takes a batch of objects.intake: (kind, code) that are new become
// objects, known ones are brought up to date, and what changed is placed into
// the leaves of the edition; its version and its placements begin at the same
// instant. Taking the same batch twice changes nothing. What was sent for an
// object (attributes and geometry as they came) is kept in objects.sent under the
// batch that its version names; a row that only that differs in changes the
// object. Rows without code or name, of an unknown kind, or beyond the globe
// are rejected, as are those that lie outside what the principal may change or are of another layer. Invalid shapes are repaired, and the finding says where. A row
// without a place leaves the place that is known; of an unlocated one cell_name
// (a name, under county_name and town_name, or a code) becomes its hint only when
// one leaf alone is meant, otherwise the finding lists the candidates, and choice
// (the code of one) settles it. The differences list what was created and
// changed, field by field.
func Take(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64) (grids.Taken, error) {
	var report grids.Taken
	if err := begin(ctx, tx, territory); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `UPDATE objects.intake SET geom = NULL WHERE territory_id = $1 AND batch = $2 AND ST_IsEmpty(geom)`, territory, batch); err != nil {
		return report, err
	}
	if err := drop(ctx, tx, &report, takeFindings, territory, batch); err != nil {
		return report, fmt.Errorf("checking objects: %w", err)
	}
	if err := remark(ctx, tx, &report, takeRepair, territory, batch); err != nil {
		return report, fmt.Errorf("repairing shapes: %w", err)
	}
	if err := hint(ctx, tx, territory, edition, batch, &report); err != nil {
		return report, err
	}
	if err := drop(ctx, tx, &report, takeBeyond, territory, batch); err != nil {
		return report, fmt.Errorf("looking for objects of others: %w", err)
	}
	for _, step := range []struct {
		what, sql string
		args      []any
	}{
		{"preparing", `
			DROP TABLE IF EXISTS pg_temp.taking_known;
			CREATE TEMP TABLE taking_known (row int PRIMARY KEY, id bigint UNIQUE, kind text, code text, there boolean, sent_before boolean) ON COMMIT DROP`, nil},
		{"looking for known objects", takeKnown, []any{territory, batch}},
		{"counting known objects", `ANALYZE taking_known`, nil},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return report, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return report, err
	}
	if err := tx.QueryRow(ctx, takeApply, territory, batch, now).Scan(&report.Applied, &report.Unchanged, &report.Created, &report.Differences); err != nil {
		return report, fmt.Errorf("taking objects: %w", err)
	}
	report.Changed = report.Applied - report.Created
	if _, err := tx.Exec(ctx, `
		INSERT INTO objects.sent (territory_id, object_id, batch, sent, source_geom)
		SELECT $1, k.id, $2, i.sent, i.source_geom
		FROM placing_id p JOIN taking_known k USING (id)
		CROSS JOIN LATERAL (SELECT * FROM objects.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
		WHERE i.sent IS NOT NULL OR i.source_geom IS NOT NULL`, territory, batch); err != nil {
		return report, fmt.Errorf("keeping what was sent: %w", err)
	}
	if err := place(ctx, tx, territory, edition, now); err != nil {
		return report, err
	}
	if err := remark(ctx, tx, &report, takeOutside, territory, batch); err != nil {
		return report, fmt.Errorf("looking for objects outside: %w", err)
	}
	_, err := tx.Exec(ctx, `DELETE FROM objects.intake WHERE territory_id = $1 AND batch = $2`, territory, batch)
	return report, err
}

// drop takes the rows with findings of an SQL out of a batch.
func drop(ctx context.Context, tx pgx.Tx, report *grids.Taken, sql string, territory grids.TerritoryID, batch int64) error {
	found, err := findings(ctx, tx, "objects", sql, territory, batch)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM objects.intake WHERE territory_id = $1 AND batch = $2 AND row = ANY($3)`, territory, batch, report.Add(found))
	return err
}

// remark runs SQL that gives findings and keeps them.
func remark(ctx context.Context, tx pgx.Tx, report *grids.Taken, sql string, args ...any) error {
	found, err := findings(ctx, tx, "objects", sql, args...)
	report.Add(found)
	return err
}

// hint looks for the villages that are named for unlocated objects.
func hint(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64, report *grids.Taken) error {
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.taking_hint;
		CREATE TEMP TABLE taking_hint (row int PRIMARY KEY, cell_id bigint, candidates jsonb) ON COMMIT DROP`); err != nil {
		return err
	}
	if err := cells.MatchNames(ctx, tx, territory, edition, `
		SELECT 0, CASE WHEN btrim(choice) <> '' THEN '' ELSE coalesce(btrim(county_name), '') END, CASE WHEN btrim(choice) <> '' THEN '' ELSE coalesce(btrim(town_name), '') END,
		       coalesce(nullif(btrim(choice), ''), btrim(cell_name))
		FROM objects.intake WHERE territory_id = $1 AND batch = $2 AND geom IS NULL AND (btrim(cell_name) <> '' OR btrim(choice) <> '')`, territory, batch); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, takeHints, territory, batch); err != nil {
		return fmt.Errorf("looking for villages by name: %w", err)
	}
	rows, err := tx.Query(ctx, takeUnhinted, territory, batch)
	if err != nil {
		return fmt.Errorf("looking for villages by name: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "objects"}
		var said grids.Text
		err := row.Scan(&f.Row, &f.Field, &f.Value, &f.Kind, &f.Severity, &f.Code, &said.ZH, &said.EN, &f.Lon, &f.Lat, &f.Candidates)
		return f.Say(said), err
	})
	report.Add(found)
	return err
}
