package edit_test

import (
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/edit"
)

// patchwork is sixteen squares of 64 m thrown together to five cells, one with
// an enclave, one of two parts that meet others at corners.
func patchwork(t testing.TB) []orb.MultiPolygon {
	t.Helper()
	c, err := geo.NewCoverage(squares(t, 4, 4, 64))
	if err != nil {
		t.Fatal(err)
	}
	cells, err := c.Dissolve([]int{
		0, 0, 0, 1,
		0, 2, 0, 1,
		0, 0, 0, 3,
		4, 4, 1, 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

// drawn reads positions from bytes, two each: mostly steps of 2 m over the
// patchwork and about it, so that they hit vertices and lines, and some that are
// no places at all.
func drawn(data []byte) orb.LineString {
	var out orb.LineString
	for ; len(data) >= 2 && len(out) < 40; data = data[2:] {
		switch x, y := float64(data[0]), float64(data[1]); data[0] {
		case 255:
			out = append(out, orb.Point{math.NaN(), y})
		case 254:
			out = append(out, orb.Point{113, 27 + y})
		case 253:
			out = append(out, orb.Point{y * 2, 27})
		case 252:
			out = append(out, orb.Point{113 + y*1e-7, 27 + y*1e-7})
		default:
			out = append(out, at(2*x-100, 2*y-100))
		}
	}
	return out
}

// refused fails unless the error is one that an edit may give, and tells
// whether there is one.
func refused(t *testing.T, err error) bool {
	t.Helper()
	if err == nil {
		return false
	}
	var f *edit.Fault
	if !errors.As(err, &f) && !errors.Is(err, edit.ErrOptions) {
		t.Fatal(err)
	}
	if f != nil && (f.Kind == edit.BadCell || math.IsNaN(f.Place[0]+f.Place[1])) {
		t.Fatal(f)
	}
	return true
}

func options(b byte) edit.Options {
	return edit.Options{
		Prune:      b&1 > 0,
		AllowParts: b&2 > 0,
		Snap:       []float64{0, -1, 3, 60}[b>>2&3],
		MaxSegment: []float64{0, 7}[b>>4&1],
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(byte(0), byte(0), []byte{40, 70, 200, 80})
	f.Add(byte(1), byte(1), []byte{40, 70, 200, 80, 70, 40, 80, 200})
	f.Add(byte(0), byte(5), []byte{50, 50, 82, 50, 82, 82, 114, 82, 178, 50})
	f.Add(byte(4), byte(0), []byte{40, 170, 200, 170, 255, 1})
	f.Add(byte(0), byte(17), []byte{60, 40, 60, 200, 60, 200, 60, 40})
	f.Fuzz(func(t *testing.T, cell, o byte, data []byte) {
		cells := patchwork(t)
		given := cells[int(cell)%len(cells)]
		half := len(data) / 4 * 2
		for _, lines := range [][]orb.LineString{{drawn(data)}, {drawn(data[:half]), drawn(data[half:])}} {
			pieces, err := edit.Split(given, lines, options(o))
			if refused(t, err) {
				continue
			}
			if len(pieces) < 2 {
				t.Fatalf("split into %d", len(pieces))
			}
			require(t, given, pieces)
		}
		if !same(cells, patchwork(t)) {
			t.Fatal("the cells changed")
		}
	})
}

func FuzzMoveBoundary(f *testing.F) {
	f.Add(byte(0), byte(1), byte(0), []byte{50, 50, 90, 60, 50, 82})
	f.Add(byte(0), byte(2), byte(0), []byte{82, 82, 70, 100, 82, 114})
	f.Add(byte(3), byte(1), byte(16), []byte{146, 114, 160, 100, 178, 114})
	f.Fuzz(func(t *testing.T, a, b, o byte, data []byte) {
		cells := patchwork(t)
		i, j := int(a)%len(cells), int(b)%len(cells)
		after, err := edit.MoveBoundary(cells, i, j, drawn(data), options(o))
		if !same(cells, patchwork(t)) {
			t.Fatal("the cells changed")
		}
		if refused(t, err) {
			return
		}
		require(t, union(t, cells), after)
		for _, k := range edit.Changed(cells, after) {
			if k != i && k != j {
				t.Fatalf("cell %d changed", k)
			}
		}
	})
}

func FuzzCutOut(f *testing.F) {
	f.Add(byte(0), []byte{60, 60, 100, 60, 100, 100, 60, 100}, []byte{})
	f.Add(byte(2), []byte{40, 40, 200, 40, 200, 200, 40, 200}, []byte{70, 70, 90, 70, 90, 90})
	f.Add(byte(6), []byte{82, 82, 114, 82, 114, 114, 82, 114}, []byte{})
	f.Fuzz(func(t *testing.T, o byte, outline, hole []byte) {
		cells := patchwork(t)
		p := orb.Polygon{orb.Ring(drawn(outline))}
		if len(hole) > 0 {
			p = append(p, orb.Ring(drawn(hole)))
		}
		piece, after, err := edit.CutOut(cells, p, options(o))
		if !same(cells, patchwork(t)) {
			t.Fatal("the cells changed")
		}
		if refused(t, err) {
			return
		}
		left := []orb.MultiPolygon{piece}
		for _, c := range after {
			if c != nil {
				left = append(left, c)
			}
		}
		require(t, union(t, cells), left)
	})
}

func FuzzMerge(f *testing.F) {
	f.Add([]byte{0, 1, 2})
	f.Add([]byte{3, 4})
	f.Add([]byte{1, 1})
	f.Fuzz(func(t *testing.T, which []byte) {
		all := patchwork(t)
		var cells []orb.MultiPolygon
		seen := map[byte]bool{}
		twice := false
		for _, b := range which {
			b %= byte(len(all))
			cells = append(cells, all[b])
			twice = twice || seen[b]
			seen[b] = true
		}
		whole, err := edit.Merge(cells, edit.Options{})
		if twice {
			if err == nil {
				t.Fatal("a cell was merged with itself")
			}
			return
		}
		if !refused(t, err) {
			require(t, union(t, cells), []orb.MultiPolygon{whole})
		}
	})
}
