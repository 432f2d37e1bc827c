package importers

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// shape is a staged row in degrees of WGS 84: a point, or a square about it
// with the given half width, before it is written in another system.
type shape struct {
	name     string
	lon, lat float64
	half     float64
}

// villages are the middles of all leaves of the squares, n to a leaf.
func villages(s cellstest.Squares, n int) []shape {
	var list []shape
	for x := range s.Columns {
		for y := range s.Rows {
			for i := range n {
				spread := (float64(i) + 0.5) / float64(n)
				list = append(list, shape{
					name: fmt.Sprintf("示例村%d-%d", x+1, y+1),
					lon:  cellstest.West + cellstest.Step*(float64(x)+0.1+0.8*spread), lat: cellstest.South + cellstest.Step*(float64(y)+0.1+0.8*math.Mod(spread*7, 1)),
				})
			}
		}
	}
	return list
}

// outlines are the leaves themselves.
func outlines(s cellstest.Squares) []shape {
	list := villages(s, 1)
	for i := range list {
		x, y := i/s.Rows, i%s.Rows
		list[i].lon, list[i].lat = cellstest.West+cellstest.Step*(float64(x)+0.5), cellstest.South+cellstest.Step*(float64(y)+0.5)
		list[i].half = cellstest.Step / 2
	}
	return list
}

// small are buildings or ponds at the points, which follow no boundary.
func small(points []shape) []shape {
	list := make([]shape, len(points))
	for i, p := range points {
		list[i] = shape{p.name, p.lon, p.lat, 0.0003}
	}
	return list
}

