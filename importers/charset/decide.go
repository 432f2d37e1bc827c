package charset

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"unigrid/grids"
)

// Choice is an encoding and how it came to be chosen.
type Choice struct {
	Encoding
	How grids.Text
}

// Hints are what is said about the encoding of a DBF.
type Hints struct {
	User         string // the importing person's word
	CodePage     string // content of the .cpg file
	LanguageByte byte   // byte 29 of the DBF header
}

// Decide chooses by the user's word, else the .cpg file, else the DBF's
// language byte, else by the bytes: strict UTF-8, else GB18030. A user's word
// that isn't known is an error; a .cpg that isn't known is passed over and
// mentioned. The guess is asked for only if the bytes must decide.
func Decide(hints Hints, guess func() (Guess, error)) (Choice, error) {
	if word := strings.TrimSpace(hints.User); word != "" {
		e, err := Lookup(word)
		return Choice{e, grids.Text{ZH: "由用户指定", EN: "named by the user"}}, err
	}
	passed := grids.Text{}
	if word := firstLine(hints.CodePage); word != "" {
		e, err := Lookup(word)
		if err == nil {
			return Choice{e, grids.Textf(".cpg 文件写明 %q", ".cpg file says %q", word)}, nil
		}
		passed = grids.Textf("(.cpg 文件写的 %q 不认识)", " (the .cpg file says %q, which is not known)", word)
	}
	if e, ok := FromLanguageByte(hints.LanguageByte); ok {
		return Choice{e, grids.Textf(".dbf 的语言字节为 0x%02X%s", "language byte 0x%02X in the .dbf%s", hints.LanguageByte, passed)}, nil
	}
	found, err := guess()
	if err != nil {
		return Choice{}, err
	}
	choice := found.Choice()
	choice.How = choice.How.And(passed)
	return choice, nil
}

func firstLine(text string) string {
	text = strings.TrimPrefix(text, "\uFEFF")
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = strings.Trim(text, "\x00 \t\r")
	const most = 64
	if len(text) > most {
		text = text[:most]
	}
	return text
}

// Guess learns from bytes whether they are ASCII, strict UTF-8, or something
// else. The zero value is ready.
type Guess struct {
	nonASCII bool
	notUTF8  bool
	tail     []byte // an unfinished character at the end of the stream so far
}

// Value takes in one whole value. A value that fills its column may be cut
// inside its last character; that is not held against UTF-8.
func (g *Guess) Value(raw []byte, fillsColumn bool) {
	if g.notUTF8 || ascii(raw) {
		return
	}
	g.nonASCII = true
	if utf8.Valid(raw) {
		return
	}
	if whole := raw[:len(raw)-len(unfinished(raw))]; fillsColumn && utf8.Valid(whole) {
		return
	}
	g.notUTF8 = true
}

// Write takes in the next piece of a stream. It never fails.
func (g *Guess) Write(piece []byte) (int, error) {
	n := len(piece)
	if g.notUTF8 {
		return n, nil
	}
	if len(g.tail) > 0 {
		piece = append(g.tail, piece...)
		g.tail = nil
	}
	if ascii(piece) {
		return n, nil
	}
	g.nonASCII = true
	g.tail = bytes.Clone(unfinished(piece))
	g.notUTF8 = !utf8.Valid(piece[:len(piece)-len(g.tail)])
	return n, nil
}

// unfinished is the beginning of a UTF-8 character that raw ends with, if any.
func unfinished(raw []byte) []byte {
	for back := 1; back < utf8.UTFMax && back <= len(raw); back++ {
		if b := raw[len(raw)-back]; utf8.RuneStart(b) {
			if b >= 0xC0 && !utf8.FullRune(raw[len(raw)-back:]) {
				return raw[len(raw)-back:]
			}
			return nil
		}
	}
	return nil
}

// Choice is what the bytes so far say.
func (g *Guess) Choice() Choice {
	switch {
	case g.notUTF8 || len(g.tail) > 0:
		return Choice{GB18030(), grids.Text{ZH: "字节不是 UTF-8", EN: "the bytes are not UTF-8"}}
	case g.nonASCII:
		return Choice{UTF8(), grids.Text{ZH: "字节是合法的 UTF-8", EN: "the bytes are valid UTF-8"}}
	}
	return Choice{UTF8(), grids.Text{ZH: "全部是 ASCII", EN: "every byte is ASCII"}}
}

// DecideText chooses the encoding of a text file and returns how many bytes of
// byte order mark to skip: by the mark, else the user's word, else the bytes.
// It reads r to its end only where the bytes must decide.
func DecideText(r io.Reader, user string) (choice Choice, skip int, err error) {
	const probe = 4096
	head := make([]byte, probe)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return Choice{}, 0, err
	}
	head = head[:n]
	mark, markLength := byteOrderMark(head)
	if word := strings.TrimSpace(user); word != "" {
		e, err := Lookup(word)
		if mark != "" && e.Name() == mark {
			skip = markLength
		}
		return Choice{e, grids.Text{ZH: "由用户指定", EN: "named by the user"}}, skip, err
	}
	if mark != "" {
		e, err := Lookup(mark)
		return Choice{e, grids.Text{ZH: "有字节序标记(BOM)", EN: "byte order mark"}}, markLength, err
	}
	if name := zeroBytes(head); name != "" {
		e, err := Lookup(name)
		return Choice{e, grids.Text{ZH: "每隔一个字节为零", EN: "every second byte is zero"}}, 0, err
	}
	var g Guess
	if _, err := io.Copy(&g, io.MultiReader(bytes.NewReader(head), r)); err != nil {
		return Choice{}, 0, err
	}
	return g.Choice(), 0, nil
}

// zeroBytes recognises UTF-16 without a byte order mark by the zeros that it
// has beside each ASCII character.
func zeroBytes(head []byte) string {
	const fewest = 8
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	few := len(head) / 8
	switch {
	case len(head) < fewest:
	case zeros[1] > few && zeros[0] == 0:
		return "UTF-16LE"
	case zeros[0] > few && zeros[1] == 0:
		return "UTF-16BE"
	}
	return ""
}

func byteOrderMark(head []byte) (name string, length int) {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return "UTF-8", 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return "UTF-16LE", 2
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return "UTF-16BE", 2
	}
	return "", 0
}
