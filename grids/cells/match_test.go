package cells_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

func TestNameKey(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	read(t, db, func(tx pgx.Tx) error {
		for key, names := range map[string][]string{
			"大同":   {"大同村", "大同", "大同村委会", "大同村村委会", "大同村民委员会", "大同村村民委员会", "大同社区", "大同社区居委会", "大同居民委员会", " 大 同　村 "},
			"建宁":   {"建宁街道", "建宁街道办事处", "建宁街道办", "建宁办事处", "建宁", "建宁镇", "建宁乡"},
			"芦淞":   {"芦淞区", "芦淞"},
			"株洲":   {"株洲市", "株洲县"},
			"a1":   {"Ａ１村", "a1社区"},
			"村":    {"村"},
			"社区":   {"社区"},
			"渌口":   {"渌口镇", "渌口区"},
			"新市":   {"新市镇", "新市村"},
			"洣江":   {"洣江街道", "洣江乡"},
			"居委会":  {"居委会"},
			"第七":   {"第七村"},
			"东湖花园": {"东湖花园社区居民委员会"},
		} {
			for _, name := range names {
				var got string
				if err := tx.QueryRow(t.Context(), `SELECT cells.name_key($1)`, name).Scan(&got); err != nil {
					return err
				}
				if got != key {
					t.Errorf("%q: %q, want %q", name, got, key)
				}
			}
		}
		return nil
	})
}

func read(t *testing.T, db *database.DB, fn func(pgx.Tx) error) {
	t.Helper()
	if err := db.Read(t.Context(), grids.Local, fn); err != nil {
		t.Fatal(err)
	}
}

