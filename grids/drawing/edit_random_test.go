package drawing_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
)

// TestAnyEdits draws sequences of edits, undos, redos and publishes: the
// partition is exact after each, undoing all gives the start back byte for byte,
// redoing all the end, and no published edition is ever another afterwards. Two
// databases of 100 sequences each.
func TestAnyEdits(t *testing.T) {
	t.Parallel()
	var made, refused atomic.Int64
	var group sync.WaitGroup
	for half := range 2 {
		group.Add(1)
		t.Run(fmt.Sprint(half), func(t *testing.T) {
			t.Parallel()
			defer group.Done()
			db := databasetest.New(t)
			number := 1000
			rapid.Check(t, func(r *rapid.T) {
				number++
				s := sequence{town: newTown(t, db, fmt.Sprint(number), 2, 2), r: r}
				s.start = s.State()
				s.history()
				for range rapid.IntRange(3, 9).Draw(r, "edits") {
					s.step()
				}
				s.unwind()
				made.Add(int64(s.made))
				refused.Add(int64(s.refused))
			})
		})
	}
	t.Cleanup(func() {
		group.Wait()
		t.Logf("%d edits made, %d refused", made.Load(), refused.Load())
		if made.Load() < refused.Load()/4 {
			t.Errorf("only %d edits were made, %d refused", made.Load(), refused.Load())
		}
	})
}

// sequence is one history of a town.
type sequence struct {
	*town
	r             *rapid.T
	start         string                     // state at the beginning of the draft
	states        []string                   // after each step of the draft
	done          int                        // steps that are not undone
	past          map[grids.EditionID][]byte // what each published edition answered first
	made, refused int
}

// step edits, undoes, redoes or publishes.
func (s *sequence) step() {
	switch pick := rapid.IntRange(0, 11).Draw(s.r, "what"); {
	case pick == 0 && s.done > 0:
		s.must(s.swap(cells.Undo))
		s.done--
		s.same()
	case pick == 1 && s.done < len(s.states):
		s.must(s.swap(cells.Redo))
		s.done++
		s.same()
	case pick == 2 && s.done > 0:
		s.Publish()
		s.Exact()
		s.states, s.done, s.start = nil, 0, s.State()
	default:
		s.change()
	}
	s.history()
}

func (s *sequence) change() {
	e := s.draw()
	err := s.edit(e)
	var known *grids.Error
	if err != nil && !errors.As(err, &known) {
		s.r.Fatalf("%+v: %v", e, err)
	}
	s.Exact()
	if err != nil {
		s.refused++
		s.same()
		return
	}
	s.made++
	s.states = append(s.states[:s.done:s.done], s.State())
	s.done++
}

// same checks that the state is what it was after the last step.
func (s *sequence) same() {
	want := s.start
	if s.done > 0 {
		want = s.states[s.done-1]
	}
	if s.State() != want {
		s.r.Fatal("not the state that was there before")
	}
}

// unwind undoes all and redoes all.
func (s *sequence) unwind() {
	for s.done > 0 {
		s.must(s.swap(cells.Undo))
		s.done--
		s.same()
	}
	for s.done < len(s.states) {
		s.must(s.swap(cells.Redo))
		s.done++
		s.same()
	}
	s.history()
}

func (s *sequence) must(err error) {
	if err != nil {
		s.r.Fatalf("%v", err)
	}
}

