package importers

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
)

// Headings as files of offices have them, with the field that each must feed;
// "": none.
func TestRealHeadings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		target  Target
		heading string
		field   string
	}{
		{Cells, "XZQDM", "code"}, {Cells, "XZQMC", "name"}, {Cells, "xzqdm", "code"}, {Cells, "区划代码", "code"},
		{Cells, "行政区划代码", "code"}, {Cells, "行政区划代", "code"}, {Cells, "行政区", ""}, {Cells, "网格编码", "code"},
		{Cells, "网格名称", "name"}, {Cells, "VILLCODE", "code"}, {Cells, "VILLNAME", "name"}, {Cells, "统计用区划", "code"},
		{Cells, "ZLDWDM", "code"}, {Cells, "ZLDWMC", "name"}, {Cells, "名称", "name"}, {Cells, "MJ", ""},
		{Cells, "BSM", ""}, {Cells, "Shape_Area", ""}, {Cells, "代码*", "code"}, {Cells, "名称（必填）", "name"},
		{LayerCells, "网格编号", "code"}, {LayerCells, "WGBH", "code"}, {LayerCells, "WGMC", "name"}, {LayerCells, "GRID_CODE", "code"},
		{LayerCells, "网格长工号", "staff_no"}, {LayerCells, "网格面积", ""},
		{"enterprises", "统一社会信用代码", "code"}, {"enterprises", "统一社会信用代码*", "code"}, {"enterprises", "统一社会信", "code"},
		{"enterprises", "统一社", "code"}, {"enterprises", "TYSHXYDM", "code"}, {"enterprises", "XYDM", "code"}, {"enterprises", "信用代码（18位）", "code"},
		{"enterprises", "企业名称", "name"}, {"enterprises", "QYMC", "name"}, {"enterprises", "DWMC", "name"}, {"enterprises", "单位详细名", "name"},
		{"enterprises", "单位详细名称", "name"}, {"enterprises", "企业基本信息/单位名称", "name"}, {"enterprises", "企业/名称", "name"},
		{"enterprises", "法人/名称", ""}, {"enterprises", "法定代表人名称", ""}, {"enterprises", "产品名称", ""}, {"enterprises", "重点排污单位名称", "name"},
		{"enterprises", "行业类别", "industry"}, {"enterprises", "所属行业（GB/T 4754）", "industry"}, {"enterprises", "HYLB", "industry"},
		{"enterprises", "环境风险等级", "risk"}, {"enterprises", "环境风险等", "risk"}, {"enterprises", "FXDJ", "risk"},
		{"enterprises", "生产经营状态", ""}, {"enterprises", "经营状态", "status"}, {"enterprises", "生产地址", "address"}, {"enterprises", "详细地址", "address"},
		{"enterprises", "所属县市区", "county"}, {"enterprises", "县（市、区）", "county"}, {"enterprises", "乡镇（街道）", "town"},
		{"enterprises", "所属乡镇", "town"}, {"enterprises", "村/社区", "village"}, {"enterprises", "村（社区）", "village"}, {"enterprises", "所在村社区", "village"},
		{"enterprises", "经度(°)", ""}, {"enterprises", "纬度", ""}, {"enterprises", "法人电话", ""}, {"enterprises", "COMPANY_NA", "name"},
		{"enterprises", "Enterprise Name", "name"}, {"enterprises", "CREDIT_COD", "code"}, {"enterprises", "序号", ""}, {"enterprises", "备注", ""},
		{"monitors", "MN号", "code"}, {"monitors", "设备MN", "code"}, {"monitors", "数采仪MN号", "code"}, {"monitors", "站点名称", "name"},
		{"monitors", "监测点位", "name"}, {"monitors", "监测因子（单位）", "factors"}, {"monitors", "JCYZ", "factors"}, {"monitors", "STATION_NA", "name"}, {"monitors", "站点类型", "category"},
		{"water-sources", "水源地名称", "name"}, {"water-sources", "饮用水水源地名称", "name"}, {"water-sources", "饮用水水源", "name"}, {"water-sources", "保护区级别", "class"},
		{"river-reaches", "河段名称", "name"}, {"river-reaches", "所属河流", "river"}, {"river-reaches", "村级河长", "chief"}, {"river-reaches", "HDBM", "code"},
		{People, "姓名", "name"}, {People, "姓 名", "name"}, {People, "姓　名", "name"}, {People, "工号", "staff_no"}, {People, "STAFF_NAM", "name"}, {People, "STAFF_NO", "staff_no"},
		{People, "staffNumbe", "staff_no"}, {People, "联系人/电话", "phone"}, {People, "联系电", "phone"}, {People, "LXDH", "phone"}, {People, "手机号码（11位）", "phone"},
		{People, "Mobile", "phone"}, {People, "工作单位", "unit"}, {People, "所属单位及", ""}, {People, "职务/岗位", "post"}, {People, "政治面貌", ""}, {People, "身份证号", ""}, {People, "家庭住址", ""},
		{Assignments, "网格编码", "cell_code"}, {Assignments, "角色", "role"}, {Assignments, "条线", "layer"}, {Assignments, "任职起始日", "from"},
		{Assignments, "离任时间", "to"}, {Assignments, "党政类别", "side"}, {Assignments, "排序号", "rank"}, {Assignments, "所属社区", "village"}, {Assignments, "开始日期(年月日)", "from"},
	}
	if len(tests) < 80 {
		t.Errorf("%d headings", len(tests))
	}
	for _, test := range tests {
		m, err := propose(test.target, []string{test.heading}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for field := range m {
			got = field
		}
		if len(m) > 1 || got != test.field {
			t.Errorf("%s %q: %v, want %q", test.target, test.heading, m, test.field)
		}
	}
}

