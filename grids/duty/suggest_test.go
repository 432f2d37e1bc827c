package duty_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/duty"
	"unigrid/grids/editions/editionstest"
	"unigrid/grids/people"
)

func suggest(town *editionstest.Town, who grids.Principal, code grids.Code, role people.Role, asked ...grids.PersonID) (s duty.Suggestion, err error) {
	ctx := context.Background()
	err = town.DB.Read(ctx, who, func(tx pgx.Tx) error {
		cell, err := duty.Top(ctx, tx, town.In, 1, who, code)
		if err != nil {
			return err
		}
		s, err = duty.Suggest(ctx, tx, town.In, 1, time.Now(), cell, role, asked)
		return err
	})
	return s, err
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	town := crewed(t)
	s, err := suggest(town, grids.Local, "430202000000", people.Accountable)
	if err != nil {
		t.Fatal(err)
	}
	// village 1 is vacant, 2's chief has 3 too: two officers at home in village 2 take both
	if len(s.Changes) != 2 || s.Before.Vacant != 1 || s.Before.Over != 1 || s.After.Vacant != 0 || s.After.Over != 0 || s.After.Handovers != 1 || len(s.Vacant) != 0 {
		t.Fatalf("suggestion: %+v", s)
	}
	for _, c := range s.Changes {
		if c.To.StaffNo != "O1" && c.To.StaffNo != "O2" || c.DistanceM < 100 || c.DistanceM > 2000 {
			t.Errorf("change: %+v", c)
		}
		if taken := c.Cell.Code == "430202003000"; taken != (c.Replaces != nil) || taken != (c.From != nil) {
			t.Errorf("change: %+v", c)
		}
	}
	if len(s.People) != 3 {
		t.Errorf("loads: %+v", s.People)
	}
	// of the two, both take one
	for _, p := range s.People {
		if p.After != 1 {
			t.Errorf("load of %s: %d", p.Person.Name, p.After)
		}
	}
	var chief, idle grids.PersonID
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT max(id) FILTER (WHERE staff_no = 'C1'), max(id) FILTER (WHERE staff_no = 'I1') FROM people.person`).Scan(&chief, &idle)
	})
	// by name, from another tier; the county's chief has no room
	if s, err = suggest(town, grids.Local, "430202001000", people.Accountable, chief); err != nil || len(s.Changes) != 0 || len(s.Vacant) != 1 {
		t.Errorf("somebody without room: %+v %v", s, err)
	}
	if _, err = suggest(town, grids.Local, "430202001000", people.Accountable, idle); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("somebody without a home: %v", err)
	}
	if _, err = suggest(town, grids.Local, "430202001000", people.Accountable, 999999); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("nobody: %v", err)
	}
	if _, err = suggest(town, grids.Local, "430202001000", people.Supervisor); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("a role that is not given out: %v", err)
	}
	away := grids.Principal{Role: grids.RolePlanner, Within: []string{"430201"}}
	if _, err = suggest(town, away, "430202001000", people.Accountable); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("another's county: %v", err)
	}
	if _, err = suggest(town, away, "430201000000", people.Accountable, chief); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("another's person: %v", err)
	}
	// a unit with a division is a home
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `WITH u AS (INSERT INTO people.unit (territory_id, name, kind, division) VALUES ($1, '示例办', 'department', '430202001000') RETURNING id)
			UPDATE people.person p SET unit_id = u.id FROM u WHERE p.territory_id = $1 AND p.staff_no = 'I1'`, town.Territory)
		return err
	})
	if s, err = suggest(town, grids.Local, "430202001000", people.Accountable); err != nil || len(s.Changes) != 1 || s.Changes[0].To.StaffNo != "I1" || s.Changes[0].DistanceM > 1 {
		t.Errorf("somebody whose unit is there: %+v %v", s, err)
	}
}

// TestSuggestionsAreNeverWorse staffs a town at random: what is suggested for a
// part of it is never worse than the present, leaves the rest alone, and can be
// made true.
func TestSuggestionsAreNeverWorse(t *testing.T) {
	t.Parallel()
	town := editionstest.New(t, databasetest.New(t), "4302", 3, 3)
	for n := range 12 {
		town.Tx(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, $2, $2, 'demo')`, town.Territory, fmt.Sprintf("R%d", n))
			return err
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		town.Tx(func(ctx context.Context, tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `DELETE FROM people.assignment a USING people.person p WHERE a.territory_id = $1 AND p.territory_id = $1 AND p.id = a.person_id AND p.staff_no LIKE 'R%'`, town.Territory); err != nil {
				return err
			}
			for range rapid.IntRange(0, 20).Draw(t, "assignments") {
				_, err := tx.Exec(ctx, `
					INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
					SELECT $1, p.id, v.cell_id, $4, tstzrange('2020-01-01', NULL), 'test' FROM people.person p, cells.of($1, 1) v
					WHERE p.territory_id = $1 AND p.staff_no = $2 AND v.code = $3
					  AND NOT EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1 AND a.cell_id = v.cell_id AND a.role = $4 AND ($4 = 'accountable' OR a.person_id = p.id))`,
					town.Territory, fmt.Sprintf("R%d", rapid.IntRange(0, 11).Draw(t, "who")),
					fmt.Sprintf("43020%d00%d000", rapid.IntRange(1, 3).Draw(t, "county"), rapid.IntRange(0, 3).Draw(t, "village")),
					rapid.SampledFrom([]string{"accountable", "accountable", "officer", "deputy"}).Draw(t, "role"))
				if err != nil {
					return err
				}
			}
			return duty.Set(ctx, tx, town.In, 1, grids.Local, duty.Change{Limits: &duty.Limits{
				MostCells: rapid.IntRange(1, 3).Draw(t, "most"), MostRounds: rapid.IntRange(1, 3).Draw(t, "rounds"), LeastOfficers: rapid.IntRange(0, 2).Draw(t, "officers"),
				BalanceM: rapid.IntRange(0, 5000).Draw(t, "balance"), HandoverM: rapid.IntRange(0, 5000).Draw(t, "handover")}})
		})
		within := rapid.SampledFrom([]string{"430202", "430201", "430203002"}).Draw(t, "within")
		who := grids.Principal{Name: "planner", Role: grids.RolePlanner, Within: []string{within}}
		role := rapid.SampledFrom([]people.Role{people.Accountable, people.Officer}).Draw(t, "suggested")
		s, err := suggest(town, who, "", role)
		if err != nil {
			t.Fatal(err)
		}
		if s.After.Total > s.Before.Total || s.After.Vacant > s.Before.Vacant || s.After.Over > s.Before.Over && s.After.Vacant >= s.Before.Vacant {
			t.Fatalf("worse: %+v than %+v", s.After, s.Before)
		}
		if s.After == s.Before && len(s.Changes) > 0 {
			t.Fatalf("a change for nothing: %+v", s.Changes)
		}
		for _, c := range s.Changes {
			if !strings.HasPrefix(string(c.Cell.Code), within) {
				t.Fatalf("outside of %s: %+v", within, c)
			}
		}
		town.Tx(func(ctx context.Context, tx pgx.Tx) error {
			at := time.Now()
			for _, c := range s.Changes {
				cell, err := cells.ByCode(ctx, tx, town.In, 1, c.Cell.Code)
				if err != nil {
					return err
				}
				if c.Replaces != nil {
					_, err = people.HandOver(ctx, tx, town.Territory, 1, people.Handing{Replaces: *c.Replaces, To: c.To.ID, At: &at})
				} else {
					_, err = people.Assign(ctx, tx, town.Territory, 1, people.Wish{Cell: cell.ID, Person: c.To.ID, Role: role, From: at})
				}
				if err != nil {
					return fmt.Errorf("%+v: %w", c, err)
				}
			}
			return nil
		})
	})
}
