package charset

import (
	"strings"
	"testing"
)

func encoded(t testing.TB, name, text string) []byte {
	t.Helper()
	e, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := e.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestDoubt(t *testing.T) {
	t.Parallel()
	const simple, full = "株洲市荷塘区示例路一号;示例有限公司;攸县网岭镇示例村", "宜蘭縣示範鄉中山路一號;示範實業有限公司;新竹縣竹北市"
	// Names with rare characters of Zhuzhou are no reason for a doubt.
	const rare = "渌口区龙船镇洣水村;炎陵县鹿原镇;茶陵县洣江街道;醴陵市沩山镇;芦淞区龙泉街道"
	cases := []struct{ text, really, chosen, better string }{
		{simple, "GBK", "GBK", ""}, {simple, "GBK", "GB18030", ""}, {rare, "GBK", "GBK", ""}, {rare, "UTF-8", "UTF-8", ""},
		{simple, "GBK", "Big5", "GBK"}, {simple, "GBK", "ISO-8859-1", "GBK"}, {simple, "GBK", "windows-1252", "GBK"}, {simple, "GBK", "UTF-8", "GBK"},
		{simple, "UTF-8", "GBK", "UTF-8"}, {simple, "UTF-8", "Big5", "UTF-8"}, {simple, "UTF-8", "ISO-8859-1", "UTF-8"}, {rare, "UTF-8", "GB18030", "UTF-8"},
		{full, "Big5", "Big5", ""}, {full, "Big5", "GBK", "Big5"}, {full, "Big5", "GB18030", "Big5"}, {full, "Big5", "ISO-8859-1", "Big5"},
		{full, "GBK", "GBK", ""}, {full, "GBK", "Big5", "GBK"},
		{"Fran\u00e7ois;Orl\u00e9ans;M\u00fcller", "ISO-8859-1", "ISO-8859-1", ""},
		{"Fran\u00e7ois;Orl\u00e9ans;M\u00fcller;K\u00f6ln", "ISO-8859-1", "UTF-8", "ISO-8859-1"},
		{"Fran\u00e7ois;Orl\u00e9ans;M\u00fcller;K\u00f6ln", "UTF-8", "UTF-8", ""},
		{"abc;def", "UTF-8", "GBK", ""}, {"联通", "GBK", "GBK", ""}, {"", "GBK", "GBK", ""},
	}
	for _, c := range cases {
		var s Sample
		s.Lines(encoded(t, c.really, c.text))
		chosen, err := Lookup(c.chosen)
		if err != nil {
			t.Fatal(err)
		}
		d, ok := s.Doubt(chosen)
		if d.Better != c.better || ok != (c.better != "") || ok && (d.Why.ZH == "" || d.Why.EN == "" || d.Values == 0) {
			t.Errorf("%s in %s read as %s: %+v, want %q", c.text, c.really, c.chosen, d, c.better)
		}
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	// What UTF-8 becomes when it is read by another encoding and saved again.
	spoilt := func(text, as string) string {
		e, err := Lookup(as)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := e.Decode([]byte(text))
		return out
	}
	for text, want := range map[string]string{
		"荷塘区": "", "François": "", "Jürgen Groß": "", "abc": "", "镕鑫有限公司": "", "渌口区洣水": "", "°C": "", "宜蘭縣示範鄉": "",
		"锟斤拷锟斤拷区": "lost", "名称烫烫烫": "lost",
		spoilt("经纬", "latin1"): "UTF-8", spoilt("荷塘区示例路", "windows-1252"): "UTF-8", spoilt("名称", "GBK"): "UTF-8", spoilt("示例镇人民政府示", "GBK"): "UTF-8",
	} {
		if strings.ContainsRune(text, '\uFFFD') {
			continue // lost for good, which reading itself finds
		}
		var d Damage
		d.Look("荷塘区")
		d.Look(text)
		n, why, better := d.Found()
		if want == "" && n > 0 || want != "" && n != 1 || want == "UTF-8" && better != want || n > 0 && (why.ZH == "" || why.EN == "") {
			t.Errorf("%q: %d %q %q, want %q", text, n, why, better, want)
		}
	}
}

func FuzzDoubt(f *testing.F) {
	f.Add([]byte("\xba\xc9\xcc\xc1\xc7\xf8,\xe8\x8d\xb7\n"), "GBK")
	f.Add([]byte("\xa9y\xc4\xf5"), "UTF-8")
	f.Fuzz(func(t *testing.T, raw []byte, name string) {
		e, err := Lookup(name)
		if err != nil {
			return
		}
		var s Sample
		s.Lines(raw)
		if d, ok := s.Doubt(e); ok && (d.Better == e.Name() || d.Better == "") {
			t.Errorf("%s is doubted for %q", e.Name(), d.Better)
		}
		text, _ := e.Decode(raw)
		var m Damage
		m.Look(text)
		m.Found()
	})
}
