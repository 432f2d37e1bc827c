package edit_test

import (
	"flag"
	"math"
	"os"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// TestMain sets how many sequences the property tests try; -rapid.checks on the
// command line wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// metre is one metre north, in degrees, and east one metre east at 27° north.
const (
	metre = 1 / 110_800.
	east  = metre / 0.896
)

// at returns the place so many metres east and north of 113°, 27°.
func at(x, y float64) orb.Point { return orb.Point{113 + x*east, 27 + y*metre} }

// line draws a line through places in metres.
func line(xy ...float64) orb.LineString {
	var out orb.LineString
	for i := 0; i < len(xy); i += 2 {
		out = append(out, at(xy[i], xy[i+1]))
	}
	return out
}

// polygon closes a ring through places in metres.
func polygon(xy ...float64) orb.Polygon {
	r := orb.Ring(line(xy...))
	return orb.Polygon{append(r, r[0])}
}

// squares is a set of columns × rows squares of so many metres, in rows from the
// south-west, densified to 50 m.
func squares(t testing.TB, columns, rows int, size float64) []orb.MultiPolygon {
	t.Helper()
	var out []orb.MultiPolygon
	for y := range rows {
		for x := range columns {
			x0, y0 := float64(x)*size, float64(y)*size
			out = append(out, orb.MultiPolygon{polygon(x0, y0, x0+size, y0, x0+size, y0+size, x0, y0+size)})
		}
	}
	out, err := geo.Densify(out, 50)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sets are coverages of a few cells with holes, enclaves, several parts and
// corners that touch: the quadrilaterals of a crooked grid, thrown together.
func sets() *rapid.Generator[[]orb.MultiPolygon] {
	return rapid.Custom(func(t *rapid.T) []orb.MultiPolygon {
		n := rapid.IntRange(2, 6).Draw(t, "quads per side")
		size := rapid.SampledFrom([]float64{0.3, 40, 150, 400}).Draw(t, "size")
		crooked := rapid.Float64Range(0, 0.4).Draw(t, "crooked")
		corner := map[[2]int]orb.Point{}
		for x := range n + 1 {
			for y := range n + 1 {
				dx, dy := rapid.Float64Range(-1, 1).Draw(t, "dx"), rapid.Float64Range(-1, 1).Draw(t, "dy")
				corner[[2]int{x, y}] = at(size*(float64(x)+crooked*dx), size*(float64(y)+crooked*dy))
			}
		}
		cells := rapid.IntRange(1, min(6, n*n)).Draw(t, "cells")
		holes := rapid.IntRange(0, 1).Draw(t, "holes")
		blocks := rapid.IntRange(1, 3).Draw(t, "blocks")
		var quads []orb.MultiPolygon
		var groups []int
		label := map[[2]int]int{}
		for x := range n {
			for y := range n {
				a, b, c, d := corner[[2]int{x, y}], corner[[2]int{x + 1, y}], corner[[2]int{x + 1, y + 1}], corner[[2]int{x, y + 1}]
				block := [2]int{x / blocks, y / blocks}
				if _, ok := label[block]; !ok {
					label[block] = rapid.IntRange(-holes, cells-1).Draw(t, "cell")
				}
				quads = append(quads, orb.MultiPolygon{{{a, b, c, d, a}}})
				groups = append(groups, label[block])
			}
		}
		quads, err := geo.Densify(quads, rapid.SampledFrom([]float64{15, 50, 1000}).Draw(t, "spacing"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := geo.NewCoverage(quads)
		if err != nil {
			t.Fatal(err)
		}
		all, err := c.Dissolve(groups)
		if err != nil {
			t.Fatal(err)
		}
		var out []orb.MultiPolygon
		for _, m := range all {
			if m != nil {
				out = append(out, m)
			}
		}
		if len(out) == 0 {
			out = quads[:1]
		}
		return out
	})
}

// union returns what the cells cover.
func union(t rapid.TB, cells []orb.MultiPolygon) orb.MultiPolygon {
	t.Helper()
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Dissolve(make([]int, len(cells)))
	if err != nil {
		t.Fatal(err)
	}
	return m[0]
}

// require fails unless the cells partition the parent exactly.
func require(t rapid.TB, parent orb.MultiPolygon, cells []orb.MultiPolygon) {
	t.Helper()
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	if f := c.Validate(parent); len(f) > 0 {
		t.Fatalf("%d findings, first: %s", len(f), f[0])
	}
	sum := int64(0)
	for i, cell := range cells {
		m, err := lattice.FromMultiPolygon(cell)
		if err != nil {
			t.Fatal(err)
		}
		if !m.Orb().Equal(cell) {
			t.Fatalf("cell %d is off the lattice or wound the wrong way", i)
		}
		sum += m.Area2()
	}
	if want := area2(t, parent); sum != want {
		t.Fatalf("areas add up to %d, the parent has %d", sum, want)
	}
	whole, err := c.Dissolve(make([]int, len(cells)))
	if err != nil {
		t.Fatal(err)
	}
	if !sameVertices(whole[0], parent) {
		t.Fatal("the outer boundary has other vertices")
	}
}

func area2(t rapid.TB, m orb.MultiPolygon) int64 {
	t.Helper()
	l, err := lattice.FromMultiPolygon(m)
	if err != nil {
		t.Fatal(err)
	}
	return l.Area2()
}

// sameVertices tells whether two areas have the same vertices, as often.
func sameVertices(a, b orb.MultiPolygon) bool {
	count := map[orb.Point]int{}
	for k, m := range []orb.MultiPolygon{a, b} {
		for _, p := range m {
			for _, r := range p {
				for _, q := range r[1:] {
					count[q] += 1 - 2*k
				}
			}
		}
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// longestBorder returns the longest segment between two cells in metres.
func longestBorder(t testing.TB, cells []orb.MultiPolygon) float64 {
	t.Helper()
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	longest := 0.
	for _, a := range c.Arcs() {
		for i := 1; i < len(a.Line) && a.Right >= 0; i++ {
			p, _ := lattice.FromOrb(a.Line[i-1])
			q, _ := lattice.FromOrb(a.Line[i])
			longest = math.Max(longest, lattice.Segment{A: p, B: q}.Metres())
		}
	}
	return longest
}
