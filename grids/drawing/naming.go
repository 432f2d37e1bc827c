package drawing

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"unigrid/geo/lattice"
	"unigrid/grids"
)

// CodeName is a division code and its name, as code lists give them.
type CodeName struct {
	Code grids.Code
	Name string
}

// Names gives drawn cells their codes by rule: the cell whose middle is nearest
// to a point gets the first code in the order of Outward, and so on to the
// farthest. For townships the point is the county's seat, so that streets lie
// round it; for villages the township's own seat or Middle. It returns, for
// each cell, the index of its code in codes, or -1 for cells beyond the last
// code.
func Names(list []orb.MultiPolygon, from orb.Point, codes []CodeName) []int {
	places := make([]orb.Point, len(list))
	for i, cell := range list {
		places[i] = Middle(cell)
	}
	out := make([]int, len(list))
	for i := range out {
		out[i] = -1
	}
	ranked := Outward(codes)
	for n, i := range ByDistance(places, from) {
		if n < len(ranked) {
			out[i] = ranked[n]
		}
	}
	return out
}

// Outward gives the indices of codes in the order in which they lie round a
// seat: streets (街道, 001-099), towns (镇, 100-199), townships (乡, 200-399),
// then others (400 and up); among villages communities (社区, 001-199), then
// villages (村, 200-399), then others; each by code. Codes that are not
// 12-digit division codes come by code alone.
func Outward(codes []CodeName) []int {
	order := make([]int, len(codes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(kind(codes[a].Code), kind(codes[b].Code)),
			cmp.Compare(codes[a].Code, codes[b].Code), cmp.Compare(a, b))
	})
	return order
}

// Urban counts the codes that come first in the order of Outward: streets among
// townships, communities among villages.
func Urban(codes []CodeName) int {
	n := 0
	for _, c := range codes {
		if kind(c.Code) == 0 {
			n++
		}
	}
	return n
}

// kind is a code's place among those of its tier, from the seat outward.
func kind(code grids.Code) int {
	if len(code) != grids.GB12.PadTo {
		return 0
	}
	limits, digits := []int{199, 399}, code[9:]
	if digits == "000" {
		limits, digits = []int{99, 199, 399}, code[6:9]
	}
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		return len(limits)
	}
	for i, limit := range limits {
		if n <= limit {
			return i
		}
	}
	return len(limits)
}

// ByDistance gives the indices of places, nearest first; of equally near ones
// the one listed first.
func ByDistance(places []orb.Point, from orb.Point) []int {
	east := math.Cos(from[1] * math.Pi / 180)
	far := make([]float64, len(places))
	order := make([]int, len(places))
	for i, p := range places {
		far[i] = math.Hypot((p[0]-from[0])*east, p[1]-from[1])
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(a, b)) })
	return order
}

// Middle is a place inside an area that stands for it: the centroid of its
// largest part, or, where that is not inside, the middle of the widest stretch
// inside at the centroid's latitude. It is the zero point for an empty area.
func Middle(area orb.MultiPolygon) orb.Point {
	var largest orb.Polygon
	var middle orb.Point
	most := -1.0
	for _, part := range area {
		if at, size := planar.CentroidArea(part); size > most {
			largest, middle, most = part, at, size
		}
	}
	if largest == nil || planar.PolygonContains(largest, middle) {
		return rounded(middle)
	}
	var crossings []float64
	for _, ring := range largest {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] > middle[1]) != (b[1] > middle[1]) {
				crossings = append(crossings, a[0]+(middle[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	slices.Sort(crossings)
	widest := 0.0
	for i := 1; i < len(crossings); i += 2 {
		if width := crossings[i] - crossings[i-1]; width > widest {
			widest = width
			middle[0] = (crossings[i] + crossings[i-1]) / 2
		}
	}
	return rounded(middle)
}

func rounded(p orb.Point) orb.Point {
	at, err := lattice.FromOrb(p)
	if err != nil {
		return p
	}
	return at.Orb()
}
