package layers_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/layers"
)

func TestTake(t *testing.T) {
	t.Parallel()
	const square = "POLYGON((113 27,113.01 27,113.01 27.01,113 27.01,113 27))"
	tests := []struct {
		name                         string
		layer, code, staff, geometry string
		applied, rejected            int
		kinds                        []string
	}{
		{"plain", "safety", "A", "S1", square, 1, 0, nil},
		{"blanks are trimmed", " safety ", " A ", " S1 ", square, 1, 0, nil},
		{"nobody named", "safety", "A", "", square, 1, 0, nil},
		{"unknown person", "safety", "A", "S9", square, 1, 0, []string{"unknown-person"}},
		{"no code, and nothing of its name", "safety", " ", "S1", square, 0, 1, []string{"unknown-cell"}},
		{"unknown layer", "forests", "A", "S1", square, 0, 1, []string{"layer"}},
		{"no geometry", "safety", "A", "S1", "", 0, 1, []string{"geometry"}},
		{"empty geometry", "safety", "A", "S1", "POLYGON EMPTY", 0, 1, []string{"geometry"}},
		{"a river's line", "safety", "A", "S1", "LINESTRING(113 27,114 27)", 0, 1, []string{"geometry"}},
		{"less than a step", "safety", "A", "S1", "POLYGON((113 27,113.00000001 27,113 27.00000001,113 27))", 0, 1, []string{"geometry"}},
		{"metres", "safety", "A", "S1", "POLYGON((414681 3079571,414781 3079571,414781 3079671,414681 3079571))", 0, 1, []string{"outside-world"}},
		{"bow tie", "safety", "A", "S1", "POLYGON((113 27,113.01 27.01,113.01 27,113 27.01,113 27))", 1, 0, []string{"repaired"}},
		{"polygon and line", "safety", "A", "S1", "GEOMETRYCOLLECTION(" + square + ",LINESTRING(113 27,114 27))", 1, 0, []string{"not-area"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			territory := territory(t, db)
			run(t, db, func(tx pgx.Tx) error {
				report := take(t, tx, territory, row{test.layer, test.code, test.staff, test.geometry})
				if report.Applied != test.applied || report.Rejected != test.rejected || report.Unchanged != 0 {
					t.Errorf("%+v", report)
				}
				var kinds []string
				databasetest.InBothLanguages(t, report.Findings)
				for _, f := range report.Findings {
					kinds = append(kinds, f.Kind)
					if f.Row != 1 || f.Severity == "" {
						t.Errorf("finding %+v", f)
					}
					if slices.Contains([]string{"repaired", "not-area", "unknown-person"}, f.Kind) && (f.Lon == nil || f.Lat == nil) {
						t.Errorf("%s without a place", f.Kind)
					}
				}
				if !slices.Equal(kinds, test.kinds) {
					t.Errorf("findings %v, want %v", kinds, test.kinds)
				}
				var cells, left int
				var exact bool
				err := tx.QueryRow(t.Context(), `
					SELECT count(*), coalesce(bool_and(ST_IsValid(geom) AND geom::bytea = ST_GeomFromText(ST_AsText(geom, 7), 4326)::bytea
						AND abs(area_m2 / ST_Area(geom::geography) - 1) < 0.001), true), (SELECT count(*) FROM layers.intake)
					FROM layers.cell`).Scan(&cells, &exact, &left)
				if err != nil {
					return err
				}
				if cells != test.applied || !exact || left != 0 {
					t.Errorf("%d cells, valid, rounded and measured %t, %d rows left in the intake", cells, exact, left)
				}
				return nil
			})
		})
	}
}

func TestTakeAgain(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := territory(t, db)
	a := row{"safety", "A", "S1", "POLYGON((113 27,113.01 27,113.01 27.01,113 27.01,113 27))"}
	b := row{"river-chief", "A", "S1", a.geometry}
	moved := row{"safety", "A", "S1", "POLYGON((113 27,113.02 27,113.02 27.01,113 27.01,113 27))"}
	nobody := row{"safety", "A", "", moved.geometry}
	steps := []struct {
		rows []row
		want grids.Taken
	}{
		{[]row{a, b}, grids.Taken{Applied: 2}},
		{[]row{a, b}, grids.Taken{Unchanged: 2}},
		{[]row{moved, b}, grids.Taken{Applied: 1, Unchanged: 1}},
		{[]row{nobody, a}, grids.Taken{Applied: 1, Rejected: 1}},
	}
	for i, step := range steps {
		run(t, db, func(tx pgx.Tx) error {
			got := take(t, tx, territory, step.rows...)
			if got.Applied != step.want.Applied || got.Unchanged != step.want.Unchanged || got.Rejected != step.want.Rejected {
				t.Errorf("step %d: %+v, want %+v", i, got, step.want)
			}
			return nil
		})
	}
	run(t, db, func(tx pgx.Tx) error {
		var named *int64
		if err := tx.QueryRow(t.Context(), `SELECT person_id FROM layers.cell WHERE layer = 'safety'`).Scan(&named); err != nil {
			return err
		}
		if named != nil {
			t.Errorf("still names person %d", *named)
		}
		return nil
	})
}

