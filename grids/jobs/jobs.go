// Package jobs is the queue of work that outlives a request: reading, checking
// and applying imports. Its tables are in the database, so that a job is there
// exactly when the transaction that wanted it committed, and is taken up by
// another process when its own was killed.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"unigrid/grids"
	"unigrid/grids/database"
)

// Import says which import a job is about and for whom it works.
type Import struct {
	Territory grids.TerritoryID `json:"territory"`
	ID        int64             `json:"import"`
	Who       grids.Principal   `json:"who"`
}

// Read reads an import's kept file.
type Read struct{ Import }

// Check finds out what applying an import would do.
type Check struct{ Import }

// Apply applies an import.
type Apply struct{ Import }

// Expire forgets imports whose time is over, sweeps what killed processes left,
// and lets time settle what it changes of people.
type Expire struct{}

// Kind names the job in the queue.
func (Read) Kind() string { return "import_read" }

// Kind names the job in the queue.
func (Check) Kind() string { return "import_check" }

// Kind names the job in the queue.
func (Apply) Kind() string { return "import_apply" }

// Kind names the job in the queue.
func (Expire) Kind() string { return "import_expire" }

// InsertOpts lets no second expiry wait while one does; one that is done hinders none.
func (Expire) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

// ImportJob is a job about one import.
type ImportJob interface {
	river.JobArgs
	about() Import
}

func (i Import) about() Import { return i }

const (
	attempts   = 3 // of a job that fails for no reason of the file's
	longest    = 12 * time.Hour
	expireEach = time.Hour
)

// Client puts jobs into the queue, and works them once it is started.
type Client struct {
	river *river.Client[pgx.Tx]
}

// NewInserter gives a client that only inserts.
func NewInserter() (*Client, error) {
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{Schema: database.JobsSchema})
	return &Client{client}, err
}

// New gives a client whose workers work two jobs at a time on db, which needs
// six connections for it, and expiry every hour, once it is started.
func New(db *database.DB, log *slog.Logger, workers *river.Workers) (*Client, error) {
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), &river.Config{
		Schema:               database.JobsSchema,
		Logger:               log,
		Workers:              workers,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}},
		JobTimeout:           longest,
		RescueStuckJobsAfter: longest + time.Hour, // imports that a killed process left are taken up at start
		MaxAttempts:          attempts,
		ReindexerIndexNames:  []string{}, // the owner's business
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(expireEach),
			func() (river.JobArgs, *river.InsertOpts) { return Expire{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})},
	})
	if err != nil {
		return nil, fmt.Errorf("queue of jobs: %w", err)
	}
	return &Client{client}, nil
}

// InsertTx puts a job into the queue when tx commits. One of the kind that
// waits for the same import already is enough: it starts after tx has ended.
func (c *Client) InsertTx(ctx context.Context, tx pgx.Tx, job ImportJob) error {
	about := job.about()
	var waiting int64
	err := tx.QueryRow(ctx, `
		SELECT id FROM jobs.river_job
		WHERE kind = $1 AND state IN ('available', 'scheduled', 'retryable') AND (args ->> 'territory')::int = $2 AND (args ->> 'import')::bigint = $3
		LIMIT 1 FOR UPDATE SKIP LOCKED`, job.Kind(), about.Territory, about.ID).Scan(&waiting)
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	_, err = c.river.InsertTx(ctx, tx, job, nil)
	return err
}

// mostWaiting is how many jobs of a territory may wait.
const mostWaiting = 40

// AskTx is InsertTx for a person's wish. The error is of kind Unavailable when
// too many jobs of the territory wait already.
func (c *Client) AskTx(ctx context.Context, tx pgx.Tx, job ImportJob) error {
	territory := job.about().Territory
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, fmt.Sprintf("unigrid jobs %d", territory)); err != nil {
		return err
	}
	if err := c.InsertTx(ctx, tx, job); err != nil {
		return err
	}
	var waiting int
	if err := tx.QueryRow(ctx, `
		SELECT count(*) FROM jobs.river_job
		WHERE state IN ('available', 'scheduled', 'retryable') AND (args ->> 'territory')::int = $1`, territory).Scan(&waiting); err != nil {
		return err
	}
	if waiting > mostWaiting {
		return grids.Errorf(grids.Unavailable, "", "已有 %d 项导入任务在排队", "%d imports wait for their turn already", mostWaiting).
			Fix("等其中一些处理完再试", "wait until some of them are done, and try again")
	}
	return nil
}

// Start begins to work jobs, until Stop.
func (c *Client) Start(ctx context.Context) error { return c.river.Start(ctx) }

// Stop lets running jobs end until ctx ends; then it interrupts them, and they
// are taken up by whoever starts next.
func (c *Client) Stop(ctx context.Context) error {
	err := c.river.Stop(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return c.river.StopAndCancel(grace)
}
