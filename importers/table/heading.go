package table

import (
	"fmt"
	"strconv"

	"unigrid/importers/source"
)

const (
	window    = 60 // rows looked at for the heading
	followers = 5  // rows after a heading that must fit under it
)

// heading is where the columns get their names.
type heading struct {
	first, rows int // index into the window, and 1 or 2 rows
}

// findHeading looks for the heading among the first rows of a sheet. It is the
// first row of mostly words, at least two, under whose filled cells the
// following rows stay (the next five, as far as there are so many). Titles and
// remarks above it have one cell, or other columns than what follows.
//
// Two rows make one heading where the upper spans several columns of the
// lower: where each fills columns that the other leaves empty, the lower is not
// a heading by itself, and both together cover the rows that follow. Of two
// such pairs that overlap it is the lower, under a remark.
//
// Where no row fits, because cells stand beside the table, it is the row with
// the most words.
func findHeading(head []row) heading {
	for i := range head {
		if isHeading(head, i) {
			return heading{i, 1}
		}
		if isPair(head, i) && !isPair(head, i+1) {
			return heading{i, 2}
		}
	}
	best := heading{0, 1}
	for i := range head {
		if head[i].mostlyText() && head[i].count() > head[best.first].count() {
			best.first = i
		}
	}
	return best
}

func isHeading(head []row, i int) bool {
	if head[i].count() < 2 || !head[i].mostlyText() {
		return false
	}
	for _, below := range head[i+1 : min(i+1+followers, len(head))] {
		if !below.fitsIn(head[i]) {
			return false
		}
	}
	// A remark of two cells above one-column notes isn't a heading.
	return i+1 == len(head) || head[i+1].count() >= 2 || head[i].count() == 2
}

// isPair says whether rows i and i+1 make one heading.
func isPair(head []row, i int) bool {
	if i+2 >= len(head) || isHeading(head, i+1) {
		return false
	}
	upper, lower := head[i], head[i+1]
	if upper.count() < 2 || lower.count() < 2 || !upper.mostlyText() || !lower.mostlyText() ||
		lower.fitsIn(upper) || upper.fitsIn(lower) {
		return false
	}
	for _, below := range head[i+2 : min(i+2+followers, len(head))] {
		if !below.fitsIn(upper, lower) {
			return false
		}
	}
	return true
}

// columnOf is a named column of the sheet.
type columnOf struct {
	index int // in the sheet
	field source.Field
}

// nameColumns takes the names from the heading's rows, the lower first, and
// makes them differ.
func nameColumns(head []row, h heading, tally *source.Tally) []columnOf {
	width := 0
	for _, r := range head[h.first : h.first+h.rows] {
		width = max(width, r.width())
	}
	var columns []columnOf
	taken := map[string]bool{}
	upper := ""
	for i := range width {
		name, group := "", textOf(head[h.first].at(i))
		if h.rows == 2 {
			if group != "" {
				upper = group
			}
			name = textOf(head[h.first+1].at(i))
		}
		if name == "" {
			name = group
		}
		if name == "" {
			continue
		}
		unique := name
		if taken[unique] && h.rows == 2 && upper != name {
			unique = upper + name // 企业 名称 beside 法人 名称
		}
		for n := 2; taken[unique]; n++ {
			unique = name + "_" + strconv.Itoa(n)
		}
		if unique != name {
			tally.Add(source.NameChanged, fmt.Sprintf("column %s, headed %q like another, is called %q", letters(i), name, unique))
		}
		taken[unique] = true
		columns = append(columns, columnOf{i, source.Field{Name: unique}})
	}
	return columns
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
