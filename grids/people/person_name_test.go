package people_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"unigrid/grids/people"
)

func TestNameKeys(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"张三":           {"zhangsan", "zs", "张三", "三", "san", "s"},
		"曾国荃":          {"zengguoquan", "cengguoquan", "zgq", "cgq", "guoquan"},
		"单雄信":          {"shanxiongxin", "danxiongxin", "sxx", "xiongxin"},
		"吕布":           {"lvbu", "lubu", "lyubu", "lb"},
		"解晓东":          {"xiexiaodong", "jiexiaodong"},
		"张　三":          {"zhangsan", "张三"},
		"阿·热合曼":        {"arehe", "热合曼"},
		"Ｚhāng O'Neil": {"zhangoneil"},
		"示例人员 0012":    {"shilirenyuan0012", "slry0012", "0012"},
		"𠮷田":           {"田", "tian"},
	} {
		keys := people.NameKeys(name)
		for _, w := range want {
			if !slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, w) }) {
				t.Errorf("%s isn't found by %s: %v", name, w, keys)
			}
		}
	}
	if got := people.SearchWords(" 张san  Zh'ang "); !slices.Equal(got, []string{"张", "san", "zhang"}) {
		t.Errorf("%q", got)
	}
	if got := people.SearchWords("' & | !:* () \\"); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// FuzzNameKeys wants of every name: keys that PostgreSQL takes, few enough, and
// the name itself found again.
func FuzzNameKeys(f *testing.F) {
	for _, s := range []string{"张三", "曾单解翟盖仇", "O'Neil", "阿卜杜拉·买买提", "ü", "\x00\xff", "吕ǚ", "示例人员 0001", strings.Repeat("单", 40), "ﬃ㈱Å"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		keys := people.NameKeys(name)
		if len(keys) > 32*(2*48+1) {
			t.Fatalf("%d keys", len(keys))
		}
		for _, k := range keys {
			if k == "" || !utf8.ValidString(k) || strings.ContainsAny(k, "\x00 '\\:&|!()<>*") || len(k) > 2046 {
				t.Fatalf("key %q of %q", k, name)
			}
		}
		for _, w := range people.SearchWords(name) {
			if r := []rune(w); !slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, string(r[:min(len(r), 32)])) }) && len([]rune(name)) <= 32 {
				t.Fatalf("%q isn't found by %q: %v", name, w, keys)
			}
		}
	})
}
