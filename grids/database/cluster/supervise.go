package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const (
	grace    = 2 * time.Second        // after a start, before absence of users counts
	look     = 300 * time.Millisecond // between looks for users
	maxTries = 3                      // starts in a row that may fail
)

// Supervise runs the cluster of a data folder until nobody uses it any more,
// ctx is done, or the process gets SIGTERM or SIGINT; then it stops PostgreSQL
// and returns nil. It returns nil at once if another supervisor is at work.
// PostgreSQL's messages go to standard error, where the caller should also
// print the error, so that Acquire can show both to the person.
func Supervise(ctx context.Context, folder string, log *slog.Logger) error {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	folder, err := dataFolder(folder)
	if err != nil {
		return err
	}
	own, err := lockSupervisor(ctx, folder)
	if err != nil || own == nil {
		return err
	}
	s := &supervisor{folder: folder, log: log, own: own}
	defer s.release()
	if err := own.sign(); err != nil {
		return err
	}
	if err := s.run(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// A supervisor is the process to which the server belongs.
type supervisor struct {
	folder string
	log    *slog.Logger
	own    *lock // that this is the only supervisor
	users  *lock // exclusive, once the last user is gone
}

// lockSupervisor takes the supervisor's lock; nil means that there is another
// supervisor. Processes that only look for one hold the lock for an instant,
// but shared: then a shared lock can be had and the exclusive one soon.
func lockSupervisor(ctx context.Context, folder string) (*lock, error) {
	path := filepath.Join(folder, supervisorLock)
	for {
		own, err := tryLock(path, syscall.LOCK_EX)
		if own != nil || err != nil {
			return own, err
		}
		if held, err := lockHeld(path); held || err != nil {
			return nil, err
		}
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return nil, nil // told to stop before there was anything to stop
		}
	}
}

// release lets go of the locks, the users' last: whoever waits for that one
// must find no supervisor and start one.
func (s *supervisor) release() {
	s.own.release()
	if s.users != nil {
		s.users.release()
	}
}

// run keeps a server going until it is no longer wanted.
func (s *supervisor) run(ctx context.Context) error {
	at, err := settle(s.folder, s.log)
	if err != nil {
		return err
	}
	bin, err := binariesFor(at)
	if err != nil {
		return err
	}
	if err := ensureCluster(ctx, at, bin, s.log); err != nil {
		return err
	}
	for failed := 0; ; {
		started := time.Now()
		wanted, err := s.serve(ctx, at, bin)
		switch {
		case err != nil && (!wanted || failed+1 == maxTries || ctx.Err() != nil):
			return err
		case err != nil:
			failed++
			s.log.Warn("PostgreSQL did not start, trying again", "cause", err)
		case !wanted:
			return nil
		default:
			failed = 0
			if time.Since(started) < grace { // don't spin if it keeps dying
				_ = sleep(ctx, time.Second)
			}
		}
	}
}

// serve runs one server for its whole life. wanted tells whether it died while
// it was still needed; with an error, that it never came up and died, which is
// worth another try: any other error would only repeat itself.
func (s *supervisor) serve(ctx context.Context, at place, bin Binaries) (wanted bool, err error) {
	if err := clearStale(ctx, at, s.log); err != nil {
		return false, err
	}
	extra, err := os.ReadFile(filepath.Join(s.folder, extraSettings))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("settings: %w", err)
	}
	srv, err := startServer(at, bin, string(extra))
	if err != nil {
		return false, err
	}
	defer srv.stop(s.log)
	if err := srv.furnish(ctx, bin); err != nil {
		_ = sleep(ctx, 200*time.Millisecond) // a lost connection may be known before a death
		return srv.died(), err
	}
	s.log.Info("PostgreSQL is ready", "pid", srv.cmd.Process.Pid, "socket", at.socket)
	return s.watch(ctx, srv), nil
}

// watch returns when the server died (true) or should stop (false). When the
// last user is gone it keeps the users' lock, so that a newcomer waits until
// the server has stopped and then starts a supervisor of its own.
func (s *supervisor) watch(ctx context.Context, srv *server) (died bool) {
	started := time.Now()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			s.log.Info("stopping PostgreSQL: told to")
			return false
		case <-srv.gone:
			s.log.Warn("PostgreSQL died, starting it again", "how", srv.cmd.ProcessState.String())
			return true
		case <-ticker.C:
		}
		if !s.own.inPlace() {
			s.log.Warn("stopping PostgreSQL: the data folder was removed or replaced")
			return false
		}
		if time.Since(started) < grace {
			continue
		}
		users, err := tryLock(filepath.Join(s.folder, usersLock), syscall.LOCK_EX)
		if err != nil {
			s.log.Warn("cannot tell whether anybody uses the cluster", "cause", err)
		}
		if users != nil {
			s.log.Info("stopping PostgreSQL: nobody uses it any more")
			s.users = users
			return false
		}
	}
}
