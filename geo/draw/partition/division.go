package partition

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// stress is what a part's load beyond the tolerance costs, squared, relative to
// the mean border of a part.
const stress = 10000

// division is a graph divided into connected parts, and what moving vertices
// between them needs.
type division struct {
	g      *Graph
	part   []int32
	load   []float64 // by part
	count  []int32   // vertices by part
	target []float64 // by part
	free   float64   // tolerance
	unit   float64   // cost of a squared deviation, in weight of edges
	rng    *rand.Rand

	seen  []int32 // walk numbers, for spare
	walk  int32
	todo  []int32
	gain  []float64 // of moving a vertex to the other of two parts
	stamp []int32   // pass in which gain is valid; negative: moved in it
	pass  int32
	heaps [2]heap
	moves []int32
}

func newDivision(g *Graph, k int, part []int32, tolerance float64, rng *rand.Rand) *division {
	total := 0.0
	for _, w := range g.Load {
		total += w
	}
	target := make([]float64, k)
	for i := range target {
		target[i] = total / float64(k)
	}
	return newDivisionFor(g, part, target, tolerance, rng)
}

func newDivisionFor(g *Graph, part []int32, target []float64, tolerance float64, rng *rand.Rand) *division {
	n, k := g.Len(), len(target)
	d := &division{g: g, part: part, load: make([]float64, k), count: make([]int32, k), target: target, free: tolerance, rng: rng,
		seen: make([]int32, n), gain: make([]float64, n), stamp: make([]int32, n)}
	for v, p := range part {
		if p >= 0 {
			d.load[p] += g.Load[v]
			d.count[p]++
		}
	}
	// The border of a compact part, were the graph a lattice with the mean edge.
	mean := 0.0
	for _, w := range g.Weight {
		mean += w
	}
	mean /= math.Max(1, float64(len(g.Weight)))
	d.unit = stress * mean * 3.5 * 2 * math.Sqrt(math.Max(1, float64(n)/float64(k)))
	return d
}

// strain is what a part's load costs.
func (d *division) strain(p int32, load float64) float64 {
	if d.target[p] <= 0 {
		return 0
	}
	dev := load/d.target[p] - 1
	over := math.Max(0, math.Abs(dev)-d.free)
	return d.unit * (over*over + dev*dev/4000)
}

// cost is what the whole division costs.
func (d *division) cost() float64 {
	sum := d.g.Cut(d.part)
	for p, l := range d.load {
		sum += d.strain(int32(p), l)
	}
	return sum
}

// pair is two parts that touch, and the vertices at their border.
type pair struct {
	a, b     int32
	vertices []int32
}

// pairs lists the parts that touch, in order, with the vertices at their border.
func (d *division) pairs(wanted func(a, b int32) bool) []pair {
	number := map[int64]int32{}
	var out []pair
	var near []int32
	for v := range d.part {
		a := d.part[v]
		near = near[:0]
		for e := d.g.First[v]; e < d.g.First[v+1]; e++ {
			if b := d.part[d.g.To[e]]; b != a && !slices.Contains(near, b) {
				near = append(near, b)
			}
		}
		for _, b := range near {
			lo, hi := min(a, b), max(a, b)
			if !wanted(lo, hi) {
				continue
			}
			key := int64(lo)<<32 | int64(hi)
			i, ok := number[key]
			if !ok {
				i = int32(len(out))
				number[key] = i
				out = append(out, pair{a: lo, b: hi})
			}
			out[i].vertices = append(out[i].vertices, int32(v))
		}
	}
	slices.SortFunc(out, func(x, y pair) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return out
}

// refine goes over the pairs of parts until none gets better, at most so many
// times.
func (d *division) refine(ctx context.Context, rounds int) error {
	k := len(d.target)
	changed := make([]bool, k)
	for i := range changed {
		changed[i] = true
	}
	for range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		list := d.pairs(func(a, b int32) bool { return changed[a] || changed[b] })
		d.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		clear(changed)
		any := false
		for _, p := range list {
			if d.exchange(p) {
				changed[p.a], changed[p.b], any = true, true, true
			}
		}
		if !any {
			return nil
		}
	}
	return nil
}

