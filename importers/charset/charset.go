// Package charset names, guesses and applies the character encodings of
// Chinese office files.
package charset

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"unigrid/grids"
)

// Encoding is one character encoding. The zero value is UTF-8.
type Encoding struct {
	name   string
	decode encoding.Encoding // nil for UTF-8
	encode encoding.Encoding // nil for UTF-8
}

// UTF8 returns the encoding UTF-8.
func UTF8() Encoding { return Encoding{name: "UTF-8"} }

// GB18030 returns the encoding that reads everything GBK and GB2312 can hold.
func GB18030() Encoding {
	return Encoding{"GB18030", simplifiedchinese.GB18030, simplifiedchinese.GB18030}
}

// Name is the encoding's usual name, such as GBK or UTF-8.
func (e Encoding) Name() string {
	if e.name == "" {
		return "UTF-8"
	}
	return e.name
}

// Decode turns the bytes of one value into text. Bytes that the encoding
// doesn't know become U+FFFD, and clean is false.
func (e Encoding) Decode(raw []byte) (text string, clean bool) {
	if ascii(raw) {
		return string(raw), true
	}
	if e.decode == nil {
		if utf8.Valid(raw) {
			return string(raw), true
		}
		return strings.ToValidUTF8(string(raw), "\uFFFD"), false
	}
	decoded, err := e.decode.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD"), false
	}
	text = string(decoded)
	return text, !strings.ContainsRune(text, utf8.RuneError)
}

// Encode turns text into the encoding's bytes. It fails, naming the first
// character that the encoding lacks, rather than replacing it.
func (e Encoding) Encode(text string) ([]byte, error) {
	if e.encode == nil {
		if !utf8.ValidString(text) {
			return nil, grids.Errorf(grids.Invalid, "", "文本不是合法的 UTF-8", "the text is not valid UTF-8")
		}
		return []byte(text), nil
	}
	if e.name == "Big5" {
		return encodeBig5(text)
	}
	encoded, err := e.encode.NewEncoder().Bytes([]byte(text))
	if err == nil {
		return encoded, nil
	}
	for _, r := range text {
		if _, err := e.encode.NewEncoder().Bytes([]byte(string(r))); err != nil {
			return nil, grids.Errorf(grids.Invalid, "", "%s 中没有字 %q(%U)", "%s has no character %q (%U)", e.Name(), r, r)
		}
	}
	return nil, fmt.Errorf("encode as %s: %w", e.Name(), err)
}

// Reader decodes a stream. Bytes that the encoding doesn't know become U+FFFD.
func (e Encoding) Reader(r io.Reader) io.Reader {
	if e.decode == nil {
		return unicode.UTF8.NewDecoder().Reader(r)
	}
	return e.decode.NewDecoder().Reader(r)
}

// Lookup finds an encoding by any of its usual names: GBK, cp936, 936, BIG5,
// 950, UTF8, ISO-8859-1, 88591, "ANSI 1252", … Case, blanks, hyphens and
// underscores don't count.
func Lookup(name string) (Encoding, error) {
	key := normalise(name)
	switch key {
	case "utf8", "65001", "unicode", "utf8bom", "unicode11utf8":
		return UTF8(), nil
	case "gb18030", "54936":
		return GB18030(), nil
	case "gbk", "936", "gb2312", "euccn", "gb231280", "chinesegb2312", "20936":
		// Files that call themselves GBK may hold a rare name in four bytes,
		// so they are read as GB18030, which reads all of GBK.
		return Encoding{"GBK", simplifiedchinese.GB18030, simplifiedchinese.GBK}, nil
	case "hz", "hzgb2312":
		return Encoding{"HZ-GB2312", simplifiedchinese.HZGB2312, simplifiedchinese.HZGB2312}, nil
	case "big5", "950", "big5hkscs", "bigfive":
		return Encoding{"Big5", traditionalchinese.Big5, traditionalchinese.Big5}, nil
	case "utf16", "utf16le", "1200", "ucs2":
		e := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
		return Encoding{"UTF-16LE", e, e}, nil
	case "utf16be", "1201":
		e := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
		return Encoding{"UTF-16BE", e, e}, nil
	case "shiftjis", "sjis", "932":
		return Encoding{"Shift_JIS", japanese.ShiftJIS, japanese.ShiftJIS}, nil
	case "eucjp":
		return Encoding{"EUC-JP", japanese.EUCJP, japanese.EUCJP}, nil
	case "euckr", "949", "ksc5601", "uhc":
		return Encoding{"EUC-KR", korean.EUCKR, korean.EUCKR}, nil
	}
	if single, ok := singleByte(key); ok {
		return single, nil
	}
	return Encoding{}, grids.Errorf(grids.Invalid, "encoding",
		"不认识编码 %q;可用 UTF-8、GBK、GB18030、Big5、UTF-16、ISO-8859-1及其他 ISO-8859 系列、Windows 代码页 1250-1258、DOS 代码页 437、850、852、860、862、863、865、866、Shift_JIS、EUC-KR",
		"encoding %q is not known; known are UTF-8, GBK, GB18030, Big5, UTF-16, ISO-8859-1 and the other ISO-8859 parts, the Windows code pages 1250-1258, the DOS code pages 437, 850, 852, 860, 862, 863, 865 and 866, Shift_JIS and EUC-KR", name)
}

