package charset

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLookupKnowsTheUsualNames(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"UTF-8":        {"UTF-8", "utf8", "65001", "CP65001", "Utf_8"},
		"GBK":          {"GBK", "cp936", "936", "GB2312", "gb_2312", "ANSI 936", "MS936", "windows-936"},
		"GB18030":      {"GB18030", "gb 18030", "54936"},
		"Big5":         {"BIG5", "big-5", "950", "CP950"},
		"ISO-8859-1":   {"ISO-8859-1", "88591", "ISO 8859 1", "latin1", "latin-1", "28591"},
		"windows-1252": {"1252", "CP1252", "ANSI 1252", "windows-1252"},
		"windows-1251": {"1251"},
		"IBM852":       {"852", "OEM 852", "CP852"},
		"UTF-16LE":     {"UTF-16", "utf16le"},
	} {
		for _, name := range names {
			if e, err := Lookup(name); err != nil || e.Name() != want {
				t.Errorf("Lookup(%q) = %s, %v, want %s", name, e.Name(), err, want)
			}
		}
	}
	for _, name := range []string{"", "nonsense", "cp", "99999"} {
		if e, err := Lookup(name); err == nil {
			t.Errorf("Lookup(%q) = %s, want an error", name, e.Name())
		}
	}
}

func TestLanguageBytes(t *testing.T) {
	t.Parallel()
	for b, want := range map[byte]string{0x4D: "GBK", 0x7A: "GBK", 0x4F: "Big5", 0x78: "Big5", 0x57: "ISO-8859-1", 0x03: "windows-1252", 0x64: "IBM852"} {
		if e, ok := FromLanguageByte(b); !ok || e.Name() != want {
			t.Errorf("0x%02X: %s, want %s", b, e.Name(), want)
		}
	}
	for b := range 256 {
		e, ok := FromLanguageByte(byte(b))
		if ok && e.LanguageByte() != 0 {
			if again, _ := FromLanguageByte(e.LanguageByte()); again.Name() != e.Name() {
				t.Errorf("0x%02X: %s writes 0x%02X, which reads as %s", b, e.Name(), e.LanguageByte(), again.Name())
			}
		}
	}
	if _, ok := FromLanguageByte(0); ok {
		t.Error("0 names an encoding")
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		hints     Hints
		value     string
		full      bool
		want, how string
	}{
		{"user", Hints{"gbk", "UTF-8", 0x78}, "", false, "GBK", "named by the user"},
		{"cpg", Hints{"", "\uFEFF936\r\n", 0x78}, "", false, "GBK", `.cpg file says "936"`},
		{"cpg not known", Hints{"", "klingon", 0x4D}, "", false, "GBK", `language byte 0x4D in the .dbf (the .cpg file says "klingon", which is not known)`},
		{"language byte", Hints{"", "", 0x4D}, "", false, "GBK", "language byte 0x4D in the .dbf"},
		{"ASCII", Hints{}, "abc", false, "UTF-8", "every byte is ASCII"},
		{"UTF-8", Hints{}, "荷塘区", false, "UTF-8", "the bytes are valid UTF-8"},
		{"UTF-8 cut off at the end of its column", Hints{}, "荷塘区"[:8], true, "UTF-8", "the bytes are valid UTF-8"},
		{"UTF-8 cut off before", Hints{}, "荷塘区"[:8], false, "GB18030", "the bytes are not UTF-8"},
		{"GBK", Hints{}, "\xba\xc9\xcc\xc1\xc7\xf8", false, "GB18030", "the bytes are not UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			choice, err := Decide(c.hints, func() (g Guess, err error) { g.Value([]byte(c.value), c.full); return g, nil })
			if err != nil || choice.Name() != c.want || choice.How.EN != c.how || choice.How.ZH == "" {
				t.Errorf("%s (%s), %v, want %s (%s)", choice.Name(), choice.How.EN, err, c.want, c.how)
			}
		})
	}
	if _, err := Decide(Hints{User: "klingon"}, nil); err == nil {
		t.Error("a user's word that isn't known must be an error")
	}
}

