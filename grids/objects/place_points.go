package objects

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed place_points.sql
var placePointsSQL string

// Points are placed in memory when there are enough of them to make up for
// reading all leaves, or, where the leaves are in memory already, for fetching
// the points. The rows are the same either way.
const (
	worthReading  = 20_000
	worthFetching = 1_000
)

// placingPoints are the points to place, and what each counts of its object.
const placingPoints = `
	SELECT id, 1::float8 AS weight, geom FROM placing_object
	WHERE dim = 0 AND ST_GeometryType(geom) = 'ST_Point'
	UNION ALL
	SELECT o.id, 1::float8 / ST_NPoints(o.geom), d.geom
	FROM placing_object o CROSS JOIN LATERAL ST_DumpPoints(o.geom) d
	WHERE o.dim = 0 AND ST_GeometryType(o.geom) <> 'ST_Point'`

// placePoints puts the shares of the points of placing_object into placing_share.
func placePoints(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) error {
	var points int
	if err := tx.QueryRow(ctx, `SELECT coalesce(sum(ST_NPoints(geom)), 0) FROM placing_object WHERE dim = 0`).Scan(&points); err != nil {
		return fmt.Errorf("counting points: %w", err)
	}
	var leaves *cells.Leaves
	var err error
	switch {
	case points == 0:
		return nil
	case points >= worthReading:
		leaves, err = cells.LeavesOf(ctx, tx, territory, edition)
		if errors.Is(err, cells.ErrNoLeaves) {
			err = nil
		}
	case points >= worthFetching:
		leaves, err = cells.KnownLeaves(ctx, tx, territory, edition)
	}
	if err != nil {
		return err
	}
	if leaves == nil {
		return placePointsInDatabase(ctx, tx, territory, edition)
	}
	return placePointsInMemory(ctx, tx, leaves)
}

func placePointsInDatabase(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) error {
	for _, step := range []step{
		{"collecting points", `INSERT INTO placing_point SELECT row_number() OVER (), id, weight, geom FROM (` + placingPoints + `) p`, nil},
		{"indexing points", `CREATE INDEX ON placing_point USING gist (geom)`, nil},
		{"counting points", `ANALYZE placing_point (n, object_id)`, nil},
		{"placing points", placePointsSQL, []any{territory, edition}},
	} {
		if err := step.run(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func placePointsInMemory(ctx context.Context, tx pgx.Tx, leaves *cells.Leaves) error {
	err := copyShares(ctx, tx, leaves, `SELECT id, weight, ST_X(geom), ST_Y(geom) FROM (`+placingPoints+`) p`, pgx.Identifier{"placing_share"})
	if err != nil {
		return fmt.Errorf("placing points in memory: %w", err)
	}
	return nil
}
