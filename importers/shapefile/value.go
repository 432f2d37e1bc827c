package shapefile

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"

	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// flaw is what is wrong with one value; the zero value means nothing is.
type flaw struct {
	kind source.Kind
	why  grids.Text
}

// value reads one cell. Text that isn't what the column promises stays text.
func (c *column) value(cell []byte, e charset.Encoding) (any, flaw) {
	switch c.kind {
	case 'N', 'F':
		return c.number(string(bytes.Trim(cell, " \x00")))
	case 'I', '+', 'B', 'O', 'Y', 'T', '@':
		if v, ok := c.binary(cell); ok {
			return v, flaw{}
		}
	case 'L':
		return logical(cell)
	case 'D':
		return date(cell)
	}
	raw := trimText(cell)
	if len(raw) == 0 {
		return nil, flaw{}
	}
	text, clean := e.Decode(raw)
	if !clean {
		why := source.NotIn(e.Name())
		if len(raw) == c.length {
			why = grids.Textf("文字占满了列宽,且有 %s 编码中没有的字节,可能末尾的字被截断", "the text fills its column and holds bytes that %s does not know, perhaps a character cut off at the end", e.Name())
		}
		return text, flaw{source.Undecodable, why}
	}
	return text, flaw{}
}

func (c *column) number(text string) (any, flaw) {
	if strings.Trim(text, "*") == "" { // asterisks are how many programs write "no value"
		return nil, flaw{}
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) || c.field.Type == source.Integer {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			if c.field.Type == source.Float {
				return float64(n), flaw{}
			}
			return n, flaw{}
		}
	}
	if !strings.ContainsFunc(text, notInNumber) {
		if digits(text) && c.field.Type == source.Integer {
			return text, flaw{source.BadNumber, grids.Text{ZH: "超过 19 位的整数按文本保留", EN: "an integer of more than 19 digits is kept as text"}}
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f, flaw{}
		}
	}
	return printable(text), flaw{source.BadNumber, grids.Text{ZH: "不是数字", EN: "not a number"}}
}

func digits(text string) bool {
	return strings.Trim(strings.TrimLeft(text, "+-"), "0123456789") == ""
}

func notInNumber(r rune) bool {
	return (r < '0' || r > '9') && r != '+' && r != '-' && r != '.' && r != 'e' && r != 'E'
}

func printable(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

func logical(cell []byte) (any, flaw) {
	text := string(bytes.Trim(cell, " \x00"))
	switch text {
	case "", "?":
		return nil, flaw{}
	case "T", "t", "Y", "y", "1":
		return true, flaw{}
	case "F", "f", "N", "n", "0":
		return false, flaw{}
	}
	return printable(text), flaw{source.BadBoolean, grids.Text{ZH: "不是“是”或“否”", EN: "neither true nor false"}}
}

func date(cell []byte) (any, flaw) {
	text := string(bytes.Trim(cell, " \x00"))
	if strings.Trim(text, "0") == "" {
		return nil, flaw{}
	}
	day, err := time.Parse("20060102", text)
	if err != nil {
		return printable(text), flaw{source.BadDate, grids.Text{ZH: "不是 YYYYMMDD 形式的日期", EN: "not a date in the form YYYYMMDD"}}
	}
	return day, flaw{}
}

// binary reads the columns that FoxPro and dBase store as bytes of a number.
func (c *column) binary(cell []byte) (any, bool) {
	switch {
	case (c.kind == 'I' || c.kind == '+') && len(cell) == 4:
		return int64(int32(binary.LittleEndian.Uint32(cell))), true
	case (c.kind == 'B' || c.kind == 'O') && len(cell) == 8:
		f := math.Float64frombits(binary.LittleEndian.Uint64(cell))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, true
		}
		return f, true
	case c.kind == 'Y' && len(cell) == 8:
		return float64(int64(binary.LittleEndian.Uint64(cell))) / 1e4, true
	case (c.kind == 'T' || c.kind == '@') && len(cell) == 8:
		julian, ms := binary.LittleEndian.Uint32(cell), binary.LittleEndian.Uint32(cell[4:])
		if julian == 0 {
			return nil, true
		}
		const unixEpoch, lastDay = 2440588, 5373484 // 1970-01-01 and 9999-12-31
		if julian > lastDay || ms > 24*3600*1000 {
			return nil, false
		}
		day := time.Unix((int64(julian)-unixEpoch)*24*3600, 0).UTC()
		return day.Add(time.Duration(ms) * time.Millisecond), true
	}
	return nil, false
}
