package collections_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/layers"
	"unigrid/grids/objects"
)

// TestMain keeps the property test short; -rapid.checks on the command line
// wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "6"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// since tells what happened later, and is there to do so: when a version ended,
// and the codes that a cell has had.
var since = regexp.MustCompile(`"valid_to":[^,}]*|"aliases":\[[^\]]*\],`)

// Whatever is imported, moved, retired, redrawn and published: what was answered
// for any instant before stays as it was, byte by byte.
func TestPastAnswersStay(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	towns := 0
	rapid.Check(t, func(r *rapid.T) {
		towns++
		w := newTown(t, db, fmt.Sprint(1000+towns))
		steps := rapid.IntRange(8, 14).Draw(r, "steps")
		kinds := rapid.SampledFrom([]objects.Kind{objects.Enterprise, objects.Monitor, objects.WaterSource, objects.RiverReach})
		code := rapid.SampledFrom([]string{"A", "B", "C"})
		name := rapid.SampledFrom([]string{"示例甲", "示例乙"})
		staff := rapid.SampledFrom([]string{"S1", "S2", "S3"})
		x := rapid.Float64Range(112.995, 113.025) // the town is 113-113.02, 27-27.04
		y := rapid.Float64Range(26.995, 27.045)
		box := func() string {
			x0, y0 := x.Draw(r, "x"), y.Draw(r, "y")
			return fmt.Sprintf("POLYGON((%[1]f %[2]f,%[3]f %[2]f,%[3]f %[4]f,%[1]f %[4]f,%[1]f %[2]f))", x0, y0, x0+0.007, y0+0.012)
		}
		type answered struct {
			at     string
			id     string
			answer []string
		}
		var past []answered
		for range steps {
			op := rapid.SampledFrom([]string{"take", "take", "locate", "retire", "layer", "layer", "retire layer", "rename", "assign", "redraw", "redraw", "rename cell", "add layer"}).Draw(r, "op")
			column := rapid.IntRange(0, columns-1).Draw(r, "column")
			n := rapid.IntRange(0, len(w.leaves[column])-1).Draw(r, "leaf")
			chosen := w.leaves[column][n]
			switch op {
			case "take":
				kind := kinds.Draw(r, "kind")
				shape := fmt.Sprintf("POINT(%f %f)", x.Draw(r, "x"), y.Draw(r, "y"))
				switch {
				case kind == objects.WaterSource:
					shape = box()
				case kind == objects.RiverReach:
					shape = fmt.Sprintf("LINESTRING(%f %f,%f %f)", x.Draw(r, "x"), y.Draw(r, "y"), x.Draw(r, "x"), y.Draw(r, "y")+0.001)
				case rapid.Bool().Draw(r, "unlocated"):
					shape = ""
				}
				w.take(kind, code.Draw(r, "code"), name.Draw(r, "name"), shape)
			case "locate":
				w.tx(func(tx pgx.Tx) error {
					var edition grids.EditionID
					if err := tx.QueryRow(t.Context(), `SELECT editions.published($1)`, w.territory.ID).Scan(&edition); err != nil {
						return err
					}
					err := objects.Locate(t.Context(), tx, w.territory.ID, edition, kinds.Draw(r, "kind"), code.Draw(r, "code"), x.Draw(r, "x"), y.Draw(r, "y"), objects.ByHand, time.Now())
					if grids.IsKind(err, grids.NotFound) || grids.IsKind(err, grids.Invalid) {
						err = nil
					}
					return err
				})
			case "retire":
				w.retire(kinds.Draw(r, "kind"), code.Draw(r, "code"))
			case "layer":
				w.takeLayer(code.Draw(r, "code"), name.Draw(r, "name"), staff.Draw(r, "staff"), box())
			case "retire layer":
				w.tx(func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), `DELETE FROM layers.cell WHERE territory_id = $1 AND code = $2`, w.territory.ID, code.Draw(r, "code"))
					return err
				})
			case "rename":
				w.hire(staff.Draw(r, "staff"), name.Draw(r, "name"))
			case "assign":
				w.assign(staff.Draw(r, "staff"), chosen.cell.Code)
			case "redraw":
				w.publish(func(tx pgx.Tx, draft grids.EditionID) error {
					if chosen.to-chosen.from > 1 {
						return w.replace(tx, draft, column, n, 0, chosen.from+1)
					}
					return w.replace(tx, draft, column, min(n, len(w.leaves[column])-2), 1, 0)
				})
			case "rename cell":
				w.publish(func(tx pgx.Tx, draft grids.EditionID) error {
					c := chosen.cell
					c.Name = name.Draw(r, "name") + string(c.Code) // siblings have names of their own
					return cells.Redraw(t.Context(), tx, w.territory, draft, []cells.Cell{c})
				})
			case "add layer":
				w.tx(func(tx pgx.Tx) error {
					return layers.Add(t.Context(), tx, w.territory.ID, layers.Layer{Code: grids.LayerCode("l" + strings.ToLower(code.Draw(r, "code"))), Name: grids.Text{ZH: "林业", EN: "Forests"}})
				})
			}
			for _, p := range past {
				now := w.answer(def(t, p.id), p.at)
				for i := range max(len(now), len(p.answer)) {
					if i >= len(now) || i >= len(p.answer) || since.ReplaceAllString(now[i], "") != since.ReplaceAllString(p.answer[i], "") {
						r.Fatalf("after %s, %s at %s\nwas %v\nis  %v", op, p.id, p.at, p.answer, now)
					}
				}
			}
			at := instant(w.now())
			for _, d := range collections.All() {
				answer := w.answer(d, at)
				if other := w.answer(d, ""); !slices.Equal(answer, other) {
					r.Fatalf("%s: now %v, and at %s %v", d.ID, other, at, answer)
				}
				past = append(past, answered{at, d.ID, answer})
			}
		}
		w.tx(func(tx pgx.Tx) error {
			found, _, err := objects.Check(t.Context(), tx, w.territory.ID)
			if len(found) > 0 {
				r.Fatalf("%+v", found)
			}
			return err
		})
	})
}

