// Package share gives places to people: least way, even load. It is a minimum
// cost flow, so what it finds is a best answer by the weights that it is given,
// and the same one each time.
package share

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
)

// Place wants people. X and Y are metres in a projected CRS.
type Place struct {
	X, Y   float64
	Slots  int   // people wanted, those of Held among them
	Held   []int // people who are there now and may give it up
	Barred []int // people who may not be sent there, such as those who stay
}

// Person may be given places.
type Person struct {
	X, Y float64
	Base int // places that they keep, whatever is given
	Most int // places that they may have in all, those they keep among them
}

// Weights say in metres what things weigh against way.
type Weights struct {
	Balance  int64 // n places of one person weigh n² of it
	Handover int64 // somebody who gives up a place
	Over     int64 // a place over Limit of one person
	Vacant   int64 // a slot without anybody
	Limit    int
}

// Problem is which people could go where. May, when set, says whether a person
// is fit for a place; who is there is.
type Problem struct {
	Places  []Place
	People  []Person
	Weights Weights
	May     func(place, person int) bool
}

// Plan says who gets a place: people in rising order, for each place.
type Plan [][]int

// Measure is what a plan costs.
type Measure struct {
	DistanceM int64 `json:"distance_m"` // way from each one's home to each of their places here, added up
	Uneven    int64 `json:"uneven"`     // squares of everybody's number of places, added up
	Handovers int   `json:"handovers"`  // people who give up a place
	Over      int   `json:"over"`       // places over the limit
	Vacant    int   `json:"vacant"`     // slots without anybody
	Total     int64 `json:"total"`      // all of it, weighed
}

// Way is from a person's home to a place, in metres.
func (p *Problem) Way(place, person int) float64 {
	return math.Hypot(p.Places[place].X-p.People[person].X, p.Places[place].Y-p.People[person].Y)
}

// way is Way in whole metres.
func (p *Problem) way(place, person int) int64 {
	return int64(math.Round(p.Way(place, person)))
}

// cost of giving a place to a person, load apart.
func (p *Problem) cost(place, person int) int64 {
	if slices.Contains(p.Places[place].Held, person) {
		return p.way(place, person)
	}
	return p.way(place, person) + p.left(place)
}

// left is what a slot weighs that nobody has who is there now. It counts slots
// that were vacant before too, which is the same for every plan.
func (p *Problem) left(place int) int64 {
	if len(p.Places[place].Held) == 0 {
		return 0
	}
	return p.Weights.Handover
}

// marginal is what the n-th place of a person weighs.
func (p *Problem) marginal(n int) int64 {
	m := p.Weights.Balance * int64(2*n-1)
	if n > p.Weights.Limit {
		m += p.Weights.Over
	}
	return m
}

func (p *Problem) fit(place, person int) bool {
	at := p.Places[place]
	if slices.Contains(at.Held, person) {
		return true
	}
	return !slices.Contains(at.Barred, person) && p.People[person].Base < p.People[person].Most && (p.May == nil || p.May(place, person))
}

// Present is the plan that changes nothing.
func (p *Problem) Present() Plan {
	plan := make(Plan, len(p.Places))
	for i, at := range p.Places {
		plan[i] = slices.Sorted(slices.Values(at.Held))
	}
	return plan
}

// Measure tells what a plan costs.
func (p *Problem) Measure(plan Plan) Measure {
	var m Measure
	count := make([]int, len(p.People))
	for i, given := range plan {
		m.Vacant += p.Places[i].Slots - len(given)
		m.Handovers += len(p.Places[i].Held)
		for _, who := range given {
			count[who]++
			m.DistanceM += p.way(i, who)
			if slices.Contains(p.Places[i].Held, who) {
				m.Handovers--
			}
		}
	}
	for who, n := range count {
		n += p.People[who].Base
		m.Uneven += int64(n * n)
		m.Over += max(0, n-p.Weights.Limit) - max(0, p.People[who].Base-p.Weights.Limit)
		m.Total -= p.Weights.Balance * int64(p.People[who].Base*p.People[who].Base)
	}
	m.Total += m.DistanceM + p.Weights.Balance*m.Uneven + p.Weights.Handover*int64(m.Handovers) + p.Weights.Over*int64(m.Over) + p.Weights.Vacant*int64(m.Vacant)
	return m
}

// Out gives a plan than which none costs less.
func Out(p Problem) Plan {
	f := newFlow(&p)
	for i, at := range p.Places {
		for range at.Slots {
			f.augment(i)
		}
	}
	return f.plan()
}

// flow is a network of places, people and a sink. Each slot of a place sends a
// unit to the sink: through a person, at the way's cost and what one place more
// weighs for that person, or past all of them, at what a vacancy weighs. The
// weight of a person's places is convex, so the residual arcs between person and
// sink are always the next place's and the last one's.
type flow struct {
	p      *Problem
	to     [][]arc // of each place
	back   [][]int // of each person, the places that are given to them
	limits []int   // of each person: who holds more than they may can keep it
	height []int64 // potentials: places, people, sink
}

