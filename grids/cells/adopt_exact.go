package cells

import "unigrid/geo/lattice"

// exact tells whether the shapes partition as they came, so that Clean would find
// nothing to do and nothing to say: it has only memory to walk through, and is
// what makes a country's villages go in as fast as they can be written.
func (a *adoption) exact() bool {
	if len(a.parents) > 0 {
		a.proven = a.fit() == nil
	} else {
		open, err := a.cover()
		a.proven = err == nil && a.simple(open)
	}
	return a.proven
}

// simple tells whether the boundary of everything, with the outside to the left,
// has no hole, and no notch or spike within the tolerance of itself.
func (a *adoption) simple(open []lattice.Segment) bool {
	c := cleaning{options: CleanOptions{Tolerance: a.options.Tolerance, MaxGap: a.options.MaxGap}}
	gaps, err := c.gapsOf(&block{}, open)
	if err != nil || len(gaps) > 0 {
		return false
	}
	grid := lattice.NewGrid(open)
	for _, s := range open {
		clear := true
		grid.Near(around(s.A, a.options.Tolerance), func(i int) bool {
			o := open[i]
			if o.A == s.A || o.B == s.A {
				return true
			}
			_, metres := beside(o, s.A)
			clear = metres > a.options.Tolerance
			return clear
		})
		if !clear {
			return false
		}
	}
	return true
}
