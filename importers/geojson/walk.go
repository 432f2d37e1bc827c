package geojson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"unigrid/importers/source"
)

// newWalker finds out whether the features are newline-delimited. Everything
// else, several documents one after the other included, is read as a document.
// No feature may have more than most bytes.
func newWalker(file string, text io.Reader, most int64) (walker, error) {
	const probe = 1 << 20
	buffered := bufio.NewReaderSize(text, probe)
	head, err := buffered.Peek(probe)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(head) > 0 && head[0] == recordSeparator:
		return &lineWalker{file: file, text: buffered, most: most, end: recordSeparator, line: -1}, nil
	case newlineDelimited(file, head):
		return &lineWalker{file: file, text: buffered, most: most, end: '\n'}, nil
	}
	m := &meter{from: buffered, most: most}
	return &documentWalker{file: file, meter: m, decoder: json.NewDecoder(m)}, nil
}

const recordSeparator = 0x1E // before each text of a GeoJSON text sequence

// newlineDelimited goes by the first two lines, and by the name where they
// leave it open: the first may be broken, or too long to be seen whole. A
// collection with a feature on every line is a document.
func newlineDelimited(file string, head []byte) bool {
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	first, rest, found := bytes.Cut(head, []byte{'\n'})
	second, _, _ := bytes.Cut(bytes.TrimLeft(rest, " \t\r\n"), []byte{'\n'})
	if kind, whole := kindOf(first); whole {
		return kind != "FeatureCollection" && found && len(second) > 0 && second[0] == '{'
	}
	if bytes.Contains(first, []byte(`"features"`)) || bytes.Contains(first, []byte(`"FeatureCollection"`)) {
		return false
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".geojsonl", ".ndjson", ".geojsons", ".jsonl":
		return true
	}
	kind, whole := kindOf(second)
	return whole && kind == "Feature" && len(bytes.TrimSpace(first)) > 1
}

// kindOf is the type that a line's object names, if the line is a whole one.
func kindOf(line []byte) (kind string, whole bool) {
	var object struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(line, &object)
	return object.Type, err == nil
}

// meter fails a read that goes too far without a feature having ended.
type meter struct {
	from        io.Reader
	most, since int64
}

var errTooLarge = source.Fault("要素太大,无法读取", "the feature is larger than any that is read")

// Read passes on what from has.
func (m *meter) Read(p []byte) (int, error) {
	if m.since > m.most {
		return 0, errTooLarge
	}
	n, err := m.from.Read(p)
	m.since += int64(n)
	return n, err
}

// lineWalker reads one feature a line, or one after each separator of a text
// sequence, where it may have several lines.
type lineWalker struct {
	file    string
	text    *bufio.Reader
	most    int64
	end     byte // of a line
	line    int
	lastCRS []byte
	ended   bool
}

func (w *lineWalker) crs() []byte { return w.lastCRS }

func (w *lineWalker) next() (feature, int, error) {
	for !w.ended {
		raw, err := w.read()
		if err == io.EOF {
			w.ended = true
		}
		w.line++
		if err != nil && err != io.EOF && err != errTooLarge {
			return feature{}, 0, err
		}
		raw = bytes.Trim(raw, " \t\r\n\x1e")
		if len(raw) == 0 && err != errTooLarge {
			continue
		}
		f := feature{}
		if err != errTooLarge {
			f, err = decodeFeature(raw)
		}
		if err != nil {
			return feature{}, 0, &source.RowError{
				Kind: source.BadRow, File: w.file, Row: w.line, Value: source.Shorten(string(raw)), Why: source.Because(err),
			}
		}
		if f.crs != nil {
			w.lastCRS = f.crs
		}
		return f, w.line, nil
	}
	return feature{}, 0, io.EOF
}

