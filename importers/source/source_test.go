package source_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/twpayne/go-geom"

	"unigrid/grids"
	"unigrid/importers/source"
)

func TestXYDropsEveryOtherDimension(t *testing.T) {
	t.Parallel()
	point := geom.NewPointFlat(geom.XYZM, []float64{1, 2, 3, 4})
	collection := geom.NewGeometryCollection()
	collection.MustPush(point)
	cases := []struct {
		name       string
		g          geom.T
		want       []float64
		ends       string
		hadZ, hadM bool
	}{
		{"XY", geom.NewPointFlat(geom.XY, []float64{1, 2}), []float64{1, 2}, "[]", false, false},
		{"point", point, []float64{1, 2}, "[]", true, true},
		{"line with measures", geom.NewLineStringFlat(geom.XYM, []float64{1, 2, 9, 3, 4, 9}), []float64{1, 2, 3, 4}, "[]", false, true},
		{"polygon", geom.NewPolygonFlat(geom.XYZ, []float64{0, 0, 9, 0, 1, 9, 1, 1, 9, 0, 0, 9}, []int{12}), []float64{0, 0, 0, 1, 1, 1, 0, 0}, "[8]", true, false},
		{"lines", geom.NewMultiLineStringFlat(geom.XYZ, []float64{0, 0, 9, 0, 1, 9, 1, 1, 9, 0, 0, 9}, []int{6, 12}), []float64{0, 0, 0, 1, 1, 1, 0, 0}, "[4 8]", true, false},
		{"points", geom.NewMultiPointFlat(geom.XYZ, []float64{1, 2, 9, 3, 4, 9}), []float64{1, 2, 3, 4}, "[2 4]", true, false},
		{"polygons", geom.NewMultiPolygonFlat(geom.XYZ, []float64{0, 0, 9, 0, 1, 9, 1, 1, 9, 0, 0, 9}, [][]int{{12}}), []float64{0, 0, 0, 1, 1, 1, 0, 0}, "[[8]]", true, false},
		{"collection", collection, nil, "", true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			flat, hadZ, hadM, err := source.XY(c.g)
			if err != nil || hadZ != c.hadZ || hadM != c.hadM {
				t.Fatalf("Z %v, M %v, %v", hadZ, hadM, err)
			}
			if many, ok := flat.(*geom.GeometryCollection); ok {
				flat, c.want, c.ends = many.Geom(0), []float64{1, 2}, "[]"
			}
			ends := fmt.Sprint(flat.Ends())
			if p, ok := flat.(*geom.MultiPolygon); ok {
				ends = fmt.Sprint(p.Endss())
			}
			if flat.Layout() != geom.XY || !reflect.DeepEqual(flat.FlatCoords(), c.want) || ends != c.ends {
				t.Errorf("%v %v %s", flat.Layout(), flat.FlatCoords(), ends)
			}
		})
	}
}

func TestFlaw(t *testing.T) {
	t.Parallel()
	collection := geom.NewGeometryCollection()
	collection.MustPush(geom.NewLineStringFlat(geom.XY, []float64{1, 2}))
	cases := []struct {
		g    geom.T
		want string
	}{
		{nil, ""},
		{geom.NewPointFlat(geom.XY, []float64{1, 2}), ""},
		{geom.NewPointFlat(geom.XY, []float64{math.NaN(), 2}), "a coordinate is not a number"},
		{geom.NewPointFlat(geom.XY, []float64{-math.MaxFloat64, 2}), "a coordinate is not a number"},
		{geom.NewLineStringFlat(geom.XY, []float64{1, 2}), "line 1 has 1 point(s)"},
		{geom.NewMultiLineStringFlat(geom.XY, []float64{1, 2, 3, 4, 5, 6}, []int{4, 6}), "line 2 has 1 point(s)"},
		{geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 1, 1, 1, 0, 0}, []int{8}), ""},
		{geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 1, 0, 0}, []int{6}), "ring 1 has 3 point(s)"},
		{geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 1, 1, 1, 1, 0}, []int{8}), "ring 1 is not closed"},
		{geom.NewPolygonFlat(geom.XY, nil, nil), ""},
		{geom.NewMultiPolygonFlat(geom.XY, []float64{0, 0, 0, 1, 1, 1, 0, 0, 5, 5, 5, 6, 6, 6, 6, 5}, [][]int{{8}, {16}}), "polygon 2: ring 1 is not closed"},
		{collection, "member 1: line 1 has 1 point(s)"},
	}
	for _, c := range cases {
		if got := source.Flaw(c.g); got.EN != c.want || (got.ZH == "") != (c.want == "") {
			t.Errorf("%v: %q, want %q", c.g, got, c.want)
		}
	}
}

func TestMend(t *testing.T) {
	t.Parallel()
	sound := geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 1, 1, 1, 0, 0}, []int{8})
	cases := []struct {
		name string
		g    geom.T
		want string
	}{
		{"sound", sound, "*geom.Polygon [0 0 0 1 1 1 0 0] [8]"},
		{"not closed", geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 1, 1, 1}, []int{6}), "*geom.Polygon [0 0 0 1 1 1 0 0] [8]"},
		{"two points", geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 1}, []int{4}), "<nil>"},
		{"a hole of two points", geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 9, 9, 9, 0, 0, 1, 1, 2, 2}, []int{8, 12}), "*geom.Polygon [0 0 0 9 9 9 0 0] [8]"},
		{"an outer ring of one point", geom.NewPolygonFlat(geom.XY, []float64{0, 0, 0, 0, 0, 9, 9, 9, 0, 0}, []int{2, 10}), "<nil>"},
		{"one part broken", geom.NewMultiPolygonFlat(geom.XY, []float64{5, 5, 0, 0, 0, 1, 1, 1, 0, 0}, [][]int{{2}, {10}}), "*geom.Polygon [0 0 0 1 1 1 0 0] [8]"},
		{"a line of one point", geom.NewLineStringFlat(geom.XY, []float64{0, 0}), "<nil>"},
		{"not a number", geom.NewMultiLineStringFlat(geom.XY, []float64{0, 0, 1, 1, 2, 2, math.NaN(), 3}, []int{4, 8}), "*geom.LineString [0 0 1 1] []"},
		{"a point of none", geom.NewPointFlat(geom.XY, []float64{math.Inf(1), 0}), "<nil>"},
	}
	for _, c := range cases {
		got := "<nil>"
		mended := source.Mend(c.g)
		if mended != nil {
			got = fmt.Sprintf("%T %v %v", mended, mended.FlatCoords(), mended.Ends())
		}
		if got != c.want || source.Flaw(mended) != (grids.Text{}) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	t.Parallel()
	e := &source.RowError{Kind: source.BadNumber, File: "企业.csv", Row: 7, Field: "经度", Value: "不详", Why: grids.Text{ZH: "不是数字", EN: "not a number"}}
	if got, want := e.Error(), `企业.csv, row 7, field 经度: not a number (value "不详")`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := source.Shorten(strings.Repeat("株", 100)); got != strings.Repeat("株", 40)+"…" {
		t.Errorf("shortened to %q", got)
	}
}

func TestTallyIsBounded(t *testing.T) {
	t.Parallel()
	var tally source.Tally
	for i := range 10_000 {
		tally.Add(source.Deleted, grids.Text{EN: "the same"})
		tally.Add(source.FieldSkipped, grids.Text{EN: fmt.Sprint("another ", i)})
	}
	notes := tally.Notes()
	if len(notes) > 200 || notes[0].Count != 10_000 {
		t.Errorf("%d notes, the first counted %d", len(notes), notes[0].Count)
	}
}
