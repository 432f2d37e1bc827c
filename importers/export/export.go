package export

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/importers/source"
)

// Result says what was written.
type Result struct {
	Title string       `json:"title"` // of the file, without an ending
	Files []string     `json:"files"` // in the folder, the main one first
	Rows  int          `json:"rows"`
	At    time.Time    `json:"at"`
	Notes []grids.Text `json:"notes"` // what the format could not take, which names were changed
}

// Progress tells how far an export has come: rows looked at, then rows written.
type Progress func(stage string, rows, of int)

// writer writes the rows of a file.
type writer interface {
	Write(g geom.T, values []any) error
	Close() error // completes the file; nothing more is written
}

// Write writes what a request asks for into a folder, as files of the name stem
// ("": the title). now is what "now" stands for. tx is to be one that sees one
// state of the database. A character that the encoding lacks is a *LackingError.
// After an error the folder may hold incomplete files.
func Write(ctx context.Context, tx pgx.Tx, t cells.Territory, request Request, now time.Time, folder, stem string, progress Progress) (Result, error) {
	s, err := settle(ctx, tx, t, request, now)
	if err != nil {
		return Result{}, err
	}
	r := reading{settled: s, tx: tx}
	if r.table, err = s.def.Table(ctx, tx, s.query, collections.Shape{EPSG: s.EPSG, Original: s.Original}); err != nil {
		return Result{}, err
	}
	if progress == nil {
		progress = func(string, int, int) {}
	}
	if err := r.survey(ctx, func(rows int) { progress("reading", rows, 0) }); err != nil {
		return Result{}, err
	}
	if r.unsent > 0 {
		r.note("%d 个要素没有导入时的几何,用的是现在的几何", "%d features were not imported, or what was sent for them isn't for you to see: they have their present geometry", r.unsent)
	}
	f := file{reading: &r, territory: t, folder: folder, stem: stem}
	if f.stem == "" {
		f.stem = s.title(t)
	}
	if err := f.write(ctx, progress); err != nil {
		return Result{}, err
	}
	return Result{Title: s.title(t), Files: f.names, Rows: r.rows, At: s.at, Notes: r.notes}, nil
}

// file is what is being written.
type file struct {
	*reading
	territory cells.Territory
	folder    string
	stem      string
	names     []string // that were written
}

// create begins one file of the folder.
func (f *file) create(ending string) (*os.File, error) {
	name := f.stem + ending
	f.names = append(f.names, name)
	return os.Create(filepath.Join(f.folder, name))
}

func (f *file) write(ctx context.Context, progress Progress) error {
	w, err := f.begin()
	if err != nil {
		return err
	}
	values := make([]any, len(f.columns))
	n := 0
	err = f.table.Each(ctx, func(row collections.Row) error {
		if n++; n%1000 == 0 {
			progress("writing", n, f.rows)
		}
		if err := f.line(row, values); err != nil {
			return err
		}
		shape, err := shapeOf(row.Shape)
		if err != nil {
			return fmt.Errorf("%s: %w", row.ID, err)
		}
		return explain(w.Write(shape, values), row.ID)
	})
	return errors.Join(err, w.Close())
}

// explain makes of a value that a format refuses an error for a person.
func explain(err error, id string) error {
	var bad *source.RowError
	if !errors.As(err, &bad) {
		return err
	}
	e := grids.Errorf(grids.Invalid, "format", "第 %d 行(%s)不能写入这种格式:%s", "row %d (%s) can't be written in this format: %s", bad.Row, id, bad.Why)
	e.Value = bad.Value
	return e.Fix("改用 gpkg 或 geojson", "take gpkg or geojson")
}

func shapeOf(raw []byte) (geom.T, error) {
	if raw == nil {
		return nil, nil
	}
	return ewkb.Unmarshal(raw)
}

// The kinds of geometry.
const (
	points, manyPoints, lines, polygons = "point", "multipoint", "line", "polygon"
)

// wkbKinds are the kinds by the numbers that well-known binary has for them.
var wkbKinds = map[uint32]string{1: points, 2: lines, 3: polygons, 4: manyPoints, 5: lines, 6: polygons}

// wkbNames are the types by the same numbers, as GeoPackage names them.
var wkbNames = map[uint32]string{1: "POINT", 2: "LINESTRING", 3: "POLYGON", 4: "MULTIPOINT", 5: "MULTILINESTRING", 6: "MULTIPOLYGON"}

// numberOf reads the number of an EWKB geometry's type.
func numberOf(raw []byte) (uint32, error) {
	if len(raw) < 5 {
		return 0, errors.New("geometry from the database is cut off")
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if raw[0] == 0 {
		order = binary.BigEndian
	}
	return order.Uint32(raw[1:]) & 0xff, nil
}

// fields are the columns as the writers know them.
func (f *file) fields() []source.Field {
	fields := make([]source.Field, len(f.columns))
	for i, c := range f.columns {
		fields[i] = c.field
	}
	return fields
}

func (f *file) begin() (writer, error) {
	switch f.Format {
	case Shapefile:
		return f.beginShapefile()
	case GeoJSON:
		return f.beginGeoJSON()
	case GeoPackage:
		return f.beginGeoPackage()
	case CSV:
		return f.beginCSV()
	case XLSX:
		return f.beginXLSX()
	}
	return nil, fmt.Errorf("format %q can't be written", f.Format)
}

// marks are what every file says of itself, as far as its format has a place
// for it.
func (f *file) marks() grids.Text {
	m := grids.Disclaimer
	if f.territory.Demo {
		m = grids.Text{ZH: grids.DemoMark.ZH + " · " + m.ZH, EN: grids.DemoMark.EN + " · " + m.EN}
	}
	return m
}

// about is what a reader of the file should know, in lines.
func (f *file) about() []string {
	marks := f.marks()
	lines := []string{
		f.title(f.territory), marks.ZH, marks.EN,
		fmt.Sprintf("时刻 as of: %s; 版本 edition: %d", f.at.UTC().Format(time.RFC3339), f.query.Scope.Last),
		fmt.Sprintf("坐标系 CRS: EPSG:%d %s; 编码 encoding: %s; 行数 rows: %d", f.EPSG, crs.Name(f.EPSG), f.encoding.Name(), f.rows),
	}
	for _, n := range f.notes {
		lines = append(lines, n.ZH, n.EN)
	}
	return lines
}
