package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"unigrid/grids/editions"
	"unigrid/grids/merge"
)

// What a merge says in Chinese has no English words in it.
func TestMergeSpeaksChinese(t *testing.T) {
	t.Parallel()
	var report editions.Unified
	report.Drawn.Parents, report.Rules.Count, report.Rules.Version = 2, 3, 1
	report.Conflicts = []merge.KindCount{{Kind: merge.Split}, {Kind: merge.TwoAccountable}}
	for range blockingShown + 1 {
		report.Blocking = append(report.Blocking, merge.Conflict{Kind: merge.Gap, Cell: "430202001000", CellName: "示例村", Proposal: merge.KeepBase})
	}
	var out bytes.Buffer
	a := app{config: &config{lang: "zh"}}
	a.printUnified(&out, report)
	if strings.Count(out.String(), "无人覆盖") != blockingShown {
		t.Error(out.String())
	}
	if english := regexp.MustCompile(`[A-Za-z]{2,}`).FindAllString(strings.ReplaceAll(out.String(), "--json", ""), -1); len(english) > 0 {
		t.Errorf("%q in\n%s", english, out.String())
	}
}

func TestFaultyRulesNameTheFile(t *testing.T) {
	t.Parallel()
	_, err := merge.ParseRules(strings.NewReader(`[{"kind":"nothing"}]`))
	for _, lang := range []string{"zh", "en"} {
		c := config{lang: lang}
		if said := c.sentence(inFile("rules.json", err)); !strings.HasPrefix(said, `rules="rules.json": `) {
			t.Error(said)
		}
	}
}
