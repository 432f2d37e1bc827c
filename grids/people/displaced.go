package people

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed displaced_keep.sql
var displacedKeep string

// KeepDisplaced lists who lost by an edition, at the instant at, what they were
// accountable for and leads no layer either, or has no place at all any more
// (待安置). named is a JSON list of {person, was}: people who were accountable
// elsewhere, and for what.
func KeepDisplaced(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, named json.RawMessage) (int, error) {
	done, err := tx.Exec(ctx, displacedKeep, territory, edition, at, named)
	if err != nil {
		return 0, fmt.Errorf("listing who lost their place: %w", err)
	}
	return int(done.RowsAffected()), nil
}

// Ways to confirm what becomes of somebody displaced, besides a Role.
const (
	Stay      = "stay"  // as the rule placed them
	LeaveTeam = "leave" // the team
)

// Placing says what becomes of a displaced person: As is a role, which Cell (and
// Layer) go with, Stay or LeaveTeam.
type Placing struct {
	As     string
	Cell   grids.CellID
	Layer  grids.LayerCode
	Reason string
}

// Place confirms, for good, what becomes of a displaced person, on behalf of
// whoever may change their assignments. Who stays has a place already; who
// leaves holds nothing any more.
func Place(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, person grids.PersonID, p Placing) error {
	var id int64
	var reached, holds bool
	var by *string
	err := tx.QueryRow(ctx, `
		SELECT d.id, d.confirmed_by, access.may('assignments.edit') AND people.reached($1, $2),
		       EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1 AND a.person_id = $2 AND a.during && tstzrange(clock_timestamp(), NULL))
		FROM people.displaced d WHERE d.territory_id = $1 AND d.person_id = $2 ORDER BY d.confirmed_at DESC NULLS FIRST LIMIT 1`, territory, person).
		Scan(&id, &by, &reached, &holds)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return grids.Errorf(grids.NotFound, "person", "人员 %d 不在待安置名单上", "person %d is not among the displaced", person)
	case err != nil:
		return err
	case by != nil:
		return grids.Errorf(grids.Conflict, "person", "已由 %s 确认", "%s has confirmed it already", *by)
	case !reached:
		return grids.Errorf(grids.Forbidden, "person", "应由本人单位或规划人员确认", "their own unit or a planner confirms it")
	}
	outcome := "placed"
	var assignment *int64
	switch p.As {
	case Stay:
		outcome = "kept"
		if !holds {
			return grids.Errorf(grids.Conflict, "as", "该人员目前没有任职", "the person has no place to stay in").Fix("指定角色和网格,或确认离开", "give a role and a cell, or confirm that they leave")
		}
	case LeaveTeam:
		outcome = "left"
		if holds {
			return grids.Errorf(grids.Conflict, "as", "该人员还有任职", "the person still holds something").Fix("先结束或交接", "end it or hand it over first")
		}
	default:
		made, err := Assign(ctx, tx, territory, edition, Wish{Cell: p.Cell, Person: person, Role: Role(p.As), Layer: p.Layer, Reason: p.Reason})
		if err != nil {
			return err
		}
		assignment = &made.ID
	}
	done, err := tx.Exec(ctx, `UPDATE people.displaced SET confirmed_at = clock_timestamp(), confirmed_by = `+author+`, outcome = $3, assignment_id = $4, reason = $5
		WHERE territory_id = $1 AND id = $2 AND confirmed_at IS NULL`, territory, id, outcome, assignment, p.Reason)
	if err == nil && done.RowsAffected() == 0 {
		return grids.Errorf(grids.Conflict, "person", "刚被他人确认", "somebody has just confirmed it")
	}
	return err
}
