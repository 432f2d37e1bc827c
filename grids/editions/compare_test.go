package editions_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
)

func place(x, y float64) orb.Point {
	lon, lat := cellstest.At(x, y)
	return orb.Point{lon, lat}
}

func base(c cells.Cell) cells.Base { return cells.Base{ID: c.ID, ETag: c.ETag} }

// edit applies edits to the town's draft.
func edit(t *testing.T, w *editionstest.Town, list ...drawing.Edit) {
	t.Helper()
	for _, e := range list {
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
			if err != nil {
				return err
			}
			return e.Apply(ctx, tx, w.In, draft, grids.Local)
		})
	}
}

func compare(t *testing.T, w *editionstest.Town, from, to grids.EditionID) (c editions.Comparison) {
	t.Helper()
	w.Tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		c, err = editions.Compare(ctx, tx, w.In, from, to)
		return err
	})
	return c
}

// said is a comparison in a few words.
func said(c editions.Comparison) string {
	var list []string
	for _, x := range c.Changes {
		if x.Tier != 3 {
			continue
		}
		s := x.Op + " " + string(x.Code[4:9])
		for _, to := range x.Successors {
			s += fmt.Sprintf(" >%s %.2f", to.Code[4:9], to.Share)
		}
		for _, from := range x.Predecessors {
			s += fmt.Sprintf(" <%s %.2f", from.Code[4:9], from.Share)
		}
		list = append(list, s)
	}
	return strings.Join(list, "\n")
}

// A town of 2 columns and 3 rows: (1,1) is split in halves, (1,2) and (1,3) are
// merged, the border of (2,1) and (2,2) is moved, (2,3) is renamed.
func changes(t *testing.T, w *editionstest.Town) {
	t.Helper()
	at := func(column, row int) cells.Cell { return w.Now(w.Leaf(column, row)) }
	one, two := base(at(1, 1)), base(at(2, 3))
	edit(t, w,
		drawing.Edit{Op: drawing.Split, Cell: &one, Line: orb.LineString{place(-.1, .6), place(1.1, .6)}},
		drawing.Edit{Op: drawing.Merge, Cells: []cells.Base{base(at(1, 2)), base(at(1, 3))}, Keep: at(1, 3).ID},
		drawing.Edit{Op: drawing.MoveBoundary, Cells: []cells.Base{base(at(2, 1)), base(at(2, 2))}, Line: orb.LineString{place(1.2, 1), place(1.2, 1.4), place(1.8, 1.4), place(1.8, 1)}},
		drawing.Edit{Op: drawing.Rename, Cell: &two, Name: "新名"})
}

func TestCompare(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := editionstest.New(t, db, "4302", 2, 3)
	w.Tx(func(ctx context.Context, tx pgx.Tx) error { // one object where the border moves, one elsewhere
		for code, at := range map[string]orb.Point{"A": place(1.5, 1.2), "B": place(1.5, 2.5)} {
			if _, err := tx.Exec(ctx, `INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
				VALUES ($1, 'enterprise', $2, $2, ST_Point($3, $4, 4326), 'import', 'demo')`, w.Territory, code, at[0], at[1]); err != nil {
				return err
			}
		}
		return nil
	})
	changes(t, w)
	const want = `merged 01002 >01003 1.00
moved 01003 <01002 1.00
created 01004 <01001 0.60
created 01005 <01001 0.40
split 01001 >01004 0.60 >01005 0.40
moved 02001
moved 02002
renamed 02003`
	sorted := func(s string) string {
		lines := strings.Split(s, "\n")
		return strings.Join(sortedLines(lines), "\n")
	}
	draft := compare(t, w, 1, 2)
	if !draft.Draft {
		t.Error("the draft is not called one")
	}
	if got := said(draft); sorted(got) != sorted(want) {
		t.Errorf("draft:\n%s\nwant\n%s", got, want)
	}
	leaf := w.Now(w.Leaf(2, 3))
	for _, x := range draft.Changes {
		if x.Op == "moved" && x.Tier == 3 && x.Code[4:6] == "02" && (x.Objects != 1 || math.Abs(x.AreaM2-leafArea(t, w, leaf)*.24) > 100) {
			t.Errorf("%s: %d objects, %f m²", x.Code, x.Objects, x.AreaM2)
		}
		if x.BBox[2] <= x.BBox[0] || x.BBox[3] <= x.BBox[1] {
			t.Errorf("%s: bbox %v", x.Code, x.BBox)
		}
	}
	totals := draft.Totals
	if totals.Created != 2 || totals.Split != 1 || totals.Merged != 1 || totals.Moved != 3 || totals.Renamed != 1 || totals.Changed != 4 || totals.Objects != 1 {
		t.Errorf("totals %+v", totals)
	}
	if pairs := strings.Count(string(draft.Areas.Features), `"Feature"`); pairs != 4 {
		t.Errorf("%d areas: %s", pairs, draft.Areas.Features)
	}
	w.Publish()
	if got := said(compare(t, w, 1, 2)); sorted(got) != sorted(want) {
		t.Errorf("published:\n%s", got)
	}
	// a third edition that moves the border back: the distant editions agree there
	a, b := base(w.Now(w.Leaf(2, 1))), base(w.Now(w.Leaf(2, 2)))
	edit(t, w, drawing.Edit{Op: drawing.MoveBoundary, Cells: []cells.Base{a, b}, Line: orb.LineString{place(1.2, 1), place(1.4, 1), place(1.6, 1), place(1.8, 1)}})
	w.Publish()
	if got := said(compare(t, w, 2, 3)); got != "moved 02001\nmoved 02002" {
		t.Errorf("neighbouring:\n%s", got)
	}
	const backwards = `merged 01004 >01001 1.00
merged 01005 >01001 1.00
created 01001 <01004 1.00 <01005 1.00
created 01002 <01003 0.50
moved 01003 >01002 0.50
moved 02001
moved 02002
renamed 02003`
	if got := said(compare(t, w, 2, 1)); sorted(got) != sorted(backwards) {
		t.Errorf("back to the first:\n%s\nwant\n%s", got, backwards)
	}
	far := compare(t, w, 1, 3)
	for _, x := range far.Changes {
		if x.Code == w.Leaf(2, 1) && (x.Op == "moved" || x.AreaM2 > 0) {
			t.Errorf("distant: %s %s %f m²", x.Op, x.Code, x.AreaM2)
		}
	}
	for from, to := range map[grids.EditionID]grids.EditionID{2: 2, 9: 1, 1: 9} {
		err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
			_, err := editions.Compare(ctx, tx, w.In, from, to)
			return err
		})
		if err == nil {
			t.Errorf("compared %d with %d", from, to)
		}
	}
}

