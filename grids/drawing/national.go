package drawing

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

// ErrStopped reports a run that was stopped between two transactions; what was
// drawn until then stays, and the same run goes on from there.
var ErrStopped = errors.New("stopped")

// Run draws the children of all cells of a tier that have none, parent by
// parent in the order of codes, a batch in each transaction. Parents that have
// children are passed over, so that a run that was stopped goes on when it is
// started again.
type Run struct {
	In    cells.Territory
	Tier  grids.Tier // of the new cells
	Who   grids.Principal
	Batch int // parents in a transaction; 0 means 16
	// Draft gives the draft to draw in, as editions.Draft does.
	Draft func(context.Context, pgx.Tx) (grids.EditionID, error)
	// Request gives the draw of a parent; false passes it over.
	Request func(parent cells.Cell) (Request, bool)
	// Report is called after every transaction, in order.
	Report func(Progress)
}

// Progress of a run. Passed are parents over for want of a request, Failed those
// that could not be drawn.
type Progress struct {
	Parents int           `json:"parents"` // that had no children when it began
	Drawn   int           `json:"drawn"`
	Passed  int           `json:"passed"`
	Failed  []Failure     `json:"failed,omitempty"` // since the last report
	Cells   int           `json:"cells"`            // drawn
	Last    grids.Code    `json:"last"`
	Took    time.Duration `json:"-"`
}

// Failure is a parent that could not be drawn, and why.
type Failure struct {
	Code  grids.Code `json:"code"`
	Error string     `json:"error"`
}

// batch is some parents being drawn.
type batch struct {
	ids    []grids.CellID
	last   grids.Code
	passed int
	plans  []Plan
	failed []Failure
	err    error
	done   chan struct{}
}

// Do draws until all is drawn, ctx is done (ErrStopped), or the database fails.
// Draws are made on all processors and written one after another.
func (r Run) Do(ctx context.Context, db *database.DB) (Progress, error) {
	began := time.Now()
	var p Progress
	batches, err := r.batches(ctx, db)
	if err != nil {
		return p, err
	}
	for _, b := range batches {
		p.Parents += len(b.ids)
	}
	making, stop := context.WithCancel(ctx)
	defer stop()
	go r.make(making, db, batches)
	for i, b := range batches {
		select {
		case <-b.done:
		case <-ctx.Done():
			return p, ErrStopped
		}
		if ctx.Err() != nil {
			return p, ErrStopped
		}
		if b.err != nil {
			return p, b.err
		}
		// What is made is written to its end even when the run is stopped now.
		if err := r.write(context.WithoutCancel(ctx), db, b); err != nil {
			return p, err
		}
		p.Drawn += len(b.plans)
		p.Passed += b.passed
		p.Failed, p.Last = b.failed, b.last
		for _, plan := range b.plans {
			p.Cells += len(plan.Children)
		}
		p.Took = time.Since(began)
		b.plans = nil
		if r.Report != nil {
			r.Report(p)
		}
		if n := i + 1; n&(n-1) == 0 { // as the tables grow, at 1, 2, 4, 8, … batches
			if err := cells.RefreshStatistics(ctx, db); err != nil && ctx.Err() == nil {
				return p, err
			}
		}
	}
	p.Failed = nil
	return p, nil
}

