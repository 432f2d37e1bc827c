package importers_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/importers"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

// Rows that stayed out come in the format of their file, with the reason; what
// is mended goes in, once.
func TestMendedRejects(t *testing.T) {
	t.Parallel()
	for format, make := range map[string]func(t *testing.T) string{
		"csv": func(t *testing.T) string { return write(t, "firms.csv", firms) },
		"csv with WKT": func(t *testing.T) string {
			return write(t, "firms.csv", "编码,名称,WKT\nF-1,一,POINT (113.05 27.05)\n,二,\"POLYGON ((113.05 27.05, 113.06 27.05, 113.06 27.06, 113.05 27.05))\"\n")
		},
		"xlsx":      workbook,
		"geojson":   func(t *testing.T) string { return converted(t, "firms.geojson") },
		"shapefile": func(t *testing.T) string { return converted(t, "firms.shp", "-lco", "ENCODING=UTF-8") },
		"projected": func(t *testing.T) string {
			return converted(t, "firms.shp", "-lco", "ENCODING=GBK", "-s_srs", "EPSG:4326", "-t_srs", "EPSG:4547")
		},
		"zipped": func(t *testing.T) string {
			return converted(t, "firms.shz", "-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8")
		},
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			territory := newTerritory(t, db)
			path := make(t)
			if strings.HasSuffix(path, ".shz") {
				if err := os.Rename(path, strings.TrimSuffix(path, ".shz")+".zip"); err != nil {
					t.Fatal(err)
				}
				path = strings.TrimSuffix(path, ".shz") + ".zip"
			}
			report, err := importers.Run(t.Context(), db, grids.Local, territory, importers.Request{File: path, Target: "enterprises"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			whole := count(t, db, `SELECT count(*) FROM objects.object`)
			if report.Rejected == 0 || whole == 0 || whole+report.Rejected != report.Rows {
				t.Fatalf("%+v", report)
			}
			var out bytes.Buffer
			var name string
			read(t, db, func(ctx context.Context, tx pgx.Tx) (err error) {
				name, err = importers.WriteRejects(ctx, tx, territory, report.Import, "", &out)
				return err
			})
			mended := mend(t, name, out.Bytes(), report.Rejected)
			again, err := importers.Run(t.Context(), db, grids.Local, territory, importers.Request{File: mended, Target: "enterprises"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if again.Rejected != 0 || again.Applied != report.Rejected {
				t.Errorf("%+v", again)
			}
			if n := count(t, db, `SELECT count(*) FROM objects.object WHERE geom IS NOT NULL`); n != report.Rows {
				t.Errorf("%d of %d objects, with their places", n, report.Rows)
			}
			read(t, db, func(ctx context.Context, tx pgx.Tx) error {
				if _, err := importers.WriteRejects(ctx, tx, territory, again.Import, "", &out); !grids.IsKind(err, grids.NotFound) {
					t.Errorf("rejects of a file without any: %v", err)
				}
				return nil
			})
			// Places are the ones that were sent, however they were projected.
			if format == "projected" {
				if n := count(t, db, `SELECT count(*) FROM objects.object WHERE abs(ST_X(geom) - round(ST_X(geom)::numeric, 2)) > 1e-7`); n != 0 {
					t.Errorf("%d objects moved", n)
				}
			}
		})
	}
}

// Reasons are in the language that is asked for, else in that of the headings.
func TestReasonsInTwoLanguages(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	chinese, english := ": 缺少代码,请补上", ": an object needs a code"
	for _, c := range []struct{ headings, lang, says, silent string }{
		{"编码,名称,经度,纬度", "", chinese, english},
		{"编码,名称,经度,纬度", "en", english, chinese},
		{"code,name,lon,lat", "", english, chinese},
		{"code,name,lon,lat", "zh", chinese, english},
	} {
		path := write(t, "firms"+c.lang+".csv", c.headings+"\n,二,113.05,27.05\n")
		report, err := importers.Run(t.Context(), db, grids.Local, territory, importers.Request{File: path, Target: "enterprises"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		databasetest.InBothLanguages(t, report.Findings)
		var out bytes.Buffer
		read(t, db, func(ctx context.Context, tx pgx.Tx) error {
			_, err := importers.WriteRejects(ctx, tx, territory, report.Import, c.lang, &out)
			return err
		})
		if !strings.Contains(out.String(), strings.Split(c.headings, ",")[0]+c.says) || strings.Contains(out.String(), c.silent) {
			t.Errorf("%s in %q: %s", c.headings, c.lang, &out)
		}
		// A file that was checked before findings had Chinese still says something.
		out.Reset()
		read(t, db, func(ctx context.Context, tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE staging.finding SET finding = finding - 'message_zh'`); err != nil {
				return err
			}
			_, err := importers.WriteRejects(ctx, tx, territory, report.Import, c.lang, &out)
			return err
		})
		if !strings.Contains(out.String(), english) {
			t.Errorf("without Chinese: %s", &out)
		}
	}
}

// mend fills what is empty in code and name, as a person would in the file's
// own program, and checks that each row says why it was rejected.
func mend(t *testing.T, name string, content []byte, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := formats.Open(path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	epsg, _ := s.CRS()
	fields := s.Fields()
	for i := range fields {
		fields[i].Length = 0
	}
	var out *shapefile.Writer
	file := filepath.Join(t.TempDir(), "mended.shp")
	n := 0
	for ; ; n++ {
		record, err := s.Next()
		if err != nil {
			break
		}
		for i, f := range fields {
			text, _ := record.Values[i].(string)
			switch {
			case f.Name == "编码" && text == "":
				record.Values[i] = fmt.Sprintf("M-%d", n)
			case f.Name == "名称" && text == "":
				record.Values[i] = "补上的名称"
			case f.Name == "原因" && !strings.Contains(text, "请补上"):
				t.Errorf("reason %q", text)
			}
		}
		if strings.HasSuffix(name, ".zip") {
			if out == nil {
				if out, err = shapefile.Create(file, shapefile.WriterOptions{Kind: shapefile.Points, Fields: fields, EPSG: epsg}); err != nil {
					t.Fatal(err)
				}
			}
			if err := out.Write(record.Geometry, record.Values); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n != rows {
		t.Errorf("%d rows of %d", n, rows)
	}
	if out != nil {
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		return file
	}
	switch filepath.Ext(name) {
	case ".xlsx":
		book, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n := range rows {
			for column, value := range map[string]string{"A": fmt.Sprintf("M-%d", n), "B": "补上的名称"} {
				if err := book.SetCellValue("Sheet1", fmt.Sprintf("%s%d", column, n+2), value); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := book.Save(); err != nil {
			t.Fatal(err)
		}
	case ".csv":
		lines := strings.Split(string(content), "\r\n")
		for n := range rows {
			cells := strings.SplitN(lines[n+1], ",", 3)
			lines[n+1] = fmt.Sprintf("M-%d,补上的名称,%s", n, cells[2])
		}
		content = []byte(strings.Join(lines, "\r\n"))
		fallthrough
	default:
		text := strings.ReplaceAll(string(content), `"编码":""`, `"编码":"M-9"`)
		text = strings.ReplaceAll(text, `"名称":""`, `"名称":"补上的名称"`)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// workbook writes the firms as a workbook.
func workbook(t *testing.T) string {
	t.Helper()
	book := excelize.NewFile()
	for n, line := range strings.Split(strings.TrimSpace(firms), "\n") {
		cells := []any{}
		for _, cell := range strings.Split(line, ",") {
			cells = append(cells, cell)
		}
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "firms.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// converted has ogr2ogr write the firms.
func converted(t *testing.T, name string, more ...string) string {
	t.Helper()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Fatal("ogr2ogr is not installed (Debian: gdal-bin)")
	}
	path := filepath.Join(t.TempDir(), name)
	args := append([]string{"-oo", "X_POSSIBLE_NAMES=经度", "-oo", "Y_POSSIBLE_NAMES=纬度", "-a_srs", "EPSG:4326"}, path, write(t, "firms.csv", firms))
	if len(more) > 0 && strings.Contains(strings.Join(more, " "), "-t_srs") {
		args = args[:4]
		args = append(args, path, write(t, "firms.csv", firms))
	}
	if out, err := exec.Command("ogr2ogr", append(args, more...)...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr: %v: %s", err, out)
	}
	return path
}
