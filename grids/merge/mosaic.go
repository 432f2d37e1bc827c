package merge

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/planar"
	"golang.org/x/sync/errgroup"

	"unigrid/geo/lattice"
	"unigrid/geo/overlay"
	"unigrid/grids"
)

//go:embed mosaic_near.sql
var mosaicNearSQL string

// atOnce is how many bytes of leaves are cut at once, about: with the layer cells
// near them, a few times that is what a merge needs of memory however many leaves
// there are.
const atOnce = 2 << 20

// source gives what layers are held against.
type source struct {
	leaves string // a query, neighbours together
	args   []any
	ground string // makes the view merge_ground
}

// leaf is one of merge_leaf.
type leaf struct {
	id          int64
	fromEdition int32
	code        string
	areaM2      float64
	home        *int64
	baseCode    *string
	baseName    *string
	mayDivide   bool
	standing    string
	seen        *[16]byte // the print that the run before saw
	wkb         []byte

	print [16]byte
	fresh bool
	deg   float64
	area  *overlay.Area
	exact bool // on the lattice
}

// nearby is what of a layer is near the leaves at hand.
type nearby struct {
	layer grids.LayerCode
	ids   []int64
	wkb   [][]byte
	cells *overlay.Cells
	unfit []orb.Bound // where there are cells off the lattice
}

// cuts are some leaves as they were cut, in rows of the working tables.
type cuts struct {
	leaves, pieces, faces, left rows
}

// part are leaves on their way from the database and back: read, measured, with
// the layer cells near them, cut, written.
type part struct {
	leaves []leaf
	box    lattice.Box // of those that are to be cut
	near   []*nearby
	cuts   []cuts
	work   *errgroup.Group // what is being done with it
}

// mosaic fills merge_leaf, and cuts the fresh leaves by the cells of layers in
// memory, so many bytes of them after the other. What can't be cut exactly there it
// puts into merge_left, and tells whether there is any. While the processors
// measure and cut, the connection reads the next leaves and writes the last pieces.
func mosaic(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layers []grids.LayerCode, from source, bytes int) (left bool, err error) {
	if _, err := tx.Exec(ctx, `DECLARE merge_source NO SCROLL CURSOR FOR `+from.leaves, from.args...); err != nil {
		return false, fmt.Errorf("leaves: %w", err)
	}
	m := &mosaicked{tx: tx, territory: territory, layers: layers, bytes: max(bytes/8, 1), most: bytes}
	defer func() { // what still works on them must not outlive this
		for _, p := range []*part{m.measuring, m.cutting} {
			if p != nil {
				_ = p.work.Wait()
			}
		}
	}()
	for !m.over || m.measuring != nil || m.cutting != nil {
		if err := m.advance(ctx); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `CLOSE merge_source`)
	return m.left, err
}

type mosaicked struct {
	tx        pgx.Tx
	territory grids.TerritoryID
	layers    []grids.LayerCode
	bytes     int // to be read next; a little first, so that everything has work soon
	most      int
	size      int // of a leaf, about
	over      bool
	left      bool
	measuring *part
	cutting   *part
	spare     []*part // whose memory can be used again
	cutters   sync.Pool
}

// advance moves every part on by one.
func (m *mosaicked) advance(ctx context.Context) error {
	var read *part
	if !m.over {
		var err error
		if read, err = m.read(ctx); err != nil {
			return err
		}
		if read != nil {
			read.measure()
		}
	}
	measured, cut := m.measuring, m.cutting
	m.measuring, m.cutting = read, nil
	if measured != nil {
		if err := measured.work.Wait(); err != nil {
			return err
		}
		if err := m.readNear(ctx, measured); err != nil {
			return err
		}
		m.cut(measured)
		m.cutting = measured
	}
	if cut != nil {
		if err := cut.work.Wait(); err != nil {
			return fmt.Errorf("cutting: %w", err)
		}
		return m.write(ctx, cut)
	}
	return nil
}

