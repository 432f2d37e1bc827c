package importers

import (
	"regexp"
	"slices"
	"strings"
)

// counted ends headings of figures about people, which name nobody (党员人数,
// 低保户数).
var counted = regexp.MustCompile(`(数|数量|人数|户数|件数|次数|比例|率|占比|面积|合计|总数|金额)$`)

// personalHeading gives the kind of personal data that a heading announces, ""
// for none.
func personalHeading(heading string) string {
	h := plain(heading)
	if counted.MatchString(h) {
		return ""
	}
	for _, k := range []struct {
		kind string
		has  *regexp.Regexp
	}{
		{kindIdentity, identityHeading}, {kindBank, bankHeading}, {kindKeyPerson, keyPersonHeading}, {kindHealth, healthHeading},
		{kindPolitics, politicsHeading}, {kindAddress, addressHeading}, {kindMobile, mobileHeading},
	} {
		if k.has.MatchString(h) {
			return k.kind
		}
	}
	return ""
}

var (
	identityHeading  = regexp.MustCompile(`身份证|身份号码|公民身份|证件号|户口号|^(gr|fr)?sfz(h|hm)?$|^(gm)?sfhm$|^zjhm?$|^id_?card|idcard|^idno$|identity(no|number|card)|citizenid|护照|passport`)
	bankHeading      = regexp.MustCompile(`银行|卡号|账号|帐号|账户|开户|一卡通|^yh(kh|zh|kkh)$|bank(card|account)|cardno|一折通`)
	keyPersonHeading = regexp.MustCompile(`重点人员|重点人群|重点对象|重点管控人|^信访$|信访(人|对象|重点|老户)|上访|矫正|吸毒|涉毒|戒毒|精神病|精神障碍|刑满|刑释|释放人员|安置帮教|帮教|低保|特困|五保|邪教|艾滋|涉稳|留守儿童|留守老人|困境儿童|前科|犯罪|^zdry|肇事肇祸|失独|贫困户|脱贫户`)
	healthHeading    = regexp.MustCompile(`健康(状况|情况|状态|档案)?$|疾病|病史|病情|病种|残疾|伤残|血型|传染病|体检|孕|用药|过敏|慢病|慢性病|核酸|疫苗|^jkzk$|^health|disease|disab|bloodtype`)
	politicsHeading  = regexp.MustCompile(`政治面貌|政治面目|党员|党派|入党|团员|宗教|信仰|民族$|^zzmm$|^political|religio|ethnic`)
	addressHeading   = regexp.MustCompile(`(家庭|居住|现住|常住|户籍|户口|住宅|个人).{0,4}(住址|地址|地|所在地)$|住址|^(jt|hj|jz|xz)(zz|dz)$|^hjszd$|home_?addr|residen(ce|tialaddress)|门牌.*户`)
	mobileHeading    = regexp.MustCompile(`手机|移动电话|微信|^sjh(m)?$|mobile|cellphone|wechat`)
)

// Values that are a word of politics as a whole.
func politicsValue(text string) bool {
	switch text {
	case "中共党员", "党员", "正式党员", "群众", "团员", "共青团员", "预备党员", "中共预备党员", "民主党派", "无党派", "无党派人士", "民革党员", "民盟盟员", "民建会员", "民进会员", "农工党党员", "致公党党员", "九三学社社员", "台盟盟员":
		return true
	}
	return false
}

// keyPersonValues and healthValues are words in a value that tell of a person
// under watch or in care, and of an illness.
func keyPersonValues() []string {
	return []string{"信访人员", "信访老户", "信访重点人", "上访人员", "上访户", "上访老户", "社区矫正", "矫正对象", "吸毒", "涉毒", "戒毒人员", "精神病患", "精神障碍患", "刑满释放", "刑释", "安置帮教", "低保户", "低保对象",
		"五保户", "特困供养", "特困人员", "重点人员", "邪教人员", "艾滋病", "肇事肇祸", "留守儿童", "留守老人", "困境儿童"}
}

func healthValues() []string {
	return []string{"高血压", "糖尿病", "冠心病", "残疾", "癌", "肿瘤", "肝炎", "肺结核", "精神分裂", "抑郁", "中风", "偏瘫", "尿毒症"}
}

var (
	homeValue   = regexp.MustCompile(`(栋|幢|号楼|座|单元).{0,6}\d{2,4}(室|号|户)?$|单元.*室|村.{1,10}组(\d+号|.{0,4}户)?$|(小区|花园|家园|公寓|宿舍).{0,8}(栋|幢|号楼|单元)`)
	firmHeading = regexp.MustCompile(`单位|企业|公司|经营|生产|注册|厂|办公|通讯|监测|站点|项目|设施|位置|address|addr`)
)

// personalWords gives the kind of personal data that a value's words tell of, ""
// for none. Most values have none of the characters that any of the words has,
// and are told by them.
func personalWords(text string) string {
	person, ill, home, politics := false, false, false, false
	for _, r := range text {
		switch r {
		case '访', '矫', '毒', '精', '刑', '帮', '保', '困', '点', '邪', '艾', '肇', '守':
			person = true
		case '压', '冠', '残', '癌', '瘤', '肝', '肺', '抑', '风', '瘫', '尿':
			ill = true
		case '栋', '幢', '楼', '座', '元', '组':
			home = true
		case '党', '群', '团', '派', '盟', '民', '社':
			politics = true
		}
	}
	has := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	switch {
	case politics && politicsValue(text):
		return kindPolitics
	case person && has(keyPersonValues()):
		return kindKeyPerson
	case (ill || person) && has(healthValues()):
		return kindHealth
	case home && homeValue.MatchString(text):
		return kindAddress
	}
	return ""
}
