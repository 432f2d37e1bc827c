package cells_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
)

// side is of the villages of TestAdoptInRuns, in thousandths of a degree.
const side = 0.2

// manyTowns are two counties side by side of 100 townships each.
func manyTowns() []row {
	// town is a square of 6 by 6 villages with their corners.
	town := func(x, y float64) orb.Polygon {
		var ring orb.Ring
		for _, way := range [][4]float64{{0, 0, 1, 0}, {6, 0, 0, 1}, {6, 6, -1, 0}, {0, 6, 0, -1}} {
			for n := range 6 {
				ring = append(ring, box(x+(way[0]+float64(n)*way[2])*side, y+(way[1]+float64(n)*way[3])*side, 0, 0)[0][0])
			}
		}
		return orb.Polygon{append(ring, ring[0])}
	}
	var list []row
	for i := range 200 {
		x, y := float64(i/100*60+i%10*6)*side, float64(i%100/10*6)*side
		list = append(list, row{fmt.Sprintf("4302%02d%03d000", i/100+1, i%100+1), fmt.Sprint("t", i), town(x, y)})
	}
	return list
}

// manyVillages are 36 villages in each of manyTowns.
func manyVillages() []row {
	var list []row
	for county := range 2 {
		for town := range 100 {
			for village := range 36 {
				x := float64(county*60+town%10*6+village%6) * side
				y := float64(town/10*6+village/6) * side
				list = append(list, row{fmt.Sprintf("4302%02d%03d%03d", county+1, town+1, village+1), fmt.Sprint("v", village), box(x, y, x+side, y+side)})
			}
		}
	}
	return list
}

// TestAdoptInRuns takes in more cells than are in memory at a time, in any order.
func TestAdoptInRuns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		spoil  func(list []row)
		kinds  []string // of findings, but for made parents
		fitted bool     // to parents that are there
	}{
		{"exact", func([]row) {}, nil, false},
		{"within parents that are there", func([]row) {}, nil, true},
		{"villages of two counties overlap", func(list []row) {
			border := 60 * side
			list[3600].geom = box(border-side/2, 0, border+side, side)
		}, []string{"overlap", "t-junction"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				territory, edition := create(t, tx, "4302", 4547, grids.CodeScheme{Lengths: []int{4, 6, 9, 12}, PadTo: 12})
				if test.fitted {
					if _, err := cells.Adopt(t.Context(), tx, territory, edition, intake(t, tx, territory, 3, manyTowns()), cells.AdoptOptions{}); err != nil {
						return err
					}
				}
				list := manyVillages()
				test.spoil(list)
				rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				report, err := cells.Adopt(t.Context(), tx, territory, edition, intake(t, tx, territory, 4, list), cells.AdoptOptions{})
				if err != nil {
					return err
				}
				var kinds []string
				made := 0
				for _, f := range report.Findings {
					if f.Kind == "parent-made" {
						made++
					} else {
						kinds = append(kinds, f.Kind)
					}
				}
				wantMade := 202
				if test.fitted {
					wantMade = 0
				}
				if !slices.Equal(kinds, test.kinds) || made != wantMade || report.Cells != len(list) {
					t.Errorf("findings %v, want %v; %d parents made, %d cells", kinds, test.kinds, made, report.Cells)
				}
				var tiers []int
				if err := tx.QueryRow(t.Context(), `SELECT array_agg(n ORDER BY tier) FROM (SELECT tier, count(*) AS n FROM cells.of($1, $2) GROUP BY tier) c`,
					territory.ID, edition).Scan(&tiers); err != nil {
					return err
				}
				if want := []int{1, 2, 200, 7200}; !slices.Equal(tiers, want) {
					t.Errorf("%v cells by tier, want %v", tiers, want)
				}
				checkPartition(t, tx, territory, edition)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestAdoptAgainInRuns changes a border in every town of a tier that is larger than
// what is in memory at a time.
func TestAdoptAgainInRuns(t *testing.T) {
	t.Parallel()
	// bent gives the border to the east or west of a village a bend to the east.
	bent := func(r row, x float64) row {
		ring := r.geom.(orb.Polygon)[0]
		var out orb.Ring
		for k, p := range ring {
			if q := ring[max(k-1, 0)]; k > 0 && p[0] == x && q[0] == x {
				out = append(out, orb.Point{x + 2e-5, (p[1] + q[1]) / 2})
			}
			out = append(out, p)
		}
		r.geom = orb.Polygon{out}
		return r
	}
	for _, test := range []struct {
		name    string
		spoil   func(list []row)
		kinds   []string
		changed int
	}{
		{"exact", func([]row) {}, nil, 400},
		{"one village is as it was and gets what both claim", func(list []row) { list[3608] = manyVillages()[3608] }, []string{"overlap"}, 398},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				territory, edition := create(t, tx, "4302", 4547, grids.CodeScheme{Lengths: []int{4, 6, 9, 12}, PadTo: 12})
				if _, err := cells.Adopt(t.Context(), tx, territory, edition, intake(t, tx, territory, 3, manyTowns()), cells.AdoptOptions{}); err != nil {
					return err
				}
				if _, err := cells.Adopt(t.Context(), tx, territory, edition, intake(t, tx, territory, 4, manyVillages()), cells.AdoptOptions{}); err != nil {
					return err
				}
				list := manyVillages()
				for town := range 200 {
					west, east := &list[town*36+7], &list[town*36+8]
					border := east.geom.(orb.Polygon)[0][0][0]
					*west, *east = bent(*west, border), bent(*east, border)
				}
				test.spoil(list)
				rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				for _, changed := range []int{test.changed, 0} {
					report, err := cells.Adopt(t.Context(), tx, territory, edition, intake(t, tx, territory, 4, list), cells.AdoptOptions{})
					if err != nil {
						return err
					}
					var kinds []string
					for _, f := range report.Findings {
						kinds = append(kinds, f.Kind)
					}
					if !slices.Equal(kinds, test.kinds) || report.Changed != changed || report.Cells != changed || report.Unchanged != len(list)-changed || len(report.Differences) != changed {
						t.Errorf("findings %v, want %v; %d changed, %d cells, %d unchanged, %d differences", kinds, test.kinds, report.Changed, report.Cells, report.Unchanged, len(report.Differences))
					}
					if !slices.IsSortedFunc(report.Differences, func(d, e grids.Difference) int { return d.Row - e.Row }) {
						t.Error("the differences are not by row")
					}
					checkPartition(t, tx, territory, edition)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
