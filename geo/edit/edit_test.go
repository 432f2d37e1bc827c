package edit_test

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/edit"
	"unigrid/geo/lattice"
)

// m2 returns an area in square metres.
func m2(t testing.TB, m orb.MultiPolygon) float64 {
	t.Helper()
	return float64(area2(t, m)) / 2 / lattice.PerDegree / lattice.PerDegree / east / metre
}

// measure fails unless the cells have these areas, in square metres, to 2 %.
func measure(t *testing.T, cells []orb.MultiPolygon, want ...float64) {
	t.Helper()
	if len(cells) != len(want) {
		t.Fatalf("%d cells, want %d", len(cells), len(want))
	}
	for i, c := range cells {
		if got := m2(t, c); math.Abs(got-want[i]) > 0.02*want[i]+1 {
			t.Errorf("cell %d has %.0f m², want %.0f", i, got, want[i])
		}
	}
}

// hollow is a square of 200 m with a hole of 40 m in its middle.
func hollow(t testing.TB) orb.MultiPolygon {
	t.Helper()
	hole, err := geo.Round(orb.MultiPolygon{polygon(80, 80, 120, 80, 120, 120, 80, 120)})
	if err != nil {
		t.Fatal(err)
	}
	hole[0][0].Reverse()
	return orb.MultiPolygon{append(squares(t, 1, 1, 200)[0][0], hole[0][0])}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	square := squares(t, 1, 1, 200)[0]
	both := append(slices.Clone(square), squares(t, 2, 1, 240)[1]...) // the other one 40 m off
	prune := edit.Options{Prune: true}
	for name, test := range map[string]struct {
		cell  orb.MultiPolygon
		lines []orb.LineString
		o     edit.Options
		m2    []float64 // west to east
	}{
		"in halves":             {square, []orb.LineString{line(-10, 80, 210, 80)}, edit.Options{}, []float64{16e3, 24e3}},
		"from the inside":       {square, []orb.LineString{line(100, 100, 100, -5, 205, 121)}, prune, []float64{34e3, 6e3}},
		"ends near":             {square, []orb.LineString{line(15, 80, 185, 80)}, edit.Options{}, []float64{16e3, 24e3}},
		"vertex to vertex":      {square, []orb.LineString{line(0, 0, 200, 200)}, edit.Options{}, []float64{20e3, 20e3}},
		"in and out again":      {square, []orb.LineString{line(-10, 40, 150, 40, 150, 160, -10, 160)}, edit.Options{}, []float64{22e3, 18e3}},
		"three ways":            {square, []orb.LineString{line(-10, 80, 210, 80), line(100, 210, 100, 85)}, edit.Options{}, []float64{16e3, 12e3, 12e3}},
		"a cross":               {square, []orb.LineString{line(-10, 80, 210, 80), line(80, 210, 80, -10)}, edit.Options{}, []float64{8e3, 12e3, 8e3, 12e3}},
		"one line twice":        {square, []orb.LineString{line(-10, 80, 210, 80), line(-10, 80, 210, 80)}, edit.Options{}, []float64{16e3, 24e3}},
		"an eight, pruned":      {square, []orb.LineString{line(-50, 40, 150, 160, 150, 40, -50, 160)}, prune, nil},
		"a ring":                {square, []orb.LineString{line(60, 60, 140, 60, 140, 140, 60, 140, 60, 60)}, edit.Options{}, []float64{33600, 6400}},
		"through the hole":      {hollow(t), []orb.LineString{line(-10, 80, 210, 80)}, edit.Options{}, []float64{16e3, 22400}},
		"across the hole":       {hollow(t), []orb.LineString{line(-10, 120, 100, 100, 210, 120)}, edit.Options{}, []float64{22400, 16e3}},
		"round the hole":        {hollow(t), []orb.LineString{line(60, 60, 140, 60, 140, 140, 60, 140, 60, 60)}, edit.Options{}, []float64{33600, 4800}},
		"another part along":    {both, []orb.LineString{line(150, -10, 160, 210)}, edit.Options{}, nil},
		"both parts":            {both, []orb.LineString{line(-10, 80, 490, 80)}, edit.Options{}, nil},
		"short segments":        {square, []orb.LineString{line(-10, 80, 210, 80)}, edit.Options{MaxSegment: 7}, []float64{16e3, 24e3}},
		"digitised every metre": {square, []orb.LineString{metres(-10, 80, 210, 85)}, edit.Options{}, []float64{16.5e3, 23.5e3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pieces, err := edit.Split(test.cell, test.lines, test.o)
			if err != nil {
				t.Fatal(err)
			}
			require(t, test.cell, pieces)
			if test.m2 != nil {
				measure(t, pieces, test.m2...)
			}
			most := test.o.MaxSegment
			if most == 0 {
				most = 50
			}
			if m := longestBorder(t, pieces); m > most+0.02 {
				t.Errorf("a border segment of %.2f m", m)
			}
		})
	}
}

