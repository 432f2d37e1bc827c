package geopackage

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"unigrid/grids"
	"unigrid/importers/source"
)

// typeOf reads a column's declared type, those of the GeoPackage standard and
// the others by SQLite's own rules. It is false for what isn't an attribute.
func typeOf(declared string) (source.Type, bool) {
	name, _, _ := strings.Cut(declared, "(")
	name = strings.TrimSpace(name)
	switch name {
	case "BOOLEAN", "BOOL":
		return source.Boolean, true
	case "DATE", "DATETIME", "TIMESTAMP":
		return source.Date, true
	case "":
		return source.Mixed, true
	case "BLOB", "GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
		"GEOMETRYCOLLECTION", "CURVE", "SURFACE", "CURVEPOLYGON", "COMPOUNDCURVE", "CIRCULARSTRING", "MULTICURVE", "MULTISURFACE":
		return 0, false
	}
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(name, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return source.Integer, true
	case has("CHAR", "CLOB", "TEXT", "STRING"):
		return source.Text, true
	case has("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"):
		return source.Float, true
	}
	return source.Mixed, true
}

func (r *Reader) find(record *source.Record, kind source.Kind, field, value string, why grids.Text) {
	record.Findings = append(record.Findings, &source.RowError{
		Kind: kind, File: r.db.file, Row: record.Row, Field: field, Value: source.Shorten(value), Why: why,
	})
}

func (r *Reader) geometry(record *source.Record, v any) {
	var raw []byte
	switch v := v.(type) {
	case nil:
		return
	case []byte:
		raw = v
	default:
		r.find(record, source.BadGeometry, "", fmt.Sprint(v), grids.Text{ZH: "不是几何图形", EN: "not a geometry"})
		return
	}
	s, err := decodeBlob(raw)
	if err != nil {
		r.find(record, source.BadGeometry, "", "", source.Because(err))
		return
	}
	record.Geometry = s.geometry
	r.tally.KeepHeights(record, s.hadZ, s.hadM, s.z, s.m)
	if s.geometry == nil {
		return
	}
	if why := source.Flaw(s.geometry); why != (grids.Text{}) {
		r.find(record, source.OddGeometry, "", "", why)
	}
}

// value puts a value into the record as its field's type; SQLite lets any
// value stand in any column.
func (r *Reader) value(record *source.Record, i int, v any) {
	field := r.fields[i]
	bad := func(kind source.Kind, why grids.Text) {
		text := r.text(record, field.Name, v)
		record.Values[i] = text
		r.find(record, kind, field.Name, text, why)
	}
	switch v := v.(type) {
	case nil:
		return
	case []byte:
		if len(v) > 0 && (field.Type == source.Text || field.Type == source.Mixed) && utf8.Valid(v) {
			record.Values[i] = r.text(record, field.Name, v)
			return
		}
		r.tally.Add(source.FieldSkipped, grids.Textf("列 %s 中不是文本的字节未读取", "bytes that aren't text in column %s were left out", field.Name))
		return
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return // not a number is SQLite's nothing
		}
	}
	switch field.Type {
	case source.Integer:
		switch n := v.(type) {
		case int64:
			record.Values[i] = n
		case bool:
			record.Values[i] = int64(0)
			if n {
				record.Values[i] = int64(1)
			}
		case float64:
			record.Values[i] = n
			if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
				record.Values[i] = int64(n)
			}
		default:
			bad(source.BadNumber, grids.Text{ZH: "不是数字", EN: "not a number"})
		}
	case source.Float:
		switch n := v.(type) {
		case float64:
			record.Values[i] = n
		case int64:
			record.Values[i] = float64(n)
		default:
			bad(source.BadNumber, grids.Text{ZH: "不是数字", EN: "not a number"})
		}
	case source.Boolean:
		switch b := v.(type) {
		case bool:
			record.Values[i] = b
		case int64:
			if b != 0 && b != 1 {
				bad(source.BadBoolean, grids.Text{ZH: "不是 0 或 1", EN: "neither 0 nor 1"})
				return
			}
			record.Values[i] = b == 1
		default:
			bad(source.BadBoolean, grids.Text{ZH: "不是 0 或 1", EN: "neither 0 nor 1"})
		}
	case source.Date:
		switch d := v.(type) {
		case time.Time:
			record.Values[i] = d
		case string:
			if t, ok := parseDate(d); ok {
				record.Values[i] = t
				return
			}
			bad(source.BadDate, grids.Text{ZH: "不是日期", EN: "not a date"})
		default:
			bad(source.BadDate, grids.Text{ZH: "不是日期", EN: "not a date"})
		}
	case source.Mixed:
		switch v.(type) {
		case int64, float64, bool, time.Time:
			record.Values[i] = v
		default:
			record.Values[i] = r.text(record, field.Name, v)
		}
	default:
		record.Values[i] = r.text(record, field.Name, v)
	}
}

// parseDate reads the ways in which dates stand in GeoPackages.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02", time.RFC3339Nano, "2006-01-02T15:04:05.999", "2006-01-02T15:04Z", "2006-01-02 15:04:05.999", "2006/01/02", "2006/01/02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// text is a value as text, in valid UTF-8 and without zero bytes, which
// PostgreSQL takes nowhere.
func (r *Reader) text(record *source.Record, field string, v any) string {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return v.Format(time.RFC3339)
	default:
		return fmt.Sprint(v)
	}
	clean := true
	if !utf8.ValidString(text) {
		text, clean = r.choice.Decode([]byte(text))
	}
	if strings.ContainsRune(text, 0) {
		text, clean = strings.ReplaceAll(text, "\x00", ""), false
	}
	if !clean {
		r.find(record, source.Undecodable, field, text, grids.Textf("有 %s 编码中没有的字节;文字若是别的编码,请指定", "bytes that %s does not know; name the encoding if the texts are in another", r.choice.Name()))
	}
	return text
}