// history checks that every published edition answers as it did first, at the
// instant from which it is in force.
func (s *sequence) history() {
	if s.past == nil {
		s.past = map[grids.EditionID][]byte{}
	}
	s.Tx(func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT e.seq, string_agg(concat_ws('|', v.cell_id, v.code, v.name, v.tier, v.parent_id, v.area_m2, v.provenance, v.locked, v.disputed,
			         encode(ST_AsEWKB(v.geom), 'hex')), E'\n' ORDER BY v.cell_id)
			FROM editions.edition e, cells.of($1, editions.at($1, e.effective)) v
			WHERE e.territory_id = $1 AND e.state = 'published' GROUP BY e.seq`, s.Territory)
		if err != nil {
			return err
		}
		var seq grids.EditionID
		var text string
		_, err = pgx.ForEachRow(rows, []any{&seq, &text}, func() error {
			sum := sha256.Sum256([]byte(text))
			if before, ok := s.past[seq]; ok && string(before) != string(sum[:]) {
				s.r.Fatalf("edition %d is another than when it was published", seq)
			}
			s.past[seq] = sum[:]
			return nil
		})
		return err
	})
}

// draw makes up an edit.
func (s *sequence) draw() drawing.Edit {
	r, leaves := s.r, s.Leaves()
	leaf := func(name string) cells.Cell { return leaves[rapid.IntRange(0, len(leaves)-1).Draw(r, name)] }
	near := func(b orb.Bound, name string, beyond float64) orb.Point {
		most := int(1000 * (1 + beyond))
		x := float64(rapid.IntRange(1000-most, most).Draw(r, name+" x")) / 1000
		y := float64(rapid.IntRange(1000-most, most).Draw(r, name+" y")) / 1000
		return orb.Point{b.Min[0] + x*(b.Max[0]-b.Min[0]), b.Min[1] + y*(b.Max[1]-b.Min[1])}
	}
	one := leaf("cell")
	box := one.Geom.Bound()
	switch rapid.SampledFrom([]drawing.Op{drawing.Split, drawing.Split, drawing.Merge, drawing.MoveBoundary, drawing.MoveBoundary, drawing.Hand, drawing.Rename, drawing.Lock}).Draw(r, "op") {
	case drawing.Split:
		west, east := near(box, "from", 0), near(box, "to", 0)
		west[0], east[0] = box.Min[0]-.001, box.Max[0]+.001
		line := orb.LineString{west, east}
		if rapid.Bool().Draw(r, "bent") {
			line = orb.LineString{west, near(box, "middle", 0), east}
		}
		return drawing.Edit{Op: drawing.Split, Cell: base(one), Line: line, Largest: rapid.Bool().Draw(r, "largest")}
	case drawing.Merge:
		e := drawing.Edit{Op: drawing.Merge, Cells: bases(one, s.neighbour(one, leaves))}
		if rapid.Bool().Draw(r, "keep") {
			e.Keep = one.ID
		}
		return e
	case drawing.MoveBoundary:
		other := s.neighbour(one, leaves)
		e := drawing.Edit{Op: drawing.MoveBoundary, Cells: bases(one, other), Across: true}
		common := shared(one, other)
		if len(common) < 2 {
			return e
		}
		i := rapid.IntRange(0, len(common)-2).Draw(r, "begin")
		j := min(i+rapid.IntRange(1, 4).Draw(r, "length"), len(common)-1)
		from, to := common[i], common[j]
		bend := float64(rapid.IntRange(-800, 800).Draw(r, "bend")) / 1000 // to one side or the other
		e.Line = orb.LineString{from, {(from[0]+to[0])/2 - bend*(to[1]-from[1]), (from[1]+to[1])/2 + bend*(to[0]-from[0])}, to}
		return e
	case drawing.Hand:
		a, b := near(box, "corner", .2), near(box, "opposite", .2)
		polygon := orb.Polygon{orb.Bound{Min: a, Max: a}.Extend(b).ToRing()}
		parent := one
		if rapid.IntRange(0, 3).Draw(r, "of a leaf") > 0 {
			s.Tx(func(ctx context.Context, tx pgx.Tx) error {
				draft, err := editions.Draft(ctx, tx, s.In, grids.Local)
				if err != nil {
					return err
				}
				list, err := cells.ByID(ctx, tx, s.In, draft, []grids.CellID{one.ParentID})
				parent = list[0]
				return err
			})
		}
		return drawing.Edit{Op: drawing.Hand, Parent: base(parent), Polygon: polygon}
	case drawing.Lock:
		locked := rapid.IntRange(0, 2).Draw(r, "locked") == 0
		return drawing.Edit{Op: drawing.Lock, Cell: base(one), Locked: &locked, Reason: "勘界"}
	default:
		return drawing.Edit{Op: drawing.Rename, Cell: base(one), Name: rapid.StringMatching(`[甲乙丙丁]{1,3}`).Draw(r, "name")}
	}
}

// neighbour gives a leaf that shares a vertex with one, mostly.
func (s *sequence) neighbour(one cells.Cell, leaves []cells.Cell) cells.Cell {
	var list []cells.Cell
	for _, other := range leaves {
		if other.ID != one.ID && len(shared(one, other)) > 1 {
			list = append(list, other)
		}
	}
	if len(list) == 0 {
		list = leaves
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(s.r, "neighbour")]
}

// shared gives the vertices that two cells have in common, in the order of the
// first.
func shared(a, b cells.Cell) []orb.Point {
	has := map[orb.Point]bool{}
	for _, polygon := range b.Geom {
		for _, ring := range polygon {
			for _, p := range ring {
				has[p] = true
			}
		}
	}
	var list []orb.Point
	for _, polygon := range a.Geom {
		for _, ring := range polygon {
			for _, p := range ring[1:] {
				if has[p] {
					list = append(list, p)
				}
			}
		}
	}
	return list
}
