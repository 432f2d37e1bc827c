package importers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/importers"
	"unigrid/importers/source"
)

// firms has three firms that can go in and two that can't.
const firms = "编码,名称,行业,经度,纬度,备注\n" +
	"F-1,示例企业 1,化工,113.05,27.05,甲\n" +
	"F-2,示例企业 2,化工,113.06,27.05,\n" +
	",示例企业 3,冶炼,113.07,27.05,没有编码\n" +
	"F-4,,冶炼,113.08,27.05,没有名称\n" +
	"F-5,示例企业 5,化工,113.09,27.06,乙\n"

// newTerritory gives a territory of two counties.
func newTerritory(t *testing.T, db *database.DB) cells.Territory {
	t.Helper()
	var territory cells.Territory
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := importers.Run(t.Context(), db, grids.Local, territory,
		importers.Request{File: write(t, "counties.geojson", counties), Target: importers.Cells, Tier: 2}, nil); err != nil {
		t.Fatal(err)
	}
	return territory
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read runs fn in a transaction.
func read(t *testing.T, db *database.DB, fn func(ctx context.Context, tx pgx.Tx) error) {
	t.Helper()
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, db *database.DB, territory cells.Territory, id int64) (i importers.Import) {
	t.Helper()
	read(t, db, func(ctx context.Context, tx pgx.Tx) (err error) {
		i, err = importers.Find(ctx, tx, territory, id)
		return err
	})
	return i
}

func count(t *testing.T, db *database.DB, sql string, args ...any) (n int) {
	t.Helper()
	read(t, db, func(ctx context.Context, tx pgx.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&n) })
	return n
}

