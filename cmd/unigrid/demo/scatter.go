package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"
)

const (
	candidatesPerSeed = 120
	relaxRounds       = 10
)

// density is how many seeds there should be per square metre at a place.
type density func(orb.Point) float64

// around is the density of n seeds in an area, of which the first urban ones
// lie round a seat in cells of an eighth of the others' size.
func around(g *ground, seat orb.Point, urban, n int, r *rand.Rand) density {
	rural := n - urban
	if urban == 0 || rural == 0 {
		reach := math.Sqrt(g.m2 / float64(n))
		return func(p orb.Point) float64 {
			d := metres(p, seat) / reach
			return float64(n) / g.m2 * (0.4 + 2/(1+d*d))
		}
	}
	share := float64(urban) / 8 / (float64(urban)/8 + float64(rural))
	var far []float64
	for len(far) < 2000 {
		if p := g.random(r); g.holds(p, 0) {
			far = append(far, metres(p, seat))
		}
	}
	slices.Sort(far)
	reach := far[int(share*float64(len(far)))]
	inner, outer := float64(urban)/(share*g.m2), float64(rural)/((1-share)*g.m2)
	return func(p orb.Point) float64 {
		if metres(p, seat) <= reach {
			return inner
		}
		return outer
	}
}

// scatter puts n seeds into an area so that the cells nearest to them look
// grown, not thrown: candidates are drawn by density, then a few rounds of
// weighted Lloyd relaxation even the spacing out. Seeds are candidates, so that
// they lie inside, apart, and off the boundary.
func scatter(g *ground, n int, f density, r *rand.Rand) ([]orb.Point, error) {
	places, err := candidates(g, n*candidatesPerSeed, f, r)
	if err != nil {
		return nil, err
	}
	weight := make([]float64, len(places))
	for i, p := range places {
		weight[i] = f(p)
	}
	const tries = 5 // a seed may lose all its candidates to others
	for range tries {
		seeds := spread(places, weight, n, r)
		for range relaxRounds {
			seeds, _ = relax(places, weight, seeds)
		}
		if _, settled := relax(places, weight, seeds); settled != nil {
			return settled, nil
		}
	}
	return nil, fmt.Errorf("no room for %d places", n)
}

// candidates draws places inside an area by density.
func candidates(g *ground, count int, f density, r *rand.Rand) ([]orb.Point, error) {
	most := 0.0
	for range 2000 {
		if p := g.random(r); g.holds(p, 0) {
			most = math.Max(most, f(p))
		}
	}
	margin := 0.12
	seen := make(map[orb.Point]bool, count)
	out := make([]orb.Point, 0, count)
	for try := 1; len(out) < count; try++ {
		if try%(200*count) == 0 {
			margin /= 2 // the area is so narrow that hardly any place is far from its border
		}
		if try > 2000*count {
			return nil, fmt.Errorf("no room for %d places", count)
		}
		p := g.random(r)
		if at := f(p); at <= 0 || r.Float64()*most > at || seen[p] || !g.holds(p, margin/math.Sqrt(at)) {
			continue
		}
		seen[p] = true
		out = append(out, p)
	}
	return out, nil
}

// spread chooses n different candidates far from each other, by the spacing
// that their density asks for.
func spread(places []orb.Point, weight []float64, n int, r *rand.Rand) []orb.Point {
	out := make([]orb.Point, 0, n)
	for len(out) < n {
		best, widest := 0, -1.0
		for range 12 {
			i := r.IntN(len(places))
			gap := math.Inf(1)
			for _, s := range out {
				gap = math.Min(gap, metres(places[i], s)*math.Sqrt(weight[i]))
			}
			if gap > widest {
				best, widest = i, gap
			}
		}
		if widest > 0 {
			out = append(out, places[best])
		}
	}
	return out
}

// relax gives for each seed the weighted middle of the candidates nearest to
// it, and the one of them that is next to that middle; these are nil where a
// seed has none.
func relax(places []orb.Point, weight []float64, seeds []orb.Point) (middles, settled []orb.Point) {
	east := math.Cos(seeds[0][1] * math.Pi / 180)
	distance := func(a, b orb.Point) float64 {
		dx, dy := (a[0]-b[0])*east, a[1]-b[1]
		return dx*dx + dy*dy
	}
	owner := make([]int, len(places))
	sum := make([][3]float64, len(seeds))
	for i, p := range places {
		least := math.Inf(1)
		for k, s := range seeds {
			if d := distance(p, s); d < least {
				owner[i], least = k, d
			}
		}
		s := &sum[owner[i]]
		s[0], s[1], s[2] = s[0]+weight[i]*p[0], s[1]+weight[i]*p[1], s[2]+weight[i]
	}
	middles, settled = slices.Clone(seeds), slices.Clone(seeds)
	least := make([]float64, len(seeds))
	for k, s := range sum {
		least[k] = math.Inf(1)
		if s[2] > 0 {
			middles[k] = orb.Point{s[0] / s[2], s[1] / s[2]}
		}
	}
	for i, p := range places {
		if k := owner[i]; distance(p, middles[k]) < least[k] {
			least[k], settled[k] = distance(p, middles[k]), p
		}
	}
	if slices.Contains(least, math.Inf(1)) {
		return middles, nil
	}
	return middles, settled
}
