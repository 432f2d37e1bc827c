package objects_test

import (
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/objects"
)

// redraw opens edition 2, in which the border between two columns of leaves in
// row 1 moves by half a leaf to the east, and a leaf of row 2 is split in two
// new cells by a vertical line.
func (c *city) redraw() (west, east grids.CellID) {
	c.t.Helper()
	c.accountable()
	if err := c.Publish(c.t, 1, time.Now().Add(-time.Hour)); err != nil {
		c.t.Fatal(err)
	}
	c.exec(`INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 2, 'draft', 'test')`, c.Territory)
	c.exec(`WITH old AS (
			UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND code = ANY($2) RETURNING *
		)
		INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
		SELECT territory_id, cell_id, 2, code, name, tier, parent_id,
		       ST_Multi(ST_MakeEnvelope(ST_XMin(geom) + CASE WHEN code = $3 THEN 0 ELSE $4::float8 / 2 END, ST_YMin(geom),
		                                ST_XMax(geom) + CASE WHEN code = $3 THEN $4 / 2 ELSE 0 END, ST_YMax(geom), 4326)),
		       area_m2, label, provenance FROM old`, c.Territory, []string{string(c.Leaf(1, 1)), string(c.Leaf(2, 1))}, c.Leaf(1, 1), cellstest.Step)
	c.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(c.t.Context(), `WITH old AS (
				UPDATE cells.version SET to_edition = 2 WHERE territory_id = $1 AND code = $2 RETURNING *
			), made AS (
				INSERT INTO cells.cell (territory_id) SELECT $1 FROM generate_series(1, 2) RETURNING id
			), side AS (
				SELECT (SELECT min(id) FROM made) AS id, 0 AS x, '901000' AS tail UNION ALL SELECT (SELECT max(id) FROM made), 1, '902000'
			), version AS (
				INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
				SELECT territory_id, s.id, 2, left(code, 6) || tail, name || tail, tier, parent_id,
				       ST_Multi(ST_MakeEnvelope(ST_XMin(geom) + x * $3::float8 / 2, ST_YMin(geom), ST_XMin(geom) + (x + 1) * $3 / 2, ST_YMax(geom), 4326)),
				       area_m2 / 2, label, provenance FROM old, side s
			)
			SELECT min(id), max(id) FROM made`, c.Territory, c.Leaf(2, 2), cellstest.Step).Scan(&west, &east)
	})
	return west, east
}

// accountable makes somebody accountable for the whole, without whom there is no
// publishing.
func (c *city) accountable() {
	c.t.Helper()
	c.exec(`WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'S1', '示例人员 0001', 'demo') RETURNING id)
		INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
		SELECT $1, id, $2, 'accountable', '[2020-01-01,)', 'test' FROM p`, c.Territory, c.Cell(c.t, c.Root()))
}

