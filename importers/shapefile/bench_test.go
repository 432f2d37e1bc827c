package shapefile

import (
	"io"
	"math"
	"path/filepath"
	"testing"

	"github.com/twpayne/go-geom"

	"unigrid/importers/source"
)

// BenchmarkRead reads village-like polygons of 60 vertices with GBK names.
func BenchmarkRead(b *testing.B) {
	const features, vertices = 20_000, 60
	path := filepath.Join(b.TempDir(), "a.shp")
	w, err := Create(path, WriterOptions{Kind: Polygons, Encoding: "GBK", Fields: []source.Field{
		{Name: "XZQDM", Length: 12}, {Name: "XZQMC", Length: 40}, {Name: "MJ", Type: source.Float, Length: 16, Decimals: 2},
	}})
	if err != nil {
		b.Fatal(err)
	}
	for i := range features {
		ring := make([]float64, 0, 2*vertices+2)
		for v := range vertices + 1 {
			a := -2 * math.Pi * float64(v%vertices) / vertices
			ring = append(ring, float64(i)+math.Cos(a), math.Sin(a))
		}
		if err := w.Write(geom.NewPolygonFlat(geom.XY, ring, []int{len(ring)}), []any{"430202001001", "示例社区", 1.5}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(path, source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
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
	b.ReportMetric(float64(features)*float64(b.N)/b.Elapsed().Seconds(), "features/s")
}
