package importers

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// town is a territory of squares with one file's rows to stage.
type town struct {
	db *database.DB
	cellstest.Squares
}

func newTown(t *testing.T) town {
	db := databasetest.New(t)
	return town{db, cellstest.New(t, db, "4302", 2, 2)}
}

func (w town) territory(t *testing.T) (found cells.Territory) {
	t.Helper()
	w.tx(t, grids.Local, func(tx pgx.Tx) (err error) {
		found, err = cells.FindTerritory(t.Context(), tx, "")
		return err
	})
	return found
}

func (w town) tx(t *testing.T, who grids.Principal, fn func(pgx.Tx) error) {
	t.Helper()
	if err := w.db.Tx(t.Context(), who, fn); err != nil {
		t.Fatal(err)
	}
}

// staged puts rows of texts into staging.
func staged(t *testing.T, tx pgx.Tx, territory cells.Territory, columns []string, rows [][]string) int64 {
	t.Helper()
	batch, err := cells.NewBatch(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO staging.batch (territory_id, id, target, file, epsg, encoding, created_by) VALUES ($1, $2, 'x', 'file.csv', 0, '', 'test')`, territory.ID, batch); err != nil {
		t.Fatal(err)
	}
	for i, values := range rows {
		attributes := map[string]string{}
		for k, c := range columns {
			attributes[c] = values[k]
		}
		encoded, err := json.Marshal(attributes)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO staging.row (territory_id, batch, row, attributes) VALUES ($1, $2, $3, $4)`, territory.ID, batch, i+2, encoded); err != nil {
			t.Fatal(err)
		}
	}
	return batch
}

// surveyed looks through rows as reading does.
func surveyed(territory cells.Territory, columns []string, rows [][]string) []*survey {
	surveys := make([]*survey, len(columns))
	for k, c := range columns {
		surveys[k] = newSurvey(c, territory.Scheme)
		for _, values := range rows {
			surveys[k].add(values[k], territory.Scheme)
		}
	}
	return surveys
}

