package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/riverqueue/river"

	"unigrid/grids/database"
	"unigrid/grids/jobs"
	"unigrid/grids/people"
	"unigrid/importers"
)

// jobConnections is how many connections the jobs have, apart from those that
// answer requests: two each for two jobs, one that listens, one for the queue
// itself and two for taking up.
const jobConnections = 8

// queue is the jobs that this process works.
type queue struct {
	*jobs.Client
	db     *database.DB
	a      *app
	cancel context.CancelFunc
	taking sync.WaitGroup
}

// startJobs begins to work jobs and takes up what a killed process left.
func (a *app) startJobs(ctx context.Context) (*queue, error) {
	if err := os.MkdirAll(a.uploads, 0o700); err != nil {
		return nil, fmt.Errorf("folder of uploads: %w", err)
	}
	db, err := database.Open(ctx, a.url, jobConnections)
	if err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	importers.AddWorkers(workers, db, a.uploads)
	client, err := jobs.New(db, a.log, workers)
	if err != nil {
		db.Close()
		return nil, err
	}
	// Jobs end when stop says so, not when the signal comes.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q := &queue{Client: client, db: db, a: a, cancel: cancel}
	if err := client.Start(ctx); err != nil {
		cancel()
		db.Close()
		return nil, fmt.Errorf("queue of jobs: %w", err)
	}
	q.taking.Go(func() { importers.KeepTakingUp(ctx, db, client, a.log) })
	q.taking.Go(func() { people.KeepWatch(ctx, db, a.log) })
	return q, nil
}

// stop lets running jobs end for a while; those that don't are taken up by the
// next process.
func (q *queue) stop() {
	patience, end := context.WithTimeout(context.Background(), stopPatience)
	defer end()
	if err := q.Client.Stop(patience); err != nil {
		q.a.log.Error("stopping jobs", "error", err)
	}
	q.cancel()
	q.taking.Wait()
	q.db.Close()
}
