package cells_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
)

// TestCleanKeepsLocked lets a locked cell overlap others: it stays as it is,
// and where two locked ones overlap, nothing moves without a reason.
func TestCleanKeepsLocked(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	for _, test := range []struct {
		name   string
		rows   []dirtyRow
		unlock string
		refuse string
		opens  cells.ChangeKind
	}{
		{"the larger is locked", []dirtyRow{{"a", orb.MultiPolygon{box(0, 0, 20, 10)}, true}, {"b", orb.MultiPolygon{box(19, 0, 30, 10)}, false}}, "", "", cells.Overlap},
		{"a hair apart", []dirtyRow{{"a", orb.MultiPolygon{box(0, 0, 20, 10)}, true}, {"b", orb.MultiPolygon{box(20.0005, 0, 30, 10)}, false}}, "", "", cells.Sliver},
		{"a spike over it", []dirtyRow{{"a", orb.MultiPolygon{box(0, 0, 20, 10)}, true}, {"b", orb.MultiPolygon{{{{113.02, 27}, {113.03, 27}, {113.03, 27.01}, {113.02, 27.01}, {113.02, 27.0050005}, {113.01, 27.005}, {113.02, 27.005}, {113.02, 27}}}}, false}}, "", "", cells.Spike},
		{"both are locked", []dirtyRow{{"a", orb.MultiPolygon{box(0, 0, 20, 10)}, true}, {"b", orb.MultiPolygon{box(19, 0, 30, 10)}, true}}, "", "the boundary of a is locked", ""},
		{"both are unlocked", []dirtyRow{{"a", orb.MultiPolygon{box(0, 0, 20, 10)}, true}, {"b", orb.MultiPolygon{box(19, 0, 30, 10)}, true}}, "resurveyed in 2026", "", cells.Unlocked},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				putDirty(t, tx, test.rows, nil)
				cleaned, err := cells.Clean(t.Context(), tx, cells.CleanOptions{EPSG: 4547, Unlock: test.unlock})
				if err != nil {
					return err
				}
				if len(cleaned.Changes) == 0 || cleaned.Changes[0].Kind != test.opens {
					t.Errorf("the report opens with %+v, want %s", cleaned.Changes, test.opens)
				}
				if test.unlock != "" && !strings.Contains(cleaned.Changes[0].Message.ZH, test.unlock) {
					t.Errorf("no reason: %s", cleaned.Changes[0].Message.ZH)
				}
				for i, r := range test.rows {
					if r.locked && test.unlock == "" && math.Abs(planar.Area(cleaned.Shapes[i])-planar.Area(r.shape)) > 1e-14 {
						t.Errorf("%s moved: %v", r.code, cleaned.Shapes[i])
					}
				}
				return errDone
			})
			if test.refuse == "" && !errors.Is(err, errDone) || test.refuse != "" && (err == nil || !strings.Contains(err.Error(), test.refuse)) {
				t.Errorf("error %v, want %q", err, test.refuse)
			}
		})
	}
}

// TestReplaceParentsKeepsLocked imports villages that reach over a locked
// county's boundary.
func TestReplaceParentsKeepsLocked(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		territory, edition := create(t, tx, "4302", 4547, grids.GB12)
		counties := intake(t, tx, territory, 2, []row{{"430202000000", "a", box(0, 0, 10, 10)}, {"430203000000", "b", box(10, 0, 20, 10)}})
		must(cells.Adopt(t.Context(), tx, territory, edition, counties, cells.AdoptOptions{Locked: true}))(t)
		locked := func() (n int) {
			if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM cells.of($1, $2) WHERE locked`, territory.ID, edition).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := locked(); n != 2 {
			t.Errorf("%d cells are locked, want 2", n)
		}
		towns := []row{{"430202001000", "a1", box(0, 0, 11, 10)}, {"430203001000", "b1", box(11, 0, 20, 10)}}
		batch := intake(t, tx, territory, 3, towns)
		_, err := cells.Adopt(t.Context(), tx, territory, edition, batch, cells.AdoptOptions{ReplaceParents: true})
		if err == nil || !strings.Contains(err.Error(), "the boundary of 430202000000 is locked") || !strings.Contains(err.Error(), "27.0") {
			t.Errorf("error %v", err)
		}
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Error(err)
	}
	err = db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		territory, edition := create(t, tx, "4302", 4547, grids.GB12)
		counties := intake(t, tx, territory, 2, []row{{"430202000000", "a", box(0, 0, 10, 10)}, {"430203000000", "b", box(10, 0, 20, 10)}})
		must(cells.Adopt(t.Context(), tx, territory, edition, counties, cells.AdoptOptions{Locked: true}))(t)
		batch := intake(t, tx, territory, 3, []row{{"430202001000", "a1", box(0, 0, 11, 10)}, {"430203001000", "b1", box(11, 0, 20, 10)}})
		report := must(cells.Adopt(t.Context(), tx, territory, edition, batch, cells.AdoptOptions{ReplaceParents: true, Unlock: "民政局 2026-3 号"}))(t)
		if len(report.Changes) != 2 || slices.ContainsFunc(report.Changes, func(c cells.Change) bool {
			return c.Kind != cells.Unlocked || !strings.Contains(c.Message.ZH, "民政局 2026-3 号") || c.AreaM2 < 1000 || c.Metres < 90
		}) {
			t.Errorf("changes %+v", report.Changes)
		}
		checkPartition(t, tx, territory, edition)
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Error(err)
	}
}
