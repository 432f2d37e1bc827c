package importers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"unigrid/grids"
	"unigrid/grids/cells"
)

const selectImport = `
	SELECT id, file, state, request, coalesce(upload, ''), source, mapping, report, error, progress,
	       created_at, applied_at, undone_at, expires_at, created_by
	FROM staging.batch WHERE territory_id = $1 `

// Find gives one import; a NotFound error when there is none.
func Find(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64) (Import, error) {
	rows, err := tx.Query(ctx, selectImport+`AND id = $2`, t.ID, id)
	if err != nil {
		return Import{}, err
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanImport)
	if errors.Is(err, pgx.ErrNoRows) {
		return Import{}, grids.Errorf(grids.NotFound, "import", "没有编号为 %d 的导入", "there is no import %d", id)
	}
	return i, err
}

// List gives the newest imports, newest first.
func List(ctx context.Context, tx pgx.Tx, t cells.Territory, limit int) ([]Import, error) {
	rows, err := tx.Query(ctx, selectImport+`ORDER BY created_at DESC, id DESC LIMIT $2`, t.ID, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanImport)
}

func scanImport(row pgx.CollectableRow) (Import, error) {
	var i Import
	var upload string
	err := row.Scan(&i.ID, &i.File, &i.State, &i.Request, &upload, &i.Source, &i.Mapping, &i.Report, &i.Error, &i.Progress,
		&i.CreatedAt, &i.AppliedAt, &i.UndoneAt, &i.ExpiresAt, &i.CreatedBy)
	i.Request.Upload, i.Request.Name = upload, i.File
	return i, err
}

// rejected tells of a row r of staging whether an error stands against it.
const rejected = `EXISTS (SELECT FROM staging.finding f WHERE f.territory_id = r.territory_id AND f.batch = r.batch AND f.row = r.row AND f.severity = 'error')`

// Mask masks telephone and other personal numbers in the row's values.
func (r StagedRow) Mask() {
	for name, value := range r.Values {
		r.Values[name], _, _ = masked(value)
	}
}

// Rows gives rows as they were read, in the file's order, and how many there
// are.
func Rows(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, offset, limit int) ([]StagedRow, int, error) {
	var total int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM staging.row WHERE territory_id = $1 AND batch = $2`, t.ID, id).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := tx.Query(ctx, `
		SELECT row, attributes, `+rejected+` FROM staging.row r WHERE territory_id = $1 AND batch = $2
		ORDER BY row OFFSET $3 LIMIT $4`, t.ID, id, offset, limit)
	if err != nil {
		return nil, 0, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[StagedRow])
	return list, total, err
}

//go:embed features.sql
var featuresSQL string

// Features gives rows with a geometry, in EPSG:4326, those in bbox when it
// isn't nil, and whether there are more. Rows that an error stands against come
// first. A file of unknown coordinate system has none.
func Features(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, bbox *orb.Bound, limit int) ([]StagedFeature, bool, error) {
	i, err := Find(ctx, tx, t, id)
	if err != nil {
		return nil, false, err
	}
	if i.Source.EPSG == 0 {
		return []StagedFeature{}, false, nil
	}
	if bbox == nil {
		bbox = &orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	}
	rows, err := tx.Query(ctx, featuresSQL, t.ID, id, i.Mapping["name"], bbox.Min[0], bbox.Min[1], bbox.Max[0], bbox.Max[1], limit+1)
	if err != nil {
		return nil, false, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (StagedFeature, error) {
		var f StagedFeature
		var raw []byte
		if err := row.Scan(&f.Row, &f.Name, &raw, &f.Rejected); err != nil {
			return f, err
		}
		var err error
		if f.Geometry, _, err = ewkb.Unmarshal(raw); err != nil {
			return f, fmt.Errorf("row %d: %w", f.Row, err)
		}
		return f, nil
	})
	if err != nil {
		return nil, false, err
	}
	more := len(list) > limit
	return list[:min(limit, len(list))], more, nil
}

// Findings gives what reading and the last check or the applying had to say, in
// order, those of a severity and a kind when these aren't empty; how many there
// are; and how many of each kind there are of that severity.
func Findings(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, severity, kind string, offset, limit int) ([]grids.Finding, int, map[string]int, error) {
	rows, err := tx.Query(ctx, `
		SELECT kind, count(*) FROM staging.finding
		WHERE territory_id = $1 AND batch = $2 AND ($3 = '' OR severity = $3) GROUP BY kind`, t.ID, id, severity)
	if err != nil {
		return nil, 0, nil, err
	}
	kinds, total := map[string]int{}, 0
	var name string
	var count int
	if _, err := pgx.ForEachRow(rows, []any{&name, &count}, func() error {
		kinds[name] = count
		if kind == "" || kind == name {
			total += count
		}
		return nil
	}); err != nil {
		return nil, 0, nil, err
	}
	rows, err = tx.Query(ctx, `
		SELECT finding FROM staging.finding
		WHERE territory_id = $1 AND batch = $2 AND ($3 = '' OR severity = $3) AND ($4 = '' OR kind = $4)
		ORDER BY n OFFSET $5 LIMIT $6`, t.ID, id, severity, kind, offset, limit)
	if err != nil {
		return nil, 0, nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[grids.Finding])
	return list, total, kinds, err
}

// Differences gives what the last check said that applying would change, or
// applying has changed, and how many are kept.
func Differences(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, offset, limit int) ([]grids.Difference, int, error) {
	var total int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM staging.difference WHERE territory_id = $1 AND batch = $2`, t.ID, id).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := tx.Query(ctx, `
		SELECT difference FROM staging.difference WHERE territory_id = $1 AND batch = $2 ORDER BY n OFFSET $3 LIMIT $4`, t.ID, id, offset, limit)
	if err != nil {
		return nil, 0, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[grids.Difference])
	return list, total, err
}
