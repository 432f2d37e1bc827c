package geopackage

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/twpayne/go-geom/encoding/wkt"
	"pgregory.net/rapid"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// made is a GeoPackage of one layer "t" by the statements.
func made(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.gpkg")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	frame := []string{
		"create table gpkg_contents (table_name text, data_type text, identifier text)",
		"create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text, srs_id integer)",
		"create table gpkg_spatial_ref_sys (srs_id integer primary key, organization text, organization_coordsys_id integer, definition text)",
		"insert into gpkg_contents values ('t', 'features', 'Title')",
		"insert into gpkg_geometry_columns values ('t', 'geom', 'POINT', 4490)",
	}
	for _, s := range append(frame, statements...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	point = "x'47500001000000000101000000000000000000F03F0000000000000040'"
	table = "create table t (fid integer primary key, geom point, name text)"
)

func TestDistrust(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		statements []string
		want       string // of the error, or of the records
	}{
		{"as it should be", []string{table, "insert into t values (5, " + point + ", 'a')"}, "1 [a] POINT (1 2)"},
		{"a view as a layer", []string{"create view t as with recursive n(i) as (select 1 union all select i+1 from n) select i as fid, null as geom, i as name from n"}, "no layer"},
		{"a view as the contents", []string{"drop table gpkg_contents", "create view gpkg_contents as with recursive n(i) as (select 1 union all select i+1 from n) select 't' as table_name, 'features' as data_type, '' as identifier from n"}, "not a GeoPackage"},
		{"a generated column", []string{"create table t (fid integer primary key, geom point, name text as (hex(zeroblob(1000))), n text)", "insert into t(fid, n) values (1, 'x')"}, "1 [x] "},
		{"a virtual table", []string{"create virtual table t using rtree(fid, a, b)"}, "no layer"},
		{"without row numbers", []string{"create table t (fid integer primary key, geom point) without rowid"}, "rowid"},
		{"the geometry column is missing", []string{"create table t (fid integer primary key)"}, "lacks its geometry column"},
		{"geometries that are none", []string{table, "insert into t values (1, 'text', 'a'), (2, x'4750', 'b'), (3, x'4750000100000000010100000000', 'c'), (4, x'475000210000000001', 'd'), (5, x'4750000F0000000001', 'e'), (6, x'475000010000000001030000000000FFFF', 'f'), (7, x'4750000100000000010A00000000000000', 'g')"},
			"1 [a] bad-geometry|2 [b] bad-geometry|3 [c] bad-geometry|4 [d] bad-geometry|5 [e] bad-geometry|6 [f] bad-geometry|7 [g] bad-geometry"},
		{"values of other types", []string{"create table t (fid integer primary key, geom point, i integer, f double, b boolean, d date, s text)",
			"insert into t values (1, null, 'x', 'y', 'z', 'gestern', cast(x'B5D8' as text)), (2, null, 2.5, 3, 7, 20240301, 'a'||char(0)||'b')"},
			"1 [x y z gestern \uFFFD] bad-number bad-number bad-boolean bad-date undecodable|2 [2.5 3 7 20240301 ab] bad-boolean bad-date undecodable"},
		{"no table of coordinate systems", []string{"drop table gpkg_spatial_ref_sys", table, "insert into t values (5, null, 'a')"}, "1 [a] "},
		{"a column named rowid", []string{"create table t (rowid text, geom point)", "insert into t values ('a', null), ('b', null)"}, "1 [a] |2 [b] "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Open(made(t, c.statements...), source.Options{})
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				return
			}
			records, _ := sourcetest.All(t, r)
			var lines []string
			for _, rec := range records {
				line := fmt.Sprint(rec.Row, " ", rec.Values, " ")
				if rec.Geometry != nil {
					g, _ := wkt.Marshal(rec.Geometry)
					line += g
				}
				var kinds []string
				for _, f := range rec.Findings {
					kinds = append(kinds, string(f.Kind))
				}
				lines = append(lines, line+strings.Join(kinds, " "))
			}
			if got := strings.Join(lines, "|"); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestGBKInsideByTheUsersWord(t *testing.T) {
	t.Parallel()
	path := made(t, table, "insert into t values (1, null, cast(x'BAC9CCC1C7F8' as text))")
	records, _ := sourcetest.All(t, open(t, path, source.Options{Encoding: "GBK"}))
	if records[0].Values[0] != "荷塘区" || len(records[0].Findings) > 0 {
		t.Errorf("%v %v", records[0].Values, records[0].Findings)
	}
}

func TestNothingIsWrittenAndTheJournalRefused(t *testing.T) {
	t.Parallel()
	path := made(t, table, "insert into t values (1, null, 'a')")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	sourcetest.All(t, open(t, path, source.Options{}))
	after, err := os.ReadFile(path)
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the file changed: %v", err)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("files beside it: %v", entries)
	}
	if err := os.WriteFile(path+"-wal", []byte("changes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, source.Options{}); err == nil || !strings.Contains(err.Error(), "-wal") {
		t.Errorf("%v, want the journal named", err)
	}
}

// TestPagesThatPointInCircles lets the pages of a table point at one leaf.
func TestPagesThatPointInCircles(t *testing.T) {
	t.Parallel()
	path := made(t, "pragma page_size = 512", "vacuum", table,
		"insert into t with recursive n(i) as (select 1 union all select i+1 from n where i < 2000) select i, null, 'name '||i from n")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 512
	changed := 0
	for at := pageSize; at+pageSize <= len(raw); at += pageSize {
		page := raw[at : at+pageSize]
		cells := int(page[3])<<8 | int(page[4])
		if page[0] != 5 || cells < 10 { // an inner page of a table
			continue
		}
		first := int(page[12])<<8 | int(page[13])
		for i := range cells {
			cell := int(page[12+2*i])<<8 | int(page[13+2*i])
			copy(page[cell:cell+4], page[first:first+4])
		}
		changed++
	}
	if changed == 0 {
		t.Fatal("no inner page was found")
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, source.Options{})
	for n := 0; err == nil; n++ {
		if _, err = r.Next(); n > 10_000 {
			t.Fatal("it goes on and on")
		}
	}
	if !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestDamage reads files with bytes changed at random to their end: no panic,
// no end without end, and no more rows than there are bytes.
func TestDamage(t *testing.T) {
	t.Parallel()
	path := made(t, "pragma page_size = 512", "vacuum", table,
		"insert into t with recursive n(i) as (select 1 union all select i+1 from n where i < 60) select i, "+point+", 'name '||i from n")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	rapid.Check(t, func(t *rapid.T) {
		raw := slices.Clone(whole)
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			raw[rapid.IntRange(16, len(raw)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		if rapid.Bool().Draw(t, "cut") {
			raw = raw[:rapid.IntRange(100, len(raw)).Draw(t, "length")]
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path, source.Options{})
		if err != nil {
			return
		}
		opened++
		for rows := 0; ; rows++ {
			if _, err := r.Next(); err != nil {
				break
			}
			if rows > len(raw) {
				t.Fatal("more rows than bytes")
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if opened == 0 {
		t.Error("no damaged file could be opened at all")
	}
}
