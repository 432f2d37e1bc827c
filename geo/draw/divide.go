package draw

import (
	"context"
	"errors"
	"math"

	"unigrid/geo/draw/partition"
)

const (
	// maxTries is how often a small division is made to take the best.
	maxTries = 8
	// workBudget is the number of atoms to go over in all tries.
	workBudget = 12_000
)

// divide labels the atoms with cells 0 to into-1, every island by itself, and
// returns what each cell's load should be. Start, where it is not nil, is the
// division to change as little as possible.
func divide(ctx context.Context, list []atom, into int, seed uint64, start []int32) (label []int32, target []float64, err error) {
	main, follow := islands(list, into)
	label = make([]int32, len(list))
	local := make([]int32, len(list))
	first := int32(0)
	for _, is := range main {
		g := islandGraph(list, is, local)
		o := partition.Options{Seed: seed + uint64(first), Tries: min(maxTries, max(1, workBudget/len(is.atoms)))}
		var part []int32
		if start == nil {
			part, err = partition.Parts(ctx, g, is.cells, o)
		} else {
			part, err = partition.Improve(ctx, g, is.cells, startingParts(list, is, start), o)
		}
		if err != nil {
			if errors.Is(err, partition.ErrParts) {
				err = ErrTooFine
			}
			return nil, nil, err
		}
		for i, n := range is.atoms {
			label[n] = first + part[i]
		}
		for range is.cells {
			target = append(target, is.load/float64(is.cells))
		}
		first += int32(is.cells)
	}
	if int(first) != into {
		return nil, nil, ErrTooFine
	}
	for i, to := range follow {
		label[i] = label[to]
	}
	return label, target, nil
}

// islandGraph is the graph of an island's atoms; local is scratch.
func islandGraph(list []atom, is island, local []int32) partition.Graph {
	for i, n := range is.atoms {
		local[n] = int32(i)
	}
	g := partition.Graph{First: make([]int32, 1, len(is.atoms)+1)}
	for _, n := range is.atoms {
		a := &list[n]
		g.Load = append(g.Load, a.load)
		g.At = append(g.At, [2]float64{a.at.x, a.at.y})
		for _, l := range a.links {
			g.To, g.Weight = append(g.To, local[l.to]), append(g.Weight, l.cost)
		}
		g.First = append(g.First, int32(len(g.To)))
	}
	return g
}

// startingParts renumbers the starting labels of an island's atoms from 0, the
// heaviest first. Where there are more than the island is to have cells, the
// lightest go to the neighbour with the longest border.
func startingParts(list []atom, is island, start []int32) []int32 {
	at := make(map[int32]int32, len(is.atoms)) // label of each atom
	load := map[int32]float64{}
	for _, n := range is.atoms {
		at[n] = start[n]
		load[start[n]] += list[n].load
	}
	lightest := func() int32 {
		best := none
		for l, w := range load {
			if best == none || w < load[best] || w == load[best] && l > best {
				best = l
			}
		}
		return best
	}
	for len(load) > is.cells {
		light := lightest()
		border := map[int32]float64{}
		for _, n := range is.atoms {
			if at[n] == light {
				for _, l := range list[n].links {
					border[at[l.to]] += l.metres
				}
			}
		}
		to, most := none, math.Inf(-1)
		for l, m := range border {
			if l != light && (m > most || m == most && l < to) {
				to, most = l, m
			}
		}
		for _, n := range is.atoms {
			if at[n] == light {
				at[n] = to
			}
		}
		load[to] += load[light]
		delete(load, light)
	}
	number := map[int32]int32{}
	for len(load) > 0 {
		light := lightest()
		number[light] = int32(len(load) - 1)
		delete(load, light)
	}
	part := make([]int32, len(is.atoms))
	for i, n := range is.atoms {
		part[i] = number[at[n]]
	}
	return part
}
