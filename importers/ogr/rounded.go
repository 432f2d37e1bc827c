package ogr

import (
	"regexp"
	"strconv"

	"unigrid/grids"
	"unigrid/importers/source"
)

// rounded finds the numbers that a workbook could not keep whole. GDAL hands
// every cell on as text, and these as 4.302021990010113e+17.
type rounded struct {
	source.Source
	file string
}

var inPowers = regexp.MustCompile(`^-?[0-9](?:\.[0-9]+)?e\+[0-9]{2,3}$`)

// Next returns the next row. A number of more digits than Excel keeps is
// written out, with a finding.
func (r rounded) Next() (source.Record, error) {
	record, err := r.Source.Next()
	for i, v := range record.Values {
		text, ok := v.(string)
		if !ok || !inPowers.MatchString(text) {
			continue
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue
		}
		record.Values[i] = strconv.FormatFloat(n, 'f', 0, 64)
		record.Findings = append(record.Findings, &source.RowError{
			Kind: source.Rounded, File: r.file, Row: record.Row, Field: r.Fields()[i].Name, Value: text,
			Why: grids.Text{ZH: "Excel 的数字只保留 15 位,其余在存盘前已丢失;这类号码请以文本录入", EN: "Excel keeps 15 digits of a number; the rest was lost before the workbook was saved"},
		})
	}
	return record, err
}

// Progress is that of the sheet.
func (r rounded) Progress() (done, total int64) {
	if p, ok := r.Source.(interface{ Progress() (done, total int64) }); ok {
		return p.Progress()
	}
	return 0, 0
}
