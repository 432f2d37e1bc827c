package editions_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
)

// TestPublishingWithinASubtree: who is bound to a county changes and publishes
// cells of it, and neither publishes nor throws away what others changed.
func TestPublishingWithinASubtree(t *testing.T) {
	t.Parallel()
	w := editionstest.New(t, databasetest.New(t), "4302", 2, 2)
	county := grids.Principal{Name: "c", Role: grids.RolePlanner, Territory: w.In.ID, Within: []string{"430201"}}
	rename := func(who grids.Principal, code grids.Code) error {
		return w.DB.Tx(t.Context(), who, func(tx pgx.Tx) error {
			if _, err := editions.Draft(t.Context(), tx, w.In, who); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `
				WITH old AS (UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND code = $2 AND to_edition IS NULL RETURNING *)
				INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
				SELECT territory_id, cell_id, 2, code, name || '新', tier, parent_id, geom, area_m2, label, provenance FROM old`, w.In.ID, code)
			return err
		})
	}
	publish := func(who grids.Principal) error {
		return w.DB.Tx(t.Context(), who, func(tx pgx.Tx) error {
			_, err := editions.Publish(t.Context(), tx, w.In, who, "")
			return err
		})
	}
	refused := func(err error, place string) {
		t.Helper()
		if !grids.IsKind(err, grids.Forbidden) || !strings.Contains(err.Error(), place) {
			t.Errorf("want a refusal that names %s: %v", place, err)
		}
	}
	refused(rename(county, w.Leaf(2, 1)), string(w.Leaf(2, 1)))
	if err := rename(county, w.Leaf(1, 1)); err != nil {
		t.Fatal(err)
	}
	if err := rename(grids.Principal{Name: "g", Role: grids.RoleGIS}, w.Leaf(2, 2)); err != nil {
		t.Fatal(err)
	}
	refused(publish(county), string(w.Leaf(2, 2)))
	refused(w.DB.Tx(t.Context(), county, func(tx pgx.Tx) error { return editions.Discard(t.Context(), tx, w.In) }), string(w.Leaf(2, 2)))
	refused(publish(grids.Principal{Name: "g", Role: grids.RoleGIS}), "draft.publish")
	if err := w.DB.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error { return editions.Discard(t.Context(), tx, w.In) }); err != nil {
		t.Fatal(err)
	}
	if err := rename(county, w.Leaf(1, 1)); err != nil {
		t.Fatal(err)
	}
	if err := publish(county); err != nil {
		t.Fatal(err)
	}
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		now, err := editions.Newest(ctx, tx, w.In)
		if now != 2 {
			t.Errorf("edition %d is in force", now)
		}
		return err
	})
}