func TestSeveralColumns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		target  Target
		columns []string
		given   map[string]string
		want    mapping
		doubt   string
	}{
		{"the credit code goes before a number of the list's own", "enterprises", []string{"编号", "统一社会信用代码", "单位名称"}, nil,
			mapping{"code": "统一社会信用代码", "name": "单位名称"}, ""},
		{"two of the same heading are a question", "enterprises", []string{"信用代码", "企业名称", "企业名称(曾用)"}, nil, mapping{"code": "信用代码"}, "ambiguous-column"},
		{"two ends are a question", "enterprises", []string{"信用代码", "甲方名称", "乙方名称"}, nil, mapping{"code": "信用代码"}, "ambiguous-column"},
		{"one end is taken and said", "enterprises", []string{"信用代码", "加油站名称"}, nil, mapping{"code": "信用代码", "name": "加油站名称"}, "column-guessed"},
		{"a person settles it", "enterprises", []string{"信用代码", "甲方名称", "乙方名称"}, map[string]string{"name": "乙方名称"}, mapping{"code": "信用代码", "name": "乙方名称"}, ""},
		{"none is an answer", People, []string{"姓名", "电话"}, map[string]string{"phone": ""}, mapping{"name": "姓名"}, ""},
		{"a column feeds one field", LayerCells, []string{"编号", "名称"}, nil, mapping{"code": "编号", "name": "名称"}, ""},
		{"two headings cut alike", Assignments, []string{"工号", "网格代码", "角色", "任职起"}, nil, mapping{"staff_no": "工号", "cell_code": "网格代码", "role": "角色", "from": "任职起"}, ""},
	}
	for _, test := range tests {
		m, err := propose(test.target, test.columns, test.given)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if len(m) != len(test.want) {
			t.Errorf("%s: %v", test.name, m)
		}
		for field, column := range test.want {
			if m[field] != column {
				t.Errorf("%s: %v", test.name, m)
			}
		}
		found := doubts(t, test.target, test.columns, test.given)
		if (test.doubt == "") != (len(found) == 0) || (test.doubt != "" && found[0].Kind != test.doubt) {
			t.Errorf("%s: %+v", test.name, found)
		}
	}
}

func TestMappingErrors(t *testing.T) {
	t.Parallel()
	if _, err := propose("ships", nil, nil); err == nil || !strings.Contains(err.Error(), "unknown target") {
		t.Error(err)
	}
	if _, err := propose(People, []string{"姓名"}, map[string]string{"name": "名"}); err == nil || !strings.Contains(err.Error(), "姓名") {
		t.Error(err)
	}
	if _, err := propose(People, []string{"姓名"}, map[string]string{"nmae": "姓名"}); err == nil || !strings.Contains(err.Error(), "no field") {
		t.Error(err)
	}
	if err := complete(Assignments, mapping{"staff_no": "a", "role": "b"}); err == nil || !strings.Contains(err.Error(), "cell_code") {
		t.Error(err)
	}
	if err := complete(Assignments, mapping{"staff_no": "a", "role": "b", "village": "c"}); err != nil {
		t.Error(err)
	}
}

