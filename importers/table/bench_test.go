package table

import (
	"fmt"
	"strings"
	"testing"

	"unigrid/importers/source"
)

// BenchmarkCSV reads 200,000 points with four texts each.
func BenchmarkCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString("名称,统一社会信用代码,地址,联系电话,经度,纬度\n")
	for i := range 200_000 {
		fmt.Fprintf(&text, "示例企业 %06d 号,91430200MA4L%06d,株洲市荷塘区示例路 %d 号,138%08d,113.%06d,27.%06d\n", i, i, i, i, i, i)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewCSV("a.csv", strings.NewReader(text.String()), source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}
