package partition

import "math/rand/v2"

// coarsen joins vertices in pairs along their heaviest edges, those with few
// edges first; to tells which vertex of the small graph each became part of. No
// vertex grows beyond a fraction of a part.
func coarsen(g *Graph, k int, rng *rand.Rand) (small *Graph, to []int32) {
	n := g.Len()
	total := 0.0
	for _, w := range g.Load {
		total += w
	}
	most := 1.5 * total / float64(max(coarsest*k, 60))
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	to = make([]int32, n)
	for i := range to {
		to[i] = -1
	}
	var first []int32 // a member of each new vertex
	var second []int32
	for _, v := range order {
		if to[v] >= 0 {
			continue
		}
		best, weight := int32(-1), -1.0
		for e := g.First[v]; e < g.First[v+1]; e++ {
			u := g.To[e]
			if to[u] >= 0 || u == v || g.Load[u]+g.Load[v] > most {
				continue
			}
			// A heavy edge relative to what the pair has to others.
			w := g.Weight[e] / (1 + g.Load[u]/most)
			if w > weight {
				best, weight = u, w
			}
		}
		c := int32(len(first))
		to[v] = c
		first, second = append(first, v), append(second, best)
		if best >= 0 {
			to[best] = c
		}
	}
	small = &Graph{First: make([]int32, 1, len(first)+1), Load: make([]float64, len(first))}
	at := make([]int32, len(first)) // where the row being built has its edge to a vertex
	for i := range at {
		at[i] = -1
	}
	for c := range first {
		start := int32(len(small.To))
		for _, v := range [2]int32{first[c], second[c]} {
			if v < 0 {
				continue
			}
			small.Load[c] += g.Load[v]
			for e := g.First[v]; e < g.First[v+1]; e++ {
				u := to[g.To[e]]
				if u == int32(c) {
					continue
				}
				if at[u] < start {
					at[u] = int32(len(small.To))
					small.To, small.Weight = append(small.To, u), append(small.Weight, 0)
				}
				small.Weight[at[u]] += g.Weight[e]
			}
		}
		small.First = append(small.First, int32(len(small.To)))
	}
	return small, to
}
