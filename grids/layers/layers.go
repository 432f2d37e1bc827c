// Package layers keeps the grids of the departments as they were imported:
// environment (环保), safety (安全生产), river-chief (河长制), social-order
// (综治维稳) and what else is added as data. Their cells may have any shape; only
// package merge holds them against the unified grid.
package layers

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Layer is a department's grid (条线). Layers are data: a territory may add more.
type Layer struct {
	Code  grids.LayerCode `json:"code"` // a-z, 0-9 and -, beginning with a letter
	Name  grids.Text      `json:"name"`
	Rank  int             `json:"rank"`  // lists go by rank, then code
	Cells int             `json:"cells"` // how many cells it has; not read by Add
}

// Defaults are the four layers that Zhuzhou's 大环保 pools.
func Defaults() []Layer {
	return []Layer{
		{Code: "environment", Name: grids.Text{ZH: "环保", EN: "Environment"}, Rank: 1},
		{Code: "safety", Name: grids.Text{ZH: "安全生产", EN: "Work safety"}, Rank: 2},
		{Code: "river-chief", Name: grids.Text{ZH: "河长制", EN: "River chief"}, Rank: 3},
		{Code: "social-order", Name: grids.Text{ZH: "综治维稳", EN: "Social order"}, Rank: 4},
	}
}

// EnsureDefaults adds the default layers that a territory doesn't have yet and
// leaves those that it has as they are.
func EnsureDefaults(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	var codes, zh, en []string
	var ranks []int
	for _, layer := range Defaults() {
		codes, zh, en, ranks = append(codes, string(layer.Code)), append(zh, layer.Name.ZH), append(en, layer.Name.EN), append(ranks, layer.Rank)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO layers.layer (territory_id, code, name_zh, name_en, rank)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::int[])
		ON CONFLICT DO NOTHING`, territory, codes, zh, en, ranks)
	if err != nil {
		return fmt.Errorf("default layers: %w", err)
	}
	return nil
}

// Add adds a layer or changes the names and rank of one that is there.
func Add(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layer Layer) error {
	if !wellFormed(layer.Code) {
		return grids.Errorf(grids.Invalid, "layer", "条线代码 %q 只能用小写字母、数字和连字符,并以字母开头",
			"layer code %q may hold a-z, 0-9 and - only and begins with a letter", layer.Code)
	}
	if layer.Name.ZH == "" || layer.Name.EN == "" {
		return grids.Errorf(grids.Invalid, "name", "条线 %s 需要中文和英文名称", "layer %s needs a Chinese and an English name", layer.Code)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO layers.layer (territory_id, code, name_zh, name_en, rank) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (territory_id, code) DO UPDATE
		SET name_zh = excluded.name_zh, name_en = excluded.name_en, rank = excluded.rank`,
		territory, layer.Code, layer.Name.ZH, layer.Name.EN, layer.Rank)
	if err != nil {
		return fmt.Errorf("layer %s: %w", layer.Code, err)
	}
	return nil
}

// List gives a territory's layers by rank, each with its number of cells.
func List(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Layer, error) {
	rows, err := tx.Query(ctx, `
		SELECT l.code, l.name_zh, l.name_en, l.rank, coalesce(c.n, 0)
		FROM layers.layer l
		LEFT JOIN (SELECT layer, count(*) AS n FROM layers.cell WHERE territory_id = $1 GROUP BY layer) c ON c.layer = l.code
		WHERE l.territory_id = $1
		ORDER BY l.rank, l.code`, territory)
	if err != nil {
		return nil, fmt.Errorf("layers: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Layer, error) {
		var l Layer
		err := row.Scan(&l.Code, &l.Name.ZH, &l.Name.EN, &l.Rank, &l.Cells)
		return l, err
	})
}

func wellFormed(code grids.LayerCode) bool {
	for i, r := range code {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || (r != '-' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return code != ""
}
