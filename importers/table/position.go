package table

import (
	"math"
	"strconv"
	"strings"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/wkt"

	"unigrid/grids"
	"unigrid/importers/source"
)

// position says which columns hold the geometry.
type position struct {
	east, north int  // indexes into the named columns, or -1
	wkt         int  // the same
	degrees     bool // coordinates must be degrees
	axes        bool // headed x and y, which need not be degrees
	options     source.Options
}

// headings returns the names, in the form of plainHeading, of each kind of column.
func headings() (east, north, text map[string]bool) {
	set := func(names ...string) map[string]bool {
		m := map[string]bool{}
		for _, n := range names {
			m[n] = true
		}
		return m
	}
	return set("经度", "經度", "东经", "東經", "中心经度", "经度坐标", "lon", "lng", "long", "longitude", "x", "x坐标", "坐标x", "横坐标", "point_x", "pointx", "coordx", "东坐标"),
		set("纬度", "緯度", "北纬", "北緯", "中心纬度", "纬度坐标", "lat", "latitude", "y", "y坐标", "坐标y", "纵坐标", "point_y", "pointy", "coordy", "北坐标"),
		set("wkt", "geom", "geometry", "thegeom", "geomwkt", "wktgeom", "shape", "几何", "空间数据")
}

// plainHeading reduces "经度(°E)" to "经度" and "Point_X" to "pointx".
func plainHeading(name string) string {
	if i := strings.IndexAny(name, "(\uFF08\u3010["); i > 0 {
		name = name[:i]
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '-', '.', '\t', '\n', '\u3000', ':', '\uFF1A':
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// locate finds the geometry's columns by their headings: the first pair of
// east and north, else the first column of WKT.
func locate(columns []columnOf) position {
	p := position{east: -1, north: -1, wkt: -1}
	eastNames, northNames, textNames := headings()
	for i, c := range columns {
		switch name := plainHeading(c.last); {
		case eastNames[name] && p.east < 0:
			p.east = i
			p.axes = strings.Contains(name, "x")
		case northNames[name] && p.north < 0:
			p.north = i
		case textNames[name] && p.wkt < 0:
			p.wkt = i
		}
	}
	if p.east < 0 || p.north < 0 {
		p.east, p.north, p.axes = -1, -1, false
		return p
	}
	p.wkt = -1
	return p
}

// flaw is what is wrong with a row's position, and where it stands.
type flaw struct {
	column int // index into the named columns
	kind   source.Kind
	text   string
	why    grids.Text
}

// point reads the two columns. swapped says that, as in survey lists, X was
// the northing; where the user says so, point leaves exchanging to whom does it.
func (p position) point(east, north cell) (g geom.T, swapped bool, bad *flaw) {
	if east.value == nil && north.value == nil {
		return nil, false, nil
	}
	x, err := ordinate(east)
	if err != nil {
		return nil, false, &flaw{p.east, source.BadGeometry, textOf(east), source.Because(err)}
	}
	y, err := ordinate(north)
	if err != nil {
		return nil, false, &flaw{p.north, source.BadGeometry, textOf(north), source.Because(err)}
	}
	if !p.options.Swap && isNorthing(x) && isEasting(y) {
		x, y, swapped = y, x, true
	}
	if x == 0 && y == 0 {
		return nil, false, &flaw{p.east, source.BadGeometry, "0, 0", grids.Text{ZH: "两个坐标都为零,等于没有位置", EN: "both coordinates are zero, which stands for no position"}}
	}
	if p.degrees {
		if bad := p.offDegrees(x, y, textOf(east), textOf(north)); bad != nil {
			return nil, false, bad
		}
	}
	return geom.NewPointFlat(geom.XY, []float64{x, y}), swapped, nil
}

// offDegrees tells which of two ordinates can't be degrees.
func (p position) offDegrees(x, y float64, east, north string) *flaw {
	lonColumn, latColumn, lonText, latText := p.east, p.north, east, north
	if p.options.Swap {
		lonColumn, latColumn, lonText, latText = p.north, p.east, north, east
	}
	lon, lat := p.options.Ordered(x, y)
	switch {
	case math.Abs(lat) > 90 && math.Abs(lon) <= 90 && math.Abs(lat) <= 180:
		return &flaw{latColumn, source.BadGeometry, latText, grids.Text{ZH: "纬度超过 90;文件中经纬度若是颠倒的,请选“对调 x 和 y”(命令行 --swap-axes)", EN: "a latitude beyond 90; if longitude and latitude are exchanged in the file, say so (--swap-axes, in the client \"Exchange x and y\")"}}
	case math.Abs(lat) > 90:
		return &flaw{latColumn, source.BadGeometry, latText, grids.Text{ZH: "纬度超过 90", EN: "a latitude beyond 90"}}
	case math.Abs(lon) > 180:
		return &flaw{lonColumn, source.BadGeometry, lonText, grids.Text{ZH: "经度超过 180", EN: "a longitude beyond 180"}}
	}
	return nil
}

// isNorthing and isEasting are the ranges of Gauss-Krüger coordinates in China,
// the latter without or with a zone number. They don't overlap.
func isNorthing(v float64) bool { return v > 1.5e6 && v < 6.5e6 }

func isEasting(v float64) bool { return v > 1e5 && v < 9.5e5 || v > 1.3e7 && v < 4.6e7 }

// ordinate reads a number, or degrees, minutes and seconds.
func ordinate(c cell) (float64, error) {
	switch v := c.value.(type) {
	case nil:
		return 0, source.Fault("缺一个坐标", "one coordinate is missing")
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	case string:
		return parseOrdinate(v)
	}
	return 0, source.Fault("不是坐标", "not a coordinate")
}

func parseOrdinate(text string) (float64, error) {
	if strings.Trim(text, "0123456789.-") == "" {
		if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(v, 0) {
			return v, nil
		}
	}
	plain := strings.ReplaceAll(strings.ReplaceAll(grids.Narrow(text), " ", ""), "。", ".")
	sign := 1.0
	upper := strings.ToUpper(plain)
	for _, mark := range []struct {
		text string
		sign float64
	}{{"E", 1}, {"N", 1}, {"W", -1}, {"S", -1}, {"东经", 1}, {"北纬", 1}, {"西经", -1}, {"南纬", -1}} {
		if rest, ok := strings.CutPrefix(upper, mark.text); ok {
			upper, sign = rest, mark.sign
			break
		}
		if rest, ok := strings.CutSuffix(upper, mark.text); ok {
			upper, sign = rest, mark.sign
			break
		}
	}
	if v, err := strconv.ParseFloat(strings.TrimRight(upper, "°度"), 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		if strings.ContainsAny(upper, "XP_") {
			return 0, source.Fault("不是数字", "not a number")
		}
		return sign * v, nil
	}
	if rest, ok := strings.CutPrefix(upper, "-"); ok {
		upper, sign = rest, -1
	}
	v, err := sexagesimal(upper)
	return sign * v, err
}

// sexagesimal reads degrees, minutes and seconds (度分秒), the last two of
// which may be missing, with the signs that people and their keyboards have.
func sexagesimal(text string) (float64, error) {
	var errForm = source.Fault("不是数字", "not a number")
	total := 0.0
	for i, part := range []struct {
		marks []string
		unit  float64
	}{{[]string{"°", "度", "º", "˚"}, 1}, {[]string{"'", "′", "’", "‘", "分"}, 60}, {[]string{"\"", "″", "”", "“", "秒", "''", "′′", ""}, 3600}} {
		if text == "" && i > 0 {
			return total, nil
		}
		digits := len(text) - len(strings.TrimLeft(text, "0123456789."))
		number, rest := text[:digits], text[digits:]
		v, err := strconv.ParseFloat(number, 64)
		if whole, _, _ := strings.Cut(number, "."); err != nil || len(whole) > 3 || i == 0 && whole != number || i > 0 && len(whole) > 2 {
			return 0, errForm
		}
		if i > 0 && v >= 60 {
			return 0, source.Fault("分或秒不应达到 60", "minutes or seconds of 60 and more")
		}
		marked := false
		for _, mark := range part.marks {
			if after, ok := strings.CutPrefix(rest, mark); ok && (i < 2 || after == "") {
				text, marked = after, true
				break
			}
		}
		if !marked {
			return 0, errForm
		}
		total += v / part.unit
	}
	if text != "" {
		return 0, errForm
	}
	return total, nil
}

// located is a row's geometry.
type located struct {
	geometry   geom.T // XY, or nil
	srid       int    // 0 without one
	hadZ, hadM bool
	z, m       *float64 // of a point
}

// parseWKT reads WKT or EWKT. The library panics on some inputs, which must not
// cost more than the row.
func parseWKT(text string) (l located, err error) {
	defer func() {
		if r := recover(); r != nil {
			l, err = located{}, source.Fault("不是 WKT:%v", "not WKT: %v", r)
		}
	}()
	if len(text) > 5 && strings.EqualFold(text[:5], "SRID=") {
		number, geometry, found := strings.Cut(text[5:], ";")
		l.srid, err = strconv.Atoi(strings.TrimSpace(number))
		if !found || err != nil {
			return located{}, source.Fault("SRID 无法读取", "the SRID can't be read")
		}
		text = geometry
	}
	if why := source.Unread(text); why != (grids.Text{}) {
		return l, &grids.Error{Kind: grids.Invalid, Message: why}
	}
	g, err := wkt.Unmarshal(text)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return l, source.Fault("不是 WKT:%s", "not WKT: %s", first)
	}
	l.z, l.m = source.Heights(g)
	g, l.hadZ, l.hadM, err = source.XY(g)
	if err == nil && !g.Empty() {
		l.geometry = g
	}
	return l, err
}