// read gives the next leaves, nil after the last.
func (m *mosaicked) read(ctx context.Context) (*part, error) {
	p := &part{}
	if last := len(m.spare) - 1; last >= 0 {
		p, m.spare = m.spare[last], m.spare[:last]
	}
	had := p.leaves[:cap(p.leaves)]
	p.leaves = p.leaves[:0]
	for sum := 0; !m.over && (len(p.leaves) == 0 || sum+m.size/2 < m.bytes); {
		wanted := 1
		if m.size > 0 {
			wanted = min((m.bytes-sum+m.size-1)/m.size, 1000)
		}
		rows, err := m.tx.Query(ctx, fmt.Sprintf(`FETCH %d FROM merge_source`, wanted))
		if err != nil {
			return nil, fmt.Errorf("leaves: %w", err)
		}
		n := len(p.leaves)
		var l leaf
		var geom pgtype.DriverBytes
		_, err = pgx.ForEachRow(rows, []any{&l.id, &l.fromEdition, &l.code, &l.areaM2, &l.home, &l.baseCode, &l.baseName, &l.mayDivide, &l.standing, &l.seen, &geom}, func() error {
			l.wkb, l.area = nil, nil
			if n := len(p.leaves); n < len(had) {
				l.wkb, l.area = had[n].wkb[:0], had[n].area
			}
			l.wkb = append(l.wkb, geom...)
			sum += len(geom)
			p.leaves = append(p.leaves, l)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("leaves: %w", err)
		}
		m.over = len(p.leaves)-n < wanted
		if len(p.leaves) > 0 {
			m.size = max(sum/len(p.leaves), 1)
		}
	}
	if len(p.leaves) == 0 {
		return nil, nil
	}
	m.bytes = min(2*m.bytes, m.most)
	return p, nil
}

// measure takes the leaves to the lattice.
func (p *part) measure() {
	p.work = &errgroup.Group{}
	for some := range slices.Chunk(p.leaves, 64) {
		p.work.Go(func() error {
			var r reader
			for i := range some {
				if err := some[i].measure(&r); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func (l *leaf) measure(r *reader) error {
	sum := sha256.New()
	sum.Write([]byte(l.standing + "\n"))
	sum.Write(l.wkb)
	l.print = [16]byte(sum.Sum(nil))
	l.fresh = l.seen == nil || *l.seen != l.print
	shape := r.exact(l.wkb)
	if l.exact = shape != nil; l.exact {
		if l.area == nil {
			l.area = new(overlay.Area)
		}
		l.area.Set(shape)
		l.deg = float64(l.area.Area2()) / (2 * lattice.PerDegree * lattice.PerDegree)
		return nil
	}
	off, err := wkb.Unmarshal(l.wkb)
	if err != nil {
		return fmt.Errorf("leaf %s: %w", l.code, err)
	}
	l.deg = planar.Area(off)
	return nil
}

// readNear reads the layer cells whose boxes meet those of leaves, neighbours taken
// together.
func (m *mosaicked) readNear(ctx context.Context, p *part) error {
	const together = 16
	var boxes []lattice.Box
	n := 0
	p.box = lattice.Box{}
	for i := range p.leaves {
		if !p.leaves[i].fresh || !p.leaves[i].exact {
			continue
		}
		box := p.leaves[i].area.Box()
		if last := len(boxes) - 1; n%together != 0 && boxes[last].Touches(box) {
			boxes[last] = boxes[last].Union(box)
		} else {
			n, boxes = 0, append(boxes, box)
		}
		n++
	}
	var sides [4][]float64
	for i, box := range boxes {
		if i == 0 {
			p.box = box
		}
		p.box = p.box.Union(box)
		low, high := box.Min.Orb(), box.Max.Orb()
		for i, side := range [...]float64{low[0], low[1], high[0], high[1]} {
			sides[i] = append(sides[i], side)
		}
	}
	p.near = make([]*nearby, len(m.layers))
	for i, layer := range m.layers {
		p.near[i] = &nearby{layer: layer}
	}
	if len(boxes) == 0 {
		return nil
	}
	rows, err := m.tx.Query(ctx, mosaicNearSQL, m.territory, m.layers, sides[0], sides[1], sides[2], sides[3])
	if err != nil {
		return fmt.Errorf("layer cells: %w", err)
	}
	var layer grids.LayerCode
	var id int64
	var geom pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&layer, &id, &geom}, func() error {
		near := p.near[slices.Index(m.layers, layer)]
		near.ids, near.wkb = append(near.ids, id), append(near.wkb, slices.Clone(geom))
		return nil
	})
	if err != nil {
		return fmt.Errorf("layer cells: %w", err)
	}
	return nil
}

// cut cuts leaves by all processors.
func (m *mosaicked) cut(p *part) {
	p.work = &errgroup.Group{}
	p.work.Go(func() error {
		var indexes errgroup.Group
		for _, n := range p.near {
			indexes.Go(func() error { return n.index(p.box) })
		}
		if err := indexes.Wait(); err != nil {
			return err
		}
		const together = 8
		n := (len(p.leaves) + together - 1) / together
		p.cuts = slices.Grow(p.cuts[:0], n)[:n]
		var next atomic.Int64
		for range runtime.GOMAXPROCS(0) {
			p.work.Go(func() error {
				cutter, _ := m.cutters.Get().(*overlay.Cutter)
				if cutter == nil {
					cutter = new(overlay.Cutter)
				}
				defer m.cutters.Put(cutter)
				for {
					at := int(next.Add(1)) - 1
					if at >= len(p.cuts) {
						return nil
					}
					some := p.leaves[at*together : min((at+1)*together, len(p.leaves))]
					if err := p.cuts[at].all(cutter, m.territory, p.near, some); err != nil {
						return err
					}
				}
			})
		}
		return nil
	})
}

// index takes the layer cells to the lattice.
func (n *nearby) index(box lattice.Box) error {
	ids, shapes := n.ids[:0], make([]lattice.MultiPolygon, 0, len(n.ids))
	for i, geom := range n.wkb {
		shape := exact(geom)
		if shape == nil {
			off, err := wkb.Unmarshal(geom)
			if err != nil {
				return fmt.Errorf("layer cell: %w", err)
			}
			n.unfit = append(n.unfit, off.Bound())
			continue
		}
		ids, shapes = append(ids, n.ids[i]), append(shapes, shape)
	}
	n.ids, n.wkb = ids, nil
	n.cells = overlay.NewCells(shapes, box)
	return nil
}

// write copies leaves and their pieces to the working tables.
func (m *mosaicked) write(ctx context.Context, p *part) error {
	for _, table := range []struct {
		name string
		rows func(c *cuts) rows
	}{
		{"merge_leaf (cell_id, territory_id, from_edition, code, deg, area_m2, home, base_code, base_name, may_divide, print, fresh)", func(c *cuts) rows { return c.leaves }},
		{"merge_piece (layer, layer_cell_id, cell_id, geom, whole, claimed, own, overlap, minor, into_id)", func(c *cuts) rows { return c.pieces }},
		{"merge_face (layer, cell_id, geom, deg, claimants)", func(c *cuts) rows { return c.faces }},
		{"merge_left (layer, cell_id)", func(c *cuts) rows { return c.left }},
	} {
		var some []rows
		for i := range p.cuts {
			if r := table.rows(&p.cuts[i]); len(r) > 0 {
				some = append(some, r)
			}
		}
		if len(some) == 0 {
			continue
		}
		if err := copyRows(ctx, m.tx, table.name, some...); err != nil {
			return err
		}
	}
	for i := range p.cuts {
		m.left = m.left || len(p.cuts[i].left) > 0
	}
	m.spare = append(m.spare, p)
	return nil
}

// all cuts leaves by every layer.
func (c *cuts) all(cutter *overlay.Cutter, territory grids.TerritoryID, near []*nearby, leaves []leaf) error {
	c.leaves, c.pieces, c.faces, c.left = c.leaves[:0], c.pieces[:0], c.faces[:0], c.left[:0]
	for i := range leaves {
		l := &leaves[i]
		c.leaves.row(12)
		c.leaves.id(&l.id)
		c.leaves.integer(int32(territory))
		c.leaves.integer(l.fromEdition)
		c.leaves.text(l.code)
		c.leaves.float(l.deg)
		c.leaves.float(l.areaM2)
		c.leaves.id(l.home)
		c.leaves.maybe(l.baseCode)
		c.leaves.maybe(l.baseName)
		c.leaves.bool(l.mayDivide)
		c.leaves.bytes(l.print[:])
		c.leaves.bool(l.fresh)
	}
	for _, n := range near {
		for i := range leaves {
			if !leaves[i].fresh {
				continue
			}
			if err := c.cut(cutter, n, &leaves[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// cut adds how a layer divides a leaf.
func (c *cuts) cut(cutter *overlay.Cutter, n *nearby, l *leaf) error {
	fit := l.exact && !n.isUnfit(l.area.Box())
	var pieces []overlay.Piece
	var faces []overlay.Face
	if fit {
		var err error
		pieces, faces, err = cutter.Cut(n.cells, l.area)
		if fit = !errors.Is(err, overlay.ErrUnfit); fit && err != nil {
			return err
		}
	}
	if !fit {
		c.left.row(2)
		c.left.text(string(n.layer))
		c.left.id(&l.id)
		return nil
	}
	sum, largest := 0.0, 0
	for i, p := range pieces {
		sum += p.Own
		if p.Own > pieces[largest].Own {
			largest = i
		}
	}
	if !(math.Abs(sum-1) <= 1e-9) {
		return fmt.Errorf("shares of %s in %s don't sum to 1: %.12g", l.code, n.layer, sum)
	}
	id := func(p overlay.Piece) *int64 {
		if p.Cell < 0 {
			return nil
		}
		return &n.ids[p.Cell]
	}
	for i, p := range pieces {
		minor, into := i != largest && p.Own <= sliverShare, (*int64)(nil)
		if minor {
			into = id(pieces[largest])
		}
		c.pieces.row(10)
		c.pieces.text(string(n.layer))
		c.pieces.id(id(p))
		c.pieces.id(&l.id)
		if p.Whole {
			c.pieces.null()
		} else {
			c.pieces.shape(p.Shape)
		}
		c.pieces.bool(p.Whole)
		c.pieces.float(p.Claimed * l.deg)
		c.pieces.float(p.Own * l.deg)
		c.pieces.float(p.Overlap * l.deg)
		c.pieces.bool(minor)
		c.pieces.id(into)
	}
	for _, f := range faces {
		claimants := make([]int64, len(f.Cells))
		for i, cell := range f.Cells {
			claimants[i] = n.ids[cell]
		}
		c.faces.row(5)
		c.faces.text(string(n.layer))
		c.faces.id(&l.id)
		c.faces.shape(f.Shape)
		c.faces.float(f.Share * l.deg)
		c.faces.ids(claimants)
	}
	return nil
}

// isUnfit tells whether a cell off the lattice is near.
func (n *nearby) isUnfit(box lattice.Box) bool {
	bound := orb.Bound{Min: box.Min.Orb(), Max: box.Max.Orb()}
	return slices.ContainsFunc(n.unfit, bound.Intersects)
}
