package importers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/objects"
)

// survey is what all values of a column are like.
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

// surveyColumns is how many columns one pass reads: PostgreSQL gives 1,664 at
// most.
const surveyColumns = 400

// surveyRows reads every staged row once, in a stream, and counts what the
// columns hold. Memory is bounded by the number of columns.
func surveyRows(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, columns []string) ([]*survey, error) {
	all := make([]*survey, 0, len(columns))
	for part := range slices.Chunk(columns, surveyColumns) {
		surveys := make([]*survey, len(part))
		args := []any{t.ID, batch}
		texts := make([]string, len(part))
		for i, column := range part {
			surveys[i] = &survey{column: column, whole: map[string]int{}, inside: map[string]int{}, codes: make([]int, len(t.Scheme.Lengths))}
			args = append(args, column)
			texts[i] = fmt.Sprintf("attributes ->> $%d", i+3)
		}
		rows, err := tx.Query(ctx, `SELECT `+strings.Join(texts, ", ")+` FROM staging.row WHERE territory_id = $1 AND batch = $2`, args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			for i, raw := range rows.RawValues() {
				if len(raw) > 0 {
					surveys[i].add(strings.TrimSpace(string(raw)), t.Scheme)
				}
			}
		}
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("looking through the rows: %w", err)
		}
		all = append(all, surveys...)
	}
	return all, nil
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
