package source

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/twpayne/go-geom"

	"unigrid/grids"
)

// Regular wraps a reader so that its records are alike, whatever the format:
//   - the height and measure of points become attributes "z" and "m", where any
//     is not zero and no such column is there;
//   - a collection of shapes of one kind becomes one multi-shape, and one of
//     several kinds gets a finding;
//   - an empty geometry is none.
//
// It reads ahead as far as the first point with a height, at most a thousand
// points and not beyond a line or polygon.
func Regular(s Source) (Source, error) {
	r := &regular{Source: s}
	if err := r.lookAhead(); err != nil {
		return nil, err
	}
	r.fields = slices.Clone(s.Fields())
	r.z, r.m = r.add("z", r.hasZ), r.add("m", r.hasM)
	return r, nil
}

type regular struct {
	Source
	ahead      []read
	fields     []Field
	hasZ, hasM bool // a point with one that isn't zero was met ahead
	z, m       int  // where they stand among the fields; -1: nowhere
	tally      Tally
}

// read is what a reader's Next gave.
type read struct {
	record Record
	err    error
}

func (r *regular) lookAhead() error {
	const most = 1000
	for len(r.ahead) < most {
		record, err := r.Source.Next()
		var bad *RowError
		if err != nil && !errors.As(err, &bad) && !errors.Is(err, io.EOF) {
			return err
		}
		r.ahead = append(r.ahead, read{record, err})
		r.hasZ = r.hasZ || record.Z != nil && *record.Z != 0
		r.hasM = r.hasM || record.M != nil && *record.M != 0
		_, point := record.Geometry.(*geom.Point)
		flat := record.Geometry != nil && (!point || record.Z == nil && record.M == nil)
		if errors.Is(err, io.EOF) || flat || r.hasZ && (r.hasM || record.M == nil) {
			return nil
		}
	}
	return nil
}

// add makes a column unless the file has one of the name.
func (r *regular) add(name string, wanted bool) int {
	if !wanted || slices.ContainsFunc(r.fields, func(f Field) bool { return strings.EqualFold(f.Name, name) }) {
		return -1
	}
	r.fields = append(r.fields, Field{Name: name, Type: Float})
	return len(r.fields) - 1
}

// Fields are the reader's and, behind them, z and m.
func (r *regular) Fields() []Field { return slices.Clone(r.fields) }

// Notes are the reader's and those of what was made alike.
func (r *regular) Notes() []Note { return append(r.Source.Notes(), r.tally.Notes()...) }

// Progress is the reader's, in bytes; zeros if it has none.
func (r *regular) Progress() (done, total int64) {
	if p, ok := r.Source.(interface{ Progress() (done, total int64) }); ok {
		return p.Progress()
	}
	return 0, 0
}

// Next returns the reader's next record, made alike.
func (r *regular) Next() (Record, error) {
	var next read
	if len(r.ahead) > 0 {
		next, r.ahead[0] = r.ahead[0], read{}
		r.ahead = r.ahead[1:]
	} else {
		next.record, next.err = r.Source.Next()
	}
	if next.err != nil {
		return next.record, next.err
	}
	record := next.record
	if len(r.fields) > len(record.Values) && (r.z >= 0 || r.m >= 0) {
		values := make([]any, len(r.fields))
		copy(values, record.Values)
		record.Values = values
	}
	r.keep(&record, r.z, record.Z, ZDropped, grids.Text{ZH: "高程", EN: "heights"})
	r.keep(&record, r.m, record.M, MDropped, grids.Text{ZH: "测量值", EN: "measures"})
	if record.Geometry == nil {
		return record, nil
	}
	g, why := Plain(record.Geometry)
	if g == nil {
		r.tally.Add(EmptyGeometry, grids.Text{ZH: "空图形的行已按无图形读取", EN: "rows with an empty geometry were read without one"})
	}
	if why != (grids.Text{}) {
		record.Findings = append(record.Findings, &RowError{Kind: OddGeometry, File: r.Name(), Row: record.Row, Why: why})
	}
	record.Geometry = g
	return record, nil
}

func (r *regular) keep(record *Record, column int, value *float64, dropped Kind, what grids.Text) {
	switch {
	case value == nil:
	case column >= 0:
		record.Values[column] = *value
	case *value != 0:
		r.tally.Add(dropped, grids.Textf("点的%s未读取:文件中已有同名的列,或前一千个点都没有", "points with %s were read without them: the file has a column of that name, or the first thousand points have none", what))
	}
}

// KeepHeights gives a record the height and measure of its point, and notes
// those that another shape had and loses.
func (t *Tally) KeepHeights(record *Record, hadZ, hadM bool, z, m *float64) {
	record.Z, record.M = z, m
	if hadZ && z == nil {
		t.Add(ZDropped, grids.Text{ZH: "图形的高程未读取", EN: "shapes with heights were read without them"})
	}
	if hadM && m == nil {
		t.Add(MDropped, grids.Text{ZH: "图形的测量值未读取", EN: "shapes with measures were read without them"})
	}
}

