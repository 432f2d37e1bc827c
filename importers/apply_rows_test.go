package importers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
)

// applied stages rows, understands them and applies them; the transaction is
// rolled back after look.
func (w town) applied(t *testing.T, r Request, columns []string, rows [][]string, look func(pgx.Tx, Report, error)) {
	t.Helper()
	territory := w.territory(t)
	if r.Provenance == "" {
		r.Provenance = "imported"
	}
	err := w.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		batch := staged(t, tx, territory, columns, rows)
		u, err := understand(t.Context(), tx, territory, batch, grids.Local, r, surveyed(territory, columns, rows))
		if err != nil {
			return err
		}
		report := Report{Mapping: u.mapping, File: "file.csv"}
		err = apply(t.Context(), tx, territory, w.Edition, batch, r, grids.Local, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), &report)
		databasetest.InBothLanguages(t, append(u.findings, report.Findings...))
		look(tx, report, err)
		return errDryRun
	})
	if err != errDryRun {
		t.Fatal(err)
	}
}

// rowsWith gives the rows of a report's findings of a kind.
func rowsWith(r Report, kind string) []int {
	var rows []int
	for _, f := range r.Findings {
		if f.Kind == kind {
			rows = append(rows, f.Row)
		}
	}
	return rows
}

func TestFirmsCodes(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	id := identity("43020219900101001")
	w.applied(t, Request{Target: "enterprises"}, []string{"统一社会信用代码", "企业名称", "联系电话", "排污许可"}, [][]string{
		{"914403001922038216", "示例甲", "0731-1", "A"},
		{"914403001922038217", "示例乙", "0731-2", "B"},
		{"9135O100M000100Y43", "示例丙", "0731-3", "C"},
		{" 91350100m000100y43", "示例丁", "0731-4", "D"},
		{"192203821", "示例戊", "0731-5", "E"},
		{id, "示例己", "0731-6", "F"},
		{"示例-7", "示例庚", "0731-7", "G"},
	}, func(tx pgx.Tx, r Report, err error) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Applied != 4 || r.Rejected != 3 {
			t.Errorf("%d applied, %d rejected: %+v", r.Applied, r.Rejected, r.Findings)
		}
		for kind, rows := range map[string][]int{"check-digit": {3}, "credit-code-letter": {4}, "old-code": {6}, "personal-code": {7}} {
			if got := rowsWith(r, kind); !slices.Equal(got, rows) {
				t.Errorf("%s: rows %v, want %v", kind, got, rows)
			}
		}
		for _, f := range r.Findings {
			if f.Severity == grids.SeverityError && (f.Field != "统一社会信用代码" || f.Value == "" || f.Message == "") {
				t.Errorf("%+v", f)
			}
			if strings.Contains(f.Value, "19900101") {
				t.Errorf("an identity number is shown: %+v", f)
			}
		}
		var codes string
		if err := tx.QueryRow(t.Context(), `SELECT string_agg(code, ' ' ORDER BY code) FROM objects.object`).Scan(&codes); err != nil {
			t.Fatal(err)
		}
		if codes != "192203821 91350100M000100Y43 914403001922038216 示例-7" && codes != "示例-7 192203821 91350100M000100Y43 914403001922038216" {
			t.Error(codes)
		}
	})
}

// What is sent on to the room beside the fields: the row as it came, the columns
// that may be shown, the names of places, the answers.
func TestWhatRoomsGet(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	territory := w.territory(t)
	w.tx(t, grids.Local, func(tx pgx.Tx) error {
		columns := []string{"编码", "名称", "县市区", "乡镇", "村社区", "排污许可证", "备注", "身份证"}
		rows := [][]string{{"DEMO-1", "示例", "示例县1", "", "430201001000 示例村1-1", "P1", "x", "1"}}
		batch := staged(t, tx, territory, columns, rows)
		r := Request{Target: "monitors", Publish: []string{"排污许可证", "身份证"}, Choices: map[int]string{2: "430201001000"}, Provenance: "imported"}
		u, err := understand(t.Context(), tx, territory, batch, grids.Local, r, surveyed(territory, columns, rows))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `CREATE TEMP TABLE import_value (field text, text text, value text); CREATE TEMP TABLE import_code (row int, text text, code text); CREATE TEMP TABLE import_rejected (row int)`); err != nil {
			return err
		}
		choices, err := r.choices()
		if err != nil {
			return err
		}
		m := u.mapping
		if _, err := tx.Exec(t.Context(), applyObjectsSQL, territory.ID, batch, "monitor", m["code"], m["name"], m["village"], m["located_by"], "{}", "imported", m["county"], m["town"], choices, r.published()); err != nil {
			return err
		}
		var sent, published map[string]string
		var county, village, choice string
		var town *string
		if err := tx.QueryRow(t.Context(), `SELECT sent, published, county_name, town_name, cell_name, choice FROM objects.intake WHERE batch = $1`, batch).
			Scan(&sent, &published, &county, &town, &village, &choice); err != nil {
			return err
		}
		if fmt.Sprint(published) != "map[排污许可证:P1]" || sent["备注"] != "x" || sent["身份证"] != "" || len(sent) != 7 || county != "示例县1" || town != nil || village != "430201001000" || choice != "430201001000" {
			t.Errorf("%v %v %s %v %s %s", sent, published, county, town, village, choice)
		}
		return nil
	})
}

