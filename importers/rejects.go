package importers

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers/export"
	"unigrid/importers/geojson"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/source/scratch"
	"unigrid/importers/table"
)

// reasonColumn says in a file of rejects why a row stayed out.
const reasonColumn = "原因"

// reject is a row that stayed out.
type reject struct {
	row    int
	values map[string]string
	shape  geom.T // in the file's coordinates, or EPSG:4326 for GeoJSON; or nil
	reason string
}

//go:embed rejects.sql
var rejectsSQL string

// WriteRejects writes the rows that errors stand against, as they were sent and
// with the reasons in a last column, in the format of the file: CSV, workbook,
// GeoJSON or a zipped shapefile, and GeoJSON for any other. Mended, the file
// can be imported again; its coordinates are the file's own, exchanged
// where they were, GeoJSON's EPSG:4326. Rows that couldn't be read at all are only in the report. The
// reasons are in lang, "zh" or "en", or without one in the language of the
// file's headings. It gives the name for the file; a NotFound error when no row was rejected.
func WriteRejects(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, lang string, w io.Writer) (filename string, err error) {
	i, err := Find(ctx, tx, t, id)
	if err != nil {
		return "", err
	}
	format := rejectsFormat(i)
	rows, err := tx.Query(ctx, rejectsSQL, t.ID, id, format == "geojson", inChinese(i, lang))
	if err != nil {
		return "", err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (reject, error) {
		var r reject
		var raw []byte
		err := row.Scan(&r.row, &r.values, &raw, &r.reason)
		if err == nil && raw != nil {
			r.shape, err = ewkb.Unmarshal(raw)
		}
		if i.Request.Source.Swap && format != "geojson" {
			source.Exchange(r.shape)
		}
		return r, err
	})
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", grids.Errorf(grids.NotFound, "rejects", "导入 %d 没有留下可写出的退回行", "import %d has no rejected rows that are kept", id)
	}
	stem := strings.TrimSuffix(i.File, filepath.Ext(i.File)) + "-rejects"
	switch format {
	case "csv":
		return stem + ".csv", rejectsCSV(w, i, list)
	case "xlsx":
		return stem + ".xlsx", rejectsXLSX(w, i, list)
	case "shp":
		return stem + ".zip", rejectsShapefile(w, stem, i, list)
	}
	return stem + ".geojson", rejectsGeoJSON(w, i, list)
}

