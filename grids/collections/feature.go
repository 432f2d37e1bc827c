package collections

import (
	"bytes"
	"cmp"
	"strconv"
)

// geometry is the expression of a feature's GeoJSON geometry. Areas and lines
// are always of the Multi kind, so that readers that fix a type on the first
// page are right; outer rings run counterclockwise (RFC 7946).
func (d *Def) geometry() string {
	shown := cmp.Or(d.shown, `f.geom`)
	switch d.Geometry {
	case "MultiPolygon":
		return `ST_AsGeoJSON(ST_ForcePolygonCCW(ST_Multi(` + shown + `)), 7, 0)`
	default:
		return `ST_AsGeoJSON(CASE WHEN ST_Dimension(` + shown + `) > 0 THEN ST_ForcePolygonCCW(ST_Multi(` + shown + `)) ELSE ` + shown + ` END, 7, 0)`
	}
}

// column is the expression of a property's value as JSON text. An Instant is
// rounded up to milliseconds, the finest that GIS programs keep, so that asking
// for it again finds the version that begins then.
func (p Property) column() string {
	switch p.Type {
	case String:
		return `to_json((` + p.SQL + `)::text)::text`
	case Instant:
		return `to_char(date_trunc('milliseconds', (` + p.SQL + `) + interval '999 microseconds') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
	default:
		return `(` + p.SQL + `)::text`
	}
}

// feature appends a GeoJSON Feature made of the columns key, id, geometry and
// one per property.
func (d *Def) feature(b []byte, columns [][]byte) []byte {
	b = append(b, `{"type":"Feature","id":`...)
	b = append(b, columns[1]...)
	b = append(b, `,"geometry":`...)
	b = orNull(b, columns[2])
	b = append(b, `,"properties":{`...)
	for i, p := range d.Properties {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, p.Name)
		b = append(b, ':')
		value := columns[3+i]
		switch {
		case p.Type == Number:
			b = appendNumber(b, value)
		case p.Type == Instant && value != nil:
			b = append(b, '"')
			b = append(b, value...)
			b = append(b, '"')
		default:
			b = orNull(b, value)
		}
	}
	return append(b, `}}`...)
}

func orNull(b, value []byte) []byte {
	if value == nil {
		return append(b, `null`...)
	}
	return append(b, value...)
}

// appendNumber writes what is not an integer with a decimal point: 45.0.
func appendNumber(b, value []byte) []byte {
	switch {
	case value == nil, bytes.ContainsAny(value, "NI"): // NaN, Infinity: JSON has none
		return append(b, `null`...)
	case bytes.ContainsAny(value, ".e"):
		return append(b, value...)
	default:
		return append(append(b, value...), '.', '0')
	}
}
