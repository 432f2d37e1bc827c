package collections

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Shape says which geometry the rows of a table have, and in which system.
type Shape struct {
	EPSG     int
	Original bool // the one that the file had, wherever one was sent
}

// Row is one feature as a table has it. Its members are valid until the callback
// returns.
type Row struct {
	ID     string
	Values [][]byte // as text, aligned with the Def's Properties; nil: null
	Shape  []byte   // EWKB; nil: none
	Sent   json.RawMessage
	AsSent bool  // Shape is what was sent
	Batch  int64 // of Sent; 0: nothing was sent for it, or the principal may not see it
}

// Table is the answer to a Query as rows, read as often as wanted: one query,
// whose rows PostgreSQL keeps. The query's After and Limit don't count.
type Table struct {
	def *Def
	tx  pgx.Tx
}

// tableCursor is the one cursor of a transaction that reads a table.
const tableCursor = "collection_table"

// fetched is how many rows come at a time.
const fetched = 500

// Table runs a query. There can be one Table in a transaction; it ends with it.
func (d *Def) Table(ctx context.Context, tx pgx.Tx, q Query, shape Shape) (*Table, error) {
	q.After = ""
	where, args, err := d.where(q)
	if err != nil {
		return nil, err
	}
	with := d.With
	if with != "" {
		with = "," + with
	}
	args = append(args, shape.EPSG)
	var sql strings.Builder
	fmt.Fprintf(&sql, `DECLARE %s SCROLL CURSOR FOR
%s, page AS MATERIALIZED (SELECT row_number() OVER (ORDER BY %s %s) AS n, f.*, %s AS at FROM %s%s)%s
SELECT (%s)::text, ST_AsEWKB(ST_Transform(%s, $%d::int)), `,
		tableCursor, given, d.Key, d.Order, at, d.rows(q.Scope, where), where, with, d.FeatureID, d.shape(shape), len(args))
	if d.Sent == "" {
		sql.WriteString(`NULL::text, '0', 'false'`)
	} else {
		fmt.Fprintf(&sql, `sent.attributes::text, coalesce(sent.batch, 0)::text, (%s)::text`, d.asSent(shape))
	}
	for _, p := range d.Properties {
		sql.WriteString(",\n  " + p.cell())
	}
	fmt.Fprintf(&sql, "\nFROM page f %s %s\nORDER BY f.n", d.Details, d.Sent)
	// All rows are wanted, so the plan is for all.
	if _, err := tx.Exec(ctx, `SET LOCAL cursor_tuple_fraction = 1`); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, sql.String(), args...); err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.ID, err)
	}
	return &Table{d, tx}, nil
}

// shape is the expression of a row's geometry: as it was sent, where that is
// asked for or is the feature's own still; else the present one, whose outer
// rings run counterclockwise.
func (d *Def) shape(s Shape) string {
	switch {
	case d.Place == "":
		return `NULL::geometry`
	case d.Sent == "":
		return `ST_ForcePolygonCCW(f.geom)`
	default:
		return `CASE WHEN ` + d.asSent(s) + ` THEN sent.geom ELSE ST_ForcePolygonCCW(f.geom) END`
	}
}

// asSent is the condition on which a row has the geometry that was sent.
func (d *Def) asSent(s Shape) string {
	if s.Original {
		return `sent.geom IS NOT NULL`
	}
	return `coalesce(sent.as_sent AND sent.geom IS NOT NULL, false)`
}

// cell is the expression of a property's value as plain text. An Instant has
// up to six digits of a second.
func (p Property) cell() string {
	if p.Type == Instant {
		return `CASE WHEN isfinite(` + p.SQL + `) THEN rtrim(rtrim(to_char((` + p.SQL + `) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z' END`
	}
	return `(` + p.SQL + `)::text`
}

// Each calls each for every row, in order of the collection's key, from the
// first.
func (t *Table) Each(ctx context.Context, each func(Row) error) error {
	if _, err := t.tx.Exec(ctx, `MOVE ABSOLUTE 0 `+tableCursor); err != nil {
		return fmt.Errorf("reading %s: %w", t.def.ID, err)
	}
	for more := true; more; {
		// described anew: the cursor of a table before had other columns
		rows, err := t.tx.Query(ctx, fmt.Sprintf(`FETCH %d FROM %s`, fetched, tableCursor), pgx.QueryExecModeDescribeExec)
		if err != nil {
			return fmt.Errorf("reading %s: %w", t.def.ID, err)
		}
		n := 0
		for rows.Next() {
			n++
			values := rows.RawValues()
			row := Row{ID: string(values[0]), Shape: values[1], Sent: json.RawMessage(values[2]), AsSent: string(values[4]) == "true", Values: values[5:]}
			row.Batch, err = strconv.ParseInt(string(values[3]), 10, 64)
			if err == nil {
				err = each(row)
			}
			if err != nil {
				rows.Close()
				return err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return fmt.Errorf("reading %s: %w", t.def.ID, err)
		}
		more = n == fetched
	}
	return nil
}
