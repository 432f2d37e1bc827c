package draw_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/geo/draw"
)

// villages draws a square of so many metres into atoms.
func villages(t testing.TB, size float64, into int) (parent orb.MultiPolygon, atoms []orb.MultiPolygon) {
	t.Helper()
	parent = square(t, 0, 0, size)
	r, err := draw.Balanced(context.Background(), parent, draw.Options{Into: into, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	return parent, r.Cells
}

// requireGroups fails unless every cell is the union of its atoms.
func requireGroups(t rapid.TB, atoms []orb.MultiPolygon, r draw.Result) {
	t.Helper()
	if len(r.Group) != len(atoms) {
		t.Fatalf("%d of %d atoms are in a cell", len(r.Group), len(atoms))
	}
	c, err := geo.NewCoverage(atoms)
	if err != nil {
		t.Fatal(err)
	}
	unions, err := c.Dissolve(r.Group)
	if err != nil {
		t.Fatal(err)
	}
	if len(unions) != len(r.Cells) {
		t.Fatalf("%d cells, %d groups", len(r.Cells), len(unions))
	}
	for i := range unions {
		if !same(t, unions[i], r.Cells[i]) {
			t.Fatalf("cell %d is not the union of its atoms", i)
		}
	}
}

func TestAtomsAreGrouped(t *testing.T) {
	t.Parallel()
	parent, atoms := villages(t, 5000, 60)
	seeds := []orb.Point{{113 + 1000*east, 27 + 1000*metre}, {113 + 4000*east, 27 + 1200*metre}, {113 + 2500*east, 27 + 4000*metre}}
	nearest, err := draw.NearestAtoms(context.Background(), atoms, seeds, draw.Options{})
	if err != nil {
		t.Fatal(err)
	}
	balanced, err := draw.BalancedAtoms(context.Background(), atoms, draw.Options{Into: 6, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	again, err := draw.BalancedAtoms(context.Background(), atoms, draw.Options{Into: 6, Seed: 9, Start: balanced.Cells})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]draw.Result{"nearest": nearest, "balanced": balanced, "again": again} {
		require(t, parent, r.Cells)
		requireGroups(t, atoms, r)
		for i, q := range r.Quality {
			if !q.Contiguous || name != "nearest" && math.Abs(q.Deviation) > 0.05 {
				t.Errorf("%s, cell %d: %+v", name, i, q)
			}
		}
	}
	for i, k := range again.Kept {
		if k < 0 || !same(t, again.Cells[i], balanced.Cells[k]) {
			t.Errorf("cell %d changed though nothing called for it", i)
		}
	}
	for i, s := range seeds {
		if q, err := draw.Quality(parent, nearest.Cells, draw.Load{Points: []draw.WeightedPoint{{At: s, Weight: 1}}}); err != nil || q[i].Load != 1 {
			t.Errorf("seed %d is not in its cell (%v)", i, err)
		}
	}
}

func TestAtomsGoWithTheNearestAcrossWater(t *testing.T) {
	t.Parallel()
	_, atoms := villages(t, 3000, 20)
	islet := square(t, 3600, 300, 60)
	r, err := draw.BalancedAtoms(context.Background(), append(atoms, islet), draw.Options{Into: 4})
	if err != nil {
		t.Fatal(err)
	}
	host := r.Group[len(atoms)]
	for i, q := range r.Quality {
		if (q.Parts == 2) != (i == host) {
			t.Errorf("cell %d has %d parts, the islet is in %d", i, q.Parts, host)
		}
	}
	if box := r.Cells[host].Bound(); box.Min[1] > 27+300*metre {
		t.Errorf("the islet went to a cell from %v north", box.Min)
	}
}

func TestAtomsPartitionAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parent := parents().Draw(t, "parent")
		n := rapid.IntRange(1, 30).Draw(t, "atoms")
		drawn, err := draw.Balanced(context.Background(), parent, draw.Options{Into: n})
		if err != nil {
			t.Fatal(err)
		}
		o := draw.Options{Into: rapid.IntRange(1, n).Draw(t, "into"), Seed: rapid.Uint64().Draw(t, "seed")}
		r, err := draw.BalancedAtoms(context.Background(), drawn.Cells, o)
		if err != nil {
			t.Fatal(err)
		}
		require(t, parent, r.Cells)
		requireGroups(t, drawn.Cells, r)
		further := 0
		for _, q := range r.Quality {
			further += q.Parts - 1
		}
		if further > len(parent)-1 {
			t.Fatalf("%d further parts, the parent has %d parts", further, len(parent))
		}
	})
}

func TestAtomsErrors(t *testing.T) {
	t.Parallel()
	a, b := square(t, 0, 0, 500), square(t, 250, 0, 500)
	inside := a.Bound().Center()
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"none":      {second(draw.BalancedAtoms(context.Background(), nil, draw.Options{Into: 1})), draw.ErrParent},
		"no cells":  {second(draw.BalancedAtoms(context.Background(), []orb.MultiPolygon{a}, draw.Options{})), draw.ErrOptions},
		"too many":  {second(draw.BalancedAtoms(context.Background(), []orb.MultiPolygon{a}, draw.Options{Into: 2})), draw.ErrTooFine},
		"overlap":   {second(draw.BalancedAtoms(context.Background(), []orb.MultiPolygon{a, b}, draw.Options{Into: 1})), draw.ErrParent},
		"empty":     {second(draw.BalancedAtoms(context.Background(), []orb.MultiPolygon{a, nil}, draw.Options{Into: 1})), draw.ErrParent},
		"no seeds":  {second(draw.NearestAtoms(context.Background(), []orb.MultiPolygon{a}, nil, draw.Options{})), draw.ErrSeeds},
		"outside":   {second(draw.NearestAtoms(context.Background(), []orb.MultiPolygon{a}, []orb.Point{{0, 0}}, draw.Options{})), draw.ErrSeeds},
		"same atom": {second(draw.NearestAtoms(context.Background(), []orb.MultiPolygon{a}, []orb.Point{inside, {inside[0] + east, inside[1]}}, draw.Options{})), draw.ErrSeeds},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: got %v, want %v", name, c.err, c.want)
		}
	}
}

func second(_ draw.Result, err error) error { return err }
