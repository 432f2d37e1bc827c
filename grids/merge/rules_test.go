package merge_test

import (
	"strings"
	"testing"

	"unigrid/grids"
	"unigrid/grids/merge"
)

func TestParseRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, says string
	}{
		{"empty", `[]`, ""},
		{"byte order mark", "\xef\xbb\xbf[]", ""},
		{"good", "[" + rule("split", `"max_share_below":0.9`, "keep-base-boundary") + "]", ""},
		{"not JSON", "[\n{\"kind\": split}]", "line 2"},
		{"cut off", "[\n\n{", "line 3"},
		{"no list", `{"kind":"split"}`, "line 1"},
		{"text for a number", "[\n" + rule("split", `"max_share_below":"0.9"`, "keep-base-boundary") + "]", "line 2"},
		{"unknown field", `[{"kinds":"split"}]`, `unknown field "kinds"`},
		{"unknown condition", "[" + rule("split", `"max_share":0.9`, "keep-base-boundary") + "]", `unknown field "max_share"`},
		{"unknown kind", "[" + rule("quarrel", "", "keep-base-boundary") + "]", `rule 1: there is no kind of conflict "quarrel"`},
		{"resolution of another kind", "[" + rule("gap", "", "keep-base-boundary") + "," + rule("gap", "", "roster-first") + "]", `rule 2: "roster-first" doesn't settle gap`},
		{"no resolution", "[" + rule("gap", "", "") + "]", `rule 1: "" doesn't settle gap`},
		{"names a person", "[" + rule("two-accountable", "", "accountable:S1") + "]", "rule 1"},
		{"layer without code", "[" + rule("two-accountable", "", "layer:") + "]", "rule 1"},
		{"unplaced object", "[" + rule("object-unplaced", "", "keep-base-boundary") + "]", "no rule can settle object-unplaced"},
		{"share", "[" + rule("split", `"max_share_from":90`, "keep-base-boundary") + "]", "rule 1: share 90"},
		{"no share", "[" + rule("split", `"max_share_from":0.9,"max_share_below":0.5`, "keep-base-boundary") + "]", "no share is 0.9 or more and below 0.5"},
		{"no width", "[" + rule("split", `"width_m_below":-3`, "keep-base-boundary") + "]", "rule 1: width_m_below must be more than 0"},
		{"no enterprises", "[" + rule("split", `"enterprises_from":0`, "keep-base-boundary") + "]", "enterprises_from must be more than 0"},
		{"people of a layer", `[{"kind":"none-accountable","layer":"safety","resolution":"accept-acting","reason":{"zh":"一","en":"a"}}]`, "not about one layer"},
		{"reason in one language", `[{"kind":"gap","resolution":"keep-base-boundary","reason":{"zh":"一"}}]`, "reason"},
		{"two lists", `[] []`, "after the list"},
		{"too long", "[" + strings.Repeat(" ", 1<<20) + "]", "more than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := merge.ParseRules(strings.NewReader(test.file))
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !(grids.IsKind(err, grids.Invalid) || grids.IsKind(err, grids.TooMuch)) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q in it", err, test.says)
			}
		})
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add("[" + rule("split", `"max_share_below":0.9`, "keep-base-boundary") + "]")
	f.Add("[" + rule("two-accountable", `"has_own":true`, "layer:safety") + "]")
	f.Add("[{]")
	f.Fuzz(func(t *testing.T, file string) {
		rules, err := merge.ParseRules(strings.NewReader(file))
		if err != nil {
			if rules != nil || !(grids.IsKind(err, grids.Invalid) || grids.IsKind(err, grids.TooMuch)) {
				t.Errorf("%d rules, %v", len(rules), err)
			}
			return
		}
		for _, r := range rules {
			if r.Reason.ZH == "" || r.Reason.EN == "" || r.Resolution == "" || r.Kind == merge.ObjectUnplaced {
				t.Errorf("accepted %+v", r)
			}
		}
	})
}
