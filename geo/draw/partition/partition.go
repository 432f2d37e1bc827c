// Package partition divides a graph into connected parts of equal load with
// short borders: the core of a balanced draw, without geometry.
//
// It is a multilevel scheme: vertices are matched along heavy edges until few
// are left, these are bisected again and again, and on the way back every pair
// of parts that touch exchanges vertices (Fiduccia and Mattheyses) as long as
// that makes their border shorter or their loads more equal. Every state on the
// way has connected parts.
package partition

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

var (
	// ErrGraph reports a graph that is not connected or not symmetric in form,
	// or loads and weights that are negative or not finite.
	ErrGraph = errors.New("graph can't be divided")
	// ErrParts reports more parts than vertices, or fewer than one.
	ErrParts = errors.New("number of parts doesn't fit the graph")
)

// Graph is undirected, in compressed rows: the neighbours of vertex v are
// To[First[v]:First[v+1]], each edge listed from both of its ends.
type Graph struct {
	First  []int32
	To     []int32
	Weight []float64 // of each entry of To: what it costs to cut the edge
	Load   []float64 // of each vertex
	// At are the places of the vertices on a plane; with them parts come out
	// rounder. It may be nil.
	At [][2]float64
}

// Len returns the number of vertices.
func (g *Graph) Len() int { return len(g.Load) }

// Cut returns the weight of the edges between parts.
func (g *Graph) Cut(part []int32) float64 {
	sum := 0.0
	for v := range g.Load {
		for e := g.First[v]; e < g.First[v+1]; e++ {
			if part[g.To[e]] != part[v] {
				sum += g.Weight[e] / 2
			}
		}
	}
	return sum
}

// Options of a division.
type Options struct {
	// Seed varies the result; the same seed gives the same parts.
	Seed uint64
	// Tolerance is how far a part's load may be from the mean before that
	// counts more than the length of borders; 0 means 0.02.
	Tolerance float64
	// Tries is how many divisions are made to take the best of, every second
	// without regard to places; 0 means 1.
	Tries int
}

func (o Options) tolerance() float64 {
	if o.Tolerance <= 0 {
		return 0.02
	}
	return o.Tolerance
}

// Parts divides a connected graph into k connected parts, none of them empty,
// and returns the part of each vertex, 0 to k-1. It fails with ErrGraph or
// ErrParts, or when ctx is done.
func Parts(ctx context.Context, g Graph, k int, o Options) ([]int32, error) {
	if err := check(&g, k); err != nil {
		return nil, err
	}
	if k == 1 {
		return make([]int32, g.Len()), nil
	}
	var best []int32
	least := math.Inf(1)
	for try := range max(1, o.Tries) {
		rng := rand.New(rand.NewPCG(o.Seed, uint64(try)))
		plain := g
		if try%2 == 1 {
			plain.At = nil // round parts are not the best where some edges are cheap
		}
		part, err := once(ctx, &plain, k, o.tolerance(), rng)
		if err != nil {
			return nil, err
		}
		d := newDivision(&g, k, part, o.tolerance(), rng)
		if c := d.cost(); c < least {
			best, least = part, c
		}
	}
	return best, nil
}

// Improve makes a given division better, changing little: parts that are not
// connected keep their heaviest piece, empty ones take half of the heaviest
// part, and then borders move. It fails as Parts does.
func Improve(ctx context.Context, g Graph, k int, start []int32, o Options) ([]int32, error) {
	if err := check(&g, k); err != nil {
		return nil, err
	}
	if len(start) != g.Len() {
		return nil, fmt.Errorf("%w: %d vertices, %d of them with a part", ErrGraph, g.Len(), len(start))
	}
	part := make([]int32, len(start))
	for v, p := range start {
		if p < 0 || int(p) >= k {
			return nil, fmt.Errorf("%w: part %d of %d", ErrParts, p, k)
		}
		part[v] = p
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	connect(&g, k, part)
	if err := fill(&g, k, part, o.tolerance(), rng); err != nil {
		return nil, err
	}
	d := newDivision(&g, k, part, o.tolerance(), rng)
	if err := d.refine(ctx, fineRounds); err != nil {
		return nil, err
	}
	return part, nil
}

func check(g *Graph, k int) error {
	n := g.Len()
	if k < 1 || k > n {
		return fmt.Errorf("%w: %d vertices into %d parts", ErrParts, n, k)
	}
	if len(g.First) != n+1 || len(g.To) != len(g.Weight) || g.At != nil && len(g.At) != n || int(g.First[n]) != len(g.To) {
		return fmt.Errorf("%w: lengths of its lists don't fit", ErrGraph)
	}
	for v, w := range g.Load {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("%w: load %v of vertex %d", ErrGraph, w, v)
		}
	}
	for e, w := range g.Weight {
		if !(w >= 0) || math.IsInf(w, 0) || g.To[e] < 0 || int(g.To[e]) >= n {
			return fmt.Errorf("%w: weight %v of an edge to %d", ErrGraph, w, g.To[e])
		}
	}
	seen := make([]bool, n)
	seen[0] = true
	todo := []int32{0}
	for i := 0; i < len(todo); i++ {
		for e := g.First[todo[i]]; e < g.First[todo[i]+1]; e++ {
			if u := g.To[e]; !seen[u] {
				seen[u] = true
				todo = append(todo, u)
			}
		}
	}
	if len(todo) < n {
		return fmt.Errorf("%w: it is in pieces", ErrGraph)
	}
	return nil
}

const (
	// coarseRounds and fineRounds are how often borders are gone over at most,
	// on coarse graphs without places and on the given one; relaxRounds is how
	// often parts with places are made round in between.
	coarseRounds = 3
	relaxRounds  = 40
	fineRounds   = 12
	// coarsest is the number of vertices per part at which coarsening ends.
	coarsest = 12
)

// once makes one division: down to a coarse graph, and up again.
func once(ctx context.Context, g *Graph, k int, tolerance float64, rng *rand.Rand) ([]int32, error) {
	levels := []*Graph{g}
	var maps [][]int32
	for {
		top := levels[len(levels)-1]
		if top.Len() <= max(coarsest*k, 60) {
			break
		}
		small, to := coarsen(top, k, rng)
		if float64(small.Len()) > 0.95*float64(top.Len()) {
			break
		}
		levels, maps = append(levels, small), append(maps, to)
	}
	top := levels[len(levels)-1]
	part := make([]int32, top.Len())
	if err := newBisector(top, tolerance, rng).divide(ctx, part, k); err != nil {
		return nil, err
	}
	for l := len(levels) - 1; ; l-- {
		d := newDivision(levels[l], k, part, tolerance, rng)
		rounds := fineRounds
		switch {
		case l == 0 && g.At != nil:
			d.relax(relaxRounds)
		case l > 0 && g.At != nil:
			rounds = 0
		case l > 0:
			rounds = coarseRounds
			// Coarse vertices can't be shared out more evenly than this.
			d.free = math.Max(d.free, 2*float64(k)/float64(levels[l].Len()))
		}
		if err := d.refine(ctx, rounds); err != nil {
			return nil, err
		}
		if l == 0 {
			return part, nil
		}
		fine := make([]int32, levels[l-1].Len())
		for v := range fine {
			fine[v] = part[maps[l-1][v]]
		}
		part = fine
	}
}