// everything is all that staging holds of a batch, as text.
func everything(t *testing.T, tx pgx.Tx, batch int64) string {
	t.Helper()
	var all string
	if err := tx.QueryRow(t.Context(), `SELECT string_agg(attributes::text, '|' ORDER BY row) FROM staging.row WHERE batch = $1`, batch).Scan(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

var roster = []string{"姓名", "工号", "手机", "身份证号", "号码", "住址", "政治面貌", "类别", "备注"}

func rosterRows() [][]string {
	var rows [][]string
	for n := range 40 {
		id := identity(fmt.Sprintf("430202199001%02d%03d", n%28+1, n))
		note := "无"
		switch n {
		case 5:
			note = "备用 13900000005,证件 " + id
		case 6:
			note = "2023年刑满释放"
		}
		rows = append(rows, []string{fmt.Sprintf("示例%d", n), fmt.Sprintf("G%03d", n), fmt.Sprintf("138%08d", n), id, id, "示例小区3栋", "群众", "低保户", note})
	}
	return rows
}

func TestPersonalDataStaysOut(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	territory := w.territory(t)
	w.tx(t, grids.Local, func(tx pgx.Tx) error {
		batch := staged(t, tx, territory, roster, rosterRows())
		u, err := understand(t.Context(), tx, territory, batch, grids.Local, Request{Target: People}, surveyed(territory, roster, rosterRows()))
		if err != nil {
			return err
		}
		left := everything(t, tx, batch)
		for _, secret := range []string{"43020219900", "13900000005", "群众", "低保", "刑满", "示例小区"} {
			if strings.Contains(left, secret) {
				t.Errorf("%s is still staged: %s", secret, left[:200])
			}
		}
		if !strings.Contains(left, "13800000001") || u.mapping["phone"] != "手机" || u.mapping["name"] != "姓名" {
			t.Errorf("telephones of people have a field made for them: %v", u.mapping)
		}
		want := map[string]string{"手机": kindMobile, "身份证号": kindIdentity, "号码": kindIdentity, "住址": kindAddress, "政治面貌": kindPolitics, "类别": kindKeyPerson}
		shown := fmt.Sprint(u.columns)
		for _, c := range u.columns {
			if (c.Sensitive == nil) != (want[c.Name] == "") || (c.Sensitive != nil && c.Sensitive.Kind != want[c.Name]) {
				t.Errorf("%s: %+v", c.Name, c.Sensitive)
			}
			if c.Filled != 40 || len(c.Samples) == 0 {
				t.Errorf("%+v", c)
			}
		}
		if strings.Contains(shown, "4302021990") || strings.Contains(shown, "1380000") {
			t.Errorf("samples show %s", shown)
		}
		databasetest.InBothLanguages(t, u.findings)
		withheld, maskedRows := 0, []int{}
		for _, f := range u.findings {
			switch f.Kind {
			case "personal-withheld":
				withheld++
			case "personal-masked":
				maskedRows = append(maskedRows, f.Row)
			}
			if strings.Contains(f.Value, "43020219") {
				t.Errorf("a finding shows %s", f.Value)
			}
		}
		if withheld != 5 || !slices.Equal(maskedRows, []int{7, 8}) {
			t.Errorf("%d columns withheld, rows %v masked", withheld, maskedRows)
		}
		return nil
	})
}

func TestConsent(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	territory := w.territory(t)
	try := func(who grids.Principal, p Personal, publish ...string) error {
		return w.db.Tx(t.Context(), who, func(tx pgx.Tx) error {
			batch := staged(t, tx, territory, roster, rosterRows())
			if _, err := understand(t.Context(), tx, territory, batch, who, Request{Target: People, Personal: &p, Publish: publish}, surveyed(territory, roster, rosterRows())); err != nil {
				return err
			}
			left := everything(t, tx, batch)
			if !strings.Contains(left, "群众") || strings.Contains(left, "低保户") {
				t.Errorf("only the column named comes in: %s", left[:300])
			}
			return nil
		})
	}
	column := []string{"政治面貌"}
	if err := try(grids.Principal{Name: "x", Role: grids.RoleDepartment}, Personal{column, "党建台账核对"}); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("%v", err)
	}
	if err := try(grids.Local, Personal{column, " 有用 "}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("%v", err)
	}
	if err := try(grids.Local, Personal{[]string{"血型"}, "党建台账核对"}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("%v", err)
	}
	if err := try(grids.Local, Personal{column, "党建台账核对"}, "政治面貌"); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("%v", err)
	}
	if err := try(grids.Local, Personal{column, "党建台账核对"}); err != nil {
		t.Error(err)
	}
	w.tx(t, grids.Local, func(tx pgx.Tx) error {
		var n int
		var kinds []string
		var by, reason string
		if err := tx.QueryRow(t.Context(), `SELECT count(*) OVER (), kinds, given_by, reason FROM staging.consent WHERE territory_id = $1`, territory.ID).Scan(&n, &kinds, &by, &reason); err != nil {
			return err
		}
		if n != 1 || !slices.Equal(kinds, []string{kindPolitics}) || by != "local" || reason != "党建台账核对" {
			t.Errorf("%d %v %s %s", n, kinds, by, reason)
		}
		return nil
	})
}

