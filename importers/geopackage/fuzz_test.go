package geopackage

import (
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twpayne/go-geom"

	"unigrid/importers/source"
)

func FuzzBlob(f *testing.F) {
	for _, text := range []string{
		strings.Trim(point, "x'"),
		"47500003E610000000000000000000000000000000000000000000000000000000000000000000000101000000000000000000F03F0000000000000040",
		"4750000100000000010300000001000000040000000000000000000000000000000000000000000000000000000000000000000F3F000000000000F03F000000000000F03F00000000000000000000000000000000",
		"47500001000000000107000000010000000101000000000000000000F03F0000000000000040",
		"475000010000000001EC0300000000000000",
		"475000010000000000000000060000000100000000030000000100000000",
	} {
		raw, err := hex.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := decodeBlob(raw)
		if err != nil || s.geometry == nil {
			return
		}
		if _, collection := s.geometry.(*geom.GeometryCollection); !collection && len(s.geometry.FlatCoords())*8 > len(raw) {
			t.Errorf("%d coordinates out of %d bytes", len(s.geometry.FlatCoords()), len(raw))
		}
		_ = source.Flaw(s.geometry)
	})
}

func FuzzFile(f *testing.F) {
	for _, statements := range [][]string{
		{table, "insert into t values (5, " + point + ", 'a'), (6, null, null)"},
		{"create table t (fid integer primary key, geom point, i integer, b boolean, d datetime)", "insert into t values (1, " + point + ", 3, 1, '2024-02-29T00:00:00Z')"},
	} {
		raw, err := os.ReadFile(made(f, append([]string{"pragma page_size = 512", "vacuum"}, statements...)...))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), "a.gpkg")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Layers(path); err != nil {
			return
		}
		r, err := Open(path, source.Options{})
		if err != nil {
			return
		}
		for rows := 0; ; rows++ {
			_, err := r.Next()
			var row *source.RowError
			if err == io.EOF || err != nil && !errors.As(err, &row) {
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
}