// exchange moves vertices between two parts, also some that make things worse
// for a while, and keeps the best state passed; false when that is the first.
func (d *division) exchange(p pair) bool {
	d.pass++
	d.heaps[0].clear()
	d.heaps[1].clear()
	for _, v := range p.vertices {
		d.offer(v, p.a, p.b)
	}
	patience := 20 + len(p.vertices)/2
	d.moves = d.moves[:0]
	now, best, kept := 0.0, -1e-9, 0
	for len(d.moves)-kept < patience {
		v, gain := d.next(p.a, p.b)
		if v < 0 {
			break
		}
		from := d.part[v]
		to := p.a + p.b - from
		d.move(v, to)
		d.stamp[v] = -d.pass
		d.moves = append(d.moves, v)
		if now -= gain; now < best {
			best, kept = now, len(d.moves)
		}
		for e := d.g.First[v]; e < d.g.First[v+1]; e++ {
			d.offer(d.g.To[e], p.a, p.b)
		}
	}
	for i := len(d.moves) - 1; i >= kept; i-- {
		v := d.moves[i]
		d.move(v, p.a+p.b-d.part[v])
	}
	return kept > 0
}

func (d *division) move(v, to int32) {
	from := d.part[v]
	w := d.g.Load[v]
	d.part[v] = to
	d.load[from] -= w
	d.load[to] += w
	d.count[from]--
	d.count[to]++
}

// offer puts a vertex of one of two parts into the heap of its part, if it
// touches the other and hasn't moved in this pass.
func (d *division) offer(v, a, b int32) {
	own := d.part[v]
	if own != a && own != b || d.stamp[v] == -d.pass {
		return
	}
	other := a + b - own
	gain, touches := 0.0, false
	for e := d.g.First[v]; e < d.g.First[v+1]; e++ {
		switch d.part[d.g.To[e]] {
		case own:
			gain -= d.g.Weight[e]
		case other:
			gain += d.g.Weight[e]
			touches = true
		}
	}
	if !touches {
		d.stamp[v] = 0
		return
	}
	d.gain[v], d.stamp[v] = gain, d.pass
	side := 0
	if own == b {
		side = 1
	}
	d.heaps[side].push(entry{gain, v})
}

// next takes the vertex whose move is best out of the heaps, with its whole
// gain, or -1.
func (d *division) next(a, b int32) (int32, float64) {
	before := d.strain(a, d.load[a]) + d.strain(b, d.load[b])
	for {
		best, most := -1, math.Inf(-1)
		for side := range d.heaps {
			h := &d.heaps[side]
			own, other := a, b
			if side == 1 {
				own, other = b, a
			}
			for len(*h) > 0 {
				top := (*h)[0]
				if d.stamp[top.v] != d.pass || d.gain[top.v] != top.gain || d.part[top.v] != own {
					h.pop()
					continue
				}
				w := d.g.Load[top.v]
				gain := top.gain + before - d.strain(own, d.load[own]-w) - d.strain(other, d.load[other]+w)
				if gain > most {
					best, most = side, gain
				}
				break
			}
		}
		if best < 0 {
			return -1, 0
		}
		v := d.heaps[best].pop().v
		d.stamp[v] = 0
		if d.spare(v) {
			return v, most
		}
	}
}

// farthest is how many vertices spare looks at before it says no.
const farthest = 4000

// spare tells whether a vertex's part stays connected, and is not empty,
// without it.
func (d *division) spare(v int32) bool {
	p := d.part[v]
	if d.count[p] < 2 {
		return false
	}
	var room [16]int32
	ends := room[:0]
	for e := d.g.First[v]; e < d.g.First[v+1]; e++ {
		if u := d.g.To[e]; d.part[u] == p && u != v {
			ends = append(ends, u)
		}
	}
	if len(ends) < 2 {
		return len(ends) == 1
	}
	// Walk from one of them until all are found, first among themselves.
	d.walk++
	const wanted = math.MinInt32
	missing := len(ends) - 1
	for _, u := range ends[1:] {
		d.seen[u] = wanted + d.walk
	}
	d.seen[v], d.seen[ends[0]] = d.walk, d.walk
	d.todo = append(d.todo[:0], ends[0])
	for i := 0; i < len(d.todo); i++ { // among themselves
		u := d.todo[i]
		for e := d.g.First[u]; e < d.g.First[u+1]; e++ {
			if t := d.g.To[e]; d.seen[t] == wanted+d.walk {
				d.seen[t] = d.walk
				d.todo = append(d.todo, t)
				if missing--; missing == 0 {
					return true
				}
			}
		}
	}
	for i := 0; i < len(d.todo) && i < farthest; i++ {
		u := d.todo[i]
		for e := d.g.First[u]; e < d.g.First[u+1]; e++ {
			t := d.g.To[e]
			if d.part[t] != p || d.seen[t] == d.walk {
				continue
			}
			if d.seen[t] == wanted+d.walk {
				if missing--; missing == 0 {
					return true
				}
			}
			d.seen[t] = d.walk
			d.todo = append(d.todo, t)
		}
	}
	return false
}
