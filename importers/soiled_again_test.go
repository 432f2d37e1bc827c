package importers_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/geotest"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
	"unigrid/importers"
)

// TestSoiledAgain imports a tier whose polygons have defects, then the same with
// defects elsewhere, again and again: each time it goes in whole, as an exact
// partition, and the same file again changes nothing.
func TestSoiledAgain(t *testing.T) {
	t.Parallel()
	folder, country := t.TempDir(), geotest.NewCountry(100)
	towns := filepath.Join(folder, "towns.shp")
	writeTowns(t, country, 8, towns)
	db := databasetest.New(t)
	var at cells.Territory
	tx := func(fn func(pgx.Tx) error) {
		t.Helper()
		if err := db.Tx(t.Context(), grids.Local, fn); err != nil {
			t.Fatal(err)
		}
	}
	tx(func(tx pgx.Tx) (err error) {
		at, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "示例市", EPSG: 4546,
			Scheme: grids.CodeScheme{Lengths: []int{4, 6, 9, 12}, PadTo: 12}})
		return err
	})
	run := func(file string, tier grids.Tier) importers.Report {
		t.Helper()
		r := importers.Request{File: file, Target: importers.Cells, Tier: tier, Adopt: cells.AdoptOptions{MaxGap: 10_000}}
		report, err := importers.Run(t.Context(), db, grids.Local, at, r, nil)
		if err != nil {
			t.Fatalf("%s: %v", filepath.Base(file), err)
		}
		return report
	}
	run(towns, 3)
	for seed := range uint64(8) {
		villages := filepath.Join(folder, fmt.Sprintf("villages%d.shp", seed))
		writeCountry(t, country, 8, villages, soiled(seed, 0.3))
		report := run(villages, 4)
		if report.Rejected > 0 || seed > 0 && (report.Applied == 0 || report.Unchanged == 0) {
			t.Fatalf("seed %d: %+v", seed, report)
		}
		tx(func(tx pgx.Tx) error {
			_, listed, _, err := importers.Findings(t.Context(), tx, at, report.Import, "", "", 0, 1)
			if all := report.Errors + report.Repairs + report.Warnings; listed != all || listed != len(report.Findings) || listed == 0 {
				t.Errorf("seed %d: %d findings are listed, %d counted, %d held", seed, listed, all, len(report.Findings))
			}
			return err
		})
		if report := run(villages, 4); report.Applied > 0 {
			t.Fatalf("seed %d again: %+v", seed, report.Differences)
		}
	}
	tx(func(tx pgx.Tx) error {
		draft, err := editions.Draft(t.Context(), tx, at, grids.Local)
		if err != nil {
			return err
		}
		found, checked, err := cells.Check(t.Context(), tx, at, draft)
		if checked == 0 || len(found) > 0 {
			t.Errorf("%d checked: %+v", checked, found)
		}
		return err
	})
}
