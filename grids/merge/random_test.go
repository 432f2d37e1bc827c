package merge_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/geo"
	"unigrid/grids"
	"unigrid/grids/database"
	"unigrid/grids/layers"
)

// Whatever the layer cells are, the shares of each leaf and layer sum to 1, and
// what is called uncovered is what their union leaves out.
func TestAnyLayers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 3)
	rapid.Check(t, func(r *rapid.T) {
		w.run(t, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `DELETE FROM merge.run`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `DELETE FROM layers.cell`)
			return err
		})
		side := rapid.Float64Range(-0.5, 3.5)
		size := rapid.Float64Range(0.02, 2)
		lean := rapid.Float64Range(-1, 1)
		on := rapid.IntRange(0, 3) // on a leaf's corner, now and then
		var boxes []box
		for i := range rapid.IntRange(1, 12).Draw(r, "cells") {
			b := box{layer: rapid.SampledFrom([]string{"safety", "environment"}).Draw(r, "layer"), code: fmt.Sprint("C", i)}
			b.x0, b.y0 = side.Draw(r, "x"), side.Draw(r, "y")
			if rapid.Bool().Draw(r, "even") {
				b.x0, b.y0 = float64(on.Draw(r, "column")), float64(on.Draw(r, "row"))
			}
			b.x1, b.y1 = b.x0+size.Draw(r, "width"), b.y0+size.Draw(r, "height")
			if rapid.Bool().Draw(r, "even") {
				b.x1, b.y1 = math.Ceil(b.x1), math.Ceil(b.y1)
			}
			if rapid.Bool().Draw(r, "slanting") {
				b.lean = lean.Draw(r, "lean")
			}
			boxes = append(boxes, b)
		}
		w.put(t, boxes...)
		run := w.overlay(t)
		w.sound(t)
		var off float64
		w.run(t, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `
				SELECT max(abs(1 - coalesce(ST_Area(ST_Intersection(l.geom, u.geom)), 0) / ST_Area(l.geom) - coalesce(x.claimed_share, 0) - coalesce(s.share_of_cell, 0)))
				FROM cells.leaves($1, 1) l
				CROSS JOIN (SELECT layer, ST_Union(geom) AS geom FROM layers.cell GROUP BY layer) u
				LEFT JOIN merge.crosswalk x ON x.run_id = $2 AND x.cell_id = l.cell_id AND x.layer = u.layer AND x.layer_cell_id IS NULL
				LEFT JOIN merge.sliver s ON s.run_id = $2 AND s.cell_id = l.cell_id AND s.layer = u.layer AND s.layer_cell_id IS NULL`,
				w.Territory, run.ID).Scan(&off)
		})
		if off > 1e-9 {
			r.Errorf("uncovered share is off by %g", off)
		}
	})
}

const cityWest, citySouth, cityWidth, cityHeight = 113.0, 27.0, 1.2, 1.05

