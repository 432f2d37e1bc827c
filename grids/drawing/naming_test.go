package drawing_test

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"unigrid/grids"
	"unigrid/grids/drawing"
)

func codes(list ...grids.Code) []drawing.CodeName {
	out := make([]drawing.CodeName, len(list))
	for i, code := range list {
		out[i] = drawing.CodeName{Code: code, Name: string(code)}
	}
	return out
}

func box(x0, y0, x1, y1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}}}
}

func TestOutward(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		codes []drawing.CodeName
		want  []grids.Code
	}{
		"streets, towns, townships, others": {
			codes("430202400000", "430202200000", "430202100000", "430202002000", "430202001000", "430202101000"),
			[]grids.Code{"430202001000", "430202002000", "430202100000", "430202101000", "430202200000", "430202400000"},
		},
		"communities before villages": {
			codes("430202100200", "430202100498", "430202100201", "430202100101", "430202100001"),
			[]grids.Code{"430202100001", "430202100101", "430202100200", "430202100201", "430202100498"},
		},
		"another scheme": {codes("10002020", "10002010"), []grids.Code{"10002010", "10002020"}},
		"none":           {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []grids.Code
			for _, i := range drawing.Outward(c.codes) {
				got = append(got, c.codes[i].Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	list := []orb.MultiPolygon{box(113.3, 27, 113.4, 27.1), box(113, 27, 113.1, 27.1), box(113.1, 27, 113.3, 27.1)}
	from := orb.Point{113.05, 27.05}
	given := codes("430223100000", "430223002000", "430223001000")
	if got := drawing.Names(list, from, given); !slices.Equal(got, []int{0, 2, 1}) {
		t.Errorf("names %v: the nearest cell gets the first street, the farthest the town", got)
	}
	if got := drawing.Names(list, from, given[:2]); !slices.Equal(got, []int{-1, 1, 0}) {
		t.Errorf("names %v with one code too few", got)
	}
	// A degree of longitude is shorter than one of latitude: 0.040° east is
	// nearer than 0.038° north.
	east := []orb.MultiPolygon{box(113.04, 27.08, 113.06, 27.096), box(113.08, 27.04, 113.1, 27.06)}
	if got := drawing.Names(east, orb.Point{113.05, 27.05}, codes("430223001000", "430223002000")); !slices.Equal(got, []int{1, 0}) {
		t.Errorf("names %v", got)
	}
}

func TestMiddle(t *testing.T) {
	t.Parallel()
	u := orb.MultiPolygon{{{{0, 0}, {3, 0}, {3, 3}, {2, 3}, {2, 1}, {1, 1}, {1, 3}, {0, 3}, {0, 0}}}}
	ring := orb.MultiPolygon{{
		{{0, 0}, {3, 0}, {3, 3}, {0, 3}, {0, 0}}, {{0.5, 0.5}, {0.5, 2.5}, {2.5, 2.5}, {2.5, 0.5}, {0.5, 0.5}},
	}}
	parts := append(box(5, 5, 5.1, 5.1), box(0, 0, 1, 1)...)
	for name, area := range map[string]orb.MultiPolygon{"U": u, "ring": ring, "parts": parts, "box": box(1, 1, 2, 2)} {
		if at := drawing.Middle(area); !planar.MultiPolygonContains(area, at) {
			t.Errorf("%s: %v is not inside", name, at)
		}
	}
	if at := drawing.Middle(parts); at != (orb.Point{0.5, 0.5}) {
		t.Errorf("middle of the largest part is %v", at)
	}
	if at := drawing.Middle(nil); at != (orb.Point{}) {
		t.Errorf("middle of nothing is %v", at)
	}
}
