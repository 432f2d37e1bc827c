package overlay

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// spot is a vertex: x and y from the area's south-west corner, and in degrees.
type spot struct {
	x, y float64
	at   orb.Point
}

// loop is a ring that passes each of its nodes once. Without an area it is so thin
// that its rounded nodes don't tell which way it is wound.
type loop struct {
	halves []int32
	area   float64
}

// shape makes the polygons that halves bound, area to their left; nil if there is
// nothing.
func (k *Cutter) shape(bounds []int32) orb.MultiPolygon {
	k.shapes++
	for _, h := range bounds {
		k.chosen[h] = 2 * k.shapes
	}
	var shells []orb.Polygon
	var rings []loop // of the shells
	var holes []loop
	path := k.path
	for _, start := range bounds {
		path = path[:0]
		for h := start; k.chosen[h] == 2*k.shapes; h = k.after(h) {
			k.chosen[h]++
			path = append(path, h)
		}
		if len(path) == 0 {
			continue
		}
		own := -1
		var inner []loop
		for _, l := range k.apart(path) {
			switch {
			case l.area == 0:
			case l.area > 0:
				own = len(shells)
				shells, rings = append(shells, orb.Polygon{k.ringOf(l)}), append(rings, l)
			default:
				inner = append(inner, l)
			}
		}
		for _, l := range inner {
			if own >= 0 {
				shells[own] = append(shells[own], k.ringOf(l))
			} else {
				holes = append(holes, l)
			}
		}
	}
	k.path = path
	for _, hole := range holes {
		best := -1
		for i, r := range rings {
			if r.area > -hole.area && (best < 0 || r.area < rings[best].area) && k.surrounds(r, hole) {
				best = i
			}
		}
		if best >= 0 {
			shells[best] = append(shells[best], k.ringOf(hole))
		}
	}
	if len(shells) == 0 {
		return nil
	}
	for _, p := range shells {
		slices.SortFunc(p[1:], compareRings)
	}
	slices.SortFunc(shells, func(a, b orb.Polygon) int { return compareRings(a[0], b[0]) })
	return shells
}

func compareRings(a, b orb.Ring) int {
	return slices.CompareFunc(a, b, func(p, q orb.Point) int { return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1])) })
}

// after returns the half that goes on along the shape's boundary: the first one
// clockwise from the way back.
func (k *Cutter) after(h int32) int32 {
	for n := k.halves[h].next; ; n = k.halves[n^1].next {
		if k.chosen[n] >= 2*k.shapes || n == h^1 {
			return n
		}
	}
}

// apart cuts a closed path of halves where it passes a node again.
func (k *Cutter) apart(path []int32) (loops []loop) {
	kept := k.kept[:0]
	for _, h := range path {
		n := k.from(h)
		if at := k.held[n]; at > 0 {
			loops = append(loops, k.loop(kept[at-1:]))
			for _, m := range kept[at-1:] {
				k.held[k.from(m)] = 0
			}
			kept = kept[:at-1]
		}
		kept = append(kept, h)
		k.held[n] = int32(len(kept))
	}
	for _, h := range kept {
		k.held[k.from(h)] = 0
	}
	k.kept = kept
	return append(loops, k.loop(kept))
}

// loop measures a ring.
func (k *Cutter) loop(halves []int32) loop {
	l := loop{halves: slices.Clone(halves)}
	o := k.nodes[k.from(halves[0])].at
	length := 0.0
	for _, h := range halves {
		l.area += k.sweep(h, o) / 2
	}
	spots := k.spots(l)
	a := spots[len(spots)-1]
	for _, b := range spots {
		length += math.Abs(a.x-b.x) + math.Abs(a.y-b.y)
		a = b
	}
	if span := max(float64(k.area.box.Max.X)-float64(k.area.box.Min.X), float64(k.area.box.Max.Y)-float64(k.area.box.Min.Y)); math.Abs(l.area) < 1e-15*span*length {
		l.area = 0
	}
	return l
}

// spots gives the vertices of a loop, until the next call.
func (k *Cutter) spots(l loop) []spot {
	k.along = k.along[:0]
	x0, y0 := int64(k.area.box.Min.X), int64(k.area.box.Min.Y)
	for _, h := range l.halves {
		n := &k.nodes[k.from(h)]
		k.along = append(k.along, spot{n.x, n.y, orb.Point{(float64(n.at.X) + n.fx) / lattice.PerDegree, (float64(n.at.Y) + n.fy) / lattice.PerDegree}})
		s := &k.sides[h>>1]
		if s.from == s.to {
			continue
		}
		between := k.area.points[s.from-int32(len(k.lines))+1 : s.to-int32(len(k.lines))+1]
		for i, p := range between {
			if h&1 == 1 {
				p = between[len(between)-1-i]
			}
			k.along = append(k.along, spot{float64(int64(p.X) - x0), float64(int64(p.Y) - y0), p.Orb()})
		}
	}
	return k.along
}

// ringOf returns a loop in degrees, from its least vertex on.
func (k *Cutter) ringOf(l loop) orb.Ring {
	spots := k.spots(l)
	least := 0
	for i, p := range spots {
		if o := spots[least]; p.x < o.x || p.x == o.x && p.y < o.y {
			least = i
		}
	}
	r := make(orb.Ring, 0, len(spots)+1)
	for _, part := range [...][]spot{spots[least:], spots[:least]} {
		for _, p := range part {
			r = append(r, p.at)
		}
	}
	return append(r, r[0])
}

// surrounds tells whether the middle of a hole's first side is inside a ring.
func (k *Cutter) surrounds(ring, hole loop) bool {
	spots := k.spots(hole)
	x, y := (spots[0].x+spots[1].x)/2, (spots[0].y+spots[1].y)/2
	in := false
	spots = k.spots(ring)
	p := spots[len(spots)-1]
	for _, q := range spots {
		if (p.y > y) != (q.y > y) && x < p.x+(q.x-p.x)*(y-p.y)/(q.y-p.y) {
			in = !in
		}
		p = q
	}
	return in
}
