package cells

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/locate"
	"unigrid/grids"
	"unigrid/grids/database/databasetest"
)

func TestLeafCacheIsBounded(t *testing.T) {
	t.Parallel()
	leavesOf := func(bytes int) *Leaves {
		l := &Leaves{index: new(locate.Builder).Index(nil)}
		l.ids = make([]grids.CellID, (bytes-l.index.Bytes())/8)
		return l
	}
	for _, x := range []struct {
		name  string
		bytes []int  // of the editions kept one after the other
		ask   int    // edition asked for before the last is kept
		want  []bool // which are there in the end
	}{
		{"room for two", []int{400, 400}, 0, []bool{true, true}},
		{"the older one goes", []int{200, 200, 200}, 0, []bool{false, true, true}},
		{"not the one asked for", []int{200, 200, 200}, 1, []bool{true, false, true}},
		{"too much together", []int{400, 800}, 0, []bool{false, true}},
		{"too much alone", []int{400, 1200}, 0, []bool{false, false}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			c := newLeafCache(2, 1000)
			key := func(i int) leafKey { return leafKey{edition: grids.EditionID(i + 1)} }
			for i, bytes := range x.bytes {
				if i == len(x.bytes)-1 && x.ask > 0 {
					c.get(key(x.ask - 1))
				}
				c.put(key(i), leavesOf(bytes))
			}
			for i, want := range x.want {
				if got := c.get(key(i)) != nil; got != want {
					t.Errorf("edition %d: %v", i+1, got)
				}
			}
		})
	}
}

// TestLeavesAreReadOnce asks for the leaves of one published edition by many at
// once; one who has no time to wait leaves.
func TestLeavesAreReadOnce(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	var territory grids.TerritoryID
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `
			WITH t AS (INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad) VALUES ('430200000000', '示例市', 4547, '{4,6,9,12}', 12) RETURNING id)
			INSERT INTO editions.edition (territory_id, seq, state, effective, created_by, published_by)
			SELECT id, 1, 'published', '2020-01-01', 'test', 'test' FROM t RETURNING territory_id`).Scan(&territory)
	}); err != nil {
		t.Fatal(err)
	}
	c := newLeafCache(2, 1<<20)
	got := make([]*Leaves, 6)
	var wait sync.WaitGroup
	for i := range got {
		wait.Go(func() {
			if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
				got[i], err = c.leaves(t.Context(), tx, territory, 1)
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for i, l := range got {
		if l == nil || l != got[0] {
			t.Errorf("%d got leaves of its own", i)
		}
	}

	c.reading <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		if l, err := c.leaves(ctx, tx, territory, 1); l != got[0] || err != nil {
			t.Errorf("what is kept needs no waiting: %v", err)
		}
		_, err := c.leaves(ctx, tx, territory, 2)
		return err
	}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
