package table

import (
	"io"
	"strings"

	"unigrid/grids"
	"unigrid/importers/source"
)

// Next returns the next row that has a filled cell. Row is the sheet's row
// number; in CSV, too, the first line is row 1 and a value with line breaks is
// one row.
func (r *Reader) Next() (source.Record, error) {
	for {
		if len(r.failed) > 0 {
			err := r.failed[0]
			r.failed = r.failed[1:]
			return source.Record{}, err
		}
		next, err := r.nextRow()
		if err == io.EOF {
			r.finish()
		}
		if err != nil {
			return source.Record{}, err
		}
		if r.body.second > 0 {
			r.body.beyond++
			continue
		}
		r.body.cover(next)
		const lookahead = 2
		for len(r.ahead) < lookahead && r.later == nil && (next.number > r.body.last+1 || next.count() == 1) {
			r.readAhead()
		}
		switch r.body.sort(next, r.ahead[:min(lookahead, len(r.ahead))]) {
		case otherRow:
			continue
		case endRow:
			r.body.beyond++
			continue
		}
		r.body.follow(next, r.columns)
		r.body.fill(&next)
		return r.record(next), nil
	}
}

// finish adds the notes that only the whole file allows.
func (r *Reader) finish() {
	if r.finished {
		return
	}
	r.finished = true
	r.body.notes(r.columns, &r.tally)
	r.rows.notes(r.columns, &r.tally)
	if r.dates > 0 {
		r.tally.AddMany(source.NumberedDates, r.dates, grids.Textf("日期列中有 %d 个数字,已按其所代表的日期读取", "%d numbers in columns of dates are read as the days that they count", r.dates))
	}
	if n, why, better := r.damage.Found(); n > 0 {
		r.tally.Doubt(n, why, better)
	}
}

func (r *Reader) record(next row) source.Record {
	record := source.Record{Row: next.number, Values: make([]any, 0, len(r.columns))}
	for i, c := range r.columns {
		if i == r.position.wkt {
			continue
		}
		v := next.at(c.index)
		r.date(c, &v)
		if c.identity {
			roundedIdentity(&v)
		}
		record.Values = append(record.Values, r.typed(v.value, c.field.Type))
		if v.kind != "" {
			r.find(&record, c.field.Name, v.kind, v.text, v.why)
		}
		if v.wide {
			r.tally.Add(source.Narrowed, grids.Textf("列 %s 有全角字符,已按半角读取", "column %s has values in full-width characters; they are read in half-width ones", c.field.Name))
		}
		if v.zeros {
			r.tally.Add(source.ZeroBytes, grids.Textf("列 %s 有零字节,已去掉", "column %s has zero bytes, which are dropped", c.field.Name))
		}
		if text, ok := v.value.(string); ok {
			r.damage.Look(text)
		}
	}
	if next.oddQuotes {
		r.find(&record, "", source.OddQuotes, "", grids.Text{ZH: "值中间有引号,请核对", EN: "a quotation mark stands in the middle of a value; see whether the values are right"})
	}
	r.surplus(&record, next)
	l, bad := r.locateIn(next, true)
	if bad != nil {
		r.find(&record, r.columns[bad.column].field.Name, bad.kind, bad.text, bad.why)
		return record
	}
	r.tally.KeepHeights(&record, l.hadZ, l.hadM, l.z, l.m)
	if l.geometry == nil {
		return record
	}
	record.Geometry = l.geometry
	if why := source.Flaw(l.geometry); why != (grids.Text{}) {
		r.find(&record, "", source.OddGeometry, "", why)
	}
	return record
}

func (r *Reader) nextRow() (row, error) {
	if len(r.ahead) > 0 {
		next := r.ahead[0]
		r.ahead = r.ahead[1:]
		return next, nil
	}
	if r.later != nil {
		return row{}, r.later
	}
	return r.rows.next()
}

// typed makes the integers of a column of fractions floats, too.
func (r *Reader) typed(v any, t source.Type) any {
	if n, ok := v.(int64); ok && t == source.Float {
		return float64(n)
	}
	return v
}

// surplus notes the columns whose values are left out for want of a heading.
// In CSV a row that is longer than the heading is probably one whose values
// have moved: a separator stands in one of them without quotation marks.
func (r *Reader) surplus(record *source.Record, next row) {
	named := 0
	var beyond []string
	for _, c := range next.cells {
		for named < len(r.columns) && r.columns[named].index < c.column {
			named++
		}
		switch {
		case named == len(r.columns) && r.ragged:
			beyond = append(beyond, textOf(c))
		case named == len(r.columns) || r.columns[named].index != c.column:
			r.tally.Add(source.FieldSkipped, grids.Textf("列 %s 没有表头,其值未读取", "column %s has no heading; its values are not read", letters(c.column)))
		}
	}
	if len(beyond) > 0 {
		r.find(record, "", source.Surplus, strings.Join(beyond, " | "),
			grids.Text{ZH: "本行比表头长,可能是值中有分隔符而没有加引号,使后面的值错位", EN: "the row is longer than the heading; a separator in a value without quotation marks may have moved what follows it"})
	}
}

// locateIn reads the row's geometry. Only a final reading is tallied.
func (r *Reader) locateIn(next row, final bool) (located, *flaw) {
	p := r.position
	switch {
	case p.east >= 0:
		g, swapped, bad := p.point(next.at(r.columns[p.east].index), next.at(r.columns[p.north].index))
		if final && swapped {
			r.tally.Add(source.AxesSwapped, grids.Textf("列 %s 是北坐标(测绘成果的写法)", "column %s is the northing, as in survey lists", r.columns[p.east].field.Name))
		}
		return located{geometry: g}, bad
	case p.wkt >= 0:
		v := next.at(r.columns[p.wkt].index)
		if v.value == nil {
			return located{}, nil
		}
		text := textOf(v)
		l, err := parseWKT(text)
		if err != nil {
			return l, &flaw{p.wkt, source.BadGeometry, text, source.Because(err)}
		}
		return l, nil
	}
	return located{}, nil
}

func (r *Reader) find(record *source.Record, field string, kind source.Kind, value string, why grids.Text) {
	record.Findings = append(record.Findings, &source.RowError{
		Kind: kind, File: r.file, Row: record.Row, Field: field, Value: source.Shorten(value), Why: why,
	})
}
