package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Wish is an assignment to be made. A zero From is now, a nil To for good; an
// empty Post is the person's own.
type Wish struct {
	Cell   grids.CellID
	Person grids.PersonID
	Role   Role
	Layer  grids.LayerCode
	Post   string
	Side   string // party, government or empty
	Rank   int    // place in the protocol order
	From   time.Time
	To     *time.Time
	Reason string
}

// Held is the error of a change that was based on something else than what is
// recorded; Now holds the role in the period that is asked for. It unwraps to a
// *grids.Error of kind Conflict.
type Held struct {
	Err *grids.Error
	Now []Assignment
}

func (h *Held) Error() string { return h.Err.Error() }

// Unwrap gives the error in words.
func (h *Held) Unwrap() error { return h.Err }

// Assign makes an assignment to a cell of an edition. It takes nobody's place: a
// cell that has an accountable person in the period, or a person who holds the
// same role, is a *Held, and HandOver is the way.
func Assign(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, w Wish) (Assignment, error) {
	var made Assignment
	if err := lockCell(ctx, tx, territory, w.Cell); err != nil {
		return made, err
	}
	if w.From.IsZero() {
		if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&w.From); err != nil {
			return made, err
		}
	}
	if err := w.check(ctx, tx, territory); err != nil {
		return made, err
	}
	rows, err := tx.Query(ctx, `
		SELECT a.id FROM people.assignment a
		WHERE a.territory_id = $1 AND a.cell_id = $2 AND a.role = $3 AND a.during && tstzrange($4, $5)
		  AND ($3 = 'accountable' OR (a.person_id = $6 AND a.layer IS NOT DISTINCT FROM nullif($7, '')))`,
		territory, w.Cell, w.Role, w.From, w.To, w.Person, w.Layer)
	if err != nil {
		return made, err
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return made, err
	}
	if len(taken) > 0 {
		now, err := byID(ctx, tx, territory, edition, taken...)
		if err != nil {
			return made, err
		}
		if w.Role == Accountable {
			return made, &Held{Now: now, Err: grids.Errorf(grids.Conflict, "cell", "该网格在此期间已有责任人 %s", "the cell has an accountable person in this period: %s", now[0].Name).
				Fix("用交接换人,或把起止时间改到空缺期间", "hand over from that person, or choose a period in which nobody holds it")}
		}
		return made, &Held{Now: now, Err: grids.Errorf(grids.Conflict, "person", "%s 在此期间已担任这个角色", "%s holds this role in this period already", now[0].Name)}
	}
	var id int64
	if err := tx.QueryRow(ctx, `
		INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by, reason)
		VALUES ($1, $2, $3, $4, nullif($5, ''), $6, nullif($7, ''), $8, tstzrange($9, $10), `+author+`, $11) RETURNING id`,
		territory, w.Person, w.Cell, w.Role, w.Layer, w.Post, w.Side, w.Rank, w.From, w.To, w.Reason).Scan(&id); err != nil {
		return made, err
	}
	return one(ctx, tx, territory, edition, id)
}

func (w Wish) check(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	if w.To != nil && !w.To.After(w.From) {
		return grids.Errorf(grids.Invalid, "to", "任期结束不晚于开始", "the period ends before it begins")
	}
	if w.Side != "" && w.Side != "party" && w.Side != "government" {
		return grids.Errorf(grids.Invalid, "side", "应为 party(党委)或 government(政府)", "a side is party or government")
	}
	if err := checkRole(ctx, tx, w.Role, w.Layer); err != nil {
		return err
	}
	return present(ctx, tx, territory, w.Person)
}

// checkRole refuses a role that there isn't, and a layer where it takes none or
// none where it needs one.
func checkRole(ctx context.Context, tx pgx.Tx, role Role, layer grids.LayerCode) error {
	var layers, zh, en, all string
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(max(layers) FILTER (WHERE code = $1), ''), coalesce(max(zh) FILTER (WHERE code = $1), ''),
		       coalesce(max(en) FILTER (WHERE code = $1), ''), string_agg(code, ', ' ORDER BY rank) FROM people.role`, role).
		Scan(&layers, &zh, &en, &all); err != nil {
		return err
	}
	name := grids.Text{ZH: zh, EN: en}
	switch {
	case layers == "":
		e := grids.Errorf(grids.Invalid, "role", "没有这个角色", "there is no such role").Fix("可用角色:%s", "one of %s", all)
		e.Value = string(role)
		return e
	case layers == "all" && layer != "":
		return grids.Errorf(grids.Invalid, "layer", "%s 对所有条线负责,不能限于一个条线", "%s answers for all layers, not for one", name)
	case layers == "one" && layer == "":
		return grids.Errorf(grids.Invalid, "layer", "%s 要写明条线", "%s needs the layer", name)
	}
	return nil
}

// present refuses a person who is not among the persons.
func present(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, person grids.PersonID) error {
	var there bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM people.person WHERE territory_id = $1 AND id = $2)`, territory, person).Scan(&there)
	if err == nil && !there {
		return grids.Errorf(grids.NotFound, "person", "没有编号为 %d 的人员", "there is no person %d", person)
	}
	return err
}

