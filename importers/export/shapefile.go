package export

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/twpayne/go-geom"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
)

// longestText is what a column of a DBF takes, in bytes.
const longestText = 254

// mostFields is how many columns a DBF has at most.
const mostFields = 255

// mostShortened is how many values that were cut the notes name.
const mostShortened = 100

// shapefiles are a shapefile for each kind of geometry that there is.
type shapefiles struct {
	of        *file
	byKind    map[string]*shapefile.Writer
	first     *shapefile.Writer // takes rows without a geometry
	fields    []source.Field
	encoding  charset.Encoding
	row       int
	shortened []string
	cut       int
}

// beginShapefile begins one shapefile, or one for each kind of geometry.
func (f *file) beginShapefile() (writer, error) {
	if len(f.columns) > mostFields {
		return nil, grids.Errorf(grids.Invalid, "format", "有 %d 列,shapefile 最多 %d 列", "there are %d columns; a shapefile takes %d", len(f.columns), mostFields).
			Fix("改用 gpkg", "take gpkg")
	}
	w := &shapefiles{of: f, byKind: map[string]*shapefile.Writer{}, fields: f.dbfFields(), encoding: f.encoding}
	wkt, ok := crs.WKT(f.EPSG)
	if !ok {
		wkt = f.wkt
	}
	kinds := f.shapeKinds()
	for _, kind := range kinds {
		stem := f.stem
		if len(kinds) > 1 {
			stem += "_" + kind
		}
		o := shapefile.WriterOptions{Kind: shapeKind(kind), Fields: w.fields, Encoding: f.encoding.Name(), WKT: wkt, Updated: f.at}
		out, err := shapefile.Create(filepath.Join(f.folder, stem), o)
		if err != nil {
			return nil, errors.Join(err, w.closeAll())
		}
		for _, ending := range []string{".shp", ".shx", ".dbf", ".prj", ".cpg"} {
			f.names = append(f.names, stem+ending)
		}
		w.byKind[kind] = out
		if w.first == nil {
			w.first = out
		}
	}
	f.noteNames(w.first.FieldNames())
	return w, nil
}

// shapeKinds lists the kinds of geometry, each a file: points are multipoints
// where one of them is.
func (f *file) shapeKinds() []string {
	var kinds []string
	for _, kind := range []string{polygons, lines, manyPoints, points} {
		if f.kinds[kind] > 0 && (kind != points || f.kinds[manyPoints] == 0) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) > 0 {
		return kinds
	}
	if f.def.Geometry == "MultiPolygon" {
		return []string{polygons}
	}
	return []string{points}
}

func shapeKind(kind string) shapefile.Kind {
	switch kind {
	case polygons:
		return shapefile.Polygons
	case lines:
		return shapefile.Lines
	case manyPoints:
		return shapefile.MultiPoints
	}
	return shapefile.Points
}

// dbfFields are the columns under their short names, as long as their longest
// values.
func (f *file) dbfFields() []source.Field {
	fields := f.fields()
	for i, c := range f.columns {
		if c.short != "" {
			fields[i].Name = c.short
		}
		if fields[i].Type == source.Text {
			fields[i].Length = min(max(c.seen.longest, 1), longestText)
		}
	}
	return fields
}

// noteNames says which columns have another name in the file.
func (f *file) noteNames(names []string) {
	var changed []string
	for i, c := range f.columns {
		if names[i] != c.field.Name {
			changed = append(changed, names[i]+" = "+c.field.Name)
		}
	}
	if len(changed) > 0 {
		f.note("字段名最长 10 字节,已缩短:%[1]s", "names of fields have at most ten bytes and were shortened: %[1]s", strings.Join(changed, ", "))
	}
}

// Write writes a row into the file of its kind of geometry. Texts that are too
// long for a DBF are cut between characters, and listed.
func (w *shapefiles) Write(g geom.T, values []any) error {
	w.row++
	for i, value := range values {
		text, is := value.(string)
		if !is || len(text) <= w.fields[i].Length {
			continue
		}
		if short := w.fitting(text, w.fields[i].Length); short != text {
			if w.cut++; w.cut <= mostShortened {
				w.shortened = append(w.shortened, fmt.Sprintf("%d %s", w.row, w.fields[i].Name))
			}
			values[i] = short
		}
	}
	return w.out(g).Write(g, values)
}

// out chooses the file for a geometry.
func (w *shapefiles) out(g geom.T) *shapefile.Writer {
	kind := ""
	switch g.(type) {
	case *geom.Polygon, *geom.MultiPolygon:
		kind = polygons
	case *geom.LineString, *geom.MultiLineString:
		kind = lines
	case *geom.Point, *geom.MultiPoint:
		kind = points
		if w.byKind[manyPoints] != nil {
			kind = manyPoints
		}
	}
	if out := w.byKind[kind]; out != nil {
		return out
	}
	return w.first
}

// fitting cuts a text to bytes of the encoding.
func (w *shapefiles) fitting(text string, most int) string {
	used := 0
	for at, r := range text {
		raw, err := w.encoding.Encode(string(r))
		if err != nil || used+len(raw) > most {
			return text[:at]
		}
		used += len(raw)
	}
	return text
}

// Close completes the files and writes what there is to say about them.
func (w *shapefiles) Close() error {
	if w.cut > 0 {
		w.of.note("%d 个值超过 254 字节,已截短(行号 字段):%s", "%d values of more than 254 bytes were cut (row, field): %s", w.cut, strings.Join(w.shortened, ", "))
	}
	return errors.Join(w.closeAll(), w.of.writeNotes())
}

func (w *shapefiles) closeAll() error {
	var all []error
	for _, out := range w.byKind {
		all = append(all, out.Close())
	}
	return errors.Join(all...)
}

// readme is the ending of the text that goes with a shapefile.
const readme = "_说明.txt"

// writeNotes writes what a reader of the files should know.
func (f *file) writeNotes() error {
	name := f.stem + readme
	f.names = append(f.names, name)
	return os.WriteFile(filepath.Join(f.folder, name), []byte("\uFEFF"+strings.Join(f.about(), "\r\n")+"\r\n"), 0o644)
}
