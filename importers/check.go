package importers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/editions"
)

// mostDifferences is how many differences of an import are kept.
const mostDifferences = 10_000

// Check finds out what applying an import would do: it applies and takes it
// back. The report, its findings and differences are kept; the import is then
// ready, or failed when nothing could be applied. It fails with a Conflict when
// the import isn't read, is applied, or somebody works on it.
func Check(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, progress func(Progress)) (Report, error) {
	return check(ctx, stage{db: db, who: who, t: t, id: id, tell: progress})
}

func check(ctx context.Context, s stage) (Report, error) {
	s.state = Checking
	report, err := applying(ctx, s)
	report.DryRun = true
	return report, err
}

// Apply makes the rows of an import part of the draft and the registers, all in
// one transaction. Of two callers one wins; the other gets a Conflict. An error
// of kind Invalid means that the rows can't go in: the import has failed, and
// its findings say why.
func Apply(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, progress func(Progress)) (Report, error) {
	return applyTo(ctx, stage{db: db, who: who, t: t, id: id, tell: progress})
}

func applyTo(ctx context.Context, s stage) (Report, error) {
	s.state = Applying
	report, err := applying(ctx, s)
	if err != nil {
		return report, err
	}
	return report, cells.RefreshStatistics(ctx, s.db)
}

// applying applies, and when it only checks takes it back.
func applying(ctx context.Context, s stage) (Report, error) {
	var report Report
	var told told
	err := s.run(ctx, work{
		do: func(tx pgx.Tx, i Import, m *meter) error {
			m.total.Store(int64(i.Source.Staged))
			var err error
			if report, err = begin(ctx, tx, s.t, i); err != nil {
				return err
			}
			i.Request.Adopt.Told = func(change cells.Change) error {
				if s.told != nil {
					s.told(change)
				}
				return told.take(change, report.File)
			}
			err = s.apply(ctx, tx, i, &report)
			for n := range report.Findings {
				report.Findings[n].File = report.File
			}
			report.count(&told)
			switch {
			case err != nil:
				report.Applied, report.Created, report.Changed, report.Retired, report.Differences = 0, 0, 0, 0, nil
				return err
			case s.state == Checking:
				return errDryRun
			case i.Request.Strict && report.Errors > 0:
				report.Applied, report.Created, report.Changed, report.Retired = 0, 0, 0, 0
				return errStrict(report)
			}
			m.rows.Store(int64(i.Source.Staged))
			return nil
		},
		keep: func(tx pgx.Tx, i Import, failed error) error {
			return s.keepReport(ctx, tx, i, report, &told, failed)
		},
	})
	report.Findings = append(report.Findings, told.first...)
	return report, errors.Join(err, told.close())
}