// one gives the assignment of a number.
func one(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64) (Assignment, error) {
	list, err := byID(ctx, tx, territory, edition, id)
	if err != nil {
		return Assignment{}, err
	}
	if len(list) == 0 {
		return Assignment{}, fmt.Errorf("assignment %d: %w", id, pgx.ErrNoRows)
	}
	return list[0], nil
}

// claim locks the cell of an assignment and gives the assignment as it is
// recorded then. One that was taken back meanwhile is a *Held with those who
// hold the role now, one that never was a NotFound error.
func claim(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64) (Assignment, error) {
	var cell grids.CellID
	var role Role
	var layer *grids.LayerCode
	err := tx.QueryRow(ctx, `SELECT cell_id, role, layer FROM people.assignment_known WHERE territory_id = $1 AND id = $2 ORDER BY known DESC LIMIT 1`, territory, id).
		Scan(&cell, &role, &layer)
	if errors.Is(err, pgx.ErrNoRows) {
		return Assignment{}, grids.Errorf(grids.NotFound, "id", "没有编号为 %d 的任职", "there is no assignment %d", id)
	}
	if err != nil {
		return Assignment{}, err
	}
	if err := lockCell(ctx, tx, territory, cell); err != nil {
		return Assignment{}, err
	}
	a, err := one(ctx, tx, territory, edition, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, changed(ctx, tx, territory, edition, Assignment{Cell: cell, Role: role, Layer: layer}, nil)
	}
	return a, err
}

// changed is the *Held of a change that named an assignment which does not hold
// at an instant (nil: now) any more.
func changed(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, a Assignment, at *time.Time) error {
	if at == nil {
		at = new(time.Time)
		if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(at); err != nil {
			return err
		}
	}
	q := Asked{Cells: []grids.CellID{a.Cell}, Role: a.Role, At: at}
	if a.Layer != nil {
		q.Layer = *a.Layer
	}
	now, _, err := Assignments(ctx, tx, territory, edition, q)
	if err != nil {
		return err
	}
	e := grids.Errorf(grids.Conflict, "id", "这项任职在该时刻已不成立,可能刚被他人改动", "this assignment does not hold at that instant; somebody may just have changed it")
	for _, holder := range now {
		e.Fix("现任:%s(任职编号 %d),确认后以此重试", "%s holds it now (assignment %d): look again and name that one", holder.Name, holder.ID)
	}
	return &Held{Err: e, Now: now}
}

// End closes an assignment at an instant (nil: now). One that begins later is
// taken back: it was never to be. An assignment that does not hold then, or was
// changed, is a *Held. What was known before stays known.
func End(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64, at *time.Time, reason string) (Assignment, error) {
	a, err := claim(ctx, tx, territory, edition, id)
	if err != nil {
		return a, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT coalesce($1, clock_timestamp())`, at).Scan(&now); err != nil {
		return a, err
	}
	if a.To != nil && !a.To.After(now) {
		return a, changed(ctx, tx, territory, edition, a, &now)
	}
	if !a.From.Before(now) {
		// the reason is kept with what was known
		if _, err := tx.Exec(ctx, `DELETE FROM people.assignment WHERE territory_id = $1 AND id = $2`, territory, id); err != nil {
			return a, err
		}
		a.To, a.Reason = &a.From, reason
		return a, nil
	}
	if err := tx.QueryRow(ctx, `UPDATE people.assignment SET during = tstzrange(lower(during), $3), recorded_by = `+author+`, reason = $4
		WHERE territory_id = $1 AND id = $2 RETURNING recorded_at`, territory, id, now, reason).Scan(&a.RecordedAt); err != nil {
		return a, err
	}
	return one(ctx, tx, territory, edition, id)
}
