package audit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
	"unigrid/grids/database/cluster"
	"unigrid/grids/database/databasetest"
)

var errUndo = errors.New("rolled back")

// Eight writers with random transactions, some of them rolled back in whole or
// in part: the chains have no gap, verify, and hold exactly what was committed.
func TestConcurrentWritersMakeOneChain(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	l.must(grids.Local, `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad) VALUES ('430300000000', '示例市', 4547, '{4,6,9,12}', 12)`)
	var wg sync.WaitGroup
	var mu sync.Mutex
	want := map[string]bool{}
	for writer := range uint64(8) {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(6, writer))
			for n := range 40 {
				var codes []string
				insert := func(tx pgx.Tx, part int) error {
					code, territory := fmt.Sprintf("w%d-%d-%d", writer, n, part), 1+random.IntN(2)
					_, err := tx.Exec(t.Context(), `INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES ($1, $2, '层', 'layer')`, territory, code)
					codes = append(codes, fmt.Sprintf("%d %s", territory, code))
					return err
				}
				err := l.db.Tx(t.Context(), grids.Principal{Name: fmt.Sprint("writer ", writer), Role: grids.RolePlanner}, func(tx pgx.Tx) error {
					for part := range 1 + random.IntN(5) {
						kept := len(codes)
						err := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
							if err := insert(tx, part); err != nil {
								return err
							}
							if random.IntN(4) == 0 {
								return errUndo
							}
							return nil
						})
						if errors.Is(err, errUndo) {
							codes = codes[:kept]
						} else if err != nil {
							return err
						}
					}
					if random.IntN(6) == 0 { // as a preview does
						if _, err := tx.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
							return err
						}
					}
					if random.IntN(4) == 0 {
						return errUndo
					}
					return nil
				})
				switch {
				case err == nil:
					mu.Lock()
					for _, code := range codes {
						want[code] = true
					}
					mu.Unlock()
				case errors.Is(err, errUndo):
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for territory := range grids.TerritoryID(3) {
		if found, checked := l.check(territory); len(found) > 0 || territory > 0 && checked < 50 {
			t.Errorf("territory %d, %d entries: %v", territory, checked, found)
		}
	}
	got := strings.Split(l.text(`SELECT string_agg(territory_id || ' ' || key, ',') FROM audit.entry WHERE key LIKE 'w%' AND op = 'insert'`), ",")
	if len(got) != len(want) {
		t.Errorf("%d entries of %d committed rows", len(got), len(want))
	}
	for _, key := range got {
		if !want[key] {
			t.Errorf("%s is logged and was not committed", key)
		}
	}
	if left := l.text(`SELECT ((SELECT count(*) FROM audit.pending) + (SELECT count(*) FROM audit.turn))::text`); left != "0" {
		t.Errorf("%s entries are left behind", left)
	}
}

// Whoever writes does not wait for one who hasn't committed yet.
func TestWritersDoNotWaitForOneAnother(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	err := l.db.Tx(t.Context(), grids.Local, func(slow pgx.Tx) error {
		if _, err := slow.Exec(t.Context(), `UPDATE cells.territory SET name = '示例市二' WHERE id = 1`); err != nil {
			return err
		}
		return l.as(grids.Local, `SET LOCAL lock_timeout = '5s'; INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES (1, 'safety', '安全', 'Safety')`)
	})
	if err != nil {
		t.Error(err)
	}
}

// A dump restored elsewhere has the same chain, and goes on with it.
func TestLogOutlivesADump(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	l.person("S-1", "示例人员", "00012345678")
	binaries, err := cluster.FindBinaries(0)
	if err != nil {
		t.Fatal(err)
	}
	from, to := l.owner.Config().ConnString(), databasetest.URL(t)
	other, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(context.WithoutCancel(t.Context()))
	if _, err := other.Exec(t.Context(), `DO $$ DECLARE s text; BEGIN
		FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema|^public$' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP;
		DROP TABLE goose_db_version; DROP EXTENSION pgcrypto; DROP EXTENSION postgis CASCADE; DROP EXTENSION btree_gist CASCADE; END $$`); err != nil {
		t.Fatal(err)
	}
	dump := exec.Command(binaries.Path("pg_dump"), "--dbname", from)
	restore := exec.Command(binaries.Path("psql"), "--quiet", "--set", "ON_ERROR_STOP=1", "--output", os.DevNull, "--dbname", to)
	if restore.Stdin, err = dump.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	dump.Stderr, restore.Stderr = os.Stderr, os.Stderr
	if err := errors.Join(dump.Start(), restore.Run(), dump.Wait()); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), to, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	again := log{T: t, Squares: l.Squares, db: db, owner: other}
	again.must(grids.Local, `UPDATE cells.territory SET name = '示例市二' WHERE id = 1`)
	before, after := l.text(`SELECT count(*)::text FROM audit.entry WHERE territory_id = 1`), again.text(`SELECT (count(*) - 1)::text FROM audit.entry WHERE territory_id = 1`)
	if found, _ := again.check(1); len(found) > 0 || before != after {
		t.Errorf("%s entries, restored %s: %v", before, after, found)
	}
}
