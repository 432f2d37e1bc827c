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

// keep keeps what was sent for the cells that the adoption wrote and tells what
// they change in the draft; what the transaction writes from here on is no longer
// the batch's.
func (a *adoption) keep() error {
	if err := a.keepSent(); err != nil {
		return fmt.Errorf("keeping what was sent: %w", err)
	}
	if err := a.compare(); err != nil {
		return fmt.Errorf("comparing cells: %w", err)
	}
	_, err := a.tx.Exec(a.ctx, `SELECT set_config('unigrid.batch', '', true)`)
	return err
}

// keepSent keeps what was sent for each cell that the adoption wrote.
func (a *adoption) keepSent() error {
	for part := range slices.Chunk(a.rows, runRows) {
		var numbers []int
		var ids []grids.CellID
		for _, r := range part {
			if r.ID != 0 {
				numbers, ids = append(numbers, r.Row), append(ids, r.ID)
			}
		}
		if _, err := a.tx.Exec(a.ctx, `
			INSERT INTO cells.sent (territory_id, cell_id, batch, sent, source_geom)
			SELECT $1, k.cell_id, $2, i.sent, i.source_geom
			FROM unnest($3::int[], $4::bigint[]) k (row, cell_id)
			CROSS JOIN LATERAL (SELECT i.sent, i.source_geom FROM cells.intake i WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = k.row OFFSET 0) i
			WHERE i.sent IS NOT NULL OR i.source_geom IS NOT NULL`, a.t.ID, a.batch, numbers, ids); err != nil {
			return err
		}
	}
	return nil
}

// compare adds what was made, and parents that have another boundary.
func (a *adoption) compare() error {
	a.report.Created, a.report.Changed = a.created, a.report.Changed+len(a.replaced)
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
	rowOf := make(map[grids.Code]int, len(a.made))
	for _, cell := range a.made {
		rowOf[cell.Code] = 0
	}
	for _, r := range a.rows {
		if _, ok := rowOf[r.Code]; ok {
			rowOf[r.Code] = r.Row
		}
	}
	for _, cell := range a.replaced[:min(len(a.replaced), mostDifferences-len(a.report.Differences))] {
		a.report.Differences = append(a.report.Differences, grids.Difference{Op: "changed", Code: string(cell.Code), Name: cell.Name,
			After: map[string]string{"geometry": areas[cell.Code]}})
	}
	for _, cell := range a.made[:min(len(a.made), mostDifferences-len(a.report.Differences))] {
		a.report.Differences = append(a.report.Differences, grids.Difference{Row: rowOf[cell.Code], Op: "created", Code: string(cell.Code), Name: cell.Name})
	}
	slices.SortStableFunc(a.report.Differences, func(d, e grids.Difference) int { return cmp.Compare(d.Row, e.Row) })
	return nil
}

// note counts new cells and remembers the first of them.
func (a *adoption) note(list []Cell) {
	a.created += len(list)
	for _, cell := range list[:min(len(list), mostDifferences-len(a.made))] {
		cell.Geom = nil
		a.made = append(a.made, cell)
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
