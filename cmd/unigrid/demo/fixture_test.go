package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/cmd/unigrid/demo"
	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

const seed = 20260101

// drawn holds the demo's cells, drawn once per test binary.
type drawn struct {
	once  sync.Once
	cells []cells.Cell
	err   error
}

// city draws all four tiers as the demo does: with nearest in the four inner
// districts, balanced in the others.
func city(t *testing.T) []cells.Cell {
	t.Helper()
	shared.once.Do(func() { shared.cells, shared.err = drawCity() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cells
}

var shared drawn

func drawCity() ([]cells.Cell, error) {
	rows, err := demo.Codes()
	if err != nil {
		return nil, err
	}
	seats, err := demo.Seats()
	if err != nil {
		return nil, err
	}
	list, err := counties(rows)
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(list); i++ {
		parent := list[i]
		if parent.Tier == 4 {
			break
		}
		codes := demo.Under(parent.Code, rows)
		from, ok := seats[parent.Code]
		if !ok {
			from = drawing.Middle(parent.Geom)
		}
		request := drawing.Request{Method: drawing.Balanced, Codes: codes, From: &from, Seed: seed}
		switch parent.Code[:6] {
		case "430202", "430203", "430204", "430211":
			request.Method = drawing.Nearest
			if request.Seeds, err = demo.Seeds(parent, from, codes, seed); err != nil {
				return nil, err
			}
		}
		plan, err := drawing.Make(context.Background(), cells.Territory{Scheme: grids.GB12}, parent, request)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", parent.Code, err)
		}
		for _, child := range plan.Children {
			child.ID = grids.CellID(len(list) + 1)
			list = append(list, child)
		}
	}
	return list, nil
}

// counties reads the sketched counties and unites them to the city.
func counties(rows []demo.CodeRow) ([]cells.Cell, error) {
	text, err := os.ReadFile("../../../geo/testdata/counties.geojson")
	if err != nil {
		return nil, err
	}
	var file struct {
		Features []struct {
			Properties struct{ XZQDM string }
			Geometry   struct{ Coordinates orb.Polygon }
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	var shapes []orb.MultiPolygon
	for _, f := range file.Features {
		shapes = append(shapes, orb.MultiPolygon{f.Geometry.Coordinates})
	}
	if shapes, err = geo.Densify(shapes, 50); err != nil {
		return nil, err
	}
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		return nil, err
	}
	whole, err := coverage.Dissolve(make([]int, len(shapes)))
	if err != nil {
		return nil, err
	}
	list := []cells.Cell{{ID: 1, Code: rows[0].Code, Name: rows[0].Name, Tier: 1, Geom: whole[0]}}
	for _, row := range rows {
		for i, f := range file.Features {
			if row.Tier == 2 && f.Properties.XZQDM+"000000" == string(row.Code) {
				list = append(list, cells.Cell{ID: grids.CellID(len(list) + 1), ParentID: 1, Code: row.Code, Name: row.Name, Tier: 2, Geom: shapes[i]})
			}
		}
	}
	return list, nil
}

// require fails unless the shapes are an exact partition of the whole.
func require(t *testing.T, whole orb.MultiPolygon, shapes []orb.MultiPolygon) {
	t.Helper()
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		t.Fatal(err)
	}
	if f := coverage.Validate(whole); len(f) > 0 {
		t.Errorf("%d findings, the first: %s", len(f), f[0])
	}
}
