// Package people owns the unified team (统一队伍): persons, their posts, and who
// holds which role for which cell, when.
//
// A cell has exactly one accountable person (责任人) at every instant. At most
// one is a constraint of the database; at least one follows from the tier-1
// cell, which has no hole from the first publish on: a cell whose post is
// vacant is answered for by the stand-in of its nearest ancestor that has one
// (its deputy, else its accountable person), who is then acting (代管). Acting is
// looked up, never stored, and is always told apart from a person of the cell's
// own.
//
// Assignments are dated and go on changing under an edition. Writing one
// overrides what was recorded for its period: a successor closes the
// predecessor's period at the instant its own begins, and a term that ends gives
// way again to whoever was recorded beyond it. What was known before stays in
// people.assignment_past.
//
// Full telephone numbers are readable by an administrator only; everyone else
// sees them masked. Rows come in through intake tables, keyed by a batch from
// the sequence cells.batch, and leave them once they are taken.
package people

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Role is what a person is to a cell.
type Role string

// The roles that rules speak of; all there are stand in people.role. Accountable
// (网格长) is for all layers and held by exactly one; Lead is who a layer's
// department names for the cell.
const (
	Accountable Role = "accountable"
	JointChief  Role = "joint-chief" // 双网格长, party and government jointly
	Deputy      Role = "deputy"      // 副网格长
	Officer     Role = "officer"     // 网格员
	Lead        Role = "lead"        // 条线负责人
	Supervisor  Role = "supervisor"  // 监督员
	Liaison     Role = "liaison"     // 联络员
	Technical   Role = "technical"   // 技术员
)

// findings reads rows of (row, field, value, kind, severity, code, message in
// Chinese and in English) and, where a person may have to choose, candidates,
// ordered by row.
func findings(ctx context.Context, tx pgx.Tx, check, sql string, args ...any) ([]grids.Finding, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: check}
		var said grids.Text
		into := []any{&f.Row, &f.Field, &f.Value, &f.Kind, &f.Severity, &f.Code, &said.ZH, &said.EN, &f.Candidates}
		err := row.Scan(into[:len(row.FieldDescriptions())]...)
		return f.Say(said), err
	})
}

// recording gives all that the transaction records one instant, taken under its
// lock: what one transaction closes and opens is known at once.
const recording = `SELECT set_config('unigrid.recording', coalesce(nullif(current_setting('unigrid.recording', true), ''), clock_timestamp()::text), true)`

// lock lets the changes of one territory's staffing follow one another.
func lock(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('people'), $1)`, territory); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, recording)
	return err
}

// lockCell is lock for a change of one cell's assignments alone: those of other
// cells go on beside it.
func lockCell(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, cell grids.CellID) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared(hashtext('people'), $1)`, territory); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('people cell', $1))`, cell); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, recording)
	return err
}

// author is the name of the principal that a transaction acts for.
const author = `coalesce(nullif(current_setting('unigrid.name', true), ''), current_user)`