// An import is read, looked at, checked without a trace, and applied once.
func TestLife(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	path := write(t, "企业.csv", firms)
	i, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{File: path, Upload: "kept", Target: "enterprises"})
	if err != nil {
		t.Fatal(err)
	}
	if i.State != importers.Received || i.File != "企业.csv" || i.ExpiresAt == nil || time.Until(*i.ExpiresAt) < 29*24*time.Hour {
		t.Fatalf("%+v", i)
	}
	if _, err := importers.Apply(t.Context(), db, grids.Local, territory, i.ID, nil); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("applying what isn't read: %v", err)
	}
	if err := importers.Read(t.Context(), db, grids.Local, territory, i.ID, path, nil); err != nil {
		t.Fatal(err)
	}
	i = find(t, db, territory, i.ID)
	if f := i.Source; i.State != importers.Staged || f.Rows != 5 || f.Staged != 5 || f.EPSG != 4326 || f.Geometry != "point" || !f.Placed ||
		len(f.Columns) != 6 || f.Columns[2].Name != "行业" || f.Columns[2].Filled != 5 || fmt.Sprint(f.Columns[2].Samples) != "[化工 冶炼]" {
		t.Errorf("%+v", i)
	}
	if e := i.Source.Extent; e[0] < 113.04 || e[0] > 113.06 || e[3] < 27.05 || e[3] > 27.07 {
		t.Errorf("extent %v", e)
	}
	if i.Mapping["code"] != "编码" || i.Mapping["name"] != "名称" {
		t.Errorf("mapping %v", i.Mapping)
	}
	report, err := importers.Check(t.Context(), db, grids.Local, territory, i.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Applied != 3 || report.Rejected != 2 || report.Errors != 2 || !report.DryRun {
		t.Errorf("%+v", report)
	}
	if n := count(t, db, `SELECT count(*) FROM objects.object`); n != 0 {
		t.Errorf("checking left %d objects", n)
	}
	i = find(t, db, territory, i.ID)
	if i.State != importers.Ready || i.Report == nil || i.Report.Rejected != 2 {
		t.Errorf("%+v", i)
	}
	read(t, db, func(ctx context.Context, tx pgx.Tx) error {
		rows, total, err := importers.Rows(ctx, tx, territory, i.ID, 2, 2)
		if err != nil {
			return err
		}
		if total != 5 || len(rows) != 2 || rows[0].Values["备注"] != "没有编码" || !rows[0].Rejected || rows[0].Row != 4 {
			t.Errorf("%d %+v", total, rows)
		}
		features, more, err := importers.Features(ctx, tx, territory, i.ID, &orb.Bound{Min: orb.Point{113, 27}, Max: orb.Point{113.075, 28}}, 2)
		if err != nil {
			return err
		}
		if !more || len(features) != 2 || !features[0].Rejected || features[1].Name != "示例企业 1" || features[1].Geometry.(orb.Point)[0] != 113.05 {
			t.Errorf("%v %+v", more, features)
		}
		found, all, kinds, err := importers.Findings(ctx, tx, territory, i.ID, "error", "empty", 1, 5)
		if err != nil {
			return err
		}
		if len(found) != 1 || all != 2 || kinds["empty"] != 2 || found[0].Row != 5 || found[0].File != "企业.csv" {
			t.Errorf("%+v %d %v", found, all, kinds)
		}
		var csv bytes.Buffer
		if err := importers.WriteReport(ctx, tx, territory, i.ID, &csv); err != nil {
			return err
		}
		if text := csv.String(); !strings.HasPrefix(text, "\uFEFF文件,图层,行") || !strings.Contains(text, "企业.csv,企业,4,code,") || strings.Count(text, "\r\n") < 3 {
			t.Errorf("%s", text)
		}
		return nil
	})
	report, err = importers.Apply(t.Context(), db, grids.Local, territory, i.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Applied != 3 || report.Rejected != 2 || report.DryRun {
		t.Errorf("%+v", report)
	}
	if n := count(t, db, `SELECT count(*) FROM objects.object`); n != 3 {
		t.Errorf("%d objects", n)
	}
	if n := count(t, db, `SELECT count(*) FROM staging.finding WHERE batch = $1 AND severity = 'error'`, i.ID); n != 2 {
		t.Errorf("%d errors are kept", n)
	}
	if _, err := importers.Apply(t.Context(), db, grids.Local, territory, i.ID, nil); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("applying twice: %v", err)
	}
	if _, err := importers.Change(t.Context(), db, grids.Local, territory, i.ID, i.Request); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("changing what is applied: %v", err)
	}
	if i = find(t, db, territory, i.ID); i.State != importers.Applied || i.AppliedAt == nil {
		t.Errorf("%+v", i)
	}
}

