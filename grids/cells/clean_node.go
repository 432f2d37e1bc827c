package cells

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
	"unigrid/grids/database"
)

// inspection is what keeps a block from being exact.
type inspection struct {
	bad    map[int]bool      // rows
	pairs  [][2]int          // rows that cross each other
	edge   []int             // rows in trouble with the parent's boundary
	border []lattice.Segment // the parent's segments without a row's, if any of edge
	left   []lattice.Segment // when nothing is bad: what bounds the gaps, the gap to the left
}

// inspect finds which rows of a block aren't exact yet.
func (c *cleaning) inspect(b *block) (inspection, error) {
	found := inspection{bad: map[int]bool{}}
	vertices := 0
	c.eachRing(b, func(_, _, _ int, r lattice.Ring) { vertices += len(r) })
	builder := geo.NewBuilder(len(b.rows), vertices)
	for _, i := range b.rows {
		if err := builder.Add(c.rows[i].shape.Orb()); err != nil {
			return found, err
		}
	}
	coverage := builder.Build()
	uncovered := map[lattice.Segment]bool{}
	for _, s := range b.parent.Segments() {
		uncovered[s] = true
	}
	var left []owned // gap to the left
	for _, f := range coverage.Validate(nil) {
		if f.Kind != geo.Unmatched {
			for _, k := range f.Cells {
				found.bad[b.rows[k]] = true
			}
			if len(f.Cells) == 2 {
				found.pairs = append(found.pairs, [2]int{b.rows[f.Cells[0]], b.rows[f.Cells[1]]})
			}
			continue
		}
		s, err := segmentOf(f)
		if err != nil {
			return found, err
		}
		if uncovered[s] {
			delete(uncovered, s)
			continue
		}
		left = append(left, owned{b.rows[f.Cells[0]], s.Reverse()})
	}
	if b.parent == nil {
		for _, s := range left {
			found.left = append(found.left, s.Segment)
		}
		return found, nil
	}
	// segments that the coverage repeats or that cross are no Unmatched findings;
	// they count as covering, and come up in a later pass
	for s := range uncovered {
		left = append(left, owned{-1, s})
	}
	slices.SortFunc(left, func(s, t owned) int { return comparePoints(s.A, t.A) })
	c.inspectEdge(b, left, &found)
	return found, nil
}

func segmentOf(f geo.Finding) (lattice.Segment, error) {
	from, err := lattice.FromOrb(f.Segment[0])
	if err != nil {
		return lattice.Segment{}, err
	}
	to, err := lattice.FromOrb(f.Segment[1])
	return lattice.Segment{A: from, B: to}, err
}

// inspectEdge finds the rows that don't keep to the parent: those that cross
// its boundary, or, when nothing crosses, those that lie outside.
func (c *cleaning) inspectEdge(b *block, left []owned, found *inspection) {
	segments := make([]lattice.Segment, len(left))
	for k, s := range left {
		segments[k] = s.Segment
	}
	edge := map[int]bool{}
	lattice.NewGrid(segments).Conflicts(func(k, m int) {
		if s, t := left[k].row, left[m].row; (s < 0) != (t < 0) {
			edge[max(s, t)] = true
		}
	})
	if len(edge) == 0 && len(found.bad) == 0 {
		if gaps, err := lattice.Assemble(segments); err == nil && c.area2(b)+gaps.Area2() == b.parent.Area2() {
			found.left = segments
			return
		}
		for _, s := range left {
			if s.row >= 0 {
				edge[s.row] = true
			}
		}
	}
	for i := range edge {
		found.bad[i] = true
		found.edge = append(found.edge, i)
	}
	if len(edge) > 0 {
		slices.Sort(found.edge)
		for _, s := range left {
			if s.row < 0 {
				found.border = append(found.border, s.Segment)
			}
		}
	}
}

func (c *cleaning) area2(b *block) int64 {
	var sum int64
	for _, i := range b.rows {
		sum += c.rows[i].shape.Area2()
	}
	return sum
}

// clusters gathers, over all blocks, the rows that have to be noded together.
type clusters struct {
	blocks []int
	block  map[int]int // bad row -> block
	union  map[int]int
	border map[int][]lattice.Segment // row -> segments of its parent
}

func (w *clusters) add(block int, found inspection) {
	if w.block == nil {
		w.block, w.union, w.border = map[int]int{}, map[int]int{}, map[int][]lattice.Segment{}
	}
	w.blocks = append(w.blocks, block)
	for i := range found.bad {
		w.block[i] = block
	}
	for _, p := range found.pairs {
		w.join(p[0], p[1])
	}
	for _, i := range found.edge {
		w.join(found.edge[0], i)
	}
	if len(found.edge) > 0 {
		w.border[found.edge[0]] = found.border
	}
}

func (w *clusters) find(i int) int {
	for {
		up, ok := w.union[i]
		if !ok {
			return i
		}
		i = up
	}
}

func (w *clusters) join(i, j int) {
	if i, j = w.find(i), w.find(j); i != j {
		w.union[max(i, j)] = min(i, j)
	}
}

//go:embed clean_faces.sql
var cleanFaces string

