package api_test

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/maptile"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/collections"
)

//go:embed testdata/many.sql
var manySQL string

//go:embed testdata/many_things.sql
var manyThingsSQL string

// asked is a statement with its arguments.
type asked struct {
	sql  string
	args []any
}

// recorder is a transaction that keeps a query instead of running it.
type recorder struct {
	pgx.Tx
	asked
}

var errRecorded = errors.New("recorded")

func (r *recorder) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	r.asked = asked{sql, args}
	return nil, errRecorded
}

// page is the statement of one page of a collection.
func page(s *site, def *collections.Def, q collections.Query) asked {
	s.t.Helper()
	var r recorder
	if _, err := def.Features(s.t.Context(), &r, q, nil); !errors.Is(err, errRecorded) {
		s.t.Fatal(err)
	}
	return r.asked
}

// analyze takes statistics as autovacuum does in time.
func analyze(t *testing.T, s *site) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), `ANALYZE`); err != nil {
		t.Fatal(err)
	}
}

// TestPlansUseIndexes asks, as the service's role, how the queries that maps
// and lookups repeat are run on tens of thousands of cells.
func TestPlansUseIndexes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.draft("4302", "示例市", 113, 27.5, 2)
	l.exec(manySQL, l.id)
	l.exec(manyThingsSQL, l.id)
	l.exec(`UPDATE objects.object SET name = '示例企业 2' WHERE territory_id = $1`, l.id)
	l.publish(1)
	l.exec(`INSERT INTO cells.generalised (territory_id, edition, cell_id, geom) SELECT $1, 1, v.cell_id, v.geom FROM cells.of($1, 1) v`, l.id)
	analyze(t, s)
	all := collections.All()
	def, layerCells, enterprises, crosswalk := all[0], all[1], all[2], all[6]
	tile := maptile.At([2]float64{113.602, 27.602}, 14)
	scope := collections.Scope{Territory: l.id, First: 1, Last: 1, At: time.Now()}
	during := scope
	hour := scope.At.Add(-time.Hour)
	during.Interval, during.Since = true, &hour
	box := &collections.BBox{113.601, 27.601, 113.603, 27.603}
	for name, c := range map[string]struct {
		asked
		index string
	}{
		"bbox":                                 {page(s, def, collections.Query{Scope: scope, Limit: 100, BBox: &collections.BBox{113.601, 27.601, 113.603, 27.603}}), "version_geom"},
		"code":                                 {page(s, def, collections.Query{Scope: scope, Limit: 100, Filters: []collections.Filter{{Property: "code", Value: "430202001001"}}}), "version_code"},
		"page":                                 {page(s, def, collections.Query{Scope: scope, Limit: 100, After: "430202001001"}), "version_code"},
		"tile":                                 {asked{api.TileSQLForTest("cells"), []any{l.id, 1, 14, tile.X, tile.Y, ""}}, "display_geom"},
		"bbox of an interval":                  {page(s, def, collections.Query{Scope: during, Limit: 100, BBox: box}), "version_geom"},
		"objects in a bbox":                    {page(s, enterprises, collections.Query{Scope: scope, Limit: 100, BBox: box}), "version_geom"},
		"objects in a bbox of an interval":     {page(s, enterprises, collections.Query{Scope: during, Limit: 100, BBox: box}), "version_geom"},
		"objects by code":                      {page(s, enterprises, collections.Query{Scope: scope, Limit: 100, After: "E100"}), "version_code"},
		"layer cells in a bbox":                {page(s, layerCells, collections.Query{Scope: scope, Limit: 100, BBox: box}), "version_geom"},
		"layer cells in a bbox of an interval": {page(s, layerCells, collections.Query{Scope: during, Limit: 100, BBox: box}), "version_geom"},
		"crosswalk":                            {page(s, crosswalk, collections.Query{Scope: scope, Limit: 100, After: "100"}), "crosswalk_pkey"},
		"objects around a place":               {asked{`SELECT code FROM objects.at($1, now()) o WHERE o.geom && ST_MakeEnvelope(113.601, 27.601, 113.602, 27.602, 4326)`, []any{l.id}}, "version_geom"},
		"public bbox":                          {page(s, def.Generalised(50), collections.Query{Scope: scope, Limit: 100, BBox: box}), "generalised_geom"},
		"public objects":                       {page(s, enterprises.Generalised(50), collections.Query{Scope: scope, Limit: 100, BBox: box}), "version_geom"},
		"public tile":                          {asked{api.PublicTileSQLForTest("cells"), []any{l.id, 1, 14, tile.X, tile.Y, "", 50}}, "generalised_geom"},
		"prefix":                               {asked{`SELECT code FROM cells.of($1, 1) WHERE code LIKE '430202001%'`, []any{l.id}}, "version_code"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			var plan []string
			// as somebody who is bound to a subtree and a layer: no row policy
			// stands before the index
			bound := grids.Principal{Name: "county", Role: grids.RolePlanner, Territory: l.id, Within: []string{"430202"}, Layers: []grids.LayerCode{"safety"}}
			if strings.HasPrefix(name, "public") {
				bound = grids.Public
			}
			ctx := t.Context()
			err := s.db.Read(ctx, bound, func(tx pgx.Tx) error {
				var role string
				if err := tx.QueryRow(ctx, `SELECT current_user`).Scan(&role); err != nil || role != "unigrid_app" {
					t.Fatalf("as %s: %v", role, err)
				}
				rows, err := tx.Query(ctx, `EXPLAIN (COSTS OFF) `+c.sql, c.args...)
				if err != nil {
					return err
				}
				plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(plan, "\n")
			if !strings.Contains(text, c.index) || strings.Contains(text, "Seq Scan on version") || strings.Contains(text, "Seq Scan on display") {
				t.Errorf("does not use %s:\n%s", c.index, text)
			}
		})
	}
	s.t = t
	for _, path := range []string{"/collections/cells/items?limit=1000&tier=4", "/collections/cells/items?bbox=113.601,27.601,113.603,27.603", "/v1/responsible?lon=113.0101&lat=27.5101", "/v1/search?q=4302020", "/v1/stats", fmt.Sprintf("/tiles/cells/14/%d/%d.mvt", tile.X, tile.Y)} {
		s.get(path)
		start := time.Now()
		if a := s.get(path); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		t.Logf("%s: %v", path, time.Since(start))
	}
}
