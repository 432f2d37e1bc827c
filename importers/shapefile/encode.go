package shapefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/twpayne/go-geom"

	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

const (
	longestText   = 254
	longestNumber = 32
	longestName   = 10
	mostColumns   = 255
)

// newColumns lays out the fields of a new DBF.
func newColumns(fields []source.Field, e charset.Encoding) ([]column, error) {
	if len(fields) > mostColumns {
		return nil, fmt.Errorf("shapefile: %d fields, more than %d", len(fields), mostColumns)
	}
	columns := make([]column, len(fields))
	taken := map[string]bool{}
	for i, f := range fields {
		c, err := newColumn(f)
		if err != nil {
			return nil, err
		}
		if c.raw, err = shortName(f.Name, e, taken); err != nil {
			return nil, fmt.Errorf("shapefile: field %s: %w", f.Name, err)
		}
		taken[upperASCII(c.raw)] = true
		f.Name, _ = e.Decode(c.raw)
		f.Length, f.Decimals = c.length, c.decimals
		c.field = f
		columns[i] = c
	}
	if len(columns) == 0 { // a DBF without a column isn't readable everywhere
		return []column{}, errors.New("shapefile: at least one field is needed")
	}
	return columns, nil
}

func newColumn(f source.Field) (column, error) {
	c := column{kind: 'C', length: f.Length, decimals: f.Decimals}
	most := longestText
	switch f.Type {
	case source.Text, source.Mixed:
		c.length, c.decimals = orDefault(f.Length, 80), 0
	case source.Integer:
		c.kind, c.length, c.decimals = 'N', orDefault(f.Length, 18), 0
		most = longestNumber
	case source.Float:
		c.kind = 'N'
		if f.Length == 0 {
			c.length, c.decimals = 24, 15
		}
		if c.decimals == 0 && f.Length != 0 {
			c.kind = 'F' // N without decimals would be an integer
		}
		most = longestNumber
	case source.Boolean:
		c.kind, c.length, c.decimals = 'L', 1, 0
	case source.Date:
		c.kind, c.length, c.decimals = 'D', 8, 0
	default:
		return c, fmt.Errorf("shapefile: field %s: %s can't be written", f.Name, f.Type)
	}
	if c.length < 1 || c.length > most || c.decimals < 0 || c.decimals > 0 && c.decimals > c.length-2 {
		return c, fmt.Errorf("shapefile: field %s: length %d.%d can't be written", f.Name, c.length, c.decimals)
	}
	return c, nil
}

func orDefault(n, standard int) int {
	if n == 0 {
		return standard
	}
	return n
}

// shortName cuts a name to ten bytes between characters, and numbers it if
// that makes it equal to another.
func shortName(name string, e charset.Encoding, taken map[string]bool) ([]byte, error) {
	if name == "" {
		return nil, errors.New("the name is empty")
	}
	for n := 1; n < 1000; n++ {
		suffix := ""
		if n > 1 {
			suffix = "_" + strconv.Itoa(n)
		}
		var raw []byte
		for _, r := range name {
			b, err := e.Encode(string(r))
			if err != nil {
				return nil, err
			}
			if len(raw)+len(b)+len(suffix) > longestName {
				break
			}
			raw = append(raw, b...)
		}
		raw = append(raw, suffix...)
		if !taken[upperASCII(raw)] {
			return raw, nil
		}
	}
	return nil, errors.New("too many fields of that name")
}

