package geo

import (
	"container/heap"
	"math"

	"github.com/paulmach/orb"
)

// Label gives the place in a polygon, in degrees, that is farthest from its
// boundary to within a thirtieth of its extent: where a map writes its name.
// Of several parts it is the one with the most room. ok is false for a shape
// without room, of less than 1e-7°.
//
// It is the search of squares by the most room that one can hold, as in
// Agafonkin's polylabel; PostGIS's ST_MaximumInscribedCircle, a hundred times as
// exact, takes ten times as long.
func Label(shape orb.MultiPolygon) (at orb.Point, ok bool) {
	best := 0.0
	for _, p := range shape {
		if place, room := roomiest(p, best); room > best {
			at, best = place, room
		}
	}
	return at, best > 1e-7
}

// Labels gives the Label of every shape, and of one without room its first
// vertex.
func Labels(shapes []orb.MultiPolygon) []orb.Point {
	out := make([]orb.Point, len(shapes))
	parallel(len(shapes), 64, func() func(lo, hi int) {
		return func(lo, hi int) {
			for i := lo; i < hi; i++ {
				at, ok := Label(shapes[i])
				if !ok {
					at = shapes[i][0][0][0]
				}
				out[i] = at
			}
		}
	})
	return out
}

// square is a part of the search: its centre, half its side and the room there.
type square struct {
	at               orb.Point
	half, room, most float64
}

type squares []square

func (s squares) Len() int           { return len(s) }
func (s squares) Less(i, j int) bool { return s[i].most > s[j].most }
func (s squares) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *squares) Push(x any)        { *s = append(*s, x.(square)) }
func (s *squares) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	*s = (*s)[:last]
	return x
}

// roomiest searches one polygon for more room than least. Degrees of longitude
// are taken as long as they are in the polygon's middle.
func roomiest(p orb.Polygon, least float64) (orb.Point, float64) {
	box := p.Bound()
	stretch := math.Cos(box.Center()[1] * math.Pi / 180)
	width, height := (box.Max[0]-box.Min[0])*stretch, box.Max[1]-box.Min[1]
	edges := stretched(p, stretch)
	half := math.Min(width, height) / 2
	precision := math.Max(half/15, 1e-9)
	if half <= 0 {
		return orb.Point{}, 0
	}
	var best square
	look := func(x, y, half float64) square {
		at, corner := orb.Point{x, y}, half*math.Sqrt2
		room := edges.room(at, best.room+precision-corner)
		return square{at, half, room, room + corner}
	}
	left, bottom := box.Min[0]*stretch, box.Min[1]
	if middle := look(left+width/2, bottom+height/2, 0); middle.room > 0 {
		best = middle
	} else {
		best.at = middle.at
	}
	var open squares
	for x := left; x < left+width; x += 2 * half {
		for y := bottom; y < bottom+height; y += 2 * half {
			open = append(open, look(x+half, y+half, half))
		}
	}
	heap.Init(&open)
	for len(open) > 0 {
		s := heap.Pop(&open).(square)
		if s.most <= math.Max(best.room+precision, least) {
			break
		}
		if s.room > best.room {
			best = s
		}
		for _, d := range [4]orb.Point{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}} {
			if q := look(s.at[0]+d[0]*s.half/2, s.at[1]+d[1]*s.half/2, s.half/2); q.most > best.room+precision {
				heap.Push(&open, q)
			}
		}
	}
	return orb.Point{best.at[0] / stretch, best.at[1]}, best.room
}

// outline is a polygon's edges: x, y of both ends, one after the other.
type outline []float64

func stretched(p orb.Polygon, stretch float64) outline {
	n := 0
	for _, r := range p {
		n += len(r)
	}
	edges := make(outline, 0, 4*n)
	for _, r := range p {
		for i := 1; i < len(r); i++ {
			edges = append(edges, r[i-1][0]*stretch, r[i-1][1], r[i][0]*stretch, r[i][1])
		}
	}
	return edges
}

// room is the distance to the nearest edge, negative outside. Where it is no
// more than enough it may be said to be any such number.
func (o outline) room(at orb.Point, enough float64) float64 {
	inside, least := false, math.Inf(1)
	stop := 0.0
	if enough > 0 {
		stop = enough * enough
	}
	for i := 0; i < len(o); i += 4 {
		if least < stop {
			return -math.Sqrt(least)
		}
		ax, ay, bx, by := o[i]-at[0], o[i+1]-at[1], o[i+2]-at[0], o[i+3]-at[1]
		dx, dy := bx-ax, by-ay
		if (ay > 0) != (by > 0) && ax-ay*dx/dy > 0 {
			inside = !inside
		}
		along := -(ax*dx + ay*dy)
		if along <= 0 {
			least = min(least, ax*ax+ay*ay)
		} else if length := dx*dx + dy*dy; along >= length {
			least = min(least, bx*bx+by*by)
		} else {
			cross := ax*dy - ay*dx
			least = min(least, cross*cross/length)
		}
	}
	if inside {
		return math.Sqrt(least)
	}
	return -math.Sqrt(least)
}
