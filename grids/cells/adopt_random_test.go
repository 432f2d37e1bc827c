package cells_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/grids/cells"
	"unigrid/grids/database"
)

// divided cuts a rectangle at random into n, on lines of whole thousandths.
func divided(t *rapid.T, x1, y1, x2, y2, n int) [][4]int {
	if n <= 1 || x2-x1 < 2 && y2-y1 < 2 {
		return [][4]int{{x1, y1, x2, y2}}
	}
	if x2-x1 >= y2-y1 {
		at := rapid.IntRange(x1+1, x2-1).Draw(t, "x")
		return append(divided(t, x1, y1, at, y2, n/2), divided(t, at, y1, x2, y2, n-n/2)...)
	}
	at := rapid.IntRange(y1+1, y2-1).Draw(t, "y")
	return append(divided(t, x1, y1, x2, at, n/2), divided(t, x1, at, x2, y2, n-n/2)...)
}

// townsOf gives the towns of one county of a random file: some of seven codes,
// each with a name of its own.
func townsOf(t *rapid.T, county string, x1, x2 int) (rows []row) {
	pieces := divided(t, x1, 0, x2, 10, rapid.IntRange(1, 4).Draw(t, "towns"))
	codes := rapid.Permutation([]int{1, 2, 3, 4, 5, 6, 7}).Draw(t, "codes")
	names := rapid.Permutation([]string{"甲", "乙", "丙", "丁", "戊"}).Draw(t, "names")
	for i, p := range pieces {
		rows = append(rows, row{fmt.Sprintf("%s%03d000", county, codes[i]), names[i] + "镇", box(float64(p[0]), float64(p[1]), float64(p[2]), float64(p[3]))})
	}
	return rows
}

// shaken moves every corner of every row by up to 3 cm, apart from its neighbours'.
func shaken(rows []row, seed uint64) []row {
	random := rand.New(rand.NewPCG(seed, 3))
	out := make([]row, len(rows))
	for i, r := range rows {
		ring := r.geom.(orb.Polygon)[0].Clone()
		for k := range ring[:len(ring)-1] {
			ring[k][0] += (2*random.Float64() - 1) * 0.03 * metre
			ring[k][1] += (2*random.Float64() - 1) * 0.03 * metre
		}
		ring[len(ring)-1] = ring[0]
		out[i] = row{r.code, r.name, orb.Polygon{ring}}
	}
	return out
}

// TestAdoptRandomAgain imports random files of towns one after another. After
// each the draft has exactly the file's codes, names and shapes, in an exact
// partition; the same file again changes nothing, and undoing gives what was
// there before.
func TestAdoptRandomAgain(t *testing.T) {
	t.Parallel()
	a := newAgain(t)
	counties, _ := twoCounties()
	if _, _, err := a.adopt(t, 2, cells.AdoptOptions{}, counties...); err != nil {
		t.Fatal(err)
	}
	type step struct {
		batch  int64
		before string
	}
	var stack []step
	border := 20 // between the counties, in thousandths
	rapid.Check(t, func(rt *rapid.T) {
		if len(stack) > 0 && rapid.IntRange(0, 3).Draw(rt, "undo") == 0 {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			a.undo(t, last.batch)
			if got := a.state(t); got != last.before {
				rt.Fatalf("undo of %d gives\n%s\nwant\n%s", last.batch, got, last.before)
			}
			border = a.border(t)
			return
		}
		o := cells.AdoptOptions{RetireMissing: true, ReplaceParents: rapid.Bool().Draw(rt, "replace parents")}
		at := border
		if o.ReplaceParents {
			at = rapid.IntRange(15, 25).Draw(rt, "border")
		}
		rows := append(townsOf(rt, "430202", 0, at), townsOf(rt, "430203", at, 40)...)
		sent := rows
		if rapid.Bool().Draw(rt, "shaken") {
			sent = shaken(rows, rapid.Uint64().Draw(rt, "seed"))
		}
		before := a.state(t)
		batch, report, err := a.adopt(t, 3, o, sent...)
		if err != nil {
			rt.Fatal(told(err))
		}
		if report.Different > 0 {
			stack, border = append(stack, step{batch, before}), at
		} else if a.state(t) != before {
			rt.Fatal("nothing is said to differ, and something does")
		}
		a.holds(t, rt, rows)
		after := a.state(t)
		if _, report, err := a.adopt(t, 3, o, sent...); err != nil || report.Unchanged != len(rows) || report.Different != 0 || a.state(t) != after {
			rt.Fatalf("again: %v %+v", err, report)
		}
	})
}

// border is how far the first county reaches, in thousandths of a degree.
func (a again) border(t *testing.T) (at int) {
	t.Helper()
	read(t, a.db, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT round((ST_XMax(geom) - 113) * 1000) FROM cells.of($1, $2) WHERE code = '430202000000'`, a.territory.ID, a.edition).Scan(&at)
	})
	return at
}

// holds tells that the towns of the draft are the rows: exactly these names, and
// the shapes but for what 10 cm along their boundaries hold.
func (a again) holds(t *testing.T, rt *rapid.T, rows []row) {
	t.Helper()
	read(t, a.db, func(tx pgx.Tx) error {
		found, checked, err := cells.Check(t.Context(), tx, a.territory, a.edition)
		if err != nil || checked == 0 || len(found) > 0 {
			rt.Fatalf("%v %+v", err, found)
		}
		var n int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM cells.of($1, $2) WHERE tier = 3`, a.territory.ID, a.edition).Scan(&n); err != nil {
			return err
		}
		if n != len(rows) {
			rt.Errorf("%d towns, want %d", n, len(rows))
		}
		for _, r := range rows {
			geom, err := database.Geometry(r.geom)
			if err != nil {
				return err
			}
			var name string
			width := math.Inf(1)
			if err := tx.QueryRow(t.Context(), `
				SELECT name, ST_Area(ST_Transform(ST_SymDifference(geom, g), 4547)) / ST_Perimeter(ST_Transform(g, 4547))
				FROM cells.of($1, $2), ST_GeomFromEWKB($4) g WHERE code = $3`, a.territory.ID, a.edition, r.code, geom).Scan(&name, &width); err != nil {
				rt.Fatalf("%s: %v", r.code, err)
			}
			if name != r.name || width > 0.1 {
				rt.Errorf("%s is %s, %.3f m beside what was sent; want %s", r.code, name, width, r.name)
			}
		}
		return nil
	})
}