// cityOf makes leaves with wavy lines, 5 x 5 of them to a parent, and four layers.
func cityOf(b *testing.B, db *database.DB, columns, rows int) grids.TerritoryID {
	b.Helper()
	var territory grids.TerritoryID
	err := db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) error {
		err := tx.QueryRow(b.Context(), `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad)
			VALUES ('4302', '示例市', 4547, '{4,8,13}', 0) RETURNING id`).Scan(&territory)
		if err != nil {
			return err
		}
		if err := layers.EnsureDefaults(b.Context(), tx, territory); err != nil {
			return err
		}
		_, err = tx.Exec(b.Context(), `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 1, 'draft', 'test')`, territory)
		if err != nil {
			return err
		}
		leaves := wavy(columns, rows, 62, 1)
		coverage, err := geo.NewCoverage(leaves)
		if err != nil {
			return err
		}
		root, err := coverage.Dissolve(make([]int, len(leaves)))
		if err != nil {
			return err
		}
		block := make([]int, len(leaves))
		for n := range block {
			block[n] = n/columns/5*((columns+4)/5) + n%columns/5
		}
		blocks, err := coverage.Dissolve(block)
		if err != nil {
			return err
		}
		var top int64
		err = tx.QueryRow(b.Context(), `
			WITH made AS (INSERT INTO cells.cell (territory_id) VALUES ($1) RETURNING id)
			INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, geom, area_m2, label, provenance)
			SELECT $1, id, 1, '4302', '4302', 1, ST_Multi(g), ST_Area(ST_Transform(g, 4547)), ST_PointOnSurface(g), 'demo'
			FROM made CROSS JOIN (SELECT ST_GeomFromEWKB($2) AS g) t
			RETURNING cell_id`, territory, encoded(b, root)[0]).Scan(&top)
		if err != nil {
			return err
		}
		towns := encoded(b, blocks)
		_, err = tx.Exec(b.Context(), `
			WITH made AS (
				INSERT INTO cells.cell (territory_id) SELECT $1 FROM unnest($2::bytea[]) RETURNING id
			), cell AS (
				SELECT m.id, '4302' || lpad(n::text, 4, '0') AS code, ST_GeomFromEWKB(g) AS geom
				FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made) m
				JOIN unnest($2::bytea[]) WITH ORDINALITY AS t (g, n) USING (n)
			)
			INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
			SELECT $1, id, 1, code, code, 2, $3, ST_Multi(geom), ST_Area(ST_Transform(geom, 4547)), ST_PointOnSurface(geom), 'demo'
			FROM cell`, territory, towns, top)
		if err != nil {
			return err
		}
		for at := 0; at < len(leaves); at += 1000 {
			to := min(at+1000, len(leaves))
			_, err = tx.Exec(b.Context(), `
				WITH made AS (
					INSERT INTO cells.cell (territory_id) SELECT $1 FROM unnest($2::bytea[]) RETURNING id
				), cell AS (
					SELECT m.id, p.cell_id AS parent_id, p.code || lpad(($3 + n)::text, 5, '0') AS code, ST_GeomFromEWKB(g) AS geom
					FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made) m
					JOIN unnest($2::bytea[], $4::int[]) WITH ORDINALITY AS t (g, town, n) USING (n)
					JOIN cells.version p ON p.territory_id = $1 AND p.code = '4302' || lpad((t.town + 1)::text, 4, '0')
				)
				INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
				SELECT $1, id, 1, code, code, 3, parent_id, ST_Multi(geom), ST_Area(ST_Transform(geom, 4547)), ST_PointOnSurface(geom), 'demo'
				FROM cell`, territory, encoded(b, leaves[at:to]), at, block[at:to])
			if err != nil {
				return err
			}
		}
		// the first along leaves, 5 x 5 of them to a cell
		for i, layer := range []struct {
			code  string
			cells []orb.MultiPolygon
		}{{"environment", blocks}, {"safety", wavy(12, 15, 180, 2)}, {"river-chief", wavy(20, 18, 120, 3)}, {"social-order", wavy(25, 24, 95, 4)}} {
			_, err = tx.Exec(b.Context(), `
				INSERT INTO layers.intake (territory_id, batch, row, layer, code, geom, provenance)
				SELECT $1, 1, 10000 * $4::int + n, $2, 'C' || n, ST_GeomFromEWKB(g), 'demo' FROM unnest($3::bytea[]) WITH ORDINALITY AS t (g, n)`,
				territory, layer.code, encoded(b, layer.cells), i)
			if err != nil {
				return err
			}
		}
		report, err := layers.Take(b.Context(), tx, territory, 1)
		b.Logf("layer cells: %d applied, %d rejected, %d findings", report.Applied, report.Rejected, len(report.Findings))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return territory
}

// wavy divides the city into columns x rows cells whose sides have n vertices.
func wavy(columns, rows, n int, seed uint64) []orb.MultiPolygon {
	random := rand.New(rand.NewPCG(seed, 0))
	dx, dy := cityWidth/float64(columns), cityHeight/float64(rows)
	node := make(map[[2]int]orb.Point)
	for x := range columns + 1 {
		for y := range rows + 1 {
			node[[2]int{x, y}] = orb.Point{cityWest + dx*(float64(x)+0.3*random.Float64()), citySouth + dy*(float64(y)+0.3*random.Float64())}
		}
	}
	side := func(from, to [2]int) []orb.Point {
		a, b := node[from], node[to]
		points := make([]orb.Point, n)
		for i := range n {
			t := float64(i) / float64(n)
			wave := 0.04 * math.Sin(math.Pi*t) * math.Sin(9*math.Pi*t)
			points[i] = orb.Point{
				math.Round((a[0]+t*(b[0]-a[0])+wave*(b[1]-a[1]))*1e7) / 1e7,
				math.Round((a[1]+t*(b[1]-a[1])-wave*(b[0]-a[0]))*1e7) / 1e7}
		}
		return points
	}
	back := func(from, to [2]int) []orb.Point { // the same side the other way
		there := side(to, from)
		points := make([]orb.Point, n)
		for i := range n - 1 {
			points[i+1] = there[n-1-i]
		}
		points[0] = orb.Point{math.Round(node[from][0]*1e7) / 1e7, math.Round(node[from][1]*1e7) / 1e7}
		return points
	}
	var cells []orb.MultiPolygon
	for y := range rows {
		for x := range columns {
			sw, se, ne, nw := [2]int{x, y}, [2]int{x + 1, y}, [2]int{x + 1, y + 1}, [2]int{x, y + 1}
			ring := append(orb.Ring{}, side(sw, se)...)
			ring = append(append(append(ring, side(se, ne)...), back(ne, nw)...), back(nw, sw)...)
			cells = append(cells, orb.MultiPolygon{{append(ring, ring[0])}})
		}
	}
	return cells
}

func encoded(b *testing.B, shapes []orb.MultiPolygon) [][]byte {
	b.Helper()
	out := make([][]byte, len(shapes))
	for i, shape := range shapes {
		var err error
		if out[i], err = database.Geometry(shape); err != nil {
			b.Fatal(err)
		}
	}
	return out
}
