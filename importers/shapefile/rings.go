package shapefile

import (
	"math"
	"sort"
)

// ring is what grouping needs to know of a ring.
type ring struct {
	coords                 []float64
	area                   float64 // positive if it runs clockwise, as an outer ring should
	minX, minY, maxX, maxY float64
	container              int // index of the smallest ring around it, or -1
	depth                  int
}

// group sorts the rings of a polygon shape into polygons, each a list of ring
// numbers with the outer ring first. Where one ring runs clockwise, all others
// the other way, and lie in its box, orientation is believed. Otherwise what
// counts is which ring lies in which: a ring inside an even number of others is
// an outer ring, else a hole of the smallest ring around it. Rings without an
// area are passed on as polygons of their own.
//
// compared is false if there were too many rings to compare with each other;
// then each hole by orientation goes to the outer ring before it.
func group(coords []float64, ends []int) (polygons [][]int, compared bool) {
	rings := make([]ring, len(ends))
	for i := range ends {
		rings[i] = measure(ringAt(coords, ends, i))
	}
	if only := soleOuter(rings); only >= 0 {
		first := []int{only}
		for i := range rings {
			if i != only {
				first = append(first, i)
			}
		}
		return [][]int{first}, true
	}
	if !nest(rings) {
		return byOrientation(rings), false
	}
	place := make([]int, len(rings))
	for i := range rings {
		if rings[i].depth%2 == 0 {
			place[i] = len(polygons)
			polygons = append(polygons, []int{i})
		}
	}
	for i := range rings {
		if rings[i].depth%2 == 1 {
			p := place[rings[i].container]
			polygons[p] = append(polygons[p], i)
		}
	}
	return polygons, true
}

func measure(coords []float64) ring {
	r := ring{
		coords: coords, container: -1,
		minX: math.Inf(1), minY: math.Inf(1), maxX: math.Inf(-1), maxY: math.Inf(-1),
	}
	x0, y0 := coords[0], coords[1] // near the ring, so that the products stay small
	for i := 0; i+1 < len(coords); i += 2 {
		x, y := coords[i], coords[i+1]
		r.minX, r.maxX = min(r.minX, x), max(r.maxX, x)
		r.minY, r.maxY = min(r.minY, y), max(r.maxY, y)
		if i >= 2 {
			r.area += (coords[i-2]-x0)*(y-y0) - (x-x0)*(coords[i-1]-y0)
		}
	}
	r.area = -r.area / 2
	return r
}

func (r *ring) boxCovers(other *ring) bool {
	return r.minX <= other.minX && r.minY <= other.minY && r.maxX >= other.maxX && r.maxY >= other.maxY
}

// larger goes by the boxes first: the area of a ring that crosses itself says little.
func (r *ring) larger(other *ring) bool {
	a := (r.maxX - r.minX) * (r.maxY - r.minY)
	b := (other.maxX - other.minX) * (other.maxY - other.minY)
	if a != b {
		return a > b
	}
	return math.Abs(r.area) > math.Abs(other.area)
}

// soleOuter returns the one clockwise ring if all others are holes in its box,
// or -1.
func soleOuter(rings []ring) int {
	only := -1
	for i := range rings {
		if rings[i].area == 0 || rings[i].area > 0 && only >= 0 {
			return -1
		}
		if rings[i].area > 0 {
			only = i
		}
	}
	if only < 0 {
		return -1
	}
	for i := range rings {
		if !rings[only].boxCovers(&rings[i]) {
			return -1
		}
	}
	return only
}

func byOrientation(rings []ring) (polygons [][]int) {
	for i := range rings {
		if rings[i].area < 0 && len(polygons) > 0 {
			last := len(polygons) - 1
			polygons[last] = append(polygons[last], i)
			continue
		}
		polygons = append(polygons, []int{i})
	}
	return polygons
}

// nest finds each ring's container and depth. It gives up, returning false,
// when that would take too long.
func nest(rings []ring) bool {
	const budget = 300e6 // edges and boxes looked at: about a second
	order := make([]int, 0, len(rings))
	for i := range rings {
		if rings[i].area != 0 {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool {
		return rings[order[a]].larger(&rings[order[b]])
	})
	spent := 0
	for n, i := range order {
		inner := &rings[i]
		// From the smallest larger ring up: the first that holds it is its
		// container, whose depth is known already.
		for k := n - 1; k >= 0; k-- {
			outer := &rings[order[k]]
			spent++
			if !outer.boxCovers(inner) || !outer.larger(inner) {
				continue
			}
			inside, looked := outer.holds(inner, budget-spent)
			spent += looked
			if inside {
				inner.container, inner.depth = order[k], outer.depth+1
				break
			}
			if spent > budget {
				return false
			}
		}
		if spent > budget {
			return false
		}
	}
	return true
}

// holds says whether inner lies in r, by the first point of inner (its corners,
// then the middles of its edges) that isn't on r's line. It stops after about
// budget edges, having looked at that many.
func (r *ring) holds(inner *ring, budget int) (inside bool, looked int) {
	tolerance := 1e-12 * max(math.Abs(r.minX), math.Abs(r.maxX), math.Abs(r.minY), math.Abs(r.maxY))
	c := inner.coords
	for i := 0; i+1 < len(c) && looked <= budget; i += 2 {
		looked += len(r.coords) / 2
		if side := r.side(c[i], c[i+1], tolerance); side != 0 {
			return side > 0, looked
		}
	}
	for i := 2; i+1 < len(c) && looked <= budget; i += 2 {
		looked += len(r.coords) / 2
		if side := r.side((c[i-2]+c[i])/2, (c[i-1]+c[i+1])/2, tolerance); side != 0 {
			return side > 0, looked
		}
	}
	return false, looked
}

// side is 1 for a point inside the ring, -1 outside, and 0 on its line or
// nearer to it than the tolerance.
func (r *ring) side(x, y, tolerance float64) int {
	inside := false
	c := r.coords
	for i := 2; i+1 < len(c); i += 2 {
		x1, y1, x2, y2 := c[i-2], c[i-1], c[i], c[i+1]
		if onSegment(x, y, x1, y1, x2, y2, tolerance) {
			return 0
		}
		if (y1 > y) != (y2 > y) && x < x1+(y-y1)/(y2-y1)*(x2-x1) {
			inside = !inside
		}
	}
	if inside {
		return 1
	}
	return -1
}

func onSegment(x, y, x1, y1, x2, y2, tolerance float64) bool {
	if x < min(x1, x2)-tolerance || x > max(x1, x2)+tolerance || y < min(y1, y2)-tolerance || y > max(y1, y2)+tolerance {
		return false
	}
	dx, dy := x2-x1, y2-y1
	length := math.Hypot(dx, dy)
	if length == 0 {
		return true
	}
	return math.Abs(dx*(y-y1)-dy*(x-x1))/length <= tolerance
}