func TestPlausible(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	squares := cellstest.New(t, db, "4302", 12, 12)
	points, polygons := villages(squares, 2), outlines(squares)
	same := func(lon, lat float64) (float64, float64) { return lon, lat }
	gcj := crs.WGSToGCJ
	bd := func(lon, lat float64) (float64, float64) { return crs.GCJToBD(crs.WGSToGCJ(lon, lat)) }
	cases := []struct {
		name    string
		rows    []shape
		shift   func(lon, lat float64) (float64, float64)
		written int    // in what system
		change  string // of the geometry
		epsg    int    // what the file says
		unnamed bool
		want    string   // kinds, with their number of findings, in order
		says    []string // of the first finding
	}{
		{name: "sound degrees", rows: points, shift: same, written: 4490, epsg: 4490},
		{name: "sound metres", rows: points, shift: same, written: 4547, epsg: 4547},
		{name: "sound metres with number", rows: points, shift: same, written: 4526, epsg: 4526},
		{name: "sound outlines", rows: polygons, shift: same, written: 4547, epsg: 4547, unnamed: true},
		{name: "sound outlines with names", rows: polygons, shift: same, written: 4547, epsg: 4547},
		{name: "sound Web Mercator", rows: points, shift: same, written: 3857, epsg: 3857, unnamed: true},
		{name: "degrees exchanged", rows: points, shift: same, written: 4490, change: "ST_FlipCoordinates(geom)", epsg: 4490,
			want: "axes-swapped 1", says: []string{"0 of 288 rows fall into 示例市", "288 with x and y exchanged"}},
		{name: "metres exchanged", rows: points, shift: same, written: 4547, change: "ST_FlipCoordinates(geom)", epsg: 4547, want: "axes-swapped 1", says: []string{"288 with x and y exchanged"}},
		{name: "number missing", rows: points, shift: same, written: 4547, epsg: 4526, want: "zone-prefix 1", says: []string{"288 as EPSG:4547"}},
		{name: "number one too many", rows: points, shift: same, written: 4526, epsg: 4547, want: "zone-prefix 1", says: []string{"288 as EPSG:4526"}},
		{name: "Xian with a number too many", rows: points, shift: same, written: 2362, epsg: 2383, want: "inexact-shift 1, zone-prefix 1"},
		{name: "meridian beside", rows: points, shift: same, written: 4547, epsg: 4546, want: "central-meridian 1", says: []string{"288 as EPSG:4547"}},
		{name: "zone of 6 degrees", rows: points, shift: same, written: 4509, epsg: 4547, want: "central-meridian 1"},
		{name: "Web Mercator called UTM", rows: points, shift: same, written: 3857, epsg: 32649, want: "other-crs 1", says: []string{"288 as EPSG:3857"}},
		{name: "UTM called Gauss-Krüger", rows: points, shift: same, written: 32649, epsg: 4546, want: "gk-utm-suspected 1", says: []string{"once read as WGS_1984_UTM_Zone_49N"}},
		{name: "GCJ-02 by names", rows: points, shift: gcj, written: 4490, epsg: 4490, want: "gcj02-suspected 1", says: []string{"of 288 rows lie in the cell that they name, 288 once read as GCJ-02"}},
		{name: "GCJ-02 in metres", rows: points, shift: gcj, written: 4547, epsg: 4547, want: "gcj02-suspected 1", says: []string{"288 once read as GCJ-02"}},
		{name: "BD-09 by names", rows: points, shift: bd, written: 4490, epsg: 4490, want: "bd09-suspected 1", says: []string{"288 once read as BD-09"}},
		{name: "GCJ-02 by boundaries", rows: polygons, shift: gcj, written: 4547, epsg: 4547, unnamed: true, want: "gcj02-suspected 1", says: []string{"corners lie within 10 m", "once read as GCJ-02"}},
		{name: "BD-09 by boundaries", rows: polygons, shift: bd, written: 4490, epsg: 4490, unnamed: true, want: "bd09-suspected 1", says: []string{"corners lie within 10 m"}},
		{name: "GCJ-02 without names", rows: points, shift: gcj, written: 4490, epsg: 4490, unnamed: true, want: "gcj02-suspected 1", says: []string{"rows lie outside 示例市, 0 once read as GCJ-02"}},
		{name: "Xian", rows: points, shift: same, written: 2383, epsg: 2383, want: "inexact-shift 1", says: []string{"no public exact shift", "tens of metres"}},
		{name: "Beijing", rows: points, shift: same, written: 4214, epsg: 4214, want: "inexact-shift 1", says: []string{"no public exact shift"}},
		{name: "a fifth named wrongly", rows: points, shift: same, written: 4490, change: "CASE WHEN row % 5 = 0 THEN ST_Translate(geom, 0.0078125, 0) ELSE geom END", epsg: 4490},
		{name: "drawn roughly", rows: polygons, shift: same, written: 4547, change: "ST_Translate(geom, 40 * sin(row), 40 * cos(row))", epsg: 4547, unnamed: true},
		{name: "small outlines", rows: small(points), shift: same, written: 4547, epsg: 4547, unnamed: true},
		{name: "a small outline", rows: small(points[:1]), shift: same, written: 4547, epsg: 4547, unnamed: true},
		{name: "only near the edge", rows: points[:24], shift: same, written: 4490, change: "ST_Translate(geom, -0.009, 0)", epsg: 4490, unnamed: true},
		{name: "null island", rows: points, shift: same, written: 4490, change: "CASE WHEN row IN (3, 5) THEN ST_MakePoint(0, 0) ELSE geom END", epsg: 4490, want: "null-island 2"},
		{name: "one ordinate twice", rows: points, shift: same, written: 4490, change: "CASE WHEN row = 3 THEN ST_MakePoint(113, 113) ELSE geom END", epsg: 4490, want: "same-ordinates 1", says: []string{"the same number"}},
		{name: "degrees among metres", rows: points, shift: same, written: 4547, change: "CASE WHEN row % 10 = 0 THEN ST_MakePoint(113.05, 27.05) ELSE geom END", epsg: 4547, want: "other-unit 28", says: []string{"this row is in degrees"}},
		{name: "metres among degrees", rows: points, shift: same, written: 4490, change: "CASE WHEN row = 3 THEN ST_MakePoint(414681, 3079571) ELSE geom END", epsg: 4490, want: "other-unit 1", says: []string{"this row is in metres"}},
		{name: "all in degrees", rows: points, shift: same, written: 4490, epsg: 4547, want: "other-unit 1", says: []string{"288 of 288 rows are not in metres"}},
		{name: "far outside", rows: points, shift: same, written: 4490, change: "CASE WHEN row IN (3, 9) THEN ST_Translate(geom, 1, row / 10.0) ELSE geom END", epsg: 4490,
			want: "far-outside 3", says: []string{"2 of 288 rows lie more than 2 km outside 示例市, up to 1", "first rows 9, 3"}},
		{name: "many far outside", rows: points, shift: same, written: 4547, change: "CASE WHEN row <= 120 THEN ST_Translate(geom, 90000, 0) ELSE geom END", epsg: 4547, want: "far-outside 101", says: []string{"120 of 288 rows"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			findings := judge(t, db, c.rows, c.shift, c.written, c.change, c.epsg, c.unnamed)
			databasetest.InBothLanguages(t, findings)
			var kinds []string
			counts := map[string]int{}
			for _, f := range findings {
				if counts[f.Kind]++; counts[f.Kind] == 1 {
					kinds = append(kinds, f.Kind)
				}
				if f.Severity != grids.SeverityWarning || f.Check != "import" {
					t.Errorf("%+v", f)
				}
			}
			for i, kind := range kinds {
				kinds[i] = fmt.Sprintf("%s %d", kind, counts[kind])
			}
			if got := strings.Join(kinds, ", "); got != c.want {
				t.Errorf("%s, want %s: %.3v", got, c.want, findings)
			}
			for _, text := range c.says {
				if len(findings) > 0 && !strings.Contains(findings[0].Message, text) {
					t.Errorf("%q lacks %q", findings[0].Message, text)
				}
			}
			if len(findings) > 0 {
				t.Log(findings[0].Message, findings[0].MessageZH)
			}
		})
	}
}

