package edit_test

import (
	"errors"
	"math"
	"os"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
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

func near(t *rapid.T, p orb.Point, metres float64) orb.Point {
	return orb.Point{
		p[0] + rapid.Float64Range(-metres, metres).Draw(t, "x")*east,
		p[1] + rapid.Float64Range(-metres, metres).Draw(t, "y")*metre,
	}
}

// round is a star-shaped polygon with corners at distances in metres.
func round(middle orb.Point, distances []float64) orb.Polygon {
	var r orb.Ring
	for i, d := range distances {
		a := 2 * math.Pi * float64(i) / float64(len(distances))
		r = append(r, orb.Point{middle[0] + d*math.Cos(a)*east, middle[1] + d*math.Sin(a)*metre})
	}
	return orb.Polygon{append(r, r[0])}
}

// newCourse draws two cells and a new course of their border: mostly one beside
// a stretch of what they share, or else anything.
func newCourse(t *rapid.T, cells []orb.MultiPolygon, at *rapid.Generator[orb.Point]) (a, b int, course orb.LineString) {
	cell := rapid.IntRange(0, len(cells)-1)
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	var shared []geo.Arc
	for _, arc := range c.Arcs() {
		if arc.Right >= 0 {
			shared = append(shared, arc)
		}
	}
	if len(shared) == 0 || rapid.IntRange(0, 4).Draw(t, "where") == 0 {
		return cell.Draw(t, "a"), cell.Draw(t, "b"), path(t, at, 2, 5)
	}
	arc := rapid.SampledFrom(shared).Draw(t, "arc")
	off := rapid.SampledFrom([]float64{2, 15, 60}).Draw(t, "off")
	i := rapid.IntRange(0, len(arc.Line)-2).Draw(t, "from")
	j := rapid.IntRange(i+1, len(arc.Line)-1).Draw(t, "to")
	course = orb.LineString{near(t, arc.Line[i], 2)}
	for k := i + 1; k < j; k += rapid.IntRange(1, 4).Draw(t, "step") {
		course = append(course, near(t, arc.Line[k], off))
	}
	if len(course) == 1 {
		course = append(course, near(t, arc.Line[i], off))
	}
	course = append(course, near(t, arc.Line[j], 2))
	if rapid.Bool().Draw(t, "back") {
		course.Reverse()
	}
	return arc.Left, arc.Right, course
}

// clone copies a set.
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
			after := step(t, cells, count)
			if len(after) != len(cells) || &after[0] != &cells[0] {
				require(t, parent, after)
			}
			cells = after
		}
	})
	for _, op := range []string{"split", "merge", "move", "cut"} {
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
	op := rapid.SampledFrom([]string{"split", "merge", "move", "cut"}).Draw(t, "edit")
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
		i, j, course := newCourse(t, cells, at)
		after, err = edit.MoveBoundary(cells, i, j, course, o)
		touched = []int{i, j}
	case "cut":
		outline := orb.Polygon{orb.Ring(path(t, at, 3, 6))}
		if rapid.Bool().Draw(t, "round") {
			outline = round(at.Draw(t, "middle"), rapid.SliceOfN(rapid.Float64Range(20, 300), 3, 9).Draw(t, "corners"))
			if rapid.IntRange(0, 3).Draw(t, "hole") == 0 {
				outline = append(outline, round(outline[0][0], []float64{5, 5, 5})[0])
			}
		}
		var piece orb.MultiPolygon
		piece, after, err = edit.CutOut(cells, outline, o)
		if err == nil {
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