// Of many who apply at once one does.
func TestApplyingAtOnce(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	path := write(t, "firms.csv", firms)
	i, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{File: path, Target: "enterprises"})
	if err != nil {
		t.Fatal(err)
	}
	if err := importers.Read(t.Context(), db, grids.Local, territory, i.ID, path, nil); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	results := make([]error, 4)
	for n := range results {
		wait.Go(func() { _, results[n] = importers.Apply(t.Context(), db, grids.Local, territory, i.ID, nil) })
	}
	wait.Wait()
	won := 0
	for _, err := range results {
		switch {
		case err == nil:
			won++
		case !grids.IsKind(err, grids.Conflict):
			t.Error(err)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM objects.object`); won != 1 || n != 3 {
		t.Errorf("%d won, %d objects", won, n)
	}
	if n := count(t, db, `SELECT count(*) FROM staging.row WHERE batch = $1`, i.ID); n != 2 {
		t.Errorf("%d rows of a command's file are kept, want those that were rejected", n)
	}
}

// With strict nothing goes in, and the report says why.
func TestStrict(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	r := importers.Request{File: write(t, "firms.csv", firms), Target: "enterprises", Strict: true}
	report, err := importers.Run(t.Context(), db, grids.Local, territory, r, nil)
	if !grids.IsKind(err, grids.Invalid) || report.Errors != 2 || report.Applied != 0 {
		t.Fatalf("%v %+v", err, report)
	}
	i := find(t, db, territory, report.Import)
	if i.State != importers.Failed || i.Error == nil || i.Error.Field != "strict" || i.Error.Text.ZH == "" {
		t.Errorf("%+v", i)
	}
	if n := count(t, db, `SELECT count(*) FROM objects.object`); n != 0 {
		t.Errorf("%d objects", n)
	}
	// The person thinks better of it.
	i.Request.Strict = false
	if reread, err := importers.Change(t.Context(), db, grids.Local, territory, i.ID, i.Request); err != nil || reread {
		t.Fatal(reread, err)
	}
	if report, err = importers.Apply(t.Context(), db, grids.Local, territory, i.ID, nil); err != nil || report.Applied != 3 {
		t.Errorf("%v %+v", err, report)
	}
}

// What a person says anew is read again or checked again, as it takes.
func TestChange(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	path := write(t, "firms.csv", strings.ReplaceAll(strings.ReplaceAll(firms, "经度", "X"), "纬度", "Y"))
	i, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{File: path, Target: "monitors"})
	if err != nil {
		t.Fatal(err)
	}
	if err := importers.Read(t.Context(), db, grids.Local, territory, i.ID, path, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*importers.Request)
		reread bool
	}{
		{"map", func(r *importers.Request) { r.Map = map[string]string{"name": "备注"} }, false},
		{"strict", func(r *importers.Request) { r.Strict = true }, false},
		{"publish", func(r *importers.Request) { r.Publish = []string{"备注"} }, false},
		{"encoding", func(r *importers.Request) { r.Source.Encoding = "UTF-8" }, true},
		{"crs", func(r *importers.Request) { r.Source = source.Options{EPSG: 4490} }, true},
		{"personal", func(r *importers.Request) {
			r.Publish, r.Personal = nil, &importers.Personal{Columns: []string{"备注"}, Reason: "网格长核实户主身份"}
		}, true},
		{"target", func(r *importers.Request) { r.Target = "enterprises" }, true},
	} {
		r := find(t, db, territory, i.ID).Request
		c.change(&r)
		reread, err := importers.Change(t.Context(), db, grids.Local, territory, i.ID, r)
		if err != nil || reread != c.reread {
			t.Errorf("%s: reread %v, %v", c.name, reread, err)
		}
		if reread {
			if _, err := importers.Check(t.Context(), db, grids.Local, territory, i.ID, nil); !grids.IsKind(err, grids.Conflict) {
				t.Errorf("%s: checking what has to be read again: %v", c.name, err)
			}
			if err := importers.Read(t.Context(), db, grids.Local, territory, i.ID, path, nil); err != nil {
				t.Fatal(c.name, err)
			}
		}
	}
	if got := find(t, db, territory, i.ID); got.Source.EPSG != 4490 || got.Mapping["name"] != "备注" || got.File != "firms.csv" {
		t.Errorf("%+v", got)
	}
	bad := i.Request
	bad.Personal = &importers.Personal{Columns: []string{"备注"}}
	if _, err := importers.Change(t.Context(), db, grids.Local, territory, i.ID, bad); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("personal data without a reason: %v", err)
	}
}

// A change while a stage runs takes back what the stage does.
func TestChangeMeanwhile(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	var text strings.Builder
	text.WriteString("编码,名称,经度,纬度\n")
	for n := range 60_000 {
		fmt.Fprintf(&text, "F-%d,企业,113.05,27.05\n", n)
	}
	path := write(t, "firms.csv", text.String())
	i, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{File: path, Target: "enterprises"})
	if err != nil {
		t.Fatal(err)
	}
	changed := make(chan error, 1)
	var once sync.Once
	err = importers.Read(t.Context(), db, grids.Local, territory, i.ID, path, func(p importers.Progress) {
		once.Do(func() {
			r := i.Request
			r.Source.Encoding = "UTF-8"
			_, err := importers.Change(t.Context(), db, grids.Local, territory, i.ID, r)
			changed <- err
		})
	})
	if err := <-changed; err != nil {
		t.Fatal(err)
	}
	got := find(t, db, territory, i.ID)
	if !grids.IsKind(err, grids.Conflict) || got.State != importers.Received || got.Request.Source.Encoding != "UTF-8" {
		t.Errorf("%v %+v", err, got)
	}
	if n := count(t, db, `SELECT count(*) FROM staging.row WHERE batch = $1`, i.ID); n != 0 {
		t.Errorf("%d rows of the reading that was taken back", n)
	}
}

// A file that can't be read fails, and says why.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	for name, c := range map[string]struct{ text, field string }{
		"a.rar":     {"Rar!\x1a\x07", "file"},
		"empty.csv": {"编码,名称\n", "file"},
	} {
		path := write(t, name, c.text)
		i, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{File: path, Target: "enterprises"})
		if err != nil {
			t.Fatal(err)
		}
		err = importers.Read(t.Context(), db, grids.Local, territory, i.ID, path, nil)
		got := find(t, db, territory, i.ID)
		if !grids.IsKind(err, grids.Invalid) || got.State != importers.Failed || got.Error.Field != c.field || got.Error.Err().Error() != err.Error() {
			t.Errorf("%s: %v %+v", name, err, got.Error)
		}
	}
	var known *grids.Error
	_, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{File: "x", Target: "nonsense"})
	if !errors.As(err, &known) {
		t.Errorf("%v", err)
	}
}

// Rows that a crash of the server emptied are read again.
func TestLostRows(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	r := importers.Request{File: write(t, "firms.csv", firms), Target: "enterprises", DryRun: true}
	first, err := importers.Run(t.Context(), db, grids.Local, territory, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	read(t, db, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM staging.row`)
		return err
	})
	if _, err := importers.Apply(t.Context(), db, grids.Local, territory, first.Import, nil); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("applying without rows: %v", err)
	}
	if state := find(t, db, territory, first.Import).State; state != importers.Received {
		t.Errorf("%s", state)
	}
	r.DryRun = false
	report, err := importers.Run(t.Context(), db, grids.Local, territory, r, nil)
	if err != nil || report.Import != first.Import || report.Applied != 3 {
		t.Errorf("%v, import %d after %d: %+v", err, report.Import, first.Import, report)
	}
}

