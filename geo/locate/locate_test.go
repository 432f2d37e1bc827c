package locate_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo/geotest"
	"unigrid/geo/locate"
)

func index(t testing.TB, cells []orb.MultiPolygon) *locate.Index {
	t.Helper()
	var b locate.Builder
	for _, c := range cells {
		if err := b.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	return b.Index(nil)
}

func square(x, y, side float64) orb.Ring {
	return orb.Ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
}

func TestAt(t *testing.T) {
	t.Parallel()
	x := index(t, []orb.MultiPolygon{
		{{square(110, 30, 1)}, {square(113, 30, 1)}}, // two parts
		{{square(111, 30, 1)}},                       // beside the first
		{{square(110, 31, 3), square(111, 32, 1)}},   // with a hole
		{}, // nowhere
		{{square(111.25, 32.25, 0.5)}, {square(0, 0, 1)}}, // in the hole, and far off
		{{square(111.5, 32.5, 2)}},                        // over others
	})
	for _, c := range []struct {
		name     string
		lon, lat float64
		want     int // -1: none
	}{
		{"inside", 110.5, 30.5, 0},
		{"in the other part", 113.5, 30.5, 0},
		{"on a shared border", 111, 30.5, 0},
		{"just beside it", math.Nextafter(111, 112), 30.5, 1},
		{"on a corner of three", 111, 31, 0},
		{"on an outer border", 112, 30.5, 1},
		{"just out of it", math.Nextafter(112, 113), 30.5, -1},
		{"on the edge of a hole", 111, 32.5, 2},
		{"in the hole", 111.1, 32.1, -1},
		{"in the cell in the hole", 111.3, 32.3, 4},
		{"where two overlap", 111.6, 32.6, 4},
		{"where three overlap", 112.5, 32.6, 2},
		{"far off", 0.5, 0.5, 4},
		{"between", 60, 20, -1},
		{"out of all", 120, 30.5, -1},
		{"no number", math.NaN(), 30.5, -1},
		{"no end", 110.5, math.Inf(1), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := x.At(c.lon, c.lat)
			if ok != (c.want >= 0) || ok && got != c.want {
				t.Errorf("%d %v, want %d", got, ok, c.want)
			}
		})
	}
	if x.Len() != 6 || x.Bytes() < 6*32 {
		t.Errorf("%d cells, %d bytes", x.Len(), x.Bytes())
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	var b locate.Builder
	for i := range 3 {
		if err := b.Add(orb.MultiPolygon{{square(110+float64(i), 30, 1)}}); err != nil {
			t.Fatal(err)
		}
	}
	x := b.Index([]int{2, 0, 1})
	for lon, want := range map[float64]int{110.5: 1, 111: 1, 111.5: 2, 112: 0, 112.5: 0} {
		if got, ok := x.At(lon, 30.5); got != want || !ok {
			t.Errorf("%g: %d %v, want %d", lon, got, ok, want)
		}
	}
}

func TestNoCells(t *testing.T) {
	t.Parallel()
	for _, cells := range [][]orb.MultiPolygon{nil, {{}}} {
		if n, ok := index(t, cells).At(0, 0); ok {
			t.Errorf("%d of %v", n, cells)
		}
	}
}

func TestTheWholeGlobe(t *testing.T) {
	t.Parallel()
	x := index(t, []orb.MultiPolygon{{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}}})
	for _, p := range []orb.Point{{-180, -90}, {180, 90}, {0, 0}, {179.99999999, 12.3}} {
		if _, ok := x.At(p[0], p[1]); !ok {
			t.Errorf("%v is nowhere", p)
		}
	}
}

func TestUnfitCells(t *testing.T) {
	t.Parallel()
	for name, cell := range map[string]orb.MultiPolygon{
		"off the lattice": {{{{110, 30}, {111, 30}, {111, math.Nextafter(31, 32)}, {110, 30}}}},
		"open":            {{{{110, 30}, {111, 30}, {111, 31}, {110, 31}}}},
		"off the globe":   {{{{110, 30}, {190, 30}, {111, 31}, {110, 30}}}},
		"no number":       {{{{110, 30}, {111, math.NaN()}, {111, 31}, {110, 30}}}},
	} {
		var b locate.Builder
		if err := b.Add(cell); !errors.Is(err, locate.ErrUnfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBucketsChangeNothing asks an index of all cells and one index for each:
// the cells that a grid leaves out, or takes for whole, are told by the other's.
func TestBucketsChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		cells := geotest.NewPartition(r, 1+r.IntN(12), 1+r.IntN(12), r.IntN(6), 1+r.IntN(20)).Cells
		if r.IntN(2) == 0 { // one far away: few buckets for the others
			cells = append(cells, orb.MultiPolygon{{square(80, 40, 1)}})
		}
		all, each := build(cells), make([]*locate.Index, len(cells))
		for i := range cells {
			each[i] = build(cells[i : i+1])
		}
		for _, p := range geotest.Places(r, cells, 500) {
			want, found := 0, false
			for i := 0; i < len(each) && !found; i++ {
				if _, found = each[i].At(p[0], p[1]); found {
					want = i
				}
			}
			if got, ok := all.At(p[0], p[1]); got != want || ok != found {
				t.Fatalf("%v: %d %v, want %d %v", p, got, ok, want, found)
			}
		}
	})
}

func build(cells []orb.MultiPolygon) *locate.Index {
	var b locate.Builder
	for _, c := range cells {
		if err := b.Add(c); err != nil {
			panic(err)
		}
	}
	return b.Index(nil)
}

func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	cells := geotest.NewPartition(r, 8, 8, 4, 12).Cells
	x, places := index(t, cells), geotest.Places(r, cells, 2000)
	want := make([]int, len(places))
	for i, p := range places {
		want[i], _ = x.At(p[0], p[1])
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i, p := range places {
				if got, _ := x.At(p[0], p[1]); got != want[i] {
					t.Errorf("%v: %d, want %d", p, got, want[i])
				}
			}
		})
	}
	wait.Wait()
}

// FuzzAt makes a cell and a place of bytes: whatever they are, the index answers
// for a cell among many what it answers for the cell alone.
func FuzzAt(f *testing.F) {
	f.Add([]byte{0, 0, 9, 0, 9, 9, 0, 9}, 1130000004.5e-7, 27.0000005)
	f.Add([]byte{0, 0, 200, 3, 9, 90, 40, 9, 8, 8}, 113.00000100000001, 27.0000003)
	f.Fuzz(func(t *testing.T, shape []byte, lon, lat float64) {
		var ring orb.Ring
		for i := 0; i+1 < len(shape); i += 2 {
			ring = append(ring, orb.Point{(1130000000 + float64(shape[i])) / 1e7, (270000000 + float64(shape[i+1])) / 1e7})
		}
		if len(ring) == 0 {
			return
		}
		cell := orb.MultiPolygon{{append(ring, ring[0])}}
		var alone, among locate.Builder
		if err := alone.Add(cell); err != nil {
			return
		}
		for _, c := range []orb.MultiPolygon{{{square(114, 27, 1)}}, cell, {{square(112, 26, 0.5)}}} {
			if err := among.Add(c); err != nil {
				t.Fatal(err)
			}
		}
		_, want := alone.Index(nil).At(lon, lat)
		if n, ok := among.Index(nil).At(lon, lat); want != (ok && n == 1) {
			t.Errorf("%v %v: %v alone, cell %d %v among others", lon, lat, want, n, ok)
		}
	})
}
