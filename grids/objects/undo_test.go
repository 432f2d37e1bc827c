package objects_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/objects"
)

func (c *city) undo(batch int64) (grids.Taken, error) {
	var report grids.Taken
	err := c.db.Tx(context.Background(), grids.Local, func(tx pgx.Tx) error {
		var err error
		report, err = objects.Undo(context.Background(), tx, c.Territory, c.Edition, batch)
		return err
	})
	return report, err
}

// state is all that there is of objects and placements now, by content.
func (c *city) state() string {
	var out string
	err := c.db.Tx(context.Background(), grids.Local, func(tx pgx.Tx) error {
		return tx.QueryRow(context.Background(), `
			SELECT coalesce(string_agg(concat_ws('|', o.kind, o.code, o.name, ST_AsText(o.geom), o.located_by, o.hint_cell, o.attributes, o.published, o.outside_share, o.batch,
			    (SELECT string_agg(p.cell_id || ':' || p.share, ',' ORDER BY p.cell_id) FROM objects.placement p WHERE p.object_id = o.id AND upper_inf(p.during)),
			    (SELECT s.sent FROM objects.sent s WHERE s.object_id = o.id AND s.batch = o.batch)), E'\n' ORDER BY o.kind, o.code), '')
			FROM objects.object o`).Scan(&out)
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// send puts what was sent and what is published beside the rows of a batch and
// takes it.
func (c *city) send(rows ...sending) (int64, grids.Taken) {
	c.batch++
	var report grids.Taken
	err := c.db.Tx(context.Background(), grids.Local, func(tx pgx.Tx) error {
		for i, r := range rows {
			published, sent := []byte(nil), []byte(nil)
			if r.published != "" {
				published, _ = json.Marshal(map[string]string{"行业": r.published})
			}
			if r.sent != "" {
				sent, _ = json.Marshal(map[string]string{"备注": r.sent})
			}
			if _, err := tx.Exec(context.Background(), `
				INSERT INTO objects.intake (territory_id, batch, row, kind, code, name, geom, attributes, provenance, sent, source_geom, published)
				VALUES ($1, $2, $3, 'enterprise', $4, $5, ST_Point($6, $7, 4326), '{}', 'imported', $8, ST_Point($6::float8 * 1000, $7::float8 * 1000, 4547), $9)`,
				c.Territory, c.batch, i+1, r.code, r.name, scaled(r.at).(orb.Point)[0], scaled(r.at).(orb.Point)[1], sent, published); err != nil {
				return err
			}
		}
		var err error
		report, err = objects.Take(context.Background(), tx, c.Territory, c.Edition, c.batch)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.batch, report
}

type sending struct {
	code, name, published, sent string
	at                          orb.Point
}

func TestUndo(t *testing.T) {
	t.Parallel()
	c := newCity(t, 3, 3)
	a := sending{"E1", "甲厂", "化工", "老", orb.Point{0.5, 0.5}}
	first, r := c.send(a, sending{code: "E2", name: "乙厂", at: orb.Point{1.5, 0.5}})
	if r.Created != 2 || r.Changed != 0 || len(r.Differences) != 2 || r.Differences[0].Op != "created" {
		t.Fatalf("%+v", r)
	}
	before := c.state()
	if _, r := c.send(a, sending{code: "E2", name: "乙厂", at: orb.Point{1.5, 0.5}}); r.Applied != 0 || r.Unchanged != 2 || c.state() != before {
		t.Fatalf("again: %+v\n%s\n%s", r, before, c.state())
	}
	moved := a
	moved.at, moved.published = orb.Point{2.5, 2.5}, "冶炼"
	second, r := c.send(moved, sending{code: "E3", name: "丙厂", at: orb.Point{1.5, 1.5}})
	if r.Created != 1 || r.Changed != 1 || len(r.Differences) != 2 {
		t.Fatalf("second: %+v", r)
	}
	d := r.Differences[0]
	if d.Op != "changed" || d.Code != "E1" || d.Before["行业"] != "化工" || d.After["行业"] != "冶炼" || !strings.HasPrefix(d.After["geometry"], "moved ") || len(d.After) != 2 {
		t.Errorf("%+v", d)
	}
	if _, err := c.undo(first); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "E1") || strings.Contains(err.Error(), "E2") {
		t.Errorf("undoing what changed since: %v", err)
	}
	if r, err := c.undo(second); err != nil || r.Applied != 2 || r.Changed != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := c.state(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	if _, err := c.undo(second); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "already") {
		t.Errorf("twice: %v", err)
	}
	if _, err := c.undo(first); err != nil {
		t.Error(err)
	}
	if got := c.state(); got != "" {
		t.Errorf("left: %s", got)
	}
	if found := c.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	// what was in force in between stays as versions, each with what was sent
	var versions, sent int
	c.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*), count(s.batch) FROM objects.version v
			LEFT JOIN objects.sent s ON s.object_id = v.object_id AND s.batch = v.batch`).Scan(&versions, &sent)
	})
	if versions != 5 || sent != 5 {
		t.Errorf("%d versions, %d with what was sent", versions, sent)
	}
}

// TestUndoGivesTheStateBefore takes imports in random order and undoes the last
// of them, again and again: the state is then the one before, by content.
func TestUndoGivesTheStateBefore(t *testing.T) {
	t.Parallel()
	c := newCity(t, 3, 3)
	type step struct {
		batch  int64
		before string
	}
	var stack []step
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			if len(stack) > 0 && rapid.IntRange(0, 2).Draw(t, "undo") == 0 {
				last := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if _, err := c.undo(last.batch); err != nil {
					t.Fatal(err)
				}
				if got := c.state(); got != last.before {
					t.Fatalf("undo of %d gives\n%s\nwant\n%s", last.batch, got, last.before)
				}
				continue
			}
			var rows []sending
			for i := range 4 {
				if rapid.Bool().Draw(t, "row") {
					rows = append(rows, sending{
						code: fmt.Sprint("E", i), name: rapid.SampledFrom([]string{"甲", "乙"}).Draw(t, "name"),
						published: rapid.SampledFrom([]string{"", "化工"}).Draw(t, "published"), sent: rapid.SampledFrom([]string{"", "一", "二"}).Draw(t, "sent"),
						at: orb.Point{float64(rapid.IntRange(0, 4).Draw(t, "x")) + 0.5, 0.5},
					})
				}
			}
			before := c.state()
			batch, _ := c.send(rows...)
			stack = append(stack, step{batch, before})
		}
	})
	if found := c.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}
