package importers

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
)

// Whatever a file holds is a JSON string that means the same.
func TestAppendText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte(`"\{}/<>&`+"\n\r\t\x01中")))).Draw(t, "text"))
		var got string
		if err := json.Unmarshal(appendText(nil, text), &got); err != nil {
			t.Fatalf("%q: %v", appendText(nil, text), err)
		}
		want := strings.Builder{}
		for _, r := range text { // a byte that is no UTF-8 becomes U+FFFD
			want.WriteRune(r)
		}
		if got != want.String() {
			t.Errorf("%q became %q", text, got)
		}
	})
}

// Progress is told and written while a stage runs, at most twice a second, and
// others see it.
func TestMeter(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	var territory cells.Territory
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	i, err := New(t.Context(), db, grids.Local, territory, Request{Name: "a.csv", Target: People})
	if err != nil {
		t.Fatal(err)
	}
	begun, told := time.Now(), 0
	m := startMeter(t.Context(), db, grids.Local, territory, i.ID, Reading, func(p Progress) {
		if told++; p.Stage != Reading || p.Rows != 50 || p.RowsTotal != 100 || p.RowsPerSecond <= 0 || p.RemainingS <= 0 {
			t.Errorf("%+v", p)
		}
	})
	m.total.Store(100)
	m.rows.Store(50)
	for seen := false; !seen; time.Sleep(20 * time.Millisecond) {
		if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			i, err = Find(t.Context(), tx, territory, i.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		seen = i.Progress.Rows == 50 && i.Progress.Stage == Reading
	}
	m.stop()
	if most := 2 + int(time.Since(begun)/progressEvery); told > most {
		t.Errorf("told %d times in %s", told, time.Since(begun))
	}
}

// One that fails for a reason of its own, not a file's, stays for a later try.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	var territory cells.Territory
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	i, err := New(t.Context(), db, grids.Local, territory, Request{Name: "a.csv", Target: People})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := stage{db: db, who: grids.Local, t: territory, id: i.ID, state: Reading}
	err = s.run(ctx, work{
		do: func(tx pgx.Tx, _ Import, _ *meter) error {
			cancel()
			_, err := tx.Exec(ctx, `SELECT pg_sleep(1)`)
			return err
		},
		keep: func(pgx.Tx, Import, error) error {
			t.Error("kept what was interrupted")
			return nil
		},
	})
	if err == nil {
		t.Error("no error")
	}
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		i, err = Find(t.Context(), tx, territory, i.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if i.State != Reading || i.Error != nil {
		t.Errorf("%+v", i)
	}
}
