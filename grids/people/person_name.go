package people

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"

	"unigrid/grids"
)

const (
	mostNameRunes = 32 // of a name that are looked at
	mostReadings  = 48 // of one part of a name
)

// NameKeys gives what a name is found by: for each of its characters the rest of
// the name from there, in characters, in full pinyin (zhangsan, san) and in
// initials (zs, s), in all readings of characters that have several (曾: zeng and
// ceng). Sorted, each once; a search looks for beginnings of them.
func NameKeys(name string) []string {
	runes := []rune(plainName(name))
	runes = runes[:min(len(runes), mostNameRunes)]
	keys := map[string]bool{}
	full, initials := []string{""}, []string{""}
	for i := len(runes) - 1; i >= 0; i-- {
		keys[string(runes[i:])] = true
		said := readings(runes[i])
		var first []string
		for _, s := range said {
			first = append(first, s[:firstLength(s)])
		}
		full, initials = before(said, full), before(first, initials)
		for _, k := range full {
			keys[k] = true
		}
		for _, k := range initials {
			keys[k] = true
		}
	}
	list := make([]string, 0, len(keys))
	for k := range keys {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// before puts each of some syllables before each of some endings, as far as they
// go: the usual reading of each first.
func before(syllables, endings []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, s := range syllables {
		for _, e := range endings {
			if k := s + e; !seen[k] && len(list) < mostReadings {
				seen[k] = true
				list = append(list, k)
			}
		}
	}
	return list
}

// firstLength is the length of a string's first character.
func firstLength(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

var allReadings = pinyin.Args{Style: pinyin.Normal, Heteronym: true}

// readings gives the syllables of a character, at least one; ü is typed as v, u
// or yu. A character without pinyin reads as it is.
func readings(r rune) []string {
	var list []string
	add := func(s string) {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	said := pinyin.SinglePinyin(r, allReadings)
	for _, s := range said {
		add(strings.ReplaceAll(s, "ê", "e"))
	}
	for _, s := range said {
		if strings.Contains(s, "v") {
			add(strings.ReplaceAll(s, "v", "u"))
			add(strings.ReplaceAll(s, "v", "yu"))
		}
	}
	if len(list) == 0 {
		return []string{string(r)}
	}
	return list
}

// plainName is a name as it is compared and searched: half-width small letters
// without marks, digits and characters alone.
func plainName(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ReplaceAll(strings.ToValidUTF8(name, ""), "ü", "v")) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return norm.NFC.String(b.String())
}

// SearchWords gives the beginnings of keys that all have to be there for what
// somebody typed, characters and letters apart: 张san is 张 and san.
func SearchWords(typed string) []string {
	var words []string
	for part := range strings.FieldsFuncSeq(typed, unicode.IsSpace) {
		var word []rune
		for _, r := range plainName(part) {
			if len(word) > 0 && unicode.Is(unicode.Han, r) != unicode.Is(unicode.Han, word[len(word)-1]) {
				words = append(words, string(word))
				word = nil
			}
			word = append(word, r)
		}
		if len(word) > 0 {
			words = append(words, string(word))
		}
	}
	return words[:min(len(words), mostNameRunes)]
}

// searchQuery is what a search column is asked for typed text, as a tsquery; ""
// when nothing that can be looked for was typed.
func searchQuery(typed string) string {
	words := SearchWords(typed)
	for i, w := range words {
		words[i] = "'" + w + "':*" // letters and digits alone
	}
	return strings.Join(words, " & ")
}

//go:embed person_name_stale.sql
var staleNames string

// IndexNames writes the search keys of persons that have none or other names
// since; ids nil: of a whole territory.
func IndexNames(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, ids []grids.PersonID) error {
	rows, err := tx.Query(ctx, staleNames, territory, ids)
	if err != nil {
		return fmt.Errorf("names to index: %w", err)
	}
	type stale struct {
		ID      grids.PersonID
		Name    string
		StaffNo string
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stale])
	if err != nil || len(list) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE IF NOT EXISTS person_name_keys (id bigint, name text, keys text[]) ON COMMIT DROP`); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"person_name_keys"}, []string{"id", "name", "keys"}, pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		keys := NameKeys(list[i].Name)
		if no := plainName(list[i].StaffNo); no != "" {
			keys = append(keys, no)
		}
		return []any{list[i].ID, list[i].StaffNo + " " + list[i].Name, keys}, nil
	})); err != nil {
		return fmt.Errorf("indexing names: %w", err)
	}
	_, err = tx.Exec(ctx, `
		WITH taken AS (DELETE FROM person_name_keys RETURNING *)
		INSERT INTO people.search_key (territory_id, person_id, name, keys)
		SELECT $1, id, name, array_to_tsvector(keys) FROM taken
		ON CONFLICT (territory_id, person_id) DO UPDATE SET name = EXCLUDED.name, keys = EXCLUDED.keys`, territory)
	if err != nil {
		return fmt.Errorf("indexing names: %w", err)
	}
	return nil
}
