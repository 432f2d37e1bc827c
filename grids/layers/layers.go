// Package layers keeps the grids of the departments as they were imported:
// environment (生态环境), safety (安全生产), river-chief (河湖长制), social-order
// (平安建设·综治) and what else is added as data. Their cells may have any shape; only
// package merge holds them against the unified grid.
package layers

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Layer is a department's grid (条线). Layers are data: a territory may add more.
type Layer struct {
	Code         grids.LayerCode `json:"code"` // a-z, 0-9 and -, beginning with a letter
	Name         grids.Text      `json:"name"`
	Department   string          `json:"department"`    // whose grid it is
	DepartmentEN string          `json:"department_en"` // its English name; empty: it has none
	Colour       string          `json:"colour"`        // #rrggbb; empty: the client's choice
	Geometry     Geometry        `json:"geometry"`
	Rank         int             `json:"rank"`   // lists go by rank, then code
	Cells        int             `json:"cells"`  // how many cells it has; not read by Add
	Before       []PastName      `json:"before"` // what it was called, the newest first; not read by Add
}

// Geometry says of what a layer is made.
type Geometry string

// The kinds of geometry. Reaches of rivers are imported as objects.
const (
	Areas   Geometry = "areas"
	Reaches Geometry = "reaches"
	Both    Geometry = "both"
)

// PastName is what a layer and its department were called until an instant.
type PastName struct {
	Name         grids.Text `json:"name"`
	Department   string     `json:"department"`
	DepartmentEN string     `json:"department_en"`
	Until        time.Time  `json:"until"`
}

// Defaults are the four layers that Zhuzhou's 大环保 pools, by their names of 2026.
func Defaults() []Layer {
	return []Layer{
		{Code: "environment", Name: grids.Text{ZH: "生态环境", EN: "Environment"}, Department: "生态环境局", DepartmentEN: "Ecology and Environment Bureau", Geometry: Areas, Rank: 1},
		{Code: "safety", Name: grids.Text{ZH: "安全生产", EN: "Work safety"}, Department: "应急管理局", DepartmentEN: "Emergency Management Bureau", Geometry: Areas, Rank: 2},
		{Code: "river-chief", Name: grids.Text{ZH: "河湖长制", EN: "River chief"}, Department: "河长办", DepartmentEN: "River Chief Office", Geometry: Both, Rank: 3},
		{Code: "social-order", Name: grids.Text{ZH: "平安建设·综治", EN: "Social governance"}, Department: "政法委、综治中心", DepartmentEN: "Political and Legal Affairs Commission, Social Governance Centre", Geometry: Areas, Rank: 4},
	}
}

// EnsureDefaults adds the default layers that a territory doesn't have yet and
// leaves those that it has as they are.
func EnsureDefaults(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO layers.layer (territory_id, code, name_zh, name_en, department, department_en, geometry, rank)
		SELECT $1, l ->> 'code', l -> 'name' ->> 'zh', l -> 'name' ->> 'en', l ->> 'department', l ->> 'department_en', l ->> 'geometry', (l ->> 'rank')::int
		FROM jsonb_array_elements($2) AS l
		ON CONFLICT DO NOTHING`, territory, Defaults())
	if err != nil {
		return fmt.Errorf("default layers: %w", err)
	}
	return nil
}

// Add adds a layer or changes one that is there. Earlier names are kept.
func Add(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layer Layer) error {
	layer.Geometry = cmp.Or(layer.Geometry, Areas)
	switch {
	case !wellFormed(layer.Code):
		return grids.Errorf(grids.Invalid, "code", "条线代码 %q 只能用小写字母、数字和连字符,并以字母开头",
			"layer code %q may hold a-z, 0-9 and - only and begins with a letter", layer.Code)
	case strings.TrimSpace(layer.Name.ZH) == "" || strings.TrimSpace(layer.Name.EN) == "":
		return grids.Errorf(grids.Invalid, "name", "条线 %s 需要中文和英文名称", "layer %s needs a Chinese and an English name", layer.Code)
	case !slices.Contains([]Geometry{Areas, Reaches, Both}, layer.Geometry):
		return grids.Errorf(grids.Invalid, "geometry", "条线的几何类型 %q 应为 areas、reaches 或 both", "the geometry %q of a layer is none of areas, reaches, both", layer.Geometry)
	case !colour.MatchString(layer.Colour):
		return grids.Errorf(grids.Invalid, "colour", "颜色 %q 应写成 #1a2b3c", "the colour %q is not written like #1a2b3c", layer.Colour)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO layers.layer (territory_id, code, name_zh, name_en, department, department_en, colour, geometry, rank) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (territory_id, code) DO UPDATE
		SET name_zh = excluded.name_zh, name_en = excluded.name_en, department = excluded.department,
			department_en = excluded.department_en, colour = excluded.colour, geometry = excluded.geometry, rank = excluded.rank`,
		territory, layer.Code, strings.TrimSpace(layer.Name.ZH), strings.TrimSpace(layer.Name.EN), strings.TrimSpace(layer.Department),
		strings.TrimSpace(layer.DepartmentEN), layer.Colour, layer.Geometry, layer.Rank)
	if err != nil {
		return fmt.Errorf("layer %s: %w", layer.Code, err)
	}
	return nil
}

var colour = regexp.MustCompile(`^(#[0-9a-f]{6})?$`)

// List gives a territory's layers by rank, each with its number of cells.
func List(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Layer, error) {
	rows, err := tx.Query(ctx, `
		SELECT l.code, l.name_zh, l.name_en, l.department, l.department_en, l.colour, l.geometry, l.rank, coalesce(c.n, 0), coalesce(p.names, '[]')
		FROM layers.layer l
		LEFT JOIN (SELECT layer, count(*) AS n FROM layers.cell WHERE territory_id = $1 GROUP BY layer) c ON c.layer = l.code
		LEFT JOIN (
			SELECT code, jsonb_agg(jsonb_build_object('name', jsonb_build_object('zh', name_zh, 'en', name_en), 'department', department, 'department_en', department_en, 'until', until) ORDER BY until DESC) AS names
			FROM layers.past_name WHERE territory_id = $1 GROUP BY code) p ON p.code = l.code
		WHERE l.territory_id = $1
		ORDER BY l.rank, l.code`, territory)
	if err != nil {
		return nil, fmt.Errorf("layers: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Layer, error) {
		var l Layer
		err := row.Scan(&l.Code, &l.Name.ZH, &l.Name.EN, &l.Department, &l.DepartmentEN, &l.Colour, &l.Geometry, &l.Rank, &l.Cells, &l.Before)
		return l, err
	})
}

// Find gives one of a territory's layers; a NotFound error when it has none of
// that code.
func Find(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, code grids.LayerCode) (Layer, error) {
	list, err := List(ctx, tx, territory)
	if err != nil {
		return Layer{}, err
	}
	for _, layer := range list {
		if layer.Code == code {
			return layer, nil
		}
	}
	return Layer{}, grids.Errorf(grids.NotFound, "code", "没有条线 %q", "there is no layer %q", code)
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
