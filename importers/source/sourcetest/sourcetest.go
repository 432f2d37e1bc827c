// Package sourcetest helps the tests of file readers: it finds the shared test
// files, reads a source to its end, and asks GDAL what it reads.
package sourcetest

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/importers/source"
)

// Root is the repository's root, found by its go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

// Input is a file of the shared test inputs, which lie beside the repository.
// The test is skipped where they are absent.
func Input(t testing.TB, elements ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{Root(t), "..", "shared", "data", "test-inputs"}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the shared test inputs are not here: %v", err)
	}
	return path
}

// All reads a source to its end and closes it. Rows that can't be read are
// returned beside the records; any other error fails the test.
func All(t testing.TB, s source.Source) (records []source.Record, unread []*source.RowError) {
	t.Helper()
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	for {
		r, err := s.Next()
		var row *source.RowError
		switch {
		case err == io.EOF:
			return records, unread
		case errors.As(err, &row):
			unread = append(unread, row)
		case err != nil:
			t.Fatal(err)
		default:
			records = append(records, r)
		}
	}
}

// OGR has GDAL turn a file into rows, the first of them the names. Column
// WKT, the first, is the geometry. The test is skipped without GDAL.
func OGR(t testing.TB, path string, options ...string) [][]string {
	t.Helper()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr is not on PATH")
	}
	args := append([]string{"-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "/vsistdout/", path}, options...)
	var problems strings.Builder
	cmd := exec.Command("ogr2ogr", args...)
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ogr2ogr %s: %v\n%s", path, err, problems.String())
	}
	reader := csv.NewReader(strings.NewReader(string(out)))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("read GDAL's answer for %s: %v", path, err)
	}
	return rows
}

// Sketch is a file of the sketch of Zhuzhou, which lies beside the repository.
// The test is skipped where it is absent.
func Sketch(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Root(t), "..", "shared", "data", "zhuzhou-sketch", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the sketch of Zhuzhou is not here: %v", err)
	}
	return path
}

// Convert has ogr2ogr make the file to from another, in the format of GDAL's
// name. The test is skipped without GDAL.
func Convert(t testing.TB, format, to, from string, options ...string) string {
	t.Helper()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr is not on PATH")
	}
	args := append([]string{"-q", "-f", format, to, from}, options...)
	if out, err := exec.Command("ogr2ogr", args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return to
}