// A command goes on with what a dry run staged, and begins anew where file or
// flags differ.
func TestResume(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	run := func(r importers.Request) (importers.Report, int) {
		t.Helper()
		reading := 0
		report, err := importers.Run(t.Context(), db, grids.Local, territory, r, func(p importers.Progress) {
			if p.Stage == importers.Reading {
				reading++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return report, reading
	}
	r := importers.Request{File: write(t, "firms.csv", firms), Target: "enterprises", DryRun: true}
	first, read := run(r)
	if read == 0 {
		t.Error("nothing was read")
	}
	again, read := run(r)
	if again.Import != first.Import || read != 0 {
		t.Errorf("import %d, then %d; read %d times", first.Import, again.Import, read)
	}
	other := r
	other.File = write(t, "firms.csv", firms+"F-6,示例企业 6,化工,113.09,27.06,乙\n")
	if report, _ := run(other); report.Import == first.Import || report.Rows != 6 {
		t.Errorf("another file goes on as import %d", report.Import)
	}
	other = r
	other.Map = map[string]string{"industry": "备注"}
	if report, _ := run(other); report.Import == first.Import {
		t.Error("other flags go on")
	}
	r.DryRun = false
	if report, read := run(r); report.Import != first.Import || read != 0 || report.Applied != 3 {
		t.Errorf("%+v, read %d times", report, read)
	}
	if report, _ := run(r); report.Import == first.Import || report.Unchanged != 3 || report.Applied != 0 {
		t.Errorf("importing twice: %+v", report)
	}
}

// What is kept goes when its time is over: file, rows and values.
func TestExpire(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	uploads := t.TempDir()
	keep := func(name string) {
		t.Helper()
		for _, name := range []string{name, name + ".info", name + ".lock"} {
			if err := os.WriteFile(filepath.Join(uploads, name), []byte(firms), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(filepath.Join(uploads, name), time.Time{}, time.Now().Add(-72*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	begin := func(upload string, last time.Duration, apply bool) int64 {
		t.Helper()
		keep(upload)
		i, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{Name: "企业.csv", File: write(t, "企业.csv", firms), Upload: upload,
			Target: "enterprises", Keep: last})
		if err != nil {
			t.Fatal(err)
		}
		if err := importers.Read(t.Context(), db, grids.Local, territory, i.ID, write(t, "企业.csv", firms), nil); err != nil {
			t.Fatal(err)
		}
		step := importers.Check
		if apply {
			step = importers.Apply
		}
		if _, err := step(t.Context(), db, grids.Local, territory, i.ID, nil); err != nil {
			t.Fatal(err)
		}
		return i.ID
	}
	applied, checked, young := begin("aaaa", time.Hour, true), begin("bbbb", time.Hour, false), begin("cccc", 0, false)
	keep("stray")
	// One that can't be read, and one that is no longer what it was read for.
	keep("dddd")
	unread, err := importers.New(t.Context(), db, grids.Local, territory, importers.Request{Name: "空.csv", Upload: "dddd", Target: "enterprises", Keep: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := importers.Read(t.Context(), db, grids.Local, territory, unread.ID, write(t, "空.csv", "编码,名称\n"), nil); !grids.IsKind(err, grids.Invalid) {
		t.Fatal(err)
	}
	unchecked := begin("eeee", time.Hour, false)
	if _, err := importers.Change(t.Context(), db, grids.Local, territory, unchecked, importers.Request{Target: "enterprises", Map: map[string]string{"name": "没有"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := importers.Check(t.Context(), db, grids.Local, territory, unchecked, nil); !grids.IsKind(err, grids.Invalid) {
		t.Fatal(err)
	}
	n, err := importers.Expire(t.Context(), db, grids.Local, uploads, time.Now().Add(2*time.Hour))
	if err != nil || n != 4 {
		t.Fatal(n, err)
	}
	left, err := filepath.Glob(filepath.Join(uploads, "*"))
	if err != nil || len(left) != 3 || !strings.Contains(left[0], "cccc") {
		t.Errorf("%v %v", left, err)
	}
	if n := count(t, db, `SELECT count(DISTINCT batch) FROM staging.row`); n != 1 {
		t.Errorf("rows of %d imports", n)
	}
	for _, table := range []string{"batch WHERE id", "finding WHERE batch", "difference WHERE batch", `"row" WHERE batch`} {
		if n := count(t, db, `SELECT count(*) FROM staging.`+table+` = ANY ($1)`, []int64{checked, unread.ID, unchecked}); n != 0 {
			t.Errorf("%d of staging.%s of imports that were never applied", n, table)
		}
	}
	i := find(t, db, territory, applied)
	if i.State != importers.Applied || i.Report.Applied != 3 || len(i.Source.Columns[1].Samples) != 0 || i.Request.Upload != "" {
		t.Errorf("%+v", i)
	}
	if n := count(t, db, `SELECT count(*) FROM staging.finding WHERE batch = $1 AND (finding ? 'value' OR finding ->> 'message' <> '')`, applied); n != 0 {
		t.Errorf("%d findings still tell values", n)
	}
	if find(t, db, territory, young).State != importers.Ready {
		t.Error("a young import changed")
	}
	if err := importers.Delete(t.Context(), db, grids.Local, territory, young); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, `SELECT count(*) FROM staging.row`) + count(t, db, `SELECT count(*) FROM staging.batch WHERE id = $1`, young); n != 0 {
		t.Errorf("%d rows are left after Delete", n)
	}
}
