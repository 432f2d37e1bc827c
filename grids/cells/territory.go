// Package cells owns territories, tiers, codes, cells (网格) and their history:
// the exact partition that everything else hangs on. Geometry is EPSG:4326 on a
// lattice of 1e-7 degrees; metres are measured in the territory's projected CRS.
package cells

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Territory is what one tenant governs, e.g. a city.
type Territory struct {
	ID     grids.TerritoryID
	Code   grids.Code
	Name   string
	EPSG   int // projected CRS, metres
	Scheme grids.CodeScheme
	Demo   bool // its people and firms are invented
}

// CreateTerritory checks and stores a territory; its code must be one of
// tier 1 of its scheme.
func CreateTerritory(ctx context.Context, tx pgx.Tx, t Territory) (Territory, error) {
	code, err := t.Scheme.Parse(string(t.Code), 1)
	if err != nil {
		return t, err
	}
	t.Code = code
	if t.Name == "" {
		return t, grids.Errorf(grids.Invalid, "name", "辖区需要名称", "a territory needs a name")
	}
	var projected bool
	err = tx.QueryRow(ctx, `SELECT srtext LIKE 'PROJCS%' FROM spatial_ref_sys WHERE srid = $1`, t.EPSG).Scan(&projected)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && !projected) {
		return t, grids.Errorf(grids.Invalid, "crs", "EPSG:%d 不是已知的投影坐标系", "EPSG:%d is not a known projected CRS", t.EPSG).
			Fix("用以米为单位的坐标系,如 EPSG:4547", "give one in metres, such as EPSG:4547")
	}
	if err != nil {
		return t, fmt.Errorf("looking for EPSG:%d: %w", t.EPSG, err)
	}
	err = tx.QueryRow(ctx, `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad, demo)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		t.Code, t.Name, t.EPSG, t.Scheme.Lengths, t.Scheme.PadTo, t.Demo).Scan(&t.ID)
	return t, err
}

const selectTerritory = `SELECT id, code, name, epsg, code_lengths, code_pad, demo FROM cells.territory `

// Territories lists all, oldest first.
func Territories(ctx context.Context, tx pgx.Tx) ([]Territory, error) {
	rows, err := tx.Query(ctx, selectTerritory+`ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTerritory)
}

// FindTerritory gives the territory of a code, padded or not; "" is the only
// one there is.
func FindTerritory(ctx context.Context, tx pgx.Tx, code string) (Territory, error) {
	all, err := Territories(ctx, tx)
	if err != nil {
		return Territory{}, err
	}
	if code == "" && len(all) == 1 {
		return all[0], nil
	}
	for _, t := range all {
		if normal, err := t.Scheme.Parse(code, 1); err == nil && normal == t.Code {
			return t, nil
		}
	}
	switch {
	case len(all) == 0:
		return Territory{}, grids.Errorf(grids.NotFound, "territory", "还没有辖区", "there is no territory yet").
			Fix("先运行 unigrid territory create", "run unigrid territory create first")
	case code == "":
		return Territory{}, grids.Errorf(grids.Invalid, "territory", "有 %d 个辖区,请指明是哪一个", "there are %d territories; say which", len(all)).
			Fix("加上 --territory 代码", "add --territory CODE")
	default:
		return Territory{}, grids.Errorf(grids.NotFound, "territory", "没有代码为 %s 的辖区", "there is no territory %s", code)
	}
}

// SetMapNumber records the number under which a territory's maps were approved
// (审图号); "" is none.
func SetMapNumber(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, number string) error {
	if _, err := tx.Exec(ctx, `UPDATE cells.territory SET map_number = $2 WHERE id = $1`, territory, number); err != nil {
		return fmt.Errorf("approval number of maps: %w", err)
	}
	return nil
}

// TakeTurn makes those who change a territory's draft go one after another: it
// holds the territory until the transaction ends.
func TakeTurn(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	if _, err := tx.Exec(ctx, `SELECT FROM cells.territory WHERE id = $1 FOR NO KEY UPDATE`, territory); err != nil {
		return fmt.Errorf("territory %d: %w", territory, err)
	}
	return nil
}

func scanTerritory(row pgx.CollectableRow) (Territory, error) {
	var t Territory
	err := row.Scan(&t.ID, &t.Code, &t.Name, &t.EPSG, &t.Scheme.Lengths, &t.Scheme.PadTo, &t.Demo)
	return t, err
}
