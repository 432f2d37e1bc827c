package cells_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

const metre = 1 / 111320.0 // in degrees of latitude

// dirtyRow is a polygon as somebody might send it.
type dirtyRow struct {
	code   string
	shape  orb.MultiPolygon
	locked bool
}

// sheet draws a clean coverage of columns × rows cells with bent edges, each
// about 200 m wide, and its outline.
func sheet(t *rapid.T, columns, rows int) (list []dirtyRow, outline orb.MultiPolygon) {
	const step = 0.002
	const bends = 3 // pieces of an edge
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shake"), 1))
	shake := func() float64 { return (random.Float64() - 0.5) * 0.6 * step / bends }
	points := map[[2]int]orb.Point{}
	at := func(x, y int) orb.Point {
		p, ok := points[[2]int{x, y}]
		if !ok {
			p = orb.Point{113 + float64(x)*step/bends, 27 + float64(y)*step/bends}
			p[0] += shake()
			p[1] += shake()
			p[0], p[1] = math.Round(p[0]*1e7)/1e7, math.Round(p[1]*1e7)/1e7
			points[[2]int{x, y}] = p
		}
		return p
	}
	around := func(x1, y1, x2, y2 int) orb.Ring {
		var r orb.Ring
		for x := x1; x < x2; x++ {
			r = append(r, at(x, y1))
		}
		for y := y1; y < y2; y++ {
			r = append(r, at(x2, y))
		}
		for x := x2; x > x1; x-- {
			r = append(r, at(x, y2))
		}
		for y := y2; y > y1; y-- {
			r = append(r, at(x1, y))
		}
		return append(r, r[0])
	}
	for y := range rows {
		for x := range columns {
			list = append(list, dirtyRow{code: fmt.Sprintf("%02d%02d", x, y), shape: orb.MultiPolygon{{around(x*bends, y*bends, (x+1)*bends, (y+1)*bends)}}})
		}
	}
	return list, orb.MultiPolygon{{around(0, 0, columns*bends, rows*bends)}}
}

// soil makes a sheet dirty in the ways that files are.
func soil(t *rapid.T, list []dirtyRow) []dirtyRow {
	noise := rapid.SampledFrom([]float64{0, 0, 0.03, 0.3, 5}).Draw(t, "noise") * metre
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shift"), 2))
	for i := range list {
		ring := list[i].shape[0][0]
		ring = ring[:len(ring)-1]
		if noise > 0 {
			for k := range ring {
				ring[k][0] += noise * (2*random.Float64() - 1)
				ring[k][1] += noise * (2*random.Float64() - 1)
			}
		}
		n := rapid.IntRange(0, len(ring)-1).Draw(t, "at")
		switch rapid.SampledFrom([]string{"", "", "drop", "scale", "spike", "bow", "corner", "twice", "needle", "hole"}).Draw(t, "dirt") {
		case "drop": // a T-junction for the neighbour, or a gap or overlap
			ring = slices.Delete(ring, n, n+1)
		case "scale":
			by := rapid.Float64Range(0.97, 1.03).Draw(t, "by")
			middle := ring.Bound().Center()
			for k := range ring {
				ring[k][0], ring[k][1] = middle[0]+(ring[k][0]-middle[0])*by, middle[1]+(ring[k][1]-middle[1])*by
			}
		case "spike":
			tip := orb.Point{ring[n][0] + rapid.Float64Range(-90, 90).Draw(t, "tip")*metre, ring[n][1] + 60*metre}
			ring = slices.Insert(ring, n+1, tip, ring[n])
		case "needle":
			tip := orb.Point{ring[n][0] + rapid.Float64Range(-90, 90).Draw(t, "tip")*metre, ring[n][1] + 40*metre}
			ring = slices.Insert(ring, n+1, tip, orb.Point{ring[n][0] + 0.05*metre, ring[n][1]})
		case "bow":
			m := (n + 1) % len(ring)
			ring[n], ring[m] = ring[m], ring[n]
		case "corner":
			ring[n][0] += rapid.Float64Range(-60, 60).Draw(t, "out") * metre
			ring[n][1] += rapid.Float64Range(-60, 60).Draw(t, "up") * metre
		case "twice":
			list = append(list, dirtyRow{code: list[i].code, shape: orb.MultiPolygon{{append(slices.Clone(ring), ring[0])}}})
		case "hole":
			m := ring.Bound().Center()
			r := rapid.Float64Range(1, 20).Draw(t, "r") * metre
			list[i].shape[0] = append(list[i].shape[0], orb.Ring{{m[0] - r, m[1]}, {m[0], m[1] + r}, {m[0] + r, m[1]}, {m[0] - r, m[1]}})
		}
		list[i].shape[0][0] = append(ring, ring[0])
	}
	return list
}

