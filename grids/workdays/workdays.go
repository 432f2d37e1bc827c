// Package workdays is the working calendar (工作日历): which days count as working
// days when a deadline is so many of them. Days are those of China's one time,
// UTC+8.
package workdays

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// China is the time by which days begin.
var China = time.FixedZone("CST", 8*60*60)

// Exception is a day that isn't what its weekday says: a holiday, or a day at
// the weekend that is worked instead of one (调休).
type Exception struct {
	Day   time.Time // midnight UTC
	Works bool
	Name  string
	Own   bool // the territory's, not national
}

// Year gives the exceptions of a year, in order. A year without any is one for
// which nothing has been announced or taken in yet: only its weekends are off.
func Year(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, year int) ([]Exception, error) {
	rows, err := tx.Query(ctx, `SELECT day, works, name, own FROM workdays.exceptions($1, make_date($2, 1, 1), make_date($2, 12, 31)) ORDER BY day`, territory, year)
	if err != nil {
		return nil, fmt.Errorf("working calendar of %d: %w", year, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Exception])
}

// SetYear replaces a territory's own exceptions of a year; the national ones
// stay where it has none of its own for the day. An Invalid error for a day of
// another year or one that occurs twice.
func SetYear(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, year int, list []Exception) error {
	seen := map[time.Time]bool{}
	days, works, names := make([]time.Time, len(list)), make([]bool, len(list)), make([]string, len(list))
	for i, e := range list {
		if e.Day.Year() != year || seen[e.Day] {
			return grids.Errorf(grids.Invalid, "day", "%s 重复或不属于 %d 年", "%s occurs twice or is not in %d", e.Day.Format(time.DateOnly), year)
		}
		seen[e.Day] = true
		days[i], works[i], names[i] = e.Day, e.Works, e.Name
	}
	if _, err := tx.Exec(ctx, `DELETE FROM workdays.own WHERE territory_id = $1 AND day BETWEEN make_date($2, 1, 1) AND make_date($2, 12, 31)`, territory, year); err != nil {
		return fmt.Errorf("working calendar of %d: %w", year, err)
	}
	_, err := tx.Exec(ctx, `INSERT INTO workdays.own (territory_id, day, works, name) SELECT $1, * FROM unnest($2::date[], $3::boolean[], $4::text[])`, territory, days, works, names)
	if err != nil {
		return fmt.Errorf("working calendar of %d: %w", year, err)
	}
	return nil
}

// After gives the instant at which so many working days (1 to 250) after the
// day of start have passed: midnight at the end of the last of them. The day of
// start doesn't count. known tells whether the exceptions of every year until then
// are known; where not, only weekends were left out in that year.
func After(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, start time.Time, days int) (due time.Time, known bool, err error) {
	if days < 1 || days > 250 {
		return due, false, grids.Errorf(grids.Invalid, "working_days", "工作日数须在 1 至 250 之间", "working days are 1 to 250")
	}
	var last time.Time
	err = tx.QueryRow(ctx, `SELECT last, workdays.known($1, $2, last) FROM workdays.after($1, $2, $3) AS last`, territory, start.In(China).Format(time.DateOnly), days).
		Scan(&last, &known)
	if err != nil {
		return due, false, fmt.Errorf("%d working days after %s: %w", days, start, err)
	}
	return time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, China), known, nil
}
