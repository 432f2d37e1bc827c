package partition

// entry is a vertex and what moving it gains.
type entry struct {
	gain float64
	v    int32
}

// heap has the entry with the most gain on top; of equal ones the lower vertex.
// Entries that are out of date are passed over by whoever takes them out.
type heap []entry

func (h *heap) clear() { *h = (*h)[:0] }

func (e entry) above(o entry) bool { return e.gain > o.gain || e.gain == o.gain && e.v < o.v }

func (h *heap) push(e entry) {
	s := append(*h, e)
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.above(s[up]) {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
	*h = s
}

func (h *heap) pop() entry {
	s := *h
	top, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	i := 0
	for len(s) > 0 {
		down := 2*i + 1
		if down >= len(s) {
			break
		}
		if down+1 < len(s) && s[down+1].above(s[down]) {
			down++
		}
		if !s[down].above(last) {
			break
		}
		s[i] = s[down]
		i = down
	}
	if len(s) > 0 {
		s[i] = last
	}
	*h = s
	return top
}
