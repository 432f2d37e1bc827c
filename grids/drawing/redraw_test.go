package drawing_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
)

// land is a city of two counties, with three townships each, and five villages
// in each of these, drawn tier by tier.
type land struct {
	t  *testing.T
	db *database.DB
	in cells.Territory
}

const landSide = 0.08 // degrees

func newLand(t *testing.T) *land {
	t.Helper()
	w := &land{t: t, db: databasetest.New(t)}
	dense, err := geo.Densify([]orb.MultiPolygon{{{{{113, 27}, {113 + landSide, 27}, {113 + landSide, 27 + landSide}, {113, 27 + landSide}, {113, 27}}}}}, 50)
	must(t, err)
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		var err error
		if w.in, err = cells.CreateTerritory(ctx, tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12}); err != nil {
			return err
		}
		draft, err := editions.Draft(ctx, tx, w.in, grids.Local)
		if err != nil {
			return err
		}
		made, err := cells.Put(ctx, tx, w.in, draft, []cells.Cell{{Code: "430200000000", Name: "试验市", Tier: 1, Geom: dense[0], Provenance: cells.Drawn}})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `WITH p AS (
			  INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'T1', '示例人员 0001', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, $2, 'accountable', tstzrange('2020-01-01', NULL), 'test' FROM p`, w.in.ID, made[0].ID)
		return err
	})
	w.run(2, 2)
	w.run(3, 3)
	w.run(4, 5)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *land) tx(fn func(context.Context, pgx.Tx) error) {
	w.t.Helper()
	must(w.t, w.db.Tx(w.t.Context(), grids.Local, func(tx pgx.Tx) error { return fn(w.t.Context(), tx) }))
}

func (w *land) draft(ctx context.Context, tx pgx.Tx) (grids.EditionID, error) {
	return editions.Draft(ctx, tx, w.in, grids.Local)
}

// tierRun draws a tier, so many cells in each parent.
func (w *land) tierRun(tier grids.Tier, into int) drawing.Run {
	return drawing.Run{In: w.in, Tier: tier, Who: grids.Local, Batch: 2, Draft: w.draft,
		Request: func(cells.Cell) (drawing.Request, bool) {
			return drawing.Request{Method: drawing.Balanced, Into: into, Seed: 1}, true
		}}
}

func (w *land) run(tier grids.Tier, into int) drawing.Progress {
	w.t.Helper()
	p, err := w.tierRun(tier, into).Do(w.t.Context(), w.db)
	must(w.t, err)
	return p
}

func (w *land) publish() {
	w.t.Helper()
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.Publish(ctx, tx, w.in, grids.Local, "")
		return err
	})
}

// tier gives the cells of a tier of the draft.
func (w *land) tier(tier grids.Tier) (list []cells.Cell) {
	w.t.Helper()
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := w.draft(ctx, tx)
		if err != nil {
			return err
		}
		list, err = cells.OfTier(ctx, tx, w.in, draft, tier)
		return err
	})
	return list
}

// under gives the children of a cell of the draft.
func (w *land) under(code grids.Code) (list []cells.Cell) {
	w.t.Helper()
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := w.draft(ctx, tx)
		if err != nil {
			return err
		}
		cell, err := cells.ByCode(ctx, tx, w.in, draft, code)
		if err != nil {
			return err
		}
		list, err = cells.Children(ctx, tx, w.in, draft, cell.ID)
		return err
	})
	return list
}

// draw draws below a cell of the draft.
func (w *land) draw(code grids.Code, r drawing.Request) (plan drawing.Plan, err error) {
	w.t.Helper()
	err = w.db.Tx(w.t.Context(), grids.Local, func(tx pgx.Tx) error {
		draft, err := w.draft(w.t.Context(), tx)
		if err != nil {
			return err
		}
		parent, err := cells.ByCode(w.t.Context(), tx, w.in, draft, code)
		if err != nil {
			return err
		}
		if r, err = drawing.Prepare(w.t.Context(), tx, w.in, draft, parent, r); err != nil {
			return err
		}
		if plan, err = drawing.Make(w.t.Context(), w.in, parent, r); err != nil {
			return err
		}
		return drawing.Apply(w.t.Context(), tx, w.in, draft, grids.Local, []drawing.Plan{plan})
	})
	return plan, err
}

// requireExact lets PostGIS judge the draft as a publish would.
func (w *land) requireExact() {
	w.t.Helper()
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := w.draft(ctx, tx)
		if err != nil {
			return err
		}
		found, _, err := cells.Check(ctx, tx, w.in, draft)
		for _, f := range found {
			w.t.Errorf("%s %s: %s", f.Kind, f.Code, f.Message)
		}
		return err
	})
}

func byID(list []cells.Cell) map[grids.CellID]cells.Cell {
	out := map[grids.CellID]cells.Cell{}
	for _, c := range list {
		out[c.ID] = c
	}
	return out
}

