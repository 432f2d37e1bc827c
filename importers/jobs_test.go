package importers_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/jobs"
	"unigrid/importers"
)

// TestMain is the tests, or with these settings a process that works jobs as
// the service does, for tests that kill it.
func TestMain(m *testing.M) {
	url, folder := os.Getenv("UNIGRID_TEST_WORK_URL"), os.Getenv("UNIGRID_TEST_WORK_FOLDER")
	if url == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := serveJobs(ctx, url, folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serveJobs(ctx context.Context, url, folder string) error {
	db, err := database.Open(ctx, url, 8)
	if err != nil {
		return err
	}
	defer db.Close()
	workers := river.NewWorkers()
	importers.AddWorkers(workers, db, folder)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	queue, err := jobs.New(db, log, workers)
	if err != nil {
		return err
	}
	if err := queue.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	importers.KeepTakingUp(ctx, db, queue, log)
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return queue.Stop(patience)
}

// queued is an import whose file is kept, for jobs to read.
func queued(t *testing.T, db *database.DB, territory cells.Territory, folder, name, text string) jobs.Import {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	i, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{Name: "firms.csv", Upload: name, Target: "enterprises"})
	if err != nil {
		t.Fatal(err)
	}
	return jobs.Import{Territory: territory.ID, ID: i.ID, Who: grids.Local}
}

func insert(t *testing.T, db *database.DB, job jobs.ImportJob) {
	t.Helper()
	queue, err := jobs.NewInserter()
	if err != nil {
		t.Fatal(err)
	}
	read(t, db, func(ctx context.Context, tx pgx.Tx) error { return queue.InsertTx(ctx, tx, job) })
}

// await waits until the import is in one of the states.
func await(t *testing.T, db *database.DB, territory cells.Territory, id int64, states ...importers.State) importers.Import {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		i := find(t, db, territory, id)
		for _, s := range states {
			if i.State == s {
				return i
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("import %d is still %s: %+v", id, i.State, i.Error)
		}
	}
}

// A job reads and checks, another applies; a file that can't be read ends with
// the reason.
func TestJobs(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	territory := newTerritory(t, db)
	folder := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serveJobs(ctx, url, folder) }()
	good, bad := queued(t, db, territory, folder, "good.csv", firms), queued(t, db, territory, folder, "bad.csv", "编码,名称\n")
	insert(t, db, jobs.Read{Import: good})
	insert(t, db, jobs.Read{Import: bad})
	i := await(t, db, territory, good.ID, importers.Ready, importers.Failed)
	if i.Report == nil || i.Report.Applied != 3 {
		t.Errorf("%+v", i)
	}
	if i = await(t, db, territory, bad.ID, importers.Failed); i.Error.Field != "file" {
		t.Errorf("%+v", i.Error)
	}
	insert(t, db, jobs.Apply{Import: good})
	if i = await(t, db, territory, good.ID, importers.Applied, importers.Failed); i.Report.Applied != 3 {
		t.Errorf("%+v", i)
	}
	insert(t, db, jobs.Apply{Import: good}) // does nothing
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := count(t, db, `SELECT count(*) FROM objects.object`); n != 3 {
		t.Errorf("%d objects", n)
	}
}

// One job that waits for an import is enough.
func TestWaitingJob(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	about := queued(t, db, territory, t.TempDir(), "a.csv", firms)
	for range 3 {
		insert(t, db, jobs.Read{Import: about})
		insert(t, db, jobs.Check{Import: about})
	}
	if n := count(t, db, `SELECT count(*) FROM jobs.river_job`); n != 2 {
		t.Errorf("%d jobs", n)
	}
}

// A process that is killed while it reads, checks or applies leaves nothing
// half done, and the next process finishes the work.
func TestKilledJobs(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	territory := newTerritory(t, db)
	folder := t.TempDir()
	const rows = 8_000
	var text strings.Builder
	text.WriteString("编码,名称,经度,纬度\n")
	for n := range rows {
		fmt.Fprintf(&text, "F-%d,企业 %d,113.%04d,27.05\n", n, n, n%2000)
	}
	about := queued(t, db, territory, folder, "firms.csv", text.String())
	kill := func(at importers.State) {
		t.Helper()
		process := worker(t, url, folder)
		await(t, db, territory, about.ID, at)
		time.Sleep(time.Duration(time.Now().UnixNano() % int64(150*time.Millisecond)))
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // it was killed
		if n := count(t, db, `SELECT count(*) FROM staging.row WHERE batch = $1`, about.ID); n != 0 && n != rows {
			t.Errorf("killed %s: %d staged rows", at, n)
		}
	}
	insert(t, db, jobs.Read{Import: about})
	kill(importers.Reading)
	kill(importers.Checking)
	process := worker(t, url, folder)
	await(t, db, territory, about.ID, importers.Ready)
	insert(t, db, jobs.Apply{Import: about})
	await(t, db, territory, about.ID, importers.Applying, importers.Applied)
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed
	if n := count(t, db, `SELECT count(*) FROM objects.object`); n != 0 && n != rows {
		t.Errorf("killed while applying: %d objects", n)
	}
	worker(t, url, folder)
	if i := await(t, db, territory, about.ID, importers.Applied, importers.Failed); i.State != importers.Applied || i.Report.Applied != rows {
		t.Errorf("%+v", i)
	}
	if n := count(t, db, `SELECT count(*) FROM objects.object`); n != rows {
		t.Errorf("%d objects", n)
	}
}

// worker starts a process that works jobs; it is gone when the test ends.
func worker(t *testing.T, url, folder string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "UNIGRID_TEST_WORK_URL="+url, "UNIGRID_TEST_WORK_FOLDER="+folder)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill() // it may have ended
			_ = cmd.Wait()
		}
	})
	return cmd
}