func TestDecideText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("株洲", 40_000)
	cases := []struct {
		name, text, user, want string
		skip                   int
	}{
		{"UTF-8 mark", "\xEF\xBB\xBFabc", "", "UTF-8", 3},
		{"UTF-16 mark", "\xFF\xFEa\x00", "", "UTF-16LE", 2},
		{"mark against the user", "\xEF\xBB\xBFabc", "GBK", "GBK", 0},
		{"mark and the user agree", "\xEF\xBB\xBFabc", "utf8", "UTF-8", 3},
		{"long UTF-8", "a" + long, "", "UTF-8", 0},
		{"UTF-8 cut off", long[:len(long)-1], "", "GB18030", 0},
		{"one wrong byte at the end", long + "\xFF", "", "GB18030", 0},
		{"empty", "", "", "UTF-8", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			choice, skip, err := DecideText(strings.NewReader(c.text), c.user)
			if err != nil || choice.Name() != c.want || skip != c.skip {
				t.Errorf("%s, skip %d, %v; want %s, %d", choice.Name(), skip, err, c.want, c.skip)
			}
		})
	}
}

func TestUndecodableBytesAreNotLost(t *testing.T) {
	t.Parallel()
	gbk, _ := Lookup("GBK")
	big5, _ := Lookup("Big5")
	cases := []struct {
		e     Encoding
		raw   string
		want  string
		clean bool
	}{
		{gbk, "\xba\xc9\xcc\xc1\xc7\xf8", "荷塘区", true},
		{gbk, "\xba\xc9\xcc\xc1\xc7", "荷塘\uFFFD", false},
		{gbk, "\x82\x35\x8f\x33", "龦", true}, // four bytes, though the file says GBK
		{UTF8(), "a\xffb", "a\uFFFDb", false},
		{UTF8(), "\uFFFD", "\uFFFD", true},
		{big5, "\xa9y\xc4\xf5", "宜蘭", true},
		{big5, "\xa9", "\uFFFD", false},
	}
	for _, c := range cases {
		if text, clean := c.e.Decode([]byte(c.raw)); text != c.want || clean != c.clean {
			t.Errorf("%s %q: %q %v, want %q %v", c.e.Name(), c.raw, text, clean, c.want, c.clean)
		}
	}
	if _, err := gbk.Encode("𠮷野"); err == nil || !strings.Contains(err.Error(), "U+20BB7") {
		t.Errorf("%v, want the character named", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("GBK", []byte("\xba\xc9\xcc\xc1"))
	f.Add("Big5", []byte("\xa9y\xc4\xf5"))
	f.Add("utf16", []byte{0xFE, 0xFF, 0})
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		e, err := Lookup(name)
		if err != nil {
			return
		}
		text, _ := e.Decode(raw)
		if !utf8.ValidString(text) {
			t.Errorf("%s: %q is not UTF-8", e.Name(), text)
		}
		if _, err := io.Copy(io.Discard, e.Reader(strings.NewReader(string(raw)))); err != nil {
			t.Errorf("%s: %v", e.Name(), err)
		}
	})
}

// What is written as Big5 is what iconv, a client of another making, writes.
func TestBig5AsOthersWriteIt(t *testing.T) {
	t.Parallel()
	e, err := Lookup("Big5")
	if err != nil {
		t.Fatal(err)
	}
	const text = "東港村、包公、卿、晴、十卅瑜渝煮、員山鄉(ABC)"
	iconv := exec.Command("iconv", "-f", "UTF-8", "-t", "BIG5")
	iconv.Stdin = strings.NewReader(text)
	want, err := iconv.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Encode(text); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x %v, iconv writes %x", got, err, want)
	}
	for _, lacking := range []string{"洣江县", "㗎", "€"} { // simplified, HKSCS, neither
		if got, err := e.Encode(lacking); err == nil {
			t.Errorf("%s became %x", lacking, got)
		}
	}
	for r, raw := range big5Codes() {
		if text, clean := e.Decode(raw[:]); !clean || text != string(r) {
			t.Errorf("%c is %x, which is %q", r, raw, text)
		}
	}
}