// read reads a line, of which it keeps no more than a feature may have.
func (w *lineWalker) read() ([]byte, error) {
	var line []byte
	tooLarge := false
	for {
		piece, err := w.text.ReadSlice(w.end)
		if int64(len(line)+len(piece)) > w.most {
			tooLarge, line = true, nil
		}
		if !tooLarge {
			line = append(line, piece...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == nil && tooLarge {
			return nil, errTooLarge
		}
		return line, err
	}
}

// documentWalker reads the features of JSON documents token by token.
type documentWalker struct {
	file    string
	meter   *meter
	decoder *json.Decoder
	lastCRS []byte
	row     int
	depth   int // 0 outside, 1 in an object, 2 in its features
	seen    feature
	had     bool // the object had a features member
	bare    bool // the features array has no object around it
}

func (w *documentWalker) crs() []byte { return w.lastCRS }

func (w *documentWalker) next() (feature, int, error) {
	w.meter.since = 0
	f, err := w.step()
	switch bad := (*source.RowError)(nil); {
	case err == nil:
		return f, w.row, nil
	case err == io.EOF || errors.As(err, &bad):
		return feature{}, 0, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return feature{}, 0, source.Fault("文件在第 %d 个要素中间就结束了,可能不完整", "the file ends inside feature %d", w.row+1)
	}
	return feature{}, 0, fmt.Errorf("near byte %d, feature %d: %w", w.decoder.InputOffset(), w.row+1, err)
}

func (w *documentWalker) step() (feature, error) {
	for {
		switch w.depth {
		case 0:
			if err := w.begin(); err != nil {
				return feature{}, err
			}
		case 1:
			if w.decoder.More() {
				if err := w.member(); err != nil {
					return feature{}, err
				}
				continue
			}
			if _, err := w.decoder.Token(); err != nil { // the closing bracket
				return feature{}, unexpected(err)
			}
			w.depth = 0
			if !w.had {
				w.row++
				return w.whole(w.seen)
			}
		case 2:
			if w.decoder.More() {
				return w.element()
			}
			if _, err := w.decoder.Token(); err != nil {
				return feature{}, unexpected(err)
			}
			w.depth = 1
			if w.bare {
				w.depth = 0
			}
		}
	}
}

// begin enters the next document.
func (w *documentWalker) begin() error {
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	w.seen, w.had, w.bare = feature{}, false, false
	switch token {
	case json.Delim('{'):
		w.depth = 1
	case json.Delim('['):
		w.depth, w.had, w.bare = 2, true, true
	default:
		return source.Fault("不是 GeoJSON:开头是 %.40q", "not GeoJSON: it begins with %.40q", fmt.Sprint(token))
	}
	return nil
}

// member reads one member of a document's object, entering its features.
func (w *documentWalker) member() error {
	token, err := w.decoder.Token()
	if err != nil {
		return unexpected(err)
	}
	key, _ := token.(string)
	if key == "features" {
		token, err := w.decoder.Token()
		if err != nil {
			return unexpected(err)
		}
		if token != json.Delim('[') {
			return source.Fault("features 成员不是数组", "the member features is not an array")
		}
		w.depth, w.had = 2, true
		return nil
	}
	var raw json.RawMessage
	if err := w.decoder.Decode(&raw); err != nil {
		return unexpected(err)
	}
	if key == "crs" {
		w.lastCRS = raw
	}
	return w.seen.take(key, raw)
}

// element reads one element of the features array.
func (w *documentWalker) element() (feature, error) {
	w.row++
	var raw json.RawMessage
	if err := w.decoder.Decode(&raw); err != nil {
		w.row--
		return feature{}, unexpected(err)
	}
	f, err := decodeFeature(raw)
	if err != nil {
		return feature{}, &source.RowError{
			Kind: source.BadRow, File: w.file, Row: w.row, Value: source.Shorten(string(raw)), Why: source.Because(err),
		}
	}
	return f, nil
}

// whole is a document that is itself a feature or a geometry.
func (w *documentWalker) whole(f feature) (feature, error) {
	if err := f.complete(); err != nil {
		return feature{}, err
	}
	return f, nil
}

// unexpected says of an end inside a document that it is not the end of the file.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
