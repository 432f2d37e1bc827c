package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

// csvRows reads CSV whose encoding is known. It isn't read by encoding/csv
// because there an unclosed quotation mark swallows what follows, to the end
// of the file if need be; here it costs its own row.
type csvRows struct {
	file     string
	encoding string
	lines    lines
	split    splitter
	embedded int  // line breaks inside values so far
	width    int  // values of the widest row so far
	ahead    bool // a "sep=" line stands above
	odd      bool // the row's quotation marks aren't right
}

// newCSV sniffs the delimiter and begins to read.
func newCSV(file string, text io.Reader, encoding charset.Encoding) (*csvRows, error) {
	const probe = 64 << 10
	buffered := bufio.NewReaderSize(text, probe)
	head, err := buffered.Peek(probe)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if zeros := bytes.Count(head, []byte{0}); zeros*10 > len(head) {
		return nil, source.Fault("文件中满是零字节,不是 CSV", "the file is full of zero bytes, so it is not CSV")
	}
	c := &csvRows{file: file, encoding: encoding.Name(), lines: lines{from: buffered, end: '\n'}}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		c.lines.end = '\r'
	}
	c.split.comma = sniff(head, c.lines.end)
	if line, _, _ := bytes.Cut(head, []byte{c.lines.end}); bytes.HasPrefix(line, []byte("sep=")) && len(bytes.TrimRight(line, "\r\n ")) <= 5 {
		if separator := bytes.TrimRight(line, "\r")[4:]; len(separator) == 1 {
			c.split.comma = separator[0]
		}
		c.ahead = true
	}
	return c, nil
}

// sniff chooses among comma, semicolon, tab and bar the one that stands,
// outside quotation marks, in most of the first lines, then the most frequent.
func sniff(head []byte, end byte) byte {
	if last := bytes.LastIndexByte(head, end); last > 0 {
		head = head[:last]
	}
	best, bestLines, bestCount := byte(','), 0, 0
	for _, candidate := range []byte{',', ';', '\t', '|'} {
		lines, count, here := 0, 0, 0
		quoted := false
		for i, b := range append(bytes.Clone(head), end) {
			switch {
			case b == '"':
				quoted = !quoted
			case b == candidate && !quoted:
				here++
			case b == end && (!quoted || i == len(head)):
				if here > 0 {
					lines++
				}
				count += here
				here = 0
			}
		}
		if lines > bestLines || lines == bestLines && count > bestCount {
			best, bestLines, bestCount = candidate, lines, count
		}
	}
	return best
}

func (c *csvRows) merged() []area { return nil }

func (c *csvRows) notes([]columnOf, *source.Tally) {}

func (c *csvRows) next() (row, error) {
	for {
		c.odd = false
		record, number, err := c.record()
		if err != nil {
			return row{}, err
		}
		if c.ahead {
			c.ahead = false
			continue
		}
		c.width = max(c.width, len(record))
		r := row{number: number, oddQuotes: c.odd, cells: make([]cell, 0, len(record))}
		for i, value := range record[:min(len(record), mostColumns)] {
			r.set(i, c.cell(value))
		}
		if r.count() > 0 {
			return r, nil
		}
	}
}

// record reads the values of one row and its number, as a spreadsheet counts,
// where a value with line breaks is one row.
func (c *csvRows) record() ([]string, int, error) {
	line, err := c.lines.next()
	number := c.lines.count - c.embedded
	switch {
	case errors.Is(err, errTooLong):
		return nil, 0, &source.RowError{Kind: source.BadRow, File: c.file, Row: number, Why: source.Because(err)}
	case err != nil:
		return nil, 0, err
	}
	if c.split.begins(false).line(line) {
		return c.split.values, number, nil
	}
	if c.split.bare && c.width > 0 && c.split.begins(true).line(line) && len(c.split.values) == c.width {
		c.odd = true
		return c.split.values, number, nil
	}
	c.split.begins(false).line(line)
	// A value goes on in the next line, or its quotation mark isn't closed.
	const (
		mostLines = 500
		mostBytes = 1 << 20
	)
	var more [][]byte
	size := 0
	for {
		next, err := c.lines.next()
		if err != nil && err != io.EOF && !errors.Is(err, errTooLong) {
			return nil, 0, err
		}
		size += len(next)
		if err != nil || len(more) == mostLines || size > mostBytes {
			if err != io.EOF {
				more = append(more, next)
			}
			return nil, 0, c.unclosed(number, line, more)
		}
		more = append(more, next)
		if c.split.line(next) {
			break
		}
	}
	if c.swallowed(c.split.values) {
		return nil, 0, c.unclosed(number, line, more)
	}
	c.embedded += len(more)
	return c.split.values, number, nil
}

// unclosed gives the lines that a quotation mark swallowed back, so that it
// costs one row.
func (c *csvRows) unclosed(number int, line []byte, more [][]byte) error {
	c.lines.takeBack(more)
	return &source.RowError{Kind: source.BadRow, File: c.file, Row: number, Value: source.Shorten(strings.ToValidUTF8(string(line), "\uFFFD")),
		Why: grids.Text{ZH: "引号没有闭合,本行与后面的行分不开", EN: "a quotation mark isn't closed, so that the row can't be told from those that follow"}}
}

// swallowed says whether a record with line breaks looks like several rows: a
// line inside a value has as many delimiters as a row of this file, and the
// record doesn't have a row's number of cells, or there are two such lines.
func (c *csvRows) swallowed(record []string) bool {
	const fewest = 3
	if c.width < fewest {
		return false
	}
	alike := 0
	for _, value := range record {
		for i, line := range strings.Split(value, "\n") {
			if i > 0 && strings.Count(line, string(rune(c.split.comma))) == c.width-1 {
				alike++
			}
		}
	}
	return alike > 1 || alike == 1 && len(record) != c.width
}

func (c *csvRows) cell(raw string) cell {
	text := blank(raw)
	// ="00123" is how exports keep Excel from dropping the zeros.
	if inner, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(inner, `"`) {
		text = strings.TrimSuffix(inner, `"`)
	}
	// '=1+1 is how Writer keeps spreadsheets from running it.
	if inner, ok := strings.CutPrefix(text, "'"); ok && formula(inner) {
		text = inner
	}
	v := textCell(text)
	if t, ok := v.value.(string); ok && strings.ContainsRune(t, '\uFFFD') {
		v.kind, v.why, v.text = source.Undecodable, source.NotIn(c.encoding), t
	}
	return v
}
