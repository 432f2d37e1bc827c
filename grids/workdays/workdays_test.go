package workdays_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/workdays"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	here, there := cellstest.New(t, db, "4302", 1, 1), cellstest.New(t, db, "4303", 1, 1)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		return workdays.SetYear(t.Context(), tx, here.Territory, 2027, []workdays.Exception{
			{Day: day(t, "2027-01-01"), Name: "示例假日"}, {Day: day(t, "2027-01-09"), Works: true}, {Day: day(t, "2027-01-11")}})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		territory grids.TerritoryID
		start     string // RFC 3339
		days      int
		last      string // working day
		unknown   bool   // holidays of a year until then
	}{
		{"a week", here.Territory, "2026-11-30T09:00:00+08:00", 5, "2026-12-07", false},
		{"over a weekend", here.Territory, "2026-12-04T09:00:00+08:00", 1, "2026-12-07", false},
		{"begun at a weekend", here.Territory, "2026-12-05T09:00:00+08:00", 1, "2026-12-07", false},
		{"a Saturday that is worked", here.Territory, "2026-02-13T09:00:00+08:00", 1, "2026-02-14", false},
		{"a holiday of nine days", here.Territory, "2026-02-14T09:00:00+08:00", 1, "2026-02-24", false},
		{"Sunday before and Saturday after a holiday", here.Territory, "2026-09-18T09:00:00+08:00", 15, "2026-10-15", false},
		{"the day is China's", here.Territory, "2026-12-03T17:00:00Z", 1, "2026-12-07", false},
		{"own exceptions", here.Territory, "2026-12-31T09:00:00+08:00", 7, "2027-01-12", false},
		{"not another territory's", there.Territory, "2026-12-31T09:00:00+08:00", 7, "2027-01-11", true},
		{"into a year of which nothing is known", there.Territory, "2026-12-30T09:00:00+08:00", 2, "2027-01-01", true},
		{"up to it", there.Territory, "2026-12-30T09:00:00+08:00", 1, "2026-12-31", false},
		{"over it", here.Territory, "2027-12-31T09:00:00+08:00", 1, "2028-01-03", true},
		{"before what is known", there.Territory, "2025-12-31T09:00:00+08:00", 1, "2026-01-04", false},
		{"a year", here.Territory, "2026-01-01T09:00:00+08:00", 248, "2026-12-31", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			start, err := time.Parse(time.RFC3339, test.start)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
				due, known, err := workdays.After(t.Context(), tx, test.territory, start, test.days)
				if err != nil {
					return err
				}
				if known == test.unknown {
					t.Errorf("holidays until then are known: %t", known)
				}
				if got := due.Add(-time.Second).In(workdays.China).Format("2006-01-02 15:04:05"); got != test.last+" 23:59:59" {
					t.Errorf("due %s, want the end of %s", got, test.last)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestYears(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	s := cellstest.New(t, db, "4302", 1, 1)
	set := func(who grids.Principal, year int, list ...workdays.Exception) error {
		return db.Tx(t.Context(), who, func(tx pgx.Tx) error { return workdays.SetYear(t.Context(), tx, s.Territory, year, list) })
	}
	year := func(year int) (list []workdays.Exception) {
		err := db.Read(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
			list, err = workdays.Year(t.Context(), tx, s.Territory, year)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := year(2026); len(got) != 39 || got[0].Name != "元旦" || got[0].Own {
		t.Errorf("2026: %d, %+v", len(got), got)
	}
	if got := year(2031); len(got) != 0 {
		t.Errorf("2031: %+v", got)
	}
	admin := grids.Principal{Role: grids.RoleAdmin, Territory: s.Territory}
	if err := set(admin, 2026, workdays.Exception{Day: day(t, "2026-01-01"), Works: true}, workdays.Exception{Day: day(t, "2026-12-24"), Name: "本地"}); err != nil {
		t.Fatal(err)
	}
	if got := year(2026); len(got) != 40 || !got[0].Works || !got[0].Own {
		t.Errorf("2026 with own days: %d, %+v", len(got), got)
	}
	if err := set(admin, 2026); err != nil || len(year(2026)) != 39 {
		t.Errorf("own days taken back: %v", err)
	}
	for _, bad := range [][]workdays.Exception{{{Day: day(t, "2025-01-01")}}, {{Day: day(t, "2026-03-02")}, {Day: day(t, "2026-03-02"), Works: true}}} {
		if err := set(admin, 2026, bad...); !grids.IsKind(err, grids.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if err := set(grids.Principal{Role: grids.RolePlanner, Territory: s.Territory}, 2026, workdays.Exception{Day: day(t, "2026-12-24")}); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("a planner changes the calendar: %v", err)
	}
}
