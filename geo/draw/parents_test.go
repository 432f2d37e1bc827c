package draw_test

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// TestMain keeps property tests short; -rapid.checks on the command line wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// metre is one metre north, in degrees.
const metre = 1 / 110_800.

// east is one metre east at 27° north, in degrees.
const east = metre / 0.896

// blob is a star-shaped ring with corners at random distances from its middle,
// between least and most metres; concave whenever they differ much.
func blob(t *rapid.T, x, y, least, most float64, corners int) orb.Ring {
	var r orb.Ring
	for i := range corners {
		a := 2 * math.Pi * float64(i) / float64(corners)
		d := rapid.Float64Range(least, most).Draw(t, "radius")
		r = append(r, orb.Point{113 + (x+d*math.Cos(a))*east, 27 + (y+d*math.Sin(a))*metre})
	}
	return append(r, r[0])
}

// parents are areas of a few square kilometres: ragged, with holes, and with
// further parts, large and tiny, their boundaries densified more or less.
func parents() *rapid.Generator[orb.MultiPolygon] {
	return rapid.Custom(func(t *rapid.T) orb.MultiPolygon {
		size := rapid.Float64Range(400, 1600).Draw(t, "size")
		least := rapid.Float64Range(0.3, 0.95).Draw(t, "least")
		first := orb.Polygon{blob(t, 0, 0, least*size, size, rapid.IntRange(5, 40).Draw(t, "corners"))}
		if rapid.Bool().Draw(t, "hole") {
			first = append(first, blob(t, 0, 0, 0.05*size, 0.25*size, rapid.IntRange(3, 9).Draw(t, "hole corners")))
		}
		m := orb.MultiPolygon{first}
		for i := range rapid.IntRange(0, 2).Draw(t, "parts") {
			part := rapid.SampledFrom([]float64{0.02, 0.1, 0.8}).Draw(t, "part") * size
			m = append(m, orb.Polygon{blob(t, 2.1*size*float64(i+1), 0, 0.5*part, part, rapid.IntRange(3, 12).Draw(t, "part corners"))})
		}
		dense, err := geo.Densify([]orb.MultiPolygon{m}, rapid.SampledFrom([]float64{20, 35, 50, 50, 300, 5000}).Draw(t, "spacing"))
		if err != nil {
			t.Fatal(err)
		}
		return dense[0]
	})
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
	want, err := lattice.FromMultiPolygon(parent)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, cell := range cells {
		m, err := lattice.FromMultiPolygon(cell)
		if err != nil {
			t.Fatal(err)
		}
		if !m.Orb().Equal(cell) {
			t.Fatal("a cell is off the lattice or wound the wrong way")
		}
		sum += m.Area2()
	}
	if sum != want.Area2() {
		t.Fatalf("areas add up to %d, the parent has %d", sum, want.Area2())
	}
}

// longestBorder returns the longest segment between two cells in metres.
func longestBorder(t testing.TB, cells []orb.MultiPolygon) float64 {
	t.Helper()
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	longest := 0.0
	for _, a := range c.Arcs() {
		for i := 1; i < len(a.Line) && a.Right >= 0; i++ {
			p, _ := lattice.FromOrb(a.Line[i-1])
			q, _ := lattice.FromOrb(a.Line[i])
			longest = math.Max(longest, lattice.Segment{A: p, B: q}.Metres())
		}
	}
	return longest
}

// counties reads the sketch of Zhuzhou's nine counties, densified together.
func counties(t testing.TB) []orb.MultiPolygon {
	t.Helper()
	data, err := os.ReadFile("../testdata/counties.geojson")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Features []struct {
			Geometry struct{ Coordinates orb.Polygon }
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var out []orb.MultiPolygon
	for _, f := range file.Features {
		out = append(out, orb.MultiPolygon{f.Geometry.Coordinates})
	}
	if out, err = geo.Densify(out, 50); err != nil {
		t.Fatal(err)
	}
	return out
}

// square is a square of so many metres, its boundary densified to 50 m.
func square(t testing.TB, x, y, size float64) orb.MultiPolygon {
	t.Helper()
	x0, y0, x1, y1 := 113+x*east, 27+y*metre, 113+(x+size)*east, 27+(y+size)*metre
	dense, err := geo.Densify([]orb.MultiPolygon{{{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}}}}, 50)
	if err != nil {
		t.Fatal(err)
	}
	return dense[0]
}
