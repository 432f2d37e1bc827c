// Package geopackage reads the layers of GeoPackages row by row, without GDAL.
//
// A file is never trusted: see connect.
package geopackage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// Reader reads one layer of a GeoPackage in the order of its row numbers. It
// is a source.Source.
type Reader struct {
	db         *database
	layer      layer
	fields     []source.Field
	epsg       int
	definition string
	how        grids.Text
	choice     charset.Choice
	rows       *sql.Rows
	stop       context.CancelFunc
	values     []any // of the statement: row number, geometry if there is one, fields
	scan       []any
	row        int
	last       int64 // row number of the record before
	first      int64
	greatest   int64
	read       int64 // bytes
	ended      bool
	closed     bool
	tally      source.Tally
}

// Open opens the layer that options name, or the only one. The error is a
// *source.ManyLayersError where there are several.
func Open(path string, options source.Options) (*Reader, error) {
	r := &Reader{}
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	db, err := connect(ctx, path)
	if err == nil {
		r.db = db
		if err = r.begin(ctx, options); err != nil {
			err = errors.Join(err, db.close())
		}
	}
	if many := (*source.ManyLayersError)(nil); errors.As(err, &many) {
		return nil, err // it names the file
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), damaged(err))
	}
	return r, nil
}

func (r *Reader) begin(ctx context.Context, options source.Options) error {
	layers, err := r.db.layers(ctx)
	if err != nil {
		return err
	}
	if r.layer, err = r.db.choose(layers, options.Layer); err != nil {
		return err
	}
	if r.epsg, r.how, r.definition, err = r.db.crsOf(ctx, r.layer, options.EPSG); err != nil {
		return err
	}
	r.choice = charset.Choice{Encoding: charset.UTF8(), How: grids.Text{ZH: "GeoPackage 用 Unicode", EN: "GeoPackages are in Unicode"}}
	if options.Encoding != "" {
		e, err := charset.Lookup(options.Encoding)
		if err != nil {
			return err
		}
		r.choice = charset.Choice{Encoding: e, How: source.ByUser}
	}
	columns, err := r.db.columns(ctx, r.layer.table)
	if err != nil {
		return err
	}
	return r.query(columns)
}

// query begins to read the table. It outlives the time that opening may take.
func (r *Reader) query(columns []column) error {
	rowNumber, err := rowNumberOf(columns)
	if err != nil {
		return err
	}
	selected := []string{rowNumber}
	if r.layer.geometry != "" {
		if !slices.ContainsFunc(columns, func(c column) bool { return strings.EqualFold(c.name, r.layer.geometry) }) {
			return source.Fault("图层 %s 缺少几何列 %s", "layer %s lacks its geometry column %s", r.layer.table, r.layer.geometry)
		}
		selected = append(selected, quoted(r.layer.geometry))
	}
	for _, c := range columns {
		t, ok := typeOf(c.declared)
		switch {
		case strings.EqualFold(c.name, r.layer.geometry), c.primary && numbersOnly(c.name):
			continue
		case !ok:
			r.tally.Add(source.FieldSkipped, grids.Textf("列 %s(%s)未读取", "column %s (%s) is not read", c.name, c.declared))
			continue
		}
		selected = append(selected, quoted(c.name))
		r.fields = append(r.fields, source.Field{Name: strings.ToValidUTF8(c.name, "\uFFFD"), Type: t})
	}
	table := quoted(r.layer.table)
	ctx, stop := context.WithCancel(context.Background())
	bounds := fmt.Sprintf("select coalesce((select min(%[1]s) from %[2]s), 0), coalesce((select max(%[1]s) from %[2]s), 0)", rowNumber, table)
	if err := r.db.conn.QueryRowContext(ctx, bounds).Scan(&r.first, &r.greatest); err != nil {
		stop()
		return err
	}
	rows, err := r.db.conn.QueryContext(ctx, "select "+strings.Join(selected, ", ")+" from "+table+" not indexed")
	if err != nil {
		stop()
		return err
	}
	r.rows, r.stop = rows, stop
	r.values = make([]any, len(selected))
	r.scan = make([]any, len(selected))
	for i := range r.values {
		r.scan[i] = &r.values[i]
	}
	return nil
}

