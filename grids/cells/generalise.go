package cells

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/database"
)

// Generalise derives from an edition the cells that the public sees, to so many
// metres. The leaves are one coverage whose arcs are simplified once for both
// sides, and a parent is the union of its leaves: every tier stays an exact
// partition, on the lattice of 1e-7 degrees.
func Generalise(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, metres float64) error {
	rows, err := tx.Query(ctx, selectCell+`cells.leaves($1, $2) v ORDER BY code`, t.ID, edition)
	if err != nil {
		return err
	}
	leaves, err := pgx.CollectRows(rows, scanCell)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM cells.generalised WHERE territory_id = $1 AND edition = $2`, t.ID, edition); err != nil || len(leaves) == 0 {
		return err
	}
	shapes := make([]orb.MultiPolygon, len(leaves))
	for i, leaf := range leaves {
		shapes[i] = leaf.Geom
	}
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		return err
	}
	shapes = coverage.Simplify(metres)
	if coverage, err = geo.NewCoverage(shapes); err != nil {
		return fmt.Errorf("generalised leaves: %w", err)
	}
	ids := make([]grids.CellID, len(leaves))
	for i, leaf := range leaves {
		ids[i] = leaf.ID
	}
	if err := keepGeneralised(ctx, tx, t, edition, ids, shapes); err != nil {
		return err
	}
	above, err := parentsOf(ctx, tx, t, edition)
	if err != nil {
		return err
	}
	for tier := grids.Tier(1); int(tier) < len(t.Scheme.Lengths); tier++ {
		groups, ids := make([]int, len(leaves)), []grids.CellID(nil)
		number := map[grids.CellID]int{}
		for i, leaf := range leaves {
			groups[i] = -1
			if leaf.Tier <= tier {
				continue
			}
			up := leaf.ParentID
			for range leaf.Tier - tier - 1 {
				up = above[up]
			}
			n, known := number[up]
			if !known {
				n = len(ids)
				number[up], ids = n, append(ids, up)
			}
			groups[i] = n
		}
		united, err := coverage.Dissolve(groups)
		if err != nil {
			return fmt.Errorf("generalised cells of tier %d: %w", tier, err)
		}
		if err := keepGeneralised(ctx, tx, t, edition, ids, united); err != nil {
			return err
		}
	}
	return nil
}

// parentsOf gives the parent of every cell of an edition.
func parentsOf(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) (map[grids.CellID]grids.CellID, error) {
	rows, err := tx.Query(ctx, `SELECT v.cell_id, v.parent_id FROM cells.of($1, $2) v WHERE v.parent_id IS NOT NULL`, t.ID, edition)
	if err != nil {
		return nil, err
	}
	above := map[grids.CellID]grids.CellID{}
	var cell, parent grids.CellID
	_, err = pgx.ForEachRow(rows, []any{&cell, &parent}, func() error {
		above[cell] = parent
		return nil
	})
	return above, err
}

func keepGeneralised(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, ids []grids.CellID, shapes []orb.MultiPolygon) error {
	encoded := make([][]byte, len(shapes))
	for i, shape := range shapes {
		var err error
		if encoded[i], err = database.Geometry(shape); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO cells.generalised (territory_id, edition, cell_id, geom)
		SELECT $1, $2, id, ST_GeomFromEWKB(g) FROM unnest($3::bigint[], $4::bytea[]) AS s (id, g)`, t.ID, edition, ids, encoded)
	return err
}

// GeneralisePublished does it for every published edition.
func GeneralisePublished(ctx context.Context, tx pgx.Tx, t Territory, metres float64) error {
	rows, err := tx.Query(ctx, `SELECT seq FROM editions.edition WHERE territory_id = $1 AND state = 'published' ORDER BY seq`, t.ID)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[grids.EditionID])
	if err != nil {
		return err
	}
	for _, edition := range list {
		if err := Generalise(ctx, tx, t, edition, metres); err != nil {
			return fmt.Errorf("edition %d: %w", edition, err)
		}
	}
	return nil
}

// generaliseOpened does it for an edition of a territory whose cells are open to
// the public.
func generaliseOpened(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) error {
	var metres float64
	err := tx.QueryRow(ctx, `SELECT coalesce((SELECT o.precision_m FROM access.opened o WHERE o.territory_id = $1 AND o.collection = 'cells'), 0)`, t.ID).Scan(&metres)
	if err != nil || metres == 0 {
		return err
	}
	return Generalise(ctx, tx, t, edition, metres)
}
