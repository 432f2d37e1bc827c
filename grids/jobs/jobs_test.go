package jobs_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"unigrid/grids/database/databasetest"
	"unigrid/grids/jobs"
)

// Every start of the service expires what is over, however soon after the last.
func TestEachStartExpires(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	for start := range 2 {
		done := make(chan struct{}, 9)
		workers := river.NewWorkers()
		river.AddWorker(workers, river.WorkFunc(func(context.Context, *river.Job[jobs.Expire]) error {
			done <- struct{}{}
			return nil
		}))
		queue, err := jobs.New(db, slog.New(slog.DiscardHandler), workers)
		if err != nil {
			t.Fatal(err)
		}
		if err := queue.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Errorf("start %d: nothing expired", start+1)
		}
		if err := queue.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
