package table

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"unigrid/importers/charset"
	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// A text in another encoding than is said is doubted before a row is read, and
// damage that is older than the file is told at the end.
func TestEncodingsOfCSV(t *testing.T) {
	t.Parallel()
	const text = "代码,名称,地址\n001,示例企业甲,株洲市荷塘区示例路一号\n002,示例企业乙,天元区泰山路街道社区\n"
	for _, c := range []struct{ really, user, better string }{
		{"GBK", "", ""}, {"UTF-8", "", ""}, {"GBK", "Big5", "GBK"}, {"UTF-8", "GBK", "UTF-8"}, {"GBK", "UTF-8", "GBK"}, {"UTF-8", "latin1", "UTF-8"},
	} {
		e, err := charset.Lookup(c.really)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := e.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewCSV("a.csv", bytes.NewReader(raw), source.Options{Encoding: c.user})
		if err != nil {
			t.Fatal(err)
		}
		better := ""
		for _, n := range r.Notes() {
			if n.Kind == source.EncodingDoubt {
				better = n.Better
			}
		}
		if better != c.better {
			t.Errorf("%s read as %q: better %q, want %q", c.really, c.user, better, c.better)
		}
		if records, _ := sourcetest.All(t, r); len(records) != 2 {
			t.Errorf("%d records", len(records))
		}
		if done, total := r.Progress(); done != total || total != int64(len(raw)) {
			t.Errorf("%d of %d bytes at the end", done, total)
		}
	}
	latin, _ := charset.Lookup("latin1")
	spoilt, _ := latin.Decode([]byte("经纬"))
	r, _, _ := readCSV(t, "代码,名称\n1,"+spoilt+"\n2,锟斤拷锟斤拷\n", source.Options{})
	notes := ""
	for _, n := range r.Notes() {
		notes += n.Why.EN
	}
	if !strings.Contains(notes, "经纬") || !strings.Contains(notes, "锟斤拷") {
		t.Errorf("notes %q", notes)
	}
}

func TestProgressGrows(t *testing.T) {
	t.Parallel()
	text := "代码,名称\n" + strings.Repeat("001,荷塘区荷塘区荷塘区荷塘区\n", 100_000)
	r, err := NewCSV("a.csv", strings.NewReader(text), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last, steps := int64(0), 0
	for {
		if _, err := r.Next(); err != nil {
			break
		}
		done, total := r.Progress()
		if done < last || done > total {
			t.Fatalf("%d after %d, of %d", done, last, total)
		}
		if done > last {
			last, steps = done, steps+1
		}
	}
	if steps < 10 || last != int64(len(text)) {
		t.Errorf("%d steps to %d of %d", steps, last, len(text))
	}
}

// A remark that begins like data, and data that looks like a remark, total or
// heading, stay what they are.
func TestRowsThatAreData(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"a village called so":       {"名称,数\n合计村,1\n小计算机公司,2\n", "2 [合计村 1]\n3 [小计算机公司 2]"},
		"notes in a column":         {"名称,备注\n甲,备注：合计三家\n乙,说明：无\n", "2 [甲 备注：合计三家]\n3 [乙 说明：无]"},
		"a gap without a table":     {"名称,地址\n甲,a\n\n\n乙,b\n", "2 [甲 a]\n5 [乙 b]"},
		"a lone name after a gap":   {"名称,地址\n甲,a\n\n乙,\n丙,c\n", "2 [甲 a]\n4 [乙 <nil>]\n5 [丙 c]"},
		"names that read as stems":  {"名称,数\n甲,1\n乙,2\n", "2 [甲 1]\n3 [乙 2]"},
		"addresses under a gap":     {"名称,地址,电话\n甲,a,1\n\n示例村,示例社区,示例街道\n", "2 [甲 a 1]\n4 [示例村 示例社区 示例街道]"},
		"a column without heading":  {"名单,,\n名称,,电话\n甲,a,b\n乙,c,d\n", "3 [甲 b]\n4 [乙 d]"},
		"texts alone":               {"名称,地址\n甲,a\n乙,b\n丙,c\n", "2 [甲 a]\n3 [乙 b]\n4 [丙 c]"},
		"total of a township":       {"乡镇,数\n甲镇,1\n甲镇小计,1\n全县 总 计,1\n合计：3家,\n", "2 [甲镇 1]"},
		"names like remarks":        {"名称,数\n注塑厂：一分厂,1\n联系桥村,2\n", "2 [注塑厂：一分厂 1]\n3 [联系桥村 2]"},
		"signatures":                {"名称,数,a\n甲,1,2\n单位负责人（签字）：,填表人：乙,\n注2：无,,\n", "2 [甲 1 2]"},
		"remark lines and then one": {"名称,数\n甲,1\n注：一,\n二、三,\n乙,2\n", "2 [甲 1]\n5 [乙 2]"},
	} {
		_, records, unread := readCSV(t, c.text, source.Options{})
		if got := show(records); got != c.want || len(unread) > 0 {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// What a merged range reaches over is filled, and isn't called blank; what isn't
// merged is.
func TestMergedIsNotBlank(t *testing.T) {
	t.Parallel()
	for merged, want := range map[bool]string{true: "merged-filled-down", false: "blank-below"} {
		raw := sheet(t, func(f *excelize.File) {
			put(f, "Sheet1", 1, []any{"村名", "所属乡镇"}, []any{"一村", "甲镇"}, []any{"二村", nil}, []any{"三村", nil}, []any{"四村", "乙镇"}, []any{"五村", nil}, []any{"六村", nil})
			if merged {
				_ = f.MergeCell("Sheet1", "B2", "B4")
				_ = f.MergeCell("Sheet1", "B5", "B7")
			}
		})
		r, _ := readXLSX(t, raw, source.Options{})
		var kinds []string
		for _, n := range r.Notes() {
			kinds = append(kinds, string(n.Kind))
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("merged %t: %s, want %s", merged, got, want)
		}
	}
}
