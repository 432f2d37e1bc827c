package objects_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/objects"
)

// city is a territory with a database of its own.
type city struct {
	cellstest.Squares
	t     testing.TB
	db    *database.DB
	batch int64
}

func newCity(t testing.TB, columns, rows int) *city {
	t.Helper()
	db := databasetest.New(t)
	return &city{Squares: cellstest.New(t, db, "4302", columns, rows), t: t, db: db}
}

func (c *city) tx(fn func(tx pgx.Tx) error) {
	c.t.Helper()
	if err := c.db.Tx(c.t.Context(), grids.Local, fn); err != nil {
		c.t.Fatal(err)
	}
}

func (c *city) exec(sql string, args ...any) {
	c.t.Helper()
	c.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(c.t.Context(), sql, args...)
		return err
	})
}

// item is a row of objects.intake; geom in steps of leaves from the corner.
type item struct {
	kind, code, name string
	geom             orb.Geometry
	cell             string
	attributes       map[string]any
}

func (c *city) take(items ...item) grids.Taken {
	c.t.Helper()
	c.batch++
	var report grids.Taken
	c.tx(func(tx pgx.Tx) error {
		_, err := tx.CopyFrom(c.t.Context(), pgx.Identifier{"objects", "intake"},
			[]string{"territory_id", "batch", "row", "kind", "code", "name", "geom", "cell_name", "attributes", "provenance"},
			pgx.CopyFromSlice(len(items), func(i int) ([]any, error) {
				x := items[i]
				var geom []byte
				if x.geom != nil {
					var err error
					if geom, err = database.Geometry(scaled(x.geom)); err != nil {
						return nil, err
					}
				}
				attributes, err := json.Marshal(x.attributes)
				if x.attributes == nil {
					attributes = []byte("{}")
				}
				return []any{c.Territory, c.batch, i + 1, x.kind, x.code, x.name, geom, x.cell, attributes, "demo"}, err
			}))
		if err != nil {
			return err
		}
		report, err = objects.Take(c.t.Context(), tx, c.Territory, c.Edition, c.batch)
		return err
	})
	return report
}

// scaled turns steps of leaves into degrees.
func scaled(g orb.Geometry) orb.Geometry {
	move := func(p orb.Point) orb.Point {
		return orb.Point{cellstest.West + p[0]*cellstest.Step, cellstest.South + p[1]*cellstest.Step}
	}
	switch g := g.(type) {
	case orb.Point:
		return move(g)
	case orb.MultiPoint:
		var out orb.MultiPoint
		for _, p := range g {
			out = append(out, move(p))
		}
		return out
	case orb.LineString:
		var out orb.LineString
		for _, p := range g {
			out = append(out, move(p))
		}
		return out
	case orb.Polygon:
		var out orb.Polygon
		for _, ring := range g {
			out = append(out, orb.Ring(scaled(orb.LineString(ring)).(orb.LineString)))
		}
		return out
	}
	panic("no such shape in these tests")
}

func box(x0, y0, x1, y1 float64) orb.Polygon {
	return orb.Polygon{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}}
}

// shares gives the current placement of an object by leaf code.
func (c *city) shares(code string) (shares map[grids.Code]float64, outside float64) {
	c.t.Helper()
	shares = map[grids.Code]float64{}
	c.tx(func(tx pgx.Tx) error {
		if err := tx.QueryRow(c.t.Context(), `SELECT outside_share FROM objects.object WHERE territory_id = $1 AND code = $2`, c.Territory, code).Scan(&outside); err != nil {
			return err
		}
		rows, err := tx.Query(c.t.Context(), `SELECT v.code, p.share FROM objects.placement p
			JOIN objects.object o ON o.id = p.object_id JOIN cells.version v ON v.cell_id = p.cell_id AND v.to_edition IS NULL
			WHERE o.territory_id = $1 AND o.code = $2 AND p.during @> now()`, c.Territory, code)
		if err != nil {
			return err
		}
		var leaf grids.Code
		var share float64
		_, err = pgx.ForEachRow(rows, []any{&leaf, &share}, func() error { shares[leaf] = share; return nil })
		return err
	})
	return shares, outside
}

func (c *city) check() []grids.Finding {
	c.t.Helper()
	var found []grids.Finding
	c.tx(func(tx pgx.Tx) error {
		var err error
		found, _, err = objects.Check(c.t.Context(), tx, c.Territory)
		return err
	})
	databasetest.InBothLanguages(c.t, found)
	return found
}

func kinds(found []grids.Finding) string {
	var b strings.Builder
	for i, f := range found {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f.Kind)
		if f.Code != "" {
			b.WriteString(":" + f.Code)
		}
	}
	return b.String()
}

