package databasetest

import (
	"strings"
	"testing"
	"unicode"

	"unigrid/grids"
)

// InBothLanguages fails for findings that lack words in Chinese or in English,
// or whose words were formatted wrongly.
func InBothLanguages(t testing.TB, found []grids.Finding) {
	t.Helper()
	for _, f := range found {
		if !strings.ContainsFunc(f.MessageZH, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || f.Message == "" || f.Message == f.MessageZH ||
			strings.Contains(f.Message+f.MessageZH, "%!") {
			t.Errorf("finding %s %s says %q and %q", f.Check, f.Kind, f.MessageZH, f.Message)
		}
	}
}