type arc struct {
	person int
	cost   int64
	used   bool
}

// newFlow leaves out arcs that a best plan can do without: when S slots are to be
// given, the S people who would be cheapest for a place if nothing else were
// given to them suffice for it, since one of them is always free.
func newFlow(p *Problem) *flow {
	slots := 0
	for _, at := range p.Places {
		slots += at.Slots
	}
	f := &flow{p: p, to: make([][]arc, len(p.Places)), back: make([][]int, len(p.People)), limits: make([]int, len(p.People)),
		height: make([]int64, len(p.Places)+len(p.People)+1)}
	for who := range p.People {
		f.limits[who] = p.People[who].Base
	}
	for _, at := range p.Places {
		for _, who := range at.Held {
			f.limits[who]++
		}
	}
	for who := range p.People {
		f.limits[who] = max(f.limits[who], p.People[who].Most)
	}
	for i := range p.Places {
		for who := range p.People {
			if p.fit(i, who) {
				f.to[i] = append(f.to[i], arc{person: who, cost: p.cost(i, who)})
			}
		}
		slices.SortStableFunc(f.to[i], func(a, b arc) int {
			return cmp.Compare(a.cost+p.marginal(p.People[a.person].Base+1), b.cost+p.marginal(p.People[b.person].Base+1))
		})
		kept := f.to[i][:min(slots, len(f.to[i]))]
		for _, a := range f.to[i][len(kept):] {
			if slices.Contains(p.Places[i].Held, a.person) {
				kept = append(kept, a)
			}
		}
		f.to[i] = kept
	}
	return f
}

// load is how many places a person has.
func (f *flow) load(person int) int { return f.p.People[person].Base + len(f.back[person]) }

// augment sends one unit more from a place to the sink by the cheapest way, by
// Dijkstra on reduced costs.
func (f *flow) augment(from int) {
	places, sink := len(f.p.Places), len(f.p.Places)+len(f.p.People)
	dist := make([]int64, sink+1)
	via := make([]int, sink+1)
	done := make([]bool, sink+1)
	for i := range dist {
		dist[i], via[i] = math.MaxInt64, -1
	}
	dist[from] = 0
	queue := &nodes{{0, from}}
	reach := func(at, next int, cost int64) {
		if d := dist[at] + cost + f.height[at] - f.height[next]; d < dist[next] {
			dist[next], via[next] = d, at
			heap.Push(queue, node{d, next})
		}
	}
	for queue.Len() > 0 {
		n := heap.Pop(queue).(node)
		if done[n.at] {
			continue
		}
		if done[n.at] = true; n.at == sink {
			break
		}
		if n.at < places {
			for _, a := range f.to[n.at] {
				if !a.used {
					reach(n.at, places+a.person, a.cost)
				}
			}
			reach(n.at, sink, f.p.Weights.Vacant+f.p.left(n.at))
			continue
		}
		person := n.at - places
		if f.load(person) < f.limits[person] {
			reach(n.at, sink, f.p.marginal(f.load(person)+1))
		}
		for _, place := range f.back[person] {
			reach(n.at, place, -f.arc(place, person).cost)
		}
	}
	for i := range dist {
		f.height[i] += min(dist[i], dist[sink])
	}
	f.follow(via, from, sink)
}

// follow turns the arcs of a path around, from the sink back.
func (f *flow) follow(via []int, from, sink int) {
	places := len(f.p.Places)
	for at := sink; at != from; at = via[at] {
		before := via[at]
		switch {
		case at == sink: // a vacancy, or one place more in the person's back
		case at >= places:
			f.arc(before, at-places).used = true
			f.back[at-places] = append(f.back[at-places], before)
		default:
			person := before - places
			f.arc(at, person).used = false
			f.back[person] = slices.DeleteFunc(f.back[person], func(place int) bool { return place == at })
		}
	}
}

func (f *flow) arc(place, person int) *arc {
	i := slices.IndexFunc(f.to[place], func(a arc) bool { return a.person == person })
	return &f.to[place][i]
}

func (f *flow) plan() Plan {
	plan := make(Plan, len(f.p.Places))
	for i, arcs := range f.to {
		plan[i] = []int{}
		for _, a := range arcs {
			if a.used {
				plan[i] = append(plan[i], a.person)
			}
		}
		slices.Sort(plan[i])
	}
	return plan
}

type node struct {
	dist int64
	at   int
}

// nodes is a heap by distance, then number.
type nodes []node

func (n nodes) Len() int { return len(n) }
func (n nodes) Less(i, j int) bool {
	return n[i].dist < n[j].dist || n[i].dist == n[j].dist && n[i].at < n[j].at
}
func (n nodes) Swap(i, j int) { n[i], n[j] = n[j], n[i] }
func (n *nodes) Push(x any)   { *n = append(*n, x.(node)) }
func (n *nodes) Pop() any {
	last := (*n)[len(*n)-1]
	*n = (*n)[:len(*n)-1]
	return last
}