// Heights gives the height and measure of a point, nil where it has none; call
// it before XY.
func Heights(g geom.T) (z, m *float64) {
	p, ok := g.(*geom.Point)
	if !ok || p.Empty() {
		return nil, nil
	}
	coords := p.FlatCoords()
	if i := p.Layout().ZIndex(); i >= 0 && i < len(coords) && finite(coords[i:i+1]) {
		z = &coords[i]
	}
	if i := p.Layout().MIndex(); i >= 0 && i < len(coords) && finite(coords[i:i+1]) {
		m = &coords[i]
	}
	return z, m
}

// Plain makes a collection of shapes of one kind (points, lines or polygons)
// one multi-shape, or the shape itself if it holds one; nil if it is empty. A
// collection of several kinds is returned as it is, with what it holds.
func Plain(g geom.T) (plain geom.T, why grids.Text) {
	none := grids.Text{}
	c, ok := g.(*geom.GeometryCollection)
	if !ok {
		if g == nil || len(g.FlatCoords()) == 0 {
			return nil, none
		}
		return g, none
	}
	var m members
	m.add(c)
	switch kinds := m.kinds(); {
	case kinds == 0:
		return nil, none
	case kinds > 1:
		return g, grids.Textf("集合中有多种图形(%s),一个文件请只保留一种", "a collection of different shapes (%s); keep one kind in a file", m.said())
	case len(m.points) > 0:
		return joined(m.points, func(flat []float64) geom.T { return geom.NewMultiPointFlat(geom.XY, flat) }), none
	case len(m.lines) > 0:
		var ends []int
		n := 0
		for _, l := range m.lines {
			n += len(l.FlatCoords())
			ends = append(ends, n)
		}
		return joined(m.lines, func(flat []float64) geom.T { return geom.NewMultiLineStringFlat(geom.XY, flat, ends) }), none
	}
	var endss [][]int
	n := 0
	for _, p := range m.polygons {
		ends := slices.Clone(p.Ends())
		for i := range ends {
			ends[i] += n
		}
		n += len(p.FlatCoords())
		endss = append(endss, ends)
	}
	return joined(m.polygons, func(flat []float64) geom.T { return geom.NewMultiPolygonFlat(geom.XY, flat, endss) }), none
}

// members are the single shapes of a collection that aren't empty.
type members struct{ points, lines, polygons []geom.T }

func (m *members) add(g geom.T) {
	switch g := g.(type) {
	case *geom.GeometryCollection:
		for _, each := range g.Geoms() {
			m.add(each)
		}
	case *geom.MultiPoint:
		for i := range g.NumPoints() {
			m.add(g.Point(i))
		}
	case *geom.MultiLineString:
		for i := range g.NumLineStrings() {
			m.add(g.LineString(i))
		}
	case *geom.MultiPolygon:
		for i := range g.NumPolygons() {
			m.add(g.Polygon(i))
		}
	case *geom.Point:
		m.points = appendFilled(m.points, g)
	case *geom.LineString:
		m.lines = appendFilled(m.lines, g)
	case *geom.Polygon:
		m.polygons = appendFilled(m.polygons, g)
	}
}

func appendFilled(list []geom.T, g geom.T) []geom.T {
	if len(g.FlatCoords()) == 0 {
		return list
	}
	return append(list, g)
}

func (m members) kinds() int {
	n := 0
	for _, list := range [][]geom.T{m.points, m.lines, m.polygons} {
		if len(list) > 0 {
			n++
		}
	}
	return n
}

// said reads "2 points, 1 polygon".
func (m members) said() grids.Text {
	var chinese, english []string
	for _, p := range []struct {
		n        int
		zh, what string
	}{{len(m.points), "点", "point"}, {len(m.lines), "线", "line"}, {len(m.polygons), "面", "polygon"}} {
		switch p.n {
		case 0:
			continue
		case 1:
			english = append(english, "1 "+p.what)
		default:
			english = append(english, fmt.Sprintf("%d %ss", p.n, p.what))
		}
		chinese = append(chinese, fmt.Sprintf("%d 个%s", p.n, p.zh))
	}
	return grids.Text{ZH: strings.Join(chinese, "、"), EN: strings.Join(english, ", ")}
}

// joined is the only shape, or the multi-shape of all their coordinates.
func joined(list []geom.T, multi func(flat []float64) geom.T) geom.T {
	if len(list) == 1 {
		return list[0]
	}
	var flat []float64
	for _, g := range list {
		flat = append(flat, g.FlatCoords()...)
	}
	return multi(flat)
}

// Unread says of a type of geometry, as WKT names it, why no reader takes it;
// nothing for the seven that are read.
func Unread(kind string) grids.Text {
	kind, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(kind)), "(")
	kind, _, _ = strings.Cut(strings.TrimSpace(kind), " ")
	switch kind {
	case "CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE", "CURVE", "SURFACE":
		return grids.Textf("曲线(%s)无法读取,请先转为直线段(QGIS:线段化 Segmentize;ogr2ogr:-nlt CONVERT_TO_LINEAR)",
			"a curve (%s) can't be read; turn it into straight segments first (QGIS: Segmentize, ogr2ogr: -nlt CONVERT_TO_LINEAR)", kind)
	case "POLYHEDRALSURFACE", "TIN", "TRIANGLE":
		return grids.Textf("空间曲面(%s)无法读取,请将图层另存为面", "a surface in space (%s) can't be read; save the layer as polygons", kind)
	}
	return grids.Text{}
}