func TestPlaceByShare(t *testing.T) {
	t.Parallel()
	c := newCity(t, 3, 3)
	a, b, d, e := c.Leaf(1, 1), c.Leaf(1, 2), c.Leaf(2, 1), c.Leaf(2, 2)
	for name, x := range map[string]struct {
		geom    orb.Geometry
		want    map[grids.Code]float64
		outside float64
		within  float64 // 0: 1e-9
	}{
		"point inside":           {orb.Point{0.5, 0.5}, map[grids.Code]float64{a: 1}, 0, 0},
		"point on a border":      {orb.Point{1, 0.5}, map[grids.Code]float64{a: 1}, 0, 0},
		"point on a corner":      {orb.Point{1, 1}, map[grids.Code]float64{a: 1}, 0, 0},
		"point on the outline":   {orb.Point{0, 1.5}, map[grids.Code]float64{b: 1}, 0, 0},
		"point outside":          {orb.Point{-1, 1}, nil, 1, 0},
		"points":                 {orb.MultiPoint{{0.5, 0.5}, {0.6, 0.5}, {1.5, 0.5}, {9, 9}}, map[grids.Code]float64{a: 0.5, d: 0.25}, 0.25, 0},
		"line in one":            {orb.LineString{{0.1, 0.1}, {0.9, 0.9}}, map[grids.Code]float64{a: 1}, 0, 0},
		"line across":            {orb.LineString{{0.5, 0.5}, {1.5, 0.5}}, map[grids.Code]float64{a: 0.5, d: 0.5}, 0, 1e-4},
		"line along a border":    {orb.LineString{{1, 0}, {1, 2}}, map[grids.Code]float64{a: 0.5, b: 0.5}, 0, 1e-4},
		"line back and forth":    {orb.LineString{{0.5, 0.5}, {1.5, 0.5}, {0.5, 0.5}}, map[grids.Code]float64{a: 0.5, d: 0.5}, 0, 1e-4},
		"line along and across":  {orb.LineString{{1, 0.5}, {1, 1}, {1, 1.5}}, map[grids.Code]float64{a: 0.5, b: 0.5}, 0, 1e-4},
		"line leaving":           {orb.LineString{{0.5, 0.5}, {-0.5, 0.5}}, map[grids.Code]float64{a: 0.5}, 0.5, 1e-4},
		"line touching":          {orb.LineString{{-1, 1}, {0, 1}}, nil, 1, 0},
		"line along the outline": {orb.LineString{{0, 0}, {0, 2}}, map[grids.Code]float64{a: 0.5, b: 0.5}, 0, 1e-4},
		"area in one":            {box(0.1, 0.1, 0.9, 0.9), map[grids.Code]float64{a: 1}, 0, 0},
		"area that is one":       {box(0, 0, 1, 1), map[grids.Code]float64{a: 1}, 0, 0},
		"area in four":           {box(0.5, 0.5, 1.5, 1.5), map[grids.Code]float64{a: 0.25, b: 0.25, d: 0.25, e: 0.25}, 0, 0},
		"area leaving":           {box(-0.5, 0, 0.5, 1), map[grids.Code]float64{a: 0.5}, 0.5, 0},
		"area outside":           {box(-2, -2, -1, -1), nil, 1, 0},
		"area with a sliver":     {box(0, 0, 1+1e-10, 1), map[grids.Code]float64{a: 1}, 0, 0},
	} {
		if r := c.take(item{kind: "water-source", code: name, name: "示例", geom: x.geom}); r.Applied != 1 || r.Rejected != 0 {
			t.Errorf("%s: %+v", name, r)
		}
		got, outside := c.shares(name)
		within := max(x.within, 1e-9)
		sum := outside
		for leaf, share := range got {
			sum += share
			if math.Abs(share-x.want[leaf]) > within {
				t.Errorf("%s: %s has %g, want %g", name, leaf, share, x.want[leaf])
			}
		}
		if len(got) != len(x.want) || math.Abs(outside-x.outside) > within || math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: %v outside %g, sum %.12f, want %v outside %g", name, got, outside, sum, x.want, x.outside)
		}
	}
	if found := c.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	var outside []objects.Object
	c.tx(func(tx pgx.Tx) (err error) {
		outside, err = objects.Outside(t.Context(), tx, c.Territory)
		return err
	})
	if len(outside) != 6 || outside[0].OutsideShare != 1 || outside[0].Lon == nil {
		t.Errorf("%+v", outside)
	}
}

