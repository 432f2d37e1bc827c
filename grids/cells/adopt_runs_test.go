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

// TestAdoptInRuns takes in more cells than are in memory at a time: two counties
// side by side of 100 townships of 36 villages each, in any order.
func TestAdoptInRuns(t *testing.T) {
	t.Parallel()
	const side = 0.2
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
	villages := func() []row {
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
					var towns []row
					for i := range 200 {
						x, y := float64(i/100*60+i%10*6)*side, float64(i%100/10*6)*side
						towns = append(towns, row{fmt.Sprintf("4302%02d%03d000", i/100+1, i%100+1), fmt.Sprint("t", i), town(x, y)})
					}
					if _, err := cells.Adopt(t.Context(), tx, territory, edition, intake(t, tx, territory, 3, towns), cells.AdoptOptions{}); err != nil {
						return err
					}
				}
				list := villages()
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