func putDirty(t fatal, tx pgx.Tx, list []dirtyRow, parent orb.MultiPolygon) {
	ctx := t.Context()
	if err := cells.PrepareClean(ctx, tx); err != nil {
		t.Fatal(err)
	}
	var id *int64
	if parent != nil {
		id = new(int64)
		*id = 7
		geom, err := database.Geometry(parent)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO clean_parent VALUES (7, $1)`, geom); err != nil {
			t.Fatal(err)
		}
	}
	var values [][]any
	for i, r := range list {
		geom, err := database.Geometry(r.shape)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, []any{i + 1, r.code, id, r.locked, geom})
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"clean_row"}, []string{"row", "code", "parent", "locked", "geom"}, pgx.CopyFromRows(values)); err != nil {
		t.Fatal(err)
	}
}

// fatal is what *testing.T and rapid's cases have in common.
type fatal interface {
	Context() context.Context
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// TestCleanMakesACoverage soils coverages and has everything that Clean
// promises judged by PostGIS.
func TestCleanMakesACoverage(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	kinds := map[cells.ChangeKind]int{}
	most := 0
	rapid.Check(t, func(r *rapid.T) {
		list, outline := sheet(r, rapid.IntRange(1, 3).Draw(r, "columns"), rapid.IntRange(1, 3).Draw(r, "rows"))
		list = soil(r, list)
		if rapid.IntRange(0, 2).Draw(r, "parent") > 0 {
			outline = nil
		}
		err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			cleaned := checkClean(r, tx, list, outline)
			for _, change := range cleaned.Changes {
				kinds[change.Kind]++
			}
			most = max(most, cleaned.Passes)
			return errDone
		})
		if !errors.Is(err, errDone) {
			r.Fatal(err)
		}
	})
	t.Logf("at most %d passes; %v", most, kinds)
}

// TestCleanNamesHairlinesOnce is of corners that differ in their last bit: the
// union of what a row lost to its neighbour and in the overlap lacked one of
// them, so that it was reported twice.
func TestCleanNamesHairlinesOnce(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	list := []dirtyRow{
		{code: "a", shape: orb.MultiPolygon{{{{113.0019571, 27.0000964}, {113.0024912, 27.0000144}, {113.0031898, 27.0001064}, {113.0038004, 27.0000511}, {113.0038447, 27.0005516}, {113.0038355, 27.0012957}, {113.0041618, 27.0021241}, {113.0031557, 27.0020744}, {113.0025732, 27.0020833}, {113.0019254, 27.0021054}, {113.0018176, 27.0011868}, {113.001847, 27.0005382}, {113.0019571, 27.0000964}}}}},
		{code: "b", shape: orb.MultiPolygon{{{{113.0038004, 27.0000513}, {113.0045128, 27.0001898}, {113.0053501, 26.9998916}, {113.0059874, 26.9999845}, {113.0058221, 27.0007611}, {113.0060653, 27.0014752}, {113.0059578, 27.0018538}, {113.0054712, 27.0018961}, {113.0044669, 27.0021244}, {113.0041619, 27.0021241}, {113.0038353, 27.0012957}, {113.0038447, 27.0005518}, {113.0038004, 27.0000513}}, {{113.0049235, 27.001008}, {113.0049328, 27.0010173}, {113.0049421, 27.001008}, {113.0049235, 27.001008}}}}},
		{code: "c", shape: orb.MultiPolygon{{{{113.0000597, 27.0019182}, {113.0004879, 27.001838}, {113.0014867, 27.0019009}, {113.0021522, 27.0025696}, {113.0019254, 27.0021053}, {113.0018916, 27.003527}, {113.002133, 27.0041286}, {113.0013184, 27.0038338}, {113.0005402, 27.0038865}, {112.9998876, 27.0041498}, {112.9999623, 27.0034922}, {112.9998309, 27.0026025}, {113.0000597, 27.0019182}}}}},
	}
	parent := orb.MultiPolygon{{{{112.999921, 26.999978}, {113.0006274, 26.9998192}, {113.0011816, 27.0001198}, {113.0019571, 27.0000963}, {113.002491, 27.0000142}, {113.00319, 27.0001065}, {113.0038005, 27.0000512}, {113.0045129, 27.0001898}, {113.0053499, 26.9998917}, {113.0059874, 26.9999845}, {113.0058221, 27.0007612}, {113.0060653, 27.0014754}, {113.0059577, 27.0018537}, {113.0061196, 27.0026771}, {113.0060786, 27.0034288}, {113.0060898, 27.0038328}, {113.0053513, 27.0038769}, {113.0045192, 27.0038344}, {113.0039857, 27.003993}, {113.0035048, 27.0039859}, {113.002585, 27.0041661}, {113.0021331, 27.0041284}, {113.0013184, 27.003834}, {113.0005403, 27.0038866}, {112.9998876, 27.0041497}, {112.9999622, 27.0034921}, {112.999831, 27.0026025}, {113.0000598, 27.0019179}, {113.000177, 27.0014404}, {112.9999433, 27.0007858}, {112.999921, 26.999978}}}}
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		checkClean(t, tx, list, parent)
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Fatal(err)
	}
}

// TestCleanByFamilies cleans the cells of four parents, all in memory and parent
// by parent: the same shapes and the same report, with what neighbours below
// different parents had of each other.
func TestCleanByFamilies(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	across := 0 // changes between parents
	rapid.Check(t, func(r *rapid.T) {
		list, _ := sheet(r, 4, 4)
		family := func(code string) int { return int(code[1]-'0')/2 + 2*(int(code[3]-'0')/2) }
		shapes, groups := make([]orb.MultiPolygon, len(list)), make([]int, len(list))
		for i, cell := range list {
			shapes[i], groups[i] = cell.shape.Clone(), family(cell.code)
		}
		coverage, err := geo.NewCoverage(shapes)
		if err != nil {
			r.Fatal(err)
		}
		parents, err := coverage.Dissolve(groups)
		if err != nil {
			r.Fatal(err)
		}
		list = soil(r, list)
		err = db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			clean := func(rows int) cells.Cleaned {
				putDirty(r, tx, list, nil)
				for i, parent := range parents {
					geom, err := database.Geometry(parent)
					if err != nil {
						r.Fatal(err)
					}
					if _, err := tx.Exec(t.Context(), `INSERT INTO clean_parent VALUES ($1, $2)`, i+1, geom); err != nil {
						r.Fatal(err)
					}
				}
				if _, err := tx.Exec(t.Context(), `UPDATE clean_row SET parent = 1 + substr(code, 2, 1)::int / 2 + 2 * (substr(code, 4, 1)::int / 2)`); err != nil {
					r.Fatal(err)
				}
				cleaned, err := cells.Clean(t.Context(), tx, cells.CleanOptions{EPSG: 4547, MaxGap: 200}.InMemory(rows))
				if err != nil {
					r.Fatal(err)
				}
				return cleaned
			}
			whole, byFamily := clean(len(list)), clean(1)
			for i := range max(len(whole.Changes), len(byFamily.Changes)) {
				if i >= len(whole.Changes) || i >= len(byFamily.Changes) || !reflect.DeepEqual(whole.Changes[i], byFamily.Changes[i]) {
					r.Fatalf("change %d of %d and %d: %+v by family, %+v", i, len(byFamily.Changes), len(whole.Changes), byFamily.Changes[i:], whole.Changes[i:])
				}
				if c := whole.Changes[i]; len(c.Lost) > 0 && len(c.Gained) > 0 && family(c.Lost[0].Code) != family(c.Gained[0].Code) {
					across++
				}
			}
			if !reflect.DeepEqual(whole, byFamily) {
				r.Error("the cells are others than those cleaned by family")
			}
			return errDone
		})
		if !errors.Is(err, errDone) {
			r.Fatal(err)
		}
	})
	if across == 0 {
		t.Error("nothing was between parents")
	}
}

// TestCleanMendsASharedCrossing is of a line between two rows that crosses itself
// by one step: both are mended, not the one alone that has the line first.
func TestCleanMendsASharedCrossing(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	line := orb.Ring{{113.2206858, 27.858899}, {113.2205132, 27.8587357}, {113.2205989, 27.8588168}, {113.2206548, 27.8586983}}
	back := slices.Clone(line)
	back.Reverse()
	east := append(slices.Clone(line), orb.Point{113.223, 27.858}, orb.Point{113.223, 27.8595}, line[0])
	west := append(back, orb.Point{113.2206, 27.86}, orb.Point{113.219, 27.86}, orb.Point{113.219, 27.8575}, orb.Point{113.2206, 27.8575}, back[0])
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		for _, list := range [][]dirtyRow{
			{{code: "a", shape: orb.MultiPolygon{{east}}}, {code: "b", shape: orb.MultiPolygon{{west}}}},
			{{code: "a", shape: orb.MultiPolygon{{west}}}, {code: "b", shape: orb.MultiPolygon{{east}}}},
		} {
			checkClean(t, tx, list, nil)
		}
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Fatal(err)
	}
}

// TestCleanAtACornerOfTheParent is of a spike that begins where the parent has a
// corner inwards: the row's vertices beside the corner don't go to a neighbour's
// across it, over and over.
func TestCleanAtACornerOfTheParent(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	at := func(x, y int) orb.Point { return orb.Point{108.65 + float64(x)/1e7, 32.56 + float64(y)/1e7} }
	ring := func(points ...orb.Point) orb.MultiPolygon { return orb.MultiPolygon{{append(points, points[0])}} }
	corner, along := at(76162, 72911), at(74272, 73449)
	parent := ring(at(77827, 73658), corner, at(75326, 77044), at(72000, 77044), at(72000, 70000), at(77827, 70000))
	south := ring(at(77827, 73658), corner, at(79755, 75157), at(83348, 77403), at(79757, 75157), at(76166, 72911), along, at(72000, 73449), at(72000, 70000), at(77827, 70000))
	north := ring(corner, at(75326, 77044), at(72000, 77044), at(72000, 73449), along)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		checkClean(t, tx, []dirtyRow{{code: "a", shape: south}, {code: "b", shape: north}}, parent)
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Fatal(err)
	}
}

func checkClean(t fatal, tx pgx.Tx, list []dirtyRow, parent orb.MultiPolygon) cells.Cleaned {
	options := cells.CleanOptions{EPSG: 4547, Tolerance: 0.1, MaxGap: 200}
	putDirty(t, tx, list, parent)
	cleaned, err := cells.Clean(t.Context(), tx, options)
	if err != nil {
		t.Fatalf("%v: %+v", err, list)
	}
	var rest []dirtyRow
	var shapes []orb.MultiPolygon
	for i, shape := range cleaned.Shapes {
		if shape != nil {
			rest, shapes = append(rest, dirtyRow{code: cleaned.Codes[i], shape: shape}), append(shapes, shape)
		}
	}
	coverage, err := geo.NewCoverage(shapes)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range coverage.Validate(nil) {
		if f.Kind != geo.Unmatched {
			t.Errorf("not a coverage: %s", f)
		}
	}
	left := slices.ContainsFunc(cleaned.Changes, func(c cells.Change) bool { return c.Kind == cells.GapLeft })
	if parent != nil && !left {
		for _, f := range coverage.Validate(parent) {
			t.Errorf("doesn't cover the parent: %s", f)
		}
	}
	judge(t, tx, list, cleaned, options)
	putDirty(t, tx, rest, parent)
	again, err := cells.Clean(t.Context(), tx, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range again.Changes {
		if c.Changed() {
			t.Errorf("cleaning what is clean: %s %s at %v", c.Kind, c.Message.EN, c.At)
		}
	}
	for i, shape := range again.Shapes {
		if !shape.Equal(shapes[i]) {
			t.Errorf("cleaning what is clean changed row %d", i)
		}
	}
	return cleaned
}

// judge compares input and outcome by PostGIS alone.
func judge(t fatal, tx pgx.Tx, list []dirtyRow, cleaned cells.Cleaned, o cells.CleanOptions) {
	ctx := t.Context()
	exec := func(sql string, args ...any) {
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`DROP TABLE IF EXISTS pg_temp.result, pg_temp.change, pg_temp.input;
		CREATE TEMP TABLE result (row int, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE change (n int, kind text, row int, lost boolean, m2 float8, metres float8, geom geometry) ON COMMIT DROP;
		CREATE TEMP TABLE input (row int, geom geometry) ON COMMIT DROP`)
	for i, r := range list {
		rounded, err := geo.Round(r.shape)
		if err != nil {
			t.Fatal(err)
		}
		geom, err := database.Geometry(rounded)
		if err != nil {
			t.Fatal(err)
		}
		exec(`INSERT INTO input SELECT $1, ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Translate($2::geometry, -113, -27), 'method=structure'), 3))`, i+1, geom)
	}
	for i, shape := range cleaned.Shapes {
		if shape == nil {
			continue
		}
		geom, err := database.Geometry(shape)
		if err != nil {
			t.Fatal(err)
		}
		exec(`INSERT INTO result VALUES ($1, ST_Translate($2::geometry, -113, -27))`, cleaned.Rows[i], geom)
	}
	for n, c := range cleaned.Changes {
		var geom []byte
		if c.Place == nil {
			t.Errorf("a change without a place: %+v", c)
		} else {
			var err error
			if geom, err = database.Geometry(c.Place); err != nil {
				t.Fatal(err)
			}
		}
		if c.Message.ZH == "" || c.Message.EN == "" || strings.Contains(c.Message.ZH+c.Message.EN, "%!") || len(c.Lost)+len(c.Gained) == 0 && c.Kind != cells.GapLeft {
			t.Errorf("an incomplete change: %+v", c)
		}
		for _, lost := range []bool{true, false} {
			rows := c.Gained
			if lost {
				rows = c.Lost
			}
			for _, r := range rows {
				if !lost && (c.Kind == cells.Overlap || c.Kind == cells.Duplicate || (c.Kind == cells.Sliver || c.Kind == cells.Spike) && len(c.Lost) > 0) {
					continue // had it before
				}
				// hairlines may be invalid once they are seen from 0, 0
				exec(`INSERT INTO change SELECT $1, $2, $3, $4, $5, $6, ST_MakeValid(d.geom, 'method=structure') FROM ST_Dump(ST_Translate($7::geometry, -113, -27)) d`, n, string(c.Kind), r.Row, lost, c.AreaM2, c.Metres, geom)
			}
		}
	}
	// seen from 113, 27: PostGIS overlays are exact to 1e-12 of the coordinates.
	// A straight edge of 150 m in degrees bends by 0.1 mm in metres, or 0.01 m²,
	// and by the cube of its length; hence square degrees, or the place's perimeter.
	for what, sql := range map[string]string{
		"an invalid polygon":      `SELECT count(*)::float8 FROM result WHERE NOT ST_IsValid(geom)`,
		"overlaps":                `SELECT count(*)::float8 FROM result a JOIN result b ON a.row < b.row AND ST_Relate(a.geom, b.geom, 'T********')`,
		"areas that don't add up": `SELECT (abs(sum(ST_Area(geom)) - ST_Area(ST_Union(geom))) > 1e-13)::int::float8 FROM result`,
		"small holes": `SELECT count(*)::float8 FROM (SELECT ST_Union(geom) AS u FROM result) x, ST_Dump(u) p, ST_DumpRings(p.geom) r
			WHERE r.path[1] > 0 AND ST_Area(ST_Transform(ST_Translate(r.geom, 113, 27), 4547)) < $1::float8 * 0.99`,
		"m² changed and not reported": `
			SELECT coalesce(max(m2), 0) FROM (
			  SELECT 1.1e10 * ST_Area(CASE WHEN c.geom IS NULL THEN d.geom ELSE ST_Difference(d.geom, c.geom) END) AS m2
			  FROM (SELECT i.row, CASE WHEN r.geom IS NULL THEN i.geom ELSE ST_SymDifference(i.geom, r.geom) END AS geom
			        FROM input i LEFT JOIN result r USING (row)) d
			  LEFT JOIN (SELECT row, ST_Union(geom) AS geom FROM change WHERE ST_Dimension(geom) = 2 GROUP BY row) c USING (row)) x
			WHERE m2 > 0.001`,
		"reported areas that didn't change": `
			SELECT coalesce(max(greatest(abs(lost - was_lost), abs(gained - was_gained))), 0) FROM (
			  SELECT coalesce(c.lost, 0) AS lost, coalesce(c.gained, 0) AS gained,
			         ST_Area(CASE WHEN r.geom IS NULL THEN i.geom ELSE ST_Difference(i.geom, r.geom) END) AS was_lost,
			         CASE WHEN r.geom IS NULL THEN 0 ELSE ST_Area(ST_Difference(r.geom, i.geom)) END AS was_gained
			  FROM input i LEFT JOIN result r USING (row)
			  LEFT JOIN (SELECT row, sum(ST_Area(geom)) FILTER (WHERE lost) AS lost, ST_Area(ST_Union(geom) FILTER (WHERE NOT lost)) AS gained FROM change
			             WHERE ST_Dimension(geom) = 2 AND kind NOT IN ('invalid', 'self-crossing', 'self-touch', 'vanished') GROUP BY row) c USING (row)
			  WHERE NOT EXISTS (SELECT FROM change d WHERE d.row = i.row AND d.kind = 'duplicate')) x
			WHERE greatest(abs(lost - was_lost), abs(gained - was_gained)) > 1e-13`,
		"m² that are not the place's": `SELECT count(*)::float8 FROM (
			SELECT FROM change WHERE ST_Dimension(geom) = 2 AND kind NOT IN ('duplicate', 'vanished') GROUP BY n, row, lost
			HAVING abs(max(m2) - sum(ST_Area(ST_Transform(ST_Translate(geom, 113, 27), 4547))))
			       > 1e-2 * greatest(1, power(sum(ST_Perimeter(ST_Transform(ST_Translate(geom, 113, 27), 4547))) / 300, 3))) x`,
		"metres that a vertex outside the reported areas moved": `
			SELECT coalesce(max(d), 0) FROM (
			  SELECT i.row, ST_Distance(ST_Translate(p.geom, 113, 27)::geography, ST_Translate(ST_ClosestPoint(ST_Boundary(r.geom), p.geom), 113, 27)::geography) AS d
			  FROM input i JOIN result r USING (row), ST_DumpPoints(i.geom) p
			  WHERE NOT EXISTS (SELECT FROM change c WHERE c.row = i.row AND ST_Dimension(c.geom) = 2 AND ST_DWithin(c.geom, p.geom, 2e-7))
			    AND NOT EXISTS (SELECT FROM change c WHERE c.row = i.row AND c.kind IN ('spike') AND ST_DWithin(c.geom, p.geom, 2e-7))) x
			WHERE d > $1::float8 * 1.02`,
		"metres that snapping moved a boundary": `SELECT coalesce(max(metres), 0) FROM change WHERE kind = 'snapped' AND metres > $1::float8 + 0.016`,
	} {
		var found float64
		var args []any
		if what == "small holes" {
			args = []any{o.MaxGap}
		} else if slices.Contains([]string{"metres that a vertex outside the reported areas moved", "metres that snapping moved a boundary"}, what) {
			args = []any{o.Tolerance}
		}
		if err := tx.QueryRow(ctx, sql, args...).Scan(&found); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if found != 0 {
			t.Errorf("%s: %v", what, found)
		}
	}
}