func TestColumnsByContent(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	territory := w.territory(t)
	villages := [][]string{{"430202", "430202001", "430202001001", "甲"}, {"430202", "430202001", "430202001002", "乙"}}
	tests := []struct {
		name    string
		r       Request
		columns []string
		rows    [][]string
		field   string
		want    string
		doubt   bool
	}{
		{"the column of distinct codes of the tier", Request{Target: Cells, Tier: 4}, []string{"A", "B", "C", "名称"}, villages, "code", "C", false},
		{"county and town stand beside", Request{Target: Cells, Tier: 4}, []string{"COUNTYCODE", "TOWNCODE", "VILLCODE", "VILLNAME"}, villages, "name", "VILLNAME", false},
		{"a heading goes before", Request{Target: Cells, Tier: 4}, []string{"a", "b", "xzqdm", "xzqmc"}, villages, "code", "xzqdm", false},
		{"credit codes", Request{Target: "enterprises"}, []string{"f1", "名称"}, [][]string{{"914403001922038216", "甲"}, {"91350100M000100Y43", "乙"}}, "code", "f1", false},
		{"two columns of credit codes", Request{Target: "enterprises"}, []string{"f1", "f2", "名称"}, [][]string{{"914403001922038216", "91350100M000100Y43", "甲"}}, "code", "", true},
		{"MN codes", Request{Target: "monitors"}, []string{"x1", "名称"}, [][]string{{"010000A8900016F000169DC0", "甲"}}, "code", "x1", false},
		{"cells of assignments", Request{Target: Assignments}, []string{"工号", "c", "角色"}, [][]string{{"1", "430202001001", "网格员"}, {"2", "430202001001", "网格长"}}, "cell_code", "c", false},
		{"the caller's word", Request{Target: "enterprises", Map: map[string]string{"code": "f2"}}, []string{"f1", "f2", "名称"}, [][]string{{"914403001922038216", "1", "甲"}}, "code", "f2", false},
	}
	w.tx(t, grids.Local, func(tx pgx.Tx) error {
		for _, test := range tests {
			batch := staged(t, tx, territory, test.columns, test.rows)
			u, err := understand(t.Context(), tx, territory, batch, grids.Local, test.r, surveyed(territory, test.columns, test.rows))
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			doubt := slices.ContainsFunc(u.findings, func(f grids.Finding) bool { return f.Kind == "ambiguous-column" })
			if u.mapping[test.field] != test.want || doubt != test.doubt {
				t.Errorf("%s: %v %+v", test.name, u.mapping, u.findings)
			}
		}
		return nil
	})
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	territory := w.territory(t)
	headings := []string{"编号", "甲方", "乙方", "行业", "备注"}
	p := Profile{Name: "月报", Target: "enterprises", Headings: headings, Request: Request{Map: map[string]string{"code": "编号", "name": "乙方"}, Publish: []string{"备注"},
		Personal: &Personal{Columns: []string{"x"}, Reason: "只此一次"}, Choices: map[int]string{1: "2"}}}
	w.tx(t, grids.Local, func(tx pgx.Tx) error {
		if err := SaveProfile(t.Context(), tx, territory, grids.Local, p); err != nil {
			return err
		}
		p.Request.Layer = "safety"
		if err := SaveProfile(t.Context(), tx, territory, grids.Local, p); err != nil {
			return err
		}
		found, err := FindProfile(t.Context(), tx, territory, "月报")
		if err != nil {
			return err
		}
		if found.Request.Map["name"] != "乙方" || found.Request.Personal != nil || found.Request.Choices != nil || found.Request.Layer != "safety" || found.Request.Publish[0] != "备注" {
			t.Errorf("%+v", found)
		}
		for _, test := range []struct {
			target   Target
			headings []string
			ok       bool
		}{
			{"enterprises", []string{"备注", "编号", "甲方", "乙方*", "行业"}, true},
			{"enterprises", []string{"编号", "甲方", "乙方", "行业", "备注", "日期"}, true},
			{"enterprises", []string{"编号", "甲方", "行业", "备注"}, false},
			{"enterprises", []string{"编号", "乙方", "备注", "a", "b", "c"}, false},
			{"monitors", headings, false},
		} {
			got, ok, err := SuggestProfile(t.Context(), tx, territory, test.target, test.headings)
			if err != nil || ok != test.ok || (ok && got.Name != "月报") {
				t.Errorf("%v: %v %v %v", test.headings, got.Name, ok, err)
			}
		}
		r := Request{Map: map[string]string{"name": "甲方"}}.With(found)
		if r.Map["name"] != "甲方" || r.Map["code"] != "编号" || r.Target != "enterprises" || r.Layer != "safety" {
			t.Errorf("%+v", r)
		}
		if list, err := ListProfiles(t.Context(), tx, territory); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
		if err := DeleteProfile(t.Context(), tx, territory, "月报"); err != nil {
			return err
		}
		if _, err := FindProfile(t.Context(), tx, territory, "月报"); !grids.IsKind(err, grids.NotFound) {
			t.Errorf("%v", err)
		}
		if err := DeleteProfile(t.Context(), tx, territory, "月报"); !grids.IsKind(err, grids.NotFound) {
			t.Errorf("%v", err)
		}
		return nil
	})
}

