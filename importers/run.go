// Package importers takes files that people have and makes rows of the rooms
// from them: open, stage, map, check, apply. One file is one transaction: all
// of it is there afterwards, or nothing.
package importers

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/editions"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

// errDryRun rolls a transaction back that did what was asked.
var errDryRun = errors.New("dry run")

// Run imports one file.
func Run(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, r Request) (Report, error) {
	report := Report{File: filepath.Base(r.File), Target: r.Target, DryRun: r.DryRun}
	file, err := formats.Open(r.File, r.Source)
	if err != nil {
		return report, err
	}
	defer file.Close()
	err = db.Tx(ctx, who, func(tx pgx.Tx) error {
		report = Report{File: report.File, Target: r.Target, DryRun: r.DryRun}
		if err := runIn(ctx, tx, who, t, r, file, &report); err != nil {
			return err
		}
		if r.Strict && report.errors() > 0 {
			return grids.Errorf(grids.Invalid, "strict", "有 %d 处错误,未导入任何内容", "%d errors; nothing was imported", report.errors())
		}
		if r.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		return report, nil
	}
	if err != nil {
		return report, err
	}
	return report, cells.RefreshStatistics(ctx, db)
}

func (r Report) errors() int {
	count := 0
	for _, f := range r.Findings {
		if f.Severity == grids.SeverityError {
			count++
		}
	}
	return count
}

func runIn(ctx context.Context, tx pgx.Tx, who grids.Principal, t cells.Territory, r Request, file source.Source, report *Report) error {
	edition, err := editions.Draft(ctx, tx, t, who)
	if err != nil {
		return err
	}
	batch, err := cells.NewBatch(ctx, tx)
	if err != nil {
		return err
	}
	if err := stage(ctx, tx, t, batch, r, file, who, report); err != nil {
		return err
	}
	if err := apply(ctx, tx, t, edition, batch, r, who, time.Now(), report); err != nil {
		return err
	}
	for i := range report.Findings {
		report.Findings[i].File = report.File
	}
	return finish(ctx, tx, t, batch, report)
}
