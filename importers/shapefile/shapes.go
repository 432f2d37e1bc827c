package shapefile

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"unigrid/importers/source"
)

const (
	shapeHeader   = 100
	recordHeader  = 8
	fileCode      = 9994
	largestRecord = 512 << 20
)

// shapes reads the records of a .shp, by the index of the .shx if there is a
// sound one, else one after the other.
type shapes struct {
	file    io.ReaderAt
	size    int64
	index   *bufio.Reader // nil without a sound .shx
	left    int           // entries of the index not read yet
	data    *bufio.Reader
	at      int64
	content []byte
	broken  error // why nothing more can be read
}

// errNoShape says that there are no more shapes.
var errNoShape = source.Fault(".shp 中没有这一行的图形", "the .shp has no shape for this row")

func openShapes(file io.ReaderAt, size int64) (*shapes, error) {
	head := make([]byte, shapeHeader)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, source.Fault(".shp 比其文件头(%d 字节)还短", "the .shp is shorter than its header of %d bytes", shapeHeader)
	}
	if code := binary.BigEndian.Uint32(head); code != fileCode {
		return nil, source.Fault("不是 shapefile:.shp 以 %d 开头,应为 %d", "not a shapefile: the .shp begins with %d instead of %d", code, fileCode)
	}
	s := &shapes{file: file, size: size}
	s.seek(shapeHeader)
	return s, nil
}

// useIndex takes the .shx as the order of the shapes if its first entries
// agree with the .shp, or says why not.
func (s *shapes) useIndex(file io.ReaderAt, size int64) error {
	head := make([]byte, shapeHeader)
	if _, err := file.ReadAt(head, 0); err != nil {
		return source.Fault(".shx 比其文件头还短", "the .shx is shorter than its header")
	}
	if binary.BigEndian.Uint32(head) != fileCode {
		return source.Fault(".shx 的开头不对", "the .shx does not begin like one")
	}
	entries := int((size - shapeHeader) / recordHeader)
	if entries == 0 && s.size > shapeHeader+recordHeader {
		return source.Fault(".shx 是空的而 .shp 不是", "the .shx is empty and the .shp is not")
	}
	const probe = 64
	sample := make([]byte, recordHeader*min(entries, probe))
	if _, err := file.ReadAt(sample, shapeHeader); err != nil && err != io.EOF {
		return fmt.Errorf("read the .shx: %w", err)
	}
	record := make([]byte, recordHeader)
	for i := 0; i < len(sample); i += recordHeader {
		offset := int64(binary.BigEndian.Uint32(sample[i:])) * 2
		if offset < shapeHeader || offset+recordHeader > s.size {
			return source.Fault(".shx 第 %d 项指到 .shp 之外", "entry %d of the .shx points outside the .shp", i/recordHeader+1)
		}
		if _, err := s.file.ReadAt(record, offset); err != nil {
			return fmt.Errorf("read the .shp: %w", err)
		}
		if binary.BigEndian.Uint32(record[4:]) != binary.BigEndian.Uint32(sample[i+4:]) {
			return source.Fault(".shx 第 %d 项与 .shp 不符", "entry %d of the .shx disagrees with the .shp", i/recordHeader+1)
		}
	}
	s.index = bufio.NewReaderSize(io.NewSectionReader(file, shapeHeader, int64(entries)*recordHeader), 32<<10)
	s.left = entries
	return nil
}

func (s *shapes) seek(offset int64) {
	section := io.NewSectionReader(s.file, offset, s.size-offset)
	if s.data == nil {
		s.data = bufio.NewReaderSize(section, 256<<10)
	} else {
		s.data.Reset(section)
	}
	s.at = offset
}

// more says whether there is another shape to try.
func (s *shapes) more() bool {
	if s.broken != nil {
		return false
	}
	if s.index != nil {
		return s.left > 0
	}
	return s.at+recordHeader <= s.size
}

// next reads the content of the next record, valid until the following call.
// With an index a bad record costs only itself; without one the rest is lost.
func (s *shapes) next() ([]byte, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	if !s.more() {
		return nil, errNoShape
	}
	if s.index != nil {
		if err := s.follow(); err != nil {
			return nil, err
		}
	}
	content, err := s.record()
	if err != nil && s.index == nil {
		s.broken = fmt.Errorf("the .shp can't be read on from byte %d: %w", s.at, err)
		return nil, s.broken
	}
	return content, err
}

// follow moves to the place that the index gives for the next shape.
func (s *shapes) follow() error {
	var entry [recordHeader]byte
	if _, err := io.ReadFull(s.index, entry[:]); err != nil {
		s.broken = fmt.Errorf("read the .shx: %w", err)
		return s.broken
	}
	s.left--
	offset := int64(binary.BigEndian.Uint32(entry[:])) * 2
	if offset < shapeHeader || offset+recordHeader > s.size {
		return source.Fault(".shx 指到 .shp 之外", "the .shx points outside the .shp")
	}
	switch gap := offset - s.at; {
	case gap == 0:
	case gap > 0 && gap <= int64(s.data.Buffered()):
		_, _ = s.data.Discard(int(gap)) // buffered bytes can't fail
		s.at = offset
	default:
		s.seek(offset)
	}
	return nil
}

func (s *shapes) record() ([]byte, error) {
	var head [recordHeader]byte
	n, err := io.ReadFull(s.data, head[:])
	s.at += int64(n)
	if err != nil {
		return nil, fmt.Errorf("read the .shp: %w", err)
	}
	length := int64(binary.BigEndian.Uint32(head[4:])) * 2
	switch {
	case length > s.size-s.at:
		return nil, source.Fault("图形声明有 %d 字节,而 .shp 只剩 %d 字节,文件不完整", "the shape is given %d bytes and the .shp ends after %d", length, s.size-s.at)
	case length > largestRecord:
		return nil, source.Fault("图形有 %d 字节,超过 %d", "the shape has %d bytes, more than %d", length, largestRecord)
	case length < 4:
		return nil, source.Fault("图形只有 %d 字节", "the shape has only %d bytes", length)
	}
	if int64(cap(s.content)) < length {
		s.content = make([]byte, length)
	}
	s.content = s.content[:length]
	n, err = io.ReadFull(s.data, s.content)
	s.at += int64(n)
	if err != nil {
		return nil, fmt.Errorf("read the .shp: %w", err)
	}
	return s.content, nil
}