// node cuts what the bad rows, and those that they overlap, cover into faces
// and gives each face to one row.
func (c *cleaning) node(w *clusters) error {
	if len(w.blocks) == 0 {
		return nil
	}
	if err := c.copyShapes(w); err != nil {
		return err
	}
	rows, err := c.tx.Query(c.ctx, `
		SELECT a.i, b.i, a.block FROM clean_shape a JOIN clean_shape b ON a.block = b.block AND a.i <> b.i AND a.valid && b.valid
		WHERE a.bad AND (NOT b.bad OR a.i < b.i) AND ST_Relate(a.valid, b.valid, 'T********')`)
	if err != nil {
		return fmt.Errorf("overlaps: %w", err)
	}
	var i, j, block int
	if _, err := pgx.ForEachRow(rows, []any{&i, &j, &block}, func() error {
		w.block[i], w.block[j] = block, block
		w.join(i, j)
		return nil
	}); err != nil {
		return fmt.Errorf("overlaps: %w", err)
	}
	members := make([]int, 0, len(w.block))
	for i := range w.block {
		members = append(members, i)
	}
	slices.Sort(members)
	cluster := make([]int, len(members))
	for k, i := range members {
		cluster[k] = w.find(i)
	}
	if _, err := c.tx.Exec(c.ctx, `
		TRUNCATE clean_member;
		DROP INDEX IF EXISTS pg_temp.clean_member_valid`); err != nil {
		return err
	}
	if _, err := c.tx.Exec(c.ctx, `
		INSERT INTO clean_member
		SELECT s.i, m.cluster, s.block, s.hold, s.geom, s.valid FROM clean_shape s JOIN unnest($1::int[], $2::int[]) m (i, cluster) USING (i)`,
		members, cluster); err != nil {
		return err
	}
	if _, err := c.tx.Exec(c.ctx, `CREATE INDEX clean_member_valid ON clean_member USING gist (valid); ANALYZE clean_member`); err != nil {
		return err
	}
	return c.cut(w, members)
}

// copyShapes gives the database the blocks that aren't exact yet.
func (c *cleaning) copyShapes(w *clusters) error {
	if _, err := c.tx.Exec(c.ctx, `TRUNCATE clean_shape; DROP INDEX IF EXISTS pg_temp.clean_shape_valid`); err != nil {
		return err
	}
	var rows, blocks []int
	for _, n := range w.blocks {
		for _, i := range c.blocks[n].rows {
			if len(c.rows[i].shape) > 0 {
				rows, blocks = append(rows, i), append(blocks, n)
			}
		}
	}
	if _, err := c.tx.CopyFrom(c.ctx, pgx.Identifier{"clean_shape"}, []string{"i", "block", "hold", "bad", "geom"},
		pgx.CopyFromSlice(len(rows), func(k int) ([]any, error) {
			i := rows[k]
			geom, err := database.Geometry(c.rows[i].shape.Orb())
			_, bad := w.block[i]
			return []any{i, blocks[k], int(c.rows[i].hold), bad, geom}, err
		})); err != nil {
		return err
	}
	_, err := c.tx.Exec(c.ctx, `
		UPDATE clean_shape SET valid = CASE WHEN bad AND NOT ST_IsValid(geom) THEN ST_CollectionExtract(ST_MakeValid(geom, 'method=structure'), 3) ELSE geom END;
		CREATE INDEX clean_shape_valid ON clean_shape USING gist (valid); ANALYZE clean_shape`)
	return err
}

func (c *cleaning) cut(w *clusters, members []int) error {
	var borderOf, parentOf []int64
	var lines [][]byte
	for i, segments := range w.border {
		parentOf = append(parentOf, int64(c.rows[i].parent))
		borderOf = append(borderOf, int64(w.find(i)))
		line := make(orb.MultiLineString, len(segments))
		for k, s := range segments {
			line[k] = orb.LineString{s.A.Orb(), s.B.Orb()}
		}
		geom, err := database.Geometry(line)
		if err != nil {
			return err
		}
		lines = append(lines, geom)
	}
	rows, err := c.tx.Query(c.ctx, cleanFaces, borderOf, parentOf, lines)
	if err != nil {
		return fmt.Errorf("cutting into faces: %w", err)
	}
	faces := map[int][]orb.MultiPolygon{}
	owners := map[int][]int{}
	var cluster, owner int
	var geom []byte
	if _, err := pgx.ForEachRow(rows, []any{&cluster, &geom, &owner}, func() error {
		shape, err := database.MultiPolygon(geom)
		faces[cluster], owners[cluster] = append(faces[cluster], shape), append(owners[cluster], owner)
		return err
	}); err != nil {
		return fmt.Errorf("cutting into faces: %w", err)
	}
	for _, i := range members {
		c.rows[i].shape = nil
	}
	for cluster, shapes := range faces {
		if err := c.unite(shapes, owners[cluster]); err != nil {
			return err
		}
	}
	return nil
}

// unite makes the rows' shapes of faces.
func (c *cleaning) unite(faces []orb.MultiPolygon, owners []int) error {
	coverage, err := geo.NewCoverage(faces)
	if err != nil {
		return fmt.Errorf("faces: %w", err)
	}
	numbers := map[int]int{}
	var of []int
	groups := make([]int, len(owners))
	for k, owner := range owners {
		n, ok := numbers[owner]
		if !ok {
			n = len(of)
			numbers[owner] = n
			of = append(of, owner)
		}
		groups[k] = n
	}
	united, err := coverage.Dissolve(groups)
	if err != nil {
		return fmt.Errorf("uniting faces: %w", err)
	}
	for n, shape := range united {
		if c.rows[of[n]].shape, err = lattice.FromMultiPolygon(shape); err != nil {
			return err
		}
	}
	return nil
}
