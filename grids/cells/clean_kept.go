package cells

import (
	"unigrid/geo/lattice"
)

// keeping is for rows of which some have boundaries already, which stay where the
// sent ones are the same but for a hair.
type keeping struct {
	// same tells which of the rows of some numbers, with these shapes (EWKB as
	// seen from the origin, nil for none), are as they were sent.
	same       func(c *cleaning, numbers []int, shapes [][]byte) ([]bool, error)
	maxSegment float64 // metres to which outcomes are densified
}

// keptRow is what may be kept of a row: the columns was, statutory and pinned of
// clean_row.
type keptRow struct {
	was, sent lattice.MultiPolygon // was is nil where it is sent anew
	hold      hold                 // where it isn't kept
	statutory bool                 // where it is kept, its boundary is locked
	pinned    bool                 // it is kept whatever it was sent as
	is        bool                 // in this round
	free      bool                 // for good
}

// patience is after how many rounds a kept row that has to move is free for good.
const patience = 3

// settleKept makes the part in memory exact. Kept rows stay where they are, but
// take a gap that nobody else can. It ends when it would keep the same rows of
// what it made, where they are; so the same rows again change nothing.
func (c *cleaning) settleKept() error {
	for round := 1; ; round++ {
		invalid, duplicate := len(c.invalid), len(c.duplicate)
		for i := range c.rows {
			r := &c.rows[i]
			if k := r.kept; k != nil {
				if round == 1 {
					k.is = k.was != nil
				}
				r.hold, r.input = k.hold, k.sent
				if k.is {
					r.input = k.was
					if r.hold = max(r.hold, stays); k.statutory && c.options.Unlock == "" {
						r.hold = locked
					}
				}
			}
			r.shape, r.duplicate = clone(r.input), false
		}
		if err := c.begin(); err != nil {
			return err
		}
		if err := c.settle(); err != nil {
			return err
		}
		if c.options.keeping == nil {
			return nil
		}
		settled, err := c.keepAgain(round)
		if err != nil {
			return err
		}
		if settled || round == mostPasses {
			return c.noteStatutory()
		}
		c.invalid, c.duplicate = c.invalid[:invalid], c.duplicate[:duplicate]
		if _, err := c.tx.Exec(c.ctx, `DELETE FROM clean_state WHERE i = ANY ($1)`, c.numbers()); err != nil {
			return err
		}
	}
}

// keepAgain says which rows are kept in the next round, and tells whether nothing
// would be different in it; then it leaves them as they are.
func (c *cleaning) keepAgain(round int) (settled bool, err error) {
	shapes := make([][]byte, len(c.rows))
	for i, r := range c.rows {
		if len(r.shape) > 0 {
			if shapes[i], err = c.fromOrigin(r.shape); err != nil {
				return false, err
			}
		}
	}
	same, err := c.options.keeping.same(c, c.numbers(), shapes)
	if err != nil {
		return false, err
	}
	settled = true
	dense := make([]lattice.MultiPolygon, len(c.rows))
	for i, r := range c.rows {
		k := r.kept
		if k.pinned {
			same[i] = k.is
		}
		k.free = k.free || round > patience && k.is && !same[i]
		if same[i] = same[i] && !k.free; same[i] {
			dense[i] = clone(r.shape)
			dense[i].Densify(c.options.keeping.maxSegment)
		}
		settled = settled && same[i] == k.is && (!k.is || sameBoundary(r.input, dense[i]))
	}
	if settled || round == mostPasses {
		return settled, nil
	}
	for i, r := range c.rows {
		r.kept.is, r.kept.was = same[i], dense[i]
	}
	return false, nil
}

// noteStatutory marks the rows in memory that are kept and statutory as locked.
func (c *cleaning) noteStatutory() error {
	var numbers []int
	for _, r := range c.rows {
		if r.kept != nil && r.kept.is && r.kept.statutory {
			numbers = append(numbers, r.number)
		}
	}
	_, err := c.tx.Exec(c.ctx, `UPDATE clean_row SET locked = true WHERE row = ANY ($1)`, numbers)
	return err
}
