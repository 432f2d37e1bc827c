package shapefile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"

	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

const (
	tableHeader    = 32
	descriptorSize = 32
	deletedFlag    = '*'
	headerEnd      = 0x0D
)

// column is one field of a DBF as it is stored.
type column struct {
	raw              []byte // name
	kind             byte
	offset, length   int
	decimals         int
	field            source.Field
	memo, notForRead bool
}

// table reads the rows of a DBF in order.
type table struct {
	file      io.ReaderAt
	header    int64
	rowLength int
	count     int // rows that the file really holds
	announced int
	language  byte
	columns   []column
	rows      *bufio.Reader
	row       []byte
}

// openTable reads the header. Nothing is allocated by what the header says
// about rows; columns and rows are bounded by 16-bit lengths.
func openTable(file io.ReaderAt, size int64) (*table, error) {
	head := make([]byte, tableHeader)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, source.Fault(".dbf 比其文件头还短,文件不完整", "the .dbf is shorter than its header")
	}
	if head[0]&0x07 == 4 {
		return nil, source.Fault(".dbf 是 dBase 7 格式,请另存为 dBase III 或 IV", "the .dbf is of dBase level 7; save it as dBase III or IV")
	}
	t := &table{
		file:      file,
		header:    int64(binary.LittleEndian.Uint16(head[8:])),
		rowLength: int(binary.LittleEndian.Uint16(head[10:])),
		language:  head[29],
	}
	if t.header <= tableHeader || t.header > size {
		return nil, source.Fault(".dbf 文件头声明 %d 字节,文件共 %d 字节", "the .dbf gives its header %d bytes, of %d in the file", t.header, size)
	}
	if t.rowLength < 1 {
		return nil, source.Fault(".dbf 的行长为零", "the .dbf gives its rows no length")
	}
	t.announced = int(binary.LittleEndian.Uint32(head[4:]))
	t.count = min(t.announced, int((size-t.header)/int64(t.rowLength)))
	descriptors := make([]byte, t.header-tableHeader)
	if _, err := file.ReadAt(descriptors, tableHeader); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the .dbf header: %w", err)
	}
	t.readColumns(descriptors)
	t.row = make([]byte, t.rowLength)
	t.rewind()
	return t, nil
}

func (t *table) readColumns(descriptors []byte) {
	for ; len(descriptors) >= descriptorSize && descriptors[0] != headerEnd; descriptors = descriptors[descriptorSize:] {
		d := descriptors[:descriptorSize]
		raw, _, _ := bytes.Cut(d[:11], []byte{0})
		t.columns = append(t.columns, column{
			raw:      bytes.TrimRight(raw, " "),
			kind:     d[11],
			length:   int(d[16]),
			decimals: int(d[17]),
		})
	}
	t.place()
	if end := t.end(); end != t.rowLength {
		// Clipper and FoxPro keep the upper byte of a long text's length in
		// the decimals. Elsewhere that byte means nothing for text.
		for i := range t.columns {
			if c := &t.columns[i]; c.kind == 'C' {
				c.length += c.decimals << 8
			}
		}
		if t.place(); t.end() != t.rowLength {
			for i := range t.columns {
				t.columns[i].length &= 0xFF
			}
			t.place()
		}
	}
	for i := range t.columns {
		t.columns[i].describe()
	}
}

// place gives every column its offset in the row.
func (t *table) place() {
	at := 1
	for i := range t.columns {
		t.columns[i].offset = at
		at += t.columns[i].length
	}
}

func (t *table) end() int {
	if len(t.columns) == 0 {
		return 1
	}
	last := t.columns[len(t.columns)-1]
	return last.offset + last.length
}

func (c *column) describe() {
	c.field = source.Field{Type: source.Text, Length: c.length}
	switch c.kind {
	case 'N':
		c.field.Type, c.field.Decimals = source.Integer, c.decimals
		if c.decimals > 0 {
			c.field.Type = source.Float
		}
	case 'F':
		c.field.Type, c.field.Decimals = source.Float, c.decimals
	case 'B', 'O', 'Y':
		if c.length == 8 {
			c.field.Type = source.Float
		}
	case 'I', '+':
		c.field.Type = source.Integer
	case 'L':
		c.field.Type = source.Boolean
	case 'D', 'T', '@':
		c.field.Type = source.Date
	case 'M', 'G', 'P':
		c.memo = true
	case '0':
		c.notForRead = true // FoxPro's hidden column of null flags
	}
	if c.kind == 'B' && c.length == 10 { // dBase: a pointer to a binary
		c.memo = true
	}
}

