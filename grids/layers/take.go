package layers

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed take_invalid.sql
var takeInvalidSQL string

//go:embed take_clean.sql
var takeCleanSQL string

//go:embed take_findings.sql
var takeFindingsSQL string

//go:embed take_known.sql
var takeKnownSQL string

//go:embed take_apply.sql
var takeApplySQL string

// Take checks a batch of layers.intake and puts it into the layers: new cells
// come in, those whose layer and code are there are changed. Geometry
// (EPSG:4326) is repaired, cut down to its polygons and rounded to 1e-7
// degrees; area_m2 is measured in the territory's CRS. A row without a code is
// the one cell of its layer that its name means, which keeps its own name. A row
// whose staff number nobody has goes in without a person. Rows that say no cell,
// no known layer or no area are rejected, and so is the second of two with the
// same layer and code. Cells of the layer that the batch doesn't name stay. What changes closes
// its version and opens another at one instant, now. What was sent for a cell is
// kept in layers.sent under the batch that its version names; a row that only
// that differs in changes the cell. The batch's rows are gone afterwards.
func Take(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64) (grids.Taken, error) {
	var report grids.Taken
	findings, err := collect(ctx, tx, takeInvalidSQL, territory, batch)
	if err != nil {
		return grids.Taken{}, fmt.Errorf("layer cells, geometry: %w", err)
	}
	report.Add(findings)
	if _, err := tx.Exec(ctx, takeCleanSQL, territory, batch); err != nil {
		return grids.Taken{}, fmt.Errorf("layer cells, repair: %w", err)
	}
	unclear, err := takeNames(ctx, tx, territory, batch)
	if err != nil {
		return grids.Taken{}, err
	}
	if findings, err = collect(ctx, tx, takeFindingsSQL, territory, batch); err != nil {
		return grids.Taken{}, fmt.Errorf("layer cells, check: %w", err)
	}
	findings = append(unclear, findings...)
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return grids.Taken{}, err
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`DROP TABLE IF EXISTS pg_temp.taking_cell;
		  CREATE TEMP TABLE taking_cell (row int PRIMARY KEY, id bigint UNIQUE, there boolean, sent_before boolean) ON COMMIT DROP`, nil},
		{takeKnownSQL, []any{territory, batch, report.Add(findings)}},
		{`ANALYZE taking_cell`, nil},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return grids.Taken{}, fmt.Errorf("layer cells, known ones: %w", err)
		}
	}
	if err := tx.QueryRow(ctx, takeApplySQL, territory, batch, now).Scan(&report.Applied, &report.Unchanged, &report.Created, &report.Differences); err != nil {
		return grids.Taken{}, fmt.Errorf("layer cells, apply: %w", err)
	}
	report.Changed = report.Applied - report.Created
	if _, err := tx.Exec(ctx, `DELETE FROM layers.intake WHERE territory_id = $1 AND batch = $2`, territory, batch); err != nil {
		return grids.Taken{}, fmt.Errorf("layer cells, intake: %w", err)
	}
	return report, nil
}

// collect runs a query for findings: row, kind, severity, field, value, code,
// message in Chinese and in English, lon, lat, area in square metres.
func collect(ctx context.Context, tx pgx.Tx, query string, args ...any) ([]grids.Finding, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "layers"}
		var said grids.Text
		err := row.Scan(&f.Row, &f.Kind, &f.Severity, &f.Field, &f.Value, &f.Code, &said.ZH, &said.EN, &f.Lon, &f.Lat, &f.AreaM2)
		return f.Say(said), err
	})
}