func TestLayersAreData(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := territory(t, db)
	run(t, db, func(tx pgx.Tx) error {
		ctx := t.Context()
		if err := layers.Add(ctx, tx, territory, layers.Layer{Code: "Fire", Name: grids.Text{ZH: "消防", EN: "Fire"}}); !grids.IsKind(err, grids.Invalid) {
			t.Errorf("code Fire: %v", err)
		}
		for _, layer := range []layers.Layer{
			{Code: "fire", Name: grids.Text{ZH: "消防", EN: "Fire"}, Department: " 消防救援支队 ", DepartmentEN: " Fire and Rescue Brigade ", Colour: "#d9480f", Rank: 9},
			{Code: "safety", Name: grids.Text{ZH: "应急", EN: "Emergency"}, Rank: 2},
		} {
			if err := layers.Add(ctx, tx, territory, layer); err != nil {
				return err
			}
		}
		if err := layers.EnsureDefaults(ctx, tx, territory); err != nil {
			return err
		}
		take(t, tx, territory, row{"fire", "F1", "S1", "POLYGON((113 27,113.01 27,113.01 27.01,113 27))"})
		list, err := layers.List(ctx, tx, territory)
		if err != nil {
			return err
		}
		if fire := list[4]; fire.Department != "消防救援支队" || fire.DepartmentEN != "Fire and Rescue Brigade" || fire.Geometry != layers.Areas || fire.Colour != "#d9480f" || len(list[1].Before) != 1 || len(list[0].Before) != 0 {
			t.Errorf("%+v", list)
		}
		for _, wrong := range []layers.Layer{
			{Code: "fire", Name: grids.Text{ZH: "消防"}}, {Code: "fire", Name: grids.Text{ZH: "消防", EN: "Fire"}, Geometry: "points"},
			{Code: "fire", Name: grids.Text{ZH: "消防", EN: "Fire"}, Colour: "red"},
		} {
			if err := layers.Add(ctx, tx, territory, wrong); !grids.IsKind(err, grids.Invalid) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		renamed := list[0]
		renamed.Name, renamed.Department, renamed.DepartmentEN, renamed.Geometry = grids.Text{ZH: "生态", EN: "Ecology"}, "生态局", "", layers.Reaches
		if err := layers.Add(ctx, tx, territory, renamed); err != nil {
			return err
		}
		now, err := layers.Find(ctx, tx, territory, "environment")
		if err != nil {
			return err
		}
		if now.Name.ZH != "生态" || len(now.Before) != 1 || now.Before[0].Name.ZH != "生态环境" || now.Before[0].Department != "生态环境局" || now.Before[0].DepartmentEN != "Ecology and Environment Bureau" || now.Before[0].Until.IsZero() {
			t.Errorf("%+v", now)
		}
		if report := take(t, tx, territory, row{"environment", "E1", "S1", "POLYGON((113 27,113.01 27,113.01 27.01,113 27))"}); report.Applied != 0 || report.Rejected != 1 {
			t.Errorf("a cell of a layer that has reaches only: %+v", report)
		}
		if len(list) != 5 || list[1].Name.ZH != "应急" || list[4].Code != "fire" || list[4].Cells != 1 {
			t.Errorf("%+v", list)
		}
		return nil
	})
}

type row struct{ layer, code, staff, geometry string }

// take puts rows into the intake and takes them.
func take(t *testing.T, tx pgx.Tx, territory grids.TerritoryID, rows ...row) grids.Taken {
	t.Helper()
	const batch = 7
	for i, r := range rows {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance)
			VALUES ($1, $2, $3, $4, $5, 'name', $6, ST_GeomFromText(nullif($7, ''), 4326), 'demo')`,
			territory, batch, i+1, r.layer, r.code, r.staff, r.geometry)
		if err != nil {
			t.Fatal(err)
		}
	}
	report, err := layers.Take(t.Context(), tx, territory, batch)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// territory makes one with the default layers and a person S1.
func territory(t *testing.T, db *database.DB) grids.TerritoryID {
	t.Helper()
	return territoryOf(t, db, "430200000000")
}

func territoryOf(t *testing.T, db *database.DB, code string) grids.TerritoryID {
	t.Helper()
	var id grids.TerritoryID
	run(t, db, func(tx pgx.Tx) error {
		err := tx.QueryRow(t.Context(), `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad)
			VALUES ($1, '株洲市', 4547, '{4,6,9,12}', 12) RETURNING id`, code).Scan(&id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'S1', '示例人员 0001', 'demo')`, id); err != nil {
			return err
		}
		return layers.EnsureDefaults(t.Context(), tx, id)
	})
	return id
}

func run(t *testing.T, db *database.DB, fn func(pgx.Tx) error) {
	t.Helper()
	if err := db.Tx(t.Context(), grids.Local, fn); err != nil {
		t.Fatal(err)
	}
}
