package importers

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/importers/source"
)

// progressEvery is how often at most progress is told and written.
const progressEvery = 500 * time.Millisecond

// meter tells how far a stage has come, from a goroutine and a connection of
// its own, so that others see it before the stage commits.
type meter struct {
	stage       State
	begun       time.Time
	bytes, size atomic.Int64
	rows, total atomic.Int64
	stopped     chan struct{}
	done        sync.WaitGroup
}

// startMeter begins to tell. tell may be nil.
func startMeter(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, stage State, tell func(Progress)) *meter {
	m := &meter{stage: stage, begun: time.Now(), stopped: make(chan struct{})}
	m.done.Go(func() {
		ticks := time.NewTicker(progressEvery)
		defer ticks.Stop()
		for {
			select {
			case <-m.stopped:
				if tell != nil {
					tell(m.progress())
				}
				return
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
			now := m.progress()
			if tell != nil {
				tell(now)
			}
			// What can't be written now is told at the next tick.
			_ = writeProgress(ctx, db, who, t, id, now)
		}
	})
	return m
}

// stop ends the telling; nothing is written afterwards.
func (m *meter) stop() {
	close(m.stopped)
	m.done.Wait()
}

func (m *meter) progress() Progress {
	p := Progress{Stage: m.stage, Bytes: m.bytes.Load(), BytesTotal: m.size.Load(), Rows: int(m.rows.Load()), RowsTotal: int(m.total.Load())}
	passed := time.Since(m.begun).Seconds()
	if passed > 0 {
		p.RowsPerSecond = float64(p.Rows) / passed
	}
	switch {
	case p.BytesTotal > 0 && p.Bytes > 0:
		p.RemainingS = passed * float64(p.BytesTotal-p.Bytes) / float64(p.Bytes)
	case p.RowsTotal > 0 && p.Rows > 0:
		p.RemainingS = passed * float64(p.RowsTotal-p.Rows) / float64(p.Rows)
	}
	return p
}

// read counts a row that was read. A source that knows tells how many bytes it
// has read; of others only the file's size is known.
func (m *meter) read(file source.Source) {
	rows := m.rows.Add(1)
	if rows&255 != 1 {
		return
	}
	if known, ok := file.(interface{ Progress() (done, total int64) }); ok {
		done, total := known.Progress()
		m.bytes.Store(done)
		m.size.Store(total)
	}
}

func writeProgress(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, p Progress) error {
	ctx, cancel := context.WithTimeout(ctx, 10*progressEvery)
	defer cancel()
	return db.Tx(ctx, who, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('lock_timeout', '200ms', true)`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE staging.batch SET progress = $3 WHERE territory_id = $1 AND id = $2`, t.ID, id, p)
		return err
	})
}
