package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"unigrid/importers/charset"
	"unigrid/importers/source"
)

const largestRow = 16 << 20

// csvRows reads CSV whose encoding and delimiter are known.
type csvRows struct {
	file     string
	encoding string
	comma    rune
	reader   *csv.Reader
	meter    *meter
	embedded int // line breaks inside values so far
	width    int // cells of the widest row so far
	spoilt   *regexp.Regexp
	ahead    bool // a "sep=" line stood above
}

// meter fails a read that goes too far without a row having ended.
type meter struct {
	from  io.Reader
	since int
}

var errTooLong = fmt.Errorf("a row of more than %d MB", largestRow>>20)

// Read passes on what from has.
func (m *meter) Read(p []byte) (int, error) {
	if m.since > largestRow {
		return 0, errTooLong
	}
	n, err := m.from.Read(p)
	m.since += n
	return n, err
}

// newCSV sniffs the delimiter and begins to read.
func newCSV(file string, text io.Reader, encoding charset.Encoding) (*csvRows, error) {
	const probe = 64 << 10
	buffered := bufio.NewReaderSize(text, probe)
	head, err := buffered.Peek(probe)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, errors.New("the file holds zero bytes, so it is not CSV")
	}
	c := &csvRows{
		file: file, encoding: encoding.Name(),
		// How Excel shows, and saves to CSV, a number of 12 and more digits.
		spoilt: regexp.MustCompile(`^-?[0-9]\.[0-9]{1,14}E\+[0-9]{2}$`),
	}
	c.comma = sniff(head)
	if line, _, _ := bytes.Cut(head, []byte{'\n'}); bytes.HasPrefix(line, []byte("sep=")) && len(bytes.TrimSpace(line)) <= 5 {
		if separator := bytes.TrimRight(line, "\r")[4:]; len(separator) == 1 {
			c.comma = rune(separator[0])
		}
		c.ahead = true
	}
	c.meter = &meter{from: buffered}
	c.reader = csv.NewReader(c.meter)
	c.reader.Comma = c.comma
	c.reader.FieldsPerRecord = -1
	c.reader.ReuseRecord = true
	// Bare quotation marks are let through, for ="00123" and 5" pipes; what an
	// unclosed one swallows is found by swallowed.
	c.reader.LazyQuotes = true
	return c, nil
}

// sniff chooses among comma, semicolon and tab the one that stands, outside
// quotation marks, in most of the first lines, then the most frequent.
func sniff(head []byte) rune {
	if end := bytes.LastIndexByte(head, '\n'); end > 0 {
		head = head[:end]
	}
	best, bestLines, bestCount := ',', 0, 0
	for _, candidate := range []byte{',', ';', '\t'} {
		lines, count, here := 0, 0, 0
		quoted := false
		for i, b := range append(bytes.Clone(head), '\n') {
			switch {
			case b == '"':
				quoted = !quoted
			case b == candidate && !quoted:
				here++
			case b == '\n' && (!quoted || i == len(head)):
				if here > 0 {
					lines++
				}
				count += here
				here = 0
			}
		}
		if lines > bestLines || lines == bestLines && count > bestCount {
			best, bestLines, bestCount = rune(candidate), lines, count
		}
	}
	return best
}

func (c *csvRows) next() (row, error) {
	for {
		c.meter.since = 0
		record, err := c.reader.Read()
		if err != nil {
			return row{}, c.wrong(err)
		}
		line, _ := c.reader.FieldPos(0)
		number := line - c.embedded // as a spreadsheet counts, where a value with breaks is one row
		breaks := 0
		for _, value := range record {
			breaks += strings.Count(value, "\n")
		}
		c.embedded += breaks
		if c.ahead {
			c.ahead = false
			continue
		}
		if breaks > 0 && c.swallowed(record) {
			c.embedded -= breaks
			return row{}, &source.RowError{
				Kind: source.BadRow, File: c.file, Row: number, Value: source.Shorten(strings.Join(record, string(c.comma))),
				Why: fmt.Sprintf("a quotation mark isn't closed; rows %d to %d can't be told apart", number, number+breaks),
			}
		}
		c.width = max(c.width, len(record))
		r := row{number: number, cells: make([]cell, 0, len(record))}
		for i, value := range record {
			r.set(i, c.cell(value))
		}
		if r.count() > 0 {
			return r, nil
		}
	}
}

func (c *csvRows) wrong(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) && parse.Err != errTooLong {
		return &source.RowError{Kind: source.BadRow, File: c.file, Row: parse.StartLine - c.embedded, Why: parse.Err.Error()}
	}
	return err
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
			if i > 0 && strings.Count(line, string(c.comma)) == c.width-1 {
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
		text = blank(strings.TrimSuffix(inner, `"`))
	}
	if text == "" {
		return cell{}
	}
	v := cell{value: text}
	switch {
	case strings.ContainsRune(text, '\uFFFD'):
		v.kind, v.why, v.text = source.Undecodable, "bytes that "+c.encoding+" does not know", text
	case c.spoilt.MatchString(text):
		v.kind, v.why, v.text = source.Rounded, "in this form Excel saves a long number, and digits are lost", text
	}
	return v
}