// Every heading that a field lists is proposed for that field or for one that
// lists it too, and a heading means the same with brackets, blanks and stars.
func TestListedHeadings(t *testing.T) {
	t.Parallel()
	for _, target := range Targets() {
		fields := target.Fields()
		var all []string
		for _, f := range fields {
			if f.Label.ZH == "" || f.Label.EN == "" {
				t.Errorf("%s %s has no label", target, f.Name)
			}
			all = append(all, f.Headings...)
		}
		rapid.Check(t, func(t *rapid.T) {
			heading := rapid.SampledFrom(all).Draw(t, "heading")
			dressed := rapid.SampledFrom([]string{"%s", " %s ", "%s*", "%s(单位)", "%s【必填】", "１、%s", "%s:"}).Draw(t, "dress")
			m, err := propose(target, []string{strings.Replace(dressed, "%s", heading, 1)}, nil)
			if err != nil || len(m) != 1 {
				t.Fatalf("%s %q: %v %v", target, heading, m, err)
			}
			for name := range m {
				field, _ := target.field(name)
				if !slices.ContainsFunc(field.Headings, func(h string) bool { return plain(h) == plain(heading) }) {
					t.Fatalf("%s %q feeds %s", target, heading, name)
				}
			}
		})
	}
}

func FuzzPropose(f *testing.F) {
	f.Add("enterprises", "统一社会信", "联系人/电话", "STAFF_NA_1")
	f.Add("people", "姓\ufffd", "(", "【】")
	f.Fuzz(func(t *testing.T, target, a, b, c string) {
		columns := []string{a, b, c}
		m, err := propose(Target(target), columns, nil)
		if err != nil {
			return
		}
		used := map[string]bool{}
		for field, column := range m {
			if !slices.Contains(columns, column) || used[column] {
				t.Errorf("%s is fed by %q, of %q", field, column, columns)
			}
			used[column] = true
		}
	})
}

// doubts says for which fields of a target several columns answer equally well,
// and which columns were taken by the end of their heading only.
func doubts(t *testing.T, target Target, columns []string, given map[string]string) []grids.Finding {
	t.Helper()
	_, found, _ := match(target, target.Fields(), columns, given)
	databasetest.InBothLanguages(t, found)
	return found
}

// In a file of towns the column of towns is the name; in one of villages it lies
// above.
func TestHeadingsByTier(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tier    grids.Tier
		columns []string
		want    mapping
	}{
		{2, []string{"县市区", "备注"}, mapping{"name": "县市区"}},
		{3, []string{"县市区", "乡镇名称"}, mapping{"county": "县市区", "name": "乡镇名称"}},
		{3, []string{"所属区县", "街道"}, mapping{"county": "所属区县", "name": "街道"}},
		{3, []string{"XZQDM", "XZQMC"}, mapping{"code": "XZQDM", "name": "XZQMC"}},
		{4, []string{"县区名称", "乡镇名称", "村名称"}, mapping{"county": "县区名称", "town": "乡镇名称", "name": "村名称"}},
		{4, []string{"县", "乡镇", "村(社区)"}, mapping{"county": "县", "town": "乡镇", "name": "村(社区)"}},
		{4, []string{"COUNTYNAME", "TOWNNAME", "VILLNAME", "VILLCODE"}, mapping{"county": "COUNTYNAME", "town": "TOWNNAME", "name": "VILLNAME", "code": "VILLCODE"}},
		{5, []string{"乡镇", "网格名称", "网格编码"}, mapping{"town": "乡镇", "name": "网格名称", "code": "网格编码"}},
	} {
		m, found, err := match(Cells, Request{Target: Cells, Tier: test.tier}.fields(), test.columns, nil)
		if err != nil || !maps.Equal(m, test.want) || len(found) != 0 {
			t.Errorf("%d %v: %v %v %v", test.tier, test.columns, m, found, err)
		}
	}
}
