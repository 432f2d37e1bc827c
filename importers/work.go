package importers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

// holdPatience is how long a stage waits for another that works on the same
// import; a killed process's server process ends within it.
const holdPatience = 10 * time.Second

// errDryRun takes back what a stage did; what it says of it is kept.
var errDryRun = errors.New("dry run")

// before says from which states a stage may begin. One that was cut short
// begins again.
func before(stage State) []State {
	switch stage {
	case Reading:
		return []State{Received, Reading, Staged, Ready, Failed, Checking}
	case Checking:
		return []State{Staged, Checking, Ready, Failed}
	default:
		return []State{Staged, Checking, Ready, Applying, Failed}
	}
}

// stage is one piece of work on an import.
type stage struct {
	db    *database.DB
	who   grids.Principal
	t     cells.Territory
	id    int64
	state State
	tell  func(Progress)     // or nil
	told  func(cells.Change) // or nil
}

// work is what a stage is given: do runs within a savepoint, and when it fails
// the import keeps why. keep runs afterwards, also for errDryRun and when do
// failed (then with the error).
type work struct {
	do   func(tx pgx.Tx, i Import, m *meter) error
	keep func(tx pgx.Tx, i Import, failed error) error
}

// run does the work in one transaction, alone: a second caller waits a while
// and then gets a Conflict. Others see the state while it runs. When ctx ends
// or the connection breaks the state stays as it is, for a later process to go
// on.
func (s stage) run(ctx context.Context, w work) error {
	var failed error
	var changedAt time.Time
	err := s.db.Tx(ctx, s.who, func(tx pgx.Tx) error {
		if err := s.hold(ctx, tx); err != nil {
			return err
		}
		i, err := Find(ctx, tx, s.t, s.id)
		if err != nil {
			return err
		}
		if !slices.Contains(before(s.state), i.State) {
			return grids.Errorf(grids.Conflict, "state", "导入 %d 的状态为 %s", "import %d is %s", s.id, i.State)
		}
		if changedAt, err = s.enter(ctx); err != nil {
			return err
		}
		m := startMeter(ctx, s.db, s.who, s.t, s.id, s.state, s.tell)
		failed = s.attempt(ctx, tx, i, m, w.do)
		m.stop()
		if ctx.Err() != nil || tx.Conn().IsClosed() {
			return cmpErr(failed, ctx.Err())
		}
		if err := s.unchanged(ctx, tx, changedAt); err != nil {
			return err
		}
		if failed != nil && !errors.Is(failed, errDryRun) {
			if err := s.fail(ctx, tx, failed); err != nil {
				return errors.Join(failed, err)
			}
		}
		return w.keep(tx, i, failed)
	})
	if err == nil && !errors.Is(failed, errDryRun) {
		err = failed
	}
	return err
}

// attempt runs do within a savepoint, constraints that wait for the commit
// included.
func (s stage) attempt(ctx context.Context, tx pgx.Tx, i Import, m *meter, do func(pgx.Tx, Import, *meter) error) error {
	return database.Violation(pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		err := do(tx, i, m)
		if err != nil && !errors.Is(err, errDryRun) {
			return err
		}
		if _, late := tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); late != nil {
			return late
		}
		return err
	}))
}

// hold makes the transaction the only one that works on the import, and lets
// the server notice soon when this process dies.
func (s stage) hold(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `SELECT set_config('client_connection_check_interval', '500ms', true)`); err != nil {
		return err
	}
	for deadline := time.Now().Add(holdPatience); ; {
		held, err := tryHold(ctx, tx, s.t, s.id)
		if err != nil || held {
			return err
		}
		if time.Now().After(deadline) {
			return grids.Errorf(grids.Conflict, "state", "导入 %d 正在处理中", "import %d is being worked on", s.id)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tryHold holds the import until the transaction ends, unless another does.
func tryHold(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64) (bool, error) {
	var held bool
	err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))`, fmt.Sprintf("unigrid import %d %d", t.ID, id)).Scan(&held)
	return held, err
}

// enter shows others that the stage runs.
func (s stage) enter(ctx context.Context) (changedAt time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, holdPatience)
	defer cancel()
	err = s.db.Tx(ctx, s.who, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			UPDATE staging.batch SET state = $3, error = NULL, progress = $4, who = $5 WHERE territory_id = $1 AND id = $2 RETURNING changed_at`,
			s.t.ID, s.id, s.state, Progress{Stage: s.state}, s.who).Scan(&changedAt)
	})
	return changedAt, err
}

// unchanged locks the import's row and tells whether the request is still the
// one that the stage worked for.
func (s stage) unchanged(ctx context.Context, tx pgx.Tx, changedAt time.Time) error {
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT changed_at FROM staging.batch WHERE territory_id = $1 AND id = $2 FOR UPDATE`, s.t.ID, s.id).Scan(&now); err != nil {
		return err
	}
	if !now.Equal(changedAt) {
		return errChanged
	}
	return nil
}

// errChanged ends a stage whose import was changed meanwhile; it did nothing.
var errChanged = grids.Errorf(grids.Conflict, "state", "导入设置在处理期间已更改", "the import was changed while it was worked on")

// fail keeps why the stage failed. An import whose rows are lost is read again; what
// was found out of rows as they were asked for before counts no more when reading
// them anew failed.
func (s stage) fail(ctx context.Context, tx pgx.Tx, failed error) error {
	state := Failed
	if errors.Is(failed, errLost) {
		state = Received
	}
	_, err := tx.Exec(ctx, `UPDATE staging.batch SET state = $3, error = $4, report = CASE WHEN NOT $5 THEN report END
		WHERE territory_id = $1 AND id = $2`, s.t.ID, s.id, state, ProblemOf(failed), s.state == Reading)
	return err
}

// errLost says that a crash of the server emptied staging.
var errLost = grids.Errorf(grids.Conflict, "state", "暂存的行已丢失(数据库曾崩溃),需要重新读取文件", "the staged rows are lost (the database crashed); the file has to be read again")

// lost tells whether rows were staged and are gone.
func lost(ctx context.Context, tx pgx.Tx, t cells.Territory, i Import) (bool, error) {
	if i.Source.Staged == 0 {
		return false, nil
	}
	var there bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM staging.row WHERE territory_id = $1 AND batch = $2)`, t.ID, i.ID).Scan(&there)
	return !there, err
}

func cmpErr(a, b error) error {
	if a != nil && !errors.Is(a, errDryRun) {
		return a
	}
	return b
}
