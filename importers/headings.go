package importers

import "unigrid/grids"

// object lists the fields that objects of every kind have.
var object = []Field{
	{Name: "code", Required: true, Label: grids.Text{ZH: "编码", EN: "Code"},
		Headings: []string{"code", "编码", "代码", "编号", "bm", "dm", "唯一编码", "统一编码", "bh", "id", "序列号"}},
	{Name: "name", Required: true, Label: grids.Text{ZH: "名称", EN: "Name"},
		Headings: []string{"name", "名称", "mc", "全称", "单位名称", "dwmc", "名字"}},
	{Name: "located_by", Label: grids.Text{ZH: "定位方式", EN: "Located by"}, Headings: []string{"定位方式", "located_by", "坐标来源", "定位来源"}},
}

// codeHeadings and nameHeadings are those of one kind's code and name.
var (
	codeHeadings = map[string][]string{
		"enterprise": {"统一社会信用代码", "社会信用代码", "信用代码", "tyshxydm", "tyxydm", "shxydm", "xydm", "credit_code", "uscc", "uscc_code",
			"企业代码", "企业编码", "单位代码", "qydm", "qybm", "dwdm", "组织机构代码", "zzjgdm", "注册号", "工商注册号", "营业执照号", "污染源编码", "排污许可证编号"},
		"monitor": {"mn", "mn号", "mn码", "mn编码", "mn号码", "数采仪mn号", "设备mn", "设备唯一标识", "设备编码", "设备编号", "sbbm", "站点编码", "站点编号", "站点代码",
			"监测点编码", "监测点编号", "点位编码", "点位编号", "排口编码", "排口编号", "jcdbm", "zdbm", "station_code", "station_id", "断面编码", "断面代码"},
		"water-source": {"水源地编码", "水源地代码", "水源地编号", "水源编码", "sydbm", "syddm", "保护区编码", "保护区代码"},
		"river-reach":  {"河段编码", "河段代码", "河段编号", "hdbm", "hddm", "河流代码", "河流编码", "河道编码", "断面编码"},
	}
	nameHeadings = map[string][]string{
		"enterprise": {"企业名称", "单位名称", "单位详细名称", "企业全称", "公司名称", "排污单位名称", "污染源名称", "企业名", "qymc", "dwmc", "gsmc",
			"enterprise_name", "company", "company_name", "firm"},
		"monitor":      {"站点名称", "监测点名称", "点位名称", "监测站点", "监测点位", "设备名称", "排口名称", "断面名称", "站名", "zdmc", "jcdmc", "dwmc", "station", "station_name"},
		"water-source": {"水源地名称", "饮用水水源地名称", "饮用水水源地", "水源地", "水源名称", "保护区名称", "sydmc", "bhqmc"},
		"river-reach":  {"河段名称", "河段", "河道名称", "断面名称", "hdmc", "reach_name", "河流名称", "河湖名称"},
	}
)

// particulars lists what objects of a kind have besides.
var particulars = map[string][]Field{
	"enterprise": {
		{Name: "industry", Label: grids.Text{ZH: "行业", EN: "Industry"},
			Headings: []string{"行业", "行业类别", "行业名称", "所属行业", "国民经济行业", "行业分类", "hy", "hylb", "hymc", "sshy", "industry"}},
		{Name: "risk", Label: grids.Text{ZH: "风险等级", EN: "Risk"}, Headings: []string{"风险等级", "环境风险等级", "风险级别", "风险", "fxdj", "risk", "risk_level"}},
		{Name: "status", Label: grids.Text{ZH: "状态", EN: "Status"}, Headings: []string{"经营状态", "生产状态", "运行状态", "企业状态", "状态", "zt", "jyzt", "status"}},
		{Name: "address", Label: grids.Text{ZH: "地址", EN: "Address"}, holds: []string{kindAddress},
			Headings: []string{"单位地址", "企业地址", "生产地址", "经营地址", "详细地址", "注册地址", "地址", "通讯地址", "dz", "dwdz", "qydz", "scdz", "xxdz", "address", "addr"}},
	},
	"monitor": {
		{Name: "category", Label: grids.Text{ZH: "类别", EN: "Category"}, Headings: []string{"类别", "监测类别", "监测类型", "站点类型", "点位类型", "设备类型", "类型", "jclb", "lx", "category", "type"}},
		{Name: "factors", Label: grids.Text{ZH: "监测因子", EN: "Factors"}, Headings: []string{"监测因子", "因子", "监测项目", "监测指标", "污染物", "jcyz", "jcxm", "factors", "factor", "pollutants"}},
	},
	"water-source": {{Name: "class", Label: grids.Text{ZH: "级别", EN: "Class"}, Headings: []string{"保护区级别", "保护级别", "水源地级别", "级别", "等级", "bhqjb", "jb", "class", "level"}}},
	"river-reach": {
		{Name: "river", Label: grids.Text{ZH: "河流", EN: "River"}, Headings: []string{"所属河流", "所在河流", "河流", "河流名称", "河湖名称", "水系", "hlmc", "sshl", "river", "river_name"}},
		{Name: "chief", Label: grids.Text{ZH: "河长", EN: "River chief"}, Headings: []string{"河长", "河长姓名", "村级河长", "乡级河长", "县级河长", "hz", "hzxm", "chief", "river_chief"}},
	},
}