// cellOf writes a value as the bytes of its cell.
func (c *column) cellOf(v any, e charset.Encoding) ([]byte, flaw) {
	switch v := v.(type) {
	case nil:
		if c.kind == 'L' {
			return []byte{'?'}, flaw{}
		}
		return bytes.Repeat([]byte{' '}, c.length), flaw{}
	case time.Time:
		if c.kind == 'D' {
			if v.Year() < 1 || v.Year() > 9999 {
				return nil, flaw{source.TooLong, grids.Text{ZH: "年份不是四位", EN: "the year has not four digits"}}
			}
			return []byte(v.Format("20060102")), flaw{}
		}
		return c.text(v.Format(time.RFC3339), e)
	case bool:
		if c.kind == 'L' {
			return []byte(map[bool]string{true: "T", false: "F"}[v]), flaw{}
		}
		return c.text(strconv.FormatBool(v), e)
	case int64:
		return c.integer(v, e)
	case int:
		return c.integer(int64(v), e)
	case float64:
		return c.float(v, e)
	case string:
		if c.kind != 'C' {
			return nil, flaw{source.WrongType, grids.Text{ZH: "此列的类型不能放文本", EN: "a text in a column of another type"}}
		}
		return c.text(v, e)
	}
	return nil, flaw{source.WrongType, grids.Textf("类型 %T 的值无法写入", "a value of type %T can't be written", v)}
}

func (c *column) text(s string, e charset.Encoding) ([]byte, flaw) {
	if c.kind != 'C' {
		return nil, flaw{source.WrongType, grids.Text{ZH: "此列是另一种类型", EN: "the column has another type"}}
	}
	raw, err := e.Encode(s)
	if err != nil {
		return nil, flaw{source.Unencodable, source.Because(err)}
	}
	if len(raw) > c.length {
		return nil, flaw{source.TooLong, grids.Textf("%[2]s 编码下占 %[1]d 字节,列宽只有 %[3]d", "%d bytes in %s; the column has %d", len(raw), e.Name(), c.length)}
	}
	return append(raw, bytes.Repeat([]byte{' '}, c.length-len(raw))...), flaw{}
}

func (c *column) integer(n int64, e charset.Encoding) ([]byte, flaw) {
	if c.kind == 'C' {
		return c.text(strconv.FormatInt(n, 10), e)
	}
	if c.decimals > 0 || c.kind == 'F' {
		return c.float(float64(n), e)
	}
	return c.right(strconv.FormatInt(n, 10))
}

// float gives up decimals, never whole digits, to fit the column.
func (c *column) float(f float64, e charset.Encoding) ([]byte, flaw) {
	if c.kind == 'C' {
		return c.text(strconv.FormatFloat(f, 'g', -1, 64), e)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, flaw{source.BadNumber, grids.Text{ZH: "不是数字", EN: "not a number"}}
	}
	if c.kind == 'N' && c.decimals == 0 && f != math.Trunc(f) {
		return nil, flaw{source.WrongType, grids.Text{ZH: "整数列中有小数", EN: "a fraction in a column of integers"}}
	}
	decimals := c.decimals
	if c.kind == 'F' && decimals == 0 {
		decimals = -1
	}
	text := strconv.FormatFloat(f, 'f', decimals, 64)
	for d := c.decimals - 1; len(text) > c.length && d >= 0; d-- {
		text = strconv.FormatFloat(f, 'f', d, 64)
	}
	return c.right(text)
}

func (c *column) right(text string) ([]byte, flaw) {
	switch c.kind {
	case 'N', 'F':
	default:
		return nil, flaw{source.WrongType, grids.Text{ZH: "此列的类型不能放数字", EN: "a number in a column of another type"}}
	}
	if len(text) > c.length {
		return nil, flaw{source.TooLong, grids.Textf("共 %d 位,列宽只有 %d", "%d digits; the column has %d", len(text), c.length)}
	}
	return append(bytes.Repeat([]byte{' '}, c.length-len(text)), text...), flaw{}
}

