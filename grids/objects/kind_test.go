package objects_test

import (
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
)

// TestKindsAgree holds the database's kinds of object against the program's.
func TestKindsAgree(t *testing.T) {
	t.Parallel()
	type row struct{ Kind, Collection string }
	var want, got []row
	for _, k := range grids.ObjectKinds() {
		want = append(want, row{k.Kind, k.Collection})
	}
	err := databasetest.New(t).Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT kind, collection FROM objects.kind ORDER BY rank`)
		if err != nil {
			return err
		}
		got, err = pgx.CollectRows(rows, pgx.RowToStructByPos[row])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the database knows %v, the program %v", got, want)
	}
}
