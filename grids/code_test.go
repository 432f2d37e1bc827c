package grids_test

import (
	"strings"
	"testing"

	"unigrid/grids"
)

func TestParse(t *testing.T) {
	t.Parallel()
	free, err := grids.ParseCodeScheme("5,8,11")
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		scheme grids.CodeScheme
		text   string
		tier   grids.Tier
		want   grids.Code // "" for an error
		parent grids.Code
	}{
		"city":                        {grids.GB12, "430200000000", 1, "430200000000", ""},
		"city, bare":                  {grids.GB12, " 4302 ", 1, "430200000000", ""},
		"county":                      {grids.GB12, "430202", 2, "430202000000", "430200000000"},
		"township":                    {grids.GB12, "430202001000", 3, "430202001000", "430202000000"},
		"village":                     {grids.GB12, "430202001001", 4, "430202001001", "430202001000"},
		"unit cell":                   {grids.GB12, "430202001001001", 5, "430202001001001", "430202001001"},
		"unit cell 000":               {grids.GB12, "430202001001000", 5, "430202001001000", "430202001001"},
		"a village as a unit cell":    {grids.GB12, "430202001001", 5, "", ""},
		"a unit cell as a village":    {grids.GB12, "430202001001001", 4, "", ""},
		"a unit cell as a township":   {grids.GB12, "430202001000000", 3, "", ""},
		"a village as a township":     {grids.GB12, "430202001001", 3, "", ""},
		"14 digits":                   {grids.GB12, "43020200100100", 5, "", ""},
		"16 digits":                   {grids.GB12, "4302020010010010", 5, "", ""},
		"letters":                     {grids.GB12, "43020200100100A", 5, "", ""},
		"nothing":                     {grids.GB12, "", 5, "", ""},
		"tier 6":                      {grids.GB12, "430202001001001", 6, "", ""},
		"tier 0":                      {grids.GB12, "4302", 0, "", ""},
		"custom":                      {free, "10002010001", 3, "10002010001", "10002010"},
		"custom, top":                 {free, "10002", 1, "10002", ""},
		"custom is not padded":        {free, "10002000000", 1, "", ""},
		"custom has no other tiers":   {free, "10002010001", 4, "", ""},
		"custom, a parent as a child": {free, "10002", 2, "", ""},
	} {
		got, err := x.scheme.Parse(x.text, x.tier)
		if got != x.want || (err == nil) != (x.want != "") || (err != nil && !grids.IsKind(err, grids.Invalid)) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err == nil {
			if parent := x.scheme.Parent(got, x.tier); parent != x.parent {
				t.Errorf("%s: parent %q, want %q", name, parent, x.parent)
			}
		}
	}
	for tier, want := range map[grids.Tier]string{1: "4302", 2: "430202", 3: "430202001", 4: "430202001001", 5: "430202001001002"} {
		if got := grids.GB12.Significant("430202001001002", tier); got != want {
			t.Errorf("tier %d: %q", tier, got)
		}
	}
}

func TestParseCodeScheme(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "gb12", "gb12": "gb12", "5,8,11": "5,8,11", "4, 6": "4,6", "2,4,6,8,10,12": "2,4,6,8,10,12",
		"gb2": "", "5,5": "", "8,5": "", "0,5": "", "5,31": "", "5,,8": "", "-1": "",
	} {
		scheme, err := grids.ParseCodeScheme(text)
		if (err == nil) != (want != "") || (err == nil && scheme.String() != want) {
			t.Errorf("%q: %v %v", text, scheme, err)
		}
	}
}

// FuzzParse: what is parsed is digits of the tier's length, parses to itself,
// begins as it was written, and has a parent that parses one tier up.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"430200000000", "4302", "430202001001001", " 430202 ", "43020200100", "０", "10002010001", ""} {
		for tier := int16(0); tier < 7; tier++ {
			f.Add(text, tier, false)
			f.Add(text, tier, true)
		}
	}
	f.Fuzz(func(t *testing.T, text string, tier int16, custom bool) {
		scheme := grids.GB12
		if custom {
			scheme = grids.CodeScheme{Lengths: []int{5, 8, 11}}
		}
		code, err := scheme.Parse(text, grids.Tier(tier))
		if err != nil {
			return
		}
		if again, err := scheme.Parse(string(code), grids.Tier(tier)); again != code || err != nil {
			t.Errorf("%q of tier %d: %q, then %q, %v", text, tier, code, again, err)
		}
		if !strings.HasPrefix(string(code), strings.TrimSpace(text)) || len(code) != max(scheme.Lengths[tier-1], scheme.PadTo) {
			t.Errorf("%q became %q", text, code)
		}
		if !strings.HasPrefix(string(code), scheme.Significant(code, grids.Tier(tier))) {
			t.Errorf("significant digits of %q", code)
		}
		if tier == 1 {
			return
		}
		parent := scheme.Parent(code, grids.Tier(tier))
		if got, err := scheme.Parse(string(parent), grids.Tier(tier-1)); got != parent || err != nil {
			t.Errorf("parent of %q: %q, %v", code, parent, err)
		}
		if !strings.HasPrefix(string(code), scheme.Significant(parent, grids.Tier(tier-1))) {
			t.Errorf("%q is not under %q", code, parent)
		}
	})
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	free, err := grids.ParseCodeScheme("5,8,11")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		scheme grids.CodeScheme
		code   grids.Code
		want   string
	}{
		{grids.GB12, "430200000000", "4302"}, {grids.GB12, "430202000000", "430202"}, {grids.GB12, "430202001000", "430202001"},
		{grids.GB12, "430202001001", "430202001001"}, {grids.GB12, "430202001001000", "430202001001000"}, {grids.GB12, "430210010000", "430210010"},
		{free, "10000", "10000"}, {free, "10002010", "10002010"},
	} {
		if got := x.scheme.Prefix(x.code); got != x.want {
			t.Errorf("%s: %s, not %s", x.code, got, x.want)
		}
	}
}
