package source

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"unigrid/geo/crs"
	"unigrid/grids"
)

// Kind is the stable word for a sort of finding or note, for catalogues of
// messages and for tests.
type Kind string

// Kinds of findings on a row.
const (
	Undecodable  Kind = "undecodable"   // bytes that the encoding doesn't know; the value has U+FFFD there
	BadNumber    Kind = "bad-number"    // the value keeps its text
	BadDate      Kind = "bad-date"      // the value keeps its text
	BadBoolean   Kind = "bad-boolean"   // the value keeps its text
	BadCell      Kind = "bad-cell"      // a spreadsheet's error value such as #REF!; the value is nil
	Rounded      Kind = "rounded"       // a number of more digits than the file could keep
	Surplus      Kind = "surplus"       // a filled cell beyond the last heading
	BadGeometry  Kind = "bad-geometry"  // can't be read; the geometry is nil
	OddGeometry  Kind = "odd-geometry"  // read as it stands, but a ring or line is broken
	BadRow       Kind = "bad-row"       // the row can't be read
	RowTruncated Kind = "row-truncated" // the file ends inside the row
)

// Kinds of findings on a row that is written.
const (
	TooLong     Kind = "too-long"    // the value doesn't fit its column
	Unencodable Kind = "unencodable" // the encoding lacks a character of the value
	WrongType   Kind = "wrong-type"  // the value or geometry isn't what the file is made of
)

// Kinds of notes on a file.
const (
	ZDropped       Kind = "z-dropped"
	MDropped       Kind = "m-dropped"
	EmptyGeometry  Kind = "empty-geometry"
	Deleted        Kind = "deleted"
	NoAttributes   Kind = "no-attributes"
	NoIndex        Kind = "no-index"
	BadIndex       Kind = "bad-index"
	CountsDiffer   Kind = "counts-differ"
	NameChanged    Kind = "name-changed"
	FieldSkipped   Kind = "field-skipped"
	AxesSwapped    Kind = "axes-swapped"
	EncodingDoubt  Kind = "encoding-doubt"
	HeadingSkipped Kind = "rows-above-heading"
	OtherLayers    Kind = "other-layers"
)

// RowError is a finding about one row, or one value of it.
type RowError struct {
	Kind  Kind
	File  string // base name of the file
	Row   int    // as Record.Row; 0 if it isn't known
	Field string // empty if the finding isn't about one field
	Value string // what stands in the file, shortened
	Why   grids.Text
}

// Error reads "counties.dbf, row 3, field XZQMC: … (value "…")".
func (e *RowError) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ", ")
	}
	fmt.Fprintf(&b, "row %d", e.Row)
	if e.Field != "" {
		fmt.Fprintf(&b, ", field %s", e.Field)
	}
	b.WriteString(": " + e.Why.EN)
	if e.Value != "" {
		fmt.Fprintf(&b, " (value %q)", e.Value)
	}
	return b.String()
}

// Fault is an error about what stands in a file, in both languages.
func Fault(zh, en string, args ...any) error { return grids.Errorf(grids.Invalid, "", zh, en, args...) }

// Because gives the words of an error that reading a row met.
func Because(err error) grids.Text {
	var known *grids.Error
	if errors.As(err, &known) {
		return grids.Text{ZH: known.Message.ZH, EN: err.Error()}
	}
	return grids.Textf("无法读取:%v", "%v", err)
}

// Unrecognised says why a definition, such as a .prj, means no known coordinate
// system, and what to ask for.
func Unrecognised(where grids.Text, err error) grids.Text {
	chinese := "无法识别"
	var unknown *crs.UnknownError
	if errors.As(err, &unknown) {
		ask, _ := unknown.Ask()
		chinese = "无法识别(" + unknown.Seen + ");" + ask
	}
	return where.And(grids.Text{ZH: chinese, EN: ": " + err.Error()})
}

// NotIn says of bytes that an encoding doesn't know them.
func NotIn(encoding string) grids.Text {
	return grids.Textf("有 %s 编码中没有的字节", "bytes that %s does not know", encoding)
}

// WrongEncoding says why an encoding, chosen as how says, is probably another.
func WrongEncoding(encoding string, how, why grids.Text) grids.Text {
	return grids.Textf("%s(%s)可能不是正确的编码:%s", "%s (%s) may be the wrong encoding: %s", encoding, how, why)
}

// Shorten cuts a value for a finding to a length that a person can take in.
func Shorten(value string) string {
	const most = 120
	if len(value) <= most {
		return value
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "…"
}

// Note is a remark about a file as a whole.
type Note struct {
	Kind  Kind
	Count int // how many rows, fields or files it concerns, if that was counted
	Why   grids.Text
	// Better is, for an EncodingDoubt, the encoding that would fit better.
	Better string
}

// Tally collects notes, counting those of the same kind and reason once.
// The zero value is ready.
type Tally struct {
	notes []Note
}

// Add counts one more of the kind. The first reason given for a kind is kept
// when why is the same or empty; a new reason starts a new note.
func (t *Tally) Add(kind Kind, why grids.Text) {
	for i := range t.notes {
		if n := &t.notes[i]; n.Kind == kind && (why == grids.Text{} || n.Why == why) {
			n.Count++
			return
		}
	}
	const most = 200
	if len(t.notes) >= most {
		return
	}
	t.notes = append(t.notes, Note{Kind: kind, Count: 1, Why: why})
}

// AddMany adds a note on n rows, fields or values at once.
func (t *Tally) AddMany(kind Kind, n int, why grids.Text) {
	t.notes = append(t.notes, Note{Kind: kind, Count: n, Why: why})
}

// Doubt adds a note that the encoding is probably wrong; better is the one that
// would fit, if there is one.
func (t *Tally) Doubt(values int, why grids.Text, better string) {
	t.notes = append(t.notes, Note{Kind: EncodingDoubt, Count: values, Why: why, Better: better})
}

// Notes returns a copy of what was collected.
func (t *Tally) Notes() []Note {
	return append([]Note(nil), t.notes...)
}
