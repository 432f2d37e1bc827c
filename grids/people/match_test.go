package people_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/people"
)

type applicant struct{ staff, name, unit, phone, sent, choice string }

func (w *town) apply(rows ...applicant) grids.Taken {
	w.t.Helper()
	w.batch++
	var report grids.Taken
	w.tx(func(tx pgx.Tx) error {
		for i, r := range rows {
			if _, err := tx.Exec(w.t.Context(), `INSERT INTO people.intake_person (territory_id, batch, row, staff_no, name, unit, phone, provenance, sent, choice)
				VALUES ($1, $2, $3, $4, $5, $6, $7, 'imported', CASE WHEN $8 <> '' THEN jsonb_build_object('x', $8::text) END, $9)`,
				w.Territory, w.batch, i+1, r.staff, r.name, r.unit, r.phone, r.sent, r.choice); err != nil {
				return err
			}
		}
		var err error
		report, err = people.TakePeople(w.t.Context(), tx, w.Territory, w.batch)
		return err
	})
	return report
}

func TestPeopleWithoutNumbers(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	list := []applicant{
		{name: "张三", unit: "环保局", phone: "138 1234 1234", sent: "1"},
		{name: "张三", unit: "水利局", phone: "13899999999", sent: "2"},
		{name: "李四", unit: "环保局", sent: "3"}, // no telephone: known again by what was sent
	}
	if r := w.apply(list...); r.Created != 3 || r.Rejected != 0 {
		t.Fatalf("%+v", r)
	}
	if r := w.apply(list...); r.Applied != 0 || r.Unchanged != 3 || r.Rejected != 0 {
		t.Errorf("again: %+v", r)
	}
	for name, c := range map[string]struct {
		row        applicant
		kind       string // of the finding; "" for none
		changed    int
		candidates int
	}{
		"by telephone, written otherwise":   {applicant{name: "张　三", unit: "环保局", phone: "１３８-1234-1234", sent: "9"}, "", 1, 0},
		"the name alone":                    {applicant{name: "张三"}, "ambiguous", 0, 2},
		"another unit":                      {applicant{name: "张三", unit: "林业局", phone: "13812341234"}, "ambiguous", 0, 2},
		"another telephone":                 {applicant{name: "李四", unit: "环保局", phone: "13800000000"}, "ambiguous", 0, 1},
		"another telephone in the same row": {applicant{name: "张三", unit: "环保局", phone: "13700000000", sent: "1"}, "ambiguous", 0, 2},
		"a number that is new":              {applicant{staff: "A1", name: "张三", unit: "环保局", phone: "13812341234"}, "ambiguous", 0, 2},
		"a number that nobody has":          {applicant{name: "张三", choice: "X9"}, "unknown-person", 0, 0},
	} {
		err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO people.intake_person (territory_id, batch, row, staff_no, name, unit, phone, provenance, sent, choice)
				VALUES ($1, 999, 1, $2, $3, $4, $5, 'imported', CASE WHEN $6 <> '' THEN jsonb_build_object('x', $6::text) END, $7)`,
				w.Territory, c.row.staff, c.row.name, c.row.unit, c.row.phone, c.row.sent, c.row.choice); err != nil {
				return err
			}
			r, err := people.TakePeople(t.Context(), tx, w.Territory, 999)
			if err != nil {
				return err
			}
			databasetest.InBothLanguages(t, r.Findings)
			if r.Changed != c.changed || r.Created != 0 || (len(r.Findings) > 0) != (c.kind != "") {
				t.Errorf("%s: %+v", name, r)
			}
			if c.kind != "" && (r.Findings[0].Kind != c.kind || len(r.Findings[0].Candidates) != c.candidates || r.Rejected != 1) {
				t.Errorf("%s: %+v", name, r.Findings)
			}
			return context.Canceled
		})
		if err != context.Canceled {
			t.Errorf("%s: %v", name, err)
		}
	}
	// answered
	var number string
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT staff_no FROM people.person WHERE unit = '水利局'`).Scan(&number)
	})
	if !strings.HasPrefix(number, "P0") {
		t.Errorf("made the number %s", number)
	}
	if r := w.apply(applicant{name: "张三", unit: "水利一局", choice: number}, applicant{name: "张三", unit: "林业局", choice: "new"}); r.Changed != 1 || r.Created != 1 {
		t.Errorf("answered: %+v", r)
	}
	// one person in two rows
	for name, rows := range map[string][]applicant{
		"known":             {{name: "张三", unit: "环保局", phone: "13812341234"}, {name: "张三", unit: "环保局", phone: "138-12341234"}},
		"new":               {{name: "王五", unit: "局", phone: "1"}, {name: "王五", unit: "局", phone: "1"}},
		"by number as well": {{staff: number, name: "张三"}, {name: "张三", choice: number}},
	} {
		r := w.apply(rows...)
		want := 2
		if r.Rejected != want || r.Findings[0].Kind != "duplicate" || !strings.HasSuffix(r.Findings[0].Message, "2") || !strings.HasSuffix(r.Findings[1].Message, "1") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestAssignmentsByName(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 2)
	w.hire(2)
	take := func(county, town, cell, choice string) grids.Taken {
		w.batch++
		var report grids.Taken
		w.tx(func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO people.intake_assignment (territory_id, batch, row, staff_no, cell_code, role, county_name, town_name, cell_name, choice)
				VALUES ($1, $2, 1, 'S1', '', 'officer', $3, $4, $5, $6)`, w.Territory, w.batch, county, town, cell, choice); err != nil {
				return err
			}
			var err error
			report, err = people.TakeAssignments(t.Context(), tx, w.Territory, w.Edition, w.batch, "test", day(0))
			return err
		})
		return report
	}
	w.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE cells.version SET name = '大同村' WHERE code LIKE '4302__001000'`)
		return err
	})
	if r := take("示例县1", "大同村民委员会", "", ""); r.Created != 1 || r.Differences[0].Code != string(w.Leaf(1, 1)) {
		t.Errorf("%+v", r)
	}
	if r := take("", "", "大同", ""); r.Rejected != 1 || r.Findings[0].Kind != "ambiguous" || len(r.Findings[0].Candidates) != 2 || r.Findings[0].Candidates[1].Path != "示例市 / 示例县2" {
		t.Errorf("%+v", r)
	}
	if r := take("", "", "大同", string(w.Leaf(2, 1))); r.Created != 1 {
		t.Errorf("%+v", r)
	}
	if r := take("示例县2", "", "", ""); r.Created != 1 || r.Differences[0].Code != "430202000000" {
		t.Errorf("%+v", r)
	}
	if r := take("", "", "没有村", ""); r.Rejected != 1 || r.Findings[0].Kind != "unknown-cell" {
		t.Errorf("%+v", r)
	}
}
