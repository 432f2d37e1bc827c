package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"unigrid/geo/draw"
	"unigrid/grids"
	"unigrid/grids/drawing"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

// eachRecord reads a table of codes and names.
func eachRecord(path string, fn func(code, name string, record source.Record) error) error {
	file, err := formats.Open(path, source.Options{})
	if err != nil {
		return err
	}
	defer file.Close()
	value := func(record source.Record, headings ...string) string {
		for i, f := range file.Fields() {
			for _, h := range headings {
				if f.Name == h && i < len(record.Values) && record.Values[i] != nil {
					if n, ok := record.Values[i].(int64); ok {
						return strconv.FormatInt(n, 10)
					}
					return fmt.Sprint(record.Values[i])
				}
			}
		}
		return ""
	}
	for {
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := fn(value(record, "代码", "code"), value(record, "名称", "name"), record); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

// pointOf gives the point of a record.
func pointOf(record source.Record) (orb.Point, bool) {
	p, ok := record.Geometry.(*geom.Point)
	if !ok {
		return orb.Point{}, false
	}
	return orb.Point{p.X(), p.Y()}, true
}

// readLines reads the lines of a file, EPSG:4326.
func readLines(path string) ([]orb.LineString, error) {
	var out []orb.LineString
	err := eachRecord(path, func(_, _ string, record source.Record) error {
		switch g := record.Geometry.(type) {
		case *geom.LineString:
			out = append(out, lineOf(g))
		case *geom.MultiLineString:
			for i := range g.NumLineStrings() {
				out = append(out, lineOf(g.LineString(i)))
			}
		default:
			return grids.Errorf(grids.Invalid, "lines", "第 %d 行没有线", "row %d has no line", record.Row)
		}
		return nil
	})
	return out, err
}

func lineOf(g *geom.LineString) orb.LineString {
	line := make(orb.LineString, g.NumCoords())
	for i := range line {
		c := g.Coord(i)
		line[i] = orb.Point{c.X(), c.Y()}
	}
	return line
}

// readAreas reads the polygons of a file, EPSG:4326.
func readAreas(path string) ([]orb.MultiPolygon, error) {
	var out []orb.MultiPolygon
	err := eachRecord(path, func(_, _ string, record source.Record) error {
		switch g := record.Geometry.(type) {
		case *geom.Polygon:
			out = append(out, orb.MultiPolygon{polygonOf(g)})
		case *geom.MultiPolygon:
			var m orb.MultiPolygon
			for i := range g.NumPolygons() {
				m = append(m, polygonOf(g.Polygon(i)))
			}
			out = append(out, m)
		default:
			return grids.Errorf(grids.Invalid, "atoms", "第 %d 行没有面", "row %d has no area", record.Row)
		}
		return nil
	})
	return out, err
}

func polygonOf(g *geom.Polygon) orb.Polygon {
	var p orb.Polygon
	for i := range g.NumLinearRings() {
		var ring orb.Ring
		for _, c := range g.LinearRing(i).Coords() {
			ring = append(ring, orb.Point{c.X(), c.Y()})
		}
		p = append(p, ring)
	}
	return p
}

// readLoad reads what --load and --load-points say: NAME or NAME=WEIGHT; names
// that are columns of the file get its points.
func readLoad(load []string, path string) ([]drawing.LoadShare, error) {
	var out []drawing.LoadShare
	wanted := map[string]bool{}
	for _, part := range load {
		name, weight, given := strings.Cut(strings.TrimSpace(part), "=")
		share := 1.0
		if given {
			var err error
			if share, err = strconv.ParseFloat(weight, 64); err != nil || !(share >= 0) {
				return nil, wrongUse("load", "负荷 %s 的权重 %q 无法识别", "the weight of load %s, %q, is not understood", name, weight)
			}
		}
		wanted[name] = true
		out = append(out, drawing.LoadShare{Name: name, Share: share})
	}
	if path == "" {
		return out, nil
	}
	points, err := readLoadPoints(path, wanted)
	for i := range out {
		out[i].Points = points[out[i].Name]
	}
	return out, err
}

// readLoadPoints reads the numeric columns that a load names, by name.
func readLoadPoints(path string, names map[string]bool) (map[string][]draw.WeightedPoint, error) {
	file, err := formats.Open(path, source.Options{})
	if err != nil {
		return nil, err
	}
	defer file.Close()
	points := map[string][]draw.WeightedPoint{}
	for {
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			return points, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		at, ok := pointOf(record)
		if !ok {
			return nil, grids.Errorf(grids.Invalid, "load-points", "第 %d 行没有点位", "row %d has no point", record.Row)
		}
		for i, field := range file.Fields() {
			if !names[field.Name] || i >= len(record.Values) || record.Values[i] == nil {
				continue
			}
			weight, err := strconv.ParseFloat(strings.TrimSpace(fmt.Sprint(record.Values[i])), 64)
			if err != nil || weight < 0 {
				return nil, grids.Errorf(grids.Invalid, "load-points", "第 %d 行的 %s 不是数", "%[2]s of row %[1]d is no number", record.Row, field.Name)
			}
			points[field.Name] = append(points[field.Name], draw.WeightedPoint{At: at, Weight: weight})
		}
	}
}
