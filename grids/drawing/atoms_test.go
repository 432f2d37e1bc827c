package drawing_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

func TestAtomsComeUnderNewTownships(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	w.publish()
	const county = "430201000000"
	villages := map[grids.CellID]cells.Cell{}
	townships := w.under(county)
	for _, township := range townships {
		for _, v := range w.under(township.Code) {
			villages[v.ID] = v
		}
	}
	if _, err := w.draw(county, drawing.Request{Method: drawing.Balanced, Into: 4, Replace: true}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("townships with villages: %v", err)
	}
	for _, into := range []int{4, 2} {
		plan, err := w.draw(county, drawing.Request{Method: drawing.Balanced, Into: into, Replace: true, Atoms: 4})
		must(t, err)
		if now := w.under(county); len(now) != into {
			t.Fatalf("%d townships, want %d", len(now), into)
		}
		for _, q := range plan.Quality {
			if !q.Contiguous {
				t.Errorf("into %d: a township in %d parts", into, q.Parts)
			}
		}
		found, moved := 0, 0
		for _, township := range w.under(county) {
			for _, v := range w.under(township.Code) {
				old, ok := villages[v.ID]
				if !ok || !v.Geom.Equal(old.Geom) || v.Name != old.Name {
					t.Errorf("village %s is not what it was", v.Code)
				}
				if w.in.Scheme.Parent(v.Code, 4) != township.Code {
					t.Errorf("village %s is under %s", v.Code, township.Code)
				}
				found++
				if v.Code != old.Code {
					moved++
				}
			}
		}
		if found != len(villages) {
			t.Errorf("%d villages, want %d", found, len(villages))
		}
		if moved == 0 || moved > 12 {
			t.Errorf("into %d: %d of %d villages have another code", into, moved, found)
		}
		w.requireExact()
	}
	w.publish()
	var aliases int
	w.tx(func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT cell_id FROM cells.version WHERE tier = 4 GROUP BY cell_id HAVING count(DISTINCT code) > 1) x`).Scan(&aliases)
	})
	if aliases == 0 {
		t.Error("no village has an alias")
	}
}

func TestVillagesMerge(t *testing.T) {
	t.Parallel()
	w := newLand(t)
	w.publish()
	const township = "430201002000"
	before := byID(w.under(township))
	plan, err := w.draw(township, drawing.Request{Method: drawing.Balanced, Into: 2, Replace: true, Atoms: 4})
	must(t, err)
	after := w.under(township)
	if len(after) != 2 || len(plan.Ended) != 3 {
		t.Fatalf("%d villages, %d ended", len(after), len(plan.Ended))
	}
	for _, v := range after {
		if old, ok := before[v.ID]; !ok || old.Code != v.Code {
			t.Errorf("%s goes on from none", v.Code)
		}
	}
	w.requireExact()
}
