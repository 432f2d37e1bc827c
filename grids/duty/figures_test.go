package duty_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/duty"
	"unigrid/grids/editions/editionstest"
)

// crewed is a town of 3 counties of 3 villages. County 2: chief and deputy;
// village 1 has had a chief until 100 days ago, 2 has one who has two officers,
// 3 shares 2's chief. Somebody is idle.
func crewed(t *testing.T) *editionstest.Town {
	t.Helper()
	town := editionstest.New(t, databasetest.New(t), "4302", 3, 3)
	serve(town, t, "C1", "县长", "县政府", "430202000000", "accountable", "", "", 1)
	serve(town, t, "V2", "村长", "村委", "430202002000", "accountable", "", "", 1)
	serve(town, t, "O1", "网格员一", "村委", "430202002000", "officer", "", "", 4)
	serve(town, t, "O2", "网格员二", "村委", "430202002000", "officer", "", "", 4)
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, id, $2, 'accountable', tstzrange('2020-01-01', NULL), 'test' FROM people.person WHERE territory_id = $1 AND staff_no = 'V2'`,
			town.Territory, town.Cell(t, "430202003000"))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'I1', '闲人', 'demo')`, town.Territory)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			WITH o AS (
			  INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, attributes, provenance)
			  SELECT $1, 'enterprise', 'E' || n, '企业' || n, v.label, 'import', jsonb_build_object('risk', CASE WHEN n = 1 THEN '重大' ELSE '一般' END), 'demo'
			  FROM generate_series(1, 3) n, cells.of($1, 1) v WHERE v.code = '430202002000' RETURNING id)
			INSERT INTO objects.placement (territory_id, object_id, cell_id, share, during)
			SELECT $1, o.id, $2, 1, tstzrange('2020-01-01', NULL) FROM o`, town.Territory, town.Cell(t, "430202002000"))
		return err
	})
	return town
}

func TestFigures(t *testing.T) {
	t.Parallel()
	town := crewed(t)
	at := time.Now().Add(time.Hour)
	figures := func(code grids.Code) (f struct {
		Tiers                          []struct{ Tier, Cells, Own, Acting, Without int }
		Vacancies                      struct{ Count int }
		Acting                         struct{ Count, Far int }
		Overloaded, Idle, Understaffed struct{ Count int }
		People                         struct{ Count, Most int }
	}) {
		town.Tx(func(ctx context.Context, tx pgx.Tx) error {
			body, err := duty.Figures(ctx, tx, town.Territory, 1, at, town.Cell(t, code))
			if err != nil {
				return err
			}
			return json.Unmarshal(body, &f)
		})
		return f
	}
	all := figures(town.Root())
	// vacant: counties 1 and 3 and their six villages, county 2's village 1
	if all.Vacancies.Count != 9 || all.Acting.Count != 9 || all.Acting.Far != 6 {
		t.Errorf("vacancies %+v, acting %+v", all.Vacancies, all.Acting)
	}
	if all.Overloaded.Count != 1 || all.Idle.Count != 1 || all.Understaffed.Count != 8 || all.People.Most != 2 {
		t.Errorf("figures %+v", all)
	}
	if len(all.Tiers) != 3 || all.Tiers[2].Cells != 9 || all.Tiers[2].Own != 2 || all.Tiers[2].Acting != 7 {
		t.Errorf("tiers %+v", all.Tiers)
	}
	if one := figures("430202000000"); one.Vacancies.Count != 1 || one.Acting.Far != 0 || one.Idle.Count != 0 || one.Understaffed.Count != 2 {
		t.Errorf("one county: %+v", one)
	}

	// somebody of a unit in a county is idle there
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `WITH u AS (INSERT INTO people.unit (territory_id, name, kind, division) VALUES ($1, '示例办', 'department', '430202001000') RETURNING id)
			UPDATE people.person p SET unit_id = u.id FROM u WHERE p.territory_id = $1 AND p.staff_no = 'I1'`, town.Territory)
		return err
	})
	if in, out := figures("430202000000"), figures("430203000000"); in.Idle.Count != 1 || out.Idle.Count != 0 {
		t.Errorf("idle: %d in the county, %d in another", in.Idle.Count, out.Idle.Count)
	}

	rows := func(f duty.Figure, offset, limit int) (list []duty.Row, matched int) {
		town.Tx(func(ctx context.Context, tx pgx.Tx) (err error) {
			list, matched, err = duty.Rows(ctx, tx, town.Territory, 1, at, town.Cell(t, town.Root()), f, offset, limit)
			return err
		})
		return list, matched
	}
	// each figure is as many as its rows
	for f, want := range map[duty.Figure]int{duty.Vacancies: 9, duty.Acting: 9, duty.Overloaded: 1, duty.Idle: 1, duty.Understaffed: 8, duty.Workload: all.People.Count} {
		if list, matched := rows(f, 0, 100); len(list) != want || matched != want {
			t.Errorf("%s: %d rows of %d, want %d", f, len(list), matched, want)
		}
		if list, matched := rows(f, 1, 1); want > 1 && (len(list) != 1 || matched != want) {
			t.Errorf("%s: a page of %d rows of %d", f, len(list), matched)
		}
	}
	acting, _ := rows(duty.Acting, 0, 100)
	if *acting[0].Steps != 2 || acting[0].Person.Name != "示例人员 0001" || *acting[8].Steps != 1 {
		t.Errorf("acting, from furthest up: %+v … %+v", acting[0], acting[8])
	}
	over, _ := rows(duty.Overloaded, 0, 100)
	if l := over[0].Load; over[0].Person.StaffNo != "V2" || l.Cells != 2 || l.Enterprises != 3 || l.Risks["重大"] != 1 || l.Risks["一般"] != 2 || len(l.Held) != 2 || l.Held[0].Lon == nil || l.AreaM2 <= 0 {
		t.Errorf("overloaded: %+v %+v", over[0].Person, l)
	}
	idle, _ := rows(duty.Idle, 0, 100)
	if idle[0].Person.Name != "闲人" || idle[0].Load != nil || idle[0].Cell != nil {
		t.Errorf("idle: %+v", idle[0])
	}
	// the city's head answers for all that lies below, once
	work, _ := rows(duty.Workload, 0, 100)
	for _, r := range work {
		if r.Person.StaffNo == "T1" && (r.Load.Enterprises != 3 || r.Load.Acting != 8) {
			t.Errorf("the city's head carries %+v", r.Load)
		}
	}

	// a chief who left 100 days ago: the vacancy is as old
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE people.assignment SET during = tstzrange('2020-01-01', now() + interval '30 minutes')
			WHERE territory_id = $1 AND cell_id = $2 AND role = 'accountable'`, town.Territory, town.Cell(t, "430202002000")); err != nil {
			return err
		}
		list, _, err := duty.Rows(ctx, tx, town.Territory, 1, at.Add(100*24*time.Hour), town.Cell(t, "430202000000"), duty.Vacancies, 0, 10)
		if err == nil && (len(list) != 2 || *list[1].Days != 100 || list[1].Cell.Code != "430202002000") {
			t.Errorf("vacancies by age: %+v", list)
		}
		return err
	})
}

// TestTop keeps who governs a part to that part.
func TestTop(t *testing.T) {
	t.Parallel()
	town := editionstest.New(t, databasetest.New(t), "4302", 3, 3)
	for name, one := range map[string]struct {
		within []string
		code   grids.Code
		want   grids.Code // "": refused
	}{
		"all":         {nil, "", town.Root()},
		"one":         {nil, "430202002000", "430202002000"},
		"own county":  {[]string{"430202"}, "", "430202000000"},
		"in it":       {[]string{"430202"}, "430202001000", "430202001000"},
		"beside it":   {[]string{"430202"}, "430201001000", ""},
		"above it":    {[]string{"430202"}, town.Root(), ""},
		"one village": {[]string{"430203002"}, "", "430203002000"},
		"not there":   {nil, "430299000000", ""},
	} {
		who := grids.Principal{Role: grids.RolePlanner, Within: one.within}
		err := town.DB.Read(t.Context(), who, func(tx pgx.Tx) error {
			cell, err := duty.Top(t.Context(), tx, town.In, 1, who, one.code)
			if err == nil && cell.Code != one.want {
				t.Errorf("%s: %s", name, cell.Code)
			}
			return err
		})
		if (err != nil) != (one.want == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
