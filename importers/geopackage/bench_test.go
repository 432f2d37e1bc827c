package geopackage

import (
	"io"
	"os"
	"testing"

	"unigrid/importers/source"
)

// BenchmarkRead reads the GeoPackage that UNIGRID_BENCH_GPKG names.
func BenchmarkRead(b *testing.B) {
	path := os.Getenv("UNIGRID_BENCH_GPKG")
	if path == "" {
		b.Skip("UNIGRID_BENCH_GPKG names no file")
	}
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r, err := Open(path, source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for ; ; rows++ {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
