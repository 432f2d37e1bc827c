package people

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

//go:embed undo_choose.sql
var undoChoose string

//go:embed undo_apply.sql
var undoApply string

//go:embed undo_held.sql
var undoHeld string

//go:embed undo_changed.sql
var undoChanged string

//go:embed undo_hold.sql
var undoHold string

// Undo takes an import of persons or of assignments back as one step, now: what
// was true in between stays.
//
// Persons that the batch created are gone, those that it changed are what they
// were before, telephone numbers included. Whoever held a role of a cell before
// the batch holds it again from now on, and what the batch opened is closed.
// It fails with a Conflict, changing nothing, when a person of the batch or who
// holds such a role has changed since (staff numbers or cells are named), when a
// person that it created holds something now, or when it was undone already. A
// tier-1 cell that would be left without anyone fails the transaction at commit.
func Undo(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64) (grids.Taken, error) {
	var report grids.Taken
	if err := lock(ctx, tx, territory); err != nil {
		return report, err
	}
	if err := database.NoteUndone(ctx, tx, "people", territory, batch); err != nil {
		return report, err
	}
	if err := undoAssignments(ctx, tx, territory, edition, batch, &report); err != nil {
		return report, err
	}
	return report, undoPersons(ctx, tx, territory, batch, &report)
}

const undoTables = `
	DROP TABLE IF EXISTS pg_temp.undoing_person, pg_temp.undoing_role, pg_temp.undoing_hold;
	CREATE TEMP TABLE undoing_person (id bigint PRIMARY KEY, staff_no text, changed boolean, held boolean, first timestamptz, before timestamptz) ON COMMIT DROP;
	CREATE TEMP TABLE undoing_role (cell_id bigint, role text, PRIMARY KEY (cell_id, role)) ON COMMIT DROP;
	CREATE TEMP TABLE undoing_hold (which text, id bigint, cell_id bigint, role text, person_id bigint, layer text, post text, side text, rank int, during tstzrange) ON COMMIT DROP`