// batches lists the parents without children, by code.
func (r Run) batches(ctx context.Context, db *database.DB) ([]*batch, error) {
	size := r.Batch
	if size <= 0 {
		size = 16
	}
	var list []*batch
	err := db.Tx(ctx, r.Who, func(tx pgx.Tx) error {
		edition, err := r.Draft(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT cell_id, code FROM cells.leaves($1, $2) WHERE tier = $3 ORDER BY code`, r.In.ID, edition, r.Tier-1)
		if err != nil {
			return err
		}
		var id grids.CellID
		var code grids.Code
		_, err = pgx.ForEachRow(rows, []any{&id, &code}, func() error {
			if len(list) == 0 || len(list[len(list)-1].ids) == size {
				list = append(list, &batch{done: make(chan struct{})})
			}
			b := list[len(list)-1]
			b.ids, b.last = append(b.ids, id), code
			return nil
		})
		return err
	})
	return list, err
}

// make makes the batches in order, as many at a time as there are processors,
// and never far ahead of what is written.
func (r Run) make(ctx context.Context, db *database.DB, batches []*batch) {
	workers := runtime.GOMAXPROCS(0)
	room := make(chan struct{}, workers)
	for i, b := range batches {
		if i >= 2*workers {
			select {
			case <-batches[i-2*workers].done:
			case <-ctx.Done():
				return
			}
		}
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		go func() {
			defer func() { <-room }()
			defer close(b.done)
			b.err = r.plan(ctx, db, b)
		}()
	}
}

// plan makes the draws of a batch.
func (r Run) plan(ctx context.Context, db *database.DB, b *batch) error {
	var parents []cells.Cell
	var requests []Request
	err := db.Tx(ctx, r.Who, func(tx pgx.Tx) error {
		var edition grids.EditionID
		// The draft is there already; looking it up here keeps nobody waiting.
		if err := tx.QueryRow(ctx, `SELECT max(seq) FROM editions.edition WHERE territory_id = $1 AND state <> 'published'`, r.In.ID).Scan(&edition); err != nil {
			return err
		}
		list, err := cells.ByID(ctx, tx, r.In, edition, b.ids)
		if err != nil {
			return err
		}
		used, err := usedUnder(ctx, tx, r.In, list)
		if err != nil {
			return err
		}
		for _, parent := range list {
			request, ok := r.Request(parent)
			if !ok {
				b.passed++
				continue
			}
			k := &known{rest: parent.Geom, used: used[parent.Code]}
			if k.load, err = readLoad(ctx, tx, r.In, parent.Geom, request.Load); err != nil {
				var e *grids.Error
				if !errors.As(err, &e) {
					return err
				}
				b.failed = append(b.failed, Failure{parent.Code, err.Error()})
				continue
			}
			if request.Rivers {
				if k.rivers, err = readRivers(ctx, tx, r.In, parent.Geom); err != nil {
					return err
				}
			}
			request.known = k
			parents, requests = append(parents, parent), append(requests, request)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, parent := range parents {
		plan, err := Make(ctx, r.In, parent, requests[i])
		if ctx.Err() != nil {
			return ErrStopped
		}
		if err != nil {
			b.failed = append(b.failed, Failure{parent.Code, err.Error()})
			continue
		}
		b.plans = append(b.plans, plan)
	}
	return nil
}

// usedUnder gives, for each of some parents of one tier, the codes that cells
// below it ever had.
func usedUnder(ctx context.Context, tx pgx.Tx, t cells.Territory, parents []cells.Cell) (map[grids.Code]map[grids.Code]grids.CellID, error) {
	out := map[grids.Code]map[grids.Code]grids.CellID{}
	if len(parents) == 0 {
		return out, nil
	}
	tier := parents[0].Tier + 1
	prefixes := make([]string, len(parents))
	for i, p := range parents {
		prefixes[i] = t.Scheme.Significant(p.Code, p.Tier)
	}
	slices.Sort(prefixes)
	rows, err := tx.Query(ctx, `SELECT DISTINCT v.code, v.cell_id FROM unnest($3::text[]) AS p
		JOIN cells.version v ON v.territory_id = $1 AND v.tier = $2 AND v.code LIKE p || '%'`, t.ID, tier, prefixes)
	if err != nil {
		return nil, err
	}
	var code grids.Code
	var id grids.CellID
	_, err = pgx.ForEachRow(rows, []any{&code, &id}, func() error {
		parent := t.Scheme.Parent(code, tier)
		if out[parent] == nil {
			out[parent] = map[grids.Code]grids.CellID{}
		}
		out[parent][code] = id
		return nil
	})
	return out, err
}

// write stores a batch in a transaction of its own.
func (r Run) write(ctx context.Context, db *database.DB, b *batch) error {
	if len(b.plans) == 0 {
		return nil
	}
	return db.Tx(ctx, r.Who, func(tx pgx.Tx) error {
		edition, err := r.Draft(ctx, tx)
		if err != nil {
			return err
		}
		return Apply(ctx, tx, r.In, edition, r.Who, b.plans)
	})
}
