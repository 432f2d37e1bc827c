package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A lock is an open file with a flock(2) on it. Go opens every file CLOEXEC,
// so no child process ever inherits one and keeps it alive by accident.
type lock struct {
	file *os.File
}

// tryLock takes a shared (syscall.LOCK_SH) or exclusive (syscall.LOCK_EX) lock
// on the file at path, making the file if need be. It returns nil without an
// error when somebody else holds a lock that excludes this one.
func tryLock(path string, how int) (*lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, fmt.Errorf("lock file: %w", err)
		}
		err = flock(file, how|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			file.Close()
			return nil, nil
		}
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("lock %s (the data folder must be on a file system with flock): %w", path, err)
		}
		held := &lock{file}
		if held.inPlace() {
			return held, nil
		}
		// Someone removed the file between open and flock: lock the new one.
		held.release()
	}
}

// waitLock is tryLock, repeated until it succeeds or ctx is done. It polls,
// because a blocking flock(2) could not be cancelled.
func waitLock(ctx context.Context, path string, how int) (*lock, error) {
	for {
		held, err := tryLock(path, how)
		if held != nil || err != nil {
			return held, err
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// lockHeld tells whether somebody holds the exclusive lock at path. It looks by
// taking a shared lock for an instant, so lookers don't mistake one another for
// the holder; whoever wants the exclusive lock must try more than once.
func lockHeld(path string) (bool, error) {
	probe, err := tryLock(path, syscall.LOCK_SH)
	if err != nil {
		return false, err
	}
	if probe == nil {
		return true, nil
	}
	probe.release()
	return false, nil
}

// inPlace tells whether the locked file is still the one its path names. It is
// not after someone deleted the data folder under a running process.
func (l *lock) inPlace() bool {
	ours, err := l.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(l.file.Name())
	return err == nil && os.SameFile(ours, there)
}

// sign writes this process's pid into the locked file, for people and messages
// only: the lock is what counts.
func (l *lock) sign() error {
	text := strconv.Itoa(os.Getpid()) + "\n"
	err := l.file.Truncate(0)
	if err == nil {
		_, err = l.file.WriteAt([]byte(text), 0)
	}
	if err != nil {
		return fmt.Errorf("write pid into %s: %w", l.file.Name(), err)
	}
	return nil
}

// signature is the pid in a lock file, or 0.
func signature(path string) int {
	text, _ := os.ReadFile(path)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// release gives the lock up. Unlocking before closing matters: a child between
// fork and exec shares the file for a moment and would keep the lock.
func (l *lock) release() {
	_ = flock(l.file, syscall.LOCK_UN)
	_ = l.file.Close()
}

// flock calls flock(2) again when a signal interrupts it.
func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// sleep waits for d, or returns ctx's error as soon as ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// A RunningError says that another process already does what only one process
// may do on a data folder.
type RunningError struct {
	Name   string // what it does, such as "serve"
	Folder string // the data folder
	PID    int    // the other process, 0 if it didn't say
}

func (e *RunningError) Error() string {
	return fmt.Sprintf("another unigrid %s already runs on the data folder %s (pid %d): stop it first, or choose another folder with UNIGRID_DATA",
		e.Name, e.Folder, e.PID)
}

// Exclusive makes sure that only one process at a time does what name says
// ("serve") on the data folder, which is made if need be. If another process
// does it already, the error is a *RunningError. The lock ends with release or
// with the process, however that ends; its file NAME.lock stays.
func Exclusive(folder, name string) (release func(), err error) {
	folder, err = dataFolder(folder)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, name+".lock")
	held, err := tryLock(path, syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	if held == nil {
		return nil, &RunningError{Name: name, Folder: folder, PID: signature(path)}
	}
	if err := held.sign(); err != nil {
		held.release()
		return nil, err
	}
	return held.release, nil
}
