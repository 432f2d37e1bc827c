package geo_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/geo/geotest"
	"unigrid/geo/lattice"
)

// TestMain lets every property see so many coverages unless told otherwise by
// -rapid.checks.
func TestMain(m *testing.M) {
	flag.Parse()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "rapid.checks" })
	if !told {
		if err := flag.Set("rapid.checks", coverages); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// random draws what a coverage depends on, least first.
func random(t *rapid.T) (r *rand.Rand, columns, rows, bends int) {
	columns = rapid.IntRange(1, 5).Draw(t, "columns")
	rows = rapid.IntRange(1, 5).Draw(t, "rows")
	bends = rapid.IntRange(0, 4).Draw(t, "bends")
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), columns, rows, bends
}

func partition(t *rapid.T) (*geotest.Partition, *rand.Rand) {
	r, columns, rows, bends := random(t)
	return geotest.NewPartition(r, columns, rows, bends, 1+r.IntN(8)), r
}

func build(t *rapid.T, cells []orb.MultiPolygon) *geo.Coverage {
	c, err := geo.NewCoverage(cells)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func onlyUnmatched(findings []geo.Finding) bool {
	return !slices.ContainsFunc(findings, func(f geo.Finding) bool { return f.Kind != geo.Unmatched })
}

func units(t *rapid.T, m orb.MultiPolygon) lattice.MultiPolygon {
	out, err := lattice.FromMultiPolygon(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A partition validates; united in any way it is, vertex by vertex, what the
// same faces put together by their geometry are.
func TestPartitionsAreProvedAndUnited(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := partition(t)
		c := build(t, p.Cells)
		if f := c.Validate(p.Parent); len(f) > 0 {
			t.Fatalf("a partition does not validate: %v", f)
		}
		if f := c.Validate(nil); !onlyUnmatched(f) {
			t.Fatalf("without a parent it does not: %v", f)
		}
		groups := make([]int, len(p.Cells))
		for i := range groups {
			groups[i] = r.IntN(len(groups)+1) - 1
		}
		united, err := c.Dissolve(groups)
		if err != nil {
			t.Fatal(err)
		}
		for g, m := range united {
			want := p.Area(func(face int) bool { return p.Label[face] >= 0 && groups[p.Label[face]] == g })
			got := units(t, m)
			if !got.Equal(want) {
				t.Fatalf("group %d is %v, want %v", g, got, want)
			}
			var area int64
			for i, cell := range p.Cells {
				if groups[i] == g {
					area += units(t, cell).Area2()
				}
			}
			if got.Area2() != area {
				t.Fatalf("group %d has area %d, its cells %d", g, got.Area2(), area)
			}
		}
	})
}

// Neighbours and arcs are what counting segments one by one says.
func TestNeighboursAndArcsByCounting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, _ := partition(t)
		c := build(t, p.Cells)
		owner := map[lattice.Segment]int{}
		for i, cell := range p.Cells {
			for _, s := range units(t, cell).Segments() {
				owner[s] = i
			}
		}
		type pair struct{ a, b int }
		want := map[pair]float64{}
		pieces := 0
		for s, a := range owner {
			b, shared := owner[s.Reverse()]
			if !shared || s == s.Canonical() {
				pieces++
			}
			if shared && a < b {
				want[pair{a, b}] += s.Metres()
			}
		}
		borders := c.Neighbours()
		if len(borders) != len(want) {
			t.Fatalf("%d borders, want %d", len(borders), len(want))
		}
		for k, b := range borders {
			if k > 0 && (b.A < borders[k-1].A || b.A == borders[k-1].A && b.B <= borders[k-1].B) {
				t.Fatalf("borders out of order: %v", borders)
			}
			if m := want[pair{b.A, b.B}]; b.A >= b.B || m == 0 || b.Metres < m*(1-1e-12) || b.Metres > m*(1+1e-12) {
				t.Fatalf("border %v, want %v m", b, m)
			}
		}
		for _, arc := range c.Arcs() {
			for k := 1; k < len(arc.Line); k++ {
				a, _ := lattice.FromOrb(arc.Line[k-1])
				b, _ := lattice.FromOrb(arc.Line[k])
				s := lattice.Segment{A: a, B: b}
				right, shared := owner[s.Reverse()]
				if !shared {
					right = -1
				}
				if left, ok := owner[s]; !ok || left != arc.Left || right != arc.Right {
					t.Fatalf("arc between %d and %d, its segment between %d and %d", arc.Left, arc.Right, left, right)
				}
				pieces--
			}
		}
		if pieces != 0 {
			t.Fatalf("%d segments more than in the arcs", pieces)
		}
	})
}

// rings counts the rings of every part.
func rings(m orb.MultiPolygon) []int {
	out := make([]int, len(m))
	for i, p := range m {
		out[i] = len(p)
	}
	slices.Sort(out)
	return out
}