func TestTake(t *testing.T) {
	t.Parallel()
	c := newCity(t, 2, 2)
	c.exec(`UPDATE cells.version SET name = '同名村' WHERE territory_id = $1 AND code = ANY($2)`, c.Territory, []string{string(c.Leaf(1, 1)), string(c.Leaf(2, 2))})
	bowtie := orb.Polygon{{{0.2, 0.2}, {0.8, 0.8}, {0.8, 0.2}, {0.2, 0.8}, {0.2, 0.2}}}
	items := []item{
		{kind: "enterprise", code: "E1", name: "示例企业 0001 号", geom: orb.Point{0.5, 0.5}, attributes: map[string]any{"风险": "高"}},
		{kind: "enterprise", code: " ", name: "无代码", geom: orb.Point{0.5, 0.5}},
		{kind: "enterprise", code: "E3", name: ""},
		{kind: "castle", code: "E4", name: "城堡"},
		{kind: "water-source", code: "W1", name: "示例水源", geom: bowtie},
		{kind: "enterprise", code: "E5", name: "未定位", cell: "示例村1-2"},
		{kind: "enterprise", code: "E6", name: "未定位", cell: "同名村"},
		{kind: "enterprise", code: "E7", name: "未定位", cell: "没有的村"},
		{kind: "enterprise", code: "E1", name: "另一企业", geom: orb.Point{0.5, 0.5}},
		{kind: "monitor", code: "E1", name: "示例监测点", geom: orb.Point{-5, 0}},
		{kind: "monitor", code: "M2", name: "投影坐标", geom: orb.Point{6e7, 4e8}},
		{kind: "monitor", code: "M3", name: "空", geom: orb.MultiPoint{}},
	}
	first := c.take(items...)
	if first.Applied != 7 || first.Unchanged != 0 || first.Rejected != 5 {
		t.Errorf("%+v", first)
	}
	want := "empty:  empty:E3 unknown-kind:E4 duplicate:E1 not-degrees:M2 repaired:W1 ambiguous:E6 unknown-cell:E7 outside:E1"
	if got := kinds(first.Findings); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	databasetest.InBothLanguages(t, first.Findings)
	for _, f := range first.Findings {
		switch f.Kind {
		case "repaired":
			lon, lat := cellstest.At(0.5, 0.5)
			if f.Severity != grids.SeverityRepair || f.Row != 5 || f.Lon == nil || *f.Lon != lon || *f.Lat != lat {
				t.Errorf("%+v", f)
			}
		case "ambiguous-cell":
			if !strings.Contains(f.Message, string(c.Leaf(1, 1))+", "+string(c.Leaf(2, 2))) {
				t.Errorf("%+v", f)
			}
		}
	}
	if again := c.take(items...); again.Applied != 0 || again.Unchanged != 7 || again.Rejected != 5 {
		t.Errorf("again: %+v", again)
	}
	var open []objects.Object
	c.tx(func(tx pgx.Tx) (err error) {
		open, err = objects.Unlocated(t.Context(), tx, c.Territory)
		return err
	})
	if len(open) != 4 || open[0].Code != "E5" || open[0].HintCode != c.Leaf(1, 2) || open[1].HintCode != "" || open[0].Lon != nil {
		t.Errorf("%+v", open)
	}
	if found := c.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	c := newCity(t, 2, 2)
	c.take(item{kind: "enterprise", code: "E1", name: "示例企业"})
	locate := func(code string, x, y float64, by objects.LocatedBy) error {
		lon, lat := cellstest.At(x, y)
		return c.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			return objects.Locate(t.Context(), tx, c.Territory, c.Edition, objects.Enterprise, code, lon, lat, by, time.Now())
		})
	}
	if err := locate("E1", 9, 9, objects.ByHand); !grids.IsKind(err, grids.Invalid) || !strings.Contains(err.Error(), "GCJ-02") {
		t.Errorf("outside: %v", err)
	}
	if err := locate("E1", 1, 1, objects.ByImport); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("by import: %v", err)
	}
	if err := locate("E2", 1, 1, objects.ByGPS); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("unknown: %v", err)
	}
	if err := locate("E1", math.NaN(), 1, objects.ByGPS); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("no number: %v", err)
	}
	for i, by := range []objects.LocatedBy{objects.ByAddress, objects.ByGPS, objects.ByHand} {
		if err := locate("E1", 0.5+float64(i%2), 0.5, by); err != nil {
			t.Fatal(err)
		}
	}
	// a file without coordinates does not lose the place
	if r := c.take(item{kind: "enterprise", code: "E1", name: "示例企业"}); r.Unchanged != 1 {
		t.Errorf("%+v", r)
	}
	var by string
	var rows int
	c.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT located_by, (SELECT count(*) FROM objects.placement) FROM objects.object`).Scan(&by, &rows)
	})
	got, _ := c.shares("E1")
	if by != "hand" || rows != 3 || got[c.Leaf(1, 1)] != 1 {
		t.Errorf("located by %s, %d placements, now %v", by, rows, got)
	}
}