func sortedLines(lines []string) []string {
	for i := range lines {
		for j := i; j > 0 && lines[j] < lines[j-1]; j-- {
			lines[j], lines[j-1] = lines[j-1], lines[j]
		}
	}
	return lines
}

func leafArea(t *testing.T, w *editionstest.Town, c cells.Cell) (m2 float64) {
	t.Helper()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT area_m2 FROM cells.of($1, 2) WHERE cell_id = $2`, w.Territory, c.ID).Scan(&m2)
	})
	return m2
}

// Lineage is written once, at publish, and people and objects follow it.
func TestLineageAtPublish(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := editionstest.New(t, db, "4302", 2, 3)
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, (SELECT id FROM people.person WHERE territory_id = $1), $2, 'accountable', tstzrange('2020-01-01', NULL), 'test'`,
			w.Territory, w.Now(w.Leaf(1, 1)).ID)
		return err
	})
	changes(t, w)
	w.Publish()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		var lineage, carried, again string
		if err := tx.QueryRow(ctx, `SELECT string_agg(concat_ws(' ', right(f.code, 8), right(t.code, 8), round(l.share::numeric, 2)), ', ' ORDER BY f.code, t.code)
			FROM cells.lineage l JOIN cells.of($1, 1) f ON f.cell_id = l.from_cell JOIN cells.of($1, 2) t ON t.cell_id = l.to_cell
			WHERE l.territory_id = $1 AND l.edition = 2`, w.Territory).Scan(&lineage); err != nil {
			return err
		}
		if want := "01001000 01004000 0.60, 01001000 01005000 0.40, 01002000 01003000 1.00, 01003000 01003000 1.00"; lineage != want {
			t.Errorf("lineage %s\nwant    %s", lineage, want)
		}
		if err := tx.QueryRow(ctx, `SELECT string_agg(right(v.code, 8), ' ' ORDER BY v.code) FROM people.assignment a JOIN cells.of($1, 2) v ON v.cell_id = a.cell_id
			WHERE a.territory_id = $1 AND a.role = 'accountable' AND a.during @> clock_timestamp() AND v.tier = 3`, w.Territory).Scan(&carried); err != nil {
			return err
		}
		if carried != "01004000 01005000" {
			t.Errorf("accountable after it: %s", carried)
		}
		if err := cells.TraceLineage(ctx, tx, w.In, 2); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*)::text FROM cells.lineage WHERE territory_id = $1`, w.Territory).Scan(&again); err != nil {
			return err
		}
		if again != "4" {
			t.Errorf("traced twice: %s rows", again)
		}
		var ops string
		if err := tx.QueryRow(ctx, `SELECT string_agg(op || ' ' || substr(coalesce(before, after) ->> 'code', 5, 5), ', ' ORDER BY coalesce(before, after) ->> 'code')
			FROM editions.change WHERE territory_id = $1 AND edition = 2`, w.Territory).Scan(&ops); err != nil {
			return err
		}
		if want := "split 01001, merged 01002, changed 01003, created 01004, created 01005, changed 02001, changed 02002, changed 02003"; ops != want {
			t.Errorf("changes %s\nwant    %s", ops, want)
		}
		return nil
	})
}

// A cell that gave a part away and ended later has its successors from then on.
func TestSuccessorsOfACellThatWasCutBefore(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := editionstest.New(t, db, "4302", 1, 2)
	first := w.Now(w.Leaf(1, 1))
	one := base(first)
	edit(t, w, drawing.Edit{Op: drawing.Split, Cell: &one, Line: orb.LineString{place(-.1, .2), place(1.1, .2)}, Largest: true})
	w.Publish()
	edit(t, w, drawing.Edit{Op: drawing.Merge, Cells: []cells.Base{base(w.Now(w.Leaf(1, 1))), base(w.Now(w.Leaf(1, 2)))}})
	w.Publish()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		for edition, want := range map[int]string{2: "430201001000 1.00", 3: "430201004000 1.00"} {
			var got string
			if err := tx.QueryRow(ctx, `SELECT string_agg(code || ' ' || round(share::numeric, 2), ', ') FROM cells.successors($1, $2, $3)`,
				w.Territory, first.ID, edition).Scan(&got); err != nil {
				return err
			}
			if got != want {
				t.Errorf("successors in edition %d: %s, want %s", edition, got, want)
			}
		}
		return nil
	})
}

// A discarded draft leaves the published state as it was, whatever was in it.
func TestDiscard(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := editionstest.New(t, db, "4302", 2, 3)
	start := w.State()
	changes(t, w)
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO drawing.draw (territory_id, edition, parent_id, method, into_cells, seed, quality, created_by)
			VALUES ($1, 2, $2, 'nearest', 2, 1, '[]', 'test')`, w.Territory, w.Now(w.Root()).ID)
		return err
	})
	discard := func() error {
		return w.Try(func(ctx context.Context, tx pgx.Tx) error { return editions.Discard(ctx, tx, w.In) })
	}
	if err := discard(); err != nil {
		t.Fatal(err)
	}
	if w.State() != start {
		t.Error("the published state is another")
	}
	if err := discard(); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("discarding nothing: %v", err)
	}
	changes(t, w) // and the next draft begins as if there had been none
	w.Publish()
	w.Exact()
}