// inChinese tells whether reasons are in Chinese: as is asked for, else as the
// file's headings are.
func inChinese(i Import, lang string) bool {
	if lang != "" {
		return lang == "zh"
	}
	return strings.ContainsFunc(strings.Join(i.Source.Headings(), ""), func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// rejectsFormat is the format of a file's rejects.
func rejectsFormat(i Import) string {
	format := strings.ToLower(i.Source.Format + " " + filepath.Ext(i.File))
	switch {
	case strings.Contains(format, "shapefile"), strings.Contains(format, "shp"), strings.Contains(format, "dbf"):
		if i.Source.Geometry == "none" {
			return "csv"
		}
		if i.Source.Geometry != "mixed" {
			return "shp"
		}
	case strings.Contains(format, "csv"), strings.Contains(format, ".txt"), strings.Contains(format, ".tsv"):
		return "csv"
	case strings.Contains(format, "xls"), i.Source.Geometry == "none":
		return "xlsx"
	}
	return "geojson"
}

// rejectFields are the file's columns and the reason's, which replaces one that
// the file had already.
func rejectFields(i Import) []source.Field {
	var fields []source.Field
	for _, c := range i.Source.Columns {
		if c.Name != reasonColumn {
			fields = append(fields, source.Field{Name: c.Name, Type: source.TypeNamed(c.Type)})
		}
	}
	return append(fields, source.Field{Name: reasonColumn})
}

func (r reject) value(field string) string {
	if field == reasonColumn {
		return r.reason
	}
	return r.values[field]
}

func rejectsCSV(w io.Writer, i Import, list []reject) error {
	fields := rejectFields(i)
	o := table.WriterOptions{Fields: fields, KeepFormulas: true}
	if i.Source.Geometry != "none" && !i.Source.Placed {
		o.Shape = table.WKTColumn
	}
	out, err := table.NewWriter(w, o)
	if err != nil {
		return err
	}
	values := make([]any, len(fields))
	for _, r := range list {
		for n, f := range fields {
			values[n] = r.value(f.Name)
		}
		if err := out.Write(r.shape, values); err != nil {
			return err
		}
	}
	return out.Flush()
}

// rejectsXLSX writes every value as text, so that no spreadsheet rounds a code.
func rejectsXLSX(w io.Writer, i Import, list []reject) error {
	fields := rejectFields(i)
	withShape := i.Source.Geometry != "none" && !i.Source.Placed
	for i := range fields {
		fields[i].Type = source.Text
	}
	if withShape {
		fields = append(fields, source.Field{Name: "WKT"})
	}
	book, err := table.NewBook(table.BookOptions{Fields: fields})
	if err != nil {
		return err
	}
	for _, r := range list {
		cells := make([]any, len(fields))
		for n, f := range fields {
			cells[n] = r.value(f.Name)
		}
		if shape := wktOf(r.shape); withShape && table.FitsCell(shape) {
			cells[len(cells)-1] = shape
		}
		if err := book.Write(cells); err != nil {
			return errors.Join(err, book.Discard())
		}
	}
	_, err = book.WriteTo(w)
	return err
}

func rejectsGeoJSON(w io.Writer, i Import, list []reject) error {
	fields := rejectFields(i)
	out, err := geojson.NewWriter(w, geojson.WriterOptions{Fields: fields})
	if err != nil {
		return err
	}
	values := make([]any, len(fields))
	for _, r := range list {
		for n, f := range fields {
			values[n] = r.value(f.Name)
		}
		if err := out.Write(r.shape, values); err != nil {
			return err
		}
	}
	return out.Close()
}

// rejectsShapefile writes a zipped shapefile in UTF-8, in the file's CRS.
func rejectsShapefile(w io.Writer, stem string, i Import, list []reject) (err error) {
	folder, err := scratch.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Remove()) }()
	base := filepath.Join(folder.Path, stem)
	if err := writeShapes(base, i, list); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder.Path)
	if err != nil {
		return err
	}
	names := make([]string, len(entries))
	for n, e := range entries {
		names[n] = e.Name()
	}
	return export.Pack(w, folder.Path, names)
}

func writeShapes(base string, i Import, list []reject) error {
	kind := map[string]shapefile.Kind{"point": shapefile.Points, "line": shapefile.Lines, "polygon": shapefile.Polygons}[i.Source.Geometry]
	for _, r := range list {
		if _, several := r.shape.(*geom.MultiPoint); several {
			kind = shapefile.MultiPoints
		}
	}
	fields := rejectFields(i)
	for n := range fields {
		fields[n] = fitting(fields[n], list)
	}
	o := shapefile.WriterOptions{Kind: kind, Fields: fields, EPSG: i.Source.EPSG}
	out, err := shapefile.Create(base, o)
	if err != nil {
		return err
	}
	for _, r := range list {
		values := make([]any, len(fields))
		for n, f := range fields {
			values[n] = f.Type.Value(r.value(f.Name))
			if text, is := values[n].(string); is {
				values[n] = cut(text, f.Length)
			}
		}
		if err := out.Write(r.shape, values); err != nil {
			return errors.Join(err, out.Close())
		}
	}
	return out.Close()
}

// fitting makes a field one that takes all its values: text where one of them
// isn't of the field's type, as long as the longest.
func fitting(f source.Field, list []reject) source.Field {
	const longest = 254
	for _, r := range list {
		text := r.value(f.Name)
		if _, is := f.Type.Value(text).(string); is && f.Type != source.Text {
			f.Type = source.Text
		}
		f.Length = max(f.Length, min(len(text), longest))
	}
	if f.Type != source.Text {
		f.Length = 0
	} else {
		f.Length = max(f.Length, 1)
	}
	return f
}

// cut shortens a text to bytes of UTF-8: only reasons and texts that no DBF
// can have held are so long.
func cut(text string, most int) string {
	for len(text) > most {
		runes := []rune(text)
		text = string(runes[:len(runes)-1])
	}
	return text
}
