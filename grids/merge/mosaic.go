package merge

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"golang.org/x/sync/errgroup"

	"unigrid/geo/lattice"
	"unigrid/geo/overlay"
	"unigrid/grids"
)

//go:embed mosaic_near.sql
var mosaicNearSQL string

// atOnce is how many bytes of leaves are cut at once, about: with the layer cells
// near them, that is what a merge needs of memory however many leaves there are.
const atOnce = 4 << 20

// leaf is one of merge_leaf.
type leaf struct {
	id   int64
	deg  float64
	area *overlay.Area // nil: not on the lattice
}

// nearby is what of a layer is near the leaves at hand.
type nearby struct {
	layer grids.LayerCode
	ids   []int64
	cells *overlay.Cells
	unfit []orb.Bound // where there are cells off the lattice
}

// cuts are some leaves as they were cut, in rows of the working tables.
type cuts struct {
	pieces, faces, left [][]any
}

// mosaic cuts the fresh leaves by the cells of layers in memory, so many bytes of
// them after the other, neighbours together. What can't be cut exactly there it puts into
// merge_left, and tells whether there is any.
func mosaic(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layers []grids.LayerCode, bytes int) (left bool, err error) {
	rows, err := tx.Query(ctx, `SELECT cell_id, pg_column_size(geom) FROM merge_leaf WHERE fresh ORDER BY geom, code`)
	if err != nil {
		return false, fmt.Errorf("mosaic: %w", err)
	}
	var chunks [][]int64
	var id int64
	var size, sum int
	_, err = pgx.ForEachRow(rows, []any{&id, &size}, func() error {
		if sum += size; len(chunks) == 0 || sum > bytes {
			chunks, sum = append(chunks, nil), size
		}
		chunks[len(chunks)-1] = append(chunks[len(chunks)-1], id)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("mosaic: %w", err)
	}
	for _, ids := range chunks {
		leaves, err := leavesOf(ctx, tx, ids)
		if err != nil {
			return false, err
		}
		near, err := layersNear(ctx, tx, territory, layers, leaves)
		if err != nil {
			return false, err
		}
		some, err := piecesOf(ctx, tx, leaves, near)
		if err != nil {
			return false, err
		}
		left = left || some
	}
	return left, nil
}

func leavesOf(ctx context.Context, tx pgx.Tx, ids []int64) ([]leaf, error) {
	rows, err := tx.Query(ctx, `SELECT cell_id, deg, ST_AsBinary(geom, 'NDR') FROM merge_leaf WHERE cell_id = ANY ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("leaves to cut: %w", err)
	}
	leaves := make([]leaf, 0, len(ids))
	var l leaf
	var geom pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&l.id, &l.deg, &geom}, func() error {
		l.area = nil
		if shape := exact(geom); shape != nil {
			l.area = overlay.NewArea(shape)
		}
		leaves = append(leaves, l)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("leaves to cut: %w", err)
	}
	return leaves, nil
}

func layersNear(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, layers []grids.LayerCode, leaves []leaf) ([]*nearby, error) {
	var box lattice.Box
	ids := make([]int64, 0, len(leaves))
	for _, l := range leaves {
		if l.area == nil {
			continue
		}
		if len(ids) == 0 {
			box = l.area.Box()
		}
		box = box.Union(l.area.Box())
		ids = append(ids, l.id)
	}
	near := make([]*nearby, len(layers))
	shapes := make([][]lattice.MultiPolygon, len(layers))
	for i, layer := range layers {
		near[i] = &nearby{layer: layer}
	}
	rows, err := tx.Query(ctx, mosaicNearSQL, territory, layers, ids)
	if err != nil {
		return nil, fmt.Errorf("layer cells: %w", err)
	}
	var layer grids.LayerCode
	var id int64
	var geom pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&layer, &id, &geom}, func() error {
		i := slices.Index(layers, layer)
		shape := exact(geom)
		if shape == nil {
			off, err := wkb.Unmarshal(geom)
			if err == nil {
				near[i].unfit = append(near[i].unfit, off.Bound())
			}
			return err
		}
		near[i].ids, shapes[i] = append(near[i].ids, id), append(shapes[i], shape)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("layer cells: %w", err)
	}
	var build errgroup.Group
	for i, n := range near {
		build.Go(func() error { n.cells = overlay.NewCells(shapes[i], box); return nil })
	}
	return near, build.Wait()
}

// piecesOf cuts leaves by all processors, while the pieces go to the database.
func piecesOf(ctx context.Context, tx pgx.Tx, leaves []leaf, near []*nearby) (left bool, err error) {
	work, stop := errgroup.WithContext(ctx)
	tasks, done := make(chan []leaf), make(chan cuts, 16)
	work.Go(func() error {
		defer close(tasks)
		for part := range slices.Chunk(leaves, 8) {
			select {
			case tasks <- part:
			case <-stop.Done():
				return stop.Err()
			}
		}
		return nil
	})
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() error {
			cutters := make([]overlay.Cutter, len(near))
			for part := range tasks {
				var c cuts
				for i := range part {
					for j, n := range near {
						if err := c.cut(&cutters[j], n, &part[i]); err != nil {
							return err
						}
					}
				}
				select {
				case done <- c:
				case <-stop.Done():
					return stop.Err()
				}
			}
			return nil
		})
	}
	go func() { _ = work.Wait(); close(done) }()
	out := &copied{from: done}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"merge_piece"}, []string{"layer", "layer_cell_id", "cell_id", "geom", "whole", "claimed", "own", "overlap"}, out)
	for range done { // after a failure
	}
	if err := errors.Join(work.Wait(), err); err != nil {
		return false, fmt.Errorf("pieces: %w", err)
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"merge_face"}, []string{"layer", "cell_id", "geom", "deg", "claimants"}, pgx.CopyFromRows(out.all.faces)); err != nil {
		return false, fmt.Errorf("overlaps: %w", err)
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"merge_left"}, []string{"layer", "cell_id"}, pgx.CopyFromRows(out.all.left)); err != nil {
		return false, fmt.Errorf("leaves left to the database: %w", err)
	}
	return len(out.all.left) > 0, nil
}

// cut adds how a layer divides a leaf.
func (c *cuts) cut(cutter *overlay.Cutter, n *nearby, l *leaf) error {
	if l.area == nil || n.isUnfit(l.area.Box()) {
		c.left = append(c.left, []any{n.layer, l.id})
		return nil
	}
	pieces, faces, err := cutter.Cut(n.cells, l.area)
	if errors.Is(err, overlay.ErrUnfit) {
		c.left = append(c.left, []any{n.layer, l.id})
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range pieces {
		var cell *int64
		if p.Cell >= 0 {
			cell = &n.ids[p.Cell]
		}
		var geom []byte
		if !p.Whole {
			geom = encoded(p.Shape)
		}
		c.pieces = append(c.pieces, []any{n.layer, cell, l.id, geom, p.Whole, p.Claimed * l.deg, p.Own * l.deg, p.Overlap * l.deg})
	}
	for _, f := range faces {
		claimants := make([]int64, len(f.Cells))
		for i, cell := range f.Cells {
			claimants[i] = n.ids[cell]
		}
		c.faces = append(c.faces, []any{n.layer, l.id, encoded(f.Shape), f.Share * l.deg, claimants})
	}
	return nil
}

// isUnfit tells whether a cell off the lattice is near.
func (n *nearby) isUnfit(box lattice.Box) bool {
	bound := orb.Bound{Min: box.Min.Orb(), Max: box.Max.Orb()}
	return slices.ContainsFunc(n.unfit, bound.Intersects)
}

// copied hands pieces to COPY as they come, and keeps the rest.
type copied struct {
	from <-chan cuts
	all  cuts // pieces: those of the last that came
	at   int
}

// Next implements pgx.CopyFromSource.
func (c *copied) Next() bool {
	for c.at++; c.at >= len(c.all.pieces); c.at = 0 {
		more, ok := <-c.from
		if !ok {
			return false
		}
		c.all = cuts{more.pieces, append(c.all.faces, more.faces...), append(c.all.left, more.left...)}
	}
	return true
}

// Values implements pgx.CopyFromSource.
func (c *copied) Values() ([]any, error) { return c.all.pieces[c.at], nil }

// Err implements pgx.CopyFromSource.
func (c *copied) Err() error { return nil }