// RowNumber is the name of a primary key that is never an attribute, for
// whoever makes a GeoPackage to be read here.
const RowNumber = "row_number_of_geopackage"

// numbersOnly says whether a primary key is a number that no person gave.
func numbersOnly(name string) bool {
	return strings.EqualFold(name, "fid") || strings.EqualFold(name, "ogc_fid") || name == RowNumber
}

// rowNumberOf is the name of SQLite's own row number that no column takes.
func rowNumberOf(columns []column) (string, error) {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !slices.ContainsFunc(columns, func(c column) bool { return strings.EqualFold(c.name, name) }) {
			return name, nil
		}
	}
	return "", source.Fault("表中 rowid、_rowid_、oid 三列都有,无法编号", "a table with columns rowid, _rowid_ and oid")
}

// quoted is a name as SQL takes any name.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Name is the layer's table.
func (r *Reader) Name() string { return r.layer.table }

// Fields are the columns, without the geometry and a row number named fid.
func (r *Reader) Fields() []source.Field { return slices.Clone(r.fields) }

// CRS is the layer's EPSG code by gpkg_spatial_ref_sys, or the user's.
func (r *Reader) CRS() (epsg int, how grids.Text) { return r.epsg, r.how }

// Definition is the layer's coordinate system as WKT, where the file gives it no
// code.
func (r *Reader) Definition() string { return r.definition }

// Encoding is UTF-8; the user's word counts for texts that are not.
func (r *Reader) Encoding() (name string, how grids.Text) { return r.choice.Name(), r.choice.How }

// Notes are remarks about the layer.
func (r *Reader) Notes() []source.Note { return r.tally.Notes() }

// Progress is how many of the file's bytes are read, by the row number.
func (r *Reader) Progress() (done, total int64) {
	switch span := float64(r.greatest) - float64(r.first); {
	case r.ended:
		return r.db.size, r.db.size
	case r.row == 0 || span <= 0:
		return 0, r.db.size
	default:
		return int64((float64(r.last) - float64(r.first)) / span * float64(r.db.size)), r.db.size
	}
}

// Close closes the file.
func (r *Reader) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.stop()
	return errors.Join(r.rows.Close(), r.db.close())
}

// Next returns the next row. Row counts them from 1.
func (r *Reader) Next() (source.Record, error) {
	if r.ended {
		return source.Record{}, io.EOF
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return source.Record{}, fmt.Errorf("%s, layer %s, after row %d: %w", r.db.file, r.layer.table, r.row, damaged(err))
		}
		r.ended = true
		return source.Record{}, io.EOF
	}
	if err := r.rows.Scan(r.scan...); err != nil {
		return source.Record{}, fmt.Errorf("%s, layer %s, after row %d: %w", r.db.file, r.layer.table, r.row, damaged(err))
	}
	if err := r.believable(); err != nil {
		return source.Record{}, fmt.Errorf("%s, layer %s, after row %d: %w", r.db.file, r.layer.table, r.row, damaged(err))
	}
	r.row++
	record := source.Record{Row: r.row, Values: make([]any, len(r.fields))}
	values := r.values[1:]
	if r.layer.geometry != "" {
		r.geometry(&record, values[0])
		values = values[1:]
	}
	for i, v := range values {
		r.value(&record, i, v)
	}
	return record, nil
}

// believable refuses a damaged or malicious file whose pages point at each
// other: its row numbers don't rise, or it has more to say than its size allows.
func (r *Reader) believable() error {
	number, ok := r.values[0].(int64)
	if !ok || r.row > 0 && number <= r.last {
		return grids.Errorf(grids.Invalid, "file", "文件已损坏：各行次序错乱", "the file is damaged: its rows are out of order")
	}
	r.last = number
	for _, v := range r.values {
		switch v := v.(type) {
		case []byte:
			r.read += int64(len(v))
		case string:
			r.read += int64(len(v))
		}
	}
	if r.read > 2*r.db.size {
		return grids.Errorf(grids.Invalid, "file", "文件已损坏：各行之和超过文件大小", "the file is damaged: its rows hold more than the file")
	}
	return nil
}

var _ source.Source = (*Reader)(nil)
