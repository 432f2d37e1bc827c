package cells_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
)

// TestCheckDisplayFindsWhatIsWrong breaks what maps show, in each of the ways
// there are, and sees it found.
func TestCheckDisplayFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const left = `code = '430202000000'`
	for _, test := range []struct {
		name, shape, of string // what stands for geom of the shapes that a condition names
		want            []string
	}{
		{"nothing", `geom`, `false`, nil},
		{"a gap inside", `ST_Multi(ST_Difference(geom, ST_Buffer(ST_Transform(ST_Point(113.01, 27.005, 4326), 3857), 10, 'quad_segs=1')))`, `band = 0 AND ` + left, []string{"gap"}},
		{"a wedge that opens to the outside", `ST_Multi(ST_Difference(geom, ST_Transform(ST_GeomFromText('POLYGON((113.01 27, 113.01 27.01, 113.0099 27, 113.01 27))', 4326), 3857)))`, `band = 1 AND ` + left, []string{"gap"}},
		{"an overlap", `ST_Multi(ST_Union(geom, ST_Buffer(ST_Transform(ST_Point(113.01, 27.005, 4326), 3857), 10, 'quad_segs=1')))`, `band = 0 AND ` + left, []string{"gap", "overlap"}},
		{"a shape moved", `ST_Translate(geom, 0, 1)`, `band = 2 AND tier = 1`, []string{"differs", "gap"}},
		{"a bow tie", `ST_Multi(ST_GeomFromText('POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))', 3857))`, `band = 0 AND tier = 1`, []string{"gap", "invalid"}},
		{"a cell that is not shown", `NULL`, `band = 1 AND ` + left, []string{"missing"}},
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
				if err := cells.MakeDisplay(t.Context(), tx, territory, edition); err != nil {
					return err
				}
				for _, statement := range []string{`SET CONSTRAINTS ALL DEFERRED`,
					`UPDATE editions.edition SET state = 'published', effective = clock_timestamp(), published_by = 'test'`,
					`WITH old AS (DELETE FROM cells.display WHERE ` + test.of + ` RETURNING *)
					INSERT INTO cells.display SELECT territory_id, edition, band, cell_id, tier, code, name, provenance, n.geom, label
					FROM old CROSS JOIN LATERAL (SELECT ` + test.shape + ` AS geom) n WHERE n.geom IS NOT NULL`} {
					if _, err := tx.Exec(t.Context(), statement); err != nil {
						return err
					}
				}
				found, checked, err := cells.CheckDisplay(t.Context(), tx, territory, edition)
				if err != nil {
					return err
				}
				if checked < 8 {
					t.Errorf("%d shapes checked", checked)
				}
				var kinds []string
				databasetest.InBothLanguages(t, found)
				for _, f := range found {
					kinds = append(kinds, f.Kind)
					if f.Code == "" || f.Lon == nil || f.Lat == nil {
						t.Errorf("no code or place: %+v", f)
					}
				}
				slices.Sort(kinds)
				if kinds = slices.Compact(kinds); !slices.Equal(kinds, test.want) {
					t.Errorf("found %v, want %v", kinds, test.want)
				}
				return errDone
			})
			if err != errDone {
				t.Error(err)
			}
		})
	}
}
