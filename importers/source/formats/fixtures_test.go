package formats

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twpayne/go-geom"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// summarise writes a source to the end in a few lines: its layer, coordinate
// system, encoding and fields; its rows; its notes.
func summarise(t *testing.T, s source.Source) string {
	t.Helper()
	epsg, _ := s.CRS()
	encoding, _ := s.Encoding()
	text := fmt.Sprintf("%d %s", epsg, encoding)
	for _, f := range s.Fields() {
		text += " " + f.Name
	}
	records, unread := sourcetest.All(t, s)
	for _, r := range records {
		text += fmt.Sprint("\n", r.Row, " ", r.Values, " ", outline(r.Geometry))
		for _, f := range r.Findings {
			text += fmt.Sprintf(" %s(%s)", f.Kind, f.Field)
		}
	}
	for _, e := range unread {
		text += fmt.Sprintf("\n%d unread", e.Row)
	}
	for _, n := range s.Notes() {
		text += fmt.Sprintf("\n%s %d", n.Kind, n.Count)
	}
	return text
}

func outline(g geom.T) string {
	switch g := g.(type) {
	case nil:
		return "-"
	case *geom.Polygon:
		return fmt.Sprintf("polygon of %d", g.NumLinearRings())
	case *geom.MultiPolygon:
		return fmt.Sprintf("%d polygons", g.NumPolygons())
	case *geom.Point:
		return fmt.Sprint(g.FlatCoords())
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", g), "*geom.")
}

// TestFixtures opens every file of testdata/importers, each named for what is
// odd about it.
func TestFixtures(t *testing.T) {
	t.Parallel()
	const (
		head  = " XZQDM 单位名称 面积"
		first = "\n1 [430202001001 示例企业一 0.96] polygon of 2"
		rest  = "\n2 [430202001002 示例企业二 <nil>] 2 polygons\n3 [430202001003 <nil> 1.5] -"
	)
	cases := []struct{ file, layer, want string }{
		{"gbk.shp", "", "4547 GBK" + head + first + rest},
		{"gbk-without-cpg.shp", "", "4547 GBK" + head + first + rest},
		{"gbk-nothing-says-so.shp", "", "4547 GB18030" + head + first + rest},
		{"utf8-names-cut.shp", "", "4547 UTF-8 XZQDM 单位名 面积" + first + rest},
		{"no-shx-no-prj.shp", "", "0 GBK" + head + first + rest + "\nno-index 1"},
		{"no-dbf.shp", "", "4547 UTF-8\n1 [] polygon of 2\n2 [] 2 polygons\n3 [] -\nno-attributes 1"},
		{"hole-clockwise.shp", "", "4547 GBK" + head + first + rest},
		{"deleted-row.shp", "", "4547 GBK" + head + rest + "\ndeleted 1"},
		{"ring-not-closed.shp", "", "4547 GBK" + head + first + " odd-geometry()" + rest},
		{"half-a-character.shp", "", "4547 GBK" + head + "\n1 [430202001001 示例企业\uFFFD 0.96] polygon of 2 undecodable(单位名称)" + rest},
		{"gbk.csv", "", "4326 GB18030 企业名称 统一社会信用代码 经度 纬度\n2 [示例企业 0001 91430200MA4L0000XX 113.134 27.827] [113.134 27.827]" +
			"\n3 [示例企业 0002 <nil> <nil> <nil>] -\n4 [示例企业 0003 <nil> 不详 27.8] - bad-geometry(经度)"},
		{"semicolons-and-breaks.csv", "", "0 UTF-8 代码 地址 备注\n2 [00123 第一行\n第二行 a,b] -\n3 [00124 <nil> <nil>] -"},
		{"survey-x-is-north.csv", "", "0 UTF-8 点号 X Y\n2 [1 3079571.22 38414681.12] [3.841468112e+07 3.07957122e+06]\naxes-swapped 1"},
		{"late-property.geojson", "", "4547 UTF-8 代码 late z\n1 [001 <nil> 50] [414681.12 3.07957122e+06]\n2 [002 1.5 <nil>] -"},
		{"gbk.geojson", "", "4326 GB18030 名称\n1 [湘江] LineString"},
		{"one-line-broken.geojsonl", "", "4326 UTF-8 n\n1 [1] [113 27]\n3 [3] -\n2 unread"},
		{"titles-and-two-row-heading.xlsx", "", "4326 UTF-8 代码 名称 经度 纬度\n5 [00123 示例企业 0001 113.134 27.827] [113.134 27.827]" +
			"\n6 [00124 示例企业 0002 113°8′2.4″ 27°49′48″] [113.134 27.83]\n8 [00125 示例企业 0003 <nil> <nil>] -\nrows-above-heading 2"},
		{"long-numbers-and-hidden-sheet.xlsx", "", "0 UTF-8 代码 日期 n\n2 [<nil> 2024-02-29 00:00:00 +0000 UTC 5] - rounded(代码)\nother-layers 1"},
		{"two-layers-gbk-names.zip", "水源地", "4547 GBK" + head + first + rest},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			s, err := Open(filepath.Join(sourcetest.Root(t), "testdata", "importers", c.file), source.Options{Layer: c.layer})
			if err != nil {
				t.Fatal(err)
			}
			if got := summarise(t, s); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
