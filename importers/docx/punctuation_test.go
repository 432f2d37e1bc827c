package docx_test

import (
	"testing"

	"unigrid/importers/docx"
)

func TestFullWidth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"与第 1 版相比:新设 0 个,撤销 1,000 个;": "与第 1 版相比\uff1a新设 0 个\uff0c撤销 1,000 个\uff1b",
		"(1)石峰区":          "\uff081\uff09石峰区",
		"石峰区(草案),完":       "石峰区\uff08草案\uff09\uff0c完",
		"来自 430202(30%)":  "来自 430202(30%)",
		"10:30, a (b): c": "10:30, a (b): c",
		"":                "",
	} {
		if got := docx.FullWidth(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
