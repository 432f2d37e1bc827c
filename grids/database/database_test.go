package database_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

func TestTransactionsActAsTheServiceRole(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		var user, role, zone string
		var super, bypass bool
		err := tx.QueryRow(t.Context(), `SELECT current_user, current_setting('unigrid.role'), current_setting('timezone'), rolsuper, rolbypassrls
			FROM pg_roles WHERE rolname = current_user`).Scan(&user, &role, &zone, &super, &bypass)
		if err != nil {
			return err
		}
		if user != "unigrid_app" || role != "local" || zone != "UTC" || super || bypass {
			t.Errorf("user %s, role %s, zone %s, superuser %t, bypasses RLS %t", user, role, zone, super, bypass)
		}
		_, err = tx.Exec(t.Context(), `RESET ROLE`)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), `SELECT current_user`).Scan(&user); err != nil {
			return err
		}
		if user != "unigrid_app" {
			t.Errorf("RESET ROLE leads to %s", user)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMigrateTwiceAtOnce(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- database.Migrate(t.Context(), url) }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"nobody listens": "postgres://u@127.0.0.1:1/x",
		"not a url":      "postgres://%zz",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := database.Open(t.Context(), url, 0)
			if err == nil {
				t.Fatal("opened")
			}
			if name == "nobody listens" && !grids.IsKind(err, grids.Unavailable) {
				t.Errorf("%v", err)
			}
		})
	}
}
