package lattice_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"unigrid/geo/lattice"
)

func anywhere() *rapid.Generator[lattice.Point] {
	return rapid.Custom(func(t *rapid.T) lattice.Point {
		return lattice.Point{X: rapid.Int32Range(-18e8, 18e8).Draw(t, "x"), Y: rapid.Int32Range(-9e8, 9e8).Draw(t, "y")}
	})
}

func few() *rapid.Generator[lattice.Point] {
	return rapid.Custom(func(t *rapid.T) lattice.Point {
		return lattice.Point{X: rapid.Int32Range(0, 4).Draw(t, "x"), Y: rapid.Int32Range(0, 4).Draw(t, "y")}
	})
}

func TestSevenDigitsReproduceThePoint(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anywhere().Draw(t, "p")
		o := p.Orb()
		for i, v := range o {
			short := strconv.FormatFloat(v, 'f', -1, 64)
			seven, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 7, 64), 64)
			if err != nil || seven != v {
				t.Fatalf("coordinate %d: %s does not survive seven digits", i, short)
			}
		}
		if q, err := lattice.FromOrb(o); err != nil || q != p {
			t.Fatalf("%v came back as %v, %v", p, q, err)
		}
	})
}

func TestConflictIsSymmetric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := lattice.Segment{A: few().Draw(t, "a"), B: few().Draw(t, "b")}
		u := lattice.Segment{A: few().Draw(t, "c"), B: few().Draw(t, "d")}
		if s.A == s.B || u.A == u.B {
			t.Skip("a point")
		}
		want := lattice.Conflict(s, u)
		if lattice.Conflict(u, s) != want || lattice.Conflict(s.Reverse(), u) != want || lattice.Conflict(s, u.Reverse()) != want {
			t.Fatal("the order of segments or ends matters")
		}
	})
}

func TestGridFindsEveryConflict(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SampledFrom([]*rapid.Generator[lattice.Point]{few(), anywhere()}).Draw(t, "where")
		var segments []lattice.Segment
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			s := lattice.Segment{A: at.Draw(t, "a"), B: at.Draw(t, "b")}
			// The predicates hold within 180°.
			s.A.X, s.B.X = s.A.X/2, s.B.X/2
			if s.A != s.B {
				segments = append(segments, s)
			}
		}
		type pair struct{ i, j int }
		got := map[pair]bool{}
		lattice.NewGrid(segments).Conflicts(func(i, j int) { got[pair{i, j}] = true })
		for i := range segments {
			for j := i + 1; j < len(segments); j++ {
				if want := lattice.Conflict(segments[i], segments[j]); got[pair{i, j}] != want {
					t.Fatalf("pair %d, %d: got %v, want %v", i, j, !want, want)
				}
			}
		}
	})
}

func TestSplitIsTheSameFromBothSides(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := lattice.Point{X: 113e7, Y: 27e7}
		b := lattice.Point{X: a.X + rapid.Int32Range(-1e5, 1e5).Draw(t, "dx"), Y: a.Y + rapid.Int32Range(-1e5, 1e5).Draw(t, "dy")}
		s := lattice.Segment{A: a, B: b}
		there, back := s.Split(50), s.Reverse().Split(50)
		slices.Reverse(back)
		if !slices.Equal(there, back) {
			t.Fatalf("%v against %v", there, back)
		}
	})
}

func TestAssembleErrors(t *testing.T) {
	t.Parallel()
	p := func(x, y int32) lattice.Point { return lattice.Point{X: x, Y: y} }
	for name, test := range map[string]struct {
		ring lattice.Ring
		drop int
		want error
	}{
		"open":       {lattice.Ring{p(0, 0), p(1, 0), p(1, 1)}, 1, lattice.ErrOpenChain},
		"there/back": {lattice.Ring{p(0, 0), p(1, 0)}, 0, lattice.ErrOpenChain},
		"only hole":  {lattice.Ring{p(0, 0), p(1, 1), p(1, 0)}, 0, lattice.ErrLooseHole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := lattice.MultiPolygon{{test.ring}}.Segments()
			if _, err := lattice.Assemble(s[test.drop:]); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}
