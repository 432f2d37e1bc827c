package importers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/importers"
)

// area is a rectangle in hundredths of a degree from 113°E 27°N with attributes.
type area struct {
	x1, y1, x2, y2 float64
	attributes     map[string]string
}

func geoJSON(t *testing.T, areas []area) string {
	t.Helper()
	var features []any
	for _, a := range areas {
		at := func(x, y float64) [2]float64 { return [2]float64{113 + x/100, 27 + y/100} }
		features = append(features, map[string]any{"type": "Feature", "properties": a.attributes, "geometry": map[string]any{"type": "Polygon",
			"coordinates": [][][2]float64{{at(a.x1, a.y1), at(a.x2, a.y1), at(a.x2, a.y2), at(a.x1, a.y2), at(a.x1, a.y1)}}}})
	}
	text, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fourTowns are those of the counties 甲县 and 乙县; two have the same name.
func fourTowns(t *testing.T) (*database.DB, cells.Territory) {
	t.Helper()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	report, err := importers.Run(t.Context(), db, grids.Local, territory, importers.Request{Target: importers.Cells, Tier: 3, File: write(t, "towns.geojson", geoJSON(t, []area{
		{0, 0, 5, 10, map[string]string{"code": "430202001", "name": "大同镇"}}, {5, 0, 10, 10, map[string]string{"code": "430202002", "name": "白关镇"}},
		{10, 0, 15, 10, map[string]string{"code": "430203001", "name": "大同镇"}}, {15, 0, 20, 10, map[string]string{"code": "430203002", "name": "田心街道"}},
	}))}, nil)
	if err != nil || report.Applied != 4 || report.Created != 4 || len(report.Differences) != 4 {
		t.Fatalf("%v %+v", err, report)
	}
	return db, territory
}

// names are those of a tier in the draft, by code.
func names(t *testing.T, db *database.DB, territory cells.Territory, tier int) (out string) {
	t.Helper()
	if err := db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT string_agg(substr(code, 5, 5) || ' ' || name || ' ' || round(ST_Area(geom) * 1e4), ', ' ORDER BY code) FROM cells.of($1, 1) WHERE tier = $2`,
			territory.ID, tier).Scan(&out)
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// Cells without a code are those that their names mean, under the names above.
func TestCellsByName(t *testing.T) {
	t.Parallel()
	const before = "02001 大同镇 50, 02002 白关镇 50, 03001 大同镇 50, 03002 田心街道 50"
	const moved = "02001 大同镇 60, 02002 白关镇 40, 03001 大同镇 50, 03002 田心街道 50"
	row := func(x1, x2 float64, county, town string) area {
		return area{x1, 0, x2, 10, map[string]string{"县区": county, "乡镇": town, "备注": "x"}}
	}
	for _, test := range []struct {
		name    string
		rows    []area
		choices map[int]string
		tier    grids.Tier
		want    string           // the names and areas afterwards
		kinds   map[int]string   // of findings, by row
		offered map[int][]string // codes, by row
		says    string           // the error
	}{
		{name: "by county and name", rows: []area{row(0, 6, "甲县", "大同镇"), row(6, 10, "甲县", "白关镇"), row(10, 15, "乙县", "大同镇"), row(15, 20, "乙县", "田心街道")}, want: moved},
		{name: "written otherwise", rows: []area{row(0, 6, "甲", " 大同 "), row(6, 10, "", "白关"), row(10, 15, "乙县", "大同镇"), row(15, 20, "", "田心街道办事处")}, want: moved},
		{name: "one county alone", rows: []area{row(0, 6, "甲县", "大同镇"), row(6, 10, "甲县", "白关镇")}, want: moved},
		{name: "two have the name", rows: []area{row(0, 6, "", "大同镇"), row(6, 10, "", "白关镇")}, want: before,
			kinds: map[int]string{1: "ambiguous"}, offered: map[int][]string{1: {"430202001000", "430203001000"}}, says: "1 rows don't say"},
		{name: "and one is chosen", rows: []area{row(0, 6, "", "大同镇"), row(6, 10, "", "白关镇")}, choices: map[int]string{1: "430202001000"}, want: moved},
		{name: "no such name", rows: []area{row(0, 6, "甲县", "大同镇"), row(6, 10, "甲县", "没有镇")}, want: before, kinds: map[int]string{2: "unknown-cell"}, says: "row 2"},
		{name: "no such county", rows: []area{row(0, 6, "丙县", "大同镇")}, want: before, kinds: map[int]string{1: "unknown-cell"}, says: "row 1"},
		{name: "the same cell twice", rows: []area{row(0, 6, "甲县", "大同镇"), row(6, 10, "", "白关镇"), row(0, 5, "甲县", "大同")}, want: before,
			kinds: map[int]string{1: "duplicate", 3: "duplicate"}, says: "2 rows don't say"},
		{name: "a tier without cells", tier: 4, rows: []area{{0, 0, 5, 10, map[string]string{"县区": "甲县", "乡镇": "大同镇", "村": "大同村"}}}, want: before, says: "no column for code"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db, territory := fourTowns(t)
			run := func() (importers.Report, error) {
				return importers.Run(t.Context(), db, grids.Local, territory, importers.Request{Target: importers.Cells, Tier: max(test.tier, 3), Choices: test.choices,
					File: write(t, "towns.geojson", geoJSON(t, test.rows))}, nil)
			}
			report, err := run()
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Fatalf("%v, want %q: %+v", err, test.says, report.Findings)
			}
			kinds, offered := map[int]string{}, map[int][]string{}
			for _, f := range report.Findings {
				if f.Severity != grids.SeverityError {
					continue
				}
				kinds[f.Row] = f.Kind
				for _, c := range f.Candidates {
					offered[f.Row] = append(offered[f.Row], c.Code)
				}
				if f.Field != "乡镇" || f.Message == "" {
					t.Errorf("%+v", f)
				}
			}
			if !maps.Equal(kinds, test.kinds) || !maps.EqualFunc(offered, test.offered, slices.Equal) {
				t.Errorf("%v %v, want %v %v", kinds, offered, test.kinds, test.offered)
			}
			if got := names(t, db, territory, 3); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if err != nil {
				return
			}
			if said := fmt.Sprint(report.Applied, report.Changed, report.Created); said != fmt.Sprint(len(test.rows), len(test.rows), 0) || len(report.Differences) != len(test.rows) {
				t.Errorf("%s: %+v", said, report)
			}
			if report, err := run(); err != nil || report.Unchanged != len(test.rows) || report.Changed+report.Applied != 0 {
				t.Errorf("again: %v %+v", err, report)
			}
			if _, err := importers.Undo(t.Context(), db, grids.Local, territory, report.Import); err != nil {
				t.Error(err)
			}
			if got := names(t, db, territory, 3); got != before {
				t.Errorf("undone: %s", got)
			}
		})
	}
}

// Cells of a layer without a code are those that their names mean; an answer
// settles which, and they keep their names.
func TestLayerCellsByName(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	run := func(choices map[int]string, areas ...area) importers.Report {
		t.Helper()
		report, err := importers.Run(t.Context(), db, grids.Local, territory, importers.Request{Target: importers.LayerCells, Layer: "safety", Choices: choices,
			File: write(t, "safety.geojson", geoJSON(t, areas))}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	named := func(x1, x2 float64, name string) area {
		return area{x1, 0, x2, 10, map[string]string{"网格名称": name}}
	}
	run(nil, area{0, 0, 5, 10, map[string]string{"网格编码": "A", "网格名称": "大同村"}}, area{5, 0, 10, 10, map[string]string{"网格编码": "B", "网格名称": "大同社区"}},
		area{10, 0, 15, 10, map[string]string{"网格编码": "C", "网格名称": "白关村"}})
	report := run(nil, named(0, 6, "大同"), named(10, 16, "白关"), named(16, 18, "没有村"))
	if report.Changed != 1 || report.Rejected != 2 || report.Differences[0].Code != "C" || report.Differences[0].Name != "白关村" {
		t.Errorf("%+v %+v", report, report.Differences)
	}
	for _, f := range report.Findings {
		if f.Kind == "ambiguous" && (f.Row != 1 || len(f.Candidates) != 2 || f.Candidates[1].Code != "B" || f.Candidates[0].Path != "试验市 / 甲县") {
			t.Errorf("%+v", f)
		}
	}
	report = run(map[int]string{1: "B"}, named(0, 6, "大同"))
	if report.Changed != 1 || report.Created != 0 || report.Rejected != 0 || report.Differences[0].Code != "B" || report.Differences[0].Name != "大同社区" {
		t.Errorf("%+v %+v", report, report.Differences)
	}
}
