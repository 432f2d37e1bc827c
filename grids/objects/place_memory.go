package objects

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// batchPoints is how many points are in memory at once.
const batchPoints = 100_000

// point is a place in degrees (EPSG:4326) and what it counts of its object; then
// the leaf that it is in, 0 for none.
type point struct {
	share
	lon, lat float64
}

// share is a row of placing_share.
type share struct {
	object int64
	cell   grids.CellID
	share  float64
}

// copyShares finds the leaves of points (a query for object, weight, longitude
// and latitude) and copies the shares into a table (object_id, cell_id, share).
// What an object has several points of in a leaf is added up.
func copyShares(ctx context.Context, tx pgx.Tx, leaves *cells.Leaves, points string, into pgx.Identifier) error {
	// The connection can't send and receive at once; a cursor takes turns.
	if _, err := tx.Exec(ctx, `DECLARE placing_cursor NO SCROLL CURSOR FOR `+points); err != nil {
		return err
	}
	type part struct {
		object int64
		cell   grids.CellID
	}
	parts := map[part]float64{} // of objects of several points
	shares := make([]share, 0, batchPoints)
	for {
		batch, err := fetchPoints(ctx, tx)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		findLeaves(leaves, batch)
		shares = shares[:0]
		for _, p := range batch {
			switch {
			case p.cell == 0:
			case p.share.share < 1:
				parts[part{p.object, p.cell}] += p.share.share
			default:
				shares = append(shares, p.share)
			}
		}
		if err := writeShares(ctx, tx, into, shares); err != nil {
			return err
		}
	}
	shares = shares[:0]
	for p, sum := range parts {
		shares = append(shares, share{p.object, p.cell, sum})
	}
	if err := writeShares(ctx, tx, into, shares); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `CLOSE placing_cursor`)
	return err
}

func fetchPoints(ctx context.Context, tx pgx.Tx) ([]point, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(`FETCH %d FROM placing_cursor`, batchPoints))
	if err != nil {
		return nil, err
	}
	batch := make([]point, 0, batchPoints)
	var p point
	_, err = pgx.ForEachRow(rows, []any{&p.object, &p.share.share, &p.lon, &p.lat}, func() error {
		batch = append(batch, p)
		return nil
	})
	return batch, err
}

// findLeaves gives each point its leaf, by all processors.
func findLeaves(leaves *cells.Leaves, points []point) {
	var wait sync.WaitGroup
	for some := range slices.Chunk(points, len(points)/runtime.GOMAXPROCS(0)+1) {
		wait.Go(func() {
			for i := range some {
				some[i].cell, _ = leaves.At(some[i].lon, some[i].lat)
			}
		})
	}
	wait.Wait()
}

func writeShares(ctx context.Context, tx pgx.Tx, into pgx.Identifier, shares []share) error {
	if len(shares) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, into, []string{"object_id", "cell_id", "share"},
		pgx.CopyFromSlice(len(shares), func(i int) ([]any, error) {
			return []any{shares[i].object, int64(shares[i].cell), shares[i].share}, nil
		}))
	return err
}
