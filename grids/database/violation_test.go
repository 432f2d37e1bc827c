package database_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// What can't be transformed is the fault of the coordinate system that was named.
func TestMisplacedCoordinates(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	for query, want := range map[string]string{
		`SELECT ST_Transform(ST_SetSRID(ST_MakePoint(38500000, 3080000), 4547), 4326)`: "beyond what their coordinate system reaches",
		`SELECT ST_Transform(ST_SetSRID(ST_MakePoint(113, 27), 99), 4326)`:             "no coordinate system EPSG:99",
		`SELECT ST_GeomFromText('POINT(1')`:                                            "",
	} {
		err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), query, pgx.QueryExecModeSimpleProtocol)
			return err
		})
		if said := database.Violation(err); want != "" && (!grids.IsKind(said, grids.Invalid) || !strings.Contains(said.Error(), want)) || want == "" && grids.IsKind(said, grids.Invalid) {
			t.Errorf("%s: %v", query, said)
		}
	}
}
