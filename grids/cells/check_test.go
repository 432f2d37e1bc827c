package cells_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
)

// errDone rolls a test's transaction back.
var errDone = errors.New("done")

// TestCheckFindsOneStep breaks an exact partition by one step of the lattice,
// in each of the ways there are, and sees it found.
func TestCheckFindsOneStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, change string
		want         string // among the kinds found
	}{
		{"nothing", `SELECT 1`, ""},
		{"a gap", `UPDATE cells.version SET geom = ST_Multi(ST_Difference(geom, ST_MakeEnvelope(113.0099999, 27, 113.02, 27.01, 4326))) WHERE code = '430202000000'`, "parent-uncovered"},
		{"an overlap", `UPDATE cells.version SET geom = ST_Multi(ST_Union(geom, ST_MakeEnvelope(113.01, 27, 113.0100001, 27.01, 4326))) WHERE code = '430202000000'`, "overlap"},
		{"out of the parent", `UPDATE cells.version SET geom = ST_Multi(ST_Union(geom, ST_MakeEnvelope(112.9999999, 27, 113, 27.01, 4326))) WHERE code = '430202000000'`, "outside-parent"},
		{"a parent larger than its children", `UPDATE cells.version SET geom = ST_Multi(ST_Union(geom, ST_MakeEnvelope(113, 27.01, 113.02, 27.0100001, 4326))) WHERE tier = 1`, "parent-uncovered"},
		{"a vertex that the parent lacks", `UPDATE cells.version SET geom = ST_Multi(ST_MakePolygon(ST_AddPoint(ST_ExteriorRing(ST_GeometryN(geom, 1)),
			ST_LineInterpolatePoint(ST_MakeLine(ST_StartPoint(ST_ExteriorRing(ST_GeometryN(geom, 1))), ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 2)), 0.5), 1))) WHERE code = '430202000000'`, "not-on-parent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				territory, edition := create(t, tx, "4302", 4547, grids.GB12)
				batch := intake(t, tx, territory, 2, []row{{"430202000000", "a", box(0, 0, 10, 10)}, {"430203000000", "b", box(10, 0, 20, 10)}})
				if _, err := cells.Adopt(t.Context(), tx, territory, edition, batch, cells.AdoptOptions{}); err != nil {
					return err
				}
				if _, err := tx.Exec(t.Context(), test.change); err != nil {
					return err
				}
				found, _, err := cells.Check(t.Context(), tx, territory, edition)
				if err != nil {
					return err
				}
				changed, _, err := cells.CheckChanged(t.Context(), tx, territory, edition)
				if err != nil {
					return err
				}
				if !reflect.DeepEqual(changed, found) {
					t.Errorf("what changed has %+v, all has %+v", changed, found)
				}
				databasetest.InBothLanguages(t, found)
				var kinds []string
				for _, f := range found {
					kinds = append(kinds, f.Kind)
					if f.Code == "" || f.Lon == nil {
						t.Errorf("no code or place: %+v", f)
					}
				}
				if test.want == "" && len(kinds) > 0 || test.want != "" && !slices.Contains(kinds, test.want) {
					t.Errorf("found %v, want %q", kinds, test.want)
				}
				return errDone
			})
			if !errors.Is(err, errDone) {
				t.Error(err)
			}
		})
	}
}
