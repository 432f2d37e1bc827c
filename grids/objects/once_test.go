package objects_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// during inserts a version of the object 7, from a year to another; 0: in force.
func during(from, to int) string {
	until := "NULL"
	if to != 0 {
		until = fmt.Sprintf("'%d-01-01Z'", to)
	}
	return fmt.Sprintf(`INSERT INTO objects.version (territory_id, object_id, during, kind, code, name, attributes, provenance, outside_share, recorded_by)
		VALUES ($1, 7, tstzrange('%d-01-01Z', %s), 'enterprise', 'E7', '示例', '{}', 'demo', 0, 'test')`, from, until)
}

// until gives the version that begins in a year another end; 0: in force.
func until(from, to int) string {
	end := "NULL"
	if to != 0 {
		end = fmt.Sprintf("'%d-01-01Z'", to)
	}
	return fmt.Sprintf(`UPDATE objects.version SET during = tstzrange(lower(during), %s) WHERE territory_id = $1 AND object_id = 7 AND lower(during) = '%d-01-01Z'`, end, from)
}

// TestOneVersionAtATime tries to give an object two versions at an instant, as
// the owner of the tables; the database refuses each, in one transaction and in
// two that race.
func TestOneVersionAtATime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		there []string // committed
		first []string
		then  string
		bad   string // what is broken; "" for nothing
	}{
		{"two in force", nil, []string{during(2020, 0)}, during(2021, 0), "version_open"},
		{"two from one instant", nil, []string{during(2020, 2021)}, during(2020, 0), "version_once"},
		{"ended beside one in force", nil, []string{during(2020, 0)}, during(2019, 2021), "version_one_at_a_time"},
		{"ended before one in force", nil, []string{during(2020, 0)}, during(2019, 2020), ""},
		{"in force beside an ended one", nil, []string{during(2019, 2021)}, during(2020, 0), "version_one_at_a_time"},
		{"in force after an ended one", nil, []string{during(2019, 2020)}, during(2020, 0), ""},
		{"in force around an ended one", nil, []string{during(2019, 2020)}, during(2018, 0), "version_one_at_a_time"},
		{"two ended", nil, []string{during(2018, 2020)}, during(2019, 2021), "version_one_at_a_time"},
		{"an ended one within another", nil, []string{during(2015, 2021)}, during(2018, 2019), "version_one_at_a_time"},
		{"two ended, one after the other", nil, []string{during(2018, 2019)}, during(2019, 2021), ""},
		{"ended too late for the next", []string{during(2018, 0)}, []string{until(2018, 2020)}, during(2019, 0), "version_one_at_a_time"},
		{"ended in time for the next", []string{during(2018, 0)}, []string{until(2018, 2019)}, during(2019, 0), ""},
		{"in force again beside an ended one", []string{during(2018, 2019)}, []string{until(2018, 0)}, during(2020, 2021), "version_one_at_a_time"},
		{"longer than there is room", []string{during(2018, 2019), during(2020, 2021)}, []string{until(2020, 2022)}, until(2018, 2021), "version_one_at_a_time"},
		{"longer up to the next", []string{during(2018, 2019), during(2020, 2021)}, []string{until(2020, 2022)}, until(2018, 2020), ""},
		{"both in force", []string{during(2018, 2019), during(2020, 2021)}, []string{until(2020, 0)}, until(2018, 0), "version_open"},
	} {
		for _, racing := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, racing %v", test.name, racing), func(t *testing.T) {
				t.Parallel()
				first, second, territory := owners(t)
				do := func(ctx context.Context, conn *pgx.Conn, statements ...string) error {
					for _, sql := range statements {
						if _, err := conn.Exec(ctx, sql, territory); err != nil {
							return err
						}
					}
					return nil
				}
				if err := do(t.Context(), first, test.there...); err != nil {
					t.Fatal(err)
				}
				begin, err := first.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := do(t.Context(), first, test.first...); err != nil {
					t.Fatal(err)
				}
				outcome := make(chan error, 1)
				if racing {
					go func() { outcome <- do(t.Context(), second, test.then) }()
					select {
					case err := <-outcome:
						t.Fatalf("the second didn't wait: %v", err)
					case <-time.After(200 * time.Millisecond):
					}
				} else {
					outcome <- do(t.Context(), first, test.then)
				}
				if err := begin.Commit(t.Context()); err != nil && racing {
					t.Fatal(err)
				}
				err = <-outcome
				var pg *pgconn.PgError
				if errors.As(err, &pg); test.bad == "" && err != nil || test.bad != "" && (pg == nil || pg.ConstraintName != test.bad) {
					t.Errorf("%v, want %q", err, test.bad)
				}
			})
		}
	}
}

// owners gives two connections of the owner to a territory with an object's
// identity, 7, and no version.
func owners(t *testing.T) (first, second *pgx.Conn, territory grids.TerritoryID) {
	t.Helper()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	territory = cellstest.New(t, db, "4302", 1, 1).Territory
	for _, conn := range []**pgx.Conn{&first, &second} {
		if *conn, err = pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*conn).Close(context.WithoutCancel(t.Context())) })
	}
	if _, err := first.Exec(t.Context(), `INSERT INTO objects.identity (territory_id, id) VALUES ($1, 7)`, territory); err != nil {
		t.Fatal(err)
	}
	return first, second, territory
}

// Where a transaction can't see what others wrote meanwhile, it writes no versions.
func TestNoVersionsOfAnOldSnapshot(t *testing.T) {
	t.Parallel()
	conn, _, territory := owners(t)
	if _, err := conn.Exec(t.Context(), `SET default_transaction_isolation = 'repeatable read'`); err != nil {
		t.Fatal(err)
	}
	var pg *pgconn.PgError
	if _, err := conn.Exec(t.Context(), during(2020, 0), territory); !errors.As(err, &pg) || pg.Code != "0A000" {
		t.Errorf("%v", err)
	}
}