// property gives a property of a feature, or its id, as JSON text.
func property(t testing.TB, feature, name string) string {
	t.Helper()
	var f struct {
		ID         json.RawMessage
		Properties map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(feature), &f); err != nil {
		t.Fatal(err)
	}
	if name == "id" {
		return string(f.ID)
	}
	return strings.Trim(string(f.Properties[name]), `"`)
}

func TestObjectInTime(t *testing.T) {
	t.Parallel()
	w := newTown(t, databasetest.New(t), "4302")
	d := def(t, "enterprises")
	before := w.now()
	w.take(objects.Enterprise, "E", "示例甲", "POINT(113.005 27.005)")
	first := w.now()
	if took := w.take(objects.Enterprise, "E", "示例甲", "POINT(113.005 27.005)"); took.Unchanged != 1 {
		t.Errorf("%+v", took)
	}
	w.take(objects.Enterprise, "E", "示例乙", "POINT(113.005 27.015)")
	second := w.now()
	if w.retire(objects.Enterprise, "E") != 1 || w.retire(objects.Enterprise, "E") != 0 {
		t.Error("retired another number of objects")
	}
	gone := w.now()
	w.take(objects.Enterprise, "E", "示例丙", "")
	back := w.now()

	for _, x := range []struct{ datetime, name, cell string }{
		{instant(before), "", ""},
		{instant(first), "示例甲", "430201001000"},
		{instant(second), "示例乙", "430201002000"},
		{instant(gone), "", ""},
		{instant(back), "示例丙", "null"},
		{"", "示例丙", "null"},
		{"../" + instant(before), "", ""},
		{"../" + instant(first), "示例甲", "430201001000"},
		{instant(first) + "/" + instant(second), "示例乙", "430201002000"},
		{instant(first) + "/" + instant(gone), "示例乙", "430201002000"},
		{instant(gone) + "/" + instant(gone), "", ""},
		{instant(gone) + "/..", "示例丙", "null"},
		{"2999-01-01T00:00:00Z/..", "示例丙", "null"},
	} {
		answer := w.answer(d, x.datetime)
		switch {
		case x.name == "" && len(answer) == 0:
		case x.name == "" || len(answer) != 1:
			t.Errorf("%s: %v", x.datetime, answer)
		case property(t, answer[0], "name") != x.name || property(t, answer[0], "cell") != x.cell:
			t.Errorf("%s: %s", x.datetime, answer[0])
		}
	}
	versions := w.versions(d, "E")
	if len(versions) != 3 {
		t.Fatalf("%v", versions)
	}
	for i, v := range versions {
		from, to := property(t, v, "valid_from"), property(t, v, "valid_to")
		if next := i + 1; next < len(versions) && (to == "null") || next == len(versions) && to != "null" ||
			i == 1 && from != property(t, versions[0], "valid_to") || i == 2 && from == property(t, versions[1], "valid_to") ||
			property(t, v, "uid") != property(t, versions[0], "uid") {
			t.Errorf("version %d: %s", i, v)
		}
	}
	if again := w.versions(d, property(t, versions[0], "uid")); !slices.Equal(again, versions) {
		t.Errorf("by uid %v", again)
	}
	w.tx(func(tx pgx.Tx) error {
		var by string
		err := tx.QueryRow(t.Context(), `SELECT min(recorded_by) FROM objects.version WHERE recorded_at >= lower(during)`).Scan(&by)
		if by != grids.Local.Name {
			t.Errorf("recorded by %q", by)
		}
		return err
	})
	// Versions are written by what changes objects, and by nothing else.
	for _, statement := range []string{
		`UPDATE objects.version SET name = 'x'`, `DELETE FROM objects.version`,
		`INSERT INTO objects.version SELECT * FROM objects.version`,
		`UPDATE layers.version SET name = 'x'`, `UPDATE people.person_version SET name = 'x'`,
		`UPDATE objects.object SET name = 'x', changed_at = now() + interval '1 hour'`,
		`INSERT INTO objects.object (territory_id, kind, code, name, provenance, changed_at) VALUES (1, 'monitor', 'x', 'x', 'demo', now() - interval '1 hour')`,
	} {
		err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err == nil {
			t.Errorf("the database let it pass: %s", statement)
		}
	}
}