// The database refuses what would change a published state.
func TestPublishedStateIsNeverLost(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := editionstest.New(t, db, "4302", 2, 2)
	one := base(w.Now(w.Leaf(1, 1)))
	edit(t, w, drawing.Edit{Op: drawing.Rename, Cell: &one, Name: "甲"})
	w.Publish()
	start := w.State()
	two := base(w.Now(w.Leaf(1, 2)))
	edit(t, w, drawing.Edit{Op: drawing.Rename, Cell: &two, Name: "乙"})
	for name, statement := range map[string]string{
		"undoing a step of a published edition": `SELECT cells.swap_step($1, 2, 1)`,
		"a cell that comes late":                `WITH c AS (INSERT INTO cells.cell (territory_id) VALUES ($1) RETURNING id) INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance) SELECT $1, c.id, 2, '430201077000', 'x', 3, v.parent_id, v.geom, 1, v.label, 'drawn' FROM c, cells.of($1, 2) v WHERE v.tier = 3 LIMIT 1`,
		"an end in the past":                    `UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND tier = 3 AND from_edition = 1 AND to_edition IS NULL`,
		"an end taken back":                     `UPDATE cells.version SET to_edition = NULL WHERE territory_id = $1 AND to_edition = 2`,
		"no longer disputed":                    `UPDATE cells.version SET disputed = true WHERE territory_id = $1 AND from_edition = 2`,
		"deleting the edition":                  `DELETE FROM editions.edition WHERE territory_id = $1 AND seq = 2`,
	} {
		err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, statement, w.Territory)
			if err == nil && !strings.Contains(statement, "swap_step") && tag.RowsAffected() == 0 {
				t.Errorf("%s: touched nothing", name)
			}
			return err
		})
		// a step whose journal is closed has nothing to exchange
		if err == nil && name != "undoing a step of a published edition" {
			t.Errorf("%s: the database let it pass", name)
		}
	}
	w.Tx(func(ctx context.Context, tx pgx.Tx) error { return editions.Discard(ctx, tx, w.In) })
	if w.State() != start {
		t.Error("the published state is another")
	}
	var at time.Time
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		steps, err := cells.Steps(ctx, tx, w.In, 2)
		if err != nil || len(steps) != 1 || steps[0].Kind != "rename" || steps[0].By != "local" || fmt.Sprint(steps[0].Cells) != "[430201001000]" {
			t.Errorf("history of edition 2: %+v, %v", steps, err)
		}
		return tx.QueryRow(ctx, `SELECT effective FROM editions.edition WHERE territory_id = $1 AND seq = 1`, w.Territory).Scan(&at)
	})
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		seq, err := editions.Current(ctx, tx, w.In, at)
		if seq != 1 {
			t.Errorf("at %s edition %d is in force", at, seq)
		}
		return err
	})
}
