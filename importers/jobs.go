package importers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/jobs"
	"unigrid/grids/people"
	"unigrid/importers/source/scratch"
)

// AddWorkers makes the workers of a queue read, check and apply imports of the
// files that are kept in folder, and forget them when their time is over. Each
// job looks first whether it is still wanted: doing one twice does nothing.
func AddWorkers(workers *river.Workers, db *database.DB, folder string) {
	j := &worker{db, folder}
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[jobs.Read]) error {
		return j.work(ctx, job.Args.Import, j.readAndCheck)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[jobs.Check]) error {
		return j.work(ctx, job.Args.Import, j.check)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[jobs.Apply]) error {
		return j.work(ctx, job.Args.Import, func(ctx context.Context, who grids.Principal, t cells.Territory, i Import) error {
			return j.apply(ctx, who, t, i, job.CreatedAt)
		})
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[jobs.Expire]) error {
		_, expired := Expire(ctx, db, grids.Local, folder, time.Now())
		_, swept := scratch.Sweep()
		settled := db.Tx(ctx, grids.Local, func(tx pgx.Tx) error { return people.Settle(ctx, tx) })
		return errors.Join(expired, swept, settled)
	}))
}

// worker works jobs about imports.
type worker struct {
	db     *database.DB
	folder string
}

// work does a job. What is wrong with a file is kept with the import and ends
// the job; anything else makes the queue try it again.
func (j *worker) work(ctx context.Context, about jobs.Import, do func(context.Context, grids.Principal, cells.Territory, Import) error) error {
	var t cells.Territory
	var i Import
	err := j.db.Read(ctx, about.Who, func(tx pgx.Tx) (err error) {
		if t, err = territoryOf(ctx, tx, about.Territory); err == nil {
			i, err = Find(ctx, tx, t, about.ID)
		}
		return err
	})
	if err == nil {
		err = do(ctx, about.Who, t, i)
	}
	var known *grids.Error
	switch {
	case errors.Is(err, errChanged):
		return nil // whoever changed it has put another job into the queue
	case grids.IsKind(err, grids.Conflict) && ctx.Err() == nil:
		return river.JobSnooze(2 * time.Second) // somebody works on it, or its rows are lost
	case errors.As(err, &known) && known.Kind != grids.Unavailable:
		return river.JobCancel(err)
	}
	return err
}

func territoryOf(ctx context.Context, tx pgx.Tx, id grids.TerritoryID) (cells.Territory, error) {
	list, err := cells.Territories(ctx, tx)
	if err != nil {
		return cells.Territory{}, err
	}
	for _, t := range list {
		if t.ID == id {
			return t, nil
		}
	}
	return cells.Territory{}, grids.Errorf(grids.NotFound, "territory", "没有编号为 %d 的辖区", "there is no territory %d", id)
}

// readAndCheck reads an import that is not read yet and checks it when nothing
// that checking needs is missing.
func (j *worker) readAndCheck(ctx context.Context, who grids.Principal, t cells.Territory, i Import) error {
	i, err := j.staged(ctx, who, t, i)
	if err != nil {
		return err
	}
	if (i.State != Staged && i.State != Checking) || i.Missing() != nil {
		return nil
	}
	_, err = Check(ctx, j.db, who, t, i.ID, nil)
	return err
}

// check checks an import of which a person said something else. Its columns are
// mapped anew: one without which it can't go on is told as the failure.
func (j *worker) check(ctx context.Context, who grids.Principal, t cells.Territory, i Import) error {
	i, err := j.staged(ctx, who, t, i)
	if err != nil {
		return err
	}
	if (i.State != Staged && i.State != Checking) || refuse(i) != nil {
		return nil
	}
	_, err = Check(ctx, j.db, who, t, i.ID, nil)
	return err
}

// staged reads an import that is not read yet, or whose rows are lost.
func (j *worker) staged(ctx context.Context, who grids.Principal, t cells.Territory, i Import) (Import, error) {
	gone := false
	if i.State == Staged || i.State == Checking || i.State == Ready || i.State == Applying {
		if err := j.db.Read(ctx, who, func(tx pgx.Tx) (err error) {
			gone, err = lost(ctx, tx, t, i)
			return err
		}); err != nil {
			return i, err
		}
	}
	internal := i.State == Failed && i.Error != nil && i.Error.Kind == "" && i.Source.Staged == 0
	if i.State != Received && i.State != Reading && !gone && !internal {
		return i, nil
	}
	if i.Request.Upload == "" || filepath.Base(i.Request.Upload) != i.Request.Upload {
		return i, grids.Errorf(grids.Invalid, "upload", "导入 %d 没有保存的文件", "import %d has no kept file", i.ID)
	}
	if err := Read(ctx, j.db, who, t, i.ID, filepath.Join(j.folder, i.Request.Upload), nil); err != nil {
		return i, err
	}
	err := j.db.Read(ctx, who, func(tx pgx.Tx) (err error) {
		i, err = Find(ctx, tx, t, i.ID)
		return err
	})
	return i, err
}

// apply applies an import that was asked for at an instant, unless it was
// changed, applied or undone since.
func (j *worker) apply(ctx context.Context, who grids.Principal, t cells.Territory, i Import, asked time.Time) error {
	var changed time.Time
	if err := j.db.Read(ctx, who, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT changed_at FROM staging.batch WHERE territory_id = $1 AND id = $2`, t.ID, i.ID).Scan(&changed)
	}); err != nil {
		return err
	}
	if i.State == Applied || i.State == Undone || asked.Before(changed) {
		return nil
	}
	i, err := j.staged(ctx, who, t, i)
	if err != nil {
		return err
	}
	_, err = Apply(ctx, j.db, who, t, i.ID, nil)
	return err
}

// takeUpEach is how often imports are looked for that nobody works on.
const takeUpEach = 15 * time.Second

// KeepTakingUp calls TakeUp now and again until ctx ends: the server process of
// a killed program holds its import a little longer than the program lived.
func KeepTakingUp(ctx context.Context, db *database.DB, queue *jobs.Client, log *slog.Logger) {
	for ticks := time.Tick(takeUpEach); ; {
		if _, err := TakeUp(ctx, db, queue); err != nil && ctx.Err() == nil {
			log.Error("taking up imports", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

// TakeUp puts the imports into the queue again that a process which is gone was
// working on, or had still to begin, for whom they were last worked; by the
// machine itself where no job of theirs is left. It tells how many.
func TakeUp(ctx context.Context, db *database.DB, queue *jobs.Client) (int, error) {
	taken := 0
	err := db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT territory_id, id, state, who FROM staging.batch
			WHERE state IN ('received', 'reading', 'checking', 'applying') AND upload IS NOT NULL ORDER BY id`)
		if err != nil {
			return err
		}
		type left struct {
			Territory grids.TerritoryID
			ID        int64
			State     State
			Who       grids.Principal
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[left])
		if err != nil {
			return err
		}
		for _, l := range list {
			held, err := tryHold(ctx, tx, cells.Territory{ID: l.Territory}, l.ID)
			if err != nil {
				return err
			}
			if !held {
				continue
			}
			about := jobs.Import{Territory: l.Territory, ID: l.ID, Who: l.Who}
			var job jobs.ImportJob = jobs.Read{Import: about}
			switch l.State {
			case Checking:
				job = jobs.Check{Import: about}
			case Applying:
				job = jobs.Apply{Import: about}
			}
			if err := queue.InsertTx(ctx, tx, job); err != nil {
				return fmt.Errorf("import %d: %w", l.ID, err)
			}
			taken++
		}
		return nil
	})
	return taken, err
}
