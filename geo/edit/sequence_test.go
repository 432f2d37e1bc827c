package edit_test

import (
	"errors"
	"os"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo/edit"
)

// places draws positions over a set: anywhere about it, or on or near its
// vertices.
func places(cells []orb.MultiPolygon) *rapid.Generator[orb.Point] {
	var vertices []orb.Point
	var box orb.Bound
	for i, m := range cells {
		if len(m) == 0 {
			continue
		}
		if i == 0 {
			box = m.Bound()
		}
		box = box.Union(m.Bound())
		for _, p := range m {
			for _, r := range p {
				vertices = append(vertices, r...)
			}
		}
	}
	w, h := box.Max[0]-box.Min[0], box.Max[1]-box.Min[1]
	return rapid.Custom(func(t *rapid.T) orb.Point {
		switch rapid.IntRange(0, 3).Draw(t, "place") {
		case 0:
			return rapid.SampledFrom(vertices).Draw(t, "vertex")
		case 1:
			v := rapid.SampledFrom(vertices).Draw(t, "near")
			return orb.Point{v[0] + rapid.Float64Range(-30, 30).Draw(t, "x")*east, v[1] + rapid.Float64Range(-30, 30).Draw(t, "y")*metre}
		}
		return orb.Point{
			box.Min[0] + w*rapid.Float64Range(-0.1, 1.1).Draw(t, "x"),
			box.Min[1] + h*rapid.Float64Range(-0.1, 1.1).Draw(t, "y"),
		}
	})
}

func path(t *rapid.T, at *rapid.Generator[orb.Point], least, most int) orb.LineString {
	return rapid.SliceOfN(at, least, most).Draw(t, "path")
}

// clone copies a set with its name for what has to stay as it was.
func clone(cells []orb.MultiPolygon) []orb.MultiPolygon {
	out := make([]orb.MultiPolygon, len(cells))
	for i, m := range cells {
		out[i] = m.Clone()
	}
	return out
}

// done counts the edits that went through and those refused, by kind.
type done map[string]int

func TestEditSequences(t *testing.T) {
	t.Parallel()
	count := done{}
	rapid.Check(t, func(t *rapid.T) {
		cells := sets().Draw(t, "set")
		parent := union(t, cells)
		for range 10 {
			cells = step(t, cells, count)
			require(t, parent, cells)
		}
	})
	for _, op := range []string{"split", "merge", "move", "cut", "vertex", "insert"} {
		if count[op] == 0 {
			t.Errorf("no %s went through: %v", op, count)
		}
	}
	if os.Getenv("EDIT_COUNTS") != "" {
		t.Log(count)
	}
}

// step makes one random edit and returns the set after it.
func step(t *rapid.T, cells []orb.MultiPolygon, count done) []orb.MultiPolygon {
	before := clone(cells)
	at := places(cells)
	cell := rapid.IntRange(0, len(cells)-1)
	o := edit.Options{
		AllowParts: rapid.Bool().Draw(t, "parts"),
		Snap:       rapid.SampledFrom([]float64{-1, 0, 5}).Draw(t, "snap"),
		Prune:      rapid.Bool().Draw(t, "prune"),
	}
	op := rapid.SampledFrom([]string{"split", "merge", "move", "cut", "vertex", "insert"}).Draw(t, "edit")
	var after []orb.MultiPolygon
	var touched []int
	var err error
	switch op {
	case "split":
		i := cell.Draw(t, "cell")
		at = places(cells[i : i+1])
		lines := []orb.LineString{path(t, at, 2, 6)}
		if rapid.Bool().Draw(t, "second") {
			lines = append(lines, path(t, at, 2, 4))
		}
		var pieces []orb.MultiPolygon
		if pieces, err = edit.Split(cells[i], lines, o); err == nil {
			splitCheck(t, cells[i], pieces)
			after = append(append(append(after, cells[:i]...), pieces[0]), cells[i+1:]...)
			after = append(after, pieces[1:]...)
			touched = []int{i}
		}
	case "merge":
		i, j := cell.Draw(t, "a"), cell.Draw(t, "b")
		if i == j {
			return cells
		}
		var whole orb.MultiPolygon
		if whole, err = edit.Merge([]orb.MultiPolygon{cells[i], cells[j]}, o); err == nil {
			for k, c := range cells {
				switch k {
				case i:
					after = append(after, whole)
				case j:
				default:
					after = append(after, c)
				}
			}
			count[op]++
			return after
		}
	case "move":
		i, j := cell.Draw(t, "a"), cell.Draw(t, "b")
		after, err = edit.MoveBoundary(cells, i, j, path(t, at, 2, 5), o)
		touched = []int{i, j}
	case "cut":
		ring := orb.Ring(path(t, at, 3, 6))
		var piece orb.MultiPolygon
		piece, after, err = edit.CutOut(cells, orb.Polygon{append(ring, ring[0])}, o)
		if err == nil {
			touched = edit.Changed(cells, after)
			kept := after
			after = nil
			for _, c := range kept {
				if c != nil {
					after = append(after, c)
				}
			}
			count[op]++
			return append(after, piece)
		}
	case "vertex":
		after, err = edit.MoveVertex(cells, at.Draw(t, "from"), at.Draw(t, "to"), o)
		touched = edit.Changed(cells, after)
	case "insert":
		after, _, err = edit.InsertVertex(cells, at.Draw(t, "at"), o)
		touched = edit.Changed(cells, after)
	}
	if !same(before, cells) {
		t.Fatalf("%s changed what it was given", op)
	}
	if err != nil {
		var f *edit.Fault
		if !errors.As(err, &f) && !errors.Is(err, edit.ErrOptions) {
			t.Fatalf("%s: %v", op, err)
		}
		if f != nil {
			count[op+" "+string(f.Kind)]++
			if f.Kind == edit.BadCell {
				t.Fatalf("%s: %v", op, err)
			}
		}
		return cells
	}
	count[op]++
	for i := range cells {
		if c := edit.Changed(cells[i:i+1], after[i:i+1]); len(c) > 0 && !contains(touched, i) {
			t.Fatalf("%s changed cell %d", op, i)
		}
	}
	return after
}

func contains(list []int, n int) bool {
	for _, i := range list {
		if i == n {
			return true
		}
	}
	return false
}

func same(a, b []orb.MultiPolygon) bool {
	return len(edit.Changed(a, b)) == 0
}

// splitCheck merges pieces to the cell again.
func splitCheck(t *rapid.T, cell orb.MultiPolygon, pieces []orb.MultiPolygon) {
	if len(pieces) < 2 {
		t.Fatalf("split into %d", len(pieces))
	}
	require(t, cell, pieces)
	whole, err := edit.Merge(pieces, edit.Options{})
	var f *edit.Fault
	if errors.As(err, &f) && f.Kind == edit.Apart && len(cell) > 1 {
		return // parts that never touched
	}
	if err != nil {
		t.Fatalf("merge of a split: %v", err)
	}
	if area2(t, whole) != area2(t, cell) || !sameVertices(whole, cell) {
		t.Fatal("merged pieces are not the cell that was split")
	}
}