// next reads the next row. It is valid until the following call.
func (t *table) next() (row []byte, deleted bool, err error) {
	if _, err := io.ReadFull(t.rows, t.row); err != nil {
		return nil, false, err
	}
	return t.row, t.row[0] == deletedFlag, nil
}

func (t *table) rewind() {
	t.rows = bufio.NewReaderSize(io.NewSectionReader(t.file, t.header, int64(t.count)*int64(t.rowLength)), 64<<10)
}

// cell is the column's part of a row, shorter or empty where the header
// promises more columns than the row has bytes.
func (c *column) cell(row []byte) []byte {
	if c.offset >= len(row) {
		return nil
	}
	return row[c.offset:min(c.offset+c.length, len(row))]
}

// guess looks at every name and text of the file.
func (t *table) guess() (charset.Guess, error) {
	var g charset.Guess
	for i := range t.columns {
		g.Value(t.columns[i].raw, len(t.columns[i].raw) >= longestName)
	}
	err := t.texts(g.Value)
	return g, err
}

// sample hands names and texts to s: those of all rows of a small file, of a
// large one those of rows evenly spread over it.
func (t *table) sample(s *charset.Sample) error {
	const most = 4000
	for i := range t.columns {
		s.Value(t.columns[i].raw)
	}
	step := max(1, t.count/most)
	row := make([]byte, t.rowLength)
	for n := 0; n < t.count; n += step {
		if _, err := t.file.ReadAt(row, t.header+int64(n)*int64(t.rowLength)); err != nil {
			return fmt.Errorf("read the .dbf: %w", err)
		}
		if row[0] == deletedFlag {
			continue
		}
		for i := range t.columns {
			if c := &t.columns[i]; c.field.Type == source.Text && !c.memo && !c.notForRead {
				s.Value(trimText(c.cell(row)))
			}
		}
	}
	return nil
}

// texts hands every text of the file to look, and rewinds.
func (t *table) texts(look func(raw []byte, fillsColumn bool)) error {
	defer t.rewind()
	for range t.count {
		row, deleted, err := t.next()
		if err != nil {
			return fmt.Errorf("read the .dbf: %w", err)
		}
		if deleted {
			continue
		}
		for i := range t.columns {
			if c := &t.columns[i]; c.field.Type == source.Text && !c.memo && !c.notForRead {
				raw := trimText(c.cell(row))
				look(raw, len(raw) == c.length)
			}
		}
	}
	return nil
}

// name decodes the columns' names, makes them differ, and leaves out what
// can't be read as a column.
func (t *table) name(e charset.Encoding, tally *source.Tally) {
	taken := map[string]bool{}
	readable := t.columns[:0]
	for i, c := range t.columns {
		name := decodeName(e, c.raw)
		if c.notForRead {
			continue
		}
		if c.memo {
			tally.Add(source.FieldSkipped, grids.Textf("字段 %s 存于备注文件,未读取", "field %s is kept in a memo file, which is not read", name))
			continue
		}
		unique := name
		if unique == "" {
			unique = "FIELD_" + strconv.Itoa(i+1)
		}
		for n := 2; taken[unique]; n++ {
			unique = name + "_" + strconv.Itoa(n)
		}
		if unique != name {
			tally.Add(source.NameChanged, grids.Textf("第 %d 个字段在文件中名为 %q,改称 %q", "field %d, named %q in the file, is called %q", i+1, name, unique))
		}
		taken[unique] = true
		c.field.Name = unique
		readable = append(readable, c)
	}
	t.columns = readable
}

// decodeName drops a character that was cut off at the end of the ten bytes.
func decodeName(e charset.Encoding, raw []byte) string {
	name, clean := e.Decode(raw)
	for cut := 1; !clean && len(raw) >= 9 && cut <= 3; cut++ {
		if shorter, ok := e.Decode(raw[:len(raw)-cut]); ok {
			return shorter
		}
	}
	return name
}

// trimText cuts a text at its first zero byte and drops the blanks it was
// filled up with.
func trimText(raw []byte) []byte {
	raw, _, _ = bytes.Cut(raw, []byte{0})
	return bytes.TrimRight(raw, " ")
}
