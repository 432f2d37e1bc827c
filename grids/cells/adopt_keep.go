package cells

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// mostDifferences is how many differences a report holds.
const mostDifferences = 10_000

// tell says what the cells that the adoption wrote change in the draft; what the
// transaction writes from here on is no longer the batch's.
func (a *adoption) tell() error {
	if err := a.compare(); err != nil {
		return fmt.Errorf("comparing cells: %w", err)
	}
	_, err := a.tx.Exec(a.ctx, `SELECT set_config('unigrid.batch', '', true)`)
	return err
}

// keepSent keeps what was sent, in rows of the given numbers, for cells.
func (a *adoption) keepSent(numbers []int, ids []grids.CellID) error {
	if _, err := a.tx.Exec(a.ctx, `
		INSERT INTO cells.sent (territory_id, cell_id, batch, sent, source_geom)
		SELECT $1, k.cell_id, $2, i.sent, i.source_geom
		FROM unnest($3::int[], $4::bigint[]) k (row, cell_id)
		CROSS JOIN LATERAL (SELECT i.sent, i.source_geom FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
		WHERE i.sent IS NOT NULL OR i.source_geom IS NOT NULL`, a.t.ID, a.batch, numbers, ids); err != nil {
		return fmt.Errorf("keeping what was sent: %w", err)
	}
	return nil
}

// compare adds what was made, and parents that have another boundary.
func (a *adoption) compare() error {
	a.report.Created, a.report.Changed = a.created+len(a.parentsMade), a.report.Changed+len(a.replaced)
	a.report.Different = a.report.Created + a.report.Changed + a.report.Retired
	ids, before := make([]grids.CellID, len(a.replaced)), make([]float64, len(a.replaced))
	for i, cell := range a.replaced {
		ids[i], before[i] = cell.ID, a.areas[cell.ID]
	}
	rows, err := a.tx.Query(a.ctx, `
		SELECT v.code, 'area ' || cells.square_metres(b.area_m2) || ' → ' || cells.square_metres(v.area_m2)
		FROM unnest($3::bigint[], $4::float8[]) AS b (id, area_m2)
		JOIN cells.version v ON v.territory_id = $1 AND v.cell_id = b.id AND v.from_edition = $2`, a.t.ID, a.edition, ids, before)
	if err != nil {
		return err
	}
	areas := map[grids.Code]string{}
	var code grids.Code
	var area string
	if _, err := pgx.ForEachRow(rows, []any{&code, &area}, func() error { areas[code] = area; return nil }); err != nil {
		return err
	}
	for _, cell := range a.replaced {
		a.differ(grids.Difference{Op: "changed", Code: string(cell.Code), Name: cell.Name, After: map[string]string{"geometry": areas[cell.Code]}})
	}
	for _, cell := range a.parentsMade {
		a.differ(grids.Difference{Op: "created", Code: string(cell.Code), Name: cell.Name})
	}
	for _, d := range a.made {
		a.differ(d)
	}
	slices.SortStableFunc(a.report.Differences, func(d, e grids.Difference) int { return cmp.Compare(d.Row, e.Row) })
	return nil
}

// differ lists a difference where the report is not full.
func (a *adoption) differ(d grids.Difference) {
	if len(a.report.Differences) < mostDifferences {
		a.report.Differences = append(a.report.Differences, d)
	}
}

// note counts new cells, of rows of the given numbers, and remembers the first.
func (a *adoption) note(list []Cell, numbers []int) {
	a.created += len(list)
	for i, cell := range list[:min(len(list), mostDifferences-len(a.made))] {
		a.made = append(a.made, grids.Difference{Row: numbers[i], Op: "created", Code: string(cell.Code), Name: cell.Name})
	}
}

// noteAreas remembers how large cells are before they get another boundary.
func (a *adoption) noteAreas(ids []grids.CellID) error {
	rows, err := a.tx.Query(a.ctx, `SELECT cell_id, area_m2 FROM cells.of($1, $2) WHERE cell_id = ANY($3)`, a.t.ID, a.edition, ids)
	if err != nil {
		return err
	}
	if a.areas == nil {
		a.areas = map[grids.CellID]float64{}
	}
	var id grids.CellID
	var area float64
	_, err = pgx.ForEachRow(rows, []any{&id, &area}, func() error { a.areas[id] = area; return nil })
	return err
}
