package export

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/wkt"

	"unigrid/geo/crs"
	"unigrid/importers/geopackage"
	"unigrid/importers/source"
	"unigrid/importers/table"
)

// Headings of the columns that hold geometry.
const (
	longitude, latitude = "经度", "纬度"
	wktHeading          = "WKT"
)

// arrangeShape says in which columns a table has the geometry: none where the
// file's own columns hold the same coordinates, longitude and latitude for
// points, else WKT.
func (r *reading) arrangeShape(ctx context.Context) error {
	if r.Format != CSV && r.Format != XLSX || len(r.numbers) == 0 {
		return nil
	}
	if len(r.kinds) > 1 || r.kinds[points] == 0 {
		r.shape = []source.Field{{Name: wktHeading}}
		return nil
	}
	placed, err := r.placed(ctx)
	if err != nil || placed {
		return err
	}
	if degrees, _ := crs.Geographic(r.EPSG); !degrees {
		r.shape = []source.Field{{Name: wktHeading}}
		return nil
	}
	r.shape = []source.Field{{Name: longitude, Type: source.Float}, {Name: latitude, Type: source.Float}}
	return nil
}

// placed tells whether all geometries are as they were sent, in the file's
// coordinate system, by files whose columns hold the coordinates, too.
func (r *reading) placed(ctx context.Context) (bool, error) {
	if r.places[0] > 0 {
		return false, nil
	}
	var all bool
	err := r.tx.QueryRow(ctx, `
		SELECT count(*) = cardinality($2::bigint[]) FROM staging.batch
		WHERE territory_id = $1 AND id = ANY ($2) AND (source ->> 'placed')::boolean AND epsg = $3`,
		r.query.Scope.Territory, slices.Collect(maps.Keys(r.places)), r.EPSG).Scan(&all)
	return all, err
}

// row adds the cells of the geometry to values. A geometry that a cell can't
// hold is left out and counted.
func (f *file) row(g geom.T, values []any) ([]any, error) {
	out := append(make([]any, 0, len(values)+len(f.shape)), values...)
	switch p, isPoint := g.(*geom.Point); {
	case len(f.shape) == 0:
	case g == nil || g.Empty():
		out = append(out, make([]any, len(f.shape))...)
	case len(f.shape) == 2 && isPoint:
		out = append(out, p.X(), p.Y())
	default:
		text, err := wkt.Marshal(g)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// csvFile is a CSV file.
type csvFile struct {
	of  *file
	out *os.File
	w   *table.Writer
}

func (f *file) beginCSV() (writer, error) {
	out, err := f.create(".csv")
	if err != nil {
		return nil, err
	}
	w, err := table.NewWriter(out, table.WriterOptions{Fields: slices.Concat(f.fields(), f.shape), Encoding: f.encoding.Name()})
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return csvFile{f, out, w}, nil
}

// Write writes a row.
func (c csvFile) Write(g geom.T, values []any) error {
	row, err := c.of.row(g, values)
	if err != nil {
		return err
	}
	return c.w.Write(nil, row)
}

// Close completes the file.
func (c csvFile) Close() error { return errors.Join(c.w.Flush(), c.out.Close()) }

// bookFile is a workbook.
type bookFile struct {
	of    *file
	w     *table.BookWriter
	row   int
	left  []string // rows whose geometry doesn't fit a cell
	short []string // texts that don't
}

func (f *file) beginXLSX() (writer, error) {
	w, err := table.NewBook(table.BookOptions{Sheet: f.def.Title.ZH, Title: f.title(f.territory), Fields: slices.Concat(f.fields(), f.shape)})
	if err != nil {
		return nil, err
	}
	return &bookFile{of: f, w: w}, nil
}

// Write writes a row. What is longer than a cell can be is left out, if it is a
// geometry, else cut, and listed.
func (b *bookFile) Write(g geom.T, values []any) error {
	row, err := b.of.row(g, values)
	if err != nil {
		return err
	}
	b.row++
	for i, v := range row {
		text, is := v.(string)
		switch {
		case !is || table.FitsCell(text):
		case i >= len(values):
			b.left = append(b.left, fmt.Sprint(b.row+1))
			row[i] = nil
		default:
			b.short = append(b.short, fmt.Sprintf("%d %s", b.row+1, b.of.columns[i].field.Name))
			for !table.FitsCell(text) {
				runes := []rune(text)
				text = string(runes[:len(runes)-1])
			}
			row[i] = text
		}
	}
	return b.w.Write(row)
}

// Close writes the file, with a sheet of what a reader should know.
func (b *bookFile) Close() error {
	f := b.of
	few := func(list []string) string { return strings.Join(list[:min(len(list), mostShortened)], ", ") }
	if len(b.left) > 0 {
		f.note("%d 行的几何超过单元格上限,未写入(行号:%s);需要界线请用 gpkg 或 shp", "the geometry of %d rows is longer than a cell can be and is left out (rows %s); for boundaries take gpkg or shp", len(b.left), few(b.left))
	}
	if len(b.short) > 0 {
		f.note("%d 个值超过单元格上限,已截短(行号 列):%s", "%d values are longer than a cell can be and were cut (row, column): %s", len(b.short), few(b.short))
	}
	if err := b.w.AddNotes("说明", f.about()); err != nil {
		return errors.Join(err, b.w.Discard())
	}
	out, err := f.create(".xlsx")
	if err != nil {
		return errors.Join(err, b.w.Discard())
	}
	_, err = b.w.WriteTo(out)
	return errors.Join(err, out.Close())
}

func (f *file) beginGeoPackage() (writer, error) {
	name := f.def.ID
	if f.Tier != 0 {
		name += fmt.Sprintf("_%d", f.Tier)
	}
	if f.Layer != "" {
		name += "_" + string(f.Layer)
	}
	o := geopackage.WriterOptions{
		Table: strings.ReplaceAll(name, "-", "_"), Title: f.title(f.territory), Description: strings.Join(f.about(), "\n"),
		Fields: f.fields(), Geometry: f.geometryName(), EPSG: f.EPSG, WKT: f.wkt,
	}
	f.names = append(f.names, f.stem+".gpkg")
	return geopackage.Create(filepath.Join(f.folder, f.stem+".gpkg"), o)
}

// geometryName is the type that all geometries have, of the multi kind where
// only some are; "" for a collection without any.
func (f *file) geometryName() string {
	numbers := slices.Sorted(maps.Keys(f.numbers))
	switch {
	case f.def.Geometry == "None":
		return ""
	case len(numbers) == 1 && wkbNames[numbers[0]] != "":
		return wkbNames[numbers[0]]
	case len(numbers) == 2 && numbers[1] == numbers[0]+3 && wkbNames[numbers[1]] != "":
		return wkbNames[numbers[1]]
	case len(numbers) == 0 && f.def.Geometry == "MultiPolygon":
		return wkbNames[6]
	}
	return "GEOMETRY"
}
