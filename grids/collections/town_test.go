package collections_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/database"
	"unigrid/grids/editions"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
	"unigrid/grids/objects"
	"unigrid/grids/people"
)

const (
	columns = 2
	rows    = 4
	step    = 0.01 // degrees; a leaf is one step wide and some steps high
)

// leaf is a township: steps from..to of a column, south to north.
type leaf struct {
	cell     cells.Cell
	from, to int
}

// town is a published territory that tests change as planners and importers do.
type town struct {
	t         testing.TB
	db        *database.DB
	territory cells.Territory
	column    [columns]cells.Cell
	leaves    [columns][]leaf
	made      int // leaves so far, which number their codes
	batch     int64
}

// block is a rectangle of steps with a vertex at every one.
func block(x, from, width, to int) orb.MultiPolygon {
	at := func(x, y int) orb.Point { return orb.Point{float64(11300+x) / 100, float64(2700+y) / 100} }
	var ring orb.Ring
	for i := x; i < x+width; i++ {
		ring = append(ring, at(i, from))
	}
	for y := from; y < to; y++ {
		ring = append(ring, at(x+width, y))
	}
	for i := x + width; i > x; i-- {
		ring = append(ring, at(i, to))
	}
	for y := to; y > from; y-- {
		ring = append(ring, at(x, y))
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// newTown makes a territory with the four digits as code, three persons, of
// whom S1 answers for all of it, and publishes it.
func newTown(t testing.TB, db *database.DB, code string) *town {
	t.Helper()
	w := &town{t: t, db: db}
	w.tx(func(tx pgx.Tx) (err error) {
		w.territory, err = cells.CreateTerritory(t.Context(), tx, cells.Territory{Code: grids.Code(code), Name: "示例市", EPSG: 4547, Scheme: grids.GB12, Demo: true})
		if err != nil {
			return err
		}
		draft, err := editions.Draft(t.Context(), tx, w.territory, grids.Local)
		if err != nil {
			return err
		}
		root, err := cells.Put(t.Context(), tx, w.territory, draft, []cells.Cell{{Code: w.territory.Code, Name: "示例市", Tier: 1, Geom: block(0, 0, columns, rows), Provenance: cells.Demo}})
		if err != nil {
			return err
		}
		for x := range columns {
			made, err := cells.Put(t.Context(), tx, w.territory, draft, []cells.Cell{{Code: w.code("%02d", x+1), Name: fmt.Sprint("示例县", x), Tier: 2,
				ParentID: root[0].ID, Geom: block(x, 0, 1, rows), Provenance: cells.Demo}})
			if err != nil {
				return err
			}
			w.column[x] = made[0]
			for y := range rows {
				if err := w.putLeaf(tx, draft, x, len(w.leaves[x]), y, y+1); err != nil {
					return err
				}
			}
		}
		return layers.EnsureDefaults(t.Context(), tx, w.territory.ID)
	})
	for _, no := range []string{"S1", "S2", "S3"} {
		w.hire(no, "示例人员 "+no)
	}
	w.assign("S1", w.territory.Code)
	w.tx(func(tx pgx.Tx) error {
		_, err := editions.Publish(t.Context(), tx, w.territory, grids.Local, "")
		return err
	})
	return w
}

func (w *town) tx(fn func(pgx.Tx) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), grids.Local, fn); err != nil {
		w.t.Fatal(err)
	}
}

// code gives a padded code of the territory.
func (w *town) code(format string, args ...any) grids.Code {
	code := string(w.territory.Code[:4]) + fmt.Sprintf(format, args...)
	return grids.Code(code + "000000000000"[len(code):])
}

// putLeaf makes a leaf and lists it as the n-th of its column.
func (w *town) putLeaf(tx pgx.Tx, draft grids.EditionID, x, n, from, to int) error {
	w.made++
	made, err := cells.Put(w.t.Context(), tx, w.territory, draft, []cells.Cell{{Code: w.code("%02d%03d", x+1, w.made), Name: fmt.Sprint("示例镇", w.made), Tier: 3,
		ParentID: w.column[x].ID, Geom: block(x, from, 1, to), Provenance: cells.Demo}})
	if err != nil {
		return err
	}
	w.leaves[x] = append(w.leaves[x][:n], append([]leaf{{made[0], from, to}}, w.leaves[x][n:]...)...)
	return nil
}

// replace makes leaves n..n+many of a column one, or splits the n-th (many 0) at
// a step of it; lineage is written as a publish does.
func (w *town) replace(tx pgx.Tx, draft grids.EditionID, x, n, many, at int) error {
	old := append([]leaf(nil), w.leaves[x][n:n+many+1]...)
	from, to := old[0].from, old[many].to
	parts := [][2]int{{from, to}}
	if many == 0 {
		parts = [][2]int{{from, at}, {at, to}}
	}
	w.leaves[x] = append(w.leaves[x][:n], w.leaves[x][n+many+1:]...)
	for _, o := range old {
		if err := cells.End(w.t.Context(), tx, w.territory, draft, []grids.CellID{o.cell.ID}); err != nil {
			return err
		}
	}
	for i, p := range parts {
		if err := w.putLeaf(tx, draft, x, n+i, p[0], p[1]); err != nil {
			return err
		}
		for _, o := range old {
			share := float64(min(p[1], o.to)-max(p[0], o.from)) / float64(o.to-o.from)
			if _, err := tx.Exec(w.t.Context(), `INSERT INTO cells.lineage (territory_id, edition, from_cell, to_cell, share) VALUES ($1, $2, $3, $4, $5)`,
				w.territory.ID, draft, o.cell.ID, w.leaves[x][n+i].cell.ID, share); err != nil {
				return err
			}
		}
	}
	return nil
}

