package partition

import (
	"math/rand/v2"
)

// pieces returns the connected sets of vertices of one part.
func pieces(g *Graph, part []int32) (members [][]int32) {
	seen := make([]bool, g.Len())
	for v := range seen {
		if seen[v] {
			continue
		}
		seen[v] = true
		set := []int32{int32(v)}
		for i := 0; i < len(set); i++ {
			for e := g.First[set[i]]; e < g.First[set[i]+1]; e++ {
				if u := g.To[e]; !seen[u] && part[u] == part[v] {
					seen[u] = true
					set = append(set, u)
				}
			}
		}
		members = append(members, set)
	}
	return members
}

// connect makes every part connected: of a part in several pieces the heaviest
// stays (of equal ones the larger), the others go to the part they share the
// longest border with.
func connect(g *Graph, k int, part []int32) {
	members := pieces(g, part)
	heaviest := make([]int, k)
	for i := range heaviest {
		heaviest[i] = -1
	}
	weigh := make([]float64, len(members))
	for i, m := range members {
		for _, v := range m {
			weigh[i] += g.Load[v]
		}
		p := part[m[0]]
		if h := heaviest[p]; h < 0 || weigh[i] > weigh[h] || weigh[i] == weigh[h] && len(m) > len(members[h]) {
			heaviest[p] = i
		}
	}
	var loose [][]int32
	for i, m := range members {
		if heaviest[part[m[0]]] != i {
			loose = append(loose, m)
			for _, v := range m {
				part[v] = -1
			}
		}
	}
	for len(loose) > 0 {
		rest := loose[:0]
		for _, m := range loose {
			if to := longest(g, part, m); to >= 0 {
				for _, v := range m {
					part[v] = to
				}
			} else {
				rest = append(rest, m)
			}
		}
		loose = rest
	}
}

// longest returns the part that shares the longest border with some vertices,
// or -1.
func longest(g *Graph, part, vertices []int32) int32 {
	border := map[int32]float64{}
	for _, v := range vertices {
		for e := g.First[v]; e < g.First[v+1]; e++ {
			if p := part[g.To[e]]; p >= 0 {
				border[p] += g.Weight[e]
			}
		}
	}
	best := int32(-1)
	for p, w := range border {
		if best < 0 || w > border[best] || w == border[best] && p < best {
			best = p
		}
	}
	return best
}

// fill gives every empty part half of the heaviest one that has two vertices.
func fill(g *Graph, k int, part []int32, tolerance float64, rng *rand.Rand) error {
	members := make([][]int32, k)
	load := make([]float64, k)
	for v, p := range part {
		members[p] = append(members[p], int32(v))
		load[p] += g.Load[v]
	}
	b := newBisector(g, tolerance, rng)
	for p := range k {
		if len(members[p]) > 0 {
			continue
		}
		heavy := -1
		for q := range k {
			if len(members[q]) > 1 && (heavy < 0 || load[q] > load[heavy]) {
				heavy = q
			}
		}
		if heavy < 0 {
			return ErrParts
		}
		sub := b.part(members[heavy])
		side := halve(sub, 1, 2, tolerance, rng)
		if side == nil {
			side = cutTree(sub, 2)
		}
		var stay []int32
		load[heavy] = 0
		for i, v := range members[heavy] {
			if side[i] == 1 {
				part[v] = int32(p)
				members[p] = append(members[p], v)
				load[p] += g.Load[v]
			} else {
				stay = append(stay, v)
				load[heavy] += g.Load[v]
			}
		}
		members[heavy] = stay
	}
	return nil
}