func TestReplaceKeepsLockedCells(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	w.publish()
	const township = "430201001000"
	before := w.under(township)
	locked := before[2]
	plan, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 6, Replace: true, Lock: []grids.Code{locked.Code}})
	must(t, err)
	after := byID(w.under(township))
	if len(after) != 7 || len(plan.Children) != 6 {
		t.Fatalf("%d cells, %d drawn", len(after), len(plan.Children))
	}
	if after[locked.ID].ETag != locked.ETag {
		t.Error("the locked cell changed")
	}
	for _, cell := range before {
		if now, ok := after[cell.ID]; !ok || now.Code != cell.Code || now.Name != cell.Name {
			t.Errorf("%s did not go on: %+v", cell.Code, now.Code)
		}
	}
	for _, c := range plan.Children {
		if c.ID == 0 && c.Code <= before[len(before)-1].Code {
			t.Errorf("new cell has the code %s", c.Code)
		}
	}
	w.requireExact()
	if _, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 6}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("without replace: %v", err)
	}
	if _, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Replace: true, Lock: []grids.Code{"430201001999"}}); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("lock of nothing: %v", err)
	}
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE cells.version SET disputed = true WHERE code LIKE '430201001%' AND tier = 4 AND to_edition IS NULL AND from_edition = 2`)
		return err
	})
	if plan, err = w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 2, Replace: true, Lock: []grids.Code{locked.Code}}); err == nil {
		t.Errorf("all were locked or disputed, but %d were drawn", len(plan.Children))
	}
}

func TestRedrawFromAnEdition(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	w.publish()
	const township = "430202003000"
	first := w.under(township)
	_, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 3, Replace: true})
	must(t, err)
	second := w.under(township)
	if len(second) != 3 {
		t.Fatalf("%d cells, want 3", len(second))
	}
	w.publish()
	_, err = w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 5, Replace: true, Edition: 1})
	must(t, err)
	third := byID(w.under(township))
	for _, cell := range first {
		if third[cell.ID].ETag != cell.ETag {
			t.Errorf("%s did not come back as it was in edition 1", cell.Code)
		}
	}
	w.requireExact()
	if _, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 5, Replace: true, Edition: 99}); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("edition 99: %v", err)
	}
}

func TestCodesAreNeverUsedAgain(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	w.publish()
	const township = "430201002000"
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := w.draft(ctx, tx)
		if err != nil {
			return err
		}
		var ids []grids.CellID
		if err := tx.QueryRow(ctx, `SELECT array_agg(cell_id) FROM cells.of($1, $2) WHERE tier = 4 AND code LIKE '430201002%'`, w.in.ID, draft).Scan(&ids); err != nil {
			return err
		}
		return cells.End(ctx, tx, w.in, draft, ids)
	})
	_, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 2, Codes: []drawing.CodeName{{Code: "430201002003", Name: "甲"}, {Code: "430201002099", Name: "乙"}}})
	if !grids.IsKind(err, grids.Conflict) {
		t.Errorf("a retired code was taken: %v", err)
	}
	if _, err = w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 2, Codes: []drawing.CodeName{{Code: "430201002098", Name: "甲"}, {Code: "430201002099", Name: "甲"}}}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("a name was taken twice: %v", err)
	}
	_, err = w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 3})
	must(t, err)
	if got := codesOf(w.under(township)); !slices.Equal(got, []string{"430201002006", "430201002007", "430201002008"}) {
		t.Errorf("codes %v", got)
	}
}

func TestStalePlansAreRefused(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	w.publish()
	const township = "430201002000"
	var stale drawing.Plan
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := w.draft(ctx, tx)
		if err != nil {
			return err
		}
		parent, err := cells.ByCode(ctx, tx, w.in, draft, township)
		if err != nil {
			return err
		}
		r, err := drawing.Prepare(ctx, tx, w.in, draft, parent, drawing.Request{Method: drawing.Balanced, Into: 7, Replace: true})
		if err != nil {
			return err
		}
		stale, err = drawing.Make(ctx, w.in, parent, r)
		return err
	})
	_, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 4, Replace: true})
	must(t, err)
	err = w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		draft, err := w.draft(t.Context(), tx)
		if err != nil {
			return err
		}
		return drawing.Apply(t.Context(), tx, w.in, draft, grids.Local, []drawing.Plan{stale})
	})
	if !grids.IsKind(err, grids.Conflict) {
		t.Errorf("a stale plan: %v", err)
	}
}

func TestLoadsOfObjects(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	const township = "430201002000"
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM cells.version WHERE tier = 4`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, attributes, provenance)
			SELECT $1, 'enterprise', 'E' || n, 'E' || n, ST_SetSRID(ST_MakePoint(113 + $2::float8 * power(random(), 2), 27 + $2::float8 * random()), 4326), 'import',
			       jsonb_build_object('staff', (n % 7)::text), 'demo'
			FROM (SELECT setseed(0.5)) s, generate_series(1, 6000) n`, w.in.ID, landSide)
		return err
	})
	for name, load := range map[string][]drawing.LoadShare{
		"enterprises": {{Name: "enterprises", Share: 1}},
		"mix":         {{Name: "area", Share: 0.5}, {Name: "enterprises", Share: 0.3}, {Name: "enterprise.staff", Share: 0.2}},
	} {
		plan, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 4, Load: load, Replace: name == "mix" || len(w.under(township)) > 0})
		must(t, err)
		for i, q := range plan.Quality {
			if math.Abs(q.Deviation) > 0.05 || !q.Contiguous {
				t.Errorf("%s, cell %d: %+v", name, i, q)
			}
		}
	}
	w.requireExact()
	for _, load := range []drawing.LoadShare{{Name: "nonsense", Share: 1}, {Name: "monitors", Share: 1}, {Name: "area", Share: -1}, {Name: "area"}} {
		if _, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 4, Replace: true, Load: []drawing.LoadShare{load}}); !grids.IsKind(err, grids.Invalid) {
			t.Errorf("load %+v: %v", load, err)
		}
	}
}
