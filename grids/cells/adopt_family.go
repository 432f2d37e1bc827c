package cells

import (
	"runtime"
	"sync"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"
)

// provenRun is a run of families, proved and measured.
type provenRun struct {
	*run
	cells   versions
	parents []versions // whose last child is proved, by tier
	err     error
}

// putFamilies proves family by family that the shapes partition their parents,
// or are a coverage of which it makes them, and stores cells and parents. What
// it hasn't proved is errUnfit. next gives the runs, nil after the last; a few
// of them are in memory at a time. Where parents are made, whole is what all
// cells cover.
func (a *adoption) putFamilies(next func() (*run, error)) (whole orb.MultiPolygon, err error) {
	if err := a.planParents(); err != nil {
		return nil, err
	}
	up := newRollup(a.t, a.tier)
	runs, proven := make(chan *run), make(chan provenRun, 1)
	go func() {
		defer close(proven)
		for r := range runs {
			proven <- a.prove(r, up)
		}
		if !a.fitted {
			err := up.finish()
			proven <- provenRun{run: &run{}, parents: up.take(), err: err}
		}
	}()
	end := sync.OnceFunc(func() { close(runs) })
	defer func() {
		end()
		for range proven { // left after an error
		}
	}()
	for waiting := false; ; waiting = true {
		r, err := next()
		if err != nil {
			return nil, err
		}
		if r == nil {
			break
		}
		runs <- r
		if !waiting {
			continue
		}
		if err := a.putRun(<-proven); err != nil {
			return nil, err
		}
	}
	end()
	for p := range proven {
		if err := a.putRun(p); err != nil {
			return nil, err
		}
	}
	a.report.Cells = a.count
	a.tellParents()
	return up.whole, nil
}

// prove makes a run of families cells, and parents with up, without a database.
func (a *adoption) prove(r *run, up *rollup) provenRun {
	shapes, err := r.shapes()
	if err != nil {
		return provenRun{err: err}
	}
	outlines, err := a.proveFamilies(r.families, shapes)
	if err != nil {
		return provenRun{err: err}
	}
	for n, outline := range outlines {
		if err := up.add(a.tier-1, r.families[n].code, outline); err != nil {
			return provenRun{err: err}
		}
	}
	list := make([]Cell, len(shapes))
	for i, row := range r.rows {
		list[i] = Cell{Code: row.Code, Name: row.Name, Tier: a.tier, Geom: shapes[i], Provenance: row.Provenance, Locked: a.options.Locked}
	}
	return provenRun{run: r, cells: measured(a.t, list), parents: up.take()}
}

// proveFamilies proves families, whose shapes are one after another; where
// parents are made it gives their outlines.
func (a *adoption) proveFamilies(families []family, shapes []orb.MultiPolygon) ([]orb.MultiPolygon, error) {
	var outlines []orb.MultiPolygon
	if !a.fitted {
		outlines = make([]orb.MultiPolygon, len(families))
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, f := range families {
		children := shapes[:f.size]
		shapes = shapes[f.size:]
		group.Go(func() (err error) {
			if a.fitted {
				err = fits(f.parent, children)
			} else {
				outlines[n], err = outline(children)
			}
			if err != nil {
				err = errUnfit{err}
			}
			return err
		})
	}
	return outlines, group.Wait()
}

// putRun stores proved families with what was sent for them, and parents.
func (a *adoption) putRun(p provenRun) error {
	if p.err != nil {
		return p.err
	}
	ids, err := newCells(a.ctx, a.tx, a.t, len(p.rows))
	if err != nil {
		return err
	}
	parents, err := a.parentIDs(p.families)
	if err != nil {
		return err
	}
	numbers := make([]int, len(p.rows))
	for i, row := range p.rows {
		cell := &p.cells.list[i]
		cell.ID, cell.ParentID = ids[i], parents[a.t.Scheme.Parent(row.Code, a.tier)]
		numbers[i] = row.Row
	}
	if err := copyVersions(a.ctx, a.tx, a.t, a.edition, p.cells); err != nil {
		return err
	}
	if err := a.keepSent(numbers, ids); err != nil {
		return err
	}
	a.note(p.cells.list, numbers)
	for _, v := range p.parents {
		if err := a.putTier(v); err != nil {
			return err
		}
	}
	return nil
}