// places are, from tier 2 downwards, the names by which a row says which cell it belongs to.
var places = []Field{
	{Name: "county", Label: grids.Text{ZH: "县市区", EN: "County"},
		Headings: []string{"县市区", "县(市、区)", "县区", "区县", "县", "区", "所属区县", "所在区县", "所属县区", "所在县区", "所属县市区", "所在县市区", "县区名称", "区县名称", "县名称", "xqmc", "qxmc", "ssqx", "county", "county_name", "district"}},
	{Name: "town", Label: grids.Text{ZH: "乡镇街道", EN: "Township"},
		Headings: []string{"乡镇街道", "乡镇(街道)", "乡镇", "街道", "镇", "镇街", "街镇", "街道乡镇", "镇街道", "乡(镇、街道)", "乡镇名称", "街道名称", "所属乡镇", "所在乡镇", "所属街道", "所在街道", "所属乡镇街道", "xzmc", "jdmc", "xzjd", "ssxz", "town", "town_name", "township", "street"}},
	{Name: "village", Label: grids.Text{ZH: "村社区", EN: "Village"},
		Headings: []string{"村社区", "村(社区)", "社区(村)", "村", "社区", "社区村", "村居", "村(居)", "村民委员会", "村委会", "居委会", "村名", "村名称", "社区名称", "村社区名称", "所属村", "所在村", "所属村社区", "所在村社区", "所属社区", "所在社区", "所属网格", "所在网格", "sscsq", "csq", "cmc", "sqmc", "ssc", "village", "village_name", "community", "cell_name"}},
}

