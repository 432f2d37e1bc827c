package mesh_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"unigrid/geo/lattice"
	"unigrid/geo/mesh"
)

// checkMesh fails unless every triangle is counter-clockwise and neighbours
// know each other.
func checkMesh(t *rapid.T, m *mesh.Mesh) {
	for n, tri := range m.Triangles {
		if m.Area2(int32(n)) <= 0 {
			t.Fatalf("triangle %d has area %d", n, m.Area2(int32(n)))
		}
		for i, u := range tri.N {
			if u < 0 {
				continue
			}
			found := false
			for j := range 3 {
				o := m.Triangles[u]
				if o.N[j] == int32(n) {
					found = o.V[(j+1)%3] == tri.V[(i+2)%3] && o.V[(j+2)%3] == tri.V[(i+1)%3] && o.Mark[j] == tri.Mark[i]
				}
			}
			if !found {
				t.Fatalf("triangle %d and its neighbour %d disagree", n, u)
			}
		}
	}
}

func point(extent int32) *rapid.Generator[lattice.Point] {
	return rapid.Custom(func(t *rapid.T) lattice.Point {
		return lattice.Point{X: 1e9 + rapid.Int32Range(0, extent).Draw(t, "x"), Y: rapid.Int32Range(0, extent).Draw(t, "y")}
	})
}

func TestSquareWithPointsInside(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// Small extents make collinear and cocircular points the normal case.
		extent := rapid.SampledFrom([]int32{3, 8, 1000, 2e8}).Draw(t, "extent")
		points := rapid.SliceOfN(point(extent), 0, 60).Draw(t, "points")
		square := lattice.MultiPolygon{{{{X: 1e9 - 1, Y: -1}, {X: 1e9 + extent + 1, Y: -1}, {X: 1e9 + extent + 1, Y: extent + 1}, {X: 1e9 - 1, Y: extent + 1}}}}
		m, err := mesh.New(append(points, square[0][0]...), rapid.Float64Range(0.1, 1).Draw(t, "ratio"))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Bound(square.Segments()); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(points); i++ {
			s := lattice.Segment{A: points[i-1], B: points[i]}
			if m.Constrain(s) != m.Constrain(s.Reverse()) {
				t.Fatal("a segment fits in one direction only")
			}
		}
		m.MarkInside()
		checkMesh(t, m)
		sum := int64(0)
		for n, in := range m.Inside {
			if in {
				sum += m.Area2(int32(n))
			}
		}
		if sum != square.Area2() {
			t.Fatalf("triangles inside have area %d, want %d", sum, square.Area2())
		}
		for _, p := range points {
			tri := m.Triangles[m.At(p)]
			if v := m.Vertex(p); tri.V[0] != v && tri.V[1] != v && tri.V[2] != v {
				t.Fatalf("At(%v) is a triangle without that corner", p)
			}
		}
	})
}

func TestBoundErrors(t *testing.T) {
	t.Parallel()
	for name, points := range map[string][]lattice.Point{
		"crossing": {{X: 0, Y: 0}, {X: 10, Y: 10}, {X: 10, Y: 0}, {X: 0, Y: 10}},
		"touching": {{X: 0, Y: 0}, {X: 10, Y: 0}, {X: 10, Y: 10}, {X: 5, Y: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := mesh.New(points, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Bound(lattice.MultiPolygon{{points}}.Segments()); !errors.Is(err, mesh.ErrBoundary) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := mesh.New([]lattice.Point{{X: 0}, {X: 31e7}}, 1); !errors.Is(err, mesh.ErrExtent) {
		t.Errorf("got %v", err)
	}
}
