package table

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	window      = 60 // rows looked at for the heading
	followers   = 5  // rows after a heading that must fit under it
	mostHeading = 3  // rows of one heading
)

// heading is where the columns get their names.
type heading struct {
	first, rows int // index into the window, and 1 to 3 rows
}

// findHeading looks for the heading among the first rows of a sheet. It is the
// first row of mostly words, at least two, under whose filled cells the
// following rows stay (the next five, as far as there are so many). Titles and
// remarks above it have one cell, or other columns than what follows.
//
// Two or three rows make one heading where the merged cells say so, or where
// the upper spans several columns of the lower: where each fills columns that
// the other leaves empty, the lower is not a heading by itself, and all
// together cover the rows that follow. Of two such groups that overlap it is
// the lower, under a remark.
//
// Where no row fits, because cells stand beside the table or a column has no
// heading, it is the first row of usual headings (名称, 电话, …), else the one with
// the most words.
func findHeading(head []row, merged []area) heading {
	for i := range head {
		if n := mergedHeading(head, i, merged); n > 1 {
			return heading{i, n}
		}
		if isHeading(head, i) {
			return heading{i, 1}
		}
		if isWideHeading(head, i, merged) {
			return heading{i, 1}
		}
		for n := 2; n <= mostHeading; n++ {
			if isGroup(head, i, n) && !isGroup(head, i+1, n) && !isGroup(head, i+1, n-1) {
				return heading{i, n}
			}
		}
		if headsTable(head[i]) && (i+1 == len(head) || !headsTable(head[i+1])) {
			return heading{i, 1}
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

// isWideHeading says whether row i is a heading some of whose cells are merged
// over several columns, with no better one below.
func isWideHeading(head []row, i int, merged []area) bool {
	wide := spread(head[i], merged)
	if head[i].count() < 2 || wide.count() == head[i].count() {
		return false
	}
	const below = 3
	for j := i + 1; j <= i+below; j++ {
		if isHeading(head, j) {
			return false
		}
	}
	head = slices.Clone(head)
	head[i] = wide
	return isHeading(head, i)
}

func isHeading(head []row, i int) bool {
	if i >= len(head) || head[i].count() < 2 || !head[i].mostlyText() || head[i].labelled() {
		return false
	}
	for _, below := range head[i+1 : min(i+1+followers, len(head))] {
		if !below.fitsIn(head[i]) && !below.aside() {
			return false
		}
	}
	// A remark of two cells above one-column notes isn't a heading.
	return i+1 == len(head) || head[i+1].count() >= 2 || head[i].count() == 2 || head[i+1].aside()
}

// labelled says whether a row says something by itself, such as 单位：家, as
// no heading does.
func (r row) labelled() bool {
	return slices.ContainsFunc(r.cells, func(c cell) bool {
		text, ok := c.value.(string)
		if !ok {
			return false
		}
		label, said, found := strings.Cut(strings.ReplaceAll(text, "：", ":"), ":")
		n := utf8.RuneCountInString(label)
		return found && n >= 2 && n <= 6 && blank(said) != "" &&
			!strings.ContainsFunc(label, func(r rune) bool { return !unicode.Is(unicode.Han, r) })
	})
}

// isGroup says whether the n rows from i on make one heading.
func isGroup(head []row, i, n int) bool {
	if n < 2 || i+n >= len(head) || isHeading(head, i+n-1) {
		return false
	}
	group := head[i : i+n]
	for j, r := range group {
		others := append(slices.Clone(group[:j]), group[j+1:]...)
		if r.count() < 2 || !r.mostlyText() || r.labelled() || r.fitsIn(others...) {
			return false
		}
	}
	for _, below := range head[i+n : min(i+n+followers, len(head))] {
		if !below.fitsIn(group...) && !below.aside() {
			return false
		}
	}
	return true
}

// mergedHeading is the number of rows that the merged cells of row i make one
// heading of; 1 if they don't.
func mergedHeading(head []row, i int, merged []area) int {
	if len(merged) == 0 || head[i].count() < 2 || !head[i].mostlyText() || head[i].labelled() {
		return 1
	}
	depth, vertical := 1, false
	for n := 0; n < depth && i+n < len(head) && n < mostHeading; n++ {
		r := head[i+n]
		if r.number != head[i].number+n {
			return 1
		}
		for _, a := range startingIn(merged, r.number) {
			if !r.filled(a.firstColumn) {
				continue
			}
			if a.rows() > 1 && a.rows()+n <= mostHeading {
				vertical = vertical || n == 0
				depth = max(depth, n+a.rows())
			}
			if a.columns() > 1 && i+n+1 < len(head) && head[i+n+1].number == r.number+1 && head[i+n+1].spreadUnder(a) {
				depth = max(depth, n+2)
			}
		}
	}
	if depth == 1 || depth > mostHeading || i+depth > len(head) {
		return 1
	}
	rows := head[i : i+depth]
	for _, r := range rows[1:] {
		if !r.mostlyText() || r.labelled() {
			return 1
		}
	}
	lowest := rows[depth-1]
	if isHeading(head, i+depth-1) && !vertical && !lowest.repeats() {
		return 1 // complete by itself, under a remark
	}
	for _, below := range head[i+depth : min(i+depth+followers, len(head))] {
		wide := []row{}
		for _, r := range rows {
			wide = append(wide, spread(r, merged))
		}
		if !below.fitsIn(wide...) && !below.aside() {
			return 1
		}
	}
	return depth
}

// spreadUnder says whether a row has words in at least two columns of an area.
func (r row) spreadUnder(a area) bool {
	words := 0
	for _, c := range r.cells {
		if text, ok := c.value.(string); ok && !numeric(text) && c.column >= a.firstColumn && c.column <= a.lastColumn {
			words++
		}
	}
	return words >= 2
}

func (r row) repeats() bool {
	seen := map[string]bool{}
	for _, c := range r.cells {
		if text := textOf(c); seen[text] {
			return true
		} else {
			seen[text] = true
		}
	}
	return false
}

// startingIn are the areas whose first row it is.
func startingIn(merged []area, number int) []area {
	from, _ := slices.BinarySearchFunc(merged, number, func(a area, number int) int { return a.firstRow - number })
	to := from
	for to < len(merged) && merged[to].firstRow == number {
		to++
	}
	return merged[from:to]
}

// spread writes the value of each merged cell of a row into all of its columns.
func spread(r row, merged []area) row {
	const most = 256 // columns of one heading cell
	wide := row{number: r.number, cells: slices.Clone(r.cells)}
	for _, a := range startingIn(merged, r.number) {
		c := r.at(a.firstColumn)
		if c.empty() || a.columns() > most {
			continue
		}
		for column := a.firstColumn + 1; column <= a.lastColumn; column++ {
			wide.set(column, c)
		}
	}
	return wide
}

// isNumbering says whether a row under the heading only numbers the columns,
// as statistical forms do: 甲 乙 1 2 3.
func (r row) isNumbering() bool {
	stems := []string{"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"}
	if r.count() < 2 || textOf(r.cells[0]) != stems[0] {
		return false
	}
	const enough = 4 // cells that leave no doubt, where only one is a stem
	number := 0
	for i, c := range r.cells {
		text := strings.Trim(textOf(c), "()（）")
		if number == 0 && i < len(stems) && text == stems[i] {
			continue
		}
		if i == 1 && r.count() < enough {
			return false
		}
		if number++; text != itoa(number) {
			return false
		}
	}
	return true
}
