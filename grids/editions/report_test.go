package editions_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
)

// Conflicts that were settled are counted by township, too: by rule and by hand, by
// whom for who may read people; what is kept with the edition is the same.
func TestReportCountsDecisionsByTownship(t *testing.T) {
	t.Parallel()
	w := editionstest.New(t, databasetest.New(t), "4302", 3, 2)
	var run merge.Run
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		if err := layers.EnsureDefaults(ctx, tx, w.Territory); err != nil {
			return err
		}
		// the first column's leaves and one of the second are cut by the layer
		// none in the third
		for i, box := range [][4]float64{{0, 0, 0.5, 2}, {0.5, 0, 1, 2}, {1, 0, 1.5, 1}, {1.5, 0, 2, 1}, {1, 1, 2, 2}} {
			west, south := cellstest.At(box[0], box[1])
			east, north := cellstest.At(box[2], box[3])
			if _, err := tx.Exec(ctx, `INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
				VALUES ($1, 'environment', $2, '示例', ST_Multi(ST_MakeEnvelope($3, $4, $5, $6, 4326)), 1, 'demo')`, w.Territory, fmt.Sprint("E", i), west, south, east, north); err != nil {
				return err
			}
		}
		seq, err := editions.Draft(ctx, tx, w.In, grids.Local)
		if err != nil {
			return err
		}
		if run, err = merge.Overlay(ctx, tx, w.Territory, seq, merge.Options{}, "test"); err != nil {
			return err
		}
		for _, by := range []struct {
			who    string
			filter merge.Filter
		}{{"planner A", merge.Filter{Kind: merge.Split, Within: "430201"}}, {"planner B", merge.Filter{Kind: merge.Gap}}} {
			if _, _, err := merge.SettleMany(ctx, tx, w.Territory, run.ID, by.filter, merge.Decision{Resolution: merge.KeepBase, By: by.who, Reason: "x"}); err != nil {
				return err
			}
		}
		_, err = merge.Settle(ctx, tx, w.Territory, run.ID, []merge.Rule{{Kind: merge.Nested, Resolution: merge.KeepBase}, {Kind: merge.NoneAccountable, Resolution: "accept-acting"}})
		return err
	})
	said := func(who grids.Principal, seq grids.EditionID) (all, byTown string) {
		t.Helper()
		if err := w.DB.Read(t.Context(), who, func(tx pgx.Tx) error {
			r, err := editions.ReadReport(t.Context(), tx, w.In, seq)
			for _, d := range r.Decisions {
				all += fmt.Sprint(d.Kind, " ", d.By, " ", d.Count, "; ")
			}
			for _, town := range r.Settled {
				byTown += fmt.Sprint(town.Code, " ", town.Name, ": ")
				for _, d := range town.Decisions {
					byTown += fmt.Sprint(d.Kind, " ", d.By, " ", d.Count, "; ")
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return all, byTown
	}
	all, byTown := said(grids.Local, 2)
	if want := "none-accountable rule 2: accept-acting 6; nested rule 1: keep-base-boundary 1; gap planner B 2; split planner A 2; "; all != want {
		t.Errorf("in all %s, want %s", all, want)
	}
	want := "430201000000 示例县1: none-accountable rule 2: accept-acting 2; split planner A 2; " +
		"430202000000 示例县2: none-accountable rule 2: accept-acting 2; nested rule 1: keep-base-boundary 1; " +
		"430203000000 示例县3: none-accountable rule 2: accept-acting 2; gap planner B 2; "
	if byTown != want {
		t.Errorf("by township %s, want %s", byTown, want)
	}
	w.Publish()
	if _, kept := said(grids.Local, 2); kept != byTown {
		t.Errorf("kept %s, of the draft %s", kept, byTown)
	}
	all, byTown = said(grids.Principal{Role: grids.RoleAgency, Territory: w.Territory}, 2)
	if want := "none-accountable rule 2: accept-acting 6; nested rule 1: keep-base-boundary 1; gap  2; split  2; "; all != want || byTown == "" || byTown == want {
		t.Errorf("an agency reads %s and %s", all, byTown)
	}
}

// Who answered for a cell that ends loses it, and the report says so.
func TestReportNamesWhoLosesACellThatEnds(t *testing.T) {
	t.Parallel()
	w := editionstest.New(t, databasetest.New(t), "4302", 2, 3)
	gone, kept := w.Now(w.Leaf(1, 2)), w.Now(w.Leaf(1, 3))
	var loser grids.PersonID
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `WITH p AS (
			  INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'F1', '示例人员', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, $2, 'accountable', tstzrange('2020-01-01', NULL), 'test' FROM p RETURNING person_id`, w.Territory, gone.ID).Scan(&loser)
	})
	edit(t, w, drawing.Edit{Op: drawing.Merge, Cells: []cells.Base{base(gone), base(kept)}, Keep: kept.ID})
	check := func(when string) {
		t.Helper()
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			r, err := editions.ReadReport(ctx, tx, w.In, 2)
			if err != nil {
				return err
			}
			found := 0
			for _, town := range r.Towns {
				for _, x := range town.Changes {
					if x.UID == fmt.Sprint(gone.ID) {
						found++
						if x.Op != "merged" || x.Was == nil || *x.Was != loser || x.Is != nil {
							t.Errorf("%s: %+v, was %v, is %v", when, x.Change, x.Was, x.Is)
						}
					}
				}
			}
			if found != 1 || r.People != 1 || r.Names[loser] != "示例人员" {
				t.Errorf("%s: the cell is there %d times, %d people, names %v", when, found, r.People, r.Names)
			}
			return nil
		})
	}
	check("draft")
	w.Publish()
	check("published")
}