// A boundary on the ellipsoid of Beijing 1954, 55 m off, is told from CGCS2000
// by the territory's own.
func TestDatumSuspected(t *testing.T) {
	t.Parallel()
	var corners []string
	for i := range 201 {
		a := float64(i%200) * math.Pi / 100
		corners = append(corners, fmt.Sprintf("%.7f %.7f", 113.1+0.2*math.Cos(a), 27.8+0.2*math.Sin(a)))
	}
	circle := "POLYGON((" + strings.Join(corners, ",") + "))"
	db := databasetest.New(t)
	for _, written := range []int{4547, 2435} {
		inPlace(t, db, 0, 0, 4547, func(tx pgx.Tx, p place) error {
			if err := p.draw(t, tx, circle); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `INSERT INTO staging.row (territory_id, batch, row, attributes, geom)
				VALUES ($1, 1, 1, '{}', ST_SetSRID(ST_Transform(ST_GeomFromText($2, 4326), $3::int), 4547))`, p.territory.ID, circle, written); err != nil {
				return err
			}
			findings, err := plausible(t.Context(), tx, p.territory, 1, 4547)
			if suspected := len(findings) == 1 && findings[0].Kind == "datum-suspected" && strings.Contains(findings[0].Message, "Beijing 1954 (EPSG:2435)"); suspected != (written == 2435) || len(findings) > 1 {
				t.Errorf("EPSG:%d: %+v", written, findings)
			}
			for _, f := range findings {
				t.Log(f.Message)
			}
			return err
		})
	}
}

// judge stages the rows in a transaction that is rolled back.
func judge(t *testing.T, db *database.DB, rows []shape, shift func(lon, lat float64) (float64, float64), written int, change string, epsg int, unnamed bool) []grids.Finding {
	t.Helper()
	var findings []grids.Finding
	if err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		territories, err := cells.Territories(t.Context(), tx)
		if err != nil {
			return err
		}
		p := place{territory: territories[0], batch: 1}
		if _, err := tx.Exec(t.Context(), `INSERT INTO staging.batch (territory_id, id, target, file, epsg, encoding, created_by) VALUES ($1, 1, 'enterprises', 'test', $2, '', 'test')`, p.territory.ID, epsg); err != nil {
			return err
		}
		names, texts := make([]string, len(rows)), make([]string, len(rows))
		for i, r := range rows {
			if !unnamed {
				names[i] = r.name
			}
			if r.half == 0 {
				x, y := shift(r.lon, r.lat)
				texts[i] = fmt.Sprintf("POINT(%.9f %.9f)", x, y)
				continue
			}
			var corners []string
			for _, c := range [][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}} {
				x, y := shift(r.lon+c[0]*r.half, r.lat+c[1]*r.half)
				corners = append(corners, fmt.Sprintf("%.9f %.9f", x, y))
			}
			texts[i] = "POLYGON((" + strings.Join(corners, ",") + "))"
		}
		if _, err := tx.Exec(t.Context(), `
			INSERT INTO staging.row (territory_id, batch, row, attributes, geom)
			SELECT $1, 1, n, jsonb_build_object('名称', '示例企业' || n, '所在村', name), ST_SetSRID(ST_Transform(ST_GeomFromText(wkt, 4326), $4::int), $5::int)
			FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS u (name, wkt, n)`, p.territory.ID, names, texts, written, epsg); err != nil {
			return err
		}
		if change != "" {
			if _, err := tx.Exec(t.Context(), `UPDATE staging.row SET geom = ST_SetSRID(`+change+`, $2::int) WHERE territory_id = $1`, p.territory.ID, epsg); err != nil {
				return err
			}
		}
		if findings, err = plausible(t.Context(), tx, p.territory, 1, epsg); err != nil {
			return err
		}
		return errDryRun
	}); err != errDryRun {
		t.Fatal(err)
	}
	return findings
}