// publish changes the draft and publishes it, with an overlay of the layers'
// cells if there are any; its conflicts are put off.
func (w *town) publish(change func(tx pgx.Tx, draft grids.EditionID) error) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error {
		draft, err := editions.Draft(w.t.Context(), tx, w.territory, grids.Local)
		if err != nil {
			return err
		}
		if err := change(tx, draft); err != nil {
			return err
		}
		_, err = merge.Overlay(w.t.Context(), tx, w.territory.ID, draft, merge.Options{}, "test")
		if err != nil && !grids.IsKind(err, grids.Conflict) {
			return err
		}
		if _, err := tx.Exec(w.t.Context(), `UPDATE merge.conflict SET blocking = false WHERE territory_id = $1`, w.territory.ID); err != nil {
			return err
		}
		_, err = editions.Publish(w.t.Context(), tx, w.territory, grids.Local, "")
		return err
	})
}

func (w *town) hire(no, name string) {
	w.t.Helper()
	w.batch++
	w.tx(func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `INSERT INTO people.intake_person (territory_id, batch, row, staff_no, name, provenance) VALUES ($1, $2, 1, $3, $4, 'demo')`,
			w.territory.ID, w.batch, no, name); err != nil {
			return err
		}
		_, err := people.TakePeople(w.t.Context(), tx, w.territory.ID, w.batch)
		return err
	})
}

// assign makes a person accountable for a cell of the newest edition, from now.
func (w *town) assign(no string, cell grids.Code) {
	w.t.Helper()
	w.batch++
	w.tx(func(tx pgx.Tx) error {
		var edition grids.EditionID
		var now time.Time
		if err := tx.QueryRow(w.t.Context(), `SELECT max(seq), clock_timestamp() FROM editions.edition WHERE territory_id = $1`, w.territory.ID).Scan(&edition, &now); err != nil {
			return err
		}
		if _, err := tx.Exec(w.t.Context(), `INSERT INTO people.intake_assignment (territory_id, batch, row, staff_no, cell_code, role) VALUES ($1, $2, 1, $3, $4, 'accountable')`,
			w.territory.ID, w.batch, no, cell); err != nil {
			return err
		}
		took, err := people.TakeAssignments(w.t.Context(), tx, w.territory.ID, edition, w.batch, "test", now)
		if err == nil && took.Rejected > 0 {
			err = fmt.Errorf("%+v", took)
		}
		return err
	})
}

// take imports an object; wkt in degrees, "" for one without a place.
func (w *town) take(kind objects.Kind, code, name, wkt string) grids.Taken {
	w.t.Helper()
	w.batch++
	var took grids.Taken
	w.tx(func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `INSERT INTO objects.intake (territory_id, batch, row, kind, code, name, geom, provenance)
			VALUES ($1, $2, 1, $3, $4, $5, ST_GeomFromText(nullif($6, ''), 4326), 'demo')`, w.territory.ID, w.batch, kind, code, name, wkt); err != nil {
			return err
		}
		edition, err := editions.Current(w.t.Context(), tx, w.territory, time.Now())
		if err != nil {
			return err
		}
		took, err = objects.Take(w.t.Context(), tx, w.territory.ID, edition, w.batch)
		return err
	})
	return took
}

// takeLayer imports a layer's cell.
func (w *town) takeLayer(code, name, staff, wkt string) grids.Taken {
	w.t.Helper()
	w.batch++
	var took grids.Taken
	w.tx(func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance)
			VALUES ($1, $2, 1, 'safety', $3, $4, $5, ST_GeomFromText($6, 4326), 'demo')`, w.territory.ID, w.batch, code, name, staff, wkt); err != nil {
			return err
		}
		var err error
		took, err = layers.Take(w.t.Context(), tx, w.territory.ID, w.batch)
		return err
	})
	return took
}

func (w *town) retire(kind objects.Kind, code string) (n int) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) (err error) {
		done, err := tx.Exec(w.t.Context(), `DELETE FROM objects.object WHERE territory_id = $1 AND kind = $2 AND code = $3`, w.territory.ID, kind, code)
		n = int(done.RowsAffected())
		return err
	})
	return n
}

// now is an instant after all that is committed.
func (w *town) now() (at time.Time) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error { return tx.QueryRow(w.t.Context(), `SELECT clock_timestamp()`).Scan(&at) })
	return at
}

// answer gives the features of a collection for a datetime, as they are sent.
func (w *town) answer(def *collections.Def, datetime string) (features []string) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error {
		when, err := collections.ParseWhen(datetime)
		if err != nil {
			return err
		}
		scope, err := collections.Resolve(w.t.Context(), tx, w.territory.ID, when, 0, time.Now())
		if err != nil {
			return err
		}
		_, err = def.Features(w.t.Context(), tx, collections.Query{Scope: scope, Limit: 1000}, func(f collections.Feature) error {
			features = append(features, string(f.GeoJSON))
			return nil
		})
		return err
	})
	return features
}

// versions gives all versions of a feature.
func (w *town) versions(def *collections.Def, id string) (features []string) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error {
		scope, err := collections.Resolve(w.t.Context(), tx, w.territory.ID, collections.When{}, 0, time.Now())
		if err != nil {
			return err
		}
		return def.Versions(w.t.Context(), tx, scope, id, func(f collections.Feature) error {
			features = append(features, string(f.GeoJSON))
			return nil
		})
	})
	return features
}

func def(t testing.TB, id string) *collections.Def {
	t.Helper()
	for _, d := range collections.All() {
		if d.ID == id {
			return d
		}
	}
	t.Fatalf("no collection %s", id)
	return nil
}

func instant(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