// appendShape writes the content of a record. Outer rings are turned clockwise
// and holes the other way, as the format wants.
func appendShape(to []byte, kind Kind, g geom.T) (out []byte, bounds *geom.Bounds, err error) {
	if g == nil || isEmpty(g) {
		return binary.LittleEndian.AppendUint32(to, nullShape), nil, nil
	}
	flat, _, _, err := source.XY(g)
	if err != nil {
		return to, nil, err
	}
	to = binary.LittleEndian.AppendUint32(to, uint32(kind))
	switch g := flat.(type) {
	case *geom.Point:
		if kind == Points {
			return appendFloats(to, g.FlatCoords()), g.Bounds(), nil
		}
		if kind == MultiPoints {
			return appendMultiPoint(to, g.FlatCoords(), g.Bounds()), g.Bounds(), nil
		}
	case *geom.MultiPoint:
		if kind == MultiPoints {
			return appendMultiPoint(to, g.FlatCoords(), g.Bounds()), g.Bounds(), nil
		}
		if kind == Points && g.NumPoints() == 1 {
			return appendFloats(to, g.FlatCoords()), g.Bounds(), nil
		}
	case *geom.LineString:
		if kind == Lines {
			return appendParts(to, g.FlatCoords(), []int{len(g.FlatCoords())}, g.Bounds()), g.Bounds(), nil
		}
	case *geom.MultiLineString:
		if kind == Lines {
			return appendParts(to, g.FlatCoords(), g.Ends(), g.Bounds()), g.Bounds(), nil
		}
	case *geom.Polygon:
		if kind == Polygons {
			coords := turned(g.FlatCoords(), [][]int{g.Ends()})
			return appendParts(to, coords, g.Ends(), g.Bounds()), g.Bounds(), nil
		}
	case *geom.MultiPolygon:
		if kind == Polygons {
			var ends []int
			for _, e := range g.Endss() {
				ends = append(ends, e...)
			}
			return appendParts(to, turned(g.FlatCoords(), g.Endss()), ends, g.Bounds()), g.Bounds(), nil
		}
	}
	return to, nil, source.Fault("这类文件不能放 %T", "a %T doesn't belong in a file of this kind", flat)
}

func isEmpty(g geom.T) bool {
	if c, ok := g.(*geom.GeometryCollection); ok {
		return c.Empty()
	}
	return len(g.FlatCoords()) == 0
}

// turned copies the coordinates with every ring the way round it should be.
func turned(coords []float64, endss [][]int) []float64 {
	out := append([]float64(nil), coords...)
	start := 0
	for _, ends := range endss {
		for i, end := range ends {
			if end > start {
				c := out[start:end]
				if area := measure(c).area; area < 0 && i == 0 || area > 0 && i > 0 {
					for a, b := 0, len(c)-2; a < b; a, b = a+2, b-2 {
						c[a], c[a+1], c[b], c[b+1] = c[b], c[b+1], c[a], c[a+1]
					}
				}
			}
			start = end
		}
	}
	return out
}

func appendFloats(to []byte, values []float64) []byte {
	for _, v := range values {
		to = binary.LittleEndian.AppendUint64(to, math.Float64bits(v))
	}
	return to
}

func appendBox(to []byte, b *geom.Bounds) []byte {
	return appendFloats(to, []float64{b.Min(0), b.Min(1), b.Max(0), b.Max(1)})
}

func appendMultiPoint(to []byte, coords []float64, b *geom.Bounds) []byte {
	to = binary.LittleEndian.AppendUint32(appendBox(to, b), uint32(len(coords)/2))
	return appendFloats(to, coords)
}

func appendParts(to []byte, coords []float64, ends []int, b *geom.Bounds) []byte {
	to = binary.LittleEndian.AppendUint32(appendBox(to, b), uint32(len(ends)))
	to = binary.LittleEndian.AppendUint32(to, uint32(len(coords)/2))
	start := 0
	for _, end := range ends {
		to = binary.LittleEndian.AppendUint32(to, uint32(start/2))
		start = end
	}
	return appendFloats(to, coords)
}

// upperASCII makes names that differ only in the case of ASCII letters equal;
// the bytes of other characters stay, whatever their encoding.
func upperASCII(raw []byte) string {
	out := bytes.Clone(raw)
	for i, b := range out {
		if 'a' <= b && b <= 'z' {
			out[i] = b - 'a' + 'A'
		}
	}
	return string(out)
}