func singleByte(key string) (Encoding, bool) {
	of := func(name string, m *charmap.Charmap) (Encoding, bool) { return Encoding{name, m, m}, true }
	switch key {
	case "latin1", "iso88591", "88591", "l1", "28591", "ascii", "usascii", "20127":
		return of("ISO-8859-1", charmap.ISO8859_1)
	case "latin2", "iso88592", "88592":
		return of("ISO-8859-2", charmap.ISO8859_2)
	case "iso88593", "88593":
		return of("ISO-8859-3", charmap.ISO8859_3)
	case "iso88594", "88594":
		return of("ISO-8859-4", charmap.ISO8859_4)
	case "iso88595", "88595":
		return of("ISO-8859-5", charmap.ISO8859_5)
	case "iso88596", "88596":
		return of("ISO-8859-6", charmap.ISO8859_6)
	case "iso88597", "88597":
		return of("ISO-8859-7", charmap.ISO8859_7)
	case "iso88598", "88598":
		return of("ISO-8859-8", charmap.ISO8859_8)
	case "iso88599", "88599":
		return of("ISO-8859-9", charmap.ISO8859_9)
	case "iso885915", "885915":
		return of("ISO-8859-15", charmap.ISO8859_15)
	case "1250", "1251", "1252", "1253", "1254", "1255", "1256", "1257", "1258":
		maps := []*charmap.Charmap{
			charmap.Windows1250, charmap.Windows1251, charmap.Windows1252, charmap.Windows1253, charmap.Windows1254,
			charmap.Windows1255, charmap.Windows1256, charmap.Windows1257, charmap.Windows1258,
		}
		return of("windows-"+key, maps[key[3]-'0'])
	case "874":
		return of("windows-874", charmap.Windows874)
	case "437":
		return of("IBM437", charmap.CodePage437)
	case "850":
		return of("IBM850", charmap.CodePage850)
	case "852":
		return of("IBM852", charmap.CodePage852)
	case "860":
		return of("IBM860", charmap.CodePage860)
	case "862":
		return of("IBM862", charmap.CodePage862)
	case "863":
		return of("IBM863", charmap.CodePage863)
	case "865":
		return of("IBM865", charmap.CodePage865)
	case "866":
		return of("IBM866", charmap.CodePage866)
	case "koi8r":
		return of("KOI8-R", charmap.KOI8R)
	}
	return Encoding{}, false
}

func normalise(name string) string {
	key := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
	for _, prefix := range []string{"windows", "codepage", "oem", "ansi", "ibm", "win", "cp", "ms", "x"} {
		if rest, ok := strings.CutPrefix(key, prefix); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return rest
		}
	}
	return key
}

// FromLanguageByte finds the encoding that byte 29 of a DBF header names. It
// is false for 0 and for the bytes that no file at hand explained.
func FromLanguageByte(b byte) (Encoding, bool) {
	names := map[byte]string{
		0x01: "437", 0x02: "850", 0x03: "1252", 0x08: "865", 0x09: "437", 0x0A: "850", 0x0B: "437", 0x0D: "437",
		0x0E: "850", 0x0F: "437", 0x10: "850", 0x11: "437", 0x12: "850", 0x13: "932", 0x14: "850", 0x15: "437",
		0x16: "850", 0x17: "865", 0x18: "437", 0x19: "437", 0x1A: "850", 0x1B: "437", 0x1C: "863", 0x1D: "850",
		0x1F: "852", 0x22: "852", 0x23: "852", 0x24: "860", 0x25: "850", 0x26: "866", 0x37: "850", 0x40: "852",
		0x4D: "936", 0x4E: "949", 0x4F: "950", 0x50: "874", 0x57: "88591", 0x58: "1252", 0x59: "1252",
		0x64: "852", 0x65: "866", 0x66: "865", 0x6C: "863", 0x78: "950", 0x79: "949", 0x7A: "936", 0x7B: "932",
		0x7C: "874", 0x7D: "1255", 0x7E: "1256", 0x87: "852", 0xC8: "1250", 0xC9: "1251", 0xCA: "1254",
		0xCB: "1253", 0xCC: "1257",
	}
	name, ok := names[b]
	if !ok {
		return Encoding{}, false
	}
	e, err := Lookup(name)
	return e, err == nil
}

// LanguageByte is the byte that a DBF written in the encoding carries, or 0.
func (e Encoding) LanguageByte() byte {
	switch e.Name() {
	case "GBK":
		return 0x4D
	case "Big5":
		return 0x4F
	case "ISO-8859-1":
		return 0x57
	case "windows-1252":
		return 0x03
	}
	return 0
}

// CodePage is the word that a .cpg file beside a DBF has for the encoding.
func (e Encoding) CodePage() string {
	switch e.Name() {
	case "Big5":
		return "BIG5"
	case "ISO-8859-1":
		return "88591"
	}
	return strings.TrimPrefix(strings.TrimPrefix(e.Name(), "windows-"), "IBM")
}

func ascii(raw []byte) bool {
	for _, b := range raw {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
