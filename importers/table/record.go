package table

import (
	"fmt"

	"github.com/twpayne/go-geom"

	"unigrid/importers/source"
)

// Next returns the next row that has a filled cell. Row is the sheet's row
// number; in CSV, too, the first line is row 1 and a value with line breaks is
// one row.
func (r *Reader) Next() (source.Record, error) {
	if len(r.failed) > 0 {
		err := r.failed[0]
		r.failed = r.failed[1:]
		return source.Record{}, err
	}
	next, err := r.nextRow()
	if err != nil {
		return source.Record{}, err
	}
	record := source.Record{Row: next.number, Values: make([]any, 0, len(r.columns))}
	for i, c := range r.columns {
		if i == r.position.wkt {
			continue
		}
		v := next.at(c.index)
		record.Values = append(record.Values, r.typed(v.value, c.field.Type))
		if v.kind != "" {
			r.find(&record, c.field.Name, v.kind, v.text, v.why)
		}
	}
	r.surplus(next)
	g, _, bad := r.locateIn(next, true)
	if bad != nil {
		r.find(&record, r.columns[bad.column].field.Name, bad.kind, bad.text, bad.why)
		return record, nil
	}
	if g == nil {
		return record, nil
	}
	record.Geometry = g
	if why := source.Flaw(g); why != "" {
		r.find(&record, "", source.OddGeometry, "", why)
	}
	return record, nil
}

func (r *Reader) nextRow() (row, error) {
	if len(r.ahead) > 0 {
		next := r.ahead[0]
		r.ahead = r.ahead[1:]
		return next, nil
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
func (r *Reader) surplus(next row) {
	named := 0
	for _, c := range next.cells {
		for named < len(r.columns) && r.columns[named].index < c.column {
			named++
		}
		if named == len(r.columns) || r.columns[named].index != c.column {
			r.tally.Add(source.FieldSkipped, fmt.Sprintf("column %s has no heading; its values are not read", letters(c.column)))
		}
	}
}

// locateIn reads the row's geometry. Only a final reading is tallied.
func (r *Reader) locateIn(next row, final bool) (g geom.T, srid int, bad *flaw) {
	p := r.position
	switch {
	case p.east >= 0:
		g, swapped, bad := p.point(next.at(r.columns[p.east].index), next.at(r.columns[p.north].index))
		if final && swapped {
			r.tally.Add(source.AxesSwapped, fmt.Sprintf("column %s is the northing, as in survey lists", r.columns[p.east].field.Name))
		}
		return g, 0, bad
	case p.wkt >= 0:
		v := next.at(r.columns[p.wkt].index)
		if v.value == nil {
			return nil, 0, nil
		}
		text := textOf(v)
		g, srid, hadZ, hadM, err := parseWKT(text)
		if err != nil {
			return nil, srid, &flaw{p.wkt, source.BadGeometry, text, err.Error()}
		}
		if final && hadZ {
			r.tally.Add(source.ZDropped, "geometries with heights were read without them")
		}
		if final && hadM {
			r.tally.Add(source.MDropped, "geometries with measures were read without them")
		}
		return g, srid, nil
	}
	return nil, 0, nil
}

func (r *Reader) find(record *source.Record, field string, kind source.Kind, value, why string) {
	record.Findings = append(record.Findings, &source.RowError{
		Kind: kind, File: r.file, Row: record.Row, Field: field, Value: source.Shorten(value), Why: why,
	})
}