// named is a territory of 2 counties of 4 towns (the leaves) with names of their
// own, in edition 1, published, and edition 2, a draft, in which one has another.
func named(t *testing.T) (*database.DB, cellstest.Squares) {
	t.Helper()
	db := databasetest.New(t)
	s := cellstest.New(t, db, "4302", 2, 4)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		for code, name := range map[string]string{
			"430201000000": "芦淞区", "430202000000": "石峰区", "430201001000": "大同村", "430201002000": "大同社区", "430201003000": "白关镇", "430201004000": "曲尺乡",
			"430202001000": "大同村", "430202002000": "田心街道", "430202003000": "白关", "430202004000": "旧名村",
		} {
			if _, err := tx.Exec(t.Context(), `UPDATE cells.version SET name = $2 WHERE code = $1`, code, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err == nil {
		err = db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `WITH p AS (INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'T1', '示例', 'demo') RETURNING id)
				INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
				SELECT $1, p.id, v.cell_id, 'accountable', '[2020-01-01,)', 'test' FROM p, cells.of($1, 1) v WHERE v.tier = 1`, s.Territory)
			return err
		})
	}
	if err == nil {
		err = s.Publish(t, 1, time.Now())
	}
	if err == nil {
		err = db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
			for _, sql := range []string{
				`INSERT INTO editions.edition (territory_id, seq, state, created_by) SELECT territory_id, 2, 'draft', 'test' FROM editions.edition`,
				`UPDATE cells.version SET to_edition = 2 WHERE code = '430202004000'`,
				`INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
				 SELECT territory_id, cell_id, 2, code, '新名社区', tier, parent_id, geom, area_m2, label, provenance FROM cells.version WHERE code = '430202004000'`,
			} {
				if _, err := tx.Exec(t.Context(), sql); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return db, s
}

func TestMatch(t *testing.T) {
	t.Parallel()
	db, s := named(t)
	read(t, db, func(tx pgx.Tx) error {
		for name, c := range map[string]struct {
			edition            int
			tier               any
			county, town, name string
			want               string // codes
		}{
			"exact":                      {1, 3, "芦淞区", "", "大同村", "430201001000"},
			"exact before another sort":  {1, 3, "芦淞", "", "大同社区", "430201002000"},
			"by key alone: both":         {1, 3, "芦淞区", "", "大同", "430201001000 430201002000"},
			"in two counties":            {1, 3, "", "", "大同村", "430201001000 430202001000"},
			"no such county":             {1, 3, "天元区", "", "大同村", ""},
			"exact wins elsewhere":       {1, 3, "", "", "白关", "430202003000"},
			"suffix differs":             {1, 3, "石峰", "", "田心街道办事处", "430202002000"},
			"blanks and full width":      {1, 3, " 石 峰 区 ", "", "　田心 街道", "430202002000"},
			"old name":                   {2, 3, "石峰区", "", "旧名", "430202004000"},
			"new name":                   {2, 3, "", "", "新名村", "430202004000"},
			"the new name is not yet":    {1, 3, "", "", "旧名村", "430202004000"},
			"another tier":               {1, 2, "", "", "大同村", ""},
			"a county by its own name":   {1, 2, "芦淞区", "", "芦淞", "430201000000"},
			"any tier":                   {1, nil, "", "", "芦淞", "430201000000"},
			"leaves only":                {1, 0, "", "", "芦淞区", ""},
			"a leaf":                     {1, 0, "", "", "曲尺", "430201004000"},
			"code":                       {1, 0, "", "", "430201004000", "430201004000"},
			"town named, is the cell":    {1, 3, "", "曲尺乡", "曲尺乡", "430201004000"},
			"town named, is another one": {1, 3, "", "白关镇", "曲尺乡", ""},
			"nothing":                    {1, 3, "", "", "", ""},
		} {
			var got string
			if err := tx.QueryRow(t.Context(), `SELECT coalesce(string_agg(code, ' ' ORDER BY code), '') FROM cells.match($1, $2, $3, $4, $5, $6)`,
				s.Territory, c.edition, c.tier, c.county, c.town, c.name).Scan(&got); err != nil {
				return err
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		return nil
	})
}

func TestMatchIntake(t *testing.T) {
	t.Parallel()
	db, s := named(t)
	err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		territory := cells.Territory{ID: s.Territory}
		for i, r := range [][]string{ // code, county, name, choice, want, finding
			{"430201003000", "", "白关镇", "", "430201003000", ""},
			{"", "", "田心", "", "430202002000", ""},
			{"", "", "大同村", "", "", "ambiguous"},
			{"", "", "大同村", "430202001000", "430202001000", ""},
			{"", "芦淞区", "大同村", "", "430201001000", ""},
			{"", "", "没有村", "", "", "unknown-cell"},
			{"", "", "曲尺乡", "", "", "duplicate"},
			{"", "芦淞", "曲尺", "", "", "duplicate"},
			{"", "芦淞", "白关镇", "", "", "duplicate"},
		} {
			if _, err := tx.Exec(t.Context(), `INSERT INTO cells.intake (territory_id, batch, row, code, name, tier, county_name, choice, provenance)
				VALUES ($1, 9, $2, $3, $4, 3, $5, $6, 'imported')`, s.Territory, i+1, r[0], r[2], r[1], r[3]); err != nil {
				return err
			}
		}
		found, err := cells.MatchIntake(t.Context(), tx, territory, 1, 9)
		if err != nil {
			return err
		}
		databasetest.InBothLanguages(t, found)
		kinds := map[int]string{}
		for _, f := range found {
			kinds[f.Row] = f.Kind
			if f.Severity != grids.SeverityError || (f.Kind == "ambiguous") != (len(f.Candidates) == 2) {
				t.Errorf("%+v", f)
			}
		}
		want := map[int]string{3: "ambiguous", 6: "unknown-cell", 7: "duplicate", 8: "duplicate", 9: "duplicate"}
		if len(kinds) != len(want) {
			t.Errorf("%v, want %v", kinds, want)
		}
		for row, kind := range want {
			if kinds[row] != kind {
				t.Errorf("row %d: %q, want %q", row, kinds[row], kind)
			}
		}
		var codes string
		if err := tx.QueryRow(t.Context(), `SELECT string_agg(code, ' ' ORDER BY row) FROM cells.intake WHERE batch = 9`).Scan(&codes); err != nil {
			return err
		}
		if want := "430201003000 430202002000  430202001000 430201001000    "; codes != want {
			t.Errorf("%q, want %q", codes, want)
		}
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Fatal(err)
	}
}

// TestMatchNeverGuesses gives random names to cells and asks for random ones:
// what is found has the name asked for, and an exact one hides the others.
func TestMatchNeverGuesses(t *testing.T) {
	t.Parallel()
	db, s := named(t)
	stems, suffixes := []string{"大同", "白关", "田心", "曲尺"}, []string{"", "村", "社区", "镇", "街道"}
	read(t, db, func(tx pgx.Tx) error {
		rapid.Check(t, func(rt *rapid.T) {
			asked := rapid.SampledFrom(stems).Draw(rt, "stem") + rapid.SampledFrom(suffixes).Draw(rt, "suffix")
			rows, err := tx.Query(t.Context(), `SELECT m.name FROM cells.match($1, 1, NULL, '', '', $2) m`, s.Territory, asked)
			if err != nil {
				rt.Fatal(err)
			}
			names, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				rt.Fatal(err)
			}
			exact := 0
			for _, name := range names {
				if name == asked {
					exact++
				}
				if !strings.HasPrefix(name, string([]rune(asked)[:2])) {
					rt.Errorf("%s for %s", name, asked)
				}
			}
			if len(names) == 0 || (exact > 0 && exact < len(names)) {
				rt.Errorf("%v for %s", names, asked)
			}
		})
		return nil
	})
}
