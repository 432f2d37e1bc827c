// Package table reads CSV files and XLSX workbooks as tables of records, with
// a point or WKT geometry where columns hold one, and writes CSV.
package table

import (
	"slices"
	"strings"

	"unigrid/grids"
	"unigrid/importers/source"
)

// cell is one filled cell of a sheet.
type cell struct {
	column int
	value  any // string, int64, float64, bool, time.Time, or nil where it can't be read
	kind   source.Kind
	why    grids.Text // what is wrong with it, if kind is set
	text   string     // what stands in the file, where something is wrong
	wide   bool       // it stood there in full-width characters
	zeros  bool       // it had zero bytes, which are dropped
}

// empty says whether a value came out as nothing.
func (c cell) empty() bool { return c.value == nil && c.kind == "" }

// row is one row of a sheet as it stands there: its filled cells, by column.
// Empty cells aren't kept, so that one in a far column costs nothing.
type row struct {
	number    int // the sheet's
	cells     []cell
	oddQuotes bool // CSV: its quotation marks aren't right
}

// set puts a cell into its column, unless it is empty.
func (r *row) set(column int, c cell) {
	if c.empty() {
		return
	}
	c.column = column
	i, found := r.find(column)
	if found {
		r.cells[i] = c
		return
	}
	r.cells = slices.Insert(r.cells, i, c)
}

func (r *row) find(column int) (int, bool) {
	if n := len(r.cells); n == 0 || r.cells[n-1].column < column {
		return n, false
	}
	return slices.BinarySearchFunc(r.cells, column, func(c cell, column int) int { return c.column - column })
}

// rows hands out a sheet's rows in order, wholly empty ones left out. A
// *source.RowError costs only one row.
type rows interface {
	next() (row, error)
	// merged are the ranges of merged cells, by first row.
	merged() []area
	// notes adds what is to be said of the rows, once all are read.
	notes(columns []columnOf, tally *source.Tally)
}

func (r row) filled(column int) bool {
	_, found := r.find(column)
	return found
}

func (r row) count() int { return len(r.cells) }

// width is one more than the last filled column.
func (r row) width() int {
	if len(r.cells) == 0 {
		return 0
	}
	return r.cells[len(r.cells)-1].column + 1
}

// at is the column's cell, empty if it isn't filled.
func (r row) at(column int) cell {
	if i, found := r.find(column); found {
		return r.cells[i]
	}
	return cell{}
}

// fitsIn says whether every filled cell stands in a column that one of the
// other rows fills.
func (r row) fitsIn(others ...row) bool {
	for _, c := range r.cells {
		if !slices.ContainsFunc(others, func(o row) bool { return o.filled(c.column) }) {
			return false
		}
	}
	return true
}

// mostlyText says whether more cells are words than numbers.
func (r row) mostlyText() bool {
	words := 0
	for _, c := range r.cells {
		if text, ok := c.value.(string); ok && !numeric(text) {
			words++
		}
	}
	return words*2 > len(r.cells)
}

func numeric(text string) bool {
	return strings.Trim(text, "0123456789.,+-eE%") == ""
}

// blank drops what offices put around values: blanks, tabs, no-break and
// ideographic spaces, byte order marks.
func blank(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		switch r {
		case ' ', '\t', '\r', '\n', '\v', '\f', '\u00A0', '\u3000', '\uFEFF', '\u200B':
			return true
		}
		return false
	})
}

// letters names a column as spreadsheets do: A, B, … Z, AA, …
func letters(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
