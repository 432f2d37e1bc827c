package draw

import "math"

// mend makes every cell connected: of a cell in several pieces the heaviest
// stays, the others go to the cell they share the longest border with.
func (g *grower) mend() {
	members := g.pieces()
	keep := make([]int, g.k)
	for i := range keep {
		keep[i] = -1
	}
	weigh := func(p int) (sum float64) {
		for _, n := range members[p] {
			sum += g.list[n].m2
		}
		return sum
	}
	for p, ns := range members {
		l := g.label[ns[0]]
		if keep[l] < 0 || weigh(p) > weigh(keep[l]) {
			keep[l] = p
		}
	}
	loose := make([]int, 0, len(members))
	for p, ns := range members {
		if keep[g.label[ns[0]]] != p {
			loose = append(loose, p)
			for _, n := range ns {
				g.label[n] = none
			}
		}
	}
	for len(loose) > 0 {
		rest := loose[:0]
		for _, p := range loose {
			to := g.longest(members[p])
			if to == none {
				rest = append(rest, p)
				continue
			}
			for _, n := range members[p] {
				g.label[n] = to
			}
		}
		loose = rest
	}
	g.weighAll()
}

// pieces returns the connected sets of atoms of one label.
func (g *grower) pieces() (members [][]int32) {
	piece := make(map[int32]bool, len(g.nodes))
	for _, n := range g.nodes {
		if piece[n] {
			continue
		}
		piece[n] = true
		set := []int32{n}
		for k := 0; k < len(set); k++ {
			for _, l := range g.list[set[k]].links {
				if !piece[l.to] && g.label[l.to] == g.label[n] {
					piece[l.to] = true
					set = append(set, l.to)
				}
			}
		}
		members = append(members, set)
	}
	return members
}

// longest returns the label that shares the longest border with the atoms.
func (g *grower) longest(ns []int32) int32 {
	metres := map[int32]float64{}
	for _, n := range ns {
		for _, l := range g.list[n].links {
			if to := g.label[l.to]; to != none {
				metres[to] += l.metres
			}
		}
	}
	best := none
	for to, m := range metres {
		if best == none || m > metres[best] || m == metres[best] && to < best {
			best = to
		}
	}
	return best
}

func (g *grower) weighAll() {
	clear(g.load)
	for _, n := range g.nodes {
		g.load[g.label[n]] += g.list[n].load
	}
}

// refine moves atoms over borders while that lowers stress × the squares of the
// deviations plus the length of borders in cell perimeters. Since a move from a
// heavier to a lighter cell pays whenever the difference exceeds the atom, load
// travels along chains of cells.
func (g *grower) refine(stress float64) {
	round := 3.7 * math.Sqrt(g.m2) // perimeter of a compact cell
	count := make([]int, g.k)
	for _, n := range g.nodes {
		count[g.label[n]]++
	}
	for range 60 {
		moved := false
		for _, n := range g.nodes {
			from := g.label[n]
			own := 0.0
			share := map[int32]float64{}
			for _, l := range g.list[n].links {
				if to := g.label[l.to]; to == from {
					own += l.metres
				} else {
					share[to] += l.metres
				}
			}
			if len(share) == 0 || count[from] == 1 {
				continue
			}
			best, gain := none, 1e-9
			for to, metres := range share {
				w := g.list[n].load / g.target
				f, t := g.load[from]/g.target-1, g.load[to]/g.target-1
				d := f*f + t*t - (f-w)*(f-w) - (t+w)*(t+w)
				if v := stress*d + (metres-own)/round; v > gain || v == gain && to < best {
					best, gain = to, v
				}
			}
			if best == none || !g.spare(n) {
				continue
			}
			g.label[n] = best
			g.load[from] -= g.list[n].load
			g.load[best] += g.list[n].load
			count[from]--
			count[best]++
			moved = true
		}
		if !moved {
			return
		}
	}
}

// spare tells whether an atom's cell stays connected without it.
func (g *grower) spare(n int32) bool {
	label := g.label[n]
	var ends []int32
	for _, l := range g.list[n].links {
		if g.label[l.to] == label {
			ends = append(ends, l.to)
		}
	}
	if len(ends) < 2 {
		return true
	}
	missing := len(ends) - 1
	seen := map[int32]bool{n: true, ends[0]: true}
	todo := []int32{ends[0]}
	for k := 0; k < len(todo); k++ {
		for _, l := range g.list[todo[k]].links {
			if seen[l.to] || g.label[l.to] != label {
				continue
			}
			seen[l.to] = true
			todo = append(todo, l.to)
			for _, e := range ends[1:] {
				if e == l.to {
					if missing--; missing == 0 {
						return true
					}
				}
			}
		}
	}
	return false
}
