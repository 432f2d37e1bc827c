package partition

import "math"

// relax makes parts round, where vertices have places: every part has a centre
// in its middle and a weight that rises while it has too little load; vertices
// at borders go to the part for which distance² − weight is least (a power
// diagram, grown from the division there is). Parts stay connected.
func (d *division) relax(rounds int) {
	at := d.g.At
	k := len(d.target)
	centre := make([][2]float64, k)
	weight := make([]float64, k)
	step := d.g.step2() * 0.87 // area of a vertex on a lattice of triangles
	for round := range rounds {
		clear(centre)
		for v, p := range d.part {
			centre[p][0] += at[v][0]
			centre[p][1] += at[v][1]
		}
		damp := 0.7 * (1 - 0.7*float64(round)/float64(rounds))
		for p := range centre {
			n := float64(d.count[p])
			centre[p][0] /= n
			centre[p][1] /= n
			if d.target[p] > 0 {
				lack := math.Max(1-d.load[p]/d.target[p], -2)
				weight[p] += damp * lack * n * step * 2 / math.Pi
			}
		}
		far := func(v, p int32) float64 {
			x, y := at[v][0]-centre[p][0], at[v][1]-centre[p][1]
			return x*x + y*y - weight[p]
		}
		for v := range d.part {
			own := d.part[v]
			best, least := own, math.Inf(1)
			for e := d.g.First[v]; e < d.g.First[v+1]; e++ {
				if p := d.part[d.g.To[e]]; p != own && p != best {
					if math.IsInf(least, 1) {
						least = far(int32(v), own)
					}
					if f := far(int32(v), p); f < least {
						best, least = p, f
					}
				}
			}
			if best != own && d.spare(int32(v)) {
				d.move(int32(v), best)
			}
		}
	}
}

// step2 returns the mean squared length of an edge.
func (g *Graph) step2() float64 {
	sum := 0.0
	for v := range g.Load {
		for e := g.First[v]; e < g.First[v+1]; e++ {
			x, y := g.At[v][0]-g.At[g.To[e]][0], g.At[v][1]-g.At[g.To[e]][1]
			sum += x*x + y*y
		}
	}
	return sum / math.Max(1, float64(len(g.To)))
}
