package editions_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
)

// city drafts a territory of two counties; with a person, the city is staffed.
func city(t *testing.T, db *database.DB, staffed bool) cells.Territory {
	t.Helper()
	var territory cells.Territory
	inTx(t, db, func(tx pgx.Tx) {
		var err error
		territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: "4302", Name: "试验市", EPSG: 4547, Scheme: grids.GB12})
		fatal(t, err)
		edition, err := editions.Draft(t.Context(), tx, territory, grids.Local)
		fatal(t, err)
		made, err := cells.Put(t.Context(), tx, territory, edition, []cells.Cell{
			{Code: "430200000000", Name: "试验市", Tier: 1, Geom: box(0, 0, 20, 10), Provenance: cells.Drawn}})
		fatal(t, err)
		for _, c := range []cells.Cell{
			{Code: "430202000000", Name: "甲", Geom: box(0, 0, 10, 10)}, {Code: "430203000000", Name: "乙", Geom: box(10, 0, 20, 10)},
		} {
			c.Tier, c.ParentID, c.Provenance = 2, made[0].ID, cells.Drawn
			_, err := cells.Put(t.Context(), tx, territory, edition, []cells.Cell{c})
			fatal(t, err)
		}
		// The city has the vertices that its counties have.
		_, err = tx.Exec(t.Context(), `UPDATE cells.version SET geom = ST_Multi(ST_GeomFromText('POLYGON((113 27, 113.01 27, 113.02 27, 113.02 27.01, 113.01 27.01, 113 27.01, 113 27))', 4326)) WHERE tier = 1`)
		fatal(t, err)
		if !staffed {
			return
		}
		_, err = tx.Exec(t.Context(), `WITH p AS (
			  INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'T1', '示例人员 0001', 'demo') RETURNING id)
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, $2, 'accountable', tstzrange(now() - interval '1 hour', NULL), 'test' FROM p`, territory.ID, made[0].ID)
		fatal(t, err)
	})
	return territory
}

func box(x1, y1, x2, y2 float64) orb.MultiPolygon {
	at := func(x, y float64) orb.Point { return orb.Point{113 + x/1000, 27 + y/1000} }
	return orb.MultiPolygon{{{at(x1, y1), at(x2, y1), at(x2, y2), at(x1, y2), at(x1, y1)}}}
}

func inTx(t *testing.T, db *database.DB, fn func(pgx.Tx)) {
	t.Helper()
	fatal(t, db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		fn(tx)
		return nil
	}))
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func publish(t *testing.T, db *database.DB, territory cells.Territory) (editions.Edition, error) {
	t.Helper()
	var edition editions.Edition
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		edition, err = editions.Publish(t.Context(), tx, territory, grids.Local, "")
		return err
	})
	return edition, err
}

func TestPublishedStaysAsItIs(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := city(t, db, true)
	before := time.Now()
	edition, err := publish(t, db, territory)
	fatal(t, err)
	if edition.Seq != 1 || edition.Effective.Before(before.Add(-time.Second)) {
		t.Errorf("%+v", edition)
	}
	for name, statement := range map[string]string{
		"geometry":         `UPDATE cells.version SET geom = ST_Translate(geom, 1e-7, 0) WHERE tier = 2`,
		"name":             `UPDATE cells.version SET name = 'x' WHERE tier = 2`,
		"deleting a cell":  `DELETE FROM cells.version WHERE tier = 2`,
		"the edition":      `UPDATE editions.edition SET note = 'x'`,
		"taking it back":   `UPDATE editions.edition SET state = 'draft', effective = NULL`,
		"no one for all":   `UPDATE people.assignment SET during = tstzrange(lower(during), now())`,
		"a code elsewhere": `INSERT INTO cells.version SELECT territory_id, cell_id, 2, NULL, '439999000000', name, tier, parent_id, geom, area_m2, label, provenance, locked FROM cells.version WHERE tier = 2 LIMIT 1`,
	} {
		err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err == nil {
			t.Errorf("%s: the database let it pass", name)
		}
	}
}

func TestEditionsFollowEachOther(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := city(t, db, true)
	first, err := publish(t, db, territory)
	fatal(t, err)
	if _, err := publish(t, db, territory); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("publishing nothing: %v", err)
	}
	inTx(t, db, func(tx pgx.Tx) {
		draft, err := editions.Draft(t.Context(), tx, territory, grids.Local)
		fatal(t, err)
		cell, err := cells.ByCode(t.Context(), tx, territory, draft, "430202000000")
		fatal(t, err)
		cell.Name = "新名"
		fatal(t, cells.Redraw(t.Context(), tx, territory, draft, []cells.Cell{cell}))
		now, err := cells.ByCode(t.Context(), tx, territory, first.Seq, "430202000000")
		fatal(t, err)
		if now.Name != "甲" {
			t.Errorf("the draft shows in edition 1: %s", now.Name)
		}
	})
	second, err := publish(t, db, territory)
	fatal(t, err)
	inTx(t, db, func(tx pgx.Tx) {
		for at, want := range map[time.Time]grids.EditionID{
			first.Effective.Add(-time.Second): 0, *first.Effective: first.Seq, *second.Effective: second.Seq,
		} {
			got, err := editions.Current(t.Context(), tx, territory, at)
			fatal(t, err)
			if got != want {
				t.Errorf("at %s: edition %d, want %d", at, got, want)
			}
		}
		var changes []string
		fatal(t, tx.QueryRow(t.Context(), `SELECT array_agg(op || ' ' || (before ->> 'name') || ' ' || (after ->> 'name')) FROM editions.change WHERE territory_id = $1 AND edition = 2`, territory.ID).Scan(&changes))
		if got := strings.Join(changes, ";"); got != "changed 甲 新名" {
			t.Errorf("changes %q", got)
		}
		found, checked, err := editions.Check(t.Context(), tx, territory)
		fatal(t, err)
		if len(found) > 0 || checked != 2 {
			t.Errorf("checked %d: %v", checked, found)
		}
	})
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		staffed bool
		spoil   string
		want    string
	}{
		"nobody accountable for the city": {false, `SELECT 1`, "accountable"},
		"no exact partition":              {true, `UPDATE cells.version SET geom = ST_Multi(ST_Difference(geom, ST_MakeEnvelope(113.0099999, 27, 113.02, 27.01, 4326))) WHERE code = '430202000000'`, "partition"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			territory := city(t, db, test.staffed)
			inTx(t, db, func(tx pgx.Tx) {
				_, err := tx.Exec(t.Context(), test.spoil)
				fatal(t, err)
			})
			if _, err := publish(t, db, territory); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
			inTx(t, db, func(tx pgx.Tx) {
				edition, err := editions.Current(t.Context(), tx, territory, time.Now())
				fatal(t, err)
				if edition != 0 {
					t.Errorf("edition %d is published all the same", edition)
				}
			})
		})
	}
}
