package cells

import (
	"slices"

	"unigrid/geo/lattice"
)

// spike is a way out and back, narrower than the tolerance, that was cut off.
type spike struct {
	row  ChangedRow
	line lattice.Ring
}

// despike cuts off the spikes of a block's rows: vertices that belong to one
// row only and between whose neighbours the boundary is narrower than the
// tolerance. Locked rows keep theirs.
func (c *cleaning) despike(b *block) bool {
	const several = -1
	only := map[lattice.Point]int{}
	c.eachRing(b, func(row, _, _ int, r lattice.Ring) {
		for _, p := range r {
			if first, ok := only[p]; ok && first != row {
				only[p] = several
			} else {
				only[p] = row
			}
		}
	})
	for _, s := range b.parent.Segments() {
		only[s.A] = several
	}
	any := false
	for _, i := range b.rows {
		if c.rows[i].hold > free {
			continue
		}
		for part, p := range c.rows[i].shape {
			for n, r := range p {
				cut, tips := c.blunt(r, func(q lattice.Point) bool { return only[q] == several })
				if len(tips) == 0 {
					continue
				}
				any = true
				c.rows[i].shape[part][n] = cut
				for _, tip := range tips {
					c.blunted = append(c.blunted, spike{row: ChangedRow{c.rows[i].number, c.rows[i].code}, line: tip})
				}
			}
		}
	}
	return any
}

// blunt cuts spikes off a ring; tips are their outlines.
func (c *cleaning) blunt(r lattice.Ring, keep func(lattice.Point) bool) (cut lattice.Ring, tips []lattice.Ring) {
	cut = slices.Clone(r)
	for k := 0; k < len(cut) && len(cut) > 3; {
		n := len(cut)
		a, p, b := cut[(k+n-1)%n], cut[k], cut[(k+1)%n]
		if keep(p) || !c.sharp(a, p, b) {
			k++
			continue
		}
		tips = append(tips, lattice.Ring{a, p, b})
		cut = slices.Delete(cut, k, k+1)
		if a == b {
			cut = slices.Delete(cut, min(k, len(cut)-1), min(k, len(cut)-1)+1)
		}
		k = max(0, k-2)
	}
	return cut, tips
}

// sharp tells whether the boundary goes from a out to p and back to b within
// the tolerance.
func (c *cleaning) sharp(a, p, b lattice.Point) bool {
	if a == b {
		return true
	}
	out, back := lattice.Segment{A: p, B: a}, lattice.Segment{A: p, B: b}
	if out.Metres() > back.Metres() {
		out, back = back, out
	}
	along, width := beside(back, out.B)
	return along > 0 && width <= c.options.Tolerance && out.Metres() > c.options.Tolerance
}
