package importers

import (
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
)

// TestTold is of more findings than a report holds: all are listed, in order, and
// counted, and the file is gone afterwards.
func TestTold(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	const many = 2*mostHeld + pageRows/2
	var told told
	for n := range many {
		change := cells.Change{Kind: cells.Snapped, Severity: grids.SeverityRepair, Place: orb.Point{113, 27}, At: orb.Point{113, 27},
			Lost: []cells.ChangedRow{{Row: n + 1}}, Message: grids.Textf("第 %d 处", "place %d", n)}
		if n%100 == 0 {
			change.Severity = grids.SeverityError
		}
		if err := told.take(change, "a.shp"); err != nil {
			t.Fatal(err)
		}
	}
	path := told.folder.Path
	var report Report
	if report.count(&told); report.Errors != many/100 || report.Repairs != many-many/100 || len(told.first) != mostHeld {
		t.Errorf("%d errors, %d repairs, %d held", report.Errors, report.Repairs, len(told.first))
	}
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		territory, err := cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12})
		if err != nil {
			return err
		}
		i, err := insert(t.Context(), tx, grids.Local, territory, Request{Name: "a.shp", Target: Cells, Tier: 1}, []byte{1})
		if err != nil {
			return err
		}
		if err := copyFindings(t.Context(), tx, territory, i.ID, "read", 0, []grids.Finding{{Kind: "first", Severity: grids.SeverityWarning}}); err != nil {
			return err
		}
		if err := told.store(t.Context(), tx, territory, i.ID, 1); err != nil {
			return err
		}
		list, total, kinds, err := Findings(t.Context(), tx, territory, i.ID, "", "", many-1, 5)
		if err != nil {
			return err
		}
		if total != many+1 || kinds["snapped"] != many || len(list) != 2 {
			t.Fatalf("%d findings, %v, the last %+v", total, kinds, list)
		}
		for k, f := range list {
			if n := many - 2 + k; f.Row != n+1 || f.File != "a.shp" || f.Message != fmt.Sprint("place ", n) || f.Lon == nil {
				t.Errorf("%d: %+v", n, f)
			}
		}
		_, errors, _, err := Findings(t.Context(), tx, territory, i.ID, "error", "", 0, 1)
		if errors != report.Errors {
			t.Errorf("%d errors, want %d", errors, report.Errors)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := told.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", path, err)
	}
}
