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
	nodes []int32
	area  float64
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
			path = append(path, k.from(h))
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
				shells, rings = append(shells, orb.Polygon{k.ring(l)}), append(rings, l)
			default:
				inner = append(inner, l)
			}
		}
		for _, l := range inner {
			if own >= 0 {
				shells[own] = append(shells[own], k.ring(l))
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
			shells[best] = append(shells[best], k.ring(hole))
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

// apart cuts a closed path where it passes a node again.
func (k *Cutter) apart(path []int32) (loops []loop) {
	kept := k.kept[:0]
	for _, n := range path {
		if at := k.held[n]; at > 0 {
			loops = append(loops, k.loop(kept[at-1:]))
			for _, m := range kept[at-1:] {
				k.held[m] = 0
			}
			kept = kept[:at-1]
		}
		kept = append(kept, n)
		k.held[n] = int32(len(kept))
	}
	for _, n := range kept {
		k.held[n] = 0
	}
	k.kept = kept
	return append(loops, k.loop(kept))
}

// loop begins a ring at its least node.
func (k *Cutter) loop(nodes []int32) loop {
	least := 0
	for i, n := range nodes {
		a, b := &k.nodes[n], &k.nodes[nodes[least]]
		if cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) < 0 {
			least = i
		}
	}
	l := loop{nodes: append(append(make([]int32, 0, len(nodes)), nodes[least:]...), nodes[:least]...)}
	o, a := &k.nodes[l.nodes[0]], &k.nodes[l.nodes[len(nodes)-1]]
	length := 0.0
	for _, n := range l.nodes {
		b := &k.nodes[n]
		l.area += ((a.x-o.x)*(b.y-o.y) - (a.y-o.y)*(b.x-o.x)) / 2
		length += math.Abs(a.x-b.x) + math.Abs(a.y-b.y)
		a = b
	}
	if span := max(float64(k.area.box.Max.X)-float64(k.area.box.Min.X), float64(k.area.box.Max.Y)-float64(k.area.box.Min.Y)); math.Abs(l.area) < 1e-15*span*length {
		l.area = 0
	}
	return l
}

// ring returns a loop in degrees.
func (k *Cutter) ring(l loop) orb.Ring {
	r := make(orb.Ring, 0, len(l.nodes)+1)
	for _, n := range l.nodes {
		p := &k.nodes[n].place
		r = append(r, orb.Point{(float64(p.at.X) + p.fx) / lattice.PerDegree, (float64(p.at.Y) + p.fy) / lattice.PerDegree})
	}
	return append(r, r[0])
}

// surrounds tells whether the middle of a hole's first side is inside a ring.
func (k *Cutter) surrounds(ring, hole loop) bool {
	a, b := &k.nodes[hole.nodes[0]], &k.nodes[hole.nodes[1]]
	x, y := (a.x+b.x)/2, (a.y+b.y)/2
	in := false
	p := &k.nodes[ring.nodes[len(ring.nodes)-1]]
	for _, n := range ring.nodes {
		q := &k.nodes[n]
		if (p.y > y) != (q.y > y) && x < p.x+(q.x-p.x)*(y-p.y)/(q.y-p.y) {
			in = !in
		}
		p = q
	}
	return in
}
