package people

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

//go:embed vacancy_list.sql
var vacancyList string

//go:embed alarm_raise.sql
var alarmRaise string

//go:embed alarm_list.sql
var alarmList string

// Vacancy is a cell without an accountable person of its own (空缺). HoldsCode and
// HoldsName are the cell whose stand-in acts, Up tiers above; Far: from two tiers
// up, or there is nobody.
type Vacancy struct {
	Cell        grids.CellID    `json:"uid"`
	Code        grids.Code      `json:"cell"`
	CellName    string          `json:"cell_name"`
	Tier        grids.Tier      `json:"tier"`
	Since       time.Time       `json:"since"`
	LastName    *string         `json:"last_name"` // who held it last
	StandIn     *grids.PersonID `json:"stand_in"`
	StandInName *string         `json:"stand_in_name"`
	HoldsCode   *grids.Code     `json:"holds"`
	HoldsName   *string         `json:"holds_name"`
	Up          *int            `json:"up"`
	Far         bool            `json:"far"`
	NextName    *string         `json:"next_name"` // who is to come
	NextFrom    *time.Time      `json:"next_from"`
}

// Vacancies lists the vacant cells of an edition at an instant, the oldest
// vacancy first: those among cells, nil for all. It gives at most limit and says
// how many there are.
func Vacancies(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cells []grids.CellID, limit, offset int) ([]Vacancy, int, error) {
	rows, err := tx.Query(ctx, vacancyList, territory, edition, at, cells, limit, offset)
	if err != nil {
		return nil, 0, fmt.Errorf("listing vacancies: %w", err)
	}
	matched := 0
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Vacancy, error) {
		var v Vacancy
		err := row.Scan(&v.Cell, &v.Code, &v.CellName, &v.Tier, &v.Since, &v.LastName, &v.StandIn, &v.StandInName, &v.HoldsCode, &v.HoldsName,
			&v.Up, &v.Far, &v.NextName, &v.NextFrom, &matched)
		return v, err
	})
	return list, matched, err
}

// Alarm tells the office of a cell for which somebody acts from two tiers up.
type Alarm struct {
	ID       int64        `json:"id"`
	Kind     string       `json:"kind"` // acting-from-afar
	Cell     grids.CellID `json:"uid"`
	Code     grids.Code   `json:"cell"`
	CellName string       `json:"cell_name"`
	Since    time.Time    `json:"since"` // vacant
	RaisedAt time.Time    `json:"raised_at"`
	EndedAt  *time.Time   `json:"ended_at"`
	SeenAt   *time.Time   `json:"seen_at"`
	SeenBy   *string      `json:"seen_by"`
	Note     string       `json:"note"`
}

// RaiseAlarms raises what is to be raised in an edition at an instant and ends
// what is over; it says how many of both there were.
func RaiseAlarms(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) (raised, ended int, err error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('people alarms'), $1)`, territory); err != nil {
		return 0, 0, err
	}
	if err := tx.QueryRow(ctx, alarmRaise, territory, edition, at).Scan(&raised, &ended); err != nil {
		return 0, 0, fmt.Errorf("raising alarms: %w", err)
	}
	return raised, ended, nil
}

// watchEach is how often KeepWatch looks: a post may fall vacant without anybody
// writing, when a term ends.
const watchEach = time.Minute

// KeepWatch raises and ends alarms of all territories until ctx ends.
func KeepWatch(ctx context.Context, db *database.DB, log *slog.Logger) {
	for {
		if err := watch(ctx, db); err != nil && ctx.Err() == nil {
			log.Error("watching for vacant posts", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEach):
		}
	}
}

func watch(ctx context.Context, db *database.DB) error {
	return db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT t.id, e.seq, now() FROM cells.territory t CROSS JOIN LATERAL (SELECT editions.at(t.id, now()) AS seq) e WHERE e.seq > 0`)
		if err != nil {
			return err
		}
		var territory grids.TerritoryID
		var edition grids.EditionID
		var now time.Time
		type governed struct {
			territory grids.TerritoryID
			edition   grids.EditionID
		}
		var all []governed
		if _, err := pgx.ForEachRow(rows, []any{&territory, &edition, &now}, func() error { all = append(all, governed{territory, edition}); return nil }); err != nil {
			return err
		}
		for _, g := range all {
			if _, _, err := RaiseAlarms(ctx, tx, g.territory, g.edition, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Alarms lists alarms of cells, nil for all, open ones alone or all, the oldest
// vacancy first.
func Alarms(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, cells []grids.CellID, open bool) ([]Alarm, error) {
	rows, err := tx.Query(ctx, alarmList, territory, edition, open, cells)
	if err != nil {
		return nil, fmt.Errorf("listing alarms: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Alarm])
}

// SeeAlarm notes that the office has seen an alarm, and what it says to it.
func SeeAlarm(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id int64, note string) error {
	done, err := tx.Exec(ctx, `UPDATE people.alarm SET seen_at = clock_timestamp(), seen_by = `+author+`, note = $3 WHERE territory_id = $1 AND id = $2`, territory, id, note)
	if err == nil && done.RowsAffected() == 0 {
		return grids.Errorf(grids.NotFound, "id", "没有编号为 %d 的预警", "there is no alarm %d", id)
	}
	return err
}
