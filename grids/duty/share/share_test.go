package share_test

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"unigrid/grids/duty/share"
)

// problem draws a small problem.
func problem(t *rapid.T) share.Problem {
	metres := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 20).Draw(t, "m")) * 100 })
	p := share.Problem{Weights: share.Weights{
		Balance: rapid.Int64Range(0, 900).Draw(t, "balance"), Handover: rapid.Int64Range(0, 900).Draw(t, "handover"),
		Over: rapid.SampledFrom([]int64{0, 500, 100_000}).Draw(t, "over"), Vacant: rapid.SampledFrom([]int64{300, 1500, 1_000_000}).Draw(t, "vacant"),
		Limit: rapid.IntRange(1, 2).Draw(t, "limit"),
	}}
	for range rapid.IntRange(1, 4).Draw(t, "people") {
		p.People = append(p.People, share.Person{X: metres.Draw(t, "x"), Y: metres.Draw(t, "y"),
			Base: rapid.IntRange(0, 2).Draw(t, "base"), Most: rapid.IntRange(0, 3).Draw(t, "most")})
	}
	for range rapid.IntRange(1, 4).Draw(t, "places") {
		at := share.Place{X: metres.Draw(t, "x"), Y: metres.Draw(t, "y"), Slots: rapid.IntRange(0, 2).Draw(t, "slots")}
		for who := range p.People {
			switch rapid.IntRange(0, 4).Draw(t, "who") {
			case 0:
				if len(at.Held) < at.Slots {
					at.Held = append(at.Held, who)
				}
			case 1:
				at.Barred = append(at.Barred, who)
			}
		}
		p.Places = append(p.Places, at)
	}
	unfit := rapid.SliceOfN(rapid.Bool(), 16, 16).Draw(t, "unfit")
	p.May = func(place, person int) bool { return !unfit[place*4+person] || !unfit[(place*4+person+7)%16] }
	return p
}

// plans are all that are allowed.
func plans(p share.Problem) (list []share.Plan) {
	most := make([]int, len(p.People))
	for who, person := range p.People {
		most[who] = person.Base
		for _, at := range p.Places {
			if slices.Contains(at.Held, who) {
				most[who]++
			}
		}
		most[who] = max(most[who], person.Most) - person.Base
	}
	var extend func(plan share.Plan, left []int)
	extend = func(plan share.Plan, left []int) {
		i := len(plan)
		if i == len(p.Places) {
			list = append(list, slices.Clone(plan))
			return
		}
		for set := range 1 << len(p.People) {
			given, rest, ok := []int{}, slices.Clone(left), true
			for who := range p.People {
				if set&(1<<who) == 0 {
					continue
				}
				held := slices.Contains(p.Places[i].Held, who)
				ok = ok && rest[who] > 0 && (held || !slices.Contains(p.Places[i].Barred, who) && p.May(i, who) && p.People[who].Base < p.People[who].Most)
				rest[who]--
				given = append(given, who)
			}
			if ok && len(given) <= p.Places[i].Slots {
				extend(append(plan, given), rest)
			}
		}
	}
	extend(nil, most)
	return list
}

// TestOutIsBest compares with all plans there are.
func TestOutIsBest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := problem(t)
		found := share.Out(p)
		best, allowed := int64(math.MaxInt64), false
		for _, plan := range plans(p) {
			best = min(best, p.Measure(plan).Total)
			allowed = allowed || reflect.DeepEqual(plan, found)
		}
		if !allowed {
			t.Fatalf("%v is not allowed", found)
		}
		m, now := p.Measure(found), p.Measure(p.Present())
		if m.Total != best {
			t.Fatalf("%v costs %+v, the best %d", found, m, best)
		}
		if m.Total > now.Total {
			t.Fatalf("%v costs %+v, the present %+v", found, m, now)
		}
		if again := share.Out(p); !reflect.DeepEqual(again, found) {
			t.Fatalf("%v, then %v", found, again)
		}
	})
}

func TestOut(t *testing.T) {
	t.Parallel()
	weights := share.Weights{Balance: 1000, Handover: 500, Over: 1_000_000, Vacant: 10_000_000, Limit: 1}
	for name, one := range map[string]struct {
		problem share.Problem
		want    share.Plan
	}{
		"nobody": {share.Problem{Places: []share.Place{{Slots: 1}}, Weights: weights}, share.Plan{{}}},
		"the nearer": {share.Problem{Places: []share.Place{{Slots: 1}}, Weights: weights,
			People: []share.Person{{X: 900, Most: 1}, {X: 800, Most: 1}}}, share.Plan{{1}}},
		"the one with less": {share.Problem{Places: []share.Place{{Slots: 1}}, Weights: weights,
			People: []share.Person{{X: 900, Most: 3}, {X: 800, Base: 1, Most: 3}}}, share.Plan{{0}}},
		"both, not the near one twice": {share.Problem{Places: []share.Place{{Slots: 1}, {X: 100, Slots: 1}}, Weights: weights,
			People: []share.Person{{X: 5000, Most: 1}, {X: 50, Most: 1}}}, share.Plan{{1}, {0}}},
		"who holds too much gives up the farther": {share.Problem{
			Places: []share.Place{{X: 0, Slots: 1, Held: []int{0}}, {X: 9000, Slots: 1, Held: []int{0}}}, Weights: weights,
			People: []share.Person{{Most: 1}, {X: 8000, Most: 1}}}, share.Plan{{0}, {1}}},
		"and keeps it where nobody is free": {share.Problem{
			Places: []share.Place{{X: 0, Slots: 1, Held: []int{0}}, {X: 9000, Slots: 1, Held: []int{0}}}, Weights: weights,
			People: []share.Person{{Most: 1}}}, share.Plan{{0}, {0}}},
	} {
		if got := share.Out(one.problem); !reflect.DeepEqual(got, one.want) {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
}

// TestOutOfMany finds a plan for as many as a suggestion takes, soon.
func TestOutOfMany(t *testing.T) {
	t.Parallel()
	p := share.Problem{Weights: share.Weights{Balance: 3000, Handover: 2000, Over: 1_000_000, Vacant: 10_000_000, Limit: 2}}
	at := func(i int) (x, y float64) { return float64(i * 7919 % 50021), float64(i * 104729 % 49999) }
	for i := range 500 {
		x, y := at(i)
		p.Places = append(p.Places, share.Place{X: x, Y: y, Slots: 1})
	}
	for i := range 2000 {
		x, y := at(i + 1000)
		p.People = append(p.People, share.Person{X: x, Y: y, Base: i % 2, Most: 2})
	}
	begin := time.Now()
	m := p.Measure(share.Out(p))
	if m.Vacant > 0 || m.Over > 0 || time.Since(begin) > time.Minute {
		t.Errorf("%+v after %s", m, time.Since(begin))
	}
	t.Logf("%+v after %s", m, time.Since(begin))
}
