package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// killedPostgres leaves a backend behind that is too busy to notice.
func (b *bench) killedPostgres(t *testing.T) {
	folder := b.copy(t, "killed-postgres")
	lease := b.acquire(t, folder)
	busy, err := pgx.Connect(t.Context(), lease.URL("unigrid"))
	check(t, err)
	backend := int(busy.PgConn().PID())
	counting := make(chan error, 1)
	go func() {
		_, err := busy.Exec(context.WithoutCancel(t.Context()), "SELECT count(*) FROM generate_series(1, 1000000000000) n")
		counting <- err
	}()
	time.Sleep(200 * time.Millisecond)
	old := postmaster(t, folder)
	start := time.Now()
	check(t, syscall.Kill(old, syscall.SIGKILL))
	back(t, lease, folder, old, 30*time.Second)
	t.Log("back after", time.Since(start))
	if err := <-counting; err == nil {
		t.Error("the old backend finished its query")
	}
	gone(t, backend)
}

func (b *bench) killedSupervisor(t *testing.T) {
	folder := b.copy(t, "killed-supervisor")
	lease := b.acquire(t, folder)
	b.keep(t, lease)
	for range 2 {
		old := postmaster(t, folder)
		start := time.Now()
		if !signalSupervisor(folder, syscall.SIGKILL) {
			t.Fatal("there is no supervisor")
		}
		back(t, lease, folder, old, 30*time.Second)
		t.Log("back after", time.Since(start))
		gone(t, old)
	}
}

func (b *bench) toldToStop(t *testing.T) {
	folder := b.copy(t, "told")
	lease := b.acquire(t, folder)
	b.keep(t, lease)
	old := postmaster(t, folder)
	start := time.Now()
	if !signalSupervisor(folder, syscall.SIGTERM) {
		t.Fatal("there is no supervisor")
	}
	back(t, lease, folder, old, 30*time.Second)
	t.Log("back after", time.Since(start))
	log, err := os.ReadFile(filepath.Join(folder, supervisorLog))
	check(t, err)
	if strings.Contains(string(log), "was not properly shut down") {
		t.Errorf("needed recovery:\n%s", log)
	}
}

// keep runs Keep until the case ends.
func (b *bench) keep(t *testing.T, l *Lease) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		l.Keep(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// back waits until another server than the old one answers.
func back(t *testing.T, l *Lease, folder string, old int, limit time.Duration) {
	t.Helper()
	within(t, limit, "the server comes back", func() error {
		if _, err := postgis(t.Context(), l); err != nil {
			return err
		}
		if postmaster(t, folder) == old {
			return errors.New("it is still the old one")
		}
		return nil
	})
}

func gone(t *testing.T, pid int) {
	t.Helper()
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil && !strings.Contains(string(state), ") Z ") {
		t.Errorf("process %d is still there: %s", pid, state)
	}
}

// stalePID has both files name a live process of the server's own user.
func (b *bench) stalePID(t *testing.T) {
	folder := b.copy(t, "stale")
	at, err := locate(folder)
	check(t, err)
	sleeper := exec.Command("sleep", "300")
	sleeper.SysProcAttr = &syscall.SysProcAttr{Credential: at.owner.credential()}
	check(t, sleeper.Start())
	defer func() {
		_ = sleeper.Process.Kill()
		_ = sleeper.Wait()
	}()
	stale := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n  1234567         7\nready   \n", sleeper.Process.Pid, at.pgdata, at.socket)
	for _, path := range []string{filepath.Join(at.pgdata, "postmaster.pid"), filepath.Join(at.socket, socketName+".lock")} {
		check(t, os.WriteFile(path, []byte(stale), 0o600))
		check(t, os.Chown(path, int(at.owner.uid), int(at.owner.gid)))
	}
	if _, err := postgis(t.Context(), b.acquire(t, folder)); err != nil {
		t.Error(err)
	}
	check(t, sleeper.Process.Signal(syscall.Signal(0))) // and it was left alone
}

// threeTogether starts three users on a stopped folder at once and kills the
// first after ever longer pauses; in every other round its supervisor too, so
// soon that none of them can have a server yet.
func (b *bench) threeTogether(t *testing.T) {
	folder := b.copy(t, "three")
	for round := range 5 {
		clients := []*client{b.client(t, folder, nil), b.client(t, folder, nil), b.client(t, folder, nil)}
		pause := time.Duration(round) * 120 * time.Millisecond
		if round%2 == 1 {
			pause /= 12
		}
		time.Sleep(pause)
		clients[0].kill(t)
		if round%2 == 1 {
			t.Log("round", round, "supervisor killed:", signalSupervisor(folder, syscall.SIGKILL))
		}
		for _, c := range clients[1:] {
			c.ready(t)
		}
		for _, c := range clients[1:] {
			c.finish(t)
		}
		stopped(t, folder)
	}
}

// halfMade starts with litter, then kills the supervisor in the middle of
// initdb.
func (b *bench) halfMade(t *testing.T) {
	folder := b.folder(t, "half-made")
	hurry(t, folder)
	litter := filepath.Join(folder, "cluster", temporary+"123", "base", "1")
	check(t, os.MkdirAll(litter, 0o711))
	check(t, os.Chmod(filepath.Join(folder, "cluster"), 0o711))
	check(t, os.WriteFile(filepath.Join(folder, "cluster", temporary+"123", "PG_VERSION"), []byte("15\n"), 0o600))
	lease := make(chan error, 1)
	go func() {
		l, err := Acquire(context.WithoutCancel(t.Context()), b.options(folder))
		if err == nil {
			_, err = postgis(context.WithoutCancel(t.Context()), l)
			l.Close()
		}
		lease <- err
	}()
	within(t, 10*time.Second, "initdb works", func() error {
		for _, file := range []string{"base/1/PG_VERSION", "base/1/pg_filenode.map"} {
			if found, _ := filepath.Glob(filepath.Join(folder, "cluster", temporary+"*", file)); len(found) == 0 {
				return errors.New("not yet")
			}
		}
		return nil
	})
	if !signalSupervisor(folder, syscall.SIGKILL) {
		t.Fatal("there is no supervisor")
	}
	check(t, <-lease)
	if left, _ := filepath.Glob(filepath.Join(folder, "cluster", temporary+"*")); len(left) > 0 {
		t.Error("left behind:", left)
	}
	log, err := os.ReadFile(filepath.Join(folder, supervisorLog))
	check(t, err)
	if n := strings.Count(string(log), "removing a half-made cluster"); n != 2 {
		t.Errorf("removed %d half-made clusters, want 2:\n%s", n, log)
	}
}
