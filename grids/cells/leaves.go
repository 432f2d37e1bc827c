package cells

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

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

// readLeaves reads the leaves of an edition as the transaction sees them, in the
// order in which they are stored: to sort whole polygons would take the database
// longer than to send them. Codes are digits, which any database compares as
// bytes.
func readLeaves(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) (*Leaves, error) {
	rows, err := tx.Query(ctx, `SELECT cell_id, code, geom FROM cells.leaves($1, $2)`, territory, edition)
	if err != nil {
		return nil, err
	}
	var builder locate.Builder
	var ids []grids.CellID
	var codes []grids.Code
	var id grids.CellID
	var code grids.Code
	var geom pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&id, &code, &geom}, func() error {
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
		ids, codes = append(ids, id), append(codes, code)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the leaves of edition %d: %w", edition, err)
	}
	order := make([]int, len(codes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(codes[a], codes[b]) })
	l := &Leaves{ids: make([]grids.CellID, len(ids))}
	for number, i := range order {
		l.ids[number] = ids[i]
	}
	l.index = builder.Index(order)
	return l, nil
}
