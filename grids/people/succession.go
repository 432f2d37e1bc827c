package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed succession_prepare.sql
var successionPrepare string

//go:embed succession_inherit.sql
var successionInherit string

//go:embed succession_people.sql
var successionPeople string

//go:embed succession_findings.sql
var successionFindings string

//go:embed succession_differences.sql
var successionDifferences string

// Succession says what a change of roster (换届) means for persons: who joins the
// cell's team, who leaves it, and who stays, perhaps in another place.
type Succession struct {
	Joins  []Successor `json:"joins"`
	Leaves []Successor `json:"leaves"`
	Stays  []Successor `json:"stays"`
	Vacant int         `json:"vacant"` // cells that had an accountable person and are left without
}

// Successor is a person with what they hold before and after, cell by cell.
type Successor struct {
	ID      grids.PersonID `json:"person"`
	StaffNo string         `json:"staff_no"`
	Name    string         `json:"name"`
	Before  []Seat         `json:"before"`
	After   []Seat         `json:"after"`
}

// Seat is one role for one cell.
type Seat struct {
	Cell     grids.Code       `json:"cell"`
	CellName string           `json:"cell_name"`
	Role     Role             `json:"role"`
	Layer    *grids.LayerCode `json:"layer"`
	Post     string           `json:"post"`
}

// Succeed replaces the roster of a cell and all below it from the instant at on
// by a batch of people.intake_assignment, in the roles that occur in it: who is
// not in it ends then, who is to come later is taken back, who is in it begins or
// goes on. Beginnings in the rows don't count. What a row does not say of post, side
// and rank stays as the person, or whoever was accountable, had it there. Rows are rejected as by
// TakeAssignments, and where their cell is another; a caller that wants all or
// nothing looks at Rejected.
func Succeed(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64, by string, cell grids.Code, at time.Time) (grids.Taken, Succession, error) {
	var report grids.Taken
	var said Succession
	if err := lock(ctx, tx, territory); err != nil {
		return report, said, err
	}
	var top grids.CellID
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT cell_id FROM cells.of($1, $2) WHERE code = $3), 0), now()`, territory, edition, cell).Scan(&top, &now); err != nil {
		return report, said, err
	}
	switch {
	case top == 0:
		return report, said, grids.Errorf(grids.NotFound, "cell", "没有代码为 %s 的网格", "there is no cell %s", cell)
	case at.Before(now):
		return report, said, grids.Errorf(grids.Invalid, "at", "换届时刻不能早于现在", "a roster is replaced from now on or later, not in the past")
	}
	if _, err := tx.Exec(ctx, assignmentTables); err != nil {
		return report, said, err
	}
	if err := cells.MatchNames(ctx, tx, territory, edition, namesAsked, territory, batch); err != nil {
		return report, said, err
	}
	if _, err := tx.Exec(ctx, assignmentResolve, territory, batch, edition, at); err != nil {
		return report, said, fmt.Errorf("resolving the roster: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE assignment_taken SET from_at = $1`, at); err != nil {
		return report, said, err
	}
	for _, check := range []struct {
		sql  string
		args []any
	}{{assignmentFindings, []any{edition}}, {successionFindings, []any{territory, edition, top, cell}}, {assignmentBeyond, []any{territory}}, {assignmentClash, nil}} {
		if err := reject(ctx, tx, &report, check.sql, check.args...); err != nil {
			return report, said, err
		}
	}
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.roster, pg_temp.roster_held;
		CREATE TEMP TABLE roster ON COMMIT DROP AS SELECT * FROM assignment_taken;
		CREATE TEMP TABLE roster_held (id bigint, cell_id bigint, role text, layer text, person_id bigint, post text, side text, rank int, during tstzrange, stays boolean) ON COMMIT DROP`); err != nil {
		return report, said, err
	}
	if _, err := tx.Exec(ctx, successionPrepare, territory, edition, top, at); err != nil {
		return report, said, fmt.Errorf("finding whom the roster replaces: %w", err)
	}
	if _, err := tx.Exec(ctx, successionInherit); err != nil {
		return report, said, fmt.Errorf("keeping posts: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE assignment_taken t SET post = r.post, side = r.side, rank = r.rank FROM roster r WHERE r.row = t.row`); err != nil {
		return report, said, err
	}
	if err := tx.QueryRow(ctx, successionPeople, territory, edition, at).Scan(&said.Joins, &said.Leaves, &said.Stays, &said.Vacant); err != nil {
		return report, said, fmt.Errorf("comparing rosters: %w", err)
	}
	const journal = `INSERT INTO people.assignment_journal (territory_id, batch, after, cell_id, role, person_id, layer, post, side, rank, during)
		SELECT $1, $2, $3, a.cell_id, a.role, a.person_id, a.layer, a.post, a.side, a.rank, a.during
		FROM (SELECT cell_id, role FROM roster UNION SELECT cell_id, role FROM roster_held) k
		JOIN people.assignment a ON a.territory_id = $1 AND a.cell_id = k.cell_id AND a.role = k.role WHERE a.during && tstzrange(now(), NULL)`
	if _, err := tx.Exec(ctx, journal, territory, batch, false); err != nil {
		return report, said, fmt.Errorf("keeping who held what: %w", err)
	}
	done, err := tx.Exec(ctx, assignmentUnchanged, territory)
	if err != nil {
		return report, said, fmt.Errorf("comparing assignments: %w", err)
	}
	report.Unchanged = int(done.RowsAffected())
	if err := tx.QueryRow(ctx, successionDifferences, territory, edition, at).Scan(&report.Created, &report.Changed, &report.Retired, &report.Differences); err != nil {
		return report, said, fmt.Errorf("telling what changes: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO assignment_remains (id, n, piece)
		SELECT id, 1, CASE WHEN lower(during) < $1 THEN tstzrange(lower(during), $1) END FROM roster_held WHERE NOT stays AND during && tstzrange($1, NULL)`, at); err != nil {
		return report, said, err
	}
	if err := closeRemains(ctx, tx, territory, by, "another roster"); err != nil {
		return report, said, fmt.Errorf("ending assignments: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM assignment_remains`); err != nil {
		return report, said, err
	}
	if report.Applied, err = override(ctx, tx, territory, by); err != nil {
		return report, said, err
	}
	report.Applied += report.Retired
	if _, err := tx.Exec(ctx, journal, territory, batch, true); err != nil {
		return report, said, fmt.Errorf("keeping who holds what: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM people.intake_assignment WHERE territory_id = $1 AND batch = $2`, territory, batch); err != nil {
		return report, said, err
	}
	// what the database refuses is told now: a preview has no commit
	_, err = tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`)
	return report, said, err
}
