package geopackage

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/twpayne/go-geom"
	encoding "github.com/twpayne/go-geom/encoding/wkb"
	"modernc.org/sqlite"

	"unigrid/importers/source"
)

// WriterOptions say what a new GeoPackage is to be.
type WriterOptions struct {
	Table       string // name of the one layer
	Title       string // of the layer, for people
	Description string
	Fields      []source.Field
	// Geometry is the type of all geometries as GeoPackage names it (POINT,
	// MULTIPOLYGON, …), GEOMETRY for several; "": a table of attributes alone.
	// A MULTI type takes single geometries, too.
	Geometry string
	EPSG     int
	WKT      string // definition of EPSG
}

// Writer writes a GeoPackage of one layer. Close must be called to complete it.
type Writer struct {
	db     *sql.DB
	tx     *sql.Tx
	insert *sql.Stmt
	o      WriterOptions
	bounds *geom.Bounds
	args   []any
	rows   int
}

// schema is what every GeoPackage has; the pragmas say in its header that it is
// one, of version 1.3.
const schema = `
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
`

// Create begins a GeoPackage at path, where there must be none.
func Create(path string, o WriterOptions) (*Writer, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// one writer on a new file: nothing of it is worth a journal
	connector, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: absolute}).String() + "?_pragma=journal_mode(off)&_pragma=synchronous(off)&_dqs=0")
	if err != nil {
		return nil, err
	}
	w := &Writer{db: sql.OpenDB(connector), o: o, bounds: geom.NewBounds(geom.XY)}
	w.db.SetMaxOpenConns(1)
	if err := w.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("geopackage: %w", err), w.db.Close())
	}
	return w, nil
}

func (w *Writer) begin() error {
	ctx := context.Background()
	if _, err := w.db.ExecContext(ctx, schema); err != nil {
		return err
	}
	var err error
	if w.tx, err = w.db.BeginTx(ctx, nil); err != nil {
		return err
	}
	name := w.free("fid", "ogc_fid", RowNumber)
	columns, marks, names := []string{quoted(name) + " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"}, []string{}, []string{}
	add := func(name, declared string) {
		columns, names, marks = append(columns, quoted(name)+" "+declared), append(names, quoted(name)), append(marks, "?")
	}
	kind := "attributes"
	var srs any
	if w.o.Geometry != "" {
		kind, srs = "features", w.o.EPSG
		add(w.shapeName(), w.o.Geometry)
	}
	for _, f := range w.o.Fields {
		add(f.Name, declared(f.Type))
	}
	if w.o.EPSG != 4326 && w.o.Geometry != "" {
		if _, err := w.tx.ExecContext(ctx, `INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, 'EPSG', ?, ?, NULL)`,
			fmt.Sprintf("EPSG:%d", w.o.EPSG), w.o.EPSG, w.o.EPSG, w.o.WKT); err != nil {
			return err
		}
	}
	if _, err := w.tx.ExecContext(ctx, "CREATE TABLE "+quoted(w.o.Table)+" ("+strings.Join(columns, ", ")+")"); err != nil {
		return err
	}
	if _, err := w.tx.ExecContext(ctx, `INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES (?, ?, ?, ?, ?)`,
		w.o.Table, kind, w.o.Title, w.o.Description, srs); err != nil {
		return err
	}
	if w.o.Geometry != "" {
		if _, err := w.tx.ExecContext(ctx, `INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)`, w.o.Table, w.shapeName(), w.o.Geometry, w.o.EPSG); err != nil {
			return err
		}
	}
	into := "INSERT INTO " + quoted(w.o.Table) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	if len(names) == 0 {
		into = "INSERT INTO " + quoted(w.o.Table) + " DEFAULT VALUES"
	}
	w.insert, err = w.tx.PrepareContext(ctx, into)
	return err
}

// shapeName is the name of the column of geometries.
func (w *Writer) shapeName() string { return w.free("geom", "geometry", "geometry_of_geopackage") }

