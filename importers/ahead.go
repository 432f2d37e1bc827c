package importers

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Rows are handed on in bundles of at most so many rows or about so many bytes.
const (
	bundleRows  = 256
	bundleBytes = 1 << 20
)

// copyRows copies rows into staging; some are read while those before are sent.
// It fails with the error that ended reading, if one did.
func copyRows(ctx context.Context, tx pgx.Tx, rows *stagedRows) error {
	ctx, stop := context.WithCancel(ctx)
	bundles := make(chan [][]any, 2)
	ahead := &readAhead{bundles: bundles}
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(bundles)
		defer func() { // a file that a reader stumbles over ends its import, not the service
			if p := recover(); p != nil {
				failed := grids.Errorf(grids.Invalid, "file", "第 %d 行之后读取出错", "reading failed after row %d", rows.record.Row).
					Fix("检查该行,或换一种格式另存", "look at that row, or save the file in another format")
				failed.Cause = fmt.Errorf("%v\n%s", p, debug.Stack())
				rows.err, ahead.end = failed, failed
			}
		}()
		ahead.end = rows.bundles(func(bundle [][]any) bool {
			select {
			case bundles <- bundle:
				return true
			case <-ctx.Done():
				return false
			}
		})
	})
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"staging", "row_copied"}, []string{"territory_id", "batch", "row", "attributes", "geom"}, ahead)
	stop()
	reader.Wait()
	if rows.err != nil {
		return unreadable(rows.err)
	}
	return err
}

// bundles reads all rows and gives them on, as long as give says so.
func (s *stagedRows) bundles(give func([][]any) bool) error {
	var bundle [][]any
	bytes := 0
	for s.Next() {
		values, err := s.Values()
		if err != nil {
			return err
		}
		bundle = append(bundle, values)
		bytes += s.size
		if len(bundle) == bundleRows || bytes >= bundleBytes {
			if !give(bundle) {
				return nil
			}
			bundle, bytes = nil, 0
		}
	}
	if s.err == nil && len(bundle) > 0 {
		give(bundle)
	}
	return s.err
}

// readAhead is rows that were read, as COPY takes them.
type readAhead struct {
	bundles <-chan [][]any
	bundle  [][]any // of which the first row is the present one
	end     error   // why bundles was closed; set before it is
	err     error   // the same, once the last row was taken: COPY asks at any time
}

// Next goes on to the next row, if there is one.
func (r *readAhead) Next() bool {
	if len(r.bundle) > 1 {
		r.bundle = r.bundle[1:]
		return true
	}
	var more bool
	if r.bundle, more = <-r.bundles; !more {
		r.err = r.end
	}
	return more
}

// Values gives the row as COPY takes it.
func (r *readAhead) Values() ([]any, error) { return r.bundle[0], nil }

// Err is the error that ended reading before the end of the file.
func (r *readAhead) Err() error { return r.err }
