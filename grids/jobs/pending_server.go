// Package jobs does long work in the background.
package jobs

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Client stands in until the queue is built.
type Client struct{}

// ImportRead, ImportCheck and ImportApply are the works on an import.
type (
	ImportRead struct {
		Territory grids.Code
		Import    int64
		Who       grids.Principal
	}
	ImportCheck ImportRead
	ImportApply ImportRead
)

// InsertTx puts a job into the queue.
func (*Client) InsertTx(context.Context, pgx.Tx, any) error { return errors.New("not built yet") }