func undoPersons(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64, report *grids.Taken) error {
	if _, err := tx.Exec(ctx, undoChoose, territory, batch); err != nil {
		return fmt.Errorf("finding whom the import changed: %w", err)
	}
	var changed, held int
	var who, holding []string
	if err := tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE changed), coalesce((array_agg(staff_no ORDER BY staff_no) FILTER (WHERE changed))[1:20], '{}'),
		       count(*) FILTER (WHERE held), coalesce((array_agg(staff_no ORDER BY staff_no) FILTER (WHERE held))[1:20], '{}')
		FROM undoing_person`).Scan(&changed, &who, &held, &holding); err != nil {
		return err
	}
	if changed > 0 {
		return grids.Errorf(grids.Conflict, "", "该次导入的 %d 名人员此后又有改动:%s", "%d persons of this import have changed since: %s", changed, strings.Join(who, ", ")).
			Fix("先撤销其后的导入,或改正后再导入一次", "undo the later imports first, or import a corrected file")
	}
	if held > 0 {
		return grids.Errorf(grids.Conflict, "", "该次导入的 %d 名人员正在任职:%s", "%d persons of this import hold assignments or lead layer cells: %s", held, strings.Join(holding, ", ")).
			Fix("先撤销任职的导入,或改由他人任职", "undo the import of assignments first, or name others")
	}
	var applied, restored int
	var differences []grids.Difference
	if err := tx.QueryRow(ctx, undoApply, territory).Scan(&applied, &restored, &differences); err != nil {
		return fmt.Errorf("undoing persons: %w", err)
	}
	if _, err := tx.Exec(ctx, `SELECT people.restore_contacts($1, $2)`, territory, batch); err != nil {
		return fmt.Errorf("undoing telephone numbers: %w", err)
	}
	if err := follow(ctx, tx, territory, `SELECT u.id FROM undoing_person u WHERE u.before IS NOT NULL`); err != nil {
		return err
	}
	// units and titles may be called otherwise now
	if _, err := tx.Exec(ctx, `SELECT people.spell($1, ARRAY(SELECT u.id FROM undoing_person u WHERE u.before IS NOT NULL), clock_timestamp())`, territory); err != nil {
		return fmt.Errorf("writing posts: %w", err)
	}
	for _, sql := range []string{
		`DELETE FROM people.person_layer l USING people.membership_before b WHERE b.territory_id = $1 AND b.batch = $2 AND l.territory_id = $1 AND l.person_id = b.person_id`,
		`INSERT INTO people.person_layer (territory_id, person_id, layer, home)
		 SELECT $1, b.person_id, x.layer, x.home FROM people.membership_before b CROSS JOIN LATERAL jsonb_to_recordset(b.layers) AS x (layer text, home boolean)
		 WHERE b.territory_id = $1 AND b.batch = $2 AND EXISTS (SELECT FROM people.person p WHERE p.territory_id = $1 AND p.id = b.person_id)`,
		`UPDATE people.person_post q SET during = tstzrange(x."from", upper(q.during))
		 FROM people.membership_before b CROSS JOIN LATERAL jsonb_to_recordset(b.posts) AS x (post bigint, "from" timestamptz)
		 WHERE b.territory_id = $1 AND b.batch = $2 AND q.territory_id = $1 AND q.person_id = b.person_id AND q.post_id = x.post AND q.during @> clock_timestamp()
		   AND NOT EXISTS (SELECT FROM people.person_post o WHERE o.territory_id = $1 AND o.person_id = b.person_id AND o.post_id = q.post_id
		     AND o.during <> q.during AND o.during && tstzrange(x."from", upper(q.during)))`,
		`DELETE FROM people.membership_before b WHERE b.territory_id = $1 AND b.batch = $2`,
	} {
		if _, err := tx.Exec(ctx, sql, territory, batch); err != nil {
			return fmt.Errorf("undoing layers of persons: %w", err)
		}
	}
	report.Applied += applied
	report.Changed += restored
	report.Differences = append(report.Differences, differences...)
	return nil
}

func undoAssignments(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, batch int64, report *grids.Taken) error {
	if _, err := tx.Exec(ctx, undoTables); err != nil {
		return err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, `INSERT INTO undoing_role SELECT DISTINCT cell_id, role FROM people.assignment_journal WHERE territory_id = $1 AND batch = $2`, territory, batch)
	if err != nil || done.RowsAffected() == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, undoHeld, territory, batch, now); err != nil {
		return fmt.Errorf("finding who held what: %w", err)
	}
	var changed int
	var codes []string
	if err := tx.QueryRow(ctx, undoChanged, territory, edition).Scan(&changed, &codes); err != nil {
		return fmt.Errorf("comparing who holds what: %w", err)
	}
	if changed > 0 {
		return grids.Errorf(grids.Conflict, "", "%d 个网格的任职此后又有改动:%s", "assignments of %d cells have changed since: %s", changed, strings.Join(codes, ", ")).
			Fix("先撤销其后的导入,或改正后再导入一次", "undo the later imports first, or import a corrected file")
	}
	if err := tx.QueryRow(ctx, undoHold, territory, edition).Scan(&report.Applied, &report.Differences); err != nil {
		return fmt.Errorf("telling who holds what: %w", err)
	}
	report.Changed = report.Applied
	for _, step := range []struct {
		what, sql string
		args      []any
	}{
		{"taking back what was to come", `
			DELETE FROM people.assignment a USING undoing_hold h
			WHERE h.which = 'ending' AND a.territory_id = $1 AND a.id = h.id AND lower(a.during) >= $2`, []any{territory, now}},
		{"closing what the import opened", `
			UPDATE people.assignment a SET during = tstzrange(lower(a.during), $2), reason = 'import undone',
			  recorded_by = coalesce(nullif(current_setting('unigrid.name', true), ''), current_user)
			FROM undoing_hold h WHERE h.which = 'ending' AND a.territory_id = $1 AND a.id = h.id AND lower(a.during) < $2`, []any{territory, now}},
		{"opening what it closed", `
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by, reason)
			SELECT $1, person_id, cell_id, role, layer, post, side, rank, during,
			  coalesce(nullif(current_setting('unigrid.name', true), ''), current_user), 'import undone'
			FROM undoing_hold WHERE which = 'opening'`, []any{territory}},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}
