package table

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"unigrid/grids"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2024.3.1": "2024-03-01T00:00:00Z", "2024/3/1": "2024-03-01T00:00:00Z", "2024年3月1日": "2024-03-01T00:00:00Z",
		"20240301": "2024-03-01T00:00:00Z", "2024-03-01": "2024-03-01T00:00:00Z", "45352": "2024-03-01T00:00:00Z",
		"\uFF12\uFF10\uFF12\uFF14年\uFF13月\uFF11日": "2024-03-01T00:00:00Z", " 2024-3-1\u3000": "2024-03-01T00:00:00Z",
		"2024/3/1 8:05": "2024-03-01T08:05:00Z", "2024-03-01 23:59:59": "2024-03-01T23:59:59Z", "2024年3月1日9时30分": "2024-03-01T09:30:00Z",
		"2024-03-01T08:00:00+08:00": "2024-03-01T08:00:00+08:00", "20240301080506": "2024-03-01T08:05:06Z", "2024年2月29日": "2024-02-29T00:00:00Z",
		"2023-02-29": "", "2024.13.1": "", "24.3.1": "", "3/1/2024": "", "2024年3月": "", "2024": "", "12345678": "", "99999": "", "1": "",
		"0000-00-00": "", "20240230": "", "长期": "", "": "", "2024-3-1 25:00": "", "2024-3-1 abc": "", "2024.3.1.1": "",
	} {
		got := ""
		if d, ok := ParseDate(text); ok {
			got = d.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	if got := grids.Narrow("\uFF14\uFF13\u3000Ａｂ（1）荷"); got != "43 Ab(1)荷" {
		t.Errorf("%q", got)
	}
	for text, want := range map[string]string{"４３０２": "4302", "１３８－０": "138-0", "荷塘（东）": "荷塘（东）", "（）": "（）", "abc": "abc"} {
		if got, _ := narrowCode(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestEveryDayIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1930, 1, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60000).Draw(t, "days"))
		for _, layout := range []string{"2006.1.2", "2006/01/02", "2006年1月2日", "20060102", "2006-1-2", time.RFC3339} {
			if got, ok := ParseDate(day.Format(layout)); !ok || !got.Equal(day) {
				t.Fatalf("%s: %v %v", day.Format(layout), got, ok)
			}
		}
	})
}

func FuzzValues(f *testing.F) {
	for _, text := range []string{"2024.3.1 8:05", "2024年3月1日", "45352", "１．２万", "9999999999", "-", "2024-03-01T08:00:00+08:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := ParseDate(text); ok && (d.Year() < 1 || d.Year() > 9999) {
			t.Errorf("%q: year %d", text, d.Year())
		}
		if narrow := grids.Narrow(text); grids.Narrow(narrow) != narrow {
			t.Errorf("%q: %q", text, narrow)
		}
	})
}
