package duty

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

var (
	//go:embed board_map.sql
	boardMap string
	//go:embed board_water.sql
	boardWater string
)

// GeneralisedMetres is how far a line on a board's map may be from the cell's
// boundary, at least: boards are public, and public maps are generalised. Where
// cells are open to the public less exactly, so are boards.
const GeneralisedMetres = 50

// finest is the part of a map's width below which a line's bends are not seen.
const finest = 1.0 / 1500

// Map is what a board's map shows, in degrees, generalised.
type Map struct {
	Outline orb.MultiPolygon // of the cell
	Inner   []MapCell        // its children
	Near    []MapCell        // cells of its tier around it
	Water   []orb.LineString
}

// MapCell is a cell on a map.
type MapCell struct {
	Name  string
	Shape orb.MultiPolygon
}

// rawMap is a map as stored.
type rawMap struct {
	own, near, inner []MapCell
	water            []orb.LineString
}

func readMaps(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, at time.Time, ids []grids.CellID, metres int) (map[grids.CellID]Map, error) {
	raw := map[grids.CellID]*rawMap{}
	for _, id := range ids {
		raw[id] = &rawMap{}
	}
	rows, err := tx.Query(ctx, boardMap, t.ID, edition, ids)
	if err != nil {
		return nil, fmt.Errorf("maps of boards: %w", err)
	}
	var id grids.CellID
	var kind, code, name string
	var shape []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &code, &name, &shape}, func() error {
		geom, err := database.MultiPolygon(shape)
		cell := MapCell{Name: name, Shape: geom}
		switch m := raw[id]; kind {
		case "own":
			m.own = append(m.own, cell)
		case "child":
			m.inner = append(m.inner, cell)
		default:
			m.near = append(m.near, cell)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("maps of boards: %w", err)
	}
	if rows, err = tx.Query(ctx, boardWater, t.ID, edition, at, ids); err != nil {
		return nil, fmt.Errorf("rivers of boards: %w", err)
	}
	_, err = pgx.ForEachRow(rows, []any{&id, &shape}, func() error {
		g, _, err := ewkb.Unmarshal(shape)
		if line, ok := g.(orb.LineString); ok {
			raw[id].water = append(raw[id].water, line)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rivers of boards: %w", err)
	}
	maps := map[grids.CellID]Map{}
	for id, m := range raw {
		if maps[id], err = m.generalise(metres); err != nil {
			return nil, fmt.Errorf("map of a board: %w", err)
		}
	}
	return maps, nil
}

// generalise simplifies the cell, its children and its neighbours as one
// coverage, so that lines that two of them share stay one line.
func (m *rawMap) generalise(metres int) (Map, error) {
	inside := m.inner
	if len(inside) == 0 {
		inside = m.own
	}
	shapes := make([]orb.MultiPolygon, 0, len(inside)+len(m.near))
	groups := make([]int, 0, cap(shapes))
	for _, c := range inside {
		shapes, groups = append(shapes, c.Shape), append(groups, 0)
	}
	for _, c := range m.near {
		shapes, groups = append(shapes, c.Shape), append(groups, -1)
	}
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		return Map{}, err
	}
	bound := m.own[0].Shape.Bound()
	wide := max((bound.Max[0]-bound.Min[0])*math.Cos(bound.Center()[1]*math.Pi/180), bound.Max[1]-bound.Min[1]) * 111_320
	simple := coverage.Simplify(max(float64(metres), wide*finest))
	if coverage, err = geo.NewCoverage(simple); err != nil {
		return Map{}, err
	}
	outline, err := coverage.Dissolve(groups)
	if err != nil {
		return Map{}, err
	}
	out := Map{Outline: outline[0], Water: m.water}
	for i, c := range inside {
		if len(m.inner) > 0 {
			out.Inner = append(out.Inner, MapCell{Name: c.Name, Shape: simple[i]})
		}
	}
	for i, c := range m.near {
		out.Near = append(out.Near, MapCell{Name: c.Name, Shape: simple[len(inside)+i]})
	}
	return out, nil
}
