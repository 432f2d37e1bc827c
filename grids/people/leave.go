package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed leave_list.sql
var leaveList string

// Away is a leave (请假) to be recorded: StandIn acts for all that Person answers
// for, but for the cells that Cells gives to others. A From before now is now; a
// nil To leaves the end open. Assignments go on.
type Away struct {
	Person  grids.PersonID
	From    *time.Time // nil: now
	To      *time.Time
	StandIn grids.PersonID
	Cells   map[grids.CellID]grids.PersonID
	Reason  string
}

// Leave is one that is recorded, with the cells it touches.
type Leave struct {
	ID          int64          `json:"id"`
	Person      grids.PersonID `json:"person"`
	Name        string         `json:"name"`
	From        time.Time      `json:"from"`
	To          *time.Time     `json:"to"`
	StandIn     grids.PersonID `json:"stand_in"`
	StandInName string         `json:"stand_in_name"`
	Reason      string         `json:"reason"`
	RecordedAt  time.Time      `json:"recorded_at"`
	RecordedBy  string         `json:"recorded_by"`
	Cells       []LeaveCell    `json:"cells"`
}

// LeaveCell is a cell that the person holds during a leave, in a role by which
// they answer for it, and who acts for it.
type LeaveCell struct {
	Cell        grids.Code     `json:"cell"`
	CellName    string         `json:"cell_name"`
	Role        Role           `json:"role"`
	StandIn     grids.PersonID `json:"stand_in"`
	StandInName string         `json:"stand_in_name"`
}

// TakeLeave records a leave. It fails with a Conflict when the person is away
// then already, when who should act is away then, too, or when the person acts
// for somebody then.
func TakeLeave(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, a Away) (Leave, error) {
	if err := lock(ctx, tx, territory); err != nil {
		return Leave{}, err
	}
	var from time.Time
	if err := tx.QueryRow(ctx, `SELECT greatest(clock_timestamp(), $1)`, a.From).Scan(&from); err != nil {
		return Leave{}, err
	}
	if a.To != nil && !a.To.After(from) {
		return Leave{}, grids.Errorf(grids.Invalid, "to", "请假结束不晚于开始", "the leave ends before it begins")
	}
	acting := []grids.PersonID{a.StandIn}
	cells, others := []grids.CellID{}, []grids.PersonID{}
	for cell, person := range a.Cells {
		acting, cells, others = append(acting, person), append(cells, cell), append(others, person)
	}
	for _, person := range append([]grids.PersonID{a.Person}, acting...) {
		if err := present(ctx, tx, territory, person); err != nil {
			return Leave{}, err
		}
	}
	var names []string
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(array_agg(DISTINCT p.name), '{}') FROM people.leave l
		JOIN people.person p ON p.territory_id = $1 AND p.id = l.person_id
		WHERE l.territory_id = $1 AND l.during && tstzrange($2, $3) AND (l.person_id = ANY ($4) OR l.stand_in = $5
		  OR EXISTS (SELECT FROM people.leave_cell c WHERE c.territory_id = $1 AND c.leave_id = l.id AND c.stand_in = $5))`,
		territory, from, a.To, acting, a.Person).Scan(&names); err != nil {
		return Leave{}, err
	}
	if len(names) > 0 {
		return Leave{}, grids.Errorf(grids.Conflict, "stand_in", "与 %s 的请假冲突:代行人不能同时请假", "the leave of %s is in the way: who acts for somebody can't be away", names[0]).
			Fix("另选代行人,或改期", "name another stand-in, or choose other days")
	}
	var id int64
	if err := tx.QueryRow(ctx, `INSERT INTO people.leave (territory_id, person_id, during, stand_in, reason, recorded_by)
		VALUES ($1, $2, tstzrange($3, $4), $5, $6, `+author+`) RETURNING id`, territory, a.Person, from, a.To, a.StandIn, a.Reason).Scan(&id); err != nil {
		return Leave{}, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO people.leave_cell (territory_id, leave_id, cell_id, stand_in)
		SELECT $1, $2, c, p FROM unnest($3::bigint[], $4::bigint[]) AS w (c, p)`, territory, id, cells, others); err != nil {
		return Leave{}, err
	}
	return leaveOf(ctx, tx, territory, edition, id)
}

// EndLeave lets a leave end at an instant (nil or past: now); one that has not
// begun by then is taken back.
func EndLeave(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64, at *time.Time) (Leave, error) {
	if err := lock(ctx, tx, territory); err != nil {
		return Leave{}, err
	}
	l, err := leaveOf(ctx, tx, territory, edition, id)
	if err != nil {
		return l, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT greatest(clock_timestamp(), $1)`, at).Scan(&now); err != nil {
		return l, err
	}
	if l.To != nil && !l.To.After(now) {
		return l, grids.Errorf(grids.Conflict, "at", "该请假在此之前已结束", "the leave has ended by then")
	}
	if !l.From.Before(now) {
		l.To = &l.From
		_, err = tx.Exec(ctx, `DELETE FROM people.leave WHERE territory_id = $1 AND id = $2`, territory, id)
		return l, err
	}
	if _, err := tx.Exec(ctx, `UPDATE people.leave SET during = tstzrange(lower(during), $3), recorded_at = clock_timestamp(), recorded_by = `+author+`
		WHERE territory_id = $1 AND id = $2`, territory, id, now); err != nil {
		return l, err
	}
	return leaveOf(ctx, tx, territory, edition, id)
}

// Leaves lists leaves of a person (0: of all), over, current or to come, the
// latest first.
func Leaves(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, person grids.PersonID, when When) ([]Leave, error) {
	rows, err := tx.Query(ctx, leaveList, territory, edition, person, when, 0)
	if err != nil {
		return nil, fmt.Errorf("listing leaves: %w", err)
	}
	return pgx.CollectRows(rows, scanLeave)
}

func leaveOf(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64) (Leave, error) {
	rows, err := tx.Query(ctx, leaveList, territory, edition, 0, Ever, id)
	if err != nil {
		return Leave{}, err
	}
	list, err := pgx.CollectRows(rows, scanLeave)
	if err == nil && len(list) == 0 {
		return Leave{}, grids.Errorf(grids.NotFound, "id", "没有编号为 %d 的请假", "there is no leave %d", id)
	}
	if err != nil {
		return Leave{}, err
	}
	return list[0], nil
}

func scanLeave(row pgx.CollectableRow) (Leave, error) {
	var l Leave
	err := row.Scan(&l.ID, &l.Person, &l.Name, &l.From, &l.To, &l.StandIn, &l.StandInName, &l.Reason, &l.RecordedAt, &l.RecordedBy, &l.Cells)
	return l, err
}
