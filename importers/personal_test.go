package importers

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"unigrid/grids/objects"
)

// identity completes 17 digits to an identity number; all of them are invented.
func identity(first17 string) string { return first17 + string(identityCheck(first17)) }

func TestNumbersAreMasked(t *testing.T) {
	t.Parallel()
	id := identity("43020219900101001")
	tests := []struct{ text, want, kinds string }{
		{"示例 " + id + " 在册", "示例 430*************** 在册", kindIdentity},
		{"电话13812345678", "电话138********", kindMobile},
		{"+86 13812345678 转 1", "+86 *********** 转 1", kindMobile},
		{"8613812345678", "861**********", kindMobile},
		{"138 1234 5678", "138**********", kindMobile},
		{"138-1234-5678", "138**********", kindMobile},
		{"１３８１２３４５６７８", "138********", kindMobile},
		{"13812345678/13912345678", "138********/139********", kindMobile + " " + kindMobile},
		{"430202900101001", "430************", kindIdentity},
		{"43020219901301001X", "43020219901301001X", ""},
		{"430202000000", "430202000000", ""},
		{"0731-28680000", "0731-28680000", ""},
		{"12812345678", "12812345678", ""},
		{"138123456789", "138123456789", ""},
		{"914403001922038216", "914403001922038216", ""},
		{"91350100M000100Y43", "91350100M000100Y43", ""},
		{"010000A8900016F000169DC0", "010000A8900016F000169DC0", ""},
		{"20160801085857223", "20160801085857223", ""},
		{"2024-03-01 08:00:00", "2024-03-01 08:00:00", ""},
		{"110108000000016", "110108000000016", ""},
		{"413812345678.5", "413812345678.5", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		got, kinds, found := masked(test.text)
		if got != test.want || strings.Join(kinds, " ") != test.kinds || found != (test.kinds != "") {
			t.Errorf("%q: %q %v %v", test.text, got, kinds, found)
		}
	}
	if !isCard("4111111111111111") || isCard("4111111111111112") || isCard("2111111111111111") {
		t.Error("cards are known by beginning and check digit")
	}
}

// An identity number is found wherever it stands among other text, also with a typing
// error in its check digit, unless that makes it a firm's code.
func TestIdentityNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.StringMatching(`43(0[1-9]|31)\d{2}(19[3-9]\d|20[01]\d)(0[1-9]|1[0-2])(0[1-9]|1\d|2[0-8])\d{3}`).Draw(t, "first")
		id := identity(first)
		before, after := rapid.StringMatching(`[a-z]{0,3}[一-九:，]{1,4}`).Draw(t, "before"), rapid.StringMatching(`([，。 ][一-九]{0,4})?`).Draw(t, "after")
		got, kinds, _ := masked(before + id + after)
		if strings.Contains(got, id) || len(kinds) != 1 || kinds[0] != kindIdentity || !strings.Contains(got, id[:3]+"***") {
			t.Fatalf("%s: %s %v", before+id+after, got, kinds)
		}
		wrong := first + string("0123456789X"[(strings.IndexByte("0123456789X", id[17])+rapid.IntRange(1, 10).Draw(t, "by"))%11])
		if credit, _ := objects.CreditCheck(first); isIdentity(wrong) == (wrong[17] == credit) {
			t.Fatalf("%s: %t", wrong, isIdentity(wrong))
		}
	})
}

func TestPersonalHeadings(t *testing.T) {
	t.Parallel()
	for heading, kind := range map[string]string{
		"身份证号码": kindIdentity, "居民身份证号(18位)": kindIdentity, "公民身份号码": kindIdentity, "SFZH": kindIdentity, "证件号码": kindIdentity, "ID_CARD": kindIdentity, "身份证": kindIdentity,
		"银行卡号": kindBank, "开户行": kindBank, "一卡通账号": kindBank, "手机号": kindMobile, "法人手机": kindMobile, "SJHM": kindMobile,
		"家庭住址": kindAddress, "户籍所在地": kindAddress, "户籍地址": kindAddress, "现住址": kindAddress, "住址": kindAddress, "JTZZ": kindAddress,
		"健康状况": kindHealth, "残疾类别": kindHealth, "既往病史": kindHealth, "政治面貌": kindPolitics, "是否党员": kindPolitics, "ZZMM": kindPolitics, "宗教信仰": kindPolitics,
		"重点人员类别": kindKeyPerson, "社区矫正对象": kindKeyPerson, "是否低保": kindKeyPerson, "刑满释放": kindKeyPerson, "吸毒人员": kindKeyPerson, "精神病患者": kindKeyPerson, "信访人": kindKeyPerson,
		"党员人数": "", "低保户数": "", "残疾人数": "", "信访投诉": "", "信访件数": "", "单位地址": "", "企业地址": "", "地址": "", "联系电话": "", "党政": "", "党委书记": "", "职业病危害": "",
		"统一社会信用代码": "", "设备编号": "", "名称": "", "备注": "", "河长": "", "健康企业": "",
	} {
		if got := personalHeading(heading); got != kind {
			t.Errorf("%s: %q, want %q", heading, got, kind)
		}
	}
}

func TestPersonalWords(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]string{
		"中共党员": kindPolitics, "群众": kindPolitics, "群众举报": "", "党委书记": "", "2023年刑满释放": kindKeyPerson, "社区矫正对象": kindKeyPerson, "低保户": kindKeyPerson,
		"环境信访投诉 3 件": "", "患癌": kindHealth, "精神分裂症": kindHealth, "二级肢体残疾": kindHealth, "患糖尿病": kindHealth, "3栋2单元501室": kindAddress, "某村三组12号": kindAddress, "示例路 12 号": "", "工业园一路8号": "", "": "",
	} {
		if got := personalWords(text); got != kind {
			t.Errorf("%s: %q, want %q", text, got, kind)
		}
	}
}

func FuzzMasked(f *testing.F) {
	for _, s := range []string{"电话13812345678", identity("43020219900101001"), "１３８ 1234-5678", "4302021990010100\xff", "6222 0200 0000 0000 006"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, kinds, found := masked(text)
		if found != (len(kinds) > 0) || (!found && out != text) {
			t.Errorf("%q: %q %v %v", text, out, kinds, found)
		}
		if utf8.ValidString(text) && !utf8.ValidString(out) {
			t.Errorf("%q: %q", text, out)
		}
		if again, _, more := masked(out); more {
			t.Errorf("%q is masked to %q, which still holds a number: %q", text, out, again)
		}
		personalWords(text)
		personalHeading(text)
		sample(text, "")
	})
}
