package people_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

// A village of the first county is administered by the second: whoever answers
// for that one stands in, from the instant on.
func TestAdministration(t *testing.T) {
	t.Parallel()
	w := newTown(t, 3, 2)
	w.hire(6)
	leaf, other, zone := w.Leaf(1, 1), w.Leaf(1, 2), w.Column(2)
	w.must(day(0), accountable("S1", w.Root()), accountable("S2", w.Column(1)), accountable("S3", zone))
	if err := w.Publish(t, 1, day(1)); err != nil {
		t.Fatal(err)
	}
	entrust := func(who grids.Principal, e people.Entrusting) (people.Administration, error) {
		var made people.Administration
		err := w.db.Tx(t.Context(), who, func(tx pgx.Tx) (err error) {
			made, err = people.Entrust(t.Context(), tx, w.Territory, w.Edition, e)
			return err
		})
		return made, err
	}
	cell := func(code grids.Code) grids.CellID { return w.Cell(t, code) }
	begin := time.Now().Add(time.Hour).Truncate(time.Second)
	county := grids.Principal{Name: "county", Role: grids.RolePlanner, Territory: w.Territory, Within: []string{"430201"}}
	if _, err := entrust(county, people.Entrusting{Cell: cell(leaf), By: cell(zone), From: &begin}); err == nil {
		t.Error("given to another county by the first alone")
	}
	layer := grids.Principal{Name: "department", Role: grids.RoleDepartment, Territory: w.Territory, Layers: []grids.LayerCode{"safety"}}
	if _, err := entrust(layer, people.Entrusting{Cell: cell(leaf), By: cell(zone), From: &begin}); err == nil {
		t.Error("given by a department of one layer")
	}
	made, err := entrust(grids.Local, people.Entrusting{Cell: cell(leaf), By: cell(zone), From: &begin, Reason: "开发区托管"})
	if err != nil || made.Code != leaf || made.ByCode != zone || made.RecordedBy == "" {
		t.Fatalf("%+v %v", made, err)
	}
	before, then := begin.Add(-time.Minute), begin.Add(time.Minute)
	says := func(at time.Time, code grids.Code, want string) {
		t.Helper()
		if got := w.who(at, code); got != want {
			t.Errorf("%s answers for %s at %s, want %s", got, code, at, want)
		}
	}
	says(before, leaf, "S2 acting")
	says(then, leaf, "S3 acting")
	says(then, other, "S2 acting")
	if chain := w.chain(then, leaf); !slices.Equal(chain, []grids.Code{leaf, zone, w.Root()}) {
		t.Errorf("%v", chain)
	}
	// both functions say the same of every cell
	same := func(at time.Time) {
		t.Helper()
		w.tx(func(tx pgx.Tx) error {
			var wrong, cells int
			err := tx.QueryRow(t.Context(), `
				WITH cell AS (SELECT row_number() OVER () AS n, cell_id FROM cells.of($1, 1))
				SELECT count(*) FILTER (WHERE (w.person_id, w.holds) IS DISTINCT FROM (m.person_id, m.holds)), count(*)
				FROM cell c
				LEFT JOIN people.accountables($1, 1, $2) w ON w.cell_id = c.cell_id
				LEFT JOIN people.accountables($1, (SELECT array_agg(cell_id ORDER BY n) FROM cell), (SELECT array_agg(1) FROM cell), (SELECT array_agg($2::timestamptz) FROM cell)) m ON m.n = c.n`,
				w.Territory, at).Scan(&wrong, &cells)
			if wrong > 0 || cells != 10 {
				t.Errorf("%d of %d differ", wrong, cells)
			}
			return err
		})
	}
	same(before)
	same(then)
	// a whole county, and a cell of it given back to itself by nobody
	if _, err := entrust(grids.Local, people.Entrusting{Cell: cell(w.Column(3)), By: cell(zone), From: &begin}); err != nil {
		t.Fatal(err)
	}
	says(then, w.Leaf(3, 1), "S3 acting")
	same(then)
	past := time.Now().Add(-time.Hour)
	for name, test := range map[string]struct {
		e    people.Entrusting
		kind grids.ErrorKind
	}{
		"twice":           {people.Entrusting{Cell: cell(leaf), By: cell(w.Column(3)), From: &then}, grids.Conflict},
		"itself":          {people.Entrusting{Cell: cell(other), By: cell(other)}, grids.Conflict},
		"by one below":    {people.Entrusting{Cell: cell(w.Column(1)), By: cell(other)}, grids.Conflict},
		"in a ring":       {people.Entrusting{Cell: cell(zone), By: cell(w.Leaf(3, 1)), From: &then}, grids.Conflict},
		"before":          {people.Entrusting{Cell: cell(other), By: cell(zone), From: &past}, grids.Invalid},
		"ends too early":  {people.Entrusting{Cell: cell(other), By: cell(zone), From: &then, To: &begin}, grids.Invalid},
		"by no such unit": {people.Entrusting{Cell: cell(other), Unit: 999}, grids.NotFound},
	} {
		if _, err := entrust(grids.Local, test.e); !grids.IsKind(err, test.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// a unit stands for the cell of its division
	var unit int64
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `INSERT INTO people.unit (territory_id, name, kind, division) VALUES ($1, '示例开发区', 'other', $2) RETURNING id`, w.Territory, zone).Scan(&unit)
	})
	if made, err := entrust(grids.Local, people.Entrusting{Cell: cell(other), Unit: unit}); err != nil || made.ByCode != zone || *made.UnitName != "示例开发区" {
		t.Errorf("%+v %v", made, err)
	}
	end := func(who grids.Principal, at *time.Time) error {
		return w.db.Tx(t.Context(), who, func(tx pgx.Tx) error {
			_, err := people.EndEntrusting(t.Context(), tx, w.Territory, w.Edition, made.ID, at)
			return err
		})
	}
	last := begin.Add(24 * time.Hour)
	if err := end(county, &last); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("ended by one of both: %v", err)
	}
	if err := end(grids.Local, &last); err != nil {
		t.Error(err)
	}
	says(last.Add(-time.Minute), leaf, "S3 acting")
	says(last, leaf, "S2 acting")
	w.tx(func(tx pgx.Tx) error {
		list, err := people.Administrations(t.Context(), tx, w.Territory, w.Edition, []grids.CellID{cell(zone)}, &then)
		if len(list) != 3 {
			t.Errorf("%+v", list)
		}
		return err
	})
	// whoever holds a post of the cell's own answers, whoever administers it
	w.must(then, accountable("S4", leaf))
	says(then, leaf, "S4")
	if found := w.check(); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}
