package importers

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/jobs"
)

// Rework takes another word of a person about an import that isn't applied
// yet, and has it checked again: both are there when tx commits, or neither.
// What the file is called and where it is kept stay. The file is read again
// first when its encoding, coordinate system, axes or sheet are others, or
// columns are to be taken in that were left out. A stage that runs meanwhile
// takes back what it did.
func Rework(ctx context.Context, tx pgx.Tx, queue *jobs.Client, who grids.Principal, t cells.Territory, id int64, r Request) error {
	reread, err := change(ctx, tx, t, id, r)
	if err != nil {
		return err
	}
	about := jobs.Import{Territory: t.ID, ID: id, Who: who}
	if reread {
		return queue.AskTx(ctx, tx, jobs.Read{Import: about})
	}
	return queue.AskTx(ctx, tx, jobs.Check{Import: about})
}

// change keeps another request; reread tells that the file has to be read again.
func change(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, r Request) (reread bool, err error) {
	if _, err := tx.Exec(ctx, `SELECT FROM staging.batch WHERE territory_id = $1 AND id = $2 FOR UPDATE`, t.ID, id); err != nil {
		return false, err
	}
	i, err := Find(ctx, tx, t, id)
	if err != nil {
		return false, err
	}
	switch i.State {
	case Applying, Applied, Undone:
		return false, grids.Errorf(grids.Conflict, "state", "导入 %d 的状态为 %s,不能再改", "import %d is %s; it can't be changed", id, i.State)
	}
	r.Name, r.Upload = i.Request.Name, i.Request.Upload
	if err := r.complete(); err != nil {
		return false, err
	}
	reread = i.State == Received || i.State == Reading || i.Source.Staged == 0 || asksAgain(i, r)
	state := Staged
	if reread {
		state = Received
	}
	_, err = tx.Exec(ctx, `
		UPDATE staging.batch SET request = $3, target = $4, state = $5, error = NULL, changed_at = greatest(now(), changed_at + interval '1 microsecond')
		WHERE territory_id = $1 AND id = $2`, t.ID, id, r, r.Target, state)
	return reread, err
}

// asksAgain tells whether a request wants of the file what reading it for the
// request before did not stage.
func asksAgain(i Import, r Request) bool {
	if i.Request.Source != r.Source || !samePersonal(i.Request.Personal, r.Personal) || i.Request.Target != r.Target {
		return true
	}
	if maps.Equal(i.Request.Map, r.Map) {
		return false
	}
	return slices.ContainsFunc(i.Source.Columns, func(c Column) bool { return c.Sensitive != nil })
}

func samePersonal(a, b *Personal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.Columns, b.Columns)
}
