package draw

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// grower divides one island's atoms into cells of equal load.
//
// Each cell has a centre and a weight; an atom goes to the centre for which
// distance² − weight is least (a power diagram: convex cells), weights rise
// where a cell has too little and fall where it has too much, and centres move
// to the middle of their cells. What falls apart or stays unequal on the real
// outline is settled by mend and refine.
type grower struct {
	list    []atom
	nodes   []int32
	k       int
	target  float64 // load of a cell
	m2      float64 // mean area of a cell
	rng     *rand.Rand
	centres []vec
	weights []float64
	label   []int32 // by atom; -1 outside the island
	load    []float64
}

const (
	growRounds   = 60
	settleRounds = 25 // last rounds, in which centres stay
	maxTries     = 8
	workBudget   = 60_000_000 // distances to compute over all tries
)

// grow labels the atoms of an island from first on. It fails with ErrTooFine when
// there are not enough of them.
func grow(ctx context.Context, list []atom, is island, first int32, seed uint64, label []int32) error {
	g := &grower{list: list, nodes: is.atoms, k: is.cells, target: is.load / float64(is.cells)}
	for _, n := range g.nodes {
		g.m2 += list[n].m2 / float64(g.k)
	}
	tries := min(maxTries, max(1, workBudget/(growRounds*len(g.nodes)*g.k)))
	if g.k == 1 {
		tries = 1
	}
	best, cost := []int32(nil), math.Inf(1)
	for try := range tries {
		if err := ctx.Err(); err != nil {
			return err
		}
		g.rng = rand.New(rand.NewPCG(seed, uint64(first)<<32|uint64(try)))
		g.attempt()
		if c := g.cost(); c < cost {
			best, cost = slices.Clone(g.label), c
		}
	}
	if best == nil {
		return ErrTooFine
	}
	for _, n := range g.nodes {
		label[n] = first + best[n]
	}
	return nil
}

// attempt makes one division.
func (g *grower) attempt() {
	g.label = make([]int32, len(g.list))
	for i := range g.label {
		g.label[i] = none
	}
	g.load = make([]float64, g.k)
	g.weights = make([]float64, g.k)
	g.seed()
	for round := range growRounds {
		g.assign()
		g.recentre(round < growRounds-settleRounds)
		damp := 0.7
		if left := growRounds - round; left < settleRounds {
			damp *= 0.3 + 0.7*float64(left)/settleRounds
		}
		for i := range g.weights {
			lack := math.Max(1-g.load[i]/g.target, -2)
			g.weights[i] += damp * lack * g.m2 * 2 / math.Pi
		}
	}
	g.assign()
	g.mend()
	g.refine(40)
	g.refine(400)
}

// seed places the centres apart from each other, where load is (k-means++).
func (g *grower) seed() {
	g.centres = g.centres[:0]
	far := make([]float64, len(g.nodes))
	for i := range far {
		far[i] = 1
	}
	for len(g.centres) < g.k {
		sum := 0.0
		for i, n := range g.nodes {
			sum += far[i] * (g.list[n].load + 1e-12)
		}
		pick, at := g.rng.Float64()*sum, 0
		for at < len(g.nodes)-1 {
			if pick -= far[at] * (g.list[g.nodes[at]].load + 1e-12); pick < 0 {
				break
			}
			at++
		}
		c := g.list[g.nodes[at]].at
		for i, n := range g.nodes {
			d := g.list[n].at.distance2(c)
			if len(g.centres) == 0 || d < far[i] {
				far[i] = d
			}
		}
		g.centres = append(g.centres, c)
	}
}

// assign gives every atom to the centre with the least power distance.
func (g *grower) assign() {
	clear(g.load)
	for _, n := range g.nodes {
		a := &g.list[n]
		best, least := int32(0), math.Inf(1)
		for i, c := range g.centres {
			dx, dy := a.at.x-c.x, a.at.y-c.y
			if d := dx*dx + dy*dy - g.weights[i]; d < least {
				best, least = int32(i), d
			}
		}
		g.label[n] = best
		g.load[best] += a.load
	}
}

// recentre moves centres to the middle of their cells, if asked to; a cell that
// has lost every atom starts anew inside the heaviest one.
func (g *grower) recentre(move bool) {
	sum := make([]vec, g.k)
	m2 := make([]float64, g.k)
	for _, n := range g.nodes {
		l := g.label[n]
		sum[l] = sum[l].add(g.list[n].at.times(g.list[n].m2))
		m2[l] += g.list[n].m2
	}
	for i := range g.centres {
		if m2[i] > 0 {
			if move {
				g.centres[i] = sum[i].times(1 / m2[i])
			}
			continue
		}
		heavy := 0
		for j := range g.load {
			if g.load[j] > g.load[heavy] {
				heavy = j
			}
		}
		far := -1.0
		for _, n := range g.nodes {
			if d := g.list[n].at.distance2(g.centres[heavy]); int(g.label[n]) == heavy && d > far {
				far, g.centres[i] = d, g.list[n].at
			}
		}
		g.weights[i] = g.weights[heavy]
	}
}

// cost judges a division: unequal load first, then the length of borders.
func (g *grower) cost() float64 {
	worst, metres := 0.0, 0.0
	count := make([]int, g.k)
	for _, n := range g.nodes {
		count[g.label[n]]++
		for _, l := range g.list[n].links {
			if g.label[l.to] != g.label[n] {
				metres += l.metres
			}
		}
	}
	for i, l := range g.load {
		if count[i] == 0 {
			return math.Inf(1)
		}
		worst = math.Max(worst, math.Abs(l/g.target-1))
	}
	return 10*math.Max(0, worst-0.02) + metres/(float64(g.k)*math.Sqrt(g.m2))
}
