package cells

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"unigrid/geo/locate"
	"unigrid/grids"
	"unigrid/grids/database"
)

// ErrNoLeaves reports leaves that can't be kept in memory: one is off the
// lattice, or they would take more than maxLeafBytes. The database knows them
// all the same.
var ErrNoLeaves = errors.New("leaves can't be kept in memory")

// Leaves are the leaves of an edition in memory. They never change, and any
// number of goroutines may ask them at once.
type Leaves struct {
	index *locate.Index
	ids   []grids.CellID // by code
}

// At gives the leaf that covers a place in degrees (EPSG:4326), boundary
// included, as ST_Covers tells; of several the one with the smallest code. It is
// false when none does.
func (l *Leaves) At(lon, lat float64) (grids.CellID, bool) {
	n, ok := l.index.At(lon, lat)
	if !ok {
		return 0, false
	}
	return l.ids[n], true
}

// Len gives the number of leaves.
func (l *Leaves) Len() int { return len(l.ids) }

// Bytes gives about how much memory they take.
func (l *Leaves) Bytes() int { return l.index.Bytes() + 8*cap(l.ids) }

// readLeaves reads the leaves of an edition as the transaction sees them.
func readLeaves(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) (*Leaves, error) {
	rows, err := tx.Query(ctx, `SELECT cell_id, geom FROM cells.leaves($1, $2) ORDER BY code`, territory, edition)
	if err != nil {
		return nil, err
	}
	var builder locate.Builder
	var l Leaves
	var id grids.CellID
	var geom pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&id, &geom}, func() error {
		shape, err := database.MultiPolygon(geom)
		if err != nil {
			return err
		}
		if err := builder.Add(shape); err != nil {
			return fmt.Errorf("%w: %w", ErrNoLeaves, err)
		}
		if builder.Bytes() > maxLeafBytes {
			return fmt.Errorf("%w: there are too many", ErrNoLeaves)
		}
		l.ids = append(l.ids, id)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the leaves of edition %d: %w", edition, err)
	}
	l.index = builder.Index()
	return &l, nil
}
