package cells_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
)

// row is one polygon of an intake.
type row struct {
	code, name string
	geom       orb.Geometry
}

func intake(t *testing.T, tx pgx.Tx, territory cells.Territory, tier int, rows []row) int64 {
	t.Helper()
	batch, err := cells.NewBatch(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		geom, err := database.Geometry(r.geom)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO cells.intake (territory_id, batch, row, code, name, tier, geom, provenance)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'imported')`, territory.ID, batch, i+1, r.code, r.name, tier, geom); err != nil {
			t.Fatal(err)
		}
	}
	return batch
}

func create(t *testing.T, tx pgx.Tx, code string, epsg int, scheme grids.CodeScheme) (cells.Territory, grids.EditionID) {
	t.Helper()
	territory, err := cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: grids.Code(code), Name: "试验市", EPSG: epsg, Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	edition, err := editions.Draft(t.Context(), tx, territory, grids.Local)
	if err != nil {
		t.Fatal(err)
	}
	return territory, edition
}

// box is a rectangle in thousandths of a degree from 113°E 27°N.
func box(x1, y1, x2, y2 float64) orb.Polygon {
	at := func(x, y float64) orb.Point { return orb.Point{113 + x/1000, 27 + y/1000} }
	return orb.Polygon{{at(x1, y1), at(x2, y1), at(x2, y2), at(x1, y2), at(x1, y1)}}
}

func TestAdoptCleans(t *testing.T) {
	t.Parallel()
	const hair = 0.0005 // about 0.05 m, in thousandths of a degree
	for _, test := range []struct {
		name   string
		rows   []row
		kinds  string // of the findings, sorted as reported
		refuse string
	}{
		{"exact neighbours", []row{{"430202", "a", box(0, 0, 10, 10)}, {"430203", "b", box(10, 0, 20, 10)}}, "", ""},
		{"edges a hair apart", []row{{"430202", "a", box(0, 0, 10, 10)}, {"430203", "b", box(10+hair, 0, 20, 10)}}, "sliver", ""},
		{"overlap", []row{{"430202", "a", box(0, 0, 10.1, 10)}, {"430203", "b", box(10, 0, 30, 10)}}, "overlap", ""},
		{"small gap", []row{{"430202", "a", box(0, 0, 10, 10)}, {"430203", "b", orb.Polygon{{{113.01, 27}, {113.02, 27}, {113.02, 27.01}, {113.01, 27.01}, {113.0101, 27.005}, {113.01, 27}}}}}, "gap", ""},
		{"bow tie", []row{{"430202", "a", orb.Polygon{{{113, 27}, {113.01, 27.01}, {113.01, 27}, {113, 27.01}, {113, 27}}}}}, "self-touch", ""},
		{"a junction in the middle of a side", []row{{"430202", "a", box(0, 0, 10, 10)}, {"430203", "b", box(10, 0, 20, 5)}, {"430204", "c", box(10, 5, 20, 10)}}, "t-junction t-junction t-junction", ""},
		{"wholly covered", []row{{"430202", "a", box(0, 0, 10, 10)}, {"430203", "b", box(0, 0, 10, 10)}}, "", "nothing is left"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				territory, edition := create(t, tx, "4302", 4547, grids.GB12)
				for i := range test.rows {
					test.rows[i].code += "000000"
				}
				batch := intake(t, tx, territory, 2, test.rows)
				report, err := cells.Adopt(t.Context(), tx, territory, edition, batch, cells.AdoptOptions{MaxGap: 20000})
				if err != nil {
					return err
				}
				var kinds []string
				databasetest.InBothLanguages(t, report.Findings)
				for _, f := range report.Findings {
					kinds = append(kinds, f.Kind)
					if f.Lon == nil || f.Lat == nil {
						t.Errorf("finding without a place: %+v", f)
					}
				}
				if got := strings.Join(kinds, " "); got != test.kinds {
					t.Errorf("findings %q, want %q: %+v", got, test.kinds, report.Findings)
				}
				checkPartition(t, tx, territory, edition)
				return nil
			})
			if test.refuse == "" && err != nil || test.refuse != "" && (err == nil || !strings.Contains(err.Error(), test.refuse)) {
				t.Errorf("error %v, want %q", err, test.refuse)
			}
		})
	}
}

func checkPartition(t *testing.T, tx pgx.Tx, territory cells.Territory, edition grids.EditionID) {
	t.Helper()
	found, checked, err := cells.Check(t.Context(), tx, territory, edition)
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Error("nothing was checked")
	}
	for _, f := range found {
		t.Errorf("partition: %+v", f)
	}
}

const yilan = "../../../shared/data/test-inputs/yilan/"

func TestAdoptYilan(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(yilan); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not here", yilan)
	}
	db := databasetest.New(t)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		territory, edition := create(t, tx, "10002", 3826, grids.CodeScheme{Lengths: []int{5, 8, 11}})
		for _, step := range []struct {
			file, code, name string
			tier             int
		}{{"yilan_town.geojson", "TOWNCODE", "TOWNNAME", 2}, {"yilan_village.geojson", "VILLCODE", "VILLNAME", 3}} {
			batch := intake(t, tx, territory, step.tier, readRows(t, yilan+step.file, step.code, step.name))
			for _, f := range must(cells.Adopt(t.Context(), tx, territory, edition, batch, cells.AdoptOptions{}))(t).Findings {
				t.Logf("%s row %d %s %s", f.Kind, f.Row, f.Code, f.Message)
			}
		}
		for tier, want := range []int{1, 12, 233} {
			if got := must(cells.OfTier(t.Context(), tx, territory, edition, grids.Tier(tier+1)))(t); len(got) != want {
				t.Errorf("tier %d: %d cells, want %d", tier+1, len(got), want)
			}
		}
		checkPartition(t, tx, territory, edition)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func readRows(t *testing.T, file, code, name string) []row {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var collection geojson.FeatureCollection
	if err := json.Unmarshal(content, &collection); err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, f := range collection.Features {
		rows = append(rows, row{fmt.Sprint(f.Properties[code]), fmt.Sprint(f.Properties[name]), f.Geometry})
	}
	return rows
}
