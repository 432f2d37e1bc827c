package people

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
)

//go:embed administration_list.sql
var administrationList string

// Administration says who runs a cell where that is not its parent by code
// (托管): the cell By, and the unit that does so where it is known.
type Administration struct {
	ID         int64        `json:"id"`
	Cell       grids.CellID `json:"uid"`
	Code       grids.Code   `json:"cell"`
	CellName   string       `json:"cell_name"`
	By         grids.CellID `json:"by_uid"`
	ByCode     grids.Code   `json:"by"`
	ByName     string       `json:"by_name"`
	Unit       *int64       `json:"unit"`
	UnitName   *string      `json:"unit_name"`
	From       time.Time    `json:"from"`
	To         *time.Time   `json:"to"`
	Reason     string       `json:"reason"`
	RecordedAt time.Time    `json:"recorded_at"`
	RecordedBy string       `json:"recorded_by"`
}

// Entrusting gives a cell to another to administer, from From (nil: now) until To
// (nil: for good). A Unit stands for the cell of its division where By is 0.
type Entrusting struct {
	Cell   grids.CellID
	By     grids.CellID
	Unit   int64
	From   *time.Time
	To     *time.Time
	Reason string
}

// Administrations lists who administers cells (nil: all), and what is administered
// by them, at an instant (nil: at any time).
func Administrations(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, cells []grids.CellID, at *time.Time) ([]Administration, error) {
	return listAdministrations(ctx, tx, territory, edition, cells, at, 0)
}

func listAdministrations(ctx context.Context, tx pgx.Tx, args ...any) ([]Administration, error) {
	rows, err := tx.Query(ctx, administrationList, args...)
	if err != nil {
		return nil, fmt.Errorf("listing who administers cells: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Administration])
}

// Entrust records that a cell is administered by another from now on or later.
// It is a Conflict when it is so already in the period, or when the cell would
// come to administer itself.
func Entrust(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, e Entrusting) (Administration, error) {
	if e.Unit != 0 && e.By == 0 {
		err := tx.QueryRow(ctx, `SELECT v.cell_id FROM people.unit u JOIN cells.of($1, $2) v ON v.code = u.division WHERE u.territory_id = $1 AND u.id = $3`,
			territory, edition, e.Unit).Scan(&e.By)
		if errors.Is(err, pgx.ErrNoRows) {
			return Administration{}, grids.Errorf(grids.NotFound, "unit", "没有这个单位,或它没有对应的网格", "there is no such unit, or its division is no cell").
				Fix("用 by 写明管理网格的代码", "give the code of the cell that administers as by")
		}
		if err != nil {
			return Administration{}, err
		}
	}
	if e.To != nil && e.From != nil && !e.To.After(*e.From) {
		return Administration{}, grids.Errorf(grids.Invalid, "to", "结束不晚于开始", "it ends before it begins")
	}
	var id int64
	err := tx.QueryRow(ctx, `INSERT INTO people.administration (territory_id, cell_id, by_cell, by_unit, during, reason, recorded_by)
		VALUES ($1, $2, $3, nullif($4::bigint, 0), tstzrange(coalesce($5, clock_timestamp()), $6), $7, `+author+`) RETURNING id`,
		territory, e.Cell, e.By, e.Unit, e.From, e.To, e.Reason).Scan(&id)
	if err != nil {
		return Administration{}, entrusted(err)
	}
	return oneAdministration(ctx, tx, territory, edition, id)
}

// EndEntrusting ends it at an instant (nil: now); one that has not begun is taken
// back.
func EndEntrusting(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64, at *time.Time) (Administration, error) {
	a, err := oneAdministration(ctx, tx, territory, edition, id)
	if err != nil {
		return a, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT coalesce($1, clock_timestamp())`, at).Scan(&now); err != nil {
		return a, err
	}
	if a.To != nil && !a.To.After(now) {
		return a, grids.Errorf(grids.Conflict, "id", "已于 %s 结束", "it ended at %s", a.To.Format(time.RFC3339))
	}
	var done pgconn.CommandTag
	if a.From.After(now) {
		a.To = &a.From
		done, err = tx.Exec(ctx, `DELETE FROM people.administration WHERE territory_id = $1 AND id = $2`, territory, id)
	} else {
		a.To = &now
		done, err = tx.Exec(ctx, `UPDATE people.administration SET during = tstzrange(lower(during), $3), recorded_at = clock_timestamp(), recorded_by = `+author+`
			WHERE territory_id = $1 AND id = $2`, territory, id, now)
	}
	if err != nil {
		return a, entrusted(err)
	}
	if done.RowsAffected() == 0 {
		return a, grids.Errorf(grids.Forbidden, "id", "这些网格不在您的管辖范围内", "these cells are not in your part of the territory")
	}
	return a, nil
}

// entrusted says what a constraint refused.
func entrusted(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch pg.ConstraintName {
	case "administration_one_at_a_time":
		return grids.Errorf(grids.Conflict, "cell", "该网格在此期间已有托管", "the cell is administered by another in this period already").
			Fix("先结束原有托管", "end that first")
	case "administration_no_ring", "administration_by_another":
		return grids.Errorf(grids.Conflict, "by", "网格不能由自己或其下级托管", "a cell can't be administered by itself or by one below it")
	case "administration_from_now_on":
		return grids.Errorf(grids.Invalid, "from", "只能从现在起改变,不能改以前", "it changes from now on, not before").Fix("起始时刻不早于现在", "begin now or later")
	}
	return err
}

func oneAdministration(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64) (Administration, error) {
	list, err := listAdministrations(ctx, tx, territory, edition, nil, nil, id)
	if err != nil {
		return Administration{}, err
	}
	if len(list) == 0 {
		return Administration{}, grids.Errorf(grids.NotFound, "id", "没有编号为 %d 的托管", "there is no administration %d", id)
	}
	return list[0], nil
}
