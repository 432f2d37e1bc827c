package importers

import (
	"slices"
	"strings"
	"unicode/utf8"

	"unigrid/grids"
	"unigrid/grids/objects"
)

// survey is what all values of a column are like, counted as they are read.
type survey struct {
	column  string
	filled  int
	samples []string
	whole   map[string]int // values that are, but for little, personal data, by kind
	inside  map[string]int // values that hold some beside other text
	codes   []int          // values that are a code of each tier
	credit  int            // values that are a valid credit code
	mn      int            // values of 24 capital letters and digits
	cellAny int            // values that are a code of some tier at its full length
}

// newSurvey begins with no value seen.
func newSurvey(column string, scheme grids.CodeScheme) *survey {
	return &survey{column: column, whole: map[string]int{}, inside: map[string]int{}, codes: make([]int, len(scheme.Lengths))}
}

// surveysOf gives the surveys again as far as they say what columns may feed; of
// what was left out nothing is there.
func surveysOf(columns []Column, scheme grids.CodeScheme) []*survey {
	surveys := make([]*survey, len(columns))
	for i, c := range columns {
		surveys[i] = newSurvey(c.Name, scheme)
		if !c.Withheld {
			s := surveys[i]
			s.filled, s.credit, s.mn, s.cellAny = c.Filled, c.Credit, c.MN, c.Cells
			copy(s.codes, c.Codes)
		}
	}
	return surveys
}

// add counts one value.
func (s *survey) add(text string, scheme grids.CodeScheme) {
	if text == "" {
		return
	}
	s.filled++
	const samples = 5
	if len(s.samples) < samples && !slices.Contains(s.samples, text) {
		s.samples = append(s.samples, text)
	}
	if text[0] < utf8.RuneSelf && len(text) <= 30 {
		s.code(text, scheme)
	}
	if hasDigits(text) {
		half := objects.HalfWidth(text)
		spans, held := numbersIn(half), 0
		for _, one := range spans {
			held += one.to - one.from
		}
		if len(spans) > 0 {
			if held*10 >= utf8.RuneCountInString(half)*7 {
				s.whole[spans[0].kind]++
			} else {
				s.inside[spans[0].kind]++
			}
		}
	}
	if kind := personalWords(text); kind != "" {
		s.whole[kind]++
	}
}

// code counts a value that looks like a code.
func (s *survey) code(text string, scheme grids.CodeScheme) {
	if allDigits(text) {
		some := false
		for i := range s.codes {
			if fits(scheme, text, i) {
				s.codes[i]++
				some = some || len(text) == max(scheme.PadTo, scheme.Lengths[i])
			}
		}
		if some {
			s.cellAny++
		}
	}
	switch len(text) {
	case 18:
		if v := objects.ReadCode("enterprise", text); v.Form == objects.CreditCode && v.Kind == "" {
			s.credit++
		}
	case 24:
		if v := objects.ReadCode("monitor", text); v.Form == objects.MonitorCode && v.Normal == text {
			s.mn++
		}
	}
}

// fits tells whether digits are a code of the i-th tier, as CodeScheme.Parse
// does, without the cost of an error.
func fits(scheme grids.CodeScheme, text string, i int) bool {
	length := scheme.Lengths[i]
	return len(text) == length || (len(text) == scheme.PadTo && length < scheme.PadTo && strings.Trim(text[length:], "0") == "")
}

// sensitive says what a column is recognised as: by its heading, else by what
// most of its values are; nil: as nothing. Of columns that feed a field only
// numbers count, since names and addresses of firms are full of words.
func (s *survey) sensitive(mapped bool) *Sensitive {
	if kind := personalHeading(s.column); kind != "" {
		count := s.whole[kind] + s.inside[kind]
		if count == 0 {
			count = s.filled
		}
		return &Sensitive{Kind: kind, By: "heading", Count: count}
	}
	kinds := []struct {
		kind    string
		percent int
	}{{kindIdentity, 20}, {kindBank, 50}, {kindMobile, 20}, {kindPolitics, 50}, {kindKeyPerson, 20}, {kindHealth, 20}, {kindAddress, 50}}
	for i, k := range kinds {
		n := s.whole[k.kind]
		if n == 0 || n*100 < s.filled*k.percent || (i > 2 && mapped) || (k.kind == kindAddress && firmHeading.MatchString(plain(s.column))) {
			continue
		}
		return &Sensitive{Kind: k.kind, By: "content", Count: n}
	}
	return nil
}

// mixed tells whether some values hold personal data beside the rest: numbers,
// or, where the column feeds no field, words about people.
func (s *survey) mixed(mapped bool) bool {
	for _, kind := range []string{kindIdentity, kindBank, kindMobile} {
		if s.whole[kind]+s.inside[kind] > 0 {
			return true
		}
	}
	return !mapped && s.whole[kindKeyPerson]+s.whole[kindHealth] > 0
}
