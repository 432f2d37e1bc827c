package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How long a server left over from a killed supervisor may take to leave by
// itself, and what it is sent then. Each step is rougher than the one before,
// and none of them loses a committed transaction.
func evictions() []eviction {
	return []eviction{
		{after: time.Second, send: syscall.SIGINT},       // fast shutdown, or cancel
		{after: 30 * time.Second, send: syscall.SIGQUIT}, // without a checkpoint
		{after: 40 * time.Second, send: syscall.SIGKILL},
	}
}

type eviction struct {
	after time.Duration
	send  syscall.Signal
}

// clearStale makes a stopped cluster startable. PostgreSQL takes the pid in
// postmaster.pid and in the socket's lock file at its word, so a zombie or a
// reused pid blocks the start; and when it is wrong the other way, two servers
// write to the same files. The caller holds the supervisor's lock, so what is
// alive in pgdata is a leftover: wait until it is gone, then remove both files.
func clearStale(ctx context.Context, at place, log *slog.Logger) error {
	if err := evict(ctx, at.pgdata, log); err != nil {
		return err
	}
	for _, path := range []string{
		filepath.Join(at.pgdata, "postmaster.pid"),
		filepath.Join(at.socket, socketName+".lock"),
		filepath.Join(at.socket, socketName),
	} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove stale file: %w", err)
		}
	}
	return nil
}

// evict waits until no server process works in dir, and after a while sees to
// it.
func evict(ctx context.Context, dir string, log *slog.Logger) error {
	start, steps := time.Now(), evictions()
	for {
		left, err := serverProcesses(dir)
		if err != nil || len(left) == 0 {
			return err
		}
		if len(steps) > 0 && time.Since(start) > steps[0].after {
			log.Warn("a server left over from an earlier supervisor does not leave", "pids", left, "signal", steps[0].send.String())
			for _, pid := range left {
				_ = syscall.Kill(pid, steps[0].send)
			}
			steps = steps[1:]
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// serverProcesses lists the live PostgreSQL processes whose working directory
// is dir: a postmaster, its children, or children that outlived it. A zombie
// has no working directory any more, and a person's shell is not PostgreSQL.
func serverProcesses(dir string) ([]int, error) {
	home, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("look for leftover server processes: %w", err)
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		proc := filepath.Join("/proc", entry.Name())
		cwd, err := os.Stat(filepath.Join(proc, "cwd"))
		if err != nil || !os.SameFile(cwd, home) {
			continue // gone meanwhile, another user's, or elsewhere
		}
		// After a package upgrade the link reads ".../postgres (deleted)".
		exe, err := os.Readlink(filepath.Join(proc, "exe"))
		if err == nil && filepath.Base(strings.TrimSuffix(exe, " (deleted)")) == "postgres" {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// startTied starts a command that gets the signal when this process dies in
// whatever way. Linux sends it when the forking *thread* ends, so a goroutine
// keeps that thread to itself until the command is over. ended then yields the
// result of Wait.
func startTied(cmd *exec.Cmd, signal syscall.Signal) (ended <-chan error, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = signal
	started, result := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			result <- cmd.Wait()
		}
	}()
	return result, <-started
}
