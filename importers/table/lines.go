package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unigrid/importers/source"
)

const largestRow = 16 << 20

var errTooLong = source.Fault("有一行超过 %d MB", "a row of more than %d MB", largestRow>>20)

// meter fails a read that goes too far without a row having ended.
type meter struct {
	from  io.Reader
	since int
}

// Read passes on what from has.
func (m *meter) Read(p []byte) (int, error) {
	if m.since > largestRow {
		return 0, errTooLong
	}
	n, err := m.from.Read(p)
	m.since += n
	return n, err
}

// lines reads the lines of a text, and takes back those that were read to see
// whether a value goes on in them.
type lines struct {
	from  *bufio.Reader
	end   byte // \n, or \r in a file without any \n
	back  [][]byte
	count int // lines given out and not taken back
}

// next returns the next line without its end. A line beyond the bound is read
// over and is errTooLong.
func (l *lines) next() ([]byte, error) {
	if n := len(l.back); n > 0 {
		line := l.back[n-1]
		l.back = l.back[:n-1]
		l.count++
		if line == nil {
			return nil, errTooLong
		}
		return line, nil
	}
	var line []byte
	size := 0
	for {
		piece, err := l.from.ReadSlice(l.end)
		if size += len(piece); size <= largestRow {
			line = append(line, piece...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (err != io.EOF || size == 0) {
			return nil, err
		}
		l.count++
		if size > largestRow {
			return nil, errTooLong
		}
		return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{l.end}), []byte{'\r'}), nil
	}
}

// takeBack gives lines back, to be read again; nil is one that was too long.
func (l *lines) takeBack(read [][]byte) {
	for i := len(read) - 1; i >= 0; i-- {
		l.back = append(l.back, read[i])
	}
	l.count -= len(read)
}

// splitter cuts lines into values at a separator, with quotation marks as
// spreadsheets write them. A mark in the middle of a value that doesn't begin
// with one is a character like others, and so is one within a quoted value
// that no separator follows: ="00123", 5" pipe.
type splitter struct {
	comma  byte
	values []string
	value  []byte
	quoted bool // a quoted value goes on in the next line
	// strict ends a quoted value at the first mark that isn't doubled, as
	// spreadsheets do, and takes what stands between it and the separator as it is.
	strict bool
	bare   bool // a mark stood within a quoted value of this row
}

// begins starts a row.
func (s *splitter) begins(strict bool) *splitter {
	s.values, s.quoted, s.bare, s.strict = nil, false, false, strict
	return s
}

// line takes in one line and says whether the row ends with it.
func (s *splitter) line(line []byte) bool {
	at := 0
	if s.quoted {
		s.value = append(s.value, '\n')
		at = s.inQuotes(line, 0)
	} else {
		at = s.begin(line, 0)
	}
	for at <= len(line) && !s.quoted {
		at = s.begin(line, at)
	}
	return !s.quoted
}

// begin reads a value that begins at a place, and returns where the next does:
// beyond the line's end after the last.
func (s *splitter) begin(line []byte, at int) int {
	s.value = s.value[:0]
	if at < len(line) && line[at] == '"' {
		return s.inQuotes(line, at+1)
	}
	end := bytes.IndexByte(line[at:], s.comma)
	if end < 0 {
		s.values = append(s.values, string(line[at:]))
		return len(line) + 1
	}
	s.values = append(s.values, string(line[at:at+end]))
	return at + end + 1
}

func (s *splitter) inQuotes(line []byte, at int) int {
	for {
		end := bytes.IndexByte(line[at:], '"')
		if end < 0 {
			s.value = append(s.value, line[at:]...)
			s.quoted = true
			return len(line) + 1
		}
		s.value = append(s.value, line[at:at+end]...)
		at += end + 1
		switch {
		case at == len(line) || line[at] == s.comma:
			s.quoted = false
			s.values = append(s.values, string(s.value))
			return at + 1
		case line[at] == '"':
			at++
		case s.strict:
			s.quoted = false
			rest := bytes.IndexByte(line[at:], s.comma)
			if rest < 0 {
				rest = len(line) - at
			}
			s.values = append(s.values, string(append(s.value, line[at:at+rest]...)))
			return at + rest + 1
		default:
			s.bare = true
		}
		s.value = append(s.value, '"')
	}
}
