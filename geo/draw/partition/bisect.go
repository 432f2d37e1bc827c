package partition

import (
	"context"
	"math"
	"math/rand/v2"
)

// bisector divides a small graph into two connected sides again and again.
type bisector struct {
	g         *Graph
	tolerance float64
	rng       *rand.Rand
	local     []int32 // number of a vertex in the graph at hand, or -1
}

func newBisector(g *Graph, tolerance float64, rng *rand.Rand) *bisector {
	b := &bisector{g: g, tolerance: tolerance, rng: rng, local: make([]int32, g.Len())}
	for i := range b.local {
		b.local[i] = -1
	}
	return b
}

// divide fills part with 0 to k-1.
func (b *bisector) divide(ctx context.Context, part []int32, k int) error {
	all := make([]int32, b.g.Len())
	for i := range all {
		all[i] = int32(i)
	}
	return b.split(ctx, all, part, 0, k)
}

// split gives the vertices, a connected set, the parts first to first+k-1.
func (b *bisector) split(ctx context.Context, vertices []int32, part []int32, first int32, k int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if k == 1 {
		for _, v := range vertices {
			part[v] = first
		}
		return nil
	}
	sub := b.part(vertices)
	left := k / 2
	side := halve(sub, left, k, b.tolerance, b.rng)
	if side == nil {
		for i, p := range cutTree(sub, k) {
			part[vertices[i]] = first + p
		}
		return nil
	}
	var halves [2][]int32
	for i, v := range vertices {
		halves[side[i]] = append(halves[side[i]], v)
	}
	if err := b.split(ctx, halves[0], part, first, left); err != nil {
		return err
	}
	return b.split(ctx, halves[1], part, first+int32(left), k-left)
}

// part returns the graph of some vertices alone, in their order.
func (b *bisector) part(vertices []int32) *Graph {
	for i, v := range vertices {
		b.local[v] = int32(i)
	}
	sub := &Graph{First: make([]int32, 1, len(vertices)+1), Load: make([]float64, len(vertices))}
	for i, v := range vertices {
		sub.Load[i] = b.g.Load[v]
		for e := b.g.First[v]; e < b.g.First[v+1]; e++ {
			if u := b.local[b.g.To[e]]; u >= 0 {
				sub.To, sub.Weight = append(sub.To, u), append(sub.Weight, b.g.Weight[e])
			}
		}
		sub.First = append(sub.First, int32(len(sub.To)))
	}
	for _, v := range vertices {
		b.local[v] = -1
	}
	return sub
}

// starts is how many places a side is grown from to take the best.
const starts = 6

// halve divides a connected graph into side 0, which is to have left of k parts
// of the load, and side 1. Nil when no try left both sides enough vertices.
func halve(g *Graph, left, k int, tolerance float64, rng *rand.Rand) []int32 {
	total := 0.0
	for _, w := range g.Load {
		total += w
	}
	target := []float64{total * float64(left) / float64(k), total * float64(k-left) / float64(k)}
	least := []int32{int32(left), int32(k - left)}
	var best []int32
	lowest := math.Inf(1)
	for try := range starts {
		from := int32(rng.IntN(g.Len()))
		if try%2 == 0 {
			from = farFrom(g, from)
		}
		side := growSide(g, from, target[0])
		d := newDivisionFor(g, side, target, tolerance/2, rng)
		d.unit /= 4 // of two sides, each is many parts
		for range 4 {
			list := d.pairs(func(int32, int32) bool { return true })
			if len(list) == 0 || !d.exchange(list[0]) {
				break
			}
		}
		if d.count[0] < least[0] || d.count[1] < least[1] {
			continue
		}
		if c := d.cost(); c < lowest {
			best, lowest = side, c
		}
	}
	return best
}

// farFrom returns the vertex found last on a walk from another.
func farFrom(g *Graph, from int32) int32 {
	seen := make([]bool, g.Len())
	seen[from] = true
	todo := []int32{from}
	for i := 0; i < len(todo); i++ {
		for e := g.First[todo[i]]; e < g.First[todo[i]+1]; e++ {
			if u := g.To[e]; !seen[u] {
				seen[u] = true
				todo = append(todo, u)
			}
		}
	}
	return todo[len(todo)-1]
}

// growSide grows side 0 from a vertex, always by the neighbour that lengthens
// its border least, until it has its load. What that leaves of the rest beside
// its largest piece is side 0 too.
func growSide(g *Graph, from int32, load float64) []int32 {
	n := g.Len()
	side := make([]int32, n)
	gain := make([]float64, n)
	for v := range side {
		side[v] = 1
		for e := g.First[v]; e < g.First[v+1]; e++ {
			gain[v] -= g.Weight[e]
		}
	}
	var front heap
	front.push(entry{gain[from], from})
	sum, count := 0.0, 0
	for len(front) > 0 && count < n-1 {
		e := front.pop()
		if side[e.v] == 0 || gain[e.v] != e.gain {
			continue
		}
		if count > 0 && sum+g.Load[e.v]/2 > load {
			break
		}
		side[e.v] = 0
		sum += g.Load[e.v]
		count++
		for i := g.First[e.v]; i < g.First[e.v+1]; i++ {
			if u := g.To[i]; side[u] == 1 {
				gain[u] += 2 * g.Weight[i]
				front.push(entry{gain[u], u})
			}
		}
	}
	members := pieces(g, side)
	best, most := -1, -1.0
	for i, m := range members {
		w := 0.0
		for _, v := range m {
			w += g.Load[v]
		}
		if side[m[0]] == 1 && w > most {
			best, most = i, w
		}
	}
	for i, m := range members {
		if i != best {
			for _, v := range m {
				side[v] = 0
			}
		}
	}
	return side
}

// cutTree divides a connected graph into k connected parts whatever its form:
// it takes edges out of a spanning tree, each time the one that leaves the
// heavier piece lightest.
func cutTree(g *Graph, k int) []int32 {
	n := g.Len()
	up := make([]int32, n)
	for i := range up {
		up[i] = -2
	}
	up[0] = -1
	order := []int32{0}
	for i := 0; i < len(order); i++ {
		for e := g.First[order[i]]; e < g.First[order[i]+1]; e++ {
			if u := g.To[e]; up[u] == -2 {
				up[u] = order[i]
				order = append(order, u)
			}
		}
	}
	part := make([]int32, n)
	for next := int32(1); int(next) < k; next++ {
		// Load and size below each vertex, within its own part.
		load, size := make([]float64, n), make([]int32, n)
		whole, count := make([]float64, next), make([]int32, next)
		for i := n - 1; i >= 0; i-- {
			v := order[i]
			load[v] += g.Load[v]
			size[v]++
			whole[part[v]] += g.Load[v]
			count[part[v]]++
			if u := up[v]; u >= 0 && part[u] == part[v] {
				load[u] += load[v]
				size[u] += size[v]
			}
		}
		heavy := int32(-1)
		for p := range next {
			if count[p] > 1 && (heavy < 0 || whole[p] > whole[heavy]) {
				heavy = p
			}
		}
		at, least := int32(-1), math.Inf(1)
		for _, v := range order {
			if u := up[v]; part[v] == heavy && u >= 0 && part[u] == heavy {
				if m := math.Max(load[v], whole[heavy]-load[v]); m < least {
					at, least = v, m
				}
			}
		}
		part[at] = next
		for _, v := range order {
			if u := up[v]; v != at && part[v] == heavy && u >= 0 && part[u] == next {
				part[v] = next
			}
		}
	}
	return part
}
