// Package cluster runs a private PostgreSQL with PostGIS under a data folder,
// reachable over a unix socket only. Linux only.
//
// The server belongs to no command but to a small supervisor process. Every
// process that uses the cluster holds a shared lock on DATA/users.lock; the
// first one starts the supervisor, and when the last one is gone, in whatever
// way, the supervisor gets that lock exclusively, stops the server and ends.
// The supervisor holds DATA/supervisor.lock as long as it lives, so that there
// is only one, and so that users notice when it was killed and start another.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Options say which cluster is wanted and how to get it going.
type Options struct {
	// Folder is the data folder; it is made if need be.
	Folder string
	// Supervisor is the command line that runs Supervise for this folder, such
	// as {"/usr/bin/unigrid", "supervise", "--data", "/srv/unigrid"}. It is
	// started in "/", so the paths in it must be absolute.
	Supervisor []string
	// Log gets what a person may want to know; nil means nothing is logged.
	Log *slog.Logger
	// Patience is how long Acquire waits for the cluster; 0 means a minute.
	Patience time.Duration
}

// A Lease keeps the cluster running. It is safe for concurrent use.
type Lease struct {
	folder     string
	supervisor []string
	log        *slog.Logger
	users      *lock
	socket     string
	closed     chan struct{}
	close      sync.Once
}

// Acquire takes a lease on the cluster, starting or even making it if need be,
// and returns when the database "unigrid" with PostGIS answers. While another
// process stops the cluster it waits, then starts it again.
func Acquire(ctx context.Context, o Options) (*Lease, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	if len(o.Supervisor) == 0 {
		return nil, errors.New("cluster: no command to run the supervisor was given")
	}
	folder, err := dataFolder(o.Folder)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.Patience,
		fmt.Errorf("the private PostgreSQL of %s was not ready after %s; if it still recovers from a crash, try again later (see %s)",
			folder, o.Patience, filepath.Join(folder, supervisorLog)))
	defer cancel()
	if _, err := locate(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	users, err := waitLock(ctx, filepath.Join(folder, usersLock), syscall.LOCK_SH)
	if err != nil {
		return nil, explain(ctx, err)
	}
	l := &Lease{folder: folder, supervisor: o.Supervisor, log: o.Log, users: users, closed: make(chan struct{})}
	if err := l.waitReady(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// waitReady returns when a supervised server answers. It starts a supervisor
// whenever there is none, and gives up when the one it started failed.
func (l *Lease) waitReady(ctx context.Context) error {
	var mine *child
	var last error // why the server didn't answer the last time
	for {
		supervised, err := lockHeld(filepath.Join(l.folder, supervisorLock))
		if err != nil {
			return err
		}
		if supervised {
			if last = l.answers(ctx); last == nil {
				return nil
			}
		}
		if err := mine.failed(); err != nil {
			return err
		}
		if !supervised && !mine.alive() {
			if mine, err = l.spawn(); err != nil {
				return err
			}
		}
		if err := sleep(ctx, 30*time.Millisecond); err != nil {
			return errors.Join(explain(ctx, err), last, mine.words())
		}
	}
}

// explain turns the end of a wait into its cause: the caller's own, or that
// patience ran out.
func explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// answers connects to the program's database and looks for PostGIS, which the
// supervisor puts there last.
func (l *Lease) answers(ctx context.Context) error {
	at, err := locate(l.folder)
	if err != nil {
		return err
	}
	if err := checkPrivate(at.socket, at.owner); err != nil {
		return err
	}
	conn, err := connect(ctx, at.socket, database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var ready bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')").Scan(&ready)
	if err != nil {
		return err
	}
	if !ready {
		return errors.New("PostGIS is not there yet")
	}
	l.socket = at.socket
	return nil
}

// URL is the connection string for a database of the cluster, as its superuser
// "unigrid", who owns the database "unigrid". Other roles connect with another
// user in it; nobody needs a password.
func (l *Lease) URL(database string) string { return socketURL(l.socket, database) }

// Close gives the lease up. The server stops soon after the last lease is gone.
func (l *Lease) Close() {
	l.close.Do(func() {
		close(l.closed)
		l.users.release()
	})
}

// Keep is for processes that run long: until ctx is done or the lease closed,
// it starts a new supervisor within a second after the old one is gone. The
// connections are lost then, but the next ones succeed.
func (l *Lease) Keep(ctx context.Context) {
	var next time.Time      // not before then another supervisor
	var pause time.Duration // grows while supervisors keep ending
	ticker := time.NewTicker(400 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.closed:
			return
		case <-ticker.C:
		}
		supervised, err := lockHeld(filepath.Join(l.folder, supervisorLock))
		if supervised && time.Since(next) > time.Minute {
			pause = 0
		}
		if supervised || time.Now().Before(next) {
			continue
		}
		if err == nil {
			l.log.Warn("the supervisor of the private PostgreSQL is gone, starting another")
			_, err = l.spawn()
		}
		if err != nil {
			l.log.Error("cannot start a supervisor for the private PostgreSQL", "cause", err)
		}
		pause = min(max(2*pause, time.Second), 15*time.Second)
		next = time.Now().Add(pause)
	}
}
