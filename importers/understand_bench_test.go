package importers

import (
	"strconv"
	"testing"

	"unigrid/grids"
)

// BenchmarkSurvey looks through villages of ten columns; an op is a row.
func BenchmarkSurvey(b *testing.B) {
	scheme := grids.CodeScheme{Lengths: []int{4, 6, 9, 12}, PadTo: 12}
	var surveys []*survey
	for _, column := range []string{"XZQDM", "XZQMC", "TOWNCODE", "TOWNNAME", "MJ", "BSM", "备注", "x", "y", "日期"} {
		surveys = append(surveys, newSurvey(column, scheme))
	}
	n := 0
	for b.Loop() {
		n++
		note := "示例社区三组"
		if n%1000 == 0 {
			note = "电话13812345678"
		}
		for i, text := range []string{strconv.Itoa(430202001000 + n), "示例社区居民委员会" + strconv.Itoa(n), "430202001", "示例街道办事处",
			strconv.FormatFloat(float64(n)*1.2345, 'f', -1, 64), strconv.Itoa(n), note, "113.1234567", "27.1234567", "2024-03-01"} {
			surveys[i].add(text, scheme)
		}
	}
}