func TestLayerCellAndCrosswalkInTime(t *testing.T) {
	t.Parallel()
	w := newTown(t, databasetest.New(t), "4302")
	cells, crosswalk := def(t, "layer-cells"), def(t, "crosswalk")
	nothing := func(pgx.Tx, grids.EditionID) error { return nil }
	w.takeLayer("L", "示例甲", "S2", "POLYGON((113 27,113.02 27,113.02 27.02,113 27.02,113 27))")
	w.publish(nothing)
	first := w.now()
	w.takeLayer("L", "示例乙", "S2", "POLYGON((113 27,113.01 27,113.01 27.04,113 27.04,113 27))")
	w.hire("S2", "示例人员 二")
	renamed := w.now()
	w.publish(func(tx pgx.Tx, draft grids.EditionID) error { return w.replace(tx, draft, 0, 0, 1, 0) })
	second := w.now()
	w.tx(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM layers.cell WHERE territory_id = $1 AND code = 'L'`, w.territory.ID)
		return err
	})
	retired := w.now()

	for _, x := range []struct{ datetime, name, who string }{
		{instant(first), "示例甲", "示例人员 S2"},
		{instant(renamed), "示例乙", "示例人员 二"},
		{"../" + instant(first), "示例甲", "示例人员 S2"},
		{instant(first) + "/" + instant(renamed), "示例乙", "示例人员 二"},
		{instant(retired), "", ""},
		{"", "", ""},
	} {
		answer := w.answer(cells, x.datetime)
		if x.name == "" && len(answer) == 0 {
			continue
		}
		if len(answer) != 1 || property(t, answer[0], "name") != x.name || property(t, answer[0], "responsible_name") != x.who {
			t.Errorf("%s: %v", x.datetime, answer)
		}
	}
	if versions := w.versions(cells, "safety:L"); len(versions) != 2 || property(t, versions[1], "valid_to") == "null" {
		t.Errorf("%v", versions)
	}
	// The crosswalk follows the edition in force, with the names that it saw.
	pieces := func(datetime string) (list []string) {
		for _, f := range w.answer(crosswalk, datetime) {
			if c := property(t, f, "layer_cell"); c != "null" {
				list = append(list, property(t, f, "cell")+" "+property(t, f, "layer_cell_name"))
			}
		}
		slices.Sort(list)
		return list
	}
	was := []string{"430201001000 示例甲", "430201002000 示例甲", "430202005000 示例甲", "430202006000 示例甲"}
	is := []string{"430201003000 示例乙", "430201004000 示例乙", "430201009000 示例乙"}
	for datetime, want := range map[string][]string{
		instant(first): was, instant(renamed): was, instant(second): is, instant(retired): is, "": is,
		instant(first) + "/" + instant(renamed): was,
		// one per pair of cells, the last of it
		instant(first) + "/..": slices.Sorted(slices.Values(append(slices.Clone(was), is...))),
	} {
		if got := pieces(datetime); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", datetime, got, want)
		}
	}
	for _, f := range w.answer(crosswalk, instant(second)) {
		versions := w.versions(crosswalk, property(t, f, "id"))
		if n := len(versions); n < 1 || n > 2 || property(t, versions[n-1], "valid_to") != "null" || n == 2 && property(t, versions[0], "valid_to") != property(t, versions[1], "valid_from") {
			t.Errorf("%s: %v", f, versions)
		}
	}
}

// A split and a merge of cells: before them, objects and people are where they
// were, afterwards with the successors.
func TestPlacementsAndAssignmentsFollowLineage(t *testing.T) {
	t.Parallel()
	w := newTown(t, databasetest.New(t), "4302")
	townships, enterprises, reaches := def(t, "cells"), def(t, "enterprises"), def(t, "river-reaches")
	w.assign("S2", w.leaves[0][0].cell.Code)
	w.assign("S3", w.leaves[0][2].cell.Code)
	w.take(objects.Enterprise, "E", "示例甲", "POINT(113.005 27.015)")
	w.take(objects.Enterprise, "F", "示例乙", "POINT(113.015 27.005)")
	w.take(objects.RiverReach, "R", "示例河", "LINESTRING(113.005 27.005,113.005 27.035)")
	separate := w.now()
	w.publish(func(tx pgx.Tx, draft grids.EditionID) error { return w.replace(tx, draft, 0, 0, 1, 0) }) // 1 and 2 become 9
	merged := w.now()
	w.publish(func(tx pgx.Tx, draft grids.EditionID) error { return w.replace(tx, draft, 0, 0, 0, 1) }) // 9 becomes 10 and 11
	split := w.now()

	cellOf := func(d *collections.Def, code, datetime string) string {
		for _, f := range w.answer(d, datetime) {
			if property(t, f, "code") == code {
				return property(t, f, "cell")
			}
		}
		return "none"
	}
	accountable := func(code, datetime string) string {
		for _, f := range w.answer(townships, datetime) {
			if property(t, f, "code") == code {
				return property(t, f, "accountable_name") + " " + property(t, f, "accountable_acting")
			}
		}
		return "none"
	}
	for _, x := range []struct {
		at                     time.Time
		cell                   string // of E
		first, second, big     string // who answers for 1, 2 and 9
		south, north, township string // for 10, 11 and the one that stays
		river                  int    // in how many leaves the reach lies
	}{
		{separate, "430201002000", "示例人员 S2 false", "示例人员 S1 true", "none", "none", "none", "示例人员 S3 false", 4},
		{merged, "430201009000", "none", "none", "示例人员 S2 false", "none", "none", "示例人员 S3 false", 3},
		{split, "430201011000", "none", "none", "none", "示例人员 S2 false", "示例人员 S2 false", "示例人员 S3 false", 4},
	} {
		at := instant(x.at)
		if got := cellOf(enterprises, "E", at); got != x.cell {
			t.Errorf("%s: the enterprise lies in %s, want %s", at, got, x.cell)
		}
		if got := cellOf(enterprises, "F", at); got != "430202005000" {
			t.Errorf("%s: what the editions don't touch moved to %s", at, got)
		}
		for code, want := range map[string]string{"430201001000": x.first, "430201002000": x.second, "430201009000": x.big,
			"430201010000": x.south, "430201011000": x.north, "430201003000": x.township} {
			if got := accountable(code, at); got != want {
				t.Errorf("%s: %s answers for %s, want %s", at, got, code, want)
			}
		}
		for _, f := range w.answer(reaches, at) {
			if n := strings.Count(property(t, f, "cells"), "code"); n != x.river {
				t.Errorf("%s: the reach lies in %d leaves: %s", at, n, f)
			}
		}
	}
	w.tx(func(tx pgx.Tx) error {
		var untouched, versions int
		err := tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM objects.placement p JOIN objects.object o ON o.id = p.object_id WHERE o.code = 'F'),
			(SELECT count(*) FROM objects.version)`).Scan(&untouched, &versions)
		if untouched != 1 || versions != 3 {
			t.Errorf("%d placements of what stayed, %d versions of objects that did not change", untouched, versions)
		}
		return err
	})
}
