package draw

import (
	"cmp"
	"container/heap"
)

// claim is an atom that a seed's cell has reached, and how far it is from the
// seed, squared.
type claim struct {
	far        float64
	atom, seed int32
}

// reach gives claims, nearest first.
type reach struct{ list claims }

func (r *reach) push(c claim) { heap.Push(&r.list, c) }

func (r *reach) pop() (claim, bool) {
	if len(r.list) == 0 {
		return claim{}, false
	}
	return heap.Pop(&r.list).(claim), true
}

// claims is a container/heap.
type claims []claim

func (c claims) Len() int      { return len(c) }
func (c claims) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c claims) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(c[i].far, c[j].far), cmp.Compare(c[i].atom, c[j].atom), cmp.Compare(c[i].seed, c[j].seed)) < 0
}
func (c *claims) Push(x any) { *c = append(*c, x.(claim)) }
func (c *claims) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}