// apply hands the rows to their room, in the territory's draft.
func (s stage) apply(ctx context.Context, tx pgx.Tx, i Import, report *Report) error {
	edition, err := editions.Draft(ctx, tx, s.t, s.who)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT set_config('unigrid.batch', $1, true)`, fmt.Sprint(s.id)); err != nil {
		return err
	}
	return apply(ctx, tx, s.t, edition, s.id, i.Request, s.who, time.Now(), report)
}

// begin refuses what can't be applied, settles the mapping, and gives the
// report as reading left it.
func begin(ctx context.Context, tx pgx.Tx, t cells.Territory, i Import) (Report, error) {
	report := Report{File: i.File, Target: i.Request.Target, EPSG: i.Source.EPSG, CRS: i.Source.CRSHow, Encoding: i.Source.Encoding,
		Rows: i.Source.Rows, Import: i.ID}
	gone, err := lost(ctx, tx, t, i)
	if err != nil {
		return report, err
	}
	if gone {
		return report, errLost
	}
	rows, err := tx.Query(ctx, `SELECT finding FROM staging.finding WHERE territory_id = $1 AND batch = $2 AND stage = 'read' ORDER BY n`, t.ID, i.ID)
	if err != nil {
		return report, err
	}
	read, err := pgx.CollectRows(rows, pgx.RowTo[grids.Finding])
	if err != nil {
		return report, err
	}
	report.Add(read)
	if err := refuse(i); err != nil {
		return report, err
	}
	report.Mapping, err = settleMapping(ctx, tx, t, i)
	return report, err
}

// refuse says what a file needs before its rows mean something.
func refuse(i Import) error {
	found, r := i.Source, i.Request
	switch {
	case found.Staged == 0:
		return grids.Errorf(grids.Invalid, "file", "%s 中没有记录", "%s has no rows", i.File)
	case r.Target == Cells && r.Tier == 0:
		return grids.Errorf(grids.Invalid, "tier", "导入网格需要层级", "importing cells takes a tier").Fix("用 --tier 指明", "name it with --tier")
	case r.Target == LayerCells && r.Layer == "":
		return grids.Errorf(grids.Invalid, "layer", "导入条线网格需要条线", "importing layer cells takes a layer").Fix("用 --layer 指明", "name it with --layer")
	case found.Geometry != "none" && found.EPSG == 0:
		e := grids.Errorf(grids.Invalid, "crs", "%s 的坐标系未知(%s)", "the coordinate system of %s is unknown (%s)", i.File,
			grids.Text{ZH: cmp.Or(found.CRSHowZH, found.CRSHow), EN: found.CRSHow})
		for _, c := range found.CRSCandidates {
			e = e.Fix("可能是 %[2]s:--crs EPSG:%[1]d(%[3]s)", "it may be %[2]s: --crs EPSG:%[1]d (%[3]s)", c.EPSG, c.Name, grids.Text{ZH: c.WhyZh, EN: c.Why})
		}
		if len(found.CRSCandidates) == 0 {
			e = e.Fix("用 --crs 指明,如 --crs EPSG:4547", "name it with --crs, such as --crs EPSG:4547")
		}
		return e
	}
	return nil
}

// settleMapping says which column feeds which field, of those that reading left
// in; what is missing is an error when the rows are applied.
func settleMapping(ctx context.Context, tx pgx.Tx, t cells.Territory, i Import) (map[string]string, error) {
	surveys := surveysOf(i.Source.Columns, t.Scheme)
	m, _, err := settle(ctx, tx, t, i.ID, i.Request, surveys)
	if err != nil {
		return nil, err
	}
	for _, s := range surveys {
		if field := m.feeds(s.column); field != "" && s.filled == 0 && i.Source.sensitive(s.column) {
			delete(m, field)
		}
	}
	return m, nil
}

// sensitive tells whether a column was recognised as personal data.
func (found Found) sensitive(column string) bool {
	return slices.ContainsFunc(found.Columns, func(c Column) bool { return c.Name == column && c.Sensitive != nil })
}

func errStrict(report Report) error {
	return grids.Errorf(grids.Invalid, "strict", "有 %d 处错误,未导入任何内容", "%d errors; nothing was imported", report.Errors)
}

// keepReport keeps what the stage said, and what became of the import.
func (s stage) keepReport(ctx context.Context, tx pgx.Tx, i Import, report Report, told *told, failed error) error {
	report.DryRun = s.state == Checking
	if errors.Is(failed, errLost) {
		return nil
	}
	if err := s.keepFindings(ctx, tx, report.Findings); err != nil {
		return err
	}
	if err := told.store(ctx, tx, s.t, s.id, len(report.Findings)); err != nil {
		return err
	}
	if err := s.keepDifferences(ctx, tx, report.Differences); err != nil {
		return err
	}
	encoded, err := report.kept()
	if err != nil {
		return err
	}
	state := Applied
	switch {
	case errors.Is(failed, errDryRun):
		state = Ready
	case failed != nil:
		state = Failed
	}
	if _, err := tx.Exec(ctx, `
		UPDATE staging.batch SET state = $3, report = $4, mapping = coalesce($5, mapping), rows = $6, applied = $7, rejected = $8,
		       applied_at = CASE WHEN $3 = 'applied' THEN clock_timestamp() END
		WHERE territory_id = $1 AND id = $2`,
		s.t.ID, s.id, state, encoded, report.Mapping, report.Rows, report.Applied, report.Rejected); err != nil {
		return err
	}
	if state == Applied && i.Request.Upload == "" {
		return s.dropAccepted(ctx, tx)
	}
	return nil
}

// dropAccepted deletes the staged rows of a command's file that went in: the
// file is the person's own, and only its rejects are asked for afterwards.
func (s stage) dropAccepted(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM staging.row r WHERE territory_id = $1 AND batch = $2 AND NOT `+rejected, s.t.ID, s.id)
	return err
}

// keepFindings replaces the findings of the last check. The first of the list
// are those of reading, which are there.
func (s stage) keepFindings(ctx context.Context, tx pgx.Tx, findings []grids.Finding) error {
	var read int
	if err := tx.QueryRow(ctx, `
		WITH gone AS (DELETE FROM staging.finding WHERE territory_id = $1 AND batch = $2 AND stage = 'check')
		SELECT count(*) FROM staging.finding WHERE territory_id = $1 AND batch = $2 AND stage = 'read'`, s.t.ID, s.id).Scan(&read); err != nil {
		return err
	}
	if len(findings) < read {
		return nil
	}
	return copyFindings(ctx, tx, s.t, s.id, "check", read, findings[read:])
}

// copyFindings appends findings, as they are or as JSON, numbered after the given
// number.
func copyFindings[T grids.Finding | json.RawMessage](ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, stage string, after int, findings []T) error {
	return inPages(findings, func(first int, page []T) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO staging.finding (territory_id, batch, n, stage, finding)
			SELECT $1, $2, $3 + n, $4, finding FROM unnest($5::jsonb[]) WITH ORDINALITY AS f (finding, n)`, t.ID, id, after+first, stage, page)
		return err
	})
}

func (s stage) keepDifferences(ctx context.Context, tx pgx.Tx, list []grids.Difference) error {
	if _, err := tx.Exec(ctx, `DELETE FROM staging.difference WHERE territory_id = $1 AND batch = $2`, s.t.ID, s.id); err != nil {
		return err
	}
	list = list[:min(len(list), mostDifferences)]
	return inPages(list, func(first int, page []grids.Difference) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO staging.difference (territory_id, batch, n, difference)
			SELECT $1, $2, $3 + n, difference FROM unnest($4::jsonb[]) WITH ORDINALITY AS d (difference, n)`, s.t.ID, s.id, first, page)
		return err
	})
}

// pageRows is how many rows are sent with one statement.
const pageRows = 10_000

// inPages gives a list in pages that are small enough for one statement each,
// with the number of entries before each.
func inPages[T any](list []T, fn func(first int, page []T) error) error {
	first := 0
	for page := range slices.Chunk(list, pageRows) {
		if err := fn(first, page); err != nil {
			return err
		}
		first += len(page)
	}
	return nil
}