// targets lists the fields of the other targets.
var targets = map[Target][]Field{
	Cells: {
		{Name: "code", Required: true, Instead: "name", Label: grids.Text{ZH: "区划代码", EN: "Code"}, alike: kindIdentity,
			Headings: []string{"xzqdm", "代码", "区划代码", "行政区划代码", "行政区代码", "统计用区划代码", "统计区划代码", "code", "网格代码", "网格编码", "wgdm", "wgbm", "qhdm", "xzqhdm", "xzdm", "zldwdm", "编码", "编号",
				"villcode", "village_code", "towncode", "town_code", "countycode", "county_code", "adcode", "division_code", "pac", "村代码", "社区代码", "乡镇代码", "街道代码", "县代码", "区县代码"}},
		{Name: "name", Required: true, Label: grids.Text{ZH: "名称", EN: "Name"},
			Headings: []string{"xzqmc", "名称", "name", "网格名称", "区划名称", "行政区名称", "行政区划名称", "wgmc", "qhmc", "xzqhmc", "zldwmc", "mc",
				"villname", "village_name", "townname", "town_name", "countyname", "county_name", "村名", "村名称", "村社区名称", "社区名称", "乡镇名称", "街道名称", "县名称", "县区名称"}},
	},
	LayerCells: {
		{Name: "code", Required: true, Instead: "name", Label: grids.Text{ZH: "网格代码", EN: "Code"}, alike: kindIdentity,
			Headings: []string{"网格代码", "网格编码", "网格编号", "代码", "编码", "编号", "wgdm", "wgbm", "wgbh", "grid_code", "grid_id", "grid_no", "code", "bm", "dm", "bh", "xzqdm", "id"}},
		{Name: "name", Label: grids.Text{ZH: "网格名称", EN: "Name"}, Headings: []string{"网格名称", "名称", "wgmc", "grid_name", "name", "mc", "xzqmc", "网格名"}},
		{Name: "staff_no", Label: grids.Text{ZH: "负责人工号", EN: "Staff number"}, Headings: []string{"负责人工号", "网格员工号", "网格长工号", "工号", "gh", "staff_no", "staffno"}},
	},
	People: {
		{Name: "staff_no", Label: grids.Text{ZH: "工号", EN: "Staff number"},
			Headings: []string{"工号", "人员编号", "人员代码", "员工编号", "职工号", "网格员编号", "编号", "gh", "rybh", "rybm", "staff_no", "staff_number", "staffno", "employee_id", "employee_no"}},
		{Name: "name", Required: true, Label: grids.Text{ZH: "姓名", EN: "Name"},
			Headings: []string{"姓名", "人员姓名", "网格员姓名", "网格长姓名", "名字", "xm", "ryxm", "name", "staff_name", "full_name", "person"}},
		{Name: "unit", Label: grids.Text{ZH: "单位", EN: "Unit"},
			Headings: []string{"单位", "工作单位", "所属单位", "所在单位", "单位名称", "部门", "所属部门", "dw", "dwmc", "gzdw", "bm", "unit", "organization", "organisation", "department"}},
		{Name: "post", Label: grids.Text{ZH: "职务", EN: "Post"}, Headings: []string{"职务", "岗位", "职位", "职务名称", "zw", "gw", "post", "position", "title"}},
		{Name: "post_from", Label: grids.Text{ZH: "任职时间", EN: "In post since"},
			Headings: []string{"任职时间", "任职日期", "任现职时间", "任职起始日期", "post_from", "in_post_since"}},
		{Name: "layer", Label: grids.Text{ZH: "条线", EN: "Layer"}, Headings: []string{"条线", "所属条线", "归口条线", "业务条线", "tx", "layer"}},
		{Name: "supports", Label: grids.Text{ZH: "支援条线", EN: "Layers supported"}, Headings: []string{"支援条线", "协助条线", "兼管条线", "支持条线", "supports", "layers_supported"}},
		{Name: "phone", Label: grids.Text{ZH: "联系电话", EN: "Telephone"}, holds: []string{kindMobile},
			Headings: []string{"联系电话", "手机号码", "手机号", "手机", "移动电话", "联系手机", "联系方式", "电话号码", "电话", "lxdh", "sjh", "sjhm", "lxfs", "dh", "phone", "mobile", "phone_number", "mobile_number", "telephone", "tel", "cellphone"}},
	},
	Assignments: append([]Field{
		{Name: "staff_no", Required: true, Label: grids.Text{ZH: "工号", EN: "Staff number"},
			Headings: []string{"工号", "人员编号", "人员代码", "员工编号", "职工号", "网格员编号", "责任人工号", "网格员工号", "gh", "rybh", "staff_no", "staff_number", "staffno", "employee_id"}},
		{Name: "cell_code", Required: true, Instead: "village", Label: grids.Text{ZH: "网格代码", EN: "Cell code"}, alike: kindIdentity,
			Headings: []string{"网格代码", "网格编码", "网格编号", "责任网格代码", "区划代码", "行政区划代码", "代码", "wgdm", "wgbm", "wgbh", "xzqdm", "qhdm", "cell_code", "grid_code", "code"}},
		{Name: "role", Required: true, Label: grids.Text{ZH: "角色", EN: "Role"}, Headings: []string{"角色", "网格角色", "责任角色", "人员角色", "js", "role"}},
		{Name: "layer", Label: grids.Text{ZH: "条线", EN: "Layer"}, Headings: []string{"条线", "所属条线", "业务条线", "专业条线", "tx", "layer"}},
		{Name: "post", Label: grids.Text{ZH: "职务", EN: "Post"}, Headings: []string{"职务", "岗位", "职位", "zw", "gw", "post", "position", "title"}},
		{Name: "side", Label: grids.Text{ZH: "党政", EN: "Party or government"}, Headings: []string{"党政", "党政类别", "dz", "side"}},
		{Name: "rank", Label: grids.Text{ZH: "排序号", EN: "Rank"}, Headings: []string{"排序号", "排序", "顺序号", "pxh", "px", "rank"}},
		{Name: "from", Label: grids.Text{ZH: "开始日期", EN: "From"},
			Headings: []string{"开始日期", "起", "起始日期", "任职日期", "任职时间", "任职起始日期", "开始时间", "起始时间", "ksrq", "rzrq", "from", "from_date", "start", "start_date", "valid_from"}},
		{Name: "to", Label: grids.Text{ZH: "结束日期", EN: "To"},
			Headings: []string{"结束日期", "止", "截止日期", "终止日期", "离任日期", "离任时间", "结束时间", "jsrq", "lrrq", "to", "to_date", "end", "end_date", "valid_to"}},
	}, places...),
}
