package cells

import (
	"cmp"
	"runtime"
	"slices"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"unigrid/grids"
)

// family is the rows below one parent.
type family struct {
	parent grids.Code // "" at tier 1
	rows   []int      // indexes in the adoption's rows
}

// families sorts the rows by parent and code.
func (a *adoption) families() []family {
	order := make([]int, len(a.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(a.rows[i].Code, a.rows[j].Code) })
	var list []family
	for n, i := range order {
		parent := a.t.Scheme.Parent(a.rows[i].Code, a.tier)
		if len(list) == 0 || list[len(list)-1].parent != parent {
			list = append(list, family{parent: parent, rows: order[n:n]})
		}
		last := &list[len(list)-1]
		last.rows = last.rows[:len(last.rows)+1]
	}
	return list
}

// runRows is about how many rows are in memory twice over: some are proved and
// measured while those before them are copied.
const runRows = 5000

// runs cuts families into runs of about that many rows.
func runs(list []family) [][]family {
	var out [][]family
	rows := runRows
	for i, f := range list {
		if rows >= runRows {
			out, rows = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], list[i])
		rows += len(f.rows)
	}
	return out
}

// provenRun is a run of families, proved and measured.
type provenRun struct {
	versions
	rows     []int              // of the cells, as of a family
	outlines []orb.MultiPolygon // of the families, where parents are made
	err      error
}

// putFamilies proves family by family that the shapes partition their parents,
// or are a coverage of which it makes them, and stores cells and parents. What
// it hasn't proved is errUnfit. read gives the shapes of rows, to be decoded
// beside other work. The outlines of the highest tier that it made are tops.
func (a *adoption) putFamilies(read func(rows []int) (decode func() ([]orb.MultiPolygon, error), err error)) (tops []orb.MultiPolygon, err error) {
	var tiers []parentTier
	if len(a.parents) == 0 {
		if tiers, err = a.planParents(); err != nil {
			return nil, err
		}
	}
	var waiting chan provenRun
	put := func() error {
		if waiting == nil {
			return nil
		}
		p := <-waiting
		if waiting = nil; p.err != nil {
			return p.err
		}
		tops = append(tops, p.outlines...)
		return a.putRun(p, tiers)
	}
	for _, run := range runs(a.families()) {
		var rows []int
		for _, f := range run {
			rows = append(rows, f.rows...)
		}
		decode, err := read(rows)
		if err != nil {
			return nil, err
		}
		next := make(chan provenRun, 1)
		go func() {
			p := a.prove(run, decode)
			p.rows = rows
			next <- p
		}()
		err = put()
		if waiting = next; err != nil {
			<-waiting
			return nil, err
		}
	}
	if err := put(); err != nil {
		return nil, err
	}
	a.report.Cells = len(a.rows)
	if len(tiers) == 0 {
		return tops, nil
	}
	return a.putTiers(tiers, tops)
}

// prove makes a run of families cells, without a database.
func (a *adoption) prove(run []family, decode func() ([]orb.MultiPolygon, error)) provenRun {
	shapes, err := decode()
	if err != nil {
		return provenRun{err: err}
	}
	var p provenRun
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	made := len(a.parents) == 0
	if made {
		p.outlines = make([]orb.MultiPolygon, len(run))
	}
	rest := shapes
	for n, f := range run {
		children := rest[:len(f.rows)]
		rest = rest[len(f.rows):]
		group.Go(func() (err error) {
			if made {
				p.outlines[n], err = outline(children)
			} else {
				err = fits(a.byCode[f.parent], children)
			}
			if err != nil {
				err = errUnfit{err}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return provenRun{err: err}
	}
	list := make([]Cell, 0, len(shapes))
	for _, f := range run {
		for _, i := range f.rows {
			r := a.rows[i]
			list = append(list, Cell{Code: r.Code, Name: r.Name, Tier: a.tier, Geom: shapes[len(list)], Provenance: r.Provenance, Locked: a.options.Locked})
		}
	}
	p.versions = measured(a.t, list)
	return p
}

// putRun stores proved families under their parents.
func (a *adoption) putRun(p provenRun, tiers []parentTier) error {
	ids, err := newCells(a.ctx, a.tx, a.t, len(p.list))
	if err != nil {
		return err
	}
	for i := range p.list {
		cell := &p.list[i]
		cell.ID = ids[i]
		a.rows[p.rows[i]].ID = ids[i]
		switch parent := a.t.Scheme.Parent(cell.Code, a.tier); {
		case len(tiers) > 0:
			cell.ParentID = tiers[0].ids[parent]
		case a.tier > 1:
			cell.ParentID = a.byCode[parent].ID
		}
	}
	a.note(p.list)
	return copyVersions(a.ctx, a.tx, a.t, a.edition, p.versions)
}