// metres draws a line with a vertex every metre.
func metres(x0, y0, x1, y1 float64) orb.LineString {
	n := math.Round(math.Hypot(x1-x0, y1-y0))
	var out orb.LineString
	for i := range int(n) + 1 {
		f := float64(i) / n
		out = append(out, at(x0+f*(x1-x0), y0+f*(y1-y0)))
	}
	return out
}

func TestSplitPartsGoAlong(t *testing.T) {
	t.Parallel()
	west, east := squares(t, 1, 1, 200)[0], squares(t, 2, 1, 240)[1]
	pieces, err := edit.Split(append(slices.Clone(west), east...), []orb.LineString{line(150, -10, 160, 210)}, edit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) != 2 || len(pieces[0]) != 1 || len(pieces[1]) != 2 {
		t.Fatalf("the eastern part did not go with the eastern piece: %v", pieces)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	cells := squares(t, 3, 3, 100)
	for name, test := range map[string]struct {
		of           []int
		parts, rings int
	}{
		"two":            {[]int{0, 1}, 1, 1},
		"an L":           {[]int{4, 8, 5}, 1, 1},
		"all":            {[]int{0, 1, 2, 3, 4, 5, 6, 7, 8}, 1, 1},
		"round a middle": {[]int{0, 1, 2, 3, 5, 6, 7, 8}, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var some []orb.MultiPolygon
			for _, i := range test.of {
				some = append(some, cells[i])
			}
			whole, err := edit.Merge(some, edit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			require(t, union(t, some), []orb.MultiPolygon{whole})
			if len(whole) != test.parts || len(whole[0]) != test.rings {
				t.Errorf("%d parts, %d rings", len(whole), len(whole[0]))
			}
		})
	}
	several := []orb.MultiPolygon{append(slices.Clone(cells[0]), cells[8]...), cells[1]}
	whole, err := edit.Merge(several, edit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(whole) != 2 {
		t.Errorf("%d parts, want the two that there were", len(whole))
	}
}

func TestMoveBoundary(t *testing.T) {
	t.Parallel()
	four := squares(t, 2, 2, 200)
	enclave := []orb.MultiPolygon{hollow(t), {{slices.Clone(hollow(t)[0][1])}}}
	enclave[1][0][0].Reverse()
	for name, test := range map[string]struct {
		cells []orb.MultiPolygon
		a, b  int
		line  orb.LineString
		m2    []float64
	}{
		"a bulge":               {four, 0, 1, line(200, 40, 240, 40, 240, 160, 200, 160), []float64{44800, 35200, 40e3, 40e3}},
		"the other way":         {four, 1, 0, line(200, 160, 240, 160, 240, 40, 200, 40), []float64{44800, 35200, 40e3, 40e3}},
		"to and fro":            {four, 0, 1, line(200, 40, 240, 80, 160, 120, 200, 160), []float64{40e3, 40e3, 40e3, 40e3}},
		"all of it":             {four, 0, 1, line(200, 0, 240, 100, 200, 200), []float64{44e3, 36e3, 40e3, 40e3}},
		"an end along the edge": {four, 0, 1, line(240, 0, 200, 200), []float64{45e3, 35e3, 40e3, 40e3}},
		"both ends moved":       {four, 0, 1, line(160, 0, 160, 200), []float64{30e3, 50e3, 40e3, 40e3}},
		"one out, one in":       {four, 0, 1, line(160, 200, 200, 80), []float64{37600, 42400, 40e3, 40e3}},
		"of an enclave, out":    {enclave, 0, 1, line(120, 80, 140, 80, 140, 120, 120, 120), []float64{37600, 2400}},
		"of an enclave, in":     {enclave, 1, 0, line(120, 80, 100, 90, 100, 110, 120, 120), []float64{39000, 1000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, err := edit.MoveBoundary(test.cells, test.a, test.b, test.line, edit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			require(t, union(t, test.cells), after)
			measure(t, after, test.m2...)
			if changed := edit.Changed(test.cells, after); !slices.Equal(changed, []int{0, 1}) {
				t.Errorf("cells %v changed", changed)
			}
			if m := longestBorder(t, after); m > 50.02 {
				t.Errorf("a border segment of %.2f m", m)
			}
		})
	}
}

func TestCutOut(t *testing.T) {
	t.Parallel()
	four := squares(t, 2, 2, 200)
	parts := edit.Options{AllowParts: true}
	for name, test := range map[string]struct {
		cells   []orb.MultiPolygon
		polygon orb.Polygon
		o       edit.Options
		m2      []float64 // of the piece, then of the cells
	}{
		"a hole":               {four, polygon(60, 60, 140, 60, 140, 140, 60, 140), edit.Options{}, []float64{6400, 33600, 40e3, 40e3, 40e3}},
		"clockwise":            {four, polygon(60, 140, 140, 140, 140, 60, 60, 60), edit.Options{}, []float64{6400, 33600, 40e3, 40e3, 40e3}},
		"with a hole":          {four, append(polygon(40, 40, 160, 40, 160, 160, 40, 160), polygon(80, 80, 120, 80, 120, 120, 80, 120)[0]), parts, []float64{12800, 27200, 40e3, 40e3, 40e3}},
		"over two":             {four, polygon(100, 60, 300, 60, 300, 140, 100, 140), edit.Options{Snap: -1}, []float64{16e3, 32e3, 32e3, 40e3, 40e3}},
		"over all four":        {four, polygon(140, 140, 260, 140, 260, 260, 140, 260), edit.Options{Snap: -1}, []float64{14400, 36400, 36400, 36400, 36400}},
		"over the outer edge":  {four, polygon(40, -50, 160, -50, 160, 100, 40, 100), edit.Options{}, []float64{11.7e3, 28.3e3, 40e3, 40e3, 40e3}},
		"one and a bit":        {four, polygon(-20, -20, 300, -20, 300, 200, -20, 200), edit.Options{}, []float64{60e3, 0, 20e3, 40e3, 40e3}},
		"everything":           {four, polygon(-50, -50, 450, -50, 450, 450, -50, 450), edit.Options{}, []float64{160e3, 0, 0, 0, 0}},
		"roughly along a side": {four, polygon(8, -7, 195, 6, 205, 100, 190, 190, 100, 100, -9, 110), edit.Options{}, nil},
		"through a cell":       {four, polygon(60, -50, 140, -50, 140, 200, 60, 200), parts, []float64{16.6e3, 23.4e3, 40e3, 40e3, 40e3}},
		"an enclave as well":   {patchwork(t), polygon(40, 40, 150, 40, 150, 150, 40, 150), edit.Options{Snap: -1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			piece, after, err := edit.CutOut(test.cells, test.polygon, test.o)
			if err != nil {
				t.Fatal(err)
			}
			left := []orb.MultiPolygon{piece}
			for _, c := range after {
				if c != nil {
					left = append(left, c)
				}
			}
			require(t, union(t, test.cells), left)
			if test.m2 != nil {
				measure(t, append([]orb.MultiPolygon{piece}, after...), test.m2...)
			}
			if m := longestBorder(t, left); m > 64.02 {
				t.Errorf("a border segment of %.2f m", m)
			}
		})
	}
}

func TestCutOutKeepsFixedBorders(t *testing.T) {
	t.Parallel()
	cells := squares(t, 2, 1, 200)
	border := shared(t, cells, 0, 1)
	o := edit.Options{Fixed: []orb.LineString{border}}
	piece, after, err := edit.CutOut(cells, polygon(100, 60, 230, 60, 230, 140, 100, 140), edit.Options{Snap: -1})
	if err != nil {
		t.Fatal(err)
	}
	if len(edit.Changed(cells, after)) != 2 {
		t.Fatal("without a lock both sides lose something")
	}
	if got := shared(t, append(after, piece), 0, 1); len(got) >= len(border) {
		t.Errorf("the border still has %d vertices", len(got))
	}
	// Beside the lock, the outline goes along it and gives it no vertex.
	piece, after, err = edit.CutOut(cells, polygon(100, 60, 205, 60, 205, 140, 100, 140), o)
	if err != nil {
		t.Fatal(err)
	}
	require(t, union(t, cells), append(after, piece))
	if changed := edit.Changed(cells, after); !slices.Equal(changed, []int{0}) {
		t.Errorf("cells %v changed", changed)
	}
	for i := 1; i < len(border); i++ {
		if !uses(after[1], border[i-1], border[i]) {
			t.Errorf("segment %d of the fixed border is gone", i)
		}
	}
}

// uses tells whether a cell has a segment, in either direction.
func uses(m orb.MultiPolygon, a, b orb.Point) bool {
	for _, p := range m {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				if r[i-1] == a && r[i] == b || r[i-1] == b && r[i] == a {
					return true
				}
			}
		}
	}
	return false
}

func TestChanged(t *testing.T) {
	t.Parallel()
	cells := squares(t, 3, 1, 50)
	after := clone(cells)
	after[1][0][0][0][0] += 1e-7
	for name, test := range map[string]struct {
		before, after []orb.MultiPolygon
		want          []int
	}{
		"nothing":      {cells, clone(cells), nil},
		"one position": {cells, after, []int{1}},
		"one gone":     {cells, cells[:2], []int{2}},
		"one more":     {cells[:2], cells, []int{2}},
		"one emptied":  {cells, []orb.MultiPolygon{cells[0], nil, cells[2]}, []int{1}},
	} {
		if got := edit.Changed(test.before, test.after); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