func TestReplaceMovesOnlyWhatTheEditionTouched(t *testing.T) {
	t.Parallel()
	c := newCity(t, 2, 2)
	c.take(
		item{kind: "monitor", code: "stays", name: "示例", geom: orb.Point{0.5, 1.5}},
		item{kind: "monitor", code: "same", name: "示例", geom: orb.Point{0.5, 0.5}},
		item{kind: "monitor", code: "moves", name: "示例", geom: orb.Point{1.25, 0.5}},
		item{kind: "monitor", code: "split", name: "示例", geom: orb.Point{1.75, 1.5}},
		item{kind: "river-reach", code: "river", name: "示例", geom: orb.LineString{{0, 0.5}, {2, 0.5}}},
	)
	_, east := c.redraw()
	at := time.Now()
	c.tx(func(tx pgx.Tx) error { return objects.Replace(t.Context(), tx, c.Territory, 2, at) })
	if err := c.Publish(t, 2, at); err != nil {
		t.Fatal(err)
	}
	type row struct {
		code      string
		rows, now int
	}
	c.tx(func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT o.code, count(*), count(*) FILTER (WHERE upper_inf(p.during))
			FROM objects.object o JOIN objects.placement p ON p.object_id = o.id GROUP BY o.code ORDER BY o.code`)
		if err != nil {
			return err
		}
		got, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (x row, err error) { return x, r.Scan(&x.code, &x.rows, &x.now) })
		want := []row{{"moves", 2, 1}, {"river", 4, 2}, {"same", 1, 1}, {"split", 2, 1}, {"stays", 1, 1}}
		for i, w := range want {
			if got[i] != w {
				t.Errorf("%+v, want %+v", got[i], w)
			}
		}
		return err
	})
	if got, _ := c.shares("river"); math.Abs(got[c.Leaf(1, 1)]-0.75) > 1e-4 {
		t.Errorf("%v", got)
	}
	if found := c.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	c.tx(func(tx pgx.Tx) error {
		// then and now, by the edition of each
		for _, x := range []struct {
			edition grids.EditionID
			at      time.Time
			cell    grids.CellID
			codes   string
		}{
			{1, at.Add(-time.Microsecond), c.Cell(t, c.Leaf(2, 2)), "split"},
			{2, time.Now(), c.Cell(t, c.Leaf(2, 2)), ""},
			{2, time.Now(), east, "split"},
			{2, time.Now(), c.Cell(t, c.Leaf(1, 1)), "moves river same"},
			{2, time.Now(), c.Cell(t, c.Root()), "moves river same split stays"},
		} {
			var codes string
			err := tx.QueryRow(t.Context(), `
				WITH RECURSIVE down AS (
				  SELECT $4::bigint AS cell_id
				  UNION ALL SELECT v.cell_id FROM down JOIN cells.of($1, $2) v ON v.parent_id = down.cell_id)
				SELECT coalesce(string_agg(DISTINCT o.code, ' ' ORDER BY o.code), '')
				FROM down JOIN objects.placement p ON p.territory_id = $1 AND p.cell_id = down.cell_id AND p.during @> $3::timestamptz
				JOIN objects.at($1, $3) o ON o.object_id = p.object_id`, c.Territory, x.edition, x.at, x.cell).Scan(&codes)
			if err != nil {
				return err
			}
			if codes != x.codes {
				t.Errorf("edition %d cell %d: %s, want %s", x.edition, x.cell, codes, x.codes)
			}
		}
		var counts string
		err := tx.QueryRow(t.Context(), `SELECT string_agg(concat_ws(' ', kind, objects), ', ' ORDER BY kind) FROM objects.inside($1, 2, $2, $3)`,
			c.Territory, time.Now(), []grids.CellID{c.Cell(t, c.Root()), c.Cell(t, c.Leaf(2, 2))}).Scan(&counts)
		if counts != "monitor 4, river-reach 1" {
			t.Errorf("%s", counts)
		}
		return err
	})
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	c := newCity(t, 2, 2)
	c.take(
		item{kind: "monitor", code: "P", name: "示例", geom: orb.Point{1, 0.5}},
		item{kind: "water-source", code: "A", name: "示例", geom: box(0.5, 0.5, 1.5, 1.5)},
		item{kind: "river-reach", code: "L", name: "示例", geom: orb.LineString{{0.5, 0.5}, {1.5, 0.5}}},
	)
	for name, x := range map[string]struct{ sql, want string }{
		"another cell":     {`UPDATE objects.placement SET during = tstzrange(lower(during), clock_timestamp()) WHERE object_id = (SELECT id FROM objects.object WHERE code = 'P'); INSERT INTO objects.placement SELECT territory_id, object_id, (SELECT cell_id FROM cells.version WHERE code = '430202001000'), 1, tstzrange(upper(during), NULL) FROM objects.placement WHERE object_id = (SELECT id FROM objects.object WHERE code = 'P')`, "wrong-cell:P"},
		"a parent":         {`DELETE FROM objects.placement WHERE object_id = (SELECT id FROM objects.object WHERE code = 'P'); INSERT INTO objects.placement SELECT territory_id, id, (SELECT cell_id FROM cells.version WHERE code = '430201000000'), 1, tstzrange(now(), NULL) FROM objects.object WHERE code = 'P'`, "not-a-leaf:P wrong-cell:P"},
		"twice before":     {`UPDATE objects.placement SET during = '[2020-01-01,2021-01-01)' WHERE object_id = (SELECT id FROM objects.object WHERE code = 'P'); INSERT INTO objects.placement SELECT territory_id, object_id, cell_id, share, d::tstzrange FROM objects.placement, unnest('{"[2020-06-01,2020-07-01)","[2021-01-01,)"}'::text[]) d WHERE object_id = (SELECT id FROM objects.object WHERE code = 'P')`, "overlap:P"},
		"nowhere":          {`DELETE FROM objects.placement WHERE object_id = (SELECT id FROM objects.object WHERE code = 'P')`, "sum:P unplaced:P"},
		"hidden outside":   {`DELETE FROM objects.placement WHERE object_id = (SELECT id FROM objects.object WHERE code = 'L'); UPDATE objects.object SET outside_share = 1 WHERE code = 'L'`, "unplaced:L"},
		"a part is lost":   {`DELETE FROM objects.placement WHERE cell_id = (SELECT cell_id FROM cells.version WHERE code = '430202002000')`, "sum:A"},
		"a share is moved": {`WITH gone AS (DELETE FROM objects.placement WHERE share = 0.25 RETURNING *) INSERT INTO objects.placement SELECT g.territory_id, object_id, cell_id, CASE WHEN code = '430202002000' THEN 0.3 WHEN code = '430202001000' THEN 0.2 ELSE 0.25 END, during FROM gone g JOIN cells.version v USING (cell_id)`, "wrong-share:A wrong-share:A"},
		"a line is moved":  {`WITH gone AS (DELETE FROM objects.placement WHERE object_id = (SELECT id FROM objects.object WHERE code = 'L') RETURNING *) INSERT INTO objects.placement SELECT g.territory_id, object_id, cell_id, CASE WHEN code = '430201001000' THEN 0.6 ELSE 0.4 END, during FROM gone g JOIN cells.version v USING (cell_id)`, "wrong-share:L"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), x.sql); err != nil {
					return err
				}
				found, checked, err := objects.Check(t.Context(), tx, c.Territory)
				if got := kinds(found); got != x.want || checked != 3 {
					t.Errorf("%s, want %s; %d checked", got, x.want, checked)
				}
				if err == nil {
					err = pgx.ErrTxClosed // undo
				}
				return err
			})
			if err != pgx.ErrTxClosed {
				t.Error(err)
			}
		})
	}
}
