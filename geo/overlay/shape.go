package overlay

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// loop is a ring that passes each of its nodes once. Without an area it is so thin
// that its rounded nodes don't tell which way it is wound.
type loop struct {
	halves []int32
	area   float64
	ring   orb.Ring // degrees, from the least vertex on
}

// spot is a vertex, from the area's south-west corner.
type spot struct{ x, y float64 }

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
				shells, rings = append(shells, orb.Polygon{l.ring}), append(rings, l)
			default:
				inner = append(inner, l)
			}
		}
		for _, l := range inner {
			if own >= 0 {
				shells[own] = append(shells[own], l.ring)
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
			shells[best] = append(shells[best], hole.ring)
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

// loop takes a ring together.
func (k *Cutter) loop(halves []int32) loop {
	l := loop{halves: slices.Clone(halves)}
	o := k.nodes[k.from(halves[0])].at
	around, length := k.around[:0], 0.0
	first, least := int32(len(k.lines)), 0
	add := func(p orb.Point) {
		if n := len(around); n > 0 {
			length += math.Abs(p[0]-around[n-1][0]) + math.Abs(p[1]-around[n-1][1])
			if q := around[least]; p[0] < q[0] || p[0] == q[0] && p[1] < q[1] {
				least = n
			}
		}
		around = append(around, p)
	}
	for _, h := range halves {
		l.area += k.sweep(h, o) / 2
		n := &k.nodes[k.from(h)]
		add(orb.Point{(float64(n.at.X) + n.fx) / lattice.PerDegree, (float64(n.at.Y) + n.fy) / lattice.PerDegree})
		s := &k.sides[h>>1]
		switch i, j := s.from-first+1, s.to-first; {
		case s.from == s.to:
		case h&1 == 0:
			for ; i <= j; i++ {
				add(k.area.points[i].Orb())
			}
		default:
			for ; i <= j; j-- {
				add(k.area.points[j].Orb())
			}
		}
	}
	k.around = around
	last := around[len(around)-1]
	length += math.Abs(last[0]-around[0][0]) + math.Abs(last[1]-around[0][1])
	span := max(float64(k.area.box.Max.X)-float64(k.area.box.Min.X), float64(k.area.box.Max.Y)-float64(k.area.box.Min.Y))
	if math.Abs(l.area) < 1e-15*span*length*lattice.PerDegree {
		l.area = 0
		return l
	}
	l.ring = append(append(append(make(orb.Ring, 0, len(around)+1), around[least:]...), around[:least]...), around[least])
	return l
}

// outline gives the vertices of a loop, until the next call.
func (k *Cutter) outline(l loop) []spot {
	k.spots = k.spots[:0]
	corner := k.area.box.Min
	for _, h := range l.halves {
		n := &k.nodes[k.from(h)]
		k.spots = append(k.spots, spot{n.x, n.y})
		s := &k.sides[h>>1]
		if s.from == s.to {
			continue
		}
		between := k.area.points[s.from-int32(len(k.lines))+1 : s.to-int32(len(k.lines))+1]
		for i, p := range between {
			if h&1 == 1 {
				p = between[len(between)-1-i]
			}
			k.spots = append(k.spots, spot{float64(int64(p.X) - int64(corner.X)), float64(int64(p.Y) - int64(corner.Y))})
		}
	}
	return k.spots
}

// surrounds tells whether the middle of a hole's first side is inside a ring.
func (k *Cutter) surrounds(ring, hole loop) bool {
	spots := k.outline(hole)
	x, y := (spots[0].x+spots[1].x)/2, (spots[0].y+spots[1].y)/2
	in := false
	spots = k.outline(ring)
	p := spots[len(spots)-1]
	for _, q := range spots {
		if (p.y > y) != (q.y > y) && x < p.x+(q.x-p.x)*(y-p.y)/(q.y-p.y) {
			in = !in
		}
		p = q
	}
	return in
}
