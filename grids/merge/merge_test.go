package merge_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
)

// box is a layer cell, in leaf sides from the territory's south-west corner; its
// upper side is shifted east by lean.
type box struct {
	layer, code    string
	x0, y0, x1, y1 float64
	staff          string
	lean           float64
}

// world is a territory of 2 x 2 leaves unless a test says otherwise.
type world struct {
	cellstest.Squares
	db *database.DB
}

func newWorld(t testing.TB, columns, rows int) world {
	t.Helper()
	db := databasetest.New(t)
	w := world{cellstest.New(t, db, "4302", columns, rows), db}
	w.run(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO people.person (territory_id, staff_no, name, provenance)
			SELECT $1, 'S' || n, '示例人员 000' || n, 'demo' FROM generate_series(1, 5) AS n`, w.Territory)
		if err != nil {
			return err
		}
		return layers.EnsureDefaults(t.Context(), tx, w.Territory)
	})
	return w
}

func (w world) run(t testing.TB, fn func(pgx.Tx) error) {
	t.Helper()
	if err := w.db.Tx(t.Context(), grids.Local, fn); err != nil {
		t.Fatal(err)
	}
}

// put takes layer cells in.
func (w world) put(t testing.TB, boxes ...box) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		for i, b := range boxes {
			x0, y0 := cellstest.At(b.x0, b.y0)
			x1, y1 := cellstest.At(b.x1, b.y1)
			lean := b.lean * cellstest.Step
			shape := fmt.Sprintf("POLYGON((%[1]v %[2]v,%[3]v %[2]v,%[5]v %[4]v,%[6]v %[4]v,%[1]v %[2]v))", x0, y0, x1, y1, x1+lean, x0+lean)
			_, err := tx.Exec(t.Context(), `
				INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance)
				VALUES ($1, 1, $2, $3, $4, $4, $5, ST_GeomFromText($6, 4326), 'demo')`,
				w.Territory, i+1, b.layer, b.code, b.staff, shape)
			if err != nil {
				return err
			}
		}
		report, err := layers.Take(t.Context(), tx, w.Territory, 1)
		if err == nil && report.Rejected > 0 {
			err = fmt.Errorf("rejected: %+v", report.Findings)
		}
		return err
	})
}

// assign makes a person accountable for a cell since long ago.
func (w world) assign(t testing.TB, staff, role string, codes ...grids.Code) {
	t.Helper()
	w.run(t, func(tx pgx.Tx) error {
		for _, code := range codes {
			_, err := tx.Exec(t.Context(), `
				INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
				SELECT $1, id, $2, $3, tstzrange('2020-01-01', NULL), 'test' FROM people.person
				WHERE territory_id = $1 AND staff_no = $4`, w.Territory, w.Cell(t, code), role, staff)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// staffed makes S1 accountable for every leaf.
func (w world) staffed(t testing.TB) {
	t.Helper()
	for column := range w.Columns {
		for row := range w.Rows {
			w.assign(t, "S1", "accountable", w.Leaf(column+1, row+1))
		}
	}
}

func (w world) overlay(t testing.TB, names ...grids.LayerCode) merge.Run {
	t.Helper()
	var run merge.Run
	w.run(t, func(tx pgx.Tx) (err error) {
		run, err = merge.Overlay(t.Context(), tx, w.Territory, w.Edition, merge.Options{Layers: names}, "test")
		return err
	})
	return run
}

func (w world) list(t testing.TB, run merge.Run, filter merge.Filter) []merge.Conflict {
	t.Helper()
	return w.page(t, run, filter, merge.Page{})
}

func (w world) page(t testing.TB, run merge.Run, filter merge.Filter, page merge.Page) []merge.Conflict {
	t.Helper()
	var conflicts []merge.Conflict
	w.run(t, func(tx pgx.Tx) (err error) {
		conflicts, err = merge.List(t.Context(), tx, w.Territory, run.ID, filter, page)
		return err
	})
	return conflicts
}

// brief describes a conflict by kind, column and row of the leaf, proposal.
func brief(c merge.Conflict) string {
	cell := "-"
	if c.Cell != "" {
		cell = string(c.Cell[5:6]) + "," + string(c.Cell[8:9])
	}
	return fmt.Sprintf("%s %s %s %s", c.Kind, c.Layer, cell, c.ReasonKey)
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	all := box{"environment", "E", 0, 0, 2, 2, "S1", 0}
	tests := []struct {
		name  string
		boxes []box
		want  []string
	}{
		{"one for all", []box{all}, nil},
		{"along leaves", []box{{"safety", "A", 0, 0, 1, 2, "S1", 0}, {"safety", "B", 1, 0, 2, 2, "", 0}}, nil},
		{"split", []box{{"safety", "A", 0, 0, 0.6, 2, "S1", 0}, {"safety", "B", 0.6, 0, 2, 2, "S1", 0}},
			[]string{"split safety 1,1 split", "split safety 1,2 split"}},
		{"mismatch", []box{{"safety", "A", 0, 0, 0.95, 2, "S1", 0}, {"safety", "B", 0.95, 0, 2, 2, "S1", 0}},
			[]string{"boundary-mismatch safety 1,1 mismatch", "boundary-mismatch safety 1,2 mismatch"}},
		{"within tolerance", []box{{"safety", "A", 0, 0, 0.995, 2, "S1", 0}, {"safety", "B", 0.995, 0, 2, 2, "S1", 0}}, nil},
		{"part uncovered", []box{{"safety", "A", 0, 0, 2, 1.3, "S1", 0}},
			[]string{"gap safety 1,2 gap-part", "gap safety 2,2 gap-part"}},
		{"whole leaf uncovered", []box{{"safety", "A", 0, 0, 2, 1, "S1", 0}, {"safety", "B", 0, 1, 1, 2, "S1", 0}},
			[]string{"gap safety 2,2 gap-whole"}},
		{"overlap", []box{all, {"environment", "F", 0.5, 0.5, 1, 1, "S1", 0}}, []string{"overlap environment 1,1 overlap"}},
		{"overlap and gap", []box{{"safety", "A", 0, 0, 1, 1, "S1", 0}, {"safety", "B", 0.5, 0, 2, 1, "S1", 0}, {"safety", "C", 0, 1, 2, 1.99, "S1", 0}},
			[]string{"overlap safety 1,1 overlap"}},
		{"outside", []box{{"environment", "E", -1, 0, 2, 2, "S1", 0}}, []string{"gap environment - gap-outside"}},
		{"far outside", []box{all, {"environment", "F", 5, 5, 6, 6, "S1", 0}}, []string{"gap environment - gap-outside"}},
		{"layers name others", []box{{"environment", "E", 0, 0, 1, 2, "S1", 0}, {"environment", "G", 1, 0, 2, 2, "S2", 0}},
			[]string{"two-accountable  2,1 two-roster", "two-accountable  2,2 two-roster"}},
		{"nested", []box{{"safety", "A", 0, 0, 0.3, 1, "S1", 0}, {"safety", "B", 0.3, 0, 1, 0.5, "S1", 0}, {"safety", "C", 0.3, 0.5, 1.005, 1, "S1", 0}, {"safety", "D", 1.005, 0, 2, 1, "S1", 0}, {"safety", "E", 0, 1, 2, 2, "S1", 0}},
			[]string{"nested safety 1,1 nested"}},
		{"nested, and one that reaches in", []box{{"safety", "A", 0, 0, 0.4, 1, "S1", 0}, {"safety", "B", 0.4, 0, 0.95, 1, "S1", 0}, {"safety", "D", 0.95, 0, 2, 1, "S1", 0}, {"safety", "E", 0, 1, 2, 2, "S1", 0}},
			[]string{"boundary-mismatch safety 1,1 mismatch", "nested safety 1,1 nested"}},
		{"code of another place", []box{{"environment", "430202001000", 0, 0, 1, 2, "S1", 0}, {"environment", "430202002000", 1, 0, 2, 2, "S1", 0}},
			[]string{"code-clash environment 2,1 code-elsewhere"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 2, 2)
			w.staffed(t)
			w.put(t, test.boxes...)
			run := w.overlay(t)
			var got []string
			for _, c := range w.list(t, run, merge.Filter{}) {
				got = append(got, brief(c))
				if c.Lon == nil || c.Lat == nil || c.Reason.ZH == c.ReasonKey || c.Proposal == "" || c.State != merge.Open || c.AreaM2 <= 0 {
					t.Errorf("%+v", c)
				}
				if blocks := slices.Contains([]merge.Kind{merge.TwoAccountable, merge.NoneAccountable, merge.CodeClash}, c.Kind); blocks != c.Blocking {
					t.Errorf("%s blocking: %t", brief(c), c.Blocking)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			w.sound(t)
		})
	}
}

// With a layer as the base, it is held against the leaves, and the others
// against it.
func TestBase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	w.staffed(t)
	w.put(t,
		box{"safety", "A", 0, 0, 0.7, 2, "S1", 0}, box{"safety", "B", 0.7, 0, 2, 2, "S1", 0},
		box{"environment", "E", 0, 0, 0.7, 2, "S1", 0}, box{"environment", "F", 0.7, 0, 2, 1.6, "S1", 0},
		box{"river-chief", "R", 0, 0, 1.2, 2, "", 0}, box{"river-chief", "S", 1.2, 0, 2, 2, "", 0})
	for base, want := range map[grids.LayerCode][]string{
		"unified": {
			"split environment 1,1", "split environment 1,2", "split river-chief 2,1", "split river-chief 2,2",
			"split safety 1,1", "split safety 1,2", "gap environment 2,2", "gap environment 1,2"},
		"safety": {
			"gap environment 2,1 of B", "split river-chief 2,1 of B", "split safety 1,1", "split safety 1,2"},
	} {
		var run merge.Run
		w.run(t, func(tx pgx.Tx) (err error) {
			run, err = merge.Overlay(t.Context(), tx, w.Territory, w.Edition, merge.Options{Base: base}, "test")
			return err
		})
		var got []string
		for _, c := range w.list(t, run, merge.Filter{}) {
			text := fmt.Sprintf("%s %s %s,%s", c.Kind, c.Layer, c.Cell[5:6], c.Cell[8:9])
			if c.Detail.BaseCell != nil {
				text += " of " + c.Detail.BaseCell.Code
			}
			got = append(got, text)
			if wants := base == "safety" && c.Layer == "safety"; wants != (c.Proposal == merge.AdoptLayer) {
				t.Errorf("%s: proposed %s", text, c.Proposal)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("base %s: got\n%s\nwant\n%s", base, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		w.sound(t)
	}
	err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := merge.Overlay(t.Context(), tx, w.Territory, w.Edition, merge.Options{Base: "social-order"}, "test")
		return err
	})
	var wrong *grids.Error
	if !errors.As(err, &wrong) || wrong.Field != "base" {
		t.Errorf("a base without cells: %v", err)
	}
}

// sound runs the crosswalk check, which must find nothing.
func (w world) sound(t testing.TB) {
	t.Helper()
	err := w.db.Read(t.Context(), grids.Public, func(tx pgx.Tx) error {
		findings, checked, off, err := merge.Check(t.Context(), tx, w.Territory)
		if err == nil && (len(findings) > 0 || checked == 0 || off > 1e-9) {
			t.Errorf("checked %d, off by %g: %+v", checked, off, findings)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestConflictOfPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 2)
	w.assign(t, "S5", "accountable", w.Root())
	w.assign(t, "S4", "deputy", w.Column(1))
	w.assign(t, "S1", "accountable", w.Leaf(1, 1))
	w.put(t,
		box{"environment", "E11", 0, 0, 1, 1, "S1", 0}, box{"environment", "E12", 0, 1, 1, 2, "", 0},
		box{"environment", "E2", 1, 0, 2, 2, "S2", 0}, box{"environment", "E3", 2, 0, 3, 2, "", 0},
		box{"safety", "A1", 0, 0, 1, 2, "", 0}, box{"safety", "A2", 1, 0, 2, 1, "S3", 0}, box{"safety", "A3", 1, 1, 2, 2, "S2", 0}, box{"safety", "A4", 2, 0, 3, 2, "", 0},
		box{"river-chief", "R", 1, 0, 2, 1, "S3", 0})
	run := w.overlay(t, "environment", "safety", "river-chief")
	got := make(map[string]string)
	for _, c := range w.list(t, run, merge.Filter{Blocking: true}) {
		got[brief(c)] = c.Proposal
		switch c.ReasonKey {
		case "none-acting":
			if c.Detail.Own != nil || c.Detail.Acting == nil || c.Detail.Acting.Name == "" || len(c.Detail.Named) != 0 {
				t.Errorf("%+v", c.Detail)
			}
		case "two-most-named":
			if len(c.Detail.Named) != 3 || c.Detail.Named[0].Layer != "environment" || c.Detail.Named[0].StaffNo != "S2" || c.Detail.Named[0].LayerCell != "E2" {
				t.Errorf("%+v", c.Detail)
			}
		}
	}
	want := map[string]string{
		"none-accountable  1,2 none-acting":   "accept-acting",
		"two-accountable  2,1 two-most-named": "accountable:S3",
		"none-accountable  2,2 none-named":    "accountable:S2",
		"none-accountable  3,1 none-acting":   "accept-acting",
		"none-accountable  3,2 none-acting":   "accept-acting",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if run.Blocking != len(want) || run.Unsettled != run.Conflicts {
		t.Errorf("%+v", run)
	}
}

func TestObjectsAndOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 2)
	w.staffed(t)
	w.put(t, box{"safety", "A", 0, 0, 0.7, 2, "S1", 0}, box{"safety", "B", 0.7, 0, 2, 2, "S1", 0})
	w.run(t, func(tx pgx.Tx) error {
		for i, at := range []struct {
			geometry string
			cell     grids.Code
		}{
			{"POINT(0.5 1.5)", w.Leaf(1, 2)},       // placed
			{"POINT(1 1)", ""},                     // on a corner, unplaced
			{"POINT(3 3)", ""},                     // outside
			{"LINESTRING(0.5 0.5, 1.5 0.5)", ""},   // unplaced
			{"LINESTRING(2 0, 2.5 0)", ""},         // touches the territory
			{"POLYGON((2 0,2 2,3 2,3 0,2 0))", ""}, // beside it
			{"POLYGON((1 0,2 0,3 2,1 2,1 0))", ""}, // unplaced
		} {
			_, err := tx.Exec(t.Context(), `
				INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, provenance)
				SELECT $1, 'enterprise', $2, '示例企业 0001 号', ST_SetSRID(ST_Translate(ST_Scale($3::geometry, $4::float8, $4::float8), $5::float8, $6::float8), 4326), 'import', 'demo'`,
				w.Territory, fmt.Sprint("O", i), at.geometry, cellstest.Step, cellstest.West, cellstest.South)
			if err != nil {
				return err
			}
			if at.cell != "" {
				_, err = tx.Exec(t.Context(), `
					INSERT INTO objects.placement (territory_id, object_id, cell_id, share, during)
					SELECT $1, id, $2, 1, tstzrange(now(), NULL) FROM objects.object WHERE code = $3`,
					w.Territory, w.Cell(t, at.cell), fmt.Sprint("O", i))
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	run := w.overlay(t)
	var unplaced []string
	for _, c := range w.list(t, run, merge.Filter{Kind: merge.ObjectUnplaced}) {
		unplaced = append(unplaced, c.Detail.Object.Code)
		if !c.Blocking || c.Proposal != "place-object" {
			t.Errorf("%+v", c)
		}
	}
	slices.Sort(unplaced)
	if !slices.Equal(unplaced, []string{"O1", "O3", "O6"}) {
		t.Errorf("unplaced %v", unplaced)
	}
	all := w.list(t, run, merge.Filter{})
	if !all[0].Blocking {
		t.Error("blocking ones don't come first")
	}
	splits := w.list(t, run, merge.Filter{Kind: merge.Split})
	if len(splits) != 2 || splits[0].Cell != w.Leaf(1, 2) || splits[0].Touches != 2 || splits[1].Touches != 1 {
		t.Errorf("%+v", splits)
	}
	if lon, lat := cellstest.At(0, 1); *splits[0].Lon < lon || *splits[0].Lat < lat {
		t.Errorf("place %g %g", *splits[0].Lon, *splits[0].Lat)
	}
	if near := math.Abs(splits[0].Detail.MaxShare - 0.7); near > 1e-4 {
		t.Errorf("largest share %g", splits[0].Detail.MaxShare)
	}
	for _, order := range []merge.Order{merge.ByBlocking, merge.BySeverity, merge.ByArea, merge.ByWidth, merge.ByTouches, merge.ByCell} {
		whole := w.page(t, run, merge.Filter{}, merge.Page{Order: order})
		var paged []merge.Conflict
		for after := int64(0); ; {
			page := w.page(t, run, merge.Filter{}, merge.Page{Order: order, After: after, Limit: 2})
			if len(page) == 0 {
				break
			}
			paged, after = append(paged, page...), page[len(page)-1].ID
		}
		if len(whole) != len(all) || !reflect.DeepEqual(paged, whole) {
			t.Errorf("pages by %q differ from the list", order)
		}
		for i := 1; i < len(whole); i++ {
			a, b := whole[i-1], whole[i]
			if wrong := map[merge.Order]bool{
				merge.BySeverity: a.Severity == merge.Low && b.Severity != merge.Low, merge.ByArea: a.AreaM2 < b.AreaM2, merge.ByWidth: a.WidthM < b.WidthM,
				merge.ByTouches: a.Touches < b.Touches, merge.ByCell: a.Cell > b.Cell && b.Cell != "", merge.ByBlocking: b.Blocking && !a.Blocking,
			}; wrong[order] {
				t.Errorf("by %q, %+v stands before %+v", order, a, b)
			}
		}
	}
}
