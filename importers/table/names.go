package table

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"unigrid/grids"
	"unigrid/importers/source"
)

// columnOf is a named column of the sheet.
type columnOf struct {
	index    int // in the sheet
	field    source.Field
	last     string // the lowest part of its heading
	dated    string // why whole numbers in it are dates; empty if they aren't
	identity bool   // headed as identity numbers
}

func itoa(n int) string { return strconv.Itoa(n) }

// nameColumns takes the names from the heading's rows, from above joined as
// 联系人/电话, and makes them differ.
func nameColumns(head []row, h heading, merged []area, tally *source.Tally) []columnOf {
	levels := headingLevels(head[h.first:h.first+h.rows], merged)
	width := 0
	for _, l := range levels {
		width = max(width, l.width())
	}
	var columns []columnOf
	taken := map[string]bool{}
	for i := range width {
		var parts []string
		for _, l := range levels {
			if text := cleanHeading(textOf(l.at(i))); text != "" && !slices.Contains(parts, text) {
				parts = append(parts, text)
			}
		}
		if len(parts) == 0 {
			continue
		}
		last := parts[len(parts)-1]
		name := strings.Join(slices.DeleteFunc(slices.Clone(parts[:len(parts)-1]), saysNothing), "/")
		if name = strings.TrimPrefix(name+"/"+last, "/"); taken[name] {
			name = strings.Join(parts, "/")
		}
		unique := name
		for n := 2; taken[unique]; n++ {
			unique = name + "_" + itoa(n)
		}
		if unique != name {
			tally.Add(source.NameChanged, grids.Textf("列 %s 的表头 %q 与另一列相同,改称 %q", "column %s, headed %q like another, is called %q", letters(i), name, unique))
		}
		taken[unique] = true
		columns = append(columns, columnOf{index: i, field: source.Field{Name: unique}, last: last, identity: strings.Contains(last, "身份证") || strings.Contains(last, "证件号")})
	}
	return columns
}

// saysNothing says of a heading over several columns that theirs are clear
// without it: 坐标 over 经度 and 纬度.
func saysNothing(group string) bool {
	return regexp.MustCompile(`(坐标|经纬度|位置|基本信息|基本情况|基本资料)$`).MatchString(group)
}

// headingLevels spreads the upper rows of a heading over the columns they
// stand for: by the merged cells, else up to the next filled one.
func headingLevels(rows []row, merged []area) []row {
	if len(rows) == 1 {
		return []row{spread(rows[0], merged)}
	}
	anyMerged := slices.ContainsFunc(rows, func(r row) bool { return len(startingIn(merged, r.number)) > 0 })
	levels := make([]row, len(rows))
	for l, r := range rows {
		if anyMerged {
			levels[l] = spread(r, merged)
			continue
		}
		levels[l] = row{number: r.number, cells: slices.Clone(r.cells)}
		if l == len(rows)-1 {
			continue
		}
		var group cell
		for i := range rows[len(rows)-1].width() {
			own := r.at(i)
			above := l > 0 && rows[l-1].filled(i)
			below := slices.ContainsFunc(rows[l+1:], func(r row) bool { return r.filled(i) })
			switch {
			case !own.empty():
				group = own
			case above || !below:
				group = cell{}
			case !group.empty():
				levels[l].set(i, group)
			}
		}
	}
	return levels
}

// wanted says beside a heading whether its column has to be filled in.
var wanted = regexp.MustCompile(`[(（](必填|选填|必填项|选填项)[)）]`)

// cleanHeading drops what decorates a heading: the star or the words that mark
// a required one, line breaks and the blanks that spread Chinese characters
// (姓　名), and writes full-width digits and letters in half-width.
func cleanHeading(text string) string {
	text = strings.Map(func(r rune) rune {
		if n := r - '\uFF01' + '!'; r >= '\uFF01' && r <= '\uFF5E' && (unicode.IsDigit(n) || unicode.IsLetter(n)) {
			return n
		}
		return r
	}, text)
	text = wanted.ReplaceAllString(text, "")
	text = strings.Trim(blank(text), "*＊※")
	fields := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200B' })
	out := ""
	for _, f := range fields {
		if out != "" && !touchesHan(out, f) {
			out += " "
		}
		out += f
	}
	return out
}

// touchesHan says whether the words meet at a Chinese character or sign.
func touchesHan(before, after string) bool {
	left := []rune(before)
	right := []rune(after)
	return left[len(left)-1] > unicode.MaxLatin1 || right[0] > unicode.MaxLatin1
}

func textOf(c cell) string {
	if c.value == nil {
		return ""
	}
	return blank(fmt.Sprint(c.value))
}

// typeOf is the type of a column in the rows looked at: Mixed if they differ,
// Text if all are empty.
func typeOf(data []row, index int) source.Type {
	found, seen := source.Text, false
	for _, r := range data {
		var t source.Type
		switch r.at(index).value.(type) {
		case nil:
			continue
		case int64:
			t = source.Integer
		case float64:
			t = source.Float
		case bool:
			t = source.Boolean
		case string:
			t = source.Text
		default:
			t = source.Date
		}
		switch {
		case !seen || found == t:
			found, seen = t, true
		case found == source.Integer && t == source.Float, found == source.Float && t == source.Integer:
			found = source.Float
		default:
			return source.Mixed
		}
	}
	return found
}
