package people

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed record_person.sql
var recordPerson string

// Record is all that was ever known of what a person holds and held.
type Record struct {
	ID          grids.PersonID `json:"person"`
	StaffNo     string         `json:"staff_no"`
	Name        string         `json:"name"`
	Unit        string         `json:"unit"`
	Post        string         `json:"post"`
	Assignments []Assignment   `json:"assignments"` // as known now
	Before      []Assignment   `json:"before"`      // as known before, until KnownUntil
	Handovers   []Handover     `json:"handovers"`   // on either side, the latest first
	Leaves      []Leave        `json:"leaves"`
	Acted       []Leave        `json:"acted"` // leaves of others in which this person acts
	Cells       []RecordedCell `json:"cells"`
}

// RecordedCell is a cell that a person had to do with, and for how many days up
// to now in all.
type RecordedCell struct {
	Cell     grids.CellID `json:"uid"`
	Code     grids.Code   `json:"cell"`
	CellName string       `json:"cell_name"`
	Days     float64      `json:"days"`
	Now      bool         `json:"now"`
}

// mostHandovers is how many handovers a record shows.
const mostHandovers = 1000

// RecordOf gives a person's whole record; persons who are gone have one, too.
func RecordOf(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, person grids.PersonID) (Record, error) {
	r := Record{ID: person}
	err := tx.QueryRow(ctx, recordPerson, territory, person, edition).Scan(&r.StaffNo, &r.Name, &r.Unit, &r.Post, &r.Cells)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, grids.Errorf(grids.NotFound, "id", "没有编号为 %d 的人员", "there is no person %d", person)
	}
	if err != nil {
		return r, fmt.Errorf("record of a person: %w", err)
	}
	rows, err := tx.Query(ctx, assignmentList, territory, edition, nil, person, "", "", nil, "-infinity", Ever, 0, 0, nil)
	if err != nil {
		return r, fmt.Errorf("record of a person: %w", err)
	}
	known, _, err := collect(rows)
	if err != nil {
		return r, err
	}
	r.Assignments, r.Before = []Assignment{}, []Assignment{}
	for _, a := range known {
		if a.KnownUntil == nil {
			r.Assignments = append(r.Assignments, a)
		} else {
			r.Before = append(r.Before, a)
		}
	}
	if r.Handovers, err = Handovers(ctx, tx, territory, edition, nil, person, mostHandovers); err != nil {
		return r, err
	}
	all, err := Leaves(ctx, tx, territory, edition, 0, Ever)
	if err != nil {
		return r, err
	}
	r.Leaves, r.Acted = []Leave{}, []Leave{}
	for _, l := range all {
		if l.Person == person {
			r.Leaves = append(r.Leaves, l)
		} else if l.actedBy(person) {
			r.Acted = append(r.Acted, l)
		}
	}
	return r, nil
}

// actedBy tells whether a person stands in during a leave.
func (l Leave) actedBy(person grids.PersonID) bool {
	for _, c := range l.Cells {
		if c.StandIn == person {
			return true
		}
	}
	return l.StandIn == person
}
