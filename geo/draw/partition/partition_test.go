package partition_test

import (
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"unigrid/geo/draw/partition"
)

// TestMain keeps property tests short; -rapid.checks on the command line wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "200"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// link is an edge to build graphs from.
type link struct {
	a, b   int32
	weight float64
}

func build(loads []float64, links []link) partition.Graph {
	rows := make([][]link, len(loads))
	for _, l := range links {
		rows[l.a] = append(rows[l.a], l)
		rows[l.b] = append(rows[l.b], link{l.b, l.a, l.weight})
	}
	g := partition.Graph{First: make([]int32, 1), Load: loads}
	for _, row := range rows {
		for _, l := range row {
			g.To, g.Weight = append(g.To, l.b), append(g.Weight, l.weight)
		}
		g.First = append(g.First, int32(len(g.To)))
	}
	return g
}

// square is a lattice of rows × columns, each vertex with up to four edges.
func square(rows, columns int) partition.Graph {
	loads := make([]float64, rows*columns)
	var links []link
	for i := range loads {
		loads[i] = 1
		if (i+1)%columns != 0 {
			links = append(links, link{int32(i), int32(i + 1), 1})
		}
		if i+columns < len(loads) {
			links = append(links, link{int32(i), int32(i + columns), 1})
		}
	}
	return build(loads, links)
}

// connectedParts fails unless there are k parts, none empty, each connected.
func connectedParts(t interface{ Fatalf(string, ...any) }, g partition.Graph, part []int32, k int) {
	found := make([]int, k)
	seen := make([]bool, len(part))
	for v := range part {
		if part[v] < 0 || int(part[v]) >= k {
			t.Fatalf("vertex %d is in part %d of %d", v, part[v], k)
		}
		if seen[v] {
			continue
		}
		seen[v] = true
		found[part[v]]++
		todo := []int32{int32(v)}
		for i := 0; i < len(todo); i++ {
			for e := g.First[todo[i]]; e < g.First[todo[i]+1]; e++ {
				if u := g.To[e]; !seen[u] && part[u] == part[v] {
					seen[u] = true
					todo = append(todo, u)
				}
			}
		}
	}
	for p, n := range found {
		if n != 1 {
			t.Fatalf("part %d is in %d pieces", p, n)
		}
	}
}

// worst returns the largest and the smallest load relative to the mean.
func worst(g partition.Graph, part []int32, k int) (most, least float64) {
	load, total := make([]float64, k), 0.0
	for v, p := range part {
		load[p] += g.Load[v]
		total += g.Load[v]
	}
	return slices.Max(load) * float64(k) / total, slices.Min(load) * float64(k) / total
}

// graphs are connected: a random tree with more edges between its vertices.
func graphs() *rapid.Generator[partition.Graph] {
	return rapid.Custom(func(t *rapid.T) partition.Graph {
		n := rapid.IntRange(1, 120).Draw(t, "vertices")
		reach := rapid.SampledFrom([]int{1, 3, 200}).Draw(t, "reach") // 1 is a path, 200 bushy
		loads := make([]float64, n)
		var links []link
		for i := range loads {
			loads[i] = rapid.SampledFrom([]float64{0, 1, 1, 1, 2, 10}).Draw(t, "load")
			if i > 0 {
				links = append(links, link{int32(i - 1 - rapid.IntRange(0, min(reach, i)-1).Draw(t, "up")), int32(i), rapid.Float64Range(0, 3).Draw(t, "weight")})
			}
		}
		for range rapid.IntRange(0, n).Draw(t, "more") {
			a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
			if a != b {
				links = append(links, link{int32(a), int32(b), 1})
			}
		}
		return build(loads, links)
	})
}

func TestPartsAreConnected(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := graphs().Draw(t, "graph")
		k := rapid.IntRange(1, g.Len()).Draw(t, "k")
		o := partition.Options{Seed: rapid.Uint64().Draw(t, "seed"), Tries: rapid.IntRange(0, 2).Draw(t, "tries")}
		part, err := partition.Parts(context.Background(), g, k, o)
		if err != nil {
			t.Fatal(err)
		}
		connectedParts(t, g, part, k)
		again, err := partition.Parts(context.Background(), g, k, o)
		if err != nil || !slices.Equal(part, again) {
			t.Fatalf("the same seed gave other parts (%v)", err)
		}
	})
}

func TestImproveMendsAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := graphs().Draw(t, "graph")
		k := rapid.IntRange(1, g.Len()).Draw(t, "k")
		start := make([]int32, g.Len())
		for v := range start {
			start[v] = int32(rapid.IntRange(0, k-1).Draw(t, "part"))
		}
		part, err := partition.Improve(context.Background(), g, k, start, partition.Options{})
		if err != nil {
			t.Fatal(err)
		}
		connectedParts(t, g, part, k)
	})
}

func TestImproveKeepsWhatIsGood(t *testing.T) {
	t.Parallel()
	g := square(20, 20)
	start := make([]int32, g.Len())
	for v := range start {
		start[v] = int32(v/200*2 + v%20/10)
	}
	part, err := partition.Improve(context.Background(), g, 4, start, partition.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(part, start) {
		t.Error("four equal squares were changed")
	}
}

func TestPartsOfALattice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows, columns, k int
		cut              float64 // no more than
	}{{16, 16, 4, 36}, {30, 30, 9, 150}, {1, 50, 5, 4}, {4, 100, 4, 12}} {
		for seed := range uint64(5) {
			g := square(c.rows, c.columns)
			part, err := partition.Parts(context.Background(), g, c.k, partition.Options{Seed: seed, Tries: 2})
			if err != nil {
				t.Fatal(err)
			}
			connectedParts(t, g, part, c.k)
			if cut := g.Cut(part); cut > c.cut {
				t.Errorf("%d × %d into %d: cut %v, want at most %v", c.rows, c.columns, c.k, cut, c.cut)
			}
			if most, least := worst(g, part, c.k); most > 1.05 || least < 0.95 {
				t.Errorf("%d × %d into %d: loads from %.3f to %.3f of the mean", c.rows, c.columns, c.k, least, most)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	pieces := build([]float64{1, 1, 1}, []link{{0, 1, 1}})
	short := square(2, 2)
	short.First = short.First[1:]
	negative, heavy := square(2, 2), square(2, 2)
	negative.Load[1] = -1
	heavy.Weight[0] = math.NaN()
	for name, c := range map[string]struct {
		g    partition.Graph
		k    int
		want error
	}{
		"none":        {square(2, 2), 0, partition.ErrParts},
		"too many":    {square(2, 2), 5, partition.ErrParts},
		"no vertices": {partition.Graph{First: []int32{0}}, 1, partition.ErrParts},
		"in pieces":   {pieces, 2, partition.ErrGraph},
		"rows":        {short, 2, partition.ErrGraph},
		"load":        {negative, 2, partition.ErrGraph},
		"weight":      {heavy, 2, partition.ErrGraph},
	} {
		if _, err := partition.Parts(context.Background(), c.g, c.k, partition.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if _, err := partition.Improve(context.Background(), square(2, 2), 2, []int32{0, 1, 2, 0}, partition.Options{}); !errors.Is(err, partition.ErrParts) {
		t.Errorf("a part too high: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := partition.Parts(ctx, square(9, 9), 3, partition.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}
