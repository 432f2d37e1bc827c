package geo

import (
	"sync/atomic"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Validate returns everything that keeps the cells from being an exact
// partition of the parent; none means that they are one. Every cell must be
// valid on its own, every segment be used at most once in each direction, and
// the segments without a neighbour must be the parent's boundary, segment by
// segment.
//
// Without a parent (nil) the segments without a neighbour are returned as
// Unmatched findings for the caller to accept; when there are no other kinds,
// the cells do not overlap and are exactly what Dissolve unites them to.
//
// # Why this is a proof
//
// Let f(x) be the number of cells that cover a place x. Walking in a straight
// line, f rises by one over every segment crossed towards its left, and falls
// by one over every segment crossed towards its right, provided that each cell
// is valid: then going in and out over its boundary is what its segments say.
// The two sides of a shared segment cancel out, so f changes only over loose
// segments, those without a twin.
//
// With a parent, let p(x) be 1 inside it and 0 outside; p changes over the
// parent's segments only, likewise. If both sets of segments are equal, f − p
// changes nowhere, and as it is 0 far outside it is 0 everywhere. So every place
// in the parent is in one cell and every other in none. Nothing has to be said
// about whether segments of different cells cross: if they did, f would be 2
// somewhere. Each cell and the parent can be looked at by itself, and the time
// is linear.
//
// Without a parent, f is constant in every face that the loose segments leave of
// the plane. If none of them cross or overlap, f is the same all along a piece
// of boundary that meets no other on its way; where it is 1 on the left of every
// piece, and so 0 on the right, it is 0 or 1 in each face, since every face has
// some piece on its edge. Horizontal pieces need no look: no face is without
// another on its edge.
//
// A loose segment is nowhere taken for outer boundary by itself: two squares
// that overlap are loose all round, and cross; one in another is 2 deep.
func (c *Coverage) Validate(parent orb.MultiPolygon) []Finding {
	loose := c.looseEnds()
	sound := len(c.spares) == 0 && len(c.invalid()) == 0
	if parent == nil {
		return append(c.faults(loose, sound), c.findings(Unmatched, c.loose)...)
	}
	outer, err := NewCoverage([]orb.MultiPolygon{parent})
	if err != nil {
		return append(c.faults(loose, sound), Finding{Kind: ParentInvalid})
	}
	differ := outer.parentFaults()
	unmatched, uncovered := loose.match(outer.looseEnds())
	differ = append(differ, c.findings(Unmatched, unmatched)...)
	for _, h := range uncovered {
		s := outer.segment(h)
		differ = append(differ, Finding{Kind: Uncovered, Segment: [2]orb.Point{s.A.Orb(), s.B.Orb()}})
	}
	if sound && len(differ) == 0 {
		return nil
	}
	return append(c.faults(loose, sound), differ...)
}

// parentFaults returns what is wrong with a parent by itself.
func (c *Coverage) parentFaults() []Finding {
	var out []Finding
	for _, f := range c.Validate(nil) {
		if f.Kind != Unmatched {
			out = append(out, Finding{Kind: ParentInvalid, Segment: f.Segment})
		}
	}
	return out
}

// invalid returns the cells that are not valid on their own, ascending.
func (c *Coverage) invalid() []int32 {
	bad := make([]bool, c.Len())
	var any atomic.Bool
	parallel(c.Len(), 256, func() func(lo, hi int) {
		var check cellCheck
		var rings [][]lattice.Point
		var holes []bool
		return func(lo, hi int) {
			for i := lo; i < hi; i++ {
				rings, holes = rings[:0], holes[:0]
				for r := c.first[i]; r < c.first[i+1]; r++ {
					rings = append(rings, c.points(r))
					holes = append(holes, c.rings[r].hole)
				}
				if !check.valid(rings, holes) {
					bad[i] = true
					any.Store(true)
				}
			}
		}
	})
	if !any.Load() {
		return nil
	}
	var out []int32
	for i, b := range bad {
		if b {
			out = append(out, int32(i))
		}
	}
	return out
}
