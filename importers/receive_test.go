package importers_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/jobs"
	"unigrid/importers"
)

// desk takes uploads in as the service does.
type desk struct {
	db    *database.DB
	t     cells.Territory
	queue *jobs.Client
}

func newDesk(t *testing.T) desk {
	t.Helper()
	db := databasetest.New(t)
	queue, err := jobs.NewInserter()
	if err != nil {
		t.Fatal(err)
	}
	return desk{db, newTerritory(t, db), queue}
}

// receive takes an upload in, and ends the transaction with fail if there is one.
func (d desk) receive(ctx context.Context, upload string, fail error) (i importers.Import, err error) {
	err = d.db.Tx(ctx, grids.Local, func(tx pgx.Tx) (err error) {
		i, err = importers.Receive(ctx, tx, d.queue, grids.Local, d.t, importers.Request{Name: "firms.csv", Upload: upload, Target: "enterprises"})
		return errors.Join(err, fail)
	})
	return i, err
}

func (d desk) rework(ctx context.Context, i importers.Import, fail error) error {
	return d.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		return errors.Join(importers.Rework(ctx, tx, d.queue, grids.Local, d.t, i.ID, i.Request), fail)
	})
}

// there tells how many imports of uploads and jobs about them there are.
func (d desk) there(t *testing.T) string {
	t.Helper()
	return fmt.Sprint(count(t, d.db, `SELECT count(*) FROM staging.batch WHERE upload IS NOT NULL`), " imports, ",
		count(t, d.db, `SELECT count(*) FROM jobs.river_job WHERE kind = 'import_read'`), " readings, ",
		count(t, d.db, `SELECT count(*) FROM jobs.river_job WHERE kind = 'import_check'`), " checks")
}

// An import and the job that reads it, a changed word and the job that heeds
// it, are there together or not at all.
func TestReceive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	killed := errors.New("killed")
	expect := func(want string) {
		t.Helper()
		if got := d.there(t); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if _, err := d.receive(t.Context(), "one", killed); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	expect("0 imports, 0 readings, 0 checks")
	i, err := d.receive(t.Context(), "one", nil)
	if err != nil {
		t.Fatal(err)
	}
	expect("1 imports, 1 readings, 0 checks")

	read(t, d.db, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE staging.batch SET state = 'ready', source = '{"staged": 1}' WHERE id = $1`, i.ID)
		return err
	})
	i.Request.Strict = true
	if err := d.rework(t.Context(), i, killed); !errors.Is(err, killed) {
		t.Fatal(err)
	}
	if now := find(t, d.db, d.t, i.ID); now.State != importers.Ready || now.Request.Strict {
		t.Errorf("%+v", now)
	}
	expect("1 imports, 1 readings, 0 checks")
	if err := d.rework(t.Context(), i, nil); err != nil {
		t.Fatal(err)
	}
	if now := find(t, d.db, d.t, i.ID); now.State != importers.Staged || !now.Request.Strict {
		t.Errorf("%+v", now)
	}
	expect("1 imports, 1 readings, 1 checks")
}

// However many ask at once, an upload becomes one import, and the others are
// told which.
func TestReceiveAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const asking = 6
	var wait sync.WaitGroup
	var lock sync.Mutex
	var made, told []int64
	for range asking {
		wait.Go(func() {
			i, err := d.receive(t.Context(), "one", nil)
			lock.Lock()
			defer lock.Unlock()
			var used *importers.UsedError
			switch {
			case err == nil:
				made = append(made, i.ID)
			case errors.As(err, &used) && grids.IsKind(err, grids.Conflict):
				told = append(told, used.Import)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if len(made) != 1 || len(told) != asking-1 {
		t.Fatalf("made %v, told %v", made, told)
	}
	for _, id := range told {
		if id != made[0] {
			t.Errorf("told %d, made %d", id, made[0])
		}
	}
	if got := d.there(t); got != "1 imports, 1 readings, 0 checks" {
		t.Error(got)
	}
	if err := importers.Delete(t.Context(), d.db, grids.Local, d.t, made[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := d.receive(t.Context(), "one", nil); err != nil {
		t.Errorf("after the import was deleted: %v", err)
	}
}

// A territory whose jobs wait in numbers is asked to wait; another isn't.
func TestReceiveTooMany(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var last importers.Import
	n := 0
	for {
		i, err := d.receive(t.Context(), fmt.Sprint("upload ", n), nil)
		if err != nil {
			if !grids.IsKind(err, grids.Unavailable) {
				t.Fatal(err)
			}
			break
		}
		last = i
		if n++; n > 1000 {
			t.Fatal("no end of waiting jobs")
		}
	}
	if got, want := d.there(t), fmt.Sprintf("%d imports, %d readings, 0 checks", n, n); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := d.rework(t.Context(), last, nil); err != nil { // its job waits already
		t.Error(err)
	}
	other := d
	read(t, d.db, func(ctx context.Context, tx pgx.Tx) (err error) {
		other.t, err = cells.CreateTerritory(ctx, tx, cells.Territory{Code: "4303", Name: "邻市", EPSG: 4547, Scheme: grids.GB12})
		return err
	})
	if _, err := other.receive(t.Context(), "of another", nil); err != nil {
		t.Error(err)
	}
}