// free gives the first name that no field has.
func (w *Writer) free(names ...string) string {
	for _, name := range names {
		taken := false
		for _, f := range w.o.Fields {
			taken = taken || strings.EqualFold(f.Name, name)
		}
		if !taken {
			return name
		}
	}
	return names[len(names)-1]
}

func declared(t source.Type) string {
	switch t {
	case source.Integer:
		return "INTEGER"
	case source.Float:
		return "REAL"
	case source.Boolean:
		return "BOOLEAN"
	case source.Date:
		return "DATE"
	}
	return "TEXT"
}

// Write appends a row; the values are aligned with the fields.
func (w *Writer) Write(g geom.T, values []any) error {
	if len(values) != len(w.o.Fields) {
		return fmt.Errorf("geopackage: %d values for %d fields", len(values), len(w.o.Fields))
	}
	w.rows++
	w.args = w.args[:0]
	if w.o.Geometry != "" {
		blob, err := w.blob(g)
		if err != nil {
			return fmt.Errorf("geopackage: row %d: %w", w.rows, err)
		}
		w.args = append(w.args, blob)
	}
	for i, v := range values {
		if at, is := v.(time.Time); is {
			v = at.Format(time.DateOnly)
			if w.o.Fields[i].Type != source.Date {
				v = at.Format(time.RFC3339)
			}
		}
		w.args = append(w.args, v)
	}
	if _, err := w.insert.ExecContext(context.Background(), w.args...); err != nil {
		return fmt.Errorf("geopackage: row %d: %w", w.rows, err)
	}
	return nil
}

// blob encodes a geometry as a GeoPackage keeps it, nil for none.
func (w *Writer) blob(g geom.T) (any, error) {
	if g == nil {
		return nil, nil
	}
	if strings.HasPrefix(w.o.Geometry, "MULTI") {
		g = several(g)
	}
	raw, err := encoding.Marshal(g, encoding.NDR)
	if err != nil {
		return nil, err
	}
	const littleEndian, envelopeXY, empty = 1, 1 << 1, 1 << 4
	head := binary.LittleEndian.AppendUint32([]byte{'G', 'P', 0, littleEndian}, uint32(w.o.EPSG))
	switch g.(type) {
	case *geom.Point:
		if g.Empty() {
			head[3] |= empty
		} else {
			w.bounds.Extend(g)
		}
	default:
		if g.Empty() {
			head[3] |= empty
			break
		}
		w.bounds.Extend(g)
		head[3] |= envelopeXY
		box := g.Bounds()
		for _, v := range []float64{box.Min(0), box.Max(0), box.Min(1), box.Max(1)} {
			head = binary.LittleEndian.AppendUint64(head, math.Float64bits(v))
		}
	}
	return append(head, raw...), nil
}

// several makes a geometry of a multi kind of a single one.
func several(g geom.T) geom.T {
	switch g := g.(type) {
	case *geom.Point:
		return geom.NewMultiPointFlat(geom.XY, g.FlatCoords())
	case *geom.LineString:
		return geom.NewMultiLineStringFlat(geom.XY, g.FlatCoords(), []int{len(g.FlatCoords())})
	case *geom.Polygon:
		return geom.NewMultiPolygonFlat(geom.XY, g.FlatCoords(), [][]int{g.Ends()})
	}
	return g
}

// Close completes the file.
func (w *Writer) Close() error {
	err := func() error {
		if w.bounds.Min(0) <= w.bounds.Max(0) {
			if _, err := w.tx.ExecContext(context.Background(), `UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?`,
				w.bounds.Min(0), w.bounds.Min(1), w.bounds.Max(0), w.bounds.Max(1)); err != nil {
				return err
			}
		}
		return errors.Join(w.insert.Close(), w.tx.Commit())
	}()
	return errors.Join(err, w.db.Close())
}
