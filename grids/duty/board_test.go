package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/duty"
	"unigrid/grids/editions/editionstest"
	"unigrid/grids/people"
)

// serve lets somebody new serve a cell from 2020 on.
func serve(town *editionstest.Town, t *testing.T, no, name, unit, code, role, layer, side string, rank int) {
	t.Helper()
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			WITH p AS (
			  INSERT INTO people.person (territory_id, staff_no, name, unit, post, provenance) VALUES ($1, $2, $3, $4, '职务', 'demo')
			  ON CONFLICT (territory_id, staff_no) DO UPDATE SET name = excluded.name RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, side, rank, during, recorded_by)
			SELECT $1, p.id, $5, $6, nullif($7, ''), nullif($8, ''), $9, tstzrange('2020-01-01', NULL), 'test' FROM p`,
			town.Territory, no, name, unit, town.Cell(t, grids.Code(code)), role, layer, side, rank)
		return err
	})
}

func boards(town *editionstest.Town, t *testing.T, code grids.Code, below bool) (list []duty.Board) {
	t.Helper()
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		return duty.Boards(ctx, tx, town.In, 1, time.Now(), code, below, func(b duty.Board) error {
			list = append(list, b)
			return nil
		})
	})
	return list
}

func TestBoards(t *testing.T) {
	t.Parallel()
	town := editionstest.New(t, databasetest.New(t), "4302", 3, 3)
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en, rank) VALUES ($1, 'safety', '安全', 'Safety', 1)`, town.Territory)
		return err
	})
	const county, village, other = "430202000000", "430202002000", "430202001000"
	serve(town, t, "C1", "县长", "县政府", county, "accountable", "", "government", 2)
	serve(town, t, "C2", "书记", "县委", county, "joint-chief", "", "party", 1)
	serve(town, t, "C3", "副县长", "县政府", county, "deputy", "", "government", 3)
	serve(town, t, "V1", "村长", "村委", village, "accountable", "", "", 1)
	serve(town, t, "V2", "网格员一", "村委", village, "officer", "", "", 4)
	serve(town, t, "V3", "安全员", "安监", village, "lead", "safety", "", 0)
	serve(town, t, "N1", "邻村长", "邻村", other, "officer", "", "", 4)

	b := boards(town, t, village, false)
	if len(b) != 1 {
		t.Fatalf("%d boards", len(b))
	}
	one := b[0]
	if one.ActedBy != nil || len(one.Chiefs) != 1 || one.Chiefs[0].Name != "村长" || len(one.Above) != 2 {
		t.Errorf("chain of %s: %+v above %+v", village, one.Link, one.Above)
	}
	if c := one.Above[0]; c.Code != county || len(c.Chiefs) != 2 || c.Chiefs[0].Name != "书记" || c.Chiefs[1].Name != "县长" {
		t.Errorf("the county's chiefs are not in protocol order: %+v", c)
	}
	if len(one.Team) != 1 || one.Team[0].Role != people.Officer || len(one.Duties) != 1 || len(one.Duties[0].Leads) != 1 || one.Duties[0].Leads[0].Name != "安全员" {
		t.Errorf("team %+v, duties %+v", one.Team, one.Duties)
	}
	if one.Phone.Phone != "12345" {
		t.Errorf("telephone %+v", one.Phone)
	}
	if len(one.Map.Near) != 8 || len(one.Map.Inner) != 0 || len(one.Map.Outline) != 1 {
		t.Errorf("map of %d neighbours, %d inside", len(one.Map.Near), len(one.Map.Inner))
	}

	vacant := boards(town, t, other, false)[0]
	if vacant.ActedBy == nil || vacant.ActedBy.Name != "示例县2" || vacant.ActedBy.Unit != "县政府" || len(vacant.Chiefs) != 0 {
		t.Errorf("vacant post: %+v", vacant.Link)
	}

	// somebody on leave has not left: the post is not vacant, and who stands in is named
	var deputy string
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO people.leave (territory_id, person_id, during, stand_in, recorded_by)
			SELECT $1, a.id, tstzrange(now(), NULL), b.id, 'test' FROM people.person a, people.person b WHERE a.staff_no = 'V1' AND b.staff_no = 'V2'`, town.Territory)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT name FROM people.person WHERE territory_id = $1 AND staff_no = 'V2'`, town.Territory).Scan(&deputy)
	})
	if away := boards(town, t, village, false)[0]; away.ActedBy != nil || len(away.Chiefs) != 1 || away.Chiefs[0].Deputising != deputy {
		t.Errorf("on leave: %+v", away.Link)
	}

	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		return duty.Set(ctx, tx, town.In, 1, grids.Local, duty.Change{Hotlines: []duty.CellHotline{
			{Code: town.Root(), Phone: "12369"}, {Code: county, Phone: "0731-28681234"}}})
	})
	all := boards(town, t, town.Root(), true)
	if len(all) != 1+3+9 {
		t.Fatalf("%d boards of the territory", len(all))
	}
	for _, b := range all {
		want := "12369"
		if b.Code[:6] == "430202" {
			want = "0731-28681234"
		}
		if b.Phone.Phone != want {
			t.Errorf("%s has telephone %s", b.Code, b.Phone.Phone)
		}
		if b.Code == village && (len(b.Chiefs) != 1 || len(b.Above) != 2 || len(b.Map.Near) != 8) {
			t.Errorf("among many, the board of %s differs: %+v", village, b.Link)
		}
	}
	if len(all[0].Map.Inner) != 3 {
		t.Errorf("the territory's map shows %d counties", len(all[0].Map.Inner))
	}
	// where cells are open to the public, their approval number is that of boards
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO access.opened (territory_id, collection, precision_m, approval_no, opened_by) VALUES ($1, 'cells', 5000, '示例S(2026)001号', 'test')`, town.Territory)
		return err
	})
	if open := boards(town, t, village, false)[0]; open.MapNumber != "示例S(2026)001号" {
		t.Errorf("cells are open under %q", open.MapNumber)
	}
	err := town.Try(func(ctx context.Context, tx pgx.Tx) error {
		return duty.Boards(ctx, tx, town.In, 1, time.Now(), "430299000000", true, func(duty.Board) error { return nil })
	})
	if !grids.IsKind(err, grids.NotFound) {
		t.Errorf("no such cell: %v", err)
	}
}
