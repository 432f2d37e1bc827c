package objects

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed place_lines.sql
var placeLines string

//go:embed place_areas.sql
var placeAreas string

//go:embed place_settle.sql
var placeSettle string

//go:embed replace_choose.sql
var replaceChoose string

// Place puts located objects into the leaves of an edition from the instant at
// on: those with the ids given, all when there are none. Placements that change
// are closed at that instant and opened anew, the others stay.
func Place(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, ids ...int64) error {
	if err := begin(ctx, tx, territory); err != nil {
		return err
	}
	var err error
	if len(ids) == 0 {
		_, err = tx.Exec(ctx, `INSERT INTO placing_id SELECT id FROM objects.object WHERE territory_id = $1`, territory)
	} else {
		_, err = tx.Exec(ctx, `INSERT INTO placing_id SELECT DISTINCT unnest($1::bigint[])`, ids)
	}
	if err != nil {
		return err
	}
	return place(ctx, tx, territory, edition, at)
}

// Replace follows a publish: it places anew, from the instant at on, the objects
// that touch a leaf which the edition made, changed or took away.
func Replace(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) error {
	if err := begin(ctx, tx, territory); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, replaceChoose, territory, edition); err != nil {
		return fmt.Errorf("choosing objects that edition %d touches: %w", edition, err)
	}
	return place(ctx, tx, territory, edition, at)
}

// begin locks the territory's objects and makes an empty placing_id, which says
// what place works on.
func begin(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	if err := TakeTurn(ctx, tx, territory); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.placing_id, pg_temp.placing_object, pg_temp.placing_point, pg_temp.placing_share, pg_temp.placing_settled;
		CREATE TEMP TABLE placing_id (id bigint) ON COMMIT DROP;
		CREATE TEMP TABLE placing_object (id bigint, dim int, geom geometry(Geometry, 4326)) ON COMMIT DROP;
		CREATE TEMP TABLE placing_point (n bigint, object_id bigint, weight float8, geom geometry(Point, 4326)) ON COMMIT DROP;
		CREATE TEMP TABLE placing_share (object_id bigint, cell_id bigint, share float8) ON COMMIT DROP;
		CREATE TEMP TABLE placing_settled (object_id bigint, cell_id bigint, share float8, outside float8) ON COMMIT DROP`)
	return err
}

// place derives the placements of the objects in placing_id and brings the
// recorded ones up to them, from the instant at on, which is brought into the
// transaction's time: what was answered before stays.
func place(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) error {
	if err := tx.QueryRow(ctx, `SELECT least(greatest($1, now()), clock_timestamp())`, at).Scan(&at); err != nil {
		return err
	}
	if err := collect(ctx, tx, territory); err != nil {
		return err
	}
	if err := placePoints(ctx, tx, territory, edition); err != nil {
		return err
	}
	for _, step := range []step{
		{"placing lines", placeLines, []any{territory, edition}},
		{"placing areas", placeAreas, []any{territory, edition}},
		{"counting shares", `ANALYZE placing_share`, nil},
		{"settling shares", placeSettle, nil},
		{"indexing placements", `CREATE INDEX ON placing_settled (object_id, cell_id)`, nil},
		{"counting placements", `ANALYZE placing_settled`, nil},
		{"taking back placements", `
			DELETE FROM objects.placement p USING placing_object o
			WHERE p.territory_id = $1 AND p.object_id = o.id AND lower(p.during) >= $2
			  AND NOT (lower(p.during) = $2 AND upper_inf(p.during) AND EXISTS (SELECT FROM placing_settled s
			    WHERE s.object_id = p.object_id AND s.cell_id = p.cell_id AND abs(s.share - p.share) <= 1e-12))`, []any{territory, at}},
		{"closing placements", `
			UPDATE objects.placement p SET during = tstzrange(lower(p.during), $2)
			FROM placing_object o
			WHERE p.territory_id = $1 AND p.object_id = o.id AND lower(p.during) < $2 AND p.during @> $2::timestamptz
			  AND NOT (upper_inf(p.during) AND EXISTS (SELECT FROM placing_settled s
			    WHERE s.object_id = p.object_id AND s.cell_id = p.cell_id AND abs(s.share - p.share) <= 1e-12))`, []any{territory, at}},
		{"recording what lies outside", `
			UPDATE objects.object o SET outside_share = s.outside, changed_at = greatest(o.changed_at, $2) FROM placing_settled s
			WHERE o.territory_id = $1 AND o.id = s.object_id AND o.outside_share <> s.outside`, []any{territory, at}},
		// apart from the insert, which would look for each row among those that it
		// is just writing
		{"leaving out what stays", `
			DELETE FROM placing_settled s
			WHERE s.cell_id IS NULL OR EXISTS (SELECT FROM objects.placement p
			  WHERE p.territory_id = $1 AND p.object_id = s.object_id AND p.cell_id = s.cell_id AND p.during @> $2::timestamptz)`, []any{territory, at}},
		{"opening placements", `
			INSERT INTO objects.placement (territory_id, object_id, cell_id, share, during)
			SELECT $1, object_id, cell_id, share, tstzrange($2, NULL) FROM placing_settled`, []any{territory, at}},
	} {
		if err := step.run(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// collect puts what place works on into placing_object.
func collect(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	for _, step := range []step{
		{"counting what to place", `ANALYZE placing_id`, nil},
		// of a shape of mixed dimensions the highest counts; a line is noded, so
		// that what it passes twice is counted once
		{"collecting objects", `
			INSERT INTO placing_object
			SELECT o.id, ST_Dimension(o.geom), CASE ST_Dimension(o.geom)
			         WHEN 0 THEN o.geom
			         WHEN 1 THEN ST_UnaryUnion(ST_CollectionExtract(o.geom, 2))
			         ELSE ST_CollectionExtract(o.geom, 3) END
			FROM placing_id p JOIN objects.object o ON o.territory_id = $1 AND o.id = p.id
			WHERE o.geom IS NOT NULL`, []any{territory}},
		{"indexing objects", `CREATE INDEX ON placing_object USING gist (geom) WHERE dim > 0`, nil},
		{"counting objects", `ANALYZE placing_object (id, dim)`, nil},
	} {
		if err := step.run(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// step is a statement and what to call it when it fails.
type step struct {
	what, sql string
	args      []any
}

func (s step) run(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
		return fmt.Errorf("%s: %w", s.what, err)
	}
	return nil
}
