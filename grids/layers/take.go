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

//go:embed take_retire.sql
var takeRetireSQL string

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
	return take(ctx, tx, territory, batch, nil)
}

// TakeWhole does what Take does with a batch that is a layer's whole grid: cells of
// the layer that it doesn't name are retired (撤销), and keep their identity for when
// they come again. Nothing is retired while rows are left out: rejected ones, or as
// many as leftOut before; a warning says so.
func TakeWhole(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64, layer grids.LayerCode, leftOut int) (grids.Taken, error) {
	return take(ctx, tx, territory, batch, func(report *grids.Taken) error {
		if left := leftOut + report.Rejected; left > 0 {
			report.Findings = append(report.Findings, grids.Finding{Check: "layers", Kind: "not-retired", Severity: grids.SeverityWarning}.
				Say(grids.Textf("有 %d 行未导入,因此未撤销文件中没有的条线网格", "%d rows stay out, so layer cells that the file doesn't name were not retired", left)))
			return nil
		}
		var differences []grids.Difference
		if err := tx.QueryRow(ctx, takeRetireSQL, territory, batch, layer).Scan(&report.Retired, &differences); err != nil {
			return fmt.Errorf("retiring layer cells: %w", err)
		}
		report.Differences = append(report.Differences, differences...)
		return nil
	})
}

// take takes a batch, and does something with it before its rows are gone.
func take(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64, then func(*grids.Taken) error) (grids.Taken, error) {
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
	if then != nil {
		if err := then(&report); err != nil {
			return grids.Taken{}, err
		}
	}
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
