package cells

import (
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// straight stores the shapes as they came where they partition, so that Clean
// would find nothing to do and nothing to say. They pass through memory family
// by family, which is what makes a country's villages go in as fast as they can
// be written. Otherwise it changes nothing.
func (a *adoption) straight() (bool, error) {
	before := *a
	err := pgx.BeginFunc(a.ctx, a.tx, func(tx pgx.Tx) error {
		a.tx = tx
		runs, err := a.sentRuns()
		if err != nil {
			return err
		}
		whole, err := a.putFamilies(runs.next)
		if err != nil || a.fitted {
			return err
		}
		open, err := covering([]orb.MultiPolygon{whole})
		if err != nil || !a.simple(open) {
			return errUnfit{err}
		}
		return nil
	})
	if unfit := (errUnfit{}); errors.As(err, &unfit) {
		*a = before
		return false, nil
	}
	a.tx = before.tx
	return err == nil, err
}

// errUnfit says that shapes are no partition as they are.
type errUnfit struct{ error }

func (e errUnfit) Unwrap() error { return e.error }

// exact tells whether the shapes, in memory, partition as they came.
func (a *adoption) exact() bool {
	if a.fitted {
		a.proven = a.fit() == nil
	} else {
		open, err := covering(a.shapes)
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