// sameWhenSimple tells whether simplified cells are a coverage with the same
// neighbours, the same rings and the same outer boundary but for vertices.
func sameWhenSimple(t rapid.TB, c *geo.Coverage, cells, simple []orb.MultiPolygon) {
	t.Helper()
	s, err := geo.NewCoverage(simple)
	if err != nil {
		t.Fatal(err)
	}
	if f := s.Validate(nil); !onlyUnmatched(f) {
		t.Fatalf("simplified: %v", f)
	}
	borders, was := s.Neighbours(), c.Neighbours()
	if !slices.EqualFunc(borders, was, func(x, y geo.Border) bool { return x.A == y.A && x.B == y.B }) {
		t.Fatalf("simplified, other neighbours: %v, were %v", borders, was)
	}
	for i := range cells {
		if !slices.Equal(rings(cells[i]), rings(simple[i])) {
			t.Fatalf("cell %d had rings %v and has %v", i, rings(cells[i]), rings(simple[i]))
		}
	}
	all := make([]int, len(cells))
	before, err := c.Dissolve(all)
	if err != nil {
		t.Fatal(err)
	}
	after, err := s.Dissolve(all)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rings(before[0]), rings(after[0])) {
		t.Fatalf("the outer boundary had rings %v and has %v", rings(before[0]), rings(after[0]))
	}
	if f := s.Validate(after[0]); len(f) > 0 {
		t.Fatalf("simplified against its own outer boundary: %v", f)
	}
}

func TestSimplifiedPartitionsFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, _ := partition(t)
		c := build(t, p.Cells)
		tolerance := rapid.SampledFrom([]float64{0, 0.5, 2, 10, 40, 1000}).Draw(t, "tolerance")
		sameWhenSimple(t, c, p.Cells, c.Simplify(tolerance))
	})
}

// Areas of a mesh that may lie on each other: found to overlap if and only if
// some face is in two of them.
func TestOverlapsAreFoundExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, columns, rows, bends := random(t)
		m := geotest.NewMesh(r, columns, rows, bends)
		times := make([]int, len(m.Faces))
		var cells []orb.MultiPolygon
		for range 1 + r.IntN(3) {
			share := r.Float64() * r.Float64()
			var in []bool
			for i := range m.Faces {
				in = append(in, r.Float64() < share && (times[i] == 0 || r.IntN(8) == 0))
			}
			for i := range in {
				if in[i] {
					times[i]++
				}
			}
			if area := m.Area(func(face int) bool { return in[face] }); len(area) > 0 {
				cells = append(cells, geotest.Scramble(r, area))
			}
		}
		overlap := slices.Max(times) > 1
		if f := build(t, cells).Validate(nil); onlyUnmatched(f) == overlap {
			t.Fatalf("overlap %v, found %v", overlap, f)
		}
	})
}

// One change to one cell, or to the parent, is always found.
func TestEveryMutationIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, r := partition(t)
		cells, parent := slices.Clone(p.Cells), p.Parent
		i := r.IntN(len(cells))
		overlap := false
		label := p.Label
		kind := rapid.SampledFrom([]string{"move", "insert", "drop", "twice", "grow", "shrink", "parent"}).Draw(t, "mutation")
		switch kind {
		case "move":
			cells[i] = moved(r, cells[i])
		case "insert":
			cells[i] = inserted(r, cells[i])
		case "parent":
			parent = moved(r, parent)
		case "drop":
			cells = slices.Delete(cells, i, i+1)
		case "twice":
			cells, overlap = append(cells, geotest.Scramble(r, units(t, cells[i]))), true
		case "grow":
			extra := r.IntN(len(label))
			if label[extra] == i {
				t.Skip("its own already")
			}
			overlap = label[extra] >= 0
			cells[i] = p.Area(func(face int) bool { return label[face] == i || face == extra }).Orb()
		case "shrink":
			less := slices.Index(label, i)
			cells[i] = p.Area(func(face int) bool { return label[face] == i && face != less }).Orb()
		}
		c, err := geo.NewCoverage(cells)
		if err != nil {
			return // refused at once: as good as found
		}
		if len(c.Validate(parent)) == 0 {
			t.Fatalf("%s of cell %d was not found", kind, i)
		}
		if overlap && onlyUnmatched(c.Validate(nil)) {
			t.Fatalf("%s of cell %d overlaps, and was not found without a parent", kind, i)
		}
	})
}

// moved returns the area with one vertex one unit off.
func moved(r *rand.Rand, m orb.MultiPolygon) orb.MultiPolygon {
	m = m.Clone()
	p := m[r.IntN(len(m))]
	ring := p[r.IntN(len(p))]
	k := r.IntN(len(ring) - 1)
	ring[k][r.IntN(2)] += float64(2*r.IntN(2)-1) * 1e-7
	if k == 0 {
		ring[len(ring)-1] = ring[0]
	}
	return m
}

// inserted returns the area with one more vertex, at the middle of a segment as
// well as the lattice allows.
func inserted(r *rand.Rand, m orb.MultiPolygon) orb.MultiPolygon {
	m = m.Clone()
	p := m[r.IntN(len(m))]
	n := r.IntN(len(p))
	k := r.IntN(len(p[n]) - 1)
	a, b := p[n][k], p[n][k+1]
	p[n] = slices.Insert(p[n], k+1, orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2})
	return m
}
