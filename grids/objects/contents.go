package objects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Share is an object and how much of it lies in a cell.
type Share struct {
	Kind  Kind    `json:"kind"`
	Code  string  `json:"code"`
	Name  string  `json:"name"`
	Share float64 `json:"share"` // above 0, at most 1
}

// InCell lists what lies in a cell of an edition, its descendants included, at
// an instant, by kind and code; limit 0 lists all.
func InCell(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cell grids.CellID, limit int) ([]Share, error) {
	rows, err := tx.Query(ctx, `
		WITH RECURSIVE down AS (
			SELECT $4::bigint AS cell_id
			UNION ALL
			SELECT v.cell_id FROM down JOIN cells.version v ON v.territory_id = $1 AND v.parent_id = down.cell_id
				AND v.from_edition <= $2 AND (v.to_edition IS NULL OR v.to_edition > $2)
		)
		SELECT o.kind, o.code, o.name, least(1, sum(p.share))
		FROM down
		JOIN objects.placement p ON p.territory_id = $1 AND p.cell_id = down.cell_id AND p.during @> $3::timestamptz
		JOIN objects.at($1, $3) o ON o.object_id = p.object_id
		GROUP BY o.kind, o.code, o.name
		ORDER BY o.kind, o.code
		LIMIT nullif($5::int, 0)`, territory, edition, at, cell, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Share])
}

// Count counts by kind what lies, wholly or partly, in each of some cells of an
// edition at an instant; a cell counts what lies in its descendants, once. A
// cell with nothing in it is not in the answer.
func Count(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cells ...grids.CellID) (map[grids.CellID]map[Kind]int, error) {
	rows, err := tx.Query(ctx, `SELECT cell_id, kind, objects FROM objects.inside($1, $2, $3, $4)`, territory, edition, at, cells)
	if err != nil {
		return nil, err
	}
	counts := map[grids.CellID]map[Kind]int{}
	var cell grids.CellID
	var kind Kind
	var n int
	_, err = pgx.ForEachRow(rows, []any{&cell, &kind, &n}, func() error {
		if counts[cell] == nil {
			counts[cell] = map[Kind]int{}
		}
		counts[cell][kind] = n
		return nil
	})
	return counts, err
}
