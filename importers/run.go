// Package importers takes files that people have and makes rows of the rooms
// from them: read into staging, map, check, apply. Reading is one transaction
// and applying another: all of a file is there afterwards, or nothing.
package importers

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

// Run imports one file of a person's own, r.File. When the same file was left
// half-way with the same request, by a process that died or a dry run, it goes
// on with what was staged. With r.DryRun nothing is applied.
func Run(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, r Request, progress func(Progress)) (Report, error) {
	report := Report{Target: r.Target, DryRun: r.DryRun}
	if err := r.complete(); err != nil {
		return report, err
	}
	report.File = r.Name
	i, err := resume(ctx, db, who, t, r)
	if err != nil {
		return report, err
	}
	report.Import = i.ID
	s := stage{db: db, who: who, t: t, id: i.ID, tell: progress, told: r.Told}
	step := applyTo
	if r.DryRun {
		step = check
	}
	for range 2 {
		if i.State == Received || i.State == Reading {
			if err := Read(ctx, db, who, t, i.ID, r.File, progress); err != nil {
				return report, err
			}
		}
		said, err := step(ctx, s)
		if errors.Is(err, errLost) {
			i.State = Received
			continue
		}
		if err == nil && r.DryRun && r.Strict && said.Errors > 0 {
			err = errStrict(said)
		}
		if said.Import == 0 {
			return report, err
		}
		return said, err
	}
	return report, errLost
}

// resume gives the import of the same file and request that is not applied
// yet, or a new one.
func resume(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, r Request) (Import, error) {
	sum, err := checksum(r.File)
	if err != nil {
		return Import{}, unreadable(err)
	}
	var i Import
	err = db.Tx(ctx, who, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `
			SELECT id FROM staging.batch
			WHERE territory_id = $1 AND checksum = $2 AND request = $3 AND created_by = $4 AND upload IS NULL
			  AND state IN ('received', 'reading', 'read', 'checking', 'ready', 'applying')
			ORDER BY id DESC LIMIT 1`, t.ID, sum, r, who.Name).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			i, err = insert(ctx, tx, who, t, r, sum)
			return err
		}
		if err != nil {
			return err
		}
		i, err = Find(ctx, tx, t, id)
		return err
	})
	return i, err
}
