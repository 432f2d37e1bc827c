package importers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	u, err := understand(ctx, tx, t, batch, who, r, columns)
	if err != nil {
		return err
	}
	report.Mapping = u.mapping
	report.Findings = append(report.Findings, u.findings...)
	return nil
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
