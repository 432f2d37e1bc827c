package cells

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
	"unigrid/grids"
	"unigrid/grids/database"
)

// versions are cells, measured, that can be copied in.
type versions struct {
	list   []Cell
	m2     []float64 // nil where only the database knows the projection
	labels []orb.Point
}

// measured finds out what a version says of its shape.
func measured(t Territory, list []Cell) versions {
	shapes := shapesOf(list)
	return versions{list, planeAreas(t.EPSG, shapes), geo.Labels(shapes)}
}

// add appends a cell with what measuring v.list[i] found.
func (v *versions) add(cell Cell, of versions, i int) {
	v.list, v.labels = append(v.list, cell), append(v.labels, of.labels[i])
	if of.m2 != nil {
		v.m2 = append(v.m2, of.m2[i])
	}
}

func shapesOf(list []Cell) []orb.MultiPolygon {
	shapes := make([]orb.MultiPolygon, len(list))
	for i, cell := range list {
		shapes[i] = cell.Geom
	}
	return shapes
}

// insertVersions measures the cells and copies them in.
func insertVersions(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, list []Cell) error {
	return copyVersions(ctx, tx, t, edition, measured(t, list))
}

// copyVersions makes versions those of an open draft.
func copyVersions(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, v versions) error {
	if v.m2 == nil {
		var err error
		if v.m2, err = databaseAreas(ctx, tx, t.EPSG, shapesOf(v.list)); err != nil {
			return err
		}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"cells", "version"},
		[]string{"territory_id", "cell_id", "from_edition", "code", "name", "tier", "parent_id", "geom", "area_m2", "label", "provenance", "locked", "disputed"},
		pgx.CopyFromSlice(len(v.list), func(i int) ([]any, error) {
			cell := v.list[i]
			geom, err := database.Geometry(cell.Geom)
			if err != nil {
				return nil, fmt.Errorf("cell %s: %w", cell.Code, err)
			}
			label, err := lattice.FromOrb(v.labels[i])
			if err != nil {
				return nil, fmt.Errorf("cell %s: %w", cell.Code, err)
			}
			at, err := database.Geometry(label.Orb())
			if err != nil {
				return nil, err
			}
			var parent *grids.CellID
			if cell.ParentID != 0 {
				parent = &cell.ParentID
			}
			return []any{t.ID, cell.ID, edition, string(cell.Code), cell.Name, int16(cell.Tier), parent, geom, v.m2[i], at,
				string(cell.Provenance), cell.Locked, cell.Disputed}, nil
		}))
	return err
}
