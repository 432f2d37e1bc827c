package draw_test

import (
	"context"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/geo/draw"
)

// same tells whether areas are equal wherever their rings start.
func same(t rapid.TB, a, b orb.MultiPolygon) bool {
	t.Helper()
	c, err := geo.NewCoverage([]orb.MultiPolygon{a})
	if err != nil {
		t.Fatal(err)
	}
	return len(c.Validate(b)) == 0
}

func TestRedrawOfEqualCellsChangesNothing(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 4000)
	first, err := draw.Balanced(context.Background(), parent, draw.Options{Into: 9, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	again, err := draw.Balanced(context.Background(), parent, draw.Options{Into: 9, Seed: 6, Start: first.Cells})
	if err != nil {
		t.Fatal(err)
	}
	require(t, parent, again.Cells)
	changed := 0
	for i, k := range again.Kept {
		if k < 0 || !same(t, again.Cells[i], first.Cells[k]) {
			changed++
		}
	}
	if changed > 0 {
		t.Errorf("%d of 9 equal cells changed", changed)
	}
}

func TestRedrawChangesLittle(t *testing.T) {
	t.Parallel()
	parent := square(t, 0, 0, 4000)
	first, err := draw.Balanced(context.Background(), parent, draw.Options{Into: 9, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	load := draw.Load{Density: func(p orb.Point) float64 { return 1 + 0.5*(p[0]-113)/(4000*east) }}
	for _, into := range []int{8, 9, 10} {
		again, err := draw.Balanced(context.Background(), parent, draw.Options{Into: into, Start: first.Cells, Load: load})
		if err != nil {
			t.Fatal(err)
		}
		require(t, parent, again.Cells)
		seen := map[int]bool{}
		fresh := 0
		for i, k := range again.Kept {
			if k < 0 {
				fresh++
				continue
			}
			if seen[k] {
				t.Errorf("into %d: two cells go on from %d", into, k)
			}
			seen[k] = true
			if q := again.Quality[i]; math.Abs(q.Deviation) > 0.05 || !q.Contiguous {
				t.Errorf("into %d, cell %d: %+v", into, i, q)
			}
		}
		if fresh != max(0, into-9) {
			t.Errorf("into %d: %d new cells", into, fresh)
		}
	}
}

func TestRedrawPartitionsAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parent := parents().Draw(t, "parent")
		first, err := draw.Balanced(context.Background(), parent, draw.Options{Into: rapid.IntRange(1, 6).Draw(t, "first")})
		if err != nil {
			t.Fatal(err)
		}
		into := rapid.IntRange(1, 7).Draw(t, "into")
		middle := parent.Bound().Center()
		slope := rapid.Float64Range(0, 40).Draw(t, "slope")
		o := draw.Options{Into: into, Start: first.Cells, Load: draw.Load{Density: func(p orb.Point) float64 { return 1 + slope*math.Abs(p[0]-middle[0]) }}}
		r, err := draw.Balanced(context.Background(), parent, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Cells) != into || len(r.Kept) != into {
			t.Fatalf("%d cells, %d of them paired, want %d", len(r.Cells), len(r.Kept), into)
		}
		require(t, parent, r.Cells)
	})
}
