package editions_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
)

// Unifying by a rule that takes a layer's lines moves the unified ones: what is
// published has them, partitions the same parents, and disputes nothing.
func TestUnifyMovesLines(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	w := cellstest.New(t, db, "4302", 1, 2)
	rules, err := merge.ParseRules(strings.NewReader(`[
		{"kind":"split","resolution":"adopt-layer-boundary","reason":{"zh":"以条线为准","en":"as the layer has it"}},
		{"kind":"boundary-mismatch","resolution":"adopt-layer-boundary","reason":{"zh":"以条线为准","en":"as the layer has it"}},
		{"kind":"none-accountable","resolution":"accept-acting","reason":{"zh":"代管","en":"acting"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	inTx(t, db, func(tx pgx.Tx) {
		fatal(t, layers.EnsureDefaults(t.Context(), tx, w.Territory))
		_, err := tx.Exec(t.Context(), `
			WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'S1', '示例人员 0001', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, v.cell_id, 'accountable', tstzrange('2020-01-01', NULL), 'test' FROM p, cells.of($1, 1) v WHERE v.tier = 1`, w.Territory)
		fatal(t, err)
		_, err = tx.Exec(t.Context(), `
			INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
			SELECT $1, 'environment', 'E' || n, '示例', ST_Multi(ST_MakeEnvelope($2::float8, CASE n WHEN 1 THEN $3::float8 ELSE $3::float8 + 0.7 * $4::float8 END, $2::float8 + $4::float8, CASE n WHEN 1 THEN $3::float8 + 0.7 * $4::float8 ELSE $3::float8 + 2 * $4::float8 END, 4326)), 1, 'demo'
			FROM generate_series(1, 2) n`, w.Territory, cellstest.West, cellstest.South, cellstest.Step)
		fatal(t, err)
	})
	var u editions.Unified
	inTx(t, db, func(tx pgx.Tx) {
		territory, err := cells.FindTerritory(t.Context(), tx, string(w.Root()))
		fatal(t, err)
		u, err = editions.Unify(t.Context(), tx, territory, grids.Local, editions.Wish{Rules: &merge.RuleList{Rules: rules}, Publish: true, Note: "test"})
		fatal(t, err)
	})
	if u.Edition == nil || u.Drawn.Changed != 2 || u.Drawn.Created != 0 || len(u.Blocking) != 0 {
		t.Fatalf("%+v", u)
	}
	for _, kind := range u.Conflicts {
		if kind.Kind == merge.Split || kind.Kind == merge.Mismatch {
			t.Errorf("lines are still in dispute: %+v", kind)
		}
	}
	inTx(t, db, func(tx pgx.Tx) {
		var off, overlap float64
		fatal(t, tx.QueryRow(t.Context(), `
			SELECT max(ST_Area(ST_SymDifference(v.geom, c.geom)) / ST_Area(c.geom)),
			  (SELECT ST_Area(ST_SymDifference(ST_Union(l.geom), (SELECT p.geom FROM cells.of($1, $2) p WHERE p.tier = 2))) FROM cells.leaves($1, $2) l)
			FROM cells.leaves($1, $2) v
			JOIN layers.cell c ON c.territory_id = $1 AND c.code = CASE WHEN v.code = $3 THEN 'E1' ELSE 'E2' END`,
			w.Territory, u.Edition.Seq, w.Leaf(1, 1)).Scan(&off, &overlap))
		if off > 2e-5 || overlap > 0 { // 1e-7 degrees of 0.007
			t.Errorf("published leaves differ from the layer's cells by %g, their union from the parent by %g", off, overlap)
		}
	})
}

// Without a wish the territory's saved rules settle, and where it has saved none,
// nothing does; decisions say which list or file they are by.
func TestUnifyByWhichRules(t *testing.T) {
	t.Parallel()
	acting := []merge.Rule{{Kind: merge.NoneAccountable, Resolution: "accept-acting", Reason: grids.Text{ZH: "代管", EN: "acting"}}}
	for _, test := range []struct {
		name  string
		saved bool
		wish  *merge.RuleList
		want  string
	}{
		{"none at all", false, nil, "0 rules, version 0, file \"\", 2 block; decisions: "},
		{"saved ones", true, nil, "1 rules, version 1, file \"\", 0 block; decisions: v1 , v1 , "},
		{"a file", false, &merge.RuleList{Rules: acting, File: "own.json"}, "1 rules, version 0, file \"own.json\", 0 block; decisions: v0 own.json, v0 own.json, "},
		{"a file in spite of saved ones", true, &merge.RuleList{Rules: acting, File: "own.json"}, "1 rules, version 0, file \"own.json\", 0 block; decisions: v0 own.json, v0 own.json, "},
		{"an empty file in spite of saved ones", true, &merge.RuleList{File: "none.json"}, "0 rules, version 0, file \"none.json\", 2 block; decisions: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := editionstest.New(t, databasetest.New(t), "4302", 1, 2)
			w.Tx(func(ctx context.Context, tx pgx.Tx) error {
				if err := layers.EnsureDefaults(ctx, tx, w.Territory); err != nil {
					return err
				}
				west, south := cellstest.At(0, 0)
				east, north := cellstest.At(1, 2)
				if _, err := tx.Exec(ctx, `INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
					VALUES ($1, 'safety', 'S1', '示例', ST_Multi(ST_MakeEnvelope($2, $3, $4, $5, 4326)), 1, 'demo')`, w.Territory, west, south, east, north); err != nil {
					return err
				}
				if test.saved {
					if _, err := merge.SaveRules(ctx, tx, w.Territory, acting, 0, "planner"); err != nil {
						return err
					}
				}
				u, err := editions.Unify(ctx, tx, w.In, grids.Local, editions.Wish{Rules: test.wish})
				if err != nil {
					return err
				}
				got := fmt.Sprintf("%d rules, version %d, file %q, %d block; decisions: ", u.Rules.Count, u.Rules.Version, u.Rules.File, len(u.Blocking))
				list, err := merge.List(ctx, tx, w.Territory, u.Run.ID, merge.Filter{}, merge.Page{})
				if err != nil {
					return err
				}
				for _, c := range list {
					events, err := merge.History(ctx, tx, w.Territory, c.ID)
					if err != nil {
						return err
					}
					for _, e := range events {
						got += fmt.Sprintf("v%d %s, ", e.RulesVersion, e.RulesFile)
					}
				}
				if got != test.want {
					t.Errorf("%s\nwant %s", got, test.want)
				}
				return nil
			})
		})
	}
}

// A layer whose crosswalk is in force can't fall out of it by being left out of a
// merge; and what conflicts touch, and how severe they are, doesn't grow by
// publishing, which writes the leads of layers.
func TestUnifyLosesNoLayer(t *testing.T) {
	t.Parallel()
	w := editionstest.New(t, databasetest.New(t), "4302", 1, 2)
	var acting []merge.Rule
	for _, kind := range []merge.Kind{merge.TwoAccountable, merge.NoneAccountable} {
		acting = append(acting, merge.Rule{Kind: kind, Resolution: "accept-acting", Reason: grids.Text{ZH: "代管", EN: "acting"}})
	}
	unify := func(layers ...grids.LayerCode) (u editions.Unified, err error) {
		return u, w.Try(func(ctx context.Context, tx pgx.Tx) error {
			u, err = editions.Unify(ctx, tx, w.In, grids.Local, editions.Wish{Rules: &merge.RuleList{Rules: acting}, Layers: layers, Publish: true})
			return err
		})
	}
	said := func(u editions.Unified) (text string) {
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			list, err := merge.List(ctx, tx, w.Territory, u.Run.ID, merge.Filter{}, merge.Page{})
			for _, c := range list {
				text += fmt.Sprint(c.Kind, " ", c.Cell, " ", c.Severity, " ", c.Touches, " ", c.People, "; ")
			}
			return err
		})
		return text
	}
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		if err := layers.EnsureDefaults(ctx, tx, w.Territory); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) SELECT $1, s, '示例人员', 'demo' FROM unnest('{S1,S2,E1}'::text[]) s RETURNING id, staff_no)
			INSERT INTO layers.cell (territory_id, layer, code, name, person_id, geom, area_m2, provenance)
			SELECT $1, CASE p.staff_no WHEN 'E1' THEN 'environment' ELSE 'safety' END, p.staff_no, '示例', p.id,
			  ST_Multi(ST_MakeEnvelope($2::float8, $3::float8 + CASE p.staff_no WHEN 'S2' THEN 0.7 ELSE 0 END * $4::float8, $2::float8 + $4::float8, $3::float8 + CASE p.staff_no WHEN 'S1' THEN 0.7 ELSE 2 END * $4::float8, 4326)), 1, 'demo'
			FROM p`, w.Territory, cellstest.West, cellstest.South, cellstest.Step)
		return err
	})
	first, err := unify()
	if err != nil || first.Edition == nil {
		t.Fatalf("%+v, %v", first, err)
	}
	before := said(first)
	var refused *grids.Error
	if u, err := unify("safety"); !errors.As(err, &refused) || !strings.Contains(refused.Message.EN, "left out of the merge") {
		t.Errorf("one layer only: %+v, %v", u, err)
	}
	again, err := unify()
	if err != nil || again.Edition == nil {
		t.Fatalf("%+v, %v", again, err)
	}
	if after := said(again); after != before || before == "" {
		t.Errorf("after publishing\n%s, before\n%s", after, before)
	}
}
