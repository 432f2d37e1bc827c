package importers_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/importers"
)

const counties = `{"type":"FeatureCollection","features":[
	{"type":"Feature","properties":{"code":"430202","name":"甲县"},"geometry":{"type":"Polygon","coordinates":[[[113,27],[113.1,27],[113.1,27.1],[113,27.1],[113,27]]]}},
	{"type":"Feature","properties":{"code":"430203","name":"乙县"},"geometry":{"type":"Polygon","coordinates":[[[113.1,27],[113.2,27],[113.2,27.1],[113.1,27.1],[113.1,27]]]}}]}`

// A file with two cells of one name under one parent is refused, naming the
// rows; one that goes in is one step of the draft.
func TestImportedNames(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	var territory cells.Territory
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	take := func(text string) error {
		file := filepath.Join(t.TempDir(), "counties.geojson")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := importers.Run(t.Context(), db, grids.Local, territory, importers.Request{File: file, Target: importers.Cells, Tier: 2, Provenance: "imported"}, nil)
		return err
	}
	err := take(strings.ReplaceAll(counties, "乙县", "甲县"))
	if !grids.IsKind(err, grids.Invalid) || !strings.Contains(err.Error(), "rows 1 and 2") || !strings.Contains(err.Error(), "甲县") {
		t.Errorf("%v", err)
	}
	if err := take(counties); err != nil {
		t.Fatal(err)
	}
	count := func(ctx context.Context, tx pgx.Tx) (n int, err error) {
		return n, tx.QueryRow(ctx, `SELECT count(*) FROM cells.version WHERE territory_id = $1`, territory.ID).Scan(&n)
	}
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		steps, err := cells.Steps(t.Context(), tx, territory, 1)
		if err != nil {
			return err
		}
		if len(steps) != 1 || steps[0].Kind != "import" || len(steps[0].Cells) != 3 {
			t.Errorf("%+v", steps)
		}
		before, err := count(t.Context(), tx)
		if err != nil {
			return err
		}
		if _, err := cells.Undo(t.Context(), tx, territory, 1); err != nil {
			return err
		}
		undone, err := count(t.Context(), tx)
		if err != nil {
			return err
		}
		if _, err := cells.Redo(t.Context(), tx, territory, 1); err != nil {
			return err
		}
		after, err := count(t.Context(), tx)
		if before != 3 || undone != 0 || after != 3 {
			t.Errorf("%d cells, %d after undo, %d after redo", before, undone, after)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