// What a template gives, filled in, goes in without another word.
func TestTemplatesFilledIn(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	territory := w.territory(t)
	leaf := string(w.Leaf(0, 0))
	lon, lat := cellstest.At(0.5, 0.5)
	for _, test := range []struct {
		target Target
		layer  grids.LayerCode
		values map[string]string
	}{
		{People, "", map[string]string{"工号": "007", "姓名": "示例甲", "联系电话": "13800000000", "单位": "示例单位"}},
		{Assignments, "", map[string]string{"工号": "007", "网格代码": leaf, "角色": "网格员", "开始日期": "2026.1.2", "条线": "环保", "党政": "政府"}},
		{"enterprises", "", map[string]string{"编码": "914403001922038216", "名称": "示例", "经度": fmt.Sprint(lon), "纬度": fmt.Sprint(lat), "村社区": leaf, "定位方式": "人工"}},
		{"monitors", "", map[string]string{"编码": "DEMO-1", "名称": "示例站", "经度": fmt.Sprint(lon), "纬度": fmt.Sprint(lat)}},
		{"water-sources", "", map[string]string{"编码": "DEMO-2", "名称": "示例水源地", "经度": fmt.Sprint(lon), "纬度": fmt.Sprint(lat)}},
		{"river-reaches", "", map[string]string{"编码": "DEMO-3", "名称": "示例河段", "WKT": fmt.Sprintf("LINESTRING(%f %f,%f %f)", lon, lat, lon+0.001, lat)}},
		{LayerCells, "safety", map[string]string{"网格代码": "S1", "网格名称": "示例网格",
			"WKT": fmt.Sprintf("POLYGON((%[1]f %[2]f,%[3]f %[2]f,%[3]f %[4]f,%[1]f %[2]f))", lon, lat, lon+0.001, lat+0.001)}},
	} {
		file := filepath.Join(t.TempDir(), "template.xlsx")
		out, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		w.tx(t, grids.Local, func(tx pgx.Tx) error {
			return Template(t.Context(), tx, territory, test.target, 0, test.layer, nil, out)
		})
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		fill(t, file, test.values)
		r := Request{File: file, Target: test.target, Layer: test.layer, Provenance: "imported"}
		r.Source.EPSG = 4326
		report, err := Run(t.Context(), w.db, grids.Local, territory, r, nil)
		if err != nil || report.Applied != 1 || report.Rejected != 0 {
			t.Errorf("%s: %v %+v", test.target, err, report)
		}
		for _, f := range report.Findings {
			if f.Severity == grids.SeverityError || f.Kind == "ambiguous-column" || f.Kind == "personal-withheld" {
				t.Errorf("%s: %+v", test.target, f)
			}
		}
	}
}

// fill writes one row under the headings of a workbook; a value that begins one
// of the drop-down's is chosen from it.
func fill(t *testing.T, file string, values map[string]string) {
	t.Helper()
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetName(0)
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := f.GetCols("选项")
	if err != nil {
		lists = nil
	}
	left := len(values)
	for i, heading := range rows[0] {
		heading = strings.TrimPrefix(heading, "*")
		value, ok := values[heading]
		if !ok {
			continue
		}
		left--
		for _, list := range lists[min(i, len(lists)):min(i+1, len(lists))] {
			for _, choice := range list[1:] {
				if strings.HasPrefix(choice, value+" ") {
					value = choice
				}
			}
		}
		cell, err := excelize.CoordinatesToCellName(i+1, 2)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStr(sheet, cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if left != 0 {
		t.Errorf("%d of %v have no heading among %v", left, values, rows[0])
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
}
