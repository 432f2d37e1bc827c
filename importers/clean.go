package importers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

// CleanReport says what cleaning files made of them.
type CleanReport struct {
	Files   []string       `json:"files"`
	EPSG    int            `json:"epsg"`   // of the files
	Planar  int            `json:"planar"` // projected CRS in which areas were measured
	Rows    int            `json:"rows"`
	Written int            `json:"written"`
	Changes []cells.Change `json:"-"`
	Counts  map[string]int `json:"changes"` // by kind
	Passes  int            `json:"passes"`
	Errors  int            `json:"errors"` // changes that a person has to settle
}

// cleanedFile is what Clean keeps of the files beside their polygons.
type cleanedFile struct {
	fields []source.Field
	values [][]any // by row, aligned with fields
}

// CleanFiles makes the polygons of files one coverage, as import does, and
// writes them to output (a shapefile in the files' CRS, or GeoJSON) with all
// their attributes. Nothing is stored: its transaction is rolled back. Rows of
// which nothing is left stay out; they are among the errors that the report
// counts. r.Source and r.Map (field code) say about the files what they don't
// say themselves.
func CleanFiles(ctx context.Context, db *database.DB, who grids.Principal, files []string, r Request, o cells.CleanOptions, locked bool, output string) (CleanReport, error) {
	var report CleanReport
	err := db.Tx(ctx, who, func(tx pgx.Tx) error {
		report = CleanReport{Counts: map[string]int{}}
		if err := cells.PrepareClean(ctx, tx); err != nil {
			return err
		}
		var all cleanedFile
		for _, path := range files {
			report.Files = append(report.Files, filepath.Base(path))
			if err := stageClean(ctx, tx, path, r, locked, &all, &report); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		if o.EPSG == 0 {
			var err error
			if o.EPSG, err = planar(ctx, tx, report.EPSG); err != nil {
				return err
			}
		}
		report.Planar = o.EPSG
		cleaned, err := cells.Clean(ctx, tx, o)
		report.Changes, report.Passes = cleaned.Changes, cleaned.Passes
		for _, change := range cleaned.Changes {
			report.Counts[string(change.Kind)]++
			if change.Severity == grids.SeverityError {
				report.Errors++
			}
		}
		if err != nil {
			return err
		}
		if report.Written, err = writeCleaned(ctx, tx, output, report.EPSG, all, cleaned); err != nil {
			return err
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		return report, nil
	}
	return report, err
}

// planar chooses the CRS for areas: the files' own when it is projected, else
// the UTM zone of their middle.
func planar(ctx context.Context, tx pgx.Tx, epsg int) (int, error) {
	var projected bool
	if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT srtext LIKE 'PROJCS%' FROM spatial_ref_sys WHERE srid = $1), false)`, epsg).Scan(&projected); err != nil || projected {
		return epsg, err
	}
	var x, y float64
	if err := tx.QueryRow(ctx, `SELECT coalesce(ST_X(c), 0), coalesce(ST_Y(c), 0) FROM (SELECT ST_Centroid(ST_Extent(geom)) AS c FROM clean_row) m`).Scan(&x, &y); err != nil {
		return 0, fmt.Errorf("middle of the files: %w", err)
	}
	zone := min(max(int(math.Floor((x+180)/6))+1, 1), 60)
	if y < 0 {
		return 32700 + zone, nil
	}
	return 32600 + zone, nil
}

// stageClean reads a file into clean_row.
func stageClean(ctx context.Context, tx pgx.Tx, path string, r Request, locked bool, all *cleanedFile, report *CleanReport) error {
	options := source.Options{Encoding: r.Source.Encoding, EPSG: r.Source.EPSG, Layer: r.Source.Layer}
	file, err := formats.Open(path, options)
	if err != nil {
		return err
	}
	defer file.Close()
	epsg, how := file.CRS()
	if epsg == 0 {
		return grids.Errorf(grids.Invalid, "crs", "坐标系未知(%s)", "its coordinate system is unknown (%s)", how).
			Fix("用 --crs 指明,如 --crs EPSG:4547", "name it with --crs, such as --crs EPSG:4547")
	}
	if report.EPSG != 0 && report.EPSG != epsg {
		return grids.Errorf(grids.Invalid, "crs", "各文件坐标系不同(EPSG:%d 与 %d)", "the files have different coordinate systems (EPSG:%d and %d)", report.EPSG, epsg)
	}
	report.EPSG = epsg
	place := columnsOf(all, file.Fields())
	code := codeColumn(file.Fields(), r.Map)
	var rows [][]any
	for {
		record, err := file.Next()
		var unread *source.RowError
		switch {
		case errors.Is(err, io.EOF):
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"clean_row"}, []string{"row", "code", "locked", "geom"}, pgx.CopyFromRows(rows))
			if err == nil {
				_, err = tx.Exec(ctx, `UPDATE clean_row SET geom = ST_Transform(geom, 4326) WHERE ST_SRID(geom) <> 4326`)
			}
			return err
		case errors.As(err, &unread):
			return unread // a coverage with a cell missing is none
		case err != nil:
			return err
		}
		g := source.Mend(record.Geometry)
		if g == nil {
			return grids.Errorf(grids.Invalid, "geometry", "第 %d 行没有面", "row %d has no area", record.Row)
		}
		shape, err := encode(g, epsg)
		if err != nil {
			return fmt.Errorf("row %d: %w", record.Row, err)
		}
		values := make([]any, len(all.fields))
		text := ""
		for i, v := range record.Values {
			if i < len(place) {
				values[place[i]] = v
			}
			if i == code {
				text = plainText(v)
			}
		}
		all.values = append(all.values, values)
		report.Rows++
		rows = append(rows, []any{report.Rows, text, locked, shape})
	}
}

// columnsOf adds a file's fields to those there are and says which is which.
func columnsOf(all *cleanedFile, fields []source.Field) []int {
	place := make([]int, len(fields))
	for i, f := range fields {
		place[i] = len(all.fields)
		for k, there := range all.fields {
			if there.Name == f.Name {
				place[i] = k
			}
		}
		if place[i] == len(all.fields) {
			all.fields = append(all.fields, f)
		}
	}
	return place
}

// codeColumn finds the column of codes; -1 when there is none, as for cells.
func codeColumn(fields []source.Field, given map[string]string) int {
	headings := targets[Cells][0].Headings
	if column, ok := given["code"]; ok {
		headings = []string{plain(column)}
	}
	for _, heading := range headings {
		for i, f := range fields {
			if plain(f.Name) == plain(heading) {
				return i
			}
		}
	}
	return -1
}

// writeCleaned writes what is left of each row, with its attributes.
func writeCleaned(ctx context.Context, tx pgx.Tx, output string, epsg int, all cleanedFile, cleaned cells.Cleaned) (int, error) {
	w, err := createOutput(output, epsg, all.fields)
	if err != nil {
		return 0, err
	}
	defer w.Close()
	var shapes []orb.MultiPolygon
	var values [][]any
	for i, shape := range cleaned.Shapes {
		if shape != nil {
			shapes, values = append(shapes, shape), append(values, all.values[cleaned.Rows[i]-1])
		}
	}
	encoded := make([][]byte, len(shapes))
	for i, shape := range shapes {
		if encoded[i], err = database.Geometry(shape); err != nil {
			return 0, err
		}
	}
	rows, err := tx.Query(ctx, `SELECT ST_AsEWKB(ST_Transform(ST_GeomFromEWKB(g), $2::int)) FROM unnest($1::bytea[]) WITH ORDINALITY u (g, n) ORDER BY n`, encoded, w.EPSG())
	if err != nil {
		return 0, err
	}
	var geom []byte
	written := 0
	if _, err := pgx.ForEachRow(rows, []any{&geom}, func() error {
		g, err := ewkb.Unmarshal(geom)
		if err != nil {
			return err
		}
		row := make([]any, len(all.fields))
		copy(row, values[written]) // a later file may have more columns
		written++
		return w.Write(g, row)
	}); err != nil {
		return 0, fmt.Errorf("%s: %w", output, err)
	}
	return written, w.Close()
}
