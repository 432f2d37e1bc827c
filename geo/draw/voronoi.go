package draw

import (
	"cmp"
	"math"
	"slices"
)

// edge is a stretch of the line halfway between two seeds.
type edge struct {
	from, to vec
	a, b     int // seeds, a < b
}

// side is one corner of a cell being cut and the seed beyond the side that
// starts there, or -1 at the frame.
type side struct {
	at     vec
	beyond int
}

// voronoiEdges returns the borders between the seeds' cells within a square of
// reach metres round the origin. Ends that lie within a few centimetres of each
// other are made equal.
func voronoiEdges(seeds []vec, reach float64) []edge {
	var out []edge
	snap := newSnapper(0.05)
	order := make([]int, len(seeds))
	for a := range seeds {
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int {
			return cmp.Or(cmp.Compare(seeds[a].distance2(seeds[i]), seeds[a].distance2(seeds[j])), cmp.Compare(i, j))
		})
		cell := []side{{vec{-reach, -reach}, -1}, {vec{reach, -reach}, -1}, {vec{reach, reach}, -1}, {vec{-reach, reach}, -1}}
		for _, b := range order[1:] {
			radius := 0.0
			for _, c := range cell {
				radius = math.Max(radius, seeds[a].distance(c.at))
			}
			if seeds[a].distance(seeds[b]) > 2*radius {
				break
			}
			cell = cutCell(cell, seeds[a], seeds[b], b)
		}
		for i, c := range cell {
			if c.beyond > a {
				from, to := snap.place(c.at), snap.place(cell[(i+1)%len(cell)].at)
				if from != to {
					out = append(out, edge{from, to, a, c.beyond})
				}
			}
		}
	}
	return out
}

// cutCell keeps the part of a convex cell that is nearer to p than to q.
func cutCell(cell []side, p, q vec, number int) []side {
	middle, normal := p.add(q).times(0.5), q.sub(p)
	beyond := func(v vec) float64 { return v.sub(middle).dot(normal) }
	var out []side
	for i, c := range cell {
		next := cell[(i+1)%len(cell)]
		d, e := beyond(c.at), beyond(next.at)
		cross := func() vec { return c.at.add(next.at.sub(c.at).times(d / (d - e))) }
		switch {
		case d <= 0 && e <= 0:
			out = append(out, c)
		case d <= 0:
			out = append(out, c, side{cross(), number})
		case e <= 0:
			out = append(out, side{cross(), c.beyond})
		}
	}
	return out
}

// snapper makes places that are nearly equal equal.
type snapper struct {
	size  float64
	known map[[2]int64][]vec
}

func newSnapper(size float64) *snapper {
	return &snapper{size: size, known: map[[2]int64][]vec{}}
}

// place returns the first place within size of v that it was asked for.
func (s *snapper) place(v vec) vec {
	cx, cy := int64(math.Floor(v.x/s.size)), int64(math.Floor(v.y/s.size))
	for dx := int64(-1); dx <= 1; dx++ {
		for dy := int64(-1); dy <= 1; dy++ {
			for _, o := range s.known[[2]int64{cx + dx, cy + dy}] {
				if o.distance(v) <= s.size {
					return o
				}
			}
		}
	}
	s.known[[2]int64{cx, cy}] = append(s.known[[2]int64{cx, cy}], v)
	return v
}
