package importers

import (
	"slices"
	"strings"

	"unigrid/grids"
)

// Target is what the rows of a file become.
type Target string

// The targets of an import, besides the collections of grids.ObjectKinds.
const (
	Cells       Target = "cells"
	LayerCells  Target = "layer-cells"
	People      Target = "people"
	Assignments Target = "assignments"
)

// Targets lists what rows may become.
func Targets() []Target {
	list := []Target{Cells, LayerCells}
	for _, k := range grids.ObjectKinds() {
		list = append(list, Target(k.Collection))
	}
	return append(list, People, Assignments)
}

// field is what a target takes from a row, and the headings by which a column
// is proposed for it, best first.
type field struct {
	name     string
	required bool
	headings []string
}

// object lists the fields that objects of every kind have.
var object = []field{
	{"code", true, []string{"code", "编码", "代码", "编号", "统一社会信用代码", "信用代码", "mn", "mn号", "设备编码", "站点编码", "断面编码", "水源地编码", "id"}},
	{"name", true, []string{"name", "名称", "单位名称", "企业名称", "站点名称", "水源地名称", "河段名称", "河流名称", "断面名称"}},
	{"village", false, []string{"村社区", "村(社区)", "村", "社区", "所属村", "所在村", "village"}},
	{"located_by", false, []string{"定位方式", "located_by"}},
}

// particulars lists what objects of a kind have besides.
var particulars = map[string][]field{
	"enterprise": {
		{"industry", false, []string{"行业", "行业类别", "industry"}},
		{"risk", false, []string{"风险等级", "风险", "risk"}},
		{"status", false, []string{"状态", "经营状态", "status"}},
		{"address", false, []string{"地址", "单位地址", "address"}},
	},
	"monitor": {
		{"category", false, []string{"类别", "类型", "监测类别", "category", "type"}},
		{"factors", false, []string{"因子", "监测因子", "factors"}},
	},
	"water-source": {{"class", false, []string{"级别", "保护区级别", "等级", "class"}}},
	"river-reach": {
		{"river", false, []string{"河流", "所属河流", "river"}},
		{"chief", false, []string{"河长", "chief"}},
	},
}

// targets lists the fields of the other targets.
var targets = map[Target][]field{
	Cells: {
		{"code", true, []string{"xzqdm", "代码", "区划代码", "行政区划代码", "code", "网格代码", "网格编码", "villcode", "towncode", "countycode"}},
		{"name", true, []string{"xzqmc", "名称", "name", "网格名称", "区划名称", "行政区名称", "villname", "townname", "countyname"}},
	},
	LayerCells: {
		{"code", true, []string{"代码", "网格代码", "网格编码", "编码", "编号", "code", "id"}},
		{"name", true, []string{"名称", "网格名称", "name"}},
		{"staff_no", false, []string{"工号", "负责人工号", "staff_no", "staffno"}},
	},
	People: {
		{"staff_no", true, []string{"工号", "人员编号", "编号", "staff_no", "staffno"}},
		{"name", true, []string{"姓名", "名字", "name"}},
		{"unit", false, []string{"单位", "工作单位", "部门", "unit"}},
		{"post", false, []string{"职务", "岗位", "post"}},
		{"phone", false, []string{"联系电话", "电话", "手机", "手机号", "phone", "mobile"}},
	},
	Assignments: {
		{"staff_no", true, []string{"工号", "人员编号", "staff_no", "staffno"}},
		{"cell_code", true, []string{"网格代码", "网格编码", "代码", "cell_code", "code"}},
		{"role", true, []string{"角色", "role"}},
		{"layer", false, []string{"条线", "layer"}},
		{"post", false, []string{"职务", "岗位", "post"}},
		{"side", false, []string{"党政", "side"}},
		{"rank", false, []string{"排序号", "排序", "rank"}},
		{"from", false, []string{"起", "开始日期", "任职日期", "from"}},
		{"to", false, []string{"止", "结束日期", "离任日期", "to"}},
	},
}

// words are what people write in a column for a word of the domain.
var words = map[string]map[string]string{
	"role": {"责任人": "accountable", "网格长": "accountable", "共同责任人": "joint-chief", "双组长": "joint-chief", "副网格长": "deputy",
		"分管领导": "deputy", "网格员": "officer", "条线负责人": "lead", "监督员": "supervisor", "联络员": "liaison"},
	"side":       {"党": "party", "党委": "party", "政": "government", "政府": "government"},
	"layer":      {"环保": "environment", "安全生产": "safety", "安监": "safety", "河长制": "river-chief", "河长": "river-chief", "综治维稳": "social-order", "综治": "social-order"},
	"located_by": {"导入": "import", "地址": "address", "人工": "hand", "手工": "hand", "卫星定位": "gps"},
}

// fields are what a target takes from a row; nil: there is no such target.
func (t Target) fields() []field {
	if kind := grids.KindOf(string(t)); kind != "" {
		return slices.Concat(object, particulars[kind])
	}
	return targets[t]
}

// mapping says which column feeds which field.
type mapping map[string]string

// propose finds a column for each field of a target: by the caller's word,
// else by heading. columns are in the file's order.
func propose(target Target, columns []string, given map[string]string) (mapping, error) {
	fields := target.fields()
	if fields == nil {
		return nil, grids.Errorf(grids.Invalid, "as", "未知的导入目标 %q", "unknown target %q", target)
	}
	byHeading := make(map[string]string, len(columns))
	for _, c := range columns {
		if _, taken := byHeading[plain(c)]; !taken {
			byHeading[plain(c)] = c
		}
	}
	m := mapping{}
	known := map[string]bool{}
	for _, f := range fields {
		known[f.name] = true
		if column, ok := given[f.name]; ok {
			if byHeading[plain(column)] == "" {
				return nil, grids.Errorf(grids.Invalid, "map", "文件中没有列 %q(有:%s)", "the file has no column %q (it has: %s)", column, strings.Join(columns, ", "))
			}
			m[f.name] = byHeading[plain(column)]
			continue
		}
		for _, heading := range f.headings {
			if column, ok := byHeading[plain(heading)]; ok {
				m[f.name] = column
				break
			}
		}
		if f.required && m[f.name] == "" {
			return nil, grids.Errorf(grids.Invalid, "map", "没有找到 %s 的列(有:%s)", "no column for %s was found (the file has: %s)", f.name, strings.Join(columns, ", ")).
				Fix("用 --map %s=列名 指明", "name it with --map %s=COLUMN", f.name)
		}
	}
	for name := range given {
		if !known[name] {
			return nil, grids.Errorf(grids.Invalid, "map", "%s 没有字段 %q", "%s have no field %q", target, name)
		}
	}
	return m, nil
}

// plain reduces a heading to what people agree on.
func plain(heading string) string {
	return strings.NewReplacer(" ", "", "_", "", "\u3000", "", "（", "(", "）", ")").Replace(strings.ToLower(strings.TrimSpace(heading)))
}
