package importers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers/source"
)

// stage copies the file's rows into staging, in the file's coordinates, and
// settles which column feeds which field.
func stage(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, r Request, file source.Source, who grids.Principal, report *Report) error {
	report.EPSG, report.CRS = file.CRS()
	report.Encoding, _ = file.Encoding()
	if _, err := tx.Exec(ctx, `INSERT INTO staging.batch (territory_id, id, target, file, epsg, encoding, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, batch, r.Target, report.File, report.EPSG, report.Encoding, who.Name); err != nil {
		return err
	}
	rows := &stagedRows{territory: t, batch: batch, file: file, report: report}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"staging", "row"}, []string{"territory_id", "batch", "row", "attributes", "geom"}, rows); err != nil {
		return err
	}
	for _, note := range file.Notes() {
		report.Findings = append(report.Findings, grids.Finding{Check: "import", Kind: string(note.Kind), Severity: grids.SeverityWarning, Message: note.Why})
	}
	if report.Rows == 0 {
		return grids.Errorf(grids.Invalid, "file", "%s 中没有记录", "%s has no rows", report.File)
	}
	if rows.geometries > 0 && report.EPSG == 0 {
		return grids.Errorf(grids.Invalid, "crs", "%s 的坐标系未知(%s)", "the coordinate system of %s is unknown (%s)", report.File, report.CRS).
			Fix("用 --crs 指明,如 --crs EPSG:4547", "name it with --crs, such as --crs EPSG:4547")
	}
	columns := make([]string, len(file.Fields()))
	for i, f := range file.Fields() {
		columns[i] = f.Name
	}
	given := r.Map
	if r.Target == Cells {
		var err error
		if given, err = codeColumns(ctx, tx, t, batch, r.Tier, columns, given); err != nil {
			return err
		}
	}
	m, err := propose(r.Target, columns, given)
	report.Mapping = m
	return err
}

// stagedRows is a source as COPY reads it.
type stagedRows struct {
	territory  cells.Territory
	batch      int64
	file       source.Source
	report     *Report
	record     source.Record
	err        error
	geometries int
}

func (s *stagedRows) Next() bool {
	for {
		record, err := s.file.Next()
		var unread *source.RowError
		switch {
		case errors.Is(err, io.EOF):
			return false
		case errors.As(err, &unread):
			s.report.Rows++
			s.report.Rejected++
			s.found(grids.SeverityError, unread)
			continue
		case err != nil:
			s.err = err
			return false
		}
		for _, f := range record.Findings {
			s.found(grids.SeverityWarning, f)
		}
		s.report.Rows++
		s.record = record
		return true
	}
}

func (s *stagedRows) found(severity grids.Severity, e *source.RowError) {
	s.report.Findings = append(s.report.Findings, grids.Finding{Check: "import", Kind: string(e.Kind), Severity: severity,
		Row: e.Row, Field: e.Field, Value: e.Value, Message: e.Why})
}

func (s *stagedRows) Values() ([]any, error) {
	fields := s.file.Fields()
	attributes := make(map[string]any, len(fields))
	for i, value := range s.record.Values {
		if i >= len(fields) {
			break
		}
		attributes[fields[i].Name] = plainText(value)
	}
	encoded, err := json.Marshal(attributes)
	if err != nil {
		return nil, err
	}
	var shape []byte
	if g := source.Mend(s.record.Geometry); g != nil {
		if shape, err = encode(g, s.report.EPSG); err != nil {
			return nil, fmt.Errorf("row %d: %w", s.record.Row, err)
		}
		s.geometries++
	}
	return []any{s.territory.ID, s.batch, s.record.Row, encoded, shape}, nil
}

func (s *stagedRows) Err() error { return s.err }

// encode gives EWKB. A geometry of unknown CRS is staged without one and is
// refused once all rows are read.
func encode(g geom.T, epsg int) ([]byte, error) {
	g, err := geom.SetSRID(g, epsg)
	if err != nil {
		return nil, err
	}
	return ewkb.Marshal(g, ewkb.NDR)
}

// plainText gives a value as people write it, "" for none. PostgreSQL has no
// NUL in text.
func plainText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(strings.ReplaceAll(v, "\x00", ""))
	case time.Time:
		return v.Format(time.RFC3339)
	case float64:
		if v == float64(int64(v)) {
			return fmt.Sprint(int64(v))
		}
	}
	return fmt.Sprint(value)
}

// codeColumns proposes, where several columns look like codes (a village file
// that names county and town too), the one whose values are all distinct codes
// of the tier, and the name column that goes with it.
func codeColumns(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, tier grids.Tier, columns []string, given map[string]string) (map[string]string, error) {
	out := maps.Clone(given)
	if out == nil {
		out = map[string]string{}
	}
	if out["code"] != "" {
		return out, nil
	}
	for _, column := range columns {
		fits, err := distinctCodes(ctx, tx, t, batch, tier, column)
		if err != nil {
			return nil, err
		}
		if !fits {
			continue
		}
		out["code"] = column
		if stem, ok := strings.CutSuffix(strings.ToUpper(column), "CODE"); ok && out["name"] == "" {
			for _, other := range columns {
				if strings.ToUpper(other) == stem+"NAME" {
					out["name"] = other
				}
			}
		}
		break
	}
	return out, nil
}

// distinctCodes tells whether a staged column holds a code of the tier in every
// row, and none twice.
func distinctCodes(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, tier grids.Tier, column string) (bool, error) {
	rows, err := tx.Query(ctx, `SELECT coalesce(attributes ->> $3, '') FROM staging.row WHERE territory_id = $1 AND batch = $2`, t.ID, batch, column)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	seen := map[grids.Code]bool{}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return false, err
		}
		code, err := t.Scheme.Parse(text, tier)
		if err != nil || seen[code] {
			return false, nil
		}
		seen[code] = true
	}
	return len(seen) > 0, rows.Err()
}
