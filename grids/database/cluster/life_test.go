package cluster

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestCluster(t *testing.T) {
	b := newBench(t)
	if !t.Run("fresh start, sharing, last close", b.fresh) {
		return
	}
	t.Run("then", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T){
			"churn":                       b.churn,
			"killed postgres":             b.killedPostgres,
			"killed supervisor":           b.killedSupervisor,
			"supervisor told to stop":     b.toldToStop,
			"stale pid files":             b.stalePID,
			"three together, one killed":  b.threeTogether,
			"ordinary user":               b.ordinaryUser,
			"barred folder":               b.barredFolder,
			"half-made cluster":           b.halfMade,
			"odd paths":                   b.oddPaths,
			"failures are told":           b.failures,
			"folder removed under server": b.removed,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t)
			})
		}
	})
}

func (b *bench) fresh(t *testing.T) {
	folder := b.stopped
	hurry(t, folder)
	t.Cleanup(func() { stopped(t, folder) })
	start := time.Now()
	first := b.acquire(t, folder)
	t.Log("fresh start took", time.Since(start))
	version, err := postgis(t.Context(), first)
	check(t, err)
	t.Log("PostGIS", version)

	for setting, want := range map[string]string{
		"listen_addresses": "", "fsync": "off", "shared_buffers": "32MB", "work_mem": "64MB",
		"jit": "off", "TimeZone": "UTC", "lc_collate": "C", "server_encoding": "UTF8",
	} {
		if got := show(t, first, setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if os.Geteuid() == 0 {
		owner, err := ownerOf(filepath.Join(folder, "cluster", "pgdata"))
		check(t, err)
		if owner.String() != "postgres" {
			t.Errorf("pgdata belongs to %s", owner)
		}
	}

	server := postmaster(t, folder)
	start = time.Now()
	second := b.acquire(t, folder)
	t.Log("second lease took", time.Since(start))
	first.Close()
	first.Close() // does no harm
	time.Sleep(grace + 3*look)
	if _, err := postgis(t.Context(), second); err != nil || postmaster(t, folder) != server {
		t.Errorf("after the first of two closed: %v, server %d then %d", err, server, postmaster(t, folder))
	}
	second.Close()
	start = time.Now()
	stopped(t, folder)
	t.Log("stop took", time.Since(start))
	log, err := os.ReadFile(filepath.Join(folder, supervisorLog))
	check(t, err)
	if !strings.Contains(string(log), "database system is shut down") {
		t.Errorf("not a clean stop:\n%s", log)
	}
}

func show(t *testing.T, l *Lease, setting string) (value string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), l.URL("unigrid"))
	check(t, err)
	defer conn.Close(t.Context())
	check(t, conn.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&value))
	return value
}

// churn has users come and go all the time, with pauses around the moment at
// which the server stops: whoever has a lease must have a server.
func (b *bench) churn(t *testing.T) {
	folder := b.copy(t, "churn")
	end := time.Now().Add(10 * time.Second)
	var users sync.WaitGroup
	for range 3 {
		users.Go(func() {
			for time.Now().Before(end) {
				lease, err := Acquire(t.Context(), b.options(folder))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := postgis(t.Context(), lease); err != nil {
					t.Error(err)
				}
				lease.Close()
				time.Sleep(time.Duration(rand.Int64N(int64(grace + look))))
			}
		})
	}
	users.Wait()
	log, err := os.ReadFile(filepath.Join(folder, supervisorLog))
	check(t, err)
	t.Log("servers started:", strings.Count(string(log), "PostgreSQL is ready"))
}

func (b *bench) failures(t *testing.T) {
	folder := b.copy(t, "failures")
	settings, version := filepath.Join(folder, extraSettings), filepath.Join(folder, "cluster", "pgdata", "PG_VERSION")
	for _, c := range []struct{ path, text, want string }{
		{settings, "no_such_setting = 1\n", `unrecognized configuration parameter "no_such_setting"`},
		{version, "14\n", "made by PostgreSQL 14"},
	} {
		before, err := os.ReadFile(c.path)
		check(t, err)
		check(t, os.WriteFile(c.path, []byte(c.text), 0o600))
		start := time.Now()
		_, err = Acquire(t.Context(), b.options(folder))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: %v", c.path, c.text, err)
		}
		if time.Since(start) > 10*time.Second {
			t.Error("told only after", time.Since(start))
		}
		t.Log(err)
		check(t, os.WriteFile(c.path, before, 0o600))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond) // no server starts so fast
	defer cancel()
	if _, err := Acquire(ctx, b.options(folder)); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("an impatient caller gets", err)
	}
	o := b.options(b.copy(t, "patience")) // where no supervisor of the caller before is still at work
	o.Patience, o.Supervisor = 200*time.Millisecond, []string{"/bin/sleep", "1"}
	if _, err := Acquire(t.Context(), o); err == nil || !strings.Contains(err.Error(), "was not ready after 200ms") {
		t.Error("when patience runs out:", err)
	}
	b.acquire(t, folder) // all is well again
}

func TestExclusive(t *testing.T) {
	folder := t.TempDir()
	release, err := Exclusive(folder, "serve")
	check(t, err)
	_, err = Exclusive(folder, "serve")
	var running *RunningError
	if !errors.As(err, &running) || running.PID != os.Getpid() {
		t.Fatal(err)
	}
	t.Log(err)
	other, err := Exclusive(folder, "something else")
	check(t, err)
	other()
	release()
	release, err = Exclusive(folder, "serve")
	check(t, err)
	release()
}

func TestFindBinaries(t *testing.T) {
	b, err := FindBinaries(0)
	if err != nil {
		t.Skip(err)
	}
	t.Logf("%+v", b)
	if same, err := FindBinaries(b.Major); err != nil || same != b {
		t.Error(same, err)
	}
	if _, err := FindBinaries(9); err == nil || !strings.Contains(err.Error(), "postgresql-9-postgis-3") {
		t.Error(err)
	}
}