func TestWordsOfAssignments(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.tx(t, grids.Local, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, '1', '示例', 'demo')`, w.Territory)
		return err
	})
	leaf := string(w.Leaf(0, 0))
	w.applied(t, Request{Target: Assignments}, []string{"工号", "网格代码", "角色", "条线", "党政", "排序号", "任职时间", "离任时间"}, [][]string{
		{"1", leaf, "网格员", "环保", "党委", "１", "2024.3.1", "2025年3月1日"},
		{"1", leaf, "网格员", "安全生产", "", "2.0", "45352", "至今"},
		{"1", leaf, "保洁员", "环保", "", "", "", ""},
		{"1", leaf, "网格员", "气象", "", "", "", ""},
		{"1", leaf, "网格员", "", "", "", "去年三月", ""},
		{"1", leaf, "网格员", "", "", "第一", "2024-03-01", ""},
		{"1", leaf + " 示例村", "officer", "river-chief", "government", "", "2024-03-01T08:00:00+08:00", ""},
	}, func(tx pgx.Tx, r Report, err error) {
		if err != nil {
			t.Fatal(err)
		}
		for kind, rows := range map[string][]int{"unknown-word": {4, 5}, "bad-date": {6}, "bad-number": {7}} {
			if got := rowsWith(r, kind); !slices.Equal(got, rows) {
				t.Errorf("%s: rows %v, want %v (%+v)", kind, got, rows, r.Findings)
			}
		}
		var got string
		if err := tx.QueryRow(t.Context(), `SELECT string_agg(concat_ws(' ', layer, side, rank, during), '; ' ORDER BY layer) FROM people.assignment`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		want := `environment party 1 ["2024-03-01 00:00:00+00","2025-03-01 00:00:00+00"); river-chief government 0 ["2024-03-01 00:00:00+00",); safety 2 ["2024-03-01 00:00:00+00",)`
		if got != want || r.Applied != 3 || r.Rejected != 4 {
			t.Errorf("%s\n%s", got, want)
		}
	})
}

func TestCodesOfCells(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, test := range []struct {
		name  string
		codes []string
		kind  string
		says  string
	}{
		{"nine digits are extended", []string{"430201001", "430201002000"}, "code-extended", "1 codes of 9 digits"},
		{"full-width digits", []string{"４３０２０１００１", "430201002"}, "code-extended", "2 codes of 9 digits"},
		{"a letter for a digit", []string{"43O201001", "430201002"}, "bad-code", "it should be 430201001000"},
		{"no zeros after the town", []string{"430201001001", "430201002"}, "bad-code", "zeros"},
		{"twice", []string{"430201001", "430201001000"}, "duplicate-code", "row 2"},
		{"none", []string{"", "430201001000"}, "bad-code", "does not fit"},
	} {
		var rows [][]string
		for i, code := range test.codes {
			rows = append(rows, []string{code, fmt.Sprint("示例", i)})
		}
		w.applied(t, Request{Target: Cells, Tier: 3}, []string{"XZQDM", "XZQMC"}, rows, func(_ pgx.Tx, r Report, err error) {
			at := slices.IndexFunc(r.Findings, func(f grids.Finding) bool { return f.Kind == test.kind })
			if at < 0 || !strings.Contains(r.Findings[at].Message, test.says) || r.Findings[at].Field != "XZQDM" {
				t.Errorf("%s: %+v %v", test.name, r.Findings, err)
			}
			if bad := test.kind != "code-extended"; bad && !strings.Contains(fmt.Sprint(err), "wrong code") {
				t.Errorf("%s: %v", test.name, err)
			}
		})
	}
}
